// Two periods on one map: the earlier one to the left of a line that can be moved.

import { make } from "./text.js";
import { tileGrid } from "./tiles.js";
import { timeWord } from "./timewords.js";

const STEP = 0.02;

export function comparePeriods(map, { tiles, before, now }) {
  const box = map.getContainer();
  const beforePane = map.createPane("density-before");
  beforePane.style.zIndex = 301;
  beforePane.style.pointerEvents = "none";
  const nowPane = map.getPane("density");
  const grid = tileGrid(tiles);
  grid.options.pane = "density-before";
  grid.addTo(map);

  let share = 0.5;
  const handle = make("div", {
    class: "jamfor-line",
    role: "slider",
    tabindex: "0",
    "aria-orientation": "horizontal",
    "aria-label": timeWord("swipe"),
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  });
  const labels = [make("p", { class: "jamfor-label", text: before }), make("p", { class: "jamfor-label", text: now })];
  handle.append(make("span", { class: "jamfor-grip", "aria-hidden": "true", text: "◀▶" }), ...labels);

  // Panes lie where the map was when it was drawn last: their own corners are moved along.
  const clip = () => {
    const size = map.getSize();
    const x = Math.round(share * size.x);
    const [northWest, middle, southEast] = [[0, 0], [x, 0], [size.x, size.y]].map((at) => map.containerPointToLayerPoint(at));
    const corners = (west, east) =>
      `polygon(${[[west, northWest.y], [east, northWest.y], [east, southEast.y], [west, southEast.y]]
        .map(([a, b]) => `${a}px ${b}px`)
        .join(", ")})`;
    beforePane.style.clipPath = corners(northWest.x, middle.x);
    nowPane.style.clipPath = corners(middle.x, southEast.x);
    handle.style.left = `${x}px`;
    const percent = Math.round(100 * share);
    handle.setAttribute("aria-valuenow", percent);
    handle.setAttribute("aria-valuetext", timeWord("swipe_value", { share: percent, before, now }));
  };
  const moveTo = (next) => {
    share = Math.min(1, Math.max(0, next));
    clip();
  };
  handle.addEventListener("keydown", (event) => {
    const jump = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -0.2, PageUp: 0.2 };
    const next = { Home: 0, End: 1 }[event.key] ?? (event.key in jump ? share + jump[event.key] : null);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(next);
  });
  let dragging = false;
  handle.addEventListener("pointerdown", (event) => {
    dragging = true;
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.focus();
  });
  handle.addEventListener("pointermove", (event) => {
    if (dragging) moveTo((event.clientX - box.getBoundingClientRect().left) / box.clientWidth);
  });
  for (const kind of ["pointerup", "pointercancel"]) handle.addEventListener(kind, () => (dragging = false));
  L.DomEvent.disableClickPropagation(handle);
  box.append(handle);
  map.on("move zoomend resize viewreset", clip);
  clip();
  // The later period may be another than the page began with.
  const rename = (text) => {
    now = text;
    labels[1].textContent = text;
    clip();
  };
  return { rename };
}
