"""The calendar child: parses a foreign calendar under limits and writes its occasions as JSON.

Run by `riskmiljo.intake.ics` as a process of its own, because a rule of one line ("the 30th of
February") can keep a correct reader busy for hours.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from riskmiljo.model.calendar import LONGEST_TEXT
from riskmiljo.wording import Text

BACK_DAYS: Final = 731
AHEAD_DAYS: Final = 731
MAX_CPU_SECONDS: Final = 10
_MAX_MEMORY: Final = 1 << 30
_MOST_EVENTS: Final = 3000
_MOST_OCCASIONS: Final = 10_000
_LONGEST: Final = timedelta(days=120)
# Whoever repeats within a day means something else than an event.
_RARE_ENOUGH: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WITHIN_DAY: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")
_SECRET: Final = ("PRIVATE", "CONFIDENTIAL")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_LONG_NUMBER: Final = re.compile(r"\d[\d \-+]{7,}\d")
_SUMMED_UP: Final = re.compile(r"\s+")

NOTES: Final[dict[str, Text]] = {
    "private": Text(
        "{n} {n:privat händelse|privata händelser} lästes inte in.",
        "{n} private {n:event was|events were} not taken in.",
    ),
    "outside": Text(
        "{n} {n:händelse|händelser} ligger mer än två år bort och lästes inte in.",
        "{n} {n:event lies|events lie} more than two years away and {n:was|were} not taken in.",
    ),
    "untitled": Text(
        "{n} {n:händelse|händelser} saknar titel och lästes inte in.",
        "{n} {n:event has|events have} no title and {n:was|were} not taken in.",
    ),
    "unreadable": Text(
        "{n} {n:händelse|händelser} har en tid eller upprepning som inte kan läsas.",
        "{n} {n:event has|events have} a time or repetition that cannot be read.",
    ),
    "long": Text(
        "{n} {n:händelse|händelser} är längre än 120 dagar och lästes inte in.",
        "{n} {n:event is|events are} longer than 120 days and {n:was|were} not taken in.",
    ),
    "zone": Text(
        "{n} {n:händelse|händelser} har en tidszon som inte är känd; {n:den|de} "
        "lästes på områdets klocka.",
        "{n} {n:event has|events have} a time zone that is not known; {n:it was|they "
        "were} read on the area's clock.",
    ),
    "letters": Text(
        "Filen är inte i UTF-8 och lästes som Windows-1252. Se efter att å, ä och ö blev rätt.",
        "The file is not in UTF-8 and was read as Windows-1252. See that all letters came right.",
    ),
    "masked": Text(
        "Ur {n} titlar eller platser togs adresser eller långa nummer bort.",
        "Addresses or long numbers were taken out of {n} {n:title|titles} or places.",
    ),
}
_UNREADABLE: Final = Text(
    "Kalendern är skadad och kan inte läsas. Hämta den på nytt.",
    "The calendar is damaged and cannot be read. Fetch it again.",
)
_TOO_MANY: Final = Text(
    "Kalendern har fler än {n} {n:händelse|händelser}. Exportera en kortare tid.",
    "The calendar has more than {n} {n:event|events}. Export a shorter time.",
)


class RefusedError(Exception):
    """The calendar as a whole cannot be used.

    Parameters
    ----------
    message
        Why.
    """

    def __init__(self, message: Text) -> None:
        super().__init__(message.sv)
        self.message = message


@dataclass
class Reading:
    """One calendar while it is read.

    Attributes
    ----------
    tz
        The zone of times that name none.
    first, last
        UTC: only occasions that touch this time are kept.
    rows
        The occasions, by uid and original beginning.
    notes
        How often each kind of note applies.
    """

    tz: ZoneInfo
    first: datetime
    last: datetime
    rows: dict[tuple[str, datetime], dict[str, Any]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Read a calendar from the input; arguments are the zone and the first and last instant."""
    out = os.fdopen(os.dup(1), "wb")
    # A library that prints must not break the stream, and may not show what it read.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    tz, first, last = sys.argv[1:4]
    try:
        answer = read(
            sys.stdin.buffer.read(),
            tz=tz,
            first=datetime.fromisoformat(first),
            last=datetime.fromisoformat(last),
        )
    except RefusedError as refusal:
        answer = {"refused": [refusal.message.sv, refusal.message.en]}
    with out:
        out.write(json.dumps(answer).encode())


