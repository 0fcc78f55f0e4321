// Density in fixed classes, and the relative heat.

export function densityLayer(layer, pane = "density") {
  const renderer = L.canvas({ pane, padding: 0.4 });
  return L.geoJSON(layer.features, {
    interactive: false,
    renderer,
    pointToLayer: (_feature, at) => L.circleMarker(at, { interactive: false, pane, radius: 4, renderer }),
    style: (feature) => ({
      stroke: false,
      fillColor: feature.properties.colour,
      fillOpacity: 0.82,
    }),
  });
}

// folium's heat script adds up what falls into one of its bins and rescales itself to the fullest bin
// in view. Here the fullest bin of the whole map is the measure at each zoom, and the anchor row of
// the skeleton, first in its list, keeps the script from choosing another one. Nothing of it is
// worked out before somebody looks at it.
export function heatLayer(map, heat, layer) {
  const [anchor] = heat._latlngs;
  heat.options.pane = "heat";
  const fit = () => {
    const side = (heat.options.radius + heat.options.blur) / 2;
    const bins = new Map();
    for (const [lon, lat, share] of layer.cells) {
      const { x, y } = map.project([lat, lon]);
      const bin = `${Math.floor(x / side)} ${Math.floor(y / side)}`;
      bins.set(bin, (bins.get(bin) ?? 0) + share);
    }
    const fullest = Math.max(...bins.values());
    heat.setLatLngs([anchor, ...layer.cells.map(([lon, lat, share]) => [lat, lon, share / fullest])]);
  };
  heat.on("add", fit);
  map.on("zoomend", () => map.hasLayer(heat) && fit());
  return heat;
}
