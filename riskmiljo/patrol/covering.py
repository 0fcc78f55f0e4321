"""The covering problem under standing posts: exact, by HiGHS.

Which places, so that most risk lies within reach of one; then, among such choices, so that most
lies within reach of two. Places are then moved one by one where that keeps both and brings them
closer to what they cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, eye_array, hstack

from riskmiljo.errors import RiskmiljoError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Weights are scaled to this sum, and choices that differ by less than a millionth of it are equal:
# far above what the solver takes for nought.
_SUM: Final = 1000.0
_EQUAL: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """A choice of places.

    Attributes
    ----------
    places
        Rows of the chosen places, ascending.
    covered, twice
        Weight within reach of at least one of them, and of at least two.
    """

    places: Ints
    covered: float
    twice: float


def best_cover(within: Bools, weights: Floats, cost: Floats, posts: int, give_up: float) -> Cover:
    """Choose places that cover the most weight, and then the most twice.

    Parameters
    ----------
    within
        Shape (n, m), whether place i reaches point j; some place reaches some weight.
    weights
        Shape (m,), not negative, some positive.
    cost
        Shape (n,), of each place: among equal choices one is taken that no move of a single place
        makes cheaper.
    posts
        How many places, 1 to n.
    give_up
        Share of the largest possible cover that may be given up for being covered twice, 0 to 1.

    Returns
    -------
    Cover
        Exact in cover and in cover by two, taken in this order.

    References
    ----------
    Church, R. and ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional
    Science Association 32, 101-118.

    Hogan, K. and ReVelle, C. (1986). Concepts and applications of backup coverage. Management
    Science 32, 1434-1444.
    """
    reached = within.any(axis=0) & (weights > 0)
    # Points that the same places reach are one.
    pattern, which = np.unique(within[:, reached], axis=1, return_inverse=True)
    scaled = weights * (_SUM / weights.sum())
    weight = np.bincount(which.reshape(-1), scaled[reached], pattern.shape[1]).astype(float)
    problem = _Problem(pattern, weight, posts)
    first = problem.solve(once=weight)
    least = float(weight @ problem.counts(first).astype(bool)) * (1 - give_up)
    second = problem.solve(twice=weight, least=least)
    again = float(weight @ (problem.counts(second) > 1))
    chosen = _closer(pattern, weight, cost, np.flatnonzero(second), (least, again))
    times = within[chosen].sum(axis=0)
    return Cover(chosen, float(weights[times > 0].sum()), float(weights[times > 1].sum()))


def _closer(
    pattern: Bools, weight: Floats, cost: Floats, places: Ints, least: tuple[float, float]
) -> Ints:
    """Move places one by one, the dearest first, to cheaper ones that lose no cover."""
    chosen = places.tolist()
    moved = True
    while moved:
        moved = False
        for old in sorted(chosen, key=lambda place: (-cost[place], place)):
            others = pattern[[place for place in chosen if place != old]].sum(axis=0)
            times = others + pattern
            kept = (times > 0) @ weight >= least[0] - _EQUAL
            kept &= (times > 1) @ weight >= least[1] - _EQUAL
            kept &= cost < cost[old]
            kept[chosen] = False
            if kept.any():
                new = int(np.where(kept, cost, np.inf).argmin())
                chosen[chosen.index(old)] = new
                moved = True
    return np.sort(np.asarray(chosen, dtype=np.int64))


class _Problem:
    """Variables: a place is chosen (n), a pattern is covered (p), and covered twice (p)."""

    def __init__(self, pattern: Bools, weight: Floats, posts: int) -> None:
        self.places, self.patterns = pattern.shape
        self.pattern, self.weight, self.posts = pattern, weight, posts
        reach = csr_matrix(pattern.T.astype(float))
        one = eye_array(self.patterns)
        none = csr_matrix((self.patterns, self.patterns))
        # No more often covered than there are places, and once before twice.
        self.linked = hstack([reach, -one, -one]).tocsr()
        self.ordered = hstack([csr_matrix(reach.shape), one, -one]).tocsr()
        self.once_only = hstack([reach, -one, none]).tocsr()

    def solve(
        self,
        *,
        once: Floats | None = None,
        twice: Floats | None = None,
        least: float = 0.0,
    ) -> Bools:
        """Return the places that make a weighted sum largest."""
        # Loads much of scipy; no page of the web needs it at its start.
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - see above

        n, p = self.places, self.patterns
        gain = np.concatenate(
            [values if values is not None else np.zeros(size)
             for values, size in ((None, n), (once, p), (twice, p))]
        )  # fmt: skip
        count = np.r_[np.ones(n), np.zeros(2 * p)]
        constraints: list[Any] = [
            LinearConstraint(count, self.posts, self.posts),
            LinearConstraint(self.once_only, 0, np.inf),
        ]
        if once is None:
            constraints += [
                LinearConstraint(self.linked, 0, np.inf),
                LinearConstraint(self.ordered, 0, np.inf),
                LinearConstraint(np.r_[np.zeros(n), self.weight, np.zeros(p)], least - _EQUAL),
            ]
        whole = np.r_[np.ones(n), np.zeros(p), np.ones(p) if once is None else np.zeros(p)]
        found = milp(
            -gain, constraints=constraints, integrality=whole, bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0},
        )  # fmt: skip
        if found.x is None:
            raise RiskmiljoError(
                Text(
                    "Posterna kunde inte väljas: lösaren HiGHS gav inget svar ({m}).",
                    "Posts could not be chosen: the solver HiGHS gave no answer ({m}).",
                ).fill(m=found.message)
            )
        return np.asarray(found.x[:n] > 0.5, dtype=bool)  # noqa: PLR2004 - nought or one

    def counts(self, chosen: Bools) -> Ints:
        """How many of the chosen places reach each pattern."""
        return np.asarray(self.pattern[chosen].sum(axis=0), dtype=np.int64)
