"""What the presence week shows, row by row: the strip, the best windows, what happens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from riskmiljo.model.plan import CREW_KIND_NAMES
from riskmiljo.model.vocabulary import SOURCES, WEEKDAYS_SHORT
from riskmiljo.situation.presence_adults import Companion
from riskmiljo.situation.presence_week import (
    BestWindow,
    Happening,
    PresenceWeek,
    window_span,
)
from riskmiljo.web import presence_words
from riskmiljo.web.language import clock, day, language, moment, number, percent
from riskmiljo.wording import Text, decimal_text

# Where the classes of the gap begin, incidents in 100 hours without an adult: one scale for a whole
# area, one for a place, both the same in every week.
AREA_BOUNDS: Final = (2.0, 5.0, 10.0, 20.0)
PLACE_BOUNDS: Final = (0.5, 1.0, 2.0, 5.0)
# Where the classes of a window's need begin, incidents on ten occasions: for the joint picture.
NEED_BOUNDS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_PER: Final = 100.0
# What the joint picture tells as a class and not as a number.
_BANDED: Final = (
    "need", "need_lower", "need_upper", "uncovered", "gap", "gap_lower", "gap_upper", "times",
)  # fmt: skip
# Where adults were is others' too: what rests on it has the digits of the page and no more.
_GAP_DIGITS: Final = 3
_AS_ON_THE_PAGE: Final = {"uncovered": 2} | dict.fromkeys(
    ("gap", "gap_lower", "gap_upper"), _GAP_DIGITS
)
_MINUTE_BOUNDS: Final = (1.0, 15.0, 30.0, 60.0)
_OCCASIONS: Final = 10
_MANY_OCCASIONS: Final = 100
_DAY_H: Final = 24
_HARDLY: Final = 0.01
_MANY: Final = 1.05
_FEW: Final = 10.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one day in the strip.

    Attributes
    ----------
    level
        0 to 4; -1 where nothing is shown.
    grouped
        Whether it is told together with other hours.
    words
        All of it in words.
    past
        Whether the hour is over.
    """

    level: int
    grouped: bool
    words: Text
    past: bool = False


@dataclass(frozen=True, slots=True)
class BestRow:
    """One of the best windows.

    Attributes
    ----------
    place, window
        Where and when.
    why
        One or two sentences.
    company
        Who else is planned then.
    shift
        The window as an address of a shift has it.
    alone
        Whether nobody else is planned then.
    """

    place: str
    window: str
    why: tuple[Text, ...]
    company: tuple[Text, ...]
    shift: str
    alone: bool


def level_of(gap: float, *, place: bool) -> int:
    """Return the class of a gap.

    Parameters
    ----------
    gap
        Incidents an hour.
    place
        Whether it is of a place, not of the whole area.

    Returns
    -------
    int
        0 to 4.
    """
    return sum(gap * _PER >= bound for bound in (PLACE_BOUNDS if place else AREA_BOUNDS))


def legend(*, place: bool) -> list[tuple[int, Text, Text]]:
    """Return each class with its name and its bounds.

    Parameters
    ----------
    place
        Whether the strip is of a place, not of the whole area.

    Returns
    -------
    list of tuple
        Class, name, bounds in words.
    """
    spans = _spans(PLACE_BOUNDS if place else AREA_BOUNDS)
    return [
        (at, name, span)
        for at, (name, span) in enumerate(zip(presence_words.LEVELS, spans, strict=True))
    ]


def _spans(bounds: Sequence[float]) -> list[Text]:
    edges = [decimal_text(bound, 1) for bound in bounds]
    return [
        presence_words.BELOW.fill(b=edges[0]),
        *(presence_words.BETWEEN.fill(a=a, b=b) for a, b in pairwise(edges)),
        presence_words.ABOVE.fill(a=edges[-1]),
    ]


def gap_band(gap: float, *, place: bool) -> Text:
    """Return the class of a gap in words, as the joint picture tells it.

    Parameters
    ----------
    gap
        Incidents an hour.
    place
        Whether it is of a place, not of the whole area.

    Returns
    -------
    Text
        Incidents in 100 hours: ``2 till 5``.
    """
    return _spans(PLACE_BOUNDS if place else AREA_BOUNDS)[level_of(gap, place=place)]


