"""Clusters of places on the surface, so that they are outlined as tops of the surface are."""

from __future__ import annotations

import numpy as np

from riskmiljo.analysis.kernels import KERNELS
from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.analysis.smoothing import smooth
from riskmiljo.geo.grid import Grid
from riskmiljo.zones.persistence import Basins
from riskmiljo.zones.regions import regions
from riskmiljo.zones.relief import CELLS_A_BANDWIDTH, Relief, surroundings_m, surroundings_of

_KERNEL = KERNELS["quartic"]


def clustered_reliefs(places: Places, labels: Ints, bandwidth_m: float) -> list[Relief]:
    """Give each cell to the cluster whose own density is highest there.

    Parameters
    ----------
    places
        Unique places.
    labels
        Shape (m,), the cluster of each place; -1 is noise.
    bandwidth_m
        Of the quartic kernel, metres.

    Returns
    -------
    list of Relief
        One a region with clusters; the top of a cluster's basin is the highest cell that it owns.
        A cluster that owns no cell, being overshadowed everywhere, is left out.
    """
    clustered = labels >= 0
    local = regions(
        places.xy,
        clustered.astype(float),
        cell_m=bandwidth_m / CELLS_A_BANDWIDTH,
        margin_m=2 * bandwidth_m,
        least=1.0,
    )
    return [_clustered(places, labels, grid, members, bandwidth_m) for grid, members in local]


def _clustered(
    places: Places, labels: Ints, grid: Grid, members: Ints, bandwidth_m: float
) -> Relief:
    xy, weights, own = places.xy[members], places.weights[members], labels[members]
    height = smooth(xy, weights, grid, _KERNEL, bandwidth_m, quick=True)
    strongest, owner = np.zeros(grid.shape), np.full(grid.shape, -1, dtype=np.int64)
    numbers = np.unique(own[own >= 0])
    for number in numbers.tolist():
        belongs = own == number
        rows, columns, window = _window(xy[belongs], grid, bandwidth_m)
        density = smooth(xy[belongs], weights[belongs], window, _KERNEL, bandwidth_m, quick=True)
        wins = density > strongest[rows, columns]
        strongest[rows, columns][wins] = density[wins]
        owner[rows, columns][wins] = number
    tops = _highest_owned(height, owner)
    kept = np.full(int(numbers.max()) + 2, -1, dtype=np.int64)
    kept[owner.ravel()[tops]] = np.arange(len(tops))
    around = surroundings_of(height, tops, grid.cell_m, surroundings_m(bandwidth_m))
    unknown = np.full(len(tops), np.nan)
    return Relief(grid, members, height, Basins(kept[owner], tops), around, unknown, np.empty(0))


def _window(xy: Floats, grid: Grid, bandwidth_m: float) -> tuple[slice, slice, Grid]:
    lowest = (xy.min(axis=0) - bandwidth_m - (grid.x0, grid.y0)) // grid.cell_m
    highest = (xy.max(axis=0) + bandwidth_m - (grid.x0, grid.y0)) // grid.cell_m + 1
    west, south = lowest.astype(int).clip(0)
    east, north = np.minimum(highest.astype(int), grid.shape[::-1])
    window = Grid(
        grid.x0 + west * grid.cell_m,
        grid.y0 + south * grid.cell_m,
        grid.cell_m,
        np.ones((north - south, east - west), dtype=bool),
    )
    return slice(south, north), slice(west, east), window


def _highest_owned(height: Floats, owner: Ints) -> Ints:
    cells = np.flatnonzero(owner >= 0)
    by_height = cells[np.lexsort((cells, -height.ravel()[cells], owner.ravel()[cells]))]
    _, first = np.unique(owner.ravel()[by_height], return_index=True)
    tops = by_height[first]
    return np.asarray(tops[np.argsort(-height.ravel()[tops], kind="stable")], dtype=np.int64)
