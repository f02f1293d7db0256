// Annotations on a chart: marks that would touch become one, with their number and a list.

import { alpha, cssVariable, inkOn, named } from "./color.js";
import { h } from "./dom.js";
import { clock, stamp } from "./time.js";

const APART = 28;
const LISTED = 8;

// Groups of marks by the place of their first one in pixels: [{ x, marks }], each at least `apart` from the one before.
export function clusters(marks, place, apart = APART) {
  const groups = [];
  for (const mark of [...marks].sort((a, b) => a.time - b.time)) {
    const x = place(mark);
    const last = groups.at(-1);
    if (last && x - last.x < apart) last.marks.push(mark);
    else groups.push({ x, marks: [mark] });
  }
  return groups;
}

export function paint(group) {
  const colors = new Set(group.marks.map((mark) => mark.color));
  return colors.size === 1 ? named(group.marks[0].color) : cssVariable("--dim");
}

// The lines of a list of marks, for a tooltip.
export function listed(marks, most = LISTED) {
  const lines = marks.slice(0, most).map((mark) =>
    h("div", { className: "mark" }, h("i", { style: { background: named(mark.color) } }),
      h("span", {}, h("b", {}, mark.title), h("small", {}, `${clock(mark.time)} ${mark.text || ""}`.slice(0, 200)))));
  if (marks.length > most) lines.push(h("div", { className: "more" }, `and ${marks.length - most} more marks`));
  return lines;
}

function spoken(group) {
  const titles = group.marks.slice(0, LISTED).map((mark) => `${clock(mark.time)} ${mark.title}`);
  const more = group.marks.length > LISTED ? `; and ${group.marks.length - LISTED} more` : "";
  return `${group.marks.length === 1 ? "Mark" : `${group.marks.length} marks`}: ${titles.join("; ")}${more}`;
}

// A button for each group above its line. One of them can be reached with Tab, the others with the arrow keys.
export class MarkStrip {
  constructor(show, hide) {
    Object.assign(this, { show, hide, key: "", groups: [] });
    this.root = h("div", { className: "mark-strip", onkeydown: (event) => this.move(event) });
  }

  update(groups, left) {
    this.groups = groups;
    const key = JSON.stringify([left, document.documentElement.dataset.theme, groups.map(({ x, marks }) => [Math.round(x), marks])]);
    if (key === this.key) return;
    this.key = key;
    const focused = [...this.root.children].indexOf(document.activeElement);
    this.root.replaceChildren(...groups.map((group, index) => {
      const color = paint(group);
      const open = () => this.show([h("time", {}, stamp(group.marks[0].time)), ...listed(group.marks)], left + group.x);
      return h("button", {
        type: "button",
        className: "mark-button",
        tabIndex: index === Math.max(focused, 0) ? 0 : -1,
        ariaLabel: spoken(group),
        style: { left: `${left + group.x}px`, background: color, color: inkOn(color) },
        onfocus: open, onmouseenter: open, onblur: this.hide, onmouseleave: this.hide, onclick: open,
      }, group.marks.length > 1 ? String(group.marks.length) : "");
    }));
    if (focused >= 0) this.root.children[Math.min(focused, groups.length - 1)]?.focus({ preventScroll: true });
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...this.root.children];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (!step || !next) return;
    event.preventDefault();
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
  }
}

// The lines of the groups, under the curves' tooltips and over the grid.
export function drawLines(chart, groups) {
  const { ctx, bbox } = chart;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  for (const group of groups) {
    const x = Math.round(bbox.left + group.x * ratio) + 0.5;
    ctx.strokeStyle = alpha(paint(group), 0.55);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
