// What all charts over time share: axes, the cross-hair of all panels, zooming, marks, and the tooltip.

import { alpha, cssVariable, named } from "./color.js";
import { h } from "./dom.js";
import { labels, splits, stamp, STEPS } from "./time.js";

const FONT = () => `11px ${cssVariable("--font")}`;
const SYNC = "board";

export function timeAxis() {
  return {
    scale: "x",
    incrs: STEPS,
    space: 76,
    splits,
    values: labels,
    font: FONT(),
    stroke: cssVariable("--dim"),
    size: 26,
    gap: 6,
    grid: { stroke: cssVariable("--grid"), width: 1 },
    ticks: { show: false },
  };
}

export function valueAxis(extra) {
  return {
    font: FONT(),
    stroke: cssVariable("--dim"),
    gap: 8,
    space: 34,
    size: (chart, values) => {
      chart.ctx.font = `${11 * uPlot.pxRatio}px ${cssVariable("--font")}`;
      const widest = (values || []).reduce((most, text) => Math.max(most, chart.ctx.measureText(text ?? "").width), 0);
      return Math.ceil(widest / uPlot.pxRatio) + 18;
    },
    grid: { stroke: cssVariable("--grid"), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

// A chart that follows the size of `body`. `context`: range(), zoom(from, until), marks(), tooltip(chart, at) → rows.
export class Chart {
  constructor(body, options, data, context) {
    this.context = context;
    this.box = h("div", { className: "plot" });
    this.tip = h("div", { className: "tip", hidden: true });
    body.append(this.box, this.tip);
    const { series, axes, scales, hooks = {}, bands } = options;
    this.plot = new uPlot(
      {
        ...this.size(),
        series,
        axes,
        bands,
        padding: [8, 10, 0, 2],
        scales: { x: { time: true, range: () => context.range() }, ...scales },
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false, dist: 6 },
          sync: { key: SYNC, scales: ["x", null], setSeries: false },
          points: options.points ?? { size: 7, width: 1.5, fill: cssVariable("--panel") },
          focus: { prox: 24 },
        },
        focus: { alpha: 1 },
        hooks: {
          ...hooks,
          draw: [...(hooks.draw || []), (chart) => this.drawMarks(chart)],
          setCursor: [(chart) => this.point(chart)],
          setSelect: [(chart) => this.select(chart)],
        },
      },
      data,
      this.box,
    );
    this.plot.over.addEventListener("mouseleave", () => { this.tip.hidden = true; });
    this.observer = new ResizeObserver(() => this.plot.setSize(this.size()));
    this.observer.observe(this.box);
  }

  size() {
    return { width: Math.max(this.box.clientWidth, 80), height: Math.max(this.box.clientHeight, 60) };
  }

  update(data) {
    this.plot.setData(data);
  }

  destroy() {
    this.observer.disconnect();
    this.plot.destroy();
    this.box.remove();
    this.tip.remove();
  }

  select(chart) {
    const { left, width } = chart.select;
    if (width < 6) return;
    const ends = [left, left + width].map((at) => Math.round(chart.posToVal(at, "x")));
    chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (ends[1] > ends[0]) this.context.zoom(...ends);
  }

  drawMarks(chart) {
    const { ctx, bbox } = chart;
    const [from, until] = this.context.range();
    const shown = this.context.marks().filter((mark) => mark.time >= from && mark.time <= until);
    // Many marks are drawn fainter, so that they do not cover the data.
    const dense = shown.length * 30 * uPlot.pxRatio > bbox.width;
    ctx.save();
    for (const mark of shown) {
      const x = Math.round(chart.valToPos(mark.time, "x", true));
      const color = named(mark.color);
      ctx.strokeStyle = alpha(color, dense ? 0.22 : 0.75);
      ctx.lineWidth = uPlot.pxRatio;
      ctx.setLineDash([4 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
      ctx.beginPath();
      ctx.moveTo(x + 0.5, bbox.top);
      ctx.lineTo(x + 0.5, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillStyle = dense ? alpha(color, 0.6) : color;
      const size = (dense ? 3 : 4.5) * uPlot.pxRatio;
      ctx.beginPath();
      ctx.moveTo(x - size, bbox.top + bbox.height + size * 1.3);
      ctx.lineTo(x + size, bbox.top + bbox.height + size * 1.3);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.fill();
    }
    ctx.restore();
  }

  near(chart, at) {
    const reach = Math.abs(chart.posToVal(7, "x") - chart.posToVal(0, "x"));
    return this.context.marks().filter((mark) => Math.abs(mark.time - at) <= reach).slice(0, 6);
  }

  point(chart) {
    const { left, top, event } = chart.cursor;
    // Only the panel under the pointer shows values; the others mark the same moment.
    if (left < 0 || !event || !chart.over.matches(":hover")) {
      this.tip.hidden = true;
      return;
    }
    const at = chart.posToVal(left, "x");
    const tooltip = this.context.tooltip(chart, at);
    const marks = this.near(chart, at);
    if (!tooltip.rows.length && !marks.length) {
      this.tip.hidden = true;
      return;
    }
    this.tip.replaceChildren(
      h("time", {}, stamp(Math.round(tooltip.at ?? at))),
      ...tooltip.rows.map(({ color, name, value, strong }) =>
        h("div", { className: strong ? "row strong" : "row" },
          h("i", { style: { background: color || "transparent" } }), h("span", {}, name), h("b", {}, value))),
      ...(tooltip.more ? [h("div", { className: "more" }, `and ${tooltip.more} more`)] : []),
      ...marks.map((mark) =>
        h("div", { className: "mark" }, h("i", { style: { background: named(mark.color) } }),
          h("span", {}, h("b", {}, mark.title), mark.text ? h("small", {}, mark.text.slice(0, 200)) : null))),
    );
    this.tip.hidden = false;
    const area = chart.over.getBoundingClientRect();
    const own = this.tip.getBoundingClientRect();
    const x = area.left + left;
    const place = x + 16 + own.width < innerWidth - 8 ? x + 16 : x - 16 - own.width;
    this.tip.style.left = `${Math.max(8, place)}px`;
    this.tip.style.top = `${Math.min(Math.max(8, area.top + top + 12), innerHeight - own.height - 8)}px`;
  }
}

// Values in which gaps of at most `span` milliseconds (true: all gaps) are undefined, so that a line continues over them.
export function spanned(points, span) {
  const values = points.map(([, value]) => value);
  if (!span) return values;
  const longest = span === true ? Infinity : span / 1000;
  let last = -1;
  points.forEach(([at, value], index) => {
    if (value === null) return;
    if (last >= 0 && at - points[last][0] <= longest) values.fill(undefined, last + 1, index);
    last = index;
  });
  return values;
}
