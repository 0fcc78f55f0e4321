"""The phone page of one team, ``/pass/<plan_id>/lag/<team>``: next stop, "Var här", no network.

The page knows no position: a visit is noted when somebody presses the button, with the stop's own
point, the time and the kind of team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, Response, render_template, request

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.maps import MODULES, SCRIPTS, STYLESHEETS, json_text
from riskmiljo.model.plan import Plan, Route
from riskmiljo.web import plan_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.assets import asset_address, own_asset, release
from riskmiljo.web.check_ins import (
    CheckIn,
    keep_check_in,
    kept_check_ins,
    read_check_in,
    take_out_visit,
    told_by_visit,
)
from riskmiljo.web.entry import seen_other
from riskmiljo.web.failures import error_answer
from riskmiljo.web.language import language
from riskmiljo.web.plan_access import open_plan
from riskmiljo.web.plan_pages import PLAN_ID, kept_layers, tagged_plan
from riskmiljo.web.plan_rows import VisitRow, team_tables
from riskmiljo.web.sent import sent_fields
from riskmiljo.web.service import service
from riskmiljo.web.view import address

phone_pages = Blueprint("phone", __name__)

# A team that is late still wants the stop that it is late for; one that forgot to note it does not.
_LONG_PAST: Final = timedelta(minutes=30)
_CREATED = 201
# Sent along by forms of tonight's page, which want to come back there.
_TONIGHT: Final = "tonight"
_TEAM = "<int(max=99):team>"


@phone_pages.get(f"/pass/{PLAN_ID}/lag/{_TEAM}")
def team(plan_id: int, team: int) -> Response:
    """Show what one team does next.

    Parameters
    ----------
    plan_id
        The plan's number.
    team
        The team's number.

    Returns
    -------
    flask.Response
        404 if the plan has no such team.
    """
    here = service()
    plan = open_plan(plan_id, here)
    route = _route(plan, team)
    tables = team_tables(plan)
    [table] = [one for one in tables if one.number == team]
    noted = kept_check_ins(here.store, plan, route.crew)
    first = _next(table.visits, noted, here.clock())
    page = render_template(
        "phone/team.html",
        simulated=plan.simulated,
        plan=plan,
        plan_id=plan_id,
        replaced_by=here.store.plans.successor(plan_id),
        table=table,
        teams=tables,
        first=first,
        noted=told_by_visit(
            noted, [(row.number, row.visit.stop_id) for row in table.visits], plan.shift.tz
        ),
        files=_needed(),
    )
    answer = Response(page, mimetype="text/html")
    return tagged_plan(answer, here, "phone", plan_id, team, language(), first)


@phone_pages.get(f"/pass/{PLAN_ID}/lag/{_TEAM}/lager.json")
def layers(plan_id: int, team: int) -> Response:
    """Answer with the map of one team.

    Parameters
    ----------
    plan_id
        The plan's number.
    team
        The team's number.

    Returns
    -------
    flask.Response
        The layers of `riskmiljo.maps`.
    """
    here = service()
    plan = open_plan(plan_id, here)
    alone = replace(plan, routes=(_route(plan, team),), left_out=())
    answer = Response(json_text(kept_layers(alone, here)), mimetype="application/json")
    return tagged_plan(answer, here, "phone.json", plan_id, team)


@phone_pages.post(f"/pass/{PLAN_ID}/har")
def check_in(plan_id: int) -> Response:
    """Note that a team was at a stop.

    Parameters
    ----------
    plan_id
        The plan's number; a plan that has been replaced since still takes visits.

    Returns
    -------
    flask.Response
        To a script 201, or 200 for a visit noted before; to a form 303 back to the team's page.
    """
    here = service()
    plan = open_plan(plan_id, here)
    try:
        sent = sent_fields()
        tonight = sent.pop("page", "") == _TONIGHT
        made = read_check_in(sent, plan, now=here.clock())
    except InvalidInputError as error:
        return error_answer(error.http_status, error.message)
    added = keep_check_in(here.store, plan, made, now=here.clock())
    if not request.is_json:
        return _to_team(plan_id, made, tonight=tonight)
    answer = json_answer({"added": added, **_told(made)})
    answer.status_code = _CREATED if added else answer.status_code
    return answer


@phone_pages.post(f"/pass/{PLAN_ID}/har/bort")
def take_back(plan_id: int) -> Response:
    """Take out a visit that was noted by mistake; the log keeps both.

    Parameters
    ----------
    plan_id
        The plan's number.

    Returns
    -------
    flask.Response
        To a script 200, also for a visit that is not there; to a form 303 back to the page.
    """
    here = service()
    plan = open_plan(plan_id, here)
    try:
        sent = sent_fields()
        tonight = sent.pop("page", "") == _TONIGHT
        made = read_check_in(sent, plan, now=here.clock(), needed=("stop_id", "when"))
    except InvalidInputError as error:
        return error_answer(error.http_status, error.message)
    removed = take_out_visit(here.store, made, now=here.clock())
    if not request.is_json:
        return _to_team(plan_id, made, tonight=tonight)
    return json_answer({"removed": removed, **_told(made)})


def _told(made: CheckIn) -> dict[str, object]:
    return {
        "stop_id": made.visit.stop_id,
        "begins": made.begins.isoformat(),
        "minutes": made.minutes,
        "crew_kind": made.crew.kind,
    }


def _to_team(plan_id: int, made: CheckIn, *, tonight: bool) -> Response:
    team = str(made.crew.number)
    team_page = address("phone.team", {}, plan_id=str(plan_id), team=team)
    if tonight:
        team_page = address("tonight.index", {"plan": [str(plan_id)], "lag": [team]})
    return seen_other(team_page)


@phone_pages.get("/sw.js")
def worker() -> Response:
    """Serve the script that keeps a team's page for hours without a network.

    Returns
    -------
    flask.Response
        Asked for anew each time; its first line names the release, so that a new one takes over.
    """
    text = f'const RELEASE = "{release()}";\n' + own_asset("sw.js").decode("utf-8")
    answer = Response(text, content_type="text/javascript; charset=utf-8")
    answer.cache_control.no_cache = True
    return answer


def _needed() -> list[str]:
    names = (*STYLESHEETS, *SCRIPTS, *MODULES, "pages.css", "form.css", "paper.css", "pass.css")
    return [asset_address(name) for name in (*names, "lag.js", "notes.js", "icon.svg")]


def _route(plan: Plan, number: int) -> Route:
    for route in plan.routes:
        if route.crew.number == number:
            return route
    raise NothingFoundError(plan_words.NO_TEAM.fill(n=number))


def _next(
    visits: Sequence[VisitRow], noted: Mapping[str, Sequence[datetime]], now: datetime
) -> int | None:
    """Return the number of the first stop that is neither noted nor long past; None for none."""
    seen = {stop: len(times) for stop, times in noted.items()}
    for row in visits:
        left = seen.get(row.visit.stop_id, 0)
        if not left and row.visit.leaves + _LONG_PAST >= now:
            return row.number
        seen[row.visit.stop_id] = max(left - 1, 0)
    return None
