// Answers a team's page when there is no network: what the page has kept, and nothing else.
// RELEASE is set above: a new release is a new script, and takes over at once.

const CACHE = "riskmiljo-pass";
const PAGES = /^\/pass\/[0-9]+\/lag\/[0-9]+(\/lager\.json)?$/;
const ASSETS = /^\/assets\//;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (PAGES.test(pathname)) event.respondWith(fresh(request));
  // Their address holds their content's hash: what is kept is never old.
  else if (ASSETS.test(pathname)) event.respondWith(kept(request));
});

async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const found = (await cache.match(request)) ?? (await cache.match(request, { ignoreSearch: true }));
    if (found) return found;
    throw error;
  }
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? fetch(request);
}
