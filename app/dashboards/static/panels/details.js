// What opens below a row: the deployment's rings, what it waits for, why devices failed, and who decided what last.

import { ask, base } from "../api.js";
import { h } from "../dom.js";
import { stamp } from "../time.js";

const at = (text) => `${stamp(Date.parse(text) / 1000)} UTC`;
const words = (text) => String(text).replaceAll("_", " ");

// Text in which `this` is set as code.
export const coded = (text) => text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));

function table(caption, heads, rows) {
  return h("div", { className: "table-box", tabIndex: 0, role: "region", ariaLabel: caption }, h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, ...rows.map(([first, ...others]) => h("tr", {}, h("th", { scope: "row" }, first), ...others.map((cell) => h("td", {}, cell ?? "–")))))));
}

function list(caption, entries) {
  return entries.length ? h("div", {}, h("h4", {}, caption), h("ul", {}, ...entries.map((entry) => h("li", {}, ...[entry].flat())))) : null;
}

// What an event says beyond its type, in whichever field it says it. All have the deployment's reason, which is
// about this event only if it changes the deployment, or if it is a waiver with a reason of its own.
function said({ type, payload }) {
  const fields = ["sentence", "comment", "why", "hold", ...(/^deployment\.|^waiver\.|waived$/.test(type) ? ["reason"] : [])];
  const text = fields.map((name) => payload[name]).find((value) => typeof value === "string" && value) || "";
  return /\s/.test(text) ? text : words(text).replace(/:(?=\S)/, ": ");
}

const named = ({ type, payload }) => `${words(type.replace(".", " "))}${payload.ring ? `: ${payload.ring}` : ""}`;

function rings(deployment) {
  const judged = deployment.rings.filter(({ state, verdict_reason }) => verdict_reason && !["passed", "skipped"].includes(state));
  return h("div", {},
    table("Rings", ["ring", "state", "succeeded", "failed", "silent", "pending", "devices"],
      deployment.rings.map((ring) => [ring.name, words(ring.state), ring.succeeded, ring.failed, ring.silent, ring.pending, ring.eligible])),
    ...judged.map((ring) => h("p", { className: "gate" }, h("b", {}, `Gate of ${ring.name}: `), ring.verdict_reason)));
}

function failures({ failures: { items, more } }) {
  if (!items.length) return null;
  const rows = items.map(({ ring, reason, devices }) => [reason ? words(reason) : "no reason reported", ring, devices]);
  return h("div", {}, table("Why devices failed", ["reason", "ring", "devices"], rows), more ? h("small", {}, `and ${more} more reasons`) : null);
}

function overview(deployment) {
  const { awaits = [], ways = [] } = deployment.next || {};
  return [
    list("Waits for", awaits.map(({ reason, until, then }) => `${reason}${until ? `, until ${at(until)}` : ""}${then ? `; then ${then}` : ""}`)),
    list("Holds", deployment.holds.map(({ hold, reason }) => `${words(hold)}: ${reason}`)),
    rings(deployment),
    failures(deployment),
    list("Who can do what", ways.map(({ decision, role, who, effect, call }) => [h("b", {}, words(decision)), ` (${role}, ${who}): ${effect} `, h("code", {}, call)])),
    list("Latest decisions", deployment.latest_events.map((event) => [h("b", {}, named(event)), ` by ${event.actor}, ${at(event.at)}${said(event) && `: ${said(event)}`}`])),
  ];
}

export class Details {
  // `page`: refused(problem).
  constructor(root, page) {
    Object.assign(this, { root, page, turn: 0 });
    this.body = h("div", { className: "overview" });
    this.foot = h("p", { className: "foot" });
    root.append(this.body, this.foot);
  }

  async show(item) {
    const turn = ++this.turn;
    const until = item.until ? `until ${at(item.until)}` : "";
    this.foot.replaceChildren(h("a", { href: `${base}${item.page}` }, "Open its dashboard"), until, item.call ? h("code", {}, `GET ${item.call}`) : "");
    if (!item.deployment_id) return this.body.replaceChildren(h("p", {}, ...coded(item.reason)));
    if (!this.body.childElementCount) this.body.replaceChildren(h("p", { role: "status" }, "Reading …"));
    try {
      const deployment = await ask(`/deployments/${item.deployment_id}/overview`);
      if (turn === this.turn) this.body.replaceChildren(...overview(deployment).filter(Boolean));
    } catch (problem) {
      if (problem.status === 401) this.page.refused(problem);
      else if (problem.status === undefined) throw problem;
      else if (turn === this.turn) this.body.replaceChildren(h("p", { role: "status" }, `${problem.title}: ${problem.message}`));
    }
  }
}
