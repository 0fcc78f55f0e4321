"""A browser that has logged in to an account before: strangers cannot make it wait.

Wrong attempts are counted against the account and the address that they come from. Whoever guesses
at an account all day would so keep its owner out all day; from a browser that holds proof of an
earlier login, attempts are counted against that browser alone, as strictly as others.

References
----------
OWASP (2024). Slow down online guessing attacks with device cookies.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from typing import Final

from flask import Response, current_app, request

from riskmiljo.store.users import name_key
from riskmiljo.web.forms import only_https
from riskmiljo.web.service import Service

COOKIE: Final = "riskmiljo_device"
_LASTS: Final = timedelta(days=180)
# Of a computer that colleagues share, as many of the latest.
_MOST_ACCOUNTS: Final = 8
_DIGITS: Final = 32
_SHAPE: Final = re.compile(rf"[0-9a-f]{{{_DIGITS}}}(\.[0-9a-f]{{{_DIGITS}}}){{1,{_MOST_ACCOUNTS}}}")


def known_device(here: Service, name: str) -> str | None:
    """Return the number of the browser, where it has logged in to an account before.

    Parameters
    ----------
    here
        The running installation.
    name
        A login name, as it was written.

    Returns
    -------
    str or None
        None for a browser that holds no proof of it.
    """
    number, *proofs = _held()
    proof = _proof(here, number, name)
    # All are compared, whichever is right.
    found = [hmac.compare_digest(proof, one) for one in proofs]
    return number if any(found) else None


def know_device(response: Response, here: Service, name: str) -> Response:
    """Give the browser proof that it has logged in to an account.

    Parameters
    ----------
    response
        The answer to a login that was right.
    here
        The running installation.
    name
        The account's login name.

    Returns
    -------
    flask.Response
        The same answer; the proof opens nothing.
    """
    number, *proofs = _held()
    number = number or secrets.token_hex(_DIGITS // 2)
    proof = _proof(here, number, name)
    kept = [proof, *(one for one in proofs if one != proof)][:_MOST_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        ".".join([number, *kept]),
        max_age=_LASTS,
        secure=only_https(current_app),
        httponly=True,
        samesite="Lax",
        path="/login",
    )
    return response


def _held() -> list[str]:
    held = request.cookies.get(COOKIE, "")
    return held.split(".") if _SHAPE.fullmatch(held) else [""]


def _proof(here: Service, number: str, name: str) -> str:
    said = f"device|{number}|{name_key(name)}".encode()
    return hmac.new(here.store.logins.secret().encode(), said, hashlib.sha256).hexdigest()[:_DIGITS]
