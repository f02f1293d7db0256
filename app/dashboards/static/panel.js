// One panel: its frame, its request to the API, and its message when there are no data.

import { get } from "./api.js";
import { h } from "./dom.js";
import { NOTHING } from "./fields.js";
import { Heatmap } from "./panels/heatmap.js";
import { States } from "./panels/states.js";
import { Table } from "./panels/table.js";
import { Bars, Tiles } from "./panels/tiles.js";
import { TimeSeries } from "./panels/timeseries.js";
import { Retry } from "./retry.js";
import { clock, resolve } from "./time.js";

const KINDS = {
  timeseries: TimeSeries, graph: TimeSeries, stat: Tiles, gauge: Tiles, bargauge: Bars, "state-timeline": States,
  "status-history": States, heatmap: Heatmap, table: Table,
};

// Whether asking again can help.
const passes = ({ status }) => !status || status === 429 || status >= 500;

export class Panel {
  // `board`: parameters(), range(), zoom(from, until), marks(id), link(url), refused(problem), changed(), signal.
  constructor(panel, board) {
    Object.assign(this, { panel, board, answer: null, answeredAt: 0, drawn: false });
    this.retry = new Retry(() => this.load(this.board.signal));
    const title = h("h3", {}, board.withValues(panel.title || ""));
    this.body = h("div", { className: "body" });
    this.notice = h("p", { className: "notice", hidden: true, role: "status" });
    const span = panel.timeFrom ? h("span", { className: "span" }, `last ${panel.timeFrom.replace(/^now-/, "")}`) : null;
    const links = (panel.links || []).map((link) => h("a", { className: "go", ...board.link(link.url, link.targetBlank) }, link.title || "Open"));
    this.root = h("article", { className: `panel ${panel.type}${panel.transparent ? " transparent" : ""}`, ariaLabel: panel.title || panel.type },
      h("header", {}, title, panel.description ? this.info(panel.description) : null, span, h("span", { className: "space" }), ...links),
      this.body, this.notice);
    this.root.dataset.panel = panel.id;
    // Until it is asked for: a panel in a folded row is not.
    this.root.dataset.state = "idle";
    const { w = 12, h: tall = 8 } = panel.gridPos || {};
    this.root.style.setProperty("--tall", tall);
    this.root.classList.toggle("narrow", w <= 6);
    if (panel.type === "text") this.text();
  }

  info(text) {
    const words = h("span", { className: "words", role: "tooltip" }, text);
    return h("button", { className: "info", type: "button", ariaLabel: text }, h("span", { ariaHidden: "true" }, "i"), words);
  }

  place(top) {
    const { x = 0, y = 0, w = 12, h: tall = 8 } = this.panel.gridPos || {};
    this.root.style.gridColumn = `${x + 1} / span ${w}`;
    this.root.style.gridRow = `${y - top + 1} / span ${tall}`;
    return this.root;
  }

  text() {
    const content = this.panel.options?.content || "";
    this.body.append(...content.split(/\n{2,}/).map((part) => h("p", {}, this.board.withValues(part.replace(/^#+\s*/, "").replace(/[*_`]/g, "")))));
    this.root.dataset.state = "ready";
  }

  async load(signal) {
    if (this.panel.type === "text") return;
    this.retry.stop();
    if (this.root.dataset.state === "idle") this.root.dataset.state = "loading";
    this.root.classList.add("asking");
    const range = resolve(this.board.range(), this.panel.timeFrom);
    const parameters = [["from", range.from], ["until", range.until], ...this.board.parameters()];
    if (!this.panel.maxDataPoints) parameters.push(["max_points", Math.min(Math.max(Math.round(this.body.clientWidth), 100), 2000)]);
    try {
      const asked = get(`/${encodeURIComponent(this.board.uid)}/panels/${this.panel.id}`, parameters, signal);
      this.answer = await this.board.facts.complete(this.panel, asked);
      this.answeredAt = Date.now();
      if (this.answer.failure && passes(this.answer.failure)) this.retry.later();
      else this.retry.succeeded();
      this.draw();
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (problem.status === 401) this.board.refused(problem);
      else this.fail(problem);
      if (problem.status === undefined) throw problem;
    } finally {
      this.root.classList.remove("asking");
      this.board.changed();
    }
  }

  // Say what is wrong, and ask again where that can help. What was shown stays, with its time.
  fail(problem) {
    const again = passes(problem) ? ` Asking again at ${clock(this.retry.later() / 1000)}.` : "";
    const last = this.answeredAt ? `Last answer: ${clock(this.answeredAt / 1000)} UTC.` : "No answer since this page was opened.";
    this.say(problem.title, problem.message, "failed", last + again);
    this.body.hidden = !this.drawn;
    this.notice.classList.toggle("strip", this.drawn);
  }

  draw() {
    if (!this.answer) return;
    const hasData = this.answer.series.some(({ points }) => points.some(([, value]) => value !== null));
    if (!hasData && !this.showsNoValue()) {
      const text = this.panel.fieldConfig?.defaults?.noValue || NOTHING;
      this.drawn = false;
      this.say(text.charAt(0).toUpperCase() + text.slice(1), "", "empty");
      return;
    }
    this.notice.hidden = true;
    this.body.hidden = false;
    this.root.dataset.state = "ready";
    this.drawn = true;
    this.paint();
  }

  paint() {
    const Kind = KINDS[this.panel.type] || TimeSeries;
    if (!this.view) {
      this.view = new Kind(this.body, this.panel, {
        zoom: (from, until) => this.board.zoom(from, until),
        marks: () => this.board.marks(this.panel.id),
        series: () => this.answer.series,
      });
    }
    this.view.update(this.answer);
  }

  // Whether the panel itself shows a text in place of a missing value.
  showsNoValue() {
    return this.answer.series.length > 0 && this.panel.type === "stat" && this.panel.fieldConfig?.defaults?.noValue !== undefined;
  }

  // Draw the current data again; with `rebuild`, from scratch.
  redraw(rebuild = false) {
    if (rebuild) {
      this.view?.destroy();
      this.view = undefined;
      this.body.replaceChildren();
      if (this.panel.type === "text") this.text();
      else if (this.drawn) this.paint();
    } else this.view?.chart?.plot.redraw(false);
  }

  say(title, detail, state, when = "") {
    this.root.dataset.state = state;
    this.body.hidden = true;
    this.notice.classList.remove("strip");
    this.notice.hidden = false;
    this.notice.replaceChildren(h("b", {}, title), h("span", { className: "detail" }, detail), h("span", {}, when));
  }

  // What this panel has to say to the list of what needs attention, the worst first: [{ level, text }].
  get alarms() {
    return this.root.dataset.state === "ready" ? this.view?.alarms || [] : [];
  }

  destroy() {
    this.retry.stop();
    this.view?.destroy();
    this.root.remove();
  }
}
