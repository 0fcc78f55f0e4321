"""Stylesheets, scripts and images: all served by ourselves, kept by browsers for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, url_for

from riskmiljo.errors import InvalidInputError
from riskmiljo.maps import asset
from riskmiljo.maps.assets import release as maps_release
from riskmiljo.web.headers import forever

asset_files = Blueprint("assets", __name__, url_prefix="/assets")

_FOLDER: Final = Path(__file__).parent / "assets"
_OWN: Final = {
    "form.css": "text/css; charset=utf-8",
    "login.css": "text/css; charset=utf-8",
    "admin.css": "text/css; charset=utf-8",
    "draw.css": "text/css; charset=utf-8",
    "draw.js": "text/javascript; charset=utf-8",
    "import.css": "text/css; charset=utf-8",
    "import.js": "text/javascript; charset=utf-8",
    "lag.js": "text/javascript; charset=utf-8",
    "notes.js": "text/javascript; charset=utf-8",
    "pass.js": "text/javascript; charset=utf-8",
    "pass.css": "text/css; charset=utf-8",
    "pages.css": "text/css; charset=utf-8",
    "planner.css": "text/css; charset=utf-8",
    "tonight.css": "text/css; charset=utf-8",
    "tonight.js": "text/javascript; charset=utf-8",
    "presence.css": "text/css; charset=utf-8",
    "print.js": "text/javascript; charset=utf-8",
    "paper.css": "text/css; charset=utf-8",
    "zone.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


# Served at an address of its own (see `riskmiljo.web.phone_pages`).
_ELSEWHERE: Final = ("sw.js",)


@cache
def own_asset(name: str) -> bytes:
    """Return one of the files of this folder.

    Parameters
    ----------
    name
        A name of the registry.

    Returns
    -------
    bytes
        Read once in a process.
    """
    return (_FOLDER / name).read_bytes()


@cache
def release() -> str:
    """Return a short hash over everything that is served here.

    Returns
    -------
    str
        Twelve hexadecimal digits; one for all files, so that a stylesheet finds its images by a
        relative address.
    """
    whole = hashlib.sha256(maps_release().encode())
    for name in sorted((*_OWN, *_ELSEWHERE)):
        whole.update(name.encode() + b"\0" + own_asset(name))
    return whole.hexdigest()[:12]


@asset_files.get("/<string:of_release>/<path:name>")
def asset_file(of_release: str, name: str) -> Response:
    """Serve one file of the registry.

    Parameters
    ----------
    of_release
        Another one than the present is not found: its content is gone.
    name
        A name of the registry; it is looked up, never opened as a path.

    Returns
    -------
    flask.Response
        To be kept for ever.
    """
    if of_release != release():
        abort(404)
    if name in _OWN:
        return forever(Response(own_asset(name), content_type=_OWN[name]))
    try:
        found = asset(name)
    except InvalidInputError:
        abort(404)
    return forever(Response(found.content, content_type=found.media_type))


def asset_address(name: str) -> str:
    """Return the address of one file in this release.

    Parameters
    ----------
    name
        A name of the registry.

    Returns
    -------
    str
        To be kept for ever.
    """
    return url_for("assets.asset_file", of_release=release(), name=name)
