"""Make a release of the joint picture: once a month has closed, its bands are fixed for good.

A release holds whole months that have closed, and years of twelve of them. What has been released
is never counted anew: an incident that is registered late is in no month that was told before it,
only in the years that are told after. So nobody can see what one more report did to a band.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.joint_names import carry_names, named_zones
from riskmiljo.situation.periods import zone_of
from riskmiljo.situation.release_audit import Key, System, system_of, withhold_more
from riskmiljo.situation.release_cells import (
    FEWEST_DWELLINGS,
    FEWEST_PLACES,
    cell_of,
    divide,
)
from riskmiljo.situation.release_margins import (
    CELL_SIDE_M,
    MONTH_MARGINS,
    SENSITIVE,
    YEAR_MARGINS,
    count_margins,
    floor_of,
    labels,
    later_month,
    lows_of,
    months_between,
    span_of,
)
from riskmiljo.situation.release_quality import LEAST, release_quality
from riskmiljo.situation.release_record import release_record
from riskmiljo.situation.release_verdicts import release_verdicts
from riskmiljo.situation.release_weeks import release_weeks
from riskmiljo.situation.withheld import PLACE_M
from riskmiljo.store import Store
from riskmiljo.store.releases import CELL_COLUMNS, PERIOD_COLUMNS, ROW_COLUMNS
from riskmiljo.wording import Text

YEAR_MONTHS: Final = 12
REFRESH_DAYS: Final = 7
# Reports come in for some days after a month has ended.
SETTLE_DAYS: Final = 7
# A first release goes no further back: three years to compare.
MOST_MONTHS: Final = 36
# A group of owners that has delivered nothing for longer than this does not hold the others back.
_MOST_LAG_MONTHS: Final = 3
# A group is waited for that had a month to tell in more than half of its last ones, so many: of
# one with few incidents the waiting would tell in which months it had none.
_LAST_MONTHS: Final = 6

_MOST_DAYS: Final = 32

_NOTHING: Final = Text(
    "Det finns ingen avslutad månad med händelser att släppa. En månad släpps "
    "när {d} {d:dag|dagar} gått och senare händelser har lästs in.",
    "There is no closed month with incidents to release. A month is released "
    "when {d} {d:day has|days have} passed and later incidents have been taken "
    "in.",
).fill(d=SETTLE_DAYS)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReleaseMade:
    """What one release added.

    Attributes
    ----------
    release_id
        Its number.
    until
        The first day that it does not hold.
    months, rows
        How many months it added, and how many bands.
    cells
        How many cells there are, of all groups of owners.
    verdicts
        How many operations were judged.
    forecast_weeks
        How many weeks it added to the forecast record.
    """

    release_id: int
    until: date
    months: int
    rows: int
    cells: int
    verdicts: int = 0
    forecast_weeks: int = 0

    @property
    def last_day(self) -> date:
        """The last day that it holds."""
        return self.until - timedelta(days=1)


def release_due(store: Store, *, now: datetime, settings: Settings) -> bool:
    """Ask whether the joint picture should be refreshed.

    Parameters
    ----------
    store
        The store.
    now
        Aware.
    settings
        The installation's settings.

    Returns
    -------
    bool
        True where nothing was released in the last seven days and a month has closed that holds
        incidents.
    """
    latest = store.releases.latest()
    if latest is not None and now - latest.made_at < timedelta(days=REFRESH_DAYS):
        return False
    span = store.span()
    if span is None:
        return False
    tz = zone_of(store, settings)
    return (
        _closed_by(now, tz)
        > _month(pd.Timestamp(span.start), tz)
        < _month(pd.Timestamp(span.end), tz)
    )


def make_release(
    store: Store,
    settings: Settings,
    *,
    now: datetime,
    dwellings: gpd.GeoDataFrame | None = None,
    anew: bool = False,
) -> ReleaseMade:
    """Release every month that has closed since the last release.

    Parameters
    ----------
    store
        Incidents, and what was released before.
    settings
        Whose minimum counts hold.
    now
        Aware.
    dwellings
        One point a dwelling, in the store's reference system; None where they are not known: then
        cells are divided where incidents are known at enough places.
    anew
        Count everything anew, in the cells that there are. What changes can then be seen beside
        what was told before: for corrections, by decision.

    Returns
    -------
    ReleaseMade
        Possibly without a new month.

    Raises
    ------
    NothingFoundError
        If no month has closed.
    """
    if store.span() is None:
        raise NothingFoundError(_NOTHING)
    tz = zone_of(store, settings)
    incidents = store.incidents(Filter(tz=tz))
    # What the delivering authority keeps to certain roles is in no picture for all of them.
    incidents = incidents[incidents["restricted_to"].isna().to_numpy()].reset_index(drop=True)
    if incidents.empty:
        raise NothingFoundError(_NOTHING)
    labelled = labels(incidents, tz=tz)
    last = _last_closed(labelled, now=now, tz=tz)
    first = _month(labelled["at"].min(), tz)
    if last < first:
        raise NothingFoundError(_NOTHING)
    first = max(first, later_month(last, 1 - MOST_MONTHS))
    months = months_between(first, last)
    years = list(range(len(months) - YEAR_MONTHS, -1, -YEAR_MONTHS))
    xy = coordinates(incidents)
    places = np.unique(np.floor(xy / PLACE_M), axis=0) * PLACE_M + PLACE_M / 2
    known = places if dwellings is None else coordinates(dwellings)
    fewest = FEWEST_PLACES if dwellings is None else FEWEST_DWELLINGS
    settled = store.releases.cells()
    earlier = store.releases.periods().iloc[:0] if anew else store.releases.periods()
    before = store.releases.rows().iloc[:0] if anew else store.releases.rows()
    named = named_zones(store, settings)
    cells, periods, rows = [], [], []
    for owners in CELL_SIDE_M:
        mine = (labelled["owners"] == owners).to_numpy()
        if not mine.any():
            continue
        fresh = divide(owners, xy[mine], known, fewest=fewest, settled=settled)
        cells.append(fresh)
        whole = pd.concat([settled[settled["owners"] == owners], fresh], ignore_index=True)
        told, spans = _told(
            labelled[mine],
            cell_of(xy[mine], whole),
            whole,
            months=months,
            years=years,
            settings=settings,
            earlier=earlier[earlier["owners"] == owners],
            before=before[before["owners"] == owners],
            tz=tz,
        )
        rows.append(told)
        periods.append(spans)
    new = pd.concat(periods, ignore_index=True)
    added = pd.concat(rows, ignore_index=True)
    until = later_month(last, 1)
    number = store.releases.add(
        cells=pd.concat(cells, ignore_index=True),
        periods=new,
        rows=added,
        until=span_of(last, 1, tz).end,
        parameters={
            "dwellings": "known" if dwellings is not None else "places",
            "fewest": fewest,
            "floors": [
                settings.min_incidents,
                settings.min_sensitive,
                settings.min_places,
                settings.min_days,
            ],
        },
        anew=anew,
        now=now,
    )
    carry_names(store, settings, named, now=now)
    verdicts = release_verdicts(store, settings, incidents, now=now, tz=tz, anew=anew)
    forecast_weeks = release_record(store, settings, now=now)
    release_quality(store, settings, incidents, last, now=now, tz=tz, anew=anew)
    release_weeks(store, settings, labelled, now=now, tz=tz, anew=anew)
    return ReleaseMade(
        release_id=number,
        until=until,
        months=int(new.loc[_is_month(new), "begins"].nunique()),
        rows=len(added),
        cells=len(settled) + sum(len(one) for one in cells),
        verdicts=verdicts,
        forecast_weeks=forecast_weeks,
    )


def _is_month(periods: pd.DataFrame) -> pd.Series:
    return (periods["ends"] - periods["begins"]).dt.days < _MOST_DAYS


def _month(at: pd.Timestamp, tz: str) -> date:
    stamp = at if at.tzinfo else at.tz_localize("UTC")
    return date(stamp.tz_convert(tz).year, stamp.tz_convert(tz).month, 1)


def _last_closed(labelled: pd.DataFrame, *, now: datetime, tz: str) -> date:
    """Return the last month that has ended, has settled, and that the groups have passed."""
    whose = labelled["owners"]
    month = labelled["at"].dt.tz_convert(tz).dt.tz_localize(None).dt.to_period("M")
    newest = month.max()
    latest = []
    for _, mine in month.groupby(whose):
        last = mine.max()
        per_month = mine[mine > last - _LAST_MONTHS].value_counts()
        often = (per_month >= LEAST).sum() > _LAST_MONTHS // 2
        if often and last >= newest - _MOST_LAG_MONTHS:
            latest.append(last)
    passed = min(latest, default=newest)
    return later_month(min(_closed_by(now, tz), date(passed.year, passed.month, 1)), -1)


def _closed_by(now: datetime, tz: str) -> date:
    """Return the first month that has not ended and settled."""
    settled = (now - timedelta(days=SETTLE_DAYS)).astimezone(ZoneInfo(tz)).date()
    return settled.replace(day=1)


def _told(
    labelled: pd.DataFrame,
    cell: Ints,
    cells: pd.DataFrame,
    *,
    months: list[date],
    years: list[int],
    settings: Settings,
    earlier: pd.DataFrame,
    before: pd.DataFrame,
    tz: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the new rows and the new periods of one group of owners."""
    owners = str(cells["owners"].iloc[0])
    floor = floor_of(owners, settings)
    known = set(zip(earlier["begins"], earlier["ends"], strict=True))
    spans = {(n, 1): span_of(month, 1, tz) for n, month in enumerate(months)}
    for number in range(max(len(months) - YEAR_MONTHS, -1) + 1):
        # The year that ends with the last month, the whole years before it in a first release,
        # and those that were told before and may overlap with it.
        span = span_of(months[number], YEAR_MONTHS, tz)
        last = number + YEAR_MONTHS == len(months)
        if last or (number in years if earlier.empty else (span.start, span.end) in known):
            spans[number, YEAR_MONTHS] = span
    new = [key for key, span in spans.items() if (span.start, span.end) not in known]
    counted = _counted(labelled, cell, spans)
    # Each of several authorities knows its own part of what they are told together.
    authors = labelled["owner"].to_numpy()
    names: list[str] = sorted(set(authors)) if owners == SENSITIVE else []
    parts = [_counted(labelled[authors == one], cell[authors == one], spans) for one in names]
    lows = np.asarray(lows_of(owners, settings))
    may = _enough(counted, int(lows[0]), settings)
    if parts:
        may &= _enough_of_one(counted, parts, int(lows[0]), settings)
    fresh = [key in new for key in zip(counted["first"], counted["length"], strict=True)]
    shown = counted[may.to_numpy() & np.array(fresh, dtype=bool)]
    shown = shown.assign(low=lows[np.searchsorted(lows, shown["n"].to_numpy(), side="right") - 1])
    system = system_of(
        len(months), sorted(n for n, length in spans if length == YEAR_MONTHS), YEAR_MONTHS
    )
    rows = _audited(counted, parts, shown, before, cells, spans, system, floor)
    periods = pd.DataFrame(
        [(owners, spans[key].start, spans[key].end) for key in new], columns=list(PERIOD_COLUMNS)
    )
    for name in ("begins", "ends"):
        periods[name] = pd.to_datetime(periods[name], utc=True)
    return rows, periods


