"""What a form or a script sends, as fields; the token against forged requests is none of them."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from riskmiljo.errors import InvalidInputError
from riskmiljo.web import plan_words

_TOKEN = "csrf_token"  # noqa: S105 - the name of the field, not a secret


def sent_fields() -> dict[str, Any]:
    """Return the fields of the request's body.

    Returns
    -------
    dict
        Those of a form that are filled in, or of a JSON object that are not null.

    Raises
    ------
    InvalidInputError
        If the body is JSON and no object, or nested deeper than can be read.
    """
    if not request.is_json:
        return {
            name: text for name, text in request.form.items() if text.strip() and name != _TOKEN
        }
    try:
        body = request.get_json()
    except (BadRequest, RecursionError) as error:
        raise InvalidInputError(plan_words.WRONG_JSON) from error
    if not isinstance(body, dict):
        raise InvalidInputError(plan_words.WRONG_JSON)
    return {str(name): value for name, value in body.items() if value is not None}
