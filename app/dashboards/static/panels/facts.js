// What needs attention now, by name: first what waits for a person, then what goes on by itself. A row opens to what the
// API knows of its deployment.

import { h } from "../dom.js";
import { clock, stamp } from "../time.js";
import { coded, Details } from "./details.js";

// Rows that are shown of those that wait, and of those that go on.
const WAITING = 8;
const GOING = 4;
const KINDS = {
  process: ["Process", "alarm"], emergency_stop: ["Emergency stop", "alarm"], incident: ["Incident", "alarm"],
  stalled: ["Stalled", "alarm"], failed_gate: ["Gate failed", "alarm"], paused: ["Paused", "warn"],
  approval: ["Approval", "warn"], break_glass: ["Break-glass", "warn"], breaker: ["Breaker", "warn"],
  freeze: ["Freeze", "calm"], left_behind: ["Left behind", "warn"], drift: ["Drift", "warn"],
  planning: ["Planning", "calm"], running: ["Running", "calm"],
};
const WORDS = { incident: "incidents", approval: "approvals", breaker: "breakers", freeze: "freezes", drift: "applications with drift", running: "running deployments", planning: "deployments in planning", paused: "paused deployments", stalled: "stalled deployments", failed_gate: "deployments with a failed gate", left_behind: "rollbacks that left devices behind", break_glass: "uses of break-glass", emergency_stop: "emergency stops", process: "processes" };

const seconds = (text) => Date.parse(text) / 1000;

// A span in its two largest units: `3 d 4 h`.
export function span(length) {
  let rest = Math.max(Math.round(length), 0);
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]].map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return [count, unit];
  });
  const first = parts.findIndex(([count]) => count);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

export function moment(text) {
  return h("time", { dateTime: text, title: `${stamp(seconds(text))} UTC` }, `${stamp(seconds(text)).slice(0, -3)} UTC`);
}

// A bar of devices by what they count as, with the same in words.
export function progress({ eligible, succeeded, failed, silent, pending }) {
  const words = [`${succeeded} of ${eligible} succeeded`, failed && `${failed} failed`, silent && `${silent} silent`, pending && `${pending} pending`].filter(Boolean).join(", ");
  const part = (name, count) => (count ? h("i", { className: name, style: { "flex-grow": count } }) : null);
  return h("span", { className: "progress" },
    h("span", { className: "track", ariaHidden: "true" }, part("succeeded", succeeded), part("failed", failed), part("silent", silent), part("pending", pending)),
    h("small", {}, words));
}

class Row {
  constructor(page) {
    this.parts = { badge: h("b", {}), title: h("strong", {}), reason: h("span", { className: "why" }), progress: h("span", { className: "line" }), since: h("span", { className: "since" }), turn: h("span", { className: "turn" }) };
    const { badge, title, reason, since, turn } = this.parts;
    this.button = h("button", { type: "button", ariaExpanded: "false", onclick: () => this.toggle() },
      h("span", { className: "kind" }, h("i", { ariaHidden: "true" }), badge),
      h("span", { className: "what" }, title, reason, this.parts.progress), since, turn);
    this.inside = h("div", { className: "inside", hidden: true });
    this.root = h("li", {}, this.button, this.inside);
    this.details = new Details(this.inside, page);
  }

  update(item, at) {
    this.item = item;
    const [word, level] = KINDS[item.kind] || [item.kind, "warn"];
    const { badge, title, reason, since, turn } = this.parts;
    this.root.dataset.level = level;
    this.root.dataset.kind = item.kind;
    badge.textContent = word;
    title.textContent = item.title;
    reason.replaceChildren(...coded(this.place(item) + item.reason));
    this.parts.progress.replaceChildren(...(item.deployment && item.deployment.eligible ? [progress(item.deployment)] : []));
    since.replaceChildren(...(item.since ? [h("span", {}, "for "), h("time", { dateTime: item.since, title: `since ${stamp(seconds(item.since))} UTC` }, span(seconds(at) - seconds(item.since)))] : []));
    turn.replaceChildren(...(item.turn ? [h("span", {}, `${item.turn.role}: `), item.turn.people.length ? item.turn.people.join(", ") : item.turn.who] : item.until ? [h("span", {}, "until "), moment(item.until)] : []));
    if (!this.inside.hidden) this.details.show(item);
  }

