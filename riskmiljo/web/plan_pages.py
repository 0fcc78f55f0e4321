"""A kept plan: ``/pass/<plan_id>``, its twin, its map and files; and planning its rest anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.export.files import PLAN_FILES
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.maps import json_text, map_payload
from riskmiljo.model.plan import Plan
from riskmiljo.situation import replan_shift
from riskmiljo.situation.patrolling import REQUEST, request_of
from riskmiljo.web import plan_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.headers import conditional, etag_of
from riskmiljo.web.language import language
from riskmiljo.web.plan_rows import left_out_parts, stop_names, team_tables
from riskmiljo.web.plan_views import plan_download, plan_json
from riskmiljo.web.service import Service, service
from riskmiljo.web.shift_query import one
from riskmiljo.web.view import address
from riskmiljo.wording import Text

# A number that the database cannot hold names no plan.
PLAN_ID = "<int(max=2147483647):plan_id>"

plan_pages = Blueprint("plans", __name__, url_prefix="/pass")

_SEE_OTHER = 303
_LONGEST_LATE_MIN = 600


@plan_pages.get(f"/{PLAN_ID}")
def plan(plan_id: int) -> Response:
    """Show a kept plan; one that has been replaced says so.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        404 if there is no such plan.
    """
    here = service()
    answer = Response(_page(plan_id, here), mimetype="text/html")
    return conditional(answer, plan_etag(here, "plan", plan_id, language(), _is_on(plan_id, here)))


@plan_pages.get(f"/{PLAN_ID}.json")
def data(plan_id: int) -> Response:
    """Answer with a kept plan as JSON, in both languages at once.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        As ``riskmiljo patrol route --json`` writes it, and ``replaced_by``.
    """
    here = service()
    replaced_by = here.store.plans.successor(plan_id)
    body = plan_json(here.store.plans.get(plan_id), plan=plan_id, replaced_by=replaced_by)
    return conditional(json_answer(body), plan_etag(here, "plan.json", plan_id))


@plan_pages.get(f"/{PLAN_ID}/lager.json")
def layers(plan_id: int) -> Response:
    """Answer with what the map of a kept plan draws.

    Parameters
    ----------
    plan_id
        Its number.

    Returns
    -------
    flask.Response
        The layers of `riskmiljo.maps`: the base map, the routes and names of places.
    """
    here = service()
    drawn = json_text(kept_layers(here.store.plans.get(plan_id), here))
    answer = Response(drawn, mimetype="application/json")
    return conditional(answer, plan_etag(here, "lager.json", plan_id))


@plan_pages.get(f"/{PLAN_ID}/plan.<string:suffix>")
def file(plan_id: int, suffix: str) -> Response:
    """Answer with a kept plan as a file.

    Parameters
    ----------
    plan_id
        Its number.
    suffix
        ``gpx``, ``ics``, ``geojson``, ``html`` or ``pdf``.

    Returns
    -------
    flask.Response
        An attachment.
    """
    here = service()
    return plan_download(here.store.plans.get(plan_id), suffix, here, base=here.store.streets())


@plan_pages.post(f"/{PLAN_ID}/om")
def replan(plan_id: int) -> Response:
    """Plan the rest of a shift from now, and lead to the plan that replaces this one.

    Parameters
    ----------
    plan_id
        The number of the plan so far.

    Returns
    -------
    flask.Response
        303; 400 with the form as the reader left it if it cannot be done.
    """
    here = service()
    kept = here.store.plans.get(plan_id)
    try:
        fresh = _replanned(kept, plan_id, here)
    except (InvalidInputError, NothingFoundError) as error:
        page = _page(plan_id, here, problem=error.message, sent=request.form)
        return Response(page, mimetype="text/html", status=InvalidInputError.http_status)
    fresh_id = here.store.plans.add(fresh, now=here.clock(), replaces=plan_id)
    leads = redirect(address("plans.plan", {}, plan_id=str(fresh_id)), _SEE_OTHER)
    return Response(leads.response, leads.status_code, leads.headers)


def kept_layers(kept: Plan, here: Service, *, title: Text = plan_words.MAP) -> dict[str, Any]:
    """Return the payload of a map of a kept plan.

    Parameters
    ----------
    kept
        The plan.
    here
        The installation.
    title
        What the map is called.

    Returns
    -------
    dict
        See `riskmiljo.maps`.
    """
    return map_payload(
        title=title,
        plan=kept,
        places=read_gazetteer(here.settings.gazetteer, crs=kept.epsg),
        streets=here.store.streets(),
        as_of=kept.as_of or here.clock(),
        settings=here.settings,
        simulated=kept.simulated,
        subtitle=kept.shift.label(),
        shown=("base", "routes", "places"),
        tz=kept.shift.tz,
    )


def plan_etag(here: Service, *context: object) -> str:
    """Return a tag for an answer that is made of a kept plan and what the store holds.

    Parameters
    ----------
    here
        The installation.
    *context
        What else the answer depends on.

    Returns
    -------
    str
        For `riskmiljo.web.headers.conditional`.
    """
    return etag_of(here.started, here.store.version(), here.lens.key, context)


def _replanned(kept: Plan, plan_id: int, here: Service) -> Plan:
    newer = here.store.plans.successor(plan_id)
    if newer is not None:
        raise InvalidInputError(plan_words.REPLAN_REPLACED.fill(n=newer))
    request_kept, question = request_of(kept, tz=here.area().tz)
    late, away = _delays(request.form, [route.crew.number for route in kept.routes])
    made = replan_shift(
        here.store,
        here.settings,
        here.lens,
        question,
        request_kept,
        kept,
        now=here.clock(),
        late_min=late,
        away=away,
    )
    parameters = {**made.plan.parameters, REQUEST: kept.parameters[REQUEST]}
    return made.plan.with_parameters(parameters)


def _delays(
    form: MultiDict[str, str], numbers: Sequence[int]
) -> tuple[dict[int, float], tuple[int, ...]]:
    known = [f"late_{number}" for number in numbers] + [f"away_{number}" for number in numbers]
    unknown = sorted(set(form) - set(known))
    if unknown:
        raise InvalidInputError(
            plan_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(known))
        )
    late = {}
    for number in numbers:
        text = form.get(f"late_{number}", "").strip()
        if text and not (text.isascii() and text.isdigit() and int(text) <= _LONGEST_LATE_MIN):
            raise InvalidInputError(
                plan_words.WRONG_WHOLE.fill(
                    name=f"late_{number}", t=repr(text[:40]), most=_LONGEST_LATE_MIN
                )
            )
        if text and int(text):
            late[number] = float(text)
    return late, tuple(number for number in numbers if form.get(f"away_{number}"))


def _is_on(plan_id: int, here: Service) -> bool:
    return _under_way(here.store.plans.get(plan_id), here.clock())


def _under_way(kept: Plan, now: datetime) -> bool:
    return kept.shift.period.start <= now < kept.shift.period.end


def _page(
    plan_id: int,
    here: Service,
    *,
    problem: Text | None = None,
    sent: Mapping[str, str] | None = None,
) -> str:
    kept = here.store.plans.get(plan_id)
    shown, folded = left_out_parts(kept)
    return render_template(
        "shift/plan.html",
        simulated=kept.simulated,
        lens=here.lens,
        plan_id=plan_id,
        replaced_by=here.store.plans.successor(plan_id),
        plan=kept,
        view=None,
        names=stop_names(kept),
        teams=team_tables(kept),
        left_out=shown,
        more_left_out=folded,
        files=PLAN_FILES,
        problem=problem,
        under_way=_under_way(kept, here.clock()),
        sent={name: one({name: [text]}, name) for name, text in (sent or {}).items()},
    )
