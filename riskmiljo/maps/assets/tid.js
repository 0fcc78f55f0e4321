// Join the time brush, the selection and the comparison with the map of the page.

import { comparePeriods } from "./compare.js";
import { make } from "./text.js";
import { tilesFor } from "./tiles.js";
import { timeBrush } from "./time.js";
import { periodText, timeWord } from "./timewords.js";

// What the tiles are made of; everything else in an address is about shift, language or lens.
const FIELDS = ["period", "from", "to", "hours", "weekday", "category", "detection", "source", "bbox"];

function ready(root) {
  return new Promise((done) => {
    const look = () => root.dataset.ready && (watch.disconnect(), done());
    const watch = new MutationObserver(look);
    watch.observe(root, { attributes: true, attributeFilter: ["data-ready"] });
    look();
  });
}

// The selection as it stands in the form, in the words of an address.
function fieldsOf(form) {
  const fields = new URLSearchParams();
  const hours = [];
  for (const [name, value] of new FormData(form)) {
    if (!FIELDS.includes(name) || !value) continue;
    if (name === "hours") hours.push(value);
    else fields.append(name, value);
  }
  if (hours.length === 2) fields.append("hours", hours.join("-"));
  return fields;
}

class TimePage {
  constructor(root, section, form, comparison) {
    this.root = root;
    this.section = section;
    this.form = form;
    this.comparison = comparison;
    this.weeks = section.dataset.weeks;
    this.old = null;
    this.left = false;
    this.note = make("p", { class: "tid-note", role: "status" });
  }

  async start() {
    const line = await this.load();
    const own = new URL(this.root.dataset.tiles, location.href).searchParams;
    this.period = [own.get("from").slice(0, 10), own.get("to").slice(0, 10)];
    this.old = periodText(...this.period);
    this.show(line);
    this.form?.addEventListener("change", ({ target }) => this.selected(target));
    this.search = location.search;
    window.addEventListener("popstate", () => location.search !== this.search && location.reload());
  }

  async load() {
    const answer = await fetch(this.weeks, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status} ${this.weeks}`);
    return answer.json();
  }

  show(line) {
    const parts = timeBrush(line, this.period, (from, to) => this.moved(from, to));
    this.section.querySelectorAll(":scope > :not(h2, noscript)").forEach((part) => part.remove());
    this.section.append(this.note, ...parts);
    this.place();
    this.section.dataset.ready = "true";
  }

  // On a phone the brush follows the map itself, not the long lists beside it.
  place() {
    const narrow = matchMedia("(max-width: 56rem)");
    const side = this.root.querySelector(".karta-side");
    const put = () => (narrow.matches ? side : this.root.nextElementSibling)?.before(this.section);
    put();
    narrow.onchange = put;
  }

  // The brush was moved.
  moved(from, to) {
    this.period = [from, to];
    this.put("from", from);
    this.put("to", to);
    return this.follow(new URLSearchParams({ from, to }));
  }

  // A box was ticked or a date chosen: the colours follow at once, the rest when it is sent.
  async selected(target) {
    if (!FIELDS.includes(target.name) || !this.form.checkValidity()) return;
    const fields = fieldsOf(this.form);
    if (!(fields.get("from") < fields.get("to"))) return;
    this.period = [fields.get("from"), fields.get("to")];
    // What is chosen no longer must go too.
    for (const name of FIELDS) if (!fields.has(name)) fields.append(name, "");
    const drawn = this.follow(fields);
    const address = new URL(this.weeks, location.href);
    for (const name of FIELDS) address.searchParams.delete(name);
    for (const [name, value] of fields) if (value && name !== "from" && name !== "to") address.searchParams.append(name, value);
    this.weeks = address.pathname + address.search;
    // The colours first: the bars would take the server's and the browser's time from them.
    await drawn;
    this.show(await this.load());
  }

  put(name, value) {
    const field = this.form?.elements.namedItem(name);
    if (field) field.value = value;
  }

  // Other tiles, the same state in the address, and a word on what did not follow.
  follow(fields) {
    const here = new URL(location.href);
    here.searchParams.delete("period");
    for (const key of new Set(fields.keys())) here.searchParams.delete(key);
    for (const [key, value] of fields) if (value) here.searchParams.append(key, value);
    // Back leads to what the page first showed, not through every step of a playback.
    if (this.left) history.replaceState(history.state, "", here);
    else history.pushState(null, "", here);
    this.left = true;
    this.search = location.search;
    for (const link of document.querySelectorAll("a.switch")) {
      const other = new URLSearchParams(here.search);
      other.set("lang", link.lang);
      link.search = `?${other}`;
    }
    const again = make("a", { href: here.pathname + here.search, text: timeWord("recount") });
    this.note.replaceChildren(timeWord("stale", { period: periodText(...this.period), old: this.old }), " ", again);
    this.comparison?.rename(periodText(...this.period));
    const address = tilesFor(this.root.dataset.tiles, fields);
    return new Promise((done) => {
      this.root.addEventListener("karta:drawn", done, { once: true });
      this.root.dispatchEvent(new CustomEvent("karta:density", { detail: { address } }));
    });
  }
}

async function startTime(root) {
  await ready(root);
  const section = document.querySelector(".tid");
  const asked = document.querySelector(".jamfor[data-tiles]");
  const map = window[root.querySelector(".folium-map").id];
  const comparison = asked && root.dataset.tiles ? comparePeriods(map, asked.dataset) : null;
  if (!section || !root.dataset.tiles) return section?.remove();
  try {
    await new TimePage(root, section, document.querySelector("form.filter"), comparison).start();
  } catch (error) {
    section.append(make("p", { role: "alert", text: timeWord("failed") }));
    throw error;
  }
}

const chartRoot = document.querySelector(".karta");
if (chartRoot) await startTime(chartRoot);
