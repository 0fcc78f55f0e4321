// What is known of one zone or one patrol area, opened by click or Enter and closed by Escape.

import { figure, make, say, weekdays, word } from "./text.js";

export class Panel {
  constructor(root, onClose) {
    this.onClose = onClose;
    this.opener = null;
    this.heading = make("h2", { class: "karta-info-name", id: "karta-info-name", tabindex: "-1" });
    const close = make("button", { type: "button", class: "karta-close", "aria-label": word("close") });
    close.append(make("span", { "aria-hidden": "true", text: "×" }));
    close.addEventListener("click", () => this.close());
    this.body = make("div", { class: "karta-info-body" });
    const head = make("div", { class: "karta-info-head" }, this.heading, close);
    this.element = make("section", { class: "karta-info", "aria-labelledby": "karta-info-name" }, head, this.body);
    this.element.hidden = true;
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.element.hidden) this.close();
    });
  }

  open(title, parts) {
    if (this.element.hidden) this.opener = document.activeElement;
    this.heading.textContent = title;
    this.body.replaceChildren(...parts.filter((part) => part !== null));
    this.element.hidden = false;
    this.element.scrollTop = 0;
    this.heading.focus({ preventScroll: getComputedStyle(this.element).position === "fixed" });
  }

  close() {
    this.element.hidden = true;
    this.onClose();
    // The label that opened the panel may have been hidden since; then the map takes the focus.
    if (this.opener && this.opener.isConnected) this.opener.focus();
    this.opener = null;
  }
}

export function fact(term, ...values) {
  const texts = values.filter((value) => value);
  if (!texts.length) return null;
  return make("div", {}, make("dt", { text: term }), ...texts.map((text) => make("dd", { text })));
}

export function facts(...rows) {
  return make("dl", { class: "karta-facts" }, ...rows);
}

export function zoneParts(zone, rhythmScale, places, openMicro) {
  const share = zone.share === null ? "" : word("of_all", { share: figure(100 * zone.share, 1) });
  const trend = zone.trend;
  return [
    facts(
      fact(word("incidents"), zone.band ? say(zone.band) : figure(zone.events), share),
      fact(word("density"), word("per_ha_week", { value: figure(zone.per_ha_week, 2) })),
      fact(word("size"), word("hectares", { value: figure(zone.area_ha, 1) })),
      trend && fact(word("trend"), say(trend.verdict)),
      fact(word("status"), say(zone.status)),
      fact(word("patrol_area"), zone.patrol_area),
    ),
    places.length ? placeList(places, openMicro) : null,
    zone.rhythm && rhythmStrip(zone.rhythm, rhythmScale),
    make("h3", { text: word("why") }),
    make("ul", { class: "karta-why" }, ...zone.why.map((line) => make("li", { text: say(line) }))),
  ];
}

function placeList(places, open) {
  const items = places.map((place) => {
    const name = make("span", { class: "karta-row-name", text: place.name });
    const count = make("span", { class: "karta-row-figure", text: figure(place.events) });
    const button = make("button", { type: "button" }, name, count);
    button.addEventListener("click", () => open(place.id));
    return make("li", {}, button);
  });
  return make("div", { class: "karta-list" }, make("h3", { text: word("micro_places") }), make("ul", {}, ...items));
}

export function microParts(place, zone, openZone) {
  const back = make("button", { type: "button", class: "karta-within", text: `${zone.rank}. ${zone.name}` });
  back.addEventListener("click", () => openZone(zone.id));
  const told = place.events !== null;
  const lies = make("div", {}, make("dt", { text: word("micro_in") }), make("dd", {}, back));
  return [
    facts(
      fact(word("incidents"), told ? figure(place.events) : word("withheld")),
      told ? fact(word("density"), word("per_ha_week", { value: figure(place.per_ha_week, 2) })) : null,
      fact(word("size"), word("hectares", { value: figure(place.area_ha, 1) })),
      lies,
    ),
  ];
}

export function areaParts(area) {
  return [
    facts(
      fact(word("expected"), figure(area.expected, 1)),
      fact(word("risk_share"), word("percent", { value: figure(100 * area.risk_share, 0) })),
      fact(word("size"), word("hectares", { value: figure(area.area_ha, 0) })),
      fact(word("area_zones"), area.zone_names.join(", ")),
      fact(word("area_why"), say(area.why)),
    ),
  ];
}

// Seven days by 24 hours. The picture is one image with its sentence; the sentence is also shown.
function rhythmStrip(rhythm, scale) {
  const strip = make("div", { class: "karta-rhythm", role: "img", "aria-label": say(rhythm.text) });
  strip.append(make("span", {}));
  for (const hour of [0, 6, 12, 18]) {
    strip.append(make("span", { class: "karta-hour", text: String(hour).padStart(2, "0") }));
  }
  weekdays.forEach((day, index) => {
    strip.append(make("span", { class: "karta-day", text: day }));
    for (const step of rhythm.steps.slice(index * 24, index * 24 + 24)) {
      const cell = make("span", { class: "karta-cell" });
      cell.style.backgroundColor = scale[step].colour;
      strip.append(cell);
    }
  });
  const key = make("ul", { class: "karta-rhythm-key" });
  for (const step of scale) {
    const swatch = make("span", { class: "karta-swatch", "aria-hidden": "true" });
    swatch.style.backgroundColor = step.colour;
    key.append(make("li", {}, swatch, make("span", { text: say(step.label) })));
  }
  return make(
    "div",
    { class: "karta-when" },
    make("h3", { text: word("rhythm") }),
    make("p", { text: say(rhythm.text) }),
    strip,
    make("details", {}, make("summary", { text: word("rhythm_scale") }), key),
  );
}
