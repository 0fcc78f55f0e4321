"""``/admin/nodinsyn``: an administrator begins or ends an emergency reading."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.web import login_words
from riskmiljo.web.admin_pages import admin_page, sure
from riskmiljo.web.entry import seen_other
from riskmiljo.web.service import service
from riskmiljo.web.view import address

break_pages = Blueprint("break", __name__)


@break_pages.post("/admin/nodinsyn")
def begin() -> Response:
    """Begin to read one owner's incidents.

    Returns
    -------
    flask.Response
        303 to the map; the page with what is wrong otherwise.
    """
    here, key_hash = service(), _login()
    try:
        sure()
        here.store.break_glass.begin(
            int(here.reader.user_id or 0),
            key_hash,
            request.form.get("owner", ""),
            request.form.get("reason", ""),
            now=here.clock(),
        )
    except InvalidInputError as error:
        return admin_page(problem=error.message, at="break")
    return seen_other(address("situation.index", {}))


@break_pages.post("/admin/nodinsyn/slut")
def end() -> Response:
    """End it before its time.

    Returns
    -------
    flask.Response
        303 back.
    """
    here = service()
    here.store.break_glass.end(_login(), now=here.clock())
    return seen_other(address("admin.index", {"gjort": ["nodinsyn"]}))


def _login() -> str:
    login = g.get("login")
    if login is None:
        raise NothingFoundError(login_words.NOT_NEEDED)
    return str(login.key_hash)
