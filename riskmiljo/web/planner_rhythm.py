"""The links of the planners' week: the pictures after the last weeks, and the deeper analysis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from riskmiljo.model.period import Period
from riskmiljo.web import planner_words
from riskmiljo.web.view import Query
from riskmiljo.wording import Text

_DEEPER_MONTHS: Final = 4
_YEAR_DAYS: Final = 364


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The links of the week's rhythm.

    Attributes
    ----------
    week
        ISO number of the present week.
    pictures
        Name and query of the pictures after the last two whole weeks that the data hold.
    deeper
        The same of the last whole third of a year; None where the data do not reach it.
    """

    week: int
    pictures: tuple[tuple[Text, Query], ...]
    deeper: tuple[Text, Query] | None


def rhythm(
    now: datetime, span: Period, data_end: datetime, tz: str, *, weekly: bool = True
) -> Rhythm:
    """Return the links of the week's rhythm.

    Parameters
    ----------
    now
        Aware.
    span
        What the data cover.
    data_end
        The local midnight after the last incident.
    tz
        The zone of local days.
    weekly
        Whether there is a picture of each week; the joint picture has whole months.

    Returns
    -------
    Rhythm
        Each picture is of the 52 weeks that end with its week.
    """
    zone = ZoneInfo(tz)
    today = now.astimezone(zone).date()
    known = min(today, data_end.astimezone(zone).date())
    monday = known - timedelta(days=known.weekday())
    pictures = []
    for back in (0, 7) if weekly else ():
        end = monday - timedelta(days=back)
        number = (end - timedelta(days=1)).isocalendar().week
        fields = {"from": [str(end - timedelta(days=_YEAR_DAYS))], "to": [str(end)]}
        pictures.append((planner_words.WEEK_PICTURE.fill(w=number), fields))
    month = known.year * 12 + (known.month - 1) // _DEEPER_MONTHS * _DEEPER_MONTHS
    first, end = (date(m // 12, m % 12 + 1, 1) for m in (month - _DEEPER_MONTHS, month))
    deeper = None
    if first >= span.start.astimezone(zone).date():
        name = planner_words.THIRDS[(first.month - 1) // _DEEPER_MONTHS].fill(y=first.year)
        fields = {"from": [str(first)], "to": [str(end)]}
        deeper = (planner_words.DEEPER.fill(p=name), fields)
    return Rhythm(today.isocalendar().week, tuple(pictures), deeper)
