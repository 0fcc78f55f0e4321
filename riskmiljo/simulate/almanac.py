"""The almanac: every hour of the simulated period, and what kind of hour it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.model.period import TZ, Period
from riskmiljo.simulate.rhythms import RHYTHMS
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_YEAR_H: Final = 365.25 * 24
_MIDSUMMER_DAY: Final = 196  # 15 July, when the summer factor is at its top
_PAY_DAY: Final = 25
_FRIDAY: Final = 4
# A pay-day weekend lasts from Friday 18:00 until Sunday 04:00.
_PAY_WEEKEND_FROM: Final = timedelta(hours=18)
_PAY_WEEKEND_H: Final = 34
# Local days, first to last, month and day: the summer, Christmas and Easter-time holidays, roughly.
_SCHOOL_CLOSED: Final = (((6, 12), (8, 17)), ((12, 20), (12, 31)), ((1, 1), (1, 8)))
_CLOSED_FACTOR: Final = 0.1


@dataclass(frozen=True, slots=True)
class YearlyEvent:
    """Something that happens every year and brings incidents of its own.

    Parameters
    ----------
    name
        For people.
    month, day
        When it begins, local date.
    hour
        When it begins, local time; may be over 23.
    hours
        How long it lasts. Most happens a little after its middle.
    per_year
        Expected incidents that it adds.
    mix
        A key of `MIXES`: which kinds.
    places
        Ids of the planted places that it visits, with the share of each; what is left of one goes
        to the rest of the city.
    weekday
        If given, it begins on the first such weekday (0 is Monday) on or after the date.
    """

    name: Text
    month: int
    day: int
    hour: int
    hours: int
    per_year: float
    mix: str
    places: tuple[tuple[str, float], ...] = ()
    weekday: int | None = None

    def begins(self, year: int) -> datetime:
        """Return its local start in one year, without a zone."""
        at = datetime(year, self.month, self.day)  # noqa: DTZ001 - local clock time
        if self.weekday is not None:
            at += timedelta(days=(self.weekday - at.weekday()) % 7)
        return at + timedelta(hours=self.hour)


@dataclass(frozen=True)
class Almanac:
    """All hours of a period.

    Hours are laid out in UTC, so that the hour that spring skips does not exist and the one that
    autumn repeats exists twice.

    Parameters
    ----------
    period
        From a local midnight to a local midnight.
    """

    period: Period

    @cached_property
    def starts(self) -> pd.DatetimeIndex:
        """When each hour begins, UTC, shape (n,)."""
        return pd.date_range(self.period.start, self.period.end, freq="h", inclusive="left")

    @cached_property
    def local(self) -> pd.DatetimeIndex:
        """When each hour begins, local clock time without a zone."""
        return self.starts.tz_convert(TZ).tz_localize(None)

    @cached_property
    def hour_of_week(self) -> npt.NDArray[np.int64]:
        """0 to 167, Monday 00:00 to 01:00 is 0, local time."""
        return np.asarray(self.local.day_of_week * 24 + self.local.hour, dtype=np.int64)

    @property
    def years(self) -> float:
        """Length in years."""
        return len(self.starts) / _YEAR_H

    @cached_property
    def pay_weekend(self) -> npt.NDArray[np.bool_]:
        """Which hours lie in the weekend after pay day (the 25th, or the Friday before it)."""
        inside = np.zeros(len(self.starts), dtype=bool)
        months = pd.period_range(self.local[0], self.local[-1], freq="M")
        for month in months:
            paid = date(month.year, month.month, _PAY_DAY)
            paid -= timedelta(days=max(0, paid.weekday() - _FRIDAY))
            friday = paid + timedelta(days=(_FRIDAY - paid.weekday()) % 7)
            begins = pd.Timestamp(friday) + _PAY_WEEKEND_FROM
            inside |= self._between(begins, begins + timedelta(hours=_PAY_WEEKEND_H))
        return inside

    @cached_property
    def school_closed(self) -> npt.NDArray[np.bool_]:
        """Which hours lie in a school holiday."""
        day = np.asarray(self.local.month * 100 + self.local.day)
        closed = np.zeros(len(day), dtype=bool)
        for (month, first), (last_month, last) in _SCHOOL_CLOSED:
            closed |= (day >= month * 100 + first) & (day <= last_month * 100 + last)
        return closed

    def intensity(self, rhythm: str, *, yearly_change: float = 0.0) -> Floats:
        """Return how a place's incidents spread over the period.

        Parameters
        ----------
        rhythm
            A key of `RHYTHMS`.
        yearly_change
            Relative growth a year: 0.2 is 20 % more each year.

        Returns
        -------
        numpy.ndarray
            Shape (n,); sums to the length of the period in years, so that times an expected
            yearly count it is the expected count of each hour.
        """
        shape = RHYTHMS[rhythm]
        values = shape.profile()[self.hour_of_week]
        angle = 2 * np.pi * (np.asarray(self.local.day_of_year) - _MIDSUMMER_DAY) / 365.25
        values = values * (1 + shape.summer * np.cos(angle))
        values = np.where(self.pay_weekend, values * shape.payday, values)
        if shape.term_only:
            values = np.where(self.school_closed, values * _CLOSED_FACTOR, values)
        values = values * (1 + yearly_change) ** (np.arange(len(values)) / _YEAR_H)
        return np.asarray(values * (self.years / values.sum()))

    def event_intensity(self, event: YearlyEvent) -> Floats:
        """Return how a yearly event's incidents spread over the period.

        Parameters
        ----------
        event
            The event.

        Returns
        -------
        numpy.ndarray
            Shape (n,); each time it happens in whole inside the period adds one to the sum.
        """
        values = np.zeros(len(self.starts))
        middle = (np.arange(event.hours) + 0.5) / event.hours
        bell = middle**2 * (1 - middle)
        bell /= bell.sum()
        for year in range(self.local[0].year - 1, self.local[-1].year + 1):
            begins = pd.Timestamp(event.begins(year))
            inside = self._between(begins, begins + timedelta(hours=event.hours))
            at = ((self.local[inside] - begins) // timedelta(hours=1)).to_numpy()
            values[inside] += bell[at]
        return values

    def _between(self, first: pd.Timestamp, last: pd.Timestamp) -> npt.NDArray[np.bool_]:
        return np.asarray((self.local >= first) & (self.local < last))
