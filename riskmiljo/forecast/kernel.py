"""Kernel density of incidents that fade with age."""

from __future__ import annotations

from typing import ClassVar

from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text


class RecencyKDE(Forecaster):
    """Incidents spread by a Gaussian kernel, the older the lighter.

    Parameters
    ----------
    bandwidth_m
        Standard deviation of the kernel, metres. Under 100 m it would be finer than police
        coordinates are true (Gerell 2018).
    half_life_days
        The age at which an incident counts half.

    Attributes
    ----------
    rate_
        Shape (n,), incidents a day; their sum follows the latest months.
    shape_
        Shape (n,), how many incidents' worth of knowledge lies behind each rate.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis.
    """

    name: ClassVar[str] = "recency_kde"
    label: ClassVar[Text] = Text("bleknande kärntäthet", "fading kernel density")

    rate_: Floats
    shape_: Floats

    def __init__(self, *, bandwidth_m: float = 200.0, half_life_days: float = 365.0) -> None:
        self.bandwidth_m = bandwidth_m
        self.half_life_days = half_life_days

    def _learn(self, history: History) -> None:
        spread = history.spread(self.half_life_days, self.bandwidth_m)
        total = spread.sum()
        self.rate_ = spread * (history.level() / total) if total > 0 else spread
        self.shape_ = history.units.neighbourhood(spread, self.bandwidth_m) + 0.5

    def _expect(self, period: Period) -> Prediction:
        return Prediction(self.rate_ * period.days, self.shape_)
