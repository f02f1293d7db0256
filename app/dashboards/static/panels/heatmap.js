// Counts by bucket and time: one row per series, in the order of the queries.

import { Chart, timeAxis, valueAxis } from "../chart.js";
import { alpha, cssVariable, heat } from "../color.js";
import { ofCells } from "../describe.js";
import { field } from "../fields.js";
import { format } from "../units.js";

const CELLS = 120;

export class Heatmap {
  constructor(body, panel, context) {
    Object.assign(this, { body, panel, context, shape: "" });
  }

  update({ series, from, until }) {
    this.range = [from, until];
    // Neighbouring cells are added up until each is wide enough to see; counts can be added.
    const interval = series.length && series[0].points.length > 1 ? series[0].points[1][0] - series[0].points[0][0] : 1;
    this.step = Math.max(Math.ceil((until - from) / CELLS / interval), 1) * interval;
    this.most = 0;
    this.rows = series.map((one) => {
      const cells = new Map();
      for (const [at, value] of one.points) {
        if (!value) continue;
        const start = Math.floor(at / this.step) * this.step;
        cells.set(start, (cells.get(start) || 0) + value);
      }
      for (const value of cells.values()) this.most = Math.max(this.most, value);
      return { name: field(this.panel, one).name, cells };
    });
    const shape = JSON.stringify(this.rows.map((row) => row.name));
    const data = [[from, until], ...this.rows.map(() => [0, 0])];
    if (this.chart && shape === this.shape) this.chart.update(data);
    else this.build(data);
    this.shape = shape;
  }

  build(data) {
    this.chart?.destroy();
    const count = Math.max(this.rows.length, 1);
    const axes = [
      timeAxis(),
      valueAxis({ scale: "y", grid: { show: false }, space: 1, incrs: [1], splits: () => this.rows.map((_, index) => index + 0.5),
        values: () => this.rows.map((row) => row.name) }),
    ];
    const series = [{}, ...this.rows.map((row) => ({ label: row.name, scale: "y", paths: () => null, points: { show: false } }))];
    this.chart = new Chart(this.body, { series, axes, scales: { y: { range: () => [0, count] } }, points: { show: false },
      hooks: { drawAxes: [(chart) => this.draw(chart)] } }, data, {
      range: () => this.range,
      zoom: this.context.zoom,
      marks: this.context.marks,
      tooltip: (_chart, at) => this.tooltip(at),
      text: () => ofCells(this.panel.title, this.range, this.rows, (value) => format(value, "short")),
    });
  }

  draw(chart) {
    const { ctx, bbox } = chart;
    const gap = uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.rows.forEach((row, index) => {
      const top = chart.valToPos(index + 1, "y", true);
      const height = chart.valToPos(index, "y", true) - top;
      ctx.fillStyle = alpha(cssVariable("--grid"), 0.35);
      for (const [at, value] of row.cells) {
        const left = chart.valToPos(at, "x", true);
        const width = chart.valToPos(at + this.step, "x", true) - left;
        // The square root keeps small counts visible next to large ones.
        ctx.fillStyle = heat(Math.sqrt(value / this.most));
        ctx.fillRect(left + gap / 2, top + gap / 2, Math.max(width - gap, gap), Math.max(height - gap, gap));
      }
    });
    ctx.restore();
  }

  tooltip(at) {
    const start = Math.floor(at / this.step) * this.step;
    const rows = this.rows.filter((row) => row.cells.has(start)).map((row) => {
      const value = row.cells.get(start);
      return { color: heat(Math.sqrt(value / this.most)), name: row.name, value: format(value, "short") };
    });
    return { at: start, rows: rows.reverse() };
  }

  destroy() {
    this.chart?.destroy();
  }
}
