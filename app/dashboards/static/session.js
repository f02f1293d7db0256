// People who have logged in: their session's cookie does what a token does, and scripts cannot read it.

import { base } from "./api.js";

// The page says whether there is an identity provider.
export const canLogIn = document.documentElement.dataset.login !== undefined;

// Where a person logs in and then comes back to this view.
export const loginAddress = () => `${base}/login?next=${encodeURIComponent(location.pathname.slice(base.length) + location.search)}`;

const ask = (method, path, headers = {}) => fetch(base + path, { method, headers, cache: "no-store" });

// Who is logged in, null if nobody is.
export async function person() {
  const answer = await ask("GET", "/api/v1/whoami").catch(() => null);
  return answer?.ok ? answer.json() : null;
}

export async function logOut() {
  const me = await person();
  const answer = me && await ask("POST", "/logout", { "X-CSRF-Token": me.csrf_token }).catch(() => null);
  const provider = answer?.ok ? (await answer.json()).provider_logout : null;
  location.assign(provider || `${base}/dashboards`);
}
