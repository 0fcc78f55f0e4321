"""A kept plan made anew with a stop that the crew adds."""

from __future__ import annotations

from dataclasses import replace

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.plan import Plan
from riskmiljo.situation import replan_shift
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
    return made.plan.with_parameters({**made.plan.parameters, **told, **terms})
