"""What a planner's report to the meeting is made of: gathered in one place, reckoned elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.maps.basemap import basemap_layer
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.settings import Settings
from riskmiljo.situation.calendar import Occasion, occasions
from riskmiljo.situation.category_mix import category_mix, joint_mix
from riskmiljo.situation.joint_news import JointNews, joint_news
from riskmiljo.situation.joint_source import hours_known
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.kept_backtests import KeptBacktest, forecast_record
from riskmiljo.situation.model_choice import KeptChoice, chosen_model
from riskmiljo.situation.operation_cards import OperationCard, operation_cards
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.planner import Overview, planner_overview
from riskmiljo.situation.release_record import ToldRecord, told_record
from riskmiljo.situation.released import released_span
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.tiles_compare import Difference, differences
from riskmiljo.situation.tiles_time import Timeline, timeline
from riskmiljo.situation.withheld import SENSITIVE_SHARE, is_sensitive
from riskmiljo.store import Store
from riskmiljo.wording import Text

COMING_DAYS: Final = 35
BLOCK_WEEKS: Final = 4
_YEAR: Final = timedelta(weeks=52)
_BLOCKS: Final = 13
_MONTHS: Final = 12
_EVER: Final = 1000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the year's cycle.

    Attributes
    ----------
    begins
        Its first local day.
    count, year_before
        Incidents in it, and in the same step a year before; NaN where one is not shown. In the
        joint picture the lower end of the band.
    band, band_before
        In the joint picture what the counts are told as; None otherwise.
    """

    begins: date
    count: float
    year_before: float
    band: Text | None = None
    band_before: Text | None = None


@dataclass(frozen=True)
class ReportFacts:
    """All that a report tells, as a lens shows it.

    Attributes
    ----------
    overview
        The period's picture.
    weeks
        The picture of the 52 weeks that end with the period: what the latest week is held against.
        The same one where the period is as long; None where there is none.
    mix
        Categories: ``category, events, share``; in the joint picture ``band`` too.
    total_band
        In the joint picture what the total is told as; None otherwise.
    total_shown
        Whether the total may be told.
    profile
        Shape (168,): weighted incidents by local hour of the week; zeros where not shown.
    fewest
        From how many incidents a part of the week is shown.
    year_unit
        ``"weeks"`` for blocks of four weeks, ``"months"`` in the joint picture.
    year
        The steps of the last year, oldest first.
    compared
        The other periods, nearest first, each with its differences: the whole area, then zones.
        Periods from before the data began are left out.
    cards
        The operations.
    record, choice
        How good the forecasts have been; None where there is nothing to tell.
    told, month_news
        In the joint picture: what was released of the forecasts, and zones whose latest month
        stands out; None otherwise, and where there is nothing to tell.
    coming
        Events in the weeks to come.
    base
        Water, parks and streets around the zones, metres, with ``kind``; may be empty.
    heat
        Colours and the areas they paint, lightest first.
    made_at
        When the report was gathered, aware.
    """

    overview: Overview
    weeks: Overview | None
    mix: pd.DataFrame = field(repr=False)
    total_band: Text | None
    total_shown: bool
    profile: Floats = field(repr=False)
    fewest: int
    year_unit: str
    year: tuple[Step, ...]
    compared: tuple[tuple[Period, tuple[Difference, ...]], ...]
    cards: tuple[OperationCard, ...]
    record: KeptBacktest | None
    choice: KeptChoice | None
    told: ToldRecord | None
    month_news: JointNews | None
    coming: tuple[Occasion, ...]
    base: gpd.GeoDataFrame = field(repr=False)
    heat: tuple[tuple[str, object], ...] = field(repr=False)
    made_at: datetime


