// What needs attention on a board, the worst first: every figure whose threshold is passed, as a way to its panel.

import { h } from "./dom.js";
import { ALARMS } from "./color.js";

export class Attention {
  constructor(panels) {
    Object.assign(this, { panels, key: "" });
    this.root = h("section", { className: "attention", ariaLabel: "Needs attention" });
  }

  update() {
    const judging = this.panels.filter(({ panel }) => ["stat", "bargauge"].includes(panel.type) || panel.attention);
    const wrong = judging.flatMap((panel) => panel.alarms.map((alarm) => ({ ...alarm, panel })));
    wrong.sort((a, b) => a.level - b.level);
    const failed = this.panels.filter(({ root }) => root.dataset.state === "failed").length;
    const waiting = judging.some(({ root }) => root.dataset.state === "loading" && root.offsetParent);
    const key = JSON.stringify([wrong.map(({ level, text, panel }) => [level, text, panel.panel.id]), failed, waiting]);
    if (key === this.key) return;
    this.key = key;
    this.root.replaceChildren(...wrong.map((alarm) => this.item(alarm)));
    const note = failed ? `${failed} of ${this.panels.length} panels have no answer` : waiting ? "" : wrong.length ? "" : "Nothing needs attention";
    if (note) this.root.append(h("span", { className: "calm", role: "status" }, note));
  }

  item({ level, text, panel }) {
    return h("button", { type: "button", className: "alarm", onclick: () => {
      panel.root.tabIndex = -1;
      panel.root.scrollIntoView({ block: "center" });
      panel.root.focus({ preventScroll: true });
    } }, h("i", { style: { "--paint": ALARMS[level] } }), h("span", {}, panel.panel.title), h("b", {}, text));
  }
}
