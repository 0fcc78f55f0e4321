"""Plan a shift: ``/pass``, its twin ``/pass.json``, the map's layers and the files; and keep it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, Response, render_template, request

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.export.files import PLAN_FILES
from riskmiljo.maps import json_text
from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.situation import map_layers
from riskmiljo.web import plan_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.failures import error_answer
from riskmiljo.web.form import selection_words
from riskmiljo.web.headers import conditional, conditional_by_content, etag_of
from riskmiljo.web.language import language
from riskmiljo.web.plan_access import keep_once, listed_plans
from riskmiljo.web.plan_rows import left_out_parts, team_tables
from riskmiljo.web.plan_views import plan_download, plan_json
from riskmiljo.web.service import Service, service
from riskmiljo.web.shift_form import build_shift_form
from riskmiljo.web.shift_plans import Outcome, Planned, outcome_of, planned, with_areas
from riskmiljo.web.shift_query import asks_for_plan, read_shift
from riskmiljo.web.view import Query, address, fields_of, query_of_request
from riskmiljo.wording import Text

shift_pages = Blueprint("shift", __name__)

_SHOWN = ("base", "density", "routes", "places")
_LISTED = 20


@shift_pages.get("/pass")
def index() -> Response:
    """Show the form, and the plan that the address asks for.

    Returns
    -------
    flask.Response
        200; 400 with the form as the reader left it if something in the address cannot be used.
    """
    here, query = service(), query_of_request()
    outcome = _look(query, here)
    page = _page(outcome, query, here)
    answer = Response(page, mimetype="text/html", status=outcome.status)
    if outcome.view is None or outcome.problem is not None:
        return answer
    return _tagged(answer, outcome, here, "pass", language())


@shift_pages.get("/pass.json")
def data() -> Response:
    """Answer with the plan that the address asks for, or with the list of kept plans.

    Returns
    -------
    flask.Response
        200; 400 if something in the address cannot be used; 404 where nothing can be planned.
    """
    here, query = service(), query_of_request()
    if not asks_for_plan(query):
        outcome = _look(query, here)
        if outcome.problem is not None:
            return error_answer(outcome.status, outcome.problem)
        return json_answer({"plans": [_row(row) for row in listed_plans(here, most=50)]})
    outcome, made = _planned(query, here)
    view = outcome.view
    body = plan_json(
        made.made.plan,
        plan=None,
        query={} if view is None else view.query,
        situation_notes=[note.as_dict() for note in made.made.situation.notes],
    )
    return _tagged(json_answer(body), outcome, here, "pass.json")


@shift_pages.get("/pass/lager.json")
def layers() -> Response:
    """Answer with everything that the map of the plan draws.

    Returns
    -------
    flask.Response
        The layers of `riskmiljo.maps`.
    """
    here = service()
    outcome, made = _planned(query_of_request(), here)
    drawn = map_layers(
        with_areas(made, here),
        here.settings,
        title=plan_words.TITLE,
        plan=made.made.plan,
        shown=_SHOWN,
    )
    answer = Response(json_text(drawn), mimetype="application/json")
    return _tagged(answer, outcome, here, "pass/lager.json")


@shift_pages.get("/pass/plan.<string:suffix>")
def file(suffix: str) -> Response:
    """Answer with the plan as a file.

    Parameters
    ----------
    suffix
        ``gpx``, ``ics``, ``geojson``, ``html`` or ``pdf``.

    Returns
    -------
    flask.Response
        An attachment.
    """
    here = service()
    _outcome, made = _planned(query_of_request(), here)
    return plan_download(made.made.plan, suffix, here, base=made.made.situation.streets)


@shift_pages.post("/pass")
def keep() -> Response:
    """Keep the plan that the form asks for, and lead to it.

    Returns
    -------
    flask.Response
        303; 400 with the form as the reader left it if something in it cannot be used.
    """
    here = service()
    query = fields_of(request.form)
    outcome = _look(query, here)
    if outcome.planned is None:
        refused = outcome if outcome.problem is not None else _no_day(outcome)
        return Response(_page(refused, query, here), mimetype="text/html", status=refused.status)
    plan_id, _ = keep_once(outcome.planned.made.plan, here)
    return seen_other(address("plans.plan", {}, plan_id=str(plan_id)))


def _look(query: Query, here: Service) -> Outcome:
    if asks_for_plan(query):
        return outcome_of(query, here)
    try:
        return Outcome(read_shift(query, here))
    except InvalidInputError as error:
        return Outcome(None, problem=error.message, status=error.http_status)
    except NothingFoundError as nothing:
        return Outcome(None, problem=nothing.message)


def _no_day(outcome: Outcome) -> Outcome:
    return Outcome(outcome.view, problem=plan_words.NO_DAY, status=InvalidInputError.http_status)


def _planned(query: Query, here: Service) -> tuple[Outcome, Planned]:
    if not asks_for_plan(query):
        raise InvalidInputError(plan_words.NO_DAY)
    view = read_shift(query, here)
    made = planned(view, here)
    return Outcome(view, made), made


def _tagged(answer: Response, outcome: Outcome, here: Service, *context: str) -> Response:
    if here.lens.scope == "joint":
        return conditional_by_content(answer)
    tag = etag_of(
        here.started,
        here.store.version(),
        here.lens.key,
        None if outcome.view is None else outcome.view.pairs(),
        # The coming evening moves on although no data change.
        here.clock().date(),
        context,
    )
    return conditional(answer, tag)


def _page(outcome: Outcome, query: Query, here: Service) -> str:
    made, view = outcome.planned, outcome.view
    plan = None if made is None else made.made.plan
    state = query if view is None else view.query
    shown, folded = ((), ()) if plan is None else left_out_parts(plan)
    return render_template(
        "shift/index.html",
        area=here.area().name,
        simulated=here.simulated(),
        lens=here.lens,
        problem=outcome.problem,
        refused=outcome.problem is not None and outcome.status != 200,  # noqa: PLR2004 - HTTP
        form=build_shift_form(
            query,
            shift=Shift.next_evening(here.clock(), tz=here.area().tz),
            settings=here.settings,
            names={} if made is None else made.names,
        ),
        selection=[] if view is None else _narrowed(view.question),
        names={} if made is None else made.names,
        view=view,
        query=state,
        plan=plan,
        situation=None if made is None else made.made.situation,
        teams=[] if plan is None else team_tables(plan),
        left_out=shown,
        more_left_out=folded,
        files=PLAN_FILES,
        plans=listed_plans(here, most=_LISTED),
    )


def _narrowed(question: Filter) -> list[Text]:
    """Return what narrows the incidents that the plan rests on; mostly nothing does."""
    everything = selection_words(Filter())
    return [piece for piece in selection_words(question) if piece not in everything]


def _row(row: Any) -> dict[str, Any]:
    kept = {one.name: getattr(row, one.name) for one in fields(row)}
    kept["plan"] = kept.pop("plan_id")
    for name in ("made_at", "begins", "ends"):
        kept[name] = kept[name].isoformat()
    return {"plan": kept.pop("plan"), **kept}
