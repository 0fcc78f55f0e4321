// Density in fixed classes, and the relative heat.

export function densityLayer(layer) {
  const renderer = L.canvas({ pane: "density", padding: 0.4 });
  return L.geoJSON(layer.features, {
    interactive: false,
    renderer,
    style: (feature) => ({
      stroke: false,
      fillColor: feature.properties.colour,
      fillOpacity: 0.82,
    }),
  });
}

// folium's heat script adds up whatever falls into one of its bins, and a bin covers more cells the
// further out one is. Dividing by the cells a bin holds keeps the picture alike at every zoom; the
// anchor row of the skeleton, first in its list, keeps the script from rescaling itself.
export function heatLayer(map, heat, layer) {
  const [anchor] = heat._latlngs;
  heat.options.pane = "heat";
  const fit = () => {
    const metres = map.distance(map.getCenter(), moved(map, 100)) / 100;
    const bin = (heat.options.radius + heat.options.blur) / 2;
    const cells = Math.max(1, ((bin * metres) / layer.cell_m) ** 2);
    heat.setLatLngs([
      anchor,
      ...layer.cells.map(([lon, lat, share]) => [lat, lon, Math.sqrt(share) / cells]),
    ]);
  };
  fit();
  map.on("zoomend", fit);
  return heat;
}

function moved(map, pixels) {
  return map.containerPointToLatLng(map.latLngToContainerPoint(map.getCenter()).add([pixels, 0]));
}
