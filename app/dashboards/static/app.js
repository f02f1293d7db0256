// The page: which board, time range and values it shows. All of it is in the address, so it can be shared.

import { base, get, setToken, takeToken } from "./api.js";
import { annotationsOf, Board, isSmall } from "./board.js";
import { named, theme } from "./color.js";
import { markToggles, personButton, rangePicker, refreshPicker, short, tabs, themeButton, tokenPrompt, variablePicker } from "./controls.js";
import { h, keepingFocus } from "./dom.js";
import { canLogIn, logOut, loginAddress, person } from "./session.js";
import { isRange, REFRESH } from "./time.js";

const top = document.getElementById("top");
const main = document.getElementById("board");
const START_AGAIN_MS = 5000;

const state = { boards: [], documents: new Map(), board: null, uid: "", range: { from: "now-1h", to: "now" }, refresh: "10s", values: {}, shown: null, hidden: new Set(), person: null };

function fromAddress() {
  const query = new URLSearchParams(location.search);
  const uid = decodeURIComponent(/^\/dashboards\/([^/]+)/.exec(location.pathname.slice(base.length))?.[1] || "");
  const values = {};
  for (const [name, value] of query) {
    if (name.startsWith("var-") && /^[A-Za-z0-9_-]{1,200}$/.test(value)) (values[name.slice(4)] ||= []).push(value);
  }
  const shown = query.has("marks") ? new Set(query.get("marks").split(",").filter(Boolean)) : null;
  return { uid, from: query.get("from"), to: query.get("to"), refresh: query.get("refresh"), values, shown };
}

function address(uid, range = state.range, values = state.values) {
  const query = new URLSearchParams({ from: range.from, to: range.to });
  if (state.refresh) query.set("refresh", state.refresh);
  if (state.shown) query.set("marks", [...state.shown].join(","));
  for (const [name, chosen] of Object.entries(values)) for (const value of chosen) query.append(`var-${name}`, value);
  return `${base}/dashboards/${encodeURIComponent(uid)}?${query}`;
}

const remember = (how = "replaceState") => history[how](null, "", address(state.uid));

const selectable = (document_) => (document_.templating?.list || []).filter(({ type }) => type === "query" || type === "custom");

// Layers of marks: those that somebody chose are in the address, else each board has its own.
const layer = (annotation) => annotation.target?.tags?.[0] || annotation.name;

function hideMarks(document_) {
  const isShown = (annotation) => (state.shown ? state.shown.has(layer(annotation)) : annotation.enable);
  state.hidden = new Set(annotationsOf(document_).filter((annotation) => !isShown(annotation)).map(({ name }) => name));
}

function toggleMarks(name) {
  const document_ = state.documents.get(state.uid);
  if (!state.hidden.delete(name)) state.hidden.add(name);
  state.shown = new Set(annotationsOf(document_).filter((annotation) => !state.hidden.has(annotation.name)).map(layer));
  remember();
  controls();
  state.board.loadMarks(state.board.signal);
  state.board.redraw();
}

const page = {
  title: short,
  range: () => state.range,
  values: () => state.values,
  hiddenMarks: () => state.hidden,
  zoom: (from, until) => setRange({ from: String(from), to: String(until) }),
  refused: (problem) => ask(problem.message),
  // The committed boards have Grafana's addresses. Links to boards become ours and keep the range and the values;
  // `${api}` is the address of the API, which serves this page.
  link(url, blank = false) {
    url = url.replaceAll("${api}", location.origin + base);
    const board = /^\/d\/([^/?]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(url.replace(/\$\{__(url_time_range|all_variables)\}/g, ""));
    const filled = (text) => text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (_, a, b) => (state.values[a || b] || []).map(encodeURIComponent).join(","));
    if (!board) return { href: filled(url), rel: "noopener noreferrer", target: blank || /^https?:/.test(url) ? "_blank" : null };
    const given = Object.fromEntries([...new URLSearchParams(board[2] || "")].filter(([name]) => name.startsWith("var-")).map(([name, value]) => [name.slice(4), filled(value).split(",").filter(Boolean)]));
    return { href: address(board[1], state.range, { ...state.values, ...given }) };
  },
};

function setRange(range) {
  state.range = range;
  remember();
  controls();
  state.board.load();
}

