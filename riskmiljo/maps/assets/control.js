// Which layers are shown, what the colours mean, and the list of zones.

import { routeLegend } from "./routes.js";
import { figure, make, say, word } from "./text.js";

export function layerControl(layers, toggle) {
  const field = make("fieldset", { class: "karta-layers" }, make("legend", { text: word("layers") }));
  for (const layer of layers) {
    const box = make("input", { type: "checkbox", id: `karta-layer-${layer.id}` });
    box.checked = layer.shown;
    box.addEventListener("change", () => toggle(layer.id, box.checked));
    const label = make("label", { for: box.id }, box, make("span", { text: say(layer.label) }));
    field.append(label);
  }
  return field;
}

export function legend(layers) {
  const parts = layers.filter((layer) => layer.legend).map((layer) => [layer.id, legendPart(layer)]);
  const element = make(
    "section",
    { class: "karta-legend", "aria-labelledby": "karta-legend-name" },
    make("h2", { id: "karta-legend-name", text: word("legend") }),
    ...parts.map(([, part]) => part),
  );
  const show = (id, shown) => {
    for (const [key, part] of parts) if (key === id) part.hidden = !shown;
  };
  return { element, show };
}

function legendPart(layer) {
  const part = layer.legend;
  const element = make("div", { class: "karta-legend-part" });
  if (layer.crews) {
    element.append(make("h3", { text: say(part.title) }), routeLegend(layer));
    return element;
  }
  if (part.symbol) {
    for (const one of part.within ? [part, part.within] : [part]) {
      const symbol = make("span", { class: `karta-symbol karta-symbol-${one.symbol}`, "aria-hidden": "true" });
      element.append(make("p", { class: "karta-legend-symbol" }, symbol, make("span", { text: say(one.title) })));
    }
    return element;
  }
  element.append(make("h3", { text: say(part.title) }));
  if (part.classes) {
    element.append(make("p", { class: "karta-unit", text: say(part.unit) }));
    const scale = make("ul", { class: "karta-classes" });
    for (const one of part.classes) {
      const swatch = make("span", { class: "karta-swatch", "aria-hidden": "true" });
      swatch.style.backgroundColor = one.colour;
      scale.append(make("li", {}, swatch, make("span", { text: say(one.label) })));
    }
    element.append(scale);
  }
  if (part.smoothing) element.append(make("p", { class: "karta-note", text: say(part.smoothing) }));
  const about = make("p", { class: "karta-note", text: say(part.note) });
  const summary = make("summary", { text: word("read_scale") });
  element.append(part.classes ? make("details", {}, summary, about) : about);
  return element;
}

// Each zone, followed by the places within it.
export function zoneList(layer, open, openMicro) {
  const places = (layer.micro_places ?? []).map((one) => one.properties);
  const rows = layer.features.flatMap(({ properties: zone }) => [
    { id: zone.id, number: String(zone.rank), name: zone.name, figure: zone.band ? say(zone.band) : figure(zone.events) },
    ...places
      .filter((place) => place.zone === zone.id)
      .map((place) => ({ id: place.id, name: place.name, figure: figure(place.events), open: openMicro })),
  ]);
  return list("karta-zones", word("zone_list"), rows, open);
}

export function areaList(layer, open) {
  const rows = layer.features.map(({ properties: area }) => ({
    id: area.id,
    number: area.id,
    name: area.name,
    figure: figure(area.expected, 1),
  }));
  const element = list("karta-areas", word("area_list"), rows, open);
  element.append(...(layer.notes ?? []).map((note) => make("p", { class: "karta-note", text: say(note) })));
  return element;
}

function list(kind, title, rows, open) {
  const items = rows.map((row) => {
    const button = make(
      "button",
      { type: "button" },
      row.number ? make("span", { class: "karta-number", text: row.number }) : null,
      make("span", { class: "karta-row-name", text: row.name }),
      make("span", { class: "karta-row-figure", text: row.figure }),
    );
    button.addEventListener("click", () => (row.open ?? open)(row.id));
    return make("li", { class: row.number ? null : "karta-row-within" }, button);
  });
  return make(
    "section",
    { class: `karta-list ${kind}`, "aria-labelledby": `${kind}-name` },
    make("h2", { id: `${kind}-name`, text: title }),
    items.length ? make("ul", {}, ...items) : make("p", { text: word("none") }),
  );
}
