// The legend: the names of the series, with the values that the panel asks for (last, max and so on).

import { h } from "./dom.js";
import { CALCS, display, reduce } from "./fields.js";

export function legend(panel, entries, toggle) {
  const options = panel.options?.legend;
  if (!options?.showLegend || !entries.length) return null;
  const calcs = options.calcs || [];
  const table = options.displayMode === "table" && calcs.length;
  const items = entries.map((entry) => {
    const values = calcs.map((calc) => h("span", { className: "calc" },
      table ? null : h("small", {}, CALCS[calc] || calc), display(entry.config, reduce(entry.points, calc)).text));
    return h("button", {
      className: entry.hidden ? "entry off" : "entry",
      title: `${entry.name}: click to show only this series, Ctrl-click or ⌘-click to hide it`,
      onclick: (event) => toggle(entry.name, event.ctrlKey || event.metaKey),
    }, h("i", { style: { background: entry.color } }), h("span", { className: "name" }, entry.name), ...values);
  });
  const place = options.placement === "right" ? "right" : "bottom";
  const root = h("div", { className: `legend ${table ? "table" : "list"} ${place}` });
  if (table) {
    root.style.setProperty("--calcs", calcs.length);
    root.append(h("div", { className: "head" }, h("span", { className: "name" }), ...calcs.map((calc) => h("small", { className: "calc" }, CALCS[calc] || calc))));
  }
  root.append(...items);
  return root;
}
