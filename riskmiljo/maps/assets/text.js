// Language, numbers, and elements whose text is only ever set as text.

import { filled } from "./filled.js";

export const language = document.documentElement.lang.toLowerCase().startsWith("en") ? "en" : "sv";
const locale = language === "en" ? "en-GB" : "sv-SE";

const WORDS = {
  sv: {
    map: "Karta. Flytta med piltangenterna, zooma med plus och minus.",
    zoom_in: "Zooma in",
    zoom_out: "Zooma ut",
    whole: "Visa hela kartan",
    layers: "Lager",
    legend: "Teckenförklaring",
    read_scale: "Så läses skalan",
    zones: "Riskzoner",
    zone_list: "Zoner, flest händelser först",
    micro_places: "Platser i zonen",
    micro_in: "Ligger i",
    micro_name: "{name}, {count} {count:händelse|händelser}",
    withheld: "visas inte",
    close: "Stäng",
    area_list: "Patrullområden, väntade händelser",
    none: "Inget att visa.",
    failed: "Kartans uppgifter kunde inte hämtas. Ladda om sidan.",
    loading: "Kartan hämtas …",
    incidents: "Händelser",
    of_all: "{share} % av alla",
    density: "Täthet",
    per_ha_week: "{value} per hektar och vecka",
    size: "Yta",
    hectares: "{value} hektar",
    trend: "Utveckling",
    rhythm: "När på veckan",
    rhythm_scale: "Jämfört med snittet över veckans timmar",
    why: "Underlag",
    patrol_area: "Patrullområde",
    status: "Status",
    area: "Patrullområde",
    area_short: "Område",
    expected: "Väntade händelser under passet",
    risk_share: "Andel av alla områdens risk",
    percent: "{value} %",
    area_zones: "Zoner",
    area_why: "Varför",
    pause: "Rast",
    left_out: "Föreslagen, men inte med i planen.",
    time: "Tid",
    minutes: "{value} min",
    shift_share: "Andel av passets risk",
    since: "Sedan förra besöket",
    lost: "Väntade händelser som missas utan besöket",
    detour: "Omväg",
    days: ["må", "ti", "on", "to", "fr", "lö", "sö"],
    attribution: "Ritad med Leaflet",
  },
  en: {
    map: "Map. Move with the arrow keys, zoom with plus and minus.",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    whole: "Show the whole map",
    layers: "Layers",
    legend: "Legend",
    read_scale: "How to read the scale",
    zones: "Risk zones",
    zone_list: "Zones, most incidents first",
    micro_places: "Places within the zone",
    micro_in: "Lies in",
    micro_name: "{name}, {count} {count:incident|incidents}",
    withheld: "not shown",
    close: "Close",
    area_list: "Patrol areas, expected incidents",
    none: "Nothing to show.",
    failed: "The map's data could not be fetched. Reload the page.",
    loading: "Fetching the map …",
    incidents: "Incidents",
    of_all: "{share}% of all",
    density: "Density",
    per_ha_week: "{value} per hectare per week",
    size: "Size",
    hectares: "{value} {value:hectare|hectares}",
    trend: "Trend",
    rhythm: "When in the week",
    rhythm_scale: "Compared with the mean over the hours of the week",
    why: "What it rests on",
    patrol_area: "Patrol area",
    status: "Status",
    area: "Patrol area",
    area_short: "Area",
    expected: "Expected incidents during the shift",
    risk_share: "Share of all areas' risk",
    percent: "{value}%",
    area_zones: "Zones",
    area_why: "Why",
    pause: "Break",
    left_out: "Suggested, but left out of the plan.",
    time: "Time",
    minutes: "{value} min",
    shift_share: "Share of the shift's risk",
    since: "Since the last visit",
    lost: "Expected incidents missed without the visit",
    detour: "Detour",
    days: ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
    attribution: "Drawn with Leaflet",
  },
};

// A word of ours in the page's language, its {gaps} filled.
export function word(key, values = {}) {
  return filled(WORDS[language][key], values);
}

export const weekdays = WORDS[language].days;

// A {"sv": ..., "en": ...} of the payload in the page's language.
export function say(text) {
  return text ? text[language] : "";
}

export function figure(value, digits = 0) {
  if (value === null) return "–";
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

// Make an element. `attributes.text` becomes its text; nothing is ever parsed as HTML.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}
