// Answers a team's page when there is no network: what the page has kept, and nothing else.
// RELEASE is set above: a new release is a new script, and takes over at once.

const TEAM = { cache: "riskmiljo-pass", pages: /^\/pass\/[0-9]+\/lag\/[0-9]+(\/lager\.json)?$/ };
const TONIGHT = { cache: "riskmiljo-ikvall", pages: /^\/(ikvall(\/lager\.json)?)?$/ };
// Compressed or not, an answer says the same.
const VARY = { ignoreVary: true };
const ASSETS = /^\/assets\//;
// Whoever leaves takes what was theirs away.
const LOGIN = /^\/login$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (TEAM.pages.test(pathname)) event.respondWith(fresh(request, TEAM.cache));
  else if (TONIGHT.pages.test(pathname)) event.respondWith(fresh(request, TONIGHT.cache));
  // Their address holds their content's hash: what is kept is never old.
  else if (ASSETS.test(pathname)) event.respondWith(kept(request));
  else if (LOGIN.test(pathname)) event.waitUntil(forget());
});

async function forget() {
  await Promise.all([caches.delete(TEAM.cache), caches.delete(TONIGHT.cache)]);
}

async function fresh(request, name) {
  const cache = await caches.open(name);
  const held = (await cache.match(request, VARY)) ?? (await cache.match(request, { ...VARY, ignoreSearch: true }));
  try {
    const answer = await fetch(request);
    // The page itself decides what is kept: here it is only brought up to date.
    if (answer.redirected || [401, 403, 404].includes(answer.status)) await cache.delete(request);
    else if (answer.ok && (await cache.match(request, VARY))) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const begun = held ? null : await lastKept(request, cache);
    if (held) return held;
    if (begun) return Response.redirect(begun.url);
    throw error;
  }
}

// Who opens the front page without a network means the plan that was started from it.
async function lastKept(request, cache) {
  if (request.mode !== "navigate") return null;
  return (await cache.keys()).findLast(({ url }) => TONIGHT.pages.test(new URL(url).pathname) && !url.includes(".json"));
}

async function kept(request) {
  return (await caches.match(request, VARY)) ?? fetch(request);
}