def read(data: bytes, *, tz: str, first: datetime, last: datetime) -> dict[str, Any]:
    """Return the occasions of a calendar.

    Parameters
    ----------
    data
        iCalendar.
    tz
        The zone of times that name none.
    first, last
        UTC: only occasions that touch this time.

    Returns
    -------
    dict
        ``events`` and ``notes``, as `riskmiljo.intake.ics` reads them.

    Raises
    ------
    RefusedError
        If it cannot be read, or holds too much.
    """
    import icalendar  # noqa: PLC0415 - the parent process need not load it

    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(_UNREADABLE) from error
    if not calendars or b"END:VCALENDAR" not in data.upper():
        raise RefusedError(_UNREADABLE)
    components = [part for calendar in calendars for part in calendar.walk("VEVENT")]
    if len(components) > _MOST_EVENTS:
        raise RefusedError(_TOO_MANY.fill(n=_MOST_EVENTS))
    reading = Reading(ZoneInfo(tz), first, last)
    # What replaces single occasions of a series comes after the series itself.
    for component in sorted(components, key=lambda part: "RECURRENCE-ID" in part):
        _read_event(component, reading)
        if len(reading.rows) > _MOST_OCCASIONS:
            raise RefusedError(_TOO_MANY.fill(n=_MOST_OCCASIONS))
    return {"events": list(reading.rows.values()), "notes": dict(reading.notes)}


def _read_event(event: Any, reading: Reading) -> None:
    if str(event.get("CLASS", "")).upper() in _SECRET:
        reading.notes["private"] += 1
        return
    title = _text(event, "SUMMARY", reading)
    if not title:
        reading.notes["untitled"] += 1
        return
    try:
        _write_out(event, title, reading)
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError, IndexError):
        reading.notes["unreadable"] += 1


def _write_out(event: Any, title: str, reading: Reading) -> None:
    begins = event["DTSTART"].dt
    all_day = not isinstance(begins, datetime)
    length = _length(event, begins, reading.tz)
    if length > _LONGEST:
        reading.notes["long"] += 1
        return
    foreign = str(event.get("UID", "")) or f"{title} {begins}"
    uid = hashlib.sha256(foreign.encode()).hexdigest()
    place = _text(event, "LOCATION", reading)
    called_off = str(event.get("STATUS", "")).upper() == "CANCELLED"
    replaced = event.get("RECURRENCE-ID")
    if replaced is not None:
        reading.rows.pop((uid, _instant(replaced.dt, reading.tz)), None)
    some = False
    for start in _starts(event, begins, reading):
        local_end = _wall(start) + length
        first = _instant(start, reading.tz)
        # Days are counted on the calendar, hours on the clock's true course.
        last = _instant(local_end.date(), reading.tz) if all_day else first + length
        if first >= reading.last or max(last, first + timedelta(seconds=1)) <= reading.first:
            continue
        some = True
        reading.rows[uid, first] = {
            "uid": uid,
            "title": title,
            "place": place,
            "begins": first.isoformat(),
            "ends": last.isoformat(),
            "all_day": all_day,
            "called_off": called_off,
        }
        if len(reading.rows) > _MOST_OCCASIONS:
            return
    if not some:
        reading.notes["outside"] += 1
    elif not all_day and begins.tzinfo is None and "TZID" in event["DTSTART"].params:
        reading.notes["zone"] += 1


