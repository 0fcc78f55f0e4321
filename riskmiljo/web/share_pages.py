"""Plans shared with those who go out: the decision, the list ``/delade``, and a plan's own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template

from riskmiljo.access.plans import SHARED_WITH
from riskmiljo.errors import InvalidInputError
from riskmiljo.maps import json_text
from riskmiljo.model.plan import Plan
from riskmiljo.model.role import Role
from riskmiljo.situation.sharing import places_and_times
from riskmiljo.store.plans import unknown_plan
from riskmiljo.web import plan_words, tonight_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.headers import conditional, conditional_by_content, etag_of
from riskmiljo.web.plan_access import open_plan
from riskmiljo.web.plan_pages import PLAN_ID, kept_layers
from riskmiljo.web.plan_rows import TeamTable, VisitRow, clock_time, team_tables
from riskmiljo.web.sent import sent_fields
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import address

share_pages = Blueprint("shared", __name__)

_FIELDS: Final = ("role", "share")
# Of a visit on the map: what is known of a place, and what a visit is worth.
_FIGURES: Final = ("share", "since_min", "lost", "detour_min")
# A shift that is over is still looked at the day after.
_AFTERWARDS: Final = timedelta(hours=24)


@share_pages.post(f"/pass/{PLAN_ID}/dela")
def share(plan_id: int) -> Response:
    """Share a plan with a role, or stop sharing it; the audit says who decided.

    Parameters
    ----------
    plan_id
        A plan that the reader may open.

    Returns
    -------
    flask.Response
        303 back to the plan.
    """
    here = service()
    open_plan(plan_id, here)
    sent = sent_fields()
    unknown = sorted(str(name) for name in sent if name not in _FIELDS)
    if unknown:
        raise InvalidInputError(
            plan_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(_FIELDS))
        )
    named = str(sent.get("role", ""))
    if named not in SHARED_WITH:
        raise InvalidInputError(
            tonight_words.WRONG_ROLE.fill(t=repr(named[:40]), known=", ".join(SHARED_WITH))
        )
    shares, role = here.store.plan_shares, Role(named)
    act = shares.remove if str(sent.get("share", "1")) == "0" else shares.add
    act(plan_id, role, now=here.clock(), user=here.reader.user_id)
    return seen_other(address("plans.plan", {}, plan_id=str(plan_id)) + "#delning")


@share_pages.get("/delade")
def index() -> Response:
    """Show the plans that are shared with the reader's role.

    Returns
    -------
    flask.Response
        200, also where there is none.
    """
    here = service()
    page = render_template(
        "tonight/shared.html",
        simulated=here.simulated(),
        plans=[(plan_id, plan, team_tables(plan)) for plan_id, plan in _shared_now(here)],
    )
    return conditional_by_content(Response(page, mimetype="text/html"))


@share_pages.get("/delade.json")
def data() -> Response:
    """Answer with the plans that are shared with the reader's role.

    Returns
    -------
    flask.Response
        ``plans``: each with ``plan``, ``begins`` and ``ends``.
    """
    here = service()
    body = {
        "plans": [
            {
                "plan": plan_id,
                "begins": plan.shift.period.start.isoformat(),
                "ends": plan.shift.period.end.isoformat(),
            }
            for plan_id, plan in _shared_now(here)
        ]
    }
    return conditional(json_answer(body), etag_of(here.started, body))


@share_pages.get(f"/delade/{PLAN_ID}")
def plan(plan_id: int) -> Response:
    """Show a shared plan: places and times.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        303 to the plan that has come in its place; 404 unless it is shared with the reader's role,
        and for a shift that ended more than a day ago.
    """
    here = service()
    shown = _shared_plan(plan_id, here)
    if (newer := here.store.plans.successor(plan_id)) is not None:
        return _to_newer("shared.plan", newer)
    page = render_template(
        "tonight/shared_plan.html",
        simulated=shown.simulated,
        plan=shown,
        plan_id=plan_id,
        teams=team_tables(shown),
    )
    return conditional_by_content(Response(page, mimetype="text/html"))


@share_pages.get(f"/delade/{PLAN_ID}.json")
def plan_data(plan_id: int) -> Response:
    """Answer with a shared plan's places and times.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        As `plan`.
    """
    here = service()
    shown = _shared_plan(plan_id, here)
    if (newer := here.store.plans.successor(plan_id)) is not None:
        return _to_newer("shared.plan_data", newer)
    body = {
        "plan": plan_id,
        "begins": shown.shift.period.start.isoformat(),
        "ends": shown.shift.period.end.isoformat(),
        "simulated": shown.simulated,
        "teams": [_team_json(table, shown.shift.tz) for table in team_tables(shown)],
    }
    return conditional(json_answer(body), etag_of(here.started, body))


@share_pages.get(f"/delade/{PLAN_ID}/lager.json")
def layers(plan_id: int) -> Response:
    """Answer with the map of a shared plan: streets, names of places and the routes.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        As `plan`.
    """
    here = service()
    shown = _shared_plan(plan_id, here)
    if (newer := here.store.plans.successor(plan_id)) is not None:
        return _to_newer("shared.layers", newer)
    payload = kept_layers(shown, here, title=tonight_words.SHARED_MAP)
    for layer in payload["layers"]:
        for feature in layer["features"] if layer["id"] == "routes" else ():
            for visit in feature["properties"].get("visits", ()):
                visit.update(dict.fromkeys(_FIGURES))
    drawn = json_text(payload)
    return conditional(Response(drawn, mimetype="application/json"), etag_of(here.started, drawn))


def _shared_now(here: Service) -> list[tuple[int, Plan]]:
    since = here.clock() - _AFTERWARDS
    numbers = here.store.plan_shares.plans(here.reader.role, since=since)
    return [(number, places_and_times(here.store.plans.get(number))) for number in numbers]


def _shared_plan(plan_id: int, here: Service) -> Plan:
    roles = here.store.plan_shares.roles(plan_id)
    # Without a login whoever shares a plan looks at what the others will see.
    shared = bool(roles)
    if here.reader.user_id is not None:
        over = here.store.plans.row(plan_id).ends <= here.clock() - _AFTERWARDS
        shared = here.reader.role in roles and not over
    if not shared:
        current_app.logger.warning("denied shared plan=%s role=%s", plan_id, here.reader.role)
        raise unknown_plan(plan_id)
    return places_and_times(here.store.plans.get(plan_id))


def _to_newer(endpoint: str, plan_id: int) -> Response:
    return seen_other(address(endpoint, {}, plan_id=str(plan_id)))


def _team_json(table: TeamTable, tz: str) -> dict[str, Any]:
    return {
        "team": table.number,
        "label": table.label.as_dict(),
        "steps": [
            {
                "place": row.visit.name,
                "time": clock_time(row.visit.begins, tz),
                "until": clock_time(row.visit.leaves, tz),
                "joint": row.visit.joint,
            }
            for row in table.rows
            if isinstance(row, VisitRow)
        ],
    }
