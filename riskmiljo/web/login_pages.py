"""``/login`` and ``/logout``."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, current_app, g, render_template, request

from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD, DemoLogin
from riskmiljo.errors import NothingFoundError, StoreError
from riskmiljo.store.logins import Login
from riskmiljo.store.users import User
from riskmiljo.web import login_words, organisation, organisation_logout
from riskmiljo.web.entry import (
    COOKIE,
    be_stranger,
    drop_key,
    home,
    local_path,
    logged_in,
    seen_other,
    set_key,
)
from riskmiljo.web.known_device import know_device
from riskmiljo.web.login_flow import Outcome, try_code, try_password
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import address
from riskmiljo.wording import Text

login_pages = Blueprint("login", __name__)

_REFUSED: Final = 403
_TOO_MANY: Final = 429
_MINUTE: Final = timedelta(minutes=1)


@login_pages.get("/login")
def form() -> Response:
    """Show the login, or the question for the code.

    Returns
    -------
    flask.Response
        303 to where the reader wanted to go for one who is logged in.
    """
    _needed()
    if logged_in():
        return seen_other(_wanted())
    return _page(service())


@login_pages.post("/login")
def enter() -> Response:
    """Log in by name and password, or by the code that comes after them.

    Returns
    -------
    flask.Response
        303 to where the reader wanted to go; the page with what is wrong otherwise.
    """
    _needed()
    here = service()
    if "code" in request.form:
        return _enter_by_code(here)
    outcome = try_password(here, request.form.get("name", ""), request.form.get("password", ""))
    if outcome.user is None:
        return _problem(here, outcome, login_words.WRONG)
    return _let_in(here, outcome.user, pending=outcome.user.has_totp)


@login_pages.post("/logout")
def leave() -> Response:
    """Log out this browser.

    Returns
    -------
    flask.Response
        303 to the login; 200 with the way to log out there too where the organisation let them in.
        The browser is told to forget our pages.
    """
    _needed()
    here = service()
    key = request.cookies.get(COOKIE, "")
    id_token = here.store.logins.end(key, now=here.clock()) if key else None
    be_stranger(here)
    if id_token is None or not here.settings.oidc_issuer:
        return drop_key(seen_other(address("login.form", {})))
    return drop_key(organisation_logout.left_page(here, id_token))


@login_pages.get("/logout")
def left() -> Response:
    """Say that the reader is logged out: here the organisation's provider sends them back to.

    Returns
    -------
    flask.Response
        303 to the login, or to the reader's first page, where nobody has just been logged out.
    """
    _needed()
    if logged_in():
        return seen_other(home())
    answer = organisation_logout.came_back(service())
    return seen_other(address("login.form", {})) if answer is None else answer


@login_pages.get("/login/organisation")
def organisation_begin() -> Response:
    """Send the reader to the organisation's login.

    Returns
    -------
    flask.Response
        302 to its provider.
    """
    return organisation.begin(service(), _wanted())


@login_pages.get("/login/svar")
def organisation_end() -> Response:
    """Take the reader back from the organisation's login.

    Returns
    -------
    flask.Response
        303 to where the reader wanted to go.
    """
    here = service()
    entered = organisation.finish(here)
    return _let_in(
        here, entered.user, pending=False, wanted=entered.wanted, id_token=entered.id_token
    )


def _needed() -> None:
    if not g.login_needed:
        raise NothingFoundError(login_words.NOT_NEEDED)


def _enter_by_code(here: Service) -> Response:
    login: Login | None = g.get("login")
    if login is None or not login.pending or login.reader.user_id is None:
        return _page(here, problem=login_words.TOO_LATE, status=_REFUSED)
    try:
        outcome = try_code(here, here.store.users.get(login.reader.user_id), request.form["code"])
    except StoreError as error:
        # On the form: a recovery code may still help.
        current_app.logger.exception("login by code")
        return _page(here, problem=error.message, status=error.http_status)
    if outcome.user is None:
        return _problem(here, outcome, login_words.WRONG_CODE)
    return _let_in(here, outcome.user, pending=False)


def _let_in(
    here: Service, user: User, *, pending: bool, wanted: str = "", id_token: str | None = None
) -> Response:
    # Always under a new key: one that somebody planted in the browser opens nothing.
    key = here.store.logins.begin(
        user.user_id,
        now=here.clock(),
        pending=pending,
        instead_of=request.cookies.get(COOKIE),
        id_token=id_token,
    )
    wanted = wanted or _wanted()
    if pending:
        query = {} if wanted == home() else {"next": [wanted]}
        return set_key(seen_other(address("login.form", query)), key)
    return know_device(set_key(seen_other(wanted), key), here, user.name)


def _wanted() -> str:
    return local_path(request.values.get("next", "")) or home()


def _problem(here: Service, outcome: Outcome, wrong: Text) -> Response:
    if outcome.wait_until is None:
        return _page(here, problem=wrong, status=_REFUSED)
    wait = outcome.wait_until - here.clock()
    seconds = max(1, math.ceil(wait.total_seconds()))
    said = (
        login_words.WAIT_MINUTES.fill(n=math.ceil(wait / _MINUTE))
        if wait > 2 * _MINUTE
        else login_words.WAIT.fill(n=seconds)
    )
    answer = _page(here, problem=said, status=_TOO_MANY)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _page(here: Service, *, problem: Text | None = None, status: int = 200) -> Response:
    login: Login | None = g.get("login")
    wanted = _wanted()
    page = render_template(
        "login/login.html",
        simulated=here.simulated(),
        problem=problem,
        asks_code=login is not None and login.pending,
        name=request.form.get("name", "")[:64],
        wanted="" if wanted == home() else wanted,
        demo=_demo(here),
        demo_password=DEMO_PASSWORD,
        organisation=bool(here.settings.oidc_issuer),
    )
    answer = Response(page, status=status, mimetype="text/html")
    answer.cache_control.no_store = True
    return answer


def _demo(here: Service) -> list[DemoLogin]:
    if not here.simulated():
        return []
    known = {(user.name, user.role) for user in here.store.users.all() if user.disabled_at is None}
    return [login for login in DEMO_LOGINS if (login.name, login.role) in known]
