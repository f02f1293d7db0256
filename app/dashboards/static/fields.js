// A panel's field configuration: defaults and overrides, mappings and thresholds, and the reduction of points to a value.

import { named, palette } from "./color.js";
import { format } from "./units.js";

// The boards say the same of a panel without a value.
export const NOTHING = "nothing in this range";

function put(target, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  let inside = target;
  for (const key of keys) inside = inside[key] = { ...(inside[key] || {}) };
  inside[last] = value;
}

function pattern(text) {
  const delimited = /^\/(.*)\/(\w*)$/.exec(text);
  return delimited ? new RegExp(delimited[1], delimited[2]) : new RegExp(text);
}

function matches(matcher, series) {
  const { id, options } = matcher;
  if (id === "byName") return series.name === options;
  if (id === "byNames") return (options.names || []).includes(series.name);
  if (id === "byFrameRefID") return series.ref_id === options;
  if (id === "byType") return options === "number";
  if (id !== "byRegexp") return false;
  return pattern(options).test(series.name);
}

// The settings of one series, with its display name and its colour: that of its words, else one of its name.
export function field(panel, series) {
  const config = structuredClone(panel.fieldConfig?.defaults || {});
  config.custom = config.custom || {};
  for (const override of panel.fieldConfig?.overrides || []) {
    if (matches(override.matcher, series)) {
      for (const property of override.properties) put(config, property.id, property.value);
    }
  }
  const mode = config.color?.mode;
  const fixed = (mode === "fixed" || mode === "shades") && config.color.fixedColor;
  config.name = config.displayName ? config.displayName.replace("${__field.name}", series.name).replace("${__series.name}", series.name) : series.name;
  config.paint = fixed ? named(fixed) : palette(config.name);
  config.byThreshold = mode === "thresholds" || (!mode && ["stat", "gauge", "bargauge"].includes(panel.type));
  return config;
}

export function mapped(mappings, value) {
  for (const mapping of mappings || []) {
    const { type, options } = mapping;
    if (type === "value" && String(value) in options) return options[String(value)];
    if (type === "range" && value !== null && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)) return options.result;
    if (type === "regex" && pattern(options.pattern).test(value)) return options.result;
    if (type === "special") {
      const { match } = options;
      const empty = value === null || value === undefined;
      if ((match.startsWith("null") && empty) || (match.endsWith("nan") && Number.isNaN(value))) return options.result;
    }
  }
  return undefined;
}

export function thresholdColor(config, value, range = [0, 1]) {
  const steps = config.thresholds?.steps;
  if (!steps?.length || value === null || value === undefined) return undefined;
  const scale = config.thresholds.mode === "percentage" ? (share) => range[0] + ((range[1] - range[0]) * share) / 100 : (own) => own;
  let color = steps[0].color;
  for (const step of steps) if (step.value !== null && step.value !== undefined && value >= scale(step.value)) color = step.color;
  return named(color);
}

// A value as text, and its colour if a mapping or a threshold sets one.
export function display(config, value) {
  const result = mapped(config.mappings, value);
  if (result) {
    const text = result.text ?? format(value, config.unit, config.decimals);
    return { text, color: result.color ? named(result.color) : undefined, mapped: true };
  }
  if (value === null || value === undefined) return { text: config.noValue || NOTHING, color: undefined, missing: true };
  const color = config.byThreshold ? thresholdColor(config, value, [config.min ?? 0, config.max ?? 100]) : undefined;
  return { text: format(value, config.unit, config.decimals), color };
}

export const CALCS = {
  lastNotNull: "last", last: "last", max: "max", min: "min", mean: "mean", sum: "total", count: "count",
  first: "first", firstNotNull: "first", range: "range", diff: "difference",
};

export function reduce(points, calc) {
  const values = points.map(([, value]) => value).filter((value) => value !== null && value !== undefined);
  if (calc === "last") return points.length ? points.at(-1)[1] : null;
  if (calc === "count") return values.length;
  if (!values.length) return null;
  const total = () => values.reduce((sum, value) => sum + value, 0);
  const most = () => values.reduce((a, b) => Math.max(a, b));
  const least = () => values.reduce((a, b) => Math.min(a, b));
  switch (calc) {
    case "max": return most();
    case "min": return least();
    case "mean": return total() / values.length;
    case "sum": return total();
    case "range": return most() - least();
    case "diff": return values.at(-1) - values[0];
    case "first":
    case "firstNotNull": return values[0];
    default: return values.at(-1);
  }
}

export const calcsOf = (panel) => panel.options?.reduceOptions?.calcs?.[0] || "lastNotNull";
