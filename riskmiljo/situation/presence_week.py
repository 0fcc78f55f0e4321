"""The presence week: where and when adults are worth most, in one week, through one lens."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import EVERY_OWNER, Lens
from riskmiljo.analysis.presence_gap import (
    PRIOR_EVENTS,
    best_windows,
    concerns_young,
    presence_gap,
    prior_worth,
)
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Plan
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.settings import Settings
from riskmiljo.situation.calendar import Occasion, occasions
from riskmiljo.situation.calendar_effect import OccasionEffect, Past, occasion_effect
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.presence_adults import Companion, adults_of_week, companions_of
from riskmiljo.situation.presence_places import CoarsePlaces, coarse_places
from riskmiljo.situation.presence_slots import (
    ToldSlots,
    hours_of,
    slots_of,
    strict,
    told_by_hour,
    told_slots,
)
from riskmiljo.situation.released import map_version, released_answer
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.withheld import told_groups
from riskmiljo.store import Store
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Three springs: an event that comes once a year needs earlier years to be told by.
HISTORY_WEEKS: Final = 156
WINDOW_H: Final = 3
BEST: Final = 5
_MOST_OCCASIONS: Final = 40
# A longer interval does not even tell the part of the day.
_LONGEST_H: Final = 6
# Fewer without a known time than this need no word.
_FEW: Final = 0.05
# One for each kind of view at work; of a million incidents one is some hundred megabytes.
_REMEMBERED: Final = 4
_DAY_H: Final = 24
_HOUR: Final = np.timedelta64(1, "h")
_LEAST: Final = timedelta(hours=1)
_FIGURES: Final = (
    "need", "need_lower", "need_upper", "adult_minutes", "uncovered", "gap", "gap_lower",
    "gap_upper", "times",
)  # fmt: skip

_NO_PRESENCE: Final = Text(
    "Ingen närvaro är känd: glappet är hela behovet. Läs in närvaro eller fyll i loggen.",
    "No presence is known: the gap is the whole need. Take in presence or fill in the log.",
)
_MORE_ON: Final = Text(
    "{m} av veckans {n} {n:händelse|händelser} i kalendern visas, de första.",
    "{m} of the week's {n} {n:event|events} of the calendar {m:is|are} shown, the first ones.",
)
_UNTIMED: Final = Text(
    "{p} % av händelserna har ingen säker tid på dagen; de antas fördelade som de andra.",
    "{p}% of the incidents have no certain time of day; they are taken to fall as the others.",
)
_NOT_HOURLY: Final = Text(
    "Tiderna är för grova för enskilda timmar: timmar visas i grupp.",
    "The times are too coarse for single hours: hours are shown in groups.",
)


@dataclass(frozen=True, slots=True)
class Happening:
    """An occasion of the week, and what earlier ones brought.

    Attributes
    ----------
    occasion
        What is on.
    effect
        None where there is no earlier data that may be told.
    """

    occasion: Occasion
    effect: OccasionEffect | None


@dataclass(frozen=True, slots=True)
class BestWindow:
    """A place and hours where presence is worth most.

    Attributes
    ----------
    place
        Its name.
    start
        Hour of the week, Monday 00:00 is 0.
    hours
        How many.
    need, lower, upper
        Expected incidents in these hours, with the 95 % interval.
    gap
        Of them, those while no adult is there.
    covered
        Share of the need while an adult is there, 0 to 1.
    adult_minutes
        Adult minutes an hour.
    occasions
        What is on there and then.
    companions
        Who else is planned to be there then.
    """

    place: str
    start: int
    hours: int
    need: float
    lower: float
    upper: float
    gap: float
    covered: float
    adult_minutes: float
    occasions: tuple[Happening, ...]
    companions: tuple[Companion, ...]


@dataclass(frozen=True)
class PresenceWeek:
    """What the page shows.

    Attributes
    ----------
    week
        Local Monday to Monday.
    tz
        The zone of its hours.
    place
        The place that the hours are of; empty for the whole area.
    places
        The places that can be chosen: those with enough to be told.
    hours
        168 rows, Monday 00:00 first: ``level`` (0 the hour itself, 1 and 2 grouped with other
        hours, -1 not shown), ``group`` and the columns of `presence_gap`, with ``times`` for what
        an occasion multiplies it by; NaN where not shown. Per hour.
    best
        The best windows of all places among the hours still to come, the best first.
    happenings
        What is on, earliest first.
    companions
        Who else is planned to be out.
    need_period, presence_period
        What the need and the usual presence rest on; the second None while none is known.
    as_of
        Where the incidents end.
    notes
        What a reader must know.
    simulated
        Whether the data are simulated.
    banded
        Whether the figures rest on the bands of the joint picture, and are told as bands.
    past_h
        How many of the week's hours, from Monday 00:00 on, are over.
    """

    week: Period
    tz: str
    place: str
    places: tuple[str, ...]
    hours: pd.DataFrame = field(repr=False)
    best: tuple[BestWindow, ...]
    happenings: tuple[Happening, ...]
    companions: tuple[Companion, ...]
    need_period: Period
    presence_period: Period | None
    as_of: datetime
    notes: tuple[Text, ...]
    simulated: bool
    banded: bool = False
    past_h: int = 0


@dataclass(frozen=True)
class _Need:
    """What the need rests on, the same for every week."""

    past: Past
    squares: CoarsePlaces
    cell: Ints
    # Of ordinary weeks: which incidents, and how many hours of each hour of the week.
    usual: npt.NDArray[np.bool_]
    exposure: Ints
    whole: ToldSlots
    by_place: dict[int, ToldSlots]
    # What makes up for incidents without a certain time of day.
    scale: float
    as_of: datetime
    notes: tuple[Text, ...]


_cache: OrderedDict[tuple[Any, ...], _Need] = OrderedDict()
_lock: Final = threading.Lock()


def presence_week(
    store: Store,
    settings: Settings,
    lens: Lens,
    week: Period,
    *,
    now: datetime,
    place: str = "",
    plans: tuple[Plan, ...] = (),
) -> PresenceWeek:
    """Return where and when in a week the presence of adults is worth most.

    Parameters
    ----------
    store
        Incidents, presence and calendar.
    settings
        The installation's settings.
    lens
        What the reader may see; the higher minimum count holds for all, as it is of the young.
    week
        Local Monday to Monday.
    now
        Aware.
    place
        One of the places, for its hours; empty for the whole area.
    plans
        Shift plans that the reader may know of.

    Returns
    -------
    PresenceWeek
        Per kind of crew the largest of its usual, planned and logged presence counts.

    Raises
    ------
    NothingFoundError
        If the store is empty, or nothing of young people or unease may be told.
    InvalidInputError
        If the place is not among those that can be chosen.
    """
    tz = zone_of(store, settings)
    known = _need(store, settings, lens, tz)
    names = known.squares.names
    told = [
        number for number in sorted(known.by_place) if (known.by_place[number].level >= 0).any()
    ]
    if place and place not in [names[number] for number in told]:
        raise InvalidInputError(
            Text(
                "plats: {p!r} finns inte eller har för lite underlag för att visas.",
                "plats: there is no {p!r}, or it has too little to be shown.",
            ).fill(p=place[:60])
        )
    coming = [one for one in occasions(store, week, tz=tz) if one.ends > week.start]
    happenings = tuple(
        Happening(one, occasion_effect(known.past, one, lens, np.ones(len(known.cell), dtype=bool)))
        for one in coming[:_MOST_OCCASIONS]
    )
    presence, span = adults_of_week(store, known.squares, week, plans, now=now, tz=tz)
    companions = companions_of(plans, week, known.squares)
    whole = _hours(known, None, presence, happenings, week, lens)
    tables = {
        number: _hours(known, number, presence, happenings, week, lens, belief=whole)
        for number in told
    }
    chosen = whole if not place else tables[names.index(place)]
    past_h = past_hours(week, now, tz)
    notes = known.notes if span is not None else (*known.notes, _NO_PRESENCE)
    if len(coming) > _MOST_OCCASIONS:
        notes = (*notes, _MORE_ON.fill(m=_MOST_OCCASIONS, n=len(coming)))
    return PresenceWeek(
        week=week,
        tz=tz,
        place=place,
        places=tuple(names[number] for number in told),
        hours=_without_untold(chosen),
        best=_best(tables, names, happenings, companions, week, tz, past_h),
        happenings=happenings,
        companions=companions,
        need_period=known.past.period,
        presence_period=span,
        as_of=known.as_of,
        notes=notes,
        simulated=store.flag("simulated") is not None,
        banded=lens.scope == "joint",
        past_h=past_h,
    )


def _need(store: Store, settings: Settings, lens: Lens, tz: str) -> _Need:
    """Return what the need rests on; the latest are remembered."""
    key = (store.url, map_version(store, joint=lens.scope == "joint"), lens.key, tz)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    made = _read_need(store, settings, lens, tz)
    with _lock:
        _cache[key] = made
        while len(_cache) > _REMEMBERED:
            _cache.popitem(last=False)
    return made


def _read_need(store: Store, settings: Settings, lens: Lens, tz: str) -> _Need:
    joint = lens.scope == "joint"
    question = Filter(tz=tz)
    period = released_answer(store, question).period if joint else _history(store, lens, tz)
    incidents = seen_incidents(store, question if joint else question.within(period), lens)
    young = incidents[concerns_young(incidents)].reset_index(drop=True)
    timed = young["occurred_to"] - young["occurred_from"] <= pd.Timedelta(hours=_LONGEST_H)
    untimed = 1.0 - float(timed.mean()) if len(young) else 0.0
    young = young[timed].reset_index(drop=True)
    everyone = np.zeros(len(young), dtype=np.int64)
    floor = strict(lens)
    if not len(young) or not told_groups(young, everyone, floor, tz=tz)["shown"].all():
        raise NothingFoundError(
            Text(
                "För lite är känt om unga och otrygghet för att visas: minst {n} "
                "{n:händelse|händelser} på {p} {p:plats|platser} och {d} {d:dag|dagar} "
                "behövs.",
                "Too little is known of young people and unease to be shown: at least {n} "
                "{n:incident|incidents} at {p} {p:place|places} on {d} {d:day is|days are} "
                "needed.",
            ).fill(n=floor.min_incidents, p=floor.min_places, d=floor.min_days)
        )
    crs = store.area()
    epsg = settings.epsg if crs is None else crs.epsg
    xy = coordinates(young)
    squares = coarse_places(xy, read_gazetteer(settings.gazetteer, crs=epsg))
    cell = squares.find(xy)
    slots, exact = slots_of(young, tz)
    # The days of the joint picture are no real ones: nothing can be laid against them.
    on = () if joint else occasions(store, period, tz=tz)
    past = Past(young, slots, period, on, tz)
    usual, exposure = past.ordinary()
    ordinary = young[usual]
    whole = told_slots(ordinary, slots[usual], exact[usual], everyone[usual], lens, tz=tz)
    owner = squares.place[cell[usual]]
    by_place = told_slots(ordinary, slots[usual], exact[usual], owner, lens, tz=tz)
    if 0 not in whole:
        raise NothingFoundError(
            Text("Inget hände i vanliga veckor.", "Nothing happened in ordinary weeks.")
        )
    notes = [_NOT_HOURLY] if joint or not told_by_hour(exact[usual]) else []
    if untimed >= _FEW:
        notes.append(_UNTIMED.fill(p=round(100 * untimed)))
    return _Need(
        past=past,
        squares=squares,
        cell=cell,
        usual=usual,
        exposure=exposure,
        whole=whole[0],
        by_place=by_place,
        scale=1.0 / (1.0 - untimed),
        as_of=period.end,
        notes=tuple(notes),
    )


def _history(store: Store, lens: Lens, tz: str) -> Period:
    """Return the time looked back on, no longer than the data that the lens shows."""
    # What others' records hold before or after is no time without incidents.
    span = store.span(owners=lens.owners)
    end = data_end(store, tz=tz, owners=EVERY_OWNER if span is None else lens.owners)
    first = end - timedelta(weeks=HISTORY_WEEKS)
    return Period(first if span is None else max(first, span.start), end)


def _hours(
    known: _Need,
    number: int | None,
    presence: dict[str, tuple[Floats, Floats]],
    happenings: tuple[Happening, ...],
    week: Period,
    lens: Lens,
    *,
    belief: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the 168 hours of a place, or of the whole area for None."""
    slots = known.whole if number is None else known.by_place[number]
    mine = np.flatnonzero(
        np.ones(len(known.squares.cells), dtype=bool)
        if number is None
        else known.squares.place == number
    )
    at = np.full(len(known.squares.cells), -1, dtype=np.int64)
    at[mine] = np.arange(len(mine))
    among = at[known.cell] >= 0
    counted = among & known.usual
    events = np.zeros((len(mine), HOURS_OF_WEEK))
    np.add.at(events, (at[known.cell[counted]], known.past.slots[counted]), 1.0)
    together = slots.together()
    size = np.round(1 / together.max(axis=0))
    # Hours that are told as one share their incidents and the hours counted in.
    pooled = events @ together * size
    hours = known.exposure @ together * size
    adults = np.zeros_like(events)
    for usual, certain in presence.values():
        adults += np.maximum(usual[mine] @ together, certain[mine])
    # The mean of all hours, each counted once: hours that are told as one stand there many times.
    prior = np.full(HOURS_OF_WEEK, events.sum() / max(known.exposure.sum(), 1))
    worth = prior_worth(events.sum(axis=0), known.exposure)
    if belief is not None:
        worth = PRIOR_EVENTS
        # The place's own level in the rhythm of the whole area.
        rhythm = belief["base"].to_numpy() @ together
        level = known.exposure @ belief["base"].to_numpy()
        prior = rhythm * events.sum() / level if level > 0 else prior
    table = presence_gap(pooled, hours, adults, prior=prior, prior_events=worth)
    table["base"] = table["need"]
    times = _times(known, among, happenings, week, lens) * known.scale
    for ending, factor in zip(("", "_lower", "_upper"), times, strict=True):
        table[f"need{ending}"] *= factor
        table[f"gap{ending}"] *= factor
    table["times"] = times[0] / known.scale
    table["level"] = slots.level
    table["group"] = slots.group
    return table


