"""Which period is meant where a user names none, or names one in words."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.period import TZ, Period
from riskmiljo.settings import Settings
from riskmiljo.situation.released import released_span
from riskmiljo.store import Store
from riskmiljo.wording import Text

# A year, in whole weeks: every season and every weekday the same number of times, and the length
# that no other history beat in METHODS section 1.
DEFAULT_WEEKS: Final = 52
_SPARSE: Final = 1000


def zone_of(store: Store, settings: Settings) -> str:
    """Return the time zone of the area that a store holds, or the configured one while empty.

    Parameters
    ----------
    store
        The store.
    settings
        The installation's settings.

    Returns
    -------
    str
        For example ``"Europe/Stockholm"``.
    """
    area = store.area()
    return settings.timezone if area is None else area.tz


def data_end(store: Store, *, tz: str = TZ, owners: AbstractSet[str] = EVERY_OWNER) -> datetime:
    """Return the local midnight after the last incident.

    Parameters
    ----------
    store
        The store.
    tz
        The zone of midnight.
    owners
        Whose incidents.

    Returns
    -------
    datetime.datetime
        UTC. Data end there, whatever today's date is.

    Raises
    ------
    NothingFoundError
        If there are none.
    """
    span = store.span(owners=owners)
    if span is None:
        raise NothingFoundError(
            Text(
                "Lagret är tomt. Läs in händelser med riskmiljo import FIL, "
                "eller prova med riskmiljo demo.",
                "The store is empty. Import incidents with riskmiljo import FILE, "
                "or try riskmiljo demo.",
            )
        )
    zone = ZoneInfo(tz)
    # The span's end is exclusive: step back inside it before asking which day it is.
    last = (span.end - timedelta(microseconds=1)).astimezone(zone).date()
    return datetime.combine(last + timedelta(days=1), datetime.min.time(), zone).astimezone(
        span.end.tzinfo
    )


def default_period(
    store: Store, *, tz: str = TZ, owners: AbstractSet[str] = EVERY_OWNER, weeks_earlier: int = 0
) -> Period:
    """Return the last 52 weeks that the data hold, or the whole of a sparse record.

    Parameters
    ----------
    store
        The store.
    tz
        The zone of midnight.
    owners
        Whose incidents: a reader's period tells nothing of those that they may not read.
    weeks_earlier
        By how much it lies before the usual one.

    Returns
    -------
    Period
        Ends at the local midnight after the last incident. A record of fewer than 1 000 incidents
        is taken whole: a year of it would be too thin to see anything in.

    Raises
    ------
    NothingFoundError
        If there are no incidents.
    """
    end = data_end(store, tz=tz, owners=owners)
    span = store.span(owners=owners)
    if span is not None and store.count(owners=owners) < _SPARSE:
        zone = ZoneInfo(tz)
        first = datetime.combine(span.start.astimezone(zone).date(), datetime.min.time(), zone)
        period = Period(first, end)
    else:
        period = _last_days(end, DEFAULT_WEEKS * 7, tz)
    if weeks_earlier == 0:
        return period
    # Local days: the clock may have been changed in between.
    ends = (moment.date() - timedelta(weeks=weeks_earlier) for moment in period.local(tz))
    return Period.between(*ends, tz=tz)


def named_period(
    text: str,
    store: Store,
    *,
    tz: str = TZ,
    joint: bool = False,
    owners: AbstractSet[str] = EVERY_OWNER,
) -> Period:
    """Read a period, or ``last-28-days`` counted back from the end of the data.

    Parameters
    ----------
    text
        What `Period.parse` takes, or ``last-N-days``.
    store
        The store whose data end is counted from.
    tz
        The zone of local dates.
    joint
        Whether it is counted back from the end of what was released, which no import moves.
    owners
        Whose incidents tell where the data end.

    Returns
    -------
    Period
        In UTC.

    Raises
    ------
    InvalidInputError
        If it cannot be read.
    """
    if match := re.fullmatch(r"last-(\d{1,4})-days", text.strip()):
        days = int(match[1])
        if days == 0:
            raise InvalidInputError(
                Text(
                    "last-0-days är ingen period. Ange minst 1 dag.",
                    "last-0-days is no period. Give at least 1 day.",
                )
            )
        end = released_span(store).end if joint else data_end(store, tz=tz, owners=owners)
        return _last_days(end, days, tz)
    return Period.parse(text, tz=tz)


def _last_days(end: datetime, days: int, tz: str) -> Period:
    zone = ZoneInfo(tz)
    last = end.astimezone(zone)
    # By the calendar, not by hours: the period begins at a local midnight in every season.
    first = datetime.combine(last.date() - timedelta(days=days), datetime.min.time(), zone)
    return Period(first, last)
