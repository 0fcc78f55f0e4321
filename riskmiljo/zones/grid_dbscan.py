"""DBSCAN without a neighbour list: exact, in cells within which all places are near each other."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.zones.eps_grid import Bools, EpsGrid, eps_grid, squared_distances

# Each pair of cells once, the nearest first: most are joined before the far ones are looked at.
_ROUNDS: Final = (
    ((1, 0), (0, 1)),
    ((1, 1), (1, -1)),
    ((2, 0), (0, 2)),
    ((2, 1), (2, -1), (1, 2), (1, -2)),
    ((2, 2), (2, -2)),
)
# What only rules out is compared with this much to spare; what it lets through is measured.
_SPARE: Final = 1 + 1e-9
_ROUNDING: Final = 1e-9


def grid_dbscan(places: Places, *, eps_m: float, min_weight: float) -> Ints:
    """Label places as scikit-learn's DBSCAN labels the incidents at them.

    Parameters
    ----------
    places
        Unique places, at least one.
    eps_m
        Places within this distance of each other are neighbours, metres.
    min_weight
        A place with this much weight within reach, its own included, is a core.

    Returns
    -------
    numpy.ndarray
        Shape (m,), -1 is noise. Clusters are numbered by the first of the incidents at their
        cores, in the order given; a place that is no core but within reach of several clusters
        belongs to the one with the lowest number.

    Notes
    -----
    In cells with a diagonal just under ``eps_m`` all places of a cell are neighbours: a cell of
    ``min_weight`` is nothing but cores, and the cores of any cell are one cluster. What is left is
    to tell which neighbouring cells hold two cores within reach, and there one pair is enough.

    References
    ----------
    Gunawan, A. (2013). A faster algorithm for DBSCAN.
    Ester, M., Kriegel, H.-P., Sander, J. and Xu, X. (1996). A density-based algorithm for
    discovering clusters in large spatial databases with noise.
    """
    grid = eps_grid(places, eps_m)
    dense = np.add.reduceat(grid.weights, grid.first) >= min_weight
    labels = np.full(len(grid.x), -1, dtype=np.int64)
    core = dense[grid.cell]
    thin = np.flatnonzero(~core)
    begins, ends = grid.strips(thin, eps_m)
    core[thin] = _reached(grid, thin, begins, ends, eps_m, min_weight)
    if core.any():
        cores = grid.subset(core)
        cluster = _numbered(_joined(cores, eps_m), cores, _first_incident(places)[grid.order[core]])
        of_core = cluster[cores.cell]
        labels[core] = of_core
        other = ~core[thin]
        before = np.append(0, np.cumsum(core))
        labels[thin[other]] = _on_border(
            grid,
            thin[other],
            cores,
            before[begins[:, other]],
            before[ends[:, other]],
            of_core,
            eps_m,
        )
    in_order = np.empty_like(labels)
    in_order[grid.order] = labels
    return in_order


def _first_incident(places: Places) -> Ints:
    first = np.empty(len(places.xy), dtype=np.int64)
    # Of several values for one place the last one written stays: the first incident's.
    first[places.inverse[::-1]] = np.arange(len(places.inverse))[::-1]
    return first


def _reached(
    grid: EpsGrid, thin: Ints, begins: Ints, ends: Ints, eps_m: float, min_weight: float
) -> Bools:
    """Tell which places of thin cells have the weight around them that makes a core."""
    until = np.append(0.0, np.cumsum(grid.weights))
    most = (until[ends] - until[begins]).sum(axis=0)
    # Rounding must not rule out what the exact sum would let in.
    left = np.flatnonzero(most + _ROUNDING * until[-1] >= min_weight)
    core = np.zeros(len(thin), dtype=bool)
    weight = np.zeros(len(left))
    for begin, end in zip(begins, ends, strict=True):
        some = np.flatnonzero(end[left] > begin[left])
        at = left[some]
        for part, starts, place, squared in squared_distances(
            grid.x[thin[at]], grid.y[thin[at]], grid, begin[at], end[at] - begin[at]
        ):
            near = grid.weights[place] * (squared <= eps_m * eps_m)
            weight[some[part]] += np.add.reduceat(near, starts)
        enough = weight >= min_weight
        core[left[enough]] = True
        left, weight = left[~enough], weight[~enough]
    return core


def _joined(cores: EpsGrid, eps_m: float) -> Ints:
    """Return for each cell the number of the cluster that its cores belong to."""
    boxes = _boxes(cores)
    occupied = np.flatnonzero(cores.count)
    joined_a, joined_b = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    cluster = np.arange(len(cores.keys))
    for offsets in _ROUNDS:
        for columns, rows in offsets:
            hit, there = cores.neighbours(occupied, columns, rows)
            a, b = occupied[hit], there
            worth = (cores.count[b] > 0) & (cluster[a] != cluster[b])
            a, b = a[worth], b[worth]
            near = _within_reach(cores, boxes, a, b, eps_m)
            joined_a.append(a[near])
            joined_b.append(b[near])
        row, column = np.concatenate(joined_a), np.concatenate(joined_b)
        links = sparse.coo_matrix((np.ones(len(row)), (row, column)), shape=(len(cores.keys),) * 2)
        cluster = csgraph.connected_components(links, directed=False)[1].astype(np.int64)
    return cluster


def _boxes(cores: EpsGrid) -> Floats:
    boxes = np.full((4, len(cores.keys)), np.nan)
    some = np.flatnonzero(cores.count)
    first = cores.first[some]
    for row, (extreme, values) in enumerate(
        ((np.minimum, cores.x), (np.maximum, cores.x), (np.minimum, cores.y), (np.maximum, cores.y))
    ):
        boxes[row, some] = extreme.reduceat(values, first)
    return boxes


def _gap_squared(x: Floats, y: Floats, boxes: Floats) -> Floats:
    dx = np.maximum(np.maximum(boxes[0] - x, x - boxes[1]), 0.0)
    dy = np.maximum(np.maximum(boxes[2] - y, y - boxes[3]), 0.0)
    return np.asarray(dx * dx + dy * dy)


def _within_reach(cores: EpsGrid, boxes: Floats, a: Ints, b: Ints, eps_m: float) -> Bools:
    """Tell which pairs of cells hold two cores within reach of each other."""
    reach = eps_m * eps_m
    joined = np.zeros(len(a), dtype=bool)
    if len(a) == 0:
        return joined
    # The core of a cell that is nearest to the other's box, and the one nearest to that in turn:
    # mostly a pair within reach, found without looking at all pairs.
    owner, place = _members(cores, a)
    gap = _gap_squared(cores.x[place], cores.y[place], boxes[:, b[owner]])
    nearest = place[_first_least(gap, owner)]
    for part, starts, _, squared in squared_distances(
        cores.x[nearest], cores.y[nearest], cores, cores.first[b], cores.count[b]
    ):
        joined[part] = np.minimum.reduceat(squared, starts) <= reach
    # All that is left of the first cell that may reach the other's box, against all of the other.
    left = np.flatnonzero(~joined[owner] & (gap <= reach * _SPARE))
    x, y, cell = cores.x[place[left]], cores.y[place[left]], b[owner[left]]
    for part, starts, _, squared in squared_distances(
        x, y, cores, cores.first[cell], cores.count[cell]
    ):
        near = np.minimum.reduceat(squared, starts) <= reach
        joined[owner[left[part]][near]] = True
    return joined


def _members(cores: EpsGrid, cells: Ints) -> tuple[Ints, Ints]:
    count = cores.count[cells]
    owner = np.repeat(np.arange(len(cells)), count)
    starts = np.cumsum(count) - count
    return owner, np.arange(len(owner)) - np.repeat(starts - cores.first[cells], count)


def _first_least(values: Floats, owner: Ints) -> Ints:
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    least = np.minimum.reduceat(values, starts)
    equal = np.flatnonzero(values == least[owner])
    return equal[np.flatnonzero(np.diff(owner[equal], prepend=-1))]


def _numbered(cluster: Ints, cores: EpsGrid, incident: Ints) -> Ints:
    first = np.full(int(cluster.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, cluster[cores.cell], incident)
    rank = np.empty(len(first), dtype=np.int64)
    # Cells without a core are clusters of their own here; they come last and are never asked for.
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[cluster]


def _on_border(
    grid: EpsGrid, at: Ints, cores: EpsGrid, begins: Ints, ends: Ints, of_core: Ints, eps_m: float
) -> Ints:
    none = len(cores.keys)
    lowest = np.full(len(at), none, dtype=np.int64)
    for begin, end in zip(begins, ends, strict=True):
        some = np.flatnonzero(end > begin)
        for part, starts, place, squared in squared_distances(
            grid.x[at[some]], grid.y[at[some]], cores, begin[some], end[some] - begin[some]
        ):
            near = np.where(squared <= eps_m * eps_m, of_core[place], none)
            lowest[some[part]] = np.minimum(lowest[some[part]], np.minimum.reduceat(near, starts))
    return np.where(lowest == none, -1, lowest)
