"""The units that a forecast is made for: cells of a grid, street segments or any other parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from scipy import sparse, spatial, special

from riskmiljo.analysis.arguments import is_real, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.ground import Border
from riskmiljo.geo.crs import require_metric
from riskmiljo.geo.grid import Grid
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_M2_A_HECTARE: Final = 10_000.0
_MOST_UNITS: Final = 500_000
# Points are moved to the middle of a piece of their cell, at most half a bandwidth wide, which
# widens the kernel by at most a hundredth.
_PIECES_A_BANDWIDTH: Final = 2.0
# A kernel much narrower than the cell stays in it wherever in its piece a point lies.
_MOST_PIECES: Final = 5
_REACH: Final = 4.0
_SNAP_M: Final = 100.0
# A kernel of which less than this lies inside the area says nothing about the unit.
_LEAST_MASS: Final = 0.02


@dataclass(frozen=True)
class Units:
    """Parts of the study area, none overlapping.

    Parameters
    ----------
    xy
        Shape (n, 2), their centres, metres.
    size
        Shape (n,), hectares of cells and polygons, kilometres of lines.
    grid
        The grid whose masked cells they are, in its order; None for other units.
    shapes
        Shape (n,), the polygons or lines; empty for cells.
    crs
        The metric reference system, or None for bare coordinates.
    snap_m
        How far from a line an incident may lie and still be its, metres.
    """

    xy: Floats = field(repr=False)
    size: Floats = field(repr=False)
    grid: Grid | None = None
    shapes: npt.NDArray[Any] = field(default_factory=lambda: np.empty(0, object), repr=False)
    crs: CRS | None = None
    snap_m: float = _SNAP_M

    @classmethod
    def of_grid(cls, grid: Grid) -> Units:
        """Take the cells of a grid that lie in its study area.

        Parameters
        ----------
        grid
            Its mask is the study area.

        Returns
        -------
        Units
            One a cell, row by row from the south-west.

        Raises
        ------
        InvalidInputError
            If the mask is empty or holds more than half a million cells.
        """
        cells = int(grid.mask.sum())
        if cells == 0:
            raise InvalidInputError(
                Text("Rutnätet har inga celler i området.", "The grid has no cells in the area.")
            )
        if cells > _MOST_UNITS:
            raise InvalidInputError(
                Text(
                    "Rutnätet har {n} {n:cell|celler}, prognoser räknas för högst {most}. Välj "
                    "större celler eller ett mindre område.",
                    "The grid has {n} {n:cell|cells}, forecasts are made for at most {most}. "
                    "Choose larger cells or a smaller area.",
                ).fill(n=cells, most=_MOST_UNITS)
            )
        centres = grid.centres[grid.mask.ravel()]
        return cls(centres, np.full(cells, grid.cell_ha), grid=grid, crs=grid.crs)

    @classmethod
    def of_frame(cls, frame: gpd.GeoDataFrame | gpd.GeoSeries, *, snap_m: float = _SNAP_M) -> Units:
        """Take polygons, or lines such as street segments.

        Parameters
        ----------
        frame
            All polygons or all lines, in a metric CRS. Parts that overlap count an incident in
            the first of them only.
        snap_m
            How far from a line an incident may lie and still be its, metres.

        Returns
        -------
        Units
            In the frame's order.

        Raises
        ------
        CRSError
            If the frame is not in metres.
        InvalidInputError
            If it is empty, mixes polygons and lines, or a part has no extent; or the distance is
            not a positive number.
        """
        if not (is_real(snap_m) and snap_m > 0):
            raise InvalidInputError(
                Text(
                    "snap_m ska vara ett antal meter större än 0, inte {v}.",
                    "snap_m must be a number of metres above 0, not {v}.",
                ).fill(v=shown(snap_m))
            )
        crs = require_metric(frame, Text("Enheterna", "The units"))
        shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
        dimensions = set(shapely.get_dimensions(shapes).tolist())
        if dimensions not in ({1}, {2}):
            raise InvalidInputError(
                Text(
                    "Enheterna ska alla vara ytor eller alla vara linjer, och minst en.",
                    "The units must all be polygons or all be lines, and at least one.",
                )
            )
        size = (
            shapely.area(shapes) / _M2_A_HECTARE
            if dimensions == {2}
            else shapely.length(shapes) / 1000
        )
        if not (size > 0).all():
            raise InvalidInputError(
                Text(
                    "Enheten på rad {row} saknar utsträckning. Ta bort den.",
                    "The unit in row {row} has no extent. Remove it.",
                ).fill(row=int(np.argmin(size > 0)))
            )
        middles = (
            shapely.centroid(shapes)
            if dimensions == {2}
            else shapely.line_interpolate_point(shapes, 0.5, normalized=True)
        )
        xy = shapely.get_coordinates(middles)
        return cls(xy, size, shapes=shapes, crs=crs, snap_m=snap_m)

    def __len__(self) -> int:
        return len(self.size)

    @property
    def area(self) -> float:
        """Hectares (or kilometres) of all units together."""
        return float(self.size.sum())

    @cached_property
    def _number_of_cell(self) -> Ints:
        assert self.grid is not None  # noqa: S101 - only asked for by units that are cells
        mask = self.grid.mask.ravel()
        number = np.full(mask.size + 1, -1, dtype=np.int64)
        number[:-1][mask] = np.arange(len(self))
        return number

    @cached_property
    def _kernels(self) -> dict[float, _CellKernel]:
        return {}

    @cached_property
    def _tree(self) -> spatial.cKDTree:
        return spatial.cKDTree(self.xy)

    @cached_property
    def border(self) -> Border | None:
        """The study area's border, for what is not seen beyond it; None unless units are cells."""
        return None if self.grid is None else Border(self.grid)

    def locate(self, xy: Floats) -> Ints:
        """Return the unit of each point.

        Parameters
        ----------
        xy
            Shape (n, 2), metres.

        Returns
        -------
        numpy.ndarray
            Shape (n,); -1 outside all cells or polygons. Of lines the nearest, within `snap_m`.
        """
        if self.grid is not None:
            # -1 finds the last entry, which is -1.
            return self._number_of_cell[self.grid.index(xy)]
        unit = np.full(len(xy), -1, dtype=np.int64)
        tree, points = shapely.STRtree(self.shapes), shapely.points(xy)
        if shapely.get_dimensions(self.shapes[0]) == 2:  # noqa: PLR2004 - polygons
            of_point, of_shape = tree.query(points, predicate="intersects")
            # Written backwards, so that the first of several keeps the point.
            order = np.lexsort((-of_shape, of_point))
        else:
            of_point, of_shape = tree.query_nearest(
                points, max_distance=self.snap_m, all_matches=False
            )
            order = np.arange(len(of_point))
        unit[of_point[order]] = of_shape[order]
        return unit

    def spread(self, xy: Floats, weights: Floats, bandwidth_m: float) -> Floats:
        """Spread points over the units by a Gaussian kernel.

        Parameters
        ----------
        xy
            Shape (m, 2), metres, inside the study area.
        weights
            Shape (m,).
        bandwidth_m
            Standard deviation, metres.

        Returns
        -------
        numpy.ndarray
            Shape (n,), weight in each unit. Near the border the density is divided by the share
            of the kernel that lies inside the area.

        References
        ----------
        Diggle, P. J. (1985). A kernel method for smoothing point process data.
        """
        if len(xy) == 0:
            return np.zeros(len(self))
        if self.grid is not None:
            return self._spread_over_cells(xy, weights, bandwidth_m)
        own = spatial.cKDTree(xy)
        pairs = self._tree.sparse_distance_matrix(own, _REACH * bandwidth_m, output_type="ndarray")
        unit, point = pairs["i"], pairs["j"]
        kernel = np.exp(-0.5 * (pairs["v"] / bandwidth_m) ** 2) * self.size[unit]
        mass = np.bincount(point, kernel, minlength=len(xy))
        share = weights[point] * kernel / mass[point]
        return np.bincount(unit, share, minlength=len(self)).astype(float)

    def _spread_over_cells(self, xy: Floats, weights: Floats, bandwidth_m: float) -> Floats:
        assert self.grid is not None  # noqa: S101 - the caller has looked
        if bandwidth_m not in self._kernels:
            self._kernels[bandwidth_m] = _CellKernel(self.grid, bandwidth_m)
        return self._kernels[bandwidth_m](xy, weights)

    def neighbourhood(self, spread: Floats, bandwidth_m: float) -> Floats:
        """Return how many incidents stand behind each unit's spread value.

        Parameters
        ----------
        spread
            Shape (n,), as `spread` gives it.
        bandwidth_m
            Its bandwidth, metres.

        Returns
        -------
        numpy.ndarray
            Shape (n,): the density times 4πσ², the area whose points a Gaussian kernel averages
            in effect, or the unit's own if that is larger. Of units that are no cells, their own.
        """
        if self.grid is None:
            return spread
        return spread / self.grid.cell_ha * max(4 * np.pi * bandwidth_m**2 / 1e4, self.grid.cell_ha)

    def within(self, radius_m: float, values: Floats) -> Floats:
        """Sum a value over each unit and the units whose centres lie near.

        Parameters
        ----------
        radius_m
            How near, metres.
        values
            Shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,).
        """
        if ("pairs", radius_m) not in self._neighbours:
            pairs = self._tree.query_pairs(radius_m, output_type="ndarray")
            ones = np.ones(len(pairs))
            half = sparse.coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), (len(self),) * 2)
            self._neighbours["pairs", radius_m] = (half + half.T).tocsr()
        return np.asarray(values + self._neighbours["pairs", radius_m] @ values, dtype=float)

    @cached_property
    def _neighbours(self) -> dict[tuple[str, float], Any]:
        return {}


