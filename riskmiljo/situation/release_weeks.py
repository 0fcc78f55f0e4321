"""The whole area's weeks, told to the joint picture: a band, and whether it was as expected.

Weeks are too short for cells. Of the whole area a week is told once, seven days after it has
ended, and what is registered later changes nothing. These rules keep small counts out of it:

1. What one owner registered of one group is a part of its own. A part of fewer than 10, or of too
   few places or days, is left out; of the others the bands are summed, and the sum is told as a
   band. So an owner that takes its own part away finds no more than another's band.
2. The word, for more or fewer than the past leads to expect, is of the reports to one owner, none
   of them sensitive, and stands only where that part is told. A past week with too few counts as
   five, so that no small count moves the range; and the range itself is not told.
3. A week waits for the owners that mostly have a part to tell, for whom a week without any is a
   delivery that has not come. Of other owners waiting would tell which weeks had none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from riskmiljo.analysis.warning import expected_ranges
from riskmiljo.settings import Settings
from riskmiljo.situation.joint_zones import SUM_BANDS, sum_band
from riskmiljo.situation.release_margins import floor_of
from riskmiljo.situation.release_quality import FEW, LEAST
from riskmiljo.store import Store
from riskmiljo.wording import Text

KIND: Final = "released_weeks"
WEEKS: Final = 12
_KEPT: Final = 60
_WEEK: Final = timedelta(days=7)
_LAG: Final = timedelta(days=60)
# Whose word it is: the first of these that had a week to tell.
_JUDGED: Final = ("police", "municipality")
# An owner is waited for that had a part to tell in more than half of its last weeks, so many.
_LAST_WEEKS: Final = 8


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
    owner
        Whose incidents ``state`` is about, those that are not sensitive; None without one.
    """

    begins: date
    low: int
    band: Text
    state: str | None
    owner: str | None


def release_weeks(
    store: Store,
    settings: Settings,
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
        Whose minimum counts hold, where they are higher than ours.
    labelled
        As of `labels`, a row for each incident that may be released, of every owner.
    now
        Aware.
    tz
        The zone of local days.
    anew
        Tell the last weeks again.
    """
    begin = labelled["day"].min()
    begin += timedelta(days=-begin.weekday() % 7)
    parts = _parts(labelled, begin, settings)
    end = min(now.astimezone(ZoneInfo(tz)).date() - _WEEK, _passed(labelled, parts))
    end -= timedelta(days=end.weekday())
    kept = None if anew else store.results.latest(KIND)
    told: list[dict[str, Any]] = [] if kept is None else kept.body["weeks"]
    first = end - WEEKS * _WEEK
    if told:
        first = max(first, date.fromisoformat(told[-1]["begins"]) + _WEEK)
    first = max(first, begin)
    if first >= end:
        return
    numbers = range((first - begin) // _WEEK, (end - begin) // _WEEK)
    owner = next((one for one in _JUDGED if (parts["owners"] == one).any()), None)
    counts = parts[parts["owners"] == owner].set_index("week")["n"]
    states = _states(counts, numbers)
    sums = parts["low"].map(_middle).groupby(parts["week"]).sum()
    fresh = [
        {
            "begins": (begin + number * _WEEK).isoformat(),
            "about": float(sums.get(number, 0.0)),
            "state": states.get(number),
            "owner": owner if number in states else None,
        }
        for number in numbers
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
        ToldWeek(
            date.fromisoformat(week["begins"]),
            *sum_band(week["about"]),
            week["state"] if week.get("owner") else None,
            week.get("owner"),
        )
        for week in row.body["weeks"][-WEEKS:]
        if week["about"]
    )


def _passed(labelled: pd.DataFrame, parts: pd.DataFrame) -> date:
    """Return the day after the last that all owners that mostly have a part to tell have passed."""
    weeks = parts[["owner", "week"]].drop_duplicates()
    last = weeks.groupby("owner")["week"].transform("max")
    often = weeks[weeks["week"] > last - _LAST_WEEKS].groupby("owner").size()
    mostly = often.index[often > _LAST_WEEKS // 2]
    latest = labelled[labelled["owner"].isin(mostly)].groupby("owner")["day"].max()
    if latest.empty:
        return date.max
    passed: date = latest[latest >= latest.max() - _LAG].min()
    return passed + timedelta(days=1)


def _parts(labelled: pd.DataFrame, begin: date, settings: Settings) -> pd.DataFrame:
    """Return what each owner registered of each group, week by week: those that may be told."""
    week = (pd.to_datetime(labelled["day"]) - pd.Timestamp(begin)).dt.days // _WEEK.days
    grouped = labelled.assign(week=week).groupby(["owners", "owner", "week"])
    parts = grouped.agg(n=("day", "size"), places=("place", "nunique"), days=("day", "nunique"))
    parts = parts.reset_index()
    floor = parts["owners"].map(lambda owners: max(LEAST, floor_of(owners, settings)))
    lows = np.array([0, *SUM_BANDS])
    parts["low"] = lows[np.searchsorted(lows, parts["n"].to_numpy(), side="right") - 1]
    return parts[
        (parts["week"] >= 0)
        & (parts["low"] >= floor)
        & (parts["places"] >= settings.min_places)
        & (parts["days"] >= settings.min_days)
    ]


def _states(counts: pd.Series, numbers: range) -> dict[int, str]:
    """Judge the weeks of one owner that may be told, of those with enough weeks before them."""
    states: dict[int, str] = {}
    if counts.empty:
        return states
    # From its first week that may be told; later ones that may not are taken to have a few.
    past = counts.reindex(range(counts.index.min(), numbers.stop), fill_value=FEW).astype(float)
    for number in counts.index.intersection(pd.Index(numbers)):
        seen = past.loc[:number].to_numpy()
        expected = expected_ranges(seen, seen).iloc[0]
        if np.isfinite(expected.get("lower_95", np.nan)):
            over, under = seen[-1] > expected["upper_95"], seen[-1] < expected["lower_95"]
            states[int(number)] = "over" if over else "under" if under else "within"
    return states


def _middle(low: int) -> float:
    """Return the figure that a band is calculated with."""
    above = next((one for one in SUM_BANDS if one > low), None)
    return float(low) if above is None else float(np.sqrt(low * (above - 1)))
