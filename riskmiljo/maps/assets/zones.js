// Outlines and numbered name plates of zones and patrol areas.

import { make, word } from "./text.js";

const ZONE = { color: "#1b2130", weight: 2, opacity: 1, fillColor: "#1b2130", fillOpacity: 0.04 };
const CHOSEN = { color: "#0a4fb8", weight: 4, fillColor: "#0a4fb8", fillOpacity: 0.1 };
const AREA = { color: "#00635d", weight: 3, opacity: 0.95, dashArray: "10 6", fill: false };

// A light line under the dark one: the outline shows on the palest and on the darkest class.
function outlined(features, pane, style, onClick) {
  const halo = { color: "#ffffff", weight: style.weight + 3, opacity: 0.8, fill: false };
  const under = L.geoJSON(features, { pane, interactive: false, style: halo });
  const shapes = new Map();
  const over = L.geoJSON(features, {
    pane,
    style,
    interactive: onClick !== null,
    bubblingMouseEvents: false,
    onEachFeature: (feature, path) => {
      shapes.set(feature.properties.id, path);
      if (onClick) path.on("click", () => onClick(feature.properties.id));
    },
  });
  return { group: L.layerGroup([under, over]), shapes };
}

export function zoneLayer(layer, labels, open) {
  const { group, shapes } = outlined(layer.features, "zones", ZONE, open);
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
      minZoom: 0,
      bounds: shapes.get(zone.id).getBounds(),
      at: zone.anchor,
      element: plate,
      short: "karta-plate-short",
    });
  }
  const choose = (id) => {
    for (const [key, path] of shapes) {
      path.setStyle(key === id ? CHOSEN : ZONE);
      if (key === id) path.bringToFront();
    }
  };
  return { group, shapes, choose };
}

export function areaLayer(layer, labels, open) {
  const { group, shapes } = outlined(layer.features, "areas", AREA, null);
  layer.features.forEach(({ properties: area }, index) => {
    const plate = make("button", { type: "button", class: "karta-area" });
    plate.append(make("span", { text: `${word("area")} ${area.id}` }));
    plate.append(make("span", { class: "karta-area-name", text: area.name }));
    L.DomEvent.disableClickPropagation(plate);
    plate.addEventListener("click", () => open(area.id));
    labels.add({
      group: "areas",
      priority: 1000 + index,
      minZoom: 0,
      at: area.anchor,
      element: plate,
      short: "karta-area-short",
    });
  });
  return { group, shapes };
}
