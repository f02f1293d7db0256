// What the database knows: the list of what needs attention, above the board, and the figures of its tiles. Neither
// needs Graphite. A tile whose data link ends in `#name` shows the figure of that name.

import { ask } from "./api.js";
import { FactList } from "./panels/facts.js";
import { isRelative } from "./time.js";

const AGAIN_MS = 10_000;
// So long a database may take that hangs: then the list says so.
const PATIENCE_MS = 15_000;

function figureOf(panel) {
  const named = (panel.fieldConfig?.defaults?.links || []).map(({ url }) => /#(\w+)$/.exec(url || "")?.[1]);
  return named.find(Boolean);
}

export class Facts {
  // `board`: range(), refused(problem).
  constructor(document_, board) {
    this.board = board;
    this.isShown = (document_.panels || []).some((panel) => [panel, ...(panel.panels || [])].some(figureOf));
    this.list = new FactList({ refused: (problem) => board.refused(problem) });
    this.root = this.list.root;
    this.root.hidden = !this.isShown;
  }

  // Ask once for the list and for every tile of the board.
  load(signal) {
    if (!this.isShown) return;
    clearTimeout(this.timer);
    this.signal = signal;
    this.answered = ask("/attention", [], AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
    this.answered.then((answer) => this.list.update(answer), (problem) => this.failed(problem));
  }

  failed(problem) {
    if (problem.name === "AbortError") return;
    if (problem.status === 401) return this.board.refused(problem);
    this.list.say(problem);
    this.timer = setTimeout(() => this.load(this.signal), AGAIN_MS);
  }

  // What a panel asked Graphite for, with the database's figure as its latest point. If Graphite fails, the figure alone,
  // and the `failure`.
  async complete(panel, asked) {
    const name = figureOf(panel);
    if (!name || !this.answered || !isRelative({ from: this.board.range().to })) return asked;
    const [series, facts] = await Promise.allSettled([asked, this.answered]);
    const figure = facts.value?.figures?.[name];
    const isOurs = series.reason?.name === "AbortError" || series.reason?.status === 401;
    if (figure === undefined || isOurs) return asked;
    const now = Date.parse(facts.value.at) / 1000;
    const answer = series.value || { from: now - 1, until: now, series: [] };
    const [first = { ref_id: "A", name: panel.title, points: [] }, ...others] = answer.series;
    return { ...answer, series: [{ ...first, points: [...first.points, [now, figure]] }, ...others], failure: series.reason };
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
