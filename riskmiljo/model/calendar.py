"""An event of a calendar: what happens, where and when; never who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# Of a title and a place.
LONGEST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One occasion of an event of an imported calendar.

    Attributes
    ----------
    uid
        Hash of the id that the foreign calendar gave it; occasions of one series share it.
    title, place
        At most 200 characters; the place may be empty.
    begins, ends
        UTC; the end is not included.
    all_day
        Whether it is told in days: local midnight to local midnight.
    called_off
        Whether the calendar says that it will not take place.
    """

    uid: str
    title: str
    place: str
    begins: datetime
    ends: datetime
    all_day: bool = False
    called_off: bool = False
