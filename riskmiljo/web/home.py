"""``/``: each role's own page, without a detour; and its twin ``/index.json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from flask import Blueprint, Response, current_app, g, request

from riskmiljo.access.rules import may_use
from riskmiljo.errors import AccessDeniedError
from riskmiljo.model.role import Role
from riskmiljo.web.service import service

home_pages = Blueprint("home", __name__)

# The page and its twin; every other role, and everybody where there is no login, gets the map.
_PAGES: Final[dict[Role, tuple[str, str]]] = {
    Role.POLICE: ("tonight.index", "tonight.data"),
    Role.OUTREACH: ("presence.index", "presence.data"),
    Role.PARTNER: ("shared.index", "shared.data"),
}
_MAP: Final = ("situation.index", "situation.data")


@home_pages.get("/")
def index() -> Response:
    """Answer with the page that the reader's role works on.

    Returns
    -------
    flask.Response
        As that page answers at its own address.
    """
    return _stand_in(0)


@home_pages.get("/index.json")
def data() -> Response:
    """Answer with the JSON twin of the page that the reader's role works on.

    Returns
    -------
    flask.Response
        As that twin answers at its own address.
    """
    return _stand_in(1)


def shown_endpoint() -> str | None:
    """Return the endpoint whose page is shown, also where ``/`` stands for it.

    Returns
    -------
    str or None
        None for an address that does not exist.
    """
    stands_for: str | None = g.get("stands_for")
    return stands_for or request.endpoint


def _stand_in(which: int) -> Response:
    role = service().reader.role
    endpoint = _PAGES.get(role, _MAP)[which]
    decision = may_use(role, endpoint)
    if not decision.allowed:
        current_app.logger.warning(
            "denied endpoint=%s role=%s path=%r reason=%r",
            endpoint,
            role,
            request.path,
            decision.reason.en,
        )
        raise AccessDeniedError(decision.reason)
    g.stands_for = endpoint
    view = cast("Callable[[], Response]", current_app.view_functions[endpoint])
    return view()
