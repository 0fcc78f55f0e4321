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
# What each further part that a cut zone is shared by costs, as a share of the ways.
_SHARED_ZONE: Final = 0.1
_STARTS: Final = 6
# Shakes per start, fewer where units are many and each takes longer.
_SHAKES: Final = 12
_FEWEST_SHAKES: Final = 3
_SHAKEN_UNITS: Final = 1200
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
    weights: Floats,
    distance: Floats,
    adjacent: Bools,
    teams: int,
    *,
    zone: Ints | None = None,
    rng: np.random.Generator,
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
    zone
        Shape (n,), 0 to m - 1: units of one zone stay together if that costs little; None: all
        units are zones of their own.
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
    zone = np.arange(len(weights)) if zone is None else zone
    shakes = max(_FEWEST_SHAKES, min(_SHAKES, _SHAKEN_UNITS // len(weights))) if teams > 1 else 0
    found: list[tuple[tuple[float, ...], Ints]] = []
    for _ in range(_STARTS):
        part = _start(weights, distance, adjacent, teams, rng)
        search = _Search(weights, distance, adjacent, zone, part)
        search.improve()
        best = search.score(), search.part
        for _ in range(shakes):
            search.shake(rng)
            search.improve()
            if search.score() < best[0]:
                best = search.score(), search.part
            else:
                search.return_to(best[1])
        found.append(best)
    chosen = _Search(weights, distance, adjacent, zone, min(found, key=lambda one: one[0])[1])
    return Partition(chosen.part, chosen.load, chosen.walk)


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

    def __init__(
        self, weights: Floats, distance: Floats, adjacent: Bools, zone: Ints, part: Ints
    ) -> None:
        self.weights = weights
        self.adjacent = adjacent
        self.zone = zone
        self.teams = int(part.max()) + 1
        self.walk_to = weights[:, None] * distance
        self.return_to(part)

    def score(self) -> tuple[float, ...]:
        """Lower is better: balance first, then the ways and how often a zone is shared."""
        scores = self._scores(self.load[None], np.array([self.walk]), np.array([self.shared]))
        return tuple(float(value[0]) for value in scores)

    def improve(self) -> None:
        """Take the best change that keeps parts connected, as long as one is better."""
        while (part := self._better()) is not None:
            self.return_to(part)

    def shake(self, rng: np.random.Generator) -> None:
        """Move a few border units at random, to leave a dead end."""
        for _ in range(_SHAKEN):
            units, targets = self._movable()
            for at in rng.permutation(len(units)):
                part = self._changed(units[at], targets[at], -1)
                if part is not None:
                    self.return_to(part)
                    break

    def return_to(self, part: Ints) -> None:
        """Take up an answer and weigh it."""
        self.part = part
        self.load = np.bincount(part, self.weights, minlength=self.teams)
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

    def _scores(self, load: Floats, walk: Floats, shared: Ints) -> tuple[Floats, Floats, Floats]:
        """Worst excess over the allowed deviation, all excess together, and the cost."""
        off = np.maximum(np.abs(load / load.mean(axis=1, keepdims=True) - 1) - BALANCE, 0)
        worst, together = off.max(axis=1), off.sum(axis=1)
        return (
            np.ceil(worst / _STEP - _ROUNDING),
            np.ceil(together / _STEP - _ROUNDING),
            walk * (1 + _SHARED_ZONE * shared),
        )

    def _better(self) -> Ints | None:
        """Return the best connected parts one change away that are better, or None."""
        units, targets = self._movable()
        partners = [np.full(len(units), -1)]
        walks = [self._walks_after_moves(units, targets)]
        exchanged, into = [units], [targets]
        for a in range(self.teams):
            for b in range(a + 1, self.teams):
                i, j, walk = self._exchanges(a, b)
                exchanged.append(i)
                into.append(np.full(len(i), b))
                partners.append(j)
                walks.append(walk)
        i, b, j = np.concatenate(exchanged), np.concatenate(into), np.concatenate(partners)
        score = self._scores(self._loads(i, b, j), np.concatenate(walks), self._shares(i, b, j))
        worst, together, cost = score
        now = self.score()
        for row in np.lexsort((cost, together, worst)):
            if (worst[row], together[row], cost[row] * (1 + _ROUNDING)) >= now:
                return None
            part = self._changed(i[row], b[row], j[row])
            if part is not None:
                return part
        return None

    def _loads(self, i: Ints, b: Ints, j: Ints) -> Floats:
        """Loads after unit i goes to part b and unit j, where there is one, the other way."""
        rows, a = np.arange(len(i)), self.part[i]
        net = self.weights[i] - np.where(j >= 0, self.weights[j], 0.0)
        loads = np.tile(self.load, (len(i), 1))
        loads[rows, a] -= net
        loads[rows, b] += net
        return loads

    def _shares(self, i: Ints, b: Ints, j: Ints) -> Ints:
        """How often zones are shared after the change."""
        a = self.part[i]

        def change(unit: Ints, source: Ints, target: Ints) -> Ints:
            z = self.zone[unit]
            gained = self.pieces[z, target] == 0
            return gained.astype(np.int64) - (self.pieces[z, source] == 1)

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

    def _exchanges(self, a: int, b: int) -> tuple[Ints, Ints, Floats]:
        """Pairs of units that parts a and b could exchange, and the ways afterwards."""
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
        return i, j, walk

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
