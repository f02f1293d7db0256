// Colours. Those of the boards are hex values, which both themes and Grafana share; `ops/grafana/words.py` declares them.

// For names that are no words of ours, such as connectors: a name has one colour, whichever others are there.
export const PALETTE = [
  "#1b8fb0", "#6a9a18", "#c14fb4", "#6a70e6", "#a7714a", "#12948a", "#84863a", "#647fa3", "#3f7fe0", "#9a68de",
  "#5b8fc4", "#45967f", "#7d66b8", "#a56a8c", "#6c7480",
];
// The colours of thresholds that ask for attention, the worst first.
export const ALARMS = ["#dd4246", "#cf6a12", "#a98100"];
const UNKNOWN = "#858c96";
const READABLE = 4.5;

export const theme = () => document.documentElement.dataset.theme;

export const cssVariable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function channels(hex) {
  const full = hex.length === 4 ? hex.replace(/[^#]/g, "$&$&") : hex;
  return [1, 3, 5].map((at) => parseInt(full.slice(at, at + 2), 16));
}

export function mix(from, to, share) {
  const [a, b] = [channels(from), channels(to)];
  return `#${a.map((value, i) => Math.round(value + (b[i] - value) * share).toString(16).padStart(2, "0")).join("")}`;
}

export function alpha(color, opacity) {
  if (!color.startsWith("#")) return color;
  return `rgba(${channels(color).join(", ")}, ${opacity})`;
}

export function named(name) {
  if (name === "text") return cssVariable("--text");
  if (name === "transparent") return "transparent";
  return /^#[0-9a-f]{3}([0-9a-f]{3})?$/i.test(name || "") || name?.startsWith("rgb") ? name : UNKNOWN;
}

export function palette(name) {
  let hash = 2166136261;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  return PALETTE[hash % PALETTE.length];
}

function luminance(hex) {
  const [r, g, b] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// The ground of a tile in a colour.
export const tint = (color) => (color.startsWith("#") ? mix(cssVariable("--panel"), color, 0.16) : cssVariable("--panel"));

// The colour for text: as much of it as `ground` lets people read.
export function ink(color, ground = cssVariable("--panel")) {
  if (!color.startsWith("#")) return cssVariable("--text");
  for (let share = 0; share < 1; share += 0.1) {
    const tried = mix(color, cssVariable("--text"), share);
    if (contrast(tried, ground) >= READABLE) return tried;
  }
  return cssVariable("--text");
}

// Black or white, whichever is easier to read on a colour.
export const inkOn = (color) => (contrast(color, "#000000") > contrast(color, "#ffffff") ? "#000000" : "#ffffff");

// The colour of a share in a heat map: from the panel's own colour (0) to a bright one (1).
export function heat(share) {
  const stops = theme() === "dark" ? ["#1c2c4c", "#2f62b8", "#56b4d8", "#f2e6a2"] : ["#e4eefc", "#93bdf2", "#3a78d8", "#123a86"];
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[low], stops[low + 1], at - low);
}
