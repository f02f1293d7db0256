// Values with their units, as short as possible without losing meaning.

import { day, stamp } from "./time.js";

const SHORT = [[1e12, " T"], [1e9, " B"], [1e6, " M"], [1e3, " K"]];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB"];
const PER = {
  cpm: "/min", opm: "/min", reqpm: "/min", rpm: "/min", wpm: "/min",
  cps: "/s", ops: "/s", reqps: "/s", rps: "/s", wps: "/s", iops: "/s", mps: "/s", pps: "/s",
  cph: "/h", oph: "/h", cpd: "/d",
};
const DURATIONS = { ns: 1e-9, "µs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400, dtdurations: 1, dtdurationms: 1e-3 };
const LENGTHS = [[31536000, "y"], [604800, "wk"], [86400, "d"], [3600, "h"], [60, "min"], [1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const LONG_AGO = 30 * 86400;

const formats = new Map();

function digits(value, decimals) {
  let most = decimals;
  if (most === undefined || most === null) {
    const size = Math.abs(value);
    most = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 2 - Math.floor(Math.log10(size)) - 1;
  }
  most = Math.min(Math.max(most, 0), 10);
  const least = decimals === undefined || decimals === null ? 0 : most;
  const key = `${least}:${most}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most }));
  }
  return formats.get(key).format(value);
}

function scaled(value, base, names, decimals) {
  let step = 0;
  while (Math.abs(value) >= base && step < names.length - 1) {
    value /= base;
    step += 1;
  }
  return `${digits(value, decimals)} ${names[step]}`;
}

function short(value, decimals) {
  for (const [size, suffix] of SHORT) {
    if (Math.abs(value) >= size) return digits(value / size, decimals) + suffix;
  }
  return digits(value, decimals);
}

function duration(value, decimals) {
  if (value === 0) return "0 s";
  const size = Math.abs(value);
  // Minutes start at 90 s: 75 s is easier to read than 1.25 min.
  const [length, name] = LENGTHS.find(([unit]) => size >= (unit === 60 ? 90 : unit)) || LENGTHS.at(-1);
  return `${digits(value / length, decimals)} ${name}`;
}

// How long ago a time was, given in milliseconds since 1970; the day of one that was long ago.
function fromNow(value) {
  const ago = Math.round((Date.now() - value) / 1000);
  if (Math.abs(ago) > LONG_AGO) return day(value / 1000);
  if (ago === 0) return "now";
  return ago > 0 ? `${duration(ago, 0)} ago` : `in ${duration(-ago, 0)}`;
}

const date = (value) => stamp(value / 1000);
const percents = (value) => (Number.isInteger(value) ? 0 : value > 99 && value < 100 ? 2 : Math.abs(value) >= 10 ? 1 : undefined);
const percent = (value, decimals) => `${digits(value, decimals ?? percents(value))}%`;

const FORMATS = {
  short,
  none: digits,
  locale: digits,
  percent,
  percentunit: (value, decimals) => percent(value * 100, decimals),
  bytes: (value, decimals) => scaled(value, 1024, BINARY, decimals),
  kbytes: (value, decimals) => scaled(value * 1024, 1024, BINARY, decimals),
  decbytes: (value, decimals) => scaled(value, 1000, DECIMAL, decimals),
  Bps: (value, decimals) => `${scaled(value, 1000, DECIMAL, decimals)}/s`,
  binBps: (value, decimals) => `${scaled(value, 1024, BINARY, decimals)}/s`,
  bool: (value) => (value ? "true" : "false"),
  dateTimeFromNow: fromNow,
  dateTimeAsIso: date,
  dateTimeAsIsoNoDateIfToday: date,
  dateTimeAsSystem: date,
  dateTimeAsUS: date,
  dateTimeAsLocal: date,
};
for (const [unit, per] of Object.entries(PER)) FORMATS[unit] = (value, decimals) => `${short(value, decimals)} ${per}`;
for (const [unit, length] of Object.entries(DURATIONS)) FORMATS[unit] = (value, decimals) => duration(value * length, decimals);

export const isKnown = (unit) => Object.hasOwn(FORMATS, unit);

export function format(value, unit = "short", decimals = undefined) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (isKnown(unit)) return FORMATS[unit](value, decimals);
  // Of a unit that is not known, only the number is certain: no thousands, no prefix.
  return `${digits(value, decimals)} ${unit.replace(/^suffix:/, "")}`;
}

export const isBinary = (unit) => unit === "bytes" || unit === "kbytes" || unit === "binBps";

// Labels of an axis, with as many decimals as neighbouring ticks need to differ.
export function axisLabels(values, step, unit) {
  const plain = values.map((value) => format(value, unit));
  if (new Set(plain).size === plain.length) return plain;
  for (const decimals of [1, 2, 3, 4]) {
    const more = values.map((value) => format(value, unit, decimals));
    if (new Set(more).size === more.length) return more;
  }
  return plain;
}
