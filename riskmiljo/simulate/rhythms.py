"""Rhythms: how a simulated place's incidents spread over the hours of the week and the year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.wording import Text

EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)
WORKDAYS: Final = (0, 1, 2, 3, 4)
FRIDAY_SATURDAY: Final = (4, 5)


@dataclass(frozen=True, slots=True)
class Peak:
    """A bell over the hours around one time of day.

    Parameters
    ----------
    days
        Weekdays, 0 is Monday.
    hour
        Local time of its top; 24.5 on a Friday is half past midnight on Saturday.
    width_h
        Its standard deviation, hours.
    height
        Of its top, against the other peaks of the same rhythm.
    """

    days: tuple[int, ...]
    hour: float
    width_h: float
    height: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A week and a year in the life of a place.

    Parameters
    ----------
    name
        For people.
    peaks
        The tops of its week.
    floor
        What every hour has, against a peak of height one.
    summer
        How much more happens in the middle of July, and less in January: 0.3 is 30 %.
    payday
        How many times more happens in the weekend after pay day.
    term_only
        Whether little happens while the schools are closed.
    """

    name: Text
    peaks: tuple[Peak, ...]
    floor: float
    summer: float = 0.0
    payday: float = 1.0
    term_only: bool = False

    def profile(self) -> npt.NDArray[np.float64]:
        """Return the week as 168 factors with mean one; index 0 is Monday 00:00 to 01:00."""
        middle = np.arange(HOURS_OF_WEEK) + 0.5
        week = np.full(HOURS_OF_WEEK, self.floor)
        half = HOURS_OF_WEEK / 2
        for peak in self.peaks:
            for day in peak.days:
                apart = (middle - day * 24 - peak.hour + half) % HOURS_OF_WEEK - half
                week += peak.height * np.exp(-0.5 * (apart / peak.width_h) ** 2)
        return np.asarray(week / week.mean())


RHYTHMS: Final[dict[str, Rhythm]] = {
    "night_life": Rhythm(
        Text("krognatt", "night life"),
        (Peak(FRIDAY_SATURDAY, 24.5, 1.7, 1.0), Peak((2,), 23.5, 1.5, 0.2)),
        floor=0.03,
        payday=1.7,
    ),
    "evening_weekend": Rhythm(
        Text("kväll och helg", "evening and weekend"),
        (Peak(EVERY_DAY, 20.5, 2.5, 0.4), Peak(FRIDAY_SATURDAY, 22.5, 2.3, 1.0)),
        floor=0.04,
        payday=1.4,
    ),
    "station": Rhythm(
        Text("station, dag och kväll", "station, day and evening"),
        (
            Peak(WORKDAYS, 8.0, 1.5, 0.3),
            Peak(WORKDAYS, 16.5, 2.5, 0.8),
            Peak(EVERY_DAY, 21.0, 2.5, 0.6),
            Peak(FRIDAY_SATURDAY, 23.5, 2.0, 0.5),
        ),
        floor=0.05,
        payday=1.2,
    ),
    "school_afternoon": Rhythm(
        Text("skoleftermiddag", "school afternoon"),
        (Peak(WORKDAYS, 13.5, 2.0, 1.0),),
        floor=0.02,
        term_only=True,
    ),
    "shopping": Rhythm(
        Text("handel", "shopping hours"),
        (Peak(WORKDAYS, 16.5, 2.3, 1.0), Peak((5,), 14.0, 2.3, 0.9), Peak((6,), 14.5, 2.0, 0.6)),
        floor=0.02,
    ),
    "suburb_evening": Rhythm(
        Text("förortskväll", "suburban evening"),
        (Peak(EVERY_DAY, 19.5, 2.5, 0.8), Peak(FRIDAY_SATURDAY, 21.5, 2.0, 0.5)),
        floor=0.05,
        summer=0.1,
        payday=1.1,
    ),
    "park_summer": Rhythm(
        Text("sommarkväll i parken", "summer evening in the park"),
        (Peak(EVERY_DAY, 19.0, 3.0, 0.6), Peak(FRIDAY_SATURDAY, 22.0, 2.5, 0.8)),
        floor=0.03,
        summer=0.7,
    ),
    "city_wide": Rhythm(
        Text("hela staden", "the whole city"),
        (
            Peak(EVERY_DAY, 15.0, 4.0, 0.6),
            Peak(EVERY_DAY, 20.0, 3.0, 0.5),
            Peak(FRIDAY_SATURDAY, 23.5, 2.2, 0.5),
        ),
        floor=0.1,
        summer=0.1,
        payday=1.1,
    ),
}
