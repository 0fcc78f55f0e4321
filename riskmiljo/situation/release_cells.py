"""The fixed cells of the joint picture: small where many live, larger where few do.

Cells lie on whole multiples of their side in the area's metres, whatever is asked for, and once a
block of 1 000 m has been divided it stays so: a grid that shifts lets a small cell be had by
subtraction.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.situation.release_margins import CELL_SIDE_M, LARGEST_M

# METHODS section 6: a published cell holds at least this many dwellings.
FEWEST_DWELLINGS: Final = 10
# Where dwellings are not known: places of 50 m at which anything was ever registered. An address
# with an incident stands for at least two without.
FEWEST_PLACES: Final = 5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def corner(xy: Floats, side_m: int) -> Ints:
    """Return the south-west corner of the square that each point lies in.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    side_m
        Side of the squares.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), whole multiples of the side.
    """
    return np.asarray(np.floor(xy / side_m).astype(np.int64) * side_m)


def divide(
    owners: str, xy: Floats, known: Floats, *, fewest: int, settled: pd.DataFrame
) -> pd.DataFrame:
    """Divide the blocks that are not yet divided into cells.

    Parameters
    ----------
    owners
        Which group's cells.
    xy
        Shape (n, 2): where cells are needed, metres.
    known
        Shape (k, 2): dwellings, or places that stand for them, one row each.
    fewest
        How many of those a cell must hold.
    settled
        The cells that exist: ``owners, x0, y0, side_m``.

    Returns
    -------
    pandas.DataFrame
        New cells, ``owners, x0, y0, side_m``. A square is divided in four where each of the four
        that holds anything holds enough.
    """
    mine = settled[settled["owners"] == owners]
    there = {tuple(one) for one in corner(mine[["x0", "y0"]].to_numpy(dtype=float), LARGEST_M)}
    blocks = [one for one in np.unique(corner(xy, LARGEST_M), axis=0) if tuple(one) not in there]
    levels = {}
    side = LARGEST_M // 2
    while side >= CELL_SIDE_M[owners]:
        found, counts = np.unique(corner(known, side), axis=0, return_counts=True)
        levels[side] = dict(zip(map(tuple, found.tolist()), counts.tolist(), strict=True))
        side //= 2
    cells: list[tuple[str, int, int, int]] = []
    open_squares = [(int(x), int(y), LARGEST_M) for x, y in blocks]
    while open_squares:
        x, y, side = open_squares.pop()
        half = side // 2
        quarters = [(x + dx, y + dy) for dx in (0, half) for dy in (0, half)]
        held = [levels.get(half, {}).get(one, 0) for one in quarters]
        if half in levels and max(held) > 0 and all(n == 0 or n >= fewest for n in held):
            open_squares += [(qx, qy, half) for qx, qy in quarters]
        else:
            cells.append((owners, x, y, side))
    return pd.DataFrame(sorted(cells), columns=["owners", "x0", "y0", "side_m"])


def cell_of(xy: Floats, cells: pd.DataFrame) -> Ints:
    """Return which cell each point lies in.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    cells
        Of one group of owners: ``x0, y0, side_m``.

    Returns
    -------
    numpy.ndarray
        Shape (n,): the row of the cell; -1 outside all of them.
    """
    number = np.full(len(xy), -1, dtype=np.int64)
    for side in sorted(cells["side_m"].unique()):
        rows = np.flatnonzero(cells["side_m"].to_numpy() == side)
        table = {
            (int(x), int(y)): int(row)
            for row, x, y in zip(
                rows, cells["x0"].to_numpy()[rows], cells["y0"].to_numpy()[rows], strict=True
            )
        }
        squares, inverse = np.unique(corner(xy, int(side)), axis=0, return_inverse=True)
        found = np.array([table.get((int(x), int(y)), -1) for x, y in squares], dtype=np.int64)
        here = found[inverse.ravel()] if len(found) else number[:0]
        number = np.where(here >= 0, here, number)
    return number
