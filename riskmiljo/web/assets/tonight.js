// Tonight's page: visits and answers also without a network, stops of one's own, and the page kept.
// Nothing here asks where the phone is.

const QUEUE = "riskmiljo-ikvall";
const CACHE = "riskmiljo-ikvall";
const RETRY_MS = 30000;
const SOON_MS = 10000;
const MOST_SHOWN = 4;

const page = document.querySelector(".tonight");
const words = page.dataset;
const told = page.querySelector(".told");
const offline = page.querySelector(".offline");
const shown = page.querySelector(".tonight-stops.shown");
const later = page.querySelector(".tonight-stops.later");

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
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

function keep(items) {
  localStorage.setItem(QUEUE, JSON.stringify(items));
}

function tell(item, text) {
  if (item.plan !== words.plan) return;
  const row = page.querySelector(`.tonight-stop[data-number="${Number(item.number)}"] .noted`);
  if (row) row.textContent = text;
  told.textContent = text;
}

function said(item, waiting) {
  const values = { t: clock(item.body.when), why: item.why };
  if (item.kind === "here") return fill(waiting ? words.waiting : words.been, values);
  return fill(waiting ? words.answerWaits : words.thanks, values);
}

// What this page was given may be older than the login.
async function freshToken() {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  if (answer.redirected || !answer.ok) return null;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  return read.querySelector('meta[name="csrf-token"]')?.content || null;
}

function post(item, token) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (token) headers["X-CSRFToken"] = token;
  return fetch(item.to, { method: "POST", headers, body: JSON.stringify(item.body) });
}

class LoginNeeded extends Error {}

async function send(item) {
  let answer = await post(item, document.querySelector('meta[name="csrf-token"]')?.content);
  if (answer.status === 401 || answer.status === 403 || answer.redirected) {
    const token = await freshToken();
    if (!token) throw new LoginNeeded();
    answer = await post(item, token);
    if (answer.status === 401 || answer.redirected) throw new LoginNeeded();
  }
  if (answer.ok) return said(item, false);
  // A fault of the server's may pass; what it refuses will be refused again.
  if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
  const { error } = await answer.json();
  return fill(words.refused, { why: error.message[document.documentElement.lang] });
}

let sending = false;

async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    for (let [item] = queued(); item; [item] = queued()) {
      tell(item, await send(item));
      keep(queued().slice(1));
    }
  } catch (error) {
    for (const item of queued()) tell(item, said(item, true));
    if (error instanceof LoginNeeded) told.textContent = words.logIn;
  } finally {
    sending = false;
  }
}

// Where the page is open twice, one sends at a time.
function sendInTurn() {
  return navigator.locks ? navigator.locks.request(QUEUE, sendAll) : sendAll();
}

function showNext(stop) {
  if (stop.parentElement !== shown) return;
  stop.remove();
  if (later?.firstElementChild) shown.append(later.firstElementChild);
  const left = later?.childElementCount ?? 0;
  const fold = page.querySelector(".tonight-later");
  if (fold && !left) fold.hidden = true;
  shown.querySelector(".here button")?.classList.replace("quiet", "large");
  page.querySelector(".all-done").hidden = shown.childElementCount > 0;
  (shown.querySelector(".here button") ?? told).focus?.();
}

let last = { key: null, at: 0 };

function queue(form, submitter) {
  const fields = new FormData(form, submitter);
  const stop = form.closest(".tonight-stop");
  const at = Date.now();
  const key = [form.dataset.kind, stop.dataset.number, fields.get("reason")].join();
  // A second press at once is a slip of the finger.
  if (last.key === key && at - last.at < SOON_MS) return;
  last = { key, at };
  const body = { when: new Date(Math.floor(at / 1000) * 1000).toISOString() };
  for (const name of ["stop_id", "team", "reason", "plan"]) {
    if (fields.get(name)) body[name] = fields.get(name);
  }
  const item = {
    kind: form.dataset.kind,
    to: new URL(form.action).pathname,
    plan: words.plan,
    number: stop.dataset.number,
    why: submitter?.textContent ?? "",
    body,
  };
  keep([...queued(), item]);
  tell(item, said(item, true));
  if (item.kind === "here") showNext(stop);
  else form.closest("details").open = false;
  sendInTurn();
}

page.addEventListener("submit", (event) => {
  const form = event.target;
  if (["here", "answer"].includes(form.dataset.kind)) {
    event.preventDefault();
    queue(form, event.submitter);
  } else if (!navigator.onLine) {
    event.preventDefault();
    told.textContent = words.needsNetwork;
  }
});

window.addEventListener("online", sendInTurn);
setInterval(() => queued().length && sendInTurn(), RETRY_MS);
sendInTurn();

// --- a stop of one's own: a long press on the map, or the map's middle by a button

function mapOf() {
  return window[page.querySelector(".folium-map")?.id];
}

function addAt(point) {
  const place = page.querySelector("#f-place");
  place.value = `${point.lat.toFixed(5)},${point.lng.toFixed(5)}`;
  place.form.requestSubmit();
}

function offerStops() {
  const dialog = page.querySelector(".tonight-here");
  const map = mapOf();
  if (!dialog || !map) return;
  let chosen = null;
  // Leaflet makes a long press on glass the same event as the other button of a mouse.
  map.on("contextmenu", ({ latlng }) => {
    chosen = latlng;
    dialog.showModal();
  });
  dialog.querySelector("[data-yes]").addEventListener("click", () => {
    dialog.close();
    addAt(chosen);
  });
  dialog.querySelector("[data-no]").addEventListener("click", () => dialog.close());
  const middle = page.querySelector("[data-middle]");
  middle.hidden = false;
  middle.addEventListener("click", () => addAt(map.getCenter()));
}

offerStops();

// --- the page without a network

// Only the shift opened last stays on the phone, with what its page needs.
async function store() {
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const cache = await caches.open(CACHE);
  const map = page.querySelector("[data-layers]").dataset.layers;
  const needed = [location.pathname + location.search, map, ...words.keep.split(" ")];
  await cache.addAll(needed);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!needed.includes(pathname + search)) await cache.delete(request);
  }
}

async function keepPage() {
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
}

// A suggestion that nobody has started is not worth keeping.
if (words.plan) await keepPage();
