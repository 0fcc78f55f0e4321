"""A plan as iCalendar, for the calendar that everyone already has."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from babel.numbers import format_percent

from riskmiljo.export.clock import Clock
from riskmiljo.export.parts import (
    chosen_routes,
    crew_title,
    figure,
    harmless,
    must_be_said,
    place_name,
    to_degrees,
    whole_second,
)
from riskmiljo.model.plan import STOP_KIND_NAMES, Leg, Plan, Route, Step, Visit
from riskmiljo.wording import Language, Text

_DECIMALS: Final = 6
_EXPECTED: Final = Text(
    "Väntat: {n} {n:händelse|händelser}. Hållpunktens slag: {kind}.",
    "Expected: {n} {n:incident|incidents}. Kind of stop: {kind}.",
)
_WORTH: Final = Text(
    "{p} av passets risk; omväg {d} min; utan besöket täcks {n} mindre.",
    "{p} of the shift's risk; detour {d} min; without the visit {n} less is covered.",
)
_JOINT: Final = Text("Tillsammans med ett annat lag.", "Together with another team.")
_WAITS: Final = Text("Framme {t}.", "There at {t}.")
_PAUSE: Final = Text("Rast {span}, {name}.", "Break {span}, {name}.")
_SIMULATED: Final = Text("[Simulerade data] ", "[Simulated data] ")


def plan_ics(plan: Plan, *, language: Language, now: datetime, crew: int | None = None) -> bytes:
    """Return a plan as iCalendar: one event for each visit and one for the shift.

    All times are UTC and there is no time zone component: readers disagree about those, and a
    night when the clock changes would move by an hour.

    Parameters
    ----------
    plan
        The plan.
    language
        Of names and reasons.
    now
        When the file is made (aware); iCalendar demands it in each event.
    crew
        Only the crew of this number, and the shift as long as this crew works; None for all.

    Returns
    -------
    bytes
        UTF-8, lines folded. An event of the same plan has the same UID in every file and language.

    Raises
    ------
    InvalidInputError
        If the plan has no such crew.

    References
    ----------
    Desruisseaux B. (2009), RFC 5545: Internet Calendaring and Scheduling Core Object
    Specification (iCalendar).
    """
    import icalendar as ical  # noqa: PLC0415 - a sixth of a second that only this export needs

    clock = Clock(plan.shift.tz, language)
    routes = chosen_routes(plan, crew)
    title = harmless(plan.title.in_language(language))
    calendar = ical.Calendar()
    calendar.add("prodid", f"-//riskmiljo//{title}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{title} {plan.shift.label().in_language(language)}")
    digest = plan_digest(plan)
    stamp = whole_second(now).astimezone(UTC)
    calendar.add_component(_shift_event(ical, plan, routes, crew, clock, digest, stamp))
    for route in routes:
        spots = np.array([[visit.x, visit.y] for visit in route.visits]).reshape(-1, 2)
        degrees = to_degrees(plan.epsg, [spots], decimals=_DECIMALS)[0]
        for number, (visit, (lon, lat)) in enumerate(
            zip(route.visits, degrees.tolist(), strict=True), start=1
        ):
            event = ical.Event()
            event.add("uid", _uid(digest, f"{route.crew.number}/{number}"))
            event.add("dtstamp", stamp)
            event.add("dtstart", whole_second(visit.begins).astimezone(UTC))
            event.add("dtend", whole_second(visit.leaves).astimezone(UTC))
            who = route.crew.name.in_language(language)
            mark = _SIMULATED.in_language(language) if plan.simulated else ""
            event.add(
                "summary", f"{mark}{number}. {place_name(visit.name, clock.language)} ({who})"
            )
            event.add("location", place_name(visit.name, clock.language))
            event.add("geo", (lat, lon))
            event.add("description", _described(visit, clock))
            calendar.add_component(event)
    body: bytes = calendar.to_ical(sorted=False)
    return body


def plan_digest(plan: Plan) -> str:
    """Return a fingerprint of what a plan says: the same plan has the same one everywhere.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    str
        SHA-256 of its shift, crews and steps, hexadecimal.
    """
    said = {
        "epsg": plan.epsg,
        "shift": [_moment(plan.shift.period.start), _moment(plan.shift.period.end)],
        "routes": [
            {
                "crew": [route.crew.number, route.crew.kind, route.crew.mode],
                "works": [_moment(route.crew.begins), _moment(route.crew.ends)],
                "steps": [_step(step) for step in route.steps],
            }
            for route in plan.routes
        ],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _moment(instant: datetime) -> str:
    return whole_second(instant).astimezone(UTC).isoformat()


def _step(step: Step) -> list[Any]:
    if isinstance(step, Visit):
        place = [step.stop_id, step.name, round(step.x, 1), round(step.y, 1)]
        return ["visit", *place, _moment(step.begins), _moment(step.leaves)]
    if isinstance(step, Leg):
        return ["leg", _moment(step.departs), _moment(step.arrives)]
    return ["pause", _moment(step.begins), _moment(step.ends)]


def _uid(digest: str, part: str) -> str:
    return hashlib.sha256(f"{digest}/{part}".encode()).hexdigest()[:40] + "@riskmiljo"


def _shift_event(
    ical: Any,
    plan: Plan,
    routes: tuple[Route, ...],
    crew: int | None,
    clock: Clock,
    digest: str,
    stamp: datetime,
) -> Any:
    language = clock.language
    title = harmless(plan.title.in_language(language))
    begins, ends = plan.shift.period.start, plan.shift.period.end
    part = "shift"
    event = ical.Event()
    if crew is not None:
        only = routes[0].crew
        begins, ends, part = only.begins, only.ends, f"shift/{crew}"
        title = f"{title}: {crew_title(only, language)}"
        event.add("location", place_name(only.start.name, clock.language))
    mark = _SIMULATED.in_language(language) if plan.simulated else ""
    event.add("uid", _uid(digest, part))
    event.add("dtstamp", stamp)
    event.add("dtstart", whole_second(begins).astimezone(UTC))
    event.add("dtend", whole_second(ends).astimezone(UTC))
    event.add("summary", mark + title)
    # The shift lies behind its visits and does not make anyone busy twice.
    event.add("transp", "TRANSPARENT")
    lines = list(must_be_said(plan, clock))
    for route in routes:
        lines.extend(_crew_lines(route, clock))
    event.add("description", "\n".join(lines))
    return event


def _crew_lines(route: Route, clock: Clock) -> list[str]:
    crew = route.crew
    who = f"{crew_title(crew, clock.language)}: {clock.span(crew.begins, crew.ends)}"
    start, end = (place_name(spot.name, clock.language) for spot in (crew.start, crew.end))
    lines = [f"{who}, {start} – {end}"]
    lines.extend(
        _PAUSE.fill(
            span=clock.span(pause.begins, pause.ends),
            name=place_name(pause.spot.name, clock.language),
        ).in_language(clock.language)
        for pause in route.pauses
    )
    return lines


def _described(visit: Visit, clock: Clock) -> str:
    language = clock.language
    lines = [
        harmless(visit.why.in_language(language)),
        f"{clock.span(visit.begins, visit.leaves)}.",
        _EXPECTED.fill(
            n=figure(visit.expected, 2, language),
            kind=STOP_KIND_NAMES[visit.kind],
        ).in_language(language),
    ]
    if np.isfinite([visit.share, visit.detour_min]).all():
        worth = _WORTH.fill(
            p=format_percent(visit.share, locale=language),
            d=round(visit.detour_min),
            n=figure(visit.lost, 2, language),
        )
        lines.append(worth.in_language(language))
    if clock.local(visit.arrives) < clock.local(visit.begins):
        lines.append(_WAITS.fill(t=clock.time(visit.arrives)).in_language(language))
    if visit.joint:
        lines.append(_JOINT.in_language(language))
    return "\n".join(lines)
