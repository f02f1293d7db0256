// Time ranges as Grafana writes them (`now-6h`), and times in UTC, as on the dashboards.

export const QUICK = [
  ["now-5m", "Last 5 minutes"],
  ["now-15m", "Last 15 minutes"],
  ["now-1h", "Last hour"],
  ["now-3h", "Last 3 hours"],
  ["now-6h", "Last 6 hours"],
  ["now-12h", "Last 12 hours"],
  ["now-24h", "Last 24 hours"],
  ["now-7d", "Last 7 days"],
  ["now-30d", "Last 30 days"],
  ["now-90d", "Last 90 days"],
  ["now-1y", "Last year"],
];
export const REFRESH = [["", "Off"], ["5s", "5 s"], ["10s", "10 s"], ["1m", "1 min"]];

const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, M: 2592000, y: 31536000 };

const NAMES = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month", y: "year" };

export function seconds(span) {
  const match = /^(\d+)([smhdwMy])$/.exec(span || "");
  return match ? Number(match[1]) * UNITS[match[2]] : 0;
}

export const isRelative = (range) => range.from.startsWith("now");

// Epoch seconds of one end of a range; `now-6h`, epoch seconds or epoch milliseconds.
export function moment(text, now = Date.now() / 1000) {
  const relative = /^now(?:-(\w+))?$/.exec(text);
  if (relative) return Math.floor(now) - (relative[1] ? seconds(relative[1]) : 0);
  const value = Number(text);
  return Math.floor(value > 1e11 ? value / 1000 : value);
}

export function isRange(range) {
  const ends = [range.from, range.to].map((text) => /^(now(-\d+[smhdwMy])?|\d{1,13})$/.test(text));
  return ends.every(Boolean) && moment(range.from) < moment(range.to);
}

export function resolve(range, timeFrom = undefined) {
  if (timeFrom && isRelative(range)) range = { from: `now-${timeFrom}`, to: "now" };
  return { from: moment(range.from), until: moment(range.to) };
}

const two = (number) => String(number).padStart(2, "0");

export function clock(at, withSeconds = true) {
  const date = new Date(at * 1000);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return withSeconds ? `${time}:${two(date.getUTCSeconds())}` : time;
}

export function day(at, withYear = true) {
  const date = new Date(at * 1000);
  const text = `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  return withYear ? `${date.getUTCFullYear()}-${text}` : text;
}

export const stamp = (at) => `${day(at)} ${clock(at)}`;

export function parse(text) {
  const match = /^\s*(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?Z?\s*$/.exec(text);
  if (!match) return /^\s*now(-\d+[smhdwMy])?\s*$/.test(text) ? text.trim() : null;
  const [year, month, date, hour, minute, second] = match.slice(1).map((part) => Number(part || 0));
  const at = Date.UTC(year, month - 1, date, hour, minute, second) / 1000;
  return new Date(at * 1000).getUTCDate() === date ? String(at) : null;
}

export function describe(range) {
  const [, number, unit] = range.to === "now" ? /^now-(\d+)([smhdwMy])$/.exec(range.from) || [] : [];
  const quick = QUICK.find(([from]) => from === range.from);
  if (quick && range.to === "now") return quick[1];
  if (number) return `Last ${number} ${NAMES[unit]}${number === "1" ? "" : "s"}`;
  const end = (text) => (text.startsWith("now") ? text : stamp(moment(text)).replace(/:00$/, ""));
  return `${end(range.from)} – ${end(range.to)}`;
}

// Ticks of a time axis: whole steps of UTC, labelled with the part that changes from one to the next.
export const STEPS = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600,
  2592000, 7776000,
];

export function splits(_chart, _axis, min, max, step) {
  const ticks = [];
  for (let at = Math.ceil(min / step) * step; at <= max; at += step) ticks.push(at);
  return ticks;
}

export function labels(_chart, values, _axis, _space, step) {
  return values.map((at) => {
    if (step >= 86400) return day(at, step >= 2592000);
    if (at % 86400 === 0) return day(at, false);
    return clock(at, step < 60);
  });
}
