"""Points out of WKB, the binary form of geometries in GeoPackage and GeoParquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.intake.raw import (
    GEOMETRY_MISSING,
    GEOMETRY_NO_POINT,
    GEOMETRY_OK,
    Geometry,
)

_POINT: Final = 0
_MULTIPOINT: Final = 4
_COLLECTION: Final = 7


def points_of(
    wkb: Sequence[bytes | None] | npt.NDArray[Any], crs: str | None
) -> tuple[Geometry, npt.NDArray[np.bool_]]:
    """Turn WKB into points.

    Parameters
    ----------
    wkb
        Shape (n,).
    crs
        What the file says of its reference system.

    Returns
    -------
    tuple
        The points, and which of them had a height. A multipoint or a collection counts as a
        point when it holds exactly one; an area never becomes its centre.
    """
    shapes = shapely.from_wkb(np.asarray(wkb, dtype=object), on_invalid="ignore")
    kinds = shapely.get_type_id(shapes)
    gathered = ((kinds == _MULTIPOINT) | (kinds == _COLLECTION)) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes = np.where(gathered, shapely.get_geometry(shapes, 0), shapes)
    is_point = shapely.get_type_id(shapes) == _POINT
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    state = np.full(len(shapes), GEOMETRY_OK, dtype=np.int8)
    state[~is_point] = GEOMETRY_NO_POINT
    state[missing] = GEOMETRY_MISSING
    points = np.where(state == GEOMETRY_OK, shapes, None)
    high = shapely.has_z(points)
    return Geometry(shapely.get_x(points), shapely.get_y(points), state, crs), high
