"""A square grid in metres, laid over an area."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import require_metric
from riskmiljo.wording import Text

# A stray point at 0, 0 must not quietly ask for a billion cells.
MAX_CELLS: Final = 25_000_000
# Rounded cell spacing (0.29 / 0.01) must not lose or gain a cell.
_TOLERANCE: Final = 1e-9

Bools = npt.NDArray[np.bool_]

# More than the way around the Earth is a slip of the keyboard.
_LONGEST_SIDE_M: Final = 1e9


@dataclass(frozen=True)
class Grid:
    """Square cells, row 0 in the south, column 0 in the west.

    Parameters
    ----------
    x0, y0
        The south-west corner, metres.
    cell_m
        Side of a cell, metres.
    mask
        Shape (ny, nx); True where the cell's centre lies in the study area.
    crs
        The metric reference system, or None for bare coordinates.
    """

    x0: float
    y0: float
    cell_m: float
    mask: Bools = field(repr=False)
    crs: CRS | None = None

    @classmethod
    def over(
        cls,
        area: BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame,
        cell_m: float,
        *,
        origin: tuple[float, float] | None = None,
    ) -> Self:
        """Lay a grid over an area.

        Parameters
        ----------
        area
            A polygon in metres, or a GeoSeries in a metric CRS: polygons are the study area, of
            anything else the bounding box is.
        cell_m
            Side of a cell, metres.
        origin
            A point that a cell corner falls on; None puts the south-west corner of the area there.

        Returns
        -------
        Grid
            Its mask holds the cells whose centre lies in the area; for an area smaller than a
            cell, the cells that it touches.

        Raises
        ------
        InvalidInputError
            If the cell is not a positive number, the area is empty, or it would take more than
            25 million cells.
        CRSError
            If a GeoSeries is not in metres.
        """
        require_side(cell_m)
        shape, crs = _study_area(area)
        if shape is None or shape.is_empty:
            raise InvalidInputError(
                Text("Området är tomt. Ange en yta.", "The area is empty. Give a polygon.")
            )
        west, south, east, north = shape.bounds
        if origin is None:
            x0, y0 = west, south
        else:
            x0 = origin[0] + np.floor((west - origin[0]) / cell_m + _TOLERANCE) * cell_m
            y0 = origin[1] + np.floor((south - origin[1]) / cell_m + _TOLERANCE) * cell_m
        nx = max(1, int(np.ceil((east - x0) / cell_m - _TOLERANCE)))
        ny = max(1, int(np.ceil((north - y0) / cell_m - _TOLERANCE)))
        if nx * ny > MAX_CELLS:
            raise InvalidInputError(
                Text(
                    "Området är {w:.0f} × {h:.0f} km och skulle ge {n} {n:cell|celler}. Finns en "
                    "punkt långt utanför, till exempel på 0, 0? Ta bort den, ange ett område "
                    "eller välj större celler.",
                    "The area is {w:.0f} × {h:.0f} km and would take {n} {n:cell|cells}. Is "
                    "there a point far outside, for example at 0, 0? Remove it, give an area or "
                    "choose larger cells.",
                ).fill(w=(east - west) / 1000, h=(north - south) / 1000, n=nx * ny)
            )
        grid = cls(float(x0), float(y0), float(cell_m), np.ones((ny, nx), dtype=bool), crs)
        if shape.equals(shapely.box(*shape.bounds)):
            return grid
        shapely.prepare(shape)
        centres = grid.centres
        inside = shapely.contains_xy(shape, centres[:, 0], centres[:, 1]).reshape(ny, nx)
        if not inside.any():
            inside = shapely.intersects(shape, grid.cells()).reshape(ny, nx)
        return cls(grid.x0, grid.y0, grid.cell_m, inside, crs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.mask.shape
        return rows, columns

    @property
    def cell_ha(self) -> float:
        """Area of a cell, hectares."""
        return self.cell_m**2 / 10_000

    @cached_property
    def centres(self) -> npt.NDArray[np.float64]:
        """Centres of all cells, shape (ny * nx, 2), row by row from the south-west."""
        ny, nx = self.shape
        x = self.x0 + (np.arange(nx) + 0.5) * self.cell_m
        y = self.y0 + (np.arange(ny) + 0.5) * self.cell_m
        return np.column_stack([np.tile(x, ny), np.repeat(y, nx)])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, metres."""
        ny, nx = self.shape
        return self.x0, self.y0, self.x0 + nx * self.cell_m, self.y0 + ny * self.cell_m

    def index(self, xy: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the flat cell number of each point.

        Parameters
        ----------
        xy
            Shape (n, 2), metres.

        Returns
        -------
        numpy.ndarray
            ``row * nx + column``, or -1 outside the grid. A point on a border belongs to the cell
            to its north-east, on the grid's own outer edge to the outermost cell: never to two.
        """
        points = np.asarray(xy, dtype=float).reshape(-1, 2)
        ny, nx = self.shape
        west, south, east, north = self.bounds
        inside = ((points >= (west, south)) & (points <= (east, north))).all(axis=1)
        at = np.floor((points[inside] - (west, south)) / self.cell_m + _TOLERANCE)
        at = np.minimum(at, (nx - 1, ny - 1)).astype(np.int64)
        flat = np.full(len(points), -1, dtype=np.int64)
        flat[inside] = at[:, 1] * nx + at[:, 0]
        return flat

    def counts(
        self, xy: npt.ArrayLike, weights: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.float64]:
        """Return the (weighted) number of points in each cell, shape (ny, nx).

        Parameters
        ----------
        xy
            Shape (n, 2), metres; points outside the grid are left out.
        weights
            Shape (n,); None counts each point once.

        Returns
        -------
        numpy.ndarray
            Shape (ny, nx).
        """
        flat = self.index(xy)
        inside = flat >= 0
        ny, nx = self.shape
        used = None if weights is None else np.asarray(weights, dtype=float)[inside]
        return np.bincount(flat[inside], used, minlength=ny * nx).reshape(ny, nx).astype(float)

    def cells(self) -> npt.NDArray[Any]:
        """Return all cells as polygons, shape (ny * nx,), in the order of `centres`."""
        half = self.cell_m / 2
        x, y = self.centres[:, 0], self.centres[:, 1]
        return np.asarray(shapely.box(x - half, y - half, x + half, y + half))


def require_grid(grid: object) -> None:
    """Refuse what is no grid.

    Parameters
    ----------
    grid
        What should be one.

    Raises
    ------
    InvalidInputError
        If it is anything else.
    """
    if not isinstance(grid, Grid):
        raise InvalidInputError(
            Text(
                "Rutnätet ska vara ett Grid, inte {t}. Gör ett med Grid.over(område, cell_m).",
                "The grid must be a Grid, not {t}. Make one with Grid.over(area, cell_m).",
            ).fill(t=type(grid).__name__)
        )


def require_side(cell_m: Any) -> None:
    """Refuse what cannot be the side of a cell.

    Parameters
    ----------
    cell_m
        What should be metres, more than 0.

    Raises
    ------
    InvalidInputError
        If it is no such number.
    """
    real = isinstance(cell_m, Real) and not isinstance(cell_m, bool)
    if not real or not 0 < cell_m < _LONGEST_SIDE_M:
        raise InvalidInputError(
            Text(
                "Cellens sida måste vara större än 0 meter, inte {v}.",
                "The side of a cell must be more than 0 metres, not {v}.",
            ).fill(v=str(cell_m)[:40])
        )


def _study_area(
    area: BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame,
) -> tuple[BaseGeometry | None, CRS | None]:
    if isinstance(area, BaseGeometry):
        return area, None
    crs = require_metric(area, Text("Området", "The area"))
    series = area.geometry
    if len(series) == 0:
        return shapely.Polygon(), crs
    if series.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        return series.union_all(), crs
    # Of points that are all empty the box is None.
    return shapely.box(*series.total_bounds), crs
