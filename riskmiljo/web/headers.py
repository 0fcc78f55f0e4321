"""Security headers and caching: the same on every answer."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from riskmiljo.errors import SettingsError
from riskmiljo.maps.payload import tile_source
from riskmiljo.settings import Settings
from riskmiljo.web import words
from riskmiljo.web.admin_alerts import alerts
from riskmiljo.web.forms import only_https
from riskmiljo.web.service import service_of

_FEATURES: Final = ("camera", "geolocation", "microphone", "payment", "usb")
_YEAR_SECONDS: Final = 31_536_000
# The host goes into a header: only what a host can be made of may pass.
_HOST: Final = re.compile(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")


def content_policy(settings: Settings) -> str:
    """Return the Content-Security-Policy.

    Parameters
    ----------
    settings
        The host of their tile server, if they name one, may send images, and nothing else.

    Returns
    -------
    str
        No inline script, no inline style, no other host.

    Raises
    ------
    SettingsError
        If the tile address cannot be used.
    """
    return (
        f"default-src 'self'{_images(settings)}; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def _images(settings: Settings) -> str:
    tiles = tile_source(settings)
    if tiles is None:
        return ""
    # Leaflet spreads its requests over a.example.org, b.example.org, ... where {s} stands, and
    # puts an empty image (data:) in the place of tiles that it gives up.
    address = urlsplit(tiles["url"].replace("{s}.", "*."))
    if not address.scheme and not address.netloc:
        return "; img-src 'self' data:"
    if not address.scheme or not _HOST.fullmatch(address.netloc):
        raise SettingsError(words.WRONG_TILE_HOST.fill(host=repr(address.netloc[:80])))
    return f"; img-src 'self' data: {address.scheme}://{address.netloc}"


def etag_of(*parts: object) -> str:
    """Return a tag that changes whenever one of the parts does.

    Parameters
    ----------
    *parts
        Everything that the answer is made of; their ``repr`` counts.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def conditional(response: Response, etag: str) -> Response:
    """Let the browser ask again next time and be told "not modified" (304).

    Parameters
    ----------
    response
        The full answer.
    etag
        From `etag_of`.

    Returns
    -------
    flask.Response
        Without a body if the browser already has it.
    """
    reader = g.get("login")
    if response.mimetype == "text/html" and (told := alerts()):
        # A page that was kept would not tell of an emergency reading, or tell of one that is over.
        etag = etag_of(etag, told)
    # Another reader at the same browser, or the same one anew, must not be shown what was kept:
    # the page's forms, menu and name are those of one login.
    response.set_etag(etag if reader is None else etag_of(etag, reader.key_hash, reader.reader))
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def conditional_by_content(response: Response) -> Response:
    """Do the same with a tag that tells of nothing but what the answer says.

    Parameters
    ----------
    response
        The full answer. In the joint picture a tag of the store's version would tell of imports.

    Returns
    -------
    flask.Response
        Without a body if the browser already has it.
    """
    # A form's mark is another one each time.
    token = g.get("csrf_token")
    said = response.get_data()
    return conditional(response, etag_of(said.replace(token.encode(), b"") if token else said))


def forever(response: Response) -> Response:
    """Let the browser keep an answer whose address holds its content's hash.

    Parameters
    ----------
    response
        The full answer.

    Returns
    -------
    flask.Response
        The same answer.
    """
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR_SECONDS
    response.cache_control.immutable = True
    return response


def install_headers(app: Flask) -> None:
    """Put the headers on every answer.

    Parameters
    ----------
    app
        The application.

    Raises
    ------
    SettingsError
        If the tile address cannot be used.
    """
    fixed = {
        "Content-Security-Policy": content_policy(service_of(app).settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Other sites are told nothing; with "no-referrer" a browser would not even tell ourselves
        # from where a form comes, and every change would have to be refused (see the gate).
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    def _add(response: Response) -> Response:
        response.headers.update(fixed)
        if only_https(app):
            # The browser asks over HTTPS from now on, also where somebody between says otherwise.
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
        # What says nothing of caching is not to be kept.
        if "Cache-Control" not in response.headers:
            response.cache_control.no_store = True
        return response

    app.after_request(_add)
