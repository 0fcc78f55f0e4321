"""Plans of shifts, made once for each question and remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from riskmiljo.errors import InvalidInputError, NothingFoundError, RiskmiljoError
from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.situation import ShiftPlan, Situation, build_situation, plan_shift
from riskmiljo.situation.named_places import with_point_names
from riskmiljo.situation.patrolling import REQUEST, request_record, stops_of
from riskmiljo.situation.plan_news import with_news
from riskmiljo.situation.tonight import plan_before
from riskmiljo.web.service import Service
from riskmiljo.web.shift_query import ShiftView, read_shift
from riskmiljo.web.view import Query
from riskmiljo.wording import Text

_REMEMBERED: Final = 16

_memory: OrderedDict[tuple[object, ...], Planned] = OrderedDict()
# One search at a time: two would only slow each other down, and the page and its map ask for the
# same plan almost at once.
_lock: Final = threading.Lock()


@dataclass(frozen=True)
class Planned:
    """A plan as the pages need it.

    Attributes
    ----------
    made
        The plan, with the request among its parameters; the situation; the candidates.
    names
        What all stops are called, by id, those that are not wanted among them.
    """

    made: ShiftPlan
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What one address leads to.

    Attributes
    ----------
    view
        What was asked for; None if the address could not be read.
    planned
        The plan; None if there is none.
    problem
        Why there is none.
    status
        The HTTP status: finding nothing is an answer like any other.
    """

    view: ShiftView | None
    planned: Planned | None = None
    problem: Text | None = None
    status: int = 200


def outcome_of(query: Query, service: Service) -> Outcome:
    """Return what an address leads to.

    Parameters
    ----------
    query
        The fields; they name a shift.
    service
        The installation.

    Returns
    -------
    Outcome
        With a plan, or with the reason why not.
    """
    view = None
    try:
        view = read_shift(query, service)
        return Outcome(view, planned(view, service))
    except InvalidInputError as error:
        return Outcome(view, problem=error.message, status=error.http_status)
    except NothingFoundError as nothing:
        return Outcome(view, problem=nothing.message)


def planned(view: ShiftView, service: Service) -> Planned:
    """Make, or take from memory, the plan that an address asks for.

    Parameters
    ----------
    view
        With a shift.
    service
        The installation.

    Returns
    -------
    Planned
        The same for the same question, lens and data.

    Raises
    ------
    InvalidInputError
        If something that is asked for cannot be.
    NothingFoundError
        If nothing matches the question.
    """
    store, settings, lens = service.store, service.settings, service.lens
    with _lock:
        key = (store.url, store.version(), settings, lens.key, view.question, view.request)
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
        made = plan_shift(
            store,
            settings,
            lens,
            view.question,
            view.request,
            now=service.clock(),
            meanwhile=partial(_begin_areas, view, service) if service.beside else None,
        )
        terms = {REQUEST: request_record(view.request, view.question)}
        plan = made.plan.with_parameters({**made.plan.parameters, **terms})
        before = plan_before(store, service.reader, plan.shift)
        plan = with_point_names(with_news(plan, made.situation, before), settings.gazetteer)
        done = Planned(replace(made, plan=plan), _names(made, view))
        _memory[key] = done
        while len(_memory) > _REMEMBERED:
            _memory.popitem(last=False)
        return done


def with_areas(planned: Planned, service: Service) -> Situation:
    """Return the situation of a plan with patrol areas, which only its map shows.

    Parameters
    ----------
    planned
        The plan.
    service
        The installation, with the lens that the plan was made with.

    Returns
    -------
    Situation
        One area for each team.
    """
    return _shared_out(
        service,
        planned.made.situation.shift,
        planned.made.situation.question,
        planned.made.plan.routes,
    )


def _begin_areas(view: ShiftView, service: Service) -> threading.Thread:
    """Share the town out while routes are searched: the map asks for both at once."""

    def share_out() -> None:
        # The map's own request is told what is wrong.
        with suppress(RiskmiljoError):
            _shared_out(service, view.request.shift, view.question, view.request.teams)

    thread = threading.Thread(target=share_out, name="areas", daemon=True)
    thread.start()
    return thread


def _shared_out(
    service: Service, shift: Shift | None, question: Filter, teams: Sequence[object]
) -> Situation:
    return build_situation(
        service.store,
        service.settings,
        service.lens,
        question,
        now=service.clock(),
        shift=shift,
        teams=max(len(teams), 1),
    )


def _names(made: ShiftPlan, view: ShiftView) -> dict[str, str]:
    tables = [made.stops]
    if view.request.forbidden:
        # What is not wanted is no candidate, and still needs its name in the form.
        asked = replace(view.request, forbidden=(), pinned=())
        tables.append(stops_of(made.situation, asked, explored=made.explored))
    return {
        str(stop): str(name)
        for stops in tables
        for stop, name in zip(stops["stop_id"], stops["name"], strict=True)
    }
