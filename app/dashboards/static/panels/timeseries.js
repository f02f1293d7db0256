// Lines, bars and points over time.

import { Chart, spanned, timeAxis, valueAxis } from "../chart.js";
import { alpha, cssVariable, named } from "../color.js";
import { ofSeries } from "../describe.js";
import { keepingFocus } from "../dom.js";
import { display, field } from "../fields.js";
import { legend } from "../legend.js";
import { axisLabels, isBinary } from "../units.js";

const MOST_ROWS = 14;
const BINARY_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

function paths(custom) {
  if (custom.drawStyle === "bars") return uPlot.paths.bars({ size: [0.85, 60, 1], align: 1, radius: 0.08 });
  if (custom.drawStyle === "points") return () => null;
  if (custom.lineInterpolation === "stepAfter") return uPlot.paths.stepped({ align: 1 });
  if (custom.lineInterpolation === "stepBefore") return uPlot.paths.stepped({ align: -1 });
  if (custom.lineInterpolation === "smooth") return uPlot.paths.spline();
  return uPlot.paths.linear();
}

// The indexes of points without a neighbour, which a line alone would not show.
function isolatedPoints(values) {
  const isolated = [];
  const defined = [];
  values.forEach((value, index) => { if (value !== undefined) defined.push(index); });
  defined.forEach((index, place) => {
    const empty = (other) => other === undefined || values[other] === null;
    if (values[index] !== null && empty(defined[place - 1]) && empty(defined[place + 1])) isolated.push(index);
  });
  return isolated;
}

const scaleKey = (config) => {
  const custom = config.custom;
  return [config.unit || "short", custom.axisPlacement === "right" ? "right" : "left", config.min ?? "", config.max ?? ""].join("|");
};

function limits(config) {
  const custom = config.custom;
  return (_chart, low, high) => {
    let [from, until] = [low ?? config.min ?? 0, high ?? config.max ?? 1];
    if (custom.axisSoftMin !== undefined) from = Math.min(from, custom.axisSoftMin);
    if (custom.axisSoftMax !== undefined) until = Math.max(until, custom.axisSoftMax);
    if (config.min !== undefined && config.min !== null) from = config.min;
    if (from === until) until = from === 0 ? 1 : from + Math.abs(from) * 0.5;
    const [padded, top] = uPlot.rangeNum(from, until, 0.1, true);
    return [config.min ?? (from >= 0 ? Math.max(0, padded) : padded), config.max ?? top];
  };
}

// Filled areas of many lines would cover each other: with more than four, only the lines are drawn.
function fillOf(entry, crowded = false) {
  const opacity = (entry.config.custom.fillOpacity ?? 0) / 100;
  if (!opacity) return undefined;
  if (entry.config.custom.drawStyle === "bars" || entry.stack) return alpha(entry.color, Math.max(opacity, entry.stack ? 0.3 : 0.55));
  if (crowded) return undefined;
  return (chart) => {
    const { top, height } = chart.bbox;
    if (!Number.isFinite(top + height) || !height) return alpha(entry.color, opacity);
    const gradient = chart.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, alpha(entry.color, Math.min(opacity * 1.4, 0.5)));
    gradient.addColorStop(1, alpha(entry.color, 0));
    return gradient;
  };
}