async function open(uid, how = "pushState") {
  const listed = (id) => state.boards.find((board) => board.uid === id);
  const board = listed(uid) || state.boards[0];
  if (!board) return notice("There are no dashboards", "`make dashboards` generates them.");
  const document_ = state.documents.get(board.uid) || await get(`/${encodeURIComponent(board.uid)}`);
  state.documents.set(board.uid, document_);
  state.uid = board.uid;
  hideMarks(document_);
  state.board?.destroy();
  // Only variables of queries can be selected; the others are parts of links.
  const variables = selectable(document_);
  const saved = (variable) => [variable.current?.value].flat().filter((value) => value && value !== "$__all" && value !== (variable.allValue || "*"));
  state.values = Object.fromEntries(variables.map((variable) => [variable.name, state.values[variable.name] ?? saved(variable)]));
  document.title = `${short(board.title)} · EUCORA`;
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
  const variables = selectable(document_).filter(({ hide }) => hide !== 2).map((variable) =>
    variablePicker(variable, state.values[variable.name] || [],
      () => board.variable(variable.name).then((answer) => answer.values, (problem) => { if (problem.status === 401) ask(problem.message); return []; }),
      (chosen) => { state.values = { ...state.values, [variable.name]: chosen }; remember(); board.load(); }));
  const marks = annotationsOf(document_).filter(({ hide }) => !hide).map((annotation) => ({ ...annotation, paint: named(annotation.iconColor) }));
  const links = (document_.links || []).filter(({ type, url }) => type === "link" && !/^\/d\/|^\$\{api\}\/dashboards/.test(url)).map((link) => h("a", { className: "go", title: link.tooltip, ...page.link(link.url, link.targetBlank) }, link.title));
  keepingFocus(() => top, () => top.replaceChildren(
    h("div", { className: "bar-top" },
      h("a", { className: "brand", href: `${base}/dashboards` }, h("img", { src: `${base}/dashboards/static/icon.svg`, alt: "", width: 22, height: 22 }), "EUCORA"),
      tabs(state.boards, state.uid, address, (uid) => attempt(() => open(uid))),
      h("div", { className: "tools" },
        rangePicker(state.range, setRange),
        refreshPicker(state.refresh, (every) => { state.refresh = every; remember(); board.keep(every); }, () => board.load()),
        themeButton(toggleTheme),
        state.person ? personButton(state.person.subject, logOut) : null)),
    variables.length || marks.length || links.length ? choices(
      ...variables, ...markToggles(marks, state.hidden, toggleMarks), h("span", { className: "space" }), ...links) : ""));
  top.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });
}

// On a phone the choices are folded, so that the board itself is on the first screen.
function choices(...children) {
  const before = top.querySelector(".bar-values");
  return h("details", { className: "bar-values", open: before ? before.open : !isSmall() },
    h("summary", {}, "Selection and marks"), h("div", { className: "choices" }, ...children));
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
  state.person = null;
  if (main.querySelector("form.token")) return;
  state.board?.destroy();
  state.board = null;
  top.replaceChildren();
  const prompt = tokenPrompt(message, canLogIn ? loginAddress() : null, (token) => { setToken(token); main.replaceChildren(); start(); });
  main.replaceChildren(prompt);
  prompt.querySelector("input").focus();
}

function notice(title, detail) {
  main.replaceChildren(h("div", { className: "notice whole", role: "status" }, h("h1", {}, title), h("span", {}, detail)));
}

// Do what needs the API; if it does not respond, say so and try again.
async function attempt(action) {
  try {
    await action();
  } catch (problem) {
    if (problem.status === 401) ask(sessionStorage.getItem("eucora.token") ? problem.message : "");
    else if (problem.status === undefined) throw problem;
    else {
      notice(problem.title, problem.message);
      setTimeout(() => attempt(action), START_AGAIN_MS);
    }
  }
}

async function start() {
  await attempt(async () => {
    state.boards = (await get("")).items;
    const requested = fromAddress();
    const board = state.boards.find(({ uid }) => uid === requested.uid) || state.boards[0];
    const saved = board ? await get(`/${encodeURIComponent(board.uid)}`) : {};
    const range = { from: requested.from || saved.time?.from || "now-1h", to: requested.to || saved.time?.to || "now" };
    state.range = isRange(range) ? range : { from: "now-1h", to: "now" };
    state.refresh = REFRESH.some(([every]) => every === requested.refresh) ? requested.refresh : location.search ? "" : saved.refresh || "";
    if (!REFRESH.some(([every]) => every === state.refresh)) state.refresh = "10s";
    state.values = requested.values;
    state.shown = requested.shown;
    await open(requested.uid, "replaceState");
  });
}

addEventListener("popstate", () => {
  if (!state.boards.length) return;
  const requested = fromAddress();
  const range = { from: requested.from || state.range.from, to: requested.to || state.range.to };
  if (isRange(range)) state.range = range;
  state.values = requested.values;
  state.shown = requested.shown;
  attempt(() => open(requested.uid, "replaceState"));
});
document.addEventListener("visibilitychange", () => { if (!document.hidden && state.refresh) state.board?.load(); });

async function begin() {
  if (!takeToken() && canLogIn) state.person = await person();
  if (state.person || takeToken()) start();
  else ask();
}

begin();
