"""Gamma-Poisson with a prior mixed of neighbourhoods of several sizes and of other kinds."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from riskmiljo.forecast import scores
from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import FEWEST_WEEKS, History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

# Standard deviations of the kernels, metres: the street, the neighbourhood, the district.
_OWN_M: Final = (150.0, 400.0, 1_200.0)
_OTHERS_M: Final = (150.0, 400.0)
# Of units that are no cells a kernel looks at every pair within its reach.
_WIDEST_PAIRED_M: Final = 400.0
_KAPPAS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_USUAL_KAPPA: Final = 4.0
# What came in so many days is foretold from what was known before them, twice.
_LESSON_DAYS: Final = 182.0
_LESSONS: Final = 2
_SHORTEST_LESSON_DAYS: Final = 28.0
_FEWEST_DAYS: Final = 7.0 * FEWEST_WEEKS
_ROUNDS: Final = 100
# Each part of the mixture is believed in as if one incident had spoken for it.
_PRIOR_INCIDENTS: Final = 1.0
# That the rates are as far apart as they should be is believed in like so many incidents.
_SLOPE_INCIDENTS: Final = 50.0


class MixedPrior(Forecaster):
    """Each unit's rate has a gamma prior around a mixture of smoothed rates.

    The mixture is of the kind's own incidents smoothed over 150, 400 and 1 200 m, of the incidents
    of other kinds where the history holds any (as counts, and smoothed over 150 and 400 m: where
    people are and things happen at all), and of an even rate. Its weights, the prior's worth κ and
    the power that the rates are raised to are those under which what came in the two latest
    half-years was likeliest, given what was known before each.

    Parameters
    ----------
    half_life_days
        The age at which an incident, and a day of exposure, counts half.

    Attributes
    ----------
    weights_
        Part of the mixture to its weight; they sum to 1.
    kappa_
        How many incidents the prior is worth.
    slope_
        The power of the rates under which they were likeliest.
    rate_
        Shape (n,), incidents a day; their sum follows the latest months.
    shape_
        Shape (n,), shape of the gamma belief.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative
    risks for use in disease mapping.
    Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete data
    via the EM algorithm.
    """

    name: ClassVar[str] = "mixed_prior"
    label: ClassVar[Text] = Text(
        "antal vägt mot flera slags grannskap", "counts weighed against mixed neighbourhoods"
    )

    weights_: dict[str, float]
    kappa_: float
    slope_: float
    rate_: Floats
    shape_: Floats

    def __init__(self, *, half_life_days: float = 730.0) -> None:
        self.half_life_days = half_life_days

    def _learn(self, history: History) -> None:
        parts = self._parts(history)
        lessons = [
            (self._parts(then), then.counts(half_life_days=self.half_life_days), came)
            for then, came in _lessons(history)
        ]
        weights = _mixture(
            [(np.array([before[name] for name in parts]), came) for before, _, came in lessons],
            len(parts),
        )
        tried = [
            (weights @ np.array([before[name] for name in parts]), count, came)
            for before, count, came in lessons
        ]
        self.kappa_ = max(_KAPPAS, key=lambda k: _likelihood(tried, k)) if tried else _USUAL_KAPPA
        self.weights_ = dict(zip(parts, weights.tolist(), strict=True))
        count = history.counts(half_life_days=self.half_life_days)
        share = _belief(weights @ np.array(list(parts.values())), count, self.kappa_)
        self.slope_ = _slope(tried, self.kappa_)
        share = share**self.slope_
        share /= share.sum()
        self.rate_ = share * history.level()
        self.shape_ = self.kappa_ + count

    def _parts(self, history: History) -> dict[str, Floats]:
        """Return the parts of the mixture, each the units' shares of the whole."""
        units, half_life = history.units, self.half_life_days
        even = units.size / units.area
        parts = {"even": even}
        for wide in _OWN_M:
            if units.grid is not None or wide <= _WIDEST_PAIRED_M:
                parts[f"own_{wide:g}m"] = history.spread(half_life, wide)
        others = history.others
        if others is not None:
            count = others.counts(half_life_days=half_life)
            parts["others"] = count
            some = np.flatnonzero(count)
            for wide in _OTHERS_M:
                # Of units that are no cells, each incident is taken to lie at its unit's middle.
                parts[f"others_{wide:g}m"] = (
                    others.spread(half_life, wide)
                    if units.grid is not None
                    else units.spread(units.xy[some], count[some], wide)
                )
        return {name: part / part.sum() if part.sum() > 0 else even for name, part in parts.items()}

    def _expect(self, period: Period) -> Prediction:
        return Prediction(self.rate_ * period.days, self.shape_)


def _lessons(history: History) -> list[tuple[History, Floats]]:
    """Return what was known at earlier moments, and what then came in each unit."""
    room = history.days - _FEWEST_DAYS
    length = min(_LESSON_DAYS, room)
    found = []
    for nth in range(1, _LESSONS + 1):
        days = nth * length
        if length < _SHORTEST_LESSON_DAYS or days > room:
            break
        came = (history.age_days <= days) & (history.age_days > days - length)
        counts = np.bincount(history.unit[came], minlength=len(history.units))
        if counts.any():
            found.append((history.earlier(days), counts.astype(float)))
    return found


def _mixture(lessons: list[tuple[Floats, Floats]], parts: int) -> Floats:
    """Return the weights under which what came was likeliest, by EM."""
    weights = np.full(parts, 1.0 / parts)
    if not lessons:
        return weights
    there = [np.flatnonzero(came) for _, came in lessons]
    shares = np.hstack([part[:, at] for (part, _), at in zip(lessons, there, strict=True)])
    came = np.concatenate([counts[at] for (_, counts), at in zip(lessons, there, strict=True)])
    for _ in range(_ROUNDS):
        # The even part leaves no unit without a share.
        weights = weights * (shares @ (came / (weights @ shares))) + _PRIOR_INCIDENTS
        weights /= weights.sum()
    return weights


def _belief(prior: Floats, count: Floats, kappa: float) -> Floats:
    """Return each unit's share by (κ + y)/(κ/m + E), where only shares matter."""
    total = count.sum()
    # With m = prior total/E, E cancels.
    rate = (kappa + count) / (kappa / (prior * total) + 1.0) if total > 0 else prior
    return np.asarray(rate / rate.sum(), dtype=float)


def _slope(lessons: list[tuple[Floats, Floats, Floats]], kappa: float) -> float:
    """Return how much farther apart high and low should lie, drawn towards 1."""
    if not lessons:
        return 1.0
    expected = [_belief(prior, count, kappa) * came.sum() for prior, count, came in lessons]
    came = np.concatenate([came for _, _, came in lessons])
    slope = scores.calibration_slope(np.concatenate(expected), came)
    if not np.isfinite(slope):
        return 1.0
    events = came.sum()
    return float(np.clip((events * slope + _SLOPE_INCIDENTS) / (events + _SLOPE_INCIDENTS), 0.5, 2))


def _likelihood(lessons: list[tuple[Floats, Floats, Floats]], kappa: float) -> float:
    return float(sum(came @ np.log(_belief(prior, count, kappa)) for prior, count, came in lessons))
