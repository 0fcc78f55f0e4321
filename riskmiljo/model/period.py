"""A stretch of time: local dates at the edge, UTC inside, the end never included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text, date_text

TZ: Final = "Europe/Stockholm"
_WEEK: Final = timedelta(weeks=1)
# Far enough from the ends of the calendar for every sum of dates and offsets to stay inside it.
_YEARS: Final = (1900, 2199)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to, not including, ``end``; both in UTC.

    Parameters
    ----------
    start, end
        Aware datetimes.

    Examples
    --------
    >>> Period.between("2026-04-01", "2026-05-01").start.isoformat()
    '2026-03-31T22:00:00+00:00'
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInputError(
                Text("Perioden saknar tidszon.", "The period has no time zone.")
            )
        if self.end <= self.start:
            raise InvalidInputError(
                Text(
                    "Periodens slut måste komma efter dess början. Byt plats på datumen.",
                    "The period must end after it begins. Swap the dates.",
                )
            )
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @classmethod
    def between(cls, start: str | date, end: str | date, *, tz: str = TZ) -> Self:
        """Make a period from two local dates or times; the end is not included.

        Parameters
        ----------
        start, end
            ISO 8601 text, dates or datetimes; without an offset they are local.
        tz
            The zone of local times.

        Returns
        -------
        Period
            In UTC.
        """
        return cls(local_instant(start, tz), local_instant(end, tz))

    @classmethod
    def parse(cls, text: str, *, tz: str = TZ) -> Self:
        """Read ``2026``, ``2026-04``, ``2026-W18``, ``2026-04-30`` or ``START/END``.

        Parameters
        ----------
        text
            The period; in ``START/END`` the end is not included.
        tz
            The zone of local dates.

        Returns
        -------
        Period
            In UTC.

        Raises
        ------
        InvalidInputError
            If the text is none of these.
        """
        if not isinstance(text, str):
            raise _unreadable(text)
        text = text.strip()
        if "/" in text:
            start, _, end = text.partition("/")
            return cls.between(start, end, tz=tz)
        if match := re.fullmatch(r"(\d{4})-W(\d{2})", text):
            _check_year(int(match[1]))
            try:
                monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            except ValueError as error:
                raise _unreadable(text) from error
            return cls.between(monday, monday + _WEEK, tz=tz)
        if match := re.fullmatch(r"(\d{4})", text):
            _check_year(int(match[1]))
            return cls.between(date(int(match[1]), 1, 1), date(int(match[1]) + 1, 1, 1), tz=tz)
        if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
            year, month = int(match[1]), int(match[2])
            _check_year(year)
            if not 1 <= month <= 12:  # noqa: PLR2004
                raise _unreadable(text)
            later = date(year + month // 12, month % 12 + 1, 1)
            return cls.between(date(year, month, 1), later, tz=tz)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            try:
                day = date.fromisoformat(text)
            except ValueError as error:
                raise _unreadable(text) from error
            # Else the last day of all has no day after it.
            _check_year(day.year)
            return cls.between(day, day + timedelta(days=1), tz=tz)
        raise _unreadable(text)

    @property
    def weeks(self) -> float:
        """Length in weeks."""
        return (self.end - self.start) / _WEEK

    @property
    def days(self) -> float:
        """Length in days of 24 hours."""
        return (self.end - self.start) / timedelta(days=1)

    def local(self, tz: str = TZ) -> tuple[datetime, datetime]:
        """Return start and end in local time."""
        zone = ZoneInfo(tz)
        return self.start.astimezone(zone), self.end.astimezone(zone)

    def first_and_last_day(self, tz: str = TZ) -> tuple[date, date]:
        """Return the first and the last local day that the period touches."""
        first, last = self.local(tz)
        return first.date(), (last - timedelta(microseconds=1)).date()

    def days_text(self, tz: str = TZ) -> Text:
        """Return the days that the period touches as they stand in a sentence."""
        first, last = map(date_text, self.first_and_last_day(tz))
        return first if first == last else Text("{a} till {b}", "{a} to {b}").fill(a=first, b=last)

    def before(self) -> Period:
        """Return the period of the same length that ends where this one starts."""
        return Period(self.start - (self.end - self.start), self.start)

    def __str__(self) -> str:
        first, last = self.local()
        return f"{first:%Y-%m-%d}/{last:%Y-%m-%d}"


def check_zone(tz: str) -> str:
    """Return a time zone's name, or say that it is not known.

    Parameters
    ----------
    tz
        An IANA name.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    InvalidInputError
        If there is no such zone.
    """
    try:
        return ZoneInfo(tz).key
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            Text(
                "Tidszonen {tz!r} finns inte. Skriv till exempel Europe/Stockholm.",
                "There is no time zone {tz!r}. Write for example Europe/Stockholm.",
            ).fill(tz=str(tz)[:60])
        ) from error


def local_instant(value: str | date, tz: str) -> datetime:
    """Read a local date or time as an instant in UTC.

    Parameters
    ----------
    value
        ISO 8601 text, a date or a datetime; one without an offset is local.
    tz
        The zone of a local value. An hour that occurs twice is read as the first.

    Returns
    -------
    datetime.datetime
        In UTC.

    Raises
    ------
    InvalidInputError
        If it cannot be read, lies outside the years 1900 to 2199, or was skipped when the clock
        was put forward, or the zone is not known.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise _unreadable(value) from error
    elif not _is_a_date(value):
        raise _unreadable(value)
    elif isinstance(value, datetime):
        moment = value
    else:
        moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local, below
    _check_year(moment.year)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    zone = ZoneInfo(check_zone(tz))
    instant = moment.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != moment:
        raise InvalidInputError(
            Text(
                "Tiden {t} finns inte (klockan ställdes fram). Ange en annan tid.",
                "The time {t} does not exist (the clock was put forward). Give another time.",
            ).fill(t=moment.isoformat(" ", "minutes")),
            code="TID_FINNS_INTE",
        )
    return instant


def _is_a_date(value: object) -> bool:
    # What is missing in a column of times calls itself a datetime, of no year.
    return isinstance(value, date) and isinstance(value.year, int)


def _check_year(year: int) -> None:
    first, last = _YEARS
    if not first <= year <= last:
        raise InvalidInputError(
            Text(
                "Året {y:04d} ligger utanför {first} till {last}. Ange ett annat år.",
                "The year {y:04d} lies outside {first} to {last}. Give another year.",
            ).fill(y=year, first=first, last=last),
            code="TID_FORMAT",
        )


def _unreadable(given: object) -> InvalidInputError:
    return InvalidInputError(
        Text(
            "Tiden {t!r} kan inte läsas. Skriv till exempel 2026-04, 2026-W18, 2026-04-30 eller "
            "2026-04-01/2026-05-01.",
            "The time {t!r} cannot be read. Write for example 2026-04, 2026-W18, 2026-04-30 or "
            "2026-04-01/2026-05-01.",
        ).fill(t=given if isinstance(given, str) else str(given)[:60]),
        code="TID_FORMAT",
    )
