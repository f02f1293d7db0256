// Bars of states over time: one row per series.

import { Chart, spanned, timeAxis, valueAxis } from "../chart.js";
import { cssVariable, inkOn } from "../color.js";
import { ofStates } from "../describe.js";
import { h } from "../dom.js";
import { display, field, thresholdColor } from "../fields.js";

const LANE = 24;

// A long name in lines, broken where its words end.
export function lines(name, longest = LANE) {
  return name.split(/(?<=[\s_.-])/).reduce((done, part) => {
    if (done.length && (done.at(-1) + part).length <= longest) done[done.length - 1] += part;
    else done.push(part);
    return done;
  }, []).join("\n");
}

// Stretches of one state: [from, until, value]. A state lasts until the next point, the last one for one more step.
export function stretches(points, until, merge = true) {
  const result = [];
  const defined = points.filter(([, value]) => value !== undefined);
  const step = defined.length > 1 ? defined.at(-1)[0] - defined.at(-2)[0] : 60;
  defined.forEach(([at, value], index) => {
    const end = Math.min(defined[index + 1]?.[0] ?? at + step, until);
    if (value === null || end <= at) return;
    const last = result.at(-1);
    if (merge && last && last[2] === value && last[1] === at) last[1] = end;
    else result.push([at, end, value]);
  });
  return result;
}

export class States {
  constructor(body, panel, context) {
    Object.assign(this, { body, panel, context, shape: "" });
  }

  update({ series, from, until }) {
    this.range = [from, until];
    this.rows = series.map((one) => {
      const config = field(this.panel, one);
      const values = spanned(one.points, config.custom.spanNulls);
      const points = one.points.map(([at], place) => [at, values[place]]);
      return { config, name: config.name, stretches: stretches(points, until, this.panel.options?.mergeValues !== false),
        say: (value) => this.look(config, value).text };
    });
    const shape = JSON.stringify(this.rows.map((row) => row.name));
    const data = [[from, until], ...this.rows.map(() => [0, 0])];
    if (this.chart && shape === this.shape) this.chart.update(data);
    else this.build(data);
    this.shape = shape;
    this.drawLegend();
  }

  look(config, value) {
    const { text, color } = display(config, value);
    return { text, color: color || thresholdColor(config, value) || config.paint };
  }

  build(data) {
    this.chart?.destroy();
    const count = Math.max(this.rows.length, 1);
    const axes = [
      timeAxis(),
      valueAxis({
        scale: "y",
        grid: { show: false },
        splits: () => this.rows.map((_, index) => count - index - 0.5),
        values: () => this.rows.map((row) => lines(row.name)),
        stroke: cssVariable("--text"),
        space: 1,
        incrs: [1],
      }),
    ];
    const scales = { y: { range: () => [0, count] } };
    const series = [{}, ...this.rows.map((row) => ({ label: row.name, scale: "y", paths: () => null, points: { show: false } }))];
    this.chart = new Chart(this.body, { series, axes, scales, points: { show: false }, hooks: { draw: [(chart) => this.draw(chart)] } }, data, {
      range: () => this.range,
      zoom: this.context.zoom,
      marks: this.context.marks,
      tooltip: (chart, at) => this.tooltip(at),
      text: () => ofStates(this.panel.title, this.range, this.rows),
    });
  }

  draw(chart) {
    const { ctx, bbox } = chart;
    const ratio = uPlot.pxRatio;
    const share = Math.min(Math.max(this.panel.options?.rowHeight ?? 0.8, 0.2), 0.9);
    const show = this.panel.options?.showValue ?? "auto";
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * ratio}px ${cssVariable("--font")}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    this.rows.forEach((row, index) => {
      const middle = chart.valToPos(this.rows.length - index - 0.5, "y", true);
      const height = Math.min((bbox.height / this.rows.length) * share, 34 * ratio);
      for (const [from, until, value] of row.stretches) {
        const left = Math.max(chart.valToPos(from, "x", true), bbox.left);
        const width = Math.max(chart.valToPos(until, "x", true) - left, ratio);
        const { text, color } = this.look(row.config, value);
        const paint = color.startsWith("#") ? color : cssVariable("--dim");
        ctx.fillStyle = paint;
        ctx.beginPath();
        ctx.roundRect(left, middle - height / 2, width, height, Math.min(4 * ratio, width / 2));
        ctx.fill();
        if (show !== "never" && ctx.measureText(text).width + 14 * ratio < width && height > 13 * ratio) {
          ctx.fillStyle = inkOn(paint);
          ctx.fillText(text, left + 8 * ratio, middle + ratio);
        }
      }
    });
    ctx.restore();
  }

  tooltip(at) {
    const rows = this.rows.map((row) => {
      const stretch = row.stretches.find(([from, until]) => at >= from && at < until);
      if (!stretch) return { name: row.name, value: "–" };
      const { text, color } = this.look(row.config, stretch[2]);
      return { color, name: row.name, value: text };
    });
    return { rows: rows.slice(0, 20) };
  }

  drawLegend() {
    this.legend?.remove();
    this.legend = null;
    if (!this.panel.options?.legend?.showLegend) return;
    const states = new Map();
    for (const row of this.rows) for (const [, , value] of row.stretches) {
      const { text, color } = this.look(row.config, value);
      states.set(text, color);
    }
    if (!states.size || states.size > 12) return;
    this.legend = h("div", { className: "legend list bottom" }, ...[...states].map(([text, color]) =>
      h("span", { className: "entry" }, h("i", { style: { "--paint": color } }), h("span", { className: "name" }, text))));
    this.body.append(this.legend);
  }

  destroy() {
    this.chart?.destroy();
  }
}
