"""Plan the rest of a shift anew: a crew is late or called away; what is done stays done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.analysis.arguments import is_real, random_of, require_instance, require_whole
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.plan import ON_THE_WAY, Crew, Leg, Pause, Plan, Route, Spot, Step, Visit
from riskmiljo.patrol.network import Network
from riskmiljo.patrol.options import DISCOUNTS
from riskmiljo.patrol.route_assembly import Past
from riskmiljo.patrol.routes import DWELL_MIN, REVISIT_GAP_MIN, route_crews
from riskmiljo.patrol.stop_input import read_stops
from riskmiljo.patrol.streets import Streets
from riskmiljo.wording import Text, decimal_text

_MINUTE: Final = timedelta(minutes=1)
# No shift is longer.
_LONGEST_LATE_MIN: Final = 1440.0
_BACK_LATE: Final = Text(
    "Lag {n} gör inga fler besök: det hinner inte till målet{s} i tid utan blir {m} min sent.",
    "Team {n} makes no more visits: it cannot be at its finish{s} in time but is {m} min late.",
)
_NO_BREAK: Final = Text("Lag {n} hinner ingen rast.", "Team {n} has no time for a break.")


def replan_routes(
    plan: Plan,
    stops: gpd.GeoDataFrame,
    *,
    streets: Streets | Mapping[str, Streets] | None,
    now: datetime,
    late_min: Mapping[int, float] | None = None,
    away: Collection[int] = (),
    seconds: float = 3,
    rng: int | np.random.Generator = 0,
    presence: gpd.GeoDataFrame | None = None,
) -> Plan:
    """Plan the rest of a shift from here and now.

    What has begun before `now` is kept as it is: it counts for what is covered and for the time
    between visits. A crew on its way starts from where it is, one at a stop from when it leaves.

    Parameters
    ----------
    plan
        The plan so far.
    stops
        The candidates, with the ids that the plan knows.
    streets
        See `riskmiljo.patrol.routes.plan_routes`.
    now
        Aware, within the shift.
    late_min
        By crew number: minutes from now until it goes on.
    away
        Numbers of crews that were called away: they make no further stops.
    seconds, rng, presence
        See `riskmiljo.patrol.routes.plan_routes`.

    Returns
    -------
    Plan
        The whole shift: what was done, and what is to come.

    Raises
    ------
    InvalidInputError
        If `now` lies outside the shift, a crew does not exist, or none is left. A crew that can no
        longer come to its end in time makes no more visits; a note says by how many minutes.
    """
    require_instance(Plan, plan=plan)
    require_instance(datetime, now=now)
    late = {} if late_min is None else late_min
    require_instance(Mapping, late_min=late)
    require_instance(Collection, away=away)
    away = tuple(away)
    for number in late:
        require_whole(0, late_min=number)
    for number in away:
        require_whole(0, away=number)
    _check(plan, now, late, away)
    parameters: Mapping[str, Any] = plan.parameters
    candidates = read_stops(
        stops, shift=plan.shift, dwell_min=float(parameters.get("dwell_min", DWELL_MIN))
    )
    kept = [_done(route, now) for route in plan.routes]
    resting = [route for route in plan.routes if route.crew.number in away]
    working = [route for route in plan.routes if route.crew.number not in away]
    crews, pauses, past = [], [], []
    network = Network.of(streets, [route.crew.mode for route in plan.routes])
    said = _what_happened(plan, now, late, away)
    for route in working:
        steps, here, free = kept[route.crew.number - 1]
        begins = max(free, now + late.get(route.crew.number, 0.0) * _MINUTE)
        if begins >= route.crew.ends:
            resting.append(route)
            continue
        left = (route.crew.ends - begins) / _MINUTE - _way_back(network, route.crew, here)
        if left < 0:
            resting.append(route)
            name = route.crew.end.name
            said.append(
                _BACK_LATE.fill(
                    n=route.crew.number,
                    s=f" {name}" if name else "",
                    m="∞" if np.isinf(left) else f"{np.ceil(-left):.0f}",
                )
            )
            continue
        crews.append(replace(route.crew, begins=begins, start=here))
        to_come = [step for step in route.pauses if step not in steps]
        rest = sum((step.ends - step.begins) / _MINUTE for step in to_come)
        if rest > left:
            said.append(_NO_BREAK.fill(n=route.crew.number))
        pauses.append(rest if rest <= left else 0.0)
        past.append(Past(route.crew, steps))
    if not crews:
        raise InvalidInputError(
            Text(
                "Inget lag är kvar i passet. Det finns inget att planera om.",
                "No team is left in the shift. There is nothing to plan anew.",
            )
        )
    # A crew that stops has still been where it was: its visits count through a crew of its own
    # that has no time left.
    for route in resting:
        steps, here, free = kept[route.crew.number - 1]
        at = min(max(free, now), route.crew.ends)
        crews.append(replace(route.crew, begins=at, ends=at, start=here, end=here))
        pauses.append(0.0)
        past.append(Past(route.crew, steps))
    done = [
        (row, step)
        for row, before in enumerate(past)
        for step in before.steps
        if isinstance(step, Visit)
    ]
    fresh = route_crews(
        candidates,
        crews,
        pauses,
        network=network,
        shift=plan.shift,
        gap_min=float(parameters.get("revisit_gap_min", REVISIT_GAP_MIN)),
        discounts=tuple(parameters.get("discounts", DISCOUNTS)),
        seconds=seconds,
        rng=random_of(rng),
        spread=float(parameters.get("spread", 0.0)),
        presence=presence,
        notes=[Text(note["sv"], note["en"]) for note in stops.attrs.get("notes", ())],
        seed=rng if isinstance(rng, int | np.integer) else None,
        done=done,
        past=past,
    )
    routes = sorted(fresh.routes, key=lambda route: route.crew.number)
    return replace(
        fresh,
        routes=tuple(routes),
        notes=(*said, *fresh.notes),
        title=plan.title,
        as_of=plan.as_of,
        simulated=plan.simulated,
        parameters={**fresh.parameters, "replanned_at": now.isoformat()},
    )


def _check(plan: Plan, now: datetime, late: Mapping[int, float], away: Collection[int]) -> None:
    if now.tzinfo is None or not plan.shift.period.start <= now < plan.shift.period.end:
        raise InvalidInputError(
            Text(
                "Tiden ligger utanför passet {s}. Planera om under passet.",
                "The time lies outside the shift {s}. Plan anew during the shift.",
            ).fill(s=plan.shift.label())
        )
    numbers = {route.crew.number for route in plan.routes}
    unknown = sorted((set(late) | set(away)) - numbers)
    if unknown:
        raise InvalidInputError(
            Text(
                "Lag {n} finns inte i planen. Lagen är {a}.",
                "There is no team {n} in the plan. The teams are {a}.",
            ).fill(n=unknown[0], a=", ".join(str(number) for number in sorted(numbers)))
        )
    for number, minutes in late.items():
        if not (is_real(minutes) and 0 <= minutes <= _LONGEST_LATE_MIN):
            raise InvalidInputError(
                Text(
                    "Lag {n} är {m} min sent. Ange 0 till {h:.0f}.",
                    "Team {n} is {m} min late. Give 0 to {h:.0f}.",
                ).fill(n=number, m=decimal_text(minutes), h=_LONGEST_LATE_MIN)
            )


def _way_back(network: Network, crew: Crew, here: Spot) -> float:
    """Return the minutes from where a crew is to its end; infinite where no way leads there."""
    if (here.x, here.y) == (crew.end.x, crew.end.y):
        return 0.0
    xy = np.array([(here.x, here.y), (crew.end.x, crew.end.y)])
    return float(network.minutes(xy)[network.modes.index(crew.mode), 0, 1])


def _done(route: Route, now: datetime) -> tuple[tuple[Step, ...], Spot, datetime]:
    """Return what a crew has begun, where it then is, and from when it is free."""
    steps: list[Step] = []
    here, free = route.crew.start, route.crew.begins
    for step in route.steps:
        match step:
            case Leg() if step.departs < now:
                if step.arrives > now:
                    here, part = _part_of(step, now)
                    return (*steps, part), here, now
                steps.append(step)
                here, free = _end_of(step), step.arrives
            case Visit() if step.begins < now:
                steps.append(step)
                here, free = Spot(step.name, step.x, step.y), step.leaves
            case Pause() if step.begins < now:
                steps.append(step)
                free = step.ends
            case _:
                break
    return tuple(steps), here, free


def _part_of(leg: Leg, now: datetime) -> tuple[Spot, Leg]:
    """Return where a crew is on its way, and the way so far."""
    share = (now - leg.departs) / (leg.arrives - leg.departs)
    line = shapely.LineString(leg.way)
    point = line.interpolate(share, normalized=True)
    sofar = shapely.ops.substring(line, 0.0, share, normalized=True)
    way: npt.NDArray[np.float64] = shapely.get_coordinates(sofar)
    if len(way) < 2:  # noqa: PLR2004 - a way has two ends
        way = np.vstack([way, way])
    spot = Spot(ON_THE_WAY.sv, float(point.x), float(point.y))
    return spot, Leg(leg.departs, now, leg.length_m * share, way, leg.streets)


def _end_of(leg: Leg) -> Spot:
    x, y = leg.way[-1].tolist()
    return Spot("", x, y)


def _what_happened(
    plan: Plan, now: datetime, late: Mapping[int, float], away: Collection[int]
) -> list[Text]:
    local = now.astimezone(plan.shift.period.local(plan.shift.tz)[0].tzinfo)
    said = [
        Text("Omplanerad från kl. {t}.", "Planned anew from {t}.").fill(t=f"{local:%H:%M}"),
    ]
    said += [
        Text("Lag {n} är {m} min sent.", "Team {n} is {m} min late.").fill(n=n, m=f"{m:.0f}")
        for n, m in sorted(late.items())
        if m > 0
    ]
    said += [
        Text("Lag {n} är kallat till annat.", "Team {n} was called away.").fill(n=number)
        for number in sorted(away)
    ]
    return said
