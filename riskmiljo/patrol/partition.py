"""Share units (zones, or pieces of heavy ones) between teams: connected, balanced, compact.

Two aims, in this order: every team's load within 5 % of the mean where whole units allow it, and
then short ways from each unit to the middle of its part (the p-median cost). Starts are drawn
from weighted Voronoi parts around spread-out centres; moves and exchanges of units along the
borders that keep every part connected then improve them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BALANCE: Final = 0.05
# Deviations are compared in steps of a percent: no crooked border for a thousandth.
_STEP: Final = 0.01
_ROUNDING: Final = 1e-9
_STARTS: Final = 6
_SHAKES: Final = 12
_SHAKEN: Final = 3
_VORONOI_ROUNDS: Final = 40


@dataclass(frozen=True, slots=True)
class Partition:
    """Which part each unit belongs to.

    Attributes
    ----------
    part
        Shape (n,), 0 to teams - 1.
    load
        Shape (teams,), sum of weights.
    walk
        Weighted sum of the ways from the units to the middle unit of their part.
    """

    part: Ints
    load: Floats
    walk: float

    @property
    def deviation(self) -> float:
        """Largest deviation of a part's load from the mean, as a share of the mean."""
        return float(np.abs(self.load / self.load.mean() - 1).max())


def divide(
    weights: Floats, distance: Floats, adjacent: Bools, teams: int, rng: np.random.Generator
) -> Partition:
    """Divide units among teams.

    Parameters
    ----------
    weights
        Shape (n,), load of each unit, not negative, some positive; at least as many units as teams.
    distance
        Shape (n, n), way between units, metres or minutes.
    adjacent
        Shape (n, n), True where two units share a border; together they hang together.
    teams
        Number of parts.
    rng
        For the starts.

    Returns
    -------
    Partition
        Every part connected and none empty.

    References
    ----------
    Ricca, F., Scozzari, A. and Simeone, B. (2008). Weighted Voronoi region algorithms for political
    districting. Mathematical and Computer Modelling 48, 1468-1477. Bozkaya, B., Erkut, E. and
    Laporte, G. (2003). A tabu search heuristic and adaptive memory procedure for political
    districting. European Journal of Operational Research 144, 12-26.
    """
    found: list[tuple[tuple[float, ...], Ints]] = []
    for _ in range(_STARTS):
        search = _Search(weights, distance, adjacent, _start(weights, distance, adjacent, teams, rng))
        search.improve()
        best = search.score(), search.part
        for _ in range(_SHAKES if teams > 1 else 0):
            search.shake(rng)
            search.improve()
            if search.score() < best[0]:
                best = search.score(), search.part
            else:
                search.return_to(best[1])
        found.append(best)
    part = min(found, key=lambda item: item[0])[1]
    chosen = _Search(weights, distance, adjacent, part)
    return Partition(part, chosen.load, chosen.walk)


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


def _start(
    weights: Floats, distance: Floats, adjacent: Bools, teams: int, rng: np.random.Generator
) -> Ints:
    """Weighted Voronoi parts around moving centres, then made connected."""
    n = len(weights)
    centres = _spread_centres(weights, distance, teams, rng)
    fair = weights.sum() / teams
    scale = float(np.median(distance[distance > 0])) if (distance > 0).any() else 1.0
    handicap = np.zeros(teams)
    for round_ in range(_VORONOI_ROUNDS):
        part = (distance[:, centres] + handicap).argmin(axis=1)
        part[centres] = np.arange(teams)
        load = np.bincount(part, weights, minlength=teams)
        handicap += scale * (load / fair - 1) * 0.5 / (1 + 0.2 * round_)
        for k in range(teams):
            inside = np.flatnonzero(part == k)
            centres[k] = inside[(weights[inside] @ distance[np.ix_(inside, inside)]).argmin()]
    part = (distance[:, centres] + handicap).argmin(axis=1)
    part[centres] = np.arange(teams)
    grown = np.full(n, -1, dtype=np.int64)
    grown[centres] = np.arange(teams)
    # What hangs together with its centre stays; the rest joins the neighbour it is nearest to.
    for k in range(teams):
        inside = np.flatnonzero(part == k)
        _, piece = connected_components(csr_matrix(adjacent[np.ix_(inside, inside)]), directed=False)
        grown[inside[piece == piece[inside == centres[k]][0]]] = k
    while (grown < 0).any():
        reachable = (grown < 0) & adjacent[grown >= 0].any(axis=0)
        for unit in np.flatnonzero(reachable):
            near = np.unique(grown[adjacent[unit] & (grown >= 0)])
            grown[unit] = near[distance[unit, centres[near]].argmin()]
    return grown


def _spread_centres(
    weights: Floats, distance: Floats, teams: int, rng: np.random.Generator
) -> Ints:
    """Choose centres far from each other and where the load is (k-means++ seeding)."""
    n = len(weights)
    chance = weights + weights.sum() * 1e-9
    centres = [int(rng.choice(n, p=chance / chance.sum()))]
    while len(centres) < teams:
        away = distance[:, centres].min(axis=1) ** 2
        away[centres] = 0
        pull = away * chance
        free = np.setdiff1d(np.arange(n), centres)
        if pull[free].sum() > 0:
            centres.append(int(rng.choice(n, p=pull / pull.sum())))
        else:  # all that is left lies on a centre
            centres.append(int(free[0]))
    return np.asarray(centres, dtype=np.int64)


