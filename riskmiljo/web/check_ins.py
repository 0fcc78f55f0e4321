"""A visit that a team has made: read from what the phone sends, and kept as presence, never who."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Crew, Plan, Visit
from riskmiljo.store import Store
from riskmiljo.store.presence_entries import SAME_M
from riskmiljo.web import plan_words
from riskmiljo.web.plan_rows import clock_time

FIELDS: Final = ("stop_id", "team", "when", "minutes")

_OLDEST: Final = timedelta(hours=24)
# So long after a shift a visit is still of it; and around an earlier shift, of that one alone.
_AROUND: Final = timedelta(hours=6)
_SLACK: Final = timedelta(hours=1)
_AHEAD: Final = timedelta(minutes=5)
_MOST_MIN: Final = 180
_LONGEST_TEXT: Final = 40

# Sent twice at once, a visit must still be kept once.
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A visit that was made.

    Attributes
    ----------
    crew
        The team; only its kind is kept.
    visit
        The stop as planned.
    begins
        UTC, whole seconds.
    minutes
        How long.
    """

    crew: Crew
    visit: Visit
    begins: datetime
    minutes: float


@dataclass(frozen=True, slots=True)
class NotedVisit:
    """A visit that is kept, as a page tells it.

    Attributes
    ----------
    text
        Local clock time.
    when
        ISO 8601, UTC: what it is known by.
    """

    text: str
    when: str


def read_check_in(
    sent: Mapping[str, Any],
    plan: Plan,
    *,
    now: datetime,
    needed: tuple[str, ...] = ("stop_id",),
) -> CheckIn:
    """Read what a phone sends.

    Parameters
    ----------
    sent
        ``stop_id``; perhaps ``team`` (else the first that visits the stop), ``when`` (ISO 8601
        with its zone, else now) and ``minutes`` (else as planned).
    plan
        The plan that it belongs to.
    now
        Aware.
    needed
        Fields that must be there.

    Returns
    -------
    CheckIn
        A visit of at most 24 hours ago.

    Raises
    ------
    InvalidInputError
        If a field is missing, not known, or cannot be used; says which.
    """
    unknown = sorted(str(name) for name in sent if name not in FIELDS)
    if unknown:
        raise InvalidInputError(
            plan_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(FIELDS))
        )
    for name in needed:
        if not sent.get(name):
            raise InvalidInputError(plan_words.MISSING_FIELD.fill(name=name))
    crew, visit = planned_visit(plan, str(sent["stop_id"]), str(sent.get("team") or ""))
    return CheckIn(
        crew, visit, moment_of(sent.get("when"), now), _minutes(sent.get("minutes"), visit)
    )


def keep_check_in(store: Store, plan: Plan, made: CheckIn, *, now: datetime) -> bool:
    """Keep a visit as presence.

    Parameters
    ----------
    store
        Where.
    plan
        The plan that it belongs to.
    made
        The visit.
    now
        Aware.

    Returns
    -------
    bool
        False where the visit is kept already: sent again, or noted by a colleague on another
        phone while the first one's minutes ran (place and kind of team are the same).
    """
    with _lock:
        if _kept_as(store, made):
            return False
        ends = made.begins + timedelta(minutes=made.minutes)
        row = {
            "begins": pd.Series([pd.Timestamp(made.begins)]),
            "ends": pd.Series([pd.Timestamp(ends)]),
            "minutes": [made.minutes],
            "crew_kind": [made.crew.kind],
            "source": ["checked_in"],
        }
        x, y = np.array([made.visit.x]), np.array([made.visit.y])
        frame = points_frame(row, x, y, plan.epsg)
        store.add_presence(frame, now=now)
        return True


def take_out_visit(store: Store, made: CheckIn, *, now: datetime) -> bool:
    """Take out a visit that was noted by mistake.

    Parameters
    ----------
    store
        Where.
    made
        The visit, as it was noted.
    now
        Aware.

    Returns
    -------
    bool
        False where there is no such visit, as when a phone asks twice.
    """
    with _lock:
        kept = _kept_as(store, made)
        if not kept:
            return False
        removed = store.presence_entries.undo_stay(
            # Noted at this time, or by a colleague a little earlier or later.
            begins=made.begins if made.begins in kept else kept[0],
            crew_kind=made.crew.kind,
            x=made.visit.x,
            y=made.visit.y,
            now=now,
        )
    return removed > 0


def _kept_as(store: Store, made: CheckIn) -> list[datetime]:
    """Return when the visits that are this one began: one at most, but in older stores."""
    running = store.presence(Period(made.begins, made.begins + timedelta(minutes=made.minutes)))
    noted = running["source"] == "checked_in"
    same = running[noted & (running["crew_kind"] == made.crew.kind)]
    if same.empty:
        return []
    away = abs(coordinates(same) - (made.visit.x, made.visit.y))
    return [at.to_pydatetime() for at in same["begins"][(away < SAME_M).all(axis=1)]]


