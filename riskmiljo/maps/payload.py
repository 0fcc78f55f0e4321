"""All layers of one map as one JSON-able dictionary."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.analysis.surface import Surface
from riskmiljo.errors import InvalidInputError, SettingsError
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.maps.basemap import NO_BASE_MAP, basemap_layer
from riskmiljo.maps.knowledge_layer import knowledge_layer
from riskmiljo.maps.layers import (
    Layer,
    areas_layer,
    density_layer,
    heat_layer,
    places_layer,
    tiled_density_layer,
)
from riskmiljo.maps.routes_layer import routes_bounds, routes_layer
from riskmiljo.maps.zones_layer import zones_layer
from riskmiljo.model.period import TZ
from riskmiljo.model.plan import Plan
from riskmiljo.settings import Settings
from riskmiljo.wording import Text

# Asked for what is made of one object, by what it is called and what else it depends on: makes it,
# or knows what it made before of the same.
Remember = Callable[[object, tuple[Hashable, ...], Callable[[], Any]], Any]

Box = tuple[float, float, float, float]

LAYER_IDS: Final = ("base", "knowledge", "density", "heat", "areas", "zones", "routes", "places")
_DEFAULT_SHOWN: Final = ("base", "density", "zones", "routes", "places")
_MIN_ZOOM, _MAX_ZOOM = 8, 19
# A view is never narrower than this, and has this much air around what it shows.
_MIN_SIDE_M: Final = 1500.0
_MARGIN: Final = 0.12
# The base map reaches this many views beyond the first one, for those who pan.
_REACH: Final = 2.0
_TILE_URL: Final = re.compile(r"(https?://|/)[A-Za-z0-9._~:/?&=%{}\-]+")


def map_payload(
    *,
    title: Text,
    surface: Surface | None = None,
    zones: gpd.GeoDataFrame | None = None,
    micro_places: gpd.GeoDataFrame | None = None,
    rhythm: pd.DataFrame | None = None,
    trend: pd.DataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    plan: Plan | None = None,
    places: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    as_of: datetime,
    settings: Settings,
    simulated: bool = False,
    subtitle: Text | None = None,
    notes: Sequence[Text] = (),
    shown: Sequence[str] = _DEFAULT_SHOWN,
    layers: Sequence[str] = LAYER_IDS,
    tz: str = TZ,
    knowledge: gpd.GeoDataFrame | None = None,
    density_tiles: str | None = None,
    remember: Remember = lambda _of, _key, make: make(),
) -> dict[str, Any]:
    """Put the layers of a map together.

    Parameters
    ----------
    title
        What the map is called.
    surface
        Density, incidents per hectare per week; drawn in fixed classes and as relative heat.
    zones, micro_places, rhythm, trend
        See `riskmiljo.maps.zones_layer.zones_layer`.
    areas
        Patrol areas.
    plan
        A shift plan, whose routes are drawn; the map then opens on them.
    places
        The gazetteer.
    streets
        The loaded street network; None draws the schematic one.
    as_of
        When the data were last changed (aware).
    settings
        Tile server and the area shown when there is nothing to show.
    simulated
        Whether the incidents are made up; then every map says so.
    subtitle
        Period and filter in words.
    notes
        What was withheld, and degraded modes.
    shown
        Ids of the layers that are on when the map opens.
    layers
        Ids of the layers that the map has at all.
    tz
        The zone in which `as_of` is written.
    knowledge
        Hours of presence per cell (`riskmiljo.maps.knowledge_layer`).
    density_tiles
        Where the surface's tiles are (`riskmiljo.maps.layers.tiled_density_layer`); None draws
        its classes as polygons, which a map needs that must do without a server.
    remember
        Keeps what takes long and depends on surface, presence or streets alone: many plans are
        drawn on the same ones. The usual one keeps nothing.

    Returns
    -------
    dict
        As described in `riskmiljo.maps`; the same input gives the same dictionary.

    Raises
    ------
    InvalidInputError
        If a layer id is not known.
    SettingsError
        If the tile server's address cannot be used.
    """
    unknown = [name for name in (*shown, *layers) if name not in LAYER_IDS]
    if unknown:
        raise InvalidInputError(
            Text(
                "Kartlagret {n!r} finns inte. Tillåtna: {a}.",
                "There is no map layer {n!r}. Allowed: {a}.",
            ).fill(n=unknown[0], a=", ".join(LAYER_IDS))
        )
    bounds = _view(zones, areas, surface, settings)
    if plan is not None and plan.routes:
        bounds = _in_degrees(routes_bounds(plan), plan.epsg)
    ground = _reach(_view(zones, areas, surface, settings), bounds)
    base, base_notes = remember(
        streets, ("base", ground), lambda: basemap_layer(ground, streets=streets)
    )
    near = None if places is None else _near(places, ground)
    tiles = tile_source(settings)
    made: dict[str, Layer | None] = {
        "base": base if base["features"] else None,
        "density": None
        if surface is None
        else remember(
            surface, ("density", density_tiles), lambda: _density(surface, density_tiles)
        ),
        "knowledge": None
        if knowledge is None
        else remember(
            knowledge,
            ("knowledge",),
            lambda: knowledge_layer(knowledge, cell_m=knowledge.attrs["cell_m"]),
        ),
        "heat": None
        if surface is None
        else remember(surface, ("heat",), lambda: heat_layer(surface)),
        "areas": None if areas is None else areas_layer(areas),
        "zones": None
        if zones is None
        else zones_layer(zones, rhythm=rhythm, trend=trend, areas=areas, micro_places=micro_places),
        "routes": None if plan is None else routes_layer(plan),
        "places": None if near is None or near.empty else places_layer(near),
    }
    wanted = [
        {**layer, "shown": name in shown}
        for name in LAYER_IDS
        if name in layers and (layer := made[name]) is not None
    ]
    # Where the base map comes from stands in the map's corner; that there is none is a note.
    missing = [] if tiles else [note for note in base_notes if note is NO_BASE_MAP]
    origin = [note for note in base_notes if note is not NO_BASE_MAP]
    return {
        "version": 1,
        "title": title.as_dict(),
        "subtitle": None if subtitle is None else subtitle.as_dict(),
        "simulated": simulated,
        "as_of": _as_of(as_of, tz).as_dict(),
        "notes": [note.as_dict() for note in (*notes, *missing)],
        "view": {
            "bounds": [round(edge, 6) for edge in bounds],
            "min_zoom": _MIN_ZOOM,
            "max_zoom": _MAX_ZOOM,
        },
        "tiles": tiles,
        "attribution": [note.as_dict() for note in origin],
        "layers": wanted,
    }


def _density(surface: Surface, tiles: str | None) -> Layer:
    return density_layer(surface) if tiles is None else tiled_density_layer(surface, tiles)


def json_text(payload: dict[str, Any]) -> str:
    """Write a payload as JSON that may also stand inside an HTML ``script`` element.

    Parameters
    ----------
    payload
        From `map_payload`.

    Returns
    -------
    str
        One line; ``<``, ``>``, ``&`` and the two line separators that break scripts are escaped.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def tile_source(settings: Settings) -> dict[str, str] | None:
    """Return the installation's tile server for the script.

    Parameters
    ----------
    settings
        ``tile_url`` and ``tile_attribution``.

    Returns
    -------
    dict or None
        ``url`` and ``attribution``; None when no server is set.

    Raises
    ------
    SettingsError
        If the address is not made of plain address characters or lacks ``{z}``, ``{x}``, ``{y}``.
    """
    url = settings.tile_url
    if not url:
        return None
    gaps = re.findall(r"\{[^}]*\}", url)
    complete = {"{z}", "{x}", "{y}"} <= set(gaps) <= {"{z}", "{x}", "{y}", "{s}", "{r}"}
    if not complete or not _TILE_URL.fullmatch(url):
        raise SettingsError(
            Text(
                "Inställningen tile_url duger inte: {u!r}. Skriv till exempel "
                "https://kartor.example.se/{{z}}/{{x}}/{{y}}.png.",
                "The setting tile_url cannot be used: {u!r}. Write for example "
                "https://maps.example.org/{{z}}/{{x}}/{{y}}.png.",
            ).fill(u=url[:120])
        )
    return {"url": url, "attribution": settings.tile_attribution}


