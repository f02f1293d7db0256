// Grafana's colour names and series palette, in the two themes of this page.

const NAMES = {
  dark: { green: "#56c08d", red: "#e8686a", orange: "#ea9a52", yellow: "#e3c45c", blue: "#6ea8fe", purple: "#b497f0", gray: "#8a94a3" },
  light: { green: "#22935c", red: "#d2393c", orange: "#d1731c", yellow: "#b8920f", blue: "#2f6fdf", purple: "#7c56d0", gray: "#7b8694" },
};
const PALETTE = {
  dark: ["#6ea8fe", "#5fcfa9", "#f0b862", "#b497f0", "#ef8a80", "#5ac8e0", "#e59ac6", "#a8c66a", "#d9a884", "#93a1ba"],
  light: ["#2f6fdf", "#17936a", "#d98a14", "#7c56d0", "#d6524a", "#1689a6", "#c04f92", "#69892a", "#a56a3a", "#5f6e88"],
};
const SHADES = { "super-light-": ["#ffffff", 0.5], "light-": ["#ffffff", 0.25], "semi-dark-": ["#000000", 0.15], "dark-": ["#000000", 0.3] };

export const theme = () => document.documentElement.dataset.theme;

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
  const names = NAMES[theme()];
  if (!name || name in names) return names[name] || names.gray;
  for (const [prefix, [towards, share]] of Object.entries(SHADES)) {
    if (name.startsWith(prefix) && name.slice(prefix.length) in names) return mix(names[name.slice(prefix.length)], towards, share);
  }
  if (name === "text") return cssVariable("--text");
  if (name === "transparent") return "transparent";
  return /^#[0-9a-f]{3}([0-9a-f]{3})?$/i.test(name) || name.startsWith("rgb") ? name : names.gray;
}

export const palette = (index) => PALETTE[theme()][index % PALETTE[theme()].length];

export const cssVariable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The colour of a share in a heat map: from the panel's own colour (0) to a bright one (1).
export function heat(share) {
  const stops = theme() === "dark" ? ["#1c2c4c", "#2f62b8", "#56b4d8", "#f2e6a2"] : ["#e4eefc", "#93bdf2", "#3a78d8", "#123a86"];
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[low], stops[low + 1], at - low);
}
