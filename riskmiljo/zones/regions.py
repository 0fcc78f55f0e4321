"""Scattered incidents to a handful of local grids, so that a stray point costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from scipy import sparse

from riskmiljo.analysis.places import Floats, Ints
from riskmiljo.geo.grid import Grid

# Two regions lie at least this far apart: as far as a zone's surroundings are looked at.
REGION_TILE_M: Final = 1_000.0


def regions(
    xy: Floats, weights: Floats, *, cell_m: float, margin_m: float, least: float
) -> Iterator[tuple[Grid, Ints]]:
    """Yield a grid for each group of places that hangs together.

    Parameters
    ----------
    xy
        Shape (m, 2), metres.
    weights
        Shape (m,).
    cell_m
        Side of a cell, metres; corners lie on whole multiples of it, so that the same place has
        the same cell in every run.
    margin_m
        How far a grid reaches beyond its places, metres.
    least
        Groups of less weight than this cannot hold a zone and are passed over.

    Yields
    ------
    tuple
        The grid and the numbers of its places.

    Raises
    ------
    InvalidInputError
        If one group alone would take more than 25 million cells.
    """
    tile = np.floor(xy / REGION_TILE_M).astype(np.int64)
    group = _connected(tile - tile.min(axis=0))
    total = np.bincount(group, weights)
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(len(total) + 1))
    for number in np.flatnonzero(total >= least).tolist():
        members = order[bounds[number] : bounds[number + 1]]
        west, south = xy[members].min(axis=0) - margin_m
        east, north = xy[members].max(axis=0) + margin_m
        box = shapely.box(west, south, east, north)
        grid = Grid.over(box, cell_m, origin=(0.0, 0.0))
        yield Grid(grid.x0, grid.y0, cell_m, np.ones(grid.shape, dtype=bool)), members


def _connected(tile: Ints) -> Ints:
    # Tiles that touch, corners included, form a group. Their number is small, their spread is not:
    # a graph of occupied tiles, not a raster of all.
    height = int(tile[:, 1].max()) + 3
    key = (tile[:, 0] + 1) * height + tile[:, 1] + 1
    occupied, of_place = np.unique(key, return_inverse=True)
    rows, columns = [], []
    for step in (1, height - 1, height, height + 1):
        at = np.searchsorted(occupied, occupied + step)
        there = np.minimum(at, len(occupied) - 1)
        hit = np.flatnonzero(occupied[there] == occupied + step)
        rows.append(hit)
        columns.append(there[hit])
    row, column = np.concatenate(rows), np.concatenate(columns)
    links = sparse.coo_matrix((np.ones(len(row)), (row, column)), shape=(len(occupied),) * 2)
    _, group = sparse.csgraph.connected_components(links, directed=False)
    return np.asarray(group[of_place.reshape(-1)], dtype=np.int64)
