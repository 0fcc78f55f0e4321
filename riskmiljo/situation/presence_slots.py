"""Hours of the week: when incidents and presence fall, and which hours may be told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.model.period import Period
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.situation.withheld import told_groups

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_DAY_H: Final = 24
_PART_H: Final = 6
_PARTS: Final = _DAY_H // _PART_H
_HOUR: Final = np.timedelta64(3600, "s")
_MICRO: Final = 3_600_000_000
_LONGEST_H: Final = 48
# The hour of an incident is known if its interval is no longer than this.
EXACT_H: Final = 2
# Fewer exact times than this, and no single hour is told.
_EXACT_SHARE: Final = 0.9

_SLOTS: Final = np.arange(HOURS_OF_WEEK)
_WEEKDAY: Final = _SLOTS // _DAY_H
_PART: Final = _SLOTS % _DAY_H // _PART_H
# The night until 06 belongs to the day before it, as in the joint picture; Friday and Saturday are
# apart.
_DAY_BEGUN: Final = (_SLOTS - _PART_H) % HOURS_OF_WEEK // _DAY_H
_FRIDAY_SATURDAY: Final = np.isin(_DAY_BEGUN, (4, 5)).astype(np.int64)
# From fine to coarse: hour, part of the day, part of Fridays and Saturdays or of the other days.
LEVELS: Final[tuple[Ints, ...]] = (
    _SLOTS,
    _WEEKDAY * _PARTS + _PART,
    _PART * 2 + _FRIDAY_SATURDAY,
)
_JOINT_LEVEL: Final = 2
DAY_PARTS: Final = LEVELS[1]


@dataclass(frozen=True)
class ToldSlots:
    """Which hours of the week may be told, and with which others each is told.

    Attributes
    ----------
    group
        Shape (168,): hours of one number are told as one; -1 where nothing may be told.
    level
        Shape (168,): 0 where the hour stands for itself, 1 and 2 for coarser groups; -1 untold.
    """

    group: Ints = field(repr=False)
    level: Ints = field(repr=False)

    def together(self) -> Floats:
        """Return the matrix that puts the mean of its group in the place of each hour.

        Returns
        -------
        numpy.ndarray
            Shape (168, 168); hours that are not told are grouped by their part of the day.
        """
        key = np.where(self.group >= 0, self.group, HOURS_OF_WEEK + DAY_PARTS)
        same = key[:, None] == key[None, :]
        return np.asarray(same / same.sum(axis=0))


def strict(lens: Lens) -> Lens:
    """Return the lens with the higher minimum count for all: what is told here is of the young.

    Parameters
    ----------
    lens
        Who asks.

    Returns
    -------
    Lens
        Otherwise the same. What the joint picture tells has held the floors of places and days
        when it was released; the places and days of its rows are no real ones.
    """
    floor = replace(lens, min_incidents=max(lens.min_incidents, lens.min_sensitive))
    return replace(floor, min_places=1, min_days=1) if lens.scope == "joint" else floor


def slots_of(incidents: pd.DataFrame, tz: str) -> tuple[Ints, Bools]:
    """Return the hour of the week of each incident, and whether it is known to the hour.

    Parameters
    ----------
    incidents
        With ``occurred_from`` and ``occurred_to``, UTC.
    tz
        The zone of local hours.

    Returns
    -------
    tuple of numpy.ndarray
        0 to 167 (Monday 00:00 first), by the middle of an interval; and True where the interval is
        no longer than two hours.
    """
    length = incidents["occurred_to"] - incidents["occurred_from"]
    middle = (incidents["occurred_from"] + length / 2).dt.tz_convert(tz)
    slots = (middle.dt.day_of_week * _DAY_H + middle.dt.hour).to_numpy(dtype=np.int64)
    exact = (length <= pd.Timedelta(hours=EXACT_H)).to_numpy(dtype=bool)
    return np.asarray(slots), np.asarray(exact)


def told_by_hour(exact: Bools) -> bool:
    """Ask whether enough times are exact for single hours to be told.

    Parameters
    ----------
    exact
        As `slots_of` returns it.

    Returns
    -------
    bool
        True from nine in ten.
    """
    return not len(exact) or bool(exact.mean() >= _EXACT_SHARE)


def told_slots(
    incidents: gpd.GeoDataFrame, slots: Ints, exact: Bools, owner: Ints, lens: Lens, *, tz: str
) -> dict[int, ToldSlots]:
    """Return which hours of the week may be told, for each owner by itself.

    Hours that hold the minimum count stand for themselves; what is left of a part of the day is
    told as one where that holds it; then what is left of it over several days. The groups never
    overlap, so that nothing can be had by subtraction.

    Parameters
    ----------
    incidents
        The incident contract.
    slots, exact
        As `slots_of` returns them.
    owner
        Shape (n,): to whom each incident counts (a place, or 0 for all); negative for nobody.
    lens
        Whose minimum counts hold; the higher one for all (`strict`).
    tz
        The zone of local days.

    Returns
    -------
    dict of int to ToldSlots
        Owners without any incident are not among them.
    """
    floor = strict(lens)
    found = {
        int(number): ToldSlots(
            np.full(HOURS_OF_WEEK, -1, dtype=np.int64), np.full(HOURS_OF_WEEK, -1, dtype=np.int64)
        )
        for number in np.unique(owner[owner >= 0])
    }
    finest = 0 if told_by_hour(exact) else 1
    if lens.scope == "joint":
        finest = _JOINT_LEVEL
    left = owner >= 0
    for level, keys in enumerate(LEVELS):
        if level < finest:
            continue
        group = owner * HOURS_OF_WEEK + keys[slots]
        at = np.flatnonzero(left)
        if not len(at):
            break
        told = told_groups(incidents.iloc[at], group[at], floor, tz=tz)
        shown = told.index[told["shown"]].to_numpy(dtype=np.int64)
        for number in shown:
            who, key = divmod(int(number), HOURS_OF_WEEK)
            slot = found[who]
            mine = (keys == key) & (slot.group < 0)
            slot.group[mine] = level * HOURS_OF_WEEK + key
            slot.level[mine] = level
        left &= ~np.isin(group, shown)
    return found


def minutes_by_hour(
    begins: pd.Series, ends: pd.Series, minutes: Floats, *, tz: str
) -> tuple[Ints, Ints, Floats]:
    """Spread stays over the hours of the week that they touch.

    Parameters
    ----------
    begins, ends
        UTC; a stay of more than 48 hours counts by its first 48.
    minutes
        Of each stay; shared out evenly over its time.
    tz
        The zone of local hours.

    Returns
    -------
    tuple of numpy.ndarray
        The stay's number, the hour of the week, and the minutes of each piece.
    """
    first = begins.dt.as_unit("us").astype("int64").to_numpy()
    last = ends.dt.as_unit("us").astype("int64").to_numpy()
    last = np.clip(last, first, first + _LONGEST_H * _MICRO)
    hours = np.maximum(1, -(-last // _MICRO) - first // _MICRO)
    stay = np.repeat(np.arange(len(first)), hours)
    nth = np.arange(len(stay)) - np.repeat(np.cumsum(hours) - hours, hours)
    hour = (first // _MICRO)[stay] + nth
    begin = np.maximum(first[stay], hour * _MICRO)
    end = np.minimum(last[stay], (hour + 1) * _MICRO)
    length = (last - first)[stay]
    share = np.where(length > 0, (end - begin) / np.maximum(length, 1), 1.0)
    local = pd.to_datetime(pd.Series(hour * _MICRO), unit="us", utc=True).dt.tz_convert(tz)
    slot = (local.dt.day_of_week * _DAY_H + local.dt.hour).to_numpy(dtype=np.int64)
    return np.asarray(stay, dtype=np.int64), np.asarray(slot), minutes[stay] * share


def hours_of(period: Period, tz: str) -> tuple[npt.NDArray[np.datetime64], Ints]:
    """Return the hours of a period and which hour of the week each is.

    Parameters
    ----------
    period
        The period; its ends are rounded to whole hours.
    tz
        The zone of local hours. The hour that spring skips is missing, autumn's is there twice.

    Returns
    -------
    tuple of numpy.ndarray
        When each begins (UTC, without a zone), and 0 to 167.
    """
    first, last = (
        np.datetime64(moment.replace(tzinfo=None), "h") for moment in (period.start, period.end)
    )
    starts = np.arange(first, max(last, first + 1))
    local = pd.DatetimeIndex(starts).tz_localize("UTC").tz_convert(tz)
    slots = np.asarray(local.day_of_week * _DAY_H + local.hour, dtype=np.int64)
    return starts.astype("datetime64[us]"), slots