def _counted(
    labelled: pd.DataFrame, cell: Ints, spans: Mapping[tuple[int, int], Period]
) -> pd.DataFrame:
    """Count all margins: the months at once, and year by year, since years may overlap."""
    at = labelled["at"].dt.tz_convert("UTC").to_numpy(dtype="datetime64[us]")
    months = [key for key in spans if key[1] == 1]
    edges = [spans[key].start for key in months] + [spans[months[-1]].end]
    limits = np.array([edge.replace(tzinfo=None) for edge in edges], dtype="datetime64[us]")
    number = np.searchsorted(limits, at, side="right") - 1
    number[number >= len(months)] = -1
    tables = [count_margins(labelled, cell, number, MONTH_MARGINS).assign(length=1)]
    for first, length in (key for key in spans if key[1] == YEAR_MONTHS):
        inside = (number >= first) & (number < first + length)
        tables.append(
            count_margins(labelled, cell, np.where(inside, first, -1), YEAR_MARGINS).assign(
                length=length
            )
        )
    return pd.concat(tables, ignore_index=True).rename(columns={"span": "first"})


def _enough(counted: pd.DataFrame, least: int, settings: Settings) -> pd.Series:
    """Say which counts may be told by themselves."""
    return (
        (counted["n"] >= least)
        & (counted["places"] >= settings.min_places)
        & (counted["days"] >= settings.min_days)
    )


