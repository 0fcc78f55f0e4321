"""A density surface: values on a grid, in incidents per hectare and week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import contourpy
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_MOST_CELL_POLYGONS: Final = 2_000_000


@dataclass(frozen=True)
class Surface:
    """Incidents per hectare and week at the centre of each cell.

    Parameters
    ----------
    values
        Shape (ny, nx), incidents per hectare and week; zero outside the study area.
    grid
        Where the cells lie.
    bandwidth_m
        Bandwidth of the kernel, metres.
    kernel
        Its name.
    weeks
        Length of the period that the rate refers to.
    """

    values: Floats = field(repr=False)
    grid: Grid
    bandwidth_m: float
    kernel: str
    weeks: float

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """Return the cells of the study area that are not zero, as squares.

        Returns
        -------
        geopandas.GeoDataFrame
            ``cell`` (flat number in the grid), ``per_ha_week`` and the square.

        Raises
        ------
        InvalidInputError
            If that would be more than two million polygons.
        """
        flat = np.flatnonzero((self.values > 0) & self.grid.mask)
        if len(flat) > _MOST_CELL_POLYGONS:
            raise InvalidInputError(
                Text(
                    "Ytan har {n} {n:cell|celler}. Använd contours eller välj större celler.",
                    "The surface has {n} {n:cell|cells}. Use contours or choose larger cells.",
                ).fill(n=len(flat))
            )
        nx, cell_m = self.grid.shape[1], self.grid.cell_m
        x = self.grid.x0 + (flat % nx) * cell_m
        y = self.grid.y0 + (flat // nx) * cell_m
        return gpd.GeoDataFrame(
            {"cell": flat, "per_ha_week": self.values.ravel()[flat]},
            geometry=shapely.box(x, y, x + cell_m, y + cell_m),
            crs=self.grid.crs,
        )

    def contours(self, levels: Sequence[float]) -> gpd.GeoDataFrame:
        """Return the filled bands between successive levels.

        Parameters
        ----------
        levels
            Rising, incidents per hectare and week. The last band is open upward.

        Returns
        -------
        geopandas.GeoDataFrame
            ``lower``, ``upper`` (the last one infinite) and a valid multipolygon, one row a band
            that is not empty, in the CRS of the grid. The field runs on level from the outermost
            centres to the grid's edge.

        Raises
        ------
        InvalidInputError
            If no level is given, or they are not finite and rising.
        """
        return filled_bands(self.values, self.grid, levels)


def filled_bands(values: Floats, grid: Grid, levels: Sequence[float]) -> gpd.GeoDataFrame:
    """Return the filled bands between successive levels of a field.

    Parameters
    ----------
    values
        Shape (ny, nx), finite.
    grid
        Where the values lie.
    levels
        Rising. The last band is open upward.

    Returns
    -------
    geopandas.GeoDataFrame
        As `Surface.contours`.

    Raises
    ------
    InvalidInputError
        If no level is given, or they are not finite and rising.
    """
    steps = np.asarray(levels, dtype=float)
    if steps.ndim != 1 or steps.size == 0 or not np.isfinite(steps).all():
        raise _bad_levels(levels)
    if (np.diff(steps) <= 0).any():
        raise _bad_levels(levels)
    x, y, framed = _framed(values, grid)
    ceiling = max(float(framed.max()), float(steps[-1])) + 1.0
    lines = contourpy.contour_generator(x, y, framed, fill_type=contourpy.FillType.OuterOffset)
    rows: list[tuple[float, float, Any]] = []
    for lower, upper in pairwise([*steps.tolist(), np.inf]):
        shape = filled_polygon(lines.filled(lower, min(upper, ceiling)))
        if not shape.is_empty:
            rows.append((lower, upper, shape))
    return gpd.GeoDataFrame(
        {"lower": [row[0] for row in rows], "upper": [row[1] for row in rows]},
        geometry=[row[2] for row in rows],
        crs=grid.crs,
    )


def _framed(values: Floats, grid: Grid) -> tuple[Floats, Floats, Floats]:
    west, south, east, north = grid.bounds
    ny, nx = grid.shape
    half = grid.cell_m / 2
    x = np.concatenate([[west], np.linspace(west + half, east - half, nx), [east]])
    y = np.concatenate([[south], np.linspace(south + half, north - half, ny), [north]])
    return x, y, np.pad(values, 1, mode="edge")


def filled_polygon(filled: tuple[Any, ...]) -> shapely.MultiPolygon:
    """Turn one filled band of contourpy into a valid multipolygon.

    Parameters
    ----------
    filled
        Points and ring offsets as ``FillType.OuterOffset`` gives them.

    Returns
    -------
    shapely.MultiPolygon
        Empty where the band is.
    """
    points, offsets = filled[0], filled[1]
    if not points:
        return shapely.MultiPolygon()
    starts = np.cumsum([0, *(len(p) for p in points)])
    rings = np.concatenate(
        [[0], *(o[1:].astype(np.int64) + s for o, s in zip(offsets, starts, strict=False))]
    )
    polygons = np.cumsum([0, *(len(o) - 1 for o in offsets)])
    shapes = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, np.concatenate(points), (rings, polygons)
    )
    valid = shapely.is_valid(shapes)
    if not valid.all():
        # Where the field equals the level exactly, a ring may touch itself.
        shapes[~valid] = shapely.buffer(shapes[~valid], 0)
    parts = shapely.get_parts(shapes)
    whole = shapely.multipolygons(parts[shapely.area(parts) > 0])
    return whole if whole.is_valid else _as_multipolygon(shapely.buffer(whole, 0))


def _as_multipolygon(shape: Any) -> shapely.MultiPolygon:
    return shapely.multipolygons(shapely.get_parts(shape))


def _bad_levels(levels: Sequence[float]) -> InvalidInputError:
    return InvalidInputError(
        Text(
            "Nivåerna {v} duger inte. Ge minst ett tal, i stigande ordning.",
            "The levels {v} cannot be used. Give at least one number, in rising order.",
        ).fill(v=str(list(levels))[:80])
    )
