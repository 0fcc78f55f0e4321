"""The filter form: its choices, which of them are made, and the ready-made periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES, WEEKDAYS, WEEKDAYS_SHORT
from riskmiljo.web import words
from riskmiljo.web.view import DEFAULT_TEAMS, MOST_TEAMS, Query, shift_text
from riskmiljo.wording import Text

_PRESETS: Final[dict[str, Text]] = {
    "last-28-days": Text("4 veckor", "4 weeks"),
    "last-84-days": Text("12 veckor", "12 weeks"),
    "last-364-days": Text("52 veckor", "52 weeks"),
}
_EVENINGS: Final = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen.

    Attributes
    ----------
    value
        What the address says.
    label
        What the reader sees.
    chosen
        Whether it is chosen now.
    """

    value: str
    label: Text
    chosen: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The filter form, filled in.

    Attributes
    ----------
    start, before
        The two dates as text; ``before`` is not included.
    hour_from, hour_to
        Hours of the day.
    weekdays, categories, detections
        Boxes to tick; none ticked means all.
    shifts, teams
        For the patrol areas.
    presets
        Ready-made periods, as links.
    kept
        Fields that the form has no control for but must not lose.
    """

    start: str
    before: str
    hour_from: tuple[Choice, ...]
    hour_to: tuple[Choice, ...]
    weekdays: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    detections: tuple[Choice, ...]
    shifts: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    presets: tuple[Choice, ...]
    kept: tuple[tuple[str, str], ...]


def build_form(
    query: Mapping[str, Sequence[str]], *, shown: Period | None, now: datetime, tz: str
) -> Form:
    """Fill in the form from the address, also from one that could not be used.

    Parameters
    ----------
    query
        The fields, as from `query_of_request`.
    shown
        The period that the page shows; None if it shows none.
    now
        The present, aware: the coming evenings are counted from it.
    tz
        The zone of dates and hours.

    Returns
    -------
    Form
        What stands in it is what the reader wrote, so that a mistake can be mended.
    """
    start, before = _dates(query, shown, tz)
    first, last = _hours(query)
    period = _one(query, "period")
    teams = _one(query, "teams") or str(DEFAULT_TEAMS)
    return Form(
        start=start,
        before=before,
        hour_from=_hour_choices(first),
        hour_to=_hour_choices(last),
        weekdays=_boxes(
            query, "weekday", {str(n): name for n, name in enumerate(WEEKDAYS_SHORT, start=1)}
        ),
        categories=_boxes(query, "category", CATEGORIES),
        detections=_boxes(query, "detection", DETECTIONS),
        shifts=_shift_choices(_one(query, "shift"), now, tz),
        teams=tuple(
            Choice(str(n), Text(str(n), str(n)), chosen=teams == str(n))
            for n in range(1, MOST_TEAMS + 1)
        ),
        presets=tuple(
            Choice(value, label, chosen=period == value) for value, label in _PRESETS.items()
        ),
        kept=tuple((key, text) for key in ("source", "bbox") for text in query.get(key, ())),
    )


def is_day(text: str) -> bool:
    """Return whether a date field can hold a text: a browser shows anything else as empty.

    Parameters
    ----------
    text
        A field's value.

    Returns
    -------
    bool
        True for ``2026-04-30`` and for nothing.
    """
    return not text or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None


def without_period(query: Mapping[str, Sequence[str]]) -> Query:
    """Return the fields less those that name a period (for the ready-made ones).

    Parameters
    ----------
    query
        The fields.

    Returns
    -------
    dict of list of str
        A new dictionary.
    """
    return {
        key: list(values) for key, values in query.items() if key not in ("period", "from", "to")
    }


def _one(query: Mapping[str, Sequence[str]], key: str) -> str:
    return next((text.strip() for text in query.get(key, ())), "")


def _dates(query: Mapping[str, Sequence[str]], shown: Period | None, tz: str) -> tuple[str, str]:
    if shown is None:
        return _one(query, "from"), _one(query, "to")
    first, end = shown.local(tz)
    return _date_or_time(first), _date_or_time(end)


def _date_or_time(local: datetime) -> str:
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return local.date().isoformat() if midnight else local.isoformat(timespec="minutes")


def _hours(query: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    match = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", _one(query, "hours"))
    return (match[1].zfill(2), match[2].zfill(2)) if match else ("", "")


def _hour_choices(chosen: str) -> tuple[Choice, ...]:
    hours = [f"{hour:02d}" for hour in range(24)]
    # 24 is a way to write midnight as an end.
    chosen = "00" if chosen == "24" else chosen
    return (
        Choice("", words.ANY_HOUR, chosen=chosen not in hours),
        *(Choice(hour, Text(hour, hour), chosen=chosen == hour) for hour in hours),
    )


def _boxes(
    query: Mapping[str, Sequence[str]], key: str, names: Mapping[str, Text]
) -> tuple[Choice, ...]:
    chosen = {word for text in query.get(key, ()) for word in text.split(",")}
    return tuple(Choice(value, name, chosen=value in chosen) for value, name in names.items())


def _shift_choices(chosen: str, now: datetime, tz: str) -> tuple[Choice, ...]:
    def named(shifts: Iterable[Shift]) -> dict[str, Text]:
        return {shift_text(shift): _shift_name(shift) for shift in shifts}

    coming = named(
        Shift.next_evening(now + timedelta(days=days), tz=tz) for days in range(1, _EVENINGS)
    )
    chosen = chosen.replace(" ", "T", 1)
    others = {} if not chosen or chosen in coming else {chosen: Text(chosen, chosen)}
    return (
        Choice("", words.NEXT_EVENING, chosen=not chosen),
        *(
            Choice(value, name, chosen=value == chosen)
            for value, name in {**others, **coming}.items()
        ),
    )


def _shift_name(shift: Shift) -> Text:
    first, last = shift.period.local(shift.tz)
    weekday = WEEKDAYS[first.weekday()]
    hours = f"{first:%Y-%m-%d %H}–{last:%H}"
    return Text(f"{weekday.sv.capitalize()} {hours}", f"{weekday.en} {hours}")


def selection_words(question: Filter) -> list[Text]:
    """Return in words what a filter leaves, apart from its period.

    Parameters
    ----------
    question
        The filter.

    Returns
    -------
    list of Text
        Short pieces for one line: weekdays, hours, categories and whatever else is chosen.
    """
    pieces = [
        _list_of([WEEKDAYS_SHORT[day - 1] for day in question.weekdays], words.ALL_WEEKDAYS),
        words.ALL_HOURS
        if question.hours is None
        else words.CLOCK.fill(first=f"{question.hours[0]:02d}", last=f"{question.hours[1]:02d}"),
        _list_of([CATEGORIES[word] for word in question.categories], words.ALL_CATEGORIES),
    ]
    if question.detections:
        pieces.append(_list_of([DETECTIONS[word] for word in question.detections], None))
    if question.sources:
        pieces.append(_list_of([SOURCES[word] for word in question.sources], None))
    if question.bbox is not None:
        west, south, east, north = question.bbox
        pieces.append(words.BOX.fill(w=west, s=south, e=east, n=north))
    return pieces


def _list_of(names: Sequence[Text], if_none: Text | None) -> Text:
    if not names and if_none is not None:
        return if_none
    return Text(", ".join(name.sv for name in names), ", ".join(name.en for name in names))
