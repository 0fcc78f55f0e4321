// Drawing a zone on the map. The corners live in the form's text field; the map shows and moves
// them, and every change is written back there.

import { filled } from "./filled.js";

const STEP_M = 5;
const LONG_STEP_M = 25;
const METRES_A_DEGREE = 111320;
const INK = "#8a1538";
const MOVES = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
// Closer together than this, in pixels, corners hide each other: those between show on zooming in.
const ROOM_PX = 30;

const form = document.querySelector(".draw");
const field = form.elements.corners;
const tools = form.querySelector(".draw-tools");
const state = form.querySelector(".draw-state");
const button = (name) => tools.querySelector(`[data-tool="${name}"]`);
const isNew = form.elements.name !== undefined && form.elements.name.type === "text";
const said = (key, values) => filled(form.dataset[key], values);
const figure = new Intl.NumberFormat(document.documentElement.lang.startsWith("en") ? "en-GB" : "sv-SE", {
  maximumFractionDigits: 1,
});

let map = null;
let corners = [];
let markers = [];
let chosen = null;
let line = null;
let hold = null;
const before = [];

function read() {
  const rows = field.value.split("\n").filter((row) => row.trim());
  const numbers = rows.map((row) => row.trim().split(/\s*[;,]\s*|\s+/).map(Number));
  const good = numbers.every((pair) => pair.length === 2 && pair.every(Number.isFinite));
  return good ? numbers : null;
}

