// Labels that do not lie over each other: placed by priority, first come first served.

import { make } from "./text.js";

const GAP = 7;
const AIR = 2;
// Around the middle of a zone, so that no other label covers it.
const HEART = 9;
// A zone taller than this on the screen has its name inside.
const ROOMY = 150;

// A label that would cover another is tried at the next place, and if none is free in its short
// form; if that does not fit either it is left out. Whatever is left out also stands in lists and tables.
export class Labels {
  constructor(map) {
    this.map = map;
    this.candidates = [];
    this.groups = new Map();
    this.obstacles = [];
    this.sorted = true;
    map.on("zoomend moveend resize", () => this.place());
  }

  // candidate: group, priority, minZoom, at: [lon, lat], element; for labels that stand beside a
  // shape also bounds (of the shape) and shorter (names of its shorter forms); spots for all points
  // where it may stand; whole where no other name may cover any of its shape; first where its name
  // goes before all short forms; and, for a name that another group already shows, unless: that
  // group, and unlessZoom: from which zoom on.
  add(candidate) {
    const [lon, lat] = candidate.at;
    const spots = candidate.spots?.map(([x, y]) => L.latLng(y, x));
    const icon = L.divIcon({ html: candidate.element, className: "karta-label", iconSize: null });
    const options = { icon, interactive: false, keyboard: false, pane: "labels" };
    const marker = L.marker([lat, lon], options);
    this.candidates.push({ ...candidate, spots, latLng: L.latLng(lat, lon), marker, sizes: new Map() });
    this.sorted = false;
  }

  // Pairs of a group and whether it is shown.
  showAll(pairs) {
    for (const [group, shown] of pairs) this.groups.set(group, shown);
    this.place();
  }

  isShown(group) {
    return Boolean(this.groups.get(group));
  }

  // Marks of another group that no label may cover: a function that returns their boxes.
  avoid(group, boxes) {
    this.obstacles.push({ group, boxes });
  }

  // First the names of the weightiest, then every short form, so that no number is lost for the sake
  // of another's name, then the other names; a label's own short form makes room for its name.
  place() {
    if (!this.sorted) this.candidates.sort((a, b) => a.priority - b.priority);
    this.sorted = true;
    const wanted = this.candidates.filter((one) => this.isWanted(one));
    let taken = this.corners();
    for (const { group, boxes } of this.obstacles) {
      if (this.isShown(group)) taken.push(...boxes().map((box) => ({ box, owner: null })));
    }
    for (const one of wanted) {
      if (!one.bounds) continue;
      const heart = one.whole ? this.box(one.bounds) : around(this.point(one.latLng), HEART);
      taken.push({ box: heart, owner: one, heart: true });
    }
    const spots = new Map();
    const settle = (one, forms) => {
      const spot = this.find(one, forms, taken);
      if (!spot) return;
      taken = taken.filter((other) => other.owner !== one || other.heart);
      taken.push({ box: spot.box, owner: one });
      spots.set(one, spot);
    };
    for (const one of wanted) if (one.first) settle(one, ["full"]);
    const shorten = () => {
      for (const one of wanted) if (!spots.has(one)) settle(one, one.shorter ?? []);
    };
    shorten();
    for (const one of wanted) if (spots.get(one)?.form !== "full") settle(one, ["full"]);
    // Names that moved have left room behind.
    shorten();
    for (const one of this.candidates) {
      if (spots.has(one)) this.settle(one, spots.get(one));
      else one.marker.remove();
    }
  }

  isWanted(one) {
    const zoom = this.map.getZoom();
    const elsewhere = one.unless && this.groups.get(one.unless) && zoom >= (one.unlessZoom ?? 0);
    if (!this.groups.get(one.group) || elsewhere) return false;
    const view = this.map.getBounds();
    return zoom >= one.minZoom && (one.spots ?? [one.latLng]).some((at) => view.contains(at));
  }

  find(one, forms, taken) {
    for (const form of forms) {
      // Only the number of a zone may be cut by the map's edge; only a number, or the name of one
      // of the weightiest zones, may cover another zone's middle where nothing else is free.
      const loose = form !== "full" && Boolean(one.bounds);
      const places = this.places(one, form).filter(({ box }) => loose || this.isInside(box));
      for (const heedHearts of loose || one.first ? [true, false] : [true]) {
        const others = taken.filter((other) => other.owner !== one && (heedHearts || !other.heart));
        const free = places.find(({ box }) => !others.some((other) => overlap(box, other.box)));
        if (free) return { form, ...free };
      }
    }
    return null;
  }

  settle(one, { form, side, x, y }) {
    one.marker.addTo(this.map);
    const at = this.point(one.latLng);
    one.element.dataset.form = form;
    one.element.dataset.side = side;
    one.element.style.setProperty("--dx", `${Math.round(x - at.x)}px`);
    one.element.style.setProperty("--dy", `${Math.round(y - at.y)}px`);
  }

  // Where the middle of a label may stand, best first, each with the box that it would take.
  places(one, form) {
    const [width, height] = this.size(one, form);
    return this.middles(one, form, width, height).map(({ x, y, side }) => {
      const [right, down] = [width / 2 + AIR, height / 2 + AIR];
      return { x, y, side, box: [x - right, y - down, x + right, y + down] };
    });
  }

  middles(one, form, width, height) {
    if (one.spots) return one.spots.map((spot) => ({ ...xy(this.point(spot)), side: "middle" }));
    const middle = { ...xy(this.point(one.latLng)), side: "middle" };
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
    if (form !== "full") return [...beside, middle];
    if (high.y - low.y <= ROOMY) return beside;
    // Halfway to each side, for a shape whose middle is taken and whose edges lie out of sight.
    const [right, down] = [(high.x - low.x) / 4, (high.y - low.y) / 4];
    const halfway = [[0, -down], [0, down], [right, 0], [-right, 0]];
    return [middle, ...beside, ...halfway.map(([dx, dy]) => ({ x: x + dx, y: y + dy, side: "middle" }))];
  }

  box(bounds) {
    const low = this.point(bounds.getNorthWest());
    const high = this.point(bounds.getSouthEast());
    return [low.x, low.y, high.x, high.y];
  }

  // Measured once in each form: to ask the browser at every move would be slow.
  size(one, form) {
    if (!one.sizes.has(form)) {
      one.marker.addTo(this.map);
      one.element.dataset.form = form;
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

function xy({ x, y }) {
  return { x, y };
}

function around({ x, y }, reach) {
  return [x - reach, y - reach, x + reach, y + reach];
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

// From this zoom on the places within zones are drawn.
export const NEAR_ZOOM = 16;

const PLACE_ZOOM = { 1: 12, 2: 14, 3: 16 };

// Names of places; one that a zone bears too is left to the zone, and close up to the micro-place.
export function addPlaces(labels, layer, zoneNames, microNames) {
  layer.features.forEach(({ properties, geometry }, index) => {
    labels.add({
      group: "places",
      priority: 2000 + index,
      minZoom: PLACE_ZOOM[properties.rank],
      at: geometry.coordinates,
      element: make("span", { class: `karta-place karta-place-${properties.rank}`, text: properties.name }),
      unless: zoneNames.has(properties.name) || microNames.has(properties.name) ? "zones" : null,
      unlessZoom: zoneNames.has(properties.name) ? 0 : NEAR_ZOOM,
    });
  });
}
