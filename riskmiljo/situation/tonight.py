"""The coming or running shift of one team: its next stops, and what is known of each.

Nothing here reads an incident: a plan was made through its maker's lens, presence is no incident,
and answers of crews say what they thought of a suggestion.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np

from riskmiljo.access.lens import Lens
from riskmiljo.access.plans import may_open
from riskmiljo.access.presence import kinds_told
from riskmiljo.access.reader import Reader
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.feedback import REASONS, Feedback
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Leg, Plan, Route, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.situation.source import seen_presence
from riskmiljo.store import Store
from riskmiljo.store.plans import PlanRow
from riskmiljo.wording import Text

# Presence counts as a stop's own within sight of it.
_SIGHT_M: Final = 150.0
_MINUTE: Final = timedelta(minutes=1)
_WEEK: Final = timedelta(days=7)
# Answers are shown beside a stop for as long as its counts reach back.
ANSWER_DAYS: Final = 28
# Nobody arrives to the minute: a quarter of an hour, from the last five minutes' mark.
_MARK_MIN: Final = 5
_WINDOW: Final = timedelta(minutes=15)
# A shift with less left than this is over for one who has not begun.
_LEAST_LEFT: Final = timedelta(minutes=45)
_STEP_MIN: Final = 15
# "kl. 18" ends no sentence.
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])(?<!\bkl\.)\s+")
_MOST_TOLD: Final = 5
# The shift before: looked for no further back than this.
_BEFORE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of the team, as the page tells it.

    Attributes
    ----------
    number
        1, 2, ... in the team's order.
    visit
        As planned.
    from_time, to_time
        The arrival window by the shift's clock, ``21:05`` and ``21:20``.
    from_at, to_at
        The same as instants (UTC): the clock shows an hour of an autumn night twice.
    way_min, way_m
        The way from the stop before: minutes and metres.
    wait_min
        Minutes to spare before the visit, which may not begin as soon as the way is walked.
    presence_min
        Minutes that crews of the reader's own were within sight of the stop in the last seven
        days; None where presence is not shown.
    answers
        What crews answered to suggestions at this place in `ANSWER_DAYS` days: reasons and how
        often, the commonest first.
    """

    number: int
    visit: Visit
    from_time: str
    to_time: str
    from_at: datetime
    to_at: datetime
    way_min: float
    way_m: float
    wait_min: float
    presence_min: float | None
    answers: tuple[tuple[Text, int], ...]


def coming_shift(now: datetime, *, tz: str) -> Shift:
    """Return the shift that somebody who begins now would work.

    Parameters
    ----------
    now
        Aware.
    tz
        The zone of the clocks.

    Returns
    -------
    Shift
        The evening shift, 18 to 02; what is left of it, from the last quarter of an hour, while it
        is under way, and the next one when less than 45 minutes are left.
    """
    now = now.astimezone(UTC)
    evening = Shift.next_evening(now, tz=tz)
    if evening.period.end - now < _LEAST_LEFT:
        evening = Shift.next_evening(evening.period.end + _LEAST_LEFT, tz=tz)
    if now <= evening.period.start:
        return evening
    mark = now - timedelta(
        minutes=now.minute % _STEP_MIN, seconds=now.second, microseconds=now.microsecond
    )
    return Shift(Period(max(mark, evening.period.start), evening.period.end), tz)


def kept_for_tonight(
    store: Store, reader: Reader, *, now: datetime, tz: str
) -> tuple[PlanRow, ...]:
    """Return the kept plans that a reader may open of the running and the coming shift.

    Parameters
    ----------
    store
        Where plans are kept.
    reader
        Who asks.
    now
        Aware.
    tz
        The zone of the clocks.

    Returns
    -------
    tuple of PlanRow
        The one that is most likely meant first: the one under way, else the one that begins
        first; of one shift the one made last.
    """
    rows = store.plans.of_shift(now, coming_shift(now, tz=tz).period.end)
    return tuple(row for row in rows if may_open(reader, row.rests_on).allowed)