function write() {
  field.value = corners.map(([lat, lon]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`).join("\n");
}

function remember() {
  before.push(corners.map((corner) => [...corner]));
}

function hectares() {
  const [lat0] = corners[0];
  const wide = METRES_A_DEGREE * Math.cos((lat0 * Math.PI) / 180);
  let twice = 0;
  corners.forEach(([lat, lon], at) => {
    const [nextLat, nextLon] = corners[(at + 1) % corners.length];
    twice += lon * wide * nextLat * METRES_A_DEGREE - nextLon * wide * lat * METRES_A_DEGREE;
  });
  return Math.abs(twice) / 2 / 1e4;
}

function tell() {
  button("delete").disabled = chosen === null;
  button("undo").disabled = before.length === 0;
  if (chosen !== null) state.textContent = said("chosen", { n: chosen + 1, all: corners.length });
  else if (corners.length < 3) state.textContent = said("few", { n: corners.length });
  else state.textContent = said("state", { n: corners.length, ha: figure.format(hectares()) });
}

function draw() {
  line.setLatLngs(corners);
  hold.setLatLngs(corners.length > 2 ? [...corners, corners[0]] : corners);
}

function label(marker, at) {
  const icon = marker.getElement();
  icon.setAttribute("aria-label", said("corner", { n: at + 1, all: corners.length }));
  icon.setAttribute("aria-pressed", String(at === chosen));
}

// Corners that would lie on top of each other are left out until there is room for them.
function thin() {
  const shown = [];
  markers.forEach((marker, at) => {
    const icon = marker.getElement();
    const point = map.latLngToLayerPoint(marker.getLatLng());
    const own = at === chosen || icon === document.activeElement;
    const free = shown.every((other) => other.distanceTo(point) >= ROOM_PX);
    icon.hidden = !own && !free;
    icon.style.display = icon.hidden ? "none" : "";
    if (!icon.hidden) shown.push(point);
  });
}

function choose(at) {
  chosen = at;
  markers.forEach(label);
  tell();
}

function place(focus = null) {
  markers.forEach((marker) => marker.remove());
  // On a phone a finger must hit it.
  const side = matchMedia("(pointer: coarse), (max-width: 40rem)").matches ? 44 : 30;
  markers = corners.map((corner, at) => {
    const icon = L.divIcon({ className: "draw-corner", iconSize: [side, side] });
    const marker = L.marker(corner, { icon, draggable: true, keyboard: true, autoPan: true, pane: "marks" });
    marker.addTo(map);
    marker.on("dragstart", remember);
    marker.on("drag", () => {
      const { lat, lng } = marker.getLatLng();
      corners[at] = [lat, lng];
      draw();
    });
    marker.on("dragend", () => {
      write();
      thin();
      tell();
    });
    marker.on("click", () => choose(at === chosen ? null : at));
    L.DomEvent.on(marker.getElement(), "keydown", (event) => onKey(event, at));
    return marker;
  });
  draw();
  if (focus !== null && markers.length) markers[Math.min(focus, markers.length - 1)].getElement().focus();
  choose(chosen !== null && chosen < corners.length ? chosen : null);
  thin();
}

function change(next, { focus = null, now = null } = {}) {
  remember();
  corners = next;
  chosen = now;
  write();
  place(focus);
}

function onKey(event, at) {
  const move = MOVES[event.key];
  if (move) {
    const metres = event.shiftKey ? LONG_STEP_M : STEP_M;
    const [lat, lon] = corners[at];
    remember();
    const wide = METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
    corners[at] = [lat + (move[0] * metres) / METRES_A_DEGREE, lon + (move[1] * metres) / wide];
    markers[at].setLatLng(corners[at]);
    map.panInside(corners[at], { padding: [40, 40] });
    draw();
    write();
    tell();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    change(corners.filter((_, other) => other !== at), { focus: at });
  } else if (event.key === "Escape" && chosen !== null) {
    choose(null);
  } else {
    return;
  }
  L.DomEvent.stop(event);
}

// Between which two corners a point of the map lies.
function sideAt(latlng) {
  const point = map.latLngToLayerPoint(latlng);
  const points = corners.map((corner) => map.latLngToLayerPoint(corner));
  const far = points.map((one, at) => L.LineUtil.pointToSegmentDistance(point, one, points[(at + 1) % points.length]));
  return far.indexOf(Math.min(...far));
}

function insert(at, corner, options = {}) {
  if (corners.length >= Number(form.dataset.most)) return;
  change([...corners.slice(0, at + 1), corner, ...corners.slice(at + 1)], options);
}

function pressed({ latlng: { lat, lng } }) {
  if (chosen !== null) {
    change(corners.map((corner, at) => (at === chosen ? [lat, lng] : corner)));
  } else if (isNew || corners.length < 3) {
    insert(corners.length - 1, [lat, lng]);
  }
}

function add() {
  if (chosen === null) {
    const { lat, lng } = map.getCenter();
    insert(corners.length - 1, [lat, lng], { focus: corners.length });
    return;
  }
  const [lat, lon] = corners[chosen];
  const [nextLat, nextLon] = corners[(chosen + 1) % corners.length];
  insert(chosen, [(lat + nextLat) / 2, (lon + nextLon) / 2], { focus: chosen + 1, now: chosen + 1 });
}

function start(root) {
  const box = root.querySelector(".folium-map");
  map = window[box.id];
  map.doubleClickZoom.disable();
  for (const other of JSON.parse(form.dataset.others)) {
    const dashArray = other.drawn ? null : "4 6";
    L.polygon(other.corners, { color: "#3d4656", weight: 2, dashArray, fill: false, interactive: false }).addTo(map);
  }
  line = L.polygon([], { color: INK, weight: 3, fillOpacity: 0.1, interactive: false }).addTo(map);
  hold = L.polyline([], { opacity: 0, weight: 24, bubblingMouseEvents: false }).addTo(map);
  hold.on("click", (event) => {
    L.DomEvent.stop(event);
    if (chosen !== null || corners.length < 3) pressed(event);
    else insert(sideAt(event.latlng), [event.latlng.lat, event.latlng.lng]);
  });
  map.on("click", pressed);
  map.on("zoomend", thin);
  corners = read() ?? [];
  if (corners.length > 1) map.fitBounds(L.latLngBounds(corners), { animate: false, padding: [50, 50] });
  place();
  tools.hidden = false;
  form.dataset.ready = "true";
}

button("add").addEventListener("click", add);
button("delete").addEventListener("click", () => {
  if (chosen !== null) change(corners.filter((_, at) => at !== chosen), { focus: chosen });
});
button("undo").addEventListener("click", () => {
  corners = before.pop() ?? corners;
  chosen = null;
  write();
  place();
});
field.addEventListener("change", () => {
  const typed = read();
  if (map === null || typed === null) return;
  const [wrote, now] = [field.value, chosen];
  change(typed, { now });
  field.value = wrote;
});

const root = form.querySelector(".karta");
if (root.dataset.ready) start(root);
else new MutationObserver((_, watch) => {
  if (!root.dataset.ready) return;
  watch.disconnect();
  start(root);
}).observe(root, { attributes: true, attributeFilter: ["data-ready"] });