class _Search:
    """Moves and exchanges of units along borders, the best first, until none helps."""

    def __init__(self, weights: Floats, distance: Floats, adjacent: Bools, part: Ints) -> None:
        self.weights = weights
        self.adjacent = adjacent
        self.part = part.copy()
        self.teams = int(part.max()) + 1
        self.walk_to = weights[:, None] * distance
        self._weigh()

    def score(self) -> tuple[float, ...]:
        """Lower is better: balance first, then the ways."""
        return tuple(float(v[0]) for v in self._scores(self.load[None], np.array([self.walk])))

    def improve(self) -> None:
        """Take the best change that keeps parts connected, as long as one is better."""
        while self._step():
            self._weigh()

    def shake(self, rng: np.random.Generator) -> None:
        """Move a few border units at random, to leave a dead end."""
        for _ in range(_SHAKEN):
            units, targets = self._movable()
            for at in rng.permutation(len(units)):
                changed = self._changed([(units[at], targets[at])])
                if changed is not None:
                    self.part = changed
                    break
        self._weigh()

    def return_to(self, part: Ints) -> None:
        """Take up an earlier answer again."""
        self.part = part
        self._weigh()

    def _weigh(self) -> None:
        self.load = np.bincount(self.part, self.weights, minlength=self.teams)
        self.members = [np.flatnonzero(self.part == k) for k in range(self.teams)]
        # cost[k, c]: what the units of part k walk if c is their middle.
        self.cost = np.array([self.walk_to[inside].sum(axis=0) for inside in self.members])
        self.middle = np.array([self.cost[k, i].min() for k, i in enumerate(self.members)])
        self.walk = float(self.middle.sum())
        # touches[i, k]: unit i has a neighbour in part k.
        self.touches = np.array([self.adjacent[:, i].any(axis=1) for i in self.members]).T

    def _scores(self, load: Floats, walk: Floats) -> tuple[Floats, Floats, Floats]:
        """Worst excess over the allowed deviation, all excess together, and the ways."""
        off = np.maximum(np.abs(load / load.mean(axis=1, keepdims=True) - 1) - BALANCE, 0)
        worst, together = off.max(axis=1), off.sum(axis=1)
        return np.ceil(worst / _STEP - _ROUNDING), np.ceil(together / _STEP - _ROUNDING), walk

    def _step(self) -> bool:
        units, targets = self._movable()
        changes: list[list[tuple[int, int]]] = [
            [(int(i), int(k))] for i, k in zip(units, targets, strict=True)
        ]
        walks = [self._walks_after_moves(units, targets)]
        for a in range(self.teams):
            for b in range(a + 1, self.teams):
                pairs, walk = self._exchanges(a, b)
                changes += [[(int(i), b), (int(j), a)] for i, j in pairs]
                walks.append(walk)
        loads = np.tile(self.load, (len(changes), 1))
        for row, change in enumerate(changes):
            for unit, target in change:
                loads[row, self.part[unit]] -= self.weights[unit]
                loads[row, target] += self.weights[unit]
        worst, together, walk = self._scores(loads, np.concatenate(walks))
        now = self.score()
        for row in np.lexsort((walk, together, worst)):
            better = (worst[row], together[row], walk[row] + _ROUNDING * (1 + self.walk))
            if better >= now:
                return False
            changed = self._changed(changes[row])
            if changed is not None:
                self.part = changed
                return True
        return False

    def _movable(self) -> tuple[Ints, Ints]:
        """Units and the neighbouring parts that they could join."""
        free = self.touches.copy()
        free[np.arange(len(self.part)), self.part] = False
        alone = np.array([len(inside) == 1 for inside in self.members])
        free[alone[self.part]] = False
        return np.nonzero(free)

    def _walks_after_moves(self, units: Ints, targets: Ints) -> Floats:
        leave, join = np.zeros(len(self.part)), np.zeros((len(self.part), self.teams))
        for k, inside in enumerate(self.members):
            left = self.cost[k, inside] - self.walk_to[np.ix_(inside, inside)]
            np.fill_diagonal(left, np.inf)
            leave[inside] = left.min(axis=1) - self.middle[k]
            joined = (self.cost[k, inside] + self.walk_to[:, inside]).min(axis=1)
            join[:, k] = np.minimum(joined, self.cost[k]) - self.middle[k]
        return self.walk + leave[units] + join[units, targets]

    def _exchanges(self, a: int, b: int) -> tuple[Ints, Floats]:
        """Pairs of units that parts a and b could exchange, and the ways afterwards."""
        from_a = self.members[a][self.touches[self.members[a], b]]
        from_b = self.members[b][self.touches[self.members[b], a]]
        pairs = np.array([(i, j) for i in from_a for j in from_b], dtype=np.int64).reshape(-1, 2)
        i, j = pairs[:, :1], pairs[:, 1:]
        walk = np.full(len(pairs), self.walk - self.middle[a] - self.middle[b])
        for k, out, new in ((a, i, j), (b, j, i)):
            middles = np.hstack([np.tile(self.members[k], (len(pairs), 1)), new])
            cost = self.cost[k][middles] - self.walk_to[out, middles] + self.walk_to[new, middles]
            cost[middles == out] = np.inf
            walk += cost.min(axis=1)
        return pairs, walk

    def _changed(self, change: list[tuple[int, int]]) -> Ints | None:
        """Return the parts after a change, or None where one would fall apart."""
        part = self.part.copy()
        for unit, target in change:
            part[unit] = target
        touched = {int(self.part[unit]) for unit, _ in change} | {k for _, k in change}
        if all(connected(part == k, self.adjacent) for k in touched):
            return part
        return None
