"""What is sent is a form's fields or a JSON object; all else is refused in one sentence."""

from __future__ import annotations

import pytest
from flask import Flask

from riskmiljo.errors import InvalidInputError
from riskmiljo.web.sent import sent_fields

CALLED = Flask(__name__)


def sent(body):
    with CALLED.test_request_context(method="POST", data=body, content_type="application/json"):
        return sent_fields()


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", '"x"', "{", "NaN", b"\xff\xfe", "[" * 20_000, '{"a":' * 9_000, "1" * 6_000],
    ids=lambda body: repr(body[:8]),
)
def test_a_body_that_is_no_object_or_nested_beyond_reason_is_refused(body):
    with pytest.raises(InvalidInputError, match="JSON-objekt"):
        sent(body)


def test_what_is_null_was_not_sent():
    assert sent('{"a": null, "b": 0, "c": ""}') == {"b": 0, "c": ""}
