"""Who this request comes from: a browser with its cookie, a program with its token, or nobody."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from flask import Response, current_app, g, redirect, request

from riskmiljo.access.lens import Lens, lens_of
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.access.rules import NO_LOGIN, READING
from riskmiljo.errors import AccessDeniedError, InvalidInputError
from riskmiljo.model.role import Role
from riskmiljo.web import login_words
from riskmiljo.web.answers import wants_json
from riskmiljo.web.failures import error_answer
from riskmiljo.web.forms import bind_forms, only_https
from riskmiljo.web.language import language
from riskmiljo.web.server_address import is_loopback
from riskmiljo.web.service import Service, read_as, service
from riskmiljo.web.view import SCOPES, address, chosen_scope, names_language

COOKIE: Final = "riskmiljo_login"

_USERS: Final = "riskmiljo_users"
_SEE_OTHER: Final = 303
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_LONGEST: Final = 2000
# A path of our own: a browser takes "//host" and "/\\host" for another site's.
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~\u00a1-\uffff]*")
# What is open to a login whose password somebody else chose, beside the login's own pages.
_WAY_IN: Final = ("account.own_password", "account.password")
# What a program asks for, not a browser's window.
_FILE: Final = re.compile(r"\.[a-z0-9]{1,8}$")
_PROGRAMS: Final = ("/api/", "/tiles/")
# Who has not logged in sees the least.
_STRANGER: Final = Reader(None, "", Role.PARTNER)


def login_needed(here: Service) -> bool:
    """Return whether anybody must log in.

    Parameters
    ----------
    here
        The running installation.

    Returns
    -------
    bool
        True as soon as one account exists, for ever; or with an organisation's login set up.
    """
    if here.settings.oidc_issuer or current_app.extensions.get(_USERS):
        return True
    found = here.store.users.exist()
    if found:
        current_app.extensions[_USERS] = True
    return found


def check_login() -> Response | None:
    """Find out who asks, and give them their lens; send everybody else to the login.

    Returns
    -------
    flask.Response or None
        303 to the login for a page, 401 for all else; to a login whose password must be changed
        first, 303 to the page that does it, 403 for all else; None where the request may go on.

    Raises
    ------
    AccessDeniedError
        Where another machine asks while there are no accounts.
    InvalidInputError
        For a scope that does not exist.
    """
    if request.endpoint in NO_LOGIN:
        return None
    here = service()
    g.login_needed = login_needed(here)
    if not g.login_needed:
        if not is_loopback(request.remote_addr or ""):
            raise AccessDeniedError(login_words.OTHER_MACHINE)
        read_as(NOBODY, _lens(here, None))
        return None
    read_as(_STRANGER, lens_of(_STRANGER.role, here.settings))
    if "Authorization" in request.headers:
        return _enter_by_token(here)
    key = request.cookies.get(COOKIE, "")
    login = here.store.logins.find(key, now=here.clock()) if key else None
    g.login = login
    bind_forms(None if login is None else key)
    if login is not None and not login.pending:
        read_as(login.reader, _lens(here, login.reader.role))
        return _to_own_password() if login.must_change and not _is_way_in() else None
    return None if request.blueprint == "login" else _to_login()


def logged_in() -> bool:
    """Return whether this request's reader has an account."""
    return service().reader.user_id is not None


def local_path(text: str) -> str | None:
    """Return an address if it leads to a page of ours.

    Parameters
    ----------
    text
        From a query: anything may stand in it.

    Returns
    -------
    str or None
        None for whatever a browser could take for another site.
    """
    if len(text) > _LONGEST or not _LOCAL.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else text


def home() -> str:
    """Return the address of the page that a role begins at.

    Returns
    -------
    str
        In the reader's language.
    """
    return f"/?lang={language()}" if names_language() else "/"


