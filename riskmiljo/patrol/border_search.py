"""Improve parts of a map by moving and exchanging units along their borders.

A tabu search: the best change that keeps every part connected is made even where it is worse than
what is there, and a unit that was moved rests for a while, so that the search leaves dead ends.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
# Excess over the allowed deviation, and cost.
Score = tuple[float, float]

BALANCE: Final = 0.05
# Deviations are compared in steps of a percent: no crooked border for a thousandth.
_STEP: Final = 0.01
_ROUNDING: Final = 1e-9
# What each further part that a cut zone is shared by costs, as a share of the ways.
_SHARED_ZONE: Final = 0.1
# The search goes on for so many steps without a better answer, and a unit moved rests for so many.
_PATIENCE: Final = 25
_RESTS: Final = 10


def _excess(load: Floats) -> Floats:
    """How far each load is beyond the allowed deviation from their mean, as a share of it."""
    mean = load.mean(axis=-1, keepdims=True)
    return np.asarray(np.maximum(np.abs(load / mean - 1) - BALANCE, 0))


def connected(members: Bools, adjacent: Bools) -> bool:
    """Tell whether some units hang together.

    Parameters
    ----------
    members
        Shape (n,), which units are looked at.
    adjacent
        Shape (n, n), True where two units share a border.

    Returns
    -------
    bool
        True for one unit, False for none.
    """
    inside = np.flatnonzero(members)
    if not len(inside):
        return False
    reached = np.zeros(len(members), dtype=bool)
    reached[inside[0]] = True
    front = reached.copy()
    while front.any():
        front = adjacent[front].any(axis=0) & members & ~reached
        reached |= front
    return bool(reached[inside].all())


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

    References
    ----------
    Bozkaya, B., Erkut, E. and Laporte, G. (2003). A tabu search heuristic and adaptive memory
    procedure for political districting. European Journal of Operational Research 144, 12-26.
    """

    def __init__(
        self, weights: Floats, distance: Floats, adjacent: Bools, zone: Ints, teams: int
    ) -> None:
        self.weights = weights
        self.adjacent = adjacent
        self.zone = zone
        self.teams = teams
        self.walk_to = weights[:, None] * distance

    def best_from(self, part: Ints) -> tuple[Score, Ints]:
        """Search from some connected parts.

        Parameters
        ----------
        part
            Shape (n,), 0 to teams - 1, every part connected and none empty.

        Returns
        -------
        tuple
            The best answer met, by its largest excess over the allowed deviation and its cost.
        """
        self.take(part)
        answer = self._result(), self.part
        best, waited, step = self._score(), 0, 0
        rests: dict[int, int] = {}
        while waited < _PATIENCE:
            change = self._next(best, {unit for unit, until in rests.items() if until > step})
            if change is None:
                break
            units, changed = change
            step += 1
            rests.update(dict.fromkeys(units, step + _RESTS))
            self.take(changed)
            waited += 1
            if self._score() < best:
                best, waited = self._score(), 0
            answer = min(answer, (self._result(), self.part), key=lambda one: one[0])
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

    def _score(self) -> Score:
        """Lower is better: balance first, then the ways and how often a zone is shared."""
        excess, cost = self._scores(self.load[None], np.array([self.walk]), np.array([self.shared]))
        return float(excess[0]), float(cost[0])

    def _result(self) -> Score:
        """As `_score`, with the largest excess alone."""
        worst = float(_excess(self.load).max())
        return float(np.ceil(worst / _STEP - _ROUNDING)), self._score()[1]

    def _scores(self, load: Floats, walk: Floats, shared: Ints) -> tuple[Floats, Floats]:
        """Excess over the allowed deviation (root of its squares), and the cost of the ways."""
        excess = np.sqrt((_excess(load) ** 2).sum(axis=1))
        return np.ceil(excess / _STEP - _ROUNDING), walk * (1 + _SHARED_ZONE * shared)

    def _next(self, best: Score, resting: set[int]) -> tuple[list[int], Ints] | None:
        """Return the best change that keeps parts connected: the units moved, and the parts.

        A resting unit moves only for an answer better than the best so far.
        """
        i, b = self._movable()
        changes = [(i, b, np.full(len(i), -1, dtype=np.int64), self._walks_after_moves(i, b))]
        for first, second in zip(*self._neighbours(), strict=True):
            changes.append(self._exchanges(int(first), int(second)))
        i, b, j, walk = (np.concatenate(column) for column in zip(*changes, strict=True))
        excess, cost = self._scores(self._loads(i, b, j), walk, self._shares(i, b, j))
        for row in np.lexsort((cost, excess)):
            moved = [int(unit) for unit in (i[row], j[row]) if unit >= 0]
            better = (excess[row], cost[row] * (1 + _ROUNDING)) < best
            if not better and not resting.isdisjoint(moved):
                continue
            part = self._changed(int(i[row]), int(b[row]), int(j[row]))
            if part is not None:
                return moved, part
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
        loads = np.tile(self.load, (len(i), 1))
        np.subtract.at(loads, (rows, a), net)
        np.add.at(loads, (rows, b), net)
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
        free[alone[self.part]] = False
        units, targets = np.nonzero(free)
        return units, targets

    def _walks_after_moves(self, units: Ints, targets: Ints) -> Floats:
        leave, join = np.zeros(len(self.part)), np.zeros((len(self.part), self.teams))
        for k, inside in enumerate(self.members):
            left = self.cost[k, inside] - self.walk_to[np.ix_(inside, inside)]
            np.fill_diagonal(left, np.inf)
            leave[inside] = left.min(axis=1) - self.middle[k]
            joined = (self.cost[k, inside] + self.walk_to[:, inside]).min(axis=1)
            join[:, k] = np.minimum(joined, self.cost[k]) - self.middle[k]
        return np.asarray(self.walk + leave[units] + join[units, targets])

    def _exchanges(self, a: int, b: int) -> tuple[Ints, Ints, Ints, Floats]:
        """Exchanges between parts a and b: unit i to b, unit j to a, and the ways afterwards."""
        from_a = self.members[a][self.touches[self.members[a], b]]
        from_b = self.members[b][self.touches[self.members[b], a]]
        i, j = np.repeat(from_a, len(from_b)), np.tile(from_b, len(from_a))
        walk = np.full(len(i), self.walk - self.middle[a] - self.middle[b])
        for k, out, new in ((a, i, j), (b, j, i)):
            middles = np.hstack([np.tile(self.members[k], (len(i), 1)), new[:, None]])
            cost = self.cost[k][middles] + self.walk_to[new[:, None], middles]
            cost -= self.walk_to[out[:, None], middles]
            cost[middles == out[:, None]] = np.inf
            walk += cost.min(axis=1)
        return i, np.full(len(i), b), j, walk

    def _changed(self, i: int, b: int, j: int) -> Ints | None:
        """Return the parts after a change, or None where one would fall apart."""
        a = int(self.part[i])
        part = self.part.copy()
        part[i] = b
        if j >= 0:
            part[j] = a
        if all(connected(part == k, self.adjacent) for k in (a, b)):
            return part
        return None