def report_facts(
    store: Store, settings: Settings, lens: Lens, question: Filter, *, now: datetime
) -> ReportFacts:
    """Gather what a report tells.

    Parameters
    ----------
    store
        Where the incidents lie.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents; without a period as `planner_overview` takes it. A period that goes on
        after the data is cut where they end: days without data are no quiet days.
    now
        Aware.

    Returns
    -------
    ReportFacts
        The same for the same store, lens, question and instant.

    Raises
    ------
    NothingFoundError
        If the store is empty or nothing matches.
    InvalidInputError
        If the period holds no whole week.
    """
    joint = lens.scope == "joint"
    if not joint:
        question = _known(store, settings, lens, question)
    overview = planner_overview(store, settings, lens, question, now=now)
    situation = overview.situation
    asked = question.within(situation.period)
    incidents = seen_incidents(store, asked, lens)
    told = situation.surface is not None
    mix = joint_mix(incidents) if joint else category_mix(incidents, lens, tz=situation.tz)
    if joint:
        bands = [sum_band(float(low))[1] for low in mix["events"]]
        mix = mix.assign(band=pd.Series(bands, index=mix.index, dtype=object))
    profile = np.zeros(HOURS_OF_WEEK)
    timed = incidents[hours_known(incidents)] if joint else incidents
    if told and len(timed):
        profile = rhythm(timed, tz=situation.tz).to_numpy(dtype=float)[0]
    record, choice = _forecasts(store, settings, lens, now)
    return ReportFacts(
        overview=overview,
        weeks=_weeks(store, settings, lens, question, overview, now),
        mix=mix if told else mix.iloc[:0],
        total_band=sum_band(float(situation.total))[1] if joint else None,
        total_shown=told,
        profile=profile,
        fewest=_fewest(incidents, lens),
        year_unit="months" if joint else "weeks",
        year=_year(timeline(store, lens, asked), situation.period, situation.tz),
        compared=_compared(store, overview),
        cards=operation_cards(store, lens),
        record=record,
        choice=choice,
        told=told_record(store) if joint and settings.forecasting else None,
        month_news=joint_news(store, situation) if joint else None,
        coming=occasions(store, Period(now, now + timedelta(days=COMING_DAYS)), tz=situation.tz),
        base=_base(overview),
        heat=_heat(overview),
        made_at=now,
    )


def _known(store: Store, settings: Settings, lens: Lens, question: Filter) -> Filter:
    period = question.period
    end = data_end(store, tz=zone_of(store, settings), owners=lens.owners)
    if period is None or not period.start < end < period.end:
        return question
    return replace(question, period=Period(period.start, end))


def _fewest(incidents: gpd.GeoDataFrame, lens: Lens) -> int:
    if lens.scope == "joint":
        return lens.min_incidents
    sensitive = is_sensitive(incidents).mean() > SENSITIVE_SHARE
    return lens.min_sensitive if sensitive else lens.min_incidents


def _weeks(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    overview: Overview,
    now: datetime,
) -> Overview | None:
    period, tz = overview.situation.period, overview.situation.tz
    if lens.scope == "joint" or question.period is None or period.end - period.start >= _YEAR:
        return overview
    end = period.local(tz)[1].date()
    longer = Period.between(end - _YEAR, end, tz=tz)
    try:
        return planner_overview(store, settings, lens, replace(question, period=longer), now=now)
    except (InvalidInputError, NothingFoundError):
        # A report on the record's first days: there is no year to hold the week against.
        return None


