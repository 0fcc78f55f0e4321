"""The gate: every request passes it before a view runs, and a closed one answers "not found"."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, current_app, g, request
from werkzeug.exceptions import MethodNotAllowed

from riskmiljo.access.rules import may_use
from riskmiljo.errors import AccessDeniedError, InvalidInputError
from riskmiljo.web import words
from riskmiljo.web.language import choose_language
from riskmiljo.web.service import service

# A page on another site can give its own name our address (DNS rebinding): answer to no name but
# the loopback's, which is all that `serve` listens to while there is no login.
_HOSTS: Final = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_METHODS: Final = ("GET", "HEAD")


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
    """Refuse everything but reading.

    Raises
    ------
    werkzeug.exceptions.MethodNotAllowed
        For any method but GET and HEAD.
    """
    if request.method not in _METHODS:
        raise MethodNotAllowed(valid_methods=_METHODS)


def check_access() -> None:
    """Ask the rules whether the reader's role may use the route.

    Raises
    ------
    AccessDeniedError
        Shown as 404, as if the address did not exist; the reason goes to the log.
    """
    role = service().lens.role
    decision = may_use(role, request.endpoint)
    if not decision.allowed:
        current_app.logger.warning(
            "denied endpoint=%s role=%s path=%r reason=%r",
            request.endpoint,
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
    for check in (_default_language, check_host, choose_language, check_method, check_access):
        app.before_request(check)
