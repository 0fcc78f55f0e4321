"""The cylinders of a space-time scan: circles by their last days, counted by running sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.pairs import ranges_in_blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TOLERANCE: Final = 1e-9
# One incident alone is no cluster.
_FEWEST: Final = 2


@dataclass(frozen=True)
class Circles:
    """Circles around centres, each centre's from the smallest to the largest.

    Make them with `Circles.around`. Circle z of a centre holds the places of all its smaller ones
    and those of its own ring.

    Attributes
    ----------
    centres
        Shape (k, 2), metres.
    centre
        Shape (z,), the centre of each circle.
    radius_m
        Shape (z,).
    begins
        Shape (z,), the smallest circle of the same centre.
    ring
        Shape (e,), the circle in whose ring a place lies; sorted by place.
    first
        Shape (m + 1,), where each place's rings begin in `ring`.
    """

    centres: Floats
    centre: Ints
    radius_m: Floats
    begins: Ints
    ring: Ints
    first: Ints

    @classmethod
    def around(
        cls, centres: Floats, places: Floats, max_radius_m: float, radii_m: Floats | None = None
    ) -> Self:
        """Lay circles around centres.

        Parameters
        ----------
        centres, places
            Shapes (k, 2) and (m, 2), metres.
        max_radius_m
            Largest radius.
        radii_m
            Rising radii for every centre; None takes each distance from the centre to a place,
            so that every set of places that a circle around the centre can hold occurs once.

        Returns
        -------
        Circles
            Those that hold a place which the next smaller one does not.
        """
        from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import, needed by few

        limit = max_radius_m * (1 + _TOLERANCE)
        near = cKDTree(centres).sparse_distance_matrix(
            cKDTree(places), limit, output_type="ndarray"
        )
        centre, place, distance = near["i"], near["j"], near["v"]
        if radii_m is None:
            order = np.lexsort((distance, centre))
            centre, place, distance = centre[order], place[order], distance[order]
            # Rounded coordinates must not tear apart what is equally far.
            gap = np.diff(distance) > np.maximum(distance[1:] * _TOLERANCE, 1e-6)
            step = np.concatenate([[True], (np.diff(centre) != 0) | gap])
            radius = distance
        else:
            number = np.searchsorted(radii_m * (1 + _TOLERANCE), distance, "left")
            order = np.lexsort((number, centre))
            centre, place, number = centre[order], place[order], number[order]
            step = np.concatenate([[True], (np.diff(centre) != 0) | (np.diff(number) != 0)])
            radius = radii_m[number]
        ring = np.cumsum(step) - 1
        last = np.concatenate([np.flatnonzero(step)[1:] - 1, [len(ring) - 1]])
        of_centre = centre[last].astype(np.int64)
        new = np.concatenate([[True], np.diff(of_centre) != 0])
        begins = np.flatnonzero(new)[np.cumsum(new) - 1]
        by_place = np.argsort(place, kind="stable")
        first = np.searchsorted(place[by_place], np.arange(len(places) + 1))
        return cls(centres, of_centre, radius[last], begins, ring[by_place], first)

    def totals(self, weights: Floats) -> Floats:
        """Return the sum over the places in each circle.

        Parameters
        ----------
        weights
            Shape (m,), or (m, c) for c columns.

        Returns
        -------
        numpy.ndarray
            Shape (z,) or (z, c).
        """
        columns = weights.reshape(len(weights), -1)
        place = np.repeat(np.arange(len(weights)), np.diff(self.first))
        sums = np.stack(
            [np.bincount(self.ring, c[place], minlength=len(self.radius_m)) for c in columns.T],
            axis=1,
        )
        total: Floats = self._running(sums).reshape(-1, *weights.shape[1:])
        return total

    def counts(self, place: Ints, age: Ints, days: int) -> npt.NDArray[np.int32]:
        """Count incidents in each cylinder.

        Parameters
        ----------
        place
            Shape (n,), rows of the places.
        age
            Shape (n,), 0 on the last day, less than ``days``.
        days
            Longest duration.

        Returns
        -------
        numpy.ndarray
            Shape (z, days): in circle z over the last 1, 2, ... days.
        """
        size = self.first[place + 1] - self.first[place]
        cells = len(self.radius_m) * days
        counts = np.zeros(cells, dtype=np.int32)
        for owner, entry in ranges_in_blocks(self.first[place], size, 4_000_000):
            counts += np.bincount(self.ring[entry] * days + age[owner], minlength=cells).astype(
                np.int32
            )
        table = counts.reshape(-1, days)
        np.cumsum(table, axis=1, out=table)
        return self._running(table)

    def _running(self, table: npt.NDArray[Any]) -> npt.NDArray[Any]:
        # Sums within each centre: the running sum of all less what stood before the centre.
        total = np.cumsum(table, axis=0, dtype=table.dtype)
        before = np.zeros_like(total)
        inner = self.begins > 0
        before[inner] = total[self.begins[inner] - 1]
        total -= before
        return total


@dataclass(frozen=True)
class Scanned:
    """What is the same for the data and for every simulation of them.

    Attributes
    ----------
    circles
        The circles.
    expected
        Shape (z, days), how many incidents each cylinder should hold.
    total
        How many incidents there are.
    """

    circles: Circles
    expected: Floats
    total: int

    def ratios(self, counts: npt.NDArray[np.int32]) -> tuple[Ints, Floats]:
        """Return the log likelihood ratio of the cylinders that hold more than they should.

        Parameters
        ----------
        counts
            Shape (z, days).

        Returns
        -------
        tuple of numpy.ndarray
            Flat numbers of the cylinders with at least two incidents and more than expected, and
            their log likelihood ratio.

        References
        ----------
        Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics 26, 1481-1496.
        """
        expected = self.expected.ravel()
        flat = counts.ravel()
        at = np.flatnonzero((flat >= _FEWEST) & (flat > expected))
        return at, log_likelihood_ratio(flat[at].astype(float), expected[at], self.total)


def log_likelihood_ratio(count: Floats, expected: Floats, total: int) -> Floats:
    """Compare a rate within against the rate outside, given the total.

    Parameters
    ----------
    count, expected
        Shape (n,), with 0 < expected < count.
    total
        All incidents, expected and seen.

    Returns
    -------
    numpy.ndarray
        Shape (n,), natural logarithm.
    """
    outside = total - count
    ratio = count * np.log(count / expected)
    rest = np.maximum(outside, 1) / np.maximum(total - expected, 1e-300)
    return np.asarray(ratio + outside * np.log(rest))
