// A team's phone page: the next stop, visits noted also without a network, and the page kept for it.
// Nothing here asks where the phone is.

const QUEUE = "riskmiljo-har";
const CACHE = "riskmiljo-pass";
const RETRY_MS = 30000;
const SOON_MS = 10000;

const page = document.querySelector(".phone");
const told = page.querySelector(".told");
const words = page.dataset;

function fill(text, gap, value) {
  return text.replace(`{${gap}}`, () => value);
}

function clock(when) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: words.tz };
  return new Intl.DateTimeFormat("sv-SE", options).format(new Date(when));
}

function queued() {
  try {
    const kept = JSON.parse(localStorage.getItem(QUEUE));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function keep(visits) {
  localStorage.setItem(QUEUE, JSON.stringify(visits));
}

// The stop that follows the last one that has been noted.
function showNext(number) {
  const stops = [...page.querySelectorAll(".next-stop")];
  const open = stops.find((stop) => Number(stop.dataset.number) > number);
  for (const stop of stops) stop.hidden = stop !== open;
  page.querySelector(".all-done").hidden = Boolean(open);
}

function note(visit, text) {
  if (visit.address !== location.pathname) return;
  const row = page.querySelector(`.phone-stops [data-number="${Number(visit.number)}"] .noted`);
  if (row) row.textContent = text;
  told.textContent = text;
}

function post(visit, token) {
  const { stop_id, team, when } = visit;
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return fetch(visit.to, {
    method: "POST",
    headers: token ? { ...headers, "X-CSRFToken": token } : headers,
    body: JSON.stringify({ stop_id, team, when }),
  });
}

function tokenOf(read) {
  return read.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

// What this page was given may be older than the login.
async function freshToken() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (answer.redirected || !answer.ok) return "";
  return tokenOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

async function send(visit) {
  let answer = await post(visit, tokenOf(document));
  if (answer.status === 403) answer = await post(visit, await freshToken());
  // Whoever logs in again finds the visit waiting here.
  if ([401, 403].includes(answer.status)) throw new Error(String(answer.status));
  if (answer.ok) return fill(words.been, "t", clock(visit.when));
  // A fault of the server's may pass; what it refuses will be refused again.
  if (answer.status >= 500) throw new Error(String(answer.status));
  const { error } = await answer.json();
  return fill(words.refused, "why", error.message[document.documentElement.lang]);
}

let sending = false;

async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    for (let [visit] = queued(); visit; [visit] = queued()) {
      note(visit, await send(visit));
      keep(queued().slice(1));
    }
  } catch {
    for (const visit of queued()) note(visit, fill(words.waiting, "t", clock(visit.when)));
  } finally {
    sending = false;
  }
}

let last = { stop: null, at: 0 };

page.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const sent = new FormData(form);
  const [stop, at] = [sent.get("stop_id") + form.dataset.number, Date.now()];
  // A second press at once is a slip of the finger.
  if (last.stop === stop && at - last.at < SOON_MS) return;
  last = { stop, at };
  const when = new Date(Math.floor(at / 1000) * 1000).toISOString();
  const visit = {
    to: new URL(form.action).pathname,
    address: location.pathname,
    number: form.dataset.number,
    stop_id: sent.get("stop_id"),
    team: sent.get("team"),
    when,
  };
  keep([...queued(), visit]);
  showNext(Number(form.dataset.number));
  sendAll();
});

window.addEventListener("online", sendAll);
setInterval(() => queued().length && sendAll(), RETRY_MS);
sendAll();

// Only the plan opened last stays on the phone, with what its page needs.
async function store() {
  await navigator.serviceWorker.register("/sw.js", { scope: "/pass/" });
  const cache = await caches.open(CACHE);
  const map = page.querySelector("[data-layers]").dataset.layers;
  const needed = [location.pathname + location.search, map, ...words.keep.split(" ")];
  await cache.addAll(needed);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    const ours = pathname.startsWith(words.pages) || needed.includes(pathname + search);
    if (!ours) await cache.delete(request);
  }
}

const offline = page.querySelector(".offline");
try {
  await store();
  offline.textContent = words.ready;
  page.dataset.offline = "ready";
} catch {
  // Without a network the page was itself taken from what is kept.
  const kept = "caches" in window && (await caches.match(location.href, { ignoreSearch: true }));
  offline.textContent = kept ? words.ready : words.notReady;
  page.dataset.offline = kept ? "ready" : "no";
}
