"""``/konto/andamal``: what this login reads for, as the audit will say it."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from riskmiljo.access.purposes import PURPOSE_NAMES, USUAL, Purpose
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.web import audit_words, login_words
from riskmiljo.web.entry import seen_other
from riskmiljo.web.service import service
from riskmiljo.web.view import address
from riskmiljo.wording import Text

purpose_pages = Blueprint("purpose", __name__)


@purpose_pages.post("/konto/andamal")
def choose() -> Response:
    """Choose what this login reads for.

    Returns
    -------
    flask.Response
        303 back to the account.

    Raises
    ------
    InvalidInputError
        For a purpose that is not in the list.
    NothingFoundError
        Where nobody logs in.
    """
    here, login = service(), g.get("login")
    if login is None or here.reader.user_id is None:
        raise NothingFoundError(login_words.NOT_NEEDED)
    wanted = request.form.get("purpose", "")
    if wanted not in set(Purpose):
        raise InvalidInputError(audit_words.WRONG_PURPOSE.fill(t=repr(wanted[:40])))
    here.store.readings.choose_purpose(
        str(login.key_hash), Purpose(wanted), user_id=here.reader.user_id, now=here.clock()
    )
    return seen_other(address("account.index", {"gjort": ["andamal"]}))


def purpose_choices() -> list[tuple[str, Text, bool]]:
    """Return the purposes that this login may choose between.

    Returns
    -------
    list of tuple of str, Text and bool
        The word, its name, and whether it holds now; empty for a program with a token.
    """
    here, login = service(), g.get("login")
    if login is None:
        return []
    chosen = here.store.readings.purpose(str(login.key_hash)) or USUAL[here.reader.role]
    return [(str(one), PURPOSE_NAMES[one], one is chosen) for one in Purpose]
