"""Stops get names that a crew can find: the zone, a place of the gazetteer, a street corner."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.geo.crs import coordinates, require_geometry
from riskmiljo.model.plan import STOP_SIDES
from riskmiljo.model.tables import PLACE_COLUMNS, check_columns
from riskmiljo.patrol.street_corners import BETWEEN_NAMES
from riskmiljo.patrol.streets import Streets
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A place names what lies within its radius, or this near.
_LEAST_REACH_M: Final = 60.0
# A corner farther off names another place.
_IN_SIGHT_M: Final = 100.0
# Parts of town and districts are too large to tell one corner from another.
_TOO_LARGE: Final = frozenset({"square_area", "district"})


def name_stops(
    zones: gpd.GeoDataFrame,
    zone: Ints,
    of: Ints,
    xy: Floats,
    places: gpd.GeoDataFrame | None,
    streets: Streets | None,
) -> list[str]:
    """Name stops after their zone and, where a zone has several, the place they stand at.

    Parameters
    ----------
    zones
        With ``name``.
    zone
        Shape (n,): row of each stop's zone.
    of
        Shape (n,): how many stops that zone has.
    xy
        Shape (n, 2), metres.
    places
        The gazetteer (PLACE_COLUMNS) in the same CRS, or None.
    streets
        For the names of corners, or None.

    Returns
    -------
    list of str
        Such as ``Resecentrum`` and ``City, Stora torget``; all different. Sides of a zone stand in
        Swedish: `riskmiljo.model.plan.place_title` tells them in each language.
    """
    corners = _corners_near(xy, streets)
    near = _places_near(xy, places)
    used: set[str] = set()
    names: list[str] = []
    for row in range(len(xy)):
        whole = str(zones["name"].iloc[zone[row]])
        tries = [whole]
        if of[row] > 1:
            # "Stadsträdgården, Stadsträdgården / Svandammen" says one thing twice.
            corner = BETWEEN_NAMES.join(
                street for street in corners[row].split(BETWEEN_NAMES) if street != whole
            )
            spots = [*near[row], corner]
            tries = [whole if spot == whole else f"{whole}, {spot}" for spot in spots if spot]
            tries.append(f"{whole}, {_side(zones.geometry.iloc[zone[row]], xy[row])}")
        name = next((one for one in tries if one not in used), whole)
        number = 2
        while name in used:
            name = f"{whole} {number}"
            number += 1
        used.add(name)
        names.append(name)
    return names


def _corners_near(xy: Floats, streets: Streets | None) -> list[str]:
    """Return the corner at each point; empty where the nearest one is not in sight."""
    if streets is None or not len(xy):
        return [""] * len(xy)
    corners = streets.nearest_corner(xy)
    return [
        name if distance <= _IN_SIGHT_M else ""
        for name, distance in zip(corners.name, corners.distance_m, strict=True)
    ]


def _side(zone: Any, point: Floats) -> str:
    """Return which side of its zone a point lies on."""
    middle = shapely.get_coordinates(shapely.centroid(zone))[0]
    east, north = point - middle
    quarter = int(np.rint(np.arctan2(north, east) / (np.pi / 2))) % len(STOP_SIDES)
    return STOP_SIDES[quarter].sv


def _places_near(xy: Floats, places: gpd.GeoDataFrame | None) -> list[list[str]]:
    """Return for each point the places that reach it, the nearest first."""
    if places is None:
        return [[] for _ in xy]
    check_columns(places, PLACE_COLUMNS, Text("Ortregistret", "The gazetteer"))
    require_geometry(places, Text("Ortregistret", "The gazetteer"))
    if places.empty:
        return [[] for _ in xy]
    small = places[~places["kind"].isin(_TOO_LARGE)]
    at = coordinates(small)
    reach = np.maximum(small["radius_m"].fillna(0.0).to_numpy(dtype=float), _LEAST_REACH_M)
    known = small["name"].to_numpy()
    found = []
    for point in xy:
        distance = np.hypot(*(at - point).T)
        order = np.argsort(distance / reach, kind="stable")
        found.append([str(known[i]) for i in order if distance[i] <= reach[i]])
    return found