def _as_of(moment: datetime, tz: str) -> Text:
    local = moment.astimezone(ZoneInfo(tz))
    return Text("Uppgifter per {t:%Y-%m-%d %H:%M}", "Data as of {t:%Y-%m-%d %H:%M}").fill(t=local)


def _view(
    zones: gpd.GeoDataFrame | None,
    areas: gpd.GeoDataFrame | None,
    surface: Surface | None,
    settings: Settings,
) -> tuple[float, float, float, float]:
    """Choose what the map shows first: zones, else areas, else the surface, else the whole area."""
    for frame in (zones, areas):
        if frame is not None and len(frame):
            return _in_degrees(tuple(frame.total_bounds), frame.crs)
    if surface is not None:
        return _in_degrees(surface.grid.bounds, surface.grid.crs)
    return settings.area_bbox


def _in_degrees(bounds: tuple[float, ...], crs: Any) -> tuple[float, float, float, float]:
    """Widen a metric box by its margin and return the box in degrees that holds it."""
    west, south, east, north = bounds
    half = [max(_MIN_SIDE_M, side * (1 + 2 * _MARGIN)) / 2 for side in (east - west, north - south)]
    middle = (west + east) / 2, (south + north) / 2
    corners = np.array([(i, j) for i in (-1, 1) for j in (-1, 1)]) * half + middle
    lon, lat = transform(corners[:, 0], corners[:, 1], crs, WGS84)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _reach(usual: Box, shown: Box) -> Box:
    """Return how far the base map goes: around the usual view, and what is shown on its own.

    The routes of one plan and the next lie on the same base map, as long as it holds both.
    """
    west, south, east, north = usual
    dx, dy = (east - west) * _REACH, (north - south) * _REACH
    reach = west - dx, south - dy, east + dx, north + dy
    within = all(a <= b for a, b in zip(reach[:2], shown[:2], strict=True)) and all(
        a >= b for a, b in zip(reach[2:], shown[2:], strict=True)
    )
    if not within:
        return _reach(shown, shown)
    return max(reach[0], -180), max(reach[1], -85), min(reach[2], 180), min(reach[3], 85)


def _near(places: gpd.GeoDataFrame, bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    lon, lat = transform(places.geometry.x, places.geometry.y, places.crs, WGS84)
    west, south, east, north = bounds
    return places[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
