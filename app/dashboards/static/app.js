// The page: which board, which range, which values; all of it in the address, so that it can be sent to somebody.

import { get, setToken, takeToken } from "./api.js";
import { Board } from "./board.js";
import { named, theme } from "./color.js";
import { markToggles, rangePicker, refreshPicker, short, tabs, themeButton, tokenPrompt, variablePicker } from "./controls.js";
import { h } from "./dom.js";
import { isRange, REFRESH } from "./time.js";

const top = document.getElementById("top");
const main = document.getElementById("board");
const FIRST = "eucora-operations";

const state = { boards: [], documents: new Map(), board: null, uid: "", range: { from: "now-1h", to: "now" }, refresh: "10s", values: {}, hidden: new Set() };

function fromAddress() {
  const query = new URLSearchParams(location.search);
  const uid = decodeURIComponent(/^\/dashboards\/([^/]+)/.exec(location.pathname)?.[1] || "");
  const values = {};
  for (const [name, value] of query) {
    if (name.startsWith("var-") && /^[A-Za-z0-9_-]{1,200}$/.test(value)) (values[name.slice(4)] ||= []).push(value);
  }
  return { uid, from: query.get("from"), to: query.get("to"), refresh: query.get("refresh"), values };
}

function address(uid, range = state.range, values = state.values) {
  const query = new URLSearchParams({ from: range.from, to: range.to });
  if (state.refresh) query.set("refresh", state.refresh);
  for (const [name, chosen] of Object.entries(values)) for (const value of chosen) query.append(`var-${name}`, value);
  return `/dashboards/${encodeURIComponent(uid)}?${query}`;
}

const remember = (how = "replaceState") => history[how](null, "", address(state.uid));

const choices = (document_) => (document_.templating?.list || []).filter((one) => one.type === "query" || one.type === "custom");
const marksOf = (document_) => (document_.annotations?.list || []).filter((one) => one.datasource?.type === "graphite");

const page = {
  range: () => state.range,
  values: () => state.values,
  hiddenMarks: () => state.hidden,
  zoom: (from, until) => setRange({ from: String(from), to: String(until) }),
  refused: (problem) => ask(problem.message),
  // Addresses in the committed boards are Grafana's: those of boards become ours, and keep range and values.
  // `api` is where the API is, which serves this page.
  link(url, blank = false) {
    url = url.replaceAll("${api}", location.origin);
    const inside = /^\/d\/([^/?]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(url.replace(/\$\{__(url_time_range|all_variables)\}/g, ""));
    const words = (text) => text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (_, a, b) => (state.values[a || b] || []).map(encodeURIComponent).join(","));
    if (!inside) return { href: words(url), rel: "noopener noreferrer", target: blank || /^https?:/.test(url) ? "_blank" : null };
    const given = Object.fromEntries([...new URLSearchParams(inside[2] || "")].filter(([name]) => name.startsWith("var-")).map(([name, value]) => [name.slice(4), words(value).split(",").filter(Boolean)]));
    return { href: address(inside[1], state.range, { ...state.values, ...given }) };
  },
};

function setRange(range) {
  state.range = range;
  remember();
  controls();
  state.board.load();
}

async function open(uid, how = "pushState") {
  const known = state.boards.find((one) => one.uid === uid) || state.boards.find((one) => one.uid === FIRST) || state.boards[0];
  if (!known) return notice("There are no dashboards", "`make dashboards` writes them.");
  const document_ = state.documents.get(known.uid) || await get(`/${encodeURIComponent(known.uid)}`);
  state.documents.set(known.uid, document_);
  state.uid = known.uid;
  state.hidden = new Set(marksOf(document_).filter((one) => !one.enable).map((one) => one.name));
  state.board?.destroy();
  // Only what Graphite is asked for is chosen; other variables are words for links.
  const variables = choices(document_);
  const own = (variable) => [variable.current?.value].flat().filter((value) => value && value !== "$__all" && value !== (variable.allValue || "*"));
  state.values = Object.fromEntries(variables.map((one) => [one.name, state.values[one.name] ?? own(one)]));
  document.title = `${short(known.title)} · EUCORA`;
  state.board = new Board(document_, page);
  remember(how);
  controls();
  main.replaceChildren(state.board.root);
  await state.board.load();
  state.board.keep(state.refresh);
}

