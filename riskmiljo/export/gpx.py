"""A plan as GPX 1.1, for the phone's or the watch's own map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from riskmiljo.export.clock import Clock
from riskmiljo.export.parts import (
    NO_VISITS,
    Floats,
    chosen_routes,
    crew_title,
    harmless,
    must_be_said,
    place_name,
    to_degrees,
    whole_second,
)
from riskmiljo.model.plan import STOP_KIND_NAMES, Leg, Plan, Route, Visit
from riskmiljo.wording import Language, Text

_DECIMALS = 7
_START = Text("Start: {name}", "Start: {name}")
_END = Text("Slut: {name}", "End: {name}")
_SIMULATED = Text("Simulerade data. ", "Simulated data. ")


def plan_gpx(plan: Plan, *, language: Language, crew: int | None = None) -> bytes:
    """Return a plan as GPX 1.1: way-points, and one route and one track for each crew.

    The way-points are the stops with the time of the visit and its reason; the route joins them in
    order, from start to end; the track is the whole way along the streets, with the planned time
    at every corner.

    Parameters
    ----------
    plan
        The plan.
    language
        Of names and reasons.
    crew
        Only the crew of this number; None for all.

    Returns
    -------
    bytes
        UTF-8. The same for the same plan: no time of writing stands in it.

    Raises
    ------
    InvalidInputError
        If the plan has no such crew.

    References
    ----------
    Foster D. (2004), GPX 1.1 schema documentation, topografix.com.
    """
    import gpxpy.gpx as g  # noqa: PLC0415 - a tenth of a second that only this export needs

    clock = Clock(plan.shift.tz, language)
    gpx = g.GPX()
    gpx.creator = "riskmiljo"
    gpx.name = f"{harmless(plan.title.in_language(language))} {_shift_name(plan)}"
    gpx.description = " ".join(must_be_said(plan, clock))
    for route in chosen_routes(plan, crew):
        _add_route(gpx, g, route, plan, clock)
    text: str = gpx.to_xml(version="1.1")
    return text.encode("utf-8")


def _shift_name(plan: Plan) -> str:
    return plan.shift.label().sv


def _add_route(gpx: Any, g: Any, route: Route, plan: Plan, clock: Clock) -> None:
    crew, language = route.crew, clock.language
    ends = np.array([[crew.start.x, crew.start.y], [crew.end.x, crew.end.y]])
    stops = np.array([[visit.x, visit.y] for visit in route.visits]).reshape(-1, 2)
    spots, *ways = to_degrees(
        plan.epsg, [np.vstack([ends, stops]), *(leg.way for leg in route.legs)], decimals=_DECIMALS
    )
    mark = _SIMULATED.in_language(language) if plan.simulated else ""
    title = crew_title(crew, language)
    points = [
        g.GPXWaypoint(
            longitude=lon,
            latitude=lat,
            time=whole_second(visit.begins),
            name=f"{number}. {place_name(visit.name, clock.language)}",
            description=mark + _described(visit, clock),
            symbol="Flag, Blue",
            type=STOP_KIND_NAMES[visit.kind].in_language(language),
        )
        for number, (visit, (lon, lat)) in enumerate(
            zip(route.visits, spots[2:].tolist(), strict=True), start=1
        )
    ]
    gpx.waypoints.extend(points)

    drawn = g.GPXRoute(
        name=title,
        description=mark + (gpx.name if points else NO_VISITS.in_language(language)),
        number=crew.number,
    )
    first, last = spots[:2].tolist()
    drawn.points.append(
        _route_point(
            g,
            first,
            crew.begins,
            _START.fill(name=place_name(crew.start.name, clock.language)),
            clock,
        )
    )
    drawn.points.extend(
        g.GPXRoutePoint(
            longitude=point.longitude,
            latitude=point.latitude,
            time=point.time,
            name=point.name,
            description=point.description,
        )
        for point in points
    )
    home = route.legs[-1].arrives if route.legs else crew.ends
    drawn.points.append(
        _route_point(
            g, last, home, _END.fill(name=place_name(crew.end.name, clock.language)), clock
        )
    )
    gpx.routes.append(drawn)

    if ways:
        track = g.GPXTrack(name=title, number=crew.number)
        segment = g.GPXTrackSegment()
        for leg, way in zip(route.legs, ways, strict=True):
            segment.points.extend(
                g.GPXTrackPoint(longitude=lon, latitude=lat, time=at)
                for lon, lat, at in _timed(leg, way)
            )
        track.segments.append(segment)
        gpx.tracks.append(track)


def _route_point(g: Any, at: list[float], when: datetime, name: Text, clock: Clock) -> Any:
    return g.GPXRoutePoint(
        longitude=at[0],
        latitude=at[1],
        time=whole_second(when),
        name=name.in_language(clock.language),
    )


def _described(visit: Visit, clock: Clock) -> str:
    why = harmless(visit.why.in_language(clock.language))
    return f"{clock.span(visit.begins, visit.leaves)}. {why}"


def _timed(leg: Leg, way: Floats) -> Iterator[tuple[float, float, datetime]]:
    """Yield the corners of a way with the time at each, at even speed."""
    steps = np.hypot(*np.diff(np.asarray(leg.way, dtype=float), axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    share = along / along[-1] if along[-1] > 0 else np.linspace(0.0, 1.0, len(along))
    takes = leg.arrives - leg.departs
    for (lon, lat), part in zip(way.tolist(), share.tolist(), strict=True):
        yield lon, lat, whole_second(leg.departs + takes * part)
