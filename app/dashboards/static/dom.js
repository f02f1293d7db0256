// Elements without markup: text is always text, so the name of a metric can never become HTML.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, setting] of Object.entries(value)) element.style.setProperty(key, setting);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Change what is in a root without losing the keyboard's place: the control that had the focus has it again. `root` is
// a function, as the change may replace the root itself.
export function keepingFocus(root, change) {
  const controls = () => [...(root()?.querySelectorAll("a[href], button, input, select, summary") || [])];
  const place = controls().indexOf(document.activeElement);
  change();
  if (place >= 0) controls()[place]?.focus({ preventScroll: true });
}

// A button that opens a sheet below itself; it closes on Escape, on a click elsewhere, and on `close()`.
export function dropdown(button, sheet, opened = () => {}) {
  sheet.hidden = true;
  button.setAttribute("aria-haspopup", "true");
  const root = h("div", { className: "dropdown" }, button, sheet);
  const outside = (event) => { if (!root.contains(event.target)) close(); };
  const key = (event) => { if (event.key === "Escape") { close(); button.focus(); } };
  function close() {
    sheet.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", key);
  }
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    if (!sheet.hidden) return close();
    sheet.hidden = false;
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside, true);
    document.addEventListener("keydown", key);
    sheet.classList.toggle("leftwards", root.getBoundingClientRect().left > innerWidth / 2);
    opened();
  });
  return { root, close };
}
