"""Error pages, in both languages and in the house style; JSON where JSON was asked for."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from riskmiljo.errors import AccessDeniedError, RiskmiljoError, StoreError
from riskmiljo.model.role import ROLE_NAMES
from riskmiljo.web import words
from riskmiljo.web.answers import json_answer, wants_json
from riskmiljo.web.service import service
from riskmiljo.wording import Text

_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404
_FAULT: Final = 500
_SENTENCES: Final[dict[int, Text]] = {
    400: words.BAD_REQUEST,
    403: words.OTHER_SITE,
    405: words.WRONG_METHOD,
    413: words.TOO_LARGE,
    415: words.WRONG_BODY,
}


def error_answer(status: int, message: Text, *, code: str = "") -> Response:
    """Return an error page, or its JSON twin.

    Parameters
    ----------
    status
        The HTTP status.
    message
        What is wrong and how to mend it.
    code
        A stable word for programs.

    Returns
    -------
    flask.Response
        Never kept by a browser.
    """
    g.told_error = True
    if wants_json():
        answer = json_answer(
            {"error": {"status": status, "code": code, "message": message.as_dict()}}
        )
    else:
        page = render_template(
            "error.html",
            status=status,
            message=message,
            title=words.ERROR_TITLES.get(status, words.ERROR_TITLES[_FAULT]),
            simulated=_simulated(),
        )
        answer = Response(page, mimetype="text/html")
    answer.status_code = status
    answer.cache_control.no_store = True
    return answer


def _simulated() -> bool:
    # The page that says the store is broken cannot ask the store.
    try:
        return service().simulated()
    except StoreError:
        return False


def _not_found() -> Text:
    reader = service().reader
    if reader.user_id is None:
        return words.NOT_FOUND
    return words.NOT_FOUND_BY.fill(r=ROLE_NAMES[reader.role])


def _expected(error: RiskmiljoError) -> Response:
    if isinstance(error, AccessDeniedError):
        # Outside one's scope looks like an address that does not exist; the gate logged why.
        return error_answer(_NOT_FOUND, _not_found())
    if error.http_status >= _FAULT:
        current_app.logger.error("%s: %s", type(error).__name__, error.message.en)
    return error_answer(error.http_status, error.message, code=error.code)


def _http(error: HTTPException) -> Response:
    status = error.code or _FAULT
    known = _not_found() if status == _NOT_FOUND else _SENTENCES.get(status)
    if known is None:
        known = words.BAD_REQUEST if _BAD_REQUEST <= status < _FAULT else words.FAULT
    answer = error_answer(status, known)
    for name, value in error.get_headers(request.environ):
        if name.lower() == "allow":
            answer.headers[name] = value
    return answer


def _fault(_error: InternalServerError) -> Response:
    # Flask has logged the original with its traceback; the reader gets no detail of it.
    g.setdefault("language", service().settings.language)
    return error_answer(_FAULT, words.FAULT)


def install_failures(app: Flask) -> None:
    """Answer every error in the house style.

    Parameters
    ----------
    app
        The application.
    """
    app.register_error_handler(RiskmiljoError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _fault)
