"""The gate: every request passes it before a view runs, and a closed one answers "not found"."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from werkzeug.exceptions import Forbidden, MethodNotAllowed, UnsupportedMediaType

from riskmiljo.access.rules import READING, may_use, methods_of
from riskmiljo.errors import AccessDeniedError, InvalidInputError
from riskmiljo.web import words
from riskmiljo.web.language import choose_language
from riskmiljo.web.service import service

# A page on another site can give its own name our address (DNS rebinding): answer to no name but
# the loopback's, which is all that `serve` listens to while there is no login.
_HOSTS: Final = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_BODIES: Final = ("application/x-www-form-urlencoded", "application/json")


def check_host() -> None:
    """Refuse a request that was addressed to another name than the loopback's.

    Raises
    ------
    InvalidInputError
        Shown as 400.
    """
    if not _HOSTS.fullmatch(request.headers.get("Host", "")):
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
    neither of which a page can forge. What says neither is refused too.

    Raises
    ------
    werkzeug.exceptions.Forbidden
        Where the sender is another site, or unknown.
    werkzeug.exceptions.UnsupportedMediaType
        Where the body is neither a form nor JSON.
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
    if request.mimetype not in _BODIES:
        raise UnsupportedMediaType


def check_access() -> None:
    """Ask the rules whether the reader's role may use the route.

    Raises
    ------
    AccessDeniedError
        Shown as 404, as if the address did not exist; the reason goes to the log.
    """
    role = service().lens.role
    decision = may_use(role, request.endpoint, request.method)
    if not decision.allowed:
        current_app.logger.warning(
            "denied endpoint=%s method=%s role=%s path=%r reason=%r",
            request.endpoint,
            request.method,
            role,
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
        check_method,
        check_sender,
        check_access,
    ):
        app.before_request(check)
