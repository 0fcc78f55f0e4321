"""What an occasion tends to bring: earlier nights of the same event against ordinary weeks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.presence_gap import change_on_occasions
from riskmiljo.model.period import Period
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.situation.calendar import Occasion
from riskmiljo.situation.presence_slots import hours_of, strict
from riskmiljo.situation.withheld import told_groups

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# What lasts longer is a time of the year, and part of the usual.
SHORT_DAYS: Final = 4.5
_HOUR: Final = np.timedelta64(1, "h")


@dataclass(frozen=True, slots=True)
class OccasionEffect:
    """How many times the usual earlier occasions brought.

    Attributes
    ----------
    times, lower, upper
        Times the same hours of ordinary weeks, with its 95 % interval.
    years
        In how many earlier years it was seen.
    """

    times: float
    lower: float
    upper: float
    years: int


@dataclass(frozen=True)
class Past:
    """What happened, laid out against what was on.

    Attributes
    ----------
    incidents
        Those that count, in the whole of the time looked back on.
    slots
        Hour of the week of each.
    period
        The time looked back on.
    occasions
        What was on in it.
    tz
        The zone of local hours.
    """

    incidents: gpd.GeoDataFrame = field(repr=False)
    slots: Ints = field(repr=False)
    period: Period
    occasions: tuple[Occasion, ...] = field(repr=False)
    tz: str

    def ordinary(self, apart: tuple[Occasion, ...] = ()) -> tuple[Bools, Ints]:
        """Return what belongs to ordinary weeks.

        Parameters
        ----------
        apart
            More occasions that are not ordinary, beside the short built-in ones.

        Returns
        -------
        tuple of numpy.ndarray
            Which incidents, and shape (168,): how many ordinary hours of each hour of the week.
        """
        special = [one for one in self.occasions if one.built_in and one.days <= SHORT_DAYS]
        spans = [(one.begins, one.ends) for one in (*special, *apart)]
        starts, slots = hours_of(self.period, self.tz)
        usual = ~_within(starts + _HOUR / 2, spans)
        middle = _middles(self.incidents)
        kept = ~_within(middle, spans)
        return kept, np.bincount(slots[usual], minlength=HOURS_OF_WEEK).astype(np.int64)


def occasion_effect(
    past: Past, occasion: Occasion, lens: Lens, among: Bools
) -> OccasionEffect | None:
    """Return how many times the usual the same event brought before.

    Parameters
    ----------
    past
        What is looked back on.
    occasion
        What is coming.
    lens
        Whose minimum counts hold; the higher one (`strict`).
    among
        Which of the incidents count: all, or those of one place.

    Returns
    -------
    OccasionEffect or None
        None where there is no earlier one, its hours have no ordinary counterpart, or what it
        brought is too little to be told.
    """
    earlier = tuple(
        one
        for one in past.occasions
        if one.key == occasion.key and one.begins < occasion.begins and _whole(one, past.period)
    )
    if not earlier:
        return None
    spans = [(one.begins, one.ends) for one in earlier]
    on = among & _within(_middles(past.incidents), spans)
    if not on.any():
        return None
    told = told_groups(
        past.incidents[on], np.zeros(int(on.sum()), dtype=np.int64), strict(lens), tz=past.tz
    )
    if not told["shown"].all():
        return None
    usual, hours = past.ordinary(earlier)
    count = np.bincount(past.slots[usual & among], minlength=HOURS_OF_WEEK)
    touched = np.concatenate(
        [
            hours_of(Period(begins, max(ends, begins + _least())), past.tz)[1]
            for begins, ends in spans
        ]
    )
    if (hours[touched] == 0).any():
        return None
    expected = float((count[touched] / hours[touched]).sum())
    times, lower, upper = change_on_occasions(float(on.sum()), expected)
    return OccasionEffect(times, lower, upper, len({one.year for one in earlier}))


def _whole(occasion: Occasion, period: Period) -> bool:
    return occasion.begins >= period.start and occasion.ends <= period.end


def _least() -> timedelta:
    return timedelta(hours=1)


def _middles(incidents: gpd.GeoDataFrame) -> npt.NDArray[np.datetime64]:
    first = incidents["occurred_from"]
    middle = first + (incidents["occurred_to"] - first) / 2
    return np.asarray(middle.dt.tz_convert("UTC").dt.tz_localize(None).dt.as_unit("us"))


def _within(moments: npt.NDArray[np.datetime64], spans: list[tuple[datetime, datetime]]) -> Bools:
    inside = np.zeros(len(moments), dtype=bool)
    for begins, ends in spans:
        first, last = (np.datetime64(at.replace(tzinfo=None), "us") for at in (begins, ends))
        inside |= (moments >= first) & (moments < last)
    return inside
