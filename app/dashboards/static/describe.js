// What a chart shows, in words: for those who cannot see it, and for programs that read the page.

import { display, reduce } from "./fields.js";
import { stamp } from "./time.js";

const SAID = 8;

function told(title, range, sentences) {
  const [from, until] = range;
  const more = sentences.length > SAID ? ` And ${sentences.length - SAID} more.` : "";
  return `${title}, from ${stamp(from)} to ${stamp(until)} UTC. ${sentences.slice(0, SAID).join(" ")}${more}`;
}

// Lines and bars: the newest, lowest and highest value of each series.
export function ofSeries(title, range, entries) {
  return told(title, range, entries.map(({ name, config, points }) => {
    const say = (calc) => display(config, reduce(points, calc)).text;
    return `${name}: newest ${say("lastNotNull")}, lowest ${say("min")}, highest ${say("max")}.`;
  }));
}

// States: the newest of each row, when it began, and how many there were.
export function ofStates(title, range, rows) {
  return told(title, range, rows.map(({ name, stretches, say }) => {
    const last = stretches.at(-1);
    if (!last) return `${name}: nothing.`;
    const changes = stretches.length - 1;
    return `${name}: ${say(last[2])} since ${stamp(last[0])}, ${changes} ${changes === 1 ? "change" : "changes"} before.`;
  }));
}

// Heat maps: the total of each row, the fullest first, and when the newest were counted.
export function ofCells(title, range, rows, say) {
  const filled = rows.filter(({ cells }) => cells.size);
  const total = ({ cells }) => [...cells.values()].reduce((sum, value) => sum + value, 0);
  return told(title, range, filled.sort((a, b) => total(b) - total(a)).map((row) => {
    const values = [...row.cells.values()];
    const [lowest, highest] = [Math.min(...values), Math.max(...values)].map(say);
    return `${row.name}: ${say(total(row))} in all, newest ${say(values.at(-1))}, lowest ${lowest}, highest ${highest}.`;
  }));
}
