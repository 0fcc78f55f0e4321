"""Zones get the names that people use: the gazetteer's, never the same one twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.analysis.places import Floats
from riskmiljo.geo.crs import coordinates

# What a name of each kind costs; the distance from the top, in radii, is added.
_KIND_COST: Final[dict[str, float]] = {
    "square_area": 0.0,
    "station": 0.1,
    "shopping": 0.3,
    "square": 0.3,
    "park": 0.5,
    "hospital": 0.5,
    "sports": 0.5,
    "landmark": 0.7,
    "library": 0.7,
    "school": 0.7,
    "stop": 1.5,
    "street": 2.0,
    "district": 3.0,
}
_OTHER_KIND_COST: Final = 1.0
# A part of town or a station inside the outline names it, wherever in it the top happens to lie.
_AREA_KINDS: Final = frozenset({"square_area", "station"})
_INSIDE_FACTOR: Final = 0.2
_LEAST_REACH_M: Final = 60.0
_FAR_M: Final = 3_000.0
_DIRECTIONS: Final = ("östra", "norra", "västra", "södra")
_BESIDE: Final = ("Öster", "Norr", "Väster", "Söder")


def name_zones(
    tops: Floats,
    outlines: Sequence[shapely.Polygon],
    places: gpd.GeoDataFrame | None,
    *,
    kept: Mapping[int, str] | None = None,
    taken: Collection[str] = (),
) -> list[str]:
    """Name zones after the places at their tops.

    Parameters
    ----------
    tops
        Shape (k, 2), metres: where each zone is densest.
    outlines
        Their polygons.
    places
        The gazetteer (PLACE_COLUMNS) in the same CRS, or None.
    kept
        Names that zones already have, by position; no other zone gets one of them.
    taken
        Names that none may get, such as those of the zones of another level.

    Returns
    -------
    list of str
        One name a zone, all different: the place's own; else the place with the part of it
        ("City norra"); else the side of the nearest place ("Norr om Gottsunda"); without a
        gazetteer "Zon 1" and so on.
    """
    names: dict[int, str] = dict(kept or {})
    used = set(names.values()) | set(taken)
    nameless = [zone for zone in range(len(outlines)) if zone not in names]
    if nameless and places is not None and len(places) > 0:
        known = [str(name) for name in places["name"]]
        offset, cost = _costs(tops, outlines, places)
        _give_own_names(names, used, nameless, known, cost)
        for zone in nameless:
            if zone not in names:
                name = _beside(zone, known, offset, cost)
                if name is not None:
                    names[zone] = _unused(name, used)
                    used.add(names[zone])
    for zone in nameless:
        if zone not in names:
            names[zone] = _numbered(used)
            used.add(names[zone])
    return [names[zone] for zone in range(len(outlines))]


def _costs(
    tops: Floats, outlines: Sequence[shapely.Polygon], places: gpd.GeoDataFrame
) -> tuple[Floats, Floats]:
    xy = coordinates(places)
    offset = np.asarray(tops)[:, None, :] - xy[None, :, :]
    distance = np.hypot(offset[..., 0], offset[..., 1])
    reach = np.maximum(places["radius_m"].fillna(0.0).to_numpy(dtype=float), _LEAST_REACH_M)
    kinds = places["kind"].astype(str)
    kind_cost = kinds.map(lambda kind: _KIND_COST.get(kind, _OTHER_KIND_COST)).to_numpy(dtype=float)
    area = kinds.isin(_AREA_KINDS).to_numpy()
    inside = np.array([shapely.intersects_xy(shape, xy[:, 0], xy[:, 1]) for shape in outlines])
    near = np.where(inside & area, _INSIDE_FACTOR, 1.0) * distance / reach
    cost = np.where(inside | (distance <= reach), kind_cost + near, np.inf)
    return offset, cost


def _give_own_names(
    names: dict[int, str], used: set[str], nameless: list[int], known: list[str], cost: Floats
) -> None:
    pairs = [
        (float(cost[zone, place]), zone, place)
        for zone in nameless
        for place in np.flatnonzero(np.isfinite(cost[zone])).tolist()
    ]
    for _, zone, place in sorted(pairs):
        if zone not in names and known[place] not in used:
            names[zone] = known[place]
            used.add(known[place])


def _beside(zone: int, known: list[str], offset: Floats, cost: Floats) -> str | None:
    distance = np.hypot(offset[zone, :, 0], offset[zone, :, 1])
    place = int(np.argmin(cost[zone]))
    if np.isfinite(cost[zone, place]):
        return f"{known[place]} {_DIRECTIONS[_quarter(offset[zone, place])]}"
    place = int(np.argmin(distance))
    if distance[place] > _FAR_M:
        return None
    return f"{_BESIDE[_quarter(offset[zone, place])]} om {known[place]}"


def _quarter(offset: Floats) -> int:
    return int(np.rint(np.arctan2(offset[1], offset[0]) / (np.pi / 2))) % 4


def _unused(name: str, used: set[str]) -> str:
    number = 2
    unused = name
    while unused in used:
        unused = f"{name} {number}"
        number += 1
    return unused


def _numbered(used: set[str]) -> str:
    number = 1
    while f"Zon {number}" in used:
        number += 1
    return f"Zon {number}"
