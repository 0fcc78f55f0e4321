// Labels that do not lie over each other: placed by priority, first come first served.

import { make } from "./text.js";

const GAP = 7;
const AIR = 2;
// Around the middle of a zone, so that no other label covers it.
const HEART = 9;
// Where the plate of a large area may stand, in pixels from the area's own point.
const MOVES = [0, 1, 2, 3].flatMap((ring) =>
  ring ? [[0, -36], [0, 36], [-60, 0], [60, 0], [-60, 36], [60, 36], [-60, -36], [60, -36]].map(([x, y]) => [x * ring, y * ring]) : [[0, 0]],
);
// A zone taller than this on the screen has its name inside.
const ROOMY = 150;

// A label that would cover another is tried at the next place, and if none is free in its short
// form; if that does not fit either it is left out. Whatever is left out also stands in lists and tables.
export class Labels {
  constructor(map) {
    this.map = map;
    this.candidates = [];
    this.groups = new Map();
    map.on("zoomend moveend resize", () => this.place());
  }

  // candidate: group, priority, minZoom, at: [lon, lat], element; for labels that stand beside a
  // shape also bounds (of the shape) and short (class name of the short form); movable where it may
  // stand elsewhere in an area; first where its name goes before all short forms; and, for a name
  // that another group already shows, unless: that group.
  add(candidate) {
    const [lon, lat] = candidate.at;
    const icon = L.divIcon({ html: candidate.element, className: "karta-label", iconSize: null });
    const options = { icon, interactive: false, keyboard: false, pane: "labels" };
    const marker = L.marker([lat, lon], options);
    this.candidates.push({ ...candidate, latLng: L.latLng(lat, lon), marker, sizes: new Map() });
    this.candidates.sort((a, b) => a.priority - b.priority);
  }

  show(group, shown) {
    this.groups.set(group, shown);
    this.place();
  }

  // First the names of the weightiest, then every short form, so that no number is lost for the sake
  // of another's name, then the other names; a label's own short form makes room for its name.
  place() {
    const wanted = this.candidates.filter((one) => this.isWanted(one));
    let taken = this.corners();
    for (const one of wanted) {
      if (one.bounds) taken.push({ box: around(this.point(one.latLng), HEART), owner: one, heart: true });
    }
    const spots = new Map();
    const settle = (one, form) => {
      const spot = this.find(one, form, taken);
      if (!spot) return;
      taken = taken.filter((other) => other.owner !== one || other.heart);
      taken.push({ box: spot.box, owner: one });
      spots.set(one, spot);
    };
    for (const one of wanted) if (one.first) settle(one, "");
    const shorten = () => {
      for (const one of wanted) if (one.short && !spots.has(one)) settle(one, one.short);
    };
    shorten();
    for (const one of wanted) if (spots.get(one)?.form !== "") settle(one, "");
    // Names that moved have left room behind.
    shorten();
    for (const one of this.candidates) {
      if (spots.has(one)) this.settle(one, spots.get(one));
      else one.marker.remove();
    }
  }

  isWanted(one) {
    if (!this.groups.get(one.group) || (one.unless && this.groups.get(one.unless))) return false;
    return this.map.getZoom() >= one.minZoom && this.map.getBounds().contains(one.latLng);
  }

  find(one, form, taken) {
    const at = this.point(one.latLng);
    const [width, height] = this.size(one, form);
    for (const { x, y, side } of this.places(one, form, at, width, height)) {
      const box = [x - width / 2 - AIR, y - height / 2 - AIR, x + width / 2 + AIR, y + height / 2 + AIR];
      // Only the number of a zone may be cut by the map's edge.
      if (!(form && one.bounds) && !this.isInside(box)) continue;
      const blocks = (other) => other.owner !== one && !(form && other.heart) && overlap(box, other.box);
      if (taken.some(blocks)) continue;
      return { form, side, box, dx: Math.round(x - at.x), dy: Math.round(y - at.y) };
    }
    return null;
  }

  settle(one, { form, side, dx, dy }) {
    one.marker.addTo(this.map);
    if (one.short) one.element.classList.toggle(one.short, form !== "");
    one.element.dataset.side = side;
    one.element.style.setProperty("--dx", `${dx}px`);
    one.element.style.setProperty("--dy", `${dy}px`);
  }

  places(one, form, at, width, height) {
    const middle = { x: at.x, y: at.y, side: "middle" };
    if (one.movable) return MOVES.map(([dx, dy]) => ({ ...middle, x: at.x + dx, y: at.y + dy }));
    if (!one.bounds) return [middle];
    const low = this.point(one.bounds.getNorthWest());
    const high = this.point(one.bounds.getSouthEast());
    const [x, y] = [(low.x + high.x) / 2, (low.y + high.y) / 2];
    const beside = [
      { x, y: low.y - height / 2 - GAP, side: "above" },
      { x, y: high.y + height / 2 + GAP, side: "below" },
      { x: high.x + width / 2 + GAP, y, side: "right" },
      { x: low.x - width / 2 - GAP, y, side: "left" },
      { x: low.x - width / 2, y: low.y - height / 2, side: "corner" },
      { x: high.x + width / 2, y: low.y - height / 2, side: "corner" },
      { x: low.x - width / 2, y: high.y + height / 2, side: "corner" },
      { x: high.x + width / 2, y: high.y + height / 2, side: "corner" },
    ];
    if (form) return [...beside, middle];
    return high.y - low.y > ROOMY ? [middle, ...beside] : beside;
  }

  // Measured once in each form: to ask the browser at every move would be slow.
  size(one, form) {
    if (!one.sizes.has(form)) {
      one.marker.addTo(this.map);
      if (one.short) one.element.classList.toggle(one.short, form !== "");
      one.sizes.set(form, [one.element.offsetWidth, one.element.offsetHeight]);
    }
    return one.sizes.get(form);
  }

  isInside([left, top, right, bottom]) {
    const { x, y } = this.map.getSize();
    return left >= 0 && top >= 0 && right <= x && bottom <= y;
  }

  // The corners that buttons, scale and attribution take.
  corners() {
    const box = this.map.getContainer();
    const origin = box.getBoundingClientRect();
    return [...box.querySelectorAll(".leaflet-control")].map((control) => {
      const rect = control.getBoundingClientRect();
      const [x, y] = [rect.left - origin.left, rect.top - origin.top];
      return { box: [x, y, x + rect.width, y + rect.height], owner: null };
    });
  }

  point(latLng) {
    return this.map.latLngToContainerPoint(latLng);
  }
}

function around({ x, y }, reach) {
  return [x - reach, y - reach, x + reach, y + reach];
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

const PLACE_ZOOM = { 1: 12, 2: 14, 3: 16 };

// Names of places; one that a zone bears too is left to the zone.
export function addPlaces(labels, layer, zoneNames) {
  layer.features.forEach(({ properties, geometry }, index) => {
    labels.add({
      group: "places",
      priority: 2000 + index,
      minZoom: PLACE_ZOOM[properties.rank],
      at: geometry.coordinates,
      element: make("span", { class: `karta-place karta-place-${properties.rank}`, text: properties.name }),
      unless: zoneNames.has(properties.name) ? "zones" : null,
    });
  });
}
