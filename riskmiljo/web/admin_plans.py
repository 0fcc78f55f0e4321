"""``/admin/planer``: plans made without a login, shared by a decision of the administrator's."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from riskmiljo.access.plans import NOBODYS, SHARED_WITH
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.role import Role
from riskmiljo.store.plans import PlanRow, unknown_plan
from riskmiljo.web import tonight_words
from riskmiljo.web.entry import seen_other
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import address

plan_admin_pages = Blueprint("adminplans", __name__)


@dataclass(frozen=True, slots=True)
class OrphanRow:
    """A plan that was made without a login.

    Attributes
    ----------
    plan
        Its number, time and teams.
    shared, others
        The roles that see its places and times, and those that can be let to.
    """

    plan: PlanRow
    shared: tuple[Role, ...]
    others: tuple[Role, ...]


def orphan_rows(here: Service) -> list[OrphanRow]:
    """Return the plans of shifts still to come that nobody can open.

    Parameters
    ----------
    here
        Whose store.

    Returns
    -------
    list of OrphanRow
        The earliest shift first.
    """
    rows = []
    for plan in here.store.plans.of_nobody(here.clock()):
        roles = here.store.plan_shares.roles(plan.plan_id)
        shared = tuple(role for role in SHARED_WITH if role in roles)
        others = tuple(role for role in SHARED_WITH if role not in roles)
        rows.append(OrphanRow(plan, shared, others))
    return rows


@plan_admin_pages.post("/admin/planer/<int(max=2147483647):plan_id>/dela")
def share(plan_id: int) -> Response:
    """Share the places and times of a plan that was made without a login.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        303 back; 404 for a plan that was made with a login: whoever made it shares it.

    Raises
    ------
    InvalidInputError
        If plans are not shared with the role.
    """
    here = service()
    if here.store.plans.row(plan_id).rests_on != NOBODYS:
        raise unknown_plan(plan_id)
    named = request.form.get("role", "")
    if named not in SHARED_WITH:
        raise InvalidInputError(
            tonight_words.WRONG_ROLE.fill(t=repr(named[:40]), known=", ".join(SHARED_WITH))
        )
    here.store.plan_shares.add(plan_id, Role(named), now=here.clock(), user=here.reader.user_id)
    return seen_other(address("admin.index", {"gjort": ["delad"]}) + "#planer")
