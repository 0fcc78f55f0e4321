"""Map tiles, ``/tiles/<surface>/<z>/<x>/<y>.png``, and the weeks of the brush, ``/tid.json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, abort, request

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.maps.tiles import is_tile
from riskmiljo.model.filters import Filter
from riskmiljo.situation.released import map_version
from riskmiljo.situation.tiles import (
    SURFACES,
    checked_bandwidth_m,
    density_tile,
    drawn_density,
    with_period,
)
from riskmiljo.situation.tiles_kept import Kept
from riskmiljo.situation.tiles_time import timeline
from riskmiljo.web import time_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.headers import conditional, etag_of
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import Query, query_of_request, read_view
from riskmiljo.wording import Text

tile_pages = Blueprint("tiles", __name__)

# Which smoothing, metres: the one of the situation that the page shows, so that every period of it
# is drawn alike.
SMOOTHING: Final = "utjamning"

_ASKED: Final = Kept[tuple[Filter, float]](2**20, lambda _: 1024)


@tile_pages.get("/tiles/<string:surface>/<int:z>/<int:x>/<int:y>.png")
def tile_of(surface: str, z: int, x: int, y: int) -> Response:
    """Draw one tile of the density that the address asks for.

    Parameters
    ----------
    surface
        ``density``; any other is not found.
    z, x, y
        Zoom, column from the west and row from the north; beyond the world is not found.

    Returns
    -------
    flask.Response
        A PNG, transparent where nothing is painted, nothing is found and nothing may be shown
        alike; 304 to a browser that has it; 400 if the address cannot be read.
    """
    if surface not in SURFACES or not is_tile(z, x, y):
        abort(404)
    here = service()
    version = _version(here)
    # A map asks for twenty tiles of one question: it is read once.
    said = (here.store.url, version, here.lens.key, request.query_string)
    asked, width_m = _ASKED.get(said, lambda: _read(here))
    etag = etag_of(here.started, version, here.lens.key, asked, width_m, surface, z, x, y)
    # A browser that has the tile is told so before anything is drawn.
    content = b""
    if not request.if_none_match.contains_weak(etag):
        drawn = drawn_density(
            here.store,
            here.settings,
            here.lens,
            asked,
            now=here.clock(),
            bandwidth_m=width_m,
            version=version,
        )
        content = density_tile(drawn, z, x, y)
    return conditional(Response(content, mimetype="image/png"), etag)


@tile_pages.get("/tid.json")
def weeks() -> Response:
    """Answer with the incidents by week, over the whole record, that the time brush draws.

    Returns
    -------
    flask.Response
        ``unit`` (week or month), ``edges`` (local days, one more than there are counts),
        ``counts`` (null where none or too few may be shown), ``bands`` (null, or in the joint
        picture the counts in words), ``window`` (steps of the playback) and ``whole`` (whether the
        last step is complete); 404 where there is nothing to show.
    """
    here = service()
    question = read_view(query_of_request(), here).question
    shown = timeline(here.store, here.lens, question)
    etag = etag_of(here.started, _version(here), here.lens.key, question, "tid")
    body = {
        **asdict(shown),
        "edges": [edge.isoformat() for edge in shown.edges],
        "bands": None if shown.bands is None else [_said(band) for band in shown.bands],
    }
    return conditional(json_answer(body), etag)


def _read(here: Service) -> tuple[Filter, float]:
    """Return the question and the smoothing of this request's address."""
    query = query_of_request()
    width_m = smoothing_of(query)
    question = read_view(query, here).question
    try:
        return with_period(here.store, here.lens, question), width_m
    except NothingFoundError:
        return question, width_m


def _version(here: Service) -> str:
    # An import does not show in the joint picture, nor in its tags.
    joint = here.lens.scope == "joint"
    return map_version(here.store, joint=True) if joint else here.map_version()


def _said(band: Text | None) -> dict[str, str] | None:
    return None if band is None else band.as_dict()


def smoothing_of(query: Query) -> float:
    """Take the smoothing out of an address's fields.

    Parameters
    ----------
    query
        The fields; the smoothing is no longer among them afterwards.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    InvalidInputError
        If it is no number of metres that can be had.
    """
    text = next(iter(query.pop(SMOOTHING, ())), "")
    try:
        return checked_bandwidth_m(float(text) if text else None)
    except ValueError as error:
        raise InvalidInputError(time_words.WRONG_SMOOTHING.fill(t=repr(text[:40]))) from error
