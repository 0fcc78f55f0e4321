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

from riskmiljo.patrol.border_search import BALANCE, BorderSearch
from riskmiljo.patrol.even_sharing import even_sharing

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Searches from different starts; fewer where units are many and each search takes longer.
_STARTS: Final = 20
_FEWEST_STARTS: Final = 4
_UNITS_SEARCHED: Final = 1000
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
    districting. Mathematical and Computer Modelling 48, 1468-1477.
    """
    zone = np.arange(len(weights)) if zone is None else zone
    search = BorderSearch(weights, distance, adjacent, zone, teams)
    starts = max(_FEWEST_STARTS, min(_STARTS, _UNITS_SEARCHED // len(weights))) if teams > 1 else 1
    found = [
        search.best_from(
            _start(weights, distance, adjacent, teams, rng), even_first=bool(number % 2)
        )
        for number in range(starts)
    ]
    search.take(min(found, key=lambda one: one[0])[1])
    best = Partition(search.part.copy(), search.load.copy(), search.walk)
    if best.deviation <= BALANCE:
        return best
    # Among few units an even sharing may be one in thousands, which no start leads to.
    even = even_sharing(weights, adjacent, teams, BALANCE)
    if even is not None:
        search.take(search.best_from(even, even_first=True)[1])
        better = Partition(search.part.copy(), search.load.copy(), search.walk)
        return min(best, better, key=lambda one: one.deviation)
    return best


def _start(
    weights: Floats, distance: Floats, adjacent: Bools, teams: int, rng: np.random.Generator
) -> Ints:
    """Weighted Voronoi parts around moving centres, then made connected."""
    n = len(weights)
    centres = _spread_centres(weights, distance, teams, rng)
    fair = weights.sum() / teams
    scale = float(np.median(distance[distance > 0])) if (distance > 0).any() else 1.0
    handicap = np.zeros(teams)
    least_uneven, part, middles = np.inf, np.zeros(n, dtype=np.int64), centres
    for round_ in range(_VORONOI_ROUNDS):
        nearest = (distance[:, centres] + handicap).argmin(axis=1)
        nearest[centres] = np.arange(teams)
        load = np.bincount(nearest, weights, minlength=teams)
        uneven = float(((load / fair - 1) ** 2).sum())
        if uneven < least_uneven:
            least_uneven, part, middles = uneven, nearest, centres.copy()
        handicap += scale * (load / fair - 1) * 0.5 / (1 + 0.2 * round_)
        for k in range(teams):
            inside = np.flatnonzero(nearest == k)
            centres[k] = inside[(weights[inside] @ distance[np.ix_(inside, inside)]).argmin()]
    core = np.full(n, -1, dtype=np.int64)
    core[middles] = np.arange(teams)
    return grow_from(core, part, middles, distance, adjacent)


def grow_from(core: Ints, wanted: Ints, centres: Ints, distance: Floats, adjacent: Bools) -> Ints:
    """Make connected parts around cores, as near as may be to the parts wanted.

    Parameters
    ----------
    core
        Shape (n,), the part that a unit must belong to, -1 for none; every part has a core, and
        each core hangs together.
    wanted
        Shape (n,), the part that each unit would belong to.
    centres
        Shape (teams,), a unit of each core.
    distance, adjacent
        As for `divide`.

    Returns
    -------
    numpy.ndarray
        Shape (n,): what hangs together with its core stays, the rest joins the neighbour whose
        centre it is nearest to.
    """
    grown = core.copy()
    for k in range(len(centres)):
        inside = np.flatnonzero((core == k) | ((core < 0) & (wanted == k)))
        within = csr_matrix(adjacent[np.ix_(inside, inside)])
        _, piece = connected_components(within, directed=False)
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
    """Choose centres where the load is and, more or less, far from each other (as k-means++)."""
    n = len(weights)
    power = rng.uniform(0, 2)
    chance = weights + weights.sum() * 1e-9
    centres = [int(rng.choice(n, p=chance / chance.sum()))]
    while len(centres) < teams:
        away = distance[:, centres].min(axis=1) ** power
        away[centres] = 0
        pull = away * chance
        free = np.setdiff1d(np.arange(n), centres)
        if pull[free].sum() > 0:
            centres.append(int(rng.choice(n, p=pull / pull.sum())))
        else:  # all that is left lies on a centre
            centres.append(int(free[0]))
    return np.asarray(centres, dtype=np.int64)