def _year(line: Timeline, period: Period, tz: str) -> tuple[Step, ...]:
    """Return the last steps that end with a period, beside those of the year before."""
    end = period.first_and_last_day(tz)[1] + timedelta(days=1)
    known = [n for n, edge in enumerate(line.edges[1:]) if edge <= end]
    if not line.whole:
        known = [n for n in known if n < len(line.counts) - 1]
    if not known:
        return ()
    last = known[-1] + 1
    if line.unit == "month":
        firsts = range(max(0, last - _MONTHS), last)
        return tuple(_month(line, n) for n in firsts)
    edges = [last - BLOCK_WEEKS * n for n in range(_BLOCKS, -1, -1)]
    return tuple(
        Step(
            line.edges[first],
            _summed(line.counts, first, end),
            _summed(line.counts, first - _YEAR.days // 7, end - _YEAR.days // 7),
        )
        for first, end in pairwise(edges)
        if first >= 0
    )


def _month(line: Timeline, n: int) -> Step:
    bands = line.bands or ()
    before = n - _MONTHS
    return Step(
        begins=line.edges[n],
        count=_summed(line.counts, n, n + 1),
        year_before=_summed(line.counts, before, before + 1),
        band=bands[n] if n < len(bands) else None,
        band_before=bands[before] if before >= 0 and bands else None,
    )


def _summed(counts: Sequence[int | None], first: int, end: int) -> float:
    """Return a sum, NaN where one of its parts is not shown or lies before the data."""
    parts = counts[first:end] if first >= 0 else ()
    if not parts or any(part is None for part in parts):
        return float("nan")
    return float(sum(part for part in parts if part is not None))


def _compared(
    store: Store, overview: Overview
) -> tuple[tuple[Period, tuple[Difference, ...]], ...]:
    situation = overview.situation
    joint, owners = situation.lens.scope == "joint", situation.lens.owners
    span = released_span(store) if joint else store.span(owners=owners)
    if span is None:
        return ()
    begins = span.local(situation.tz)[0].date()
    return tuple(
        (before, tuple(differences(store, situation, before)))
        for before in _periods_before(situation.period, situation.tz)
        if before.local(situation.tz)[0].date() >= begins
    )


def _periods_before(period: Period, tz: str) -> list[Period]:
    """Return the period just before and, of a period of at most a year, the year before's."""
    start, end = (instant.date() for instant in period.local(tz))
    # The end of a period that ends within a day is that day's own.
    end = max(end, start + timedelta(days=1))
    if start.day == end.day == 1:
        months = 12 * (end.year - start.year) + end.month - start.month
        pairs = [(_moved(start, -months), start), (_moved(start, -12), _moved(end, -12))]
        year = months == _MONTHS
    else:
        pairs = [(start - (end - start), start), (start - _YEAR, end - _YEAR)]
        year = end - start == _YEAR
    if year or pairs[1][1] > start:
        # The two are the same, or the year before would overlap.
        pairs = pairs[:1]
    return [Period.between(first, last, tz=tz) for first, last in pairs]


def _moved(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _forecasts(
    store: Store, settings: Settings, lens: Lens, now: datetime
) -> tuple[KeptBacktest | None, KeptChoice | None]:
    # Both are reckoned from single incidents.
    if not settings.forecasting or lens.scope == "joint":
        return None, None
    record = forecast_record(store, lens, weeks=_EVER)
    # What was tested on more owners' incidents than the reader may see is not theirs.
    if record is not None and not set(record.parameters["owners"]) <= lens.owners:
        record = None
    return record, chosen_model(store, now, owners=lens.owners, least=lens.fewest)


def _base(overview: Overview) -> gpd.GeoDataFrame:
    situation = overview.situation
    zones = situation.zones
    empty = gpd.GeoDataFrame({"kind": []}, geometry=[], crs=zones.crs)
    if zones.empty or zones.crs is None:
        return empty
    bounds = zones.to_crs(4326).total_bounds
    # As wide again on every side: the frame of the paper is not that of the zones.
    wide, tall = max(bounds[2] - bounds[0], 0.02), max(bounds[3] - bounds[1], 0.01)
    west, south, east, north = (
        bounds[0] - wide, bounds[1] - tall, bounds[2] + wide, bounds[3] + tall
    )  # fmt: skip
    layer, _ = basemap_layer((west, south, east, north), streets=situation.streets)
    if not layer["features"]:
        return empty
    return gpd.GeoDataFrame.from_features(layer["features"], crs=4326).to_crs(zones.crs)


def _heat(overview: Overview) -> tuple[tuple[str, object], ...]:
    surface = overview.situation.surface
    if surface is None:
        return ()
    colours = {one.lower: one.colour for one in DENSITY_CLASSES}
    bands = surface.contours(BREAKS)
    return tuple(
        (colours[lower], shape) for lower, shape in zip(bands["lower"], bands.geometry, strict=True)
    )
