// Tonight's page: visits and answers also without a network, and stops of one's own.
// Nothing here asks where the phone is.

import { Notes, keepPage } from "./notes.js";

const NAME = "riskmiljo-ikvall";

const page = document.querySelector(".tonight");
const told = page.querySelector(".told");
const shown = page.querySelector(".tonight-stops.shown");
const later = page.querySelector(".tonight-stops.later");
const earlier = page.querySelector(".tonight-stops.earlier");

function rowOf(number) {
  return page.querySelector(`.tonight-stop[data-number="${number}"]`);
}

function count(fold, stops) {
  const left = stops?.childElementCount ?? 0;
  if (!fold) return;
  fold.hidden = !left;
  fold.querySelector("summary").textContent = fold.dataset.summary.replace("{n}", left);
}

function tidy() {
  count(page.querySelector(".tonight-later"), later);
  count(page.querySelector(".tonight-earlier"), earlier);
  for (const button of page.querySelectorAll(".here button")) {
    const first = button.closest(".tonight-stop") === shown.firstElementChild;
    button.classList.toggle("large", first);
    button.classList.toggle("quiet", !first);
  }
  page.querySelector(".all-done").hidden = shown.childElementCount > 0;
}

function showNext(stop, pressed) {
  if (stop?.parentElement !== shown) return;
  earlier.append(stop);
  if (later?.firstElementChild) shown.append(later.firstElementChild);
  tidy();
  if (pressed) (shown.querySelector(".here button") ?? told).focus?.();
}

// A visit that was taken back is the next one again.
function bringBack(stop, pressed) {
  if (!stop) return;
  shown.prepend(stop);
  tidy();
  if (pressed) stop.querySelector(".here button").focus();
}

// From a suggestion to a plan, also before it has its number.
function starting(on) {
  page.querySelector(".tonight-start").hidden = on;
  for (const buttons of page.querySelectorAll(".tonight-buttons")) buttons.hidden = !on;
  tidy();
}

function openPlan({ plan, lag }) {
  const fields = new URLSearchParams({ plan, lag });
  const now = new URLSearchParams(location.search);
  for (const name of ["insyn", "lang"]) if (now.has(name)) fields.set(name, now.get(name));
  location.assign(`/ikvall?${fields}`);
}

const notes = new Notes(page, NAME, {
  starting,
  started: openPlan,
  row: rowOf,
  here: (number, pressed) => showNext(rowOf(number), pressed),
  undone: (number, pressed) => bringBack(rowOf(number), pressed),
});

page.addEventListener("submit", (event) => {
  if (notes.take(event.target, event.submitter)) {
    event.preventDefault();
  } else if (!navigator.onLine) {
    event.preventDefault();
    // Beside what was pressed: the top of the page is far away.
    const here = event.target.closest("section")?.querySelector(".told-here") ?? told;
    here.textContent = page.dataset.needsNetwork;
  }
});

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
  // A long press on glass is the same event as the other button of a mouse. Not every browser makes
  // it so: where both the browser and Leaflet do, the second is none.
  map.tapHold?.enable();
  map.on("contextmenu", ({ latlng }) => {
    if (dialog.open) return;
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

// --- the map, once the stops and their buttons can be used: it lies below them and takes its time

const loaded = new Promise((done) => {
  if (document.readyState === "complete") done();
  else addEventListener("load", done, { once: true });
});

function idle() {
  return new Promise((done) => (window.requestIdleCallback ?? setTimeout)(done));
}

// The scripts run in the order in which they stand in the page's head.
async function addMap() {
  const scripts = [...document.querySelectorAll("link[data-later]")].map(({ rel, href: src }) => {
    const type = rel === "modulepreload" ? "module" : "text/javascript";
    return Object.assign(document.createElement("script"), { type, src, async: false, defer: true });
  });
  const map = scripts.filter(({ type }) => type !== "module").at(-1);
  const made = new Promise((done) => ["load", "error"].forEach((kind) => map.addEventListener(kind, done)));
  document.head.append(...scripts);
  await made;
}

await loaded;
await idle();
await addMap();
offerStops();
await idle();
await keepPage(page, { cache: NAME, scope: "/" });
