// The bars of the time brush, and their twin as a table.

import { figure, make, say } from "./text.js";
import { dayText, timeWord } from "./timewords.js";

const HEIGHT = 100;

const named = (line, key) => timeWord(line.unit === "month" ? `${key}_month` : key);

// One bar a step, all of the same width whatever the window's: the drawing is stretched.
export function bars(line) {
  const { counts } = line;
  const most = Math.max(1, ...counts.filter((count) => count !== null));
  const drawing = L.SVG.create("svg");
  drawing.setAttribute("viewBox", `0 0 ${counts.length} ${HEIGHT}`);
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "tid-bars");
  const rects = counts.map((count, index) => {
    const high = count === null ? 0 : Math.max(1, (HEIGHT * count) / most);
    const rect = L.SVG.create("rect");
    const size = { x: index + 0.08, width: 0.84, y: HEIGHT - high, height: high };
    for (const [name, value] of Object.entries(size)) rect.setAttribute(name, value);
    if (index === counts.length - 1 && !line.whole) rect.setAttribute("class", "tid-partial");
    drawing.append(rect);
    return rect;
  });
  // Which bars lie within the period that the map shows.
  const mark = (from, to) =>
    rects.forEach((rect, index) => rect.toggleAttribute("data-within", index + 1 > from && index < to));
  return { drawing, mark };
}

function highest({ counts, bands }) {
  const most = Math.max(...counts);
  return bands ? say(bands[counts.indexOf(most)]) : figure(most);
}

export function aboutBars(line) {
  const known = line.counts.filter((count) => count !== null);
  const parts = known.length
    ? [`${named(line, "chart")}.`, timeWord("withheld_note", { n: highest(line) })]
    : [timeWord("nothing")];
  if (known.length && !line.whole) parts.push(timeWord("partial"));
  return make("p", { class: "hint", text: parts.join(" ") });
}

// Made when it is opened: a record of ten years has 520 rows.
export function barTable(line) {
  const box = make("details", { class: "tid-table" }, make("summary", { text: timeWord("table") }));
  box.addEventListener(
    "toggle",
    () => {
      const head = make("tr", {}, ...["week", "count"].map((key) => make("th", { scope: "col", text: timeWord(key) })));
      const rows = line.counts.map((count, index) =>
        make(
          "tr",
          {},
          make("th", { scope: "row", text: dayText(line.edges[index]) }),
          make("td", { text: count === null ? timeWord("withheld") : line.bands ? say(line.bands[index]) : figure(count) }),
        ),
      );
      const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows.reverse()));
      table.setAttribute("aria-label", named(line, "chart"));
      box.append(make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": timeWord("table") }, table));
    },
    { once: true },
  );
  return box;
}