function drawThresholds(entries) {
  return (chart) => {
    const drawn = new Set();
    const { ctx, bbox } = chart;
    for (const { config, scale } of entries) {
      const style = config.custom.thresholdsStyle?.mode;
      if (!style || style === "off" || drawn.has(scale)) continue;
      drawn.add(scale);
      const [low, high] = [chart.scales[scale].min, chart.scales[scale].max];
      const steps = (config.thresholds?.steps || []).filter((step) => step.value !== null && step.value !== undefined);
      ctx.save();
      steps.forEach((step, index) => {
        const color = named(step.color);
        if (style.includes("area") && step.value < high) {
          const [top, bottom] = [Math.min(steps[index + 1]?.value ?? high, high), Math.max(step.value, low)];
          if (top > bottom) {
            const y = chart.valToPos(top, scale, true);
            ctx.fillStyle = alpha(color, 0.07);
            ctx.fillRect(bbox.left, y, bbox.width, chart.valToPos(bottom, scale, true) - y);
          }
        }
        if (style !== "area" && step.value >= low && step.value <= high) {
          const y = Math.round(chart.valToPos(step.value, scale, true)) + 0.5;
          ctx.strokeStyle = alpha(color, 0.7);
          ctx.lineWidth = uPlot.pxRatio;
          ctx.setLineDash(style.includes("dashed") ? [8 * uPlot.pxRatio, 5 * uPlot.pxRatio] : []);
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
        }
      });
      ctx.restore();
    }
  };
}

function stacked(entries, table) {
  const sums = new Map();
  const whole = new Map();
  for (const [index, { stack, percent }] of entries.entries()) {
    if (!stack || !percent) continue;
    const total = whole.get(stack) || new Array(table[0].length).fill(0);
    table[index + 1].forEach((value, at) => { total[at] += value ?? 0; });
    whole.set(stack, total);
  }
  entries.forEach(({ stack, percent, hidden }, index) => {
    if (!stack || hidden) return;
    const below = sums.get(stack) || new Array(table[0].length).fill(0);
    table[index + 1] = table[index + 1].map((value, at) => {
      if (value === null || value === undefined) return value;
      below[at] += percent ? (whole.get(stack)[at] ? value / whole.get(stack)[at] : 0) : value;
      return below[at];
    });
    sums.set(stack, below);
  });
  return table;
}

export class TimeSeries {
  constructor(body, panel, context) {
    Object.assign(this, { body, panel, context, hidden: new Set(), shape: "", shown: {} });
  }

  update({ series, from, until }) {
    this.range = [from, until];
    this.entries = series.map((one) => {
      const config = field(this.panel, one);
      const stacking = config.custom.stacking?.mode;
      const stack = stacking && stacking !== "none" ? `${stacking}:${config.custom.stacking.group || "A"}` : "";
      return { config, points: one.points, name: config.name, color: config.paint, scale: scaleKey(config), stack,
        percent: stacking === "percent", hidden: this.hidden.has(config.name) };
    });
    const shape = JSON.stringify(this.entries.map(({ name, color, scale }) => [name, color, scale]));
    const data = this.data();
    keepingFocus(() => this.legend, () => {
      if (this.chart && shape === this.shape) this.chart.update(data);
      else this.build(data);
      this.shape = shape;
      this.legend?.remove();
      this.legend = legend(this.panel, this.entries, (name, alone) => this.toggle(name, alone), this.shown);
      if (this.legend) this.body.append(this.legend);
    });
  }

  data() {
    if (!this.entries.length) return [[]];
    const tables = this.entries.map(({ points, config }) => [points.map(([at]) => at), spanned(points, config.custom.spanNulls)]);
    const joined = uPlot.join(tables, tables.map(() => [0, 2]));
    this.raw = joined.slice();
    this.entries.forEach((entry, index) => { entry.isolated = isolatedPoints(joined[index + 1]); });
    const drawn = stacked(this.entries, joined);
    // A bar of nothing would be a line in its colour, which looks like something.
    return drawn.map((column, index) => (this.entries[index - 1]?.config.custom.drawStyle !== "bars" ? column
      : column.map((value, at) => (this.raw[index][at] === 0 ? null : value))));
  }

