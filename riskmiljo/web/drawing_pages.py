"""Drawing zones by hand: ``/zoner/ny`` and ``/zoner/<zone_id>/rita``.

The form sends one field of corners, a row each; the script on the map keeps it filled in, and
without script it is written by hand.
"""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, render_template, request

from riskmiljo.access.rules import may_use
from riskmiljo.errors import AccessDeniedError, InvalidInputError, NothingFoundError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.maps import json_text, map_payload
from riskmiljo.model.role import Role
from riskmiljo.situation.drawing import (
    MOST_CORNERS,
    Drawing,
    Outline,
    drop_outline,
    keep_outlines,
    outlines,
    refuse_drawing,
)
from riskmiljo.situation.layers import map_layers
from riskmiljo.store.zones import LONGEST_NAME
from riskmiljo.web import drawing_words, zone_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.free_text import about_places
from riskmiljo.web.pictures import look
from riskmiljo.web.service import Service, service
from riskmiljo.web.time_views import tiles_address
from riskmiljo.web.view import address
from riskmiljo.wording import Text

drawing_pages = Blueprint("drawing", __name__, url_prefix="/zoner")

_LAYERS: Final = ("base", "density", "places")
_DECIMALS: Final = 6
_NUMBER: Final = r"[-+]?[0-9]{1,3}(?:[.,][0-9]{1,15})?"
# A comma parts two numbers, or stands for the point where a space or semicolon does.
_ROW: Final = re.compile(
    rf"({_NUMBER})(?:\s*;\s*|,?\s+)({_NUMBER})"
    r"|([-+]?[0-9]{1,3}(?:\.[0-9]{1,15})?),([-+]?[0-9]{1,3}(?:\.[0-9]{1,15})?)"
)


def may_draw(here: Service) -> bool:
    """Return whether the reader may draw zones in this view.

    Parameters
    ----------
    here
        The service, with the reader's lens.

    Returns
    -------
    bool
        True in a view of one's own; an emergency reading is for reading alone.
    """
    lens = here.lens
    allowed = may_use(lens.role, "drawing.add", "POST").allowed
    return allowed and lens.scope == "own" and lens.role is not Role.ADMIN


@drawing_pages.get("/ny")
def new() -> Response:
    """Show the map on which a new zone is drawn, and the zones that are drawn.

    Returns
    -------
    flask.Response
        200; 400 in the joint picture, with the reason.
    """
    here = _here()
    return _page(here, None, done=drawing_words.REMOVED if "borta" in request.args else None)


@drawing_pages.get("/ny.json")
def data() -> Response:
    """Answer with the drawn zones as JSON.

    Returns
    -------
    flask.Response
        200; 400 in the joint picture, with the reason.
    """
    here = _here()
    drawn = [
        {"zone_id": one.zone_id, "name": one.name, "corners": _lat_lon(one)}
        for one in outlines(here.store, here.settings, here.lens)
        if one.drawn
    ]
    return json_answer({"simulated": here.simulated(), "drawn": drawn})


@drawing_pages.get("/ny/lager.json")
def layers() -> Response:
    """Answer with the map to draw on: streets, places, and the density where there is one.

    Returns
    -------
    flask.Response
        The layers of `riskmiljo.maps`; 400 in the joint picture.
    """
    here = _here()
    picture = look({}, here)
    if picture.situation is None:
        area = here.area()
        payload = map_payload(
            title=drawing_words.MAP,
            places=read_gazetteer(here.settings.gazetteer, crs=area.epsg),
            as_of=here.clock(),
            settings=here.settings.model_copy(update={"area_bbox": area.bbox}),
            simulated=here.simulated(),
            tz=area.tz,
        )
    else:
        payload = map_layers(
            picture.situation,
            here.settings,
            title=drawing_words.MAP,
            shown=_LAYERS,
            layers=_LAYERS,
            density_tiles=tiles_address(picture),
        )
    return Response(json_text(payload), mimetype="application/json")


@drawing_pages.post("/ny")
def add() -> Response:
    """Keep a new zone, and lead to its page.

    Returns
    -------
    flask.Response
        303; 400 with the form as the reader left it if it cannot be kept.
    """
    return _keep(_here(), None)


@drawing_pages.get("/<zone_id>/rita")
def outline(zone_id: str) -> Response:
    """Show a zone's outline with corners that can be moved.

    Parameters
    ----------
    zone_id
        A drawn zone, or a found one that is kept.

    Returns
    -------
    flask.Response
        200; 404 for a zone that the reader does not have, 400 in the joint picture.
    """
    here = _here()
    done = drawing_words.SAVED_UNSEEN if "sparad" in request.args else None
    return _page(here, _of(here, zone_id), done=done)


