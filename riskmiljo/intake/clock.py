"""Local moments into instants (UTC): the two nights when the clock changes, and what is absurd."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.intake.times import MICROSECONDS, LocalTimes

# Before this a date is a default, an epoch or a typing error.
EARLIEST: Final = np.datetime64("1970-01-03", "us")
_ONE_DAY: Final = np.timedelta64(1, "D")
_NAT: Final = np.datetime64("NaT", "us")

Moments = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Instants:
    """When something happened.

    Parameters
    ----------
    begins, ends
        Shape (n,), ``datetime64[us]`` in UTC; NaT where there is none. They differ where the cell
        names a day: midnight to midnight by the local clock.
    code
        Shape (n,), object: why there is none; empty where there is.
    ambiguous
        Shape (n,): whether the local hour occurred twice; the first is taken.
    day_only
        Shape (n,): whether the cell names a day.
    """

    begins: Moments
    ends: Moments
    code: npt.NDArray[np.object_]
    ambiguous: Bools
    day_only: Bools


def instants(times: LocalTimes, tz: str, *, now: datetime) -> Instants:
    """Decide which instants local times were.

    Parameters
    ----------
    times
        What the cells say.
    tz
        The zone of times without an offset.
    now
        An aware datetime: what lies after it has not happened.

    Returns
    -------
    Instants
        With ``TID_SAKNAS``, ``TID_FORMAT``, ``TID_TVETYDIG`` (day and month), ``TID_FINNS_INTE``
        or ``TID_ORIMLIG`` where there is no usable time.
    """
    count = len(times.local)
    code = np.full(count, "", dtype=object)
    code[np.isnat(times.local)] = "TID_FORMAT"
    code[times.unclear] = "TID_TVETYDIG"
    code[times.missing] = "TID_SAKNAS"
    read = ~np.isnat(times.local)
    # The calendar of time zones ends with pandas' nanosecond years; what is outside is absurd.
    sane = read & (times.local >= EARLIEST) & (times.local < np.datetime64("2200-01-01"))
    code[read & ~sane] = "TID_ORIMLIG"
    begins, ends = np.full(count, _NAT, MICROSECONDS), np.full(count, _NAT, MICROSECONDS)
    ambiguous = np.zeros(count, dtype=bool)

    told = sane & times.has_offset
    begins[told] = times.local[told] - times.offset_us[told].astype("timedelta64[us]")
    days = sane & times.day_only & ~told
    if days.any():
        begins[days] = _midnight(times.local[days], tz)
        ends[days] = _midnight(times.local[days] + _ONE_DAY, tz)
    clocked = sane & ~told & ~days
    if clocked.any():
        begins[clocked], ambiguous[clocked] = _localised(times.local[clocked], tz)
        code[clocked & np.isnat(begins)] = "TID_FINNS_INTE"
    late = ~np.isnat(begins) & (begins > np.datetime64(int(now.timestamp() * 1e6), "us"))
    code[late] = "TID_ORIMLIG"
    begins[code != ""] = _NAT
    ends[np.isnat(ends)] = begins[np.isnat(ends)]
    return Instants(begins, ends, code, ambiguous & (code == ""), days & (code == ""))


def _localised(local: Moments, tz: str) -> tuple[Moments, Bools]:
    """Return instants (NaT in the spring gap) and which local hours occurred twice."""
    index = pd.DatetimeIndex(local)
    summer = np.ones(len(index), dtype=bool)
    first = index.tz_localize(tz, ambiguous=summer, nonexistent="NaT")
    second = index.tz_localize(tz, ambiguous=~summer, nonexistent="NaT")
    twice = np.asarray((first != second) & first.notna())
    return _naive_utc(first), twice


def _midnight(days: Moments, tz: str) -> Moments:
    index = pd.DatetimeIndex(days.astype("datetime64[D]").astype(MICROSECONDS))
    summer = np.ones(len(index), dtype=bool)
    # Where the clock is changed at midnight, the day begins with its first minute that exists.
    return _naive_utc(index.tz_localize(tz, ambiguous=summer, nonexistent="shift_forward"))


def _naive_utc(index: pd.DatetimeIndex) -> Moments:
    return np.asarray(index.tz_convert("UTC").tz_localize(None).to_numpy(), dtype=MICROSECONDS)