  build(data) {
    this.chart?.destroy();
    const scales = {};
    const axes = [timeAxis()];
    for (const { config, scale } of this.entries) {
      if (scales[scale]) continue;
      const custom = config.custom;
      const log = custom.scaleDistribution?.type === "log" ? { distr: 3, log: custom.scaleDistribution.log || 10 } : null;
      scales[scale] = log ? { ...log } : { range: limits(config) };
      const right = custom.axisPlacement === "right" || (axes.length > 1 && custom.axisPlacement !== "left");
      axes.push(valueAxis({
        scale,
        show: custom.axisPlacement !== "hidden",
        side: right ? 1 : 3,
        label: custom.axisLabel || undefined,
        labelFont: `11px ${cssVariable("--font")}`,
        labelSize: custom.axisLabel ? 20 : 0,
        grid: { show: axes.length === 1, stroke: cssVariable("--grid"), width: 1 },
        values: (_chart, values, _axis, _space, step) => axisLabels(values, step, config.unit),
        ...(isBinary(config.unit) ? { incrs: BINARY_STEPS } : {}),
      }));
    }
    if (axes.length === 1) axes.push(valueAxis({ show: false }));
    const series = [{}, ...this.entries.map((entry, index) => this.lines(entry, index))];
    const bands = this.entries.flatMap((entry, index) => {
      const below = this.entries.slice(0, index).findLastIndex((other) => entry.stack && other.stack === entry.stack);
      return below < 0 ? [] : [{ series: [index + 1, below + 1], fill: fillOf(entry) }];
    });
    this.chart = new Chart(this.body, { series, axes, scales, bands, hooks: { drawAxes: [drawThresholds(this.entries)] } }, data, {
      range: () => this.range,
      zoom: this.context.zoom,
      marks: this.context.marks,
      tooltip: (chart, at) => this.tooltip(chart, at),
      text: () => ofSeries(this.panel.title, this.range, this.entries),
    });
    if (this.legend) this.body.append(this.legend);
  }

  lines(entry, index) {
    const { custom } = entry.config;
    const dots = custom.drawStyle === "points" || custom.showPoints === "always";
    return {
      label: entry.name,
      scale: entry.scale,
      show: !entry.hidden,
      stroke: entry.color,
      width: custom.drawStyle === "bars" ? 0.5 : Math.max(custom.lineWidth ?? 1, 0) * 1.5,
      fill: fillOf(entry, this.entries.length > 4),
      dash: custom.lineStyle?.fill === "dash" ? custom.lineStyle.dash || [8, 6] : undefined,
      paths: paths(custom),
      points: {
        show: dots,
        size: custom.pointSize ?? 5,
        fill: entry.color,
        filter: (_chart, _series, show) => (show || custom.drawStyle === "bars" ? null : this.entries[index]?.isolated),
      },
    };
  }

  tooltip(chart, at) {
    const index = chart.cursor.idx;
    if (index === null || index === undefined) return { rows: [] };
    const rows = [];
    this.entries.forEach((entry, place) => {
      if (entry.hidden) return;
      // A series without a point at this moment shows the one before, if a line connects them.
      let [from, value] = [index, this.raw[place + 1]?.[index]];
      while (value === undefined && from > 0) value = this.raw[place + 1][--from];
      if (value === null || value === undefined) return;
      rows.push({ color: entry.color, name: entry.name, value: display(entry.config, value).text, number: value, strong: false, place });
    });
    const order = this.panel.options?.tooltip?.sort;
    if (order === "desc") rows.sort((a, b) => b.number - a.number);
    if (order === "asc") rows.sort((a, b) => a.number - b.number);
    return { at: this.raw[0][index] ?? at, rows: rows.slice(0, MOST_ROWS), more: Math.max(rows.length - MOST_ROWS, 0) };
  }

  toggle(name, alone) {
    const names = this.entries.map((entry) => entry.name);
    if (alone) {
      if (this.hidden.has(name)) this.hidden.delete(name);
      else this.hidden.add(name);
    } else {
      const others = names.filter((other) => other !== name);
      const isolated = !this.hidden.has(name) && others.every((other) => this.hidden.has(other));
      this.hidden = new Set(isolated ? [] : others);
    }
    this.shape = "";
    this.update({ series: this.context.series(), from: this.range[0], until: this.range[1] });
  }

  destroy() {
    this.chart?.destroy();
    this.legend?.remove();
  }
}
