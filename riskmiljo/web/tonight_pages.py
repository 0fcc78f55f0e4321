"""Tonight, ``/ikvall``: one team's next stops on a phone, with three buttons and no network.

The page asks for no position and says who nowhere: a visit is a place, a time and a kind of crew,
and so is an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.maps import MODULES, SCRIPTS, STYLESHEETS, json_text
from riskmiljo.model.feedback import REASONS, Feedback
from riskmiljo.model.plan import Plan
from riskmiljo.situation.plan_news import news_of, news_since
from riskmiljo.situation.tonight import (
    ANSWER_DAYS,
    Stop,
    answers_lately,
    last_answers,
    presence_lately,
    short_why,
    stops_of_team,
)
from riskmiljo.web import tonight_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.assets import asset_address
from riskmiljo.web.check_ins import kept_check_ins, told_by_visit
from riskmiljo.web.entry import seen_other
from riskmiljo.web.failures import error_answer
from riskmiljo.web.headers import conditional, etag_of
from riskmiljo.web.plan_access import keep_once, keep_plan, open_plan
from riskmiljo.web.plan_pages import kept_layers
from riskmiljo.web.plan_rows import breaks_before, team_tables
from riskmiljo.web.sent import sent_fields
from riskmiljo.web.service import Service, service
from riskmiljo.web.shift_form import place_names
from riskmiljo.web.tonight_answers import keep_answer, read_answer
from riskmiljo.web.tonight_changes import place_on_page, with_own_stop
from riskmiljo.web.tonight_plans import PATIENCE_S, Tonight, tonight_of
from riskmiljo.web.tonight_query import MOST_TEAMS, TonightView, check_place, read_tonight
from riskmiljo.web.view import Query, address, fields_of, query_of_request
from riskmiljo.wording import Text

tonight_pages = Blueprint("tonight", __name__)

_CREATED: Final = 201
# Two who start at once start the same shift.
_starting: Final = threading.Lock()
# Before the rest is folded away: what a team can keep in mind.
MOST_SHOWN: Final = 4
# A team that is late still wants the stop that it is late for.
_LATE: Final = timedelta(minutes=30)


@tonight_pages.get("/ikvall")
def index() -> Response:
    """Show the coming or running shift of one team.

    Returns
    -------
    flask.Response
        200, also while the plan is being made (the page then asks again by itself); 400 if the
        address cannot be read, 404 for a plan or team that does not exist.
    """
    here = service()
    try:
        view = read_tonight(query_of_request(), here)
        found = tonight_of(view, here, wait_s=PATIENCE_S)
    except NothingFoundError as nothing:
        if request.args.get("plan") or request.args.get("lag"):
            raise
        return _without_plan(here, nothing.message, status=200)
    except InvalidInputError as error:
        return _without_plan(here, error.message, status=error.http_status)
    if found is None:
        answer = _without_plan(here, None, status=200)
        answer.headers["Refresh"] = "2"
        return answer
    page = _page(found, here)
    return conditional(Response(page, mimetype="text/html"), etag_of(here.started, page))


@tonight_pages.get("/ikvall.json")
def data() -> Response:
    """Answer with the page as JSON, in both languages at once.

    Returns
    -------
    flask.Response
        As `index`; waits for the plan.
    """
    here = service()
    found = tonight_of(read_tonight(query_of_request(), here), here)
    if found is None:
        return error_answer(NothingFoundError.http_status, tonight_words.NOTHING)
    answers = answers_lately(here.store, here.reader, now=here.clock())
    body = {
        "plan": found.plan_id,
        "shift": {
            "begins": found.plan.shift.period.start.isoformat(),
            "ends": found.plan.shift.period.end.isoformat(),
        },
        "as_of": None if found.plan.as_of is None else found.plan.as_of.isoformat(),
        "simulated": found.plan.simulated,
        "lag": found.route.crew.number,
        "crew_kind": found.route.crew.kind,
        "stops": [_stop_json(stop) for stop in _stops(found, here)],
        "news": [
            line.as_dict() for line in (*news_of(found.plan), *_last_answers(found, answers, here))
        ],
        "notes": [note.as_dict() for note in found.plan.notes],
    }
    return conditional(json_answer(body), etag_of(here.started, body))


@tonight_pages.get("/ikvall/lager.json")
def layers() -> Response:
    """Answer with the map of the team's stops.

    Returns
    -------
    flask.Response
        The layers of `riskmiljo.maps`.
    """
    here = service()
    found = tonight_of(read_tonight(query_of_request(), here), here)
    if found is None:
        return error_answer(NothingFoundError.http_status, tonight_words.NOTHING)
    alone = replace(found.plan, routes=(found.route,), left_out=())
    noted = kept_check_ins(here.store, found.plan, found.route.crew)
    payload = kept_layers(alone, here)
    _clear(payload, _done(_stops(found, here), noted, here.clock()))
    drawn = json_text(payload)
    return conditional(Response(drawn, mimetype="application/json"), etag_of(here.started, drawn))


@tonight_pages.post("/ikvall/starta")
def start() -> Response:
    """Keep the suggested plan, and lead to its page.

    Returns
    -------
    flask.Response
        To a form 303 to the kept plan; to a script 201 with its number and the team's, or 200 where
        it was kept before.
    """
    here = service()
    try:
        view = read_tonight(_sent_query(), here)
    except InvalidInputError as error:
        if request.is_json:
            return error_answer(error.http_status, error.message)
        return _without_plan(here, error.message, status=error.http_status)
    with _starting:
        found = tonight_of(view, here)
        if found is None:
            return error_answer(NothingFoundError.http_status, tonight_words.NOTHING)
        plan_id, fresh = found.plan_id, False
        if plan_id is None:
            plan_id, fresh = keep_once(found.plan, here)
    if not request.is_json:
        return _to_page(plan_id, found.route.crew.number)
    body = json_answer({"plan": plan_id, "lag": found.route.crew.number})
    body.status_code = _CREATED if fresh else body.status_code
    return body


def _sent_query() -> Query:
    """Return the fields of a form or of a script, several of one name as a list."""
    if not request.is_json:
        return fields_of(request.form)
    return {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in sent_fields().items()
    }


@tonight_pages.post("/ikvall/svar")
def answer() -> Response:
    """Keep what a crew answers to a stop.

    Returns
    -------
    flask.Response
        To a script 201, or 200 for an answer kept before; to a form 303 back to the page.
    """
    here = service()
    try:
        sent = sent_fields()
        plan_id, given = read_answer(sent, here)
    except InvalidInputError as error:
        return error_answer(error.http_status, error.message)
    added = keep_answer(given, here)
    if not request.is_json:
        # It has been read: the plan has this team.
        team = str(sent.get("team") or "")
        return _to_page(plan_id, int(team) if team else None)
    body = json_answer(
        {
            "added": added,
            "stop_id": given.stop_id,
            "reason": given.reason,
            "noted_at": given.noted_at.isoformat(),
            "crew_kind": given.crew_kind,
        }
    )
    body.status_code = _CREATED if added else body.status_code
    return body


@tonight_pages.post("/ikvall/stopp")
def add_stop() -> Response:
    """Add a stop of the crew's own, and plan the rest with it.

    Returns
    -------
    flask.Response
        303 to the suggestion with the stop in it, or to the plan that replaces the kept one; 400
        with the reason if it cannot be done.
    """
    here = service()
    fields = fields_of(request.form)
    place = " ".join("".join(fields.pop("place", [""])[:1]).split())
    try:
        view = read_tonight(fields, here)
        check_place(place, here)
        if view.plan_id is None:
            fresh = replace(view, own=tuple(dict.fromkeys((*view.own, place))))
            # Said at once if the place is not known, not on the next page.
            found = tonight_of(fresh, here)
            if found is None:
                return seen_other(address("tonight.index", fresh.query))
            team, there = _added(found.plan, found.route.crew.number, place)
            return seen_other(address("tonight.index", replace(fresh, team=team).query) + there)
        kept = open_plan(view.plan_id, here)
        plan = with_own_stop(kept, view.plan_id, place, here)
    except (InvalidInputError, NothingFoundError) as error:
        if isinstance(error, NothingFoundError) and fields.get("plan"):
            raise
        return _without_plan(here, error.message, status=InvalidInputError.http_status)
    number = keep_plan(plan, here, replaces=view.plan_id)
    team, there = _added(plan, view.team, place)
    return _to_page(number, team, there=there)


def _added(plan: Plan, team: int | None, place: str) -> tuple[int | None, str]:
    return place_on_page(plan, team, place, service().area().tz)


def _to_page(plan_id: int, team: int | None, *, there: str = "") -> Response:
    return seen_other(
        address("tonight.index", TonightView(plan_id=plan_id, team=team).query) + there
    )


def _without_plan(here: Service, problem: Text | None, *, status: int) -> Response:
    page = render_template(
        "tonight/waiting.html", problem=problem, simulated=here.simulated(), lens=here.lens
    )
    return Response(page, mimetype="text/html", status=status)


def _stops(found: Tonight, here: Service) -> list[Stop]:
    now = here.clock()
    return stops_of_team(
        found.route,
        tz=found.plan.shift.tz,
        epsg=found.plan.epsg,
        presence=presence_lately(here.store, here.lens, now=now),
        answers=answers_lately(here.store, here.reader, now=now),
    )


def _page(found: Tonight, here: Service) -> str:
    now, plan = here.clock(), found.plan
    stops = _stops(found, here)
    noted = kept_check_ins(here.store, plan, found.route.crew)
    done = _done(stops, noted, now)
    open_ = [stop for stop in stops if stop.number not in done]
    tables = team_tables(plan)
    [table] = [one for one in tables if one.number == found.route.crew.number]
    # What is shown is what is drawn and started, also when the quarter of an hour is over.
    query = replace(found.view, shift=plan.shift).query
    if found.plan_id is not None:
        query = TonightView(plan_id=found.plan_id, team=table.number).query
    answers = answers_lately(here.store, here.reader, now=now)
    return render_template(
        "tonight/index.html",
        simulated=plan.simulated,
        lens=here.lens,
        found=found,
        plan=plan,
        plan_id=found.plan_id,
        replaced_by=None if found.plan_id is None else here.store.plans.successor(found.plan_id),
        query=query,
        table=table,
        tables=tables,
        breaks=breaks_before(table),
        shown=open_[:MOST_SHOWN],
        later=open_[MOST_SHOWN:],
        done=[stop for stop in stops if stop.number in done],
        noted=told_by_visit(
            noted, [(stop.number, stop.visit.stop_id) for stop in stops], plan.shift.tz
        ),
        under_way=plan.shift.period.start <= now < plan.shift.period.end,
        over=now >= plan.shift.period.end,
        since=news_since(plan),
        news=[*news_of(plan), *_last_answers(found, answers, here)],
        short_why=short_why,
        reasons=REASONS,
        answer_days=ANSWER_DAYS,
        places=place_names(here.settings.gazetteer),
        most_teams=MOST_TEAMS,
        keep=_kept_assets(),
    )


def _last_answers(found: Tonight, answers: Collection[Feedback], here: Service) -> list[Text]:
    return last_answers(here.store, here.reader, found.plan.shift, answers)


def _done(
    stops: Sequence[Stop], noted: Mapping[str, Sequence[datetime]], now: datetime
) -> set[int]:
    """Return the numbers of visits that are noted, or so long past that they will not be made."""
    left = {stop: len(times) for stop, times in noted.items()}
    done = set()
    for stop in stops:
        visit = stop.visit
        if left.get(visit.stop_id, 0) > 0:
            left[visit.stop_id] -= 1
            done.add(stop.number)
        elif visit.leaves + _LATE < now:
            done.add(stop.number)
    return done


def _clear(payload: dict[str, Any], done: Collection[int]) -> None:
    """Leave each place on the map with the number of its next visit alone."""
    for layer in payload["layers"]:
        if layer["id"] != "routes":
            continue
        for feature in layer["features"]:
            said = feature["properties"]
            if said["kind"] == "stop":
                said["visits"] = [one for one in said["visits"] if one["number"] not in done][:1]
        layer["features"] = [
            feature for feature in layer["features"] if feature["properties"].get("visits", True)
        ]


def _kept_assets() -> list[str]:
    own = ("pages.css", "form.css", "paper.css", "pass.css", "planner.css", "tonight.css")
    names = (*STYLESHEETS, *SCRIPTS, *MODULES, *own, "tonight.js", "notes.js", "icon.svg")
    return [asset_address(name) for name in names]


def _stop_json(stop: Stop) -> dict[str, Any]:
    visit = stop.visit
    return {
        "number": stop.number,
        "stop_id": visit.stop_id,
        "name": visit.name,
        "zone_id": visit.zone_id,
        "arrive": [stop.from_time, stop.to_time],
        "begins": visit.begins.isoformat(),
        "leaves": visit.leaves.isoformat(),
        "minutes": visit.dwell_min,
        "way_min": round(stop.way_min, 1),
        "way_m": round(stop.way_m),
        "spare_min": round(stop.wait_min, 1),
        "why": visit.why.as_dict(),
        "pinned": visit.pinned,
        "joint": visit.joint,
        "presence_min": None if stop.presence_min is None else round(stop.presence_min, 1),
        "answers": [{"reason": text.as_dict(), "count": count} for text, count in stop.answers],
    }
