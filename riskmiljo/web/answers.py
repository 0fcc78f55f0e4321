"""JSON answers."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request


def wants_json() -> bool:
    """Return whether this request is answered with JSON.

    Returns
    -------
    bool
        True for ``.json`` and ``/health``, and where JSON was sent.
    """
    return request.path.endswith(".json") or request.path == "/health" or request.is_json


def json_answer(payload: Any) -> Response:
    """Return a JSON answer with its keys in the order given.

    Parameters
    ----------
    payload
        Standard Python values; floats must be finite.

    Returns
    -------
    flask.Response
        ``<`` and ``>`` are written as escapes, so that no reader that guesses finds markup in it.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Outside strings JSON has neither sign.
    text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return Response(text, mimetype="application/json")
