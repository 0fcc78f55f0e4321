"""From the answer of the route search to a plan that people can read and walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from riskmiljo.model.plan import Crew, LeftOut, Leg, Pause, Plan, Route, Spot, Step, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.habit import HABIT_DAYS, presence_at_stops
from riskmiljo.patrol.network import Network
from riskmiljo.patrol.options import Answer
from riskmiljo.patrol.plan_value import habit_value, most_reachable, visit_credits
from riskmiljo.patrol.route_problem import Setting, can_visit, minutes_from
from riskmiljo.patrol.route_words import (
    VisitFacts,
    compared,
    does_not_fit,
    idle_crews,
    missing_stop,
    outweighed,
    peak_of,
    presence_so_far,
    why_left_out,
    why_visited,
    window_text,
    wish_denied,
)
from riskmiljo.patrol.stop_input import Candidates
from riskmiljo.patrol.street_answers import Way
from riskmiljo.patrol.travel import STRAIGHT_NOTE
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MINUTE: Final = timedelta(minutes=1)
# Visits that begin within a second of each other begin together.
_SAME_MIN: Final = 1 / 60
# Shorter ways are no way: the crew stands there already.
_NO_WAY_M: Final = 0.05


@dataclass(frozen=True)
class Past:
    """What a crew had done when the rest was planned.

    Attributes
    ----------
    crew
        As the shift began.
    steps
        In order of time.
    """

    crew: Crew
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class _Stay:
    """A visit of the answer; ``made`` is the visit of an earlier plan that it was."""

    crew: int
    stop: int
    arrive: float
    begin: float
    leave: float
    value: float
    detour: float
    made: Visit | None


def assemble(
    candidates: Candidates,
    crews: Sequence[Crew],
    setting: Setting,
    answer: Answer,
    *,
    network: Network,
    shift: Shift,
    presence: gpd.GeoDataFrame | None,
    notes: Sequence[Text],
    past: Sequence[Past],
    rng: np.random.Generator,
) -> Plan:
    """Make the plan of an answer.

    Parameters
    ----------
    candidates, crews, setting, answer
        The problem and what was found.
    network
        For the ways.
    shift
        When.
    presence
        To compare with, or None.
    notes
        What was assumed before.
    past
        What each crew has done already; empty when the shift begins.
    rng
        For the comparison.

    Returns
    -------
    Plan
        With every reason in words; its parameters are left to the caller.
    """
    stays = _stays(setting, answer, past, shift)
    visits = _visits(stays, candidates, crews, setting, shift)
    renewed = {
        id(stay.made): visit
        for stay, visit in zip(stays, visits, strict=True)
        if stay.made is not None
    }
    routes = []
    for row, crew in enumerate(crews):
        mine = [
            (stay, visit)
            for stay, visit in zip(stays, visits, strict=True)
            if stay.crew == row and stay.made is None
        ]
        steps = _steps(crew, row, mine, answer, setting, network, shift)
        before = past[row].steps if past else ()
        kept = tuple(renewed.get(id(step), step) for step in before)
        routes.append(Route(past[row].crew if past else crew, kept + steps))
    idle: dict[bool, list[int]] = {}
    for row, crew in enumerate(crews):
        if not routes[row].visits and crew.ends > crew.begins:
            idle.setdefault(can_visit(setting, candidates, row), []).append(crew.number)
    said = [idle_crews(numbers, could_visit=could) for could, numbers in idle.items()]
    covered = sum(visit.expected for visit in visits)
    reachable = max(_reachable(candidates, setting, stays), covered)
    habit = None
    if presence is not None:
        habit = _habit(candidates, presence, setting, len(stays), shift, rng)
    share = covered / reachable if reachable > 0 else 0.0
    habit_share = None if habit is None or reachable <= 0 else min(habit / reachable, 1.0)
    return Plan(
        shift=shift,
        epsg=int(CRS(candidates.crs).to_epsg() or 0),
        routes=tuple(routes),
        left_out=_left_out(candidates, setting, answer, crews, stays, shift),
        covered=covered,
        reachable=reachable,
        habit=habit,
        comparison=compared(share, habit_share, HABIT_DAYS),
        distance="straight" if network.straight else "streets",
        notes=tuple(dict.fromkeys([*_notes(candidates, setting, answer, network, notes), *said])),
    )


def _stays(setting: Setting, answer: Answer, past: Sequence[Past], shift: Shift) -> list[_Stay]:
    """Return all visits in order of time, those made already among them."""
    problem = setting.problem
    stays: list[_Stay] = []
    for row, route in enumerate(answer.routes):
        spec = problem.crews[row]
        travel = problem.travel[spec.mode]
        made = {
            round(minutes_from(shift, step.begins), 3): step
            for step in (past[row].steps if past else ())
            if isinstance(step, Visit)
        }
        coming = [step for step in route if round(step.start, 3) not in made]
        places = [spec.start, *(int(problem.location[s.option]) for s in coming), spec.end]
        detour = {
            step: float(
                max(
                    travel[places[at], places[at + 1]]
                    + travel[places[at + 1], places[at + 2]]
                    - travel[places[at], places[at + 2]],
                    0.0,
                )
            )
            for at, step in enumerate(coming)
        }
        stays += [
            _Stay(
                crew=row,
                stop=int(problem.stop[step.option]),
                arrive=step.arrive,
                begin=step.start,
                leave=step.leave,
                value=float(problem.value[step.option, spec.kind]),
                detour=detour.get(step, 0.0),
                made=made.get(round(step.start, 3)),
            )
            for step in route
        ]
    return sorted(stays, key=lambda stay: (stay.begin, stay.crew))


def _visits(
    stays: Sequence[_Stay],
    candidates: Candidates,
    crews: Sequence[Crew],
    setting: Setting,
    shift: Shift,
) -> list[Visit]:
    """Return the visits, with what each is worth and why it is made."""
    discounts = setting.problem.discounts
    # Two crews at one stop from the same minute are there together: one visit, shared.
    together = [_together(stay, stays) for stay in stays]
    stop = np.array([stay.stop for stay in stays], dtype=np.int64)
    value = np.array([max(stays[i].value for i in same) for same in together])
    first = np.array([same[0] == at for at, same in enumerate(together)], dtype=bool)
    credit = np.zeros(len(stays))
    credit[first] = visit_credits(stop[first], value[first], discounts)
    credit = np.array([credit[same[0]] / len(same) for same in together])
    whole = candidates.in_shift / max(candidates.in_shift.sum(), np.finfo(float).tiny)
    visits: list[Visit] = []
    for at, stay in enumerate(stays):
        same = together[at]
        others = np.array([i for i in range(len(stays)) if first[i] and i != same[0]], dtype=int)
        lost = credit[same].sum() - (
            visit_credits(stop[others], value[others], discounts).sum()
            - sum(credit[i] * len(together[i]) for i in others)
        )
        earlier = [
            other for other in stays if other.stop == stay.stop and other.begin < stay.begin - 1e-6
        ]
        since = stay.begin - max(other.leave for other in earlier) if earlier else None
        number = len({round(other.begin, 3) for other in earlier}) + 1
        share = float(whole[stay.stop])
        if stay.made is not None:
            visits.append(
                replace(stay.made, expected=float(credit[at]), share=share, lost=float(lost))
            )
            continue
        row = candidates.frame.iloc[stay.stop]
        begins = _at(shift, stay.begin)
        partner = next((stays[i].crew for i in same if i != at), None)
        facts = VisitFacts(
            evidence=Text(row["why_sv"], row["why_en"]),
            begins=begins,
            expected=float(value[at]),
            share=share,
            peak=peak_of(candidates.risk[stay.stop].tolist(), shift),
            visit=number,
            since_min=since,
            pinned=bool(candidates.pinned[stay.stop]) and row["kind"] != "explore",
            partner=0 if partner is None else crews[partner].number,
            window=_window(candidates, stay.stop, shift),
            # A crew that comes again has been told.
            presence=None
            if any(other.crew == stay.crew for other in earlier)
            else _presence_told(row),
        )
        visits.append(
            Visit(
                stop_id=row["stop_id"],
                name=row["name"],
                x=float(candidates.xy[stay.stop, 0]),
                y=float(candidates.xy[stay.stop, 1]),
                kind=row["kind"],
                zone_id=row["zone_id"],
                arrives=_at(shift, stay.arrive),
                begins=begins,
                leaves=_at(shift, stay.leave),
                expected=float(credit[at]),
                share=share,
                visit=number,
                since_min=since,
                lost=float(lost),
                detour_min=stay.detour,
                pinned=facts.pinned,
                joint=partner is not None,
                why=why_visited(facts, shift.tz),
            )
        )
    return visits


def _presence_told(row: pd.Series) -> Text | None:
    """Say how long somebody was at a stop; what is to be explored says so of itself."""
    if row["kind"] == "explore" or pd.isna(row["presence_min"]):
        return None
    return presence_so_far(float(row["presence_min"]), HABIT_DAYS)


def _window(candidates: Candidates, stop: int, shift: Shift) -> Text | None:
    """Write when a visit of a stop may begin, where that is not the whole shift."""
    opens, closes = float(candidates.opens[stop]), float(candidates.closes[stop])
    return window_text(
        _at(shift, opens) if opens > 0 else None,
        _at(shift, closes) if closes < shift.hours * 60 else None,
        shift.tz,
    )


def _together(stay: _Stay, stays: Sequence[_Stay]) -> list[int]:
    return [
        at
        for at, other in enumerate(stays)
        if other.stop == stay.stop and abs(other.begin - stay.begin) < _SAME_MIN
    ]


def _steps(
    crew: Crew,
    row: int,
    visits: Sequence[tuple[_Stay, Visit]],
    answer: Answer,
    setting: Setting,
    network: Network,
    shift: Shift,
) -> tuple[Step, ...]:
    """Put ways, visits and breaks of one crew in the order of time."""
    problem = setting.problem
    spec = problem.crews[row]
    rests = [rest for rest in answer.pauses[row] if rest.start >= spec.begins - _SAME_MIN]
    rests.sort(key=lambda rest: rest.start)
    places = [spec.start, *(stay.stop for stay, _ in visits), spec.end]
    ways = network.ways(crew.mode, setting.xy, list(pairwise(places)))
    names = [crew.start.name, *(visit.name for _, visit in visits)]
    steps: list[Step] = []
    clock = spec.begins
    for at, way in enumerate(ways):
        last = at == len(visits)
        begin = spec.ends if last else visits[at][0].begin
        while rests and (last or rests[0].start < begin):
            rest = rests.pop(0)
            spot = Spot(names[at], *setting.xy[places[at]].tolist())
            steps.append(Pause(_at(shift, rest.start), _at(shift, rest.leave), spot))
            clock = rest.leave
        minutes = float(problem.travel[spec.mode, places[at], places[at + 1]])
        steps += _leg(way, clock, minutes, shift)
        if not last:
            steps.append(visits[at][1])
            clock = visits[at][0].leave
    return tuple(steps)


def _leg(way: Way, clock: float, minutes: float, shift: Shift) -> list[Step]:
    if way.length_m < _NO_WAY_M:
        return []
    return [
        Leg(
            departs=_at(shift, clock),
            arrives=_at(shift, clock + minutes),
            length_m=way.length_m,
            way=shapely.get_coordinates(way.line),
            streets=way.streets,
        )
    ]


def _reachable(candidates: Candidates, setting: Setting, stays: Sequence[_Stay]) -> float:
    """Return what the crews could cover if ways took no time, with what is done already."""
    dwell = float(candidates.dwell_min.min())
    free = [
        crew.ends - crew.begins - sum(pause.minutes for pause in crew.pauses)
        for crew in setting.problem.crews
    ]
    visits = sum(stay.made is not None for stay in stays)
    visits += int(sum(np.floor(minutes / dwell + 1e-9) for minutes in free))
    again = max(setting.problem.gap_min + dwell, 1.0)
    return most_reachable(
        np.max([candidates.risk, *candidates.risk_of.values()], axis=0),
        visits,
        per_hour=max(1, int(np.ceil(60 / again))),
        discounts=setting.problem.discounts,
    )


def _habit(
    candidates: Candidates,
    presence: gpd.GeoDataFrame,
    setting: Setting,
    visits: int,
    shift: Shift,
    rng: np.random.Generator,
) -> float | None:
    minutes, elsewhere = presence_at_stops(presence, candidates.xy, shift=shift)
    if minutes.sum() + elsewhere <= 0:
        return None
    return habit_value(
        candidates.risk,
        minutes,
        visits,
        elsewhere=elsewhere,
        discounts=setting.problem.discounts,
        rng=rng,
    )


def _left_out(
    candidates: Candidates,
    setting: Setting,
    answer: Answer,
    crews: Sequence[Crew],
    stays: Sequence[_Stay],
    shift: Shift,
) -> tuple[LeftOut, ...]:
    """Say of each stop without a visit why it has none, the riskiest first."""
    visited = {stay.stop for stay in stays}
    late = dict(answer.missing)
    found = []
    for row in range(len(candidates.xy)):
        if row in visited:
            continue
        frame = candidates.frame.iloc[row]
        if row in setting.unusable:
            why = setting.unusable[row]
        elif row in late:
            why = does_not_fit(late[row])
        else:
            minutes, crew = _cheapest(row, candidates, setting, stays)
            hour = peak_of(candidates.risk[row].tolist(), shift)
            most = float(candidates.risk[row].max())
            why = outweighed(most, hour, minutes, crews[crew].number)
        found.append(
            LeftOut(
                stop_id=frame["stop_id"],
                name=frame["name"],
                x=float(candidates.xy[row, 0]),
                y=float(candidates.xy[row, 1]),
                kind=frame["kind"],
                expected=float(candidates.in_shift[row]),
                why=why_left_out(
                    Text(frame["why_sv"], frame["why_en"]), _presence_told(frame), why
                ),
            )
        )
    return tuple(sorted(found, key=lambda left: (-left.expected, left.stop_id)))


def _cheapest(
    stop: int, candidates: Candidates, setting: Setting, stays: Sequence[_Stay]
) -> tuple[float, int]:
    """Return the fewest minutes that a visit would add to a route, and whose route it is."""
    problem = setting.problem
    best = (np.inf, 0)
    for row, spec in enumerate(problem.crews):
        travel = problem.travel[spec.mode]
        mine = [stay.stop for stay in stays if stay.crew == row and stay.made is None]
        places = np.array([spec.start, *mine, spec.end])
        there = travel[places[:-1], stop] + travel[stop, places[1:]]
        added = there - travel[places[:-1], places[1:]]
        best = min(best, (float(added.min()), row))
    return max(best[0], 0.0) + float(candidates.dwell_min[stop]), best[1]


def _notes(
    candidates: Candidates,
    setting: Setting,
    answer: Answer,
    network: Network,
    notes: Sequence[Text],
) -> list[Text]:
    names, kinds = candidates.frame["name"], candidates.frame["kind"]
    said = [STRAIGHT_NOTE] if network.straight else []
    said += notes
    said += [
        missing_stop(str(names.iloc[stop]), late, wish=kinds.iloc[stop] != "explore")
        for stop, late in answer.missing
    ]
    said += [
        wish_denied(str(names.iloc[row]), why)
        for row, why in setting.unusable.items()
        if (candidates.pinned[row] or candidates.joint[row]) and kinds.iloc[row] != "explore"
    ]
    return said


def _at(shift: Shift, minutes: float) -> datetime:
    return shift.period.start + minutes * _MINUTE
