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
    ny, nx = field.shape
    flat = np.arange(ny * nx).reshape(ny, nx)
    best, uphill = field.copy(), flat.copy()
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if dy == 0 and dx == 0:
                continue
            here, there = _shifted(ny, dy), _shifted(ny, -dy)
            across, beside = _shifted(nx, dx), _shifted(nx, -dx)
            value, number = field[there, beside], flat[there, beside]
            higher = (value > best[here, across]) | (
                (value == best[here, across]) & (number > uphill[here, across])
            )
            best[here, across] = np.where(higher, value, best[here, across])
            uphill[here, across] = np.where(higher, number, uphill[here, across])
    top = uphill.ravel()
    # Each round doubles the length of the path: a handful of rounds reaches every top.
    while True:
        further = top[top]
        if np.array_equal(further, top):
            break
        top = further
    above = field.ravel() > floor
    tops = np.flatnonzero(above & (top == flat.ravel()))
    tops = tops[np.lexsort((-tops, -field.ravel()[tops]))]
    number_of = np.full(ny * nx, -1, dtype=np.int64)
    number_of[tops] = np.arange(len(tops))
    labels = np.where(above, number_of[top], -1)
    return Basins(labels.reshape(ny, nx), tops.astype(np.int64))


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


def _shifted(length: int, step: int) -> slice:
    return slice(max(0, -step), length - max(0, step))


def _saddles(field: Floats, labels: Ints) -> tuple[Ints, Ints, Ints]:
    ny, nx = field.shape
    flat = np.arange(ny * nx).reshape(ny, nx)
    firsts, seconds, cells = [], [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here, there = _shifted(ny, dy), _shifted(ny, -dy)
        across, beside = _shifted(nx, dx), _shifted(nx, -dx)
        a, b = labels[here, across].ravel(), labels[there, beside].ravel()
        touch = (a != b) & (a >= 0) & (b >= 0)
        a, b = a[touch], b[touch]
        cell_a, cell_b = flat[here, across].ravel()[touch], flat[there, beside].ravel()[touch]
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
