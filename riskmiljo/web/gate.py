"""The gate: every request passes it before a view runs, and a closed one answers "not found"."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from werkzeug.exceptions import Forbidden, MethodNotAllowed, UnsupportedMediaType

from riskmiljo.access.rules import NO_LOGIN, READING, UPLOADS, may_use, methods_of
from riskmiljo.errors import AccessDeniedError, InvalidInputError
from riskmiljo.web import words
from riskmiljo.web.admin_alerts import read_for_a_reason
from riskmiljo.web.budget import check_budget
from riskmiljo.web.entry import check_login, login_needed
from riskmiljo.web.forms import check_form, take_out_token
from riskmiljo.web.language import choose_language
from riskmiljo.web.server_address import is_named, names_loopback
from riskmiljo.web.service import service

_FILES: Final = "multipart/form-data"
_MEGABYTE: Final = 1_000_000
_PIECES_BYTES: Final = 256 * 1024
_BODIES: Final = ("application/x-www-form-urlencoded", "application/json")


def check_host() -> None:
    """Refuse a request that was addressed to a name that is not ours.

    While nobody logs in, only this machine's own names are; then also those of the setting
    ``hosts``.

    Raises
    ------
    InvalidInputError
        Shown as 400.
    """
    host, here = request.headers.get("Host", ""), service()
    if not names_loopback(host) and not (
        is_named(host, here.settings.hosts) and login_needed(here)
    ):
        raise InvalidInputError(words.WRONG_HOST, code="HOST")


def check_method() -> None:
    """Refuse whatever the table of rules has no place for.

    Raises
    ------
    werkzeug.exceptions.MethodNotAllowed
        With the methods that the route has; an address that does not exist can only be read.
    """
    wrong = request.routing_exception
    if isinstance(wrong, MethodNotAllowed):
        raise MethodNotAllowed(valid_methods=sorted(wrong.valid_methods or READING))
    allowed = methods_of(request.endpoint) or READING
    if request.method not in allowed:
        raise MethodNotAllowed(valid_methods=sorted(allowed))


def check_sender() -> None:
    """Refuse a change that another site asks for in the reader's name.

    A browser says from where a form was sent: in ``Origin``, or at least in ``Sec-Fetch-Site``,
    neither of which a page can forge. What says neither is refused too. With login, the form must
    carry that login's token as well.

    Raises
    ------
    werkzeug.exceptions.Forbidden
        Where the sender is another site, or unknown.
    werkzeug.exceptions.UnsupportedMediaType
        Where the body is neither a form nor JSON, nor a file where one may be sent.
    """
    if request.method in READING:
        return
    origin = request.headers.get("Origin")
    if origin is None:
        own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    else:
        sender = urlsplit(origin)
        host = request.headers.get("Host", "")
        own = sender.scheme in ("http", "https") and sender.netloc.lower() == host.lower()
    if not own:
        current_app.logger.warning("refused origin=%r path=%r", origin, request.path)
        raise Forbidden
    if request.endpoint in UPLOADS and request.mimetype == _FILES:
        chosen = service().settings.upload_mb * _MEGABYTE
        request.max_content_length = UPLOADS[request.endpoint] or chosen
        # The parser of parts reads in pieces of 64 kB, and must be able to hold two of them.
        request.max_form_memory_size = _PIECES_BYTES
    elif request.mimetype not in _BODIES:
        raise UnsupportedMediaType
    if g.get("login_needed"):
        check_form()
    take_out_token()


def check_access() -> None:
    """Ask the rules whether the reader's role may use the route.

    Raises
    ------
    AccessDeniedError
        Shown as 404, as if the address did not exist; the reason goes to the log.
    """
    role = service().lens.role
    if request.endpoint in NO_LOGIN or request.blueprint == "login":
        return
    decision = may_use(role, request.endpoint, request.method)
    if not decision.allowed:
        current_app.logger.warning(
            "denied endpoint=%s method=%s role=%s user=%s path=%r reason=%r",
            request.endpoint,
            request.method,
            role,
            service().reader.user_id,
            request.path,
            decision.reason.en,
        )
        raise AccessDeniedError(decision.reason)


def _default_language() -> None:
    # A request that fails at the host check still needs a language to be told so in.
    g.language = service().settings.language


def install_gate(app: Flask) -> None:
    """Let every request pass the checks, in this order.

    Parameters
    ----------
    app
        The application.
    """
    for check in (
        _default_language,
        check_host,
        choose_language,
        check_login,
        read_for_a_reason,
        check_method,
        check_sender,
        check_access,
        check_budget,
    ):
        app.before_request(check)
