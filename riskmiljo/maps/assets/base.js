// What lies under the data: panes, tiles, the base map, zoom buttons, scale and attribution.

import { language, make, say, word } from "./text.js";

// Streets are drawn twice: in full under the density, and as thin light lines over it, so that the
// colours stay true and a reader still sees where they are.
const PANES = {
  "base-areas": 210,
  "base-lines": 220,
  knowledge: 290,
  density: 300,
  heat: 310,
  "base-over": 320,
  areas: 380,
  zones: 420,
  routes: 450,
  labels: 620,
  marks: 640,
};

const AREA_STYLES = {
  water: { fillColor: "#bcd9ea", fillOpacity: 1, stroke: true, color: "#9fc4da", weight: 0.75 },
  park: { fillColor: "#d5e6c8", fillOpacity: 1, stroke: false },
};

// Width in pixels at zoom 11, 13, 15 and 17, casing colour, core colour.
const LINE_STYLES = {
  path: { widths: [0, 0.4, 1, 2], casing: null, core: "#c9bfae" },
  street: { widths: [0.4, 1.4, 3.5, 9], casing: "#cdc5b5", core: "#ffffff" },
  main: { widths: [1.6, 3.2, 6, 12], casing: "#b9ab8f", core: "#ffffff" },
  rail: { widths: [1.4, 2, 3, 5], casing: null, core: "#8d8797" },
};
const CASING = 1.5;

export function preparePanes(map) {
  for (const [name, height] of Object.entries(PANES)) {
    map.createPane(name).style.zIndex = height;
  }
  // Canvases of the base map lie over nothing that can be clicked, and must catch no click.
  for (const name of ["base-areas", "base-lines", "knowledge", "density", "heat", "base-over"]) {
    map.getPane(name).style.pointerEvents = "none";
  }
}

function widthAt(widths, zoom) {
  const at = Math.min(Math.max((zoom - 11) / 2, 0), widths.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, widths.length - 1);
  return widths[below] + (widths[above] - widths[below]) * (at - below);
}

function latLngs(lines) {
  return lines.map((line) => line.map(([lon, lat]) => [lat, lon]));
}

// A stroke along the lines of another one, which is drawn before it: Leaflet's own polyline without
// the work that is the same for both, to place each corner on the screen, clip and simplify.
const Along = L.Polyline.extend({
  initialize(lead, options) {
    L.Polyline.prototype.initialize.call(this, [], options);
    this.lead = lead;
  },
  _project() {
    this._rawPxBounds = this.lead._rawPxBounds;
    this._updateBounds();
  },
  _update() {
    if (!this._map) return;
    this._parts = this.lead._parts;
    this._updatePath();
  },
});

// One canvas and few paths: a walking network of a whole town stays quick on a phone.
export function baseLayer(map, layer) {
  const areas = L.canvas({ pane: "base-areas", padding: 0.4 });
  const under = L.canvas({ pane: "base-lines", padding: 0.4 });
  const over = L.canvas({ pane: "base-over", padding: 0.4 });
  const group = L.layerGroup();
  const strokes = [];
  // Strokes of one kind follow each other along the same lines: only the first of them works out
  // where these lie on the screen.
  const stroke = (lines, kind, renderer, part, options, lead) => {
    const style = { renderer, interactive: false, smoothFactor: 1, ...options };
    const path = lead ? new Along(lead, style) : L.polyline(lines, style);
    strokes.push({ path, kind, part });
    group.addLayer(path);
    return path;
  };
  for (const { properties, geometry } of layer.features) {
    if (properties.kind in AREA_STYLES) {
      const options = { renderer: areas, interactive: false, ...AREA_STYLES[properties.kind] };
      group.addLayer(L.geoJSON(geometry, options));
    }
  }
  for (const [kind, style] of Object.entries(LINE_STYLES)) {
    const lines = layer.features
      .filter((feature) => feature.properties.kind === kind)
      .flatMap((feature) => latLngs(feature.geometry.coordinates));
    if (!lines.length) continue;
    let lead = null;
    if (style.casing) lead = stroke(lines, kind, under, "casing", { color: style.casing });
    lead ??= stroke(lines, kind, under, "core", { color: style.core });
    if (style.casing) stroke(lines, kind, under, "core", { color: style.core }, lead);
    if (kind === "rail") {
      stroke(lines, kind, under, "ties", { color: "#ffffff", dashArray: "6 6", lineCap: "butt" }, lead);
    } else {
      stroke(lines, kind, over, "over", { color: "#ffffff", opacity: 0.5 }, lead);
    }
  }
  const fit = () => {
    for (const { path, kind, part } of strokes) {
      const width = widthAt(LINE_STYLES[kind].widths, map.getZoom());
      const weight = { casing: width + CASING, core: width, ties: width * 0.5, over: width * 0.4 };
      path.setStyle({ weight: weight[part], opacity: width ? (part === "over" ? 0.5 : 1) : 0 });
    }
  };
  fit();
  map.on("zoomend", fit);
  return group;
}

export function tileLayer(tiles, view) {
  return L.tileLayer(tiles.url, { maxZoom: view.max_zoom, minZoom: view.min_zoom });
}

// Paper is narrower than most screens: the map is printed as it stands there, only smaller. Drawing
// it anew would be too late, since paper takes canvases as they were before.
function fitPaper(map, tall) {
  const box = map.getContainer();
  const wide = 655;
  window.addEventListener("beforeprint", () => {
    const { offsetWidth, offsetHeight } = box;
    box.style.width = `${offsetWidth}px`;
    box.style.height = `${offsetHeight}px`;
    box.style.zoom = Math.min(1, wide / offsetWidth, tall / offsetHeight);
  });
  window.addEventListener("afterprint", () => {
    for (const name of ["width", "height", "zoom"]) box.style.removeProperty(name);
  });
}

export function addControls(map, payload) {
  map.setMinZoom(payload.view.min_zoom);
  map.setMaxZoom(payload.view.max_zoom);
  const [west, south, east, north] = payload.view.bounds;
  const bounds = [
    [south, west],
    [north, east],
  ];
  // Our own drawing is sharp at any zoom; the pictures of a tile server are not.
  map.options.zoomSnap = payload.tiles ? 1 : 0.25;
  // The marks of routes keep clear of the buttons and of the line of origins.
  const routes = payload.layers.some((layer) => layer.id === "routes");
  const room = routes ? { paddingTopLeft: [70, 16], paddingBottomRight: [16, 56] } : {};
  map.fitBounds(bounds, { animate: false, ...room });
  // A plan has its tables on the same sheet.
  fitPaper(map, routes ? 320 : 600);
  L.control.zoom({ zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  addCorner(map, "topleft", () => {
    const button = make("button", { type: "button", class: "karta-whole", title: word("whole") });
    button.setAttribute("aria-label", word("whole"));
    button.append(make("span", { class: "karta-frame", "aria-hidden": "true" }));
    button.addEventListener("click", () => map.fitBounds(bounds, room));
    return make("div", { class: "leaflet-bar" }, button);
  });
  addCorner(map, "bottomright", () => {
    const origins = payload.attribution.map(say);
    if (payload.tiles && payload.tiles.attribution) origins.unshift(payload.tiles.attribution);
    origins.push(word("attribution"));
    return make("p", { class: "karta-origin", lang: language, text: origins.join(" · ") });
  });
}

function addCorner(map, position, build) {
  const control = new L.Control({ position });
  control.onAdd = () => {
    const element = build();
    L.DomEvent.disableClickPropagation(element);
    return element;
  };
  control.addTo(map);
}
