"""Counts per unit, as they are: the baselines that a forecast must beat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

YEAR_DAYS = 365.0


class _Rate(Forecaster):
    """A rate per unit and day, each unit by itself."""

    rate_: Floats
    count_: Floats

    def _expect(self, period: Period) -> Prediction:
        # Jeffreys' half incident keeps the belief about an empty unit proper.
        return Prediction(self.rate_ * period.days, self.count_ + 0.5)


class LastYear(_Rate):
    """The latest 365 days' count: the naive forecast that every other is held against.

    Attributes
    ----------
    rate_
        Shape (n,), incidents a day.
    count_
        Shape (n,), incidents in the 365 days.
    """

    name: ClassVar[str] = "last_year"
    label: ClassVar[Text] = Text("senaste årets antal", "last year's count")

    def _learn(self, history: History) -> None:
        self.count_ = history.counts(window_days=YEAR_DAYS)
        self.rate_ = self.count_ / history.exposure(window_days=YEAR_DAYS)


class SamePeriodLastYear(Forecaster):
    """The count in the same days of last year, 364 days ago: the same days of the week.

    Attributes
    ----------
    history_
        What was known.

    Notes
    -----
    With less than a year known nothing is expected anywhere, and the forecast is even.
    """

    name: ClassVar[str] = "same_period_last_year"
    label: ClassVar[Text] = Text("samma period i fjol", "same period last year")

    def _learn(self, history: History) -> None:
        self.history_ = history

    def _expect(self, period: Period) -> Prediction:
        history = self.history_
        # Age at the fit of an incident 364 days before the period's start and end.
        oldest = 364.0 - (period.start - history.now).total_seconds() / 86_400
        youngest = oldest - period.days
        shift = np.ceil(max(0.0, -youngest) / 364.0) * 364.0
        then = (history.age_days <= oldest + shift) & (history.age_days > youngest + shift)
        count = np.bincount(history.unit[then], minlength=len(history.units)).astype(float)
        return Prediction(count, count + 0.5)


class AllHistory(_Rate):
    """The count of all that is known, spread evenly over its days.

    Attributes
    ----------
    rate_
        Shape (n,), incidents a day.
    count_
        Shape (n,), incidents.
    """

    name: ClassVar[str] = "all_history"
    label: ClassVar[Text] = Text("hela historiken", "all history")

    def _learn(self, history: History) -> None:
        self.count_ = history.counts()
        self.rate_ = self.count_ / history.exposure()


class RecencyCounts(_Rate):
    """Counts that fade with age, each unit by itself.

    Parameters
    ----------
    half_life_days
        The age at which an incident counts half.

    Attributes
    ----------
    rate_
        Shape (n,), incidents a day.
    count_
        Shape (n,), faded incidents.
    """

    name: ClassVar[str] = "recency_counts"
    label: ClassVar[Text] = Text("bleknande antal", "fading counts")

    def __init__(self, *, half_life_days: float = 365.0) -> None:
        self.half_life_days = half_life_days

    def _learn(self, history: History) -> None:
        self.count_ = history.counts(half_life_days=self.half_life_days)
        self.rate_ = self.count_ / history.exposure(self.half_life_days)