def need_band(need: float) -> Text:
    """Return the class of a window's need in words, as the joint picture tells it.

    Parameters
    ----------
    need
        Incidents in the window.

    Returns
    -------
    Text
        Incidents on ten occasions: ``2 till 5``.
    """
    return _spans(NEED_BOUNDS)[sum(need * _OCCASIONS >= bound for bound in NEED_BOUNDS)]


def minutes_band(minutes: float) -> Text:
    """Return the class of adult minutes in words: whose they are is not told, nor how many.

    Parameters
    ----------
    minutes
        Adult minutes an hour.

    Returns
    -------
    Text
        ``15 till 30``.
    """
    return _spans(_MINUTE_BOUNDS)[sum(minutes >= bound for bound in _MINUTE_BOUNDS)]


def strip(seen: PresenceWeek) -> list[tuple[str, list[Cell]]]:
    """Return the strip, an hour a row and a day a column.

    Parameters
    ----------
    seen
        The presence week.

    Returns
    -------
    list of tuple
        The hour, and seven cells, Monday first.
    """
    cells = [
        _cell(row, place=bool(seen.place), banded=seen.banded, past=at < seen.past_h)
        for at, row in enumerate(seen.hours.to_dict("records"))
    ]
    return [
        (f"{hour:02d}", [cells[at * _DAY_H + hour] for at in range(7)]) for hour in range(_DAY_H)
    ]


def day_heads(seen: PresenceWeek) -> list[tuple[Text, str]]:
    """Return the strip's columns: short weekday, and day and month.

    Parameters
    ----------
    seen
        The presence week.

    Returns
    -------
    list of tuple
        Monday first.
    """
    monday = seen.week.local(seen.tz)[0].date()
    days = [monday + timedelta(days=at) for at in range(7)]
    return [(name, f"{at.day}/{at.month}") for name, at in zip(WEEKDAYS_SHORT, days, strict=True)]


def best_rows(seen: PresenceWeek) -> list[BestRow]:
    """Return the best windows in words.

    Parameters
    ----------
    seen
        The presence week.

    Returns
    -------
    list of BestRow
        The best first.
    """
    return [
        BestRow(
            one.place,
            window_words(seen, one),
            tuple(_why(one, banded=seen.banded)),
            tuple(_company(one)),
            _shift_text(seen, one),
            not one.companions,
        )
        for one in seen.best
    ]


def window_words(seen: PresenceWeek, window: BestWindow) -> str:
    """Return a window as people say it.

    Parameters
    ----------
    seen
        The presence week.
    window
        One of its best.

    Returns
    -------
    str
        ``fredag 1 maj 21–00``.
    """
    begins, ends = (
        at.astimezone(seen.week.local(seen.tz)[0].tzinfo)
        for at in window_span(seen.week, window.start, window.hours, seen.tz)
    )
    named = format_date(begins.date(), "EEEE d MMMM", locale=language())
    text = presence_words.WINDOW.fill(day=named, a=f"{begins:%H}", b=f"{ends:%H}")
    return text.in_language(language())


def _shift_text(seen: PresenceWeek, window: BestWindow) -> str:
    begins, ends = (
        at.astimezone(ZoneInfo(seen.tz))
        for at in window_span(seen.week, window.start, window.hours, seen.tz)
    )
    return f"{begins:%Y-%m-%dT%H:%M}/{ends:%H:%M}"


def times_text(times: float) -> Text:
    """Return how many times as many, with a decimal where it says something.

    Parameters
    ----------
    times
        A positive number.

    Returns
    -------
    Text
        ``3,3`` or ``12``.
    """
    return decimal_text(times, 1 if times < _FEW else 0)


def effect_text(happening: Happening) -> Text:
    """Say what an occasion tends to bring.

    Parameters
    ----------
    happening
        An occasion of the week.

    Returns
    -------
    Text
        One sentence.
    """
    effect = happening.effect
    if effect is None:
        return presence_words.NO_EARLIER
    return presence_words.BRINGS.fill(
        t=times_text(effect.times),
        a=times_text(effect.lower),
        b=times_text(effect.upper),
        n=effect.years,
    )


