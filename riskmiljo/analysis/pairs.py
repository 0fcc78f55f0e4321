"""Pairs of points that lie close to each other, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Thinner rows waste fewer candidates and cost more searches.
_ROWS_A_REACH: Final = 4
# What is computed of so many stays in the processor's cache.
_CANDIDATES_AT_ONCE: Final = 100_000


@dataclass(frozen=True)
class ClosePairs:
    """Points in rows from south to north, in each row from west to east.

    In that order the partners of a point in any one row are neighbours in memory, so that all
    candidates are ranges. Make it with `ClosePairs.within`.

    Attributes
    ----------
    xy
        Shape (n, 2), metres, in the order of the rows.
    order
        Shape (n,), which given point stands where.
    reach_m
        Pairs up to this distance are wanted.
    first, last
        Shape (rows, n): the range of candidates of each point in its own row and in those north
        of it; each pair stands in one range only.
    """

    xy: Floats
    order: Ints
    reach_m: float
    first: Ints
    last: Ints

    @classmethod
    def within(cls, xy: Floats, reach_m: float) -> Self:
        """Put points in order and find the ranges of their candidates.

        Parameters
        ----------
        xy
            Shape (n, 2), metres.
        reach_m
            Pairs up to this distance are wanted.

        Returns
        -------
        ClosePairs
            Nothing is listed yet.
        """
        # No two lie farther apart than this, however far the reach.
        reach_m = min(reach_m, 2.0 * float(np.ptp(xy, axis=0).max()) + 1.0)
        height = reach_m / _ROWS_A_REACH
        west, south = xy.min(axis=0)
        row = np.floor((xy[:, 1] - south) / height).astype(np.int64)
        order = np.lexsort((xy[:, 1], xy[:, 0], row))
        xy, row = xy[order], row[order]
        # Rows stand end to end on one axis, too far apart for a reach to leave its row.
        stride = float(np.ptp(xy[:, 0])) + 4 * reach_m
        east = xy[:, 0] - west
        # Wider by a hair: what is exactly within reach must not be lost to rounding.
        slack = reach_m * 1e-6 + stride * (row[-1] + 2) * 1e-15
        used, dense = np.unique(row, return_inverse=True)
        axis = dense * stride + east
        first = np.empty((_ROWS_A_REACH + 2, len(xy)), dtype=np.int64)
        last = np.empty_like(first)
        first[0] = np.arange(1, len(xy) + 1)
        last[0] = np.searchsorted(axis, axis + reach_m + slack, "right")
        for above in range(1, _ROWS_A_REACH + 2):
            target = np.searchsorted(used, row + above)
            there = used[np.minimum(target, len(used) - 1)] == row + above
            gap = np.maximum((row + above) * height + south - xy[:, 1] - slack, 0.0)
            half = np.sqrt(np.maximum(reach_m**2 - gap**2, 0.0)) + slack
            middle = target * stride + east
            first[above] = np.searchsorted(axis, middle - half, "left")
            last[above] = np.where(
                there, np.searchsorted(axis, middle + half, "right"), first[above]
            )
        return cls(xy, order, reach_m, first, np.maximum(first, last))

    @property
    def candidates(self) -> int:
        """At most so many pairs."""
        return int((self.last - self.first).sum())

    def blocks(self) -> Iterator[tuple[Ints, Ints, Floats]]:
        """List the pairs.

        Yields
        ------
        tuple of numpy.ndarray
            Positions a and b in the order of the rows, and the distance in metres; some of them
            are a hair farther apart than the reach.
        """
        x, y = np.ascontiguousarray(self.xy[:, 0]), np.ascontiguousarray(self.xy[:, 1])
        limit = (self.reach_m * (1 + 1e-6)) ** 2
        for first, last in zip(self.first, self.last, strict=True):
            for owner, other in ranges_in_blocks(first, last - first, _CANDIDATES_AT_ONCE):
                squared = (x[owner] - x[other]) ** 2
                squared += (y[owner] - y[other]) ** 2
                near = squared <= limit
                yield owner[near], other[near], np.sqrt(squared[near])


def ranges_in_blocks(first: Ints, size: Ints, at_once: int) -> Iterator[tuple[Ints, Ints]]:
    """Write out ranges of whole numbers, some at a time.

    Parameters
    ----------
    first, size
        Shape (n,), where each range begins and how long it is.
    at_once
        About how many numbers a block holds; a block takes whole ranges unless one alone is
        longer.

    Yields
    ------
    tuple of numpy.ndarray
        Which range, and the number.
    """
    filled = np.concatenate([[0], np.cumsum(size)])
    for start in range(0, int(filled[-1]), at_once):
        stop = min(start + at_once, int(filled[-1]))
        low = int(np.searchsorted(filled, start, "right")) - 1
        high = int(np.searchsorted(filled, stop, "left"))
        begins = np.maximum(filled[low:high], start)
        share = np.minimum(filled[low + 1 : high + 1], stop) - begins
        owner = np.repeat(np.arange(low, high), share)
        shift = first[low:high] + begins - filled[low:high] - (begins - start)
        yield owner, np.arange(stop - start) + np.repeat(shift, share)
