// The controls above a board: other boards, variables, the time range, refreshing, the theme.

import { dropdown, h } from "./dom.js";
import { describe, isRelative, moment, parse, QUICK, REFRESH, stamp } from "./time.js";

export const short = (title) => {
  const name = title.replace(/^EUCORA\s+/i, "");
  return name.charAt(0).toUpperCase() + name.slice(1);
};

export function tabs(boards, current, address, go) {
  return h("nav", { className: "tabs", ariaLabel: "Dashboards" }, ...boards.map((board) =>
    h("a", {
      href: address(board.uid),
      title: board.description,
      ariaCurrent: board.uid === current ? "page" : null,
      onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        event.preventDefault();
        go(board.uid);
      },
    }, short(board.title))));
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
    if (!chosen.from || !chosen.to) wrong.textContent = "Enter a time such as 2026-01-31 09:30:00 or now-6h.";
    else if (moment(chosen.from) >= moment(chosen.to)) wrong.textContent = "The range must start before it ends.";
    else {
      box.close();
      change(chosen);
    }
  };
  const form = h("form", { onsubmit: apply },
    h("label", {}, "From", from), h("label", {}, "To", to), wrong,
    h("button", { className: "primary" }, "Apply"), h("small", {}, "Times are in UTC. Drag over a chart to zoom in."));
  const quick = h("ul", {}, ...QUICK.map(([start, name]) => h("li", {}, h("button", {
    type: "button",
    ariaPressed: String(range.from === start && range.to === "now"),
    onclick: () => { box.close(); change({ from: start, to: "now" }); },
  }, name))));
  const box = dropdown(button, h("div", { className: "sheet ranges" }, form, quick));
  const out = h("button", { type: "button", className: "control", ariaLabel: "Zoom out", title: "Show twice the range", onclick: () => {
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

// A variable. An empty selection means all values; the values are loaded when the list is opened.
export function variablePicker(variable, chosen, load, change) {
  const label = variable.label || variable.name;
  const summary = () => (chosen.length ? (chosen.length > 2 ? `${chosen.length} selected` : chosen.join(", ")) : "All");
  const selection = h("b", {}, summary());
  const button = h("button", { type: "button", className: "control variable" }, h("span", {}, label), selection);
  const search = h("input", { type: "search", placeholder: "Search", ariaLabel: `Search ${label}` });
  const list = h("ul", { className: "options" });
  const note = h("p", { className: "none", hidden: true });
  let available = [];
  let before = "";

  function pick(value) {
    if (value === ALL) chosen = [];
    else if (!variable.multi) chosen = [value];
    else chosen = chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value];
    selection.textContent = summary();
    draw();
    if (!variable.multi || value === ALL) box.close();
    clearTimeout(pick.timer);
    // People often select several values in a row: the panels load after the last one.
    pick.timer = setTimeout(apply, variable.multi ? 350 : 0);
  }

  function apply() {
    if (chosen.join() === before) return;
    before = chosen.join();
    change(chosen);
  }

  function draw() {
    const term = search.value.trim().toLowerCase();
    const values = [...new Set([...available, ...chosen])].filter((value) => value.toLowerCase().includes(term));
    const all = variable.includeAll && !term ? [[ALL, "All"]] : [];
    list.replaceChildren(...[...all, ...values.map((value) => [value, value])].map(([value, name]) => {
      const on = value === ALL ? !chosen.length : chosen.includes(value);
      return h("li", {}, h("button", { type: "button", role: "option", ariaSelected: String(on), onclick: () => pick(value) },
        h("i", { className: variable.multi ? "check" : "dot" }), name));
    }));
    note.hidden = list.children.length > 0;
    note.textContent = "No values in this time range.";
  }

  const box = dropdown(button, h("div", { className: "sheet variable-list" }, search, list, note), async () => {
    before = chosen.join();
    search.value = "";
    draw();
    search.focus();
    available = await load();
    draw();
  });
  search.addEventListener("input", draw);
  box.root.dataset.variable = variable.name;
  return box.root;
}

export function markToggles(annotations, hidden, toggle) {
  return annotations.map(({ name, paint }) => h("button", {
    type: "button",
    className: "control marks",
    ariaPressed: String(!hidden.has(name)),
    title: `Show or hide marks: ${name}`,
    onclick: () => toggle(name),
  }, h("i", { style: { background: paint } }), name));
}

// Who is logged in; a click logs them out.
export function personButton(name, logOut) {
  return h("button", { type: "button", className: "control", title: `${name} is logged in. Log out`, onclick: logOut }, `${name} · Log out`);
}

export function tokenPrompt(message, login, enter) {
  const input = h("input", { type: "password", autocomplete: "off", placeholder: "eucora_…", ariaLabel: "Token", name: "token", required: true });
  return h("form", { className: "token", onsubmit: (event) => { event.preventDefault(); enter(input.value.trim()); } },
    h("h1", {}, "Dashboards"),
    h("p", {}, "This page reads its data with your API token. The token stays in this tab and is deleted when you close the tab."),
    message ? h("p", { className: "wrong", role: "alert" }, message) : null,
    login ? h("p", {}, h("a", { href: login }, "Log in"), " with your organization's account, or enter a token.") : null,
    h("label", {}, "Token", input),
    h("button", { className: "primary" }, "Show the dashboards"),
    h("small", {}, "Any role works: ", h("code", {}, "flask tokens create --subject you --role viewer"), "."));
}