@drawing_pages.post("/<zone_id>/rita")
def redraw(zone_id: str) -> Response:
    """Keep a zone's new outline, and lead back to its page.

    Parameters
    ----------
    zone_id
        As for `outline`.

    Returns
    -------
    flask.Response
        303; 400 with the form as the reader left it if it cannot be kept.
    """
    here = _here()
    return _keep(here, _of(here, zone_id))


@drawing_pages.post("/<zone_id>/rita/bort")
def remove(zone_id: str) -> Response:
    """Take a drawn outline out, and lead to where zones are drawn.

    Parameters
    ----------
    zone_id
        A drawn zone.

    Returns
    -------
    flask.Response
        303; 404 if there is no such drawn zone.
    """
    here = _here()
    drop_outline(
        here.store,
        here.settings,
        here.lens,
        zone_id,
        now=here.clock(),
        user=here.reader.user_id,
    )
    if _shown(here, zone_id):
        return seen_other(address("zones.zone", {}, zone_id=zone_id))
    return seen_other(address("drawing.new", {"borta": ["1"]}))


def _here() -> Service:
    here = service()
    refuse_drawing(here.lens)
    if not may_draw(here):
        raise AccessDeniedError(zone_words.NO_NOTE)
    return here


def _of(here: Service, zone_id: str) -> Outline:
    for one in outlines(here.store, here.settings, here.lens):
        if one.zone_id == zone_id:
            return one
    raise NothingFoundError(drawing_words.UNKNOWN)


def _keep(here: Service, zone: Outline | None) -> Response:
    name = request.form.get("name", "") if zone is None else zone.name
    sent = request.form.get("corners", "")
    try:
        drawing = Drawing(
            about_places(name), read_corners(sent), None if zone is None else zone.zone_id
        )
        [zone_id] = keep_outlines(
            here.store,
            here.settings,
            here.lens,
            [drawing],
            now=here.clock(),
            user=here.reader.user_id,
        )
    except InvalidInputError as refused:
        return _page(here, zone, problem=refused.message, name=name, corners=sent)
    if _shown(here, zone_id):
        return seen_other(address("zones.zone", {}, zone_id=zone_id))
    return seen_other(address("drawing.outline", {"sparad": ["1"]}, zone_id=zone_id))


def _shown(here: Service, zone_id: str) -> bool:
    situation = look({}, here).situation
    return situation is not None and zone_id in set(situation.zones["zone_id"])


def read_corners(text: str) -> list[tuple[float, float]]:
    """Read corners as a form sends them.

    Parameters
    ----------
    text
        A row each: latitude and longitude in degrees. Empty rows are left out.

    Returns
    -------
    list of tuple of float
        Longitude and latitude.

    Raises
    ------
    InvalidInputError
        If a row cannot be read; names the first.
    """
    corners = []
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip():
            continue
        found = _ROW.fullmatch(row.strip())
        # The pattern takes the blanks of every script.
        if found is None or not row.isascii():
            raise InvalidInputError(drawing_words.WRONG_ROW.fill(n=number))
        lat, lon = (part.replace(",", ".") for part in found.groups() if part is not None)
        corners.append((float(lon), float(lat)))
    return corners


def _lat_lon(one: Outline) -> list[list[float]]:
    return [[round(lat, _DECIMALS), round(lon, _DECIMALS)] for lon, lat in one.corners.tolist()]


def _rows(one: Outline | None) -> str:
    if one is None:
        return ""
    return "\n".join(f"{lat:.{_DECIMALS}f}, {lon:.{_DECIMALS}f}" for lat, lon in _lat_lon(one))


def _page(
    here: Service,
    zone: Outline | None,
    *,
    problem: Text | None = None,
    name: str = "",
    corners: str | None = None,
    done: Text | None = None,
) -> Response:
    known = outlines(here.store, here.settings, here.lens)
    others = [one for one in known if zone is None or one.zone_id != zone.zone_id]
    page = render_template(
        "zones/draw.html",
        simulated=here.simulated(),
        lens=here.lens,
        zone=zone,
        drawn=[one for one in known if one.drawn],
        others=[{"name": one.name, "drawn": one.drawn, "corners": _lat_lon(one)} for one in others],
        problem=problem,
        name=name,
        corners=_rows(zone) if corners is None else corners,
        most_name=LONGEST_NAME,
        most_corners=MOST_CORNERS,
        drawing_words=drawing_words,
        done=done,
    )
    status = 200 if problem is None else InvalidInputError.http_status
    return Response(page, mimetype="text/html", status=status)
