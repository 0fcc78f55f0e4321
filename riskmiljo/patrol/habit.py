"""Where patrols have been: presence of the weeks before, by stop and hour of the shift."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from riskmiljo.geo.crs import coordinates, require_metric
from riskmiljo.model.shift import Shift
from riskmiljo.model.tables import PRESENCE_COLUMNS, check_columns
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

HABIT_DAYS: Final = 28
# Who is so near a stop is there.
_AT_STOP_M: Final = 150.0
_HOUR: Final = pd.Timedelta(hours=1)


def presence_at_stops(
    presence: gpd.GeoDataFrame, xy: Floats, *, shift: Shift, days: int = HABIT_DAYS
) -> tuple[Floats, float]:
    """Return how presence has been spread over the stops in the hours of a shift.

    Parameters
    ----------
    presence
        `riskmiljo.model.tables.PRESENCE_COLUMNS`, in the stops' reference system.
    xy
        Shape (n, 2), metres: the stops.
    shift
        The shift; what began later, or more than `days` before it, is not looked at.
    days
        How far back.

    Returns
    -------
    tuple
        Shape (n, slots), minutes in each of the shift's hours of the clock, on any day; and the
        minutes in these hours at no stop.

    Raises
    ------
    InvalidInputError
        If a column is missing.
    CRSError
        If the presence is not in metres.
    """
    what = Text("Närvaron", "The presence")
    check_columns(presence, PRESENCE_COLUMNS, what)
    slots = shift.hour_slots()
    minutes = np.zeros((len(xy), len(slots)))
    start = pd.Timestamp(shift.period.start)
    recent = (presence["begins"] < start) & (presence["ends"] > start - timedelta(days=days))
    rows = presence[recent]
    if rows.empty or not len(xy):
        return minutes, float(rows["minutes"].sum())
    require_metric(rows, what)
    distance, nearest = KDTree(xy).query(coordinates(rows))
    row, hour, share = _by_hour(rows, shift.tz)
    spent = rows["minutes"].to_numpy(dtype=float)[row] * share
    elsewhere = 0.0
    clock = [slot.begins.astimezone(ZoneInfo(shift.tz)).hour for slot in slots]
    for at in range(len(slots)):
        # The hour that the clock repeats is lived twice in this shift, not in the record.
        same = (hour == clock[at]) / clock.count(clock[at])
        here = distance[row] <= _AT_STOP_M
        np.add.at(minutes[:, at], nearest[row][here], (spent * same)[here])
        elsewhere += float((spent * same)[~here].sum())
    return minutes, elsewhere


def minutes_at_stops(
    presence: gpd.GeoDataFrame, xy: Floats, *, until: datetime, days: int = HABIT_DAYS
) -> Floats:
    """Return how long somebody was within sight of each stop, at any hour.

    Parameters
    ----------
    presence
        `riskmiljo.model.tables.PRESENCE_COLUMNS`, in the stops' reference system.
    xy
        Shape (n, 2), metres: the stops.
    until
        Aware; a visit that begins then or later is not counted.
    days
        How far back; a visit is counted by when it began.

    Returns
    -------
    numpy.ndarray
        Shape (n,), minutes; what lies within sight of two stops counts at both.

    Raises
    ------
    InvalidInputError
        If a column is missing.
    CRSError
        If the presence is not in metres.
    """
    what = Text("Närvaron", "The presence")
    check_columns(presence, PRESENCE_COLUMNS, what)
    last = pd.Timestamp(until)
    rows = presence[
        (presence["begins"] >= last - timedelta(days=days)) & (presence["begins"] < last)
    ]
    if rows.empty or not len(xy):
        return np.zeros(len(xy))
    require_metric(rows, what)
    minutes = rows["minutes"].to_numpy(dtype=float)
    near = KDTree(coordinates(rows)).query_ball_point(xy, _AT_STOP_M)
    return np.array([minutes[found].sum() for found in near], dtype=float)


def _by_hour(
    rows: gpd.GeoDataFrame, tz: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Cut presence at whole hours: row, local hour of the day, share of the row's minutes."""
    begins = rows["begins"].to_numpy(dtype="datetime64[us]")
    ends = rows["ends"].to_numpy(dtype="datetime64[us]")
    first = begins.astype("datetime64[h]")
    pieces = np.maximum((ends - first) // np.timedelta64(1, "h") + 1, 1).astype(np.int64)
    row = np.repeat(np.arange(len(rows)), pieces)
    step = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    opens = first[row] + step * np.timedelta64(1, "h")
    within = np.minimum(ends[row], opens + np.timedelta64(1, "h")) - np.maximum(begins[row], opens)
    length = np.maximum((ends - begins)[row], np.timedelta64(1, "us"))
    share = np.where(pieces[row] == 1, 1.0, np.maximum(within / length, 0.0))
    local = pd.DatetimeIndex(opens).tz_localize("UTC").tz_convert(tz)
    return row, np.asarray(local.hour, dtype=np.int64), np.asarray(share, dtype=float)
