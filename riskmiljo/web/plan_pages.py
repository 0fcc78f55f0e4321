"""A kept plan: ``/pass/<plan_id>``, its twin, its map and files; and planning its rest anew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.export.files import PLAN_FILES
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.maps import json_text, map_payload
from riskmiljo.model.plan import Plan
from riskmiljo.situation import Situation, build_situation, map_layers, replan_shift
from riskmiljo.situation.patrolling import REQUEST, request_of
from riskmiljo.situation.plan_news import NEWS, ZONES
from riskmiljo.web import plan_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.headers import conditional, conditional_by_content, etag_of
from riskmiljo.web.language import language
from riskmiljo.web.plan_access import keep_plan, open_plan, sharing_of
from riskmiljo.web.plan_rows import left_out_parts, stop_names, team_tables
from riskmiljo.web.plan_views import plan_download, plan_json
from riskmiljo.web.service import Service, service
from riskmiljo.web.shift_query import one
from riskmiljo.web.view import address
from riskmiljo.wording import Text

# A number that the database cannot hold names no plan.
PLAN_ID = "<int(max=2147483647):plan_id>"

plan_pages = Blueprint("plans", __name__, url_prefix="/pass")

# Routes and heat at first; zones and areas by a tick.
_SHOWN = ("base", "density", "routes", "places")
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
    return tagged_plan(answer, here, "plan", plan_id, language(), _is_on(plan_id, here))


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
    kept = open_plan(plan_id, here)
    replaced_by = here.store.plans.successor(plan_id)
    body = plan_json(kept, plan=plan_id, replaced_by=replaced_by)
    return tagged_plan(json_answer(body), here, "plan.json", plan_id)


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
        The layers of `riskmiljo.maps`: the routes, and heat and zones as the reader's lens shows
        them now to the plan's own question; without them where there is nothing to show.
    """
    here = service()
    kept = open_plan(plan_id, here)
    situation = _situation(kept, here)
    if situation is None:
        drawn = kept_layers(kept, here)
    else:
        drawn = map_layers(situation, here.settings, title=plan_words.MAP, plan=kept, shown=_SHOWN)
    answer = Response(json_text(drawn), mimetype="application/json")
    return tagged_plan(answer, here, "lager.json", plan_id, here.clock().date())


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
    return plan_download(open_plan(plan_id, here), suffix, here, base=here.store.streets())


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
    kept = open_plan(plan_id, here)
    try:
        fresh = _replanned(kept, plan_id, here)
    except (InvalidInputError, NothingFoundError) as error:
        page = _page(plan_id, here, problem=error.message, sent=request.form)
        return Response(page, mimetype="text/html", status=InvalidInputError.http_status)
    fresh_id = keep_plan(fresh, here, replaces=plan_id)
    return seen_other(address("plans.plan", {}, plan_id=str(fresh_id)))


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


def _situation(kept: Plan, here: Service) -> Situation | None:
    """Return the situation around a kept plan; None where its question has no answer here."""
    try:
        _, question = request_of(kept, tz=here.area().tz)
        return build_situation(
            here.store,
            here.settings,
            here.lens,
            question,
            now=here.clock(),
            shift=kept.shift,
            teams=max(len(kept.routes), 1),
        )
    except (InvalidInputError, NothingFoundError):
        return None


def tagged_plan(answer: Response, here: Service, *context: object) -> Response:
    """Give an answer that is made of a kept plan and what the store holds its tag.

    Parameters
    ----------
    answer
        The full answer.
    here
        The installation.
    *context
        What else the answer depends on.

    Returns
    -------
    flask.Response
        Without a body if the browser already has it.
    """
    if here.lens.scope == "joint":
        return conditional_by_content(answer)
    return conditional(answer, etag_of(here.started, here.store.version(), here.lens.key, context))


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
    told = {name: kept.parameters[name] for name in (ZONES, NEWS) if name in kept.parameters}
    terms = {REQUEST: kept.parameters[REQUEST]}
    return made.plan.with_parameters({**made.plan.parameters, **told, **terms})


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
        if text and not (re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= _LONGEST_LATE_MIN):
            raise InvalidInputError(
                plan_words.WRONG_WHOLE.fill(
                    name=f"late_{number}", t=repr(text[:40]), most=_LONGEST_LATE_MIN
                )
            )
        if text and int(text):
            late[number] = float(text)
    return late, tuple(number for number in numbers if form.get(f"away_{number}"))


def _is_on(plan_id: int, here: Service) -> bool:
    return _under_way(open_plan(plan_id, here), here.clock())


def _under_way(kept: Plan, now: datetime) -> bool:
    return kept.shift.period.start <= now < kept.shift.period.end


def _page(
    plan_id: int,
    here: Service,
    *,
    problem: Text | None = None,
    sent: Mapping[str, str] | None = None,
) -> str:
    kept = open_plan(plan_id, here)
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
        **sharing_of(plan_id, here),
        under_way=_under_way(kept, here.clock()),
        sent={name: one({name: [text]}, name) for name, text in (sent or {}).items()},
    )
