// One board: its rows and panels, and when they load.

import { get } from "./api.js";
import { Attention } from "./attention.js";
import { h } from "./dom.js";
import { Facts } from "./facts.js";
import { Panel } from "./panel.js";
import { Retry } from "./retry.js";
import { isRelative, resolve, seconds } from "./time.js";

// A phone shows the first row, and the titles of the others.
export const isSmall = () => matchMedia("(max-width: 760px)").matches;

export const annotationsOf = (document_) => (document_.annotations?.list || []).filter(({ datasource }) => datasource?.type === "graphite");

export class Board {
  // `page`: range(), values(), zoom(from, until), link(url), refused(problem), hiddenMarks().
  constructor(document_, page) {
    Object.assign(this, { document: document_, page, annotations: [], panels: [], folded: new Set() });
    this.uid = document_.uid;
    this.marksRetry = new Retry(() => this.loadMarks(this.signal));
    this.attention = new Attention(this.panels);
    this.root = h("div", { className: "board" },
      h("div", { className: "board-head" }, h("h1", {}, page.title(document_.title)), this.attention.root));
    this.build();
  }

  build() {
    this.facts = new Facts(this.document, this);
    this.root.append(this.facts.root);
    const sections = [{ row: null, panels: [] }];
    const listed = [...(this.document.panels || [])].sort((a, b) => (a.gridPos?.y ?? 0) - (b.gridPos?.y ?? 0) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0));
    for (const panel of listed) {
      if (panel.type === "row") {
        if (panel.collapsed || (isSmall() && sections.some(({ row }) => row))) this.folded.add(panel.id);
        sections.push({ row: panel, panels: [...(panel.panels || [])] });
      } else sections.at(-1).panels.push(panel);
    }
    for (const { row, panels: definitions } of sections) {
      if (!row && !definitions.length) continue;
      const panels = definitions.map((panel) => new Panel(panel, this));
      const top = Math.min(...definitions.map((panel) => panel.gridPos?.y ?? 0));
      const grid = h("div", { className: "grid" }, ...panels.map((panel) => panel.place(top)));
      if (row) this.root.append(this.heading(row, grid, panels));
      this.root.append(grid);
      this.panels.push(...panels.map((panel) => Object.assign(panel, { row: row?.id })));
    }
  }

  heading(row, grid, panels) {
    const button = h("button", { type: "button", className: "row", onclick: () => {
      if (!this.folded.delete(row.id)) this.folded.add(row.id);
      show();
      if (!this.folded.has(row.id)) panels.forEach((panel) => panel.load(this.signal));
    } }, h("i"), this.withValues(row.title || ""));
    const show = () => {
      grid.hidden = this.folded.has(row.id);
      button.setAttribute("aria-expanded", String(!grid.hidden));
    };
    show();
    return h("h2", {}, button);
  }

  // The text with the values of the variables it names, as in titles.
  withValues(text) {
    return text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (whole, one, other) => {
      const values = this.page.values()[one || other];
      return values ? values.join(", ") || "all" : whole;
    });
  }

  range() { return this.page.range(); }
  zoom(from, until) { this.page.zoom(from, until); }
  link(url, blank) { return this.page.link(url, blank); }
  refused(problem) { this.page.refused(problem); }
  changed() { this.attention.update(); }

  // The marks of one panel: those of the layers that are on and that the board wants on it.
  marks(id) {
    const left = annotationsOf(this.document).filter(({ name, filter }) =>
      this.page.hiddenMarks().has(name) || (filter && filter.ids.includes(id) === Boolean(filter.exclude)));
    const names = new Set(left.map(({ name }) => name));
    return this.annotations.filter((mark) => !names.has(mark.name));
  }

  parameters() {
    return Object.entries(this.page.values()).flatMap(([name, values]) => values.map((value) => [`var-${name}`, value]));
  }

  variable(name) {
    const { from, until } = resolve(this.range());
    return get(`/${encodeURIComponent(this.uid)}/variables/${encodeURIComponent(name)}`, [["from", from], ["until", until], ...this.parameters()]);
  }

  async load() {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.signal = signal;
    this.facts.load(signal);
    const open = this.panels.filter((panel) => !this.folded.has(panel.row));
    await Promise.all([this.loadMarks(signal), ...open.map((panel) => panel.load(signal))]);
  }

  async loadMarks(signal) {
    const { from, until } = resolve(this.range());
    this.marksRetry.stop();
    if (annotationsOf(this.document).every(({ name }) => this.page.hiddenMarks().has(name))) return;
    try {
      const answer = await get(`/${encodeURIComponent(this.uid)}/annotations`, [["from", from], ["until", until], ...this.parameters()], signal);
      const before = JSON.stringify(this.annotations);
      this.annotations = answer.items;
      this.marksRetry.succeeded();
      if (JSON.stringify(this.annotations) !== before) this.redraw();
    } catch (problem) {
      if (problem.status === 401) this.refused(problem);
      else if (problem.name !== "AbortError") {
        if (problem.status === undefined) throw problem;
        this.marksRetry.later();
      }
    }
  }

  // Load repeatedly while refreshing is on; a hidden page waits.
  keep(every) {
    clearTimeout(this.timer);
    const wait = seconds(every);
    if (!wait) return;
    this.timer = setTimeout(async () => {
      if (!document.hidden && isRelative(this.range())) await this.load();
      this.keep(every);
    }, wait * 1000);
  }

  // Redraw every panel; with `rebuild`, from scratch, as for another theme.
  redraw(rebuild = false) {
    for (const panel of this.panels) panel.redraw(rebuild);
  }

  destroy() {
    clearTimeout(this.timer);
    this.facts.destroy();
    this.abort?.abort();
    this.marksRetry.stop();
    for (const panel of this.panels) panel.destroy();
    this.root.remove();
  }
}
