// One board: its sections and panels, and when they ask.

import { get } from "./api.js";
import { h } from "./dom.js";
import { Panel } from "./panel.js";
import { isRelative, resolve, seconds } from "./time.js";

export class Board {
  // `page`: range(), values(), zoom(), link(), refused(), hiddenMarks(), told(marks).
  constructor(document_, page) {
    Object.assign(this, { document: document_, page, found: [], panels: [], folded: new Set() });
    this.uid = document_.uid;
    this.root = h("div", { className: "board" });
    this.build();
  }

  build() {
    const sections = [{ row: null, panels: [] }];
    const listed = [...(this.document.panels || [])].sort((a, b) => (a.gridPos?.y ?? 0) - (b.gridPos?.y ?? 0) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0));
    for (const panel of listed) {
      if (panel.type === "row") {
        sections.push({ row: panel, panels: [...(panel.panels || [])] });
        if (panel.collapsed) this.folded.add(panel.id);
      } else sections.at(-1).panels.push(panel);
    }
    for (const { row, panels } of sections) {
      if (!row && !panels.length) continue;
      const made = panels.map((panel) => new Panel(panel, this));
      const top = Math.min(...panels.map((panel) => panel.gridPos?.y ?? 0));
      const grid = h("div", { className: "grid" }, ...made.map((panel) => panel.place(top)));
      if (row) this.root.append(this.heading(row, grid, made));
      this.root.append(grid);
      this.panels.push(...made.map((panel) => Object.assign(panel, { row: row?.id })));
    }
  }

  heading(row, grid, made) {
    const button = h("button", { type: "button", className: "row", onclick: () => {
      if (!this.folded.delete(row.id)) this.folded.add(row.id);
      show();
      if (!this.folded.has(row.id)) made.forEach((panel) => panel.load(this.signal));
    } }, h("i"), this.words(row.title || ""));
    const show = () => {
      grid.hidden = this.folded.has(row.id);
      button.setAttribute("aria-expanded", String(!grid.hidden));
    };
    show();
    return button;
  }

  // Titles may name variables.
  words(text) {
    return text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (whole, one, other) => {
      const values = this.page.values()[one || other];
      return values ? values.join(", ") || "all" : whole;
    });
  }

  range() { return this.page.range(); }
  zoom(from, until) { this.page.zoom(from, until); }
  link(url, blank) { return this.page.link(url, blank); }
  refused(problem) { this.page.refused(problem); }
  marks() { return this.found.filter((mark) => !this.page.hiddenMarks().has(mark.name)); }

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
    const asked = this.panels.filter((panel) => !this.folded.has(panel.row)).map((panel) => panel.load(signal));
    await Promise.all([this.loadMarks(signal), ...asked]);
  }

  async loadMarks(signal) {
    const { from, until } = resolve(this.range());
    const listed = (this.document.annotations?.list || []).some((one) => one.datasource?.type === "graphite");
    if (!listed) return;
    try {
      const answer = await get(`/${encodeURIComponent(this.uid)}/annotations`, [["from", from], ["until", until], ...this.parameters()], signal);
      const before = JSON.stringify(this.found);
      this.found = answer.items;
      if (JSON.stringify(this.found) !== before) this.redraw();
    } catch (problem) {
      if (problem.status === 401) this.refused(problem);
      else if (problem.status === undefined && problem.name !== "AbortError") throw problem;
    }
  }

  // With refreshing on, again and again; a board that is not looked at waits.
  keep(every) {
    clearTimeout(this.timer);
    const wait = seconds(every);
    if (!wait) return;
    this.timer = setTimeout(async () => {
      if (!document.hidden && isRelative(this.range())) await this.load();
      this.keep(every);
    }, wait * 1000);
  }

  redraw(anew = false) {
    for (const panel of this.panels) panel.redraw(anew);
  }

  destroy() {
    clearTimeout(this.timer);
    this.abort?.abort();
    for (const panel of this.panels) panel.destroy();
    this.root.remove();
  }
}
