"""The surface of a region with its tops, and how far each rises above its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from riskmiljo.analysis.kernels import KERNELS
from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.analysis.smoothing import smooth
from riskmiljo.geo.grid import Grid
from riskmiljo.zones.persistence import Basins, basins, merge
from riskmiljo.zones.regions import regions

# A gentle kernel on cells of a seventh of its radius: 25 m at the default bandwidth.
CELLS_A_BANDWIDTH: Final = 7
DEFAULT_BANDWIDTH_M: Final = 175.0
# Tops of fewer effective incidents than this are noise whatever surrounds them.
FEWEST_EFFECTIVE: Final = 5.0
# How far down from the top to the surroundings a zone reaches.
REACH: Final = 0.3

_KERNEL: Final = KERNELS["quartic"]
# The kernel's square, scaled to one, is nearly the kernel itself at 0.71 of its bandwidth.
_SQUARED_BANDWIDTH: Final = 0.71
# Incidents at one address are neither independent (power 1) nor a single event (power 2).
_ADDRESS_POWER: Final = 1.5
# A dip splits a zone if the saddle is this far below the lower top, and is no chance.
_DIP_RATIO: Final = 0.7
_DIP_Z: Final = 3.0
# Surroundings: the upper quartile of the surface within this distance of a top; as many times the
# bandwidth where that is wider than the default.
_SURROUNDINGS_M: Final = 1_000.0
_SURROUNDINGS_QUANTILE: Final = 0.75
# Within several kilometres most is empty: there the busiest tenth is what a top must rise above.
_WIDER_QUANTILE: Final = 0.9
_FLOOR_EFFECTIVE: Final = 0.5
# A lone address is a top by its nature; what chance does is learnt where places add up.
_FEWEST_PLACES: Final = 3
_TOPS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Reach:
    """The cells that a zone reaches over.

    Parameters
    ----------
    rows, columns
        The window of the grid.
    inside
        Which cells of the window.
    """

    rows: slice
    columns: slice
    inside: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Relief:
    """The surface of one region with its tops.

    Parameters
    ----------
    grid
        Where the cells lie.
    members
        Numbers of the region's places.
    height
        Shape (ny, nx), effective incidents: the density times the kernel's effective area, so that
        a Poisson count has this mean.
    basins
        The tops that are places of their own, and their basins.
    surroundings
        Shape (k,), effective incidents that the surroundings of each top would give.
    z
        Shape (k,), how many standard errors each top rises above its surroundings.
    null_z
        The same for all local maxima with at least three places around them, from which chance is
        learnt.
    """

    grid: Grid
    members: Ints
    height: Floats
    basins: Basins
    surroundings: Floats
    z: Floats
    null_z: Floats

    def level(self, top: int, share: float = REACH) -> float:
        """Return the height at a share of the way from a top's surroundings up to the top.

        Parameters
        ----------
        top
            Number of the top.
        share
            0 is the surroundings, 1 the top.

        Returns
        -------
        float
            Effective incidents.
        """
        summit = float(self.height.ravel()[self.basins.tops[top]])
        around = float(self.surroundings[top])
        return around + share * (summit - around)

    @cached_property
    def _boxes(self) -> list[tuple[slice, slice]]:
        found: list[tuple[slice, slice]] = ndimage.find_objects(self.basins.labels + 1)
        return found

    def reach(self, top: int, share: float = REACH) -> Reach:
        """Return the cells of a top's basin that hang together above its level.

        Parameters
        ----------
        top
            Number of the top.
        share
            As in `level`.

        Returns
        -------
        Reach
            In a window around the basin, one cell wider where the grid allows.
        """
        box_rows, box_columns = self._boxes[top]
        ny, nx = self.grid.shape
        rows = slice(max(0, box_rows.start - 1), min(ny, box_rows.stop + 1))
        columns = slice(max(0, box_columns.start - 1), min(nx, box_columns.stop + 1))
        above = self.height[rows, columns] > self.level(top, share)
        islands, _ = ndimage.label(above & (self.basins.labels[rows, columns] == top))
        row, column = divmod(int(self.basins.tops[top]), nx)
        own = islands[row - rows.start, column - columns.start]
        return Reach(rows, columns, np.asarray(islands == own))


def find_reliefs(places: Places, *, bandwidth_m: float) -> list[Relief]:
    """Build the surface of each region that may hold a zone.

    Parameters
    ----------
    places
        Unique places, weighted in effective incidents.
    bandwidth_m
        Of the quartic kernel, metres.

    Returns
    -------
    list of Relief
        One a region.
    """
    local = regions(
        places.xy,
        places.weights,
        cell_m=bandwidth_m / CELLS_A_BANDWIDTH,
        margin_m=2 * bandwidth_m,
        least=FEWEST_EFFECTIVE,
    )
    return [
        relief(places.xy[members], places.weights[members], grid, members, bandwidth_m)
        for grid, members in local
    ]


def effective_weights(weights: Floats) -> Floats:
    """Count weights in effective incidents, so that what stands out does not depend on their unit.

    Parameters
    ----------
    weights
        Shape (n,), one an incident.

    Returns
    -------
    numpy.ndarray
        Shape (n,), scaled so that the sum equals (sum of weights)² / sum of squared weights.

    References
    ----------
    Kish, L. (1965). Survey Sampling: the effective sample size.
    """
    squares = float((weights**2).sum())
    return weights if squares == 0 else weights * (float(weights.sum()) / squares)


def surroundings_m(bandwidth_m: float) -> float:
    """Return how far the surroundings of a top reach.

    Parameters
    ----------
    bandwidth_m
        Of the quartic kernel, metres.

    Returns
    -------
    float
        Metres.
    """
    return _SURROUNDINGS_M * max(1.0, bandwidth_m / DEFAULT_BANDWIDTH_M)


def effective_area_m2(bandwidth_m: float) -> float:
    """Return the area over which the kernel averages: 1 / integral of its square.

    Parameters
    ----------
    bandwidth_m
        Of the quartic kernel, metres.

    Returns
    -------
    float
        Square metres; a height over it is a density.
    """
    return float(5 * np.pi * bandwidth_m**2 / 9)


def relief(
    xy: Floats,
    weights: Floats,
    grid: Grid,
    members: Ints,
    bandwidth_m: float,
    *,
    around: float | None = None,
) -> Relief:
    """Build the surface of a region and find its tops.

    Parameters
    ----------
    xy
        Shape (m, 2), metres; each place once.
    weights
        Shape (m,), in units of about one incident.
    grid
        The region's grid.
    members
        Numbers of the region's places, carried along.
    bandwidth_m
        Of the quartic kernel, metres.
    around
        The height that tops are measured against; None is what lies around each of them.

    Returns
    -------
    Relief
        With all tops; `threshold` tells which of them stand out.
    """
    effective_m2, reach_m = effective_area_m2(bandwidth_m), surroundings_m(bandwidth_m)
    height = smooth(xy, weights, grid, _KERNEL, bandwidth_m, quick=True) * effective_m2
    narrower_m, squares = _SQUARED_BANDWIDTH * bandwidth_m, weights**_ADDRESS_POWER
    spread = smooth(xy, squares, grid, _KERNEL, narrower_m, quick=True).ravel() * effective_m2
    flat = height.ravel()

    def is_dip(top: int, saddle: int) -> bool:
        drop = flat[top] - flat[saddle]
        return bool(
            flat[saddle] <= _DIP_RATIO * flat[top]
            and drop >= _DIP_Z * np.sqrt(spread[top] + spread[saddle])
        )

    found = basins(height, _FLOOR_EFFECTIVE)
    merged = merge(height, found, is_dip)
    if around is None:
        surroundings = surroundings_of(height, merged.tops, grid.cell_m, reach_m)
    else:
        surroundings = np.full(len(merged.tops), around)
    chance = found.tops[flat[found.tops] >= FEWEST_EFFECTIVE]
    chance = chance[_places_near(xy, grid, chance, bandwidth_m) >= _FEWEST_PLACES]
    return Relief(
        grid,
        members,
        height,
        merged,
        surroundings,
        _rise(flat[merged.tops], surroundings),
        _rise(flat[chance], surroundings_of(height, chance, grid.cell_m, reach_m)),
    )


def _places_near(xy: Floats, grid: Grid, tops: Ints, radius_m: float) -> Ints:
    row, column = np.divmod(tops, grid.shape[1])
    x = grid.x0 + (column + 0.5) * grid.cell_m
    y = grid.y0 + (row + 0.5) * grid.cell_m
    near = cKDTree(xy).query_ball_point(np.column_stack([x, y]), radius_m, return_length=True)
    return np.asarray(near, dtype=np.int64)


def least_height(surroundings: float, z: float) -> float:
    """Return how high a top must be to rise a number of standard errors above its surroundings.

    Parameters
    ----------
    surroundings
        Effective incidents.
    z
        Standard errors.

    Returns
    -------
    float
        Effective incidents.
    """
    # (top - around) / sqrt(top + around) = z is a quadratic in the root of the sum.
    root = (z + np.sqrt(z * z + 8 * surroundings)) / 2
    return float(root * root - surroundings)


def _rise(tops: Floats, surroundings: Floats) -> Floats:
    return np.asarray((tops - surroundings) / np.sqrt(tops + surroundings))


def surroundings_of(height: Floats, tops: Ints, cell_m: float, reach_m: float) -> Floats:
    """Return the upper quartile, or tenth, of the surface within a distance of each top.

    Parameters
    ----------
    height
        Shape (ny, nx).
    tops
        Shape (k,), flat cell numbers.
    cell_m
        Side of a cell, metres.
    reach_m
        The distance, metres; beyond a kilometre it is the upper tenth.

    Returns
    -------
    numpy.ndarray
        Shape (k,), in the unit of ``height``.
    """
    # The surface is smooth over several cells: every second one tells as much as all.
    reach = int(reach_m / cell_m)
    steps = np.arange(-reach, reach + 1, 2)
    dy, dx = (part.ravel() for part in np.meshgrid(steps, steps, indexing="ij"))
    disk = np.hypot(dy, dx) <= reach_m / cell_m
    dy, dx = dy[disk], dx[disk]
    ny, nx = height.shape
    levels: list[npt.NDArray[np.float64]] = [np.empty(0)]
    for start in range(0, len(tops), _TOPS_AT_ONCE):
        row, column = np.divmod(tops[start : start + _TOPS_AT_ONCE], nx)
        y, x = row[:, None] + dy, column[:, None] + dx
        within = (y >= 0) & (y < ny) & (x >= 0) & (x < nx)
        # Beyond the grid there is nothing: that, too, is surroundings.
        values = np.where(within, height[y.clip(0, ny - 1), x.clip(0, nx - 1)], 0.0)
        share = _SURROUNDINGS_QUANTILE if reach_m <= _SURROUNDINGS_M else _WIDER_QUANTILE
        rank = int(share * (len(dy) - 1))
        levels.append(np.partition(values, rank, axis=1)[:, rank])
    return np.concatenate(levels)