def plan_before(store: Store, reader: Reader, shift: Shift) -> Plan | None:
    """Return the kept plan of the shift before.

    Parameters
    ----------
    store
        Where plans are kept.
    reader
        Who asks.
    shift
        The shift that is planned.

    Returns
    -------
    Plan or None
        The one that ended last, of those that the reader may open; None if there is none within
        two weeks.
    """
    last = _row_before(store, reader, shift)
    return None if last is None else store.plans.get(last.plan_id)


def _row_before(store: Store, reader: Reader, shift: Shift) -> PlanRow | None:
    start = shift.period.start
    rows = [
        row
        for row in store.plans.of_shift(start - _BEFORE, start)
        if row.ends <= start and may_open(reader, row.rests_on).allowed
    ]
    return max(rows, key=lambda row: (row.ends, row.plan_id), default=None)


def team_of(plan: Plan, kind: str | None) -> int | None:
    """Return the team whose page opens when none is named.

    Parameters
    ----------
    plan
        The plan.
    kind
        The kind of crew that asks; None is any.

    Returns
    -------
    int or None
        The first one of that kind, with stops if any has; None if there is none of that kind.
    """
    own = [route for route in plan.routes if kind is None or route.crew.kind == kind]
    own.sort(key=lambda route: (not route.visits, route.crew.number))
    return own[0].crew.number if own else None


def stops_of_team(
    route: Route,
    *,
    tz: str,
    epsg: int,
    presence: gpd.GeoDataFrame | None,
    answers: Collection[Feedback],
) -> list[Stop]:
    """Return what one team does, stop by stop.

    Parameters
    ----------
    route
        The team's.
    tz
        The zone of the shift's clock.
    epsg
        The plan's reference system.
    presence
        From `presence_lately`.
    answers
        Of the last `ANSWER_DAYS` days, those that the reader may know.

    Returns
    -------
    list of Stop
        In order.
    """
    minutes_at = _minutes_in_sight(presence, epsg)
    stops: list[Stop] = []
    way: list[Leg] = []
    for step in route.steps:
        if isinstance(step, Leg):
            way.append(step)
        if not isinstance(step, Visit):
            continue
        # Offsets from UTC are whole quarters of an hour: the five minutes' marks are the same.
        first = step.begins.astimezone(UTC)
        first -= timedelta(minutes=first.minute % _MARK_MIN, seconds=first.second)
        stops.append(
            Stop(
                number=len(stops) + 1,
                visit=step,
                from_time=_clock(first, tz),
                to_time=_clock(first + _WINDOW, tz),
                from_at=first,
                to_at=first + _WINDOW,
                way_min=sum(leg.minutes for leg in way),
                way_m=sum(leg.length_m for leg in way),
                wait_min=(step.begins - step.arrives) / _MINUTE,
                presence_min=minutes_at(step),
                answers=answers_at(step, answers),
            )
        )
        way = []
    return stops


def short_why(why: Text) -> Text:
    """Return the first sentence of a stop's reason: what a phone has room for.

    Parameters
    ----------
    why
        The whole reason.

    Returns
    -------
    Text
        The rest stands on the plan's page and in the map's panel.
    """
    return Text(_first(why.sv), _first(why.en))


def presence_lately(store: Store, lens: Lens, *, now: datetime) -> gpd.GeoDataFrame | None:
    """Return the presence of the last seven days.

    Parameters
    ----------
    store
        Where it is kept.
    lens
        Who looks.
    now
        Aware.

    Returns
    -------
    geopandas.GeoDataFrame or None
        PRESENCE_COLUMNS, of the crews of the lens's owners; None where it shows no presence.
    """
    return seen_presence(store, lens, Period(now - _WEEK, now)) if kinds_told(lens) else None