def kept_check_ins(store: Store, plan: Plan, crew: Crew) -> dict[str, list[datetime]]:
    """Return when a team's stops were visited, as far as phones have said.

    Parameters
    ----------
    store
        Where presence is kept.
    plan
        The plan.
    crew
        One of its teams; another team of the same kind at the same stop looks the same, since
        nobody is named.

    Returns
    -------
    dict of str to list of datetime
        By stop id, earliest first; within the shift, the hours after it, and the day before it
        as far as that was not the shift of an earlier plan.
    """
    shift = plan.shift.period
    rows = store.presence(Period(shift.start - _OLDEST, shift.end + _AROUND))
    rows = rows[(rows["source"] == "checked_in") & (rows["crew_kind"] == crew.kind)]
    for other in store.plans.of_shift(shift.start - _OLDEST, shift.start):
        if other.ends <= shift.start:
            until = min(other.ends + _SLACK, shift.start)
            rows = rows[~rows["begins"].between(other.begins - _SLACK, until, inclusive="left")]
    xy = coordinates(rows) if len(rows) else None
    found: dict[str, list[datetime]] = {}
    for route in plan.routes:
        if route.crew.number != crew.number or xy is None:
            continue
        for visit in route.visits:
            near = (abs(xy - (visit.x, visit.y)) < SAME_M).all(axis=1)
            times = rows["begins"][near]
            if len(times):
                found[visit.stop_id] = [time.to_pydatetime() for time in times]
    return found


def told_by_visit(
    noted: Mapping[str, Sequence[datetime]], visits: Iterable[tuple[int, str]], tz: str
) -> dict[int, list[NotedVisit]]:
    """Return visits as a page tells them, each at the stop of the route that it was made for.

    Parameters
    ----------
    noted
        From `kept_check_ins`.
    visits
        Number and stop id of each planned visit, in order.
    tz
        The zone of the clock.

    Returns
    -------
    dict of int to list of NotedVisit
        By the planned visit's number: the first that was noted at a place is its first, the second
        its second; what is noted oftener than planned is told at the last.
    """
    left = {
        stop: [NotedVisit(clock_time(time, tz), time.isoformat()) for time in times]
        for stop, times in noted.items()
    }
    found: dict[int, list[NotedVisit]] = {}
    last: dict[str, int] = {}
    for number, stop in visits:
        times = left.get(stop, [])
        found[number], left[stop] = times[:1], times[1:]
        last[stop] = number
    for stop, number in last.items():
        found[number] += left[stop]
    return found


def planned_visit(plan: Plan, stop_id: str, team: str) -> tuple[Crew, Visit]:
    """Return the visit of a plan that a phone means.

    Parameters
    ----------
    plan
        The plan.
    stop_id
        The stop.
    team
        The team's number as text; empty for the first that visits the stop.

    Returns
    -------
    tuple
        The crew and its first visit there.

    Raises
    ------
    InvalidInputError
        If the plan, or the team, has no such stop.
    """
    for route in plan.routes:
        if team and str(route.crew.number) != team:
            continue
        for visit in route.visits:
            if visit.stop_id == stop_id:
                return route.crew, visit
    raise InvalidInputError(plan_words.WRONG_STOP.fill(s=repr(stop_id[:_LONGEST_TEXT])))


def moment_of(given: Any, now: datetime) -> datetime:
    """Return when something was done, as a phone says.

    Parameters
    ----------
    given
        ISO 8601 with its zone; nothing is now.
    now
        Aware.

    Returns
    -------
    datetime
        UTC, at most 24 hours ago.

    Raises
    ------
    InvalidInputError
        If it cannot be read, is older, or lies in the future.
    """
    if given is None or given == "":
        return now.astimezone(UTC).replace(microsecond=0)
    text = str(given)
    wrong = InvalidInputError(plan_words.WRONG_WHEN.fill(t=repr(text[:_LONGEST_TEXT])))
    if len(text) > _LONGEST_TEXT:
        raise wrong
    try:
        moment = datetime.fromisoformat(text)
        utc = moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        raise wrong from None
    if utc is None:
        raise wrong
    if utc > now + _AHEAD:
        raise InvalidInputError(plan_words.IN_FUTURE)
    if utc < now - _OLDEST:
        raise InvalidInputError(plan_words.TOO_OLD)
    return utc.replace(microsecond=0)


def _minutes(given: Any, visit: Visit) -> float:
    if given is None or given == "":
        return visit.dwell_min
    text = str(given)
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= _MOST_MIN:
        raise InvalidInputError(plan_words.WRONG_STAY.fill(t=repr(text[:_LONGEST_TEXT])))
    return float(text)
