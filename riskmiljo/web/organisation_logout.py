"""Logging out with the organisation too, where its provider lets us ask for it.

Our login has ended before anything here happens. The provider is reached by a link that the reader
presses: a form that was answered with a way to another site would be stopped by the browser.

References
----------
Jones, de Medeiros, Agarwal, Sakimura & Bradley (2022). OpenID Connect RP-Initiated Logout 1.0.
"""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Response, current_app, render_template, request, session, url_for

from riskmiljo.access.keys import new_key
from riskmiljo.web import organisation
from riskmiljo.web.server_address import is_loopback
from riskmiljo.web.service import Service

_STATE: Final = "riskmiljo_left"


def left_page(here: Service, id_token: str) -> Response:
    """Tell somebody who has been logged out here how to log out of the organisation too.

    Parameters
    ----------
    here
        The running installation.
    id_token
        What the provider said at the login; empty where it is not known.

    Returns
    -------
    flask.Response
        A page that is kept by nobody, with the way out where there is one.
    """
    session[_STATE] = new_key()
    return _page(here, id_token=id_token)


def came_back(here: Service) -> Response | None:
    """Show again that somebody has been logged out, perhaps by the provider too.

    Parameters
    ----------
    here
        The running installation.

    Returns
    -------
    flask.Response or None
        None in a browser that has not just been logged out.
    """
    known = session.get(_STATE)
    if not known:
        return None
    given = request.args.get("state", "")
    both = hmac.compare_digest(given.encode(), str(known).encode())
    if both:
        session.pop(_STATE)
    return _page(here, both=both)


def _page(here: Service, *, id_token: str = "", both: bool = False) -> Response:
    page = render_template(
        "login/left.html",
        simulated=here.simulated(),
        organisation=urlsplit(here.settings.oidc_issuer).hostname,
        both=both,
        way_out="" if both else _way_out(here, id_token),
    )
    answer = Response(page, mimetype="text/html")
    answer.cache_control.no_store = True
    return answer


def _way_out(here: Service, id_token: str) -> str:
    """Return the provider's address for logging out; empty where it has none or does not answer."""
    where = organisation.metadata_of(here.settings).get("end_session_endpoint")
    try:
        parts = urlsplit(where if isinstance(where, str) else "")
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        )
    except ValueError:
        safe = False
    if not safe or not parts.netloc:
        current_app.logger.info("organisation logout: no address")
        return ""
    asked = [
        ("client_id", here.settings.oidc_client_id),
        ("post_logout_redirect_uri", url_for("login.left", _external=True)),
        ("state", str(session[_STATE])),
    ]
    if id_token:
        asked.insert(0, ("id_token_hint", id_token))
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *asked])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
