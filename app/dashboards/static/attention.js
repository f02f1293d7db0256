// What needs attention on a board, the worst first: every figure whose threshold is passed, as a way to its panel.

import { h } from "./dom.js";
import { ALARMS } from "./color.js";

// Whether a figure links to a list by name on these pages, which then says what is wrong, and in more words.
const isListed = ({ panel }) => (panel.fieldConfig?.defaults?.links || []).some(({ url }) => /\/dashboards\/[^#]*#\w+$/.test(url || ""));

export class Attention {
  constructor(panels) {
    Object.assign(this, { panels, key: "" });
    this.root = h("section", { className: "attention", ariaLabel: "Needs attention" });
  }

  update() {
    const figures = this.panels.filter(({ panel }) => ["stat", "bargauge"].includes(panel.type));
    const judging = figures.filter((panel) => !isListed(panel));
    const wrong = judging.flatMap((panel) => panel.alarms.map((alarm) => ({ ...alarm, panel })));
    wrong.sort((a, b) => a.level - b.level);
    const failed = this.panels.filter(({ root }) => root.dataset.state === "failed").length;
    const waiting = judging.some(({ root }) => root.dataset.state === "loading" && root.offsetParent);
    const key = JSON.stringify([wrong.map(({ level, text, panel }) => [level, text, panel.panel.id]), failed, waiting]);
    if (key === this.key) return;
    this.key = key;
    this.root.replaceChildren(...wrong.map((alarm) => this.item(alarm)));
    const note = this.note(failed, waiting || wrong.length || judging.length < figures.length);
    if (note) this.root.append(h("span", { className: "calm", role: "status" }, note));
  }

  note(failed, isOpen) {
    if (failed) return `${failed} of ${this.panels.length} panels have no answer`;
    return isOpen ? "" : "Nothing needs attention";
  }

  item({ level, text, panel }) {
    return h("button", { type: "button", className: "alarm", onclick: () => {
      panel.root.tabIndex = -1;
      panel.root.scrollIntoView({ block: "center" });
      panel.root.focus({ preventScroll: true });
    } }, h("i", { style: { "--paint": ALARMS[level] } }), h("span", {}, panel.panel.title), h("b", {}, text));
  }
}
