"""Zones that a user drew: they stay as drawn, and what was found gives way to them."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.analysis.places import Floats, Places
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.tables import check_columns
from riskmiljo.wording import Text
from riskmiljo.zones.membership import in_crs_of, zone_of_points
from riskmiljo.zones.search import Outlined

DRAWN_COLUMNS: Final[dict[str, str]] = {
    "zone_id": "the id that it keeps",
    "name": "the name that the user gave",
    "geometry": "one polygon",
}
# A found zone with at least this share of its incidents in drawn ones is one of those.
_MOST: Final = 0.5
_STRIP_M: Final = 1.0
# Digitised borders that were meant to coincide overlap by slivers.
_SLIVER_M2: Final = 1.0
_WHAT: Final = Text("De ritade zonerna", "The drawn zones")


def checked_drawn(incidents: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return drawn zones in the CRS of the incidents, or say what is wrong with them.

    Parameters
    ----------
    incidents
        In a metric CRS.
    drawn
        ``zone_id``, ``name`` and polygons, in any CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons without holes, numbered from 0.

    Raises
    ------
    CRSError
        If the frame has no CRS.
    InvalidInputError
        If a column is missing, an id or name is missing or there twice, a geometry is no valid
        polygon or has holes, or two zones overlap; names the first such zone.
    """
    check_columns(drawn, DRAWN_COLUMNS, _WHAT)
    zones = in_crs_of(incidents, drawn, _WHAT).reset_index(drop=True)
    for column in ("zone_id", "name"):
        values = zones[column]
        if values.isna().any() or (values.astype(str).str.strip() == "").any():
            raise InvalidInputError(
                Text("En ritad zon saknar {c}.", "A drawn zone has no {c}.").fill(c=column)
            )
        if values.duplicated().any():
            raise InvalidInputError(
                Text(
                    "Två ritade zoner har samma {c}, {v}.",
                    "Two drawn zones have the same {c}, {v}.",
                ).fill(c=column, v=values[values.duplicated()].iloc[0])
            )
    for name, shape in zip(zones["name"], zones.geometry, strict=True):
        simple = isinstance(shape, shapely.Polygon) and shape.is_valid and not shape.is_empty
        if not simple or len(shape.interiors) > 0:
            raise InvalidInputError(
                Text(
                    "Den ritade zonen {n} är ingen enkel yta: rita en enda yta utan hål, vars "
                    "kant inte korsar sig själv.",
                    "The drawn zone {n} is no simple polygon: draw one area without holes, whose "
                    "border does not cross itself.",
                ).fill(n=name)
            )
    first, second = zones.sindex.query(zones.geometry, predicate="intersects")
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if a < b and zones.geometry[a].intersection(zones.geometry[b]).area > _SLIVER_M2:
            raise InvalidInputError(
                Text(
                    "De ritade zonerna {a} och {b} överlappar. Flytta gränsen mellan dem.",
                    "The drawn zones {a} and {b} overlap. Move the border between them.",
                ).fill(a=zones["name"][a], b=zones["name"][b])
            )
    return zones


def give_way(found: Outlined, drawn: list[shapely.Polygon], places: Places) -> Outlined:
    """Drop found zones that are mostly drawn ones, and cut the others back from them.

    Parameters
    ----------
    found
        The zones that a method found.
    drawn
        The drawn ones.
    places
        Unique places with their weights.

    Returns
    -------
    Outlined
        Found zones that keep more than half of their incidents, none overlapping a drawn one.
    """
    of_found, of_drawn = zone_of_points(places.xy, found.shapes), zone_of_points(places.xy, drawn)
    count = len(found.shapes)
    total = np.bincount(of_found + 1, places.weights, count + 1)[1:]
    taken = np.where(of_drawn >= 0, places.weights, 0.0)
    lost = np.bincount(of_found + 1, taken, count + 1)[1:]
    shapes: list[shapely.Polygon] = []
    kept: list[int] = []
    for number, shape in enumerate(found.shapes):
        if lost[number] >= _MOST * total[number]:
            continue
        rest = _cut(shape, drawn)
        if rest is not None:
            shapes.append(rest)
            kept.append(number)
    return Outlined(shapes, _inside(shapes, found.tops[np.array(kept, dtype=np.int64)]))


def _cut(shape: shapely.Polygon, drawn: list[shapely.Polygon]) -> shapely.Polygon | None:
    rest: shapely.Geometry = shape
    for other in drawn:
        if rest.intersects(other):
            rest = rest.difference(other.buffer(_STRIP_M, join_style="mitre"))
    parts = [part for part in shapely.get_parts(rest) if isinstance(part, shapely.Polygon)]
    if not parts:
        return None
    largest = max(parts, key=lambda part: part.area)
    if largest.interiors:
        # A drawn zone in the midst of a found one: a strip opens the ring, for zones have no holes.
        for ring in largest.interiors:
            strip = shapely.shortest_line(largest.exterior, shapely.Polygon(ring))
            largest = largest.difference(strip.buffer(_STRIP_M, cap_style="square"))
        return _cut(largest, [])
    return shapely.Polygon(largest.exterior)


def _inside(shapes: list[shapely.Polygon], tops: Floats) -> Floats:
    """Move the tops that a cut has left outside to a point inside."""
    moved = tops.copy()
    for number, shape in enumerate(shapes):
        if not shapely.intersects_xy(shape, *tops[number]):
            moved[number] = shapely.get_coordinates(shape.representative_point())[0]
    return moved