def answers_lately(
    store: Store, reader: Reader, *, now: datetime, days: int = ANSWER_DAYS
) -> list[Feedback]:
    """Return what crews answered lately, of the plans that a reader may open.

    Parameters
    ----------
    store
        Where answers are kept.
    reader
        Who asks.
    now
        Aware.
    days
        How far back.

    Returns
    -------
    list of Feedback
        Earliest first.
    """
    given = store.feedback.since(now - timedelta(days=days))
    known = {
        plan_id: may_open(reader, store.plans.row(plan_id).rests_on).allowed
        for plan_id in {one.plan_id for one in given}
    }
    return [one for one in given if known[one.plan_id]]


def answers_at(visit: Visit, answers: Collection[Feedback]) -> tuple[tuple[Text, int], ...]:
    """Return what crews answered to a place.

    Parameters
    ----------
    visit
        The stop.
    answers
        All answers.

    Returns
    -------
    tuple of tuple
        Reasons and how often, the commonest first: of the same stop, where it serves a zone, and
        of the same name, where somebody added it.
    """
    same = [
        one.reason
        for one in answers
        if (one.stop_id, one.zone_id) == (visit.stop_id, visit.zone_id)
        and (visit.zone_id or one.stop == visit.name)
    ]
    return reasons_of(same)


def reasons_of(reasons: Sequence[str]) -> tuple[tuple[Text, int], ...]:
    """Return reasons with how often each was given.

    Parameters
    ----------
    reasons
        Keys of `riskmiljo.model.feedback.REASONS`.

    Returns
    -------
    tuple of tuple
        The commonest first, then in the order of the list.
    """
    counts = Counter(reasons)
    order = sorted(REASONS, key=lambda reason: -counts[reason])
    return tuple((REASONS[reason], counts[reason]) for reason in order if counts[reason])


def last_answers(
    store: Store, reader: Reader, shift: Shift, answers: Collection[Feedback]
) -> list[Text]:
    """Return what crews answered on the shift before, in one line.

    Parameters
    ----------
    store
        Where plans are kept.
    reader
        Who asks.
    shift
        The coming or running one.
    answers
        Of the last weeks, to plans that the reader may open.

    Returns
    -------
    list of Text
        Empty where nobody answered to a plan of the shift before, whatever was answered earlier
        or has been to this shift's own.
    """
    last = _row_before(store, reader, shift)
    if last is None:
        return []
    ended = {number: store.plans.row(number).ends for number in {one.plan_id for one in answers}}
    # What a plan replaced is of the same shift, and so is another team's plan of that evening.
    before = [one for one in answers if last.begins < ended[one.plan_id] <= shift.period.start]
    if not before:
        return []
    said = Counter((one.reason, one.stop) for one in before)
    parts = [
        Text("{r} vid {s}", "{r} at {s}").fill(
            r=REASONS[reason], s=place or Text("ett stopp", "a stop")
        )
        for (reason, place), _count in said.most_common(_MOST_TOLD)
    ]
    joined = Text("; ".join(one.sv for one in parts), "; ".join(one.en for one in parts))
    return [
        Text("Lagen svarade på förra passet: {a}.", "Crews answered on the last shift: {a}.").fill(
            a=joined
        )
    ]


def _minutes_in_sight(
    presence: gpd.GeoDataFrame | None, epsg: int
) -> Callable[[Visit], float | None]:
    if presence is None:
        return lambda _: None
    there = presence if presence.empty else presence.to_crs(epsg)
    xy = coordinates(there) if len(there) else np.zeros((0, 2))
    minutes = there["minutes"].to_numpy(dtype=float)
    return lambda at: float(minutes[np.hypot(*(xy - (at.x, at.y)).T) <= _SIGHT_M].sum())


def _first(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def _clock(moment: datetime, tz: str) -> str:
    return f"{moment.astimezone(ZoneInfo(tz)):%H:%M}"
