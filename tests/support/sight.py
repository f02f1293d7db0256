"""Scripts that look at what a page shows."""

from __future__ import annotations

RECORDER = """
const drawn = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
  const { a, b, e, f } = this.getTransform();
  const width = this.measureText(text).width;
  const left = { center: x - width / 2, right: x - width, end: x - width }[this.textAlign] ?? x;
  if (!b) drawn.push({ text, left: left * a + e, right: (left + width) * a + e, y: y + f, canvas: this.canvas });
  return write.call(this, text, x, y, ...rest);
};
window.labels = () => drawn.filter(({ canvas }) => canvas.isConnected).map(({ canvas, ...label }) => ({
  ...label, width: canvas.width, height: canvas.height, panel: canvas.closest(".panel").dataset.panel }));
"""
"""Notes what is written on canvases."""

FAINT = """() => {
  const channels = (text) => {
    const srgb = /^color\\(srgb ([^)]*)\\)/.exec(text);
    const parts = (srgb ? srgb[1] : text).match(/[\\d.]+/g).map(Number);
    const rgb = parts.slice(0, 3).map((value) => (srgb ? value * 255 : value));
    return [rgb, parts.length > 3 ? parts[3] : 1];
  };
  const over = ([top, share], below) => top.map((value, at) => value * share + below[at] * (1 - share));
  const ground = (element) => {
    const path = [];
    for (let at = element; at; at = at.parentElement) path.unshift(channels(getComputedStyle(at).backgroundColor));
    return path.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (rgb) => rgb.map((value) => value / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4))
    .reduce((sum, share, at) => sum + share * [0.2126, 0.7152, 0.0722][at], 0);
  const faint = {};
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (!text || !element.offsetParent || ["SCRIPT", "OPTION"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const below = ground(element);
    const [color, share] = channels(style.color);
    const [low, high] = [over([color, share * opacity], below), below].map(luminance).sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const large = parseFloat(style.fontSize) >= (Number(style.fontWeight) >= 700 ? 18.66 : 24);
    const place = `${element.tagName}.${element.className}`;
    if (ratio < (large ? 3 : 4.5)) faint[place] = `${text.slice(0, 30)}: ${ratio.toFixed(2)}`;
  }
  return faint;
}"""
"""The texts on the page that are hard to read on their grounds."""
