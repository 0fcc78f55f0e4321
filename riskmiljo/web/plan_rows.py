"""The tables of a plan: what each team does, in order, in words and figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from riskmiljo.export.clock import Clock
from riskmiljo.model.plan import (
    CREW_KIND_NAMES,
    MODE_NAMES,
    LeftOut,
    Pause,
    Plan,
    Route,
    Visit,
    place_title,
)
from riskmiljo.wording import Text

# More than these are folded away.
MOST_LEFT_OUT: Final = 8
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One stop of a team.

    Attributes
    ----------
    number
        1, 2, ... in the team's order.
    visit
        The stop as planned.
    time, until
        When it begins and ends, ``21:05``, by the shift's clock: see `told_time`.
    """

    number: int
    visit: Visit
    time: Text
    until: Text


@dataclass(frozen=True, slots=True)
class PauseRow:
    """One break of a team.

    Attributes
    ----------
    time, until
        When, by the shift's clock.
    minutes
        How long.
    place
        Where the team then is; may be empty in both languages.
    """

    time: Text
    until: Text
    minutes: float
    place: Text


@dataclass(frozen=True, slots=True)
class TeamTable:
    """What one team does.

    Attributes
    ----------
    number
        The team's.
    label
        ``Lag 1: polis, till fots``.
    route
        The route, with its sums.
    rows
        Stops and breaks in order of time.
    start, end
        Names; may be empty.
    leaves, back
        When it sets out and comes to its end; empty for a team that stays.
    """

    number: int
    label: Text
    route: Route
    rows: tuple[VisitRow | PauseRow, ...]
    start: str
    end: str
    leaves: Text | str
    back: Text | str

    @property
    def spare_min(self) -> float:
        """Minutes of the team's time with no stop, no way and no break in them.

        Returns
        -------
        float
            Before a stop that may not be visited earlier, and after the last one.
        """
        crew, route = self.route.crew, self.route
        pauses = sum((pause.ends - pause.begins for pause in route.pauses), timedelta(0))
        free = (crew.ends - crew.begins - pauses) / _MINUTE
        return max(free - route.dwell_min - route.travel_min, 0.0)

    @property
    def visits(self) -> list[VisitRow]:
        """The stops alone.

        Returns
        -------
        list of VisitRow
            In order.
        """
        return [row for row in self.rows if isinstance(row, VisitRow)]


def team_tables(plan: Plan) -> list[TeamTable]:
    """Return the tables of a plan, one a team.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    list of TeamTable
        In the order of the teams' numbers.
    """
    return [_table(route, plan.shift.tz) for route in plan.routes]


def breaks_before(table: TeamTable) -> dict[int, list[PauseRow]]:
    """Return the breaks of a team by the stop that comes after them.

    Parameters
    ----------
    table
        What the team does.

    Returns
    -------
    dict of int to list of PauseRow
        By the stop's number; one more than the last stop's for a break after it.
    """
    found: dict[int, list[PauseRow]] = {}
    following = 1
    for row in table.rows:
        if isinstance(row, VisitRow):
            following = row.number + 1
        else:
            found.setdefault(following, []).append(row)
    return found


def left_out_parts(plan: Plan) -> tuple[tuple[LeftOut, ...], tuple[LeftOut, ...]]:
    """Return what was left out: what is shown at once, and what is folded away.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    tuple
        The most risk first.
    """
    return plan.left_out[:MOST_LEFT_OUT], plan.left_out[MOST_LEFT_OUT:]


def clock_time(moment: datetime, tz: str) -> str:
    """Return a time of day by the clock of a zone.

    Parameters
    ----------
    moment
        Aware.
    tz
        The zone.

    Returns
    -------
    str
        ``21:05``.
    """
    return f"{moment.astimezone(ZoneInfo(tz)):%H:%M}"


def told_time(moment: datetime, tz: str) -> Text:
    """Return a time of day as a reader is told it.

    Parameters
    ----------
    moment
        Aware.
    tz
        The zone.

    Returns
    -------
    Text
        ``21:05``; in the hour that comes twice ``02:10 (vintertid)``.
    """
    return Text(Clock(tz, "sv").time(moment), Clock(tz, "en").time(moment))


def stop_names(plan: Plan) -> dict[str, str]:
    """Return what the stops of a plan are called.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict of str to str
        By stop id; visited and left out.
    """
    visits: Collection[Visit | LeftOut] = [
        *plan.left_out,
        *(visit for route in plan.routes for visit in route.visits),
    ]
    return {stop.stop_id: stop.name for stop in visits}


def _table(route: Route, tz: str) -> TeamTable:
    rows: list[VisitRow | PauseRow] = []
    number = 0
    for step in route.steps:
        if isinstance(step, Visit):
            number += 1
            rows.append(
                VisitRow(number, step, told_time(step.begins, tz), told_time(step.leaves, tz))
            )
        elif isinstance(step, Pause):
            minutes = (step.ends - step.begins).total_seconds() / 60
            times = told_time(step.begins, tz), told_time(step.ends, tz)
            rows.append(PauseRow(*times, minutes, place_title(step.spot.name)))
    crew = route.crew
    return TeamTable(
        number=crew.number,
        label=Text("{n}: {k}, {m}", "{n}: {k}, {m}").fill(
            n=crew.name, k=CREW_KIND_NAMES[crew.kind], m=MODE_NAMES[crew.mode]
        ),
        route=route,
        rows=tuple(rows),
        start=crew.start.name,
        end=crew.end.name,
        leaves=told_time(route.legs[0].departs, tz) if route.legs else "",
        back=told_time(route.legs[-1].arrives, tz) if route.legs else "",
    )
