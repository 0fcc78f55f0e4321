"""Take in a foreign calendar (iCalendar): what happens, where and when, nothing about people."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import riskmiljo
from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.ics_child import AHEAD_DAYS, BACK_DAYS, MAX_CPU_SECONDS, NOTES
from riskmiljo.model.calendar import CalendarEvent
from riskmiljo.wording import Text

MAX_BYTES: Final = 1_000_000
_MAX_SECONDS: Final = 3 * MAX_CPU_SECONDS
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from riskmiljo.intake.ics_child import main; main()"
)
_HEAD: Final = b"BEGIN:VCALENDAR"


@dataclass(frozen=True, slots=True)
class CalendarIntake:
    """What a calendar holds.

    Attributes
    ----------
    events
        Its occasions from two years back to two years ahead, earliest first. Of the file only
        title, place and times are kept: no description, no attendee, no organiser.
    notes
        What was left out, and why; one sentence a kind.
    sha256
        Of the file's bytes.
    counts
        What the notes are of: keys of `NOTES`, and how many.
    """

    events: tuple[CalendarEvent, ...]
    notes: tuple[Text, ...]
    sha256: str
    counts: tuple[tuple[str, int], ...] = ()


def read_calendar(data: bytes, *, tz: str, now: datetime) -> CalendarIntake:
    """Read an iCalendar file, its repeated events written out.

    Parameters
    ----------
    data
        The file's bytes, at most 1 MB.
    tz
        The zone of times and days that name none.
    now
        Aware: occasions from two years before to two years after it are read.

    Returns
    -------
    CalendarIntake
        All times in UTC.

    Raises
    ------
    UnreadableFileError
        If it is too large, no calendar, damaged, or takes too long to write out.

    References
    ----------
    Desruisseaux B. (2009), RFC 5545: Internet Calendaring and Scheduling Core Object
    Specification (iCalendar).
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(
            Text(
                "Kalendern är större än {mb} MB. Exportera en kortare tid.",
                "The calendar is larger than {mb} MB. Export a shorter time.",
            ).fill(mb=MAX_BYTES // 1_000_000),
            code="FIL_FOR_STOR",
        )
    plain = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain[: len(_HEAD)].upper() != _HEAD:
        raise UnreadableFileError(
            Text(
                "Filen är ingen kalender (iCalendar, .ics): den börjar inte med BEGIN:VCALENDAR.",
                "The file is no calendar (iCalendar, .ics): it does not begin with "
                "BEGIN:VCALENDAR.",
            ),
            code="FIL_OKAND",
        )
    first = now.astimezone(UTC) - timedelta(days=BACK_DAYS)
    last = now.astimezone(UTC) + timedelta(days=AHEAD_DAYS)
    plain, guessed = _as_utf8(plain)
    answer = _in_child(plain, [tz, first.isoformat(), last.isoformat()])
    events = (
        CalendarEvent(
            uid=row["uid"],
            title=row["title"],
            place=row["place"],
            begins=datetime.fromisoformat(row["begins"]),
            ends=datetime.fromisoformat(row["ends"]),
            all_day=row["all_day"],
            called_off=row["called_off"],
        )
        for row in answer["events"]
    )
    found = {str(code): int(number) for code, number in answer["notes"].items()}
    counts = tuple((found | ({"letters": 1} if guessed else {})).items())
    notes = tuple(NOTES[code].fill(n=number) for code, number in counts)
    ordered = sorted(events, key=lambda event: (event.begins, event.ends, event.uid))
    return CalendarIntake(tuple(ordered), notes, hashlib.sha256(data).hexdigest(), counts)


def _as_utf8(data: bytes) -> tuple[bytes, bool]:
    """Return a calendar in the letters of the standard, and whether those were guessed."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # What older programs on Windows write; five of its signs mean nothing.
        return data.decode("cp1252", errors="replace").encode("utf-8"), True
    return data, False


def _in_child(data: bytes, arguments: list[str]) -> dict[str, Any]:
    """Let a process with limits of its own do the work: some rules take for ever to write out."""
    root = str(Path(riskmiljo.__file__).parents[1])
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM, root, *arguments],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_MAX_SECONDS,
            check=False,
            # Nothing of the parent's environment, where passwords may lie.
            env={"PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much() from error
    if done.returncode != 0:
        raise _too_much()
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise UnreadableFileError(Text(*answer["refused"]), code="FIL_TRASIG")
    return answer


def _too_much() -> UnreadableFileError:
    return UnreadableFileError(
        Text(
            "Kalendern kunde inte läsas inom de gränser som gäller (skadad, eller för många "
            "upprepningar). Exportera en kortare tid.",
            "The calendar could not be read within the limits (damaged, or too many repetitions). "
            "Export a shorter time.",
        ),
        code="FIL_TRASIG",
    )
