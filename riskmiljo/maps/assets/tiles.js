// Density as tiles of our own server, for whatever period and filter the page is set to.

const OPACITY = 0.82;

// A Leaflet tile layer puts an empty data: image in the place of a tile that it gives up, which the
// page's policy refuses; a grid layer leaves its images alone.
const Tiles = L.GridLayer.extend({
  createTile({ x, y, z }, done) {
    const image = document.createElement("img");
    image.alt = "";
    image.addEventListener("load", () => done(null, image));
    image.addEventListener("error", () => done(new Error(image.src), image));
    image.src = L.Util.template(this.options.address, { x, y, z });
    return image;
  },
});

export function tileGrid(address, { opacity = OPACITY } = {}) {
  const grid = new Tiles({ address, opacity, pane: "density", maxNativeZoom: 19, keepBuffer: 1, updateWhenZooming: false });
  // At zooms between whole numbers tiles are scaled: a pixel of overlap hides the joints.
  grid.on("tileloadstart", ({ tile }) => {
    const { x, y } = grid.getTileSize();
    tile.style.width = `${x + 1}px`;
    tile.style.height = `${y + 1}px`;
  });
  return grid;
}

// The same tiles for other fields: "from=2026-04-01&to=2026-05-01&category=theft".
export function tilesFor(address, changes) {
  const [path, query = ""] = address.split("?");
  const fields = new URLSearchParams(query);
  for (const key of new Set(changes.keys())) fields.delete(key);
  for (const [key, value] of changes) if (value) fields.append(key, value);
  return `${path}?${fields}`;
}

// The layer of the map. The page asks for other tiles by the event "karta:density" with `address`;
// the old ones stay until all new ones are there, then "karta:drawn" says so.
export function tiledDensity(root, map, layer) {
  // Leaflet would fade each new tile in over a fifth of a second.
  map._fadeAnimated = false;
  const group = L.layerGroup();
  let shown = tileGrid(layer.tiles).addTo(group);
  let coming = null;
  root.dataset.tiles = layer.tiles;
  root.addEventListener("karta:density", ({ detail: { address } }) => {
    if (coming) group.removeLayer(coming);
    const next = tileGrid(address, { opacity: 0 });
    const swap = () => {
      if (coming !== next) return;
      next.setOpacity(OPACITY);
      group.removeLayer(shown);
      shown = next;
      coming = null;
      root.dataset.drawn = address;
      root.dispatchEvent(new CustomEvent("karta:drawn", { detail: { address } }));
    };
    coming = next;
    next.once("load", swap);
    group.addLayer(next);
    if (!map.hasLayer(group)) swap();
  });
  return group;
}
