"""Weekly counts by zone, weeks of seven whole local days that end where they are told to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import count_of, numbers_in
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import nothing_to_analyse
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ, local_instant
from riskmiljo.wording import Text

ALL: Final = "all"
_WEEK_DAYS: Final = 7
_MOST_WEEKS: Final = 5_300


def weekly_counts(
    incidents: pd.DataFrame,
    by: pd.Series | None = None,
    *,
    now: str | date,
    since: str | date | None = None,
    tz: str = TZ,
) -> pd.DataFrame:
    """Count incidents by zone and week.

    Parameters
    ----------
    incidents
        With ``occurred_from`` in UTC.
    by
        The zone of each incident, as `assign_zones` gives it; those without one are left out.
        None: one row, ``"all"``.
    now
        Where the last week ends: the local midnight that begins this day. What began later is
        left out.
    since
        The first local day of the record; None: that of the first incident.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        One row a zone in sorted order, one column a week: the local date on which it begins. The
        days before the first whole week are left out.

    Raises
    ------
    NothingFoundError
        If no incident began before ``now``.
    InvalidInputError
        If the labels do not fit, or there is not one whole week between ``since`` and ``now``.
    """
    if by is not None and count_of(by) != len(incidents):
        raise InvalidInputError(
            Text(
                "{a} {a:etikett|etiketter} för {b} {b:händelse|händelser}. Ge en etikett per "
                "händelse.",
                "{a} {a:label|labels} for {b} {b:incident|incidents}. Give one label for each "
                "incident.",
            ).fill(a=count_of(by), b=len(incidents))
        )
    end = local_day(now, tz)
    times = with_moments(incidents, tz)["occurred_from"]
    local = times.dt.tz_convert(tz).dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    last = np.datetime64(end, "D")
    past = ~np.isnat(local) & (local < last)
    if not past.any():
        raise nothing_to_analyse()
    first = local[past].min() if since is None else np.datetime64(local_day(since, tz), "D")
    weeks = int((last - first).astype(int)) // _WEEK_DAYS
    if not 1 <= weeks <= _MOST_WEEKS:
        raise InvalidInputError(
            Text(
                "Mellan {a} och {b} ligger {n} {n:hel vecka|hela veckor}. Det behövs 1 till {m}.",
                "Between {a} and {b} lie {n} whole {n:week|weeks}. 1 to {m} are needed.",
            ).fill(a=str(first), b=str(last), n=max(0, weeks), m=_MOST_WEEKS)
        )
    week = weeks - 1 - (last - local[past] - 1).astype(np.int64) // _WEEK_DAYS
    if by is None:
        number, names = np.zeros(len(week), dtype=np.int64), pd.Index([ALL])
    else:
        number, names = pd.factorize(pd.Series(by)[past], sort=True)
    counted = (week >= 0) & (number >= 0)
    flat = np.bincount(number[counted] * weeks + week[counted], minlength=len(names) * weeks)
    begins = [end - timedelta(days=_WEEK_DAYS * (weeks - k)) for k in range(weeks)]
    return pd.DataFrame(
        flat.reshape(len(names), weeks).astype(np.int64),
        index=pd.Index(names, name="zone_id"),
        columns=pd.Index(begins, name="week"),
    )


def local_day(moment: str | date, tz: str) -> date:
    """Return the local day of a date or time.

    Parameters
    ----------
    moment
        ISO 8601 text, a date or a datetime; without an offset it is local.
    tz
        The zone.

    Returns
    -------
    datetime.date
        In that zone.

    Raises
    ------
    InvalidInputError
        If it cannot be read.
    """
    return local_instant(moment, tz).astimezone(ZoneInfo(tz)).date()


def checked_counts(counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return a series of counts as whole numbers, or say what is wrong with it.

    Parameters
    ----------
    counts
        Shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Raises
    ------
    InvalidInputError
        If it is empty, or a value is negative, missing or not whole.
    """
    values = numbers_in(counts, Text("Antalen", "The counts"))
    whole = values.ndim == 1 and values.size > 0 and bool(np.isfinite(values).all())
    if not whole or (values < 0).any() or (values != np.rint(values)).any():
        raise InvalidInputError(
            Text(
                "Antalen ska vara en rad hela tal från 0 och uppåt, ett per vecka.",
                "The counts must be a row of whole numbers from 0 upwards, one for each week.",
            )
        )
    return values.astype(np.int64)
