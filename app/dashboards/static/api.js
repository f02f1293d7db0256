// The data API, called with the user's token: a few requests at a time, errors as problem documents.

// Where the control plane is on its host: empty, or the path prefix of a reverse proxy.
export const base = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const KEY = "eucora.token";
const AT_ONCE = 5;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || "The API does not respond.");
    this.status = status;
    this.title = body.title || "The API does not respond";
    this.fields = body.errors || [];
  }
}

// A token in the fragment is stored and removed from the address at once, so that no bookmark and no history has it.
export function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get("token");
  if (given !== null) {
    fragment.delete("token");
    const rest = fragment.toString();
    history.replaceState(history.state, "", location.pathname + location.search + (rest ? `#${rest}` : ""));
    if (given) setToken(given);
  }
  return sessionStorage.getItem(KEY);
}

export function setToken(token) {
  if (token) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
}

const queued = [];
let running = 0;

function turn(signal) {
  return new Promise((resolve, reject) => {
    const start = () => {
      if (signal?.aborted) return reject(signal.reason), next();
      resolve();
    };
    queued.push(start);
    if (running < AT_ONCE) next(true);
  });
}

function next(more = false) {
  if (!more) running -= 1;
  const start = queued.shift();
  if (start) {
    running += 1;
    start();
  }
}

// The dashboards' own data.
export const get = (path, parameters = [], signal = undefined) => ask(`/dashboards${path}`, parameters, signal);

export async function ask(path, parameters = [], signal = undefined) {
  await turn(signal);
  try {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${base}/api/v1${path}${query ? `?${query}` : ""}`, {
      headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY) || ""}` },
      cache: "no-store",
      signal,
    });
    if (response.ok) return await response.json();
    throw new Problem(response.status, await response.json().catch(() => ({})));
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "The control plane does not respond. This page keeps trying." });
  } finally {
    next();
  }
}
