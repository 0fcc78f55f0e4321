// Routes of a shift: each crew's own line, its numbered stops in order, breaks, ends, and places left out.

import { fact, facts } from "./panel.js";
import { figure, make, say, word } from "./text.js";

const EDGE = { color: "#ffffff", weight: 8, opacity: 0.85 };
const LINE = { weight: 4, opacity: 1 };
const CHOSEN_LINE = { weight: 7 };
const DOT = { radius: 3.5, color: "#ffffff", weight: 1.5, fillColor: "#1b2130", fillOpacity: 1 };
const LEFT = { radius: 5, color: "#1b2130", weight: 2, fillColor: "#ffffff", fillOpacity: 0.9 };
const LEADER = { color: "#1b2130", weight: 1.5, opacity: 0.8 };
// Between marks that were moved apart, and how far one may be from its place before a line joins them.
const APART = 3;
const NEAR = 10;
const ROUNDS = 60;

export function routeLayer(map, layer, labels, open) {
  const crews = new Map(layer.crews.map((crew) => [crew.number, crew]));
  const group = L.layerGroup();
  const of = (kind) => layer.features.filter(({ properties }) => properties.kind === kind);
  const lines = new Map();
  const still = { pane: "routes", interactive: false };
  // All light edges first: where crews share a street, none wipes out another's line.
  for (const way of of("way")) group.addLayer(L.geoJSON(way, { ...still, style: EDGE }));
  for (const way of of("way")) {
    const { colour, dash } = crews.get(way.properties.crew);
    const style = { ...LINE, color: colour, dashArray: dash || null, lineCap: dash ? "butt" : "round" };
    const line = L.geoJSON(way, { ...still, style });
    lines.set(way.properties.crew, line);
    group.addLayer(line);
  }
  for (const left of of("left")) {
    const mark = L.circleMarker(latLng(left), { pane: "routes", bubblingMouseEvents: false, ...LEFT });
    mark.on("click", () => open(left.properties));
    group.addLayer(mark);
  }
  const marks = new Marks(map, group);
  for (const end of of("end")) {
    const text = say(end.properties.label);
    marks.add(latLng(end), make("span", { class: "karta-end", text, title: end.properties.name || null }));
  }
  for (const stop of of("stop")) {
    group.addLayer(L.circleMarker(latLng(stop), { ...still, ...DOT }));
    const mark = make("button", { type: "button", class: "karta-stop", "aria-label": stopTitle(stop.properties, crews) });
    mark.dataset.mark = stop.properties.id;
    for (const visit of stop.properties.visits) mark.append(badge(crews.get(visit.crew), String(visit.number)));
    mark.addEventListener("click", () => open(stop.properties));
    marks.add(latLng(stop), mark);
  }
  for (const { properties, geometry } of of("pause")) {
    const title = `${say(crews.get(properties.crew).name)}: ${word("pause")} ${properties.time}`;
    const mark = make("span", { class: "karta-pause", role: "img", "aria-label": title, title });
    const sign = make("span", { class: "karta-pause-sign", "aria-hidden": "true" });
    sign.style.color = crews.get(properties.crew).colour;
    mark.append(sign);
    marks.add(latLng({ geometry }), mark);
  }
  labels.avoid("routes", () => marks.settle());
  const choose = (stop) => {
    const bold = new Set((stop?.visits ?? []).map((visit) => visit.crew));
    for (const [number, line] of lines) line.setStyle(bold.has(number) ? CHOSEN_LINE : LINE);
  };
  return { group, choose };
}

// The marks of stops that lie close together are moved apart, and joined to their places by thin lines.
class Marks {
  constructor(map, group) {
    this.map = map;
    this.items = [];
    this.group = group;
    this.leaders = L.layerGroup();
    group.addLayer(this.leaders);
    this.zoom = null;
  }

  add(at, element) {
    L.DomEvent.disableClickPropagation(element);
    const icon = L.divIcon({ html: element, className: "karta-label", iconSize: null });
    const marker = L.marker(at, { icon, interactive: false, keyboard: false, pane: "marks" });
    this.items.push({ at, element, dx: 0, dy: 0, width: 0, height: 0 });
    this.group.addLayer(marker);
  }

  // Returns the boxes that the marks take, for labels to keep away from.
  settle() {
    const points = this.items.map(({ at }) => this.map.latLngToContainerPoint(at));
    if (this.zoom !== this.map.getZoom()) {
      this.zoom = this.map.getZoom();
      this.spread(points);
    }
    return this.items.map(({ dx, dy, width, height }, index) => {
      const [x, y] = [points[index].x + dx, points[index].y + dy];
      return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
    });
  }

  spread(points) {
    for (const item of this.items) {
      Object.assign(item, { dx: 0, dy: 0, width: item.element.offsetWidth, height: item.element.offsetHeight });
    }
    for (let round = 0, moved = true; moved && round < ROUNDS; round += 1) moved = this.push(points);
    this.leaders.clearLayers();
    this.items.forEach((item, index) => {
      item.element.style.setProperty("--dx", `${Math.round(item.dx)}px`);
      item.element.style.setProperty("--dy", `${Math.round(item.dy)}px`);
      if (Math.hypot(item.dx, item.dy) < NEAR) return;
      const end = this.map.containerPointToLatLng([points[index].x + item.dx, points[index].y + item.dy]);
      this.leaders.addLayer(L.polyline([item.at, end], { pane: "routes", interactive: false, ...LEADER }));
    });
  }

