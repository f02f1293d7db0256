// A table: one row per name, one column per value.

import { h } from "../dom.js";
import { CALCS, display, field, mapped, reduce } from "../fields.js";

export class Table {
  constructor(body, panel) {
    Object.assign(this, { body, panel, order: null });
    this.box = h("div", { className: "table-box", tabIndex: 0, role: "region", ariaLabel: panel.title });
    body.append(h("div", { className: "table-frame" }, this.box));
  }

  // Series of different queries with the same name share a row.
  update({ series }) {
    const reducers = this.panel.transformations?.find((one) => one.id === "reduce")?.options?.reducers || ["lastNotNull"];
    const organize = this.panel.transformations?.find((one) => one.id === "organize")?.options || {};
    const queries = [...new Set(series.map((one) => one.ref_id))].sort();
    const paired = queries.length > 1 && reducers.length === 1 && series.length > new Set(series.map((one) => one.name)).size;
    const called = (name) => organize.renameByName?.[name] || name;
    // Grafana calls the column of the last value that is not null so.
    const column = (one) => (one === "lastNotNull" ? "Last *" : CALCS[one] ? CALCS[one][0].toUpperCase() + CALCS[one].slice(1) : one);
    this.columns = paired ? queries.map(called) : reducers.map((one) => called(column(one)));
    const [sort] = this.panel.options?.sortBy || [];
    if (!this.order && sort) this.order = { column: this.columns.indexOf(sort.displayName), down: Boolean(sort.desc) };
    const rows = new Map();
    const head = called("Field") === "Field" ? "Name" : called("Field");
    const named = (this.panel.fieldConfig?.overrides || []).find(({ matcher }) => matcher.id === "byName" && matcher.options === head);
    const mappings = named?.properties.find(({ id }) => id === "mappings")?.value;
    series.forEach((one) => {
      const config = field(this.panel, one);
      const row = rows.get(paired ? one.name : `${one.ref_id} ${one.name}`) || { name: config.name, paint: mapped(mappings, config.name)?.color, cells: [] };
      if (paired) row.cells[queries.indexOf(one.ref_id)] = { config, value: reduce(one.points, reducers[0]) };
      else row.cells = reducers.map((calc) => ({ config, value: reduce(one.points, calc) }));
      rows.set(paired ? one.name : `${one.ref_id} ${one.name}`, row);
    });
    this.rows = [...rows.values()];
    this.head = head;
    this.draw();
  }

  draw() {
    const value = (row, column) => (column < 0 ? row.name : row.cells[column]?.value ?? -Infinity);
    const rows = this.rows.slice();
    if (this.order) {
      const { column, down } = this.order;
      rows.sort((a, b) => {
        const [x, y] = [value(a, column), value(b, column)];
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      });
    }
    const heading = (text, column) => h("th", { scope: "col", ariaSort: this.order?.column === column ? (this.order.down ? "descending" : "ascending") : "none" },
      h("button", { onclick: () => { this.order = { column, down: this.order?.column === column ? !this.order.down : column >= 0 }; this.draw(); } }, text));
    this.box.replaceChildren(h("table", {},
      h("thead", {}, h("tr", {}, heading(this.head, -1), ...this.columns.map(heading))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.paint ? h("i", { className: "swatch", style: { "--paint": row.paint } }) : null, row.name),
        ...this.columns.map((_, column) => {
          const cell = row.cells[column];
          const { text, color } = cell ? display(cell.config, cell.value) : { text: "–" };
          return h("td", {}, h("span", { style: color ? { color } : {} }, text));
        }))))));
  }

  destroy() {
    this.box.parentElement.remove();
  }
}
