"""The whole area's weeks, told to the joint picture: a band, and whether it was as expected.

Weeks are too short for cells. Of the whole area a week is told once, seven days after it has
ended: the sum of the bands of the groups of owners, each with its own minimum counts, and one word
for whether all incidents together were more or fewer than the past leads to expect. Neither a
count, nor what was expected, nor its range is told, and what is registered later changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.warning import expected_ranges
from riskmiljo.analysis.weekly import weekly_counts
from riskmiljo.settings import Settings
from riskmiljo.situation.joint_zones import SUM_BANDS, sum_band
from riskmiljo.situation.release_margins import CELL_SIDE_M, floor_of
from riskmiljo.store import Store
from riskmiljo.wording import Text

KIND: Final = "released_weeks"
WEEKS: Final = 12
_KEPT: Final = 60
_WEEK: Final = timedelta(days=7)
_LAG: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ToldWeek:
    """One week of the whole area.

    Attributes
    ----------
    begins
        Its Monday.
    low, band
        What its incidents are told as, and the lower end of that.
    state
        ``over``, ``within`` or ``under`` what the past leads to expect; None where too little is
        known, or too few incidents came.
    """

    begins: date
    low: int
    band: Text
    state: str | None


def release_weeks(
    store: Store,
    settings: Settings,
    incidents: gpd.GeoDataFrame,
    labelled: pd.DataFrame,
    *,
    now: datetime,
    tz: str,
    anew: bool = False,
) -> None:
    """Keep what the joint picture tells of the weeks that have closed since the last release.

    Parameters
    ----------
    store
        Where what was told is kept.
    settings
        Whose minimum counts hold.
    incidents
        All that may be released, of every owner.
    labelled
        As of `labels`, a row for each of them.
    now
        Aware.
    tz
        The zone of local days.
    anew
        Tell the last weeks again.
    """
    settled = now.astimezone(ZoneInfo(tz)).date() - _WEEK
    # Every owner that still delivers has passed the week: else it would look like a quiet one.
    latest = labelled.groupby("owner")["day"].max()
    end = min(settled, latest[latest >= latest.max() - _LAG].min() + timedelta(days=1))
    end -= timedelta(days=end.weekday())
    kept = None if anew else store.results.latest(KIND)
    told: list[dict[str, Any]] = [] if kept is None else kept.body["weeks"]
    first = end - WEEKS * _WEEK
    if told:
        first = max(first, date.fromisoformat(told[-1]["begins"]) + _WEEK)
    begin = labelled["day"].min()
    first = max(first, begin + timedelta(days=-begin.weekday() % 7))
    if first >= end:
        return
    whole = weekly_counts(incidents, now=end, tz=tz).to_numpy(dtype=float)[0]
    mondays = [first + n * _WEEK for n in range((end - first) // _WEEK)]
    fresh = [
        _week(monday, whole[: len(whole) - (end - monday) // _WEEK + 1], labelled, settings)
        for monday in mondays
    ]
    store.results.add(
        KIND,
        parameters={"until": end.isoformat()},
        body={"weeks": [*told, *fresh][-_KEPT:]},
        now=now,
    )


def told_weeks(store: Store) -> tuple[ToldWeek, ...]:
    """Return what the joint picture tells of the last weeks.

    Parameters
    ----------
    store
        Where it is kept.

    Returns
    -------
    tuple of ToldWeek
        Oldest first, at most twelve; a week with too few incidents is left out.
    """
    row = store.results.latest(KIND)
    if row is None:
        return ()
    return tuple(
        ToldWeek(date.fromisoformat(week["begins"]), *sum_band(week["about"]), week["state"])
        for week in row.body["weeks"][-WEEKS:]
        if week["about"]
    )


def _week(
    monday: date, counts: npt.NDArray[np.float64], labelled: pd.DataFrame, settings: Settings
) -> dict[str, Any]:
    mine = labelled[(labelled["day"] >= monday) & (labelled["day"] < monday + _WEEK)]
    about = sum(
        _about(mine[mine["owners"] == owners], floor_of(owners, settings), settings)
        for owners in CELL_SIDE_M
    )
    expected = expected_ranges(counts, counts).iloc[0]
    state = None
    if about and np.isfinite(expected.get("lower_95", np.nan)):
        over, under = counts[-1] > expected["upper_95"], counts[-1] < expected["lower_95"]
        state = "over" if over else "under" if under else "within"
    return {"begins": monday.isoformat(), "about": about, "state": state}


def _about(mine: pd.DataFrame, floor: int, settings: Settings) -> float:
    """Return the figure that a group's band is calculated with; 0 for too few."""
    enough = (
        len(mine) >= floor
        and mine["place"].nunique() >= settings.min_places
        and mine["day"].nunique() >= settings.min_days
    )
    low = max((one for one in SUM_BANDS if floor <= one <= len(mine)), default=0)
    if not enough or not low:
        return 0.0
    above = next((one for one in SUM_BANDS if one > low), None)
    return float(low) if above is None else float(np.sqrt(low * (above - 1)))
