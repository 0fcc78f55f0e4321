"""Rolling origins: the moments at which a back-test stands and looks ahead."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.record import FEWEST_WEEKS
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

_ONE_DAY: Final = timedelta(days=1)
_HOURS_A_DAY: Final = 24
# Longer than any record, and its sums of dates stay in the calendar.
_MOST_DAYS: Final = 100_000


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
        If the horizon is not a whole number of days, or it or the count is less than one.
    """
    if not 1 <= horizon_days <= _MOST_DAYS or horizon_days % 1 or count < 1:
        raise InvalidInputError(
            Text(
                "Horisonten ({h} {h:dag|dagar}) och antalet prognoser ({n}) ska vara hela tal "
                "och minst 1, horisonten högst {m} dagar. Kortare än en dag är ett pass.",
                "The horizon ({h} {h:day|days}) and the number of origins ({n}) must be whole "
                "numbers and at least 1, the horizon at most {m} days. Shorter than a day is a "
                "shift.",
            ).fill(h=horizon_days, n=count, m=_MOST_DAYS)
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


def rolling_shifts(
    end: date, *, hours: tuple[float, float], count: int, tz: str = TZ
) -> list[Period]:
    """Lay one shift on each of so many days in a row, the last one over when told.

    Parameters
    ----------
    end
        The local day at whose beginning the last shift is over at the latest.
    hours
        When a shift begins and ends by the local clock, such as (18, 2); an end that is not after
        the beginning is on the next day.
    count
        How many.
    tz
        The zone of the hours.

    Returns
    -------
    list of Period
        Oldest first; each begins at its origin. Over a change of the clock one is an hour shorter
        or longer; an hour that the clock skips is the instant of the skip or as long after it.

    Raises
    ------
    InvalidInputError
        If an hour is not one of a day, or the count is less than one.
    """
    begins, ends = _checked_hours(hours)
    if count < 1:
        raise InvalidInputError(
            Text(
                "Antalet prognoser ({n}) måste vara minst 1.",
                "The number of origins ({n}) must be at least 1.",
            ).fill(n=count)
        )
    night = ends <= begins
    last = end - (1 + (night and ends > 0)) * _ONE_DAY
    days = [last - step * _ONE_DAY for step in range(count - 1, -1, -1)]
    return [
        Period(_at_hour(day, begins, tz), _at_hour(day + night * _ONE_DAY, ends, tz))
        for day in days
    ]


def shifts_that_fit(
    first_known: datetime, end: date, *, hours: tuple[float, float], tz: str = TZ
) -> int:
    """Return how many shifts fit before an end with enough history before the first.

    Parameters
    ----------
    first_known
        When the record begins.
    end, hours, tz
        As in `rolling_shifts`.

    Returns
    -------
    int
        May be 0.
    """
    last = rolling_shifts(end, hours=hours, count=1, tz=tz)[0].local(tz)[0].date()
    return origins_that_fit(first_known, last + _ONE_DAY, horizon_days=1, tz=tz)


def _checked_hours(hours: tuple[float, float]) -> tuple[float, float]:
    try:
        begins, ends = (float(hour) for hour in hours)
    except (TypeError, ValueError):
        begins, ends = -1.0, -1.0
    ends = 0.0 if ends == _HOURS_A_DAY else ends
    if not (0 <= begins < _HOURS_A_DAY and 0 <= ends < _HOURS_A_DAY):
        raise InvalidInputError(
            Text(
                "Passets timmar {v} kan inte läsas. Ge början och slut som timmar på dygnet, till "
                "exempel (18, 2).",
                "The shift's hours {v} cannot be read. Give its beginning and end as hours of the "
                "day, such as (18, 2).",
            ).fill(v=str(hours)[:40])
        )
    return begins, ends


def _at_hour(day: date, hour: float, tz: str) -> datetime:
    minutes = round(60 * hour)
    return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=ZoneInfo(tz))
