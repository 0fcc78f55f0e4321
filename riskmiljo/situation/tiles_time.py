"""The incidents of one question week by week, over the whole record: what the time brush shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from riskmiljo.access.lens import Lens
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.situation.periods import data_end, default_period
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.tiles import seen_rows
from riskmiljo.situation.tiles_rows import Rows, rows_of
from riskmiljo.store import Store

Unit = Literal["week", "month"]

_WEEK: Final = timedelta(days=7)
# Ten years: more bars than that are narrower than a pixel.
_MOST: Final = {"week": 520, "month": 120}
# How many steps wide the window of the playback is.
_WINDOW: Final = {"week": 4, "month": 1}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts by calendar week, or by calendar month in the joint picture.

    Attributes
    ----------
    unit
        ``"week"`` (from Monday) or ``"month"``.
    edges
        Local days on which the steps begin, and where the last one ends: n + 1 of them. The last
        step is shorter where the data end within it.
    counts
        Incidents in each step; None where none, or too few, may be shown: both look alike.
    window
        How many steps the playback shows at once.
    whole
        Whether the last step is a whole week or month.
    """

    unit: Unit
    edges: tuple[date, ...]
    counts: tuple[int | None, ...]
    window: int
    whole: bool


def timeline(store: Store, lens: Lens, question: Filter) -> Timeline:
    """Count the incidents of a question by week, whatever period it names.

    Parameters
    ----------
    store
        Where the incidents lie.
    lens
        What the reader may see. Its minimum counts hold for each week by itself.
    question
        The filter; its period is not looked at.

    Returns
    -------
    Timeline
        From the first incident that the store holds, at most ten years, to where the data end.

    Raises
    ------
    NothingFoundError
        If the store is empty.
    """
    tz = question.tz
    unit: Unit = "week" if lens.scope == "own" else "month"
    end = data_end(store, tz=tz).astimezone(ZoneInfo(tz)).date()
    span = store.span() or default_period(store, tz=tz)
    edges = step_edges(span.local(tz)[0].date(), end, unit)
    whole = Period.between(edges[0], edges[-1], tz=tz)
    asked = question.within(whole)
    rows = (
        seen_rows(store, lens, tz=tz)
        if lens.scope == "own"
        else rows_of(seen_incidents(store, asked, lens), tz=tz)
    )
    return Timeline(
        unit=unit,
        edges=edges,
        counts=_counts(rows, asked, edges, lens),
        window=_WINDOW[unit],
        whole=edges[-1] == _next(_begin(edges[-2], unit), unit),
    )


def step_edges(first: date, end: date, unit: Unit) -> tuple[date, ...]:
    """Return where calendar weeks or months begin, and where the data end.

    Parameters
    ----------
    first
        The first day of the data.
    end
        The day after the last one.
    unit
        Weeks begin on Mondays.

    Returns
    -------
    tuple of datetime.date
        At least two, rising; the last one is ``end``.
    """
    edges = [_begin(first, unit)]
    while (later := _next(edges[-1], unit)) < end:
        edges.append(later)
    return (*edges[-_MOST[unit] :], end)


def _begin(day: date, unit: Unit) -> date:
    return day - timedelta(days=day.weekday()) if unit == "week" else day.replace(day=1)


def _next(day: date, unit: Unit) -> date:
    if unit == "week":
        return day + _WEEK
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _counts(
    rows: Rows, asked: Filter, edges: tuple[date, ...], lens: Lens
) -> tuple[int | None, ...]:
    if rows.first_day is None:
        return (None,) * (len(edges) - 1)
    chosen = rows.chosen(asked)
    begins = np.array([(edge - rows.first_day).days for edge in edges])
    step = np.searchsorted(begins, rows.day[chosen], side="right") - 1
    told = rows.told(chosen, step, len(edges) - 1, lens)
    return tuple(
        int(n) if shown else None for n, shown in zip(told.events, told.shown, strict=True)
    )
