// The legend: the names of the series, with the values that the panel asks for (last, max and so on).

import { h } from "./dom.js";
import { CALCS, display, reduce } from "./fields.js";

const MOST = 12;
const MOST_IF_NARROW = 6;
// So few more are shown with the others: a button would take their place.
const FEW = 2;

// `view` remembers between two loads whether all entries are shown.
export function legend(panel, entries, toggle, view) {
  const options = panel.options?.legend;
  if (!options?.showLegend || !entries.length) return null;
  const calcs = options.calcs || [];
  const table = options.displayMode === "table" && calcs.length;
  const items = entries.map((entry) => {
    const values = calcs.map((calc) => h("span", { className: "calc" },
      table ? null : h("small", {}, CALCS[calc] || calc), display(entry.config, reduce(entry.points, calc)).text));
    return h("button", {
      type: "button",
      className: entry.hidden ? "entry off" : "entry",
      ariaPressed: String(!entry.hidden),
      title: `${entry.name}: click to show only this series, Ctrl-click or ⌘-click to hide it`,
      onclick: (event) => toggle(entry.name, event.ctrlKey || event.metaKey),
      onkeydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        toggle(entry.name, true);
      },
    }, h("i", { className: entry.config.custom.lineStyle?.fill === "dash" ? "dashed" : "", style: { "--paint": entry.color } }),
    h("span", { className: "name" }, entry.name), ...values);
  });
  const place = options.placement === "right" ? "right" : "bottom";
  const root = h("div", { className: `legend ${table ? "table" : "list"} ${place}`, role: "group", ariaLabel: "Legend" });
  if (table) {
    root.style.setProperty("--calcs", calcs.length);
    root.append(h("div", { className: "head" }, h("span", { className: "name" }), ...calcs.map((calc) => h("small", { className: "calc" }, CALCS[calc] || calc))));
  }
  root.append(...items);
  const most = (panel.gridPos?.w ?? 12) <= 8 ? MOST_IF_NARROW : MOST;
  if (items.length > most + FEW) {
    const more = h("button", { type: "button", className: "entry rest", onclick: () => { view.all = !view.all; show(); } });
    const show = () => {
      items.forEach((item, index) => { item.hidden = index >= most && !view.all; });
      more.textContent = view.all ? "show fewer" : `and ${items.length - most} more`;
      more.setAttribute("aria-expanded", String(Boolean(view.all)));
    };
    show();
    root.append(more);
  }
  return root;
}
