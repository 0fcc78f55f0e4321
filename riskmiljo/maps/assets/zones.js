// Outlines and numbered name plates of zones and patrol areas.

import { NEAR_ZOOM } from "./labels.js";
import { figure, make, word } from "./text.js";

const FIRST_ZONES = 3;

const ZONE = { color: "#1b2130", weight: 2, opacity: 1, fillColor: "#1b2130", fillOpacity: 0.04 };
const CHOSEN = { color: "#0a4fb8", weight: 4, fillColor: "#0a4fb8", fillOpacity: 0.1 };
const CHOSEN_AREA = { stroke: false, fillColor: "#00635d", fillOpacity: 0.16 };
const MICRO = { color: "#1b2130", weight: 1.5, opacity: 1, dashArray: "3 4", fillColor: "#ffffff", fillOpacity: 0.12 };
const CHOSEN_MICRO = { color: "#0a4fb8", weight: 3, dashArray: null, fillColor: "#0a4fb8", fillOpacity: 0.12 };
const AREA = { color: "#00635d", weight: 3, opacity: 0.95, dashArray: "10 6", fill: false };

// A light line under the dark one: the outline shows on the palest and on the darkest class.
function halo(shapes, pane, style) {
  const light = { color: "#ffffff", weight: style.weight + 3, opacity: 0.8, fill: false };
  return L.geoJSON(shapes, { pane, interactive: false, style: light });
}

export function zoneLayer(map, layer, labels, open, openMicro) {
  // First made is first drawn: a Leaflet group draws in the order in which its parts were made.
  const light = halo(layer.features, "zones", ZONE);
  const shapes = new Map();
  const outlines = L.geoJSON(layer.features, {
    pane: "zones",
    style: ZONE,
    bubblingMouseEvents: false,
    onEachFeature: ({ properties }, path) => {
      shapes.set(properties.id, path);
      path.on("click", () => open(properties.id));
    },
  });
  const group = L.layerGroup([light, outlines]);
  for (const { properties: zone } of layer.features) {
    const number = make("span", { class: "karta-number", text: String(zone.rank) });
    const name = make("span", { class: "karta-name", text: zone.name });
    const plate = make("button", { type: "button", class: "karta-plate" }, number, name);
    L.DomEvent.disableClickPropagation(plate);
    plate.addEventListener("click", () => open(zone.id));
    plate.setAttribute("aria-label", `${zone.rank}. ${zone.name}`);
    labels.add({
      group: "zones",
      priority: zone.rank,
      first: zone.rank <= FIRST_ZONES,
      minZoom: 0,
      bounds: shapes.get(zone.id).getBounds(),
      at: zone.anchor,
      element: plate,
      shorter: ["short"],
    });
  }
  const micro = microLayer(layer.micro_places ?? [], labels, openMicro);
  const fit = () => (map.getZoom() >= NEAR_ZOOM ? group.addLayer(micro.group) : group.removeLayer(micro.group));
  fit();
  map.on("zoomend", fit);
  const choose = (id) => {
    for (const [key, path] of shapes) {
      path.setStyle(key === id ? CHOSEN : ZONE);
      if (key === id) path.bringToFront();
    }
    micro.choose(id);
  };
  return { group, choose };
}

// The places within the zones, over them, in a lighter line.
function microLayer(features, labels, open) {
  const light = halo(features, "zones", MICRO);
  const shapes = new Map();
  const outlines = L.geoJSON(features, {
    pane: "zones",
    style: MICRO,
    bubblingMouseEvents: false,
    onEachFeature: ({ properties }, path) => {
      shapes.set(properties.id, path);
      path.on("click", () => open(properties.id));
    },
  });
  features.forEach(({ properties: place }, index) => {
    const plate = make("button", { type: "button", class: "karta-micro" });
    plate.append(make("span", { text: place.name }));
    if (place.events !== null) plate.append(make("span", { class: "karta-micro-figure", text: figure(place.events) }));
    plate.setAttribute("aria-label", microName(place));
    L.DomEvent.disableClickPropagation(plate);
    plate.addEventListener("click", () => open(place.id));
    labels.add({
      group: "zones",
      priority: 1000 + index,
      minZoom: NEAR_ZOOM,
      bounds: shapes.get(place.id).getBounds(),
      at: place.anchor,
      whole: true,
      element: plate,
      shorter: [],
    });
  });
  const choose = (id) => {
    for (const [key, path] of shapes) path.setStyle(key === id ? CHOSEN_MICRO : MICRO);
    // The chosen zone was brought over everything else: the places within it are to stay on top.
    for (const path of shapes.values()) if (path._map) path.bringToFront();
  };
  return { group: L.layerGroup([light, outlines]), choose };
}

function microName(place) {
  return place.events === null ? place.name : word("micro_name", { name: place.name, count: figure(place.events) });
}

export function areaLayer(layer, labels, open) {
  const light = halo(layer.borders, "areas", AREA);
  const borders = L.geoJSON(layer.borders, { pane: "areas", interactive: false, style: AREA });
  const group = L.layerGroup([light, borders]);
  layer.features.forEach(({ properties: area }, index) => {
    const plate = make("button", { type: "button", class: "karta-area" });
    plate.setAttribute("aria-label", `${word("area")} ${area.id}: ${area.name}`);
    const title = make("span", {}, make("span", { class: "karta-area-word", text: `${word("area_short")} ` }), area.id);
    plate.append(title);
    plate.append(make("span", { class: "karta-area-name", text: area.name }));
    L.DomEvent.disableClickPropagation(plate);
    plate.addEventListener("click", () => open(area.id));
    labels.add({
      group: "areas",
      // After the names of the few weightiest zones, before those of the others.
      priority: FIRST_ZONES + (index + 1) / (layer.features.length + 1),
      minZoom: 0,
      at: area.anchors[0],
      spots: area.anchors,
      element: plate,
      shorter: ["short", "tiny"],
    });
  });
  let chosen = null;
  const choose = (id) => {
    if (chosen) group.removeLayer(chosen);
    const feature = layer.features.find((one) => one.properties.id === id);
    chosen = feature ? L.geoJSON(feature, { pane: "areas", interactive: false, style: CHOSEN_AREA }) : null;
    if (chosen) group.addLayer(chosen);
  };
  return { group, choose };
}
