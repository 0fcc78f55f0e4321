"""Gamma-Poisson empirical Bayes: a unit's own count, drawn towards its neighbourhood's."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

# Far from everything the neighbourhood's rate is nil: a share of the area's mean keeps it proper.
_LEAST_SHARE: Final = 0.01


class GammaPoisson(Forecaster):
    """Each unit's rate has a gamma prior around the smoothed rate of its neighbourhood.

    With m the prior rate a day, y the faded count and E the faded days, the rate is believed
    Gamma(κ + y, κ/m + E).

    Parameters
    ----------
    bandwidth_m
        Standard deviation of the kernel that makes the prior, metres.
    half_life_days
        The age at which an incident, and a day of exposure, counts half.
    kappa
        How many incidents the prior is worth.

    Attributes
    ----------
    prior_
        Shape (n,), the neighbourhood's incidents a day.
    rate_
        Shape (n,), incidents a day; their sum follows the latest months.
    shape_
        Shape (n,), shape of the gamma belief.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative
    risks for use in disease mapping.
    """

    name: ClassVar[str] = "gamma_poisson"
    label: ClassVar[Text] = Text(
        "antal vägt mot grannskapet (gamma-Poisson)",
        "counts weighed against the neighbourhood (gamma-Poisson)",
    )

    prior_: Floats
    rate_: Floats
    shape_: Floats

    def __init__(
        self, *, bandwidth_m: float = 250.0, half_life_days: float = 365.0, kappa: float = 5.0
    ) -> None:
        self.bandwidth_m = bandwidth_m
        self.half_life_days = half_life_days
        self.kappa = kappa

    def _learn(self, history: History) -> None:
        exposure = history.exposure(self.half_life_days)
        smoothed = history.spread(self.half_life_days, self.bandwidth_m) / exposure
        mean = smoothed.sum() * history.units.size / history.units.area
        self.prior_ = (1 - _LEAST_SHARE) * smoothed + _LEAST_SHARE * mean
        count = history.counts(half_life_days=self.half_life_days)
        self.shape_ = self.kappa + count
        safe = np.where(self.prior_ > 0, self.prior_, 1.0)
        rate = np.where(self.prior_ > 0, self.shape_ / (self.kappa / safe + exposure), 0.0)
        total = rate.sum()
        self.rate_ = rate * (history.level() / total) if total > 0 else rate

    def _expect(self, period: Period) -> Prediction:
        return Prediction(self.rate_ * period.days, self.shape_)
