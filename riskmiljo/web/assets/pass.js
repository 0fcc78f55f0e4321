// The page of a plan that is being made: a stop is dragged on the map to where it is wanted.

// Less is a press that opens the stop.
const LEAST_PX = 8;

const hint = document.querySelector(".move-hint");
const root = document.querySelector(".karta");

function mapOf() {
  return window[root.querySelector(".folium-map").id];
}

// The address of the plan without the stop, and with the point in its place.
function movedTo({ lat, lng }, link) {
  const where = new URL(link.href);
  where.searchParams.append(link.dataset.field, `${lat.toFixed(5)},${lng.toFixed(5)}${link.dataset.terms}`);
  return where;
}

function offer(mark, link) {
  let from = null;
  let moved = false;
  const put = (x, y) => (mark.style.translate = moved ? `${x}px ${y}px` : "");
  const leave = () => {
    from = null;
    moved = false;
    put();
  };
  mark.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = event;
    mark.setPointerCapture(event.pointerId);
  });
  mark.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = [event.clientX - from.clientX, event.clientY - from.clientY];
    if (!moved && Math.hypot(x, y) < LEAST_PX) return;
    moved = true;
    put(x, y);
  });
  mark.addEventListener("pointerup", (event) => {
    if (moved) {
      // What follows is a click, and no wish to open the stop.
      mark.addEventListener("click", (click) => click.stopImmediatePropagation(), { capture: true, once: true });
      hint.textContent = hint.dataset.moved;
      location.assign(movedTo(mapOf().mouseEventToLatLng(event), link));
    }
    from = null;
  });
  mark.addEventListener("pointercancel", leave);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && from && leave());
  mark.classList.add("movable");
}

function offerAll() {
  for (const mark of root.querySelectorAll(".karta-stop[data-mark]")) {
    const link = document.querySelector(`[data-move="${CSS.escape(mark.dataset.mark)}"]`);
    if (link) offer(mark, link);
  }
  hint.hidden = false;
}

if (root.dataset.ready) offerAll();
else {
  const watch = new MutationObserver(() => {
    if (!root.dataset.ready) return;
    watch.disconnect();
    offerAll();
  });
  watch.observe(root, { attributes: true, attributeFilter: ["data-ready"] });
}
