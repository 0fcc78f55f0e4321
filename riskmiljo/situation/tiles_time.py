"""The incidents of one question week by week, over the whole record: what the time brush shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from riskmiljo.access.lens import Lens
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.periods import data_end, default_period
from riskmiljo.situation.released import joint_release, released_answer, released_periods
from riskmiljo.situation.tiles import seen_rows
from riskmiljo.situation.tiles_kept import Kept
from riskmiljo.situation.tiles_rows import Rows
from riskmiljo.store import Store
from riskmiljo.wording import Text

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
        Incidents in each step; None where none, or too few, may be shown: both look alike. In the
        joint picture the lower end of the band.
    bands
        In the joint picture what each count is told as; None otherwise.
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
    bands: tuple[Text | None, ...] | None = None


# A question takes half a second to be read from what was released: the brush asks again and again.
_RELEASED: Final = Kept[Timeline](2**20, lambda _: 16_384)


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
        From the first incident that the lens shows, at most ten years, to where those end. In
        the joint picture the released months.

    Raises
    ------
    NothingFoundError
        If the store is empty, or nothing was released.
    InvalidInputError
        In the joint picture, if the filter has terms that were not released together.
    """
    if lens.scope == "joint":
        return _released_months(store, question)
    tz = question.tz
    owners = lens.owners
    end = data_end(store, tz=tz, owners=owners).astimezone(ZoneInfo(tz)).date()
    span = store.span(owners=owners) or default_period(store, tz=tz, owners=owners)
    edges = step_edges(span.local(tz)[0].date(), end)
    whole = Period.between(edges[0], edges[-1], tz=tz)
    asked = question.within(whole)
    return Timeline(
        unit="week",
        edges=edges,
        counts=_counts(seen_rows(store, lens, tz=tz), asked, edges, lens),
        window=_WINDOW["week"],
        whole=edges[-1] - edges[-2] == _WEEK,
    )


def _released_months(store: Store, question: Filter) -> Timeline:
    whole = replace(question, period=None)
    key = (store.url, joint_release(store).release_id, whole)
    return _RELEASED.get(key, lambda: _read_months(store, whole))


def _read_months(store: Store, question: Filter) -> Timeline:
    tz = question.tz
    _, months = released_periods(store)
    months = months[-_MOST["month"] :]
    told = [_released_month(store, question.within(month)) for month in months]
    first_days = [month.local(tz)[0].date() for month in months]
    return Timeline(
        unit="month",
        edges=(*first_days, months[-1].local(tz)[1].date()),
        counts=tuple(low for low, _ in told),
        window=_WINDOW["month"],
        whole=True,
        bands=tuple(band for _, band in told),
    )


def _released_month(store: Store, question: Filter) -> tuple[int | None, Text | None]:
    try:
        answer = released_answer(store, question)
    except NothingFoundError:
        return None, None
    # Some terms were released by the year alone: such an answer says nothing of a month.
    if answer.period != question.period:
        return None, None
    low, band = sum_band(float(answer.cells["about"].sum()))
    return (low, band) if low else (None, None)


def step_edges(first: date, end: date) -> tuple[date, ...]:
    """Return where calendar weeks begin, and where the data end.

    Parameters
    ----------
    first
        The first day of the data.
    end
        The day after the last one.

    Returns
    -------
    tuple of datetime.date
        At least two, rising: Mondays, at most 520, and then ``end``.
    """
    edges = [first - timedelta(days=first.weekday())]
    while (later := edges[-1] + _WEEK) < end:
        edges.append(later)
    return (*edges[-_MOST["week"] :], end)


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
