"""Improve parts of a map by moving and exchanging units along their borders.

A tabu search with an oscillating penalty: the best change that keeps every part connected is made
even where it is worse than what is there; a unit that was moved rests for a while; and uneven loads
weigh more the longer they last and less the longer loads are even. So the search leaves dead ends,
and reaches even and compact parts from both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
# Largest excess over the allowed deviation, in steps, and cost: lower is better.
Score = tuple[float, float]

BALANCE: Final = 0.05
# Deviations are compared in steps of a percent: no crooked border for a thousandth.
_STEP: Final = 0.01
_ROUNDING: Final = 1e-9
# What each further part that a cut zone is shared by costs, as a share of the ways.
_SHARED_ZONE: Final = 0.1
# The search goes on for so many steps without a better answer, and a unit moved rests for so many.
_PATIENCE: Final = 40
_RESTS: Final = 7
# What an excess of 100 % costs, as a multiple of the ways: at first, and how fast it changes.
_PENALTY: Final = 4.0
_PENALTY_STEP: Final = 1.3
_LEAST_PENALTY: Final = 0.5
_MOST_PENALTY: Final = 1000.0


def _excess(load: Floats) -> Floats:
    """How far each load is beyond the allowed deviation from their mean, as a share of it."""
    mean = load.mean(axis=-1, keepdims=True)
    return np.asarray(np.maximum(np.abs(load / mean - 1) - BALANCE, 0))


def _steps(excess: Floats) -> Floats:
    return np.asarray(np.ceil(excess / _STEP - _ROUNDING))


def bits(chosen: Bools) -> int:
    """Return some units as the bits of a number.

    Parameters
    ----------
    chosen
        Shape (n,), which units.

    Returns
    -------
    int
        The first unit's bit is the lowest.
    """
    return int.from_bytes(np.packbits(chosen, bitorder="little").tobytes(), "little")


def connected(members: int, near: Sequence[int]) -> bool:
    """Tell whether some units hang together.

    A search asks thousands of times: numbers answer it ten times as fast as arrays.

    Parameters
    ----------
    members
        Which units are looked at, as `bits`.
    near
        For each unit those that share a border with it, as `bits`.

    Returns
    -------
    bool
        True for one unit, False for none.
    """
    reached = front = members & -members
    while front:
        unit = front & -front
        found = near[unit.bit_length() - 1] & members & ~reached
        reached |= found
        front = (front ^ unit) | found
    return members > 0 and reached == members


class BorderSearch:
    """Moves and exchanges of units along the borders of parts.

    Parameters
    ----------
    weights
        Shape (n,), load of each unit.
    distance
        Shape (n, n), way between units.
    adjacent
        Shape (n, n), True where two units share a border.
    zone
        Shape (n,), zone of each unit: sharing one between parts costs a little.
    teams
        Number of parts.
    fixed
        Shape (n,), True for units that stay where they are; None for none.

    References
    ----------
    Bozkaya, B., Erkut, E. and Laporte, G. (2003). A tabu search heuristic and adaptive memory
    procedure for political districting. European Journal of Operational Research 144, 12-26.
    """

    def __init__(
        self,
        weights: Floats,
        distance: Floats,
        adjacent: Bools,
        zone: Ints,
        teams: int,
        fixed: Bools | None = None,
    ) -> None:
        self.weights = weights
        self.adjacent = adjacent
        self.zone = zone
        self.teams = teams
        self.fixed = np.zeros(len(weights), dtype=bool) if fixed is None else fixed
        self.walk_to = weights[:, None] * distance
        self._near = [bits(row) for row in adjacent]

    def best_from(self, part: Ints, *, even_first: bool) -> tuple[Score, Ints]:
        """Search from some connected parts.

        Parameters
        ----------
        part
            Shape (n,), 0 to teams - 1, every part connected and none empty.
        even_first
            Whether even loads always come before short ways, which finds even parts where those are
            rare; else the penalty oscillates, which finds the compact ones where they are not.

        Returns
        -------
        tuple
            The best answer met, by its largest excess over the allowed deviation and its cost.
        """
        self.take(part)
        answer = self.score, self.part
        most_even = self.evenness
        penalty = _MOST_PENALTY if even_first else _PENALTY
        waited, step = 0, 0
        rests_until = np.zeros(len(part), dtype=np.int64)
        while waited < _PATIENCE:
            change = self._next(penalty, answer[0], rests_until > step)
            if change is None:
                break
            moved, changed = change
            step, waited = step + 1, waited + 1
            rests_until[moved] = step + _RESTS
            self.take(changed)
            if not even_first:
                penalty *= _PENALTY_STEP if self.score[0] > 0 else 1 / _PENALTY_STEP
                penalty = min(max(penalty, _LEAST_PENALTY), _MOST_PENALTY)
            if self.evenness < most_even:
                most_even, waited = self.evenness, 0
            if self.score < answer[0]:
                answer, waited = (self.score, self.part), 0
        return answer

    def take(self, part: Ints) -> None:
        """Take up an answer and weigh it.

        Parameters
        ----------
        part
            As for `best_from`.
        """
        self.part = part
        self.load: Floats = np.bincount(part, self.weights, self.teams).astype(float)
        self.members = [np.flatnonzero(part == k) for k in range(self.teams)]
        self._held = [bits(part == k) for k in range(self.teams)]
        # ways[k]: the walks to the units of part k alone; and where each unit stands among its own.
        self._ways = [self.walk_to[:, inside] for inside in self.members]
        self._place = np.zeros(len(part), dtype=np.int64)
        for inside in self.members:
            self._place[inside] = np.arange(len(inside))
        # cost[k, c]: what the units of part k walk if c is their middle.
        self.cost = np.array([self.walk_to[inside].sum(axis=0) for inside in self.members])
        self.middle = np.array([self.cost[k, i].min() for k, i in enumerate(self.members)])
        self.walk = float(self.middle.sum())
        # touches[i, k]: unit i has a neighbour in part k.
        self.touches = np.array([self.adjacent[:, i].any(axis=1) for i in self.members]).T
        # pieces[z, k]: how many units of zone z lie in part k.
        self.pieces = np.zeros((int(self.zone.max()) + 1, self.teams), dtype=np.int64)
        np.add.at(self.pieces, (self.zone, part), 1)
        self.shared = int((self.pieces > 0).sum()) - len(self.pieces)
        steps, together, cost = self._weigh(
            self.load, np.asarray(self.walk), np.asarray(self.shared)
        )
        self.score: Score = float(steps), float(cost)
        self.evenness: Score = float(together), float(cost)

    def _weigh(self, load: Floats, walk: Floats, shared: Ints) -> tuple[Floats, Floats, Floats]:
        """Return the largest excess and all excess, both in steps, and the cost of the ways."""
        excess = _excess(load)
        together = np.sqrt((excess**2).sum(axis=-1))
        return _steps(excess.max(axis=-1)), _steps(together), walk * (1 + _SHARED_ZONE * shared)

    def _next(self, penalty: float, best: Score, rests: Bools) -> tuple[list[int], Ints] | None:
        """Return the best change that keeps parts connected: the units moved, and the parts.

        A resting unit moves only for an answer better than the best so far.
        """
        i, b = self._movable()
        changes = [(i, b, np.full(len(i), -1, dtype=np.int64), self._walks_after_moves(i, b))]
        for first, second in zip(*self._neighbours(), strict=True):
            changes.append(self._exchanges(int(first), int(second)))
        i, b, j, walk = (np.concatenate(column) for column in zip(*changes, strict=True))
        loads, shares = self._loads(i, b, j), self._shares(i, b, j)
        steps, together, cost = self._weigh(loads, walk, shares)
        better = (steps < best[0]) | ((steps == best[0]) & (cost < best[1] * (1 - _ROUNDING)))
        allowed = better | ~(rests[i] | ((j >= 0) & rests[j]))
        penalised = np.where(allowed, cost * (1 + penalty * _STEP * together), np.inf)
        for row in np.argsort(penalised, kind="stable"):
            if not allowed[row]:
                return None
            part = self._changed(int(i[row]), int(b[row]), int(j[row]))
            if part is not None:
                return [int(unit) for unit in (i[row], j[row]) if unit >= 0], part
        return None

    def _neighbours(self) -> tuple[Ints, Ints]:
        """Pairs of parts that share a border."""
        touching = np.array([self.touches[inside].any(axis=0) for inside in self.members])
        first, second = np.nonzero(np.triu(touching, 1))
        return first, second

    def _loads(self, i: Ints, b: Ints, j: Ints) -> Floats:
        """Return the loads after unit i goes to part b and unit j, if any, the other way."""
        rows, a = np.arange(len(i)), self.part[i]
        net = self.weights[i] - np.where(j >= 0, self.weights[j], 0.0)
        loads = self.load[None].repeat(len(i), axis=0)
        # Each row has its two parts once: no need to add up unbuffered.
        loads[rows, a] -= net
        loads[rows, b] += net
        return loads

    def _shares(self, i: Ints, b: Ints, j: Ints) -> Ints:
        """How often zones are shared after the change."""
        a = self.part[i]

        def change(unit: Ints, source: Ints, target: Ints) -> Ints:
            z = self.zone[unit]
            gained = self.pieces[z, target] == 0
            return np.asarray(gained.astype(np.int64) - (self.pieces[z, source] == 1))

        both = np.where(j >= 0, change(j, b, a), 0)
        alike = (j >= 0) & (self.zone[i] == self.zone[j])
        return np.asarray(self.shared + np.where(alike, 0, change(i, a, b) + both))

    def _movable(self) -> tuple[Ints, Ints]:
        """Units and the neighbouring parts that they could join."""
        free = self.touches.copy()
        free[np.arange(len(self.part)), self.part] = False
        alone = np.array([len(inside) == 1 for inside in self.members])
        free[alone[self.part] | self.fixed] = False
        units, targets = np.nonzero(free)
        return units, targets

    def _walks_after_moves(self, units: Ints, targets: Ints) -> Floats:
        leave, join = np.zeros(len(self.part)), np.zeros((len(self.part), self.teams))
        for k, inside in enumerate(self.members):
            ways, own = self._ways[k], self.cost[k, inside]
            left = own - ways[inside]
            np.fill_diagonal(left, np.inf)
            leave[inside] = left.min(axis=1) - self.middle[k]
            joined = (own + ways).min(axis=1)
            join[:, k] = np.minimum(joined, self.cost[k]) - self.middle[k]
        return np.asarray(self.walk + leave[units] + join[units, targets])

    def _exchanges(self, a: int, b: int) -> tuple[Ints, Ints, Ints, Floats]:
        """Exchanges between parts a and b: unit i to b, unit j to a, and the ways afterwards."""
        from_a = self.members[a][self.touches[self.members[a], b] & ~self.fixed[self.members[a]]]
        from_b = self.members[b][self.touches[self.members[b], a] & ~self.fixed[self.members[b]]]
        i = from_a.repeat(len(from_b))
        j = from_b[None].repeat(len(from_a), axis=0).ravel()
        walk = self.walk - self.middle[a] - self.middle[b] + np.zeros(len(i))
        rows = np.arange(len(i))
        for k, out, new in ((a, i, j), (b, j, i)):
            inside = self.members[k]
            cost = self.cost[k, inside] + self._ways[k][new]
            cost -= self._ways[k][out]
            cost[rows, self._place[out]] = np.inf
            with_new = self.cost[k, new] + self.walk_to[new, new] - self.walk_to[out, new]
            walk += np.minimum(cost.min(axis=1), with_new)
        return i, np.full(len(i), b), j, walk

    def _changed(self, i: int, b: int, j: int) -> Ints | None:
        """Return the parts after a change, or None where one would fall apart."""
        a = int(self.part[i])
        left, joined = self._held[a] ^ 1 << i, self._held[b] ^ 1 << i
        if j >= 0:
            left, joined = left ^ 1 << j, joined ^ 1 << j
        if not (connected(left, self._near) and connected(joined, self._near)):
            return None
        part = self.part.copy()
        part[i] = b
        if j >= 0:
            part[j] = a
        return part