class _CellKernel:
    """The integral of a Gaussian over each cell, from points put into pieces of cells."""

    def __init__(self, grid: Grid, bandwidth_m: float) -> None:
        self.grid = grid
        wanted = int(np.ceil(_PIECES_A_BANDWIDTH * grid.cell_m / bandwidth_m))
        self.pieces = min(max(wanted, 1), _MOST_PIECES)
        ny, nx = grid.shape
        # A Gaussian over a square is the product of its integrals along both axes.
        self.up = _integrals(ny, self.pieces, bandwidth_m / grid.cell_m)
        self.across = _integrals(nx, self.pieces, bandwidth_m / grid.cell_m)
        whole = np.repeat(np.repeat(grid.mask, self.pieces, axis=0), self.pieces, axis=1)
        pieces = whole.astype(np.float64) / self.pieces**2
        self.inside = np.maximum(self._integrate(pieces)[grid.mask], _LEAST_MASS)

    def __call__(self, xy: Floats, weights: Floats) -> Floats:
        rows, columns = (length * self.pieces for length in self.grid.shape)
        at = (xy - (self.grid.x0, self.grid.y0)) * (self.pieces / self.grid.cell_m)
        column = np.clip(at[:, 0].astype(np.int64), 0, columns - 1)
        row = np.clip(at[:, 1].astype(np.int64), 0, rows - 1)
        binned = np.bincount(row * columns + column, weights, rows * columns)
        spread = self._integrate(binned.astype(np.float64).reshape(rows, columns))
        return np.asarray(spread[self.grid.mask] / self.inside, dtype=float)

    def _integrate(self, pieces: Floats) -> Floats:
        return np.asarray((self.across @ (self.up @ pieces).T).T, dtype=float)


def _integrals(cells: int, pieces: int, bandwidth_cells: float) -> sparse.csr_array:
    """How much of a Gaussian at the middle of each piece lies in each cell, along one axis."""
    reach = int(np.ceil(_REACH * bandwidth_cells)) + 1
    piece = np.arange(cells * pieces)
    middle = (piece + 0.5) / pieces
    cell = piece[:, None] // pieces + np.arange(-reach, reach + 1)
    scale = bandwidth_cells * np.sqrt(2)
    held = special.erf((cell + 1 - middle[:, None]) / scale)
    held = (held - special.erf((cell - middle[:, None]) / scale)) / 2
    there = (cell >= 0) & (cell < cells)
    at = cell[there], np.broadcast_to(piece[:, None], cell.shape)[there]
    return sparse.csr_array((held[there], at), shape=(cells, cells * pieces))
