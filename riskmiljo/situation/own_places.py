"""Stops as a user writes them: a place, when the visit is to begin, and how long to stay."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import local_instant
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.stops import OwnStop
from riskmiljo.situation.named_places import find_spot
from riskmiljo.wording import Text

_CLOCK: Final = r"(?:[01]?\d|2[0-4]):[0-5]\d"
_STAY: Final = re.compile(r"\s+(?P<minutes>\d{1,3})\s*min$")
_WINDOW: Final = re.compile(
    rf"\s+(?P<opens>{_CLOCK})?\s*[-–]\s*(?P<closes>{_CLOCK})?$",
)
# A window over midnight that is longer is one whose ends have changed places.
_LONGEST_NIGHT: Final = timedelta(hours=12)
_ANY_CLOCK: Final = re.compile(r"\d:\d")


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """What a user wrote of one stop.

    Attributes
    ----------
    place
        A name of the gazetteer, or ``lat,lon``.
    opens, closes
        Local times ``HH:MM`` between which the visit is to begin; empty for any.
    dwell_min
        Minutes to stay; None for the plan's own.
    """

    place: str
    opens: str = ""
    closes: str = ""
    dwell_min: float | None = None

    @classmethod
    def read(cls, text: str) -> OwnPlace:
        """Read ``Katedralskolan 15:00-16:00 20 min``; all but the place may be left out.

        Parameters
        ----------
        text
            As written; ``22:00-`` is from then on, ``-16:00`` until then.

        Returns
        -------
        OwnPlace
            In its parts.

        Raises
        ------
        InvalidInputError
            If it holds a time that is no window, or no place.
        """
        rest = " ".join(text.split())
        stay, window = _STAY.search(rest), None
        if stay is not None:
            rest = rest[: stay.start()]
        window = _WINDOW.search(rest)
        if window is not None and (window["opens"] or window["closes"]):
            rest = rest[: window.start()]
        else:
            window = None
        if not rest or _ANY_CLOCK.search(rest):
            raise InvalidInputError(
                Text(
                    "Hållpunkten {t!r} kan inte läsas. Skriv en plats och när besöket ska börja, "
                    "till exempel Katedralskolan 15:00-16:00 20 min.",
                    "The stop {t!r} cannot be read. Write a place and when the visit is to begin, "
                    "such as Katedralskolan 15:00-16:00 20 min.",
                ).fill(t=text[:60])
            )
        return cls(
            rest,
            (window["opens"] or "") if window else "",
            (window["closes"] or "") if window else "",
            float(stay["minutes"]) if stay else None,
        )

    def window(self, shift: Shift) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """Return when the visit may begin in a shift.

        Parameters
        ----------
        shift
            Its local day, or the next, is the day of the times.

        Returns
        -------
        tuple of pandas.Timestamp or None
            The first and the last moment (UTC); None where any is as good.

        Raises
        ------
        InvalidInputError
            If no moment of the shift lies in the window, or the clock skips one of its times.
        """
        if not (self.opens or self.closes):
            return None, None
        begins, ends = shift.period.start, shift.period.end
        today = begins.astimezone(ZoneInfo(shift.tz)).date()
        skipped: InvalidInputError | None = None
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            try:
                first, last = self._between(day, shift.tz)
            except InvalidInputError as error:
                skipped = error
                continue
            # A time alone is one within the shift; the window's other end is then the shift's own.
            if begins < (last or first or begins) and (first or last or ends) < ends:
                return first, last
        if skipped is not None:
            raise skipped
        raise InvalidInputError(
            Text(
                "{p} ska besökas {o}–{c}, men passet är {s}. Ändra tiderna eller passet.",
                "{p} is to be visited {o}–{c}, but the shift is {s}. Change the times or the "
                "shift.",
            ).fill(p=self.place[:60], o=self.opens, c=self.closes, s=shift.label())
        )

    def _between(self, day: date, tz: str) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """Return the window that opens on a day, or closes on it where it has no beginning."""
        first = _moment(day, self.opens, tz) if self.opens else None
        last = _moment(day, self.closes, tz) if self.closes else None
        if first is not None and last is not None and last < first:
            last = _moment(day + timedelta(days=1), self.closes, tz)
            if last - first > _LONGEST_NIGHT:
                raise InvalidInputError(
                    Text(
                        "{p}: tiden {o}–{c} slutar innan den börjar. Byt plats på klockslagen.",
                        "{p}: the time {o}–{c} ends before it begins. Swap the two.",
                    ).fill(p=self.place[:60], o=self.opens, c=self.closes)
                )
        return first, last


def own_stops(
    own: Collection[str],
    joint: Collection[str],
    *,
    shift: Shift,
    places: gpd.GeoDataFrame,
    crs: CRS,
) -> list[OwnStop]:
    """Return the stops that a user adds to a shift.

    Parameters
    ----------
    own
        Stops as written.
    joint
        Those that police and outreach visit together; they need not stand among the others.
    shift
        The shift.
    places
        The gazetteer.
    crs
        The metric reference system wanted.

    Returns
    -------
    list of OwnStop
        Each once, in the order written.

    Raises
    ------
    InvalidInputError
        If a place or a time cannot be used.
    """
    found = []
    for text in dict.fromkeys((*own, *joint)):
        wish = OwnPlace.read(text)
        spot = find_spot(wish.place, places, crs)
        opens, closes = wish.window(shift)
        found.append(
            OwnStop(
                spot.name,
                spot.x,
                spot.y,
                opens=opens,
                closes=closes,
                dwell_min=wish.dwell_min,
                joint=text in joint,
            )
        )
    return found


def _moment(day: date, clock: str, tz: str) -> pd.Timestamp:
    hour, minute = (int(part) for part in clock.split(":"))
    days, hour = divmod(hour, 24)
    local = datetime.combine(day + timedelta(days=days), time(hour, minute))
    return pd.Timestamp(local_instant(local, tz))
