"""Micro-places: the squares and corners into which a large zone falls at a closer look."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from riskmiljo.analysis.places import Floats, Places
from riskmiljo.geo.grid import Grid
from riskmiljo.zones.membership import zone_of_points
from riskmiljo.zones.outline import outlines, top_points
from riskmiljo.zones.relief import (
    CELLS_A_BANDWIDTH,
    FEWEST_EFFECTIVE,
    effective_area_m2,
    least_height,
    relief,
)
from riskmiljo.zones.search import Outlined

MICRO_BANDWIDTH_M: Final = 70.0
# A micro-place rises this many standard errors above the mean of the zone that it lies in.
_LEAST_Z: Final = 4.0
# One that takes up more of its zone than this is the zone itself.
_MOST_OF_ZONE: Final = 0.5
_STRIP_M: Final = 1.0


def micro_places(
    zone: shapely.Polygon, places: Places, *, bandwidth_m: float, min_places: int
) -> Outlined:
    """Find the places within a zone that stand out from the zone itself.

    Parameters
    ----------
    zone
        The zone's outline.
    places
        Unique places, weighted in effective incidents; those outside the zone shape its surface
        near the border.
    bandwidth_m
        Of the quartic kernel, metres.
    min_places
        How many places each must hold.

    Returns
    -------
    Outlined
        At least two, which lie within the zone and do not overlap; else none: a zone with a single
        middle is a micro-place as it stands.

    References
    ----------
    Chazal, F., Guibas, L. J., Oudot, S. Y. and Skraba, P. (2013). Persistence-based clustering in
    Riemannian manifolds.
    """
    west, south, east, north = zone.bounds
    x, y = places.xy[:, 0], places.xy[:, 1]
    near = np.flatnonzero(
        (x >= west - bandwidth_m)
        & (x <= east + bandwidth_m)
        & (y >= south - bandwidth_m)
        & (y <= north + bandwidth_m)
    )
    xy, weights = places.xy[near], places.weights[near]
    held = float(weights[zone_of_points(xy, [zone]) == 0].sum())
    around = held / zone.area * effective_area_m2(bandwidth_m)
    box = shapely.box(*shapely.box(*zone.bounds).buffer(2 * bandwidth_m).bounds)
    grid = Grid.over(box, bandwidth_m / CELLS_A_BANDWIDTH, origin=(0.0, 0.0))
    grid = Grid(grid.x0, grid.y0, grid.cell_m, np.ones(grid.shape, dtype=bool))
    part = relief(xy, weights, grid, near, bandwidth_m, around=around)
    least = max(FEWEST_EFFECTIVE, least_height(around, _LEAST_Z))
    tall = np.flatnonzero(part.height.ravel()[part.basins.tops] >= least).tolist()
    inner = zone.buffer(-_STRIP_M)
    shapes: list[shapely.Polygon] = []
    tops: list[Floats] = []
    for shape, top in zip(outlines(part, tall), top_points(part, tall), strict=True):
        inside = None if shape is None else _around(shape.intersection(inner), top)
        if (
            inside is not None
            and inside.area <= _MOST_OF_ZONE * zone.area
            and (zone_of_points(xy, [inside]) == 0).sum() >= min_places
        ):
            shapes.append(inside)
            tops.append(shapely.get_coordinates(top)[0])
    if len(shapes) < 2:  # noqa: PLR2004 - the whole and one part of it are one place
        return Outlined([], np.empty((0, 2)))
    return Outlined(shapes, np.array(tops))


def _around(shape: shapely.Geometry, top: shapely.Point) -> shapely.Polygon | None:
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon) and part.intersects(top):
            return shapely.Polygon(part.exterior)
    return None
