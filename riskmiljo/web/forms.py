"""The mark of a form (CSRF token): ours, of this login, and nobody else's.

A form that changes something carries a token that another site cannot know. Without login there
is none: there the gate's look at the sender (`riskmiljo.web.gate.check_sender`) is what holds.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.datastructures import ImmutableMultiDict

from riskmiljo.access.keys import hash_of
from riskmiljo.web import login_words
from riskmiljo.web.failures import error_answer
from riskmiljo.web.service import service_of

FIELD: Final = "csrf_token"
_OF: Final = "of"
_FORBIDDEN: Final = 403


class _Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie, sent over HTTPS only wherever a request came over HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return only_https(app)


def only_https(app: Flask) -> bool:
    """Return whether this request's cookies are for HTTPS only.

    Parameters
    ----------
    app
        The application.

    Returns
    -------
    bool
        True where the request came over HTTPS, or the installation says so.
    """
    return request.is_secure or service_of(app).settings.secure_cookies


def csrf_value() -> str:
    """Return the token of this request's forms.

    Returns
    -------
    str
        Empty where nobody logs in.
    """
    return generate_csrf() if g.get("login_needed") else ""


def bind_forms(key: str | None) -> None:
    """Let tokens hold for one login alone: those that were given out before it are void.

    Parameters
    ----------
    key
        The key that the browser holds now; None before login.
    """
    owner = "" if key is None else hash_of(key)[:16]
    if session.get(_OF, "") != owner:
        session.clear()
        g.pop(FIELD, None)
        session[_OF] = owner


def check_form() -> None:
    """Refuse a form without the token of this login.

    Raises
    ------
    flask_wtf.csrf.CSRFError
        Shown as 403.
    """
    protection: CSRFProtect = current_app.extensions["csrf"]
    protection.protect()


def take_out_token() -> None:
    """Leave the views with the fields that are theirs."""
    if FIELD in request.form:
        rest = [(name, text) for name, text in request.form.items(multi=True) if name != FIELD]
        # A cached property of the request.
        request.form = ImmutableMultiDict(rest)


def install_forms(app: Flask) -> None:
    """Prepare an application's forms and its signed cookie.

    Parameters
    ----------
    app
        The application, with its service installed.
    """
    app.secret_key = service_of(app).store.logins.secret()
    app.session_interface = _Cookies()
    app.config.update(
        SESSION_COOKIE_NAME="riskmiljo_form",
        SESSION_COOKIE_SAMESITE="Lax",
        # The gate calls, at its place in the order.
        WTF_CSRF_CHECK_DEFAULT=False,
        # As long as the login that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        # The gate looks at the sender itself, over HTTP too.
        WTF_CSRF_SSL_STRICT=False,
    )
    CSRFProtect(app)
    app.jinja_env.globals["csrf_value"] = csrf_value
    app.register_error_handler(
        CSRFError, lambda _: error_answer(_FORBIDDEN, login_words.FORM_TOO_OLD, code="CSRF")
    )
