// The time brush: two handles over the bars, steps, and playback.

import { aboutBars, barTable, bars } from "./bars.js";
import { make } from "./text.js";
import { dayText, dayAfter, periodText, timeWord } from "./timewords.js";

const STEP_MS = 900;

// Where a day stands among the edges, between whole numbers inside a step.
function placeOf(edges, day) {
  const at = Date.parse(day);
  const times = edges.map((edge) => Date.parse(edge));
  const next = times.findIndex((time) => time > at);
  if (next === 0) return 0;
  if (next < 0) return edges.length - 1;
  return next - 1 + (at - times[next - 1]) / (times[next] - times[next - 1]);
}

// `change(from, to)` is called with local days whenever the period moves; it may return a promise
// for when the map has followed.
export function timeBrush(line, period, change) {
  const { edges } = line;
  const last = edges.length - 1;
  const at = { from: placeOf(edges, period[0]), to: placeOf(edges, period[1]) };
  const chart = bars(line);
  const frame = make("div", { class: "tid-frame" }, chart.drawing);
  const band = make("div", { class: "tid-band", "aria-hidden": "true" });
  const shown = make("output", { class: "tid-shown" });
  const handles = {};
  let days = [...period];

  const draw = () => {
    for (const end of ["from", "to"]) {
      const handle = handles[end];
      handle.style.left = `${(100 * at[end]) / last}%`;
      const [least, most] = limits(end);
      const values = { min: least, max: most, now: Math.round(at[end]) };
      for (const [name, value] of Object.entries(values)) handle.setAttribute(`aria-value${name}`, value);
      const text = end === "from" ? dayText(days[0]) : timeWord("until", { day: dayText(dayAfter(days[1], -1)) });
      handle.setAttribute("aria-valuetext", text);
    }
    band.style.left = `${(100 * at.from) / last}%`;
    band.style.width = `${(100 * (at.to - at.from)) / last}%`;
    chart.mark(at.from, at.to);
    shown.textContent = periodText(...days);
  };
  const limits = (end) => (end === "from" ? [0, Math.max(0, Math.ceil(at.to) - 1)] : [Math.floor(at.from) + 1, last]);
  const move = (from, to) => {
    if (from === at.from && to === at.to) return null;
    Object.assign(at, { from, to });
    days = [edges[Math.round(from)], edges[Math.round(to)]];
    draw();
    return change(...days);
  };
  const moveEnd = (end, place) => {
    const [least, most] = limits(end);
    const whole = Math.min(most, Math.max(least, Math.round(place)));
    move(...(end === "from" ? [whole, at.to] : [at.from, whole]).map(Math.round));
  };
  const moveBoth = (steps) => {
    const from = Math.round(at.from);
    const width = Math.max(1, Math.round(at.to) - from);
    const first = Math.min(last - width, Math.max(0, from + steps));
    return move(first, first + width);
  };

  for (const end of ["from", "to"]) {
    const name = timeWord(end === "from" ? "start" : "end");
    const handle = make("div", { class: `tid-handle tid-${end}`, role: "slider", tabindex: "0", "aria-label": name });
    handle.addEventListener("keydown", (event) => {
      const jump = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -4, PageUp: 4 }[event.key];
      const place = { Home: 0, End: last }[event.key] ?? (jump && stepped(at[end], jump));
      if (place === undefined) return;
      event.preventDefault();
      pause();
      moveEnd(end, place);
    });
    dragged(handle, frame, () => at[end], (share, start) => (pause(), moveEnd(end, start + share * last)));
    handles[end] = handle;
  }
  dragged(band, frame, () => Math.round(at.from), (share, start) => {
    pause();
    moveBoth(Math.round(start + share * last) - Math.round(at.from));
  });

  // --- steps and playback
  const button = (key, text, act) => {
    const made = make("button", { type: "button", class: "tid-button", text });
    made.setAttribute("aria-label", key);
    made.addEventListener("click", act);
    return made;
  };
  const playName = timeWord(line.unit === "month" ? "play_month" : "play", { n: line.window });
  let playing = false;
  const pause = () => {
    playing = false;
    play.textContent = "▶";
    play.setAttribute("aria-label", playName);
  };
  const run = async () => {
    // A window of a fixed width, from where the period begins, or from the start after the end.
    const width = Math.min(line.window, last);
    const from = at.to >= last ? 0 : Math.min(Math.round(at.from), last - width);
    await move(from, from + width);
    while (playing && at.to < last) {
      await new Promise((done) => setTimeout(done, STEP_MS));
      if (playing) await moveBoth(1);
    }
    if (playing) pause();
  };
  const play = button(playName, "▶", () => {
    if (playing) return pause();
    playing = true;
    play.textContent = "❚❚";
    play.setAttribute("aria-label", timeWord("pause"));
    return run();
  });
  const step = (steps) => () => (pause(), moveBoth(steps));
  const back = button(timeWord("back"), "◀", step(-1));
  const forward = button(timeWord("forward"), "▶▏", step(1));
  // Who wants no motion steps by hand.
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tools = make("div", { class: "tid-tools" }, back, ...(still ? [] : [play]), forward, shown);

  frame.append(band, handles.from, handles.to);
  draw();
  document.addEventListener("visibilitychange", () => document.hidden && pause());
  return [tools, make("div", { class: "tid-track" }, frame), aboutBars(line), barTable(line)];
}

// From a place between two edges to the next whole one in that direction.
function stepped(place, jump) {
  const whole = jump > 0 ? Math.floor(place) : Math.ceil(place);
  return whole + jump;
}

// Calls `moved` with how far a pointer has gone, as a share of the frame, and where it began.
function dragged(element, frame, place, moved) {
  let start = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = { x: event.clientX, place: place() };
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
    if (element.tabIndex >= 0) element.focus();
  });
  element.addEventListener("pointermove", (event) => {
    if (start) moved((event.clientX - start.x) / frame.clientWidth, start.place);
  });
  for (const kind of ["pointerup", "pointercancel"]) element.addEventListener(kind, () => (start = null));
}
