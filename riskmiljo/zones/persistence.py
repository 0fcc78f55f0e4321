"""The tops of a density surface, merged by persistence: which tops are places of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Whether the dip between a lower top and a saddle is real: (top, saddle), flat cell numbers.
IsDip = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Basins:
    """Every cell led uphill to its top.

    Parameters
    ----------
    labels
        Shape (ny, nx); number of the top that a cell leads to, -1 below the floor.
    tops
        Shape (k,), flat cell numbers, highest first.
    """

    labels: Ints
    tops: Ints


def basins(field: Floats, floor: float) -> Basins:
    """Lead every cell above a floor to the top that steepest ascent reaches.

    Parameters
    ----------
    field
        Shape (ny, nx).
    floor
        Cells at or below it belong to no basin.

    Returns
    -------
    Basins
        Ties go to the cell further north, then further east, so that a level stretch has one top.
    """
    nx = field.shape[1]
    framed = np.pad(field, 1, constant_values=-np.inf).ravel()
    # Uphill of a cell above the floor lie only such cells: the empty country costs nothing.
    cells = np.flatnonzero(framed > floor)
    best, uphill = framed[cells], cells.copy()
    for step in _steps(nx, half=False):
        value = framed[cells + step]
        higher = (value > best) | ((value == best) & (cells + step > uphill))
        best = np.where(higher, value, best)
        uphill = np.where(higher, cells + step, uphill)
    position = np.empty(len(framed), dtype=np.int64)
    position[cells] = np.arange(len(cells))
    top = position[uphill]
    # Each round doubles the length of the path: a handful of rounds reaches every top.
    while True:
        further = top[top]
        if np.array_equal(further, top):
            break
        top = further
    tops = np.flatnonzero(top == np.arange(len(cells)))
    tops = tops[np.lexsort((-tops, -framed[cells[tops]]))]
    number_of = np.empty(len(cells), dtype=np.int64)
    number_of[tops] = np.arange(len(tops))
    own = _unframed(cells, nx)
    labels = np.full(field.size, -1, dtype=np.int64)
    labels[own] = number_of[top]
    return Basins(labels.reshape(field.shape), own[tops])


def merge(field: Floats, found: Basins, is_dip: IsDip) -> Basins:
    """Merge each top into a higher one unless the dip between them is real.

    Parameters
    ----------
    field
        Shape (ny, nx), as given to `basins`.
    found
        Its basins.
    is_dip
        Tells whether a lower top rises really above the saddle that joins it to a higher one.

    Returns
    -------
    Basins
        With the tops that are left.

    Notes
    -----
    Saddles are gone through from the highest down, as the level of a flood that falls. Where two
    islands meet, the one with the lower top is swallowed, or both stand; if both stand, what
    follows meets the higher one (the elder rule).

    References
    ----------
    Edelsbrunner, H., Letscher, D. and Zomorodian, A. (2002). Topological persistence and
    simplification.
    Chazal, F., Guibas, L. J., Oudot, S. Y. and Skraba, P. (2013). Persistence-based clustering in
    Riemannian manifolds.
    """
    first, second, saddle = _saddles(field, found.labels)
    # Of an island: its highest top. Of a top: the top that it is now part of.
    island = list(range(len(found.tops)))
    part_of = list(range(len(found.tops)))

    def root(links: list[int], number: int) -> int:
        while links[number] != number:
            links[number] = links[links[number]]
            number = links[number]
        return number

    for a, b, at in zip(first.tolist(), second.tolist(), saddle.tolist(), strict=True):
        one, other = root(island, a), root(island, b)
        if one == other:
            continue
        # Tops are numbered from the highest down.
        higher, lower = min(one, other), max(one, other)
        island[lower] = higher
        if not is_dip(int(found.tops[lower]), at):
            # It joins the basin it touches, which need not be the island's highest.
            touching = root(part_of, a if one == higher else b)
            part_of[root(part_of, lower)] = touching
    kept = [number for number in range(len(found.tops)) if root(part_of, number) == number]
    renumbered = np.full(len(found.tops) + 1, -1, dtype=np.int64)
    where = {number: i for i, number in enumerate(kept)}
    for number in range(len(found.tops)):
        renumbered[number] = where[root(part_of, number)]
    # The last entry serves the label -1.
    return Basins(renumbered[found.labels], found.tops[kept])


def _steps(nx: int, *, half: bool) -> tuple[int, ...]:
    """Return what to add to a cell's number, in a grid with a frame, for its neighbours."""
    wide = nx + 2
    onwards = (1, wide, wide + 1, wide - 1)
    return onwards if half else (*onwards, *(-step for step in onwards))


def _unframed(cells: Ints, nx: int) -> Ints:
    row, column = np.divmod(cells, nx + 2)
    return np.asarray((row - 1) * nx + column - 1, dtype=np.int64)


def _saddles(field: Floats, labels: Ints) -> tuple[Ints, Ints, Ints]:
    nx = field.shape[1]
    framed = np.pad(labels, 1, constant_values=-1).ravel()
    inside = np.flatnonzero(framed >= 0)
    firsts, seconds, cells = [], [], []
    for step in _steps(nx, half=True):
        a, b = framed[inside], framed[inside + step]
        touch = (a != b) & (b >= 0)
        a, b = a[touch], b[touch]
        cell_a, cell_b = _unframed(inside[touch], nx), _unframed(inside[touch] + step, nx)
        lower = field.ravel()[cell_a] <= field.ravel()[cell_b]
        firsts.append(np.minimum(a, b))
        seconds.append(np.maximum(a, b))
        cells.append(np.where(lower, cell_a, cell_b))
    first, second, cell = map(np.concatenate, (firsts, seconds, cells))
    height = field.ravel()[cell]
    # The highest pass of each pair of basins, then all passes from the highest down.
    order = np.lexsort((cell, -height, second, first))
    first, second, cell = first[order], second[order], cell[order]
    new_pair = np.ones(len(first), dtype=bool)
    new_pair[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    first, second, cell = first[new_pair], second[new_pair], cell[new_pair]
    down = np.lexsort((cell, second, first, -field.ravel()[cell]))
    return first[down], second[down], cell[down]