  // Where a deployment that goes on is; a reason of one that waits names its ring itself.
  place({ turn, deployment }) {
    return !turn && deployment?.ring ? `${deployment.ring} (${deployment.ring_state}): ` : "";
  }

  toggle(open = this.inside.hidden) {
    this.inside.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.details.show(this.item);
  }
}

class Section {
  constructor(title, most, page) {
    Object.assign(this, { page, most, rows: new Map(), items: [], all: false, order: "" });
    this.title = h("h3", {}, title);
    this.list = h("ul", {});
    this.more = h("button", { type: "button", className: "more", onclick: () => { this.all = !this.all; this.draw(); } });
    this.root = h("section", { hidden: true, ariaLabel: title }, this.title, this.list, this.more);
  }

  update(items, at, left) {
    const seen = new Set();
    this.items = items.map((item) => {
      const key = `${item.kind} ${item.call} ${item.title}`;
      seen.add(key);
      const row = this.rows.get(key) || Object.assign(new Row(this.page), { key });
      row.update(item, at);
      this.rows.set(key, row);
      return row;
    });
    for (const key of this.rows.keys()) if (!seen.has(key)) this.rows.delete(key);
    this.left = left;
    this.draw();
  }

  draw() {
    const rows = this.all ? this.items : this.items.slice(0, this.most);
    const notes = this.left.map(({ kind, more, call }) => h("li", { className: "left" }, `and ${more} more ${WORDS[kind] || kind}`, call ? h("span", {}, ": ", h("code", {}, `GET ${call}`)) : null));
    const order = JSON.stringify([rows.map(({ key }) => key), this.left]);
    // A row that keeps its place keeps the focus.
    if (order !== this.order) this.list.replaceChildren(...rows.map(({ root }) => root), ...(this.all || this.items.length <= this.most ? notes : []));
    this.order = order;
    this.root.hidden = !this.items.length;
    this.more.hidden = this.items.length <= this.most;
    this.more.textContent = this.all ? "Show fewer" : `Show all ${this.items.length}`;
    this.more.setAttribute("aria-expanded", String(this.all));
  }

  // Show the first row of a kind, as the address asked for.
  reveal(kind) {
    const row = this.items.find(({ item }) => item.kind === kind);
    if (!row) return false;
    if (this.items.indexOf(row) >= this.most) this.all = true;
    this.draw();
    row.root.scrollIntoView({ block: "center" });
    row.button.focus({ preventScroll: true });
    return true;
  }
}

export class FactList {
  // `page`: refused(problem).
  constructor(page) {
    this.waiting = new Section("Waits for a person", WAITING, page);
    this.going = new Section("Goes on by itself", GOING, page);
    this.status = h("p", { className: "status", role: "status" }, "Asking the control plane …");
    this.at = h("small", {});
    this.root = h("section", { className: "facts", ariaLabel: "What needs attention now" },
      h("header", {}, h("h2", {}, "What needs attention now"), h("span", { className: "space" }), this.at),
      this.status, this.waiting.root, this.going.root);
    this.wanted = /^#(\w+)$/.exec(location.hash)?.[1];
  }

  update(answer) {
    const left = (kinds) => answer.groups.filter(({ kind, more }) => more && kinds.has(kind));
    const waiting = answer.items.filter(({ turn }) => turn);
    const going = answer.items.filter(({ turn }) => !turn);
    const of = (items) => new Set(items.map(({ kind }) => kind));
    const needs = of(waiting);
    this.waiting.update(waiting, answer.at, left(needs));
    this.going.update(going, answer.at, left(new Set([...of(going)].filter((kind) => !needs.has(kind)))));
    this.root.dataset.state = waiting.length ? "needed" : "calm";
    this.status.textContent = waiting.length ? "" : "Nothing needs attention.";
    this.status.hidden = Boolean(waiting.length);
    this.at.replaceChildren(`asked at ${clock(seconds(answer.at))} UTC, from the database`);
    if (this.wanted && ![this.waiting, this.going].some((section) => section.reveal(this.wanted))) this.root.scrollIntoView();
    this.wanted = undefined;
  }

  // The list as it was stays, with its time; what is wrong is said above it.
  say(problem) {
    this.root.dataset.state = "failed";
    this.status.hidden = false;
    this.status.textContent = `${problem.title}: ${problem.message} This list cannot be read now; asking again soon.`;
  }
}
