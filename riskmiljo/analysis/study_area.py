"""The study area of an analysis: which cells, which incidents lie in it, and cells as squares."""

from __future__ import annotations

from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.geo.grid import Grid, require_grid, require_side
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
AreaLike: TypeAlias = BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame

_MOST_POLYGONS: Final = 2_000_000
_BEYOND: Final = 1e-6
_FIRST: Final = 1_000


def require_same_crs(incidents: gpd.GeoDataFrame, grid: Grid) -> None:
    """Refuse a grid in another reference system than the incidents.

    Parameters
    ----------
    incidents
        In a metric CRS.
    grid
        One without a CRS fits all.

    Raises
    ------
    CRSError
        If the two differ.
    """
    require_grid(grid)
    if grid.crs is not None and parse_crs(incidents.crs) != grid.crs:
        raise CRSError(
            Text(
                "Händelserna är i {a} men rutnätet i {b}. Projicera om händelserna först.",
                "The incidents are in {a} but the grid in {b}. Project the incidents first.",
            ).fill(a=incidents.crs.to_string()[:40], b=grid.crs.to_string()[:40])
        )


def asked_grid(
    incidents: gpd.GeoDataFrame, *, grid: Grid | None, area: AreaLike | None, cell_m: float
) -> tuple[Grid | None, bool]:
    """Return the grid that was asked for, and whether it is a study area.

    Parameters
    ----------
    incidents
        In a metric CRS, which a bare polygon is taken to be in too.
    grid
        A grid, or None.
    area
        Polygons, or None.
    cell_m
        Side of a cell laid over the polygons, metres.

    Returns
    -------
    tuple
        The grid, None where neither was given; and True if nothing outside it counts: for an
        area, be it a rectangle, and for a grid whose mask cuts. Any other grid is only a window.

    Raises
    ------
    InvalidInputError
        If both are given, or the area or the cell cannot be used.
    CRSError
        If the grid or the area has another CRS than the incidents.
    """
    if area is None:
        if grid is not None:
            require_same_crs(incidents, grid)
        return grid, grid is not None and not bool(grid.mask.all())
    if grid is not None:
        raise InvalidInputError(
            Text("Ange grid eller area, inte båda.", "Give grid or area, not both.")
        )
    laid = Grid.over(area, cell_m)
    require_same_crs(incidents, laid)
    return Grid(laid.x0, laid.y0, laid.cell_m, laid.mask, parse_crs(incidents.crs)), True


def grid_around(xy: Floats, crs: CRS, cell_m: float, margin_m: float) -> Grid:
    """Lay a grid over the box of some points and a margin.

    Parameters
    ----------
    xy
        Shape (n, 2), n at least 1, metres.
    crs
        Their CRS.
    cell_m
        Side of a cell, metres. Cell corners lie on whole multiples of it: the same place has the
        same cell on every map.
    margin_m
        Added on all sides, metres.

    Returns
    -------
    Grid
        Without a cut in its mask.

    Raises
    ------
    InvalidInputError
        If the cell cannot be used, or it would take too many cells.
    """
    west, south = xy.min(axis=0) - margin_m
    east, north = xy.max(axis=0) + margin_m
    grid = Grid.over(shapely.box(west, south, east, north), cell_m, origin=(0.0, 0.0))
    return Grid(grid.x0, grid.y0, grid.cell_m, np.ones(grid.shape, dtype=bool), parse_crs(crs))


def study_grid(xy: Floats, incidents: gpd.GeoDataFrame, grid: Grid | None, cell_m: float) -> Grid:
    """Return the grid that incidents are counted on.

    Parameters
    ----------
    xy
        Their coordinates, shape (n, 2), n at least 1.
    incidents
        In a metric CRS.
    grid
        The one that was asked for, or None for the incidents' box.
    cell_m
        Side of a cell, metres, for the box. Cell corners lie on whole multiples of it.

    Returns
    -------
    Grid
        With at least one incident in its mask.

    Raises
    ------
    CRSError
        If the grid has another CRS than the incidents.
    NothingFoundError
        If no incident lies in the grid's mask.
    InvalidInputError
        If the box would take too many cells.
    """
    if grid is None:
        require_side(cell_m)
        west, south = xy.min(axis=0)
        # A point on the last border belongs to the cell to its north-east, as everywhere else.
        east, north = xy.max(axis=0) + cell_m * _BEYOND
        box = shapely.box(west, south, east, north)
        over = Grid.over(box, cell_m, origin=(0.0, 0.0))
        return Grid(over.x0, over.y0, over.cell_m, over.mask, parse_crs(incidents.crs))
    require_same_crs(incidents, grid)
    # Mostly the first ones tell, at a million too.
    if not (in_study_area(xy[:_FIRST], grid).any() or in_study_area(xy, grid).any()):
        raise NothingFoundError(
            Text(
                "Ingen av {n} {n:händelse|händelser} ligger i området. Kontrollera området "
                "och dess koordinatsystem.",
                "None of {n} {n:incident|incidents} lies in the area. Check the area and its "
                "coordinate system.",
            ).fill(n=len(xy))
        )
    return grid


def in_study_area(xy: Floats, grid: Grid) -> Bools:
    """Tell which points lie in a cell of the grid's mask.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    grid
        Its mask is the study area.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    cell = grid.index(xy)
    inside: Bools = (cell >= 0) & grid.mask.ravel()[cell]
    return inside


def cell_frame(grid: Grid, columns: dict[str, npt.NDArray[np.generic]]) -> gpd.GeoDataFrame:
    """Put columns of the study area's cells beside their squares.

    Parameters
    ----------
    grid
        Its mask is the study area.
    columns
        Shape (number of cells in the mask,) each, in the order of the flat cell number.

    Returns
    -------
    geopandas.GeoDataFrame
        ``cell``, the columns and the square, in the grid's CRS.

    Raises
    ------
    InvalidInputError
        If that would be more than two million polygons.
    """
    flat = np.flatnonzero(grid.mask)
    if len(flat) > _MOST_POLYGONS:
        raise InvalidInputError(
            Text(
                "Området har {n} {n:cell|celler}. Välj större celler, eller räkna på tabellen "
                "med gi_star.",
                "The area has {n} {n:cell|cells}. Choose larger cells, or work on the table with "
                "gi_star.",
            ).fill(n=len(flat))
        )
    nx, cell_m = grid.shape[1], grid.cell_m
    x, y = grid.x0 + (flat % nx) * cell_m, grid.y0 + (flat // nx) * cell_m
    return gpd.GeoDataFrame(
        {"cell": flat, **columns},
        geometry=shapely.box(x, y, x + cell_m, y + cell_m),
        crs=grid.crs,
    )
