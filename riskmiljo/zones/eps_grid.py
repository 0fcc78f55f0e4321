"""Places sorted into cells within which everything is near: what an exact DBSCAN works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Bools = npt.NDArray[np.bool_]

# A hair under eps / sqrt(2): the diagonal stays under eps whatever the coordinates round to.
_SIDE: Final = (1 - 1e-4) / np.sqrt(2.0)
# That hair must be wider than the coordinates' own last digits.
_LEAST_SHARE_OF_SPAN: Final = 1e-11
# Columns further apart than two cells are none's neighbours, however far they are.
_FAR_CELLS: Final = 3
_PAIRS_AT_ONCE: Final = 500_000
COLUMNS_AROUND: Final = (0, -1, 1, -2, 2)


@dataclass(frozen=True, slots=True)
class EpsGrid:
    """Places in the order of their cells: by column, then northwards.

    Parameters
    ----------
    x, y, weights
        Shape (m,), metres and weights.
    order
        Shape (m,), the number that each of them has among the places given.
    cell
        Shape (m,), the number of each one's cell.
    keys
        Shape (c,), rising: column times ``stride`` plus row of each occupied cell.
    first, count
        Shape (c,), where a cell's places begin, and how many they are.
    stride
        What one column adds to a key.
    """

    x: Floats
    y: Floats
    weights: Floats
    order: Ints
    cell: Ints
    keys: Ints
    first: Ints
    count: Ints
    stride: int

    def neighbours(self, cells: Ints, columns: int, rows: int) -> tuple[Ints, Ints]:
        """Return the occupied cells at an offset from others.

        Parameters
        ----------
        cells
            Numbers of cells.
        columns, rows
            The offset, at most two cells.

        Returns
        -------
        tuple of numpy.ndarray
            Positions within ``cells`` that have such a neighbour, and its number.
        """
        wanted = self.keys[cells] + (columns * self.stride + rows)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        hit = np.flatnonzero(self.keys[at] == wanted)
        return hit, at[hit]

    def subset(self, chosen: Bools) -> EpsGrid:
        """Return the same cells with fewer places; a cell may be left empty.

        Parameters
        ----------
        chosen
            Shape (m,).

        Returns
        -------
        EpsGrid
            ``order`` still counts the places first given.
        """
        cell = self.cell[chosen]
        count = np.bincount(cell, minlength=len(self.keys))
        return EpsGrid(
            self.x[chosen],
            self.y[chosen],
            self.weights[chosen],
            self.order[chosen],
            cell,
            self.keys,
            np.cumsum(count) - count,
            count,
            self.stride,
        )

    def strips(self, at: Ints, eps_m: float) -> tuple[Ints, Ints]:
        """Return the stretches of places among which all that is near lies.

        Parameters
        ----------
        at
            Shape (k,), positions of places.
        eps_m
            The distance, metres.

        Returns
        -------
        tuple of numpy.ndarray
            Begin and end of the stretch in each of ``COLUMNS_AROUND``, shape (5, k).
        """
        side = eps_m * _SIDE
        x, y = self.x - self.x.min(), self.y - self.y.min()
        raw = np.floor(x[at] / side)
        column = self.keys[self.cell] // self.stride
        # One number that rises with the order: columns far enough apart, northings in between.
        apart = float(y.max()) + 4 * eps_m
        rising = column * apart + y
        slack = 4 * np.spacing(float(rising[-1]) + apart) + 1e-6 * eps_m
        begins = np.empty((len(COLUMNS_AROUND), len(at)), dtype=np.int64)
        ends = np.empty_like(begins)
        last = len(rising) - 1
        for i, columns in enumerate(COLUMNS_AROUND):
            gap = (
                (raw + columns) * side - x[at]
                if columns > 0
                else x[at] - (raw + columns + 1) * side
            )
            gap = np.maximum(gap - slack, 0.0)
            half = np.sqrt(np.maximum(eps_m * eps_m - gap * gap, 0.0)) + slack
            middle = (column[at] + columns) * apart + y[at]
            begins[i] = np.searchsorted(rising, middle - half, "left")
            ends[i] = begins[i]
            some = np.flatnonzero(rising[np.minimum(begins[i], last)] <= middle + half)
            ends[i, some] = np.searchsorted(rising, (middle + half)[some], "right")
        return begins, ends


def squared_distances(
    x: Floats, y: Floats, others: EpsGrid, begin: Ints, count: Ints
) -> Iterator[tuple[slice, Ints, Ints, Floats]]:
    """Yield the squared distances from points to a stretch of places each.

    Parameters
    ----------
    x, y
        Shape (k,), metres.
    others
        The places.
    begin, count
        Shape (k,), each point's stretch of them; none is empty.

    Yields
    ------
    tuple
        The slice of points worked on; where each of them begins among the pairs; the position of
        each pair's place; and the squared distances, summed as scikit-learn sums them.
    """
    until = np.cumsum(count)
    at = 0
    while at < len(count):
        done = until[at - 1] if at else 0
        end = max(at + 1, int(np.searchsorted(until, done + _PAIRS_AT_ONCE, "right")))
        part = slice(at, end)
        starts = until[part] - count[part] - done
        place = np.arange(int(until[end - 1] - done))
        place += np.repeat(begin[part] - starts, count[part])
        dx = np.repeat(x[part], count[part])
        dx -= others.x[place]
        dy = np.repeat(y[part], count[part])
        dy -= others.y[place]
        dx *= dx
        dy *= dy
        dx += dy
        yield part, starts, place, dx
        at = end


def eps_grid(places: Places, eps_m: float) -> EpsGrid:
    """Sort places into cells whose diagonal is just under a distance.

    Parameters
    ----------
    places
        Unique places, at least one.
    eps_m
        The distance, metres.

    Returns
    -------
    EpsGrid
        Two places within the distance lie at most two columns and two rows apart.

    Raises
    ------
    InvalidInputError
        If the distance is less than the coordinates can tell apart.
    """
    x, y = places.xy[:, 0], places.xy[:, 1]
    span = float(max(x.max() - x.min(), y.max() - y.min()))
    if eps_m < _LEAST_SHARE_OF_SPAN * span:
        raise InvalidInputError(
            Text(
                "eps_m är {e}, men koordinaterna sträcker sig över {s} meter: så små avstånd går "
                "inte att skilja. Välj ett större avstånd.",
                "eps_m is {e}, but the coordinates span {s} {s:metre|metres}: distances so small "
                "cannot be told apart. Choose a larger one.",
            ).fill(e=eps_m, s=span)
        )
    side = eps_m * _SIDE
    column = np.floor((x - x.min()) / side).astype(np.int64)
    row = np.floor((y - y.min()) / side).astype(np.int64)
    # Places come from west to east. Empty country between two columns is drawn together.
    column = np.cumsum(np.minimum(np.diff(column, prepend=column[:1]), _FAR_CELLS))
    # Room for two rows on either side, so that no neighbour's key is that of another column.
    stride = int(row.max()) + 2 * _FAR_CELLS
    order = np.lexsort((y, column))
    key = (column * stride + row)[order]
    begins = np.ones(len(key), dtype=bool)
    begins[1:] = key[1:] != key[:-1]
    first = np.flatnonzero(begins)
    return EpsGrid(
        x[order],
        y[order],
        places.weights[order],
        order,
        np.cumsum(begins) - 1,
        key[first],
        first,
        np.diff(np.append(first, len(key))),
        stride,
    )
