"""Answers are sent compressed to those who can read that.

Compression tells lengths, and lengths tell contents: where a page on another site makes a reader's
browser ask for ours again and again, with words of its own in the address, and somebody listens on
the wire, the lengths spell out what stands beside those words (BREACH; Gluck, Harris and Prado
2013). Browsers say in ``Sec-Fetch-Site`` who made them ask. What another site asked for is sent
as it is; files that are the same for everyone are always compressed.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Final

from flask import Flask, Response, request

_TYPES: Final = frozenset(
    {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}
)
# Smaller ones fit in one packet anyway.
_LEAST_BYTES: Final = 1024
_OWN: Final = ("same-origin", "none")
_QUICK, _BEST = 5, 9
_MOST_KEPT: Final = 128


@lru_cache(maxsize=_MOST_KEPT)
def _pressed_once(content: bytes) -> bytes:
    return gzip.compress(content, _BEST, mtime=0)


def press(response: Response) -> Response:
    """Compress an answer if its asker reads gzip and it is safe and worth while.

    Parameters
    ----------
    response
        The full answer.

    Returns
    -------
    flask.Response
        The same answer, perhaps smaller.
    """
    if response.mimetype not in _TYPES or response.direct_passthrough or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    for_all = response.cache_control.public
    if not for_all:
        response.vary.add("Sec-Fetch-Site")
        if request.headers.get("Sec-Fetch-Site", "none") not in _OWN:
            return response
    if not request.accept_encodings["gzip"] or "Content-Encoding" in response.headers:
        return response
    content = response.get_data()
    if len(content) < _LEAST_BYTES:
        return response
    etag, _weak = response.get_etag()
    response.set_data(
        _pressed_once(content) if for_all else gzip.compress(content, _QUICK, mtime=0)
    )
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        # The bytes differ from the uncompressed ones, what they say does not.
        response.set_etag(etag, weak=True)
    return response


def install_compression(app: Flask) -> None:
    """Let every answer of an application be compressed where it may be.

    Parameters
    ----------
    app
        The application.
    """
    app.after_request(press)
