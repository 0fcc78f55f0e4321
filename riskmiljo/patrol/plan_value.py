"""What visits are worth: the credit of each, what a shift holds at most, and what habit reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.patrol.options import DISCOUNTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_DRAWS: Final = 400


def visit_credits(stop: Ints, value: Floats, discounts: Sequence[float] = DISCOUNTS) -> Floats:
    """Return what each visit counts for: the best visit to a stop fully, the others less.

    Parameters
    ----------
    stop
        Shape (n,): which stop each visit is to.
    value
        Shape (n,): expected incidents there in the hour of the visit.
    discounts
        What the k-th best visit counts for; further ones count for nothing.

    Returns
    -------
    numpy.ndarray
        Shape (n,); its sum is the plan's value, whatever the order of the visits.
    """
    given = np.zeros(len(stop))
    order = np.lexsort((np.arange(len(stop)), -value, stop))
    at = np.arange(len(stop))
    first = np.r_[True, np.diff(stop[order]) != 0][: len(stop)]
    rank = np.empty(len(stop), dtype=np.int64)
    rank[order] = at - np.maximum.accumulate(np.where(first, at, 0))
    counted = rank < len(discounts)
    given[counted] = np.asarray(discounts, dtype=float)[rank[counted]] * value[counted]
    return given


def most_reachable(
    risk: Floats,
    visits: int,
    *,
    per_hour: int = 1,
    discounts: Sequence[float] = DISCOUNTS,
) -> float:
    """Return what so many visits could cover if the ways between stops took no time.

    Parameters
    ----------
    risk
        Shape (stops, hours): expected incidents in each hour of the shift.
    visits
        How many visits the crews' time allows.
    per_hour
        How many visits of one stop may begin within an hour.
    discounts
        See `visit_credits`.

    Returns
    -------
    float
        Expected incidents; no plan of so many visits is worth more.
    """
    hours = np.repeat(risk, per_hour, axis=1)
    best = -np.sort(-hours, axis=1)[:, : len(discounts)]
    worth = (best * np.asarray(discounts)[: best.shape[1]]).ravel()
    return float(np.sort(worth)[::-1][:visits].sum())


def habit_value(
    risk: Floats,
    presence: Floats,
    visits: int,
    *,
    elsewhere: float,
    discounts: Sequence[float] = DISCOUNTS,
    rng: np.random.Generator,
) -> float:
    """Return what as many visits would cover if they were spread as presence has been.

    Parameters
    ----------
    risk
        Shape (stops, hours): expected incidents in each hour of the shift.
    presence
        Shape (stops, hours): minutes of presence at the stops in these hours so far.
    visits
        How many visits the plan makes.
    elsewhere
        Minutes of presence in these hours at no stop: visits there cover none of the risk.
    discounts
        See `visit_credits`.
    rng
        For the draws.

    Returns
    -------
    float
        Expected incidents, the mean of 400 draws.
    """
    minutes = np.r_[presence.ravel(), elsewhere]
    if minutes.sum() <= 0 or visits == 0:
        return 0.0
    drawn = rng.choice(len(minutes), size=(_DRAWS, visits), p=minutes / minutes.sum())
    value = np.r_[risk.ravel(), 0.0][drawn]
    stop = np.r_[np.repeat(np.arange(len(risk)), risk.shape[1]), len(risk)][drawn]
    # One draw after the other as its own set of stops: one call of `visit_credits` for all.
    apart = stop + (len(risk) + 1) * np.arange(_DRAWS)[:, None]
    return float(visit_credits(apart.ravel(), value.ravel(), discounts).sum() / _DRAWS)
