// Words of the time brush and the comparison.

import { language } from "./text.js";

const TIME_WORDS = {
  sv: {
    chart: "Händelser per vecka",
    chart_month: "Händelser per månad",
    start: "Periodens början",
    end: "Periodens slut",
    back: "Ett steg bakåt",
    forward: "Ett steg framåt",
    play: "Spela upp {n} veckor i taget",
    play_month: "Spela upp en månad i taget",
    pause: "Pausa",
    shown: "{from}–{to}",
    until: "till och med {day}",
    table: "Tabell över tiden",
    week: "Från och med",
    count: "Händelser",
    withheld: "visas inte",
    withheld_note: "Tomma staplar: inga händelser, eller för få för att visas. Högst: {n}.",
    nothing: "Inget antal får visas.",
    partial: "Den sista stapeln är inte hel.",
    stale: "Kartans färger gäller {period}. Zoner, tabeller och siffror gäller fortfarande {old}.",
    recount: "Räkna om dem",
    failed: "Tidslinjen kunde inte hämtas. Ladda om sidan eller välj datum i urvalet.",
    swipe: "Gräns mellan perioderna",
    swipe_value: "{share} % av kartan visar {before}, resten {now}",
  },
  en: {
    chart: "Incidents per week",
    chart_month: "Incidents per month",
    start: "Beginning of the period",
    end: "End of the period",
    back: "One step back",
    forward: "One step forward",
    play: "Play {n} weeks at a time",
    play_month: "Play a month at a time",
    pause: "Pause",
    shown: "{from}–{to}",
    until: "up to and including {day}",
    table: "Table over time",
    week: "From",
    count: "Incidents",
    withheld: "not shown",
    withheld_note: "Empty bars: no incidents, or too few to be shown. Highest: {n}.",
    nothing: "No count may be shown.",
    partial: "The last bar is not whole.",
    stale: "The map's colours are for {period}. Zones, tables and figures are still for {old}.",
    recount: "Count them anew",
    failed: "The timeline could not be fetched. Reload the page or choose dates in the selection.",
    swipe: "Border between the periods",
    swipe_value: "{share}% of the map shows {before}, the rest {now}",
  },
};

export function timeWord(key, values = {}) {
  const text = TIME_WORDS[language][key];
  return Object.entries(values).reduce((done, [gap, value]) => done.replace(`{${gap}}`, () => value), text);
}

const dates = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "sv-SE", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

// "2026-04-30" as people write it.
export function dayText(day) {
  return dates.format(new Date(`${day}T00:00:00Z`));
}

const DAY_MS = 86_400_000;

export function dayAfter(day, days = 1) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

// From and up to: the day before the end is the last one that counts.
export function periodText(from, before) {
  return timeWord("shown", { from: dayText(from), to: dayText(dayAfter(before, -1)) });
}