def _enough_of_one(
    counted: pd.DataFrame, parts: list[pd.DataFrame], least: int, settings: Settings
) -> pd.Series:
    """Say where one authority alone has enough.

    Where it took two to reach the minimum, an authority just below it would find from what is not
    told that the others have none.
    """
    keys = ["cell", "first", "length", "margin", "value"]
    every = pd.concat(parts, ignore_index=True)
    of_one = pd.MultiIndex.from_frame(every.loc[_enough(every, least, settings), keys])
    return pd.Series(pd.MultiIndex.from_frame(counted[keys]).isin(of_one), index=counted.index)


def _by_cell(counted: pd.DataFrame, place: Mapping[Key, int]) -> dict[int, Ints]:
    """Return each cell's counts, one a key of the system."""
    counts: dict[int, Ints] = {}
    columns = ["cell", "first", "length", "margin", "value", "n"]
    for cell, first, length, margin, value, n in counted[columns].itertuples(index=False):
        row = counts.setdefault(cell, np.zeros(len(place), dtype=np.int64))
        row[place[first, length, margin, value]] = n
    return counts


def _audited(
    counted: pd.DataFrame,
    parts: list[pd.DataFrame],
    shown: pd.DataFrame,
    before: pd.DataFrame,
    cells: pd.DataFrame,
    spans: Mapping[tuple[int, int], Period],
    system: System,
    floor: int,
) -> pd.DataFrame:
    """Withhold what would give others away, cell by cell, and return rows of the table."""
    place = {key: number for number, key in enumerate(system.keys)}
    by_span = {(span.start, span.end): key for key, span in spans.items()}
    corners = list(zip(cells["x0"].astype(int), cells["y0"].astype(int), strict=True))
    earlier: dict[tuple[int, int], list[tuple[int, int]]] = {}
    columns = ["x0", "y0", "begins", "ends", "margin", "value", "low"]
    for x0, y0, begins, ends, margin, value, low in before[columns].itertuples(index=False):
        told_in = by_span.get((begins, ends))
        if told_in is not None:
            earlier.setdefault((x0, y0), []).append((place[*told_in, margin, value], low))
    counts = _by_cell(counted, place)
    known = [_by_cell(part, place) for part in parts]
    columns = ["cell", "first", "length", "margin", "value", "low"]
    may: dict[int, npt.NDArray[np.float64]] = {}
    for cell, first, length, margin, value, low in shown[columns].itertuples(index=False):
        told = may.setdefault(cell, np.full(len(place), np.nan))
        told[place[first, length, margin, value]] = low
    out: list[tuple[object, ...]] = []
    for cell, told in sorted(may.items()):
        fixed = np.zeros(len(place), dtype=bool)
        for key, low in earlier.get(corners[cell], []):
            told[key], fixed[key] = low, True
        kept = withhold_more(
            system,
            counts[cell],
            told,
            floor=floor,
            fixed=fixed,
            known=[part[cell] for part in known if cell in part],
        )
        named = tuple(cells.iloc[cell][list(CELL_COLUMNS)])
        for number in np.flatnonzero(np.isfinite(kept) & ~fixed):
            first, length, margin, value = system.keys[number]
            span = spans[first, length]
            out.append((*named, span.start, span.end, margin, value, int(kept[number])))
    table = pd.DataFrame(out, columns=list(ROW_COLUMNS))
    for name in ("begins", "ends"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table
