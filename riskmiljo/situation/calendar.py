"""What happens in a week: events that come every year by a rule, and those of own calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.calendar import CalendarEvent
from riskmiljo.model.period import Period
from riskmiljo.store import Store
from riskmiljo.wording import Text

Days = tuple[date, date]
Changes = Mapping[tuple[str, int], Days | None]

_TUESDAY: Final = 1
_FRIDAY: Final = 4
_SATURDAY: Final = 5
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """An event that comes every year.

    Attributes
    ----------
    name
        For people.
    days
        From a year to its first and last local day.
    from_h
        Local hour at which it begins on the first day.
    to_h
        Local hours after the midnight before its last day at which it ends; over 24 is the night
        after.
    school
        Whether it follows the school year, which every municipality decides: the days are the
        typical ones, to be corrected.
    """

    name: Text
    days: Callable[[int], Days]
    from_h: int = 0
    to_h: int = 24
    school: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happens, once.

    Attributes
    ----------
    key
        The same for the same event in other years.
    name, place
        For people; a name of an imported event is the same in both languages.
    begins, ends
        UTC.
    year
        Of its first day, local.
    built_in
        Whether it comes from a rule.
    typical
        Whether its days are a rule's guess at what each municipality decides by itself.
    """

    key: str
    name: Text
    place: str
    begins: datetime
    ends: datetime
    year: int
    built_in: bool
    typical: bool = False

    @property
    def days(self) -> float:
        """Length in days of 24 hours."""
        return (self.ends - self.begins) / _DAY


def _on(month: int, day: int) -> Callable[[int], Days]:
    return lambda year: (date(year, month, day), date(year, month, day))


def _first_after(year: int, month: int, day: int, weekday: int) -> date:
    """Return the first such weekday (0 is Monday) on or after a date."""
    earliest = date(year, month, day)
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)


def _iso_week(week: int) -> Callable[[int], Days]:
    def days(year: int) -> Days:
        monday = date.fromisocalendar(year, week, 1)
        return monday, monday + _WEEK - _DAY

    return days


def _one_day(month: int, day: int, weekday: int) -> Callable[[int], Days]:
    def days(year: int) -> Days:
        first = _first_after(year, month, day, weekday)
        return first, first

    return days


def _easter_break(year: int) -> Days:
    # Loaded only where a calendar is shown; it carries no types.
    from dateutil.easter import easter  # type: ignore[import-untyped]  # noqa: PLC0415

    sunday: date = easter(year)
    return sunday - timedelta(days=6), sunday + _DAY


def _student_week(year: int) -> Days:
    tuesday = _first_after(year, 6, 2, _TUESDAY)
    return tuesday, tuesday + timedelta(days=3)


def _summer(year: int) -> Days:
    last_school_day = _first_after(year, 6, 8, _FRIDAY)
    return last_school_day + _DAY, date.fromisocalendar(year, 34, 1)


# In the order of the year. Days of the school year are typical of Uppsala and many other places.
BUILT_IN: Final[dict[str, BuiltIn]] = {
    "winter_break": BuiltIn(Text("Sportlov", "Winter half-term"), _iso_week(8), school=True),
    "easter_break": BuiltIn(Text("Påsklov", "Easter break"), _easter_break, school=True),
    "walpurgis": BuiltIn(Text("Valborg", "Walpurgis Night"), _on(4, 30), from_h=9, to_h=29),
    "students": BuiltIn(
        Text("Studenten", "Upper-secondary graduation"),
        _student_week,
        from_h=12,
        to_h=29,
        school=True,
    ),
    "school_end": BuiltIn(
        Text("Skolavslutning", "Last day of school"),
        _one_day(6, 8, _FRIDAY),
        from_h=12,
        to_h=29,
        school=True,
    ),
    "summer_break": BuiltIn(Text("Sommarlov", "Summer holidays"), _summer, school=True),
    "midsummer": BuiltIn(
        Text("Midsommarafton", "Midsummer Eve"), _one_day(6, 19, _FRIDAY), from_h=15, to_h=29
    ),
    "culture_night": BuiltIn(
        Text("Kulturnatten", "Culture Night"), _one_day(9, 8, _SATURDAY), from_h=12, to_h=26
    ),
    "autumn_break": BuiltIn(Text("Höstlov", "Autumn half-term"), _iso_week(44), school=True),
    "halloween": BuiltIn(Text("Halloween", "Halloween"), _on(10, 31), from_h=16, to_h=26),
    "lucia": BuiltIn(
        Text("Lussenatt och Lucia", "Lucia night and morning"),
        lambda year: (date(year, 12, 12), date(year, 12, 13)),
        from_h=20,
        to_h=10,
    ),
    "christmas_break": BuiltIn(
        Text("Jullov", "Christmas holidays"),
        lambda year: (date(year, 12, 20), date(year + 1, 1, 8)),
        school=True,
    ),
    "new_year": BuiltIn(Text("Nyår", "New Year"), _on(12, 31), from_h=18, to_h=29),
}