def _length(event: Any, begins: date, tz: ZoneInfo) -> timedelta:
    """Return how long it lasts: to its end, for its duration, or for the day it begins."""
    if "DTEND" in event:
        ends = event["DTEND"].dt
        if isinstance(begins, datetime) != isinstance(ends, datetime):
            raise ValueError
        if isinstance(begins, datetime):
            length = _instant(ends, tz) - _instant(begins, tz)
        else:
            length = max(ends - begins, timedelta(days=1))
    elif "DURATION" in event:
        length = event["DURATION"].dt
    else:
        length = timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)
    if length < timedelta(0):
        raise ValueError
    return length


def _starts(event: Any, begins: date, reading: Reading) -> Iterator[date]:
    """Yield when its occasions begin, in the event's own zone (dates for whole days)."""
    if "RECURRENCE-ID" in event or not ("RRULE" in event or "RDATE" in event):
        yield begins
        return
    # It carries no types.
    from dateutil.rrule import (  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
        rruleset,
        rrulestr,
    )

    zone = begins.tzinfo if isinstance(begins, datetime) else None
    series = rruleset()
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if rule.get("FREQ", [""])[0] not in _RARE_ENOUGH or any(
            part in rule for part in _WITHIN_DAY
        ):
            raise ValueError
        series.rrule(rrulestr(_ruled(rule, zone, reading.tz), dtstart=_wall(begins)))
    series.rdate(_wall(begins))
    for day in _listed(event, "RDATE"):
        series.rdate(_in_zone(day, zone))
    for day in _listed(event, "EXDATE"):
        series.exdate(_in_zone(day, zone))
    # A day to spare on both sides: the series runs on its own clock.
    first = (reading.first - _LONGEST - timedelta(days=1)).replace(tzinfo=None)
    last = (reading.last + timedelta(days=1)).replace(tzinfo=None)
    for start in series:
        if start > last:
            return
        if start >= first:
            whole = not isinstance(begins, datetime)
            yield start.date() if whole else start.replace(tzinfo=zone)


def _ruled(rule: Any, zone: Any, tz: ZoneInfo) -> str:
    """Return a rule whose last day stands on the series' own clock."""
    until = rule.get("UNTIL")
    if until:
        last = until[0]
        if not isinstance(last, datetime):
            last = datetime.combine(last, time.max)
        elif last.tzinfo is not None:
            last = last.astimezone(zone or tz).replace(tzinfo=None)
        rule = {**rule, "UNTIL": [last.replace(microsecond=0)]}
    parts = []
    for name, values in rule.items():
        texts = [
            value.strftime("%Y%m%dT%H%M%S") if isinstance(value, date) else str(value)
            for value in (values if isinstance(values, list) else [values])
        ]
        parts.append(f"{name}={','.join(texts)}")
    return ";".join(parts)


def _listed(event: Any, name: str) -> list[date]:
    found = event.get(name, [])
    days: list[date] = []
    for group in found if isinstance(found, list) else [found]:
        for entry in group.dts:
            if isinstance(entry.dt, tuple):  # a period: its beginning
                days.append(entry.dt[0])
            else:
                days.append(entry.dt)
    return days


def _in_zone(moment: date, zone: Any) -> datetime:
    if isinstance(moment, datetime) and moment.tzinfo is not None and zone is not None:
        moment = moment.astimezone(zone)
    return _wall(moment)


def _wall(moment: date) -> datetime:
    """Return a moment on its own clock."""
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time.min)


def _instant(moment: date, tz: ZoneInfo) -> datetime:
    """Return a moment in UTC; one that names no zone stands on the area's clock."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        moment = _wall(moment).replace(tzinfo=tz)
    return moment.astimezone(UTC)


def _text(event: Any, name: str, reading: Reading) -> str:
    """Return one line of plain text without addresses of people and long numbers."""
    value = event.get(name, "")
    raw = str(value[0] if isinstance(value, list) else value)
    plain = "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in raw)
    masked = _LONG_NUMBER.sub("…", _EMAIL.sub("…", plain))
    if masked != plain:
        reading.notes["masked"] += 1
    return _SUMMED_UP.sub(" ", masked).strip()[:LONGEST_TEXT].rstrip()
