"""Rolling origins: the moments at which a back-test stands and looks ahead."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.record import FEWEST_WEEKS
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

_ONE_DAY: Final = timedelta(days=1)


def local_midnight(day: date, tz: str = TZ) -> datetime:
    """Return the instant at which a local day begins.

    Parameters
    ----------
    day
        The day.
    tz
        The zone.

    Returns
    -------
    datetime.datetime
        Aware. Where the clock skips midnight itself it is the instant of the skip.
    """
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(tz))


def rolling_periods(end: date, *, horizon_days: int, count: int, tz: str = TZ) -> list[Period]:
    """Lay periods of whole local days end to end, the last one ending where told.

    Parameters
    ----------
    end
        The local day after the last period.
    horizon_days
        Length of each, local days: over a change of the clock one is an hour shorter or longer.
    count
        How many.
    tz
        The zone of the days.

    Returns
    -------
    list of Period
        Oldest first; each begins at its origin.

    Raises
    ------
    InvalidInputError
        If the horizon or the count is less than one.
    """
    if horizon_days < 1 or count < 1:
        raise InvalidInputError(
            Text(
                "Horisonten ({h} dagar) och antalet prognoser ({n}) måste vara minst 1.",
                "The horizon ({h} days) and the number of origins ({n}) must be at least 1.",
            ).fill(h=horizon_days, n=count)
        )
    days = [end - step * horizon_days * _ONE_DAY for step in range(count, -1, -1)]
    return [
        Period(local_midnight(first, tz), local_midnight(last, tz))
        for first, last in pairwise(days)
    ]


def day_after(moment: datetime, tz: str = TZ) -> date:
    """Return the local day after the one that a moment falls in.

    Parameters
    ----------
    moment
        Aware.
    tz
        The zone.

    Returns
    -------
    datetime.date
        The day.
    """
    return moment.astimezone(ZoneInfo(tz)).date() + _ONE_DAY


def origins_that_fit(first_known: datetime, end: date, *, horizon_days: int, tz: str = TZ) -> int:
    """Return how many periods fit before an end with enough history before the first.

    Parameters
    ----------
    first_known
        When the record begins.
    end
        The local day after the last period.
    horizon_days
        Length of each, local days.
    tz
        The zone of the days.

    Returns
    -------
    int
        May be 0.
    """
    begins = first_known.astimezone(ZoneInfo(tz)).date() + timedelta(weeks=FEWEST_WEEKS)
    return max(0, (end - begins) // timedelta(days=horizon_days))
