"""Maps: folium draws the skeleton, data go as JSON, our own script draws everything else.

No string that came from a file or a user passes through folium or branca, which compile text as
a server-side template and as script. `riskmiljo.maps.skeleton` is the only module that knows
folium, and it is given nothing but constants.

A page embeds a map in three steps.

1. **Head**, in this order (`asset_path(name)` gives ``<release>/<name>``; serve it below any
   prefix from `asset(name)`, for ever when the release is the current one)::

       {% for name in STYLESHEETS %}<link rel="stylesheet" href="/assets/{{ asset_path(name) }}">
       {% for name in SCRIPTS %}<script defer src="/assets/{{ asset_path(name) }}"></script>
       {% for name in MODULES %}<script type="module" src="/assets/{{ asset_path(name) }}"></script>

   ``karta.css`` styles only what lies inside ``.karta``; the page's own colours and fonts are the
   page's affair. Everything holds under ``Content-Security-Policy: default-src 'self'``, without
   inline script or style; a tile server must be
   added to ``img-src``, with ``data:`` for tiles that Leaflet gives up.

2. **Body**: ``{{ map_fragment("/lager.json?...", label) }}`` (a `markupsafe.Markup`)::

       <section class="karta" data-layers="/lager.json?..." aria-label="...">
         <div class="folium-map" id="map_1"></div>
         <noscript>...</noscript>
       </section>

   One map a page. The script builds zoom, layer control, legend and zone panel inside the
   section, in the language of ``<html lang>``. The section is as high as it needs; set the height
   of the map itself by the custom property ``--karta-height`` on ``.karta`` or above it. A link
   or button elsewhere on the page with ``data-zone="<zone_id>"`` opens that zone on the map, one
   with ``data-stop="<stop_id>"`` that stop of the routes.

3. **Layers**: the address in ``data-layers`` answers ``application/json`` with
   `json_text(map_payload(...))`. ``data-layers="#id"`` reads a
   ``<script type="application/json" id="id">`` of the same page instead.

The shape of the layers' JSON (every ``Text`` is ``{"sv": ..., "en": ...}``; coordinates are
longitude, latitude, WGS 84, six decimals; layers are listed from bottom to top)::

    {"version": 1, "title": Text, "subtitle": Text | null, "simulated": bool, "as_of": Text,
     "notes": [Text], "view": {"bounds": [w, s, e, n], "min_zoom": int, "max_zoom": int},
     "tiles": {"url", "attribution"} | null, "attribution": [Text],
     "layers": [{"id": "base" | "knowledge" | "density" | "heat" | "areas" | "zones" | "routes" |
                        "places",
                 "label": Text, "shown": bool, "features": [GeoJSON Feature],
                 "legend": {...} | absent}]}

The heat layer has ``cells`` instead of features, the areas' layer ``borders`` beside them, the
zones' layer may have ``micro_places`` (features that are drawn close up only), the routes' layer
has ``crews`` (`riskmiljo.maps.routes_layer`). The
text strings of features (names, kinds, verdicts) are whatever a file or a user wrote: a reader of
this JSON writes them as text, never as markup.

A self-contained file is `standalone_page(payload, ...)`. Standing maps are `read_standing_maps`.
"""

from __future__ import annotations

from riskmiljo.maps.assets import MODULES, SCRIPTS, STYLESHEETS, Asset, asset, asset_path
from riskmiljo.maps.page import map_fragment, standalone_page
from riskmiljo.maps.payload import json_text, map_payload
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES, UNIT, DensityClass
from riskmiljo.maps.standing import StandingMap, read_standing_maps

__all__ = [
    "BREAKS",
    "DENSITY_CLASSES",
    "MODULES",
    "SCRIPTS",
    "STYLESHEETS",
    "UNIT",
    "Asset",
    "DensityClass",
    "StandingMap",
    "asset",
    "asset_path",
    "json_text",
    "map_fragment",
    "map_payload",
    "read_standing_maps",
    "standalone_page",
]
