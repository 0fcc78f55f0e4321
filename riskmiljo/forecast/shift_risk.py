"""From a week's expected incidents to those of one shift: the hours of the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.forecast.effort_views import shift_rate
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import TZ, Period
from riskmiljo.model.shift import HOURS_OF_WEEK, Shift
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

WEEK_DAYS: Final = 7.0
# When so many incidents stand at midnight sharp, the times are dates.
_DATES_SHARE: Final = 0.9
_HOURS_A_DAY: Final = 24
DATES_ONLY: Final = Text(
    "Händelserna har bara datum, inga klockslag: passets del av dygnet är dess andel av timmarna.",
    "The incidents have dates only, no times of day: the shift's part of the day is its share of "
    "the hours.",
)


@dataclass(frozen=True)
class HourShare:
    """What share of each unit's week falls in a period.

    Attributes
    ----------
    counts, inside
        Shape (units,), incidents in all hours and in the period's hours of the week.
    city
        The whole area's share.
    dates_only
        Whether the hours of the day are unknown.
    """

    counts: Floats
    inside: Floats
    city: float
    dates_only: bool

    def of(self, weekly: Floats) -> Floats:
        """Return the part of each unit's weekly number that falls in the period.

        Parameters
        ----------
        weekly
            Shape (units,), expected incidents of a week.

        Returns
        -------
        numpy.ndarray
            Shape (units,).
        """
        return shift_rate(weekly, self.counts, self.inside, city_share=self.city)

    def shift_of(self, weekly: Prediction) -> Prediction:
        """Return what is expected in the period, as sure as the week's forecast is."""
        return Prediction(self.of(weekly.expected), weekly.shape)


def is_shorter_than_a_week(period: Period) -> bool:
    """Tell whether the hours of the week matter: a local week may be an hour shorter or longer."""
    return period.days < WEEK_DAYS - 1 / _HOURS_A_DAY - 1e-9


def week_from(period: Period) -> Period:
    """Return the week that begins with a period: what a model is asked for, to be shared out."""
    return Period(period.start, period.start + timedelta(days=WEEK_DAYS))


def hour_share(
    incidents: gpd.GeoDataFrame, history: History, period: Period, *, tz: str = TZ
) -> HourShare:
    """Count how much of each unit's past fell in a period's hours of the week.

    Parameters
    ----------
    incidents
        The frame that the history was made from; uncertain times are spread evenly.
    history
        What was known.
    period
        Shorter than a week.
    tz
        The zone of the hours.

    Returns
    -------
    HourShare
        Hours that the period covers in part count in part; an hour of the week that it covers
        twice, on the autumn night, counts twice.
    """
    known = incidents.iloc[history.row]
    places, number = np.unique(history.unit, return_inverse=True)
    labelled = known.assign(_place=number)
    profile = rhythm(labelled.drop(columns="weight", errors="ignore"), by="_place", tz=tz)
    by_hour = profile.to_numpy(dtype=float)
    local = known["occurred_from"].dt.tz_convert(tz)
    exact = (
        known["occurred_to"] == known["occurred_from"] if "occurred_to" in known else local.notna()
    )
    dates_only = float(((local == local.dt.normalize()) & exact).mean()) >= _DATES_SHARE
    if dates_only:
        days = by_hour.reshape(len(by_hour), -1, _HOURS_A_DAY).sum(axis=2)
        by_hour = np.repeat(days / _HOURS_A_DAY, _HOURS_A_DAY, axis=1)
    covered = Shift(period, tz).hours_of_week()
    counts, inside = np.zeros(len(history.units)), np.zeros(len(history.units))
    counts[places] = by_hour.sum(axis=1)
    inside[places] = np.minimum(by_hour @ covered, counts[places])
    whole = by_hour.sum(axis=0)
    # A city without a single incident in these hours is still not safe in them.
    smooth = (whole + 1 / HOURS_OF_WEEK) / (whole.sum() + 1)
    return HourShare(counts, inside, float(min(smooth @ covered, 1.0)), dates_only)