def _times(
    known: _Need,
    among: npt.NDArray[np.bool_],
    happenings: tuple[Happening, ...],
    week: Period,
    lens: Lens,
) -> Floats:
    """Return what each hour of the week is multiplied by for what is on; the briefest wins.

    Shape (3, 168): the best estimate, and the ends of its interval. Taken times the ends of the
    need's own interval they make one that is rather too wide than too narrow.
    """
    times = np.ones((3, HOURS_OF_WEEK))
    for happening in sorted(happenings, key=lambda one: -one.occasion.days):
        if happening.effect is None:
            continue
        own = occasion_effect(known.past, happening.occasion, lens, among)
        starts, slots = hours_of(week, known.past.tz)
        begins, ends = _span(happening.occasion)
        first, last = (
            np.datetime64(moment.replace(tzinfo=None), "us") for moment in (begins, ends)
        )
        on = (starts + _HOUR > first) & (starts < last)
        effect = own or happening.effect
        times[:, slots[on]] = np.array([[effect.times], [effect.lower], [effect.upper]])
    return times


def _span(occasion: Occasion) -> tuple[datetime, datetime]:
    """Return when it is on; what has no length takes its hour."""
    return occasion.begins, max(occasion.ends, occasion.begins + _LEAST)


def _without_untold(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.drop(columns="base")
    shown.loc[shown["level"] < 0, list(_FIGURES)] = np.nan
    return shown


def _best(
    tables: dict[int, pd.DataFrame],
    names: tuple[str, ...],
    happenings: tuple[Happening, ...],
    companions: tuple[Companion, ...],
    week: Period,
    tz: str,
    past_h: int,
) -> tuple[BestWindow, ...]:
    """Return the best windows among the hours that are not over: advice is never of the past."""
    numbers = list(tables)
    if not numbers:
        return ()
    gaps = np.array([np.where(tables[n]["level"] >= 0, tables[n]["gap"], np.nan) for n in numbers])
    gaps[:, :past_h] = np.nan
    found = best_windows(gaps, length_h=WINDOW_H, most=BEST)
    best = []
    for place, start in zip(found["place"].astype(int), found["start"].astype(int), strict=True):
        number = numbers[place]
        part = tables[number].iloc[start : start + WINDOW_H]
        begins, ends = window_span(week, start, WINDOW_H, tz)
        best.append(
            BestWindow(
                place=names[number],
                start=start,
                hours=WINDOW_H,
                need=float(part["need"].sum()),
                lower=float(part["need_lower"].sum()),
                upper=float(part["need_upper"].sum()),
                gap=float(part["gap"].sum()),
                covered=1.0 - float(part["gap"].sum() / part["need"].sum()),
                adult_minutes=float(part["adult_minutes"].mean()),
                occasions=tuple(
                    one
                    for one in happenings
                    if _span(one.occasion)[0] < ends and _span(one.occasion)[1] > begins
                ),
                companions=tuple(
                    one
                    for one in companions
                    if one.place == names[number] and one.begins < ends and one.ends > begins
                ),
            )
        )
    return tuple(best)


def past_hours(week: Period, now: datetime, tz: str) -> int:
    """Return how many of a week's hours are over.

    Parameters
    ----------
    week
        Local Monday to Monday.
    now
        Aware.
    tz
        The zone of the clock.

    Returns
    -------
    int
        0 to 168, by the clock; the hour that is running is not over.
    """
    if now < week.start:
        return 0
    if now >= week.end:
        return HOURS_OF_WEEK
    local = now.astimezone(ZoneInfo(tz))
    return local.weekday() * _DAY_H + local.hour


def window_span(week: Period, start: int, hours: int, tz: str) -> tuple[datetime, datetime]:
    """Return when hours of a week begin and end.

    Parameters
    ----------
    week
        Local Monday to Monday.
    start
        Hour of the week, by the clock.
    hours
        How many hours later they end, by the clock.
    tz
        The zone of the clock.

    Returns
    -------
    tuple of datetime
        UTC. In the night when the clock is moved they may be an hour longer or shorter.
    """
    monday = week.local(tz)[0]
    zone = monday.tzinfo
    plain = monday.replace(tzinfo=None)
    first, last = (
        (plain + timedelta(hours=at)).replace(tzinfo=zone).astimezone(week.start.tzinfo)
        for at in (start, start + hours)
    )
    return first, last
