"""The situation: ``/karta``, its twin ``/karta.json`` and the map's layers ``/lager.json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, render_template

from riskmiljo.maps import json_text
from riskmiljo.situation import Situation, map_layers
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.zone_story import former_zones
from riskmiljo.web import drawing_words, words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.banded import Banded
from riskmiljo.web.drawing_pages import may_draw
from riskmiljo.web.failures import error_answer
from riskmiljo.web.form import build_form, selection_words, without_period
from riskmiljo.web.headers import conditional
from riskmiljo.web.language import language
from riskmiljo.web.pictures import Picture, look, picture_etag
from riskmiljo.web.rows import AreaRow, ZoneRow, area_rows, zone_rows
from riskmiljo.web.service import Service, service
from riskmiljo.web.time_views import (
    compare_choices,
    comparison_json,
    comparison_of,
    filter_query,
    tiles_address,
)
from riskmiljo.web.view import as_query, query_of_request, shift_text

situation_pages = Blueprint("situation", __name__)

_NOT_FOUND = 404
# The latest that ceased; older ones stand in `riskmiljo zones --history`.
_MOST_FORMER = 12


@situation_pages.get("/karta")
def index() -> Response:
    """Show the map, the tables and the filter form.

    Returns
    -------
    flask.Response
        200; 400 with the form as the reader left it if the address cannot be read.
    """
    here, query = service(), query_of_request()
    picture = look(query, here)
    situation = picture.situation
    state = query if picture.view is None else as_query(picture.view.pairs())
    zones = [] if situation is None else zone_rows(situation)
    page = render_template(
        "situation/empty.html" if picture.empty else "situation/index.html",
        area=here.area().name,
        problem=picture.problem,
        refused=picture.view is None,
        simulated=here.simulated(),
        situation=situation,
        total=None if situation is None else shown_total(situation),
        zones=zones,
        share_in_zones=share_in_zones(zones),
        former=former_zones(here.store, here.lens)[:_MOST_FORMER],
        areas=[] if situation is None else area_rows(situation),
        form=build_form(
            query,
            shown=None if situation is None else situation.period,
            now=here.clock(),
            tz=here.area().tz,
        ),
        selection=[] if picture.view is None else selection_words(picture.view.question),
        lens=here.lens,
        may_draw=may_draw(here),
        drawing_words=drawing_words,
        filter_query=filter_query(picture),
        comparison=comparison_of(picture, here),
        compare_choices=[] if situation is None else compare_choices(situation, state),
        query=state,
        query_without_period=without_period(state),
    )
    answer = Response(page, mimetype="text/html", status=picture.status)
    if picture.view is None:
        return answer
    return conditional(answer, picture_etag(picture, here, "index", language()))


@situation_pages.get("/karta.json")
def data() -> Response:
    """Answer with the page's tables as JSON, in both languages at once.

    Returns
    -------
    flask.Response
        200, also where nothing is found (empty lists and a note); 400 if the address cannot be
        read.
    """
    here = service()
    picture = look(query_of_request(), here)
    if picture.view is None and picture.problem is not None:
        return error_answer(picture.status, picture.problem)
    return conditional(
        json_answer(_as_json(picture, here)), picture_etag(picture, here, "index.json")
    )


@situation_pages.get("/lager.json")
def layers() -> Response:
    """Answer with everything that the map draws.

    Returns
    -------
    flask.Response
        The layers of `riskmiljo.maps`; 404 where there is nothing to draw.
    """
    here = service()
    picture = look(query_of_request(), here)
    if picture.situation is None:
        status = _NOT_FOUND if picture.view is not None else picture.status
        return error_answer(status, picture.problem or words.NOT_FOUND)
    drawn = json_text(
        map_layers(picture.situation, here.settings, density_tiles=tiles_address(picture))
    )
    return conditional(
        Response(drawn, mimetype="application/json"), picture_etag(picture, here, "lager.json")
    )


def share_in_zones(zones: list[ZoneRow]) -> float:
    """Return the share of all incidents that lies in the zones.

    Parameters
    ----------
    zones
        All rows of the table.

    Returns
    -------
    float
        0 to 1; zones within zones are not counted twice.
    """
    return sum(zone.share for zone in zones if not zone.parent_id)


def shown_total(situation: Situation) -> int | None:
    """Return the number of incidents behind a situation.

    Parameters
    ----------
    situation
        What the lens shows.

    Returns
    -------
    int or None
        None where the number may not be shown; of the joint picture a `Banded` one.
    """
    if situation.surface is None:
        return None
    if situation.lens.scope == "own":
        return situation.total
    low, band = sum_band(situation.total)
    return Banded.of(low, band)


def _as_json(picture: Picture, here: Service) -> dict[str, Any]:
    situation = picture.situation
    body: dict[str, Any] = {
        "area": here.area().name,
        "simulated": here.simulated(),
        "lens": {"role": str(here.lens.role), "reason": here.lens.reason.as_dict()},
        "query": as_query([] if picture.view is None else picture.view.pairs()),
    }
    if situation is None:
        problem = picture.problem or words.NOTHING_MATCHES
        return {**body, "total": None, "notes": [problem.as_dict()], "zones": [], "areas": []}
    return {
        **body,
        "as_of": situation.as_of.isoformat(),
        "period": {
            "from": situation.period.start.isoformat(),
            "to": situation.period.end.isoformat(),
        },
        "shift": shift_text(situation.shift),
        "teams": situation.teams,
        "total": shown_total(situation),
        "notes": [note.as_dict() for note in situation.notes],
        "zones": [row_as_json(row) for row in zone_rows(situation)],
        "areas": [row_as_json(row) for row in area_rows(situation)],
        "compare": comparison_json(comparison_of(picture, here), situation.tz),
    }


def row_as_json(row: ZoneRow | AreaRow) -> dict[str, Any]:
    """Return a table's row as JSON values.

    Parameters
    ----------
    row
        A row of either table.

    Returns
    -------
    dict
        A `Text` has become ``{"sv": ..., "en": ...}``.
    """
    # asdict() also takes Text apart, into the very keys of Text.as_dict().
    return asdict(row)