def happening_when(happening: Happening) -> str:
    """Return when an occasion is, in days or to the minute.

    Parameters
    ----------
    happening
        An occasion of the week.

    Returns
    -------
    str
        ``30 april 2026 09:00 – 1 maj 2026 05:00``, ``30 april 2026 19:00–23:00``, or dates.
    """
    one = happening.occasion
    whole = clock(one.begins) == clock(one.ends) == "00:00"
    if not whole and one.begins == one.ends:
        return moment(one.begins)
    if not whole and day(one.begins) == day(one.ends):
        return logged_when(one.begins, one.ends)
    if not whole:
        return f"{moment(one.begins)} – {moment(one.ends)}"
    first, last = day(one.begins), day(one.ends - timedelta(microseconds=1))
    return first if first == last else f"{first} – {last}"


def week_name(monday: date) -> str:
    """Return a week as it stands in an address.

    Parameters
    ----------
    monday
        Its first day.

    Returns
    -------
    str
        ``2026-W18``.
    """
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def as_json(seen: PresenceWeek) -> dict[str, Any]:
    """Return what the page shows as plain values.

    Parameters
    ----------
    seen
        The presence week.

    Returns
    -------
    dict
        Hours that are not shown hold null; times in ISO 8601, UTC.
    """
    return {
        "week": week_name(seen.week.local(seen.tz)[0].date()),
        "from": seen.week.start.isoformat(),
        "to": seen.week.end.isoformat(),
        "simulated": seen.simulated,
        "as_of": seen.as_of.isoformat(),
        "place": seen.place,
        "places": list(seen.places),
        "unit": "incidents an hour while no adult is there",
        "need_from": seen.need_period.start.isoformat(),
        "presence_from": None
        if seen.presence_period is None
        else seen.presence_period.start.isoformat(),
        "hours": [
            {"hour": at, "past": at < seen.past_h, **_hour_json(seen, row)}
            for at, row in enumerate(seen.hours.drop(columns="group").to_dict("records"))
        ],
        "best": [_best_json(seen, one) for one in seen.best],
        "events": [_event_json(one) for one in seen.happenings],
        "others": [companion_json(one) for one in seen.companions],
        "notes": [note.as_dict() for note in seen.notes],
    }


def companion_json(one: Companion) -> dict[str, Any]:
    """Return who else is planned to be out, as plain values.

    Parameters
    ----------
    one
        Somebody else.

    Returns
    -------
    dict
        Kind of crew, place and times; nothing more is known.
    """
    return {
        "crew_kind": one.crew_kind,
        "place": one.place,
        "from": one.begins.isoformat(),
        "to": one.ends.isoformat(),
    }


def _hour_json(seen: PresenceWeek, row: dict[Any, Any]) -> dict[str, Any]:
    plain = {str(name): _plain(value) for name, value in row.items()}
    if plain["adult_minutes"] is not None:
        plain["adult_minutes"] = minutes_band(plain["adult_minutes"]).as_dict()
    for name, digits in _AS_ON_THE_PAGE.items():
        if plain[name] is not None:
            plain[name] = round(plain[name], digits)
    if not seen.banded:
        return {**plain, "band": None}
    told = row["level"] >= 0
    band = gap_band(float(row["gap"]), place=bool(seen.place)).as_dict() if told else None
    return {**plain, **dict.fromkeys(_BANDED), "band": band}


def _cell(row: dict[Any, Any], *, place: bool, banded: bool, past: bool) -> Cell:
    if row["level"] < 0:
        return Cell(-1, grouped=False, words=presence_words.UNTOLD, past=past)
    level = level_of(float(row["gap"]), place=place)
    gap = float(row["gap"])
    figure = gap_band(gap, place=place) if banded else decimal_text(gap * _PER, 1)
    parts = [presence_words.CELL.fill(level=presence_words.LEVELS[level], n=figure)]
    if row["level"] > 0:
        parts.append(presence_words.GROUPED)
    if not 1 / _MANY <= row["times"] <= _MANY:
        parts.append(presence_words.MULTIPLIED.fill(t=times_text(float(row["times"]))))
    if past:
        parts.append(presence_words.GONE)
    words = Text(", ".join(part.sv for part in parts), ", ".join(part.en for part in parts))
    return Cell(level, grouped=row["level"] > 0, words=words, past=past)


