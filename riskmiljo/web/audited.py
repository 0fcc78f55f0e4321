"""Every answer that shows data is written to the audit before it is sent.

One place for all routes: what the table of rules knows and is not excepted here is data. Where the
row cannot be written, nothing is answered. Without login there is nobody to name, and nothing is
written.
"""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, Response, current_app, g, request

from riskmiljo.access.purposes import USUAL
from riskmiljo.access.reading_terms import told_terms
from riskmiljo.errors import StoreError
from riskmiljo.situation import Situation
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.tiles_kept import Kept
from riskmiljo.web import audit_words
from riskmiljo.web.failures import error_answer
from riskmiljo.web.home import shown_endpoint
from riskmiljo.web.service import Service, service

# Blueprints and single routes that show nothing of what is kept about incidents and plans.
_NO_DATA: Final = frozenset({"assets", "health", "login", "account", "phone.worker"})
# What a page fetches piece by piece: one row a login, page, filter and hour stands for all.
_PIECES: Final = ("layers", "weeks", "tile_of", "staged_data")

_KEY: Final = "riskmiljo_readings"
_KEPT_BYTES: Final = 2**20
_ROW_BYTES: Final = 256

_UNAVAILABLE: Final = 503
_NOT_MODIFIED: Final = 304
_LEADS_ON: Final = 3

# What the lens or the page tells already.
_SAID: Final = ("lang", "insyn")
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_IDS: Final = ("plan_id", "zone_id", "team", "operation_id", "import_id", "batch_id")


def note_shown(situation: Situation) -> None:
    """Tell the audit what this request shows.

    Parameters
    ----------
    situation
        The incidents behind the page; how many is written as the page tells it.
    """
    if situation.surface is None:
        return
    own = situation.lens.scope == "own"
    g.shown_count = situation.total if own else sum_band(situation.total)[0]
    first, last = situation.period.local(situation.tz)
    g.shown_period = f"{first:%Y-%m-%dT%H:%M}/{last:%Y-%m-%dT%H:%M}"


def shows_data(endpoint: str) -> bool:
    """Return whether the answers of a route are readings.

    Parameters
    ----------
    endpoint
        The Flask endpoint.

    Returns
    -------
    bool
        True unless it is excepted by name.
    """
    return endpoint not in _NO_DATA and endpoint.partition(".")[0] not in _NO_DATA


def install_audit(app: Flask) -> None:
    """Write down every reading of an application.

    Parameters
    ----------
    app
        The application.
    """
    app.extensions[_KEY] = Kept[bool](_KEPT_BYTES, lambda _: _ROW_BYTES)
    app.after_request(_audited)


def _audited(response: Response) -> Response:
    here, endpoint = service(), shown_endpoint()
    leads_on = response.status_code // 100 == _LEADS_ON and response.status_code != _NOT_MODIFIED
    if (
        here.reader.user_id is None
        or endpoint is None
        or leads_on
        or g.get("told_error")
        or not shows_data(endpoint)
    ):
        return response
    try:
        _note(here, endpoint, response)
    except StoreError as error:
        current_app.logger.error("a reading could not be written: %s", type(error).__name__)  # noqa: TRY400 - a traceback would hold the row
        return error_answer(_UNAVAILABLE, audit_words.NOT_WRITTEN, code="LOGG")
    return response


def _note(here: Service, endpoint: str, response: Response) -> None:
    lens, now = here.lens, here.clock()
    what, hidden = _terms()
    what |= {
        "user": int(here.reader.user_id or 0),
        "role": str(lens.role),
        "scope": lens.scope,
        "owners": ",".join(sorted(lens.owners)),
        "page": endpoint,
        "kind": _kind(response),
    }
    login = g.get("login")
    key_hash = None if login is None else str(login.key_hash)

    def write() -> bool:
        counted: dict[str, str | int] = {}
        if "shown_count" in g:
            counted = {"count": int(g.shown_count), "shows": str(g.shown_period)}
        here.store.readings.note(
            what | counted, hidden=hidden, key_hash=key_hash, usual=USUAL[here.reader.role], now=now
        )
        return True

    if endpoint.rpartition(".")[2] not in _PIECES:
        write()
        return
    kept: Kept[bool] = current_app.extensions[_KEY]
    hour = int(now.timestamp()) // 3600
    kept.get(
        (
            here.store.url,
            key_hash,
            hour,
            tuple(sorted(what.items())),
            tuple(sorted(hidden.items())),
        ),
        write,
    )


def _terms() -> tuple[dict[str, str | int], dict[str, str]]:
    """Return what the address asked for: closed words as they are, all else to be hashed."""
    asked = [(name, values) for name, values in request.args.lists() if name not in _SAID]
    said, hidden = told_terms(asked)
    for name in _IDS:
        value = str((request.view_args or {}).get(name, ""))
        if _ID.fullmatch(value):
            said[name] = value
    return said, hidden


def _kind(response: Response) -> str:
    """Return what the answer is as a file: its ending for one that is taken out, else its type."""
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        ending = re.search(r"\.([a-z0-9]{1,8})$", request.path)
        return f"export {ending[1] if ending else 'file'}"
    return (response.mimetype or "").rpartition("/")[2][:32]
