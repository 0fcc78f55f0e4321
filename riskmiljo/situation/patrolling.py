"""Plan a shift on the situation that a lens shows: stops, streets and presence put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.access.presence import kinds_told
from riskmiljo.analysis.peaks import peak_hours, smoothed_rhythm
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.plan import LeftOut, Mode, Plan, Spot, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.habit import HABIT_DAYS, minutes_at_stops
from riskmiljo.patrol.replan import replan_routes
from riskmiljo.patrol.route_words import covered_share, joined
from riskmiljo.patrol.routes import DWELL_MIN, REVISIT_GAP_MIN, plan_routes
from riskmiljo.patrol.stops import OwnStop, candidate_stops
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.teams import Team
from riskmiljo.settings import Settings
from riskmiljo.situation.build import TREND_DAYS, Situation, build_situation
from riskmiljo.situation.exploring import LITTLE_KNOWN, NO_PRESENCE, exploratory_stops
from riskmiljo.situation.named_places import find_spot
from riskmiljo.situation.networks import networks
from riskmiljo.situation.own_places import OwnPlace, own_stops
from riskmiljo.situation.source import seen_presence
from riskmiljo.store import Store
from riskmiljo.wording import Text, decimal_text

# Labour law (arbetstidslagen 1982:673, section 15): no one works more than five hours on end.
_LONGEST_WITHOUT_PAUSE_H: Final = 5.0
PAUSE_MIN: Final = 30.0
NONE_LATELY: Final = Text(
    "Ingen närvaro är noterad någonstans de senaste {d} dygnen.",
    "No presence was noted anywhere in the last {d} {d:day|days}.",
)
_NO_HABIT: Final = Text(
    "Den gemensamma bilden visar inte var lag har varit, så vanan jämförs inte.",
    "The joint picture does not show where teams have been, so habit is not compared.",
)
# Under this name a plan's parameters keep the request.
REQUEST: Final = "request"


@dataclass(frozen=True, slots=True)
class ShiftRequest:
    """What a user asks of a plan.

    Attributes
    ----------
    shift
        When; None is the coming evening.
    teams
        Who goes.
    start, end
        Where teams begin and end: a place of the gazetteer or ``lat,lon``; an empty end is the
        start.
    dwell_min, gap_min
        Minutes at a stop, and between visits of it.
    own
        Stops that the user adds: places of the gazetteer or ``lat,lon``, each perhaps with the
        times between which the visit is to begin, and minutes to stay
        (see `riskmiljo.situation.own_places.OwnPlace`).
    joint
        Those of them that police and outreach visit together.
    pinned
        Ids of candidates that must be visited.
    forbidden
        Stops and zones that are not wanted: ids or names.
    seconds
        How long to search.
    seed, spread
        For the draw among plans that are nearly as good.
    """

    shift: Shift | None = None
    teams: tuple[Team, ...] = (Team(), Team(), Team())
    start: str = ""
    end: str = ""
    dwell_min: float = DWELL_MIN
    gap_min: float = REVISIT_GAP_MIN
    own: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    seconds: float = 3.0
    seed: int = 0
    spread: float = 0.0


@dataclass(frozen=True)
class ShiftPlan:
    """A plan with the situation and the candidates it was made of.

    Attributes
    ----------
    plan
        The routes.
    situation
        What the lens shows.
    stops
        All candidates (STOP_COLUMNS).
    explored
        Exploratory stops that were suggested, also those that the request does not want.
    """

    plan: Plan
    situation: Situation
    stops: gpd.GeoDataFrame
    explored: tuple[OwnStop, ...] = ()


def request_record(request: ShiftRequest, question: Filter) -> dict[str, Any]:
    """Return what a later replanning must know, to be kept beside the plan.

    Parameters
    ----------
    request
        What was asked of the plan.
    question
        Which incidents.

    Returns
    -------
    dict
        JSON-able.
    """
    return {
        "filter": [list(pair) for pair in question.to_query()],
        "own": list(request.own),
        "joint": list(request.joint),
        "pinned": list(request.pinned),
        "forbidden": list(request.forbidden),
        "seed": request.seed,
        "seconds": request.seconds,
    }


def request_of(plan: Plan, *, tz: str) -> tuple[ShiftRequest, Filter]:
    """Return what a kept plan was asked to be.

    Parameters
    ----------
    plan
        A plan with a `request_record` among its parameters.
    tz
        The zone of the filter's dates and hours.

    Returns
    -------
    tuple
        The request, with the plan's own crews, and which incidents.

    Raises
    ------
    InvalidInputError
        If the plan was kept without it.
    """
    kept: Any = plan.parameters.get(REQUEST)
    if not kept:
        raise InvalidInputError(
            Text(
                "Planen saknar sina villkor och kan inte planeras om. Gör en ny.",
                "The plan lacks its terms and cannot be planned anew. Make a new one.",
            )
        )
    query: dict[str, list[str]] = {}
    for name, value in kept["filter"]:
        query.setdefault(name, []).append(value)
    request = ShiftRequest(
        shift=plan.shift,
        teams=tuple(Team(kind=r.crew.kind, mode=r.crew.mode) for r in plan.routes),
        own=tuple(kept["own"]),
        joint=tuple(kept["joint"]),
        # Plans kept by earlier releases have none.
        pinned=tuple(kept.get("pinned", ())),
        forbidden=tuple(kept["forbidden"]),
        seconds=float(kept["seconds"]),
        seed=int(kept["seed"]),
    )
    return request, Filter.from_query(query, tz=tz)


def usual_pause(hours: float) -> float:
    """Return the break of a shift as the law wants it.

    Parameters
    ----------
    hours
        Length of the shift.

    Returns
    -------
    float
        Minutes: 30 for more than five hours, else none.
    """
    return PAUSE_MIN if hours > _LONGEST_WITHOUT_PAUSE_H else 0.0


def plan_shift(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    request: ShiftRequest,
    *,
    now: datetime,
    meanwhile: Callable[[], object] | None = None,
) -> ShiftPlan:
    """Plan a shift.

    Its situation has no patrol areas: a map that shows them asks `build_situation` for them.

    Parameters
    ----------
    store
        Incidents, streets and presence.
    settings
        The installation's settings.
    lens
        What the reader may see; stops and reasons rest on nothing else.
    question
        Which incidents.
    request
        What is wanted.
    now
        Aware; decides which shift is the coming one.
    meanwhile
        Called when all is read and the search for routes, which leaves other cores free, begins.

    Returns
    -------
    ShiftPlan
        With notes on what was assumed.

    Raises
    ------
    NothingFoundError
        If nothing matches the question, or there is no stop.
    InvalidInputError
        If a place is not known, or something else cannot be used.
    """
    situation = build_situation(
        store, settings, lens, question, now=now, shift=request.shift, teams=None
    )
    crs = situation.places.crs
    start = _start(request.start, situation)
    modes: list[Mode] = ["walk", *(team.mode for team in request.teams)]
    ways = networks(situation.streets, modes)
    explored, said = exploratory_stops(
        store, situation, start, ways.get("walk"), count=settings.exploratory_stops
    )
    stops = stops_of(situation, request, explored=explored, streets=ways.get("walk"))
    stops.attrs["notes"] = [*stops.attrs["notes"], *(note.as_dict() for note in said)]
    stops = told_presence(stops, store, lens, until=min(now, situation.shift.period.start))
    if meanwhile is not None:
        meanwhile()
    plan = plan_routes(
        stops,
        streets=ways,
        shift=situation.shift,
        teams=request.teams,
        start=start,
        end=find_spot(request.end, situation.places, crs) if request.end else None,
        dwell_min=request.dwell_min,
        revisit_gap_min=request.gap_min,
        seconds=request.seconds,
        rng=request.seed,
        spread=request.spread,
        presence=_presence(store, lens, situation.shift),
    )
    return ShiftPlan(_signed(plan, situation), situation, stops, tuple(explored))


def replan_shift(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    request: ShiftRequest,
    plan: Plan,
    *,
    now: datetime,
    late_min: Mapping[int, float] | None = None,
    away: Collection[int] = (),
) -> ShiftPlan:
    """Plan the rest of a shift from here and now.

    Parameters
    ----------
    store, settings, lens, question, request
        As for `plan_shift`; the request that the plan was made of.
    plan
        The plan so far.
    now
        Aware, within the shift.
    late_min, away
        See `riskmiljo.patrol.replan.replan_routes`.

    Returns
    -------
    ShiftPlan
        What was done and what is to come.
    """
    situation = build_situation(
        store, settings, lens, question, now=now, shift=plan.shift, teams=None
    )
    modes: list[Mode] = ["walk", *(route.crew.mode for route in plan.routes)]
    ways = networks(situation.streets, modes)
    stops = stops_of(situation, request, explored=_explored(plan), streets=ways.get("walk"))
    stops = told_presence(stops, store, lens, until=min(now, plan.shift.period.start))
    fresh = replan_routes(
        plan,
        stops,
        streets=ways,
        now=now,
        late_min=late_min,
        away=away,
        seconds=request.seconds,
        rng=request.seed,
        presence=_presence(store, lens, plan.shift),
    )
    return ShiftPlan(_signed(fresh, situation), situation, stops)


def stops_of(
    situation: Situation,
    request: ShiftRequest,
    *,
    explored: Collection[OwnStop] = (),
    streets: Streets | None = None,
) -> gpd.GeoDataFrame:
    """Return the candidate stops of a situation.

    Parameters
    ----------
    situation
        What the lens shows.
    request
        With the user's own stops.
    explored
        Exploratory stops.
    streets
        The situation's network for those who walk, where it has been made already.

    Returns
    -------
    geopandas.GeoDataFrame
        STOP_COLUMNS.

    Raises
    ------
    InvalidInputError
        If a stop that must be visited is not among the candidates, or is also not wanted.
    """
    crs = situation.places.crs
    forbidden, unknown_skips = _unwanted(request, situation)
    own = own_stops(
        request.own, request.joint, shift=situation.shift, places=situation.places, crs=crs
    )
    stops = candidate_stops(
        situation.zones,
        shift=situation.shift,
        rhythm=smoothed_rhythm(situation.rhythm) if len(situation.rhythm) else None,
        streets=networks(situation.streets).get("walk") if streets is None else streets,
        surface=situation.surface,
        places=situation.places,
        own=[*own, *explored],
        forbidden=forbidden,
        evidence=_evidence(situation),
    )
    stops.attrs["notes"] = [*stops.attrs["notes"], *(note.as_dict() for note in unknown_skips)]
    unknown = [stop for stop in request.pinned if stop not in set(stops["stop_id"])]
    if unknown:
        raise InvalidInputError(
            Text(
                "Hållpunkten {s!r} finns inte bland passets hållpunkter. Ta bort den ur listan.",
                "The stop {s!r} is not among the stops of the shift. Take it off the list.",
            ).fill(s=unknown[0][:60])
        )
    stops["pinned"] |= stops["stop_id"].isin(request.pinned)
    return stops


def _unwanted(request: ShiftRequest, situation: Situation) -> tuple[list[str], list[Text]]:
    """Return the ids of what is not wanted, and a note on each word that says nothing.

    A part of a large zone, whose id only the plan knows, is named by its id alone.
    """
    own = dict.fromkeys((*request.own, *request.joint))
    zones = situation.zones
    known = {str(zone) for zone in zones["zone_id"]}
    named: dict[str, list[str]] = {}
    for zone, name in zip(zones["zone_id"], zones["name"], strict=True):
        named.setdefault(str(name).casefold(), []).append(str(zone))
    ids: list[str] = []
    notes: list[Text] = []
    for word in dict.fromkeys(request.forbidden):
        folded = " ".join(word.split()).casefold()
        head, _, number = word.rpartition(".")
        mine = head == "own" and number.isdigit() and 1 <= int(number) <= len(own)
        pinned = any(stop == word or stop.startswith(f"{word}.") for stop in request.pinned)
        if mine or pinned or folded in {OwnPlace.read(text).place.casefold() for text in own}:
            name = list(own)[int(number) - 1] if mine else word
            raise InvalidInputError(
                Text(
                    "{s} ska både vara med och inte vara med. Ta bort det ena önskemålet.",
                    "{s} is both wanted and not wanted. Take back one of the two wishes.",
                ).fill(s=name[:60])
            )
        if word in known or head in known or head == "explore":
            ids.append(word)
        elif folded in named:
            ids += named[folded]
        else:
            notes.append(
                Text(
                    "Ingen zon heter {s!r}; inget valdes bort för det ordet.",
                    "No zone is called {s!r}; nothing was left out for that word.",
                ).fill(s=word[:60])
            )
    return ids, notes


def _explored(plan: Plan) -> list[OwnStop]:
    """Return the exploratory stops of a plan, so that a later one has the same."""
    steps: list[Visit | LeftOut] = [visit for route in plan.routes for visit in route.visits]
    steps += plan.left_out
    known = {step.stop_id: step for step in steps if step.kind == "explore"}
    return [
        OwnStop(
            step.name,
            step.x,
            step.y,
            kind="explore",
            evidence=LITTLE_KNOWN,
            pinned=False,
            stop_id=stop_id,
        )
        for stop_id, step in sorted(known.items())
    ]


def _start(text: str, situation: Situation) -> Spot:
    """Return the start; without one the place nearest to the middle of the risk."""
    crs = situation.places.crs
    if text:
        return find_spot(text, situation.places, crs)
    stations = situation.places[situation.places["kind"] == "station"]
    known = stations if len(stations) else situation.places
    if known.empty:
        raise InvalidInputError(
            Text(
                "Ange var lagen börjar: latitud,longitud.",
                "Say where the teams begin: latitude,longitude.",
            )
        )
    x, y = coordinates(known)[0]
    return Spot(str(known["name"].iloc[0]), float(x), float(y))


def _evidence(situation: Situation) -> dict[str, Text]:
    """One line from the data for each zone, with what the lens lets through."""
    said: dict[str, Text] = {}
    for zone_id in situation.zones["zone_id"]:
        parts = []
        count = situation.trend["this_period"].get(zone_id)
        if count is not None and pd.notna(count):
            parts.append(
                Text(
                    "{n} {n:händelse|händelser} de senaste {d} dygnen",
                    "{n} {n:incident|incidents} in the last {d} {d:day|days}",
                ).fill(n=decimal_text(count, 0), d=TREND_DAYS)
            )
        if zone_id in situation.rhythm.index:
            peak = peak_hours(situation.rhythm.loc[zone_id])
            if not peak.even:
                parts.append(Text("flest {p}", "most {p}").fill(p=peak.text))
        if parts:
            line = Text(
                ", ".join(part.sv for part in parts) + ".",
                ", ".join(part.en for part in parts) + ".",
            )
            said[zone_id] = Text(line.sv[0].upper() + line.sv[1:], line.en[0].upper() + line.en[1:])
    return said


def _presence(store: Store, lens: Lens, shift: Shift) -> gpd.GeoDataFrame | None:
    """Return the presence that a plan is compared with, None where the lens shows none."""
    if not kinds_told(lens):
        return None
    start = shift.period.start
    return seen_presence(store, lens, Period(start - timedelta(days=HABIT_DAYS), start))


def told_presence(
    stops: gpd.GeoDataFrame, store: Store, lens: Lens, *, until: datetime
) -> gpd.GeoDataFrame:
    """Put presence so far beside stops, where the lens shows presence.

    Parameters
    ----------
    stops
        Candidates.
    store
        Where presence is kept.
    lens
        Who looks: the presence of their own crews is shown, and none in the joint picture.
    until
        Aware; later presence is not counted.

    Returns
    -------
    geopandas.GeoDataFrame
        With ``presence_min``; where nobody was noted anywhere a note instead, if none says so yet.
    """
    if lens.scope != "own":
        return stops
    lately = seen_presence(store, lens, Period(until - timedelta(days=HABIT_DAYS), until))
    if len(lately):
        found = minutes_at_stops(lately, coordinates(stops), until=until)
        return stops.assign(presence_min=found)
    notes = stops.attrs.get("notes", [])
    if NO_PRESENCE.as_dict() in notes:
        return stops
    told = stops.copy()
    told.attrs["notes"] = [*notes, NONE_LATELY.fill(d=HABIT_DAYS).as_dict()]
    return told


def _signed(plan: Plan, situation: Situation) -> Plan:
    # The situation's notes on zones and withheld figures concern the plan too; those on distances
    # are the plan's own.
    said = plan.comparison if kinds_told(situation.lens) else _covered_alone(plan)
    return replace(plan, as_of=situation.as_of, simulated=situation.simulated, comparison=said)


def _covered_alone(plan: Plan) -> Text:
    share = plan.covered / plan.reachable if plan.reachable > 0 else 0.0
    return joined([covered_share(share), _NO_HABIT])