  // One round: every two marks that overlap part by the shorter way.
  push(points) {
    let moved = false;
    this.items.forEach((a, i) => {
      for (let j = i + 1; j < this.items.length; j += 1) {
        const b = this.items[j];
        const x = points[j].x + b.dx - points[i].x - a.dx;
        const y = points[j].y + b.dy - points[i].y - a.dy;
        const wide = (a.width + b.width) / 2 + APART - Math.abs(x);
        const high = (a.height + b.height) / 2 + APART - Math.abs(y);
        if (wide <= 0 || high <= 0) continue;
        moved = true;
        const [axis, by] = wide < high ? ["dx", (x < 0 ? -wide : wide) / 2] : ["dy", (y < 0 ? -high : high) / 2];
        a[axis] -= by;
        b[axis] += by;
      }
    });
    return moved;
  }
}

function latLng({ geometry }) {
  const [lon, lat] = geometry.coordinates;
  return L.latLng(lat, lon);
}

function badge(crew, text) {
  const element = make("span", { class: "karta-badge", "data-shape": crew.shape, text });
  element.style.setProperty("--crew", crew.colour);
  return element;
}

function stopTitle(stop, crews) {
  const visits = stop.visits.map((visit) => `${say(crews.get(visit.crew).name)} ${visit.number}, ${visit.time}`);
  return `${say(stop.name)}: ${visits.join("; ")}`;
}

export function routeParts(stop, layer) {
  if (stop.kind === "left") return [make("p", { text: word("left_out") }), make("p", { text: say(stop.why) })];
  const crews = new Map(layer.crews.map((crew) => [crew.number, crew]));
  return stop.visits.flatMap((visit) => {
    const crew = crews.get(visit.crew);
    const head = make("h3", { class: "karta-visit" }, badge(crew, String(visit.number)), make("span", { text: say(crew.name) }));
    // A shared plan has neither share nor loss.
    const told = (value, text) => (value === null ? "" : text());
    const minutes = (value) => (value === null ? "" : word("minutes", { value: figure(value) }));
    return [
      head,
      facts(
        fact(word("time"), `${visit.time} (${minutes(visit.minutes)})`),
        fact(word("shift_share"), told(visit.share, () => word("percent", { value: figure(100 * visit.share, 1) }))),
        fact(word("since"), minutes(visit.since_min)),
        fact(word("lost"), told(visit.lost, () => figure(visit.lost, 2))),
        fact(word("detour"), minutes(visit.detour_min)),
      ),
      make("p", { text: say(visit.why) }),
    ];
  });
}

export function routeLists(layer, open) {
  const stops = layer.features.map(({ properties }) => properties).filter(({ kind }) => kind === "stop");
  return layer.crews.map((crew) => {
    const rows = stops
      .flatMap((stop) => stop.visits.map((visit) => ({ stop, visit })))
      .filter(({ visit }) => visit.crew === crew.number)
      .sort((a, b) => a.visit.number - b.visit.number);
    const items = rows.map(({ stop, visit }) => {
      const button = make(
        "button",
        { type: "button" },
        badge(crew, String(visit.number)),
        make("span", { class: "karta-row-name", text: say(stop.name) }),
        make("span", { class: "karta-row-figure", text: visit.time.slice(0, 5) }),
      );
      button.addEventListener("click", () => open(stop.id));
      return make("li", {}, button);
    });
    const id = `karta-route-${crew.number}`;
    // A group and no landmark of its own: the page's table of the team is the landmark of this name.
    return make(
      "div",
      { class: "karta-list karta-routes", role: "group", "aria-labelledby": id },
      make("h2", { id, text: say(crew.label) }),
      items.length ? make("ul", {}, ...items) : make("p", { text: word("none") }),
    );
  });
}

// In the legend each crew has its line and its mark; made by Leaflet's own maker of drawings.
export function routeLegend({ crews, legend }) {
  const rows = crews.map((crew) => {
    const sample = L.SVG.create("svg");
    const line = L.SVG.create("line");
    const attributes = { x1: 0, y1: 8, x2: 48, y2: 8, stroke: crew.colour, "stroke-width": 4 };
    if (crew.dash) attributes["stroke-dasharray"] = crew.dash;
    for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, value);
    sample.setAttribute("class", "karta-line");
    sample.setAttribute("viewBox", "0 0 48 16");
    sample.setAttribute("aria-hidden", "true");
    sample.append(line);
    return make("li", {}, sample, badge(crew, String(crew.number)), make("span", { text: say(crew.label) }));
  });
  const mark = (kind, text) =>
    text && make("li", {}, make("span", { class: `karta-key ${kind}`, "aria-hidden": "true" }), make("span", { text: say(text) }));
  return make(
    "ul",
    { class: "karta-route-key" },
    ...rows,
    mark("karta-key-left", legend.left),
    mark("karta-pause-sign", legend.pause),
  );
}
