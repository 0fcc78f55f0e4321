"""One risk zone: ``/zoner/<zone_id>`` and its twin ``/zoner/<zone_id>.json``."""

from __future__ import annotations

import numpy as np
from flask import Blueprint, Response, render_template

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.maps.zones_layer import RHYTHM_LABELS, rhythm_sentence, rhythm_steps
from riskmiljo.situation import Situation
from riskmiljo.web import words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.headers import conditional
from riskmiljo.web.language import language
from riskmiljo.web.pictures import Picture, look, picture_etag
from riskmiljo.web.rows import (
    AreaRow,
    ZoneRow,
    area_rows,
    day_parts,
    rhythm_of,
    zone_rows,
)
from riskmiljo.web.service import service
from riskmiljo.web.situation_pages import row_as_json
from riskmiljo.web.view import as_query, query_of_request

zone_pages = Blueprint("zones", __name__, url_prefix="/zoner")


@zone_pages.get("/<zone_id>")
def zone(zone_id: str) -> Response:
    """Show one zone of the situation that the query asks for.

    Parameters
    ----------
    zone_id
        The zone's id.

    Returns
    -------
    flask.Response
        404 if the situation shows no such zone, whether or not it exists elsewhere.
    """
    here = service()
    picture = look(query_of_request(), here)
    situation, row = _find(picture, zone_id)
    profile = rhythm_of(situation, zone_id)
    page = render_template(
        "zones/zone.html",
        simulated=situation.simulated,
        situation=situation,
        lens=here.lens,
        row=row,
        facts=situation.zones.set_index("zone_id").loc[zone_id],
        area=_area_of(situation, zone_id),
        parts_of_week=day_parts(profile, row.events, here.lens),
        strip=np.reshape(rhythm_steps(profile), (7, 24)).tolist(),
        strip_labels=RHYTHM_LABELS,
        rhythm_words=rhythm_sentence(profile),
        query=as_query([] if picture.view is None else picture.view.pairs()),
    )
    return conditional(
        Response(page, mimetype="text/html"),
        picture_etag(picture, here, "zone", zone_id, language()),
    )


@zone_pages.get("/<zone_id>.json")
def data(zone_id: str) -> Response:
    """Answer with one zone as JSON, in both languages at once.

    Parameters
    ----------
    zone_id
        The zone's id.

    Returns
    -------
    flask.Response
        The row of the table, its week by parts of the day, and its patrol area.
    """
    here = service()
    picture = look(query_of_request(), here)
    situation, row = _find(picture, zone_id)
    area = _area_of(situation, zone_id)
    body = {
        "simulated": situation.simulated,
        "as_of": situation.as_of.isoformat(),
        "zone": row_as_json(row),
        "day_parts": [
            {
                "weekday": weekday.as_dict(),
                "shares": [None if share is None else round(share, 2) for share in shares],
            }
            for weekday, shares in day_parts(rhythm_of(situation, zone_id), row.events, here.lens)
        ],
        "area": None if area is None else row_as_json(area),
    }
    return conditional(json_answer(body), picture_etag(picture, here, "zone.json", zone_id))


def _find(picture: Picture, zone_id: str) -> tuple[Situation, ZoneRow]:
    if picture.view is None and picture.problem is not None:
        raise InvalidInputError(picture.problem)
    if picture.situation is not None:
        for row in zone_rows(picture.situation):
            if row.zone_id == zone_id:
                return picture.situation, row
    raise NothingFoundError(words.ZONE_GONE)


def _area_of(situation: Situation, zone_id: str) -> AreaRow | None:
    return next(
        (
            area
            for area in area_rows(situation)
            if zone_id in [member for member, _name in area.zones]
        ),
        None,
    )
