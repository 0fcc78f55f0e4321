// Read the layers, draw them, and join map, panel and lists.

import { addControls, baseLayer, preparePanes, tileLayer } from "./base.js";
import { areaList, layerControl, legend, zoneList } from "./control.js";
import { Labels, NEAR_ZOOM, addPlaces } from "./labels.js";
import { Panel, areaParts, microParts, zoneParts } from "./panel.js";
import { routeLayer, routeLists, routeParts } from "./routes.js";
import { densityLayer, heatLayer } from "./surface.js";
import { make, say, word } from "./text.js";
import { tiledDensity } from "./tiles.js";
import { areaLayer, zoneLayer } from "./zones.js";

async function load(address) {
  if (address.startsWith("#")) return JSON.parse(document.querySelector(address).textContent);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

// folium names its globals map_1 and heat_map_1 after the elements that it made.
function skeletonOf(root) {
  const box = root.querySelector(".folium-map");
  return { box, map: window[box.id], heat: window[`heat_${box.id}`] };
}

// A plan that is changed is a new page with a new map: it shows the layers that were last ticked.
const LAYERS_KEY = `riskmiljo-lager ${location.pathname}`;

function layersBefore() {
  try {
    return JSON.parse(sessionStorage.getItem(LAYERS_KEY)) ?? {};
  } catch {
    // A file that is opened without a server may have no storage.
    return {};
  }
}

function keepLayer(id, shown) {
  try {
    sessionStorage.setItem(LAYERS_KEY, JSON.stringify({ ...layersBefore(), [id]: shown }));
  } catch {
    // Then it is as it was made.
  }
}

function asBefore(payload) {
  const kept = layersBefore();
  return { ...payload, layers: payload.layers.map((layer) => ({ ...layer, shown: kept[layer.id] ?? layer.shown })) };
}

function draw(root, payload) {
  const { box, map, heat } = skeletonOf(root);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", word("map"));
  addControls(map, payload);
  preparePanes(map);
  if (payload.tiles) tileLayer(payload.tiles, payload.view).addTo(map);

  const byId = new Map(payload.layers.map((layer) => [layer.id, layer]));
  const labels = new Labels(map);
  const drawn = new Map();
  const zones = new Map((byId.get("zones")?.features ?? []).map((one) => [one.properties.id, one.properties]));
  const micro = new Map((byId.get("zones")?.micro_places ?? []).map((one) => [one.properties.id, one.properties]));
  const areas = new Map((byId.get("areas")?.features ?? []).map((one) => [one.properties.id, one.properties]));

  const stops = new Map((byId.get("routes")?.features ?? []).map((one) => [one.properties.id, one]));

  let zonesOnMap = null;
  let areasOnMap = null;
  let routesOnMap = null;
  const choose = (zone, area, stop = null) => {
    zonesOnMap?.choose(zone);
    areasOnMap?.choose(area);
    routesOnMap?.choose(stop);
  };
  const panel = new Panel(root, () => choose(null, null));
  const openStop = (id) => {
    const { properties: stop, geometry } = stops.get(id);
    choose(null, null, stop);
    panel.open(say(stop.name), routeParts(stop, byId.get("routes")));
    bringIntoView(map, box, panel.element, geometry.coordinates);
  };
  const openZone = (id) => {
    const zone = zones.get(id);
    if (!zone) return;
    choose(id, null);
    panel.open(`${zone.rank}. ${zone.name}`, zoneParts(zone, byId.get("zones").rhythm_scale, within(id), openMicro));
    bringIntoView(map, box, panel.element, zone.anchor);
  };
  const within = (id) => [...micro.values()].filter((place) => place.zone === id);
  const openMicro = (id) => {
    const place = micro.get(id);
    const [lon, lat] = place.anchor;
    if (map.getZoom() < NEAR_ZOOM) map.setView([lat, lon], NEAR_ZOOM, { animate: false });
    choose(id, null);
    panel.open(place.name, microParts(place, zones.get(place.zone), openZone));
    bringIntoView(map, box, panel.element, place.anchor);
  };
  const openArea = (id) => {
    choose(null, id);
    panel.open(`${word("area")} ${id}: ${areas.get(id).name}`, areaParts(areas.get(id)));
    bringIntoView(map, box, panel.element, areas.get(id).anchors[0]);
  };

  if (byId.has("knowledge")) drawn.set("knowledge", densityLayer(byId.get("knowledge"), "knowledge"));
  const density = byId.get("density");
  if (density) drawn.set("density", density.tiles ? tiledDensity(root, map, density) : densityLayer(density));
  if (byId.has("heat")) drawn.set("heat", heatLayer(map, heat, byId.get("heat")));
  if (byId.has("areas")) {
    areasOnMap = areaLayer(byId.get("areas"), labels, openArea);
    drawn.set("areas", areasOnMap.group);
  }
  if (byId.has("zones")) {
    zonesOnMap = zoneLayer(map, byId.get("zones"), labels, openZone, openMicro);
    drawn.set("zones", zonesOnMap.group);
  }
  if (byId.has("routes")) {
    routesOnMap = routeLayer(map, byId.get("routes"), labels, (stop) => openStop(stop.id));
    drawn.set("routes", routesOnMap.group);
  }
  const names = (shown) => new Set([...shown.values()].map((one) => one.name));
  if (byId.has("places")) addPlaces(labels, byId.get("places"), names(zones), names(micro));

  const key = legend(payload.layers);
  const show = (id, shown) => {
    const layer = drawn.get(id);
    if (layer) shown ? layer.addTo(map) : layer.remove();
    key.show(id, shown);
  };
  const toggle = (id, shown) => {
    keepLayer(id, shown);
    show(id, shown);
    labels.showAll([[id, shown]]);
  };
  const side = make("div", { class: "karta-side" }, panel.element, layerControl(payload.layers, toggle), key.element);
  if (byId.has("routes")) side.append(...routeLists(byId.get("routes"), openStop));
  if (byId.has("zones")) side.append(zoneList(byId.get("zones"), openZone, openMicro));
  if (byId.has("areas")) side.append(areaList(byId.get("areas"), openArea));
  root.append(side);
  for (const layer of payload.layers) show(layer.id, layer.shown);
  labels.showAll(payload.layers.map((layer) => [layer.id, layer.shown]));
  // A page about one zone shows it at once, with what lies around it.
  const about = byId.get("zones")?.features.find((one) => one.properties.id === root.parentElement.dataset.about);
  if (about) {
    map.fitBounds(L.geoJSON(about).getBounds().pad(0.6), { animate: false });
    zonesOnMap.choose(about.properties.id);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-zone], [data-stop]");
    if (!link) return;
    const { zone, stop } = link.dataset;
    if (!zones.has(zone) && !stops.has(stop)) return;
    event.preventDefault();
    if (zones.has(zone)) openZone(zone);
    else openStop(stop);
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  return () => {
    if (!byId.has("base")) return;
    drawn.set("base", baseLayer(map, byId.get("base")));
    show("base", labels.isShown("base"));
  };
}

// What was drawn so far is on the screen; a page that lies hidden does not wait for that.
function painted() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 200);
  });
}

// The map shows the place that the panel speaks of, also where the panel covers part of the map.
function bringIntoView(map, box, panel, [lon, lat]) {
  if (getComputedStyle(panel).position === "fixed") box.scrollIntoView({ block: "nearest" });
  const covered = Math.max(0, box.getBoundingClientRect().bottom - panel.getBoundingClientRect().top);
  const beside = getComputedStyle(panel).position === "fixed" ? covered : 0;
  map.panInside([lat, lon], { paddingTopLeft: [70, 60], paddingBottomRight: [70, beside + 60] });
}

async function start(root) {
  const status = make("p", { class: "karta-status", role: "status", text: word("loading") });
  root.append(status);
  try {
    const drawGround = draw(root, asBefore(await load(root.dataset.layers)));
    status.remove();
    // What the map is about comes first; a whole town's streets take their time.
    await painted();
    drawGround();
    root.dataset.ready = "true";
  } catch (error) {
    status.setAttribute("role", "alert");
    status.textContent = word("failed");
    throw error;
  }
}

const root = document.querySelector(".karta");
if (root) await start(root);
