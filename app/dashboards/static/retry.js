// Asks again after a failure: after two seconds, then after twice as long each time, up to a minute.

const FIRST = 2;
const LONGEST = 60;

export class Retry {
  constructor(ask) {
    Object.assign(this, { ask, failures: 0 });
  }

  // Ask again later; returns when, in milliseconds since 1970. A hidden page waits until somebody looks at it.
  later() {
    clearTimeout(this.timer);
    // A random part keeps the panels of a board, which fail together, from asking together.
    const wait = Math.min(FIRST * 2 ** this.failures, LONGEST) * (0.75 + Math.random() / 4) * 1000;
    this.failures += 1;
    this.timer = setTimeout(() => this.askNow(), wait);
    return Date.now() + wait;
  }

  askNow() {
    if (document.hidden) document.addEventListener("visibilitychange", this.shown ||= () => { this.forget(); this.askNow(); });
    else this.ask();
  }

  forget() {
    if (this.shown) document.removeEventListener("visibilitychange", this.shown);
    this.shown = undefined;
  }

  stop() {
    clearTimeout(this.timer);
    this.forget();
  }

  succeeded() {
    this.stop();
    this.failures = 0;
  }
}
