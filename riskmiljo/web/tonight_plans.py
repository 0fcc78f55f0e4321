"""Tonight's plan: the one that is kept, or one made beside the request, so that no page waits."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlowError
from dataclasses import dataclass
from typing import Final

from riskmiljo.errors import NothingFoundError
from riskmiljo.model.plan import Plan, Route
from riskmiljo.model.role import Role
from riskmiljo.situation.tonight import coming_shift, kept_for_tonight, team_of
from riskmiljo.store.plans import PlanRow
from riskmiljo.web import tonight_words
from riskmiljo.web.plan_access import open_plan
from riskmiljo.web.service import Service
from riskmiljo.web.shift_plans import Planned, planned
from riskmiljo.web.shift_query import ShiftView
from riskmiljo.web.tonight_query import TonightView, shift_view

# A page may wait this long for a plan; then it says that one is coming.
PATIENCE_S: Final = 0.8
# Whose team's page opens when the address names none; other roles look at any.
KIND_OF: Final = {Role.POLICE: "police"}

_making: dict[tuple[object, ...], Future[Planned]] = {}
_lock: Final = threading.Lock()
# One at a time: two searches would only slow each other down.
_worker: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tonight")


@dataclass(frozen=True)
class Tonight:
    """The plan of the coming or running shift, and the team whose page it is.

    Attributes
    ----------
    view
        What was asked for.
    plan
        The plan.
    plan_id
        Its number; None while it is a suggestion that nobody has kept.
    route
        The team's.
    others
        Other kept plans of the shift.
    """

    view: TonightView
    plan: Plan
    plan_id: int | None
    route: Route
    others: tuple[PlanRow, ...] = ()


def tonight_of(view: TonightView, here: Service, *, wait_s: float | None = None) -> Tonight | None:
    """Return tonight's plan.

    Parameters
    ----------
    view
        What is asked for.
    here
        The installation, and who asks.
    wait_s
        How long to wait for a plan that must be made; None is until it is there.

    Returns
    -------
    Tonight or None
        None while it is being made: ask again.

    Raises
    ------
    NothingFoundError
        If there is no such plan or team, or nothing to plan.
    InvalidInputError
        If an own stop cannot be found.
    """
    now, tz = here.clock(), here.area().tz
    rows = kept_for_tonight(here.store, here.reader, now=now, tz=tz)
    kind = KIND_OF.get(here.reader.role) if here.reader.user_id is not None else None
    if view.plan_id is not None:
        plan = open_plan(view.plan_id, here)
        return _of(view, plan, view.plan_id, rows, kind)
    # Own stops or a number of teams ask for a suggestion of one's own.
    for row in () if view.own or view.teams != 1 else rows:
        plan = here.store.plans.get(row.plan_id)
        if team_of(plan, kind) is not None:
            return _of(view, plan, row.plan_id, rows, kind)
    shift = coming_shift(now, tz=tz) if view.shift is None else view.shift
    made = _made(shift_view(view, shift), here, wait_s)
    if made is None:
        return None
    return _of(view, made.made.plan, None, rows, None)


def _of(
    view: TonightView, plan: Plan, plan_id: int | None, rows: tuple[PlanRow, ...], kind: str | None
) -> Tonight:
    number = view.team
    if number is None:
        number = team_of(plan, kind) or team_of(plan, None)
    for route in plan.routes:
        if route.crew.number == number:
            others = tuple(row for row in rows if row.plan_id != plan_id)
            return Tonight(view, plan, plan_id, route, others)
    raise NothingFoundError(tonight_words.NO_TEAM)


def _made(view: ShiftView, here: Service, wait_s: float | None) -> Planned | None:
    key = (here.store.url, here.store.version(), here.settings, here.lens.key, *view.pairs())
    with _lock:
        future = _making.get(key)
        if future is None:
            # What nobody came back for is done; the plan itself is remembered with the others.
            for other in [key for key, one in _making.items() if one.done()]:
                del _making[other]
            future = _making[key] = _worker.submit(planned, view, here)
    try:
        made = future.result(timeout=wait_s)
    except TooSlowError:
        return None
    finally:
        if future.done():
            with _lock:
                _making.pop(key, None)
    return made