def built_in_days(kind: str, year: int, changes: Changes | None = None) -> Days | None:
    """Return on which days a built-in event falls.

    Parameters
    ----------
    kind
        A key of `BUILT_IN`.
    year
        Of its first day.
    changes
        As `Calendar.changes` gives them; they win over the rule.

    Returns
    -------
    tuple of date or None
        The first and last local day; None where a user said that there is none that year.

    Raises
    ------
    InvalidInputError
        If the kind or year is not known.

    Examples
    --------
    >>> built_in_days("culture_night", 2026)[0].isoformat()
    '2026-09-12'
    """
    if kind not in BUILT_IN or not 1900 <= year <= 2199:  # noqa: PLR2004 - as `Period` has it
        raise InvalidInputError(
            Text(
                "{k} {y}: händelsen finns inte. Tillåtna: {all}; år 1900 till 2199.",
                "{k} {y}: there is no such event. Allowed: {all}; years 1900 to 2199.",
            ).fill(k=kind[:40], y=year, all=", ".join(BUILT_IN))
        )
    if changes is not None and (kind, year) in changes:
        return changes[kind, year]
    return BUILT_IN[kind].days(year)


def occasions(store: Store, period: Period, *, tz: str) -> tuple[Occasion, ...]:
    """Return what happens in a period, earliest first.

    Parameters
    ----------
    store
        Whose imported calendars and changed days count.
    period
        What overlaps it.
    tz
        The zone of local days.

    Returns
    -------
    tuple of Occasion
        Built-in events and own ones.
    """
    changes = store.calendar.changes()
    own = [_own(event, tz) for event in store.calendar.events(period)]
    ruled = [
        occasion
        for occasion in built_in_occasions(period, changes, tz=tz)
        if occasion.begins < period.end and occasion.ends > period.start
    ]
    return tuple(sorted(ruled + own, key=lambda one: (one.begins, one.ends, one.key)))


def built_in_occasions(period: Period, changes: Changes, *, tz: str) -> Iterator[Occasion]:
    """Yield the built-in events of every year that a period touches.

    Parameters
    ----------
    period
        The period.
    changes
        As `Calendar.changes` gives them.
    tz
        The zone of local days.

    Yields
    ------
    Occasion
        In the order of year and rule; also those of these years outside the period.
    """
    first, last = period.first_and_last_day(tz)
    # What begins at Christmas belongs to the year before.
    for year in range(first.year - 1, last.year + 1):
        for kind, event in BUILT_IN.items():
            days = built_in_days(kind, year, changes)
            if days is None:
                continue
            begins = datetime.combine(days[0], time.min) + timedelta(hours=event.from_h)
            ends = datetime.combine(days[1], time.min) + timedelta(hours=event.to_h)
            yield Occasion(
                key=kind,
                name=event.name,
                place="",
                begins=_utc(begins, tz),
                ends=_utc(ends, tz),
                year=year,
                built_in=True,
                typical=event.school and (kind, year) not in changes,
            )


def _own(event: CalendarEvent, tz: str) -> Occasion:
    # "Konsert 2025" and "konsert 2026" are the same event of two years.
    plain = re.sub(r"\b(19|20)\d\d\b", "", event.title.casefold())
    return Occasion(
        key="own:" + " ".join(plain.split()),
        name=Text(event.title, event.title),
        place=event.place,
        begins=event.begins,
        ends=event.ends,
        year=event.begins.astimezone(ZoneInfo(tz)).year,
        built_in=False,
    )


def _utc(local: datetime, tz: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(tz)).astimezone(UTC)
