"""``/health`` tells whether the service is up and its store answers."""

from __future__ import annotations

from flask import Blueprint, Response

from riskmiljo.errors import StoreError
from riskmiljo.web.answers import json_answer
from riskmiljo.web.service import service

health_pages = Blueprint("health", __name__)

_UNAVAILABLE = 503


@health_pages.get("/health")
def health() -> Response:
    """Answer whether the store can be read; no figure of it.

    Returns
    -------
    flask.Response
        200 ``{"status": "ok"}`` or 503 ``{"status": "store"}``.
    """
    try:
        service().store.version()
    except StoreError:
        answer = json_answer({"status": "store"})
        answer.status_code = _UNAVAILABLE
        return answer
    return json_answer({"status": "ok"})