def set_key(response: Response, key: str) -> Response:
    """Give the browser the key of its login.

    Parameters
    ----------
    response
        The answer.
    key
        From `riskmiljo.store.logins`.

    Returns
    -------
    flask.Response
        The same answer; no script can read the key, and no other site's form sends it along.
    """
    secure = only_https(current_app)
    response.set_cookie(COOKIE, key, secure=secure, httponly=True, samesite="Lax", path="/")
    bind_forms(key)
    return response


def be_stranger(here: Service) -> None:
    """Answer the rest of a request as to somebody who has not logged in.

    Parameters
    ----------
    here
        The running installation.
    """
    g.login = None
    bind_forms(None)
    read_as(_STRANGER, lens_of(_STRANGER.role, here.settings))


def drop_key(response: Response) -> Response:
    """Take the key of its login from the browser, with all that it has kept of our pages.

    Parameters
    ----------
    response
        The answer.

    Returns
    -------
    flask.Response
        The same answer.
    """
    secure = only_https(current_app)
    response.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="Lax", path="/")
    # The next one at a shared phone must find no plan of the last one's.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    bind_forms(None)
    return response


def _lens(here: Service, role: Role | None) -> Lens:
    wanted = request.args.get("insyn", "").strip()
    if wanted and wanted not in SCOPES:
        raise InvalidInputError(login_words.WRONG_SCOPE.fill(w=repr(wanted[:40])))
    scope = SCOPES.get(chosen_scope())
    if role is not None:
        return lens_of(role, here.settings, scope=scope)
    # The installed lens is a test's own, or everyone's at a machine of one's own.
    return lens_of(here.lens.role, here.settings, scope=scope) if scope == "joint" else here.lens


def _enter_by_token(here: Service) -> Response | None:
    sent = request.authorization
    key = ""
    if sent is not None:
        # The user name of HTTP Basic says nothing that the token does not.
        key = (sent.password if sent.type == "basic" else sent.token) or ""
    reader = here.store.tokens.find(key, now=here.clock()) if key else None
    if reader is None:
        return _challenge(error_answer(_UNAUTHORIZED, login_words.WRONG_TOKEN, code="NYCKEL"))
    read_as(reader, _lens(here, reader.role))
    if request.method not in READING:
        return error_answer(_FORBIDDEN, login_words.TOKEN_READS, code="NYCKEL_LASER")
    return None


def _to_login() -> Response:
    if not _is_page():
        return _challenge(error_answer(_UNAUTHORIZED, login_words.LOGIN_FIRST, code="LOGGA_IN"))
    return seen_other(address("login.form", _asked_for()))


def _to_own_password() -> Response:
    if not _is_page():
        return error_answer(_FORBIDDEN, login_words.CHANGE_FIRST, code="BYT_LOSENORD")
    return seen_other(address("account.own_password", _asked_for()))


def _is_way_in() -> bool:
    return request.blueprint == "login" or request.endpoint in _WAY_IN


def _asked_for() -> dict[str, list[str]]:
    if request.method not in READING:
        return {}
    asked = local_path(request.full_path.rstrip("?"))
    return {"next": [asked]} if asked not in (None, "/") else {}


def seen_other(path: str) -> Response:
    """Return an answer that leads to another page of ours.

    Parameters
    ----------
    path
        Its address.

    Returns
    -------
    flask.Response
        303, kept by nobody.
    """
    leads = redirect(path, _SEE_OTHER)
    return Response(leads.response, leads.status_code, leads.headers)


def _is_page() -> bool:
    if wants_json() or request.path.startswith(_PROGRAMS):
        return False
    wanted = request.accept_mimetypes
    if any(kind == "text/html" for kind, _ in wanted):
        return True
    return not _FILE.search(request.path) and (not wanted or wanted.quality("text/html") > 0)


def _challenge(answer: Response) -> Response:
    # A browser would answer Basic with a window of its own, above our page.
    if "Sec-Fetch-Mode" not in request.headers:
        answer.headers.add("WWW-Authenticate", 'Basic realm="riskmiljo", charset="UTF-8"')
    answer.headers.add("WWW-Authenticate", 'Bearer realm="riskmiljo"')
    return answer
