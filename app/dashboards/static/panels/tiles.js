// One value per series: as a tile with a sparkline, or as a bar.

import { ALARMS, alpha, cssVariable, ink, tint } from "../color.js";
import { h, svg } from "../dom.js";
import { calcsOf, display, field, reduce, thresholdColor } from "../fields.js";

function sparkline(points, color) {
  const measured = points.filter(([, value]) => value !== null);
  if (measured.length < 2) return null;
  const values = measured.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, until] = [points[0][0], points.at(-1)[0]];
  const place = ([at, value]) => `${(((at - from) / (until - from || 1)) * 100).toFixed(2)},${(28 - ((value - low) / (high - low || 1)) * 24).toFixed(2)}`;
  const line = measured.map(place).join(" ");
  const end = (point) => place(point).split(",")[0];
  return svg("svg", { class: "sparkline", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("polygon", { points: `${end(measured[0])},30 ${line} ${end(measured.at(-1))},30`, fill: alpha(color, 0.14) }),
    svg("polyline", { points: line, fill: "none", stroke: color, "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" }));
}

// What a value in a colour of `ALARMS` says, for the list of what needs attention.
function note(alarms, color, text) {
  const level = ALARMS.indexOf(color);
  if (level >= 0) alarms.push({ level, text });
}

export class Tiles {
  constructor(body, panel) {
    Object.assign(this, { body, panel });
    this.box = h("div", { className: "tiles" });
    body.append(this.box);
  }

  update({ series }) {
    const { colorMode = "value", graphMode = "none", textMode = "auto" } = this.panel.options || {};
    const calc = calcsOf(this.panel);
    const filled = colorMode.startsWith("background");
    this.alarms = [];
    this.box.classList.toggle("many", series.length > 1);
    this.box.replaceChildren(...series.map((one) => {
      const config = field(this.panel, one);
      const value = reduce(one.points, calc);
      const { text, color, missing } = display(config, value);
      note(this.alarms, color, series.length > 1 ? `${config.name} ${text}` : text);
      const paint = color || (config.byThreshold ? cssVariable("--text") : config.paint);
      const named = textMode === "value_and_name" || textMode === "name" || (textMode === "auto" && series.length > 1);
      const [, figure, unit] = /^([^\s%]*)(.*)$/.exec(text) || [null, text, ""];
      const number = /\d/.test(figure) ? [figure, unit ? h("small", {}, unit) : null] : [text];
      const looks = { "--ground": filled ? tint(paint) : "transparent", "--paint": ink(paint, filled ? tint(paint) : cssVariable("--panel")) };
      return h("div", { className: `tile ${missing ? "missing" : ""}`, style: missing ? { "--paint": cssVariable("--dim") } : looks },
        named ? h("span", { className: "name" }, config.name) : null,
        textMode === "name" ? null : h("strong", {}, ...number),
        graphMode === "area" ? sparkline(one.points, paint) : null);
    }));
  }

  destroy() {
    this.box.remove();
  }
}

export class Bars {
  constructor(body, panel) {
    Object.assign(this, { body, panel });
    this.box = h("div", { className: "bars", tabIndex: 0, role: "region", ariaLabel: panel.title });
    body.append(this.box);
  }

  update({ series }) {
    const calc = calcsOf(this.panel);
    this.alarms = [];
    const rows = series.map((one) => {
      const config = field(this.panel, one);
      return { config, value: reduce(one.points, calc) };
    });
    const values = rows.map((row) => row.value ?? 0);
    const usual = [Math.min(0, ...values), Math.max(0, ...values)];
    this.box.classList.toggle("dense", rows.length > 8);
    this.box.replaceChildren(...rows.map(({ config, value }) => {
      const [low, high] = [config.min ?? usual[0], config.max ?? usual[1]];
      const share = value === null ? 0 : Math.min(Math.max((value - low) / (high - low || 1), 0), 1);
      const { text, color } = display(config, value);
      const paint = color || (config.byThreshold && thresholdColor(config, value, [low, high])) || config.paint;
      if (config.byThreshold) note(this.alarms, paint, `${config.name} ${text}`);
      return h("div", { className: "bar" },
        h("span", { className: "name" }, config.name),
        h("span", { className: "track" }, share ? h("i", { style: { width: `${(share * 100).toFixed(2)}%`, background: paint } }) : null),
        h("b", {}, text));
    }));
  }

  destroy() {
    this.box.remove();
  }
}
