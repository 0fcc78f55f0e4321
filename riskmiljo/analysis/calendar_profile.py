"""When in the year: incidents a day by month, and on school days, weekends and holidays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from riskmiljo.analysis.arguments import shown
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.pairs import ranges_in_blocks
from riskmiljo.analysis.places import (
    PeriodLike,
    checked_weights,
    nothing_to_analyse,
    observed_period,
    within_period,
)
from riskmiljo.analysis.rhythm import interval_microseconds, labels_of
from riskmiljo.analysis.weekly import local_day
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = Iterable[str | date | tuple[str | date, str | date]]

SCHOOL: Final = ("school_day", "weekend", "holiday")
_COVERAGE: Final = 0.95
_SLOTS_AT_ONCE: Final = 4_000_000
_SATURDAY: Final = 5


def month_profile(
    incidents: gpd.GeoDataFrame,
    *,
    by: pd.Series | str | None = None,
    period: PeriodLike | None = None,
    tz: str = TZ,
) -> pd.DataFrame:
    """Count incidents by month of the year, and how many that is a day.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and where known ``occurred_to`` and ``weight``; times in UTC.
    by
        A column, or a label for each incident; incidents without one are left out. None makes one
        group, ``"all"``.
    period
        A `Period` or a pair of local dates, the end not included: only incidents that began
        within it count, and its days are those that a month is divided by. None: whole local days
        from the first incident's to the last's.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        One row a group and month (1 to 12): ``group``, ``month``, ``incidents`` (weighted; an
        interval counts in each day by its share of the time), ``days`` of the period in that
        month, ``per_day`` with its 95 % interval ``lower`` and ``upper``, and ``times_usual`` (over
        the group's mean day). NaN for months in which the period has no day.

    Raises
    ------
    NothingFoundError
        If there are no incidents in the period.
    InvalidInputError
        If the labels do not fit, a weight cannot be used, or an interval ends before it begins.

    Notes
    -----
    Months differ in length, and a period of fourteen months holds some of them twice: compare
    ``per_day``. The interval is exact for a Poisson count, and too narrow where one evening
    brings many incidents.

    References
    ----------
    Ratcliffe, J. H. (2000). Aoristic analysis: the spatial interpretation of unspecific temporal
    events.
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    """
    incidents = with_moments(incidents, tz)
    span, first, days = _span(incidents, period, tz)
    kinds = pd.DatetimeIndex(days).month.to_numpy().astype(np.int64) - 1
    names = pd.Index(range(1, 13), name="month")
    return _profile(incidents, by, span, (first, kinds), names, tz)


def school_profile(
    incidents: gpd.GeoDataFrame,
    *,
    holidays: Days,
    by: pd.Series | str | None = None,
    period: PeriodLike | None = None,
    tz: str = TZ,
) -> pd.DataFrame:
    """Count incidents on school days, on weekends in term and on days without school.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and where known ``occurred_to`` and ``weight``; times in UTC.
    holidays
        Local days without school: dates, or pairs of first and last date (both included).
    by
        As in `month_profile`.
    period
        As in `month_profile`.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        As `month_profile` gives it, with ``day`` instead of ``month``: school_day (Monday to
        Friday in term), weekend (Saturday and Sunday in term) and holiday.

    Raises
    ------
    NothingFoundError
        If there are no incidents in the period.
    InvalidInputError
        If a date cannot be read, a pair ends before it begins, the labels do not fit, a weight
        cannot be used, or an interval ends before it begins.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    """
    incidents = with_moments(incidents, tz)
    span, first, days = _span(incidents, period, tz)
    free = pd.DatetimeIndex(sorted(_days_of(holidays, tz)))
    index = pd.DatetimeIndex(days)
    kinds = np.where(index.isin(free), 2, np.where(index.day_of_week.to_numpy() >= _SATURDAY, 1, 0))
    names = pd.Index(SCHOOL, name="day")
    return _profile(incidents, by, span, (first, kinds.astype(np.int64)), names, tz)


def _span(
    incidents: gpd.GeoDataFrame, period: PeriodLike | None, tz: str
) -> tuple[Period, date, npt.NDArray[np.datetime64]]:
    if len(incidents) == 0:
        raise nothing_to_analyse()
    span = observed_period(incidents, period, tz=tz)
    first, last = span.first_and_last_day(tz)
    begin = np.datetime64(first, "D")
    return span, first, begin + np.arange((last - first).days + 1)


def _profile(
    incidents: gpd.GeoDataFrame,
    by: pd.Series | str | None,
    span: Period,
    calendar: tuple[date, Ints],
    names: pd.Index,
    tz: str,
) -> pd.DataFrame:
    labels = labels_of(incidents, by)
    used = labels.notna().to_numpy() & within_period(incidents, span)
    if not used.any():
        raise nothing_to_analyse()
    group, groups = pd.factorize(labels[used], sort=True)
    begins, ends = interval_microseconds(incidents, tz)
    column = incidents["weight"].to_numpy() if "weight" in incidents else None
    weights = checked_weights(column, len(incidents))[used]
    first, kinds = calendar
    midnights = _midnights(first, len(kinds), tz)
    # What lasts beyond the period is spread over what of it lies within.
    ends = np.minimum(ends[used], midnights[-1] - 1)
    spread = group.astype(np.int64), begins[used], np.maximum(ends, begins[used]), weights
    counts = _spread(spread, midnights, kinds, (len(groups), len(names)))
    days = np.tile(np.bincount(kinds, minlength=len(names)), len(groups))
    flat = counts.ravel()
    some = np.where(days > 0, days, np.nan)
    tail = (1 - _COVERAGE) / 2
    lower = np.where(flat > 0, special.gammaincinv(np.maximum(flat, 1e-12), tail), 0.0)
    usual = np.repeat(counts.sum(axis=1), len(names)) / len(kinds)
    per_day = flat / some
    return pd.DataFrame(
        {
            "group": np.repeat(np.asarray(groups), len(names)),
            str(names.name): np.tile(names, len(groups)),
            "incidents": flat,
            "days": days,
            "per_day": per_day,
            "lower": lower / some,
            "upper": special.gammaincinv(flat + 1, 1 - tail) / some,
            "times_usual": per_day / np.where(usual > 0, usual, np.nan),
        }
    )


def _spread(
    incidents: tuple[Ints, Ints, Ints, Floats], midnights: Ints, kinds: Ints, shape: tuple[int, int]
) -> Floats:
    """Add each interval to the kinds of day that it touches, by its share of the time."""
    group, begins, ends, weights = incidents
    first = np.searchsorted(midnights, begins, "right") - 1
    last = np.searchsorted(midnights, np.maximum(begins, ends - 1), "right") - 1
    length = np.maximum(ends - begins, 1)
    counts = np.zeros(shape[0] * shape[1])
    for owner, day in ranges_in_blocks(first, last - first + 1, _SLOTS_AT_ONCE):
        stop = np.minimum(np.maximum(ends[owner], begins[owner] + 1), midnights[day + 1])
        share = (stop - np.maximum(begins[owner], midnights[day])) / length[owner]
        cell = group[owner] * shape[1] + kinds[day]
        counts += np.bincount(cell, weights[owner] * share, minlength=len(counts))
    return counts.reshape(shape)


def _midnights(first: date, days: int, tz: str) -> Ints:
    local = pd.date_range(first, periods=days + 1, freq="D")
    # Where the clock is put forward at midnight, the day begins at one.
    utc = local.tz_localize(tz, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")
    return np.asarray(utc.tz_localize(None).as_unit("us").to_numpy().astype(np.int64))


def _days_of(holidays: Days, tz: str) -> set[date]:
    if not isinstance(holidays, Iterable):
        raise InvalidInputError(
            Text(
                "holidays ska vara en lista av dagar, inte {v}.",
                "holidays must be a list of days, not {v}.",
            ).fill(v=shown(holidays))
        )
    found: set[date] = set()
    for entry in holidays:
        first, last = entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, entry)  # noqa: PLR2004 - a first and a last
        begin, end = local_day(first, tz), local_day(last, tz)
        if end < begin:
            raise InvalidInputError(
                Text(
                    "Lovet {a} till {b} slutar innan det börjar. Byt plats på datumen.",
                    "The holiday {a} to {b} ends before it begins. Swap the dates.",
                ).fill(a=begin, b=end)
            )
        found.update(begin + timedelta(days=n) for n in range((end - begin).days + 1))
    return found
