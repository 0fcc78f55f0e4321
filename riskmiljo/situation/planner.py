"""What a planner follows from week to week: expected and seen, what is new, how good data are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.warning import early_warning, expected_ranges
from riskmiljo.analysis.weekly import weekly_counts
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.build import Situation, build_situation
from riskmiljo.situation.data_quality import Quality, data_quality, delivered_rows
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.release_quality import told_quality
from riskmiljo.situation.release_weeks import ToldWeek, told_weeks
from riskmiljo.situation.released import released_months
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.standing import kept_zones
from riskmiljo.situation.withheld import SENSITIVE_SHARE, is_sensitive, told_groups
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones import assign_zones

Floats = npt.NDArray[np.float64]

WEEKS: Final = 24
AREA_WEEKS: Final = 12
BLOCK_WEEKS: Final = 4
_ALL: Final = 0
_WEEK_DAYS: Final = 7
_NO_WEEK: Final = Text(
    "Händelserna täcker ingen hel vecka än, så det finns ingen vecka att berätta om. Välj fler "
    "slag av händelser, eller läs in fler.",
    "The incidents do not reach over a whole week yet, so there is no week to tell of. Choose more "
    "kinds of incidents, or import more.",
)
_UNTOLD: Final = Quality(None, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class ZoneWeeks:
    """A zone's last weeks.

    Attributes
    ----------
    zone_id
        Which zone.
    step
        Weeks in each count: 1, or 4 where most single weeks may not be shown.
    counts
        Oldest first, None where the lens does not show it; none at all looks the same.
    verdict
        The latest week's, as of `early_warning`; None where it was not judged.
    this_week
        Its count; None where it is not shown.
    expected, lower, upper
        What its past leads to expect, with the 95 % interval; None where it is not told.
    """

    zone_id: str
    step: int
    counts: tuple[int | None, ...]
    verdict: str | None
    this_week: int | None
    expected: float | None
    lower: int | None
    upper: int | None


@dataclass(frozen=True, slots=True)
class ZoneNews:
    """What became of a zone.

    Attributes
    ----------
    zone_id, name
        Which zone.
    status
        ``new``, ``growing`` or ``ceased``.
    """

    zone_id: str
    name: str
    status: str


@dataclass(frozen=True)
class News:
    """What has changed among the standing zones.

    Attributes
    ----------
    since
        The end of the former set's period (UTC); None while only one set is kept.
    zones
        New, growing and ceased, in this order; those that the lens shows.
    """

    since: datetime | None
    zones: tuple[ZoneNews, ...]


@dataclass(frozen=True)
class Overview:
    """The planner's picture.

    Attributes
    ----------
    situation
        The picture that it is about.
    area
        One row a week, oldest first: ``begins`` (local day), ``count`` (NaN where the lens does not
        show it), ``expected``, ``lower``, ``upper`` (95 %; NaN for a record too short). In the
        joint picture one row a month: ``count`` is the low end of ``band``, which is its words, of
        the incidents in cells that could be released.
    week
        First and last local day of the latest week.
    weeks
        First local days of the weeks that `zones` tell of, oldest first.
    zones
        By zone id.
    news
        What has changed among the zones.
    quality
        Of the incidents of the period; in the joint picture what was released of all incidents.
    quality_of
        The period that the quality is about; None where nothing has been released.
    told_weeks
        In the joint picture of all incidents the last released weeks, oldest first.
    """

    situation: Situation
    area: pd.DataFrame = field(repr=False)
    week: tuple[date, date]
    weeks: tuple[date, ...]
    zones: dict[str, ZoneWeeks]
    news: News
    quality: Quality
    quality_of: Period | None
    told_weeks: tuple[ToldWeek, ...] = ()


def planner_overview(
    store: Store, settings: Settings, lens: Lens, question: Filter, *, now: datetime
) -> Overview:
    """Gather what a planner follows.

    Parameters
    ----------
    store
        Where the incidents lie.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents. Without a period the whole record tells what is to be expected; with one,
        its last week is compared with the rest of it.
    now
        Aware.

    Returns
    -------
    Overview
        Possibly without zones.

    Raises
    ------
    NothingFoundError
        If the store is empty, nothing matches, or what matches does not reach over one week.
    InvalidInputError
        If the period holds no whole week.
    """
    situation = build_situation(store, settings, lens, question, now=now)
    if lens.scope == "joint":
        return _joint_overview(situation, store)
    incidents = seen_incidents(store, question, lens)
    zone = ZoneInfo(situation.tz)
    end = situation.period.end.astimezone(zone).date()
    first = question.period.local(situation.tz)[0].date() if question.period else None
    if first is None and (end - _first_day(incidents, zone)).days < _WEEK_DAYS:
        raise NothingFoundError(_NO_WEEK)
    begins = tuple(end - timedelta(days=7 * n) for n in range(WEEKS, 0, -1))
    within = incidents["occurred_from"].between(
        situation.period.start, situation.period.end, inclusive="left"
    )
    return Overview(
        situation=situation,
        area=_area_weeks(incidents, lens, end, first, situation.tz),
        week=(end - timedelta(days=7), end - timedelta(days=1)),
        weeks=begins,
        zones=_zone_weeks(situation, incidents, lens, end, first),
        news=zone_news(store, lens, tz=situation.tz),
        quality=data_quality(
            incidents[within],
            lens,
            delivered=delivered_rows(store, lens.owners, situation.period),
        ),
        quality_of=situation.period,
    )


def _joint_overview(situation: Situation, store: Store) -> Overview:
    """Return what released months and weeks tell."""
    months = released_months(store, situation.question, situation.period)
    table = pd.DataFrame(
        {
            "begins": [month.local(situation.tz)[0].date() for month, _ in months],
            "count": [float(sum_band(about)[0]) if about else np.nan for _, about in months],
            "band": [sum_band(about)[1] if about else None for _, about in months],
        }
    ).assign(expected=np.nan, lower=np.nan, upper=np.nan)
    first, last = situation.period.first_and_last_day(situation.tz)
    if months:
        first, last = months[-1][0].first_and_last_day(situation.tz)
    told = told_quality(store)
    whole = replace(situation.question, period=None) == Filter(tz=situation.question.tz)
    return Overview(
        situation=situation,
        area=table,
        week=(first, last),
        weeks=(),
        zones={},
        news=News(None, ()),
        quality=_UNTOLD if told is None else told.quality,
        quality_of=None if told is None else told.period,
        told_weeks=told_weeks(store) if whole else (),
    )


def _first_day(incidents: gpd.GeoDataFrame, zone: ZoneInfo) -> date:
    earliest: pd.Timestamp = incidents["occurred_from"].min()
    return earliest.tz_convert(zone).date()


def standing_zones(store: Store, lens: Lens, *, tz: str) -> gpd.GeoDataFrame | None:
    """Return the standing zones that a lens shows.

    Parameters
    ----------
    store
        Where zones and incidents lie.
    lens
        Whose incidents are counted in them.
    tz
        The zone of local days.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As `Store.zones`; None while none are kept.
    """
    zones = kept_zones(store, lens)
    if zones is None or zones.empty:
        return None
    start, end = (datetime.fromisoformat(text) for text in zones.attrs["period"])
    incidents = seen_incidents(store, Filter(period=Period(start, end), tz=tz), lens)
    member = assign_zones(incidents, zones)
    told = told_groups(incidents[member.notna()], member.dropna(), lens, tz=tz)
    shown: gpd.GeoDataFrame = zones[zones["zone_id"].isin(told.index[told["shown"]])]
    return shown.reset_index(drop=True)


def zone_news(store: Store, lens: Lens, *, tz: str) -> News:
    """Tell what has become of the standing zones since the set before.

    Parameters
    ----------
    store
        Where the sets are kept.
    lens
        What the reader may see.
    tz
        The zone of local days.

    Returns
    -------
    News
        Of all incidents that the lens shows, whatever a page is filtered by.
    """
    if lens.scope == "joint":
        return News(None, ())
    history = store.zone_history(owners=lens.owners)
    history = history[history["parent_id"] == ""]
    sets = sorted(history["set_id"].unique())
    if len(sets) < 2:  # noqa: PLR2004 - one set has nothing to be compared with
        return News(None, ())
    former, latest = (history[history["set_id"] == number] for number in sets[-2:])
    zones = standing_zones(store, lens, tz=tz)
    shown = set() if zones is None else set(zones["zone_id"])
    told = [
        ZoneNews(str(row.zone_id), str(row.name), word)
        for word in ("new", "growing")
        for row in latest[latest["status"] == word][["zone_id", "name"]].itertuples(index=False)
        if row.zone_id in shown
    ]
    # Of a zone that is gone only its whole count is kept: the higher minimum holds.
    gone = former[~former["zone_id"].isin(latest["zone_id"])]
    gone = gone[gone["events"] >= max(lens.min_incidents, lens.min_sensitive)]
    told += [
        ZoneNews(str(row.zone_id), str(row.name), "ceased")
        for row in gone[["zone_id", "name"]].itertuples(index=False)
    ]
    return News(former["period_end"].iloc[0].to_pydatetime(), tuple(told))


def _area_weeks(
    incidents: gpd.GeoDataFrame, lens: Lens, end: date, first: date | None, tz: str
) -> pd.DataFrame:
    series = weekly_counts(incidents, now=end, since=first, tz=tz)
    whole = series.to_numpy(dtype=float)[0]
    number = min(AREA_WEEKS, len(whole))
    # Each week is judged by what was known when it began.
    expected = pd.concat(
        [
            expected_ranges(whole[: len(whole) - back], whole[: len(whole) - back])
            for back in range(number - 1, -1, -1)
        ],
        ignore_index=True,
    )
    expected = expected.reindex(columns=["expected", "lower_95", "upper_95"]).astype(float)
    alone = pd.Series(_ALL, index=incidents.index)
    shown = _shown_counts(incidents, alone, [_ALL], lens, end, tz, step=1, blocks=number)[0]
    outside = np.isnan(shown) & ~(
        (whole[-number:] >= expected["lower_95"].to_numpy())
        & (whole[-number:] <= expected["upper_95"].to_numpy())
    )
    table = pd.DataFrame(
        {
            "begins": list(series.columns[-number:]),
            "count": shown,
            "expected": expected["expected"].to_numpy(),
            "lower": expected["lower_95"].to_numpy(),
            "upper": expected["upper_95"].to_numpy(),
        }
    )
    # Out of its range and yet too few to be shown: the range would tell the number.
    table.loc[outside, ["lower", "upper"]] = np.nan
    return table


def _zone_weeks(
    situation: Situation,
    incidents: gpd.GeoDataFrame,
    lens: Lens,
    end: date,
    first: date | None,
) -> dict[str, ZoneWeeks]:
    ids = [str(zone_id) for zone_id in situation.zones["zone_id"]]
    if not ids:
        return {}
    member = assign_zones(incidents, situation.zones)
    weekly = _shown_counts(
        incidents, member, ids, lens, end, situation.tz, step=1, blocks=WEEKS, together=BLOCK_WEEKS
    )
    longer = _shown_counts(
        incidents, member, ids, lens, end, situation.tz,
        step=BLOCK_WEEKS, blocks=WEEKS // BLOCK_WEEKS,
    )  # fmt: skip
    # Of the zones of this very picture: the standing ones may have other outlines.
    within = member.where(member.isin(ids))
    table = early_warning(incidents, within, now=end, since=first, tz=situation.tz)
    judged: dict[Any, Any] = table.to_dict("index")
    zones = {}
    for n, zone_id in enumerate(ids):
        fine = np.isfinite(weekly[n]).mean() >= 0.5  # noqa: PLR2004 - half of them
        row = judged.get(zone_id)
        this_week = _whole(weekly[n, -1])
        # A count outside its range, or in one of a single number, is told by the range.
        telling = row is not None and (
            row["verdict"] in ("alarm", "above", "below") or row["lower_95"] == row["upper_95"]
        )
        told = row is not None and not (this_week is None and telling)
        zones[zone_id] = ZoneWeeks(
            zone_id=zone_id,
            step=1 if fine else BLOCK_WEEKS,
            counts=tuple(_whole(value) for value in (weekly if fine else longer)[n]),
            verdict=None if row is None else str(row["verdict"]),
            this_week=this_week,
            expected=None if row is None or np.isnan(row["expected"]) else float(row["expected"]),
            lower=_whole(row["lower_95"]) if told and row is not None else None,
            upper=_whole(row["upper_95"]) if told and row is not None else None,
        )
    return zones


def _shown_counts(
    incidents: gpd.GeoDataFrame,
    member: pd.Series,
    names: list[str] | list[int],
    lens: Lens,
    end: date,
    tz: str,
    *,
    step: int,
    blocks: int,
    together: int = 0,
) -> Floats:
    """Return counts by zone and block of weeks, NaN where they may not be shown.

    Shape (zones, blocks). Where a sum over ``together`` blocks (0: all) is told elsewhere, what is
    withheld in it is two blocks or more, and together no small count.
    """
    days = incidents["occurred_from"].dt.tz_convert(tz).dt.tz_localize(None)
    past = (np.datetime64(end, "D") - days.to_numpy().astype("datetime64[D]")).astype(np.int64)
    block = blocks - 1 - (past - 1) // (7 * step)
    number = pd.Index(names).get_indexer(pd.Index(member))
    counted = (past >= 1) & (block >= 0) & (number >= 0)
    counts = np.zeros((len(names), blocks))
    shown = np.zeros(counts.shape, dtype=bool)
    floor = np.full(len(names), lens.min_incidents)
    if counted.any():
        chosen = incidents[counted]
        told = told_groups(chosen, number[counted] * blocks + block[counted], lens, tz=tz)
        at = told.index.to_numpy(dtype=np.int64)
        counts.ravel()[at] = told["events"]
        shown.ravel()[at] = told["shown"]
        share = is_sensitive(chosen).groupby(number[counted]).mean()
        strict = share.index[share > SENSITIVE_SHARE].to_numpy(dtype=np.int64)
        floor[strict] = lens.min_sensitive
    width = together or blocks
    for row, seen, least in zip(counts, shown, floor, strict=True):
        for first in range(0, blocks, width):
            _hide_more(row[first : first + width], seen[first : first + width], int(least))
    counts[~shown] = np.nan
    return counts


def _hide_more(counts: Floats, shown: npt.NDArray[np.bool_], least: int) -> None:
    """Hide the smallest shown counts until the hidden ones cannot be had from the sum of all."""
    while shown.any() and not shown.all():
        hidden = ~shown
        if hidden.sum() > 1 and counts[hidden].sum() >= least:
            return
        smallest = np.flatnonzero(shown)[np.argmin(counts[shown])]
        shown[smallest] = False


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None
