"""Kept plans as the reader of a request may open them."""

from __future__ import annotations

import threading
from typing import Any, Final

from flask import current_app

from riskmiljo.access.plans import SHARED_WITH, may_open, rests_on
from riskmiljo.model.plan import Plan
from riskmiljo.model.plan_record import plan_record
from riskmiljo.store.plans import PlanRow, unknown_plan
from riskmiljo.web.service import Service

_LOOKED_THROUGH = 200
# A second press keeps nothing more.
_keeping: Final = threading.Lock()


def open_plan(plan_id: int, here: Service) -> Plan:
    """Return a kept plan that the reader may open.

    Parameters
    ----------
    plan_id
        Its number.
    here
        Whose store, and who asks.

    Returns
    -------
    Plan
        As it was made.

    Raises
    ------
    NothingFoundError
        If there is no such plan, in the same words as if the reader may not open it; the reason
        goes to the log.
    """
    row = here.store.plans.row(plan_id)
    decision = may_open(here.reader, row.rests_on)
    if not decision.allowed:
        current_app.logger.warning(
            "denied plan=%s role=%s reason=%r", plan_id, here.reader.role, decision.reason.en
        )
        raise unknown_plan(plan_id)
    return here.store.plans.get(plan_id)


def keep_plan(plan: Plan, here: Service, *, replaces: int | None = None) -> int:
    """Keep a plan, with what it rests on.

    Parameters
    ----------
    plan
        Made with the lens of this request.
    here
        Where, and who asks.
    replaces
        The plan in whose place it stands.

    Returns
    -------
    int
        Its number.
    """
    basis = rests_on(here.reader, here.lens)
    return here.store.plans.add(
        plan, now=here.clock(), replaces=replaces, rests_on=basis, user=here.reader.user_id
    )


def keep_once(plan: Plan, here: Service) -> tuple[int, bool]:
    """Keep a plan, unless one in force says the same in every word and time.

    Parameters
    ----------
    plan
        Made with the lens of this request.
    here
        Where, and who asks.

    Returns
    -------
    tuple of int and bool
        Its number, and whether it is new: it is not where a page was left open, on a second phone
        or at a second press.
    """
    with _keeping:
        before = _kept_before(plan, here)
        return (keep_plan(plan, here), True) if before is None else (before, False)


def _kept_before(plan: Plan, here: Service) -> int | None:
    basis = rests_on(here.reader, here.lens)
    period, record = plan.shift.period, plan_record(plan)
    for row in here.store.plans.of_shift(period.start, period.end):
        same = (row.rests_on, row.begins, row.ends) == (basis, period.start, period.end)
        if same and plan_record(here.store.plans.get(row.plan_id)) == record:
            return row.plan_id
    return None


def listed_plans(here: Service, *, most: int) -> list[PlanRow]:
    """Return the plans made last that the reader may open.

    Parameters
    ----------
    here
        Whose store, and who asks.
    most
        No more than this.

    Returns
    -------
    list of PlanRow
        Newest first.
    """
    rows = here.store.plans.latest(most=_LOOKED_THROUGH)
    return [row for row in rows if may_open(here.reader, row.rests_on).allowed][:most]


def sharing_of(plan_id: int, here: Service) -> dict[str, Any]:
    """Return what a plan's page says of its sharing.

    Parameters
    ----------
    plan_id
        The plan.
    here
        Whose store, and who asks.

    Returns
    -------
    dict
        ``sharing``: each role that plans are shared with other than the reader's own, and whether
        this one is; ``show_shared``: whether the reader may look at the shared page.
    """
    roles = here.store.plan_shares.roles(plan_id)
    own = None if here.reader.user_id is None else here.reader.role
    return {
        "sharing": [(str(role), role in roles) for role in SHARED_WITH if role is not own],
        "show_shared": bool(roles) if own is None else own in roles,
    }
