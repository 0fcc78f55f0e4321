"""Kernels along a network: incidents spread over the streets, split equally where streets meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from riskmiljo.analysis.pairs import ranges_in_blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Steps in which the way travelled is counted: with 256 in a bandwidth the error is under 1e-5.
_STEPS: Final = 256
# In large networks the steps are longer, down to 64 in a bandwidth: two tables of 8 bytes a step
# and end of street must fit in memory.
_MOST_IN_TABLE: Final = 30_000_000
_FEWEST_STEPS: Final = 64
# An incident this near to a corner lies on it.
_ON_CORNER_M: Final = 0.01
# What goes to and fro on streets shorter than a step is followed until so little is left.
_LEFT: Final = 1e-9
_ROUNDS: Final = 60
_VALUES_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class Network:
    """Streets as arrays; every street can be entered from either end.

    Attributes
    ----------
    ends
        Shape (e, 2), the nodes that each street joins.
    length_m
        Shape (e,), more than 0.
    """

    ends: Ints
    length_m: Floats

    def transfer(self, *, continuous: bool) -> csr_matrix:
        """Return how what leaves each street is divided over those that it can enter.

        Parameters
        ----------
        continuous
            Of two rules: at a corner of n streets every other one gets 2/n, and 2/n - 1 (a debt,
            if there are more than two) goes back; or every other one gets 1/(n - 1) and nothing
            goes back. At a dead end all goes back.

        Returns
        -------
        scipy.sparse.csr_matrix
            Shape (2e, 2e), row: street entered, column: street left; street i from its first end
            to its second is number i, from its second to its first e + i. Columns sum to 1.

        References
        ----------
        Okabe, A., Satoh, T. and Sugihara, K. (2009). A kernel density estimation method for
        networks, its computational method and a GIS-based tool. International Journal of
        Geographical Information Science 23, 7-32.
        """
        count = len(self.length_m)
        start, end = self.ends.T.ravel(), self.ends[:, ::-1].T.ravel()
        by_start = np.argsort(start, kind="stable")
        degree = np.bincount(start, minlength=int(start.max()) + 1)
        first = np.cumsum(degree) - degree
        size = degree[end]
        blocks = list(ranges_in_blocks(first[end], size, _VALUES_AT_ONCE))
        left = np.concatenate([owner for owner, _ in blocks])
        entered = by_start[np.concatenate([position for _, position in blocks])]
        streets = size[left].astype(float)
        back = entered == (left + count) % (2 * count)
        if continuous:
            share = np.where(back, 2 / streets - 1, 2 / streets)
        else:
            share = np.where(back, streets == 1, 1 / np.maximum(streets - 1, 1))
        return csr_matrix((share, (entered, left)), shape=(2 * count, 2 * count))

    def mass(
        self,
        events: tuple[Ints, Floats, Floats],
        parts: tuple[Ints, Floats, Floats],
        bandwidth_m: float,
        *,
        continuous: bool,
    ) -> Floats:
        """Spread incidents along the streets and sum them up over parts of streets.

        Parameters
        ----------
        events
            The street of each incident, how far from its first end (metres), and its weight.
        parts
            The street of each part, and where on it the part begins and ends, metres.
        bandwidth_m
            How far along the streets an incident reaches (quartic kernel).
        continuous
            As in `transfer`.

        Returns
        -------
        numpy.ndarray
            Shape (p,), the weight on each part; over parts that cover all streets it sums to the
            weight of the incidents.

        Notes
        -----
        All incidents travel together: for every street and end, how much enters it after how far
        a way, in 256 steps of the bandwidth (fewer above 58 000 streets). So the time does not
        depend on their number, ways around a block are followed as well as the shortest, and
        within a street nothing is rounded.

        References
        ----------
        Okabe, A., Satoh, T. and Sugihara, K. (2009). A kernel density estimation method for
        networks. International Journal of Geographical Information Science 23, 7-32.
        """
        street, at_m, weight = events
        at_m = np.clip(at_m, 0.0, self.length_m[street])
        most = _MOST_IN_TABLE // (2 * len(self.length_m))
        steps = max(_FEWEST_STEPS, min(_STEPS, most))
        step_m = bandwidth_m / steps
        entering = np.zeros((steps, 2 * len(self.length_m)))
        corner = np.zeros(len(street), dtype=bool)
        if not continuous:
            # The continuous rule gives a corner's streets equal parts by itself.
            corner = np.minimum(at_m, self.length_m[street] - at_m) <= _ON_CORNER_M
            entering[0] = self._from_corners(street[corner], at_m[corner], weight[corner])
        along = ~corner
        street, at_m, weight = street[along], at_m[along], weight[along]
        leaving = np.zeros_like(entering)
        _add_at(leaving, street, (self.length_m[street] - at_m) / step_m, weight)
        _add_at(leaving, street + len(self.length_m), at_m / step_m, weight)
        self._travel(entering, leaving, step_m, self.transfer(continuous=continuous))
        mass = self._passing(entering, parts, bandwidth_m)
        mass += self._direct((street, at_m, weight), parts, bandwidth_m)
        return mass

    def _from_corners(self, street: Ints, at_m: Floats, weight: Floats) -> Floats:
        side = (at_m > self.length_m[street] / 2).astype(np.int64)
        start = self.ends.T.ravel()
        size = int(start.max()) + 1
        at_node = np.bincount(self.ends[street, side], weight, minlength=size)
        degree = np.bincount(start, minlength=size)
        # A kernel's half is what one direction carries: n streets share two halves.
        return np.asarray(2 * at_node[start] / degree[start], dtype=float)

    def _travel(
        self, entering: Floats, leaving: Floats, step_m: float, transfer: csr_matrix
    ) -> None:
        steps = np.tile(self.length_m / step_m, 2)
        whole = np.floor(steps).astype(np.int64)
        later = steps - whole
        column = np.arange(len(steps))
        short = np.flatnonzero(whole == 0)
        at_once = 1 - later[short]
        onward = transfer[:, short]
        for now in range(len(entering)):
            arrived = leaving[now]
            for delay, part in ((whole, 1 - later), (whole + 1, later)):
                past = (delay <= now) & (delay > 0)
                arrived[past] += part[past] * entering[now - delay[past], column[past]]
            entered = transfer @ arrived
            passing = at_once * (entered + entering[now])[short]
            for _ in range(_ROUNDS):
                if np.abs(passing).max(initial=0.0) <= _LEFT:
                    break
                more = onward @ passing
                entered += more
                passing = at_once * more[short]
            entering[now] += entered

    def _passing(
        self, entering: Floats, parts: tuple[Ints, Floats, Floats], bandwidth_m: float
    ) -> Floats:
        street, begin, end = parts
        length = self.length_m[street]
        count = len(self.length_m)
        way = np.arange(len(entering)) / len(entering)
        mass = np.zeros(len(street))
        at_once = max(1, _VALUES_AT_ONCE // len(entering))
        for first in range(0, len(street), at_once):
            some = slice(first, first + at_once)
            for number, near, far in (
                (street[some], begin[some], end[some]),
                (street[some] + count, (length - end)[some], (length - begin)[some]),
            ):
                share = _upto(way[:, None] + far / bandwidth_m)
                share -= _upto(way[:, None] + near / bandwidth_m)
                mass[some] += np.einsum("sp,sp->p", entering[:, number], share)
        return mass

    def _direct(
        self,
        events: tuple[Ints, Floats, Floats],
        parts: tuple[Ints, Floats, Floats],
        bandwidth_m: float,
    ) -> Floats:
        """Sum what incidents leave on their own street before the first corner."""
        street, begin, end = parts
        order = np.argsort(street, kind="stable")
        first = np.searchsorted(street[order], events[0], "left")
        size = np.searchsorted(street[order], events[0], "right") - first
        mass = np.zeros(len(street))
        for event, position in ranges_in_blocks(first, size, _VALUES_AT_ONCE):
            part, at_m = order[position], events[1][event]
            share = _upto((end[part] - at_m) / bandwidth_m)
            share -= _upto((begin[part] - at_m) / bandwidth_m)
            mass += np.bincount(part, events[2][event] * share, minlength=len(mass))
        return mass


def _add_at(table: Floats, column: Ints, step: Floats, weight: Floats) -> None:
    """Add weights between two rows, so that their mean row is kept."""
    whole = np.floor(step).astype(np.int64)
    part = step - whole
    for row, share in ((whole, 1 - part), (whole + 1, part)):
        inside = row < len(table)
        np.add.at(table, (row[inside], column[inside]), (weight * share)[inside])


def _upto(u: Floats) -> Floats:
    """Return the quartic kernel's integral up to u bandwidths."""
    t = np.clip(u, -1.0, 1.0)
    square = t * t
    return np.asarray(0.5 + t * (15 + square * (3 * square - 10)) / 16)
