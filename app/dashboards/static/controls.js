// What stands above a board: other boards, variables, the range, refreshing, the theme.

import { dropdown, h } from "./dom.js";
import { describe, isRelative, moment, parse, QUICK, REFRESH, stamp } from "./time.js";

export const short = (title) => {
  const name = title.replace(/^EUCORA\s+/i, "");
  return name.charAt(0).toUpperCase() + name.slice(1);
};

export function tabs(boards, current, address, go) {
  return h("nav", { className: "tabs", ariaLabel: "Dashboards" }, ...boards.map((one) =>
    h("a", {
      href: address(one.uid),
      title: one.description,
      ariaCurrent: one.uid === current ? "page" : null,
      onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        event.preventDefault();
        go(one.uid);
      },
    }, short(one.title))));
}

export function rangePicker(range, change) {
  const button = h("button", { type: "button", className: "control range" }, h("span", {}, describe(range)));
  const end = (text) => (text.startsWith("now") ? text : stamp(moment(text)));
  const from = h("input", { value: end(range.from), ariaLabel: "From", spellcheck: false, autocomplete: "off", name: "from" });
  const to = h("input", { value: end(range.to), ariaLabel: "To", spellcheck: false, autocomplete: "off", name: "to" });
  const wrong = h("p", { className: "wrong", role: "alert" });
  const apply = (event) => {
    event.preventDefault();
    const chosen = { from: parse(from.value), to: parse(to.value) };
    if (!chosen.from || !chosen.to) wrong.textContent = "Write 2026-01-31 09:30:00, or now-6h.";
    else if (moment(chosen.from) >= moment(chosen.to)) wrong.textContent = "The range must begin before it ends.";
    else {
      box.close();
      change(chosen);
    }
  };
  const form = h("form", { onsubmit: apply },
    h("label", {}, "From", from), h("label", {}, "To", to), wrong,
    h("button", { className: "primary" }, "Apply"), h("small", {}, "Times are UTC. Dragging over a chart zooms in."));
  const quick = h("ul", {}, ...QUICK.map(([start, name]) => h("li", {}, h("button", {
    type: "button",
    ariaPressed: String(range.from === start && range.to === "now"),
    onclick: () => { box.close(); change({ from: start, to: "now" }); },
  }, name))));
  const box = dropdown(button, h("div", { className: "sheet ranges" }, form, quick));
  const out = h("button", { type: "button", className: "control", ariaLabel: "Zoom out", title: "Twice the range", onclick: () => {
    const [start, until] = [moment(range.from), moment(range.to)];
    const half = Math.max(Math.round((until - start) / 2), 1);
    const now = Math.floor(Date.now() / 1000);
    if (isRelative(range) && until >= now - 2) change({ from: String(start - half * 2), to: String(now) });
    else change({ from: String(start - half), to: String(Math.min(until + half, now)) });
  } }, "−");
  return h("div", { className: "group" }, box.root, out);
}

export function refreshPicker(every, change, now) {
  const select = h("select", { className: "control", ariaLabel: "Refresh", onchange: () => change(select.value) },
    ...REFRESH.map(([value, name]) => h("option", { value, selected: value === every }, name)));
  const button = h("button", { type: "button", className: "control", ariaLabel: "Refresh now", title: "Refresh now", onclick: now }, "↻");
  return h("div", { className: "group" }, button, select);
}

export function themeButton(toggle) {
  return h("button", { type: "button", className: "control", ariaLabel: "Light or dark", title: "Light or dark", onclick: toggle }, "◐");
}

const ALL = "*";

// A variable: `state.values` is empty for everything. Values are read when the list is opened.
export function variablePicker(variable, chosen, load, change) {
  const label = variable.label || variable.name;
  const words = () => (chosen.length ? (chosen.length > 2 ? `${chosen.length} chosen` : chosen.join(", ")) : "All");
  const shown = h("b", {}, words());
  const button = h("button", { type: "button", className: "control variable" }, h("span", {}, label), shown);
  const search = h("input", { type: "search", placeholder: "Find", ariaLabel: `Find ${label}` });
  const list = h("ul", { className: "options" });
  const note = h("p", { className: "none", hidden: true });
  let known = [];
  let before = "";

  function pick(value) {
    if (value === ALL) chosen = [];
    else if (!variable.multi) chosen = [value];
    else chosen = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    shown.textContent = words();
    draw();
    if (!variable.multi || value === ALL) box.close();
    clearTimeout(pick.timer);
    // Several are often chosen in a row: the panels wait for the last of them.
    pick.timer = setTimeout(tell, variable.multi ? 350 : 0);
  }

  function tell() {
    if (chosen.join() === before) return;
    before = chosen.join();
    change(chosen);
  }

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const values = [...new Set([...known, ...chosen])].filter((value) => value.toLowerCase().includes(wanted));
    const all = variable.includeAll && !wanted ? [[ALL, "All"]] : [];
    list.replaceChildren(...[...all, ...values.map((value) => [value, value])].map(([value, name]) => {
      const on = value === ALL ? !chosen.length : chosen.includes(value);
      return h("li", {}, h("button", { type: "button", role: "option", ariaSelected: String(on), onclick: () => pick(value) },
        h("i", { className: variable.multi ? "check" : "dot" }), name));
    }));
    note.hidden = list.children.length > 0;
    note.textContent = "Nothing of this in the range.";
  }

  const box = dropdown(button, h("div", { className: "sheet variable-list" }, search, list, note), async () => {
    before = chosen.join();
    search.value = "";
    draw();
    search.focus();
    known = await load();
    draw();
  });
  search.addEventListener("input", draw);
  box.root.dataset.variable = variable.name;
  return box.root;
}

export function markToggles(annotations, hidden, toggle) {
  return annotations.map((one) => h("button", {
    type: "button",
    className: "control marks",
    ariaPressed: String(!hidden.has(one.name)),
    title: `Show or hide ${one.name}`,
    onclick: () => toggle(one.name),
  }, h("i", { style: { background: one.paint } }), one.name));
}

export function tokenPrompt(message, enter) {
  const input = h("input", { type: "password", autocomplete: "off", placeholder: "eucora_…", ariaLabel: "Token", name: "token", required: true });
  return h("form", { className: "token", onsubmit: (event) => { event.preventDefault(); enter(input.value.trim()); } },
    h("h1", {}, "Dashboards"),
    h("p", {}, "The numbers behind this page are read with your API token. It stays in this tab and is forgotten when the tab is closed."),
    message ? h("p", { className: "wrong", role: "alert" }, message) : null,
    h("label", {}, "Token", input),
    h("button", { className: "primary" }, "Show the dashboards"),
    h("small", {}, "A token of any role will do: ", h("code", {}, "flask tokens create --subject you --role viewer"), "."));
}
