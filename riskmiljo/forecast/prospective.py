"""Prospective hot-spotting: what happened near and lately is likely to happen again."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy import spatial

from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text


class Prospective(Forecaster):
    """Bowers' prospective hot spots: 1/(1 + distance) × 1/(1 + weeks), near and recent only.

    Parameters
    ----------
    radius_m
        How far an incident reaches, metres; distance is counted in half cells of it, an eighth of
        the radius each.
    window_days
        How long an incident is remembered.

    Attributes
    ----------
    rate_
        Shape (n,), incidents a day; their sum follows the latest months.

    References
    ----------
    Bowers, K. J., Johnson, S. D. and Pease, K. (2004). Prospective hot-spotting: the future of
    crime mapping?
    """

    name: ClassVar[str] = "prospective"
    label: ClassVar[Text] = Text("prospektiv karta (Bowers)", "prospective map (Bowers)")

    rate_: Floats
    count_: Floats

    def __init__(self, *, radius_m: float = 400.0, window_days: float = 60.0) -> None:
        self.radius_m = radius_m
        self.window_days = window_days

    def _learn(self, history: History) -> None:
        units = history.units
        young = history.age_days <= self.window_days
        score = np.zeros(len(units))
        if young.any():
            xy, weeks = history.xy[young], np.floor(history.age_days[young] / 7)
            pairs = spatial.cKDTree(units.xy).sparse_distance_matrix(
                spatial.cKDTree(xy), self.radius_m, output_type="ndarray"
            )
            steps = np.floor(pairs["v"] / (self.radius_m / 8))
            weight = 1 / (1 + steps) / (1 + weeks[pairs["j"]])
            score = np.bincount(pairs["i"], weight, minlength=len(units)) * units.size
        total = score.sum()
        self.rate_ = score * (history.level() / total) if total > 0 else score
        self.count_ = history.counts(window_days=self.window_days)

    def _expect(self, period: Period) -> Prediction:
        return Prediction(self.rate_ * period.days, self.count_ + 0.5)
