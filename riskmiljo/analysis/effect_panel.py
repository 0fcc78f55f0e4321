"""Weeks before and during an operation, and whether the record can bear a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.places import Floats, Ints
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import kind_name
from riskmiljo.wording import Text

Moments = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]

LEAST_WEEKS_BEFORE: Final = 8
MOST_WEEKS_BEFORE: Final = 52
# How unlikely an empty stretch must be to be a hole in the record (log of the chance).
_HOLE: Final = -12.0
_WEEK: Final = timedelta(weeks=1)
_LEAST_OF_KIND: Final = 20


@dataclass(frozen=True)
class Weeks:
    """Seven-day weeks back from the start of an operation, and forward to its end.

    Parameters
    ----------
    edges
        Shape (weeks + 1,), UTC without a zone; the last week may be shorter.
    before
        How many of them lie before the operation.
    tz
        The zone of local days.
    """

    edges: Moments
    before: int
    tz: str

    @property
    def lengths(self) -> Floats:
        """Length of each week, days, shape (weeks,)."""
        return np.asarray(np.diff(self.edges) / np.timedelta64(1, "D"), dtype=float)

    def day(self, edge: int) -> date:
        """Return the local day of an edge."""
        return _local_day(self.edges[edge], self.tz).date()

    def column_of(self, times: Moments) -> Ints:
        """Return the week of each time, -1 outside.

        Parameters
        ----------
        times
            Shape (n,), UTC without a zone.

        Returns
        -------
        numpy.ndarray
            Shape (n,).
        """
        column = np.searchsorted(self.edges, times, side="right") - 1
        outside = (column < 0) | (column >= len(self.edges) - 1)
        return np.where(outside, -1, column).astype(np.int64)


def weeks_of(
    times: Moments, during: Period, since: datetime | None, tz: str
) -> tuple[Weeks, list[Text]]:
    """Divide the time before and during an operation.

    Parameters
    ----------
    times
        When incidents occurred, UTC without a zone.
    during
        The operation.
    since
        Where what is compared with begins; None: up to 52 weeks that the record holds.
    tz
        The zone of local weeks.

    Returns
    -------
    tuple
        The weeks, and what was cut, in words.

    Raises
    ------
    NothingFoundError
        If there are no incidents.
    InvalidInputError
        If fewer than eight weeks lie before the operation, or the record ends before it begins.
    """
    if len(times) == 0:
        raise NothingFoundError(
            Text(
                "Det finns inga händelser att utvärdera. Välj en längre period.",
                "There are no incidents to evaluate. Choose a longer period.",
            )
        )
    start, end = (moment.replace(tzinfo=None) for moment in during.local(tz))
    first, last = _local_day(times.min(), tz), _local_day(times.max(), tz)
    if since is not None:
        first = max(first, since.astimezone(ZoneInfo(tz)).replace(tzinfo=None))
    number = (start - first) // _WEEK
    if since is None:
        number = min(number, MOST_WEEKS_BEFORE)
    if number < LEAST_WEEKS_BEFORE:
        raise InvalidInputError(
            Text(
                "Insatsen saknar ett före: det som jämförs börjar {f} och insatsen {s}; {n} "
                "{n:hel vecka|hela veckor} räcker inte, {m} behövs. Ta med äldre händelser.",
                "The operation has no before: what is compared begins {f} and the operation "
                "{s}; {n} whole {n:week is|weeks are} too few, {m} are needed. Take in older "
                "incidents.",
            ).fill(f=first.date(), s=start.date(), n=max(number, 0), m=LEAST_WEEKS_BEFORE),
            code="INGET_FORE",
        )
    notes: list[Text] = []
    stop = last + timedelta(days=1)
    if stop <= start:
        raise InvalidInputError(
            Text(
                "Underlaget slutar {d}, innan insatsen börjar {s}. Ta med händelser från insatsen.",
                "The record ends {d}, before the operation begins {s}. Take in incidents from it.",
            ).fill(d=last.date(), s=start.date()),
            code="INGET_UNDER",
        )
    if end - stop >= _WEEK:
        notes.append(
            Text(
                "Underlaget slutar {d}; insatsen utvärderas till dess.",
                "The record ends {d}; the operation is evaluated until then.",
            ).fill(d=last.date())
        )
    else:
        stop = end
    edges = [start - _WEEK * back for back in range(number, -1, -1)]
    while edges[-1] + _WEEK < stop:
        edges.append(edges[-1] + _WEEK)
    local = pd.DatetimeIndex([*edges, stop])
    utc = local.tz_localize(tz, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward")
    moments = np.asarray(utc.tz_convert("UTC").tz_localize(None), dtype="datetime64[us]")
    return Weeks(moments, number, tz), notes


def _local_day(moment: np.datetime64, tz: str) -> datetime:
    local = pd.Timestamp(moment).tz_localize("UTC").tz_convert(ZoneInfo(tz))
    return datetime(local.year, local.month, local.day)  # noqa: DTZ001 - a local day


def check_record(weekly: Floats, kinds: Floats, names: list[str], weeks: Weeks) -> None:
    """Refuse a record with holes, or with a kind that begins or ends half-way.

    Parameters
    ----------
    weekly
        All incidents per week, shape (weeks,).
    kinds
        Incidents per kind and week, shape (kinds, weeks).
    names
        The kinds.
    weeks
        The weeks.

    Raises
    ------
    InvalidInputError
        Naming the weeks or the kind, and what to do.
    """
    lengths = weeks.lengths / 7
    hole = _empty_run(weekly, lengths)
    if hole is not None:
        raise InvalidInputError(
            Text(
                "Underlaget har ett hål: inga händelser alls {a} till {b}. Fyll på, eller välj "
                "en period före som börjar senare (since=...).",
                "The record has a hole: no incidents at all from {a} to {b}. Fill it, or choose a "
                "period before that begins later (since=...).",
            ).fill(a=weeks.day(hole[0]), b=weeks.day(hole[1])),
            code="HAL_I_UNDERLAGET",
        )
    for name, series in zip(names, kinds, strict=True):
        if series.sum() < _LEAST_OF_KIND:
            continue
        present = np.flatnonzero(series)
        for empty, word in (
            (slice(0, present[0]), Text("börjar först", "begins only on")),
            (slice(present[-1] + 1, None), Text("slutar redan", "ends already on")),
        ):
            run = lengths[empty].sum()
            rate = series.sum() / (lengths.sum() - run)
            if run >= 2 and -rate * run < _HOLE:  # noqa: PLR2004 - a quiet week is no boundary
                at = present[0] if empty.start == 0 else present[-1] + 1
                raise InvalidInputError(
                    Text(
                        "Slaget {k} {word} {d}, mitt i det som jämförs. Välj bort det, "
                        "eller ändra perioden före (since=...).",
                        "The kind {k} {word} {d}, amid what is compared. Leave it out, or "
                        "change the period before (since=...).",
                    ).fill(k=kind_name(name), word=word, d=weeks.day(int(at))),
                    code="SLAG_HALVVAGS",
                )


def _empty_run(weekly: Floats, lengths: Floats) -> tuple[int, int] | None:
    """Return the longest run of empty weeks that chance would hardly give."""
    rate = weekly.sum() / max(lengths[weekly > 0].sum(), 1e-9)
    best: tuple[int, int] | None = None
    begin = None
    for week in range(len(weekly) + 1):
        if week < len(weekly) and weekly[week] == 0:
            begin = week if begin is None else begin
        elif begin is not None:
            long = best is None or week - begin > best[1] - best[0]
            if long and -rate * lengths[begin:week].sum() < _HOLE:
                best = begin, week
            begin = None
    return best


def tabulate(place: Ints, column: Ints, places: int, columns: int) -> Floats:
    """Count incidents per place and week.

    Parameters
    ----------
    place, column
        Of each incident, -1 for none.
    places, columns
        How many of each.

    Returns
    -------
    numpy.ndarray
        Shape (places, columns).
    """
    used = (place >= 0) & (column >= 0)
    flat = np.bincount(place[used] * columns + column[used], minlength=places * columns)
    return flat.reshape(places, columns).astype(float)
