"""A kept plan made anew with a stop that the crew adds."""

from __future__ import annotations

from dataclasses import replace

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.plan import Plan
from riskmiljo.situation import replan_shift
from riskmiljo.situation.named_places import with_point_names
from riskmiljo.situation.patrolling import REQUEST, request_of, request_record
from riskmiljo.situation.plan_news import NEWS, SINCE, ZONES
from riskmiljo.web import plan_words, tonight_words
from riskmiljo.web.service import Service


def with_own_stop(kept: Plan, plan_id: int, place: str, here: Service) -> Plan:
    """Return a kept plan with one stop more.

    Parameters
    ----------
    kept
        The plan.
    plan_id
        Its number.
    place
        A name of the gazetteer, or ``lat,lon``.
    here
        The installation, and through whose lens.

    Returns
    -------
    Plan
        What is done stays; the rest is planned from now, or from the shift's beginning where it
        has not begun.

    Raises
    ------
    InvalidInputError
        If the place is not known, or the plan has been replaced or is over.
    NothingFoundError
        If nothing is left to plan on.
    """
    newer = here.store.plans.successor(plan_id)
    if newer is not None:
        raise InvalidInputError(plan_words.REPLAN_REPLACED.fill(n=newer))
    now = max(here.clock(), kept.shift.period.start)
    if now >= kept.shift.period.end:
        raise InvalidInputError(tonight_words.OVER)
    before, question = request_of(kept, tz=here.area().tz)
    asked = replace(before, own=tuple(dict.fromkeys((*before.own, place))))
    made = replan_shift(here.store, here.settings, here.lens, question, asked, kept, now=now)
    told = {name: kept.parameters[name] for name in (ZONES, NEWS, SINCE) if name in kept.parameters}
    terms = {REQUEST: request_record(asked, question)}
    plan = with_point_names(made.plan, here.settings.gazetteer)
    return plan.with_parameters({**plan.parameters, **told, **terms})


def place_on_page(plan: Plan, team: int | None, place: str, tz: str) -> tuple[int | None, str]:
    """Return whose page a stop stands on that has just been added, and where on it.

    Parameters
    ----------
    plan
        With the stop in it.
    team
        Who added it; None is any.
    place
        As the crew named it.
    tz
        The zone of the plan's clock.

    Returns
    -------
    tuple
        The team that goes there, their own if it does; and the fragment of an address: the stop,
        or, where nobody goes there, what there is to know of the plan.
    """
    asked, _ = request_of(plan, tz=tz)
    own = [*dict.fromkeys((*asked.own, *asked.joint))]
    stop_id = f"own.{own.index(place) + 1}" if place in own else ""
    for route in sorted(plan.routes, key=lambda one: one.crew.number != team):
        for number, visit in enumerate(route.visits, 1):
            if visit.stop_id == stop_id:
                return route.crew.number, f"#stopp-{number}"
    return team, "#att-veta"