function controls() {
  const document_ = state.documents.get(state.uid);
  const { board } = state;
  const variables = choices(document_).filter((one) => one.hide !== 2).map((variable) =>
    variablePicker(variable, state.values[variable.name] || [],
      () => board.variable(variable.name).then((answer) => answer.values, (problem) => { if (problem.status === 401) ask(problem.message); return []; }),
      (chosen) => { state.values = { ...state.values, [variable.name]: chosen }; remember(); board.load(); }));
  const marks = marksOf(document_).filter((one) => !one.hide).map((one) => ({ ...one, paint: named(one.iconColor) }));
  const links = (document_.links || []).filter((one) => one.type === "link" && !/^\/d\/|^\$\{api\}\/dashboards/.test(one.url)).map((one) => h("a", { className: "go", title: one.tooltip, ...page.link(one.url, one.targetBlank) }, one.title));
  top.replaceChildren(
    h("div", { className: "bar-top" },
      h("a", { className: "brand", href: "/dashboards" }, h("img", { src: "/dashboards/static/icon.svg", alt: "", width: 22, height: 22 }), "EUCORA"),
      tabs(state.boards, state.uid, address, (uid) => open(uid)),
      h("div", { className: "tools" },
        rangePicker(state.range, setRange),
        refreshPicker(state.refresh, (every) => { state.refresh = every; remember(); board.keep(every); }, () => board.load()),
        themeButton(toggleTheme))),
    variables.length || marks.length || links.length ? h("div", { className: "bar-values" }, ...variables,
      ...markToggles(marks, state.hidden, (name) => {
        if (!state.hidden.delete(name)) state.hidden.add(name);
        controls();
        board.redraw();
      }), h("span", { className: "space" }), ...links) : "");
  top.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });
}

function toggleTheme() {
  const next = theme() === "dark" ? "light" : "dark";
  localStorage.setItem("eucora.theme", next);
  document.documentElement.dataset.theme = next;
  controls();
  state.board.redraw(true);
}

function ask(message = "") {
  setToken(null);
  if (main.querySelector("form.token")) return;
  state.board?.destroy();
  state.board = null;
  top.replaceChildren();
  const prompt = tokenPrompt(message, (token) => { setToken(token); main.replaceChildren(); start(); });
  main.replaceChildren(prompt);
  prompt.querySelector("input").focus();
}

function notice(title, detail) {
  main.replaceChildren(h("p", { className: "notice whole", role: "status" }, h("b", {}, title), h("span", {}, detail)));
}

async function start() {
  try {
    state.boards = (await get("")).items;
    const wanted = fromAddress();
    const document_ = state.boards.find((one) => one.uid === wanted.uid) || state.boards[0];
    const saved = document_ ? await get(`/${encodeURIComponent(document_.uid)}`) : {};
    const range = { from: wanted.from || saved.time?.from || "now-1h", to: wanted.to || saved.time?.to || "now" };
    state.range = isRange(range) ? range : { from: "now-1h", to: "now" };
    state.refresh = REFRESH.some(([every]) => every === wanted.refresh) ? wanted.refresh : location.search ? "" : saved.refresh || "";
    if (!REFRESH.some(([every]) => every === state.refresh)) state.refresh = "10s";
    state.values = wanted.values;
    await open(wanted.uid, "replaceState");
  } catch (problem) {
    if (problem.status === 401) ask(sessionStorage.getItem("eucora.token") ? problem.message : "");
    else if (problem.status === undefined) throw problem;
    else {
      notice(problem.title, problem.message);
      setTimeout(start, 5000);
    }
  }
}

addEventListener("popstate", () => {
  if (!state.boards.length) return;
  const wanted = fromAddress();
  const range = { from: wanted.from || state.range.from, to: wanted.to || state.range.to };
  if (isRange(range)) state.range = range;
  state.values = wanted.values;
  open(wanted.uid, "replaceState");
});
document.addEventListener("visibilitychange", () => { if (!document.hidden && state.refresh) state.board?.load(); });

if (takeToken()) start();
else ask();
