"""A shift: the time a patrol works, and which hours of the week it covers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ, Period, local_instant
from riskmiljo.wording import Text

HOURS_OF_WEEK: Final = 168
_LONGEST: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class HourSlot:
    """The part of a shift that lies in one hour of the local clock.

    Attributes
    ----------
    begins, ends
        UTC; at most one hour apart.
    hour_of_week
        0 is Monday 00:00 to 01:00 local time.
    """

    begins: datetime
    ends: datetime
    hour_of_week: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One working shift.

    Parameters
    ----------
    period
        When it begins and ends (UTC).
    tz
        The zone in which its hours are named.

    Examples
    --------
    >>> Shift.parse("2026-04-30 18:00/02:00").hours
    8.0
    """

    period: Period
    tz: str = TZ

    @classmethod
    def parse(cls, text: str, *, tz: str = TZ) -> Self:
        """Read ``2026-04-30 18:00/02:00``: an end before the start is on the next day.

        Parameters
        ----------
        text
            Date, start and end in local time; the end may carry a date of its own.
        tz
            The zone of these times.

        Returns
        -------
        Shift
            At most 24 hours long.

        Raises
        ------
        InvalidInputError
            If it cannot be read, ends as or before it begins, is longer than 24 hours, or begins
            or ends within the hour that the clock skips. An end just as the clock is put forward
            is an end. A whole day and night needs the end's date: the same time twice is more
            often a slip than a wish.
        """
        match = re.fullmatch(
            r"\s*(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})\s*/\s*"
            r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2})\s*",
            text,
        )
        if match is None or not _on_the_calendar(match):
            raise InvalidInputError(
                Text(
                    "Passet {t!r} kan inte läsas. Skriv till exempel 2026-04-30 18:00/02:00.",
                    "The shift {t!r} cannot be read. Write for example 2026-04-30 18:00/02:00.",
                ).fill(t=text)
            )
        day, begins, end_day, ends = match.groups()
        first = f"{day} {begins.zfill(5)}"
        if end_day is None:
            start_day = local_instant(first, tz).astimezone(ZoneInfo(tz)).date()
            next_day = (start_day + timedelta(days=1)).isoformat()
            if ends.zfill(5) == begins.zfill(5):
                raise InvalidInputError(
                    Text(
                        "Passet {t!r} slutar samma klockslag som det börjar. Ändra slutet, eller "
                        "skriv slutets dag om passet är ett helt dygn: {w}.",
                        "The shift {t!r} ends at the time it begins. Change the end, or give the "
                        "end's day if the shift is a whole day and night: {w}.",
                    ).fill(t=text, w=f"{first}/{next_day} {ends.zfill(5)}")
                )
            end_day = next_day if ends.zfill(5) < begins.zfill(5) else start_day.isoformat()
        start, end = local_instant(first, tz), _end(f"{end_day} {ends.zfill(5)}", tz)
        if end <= start:
            raise InvalidInputError(
                Text(
                    "Passet {t!r} slutar inte efter att det har börjat. Rätta slutets dag eller "
                    "klockslag.",
                    "The shift {t!r} does not end after it has begun. Correct the end's day or "
                    "time.",
                ).fill(t=text)
            )
        period = Period(start, end)
        if end - start > _LONGEST:
            raise InvalidInputError(
                Text(
                    "Passet {t!r} är längre än 24 timmar. Dela det i flera pass.",
                    "The shift {t!r} is longer than 24 hours. Split it into several shifts.",
                ).fill(t=text)
            )
        return cls(period, tz)

    @classmethod
    def next_evening(cls, now: datetime, *, tz: str = TZ) -> Self:
        """Return the coming 18:00 to 02:00 shift, or the one under way.

        Parameters
        ----------
        now
            An aware datetime.
        tz
            The zone in which 18:00 is meant.

        Returns
        -------
        Shift
            Eight hours by the clock. On the night when 02:00 is skipped it ends at that instant,
            which the clock calls 03:00.
        """
        zone = ZoneInfo(tz)
        local = now.astimezone(zone)
        day: date = local.date()
        if local.hour < 2:  # noqa: PLR2004 - yesterday's shift ends at two
            day -= timedelta(days=1)
        begins = datetime.combine(day, time(18), zone)
        ends = datetime.combine(day + timedelta(days=1), time(2), zone)
        return cls(Period(begins, ends), tz)

    @property
    def hours(self) -> float:
        """Length in hours that truly pass (seven or nine on the nights the clock changes)."""
        return (self.period.end - self.period.start) / timedelta(hours=1)

    def hours_of_week(self) -> npt.NDArray[np.float64]:
        """Return how much of each local hour of the week the shift covers.

        Returns
        -------
        numpy.ndarray
            Shape (168,), hours; index 0 is Monday 00:00 to 01:00. Sums to `hours`.
        """
        covered = np.zeros(HOURS_OF_WEEK)
        for slot in self.hour_slots():
            covered[slot.hour_of_week] += (slot.ends - slot.begins) / timedelta(hours=1)
        return covered

    def hour_slots(self) -> tuple[HourSlot, ...]:
        """Return the shift hour by hour, as the local clock strikes.

        Returns
        -------
        tuple of HourSlot
            In order of time. The hour that the clock repeats in autumn is two slots with the same
            hour of the week; the one it skips in spring is none.
        """
        slots: list[HourSlot] = []
        zone = ZoneInfo(self.tz)
        at = self.period.start
        while at < self.period.end:
            # UTC hours and local hours begin together wherever the offset is whole hours; the
            # quarter-hour step also holds where it is not.
            step = min(_next_quarter(at), self.period.end)
            local = at.astimezone(zone)
            hour = local.weekday() * 24 + local.hour
            last = slots[-1] if slots else None
            strikes = local.minute == 0 and local.second == 0
            if last is not None and last.hour_of_week == hour and not strikes:
                slots[-1] = HourSlot(last.begins, step, hour)
            else:
                slots.append(HourSlot(at, step, hour))
            at = step
        return tuple(slots)

    def label(self) -> Text:
        """Return the shift as users write it, in both languages."""
        first, last = self.period.local(self.tz)
        # The same time of day or later is on another day only where that is said.
        whole = last.date() > first.date() and last.time() >= first.time()
        ends = f"{last:%Y-%m-%d %H:%M}" if whole else f"{last:%H:%M}"
        span = f"{first:%Y-%m-%d %H:%M}–{ends}"
        return Text(span, span)


def _next_quarter(at: datetime) -> datetime:
    whole = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    return whole + timedelta(minutes=15)


def _on_the_calendar(match: re.Match[str]) -> bool:
    """Tell whether the days and times of a shift are such that there are."""
    day, begins, end_day, ends = match.groups()
    try:
        datetime.fromisoformat(f"{day} {begins.zfill(5)}")
        datetime.fromisoformat(f"{end_day or day} {ends.zfill(5)}")
    except ValueError:
        return False
    return True


def _end(text: str, tz: str) -> datetime:
    try:
        return local_instant(text, tz)
    except InvalidInputError as error:
        # 02:00 on the spring night is the instant the clock says 03:00: the minute before exists.
        minute = timedelta(minutes=1)
        try:
            return local_instant(datetime.fromisoformat(text) - minute, tz) + minute
        except ValueError:
            # The complaint is about the time that was written, not about the minute before.
            raise error from None
