"""Outlines: contours of the shown surface, cut along the valleys between neighbours."""

from __future__ import annotations

from typing import Final

import contourpy
import numpy as np
import shapely

from riskmiljo.analysis.places import Floats
from riskmiljo.analysis.surface import filled_polygon
from riskmiljo.zones.relief import REACH, Relief

# A level that would take in another zone's top is raised until it does not.
_SHARES: Final = (REACH, 0.45, 0.6, 0.75, 0.9)
_TOLERANCE_M: Final = 6.0
# Neighbours leave a strip between them, so that rounding can never make them overlap.
_STRIP_M: Final = 1.0


def outlines(part: Relief, tops: list[int]) -> list[shapely.Polygon | None]:
    """Draw the outlines of a region's zones.

    Parameters
    ----------
    part
        The region's surface.
    tops
        Numbers of the tops to outline, highest first.

    Returns
    -------
    list
        A valid polygon without holes for each top, or None where nothing is left of it; no two
        overlap.
    """
    centres = top_points(part, tops)
    drawn: list[shapely.Polygon | None] = []
    for number, centre in zip(tops, centres, strict=True):
        others = shapely.MultiPoint([other for other in centres if other is not centre])
        shape = _outline(part, number, centre, others)
        for neighbour in drawn:
            if shape is not None and neighbour is not None and shape.intersects(neighbour):
                cut = shape.difference(neighbour.buffer(_STRIP_M, join_style="mitre"))
                # As it was cut: simplified again it could reach across the strip.
                shape = _part_around(cut, centre, tolerance_m=0.0)
        drawn.append(shape)
    return drawn


def top_points(part: Relief, tops: list[int]) -> list[shapely.Point]:
    """Return the centres of the cells of tops.

    Parameters
    ----------
    part
        The region's surface.
    tops
        Numbers of tops.

    Returns
    -------
    list of shapely.Point
        In the region's CRS.
    """
    return [_centre(part, int(part.basins.tops[number])) for number in tops]


def _centre(part: Relief, cell: int) -> shapely.Point:
    row, column = divmod(cell, part.grid.shape[1])
    return shapely.Point(
        part.grid.x0 + (column + 0.5) * part.grid.cell_m,
        part.grid.y0 + (row + 0.5) * part.grid.cell_m,
    )


def _outline(
    part: Relief, number: int, centre: shapely.Point, others: shapely.MultiPoint
) -> shapely.Polygon | None:
    for share in _SHARES:
        whole = _part_around(_contour(part, number, share), centre)
        if whole is not None and not whole.intersects(others):
            return whole
    return None


def _contour(part: Relief, number: int, share: float) -> shapely.MultiPolygon:
    reach, level = part.reach(number, share), part.level(number, share)
    above = part.height[reach.rows, reach.columns] - level
    # Above the level but another's: as far below it, so that the line runs midway.
    signed = np.where(reach.inside, above, -np.abs(above))
    signed = np.pad(signed, 1, constant_values=-level)
    x = _axis(part.grid.x0, part.grid.cell_m, reach.columns.start - 1, signed.shape[1])
    y = _axis(part.grid.y0, part.grid.cell_m, reach.rows.start - 1, signed.shape[0])
    lines = contourpy.contour_generator(x, y, signed, fill_type=contourpy.FillType.OuterOffset)
    return filled_polygon(lines.filled(0.0, float(signed.max()) + 1.0))


def _axis(start: float, cell_m: float, first: int, count: int) -> Floats:
    return np.asarray(start + (first + 0.5 + np.arange(count)) * cell_m)


def _part_around(
    shape: shapely.Geometry, centre: shapely.Point, tolerance_m: float = _TOLERANCE_M
) -> shapely.Polygon | None:
    around = [part for part in shapely.get_parts(shape) if part.intersects(centre)]
    if not around:
        return None
    simple = shapely.Polygon(around[0].exterior).simplify(tolerance_m)
    return simple if isinstance(simple, shapely.Polygon) and simple.is_valid else None