def _why(window: BestWindow, *, banded: bool) -> list[Text]:
    there = (
        presence_words.HARDLY
        if window.covered < _HARDLY
        else presence_words.PART_OF_TIME.fill(p=percent(window.covered))
    )
    if banded:
        sentences = [presence_words.WHY_BAND.fill(n=need_band(window.need), p=there)]
    else:
        # Nobody meets half an incident.
        rare = window.need * _OCCASIONS < 1
        occasions = _MANY_OCCASIONS if rare else _OCCASIONS
        need, lower, upper = (
            decimal_text(value * occasions, 1)
            for value in (window.need, window.lower, window.upper)
        )
        often = presence_words.HUNDRED if rare else presence_words.TEN
        sentences = [presence_words.WHY.fill(k=often, n=need, a=lower, b=upper, p=there)]
    for one in window.occasions:
        # It may be elsewhere in town than the window.
        where = presence_words.ON_THERE if one.occasion.place else presence_words.ON_THEN
        sentences.append(where.fill(e=one.occasion.name, p=one.occasion.place))
    return sentences


def _company(window: BestWindow) -> list[Text]:
    if not window.companions:
        return [presence_words.ALONE]
    return [
        presence_words.TOGETHER.fill(
            who=SOURCES[one.crew_kind], a=clock(one.begins), b=clock(one.ends)
        )
        for one in window.companions
    ]


def _best_json(seen: PresenceWeek, one: BestWindow) -> dict[str, Any]:
    begins, ends = window_span(seen.week, one.start, one.hours, seen.tz)
    return {
        "place": one.place,
        "from": begins.isoformat(),
        "to": ends.isoformat(),
        "need": None if seen.banded else one.need,
        "need_lower": None if seen.banded else one.lower,
        "need_upper": None if seen.banded else one.upper,
        "gap": None if seen.banded else round(one.gap, _GAP_DIGITS),
        "covered": round(one.covered, 2),
        "adult_minutes": minutes_band(one.adult_minutes).as_dict(),
        "band": need_band(one.need).as_dict() if seen.banded else None,
        "events": [event.occasion.name.as_dict() for event in one.occasions],
        "others": [companion_json(other) for other in one.companions],
    }


def _event_json(one: Happening) -> dict[str, Any]:
    effect = one.effect
    return {
        "name": one.occasion.name.as_dict(),
        "place": one.occasion.place,
        "from": one.occasion.begins.isoformat(),
        "to": one.occasion.ends.isoformat(),
        "built_in": one.occasion.built_in,
        "typical": one.occasion.typical,
        "times": None if effect is None else effect.times,
        "times_lower": None if effect is None else effect.lower,
        "times_upper": None if effect is None else effect.upper,
        "earlier_years": None if effect is None else effect.years,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def logged_when(begins: datetime, ends: datetime) -> str:
    """Return when somebody was there.

    Parameters
    ----------
    begins, ends
        Aware.

    Returns
    -------
    str
        ``21 november 2025 18:00–20:00``.
    """
    return f"{moment(begins)}–{clock(ends)}"


def crews_text(kinds: Sequence[str]) -> Text:
    """Return kinds of crew in words.

    Parameters
    ----------
    kinds
        Words of the vocabulary.

    Returns
    -------
    Text
        ``ungdomsjour, nattvandrare``.
    """
    names = [CREW_KIND_NAMES[kind] for kind in kinds]
    return Text(", ".join(name.sv for name in names), ", ".join(name.en for name in names))


def adult_minutes(minutes: float) -> str:
    """Return minutes as they are written.

    Parameters
    ----------
    minutes
        Adult minutes.

    Returns
    -------
    str
        A whole number.
    """
    return number(round(minutes))
