// What all charts over time share: axes, the cross-hair of all panels, zooming, marks, the tooltip, and a text.

import { cssVariable } from "./color.js";
import { h } from "./dom.js";
import { clusters, drawLines, listed, MarkStrip } from "./marks.js";
import { labels, splits, stamp, STEPS } from "./time.js";

const FONT = () => `11px ${cssVariable("--font")}`;
const SYNC = "board";
const REACH = 9;
// Half of a label of the time axis: the last one is drawn around the right edge of the plot.
const HALF_LABEL = 30;

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
      const lines = (values || []).flatMap((text) => String(text ?? "").split("\n"));
      const widest = lines.reduce((most, text) => Math.max(most, chart.ctx.measureText(text).width), 0);
      return Math.ceil(widest / uPlot.pxRatio) + 18;
    },
    grid: { stroke: cssVariable("--grid"), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

// A chart that follows the size of `body`. `context`: range(), zoom(from, until), marks(), tooltip(chart, at) → rows,
// text() → what it shows, in words.
export class Chart {
  constructor(body, options, data, context) {
    this.context = context;
    this.groups = [];
    this.box = h("div", { className: "plot", role: "img" });
    this.strip = new MarkStrip((content, x) => this.showTip(content, x, 0), () => { this.tip.hidden = true; });
    this.root = h("div", { className: "chart" }, this.box, this.strip.root);
    this.tip = h("div", { className: "tip", hidden: true });
    body.append(this.root, this.tip);
    const { series, axes, scales, hooks = {}, bands } = options;
    this.plot = new uPlot(
      {
        ...this.size(),
        series,
        axes,
        bands,
        padding: [10, HALF_LABEL, 0, axes.some(({ show }, at) => at && show !== false) ? 2 : HALF_LABEL],
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
    this.describe();
  }

  describe() {
    this.box.setAttribute("aria-label", this.context.text());
  }

  size() {
    return { width: Math.max(this.box.clientWidth, 80), height: Math.max(this.box.clientHeight, 60) };
  }

  update(data) {
    this.plot.setData(data);
    this.describe();
  }

  destroy() {
    this.observer.disconnect();
    this.plot.destroy();
    this.root.remove();
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
    const [from, until] = this.context.range();
    const shown = this.context.marks().filter((mark) => mark.time >= from && mark.time <= until);
    this.groups = clusters(shown, (mark) => chart.valToPos(mark.time, "x"));
    drawLines(chart, this.groups);
    this.strip.update(this.groups, chart.bbox.left / uPlot.pxRatio);
  }

  point(chart) {
    const { left, top, event } = chart.cursor;
    // Only the panel under the pointer shows values; the others mark the same moment.
    if (left < 0 || !event || !chart.over.matches(":hover")) {
      if (!this.strip.root.matches(":hover, :focus-within")) this.tip.hidden = true;
      return;
    }
    const at = chart.posToVal(left, "x");
    const tooltip = this.context.tooltip(chart, at);
    const marks = this.groups.filter((group) => Math.abs(group.x - left) <= REACH).flatMap((group) => group.marks);
    if (!tooltip.rows.length && !marks.length) {
      this.tip.hidden = true;
      return;
    }
    this.showTip([
      h("time", {}, stamp(Math.round(tooltip.at ?? at))),
      ...tooltip.rows.map(({ color, name, value, strong }) =>
        h("div", { className: strong ? "row strong" : "row" },
          h("i", { style: { background: color || "transparent" } }), h("span", {}, name), h("b", {}, value))),
      ...(tooltip.more ? [h("div", { className: "more" }, `and ${tooltip.more} more`)] : []),
      ...listed(marks, 6),
    ], chart.bbox.left / uPlot.pxRatio + left, top);
  }

  // Show the tooltip beside a place of the chart, inside the window.
  showTip(content, x, y) {
    this.tip.replaceChildren(...content);
    this.tip.hidden = false;
    const area = this.root.getBoundingClientRect();
    const own = this.tip.getBoundingClientRect();
    const beside = area.left + x;
    const place = beside + 16 + own.width < innerWidth - 8 ? beside + 16 : beside - 16 - own.width;
    this.tip.style.left = `${Math.max(8, place)}px`;
    this.tip.style.top = `${Math.min(Math.max(8, area.top + y + 22), innerHeight - own.height - 8)}px`;
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
