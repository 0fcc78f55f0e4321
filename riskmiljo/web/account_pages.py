"""``/konto``: one's own password, second factor, tokens and logins."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, g, render_template, request
from markupsafe import Markup

from riskmiljo.access.passwords import SHORTEST, is_password
from riskmiljo.access.sessions import FREE_BY_ACCOUNT
from riskmiljo.access.totp import secret_address
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.role import ROLE_NAMES
from riskmiljo.store.tokens import DEFAULT_DAYS, MOST_DAYS, TokenRow
from riskmiljo.store.users import User
from riskmiljo.web import audit_words, login_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import home, local_path, seen_other, set_key
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import address
from riskmiljo.wording import Text

account_pages = Blueprint("account", __name__)

# What a page that was led to may say it has done: a closed list, named by the address.
_DONE: Final[dict[str, Text]] = {
    "losenord": login_words.PASSWORD_DONE,
    "kod-av": login_words.FACTOR_STOPPED,
    "nyckel": login_words.TOKEN_GONE,
    "inloggningar": login_words.LOGINS_DONE,
    "andamal": audit_words.PURPOSE_DONE,
}


@account_pages.get("/konto")
def index() -> Response:
    """Show the reader's own account.

    Returns
    -------
    flask.Response
        404 where nobody logs in.
    """
    here, user = _own()
    return _page(here, user, done=_DONE.get(request.args.get("gjort", "")))


@account_pages.get("/konto.json")
def data() -> Response:
    """Answer with the reader's own account as JSON.

    Returns
    -------
    flask.Response
        Role, second factor, tokens and logins; never a key.
    """
    here, user = _own()
    now = here.clock()
    return json_answer(
        {
            "name": user.name,
            "role": str(user.role),
            "role_name": ROLE_NAMES[user.role].as_dict(),
            "sees": here.lens.reason.as_dict(),
            "created_at": user.created_at.isoformat(),
            "has_password": user.has_password,
            "has_totp": user.has_totp,
            "tokens": [
                {
                    "token_id": one.token_id,
                    "made_at": one.made_at.isoformat(),
                    "expires_at": one.expires_at.isoformat(),
                    "used_at": one.used_at and one.used_at.isoformat(),
                    "live": one.is_live(now),
                }
                for one in here.store.tokens.all(user.user_id)
            ],
            "logins": [
                {"made_at": one.made_at.isoformat(), "seen_at": one.seen_at.isoformat()}
                for one in here.store.logins.of(user.user_id, now=now)
            ],
        }
    )


@account_pages.post("/konto/losenord")
def password() -> Response:
    """Change the reader's own password; every other login of the account ends.

    Returns
    -------
    flask.Response
        303 back, under a new key, or to where a first login wanted to go; the page with what is
        wrong otherwise.
    """
    here, user = _own()
    try:
        _prove(here, user)
        new = _new_password(given=request.form.get("password", "") if user.must_change else None)
        here.store.users.set_password(user.user_id, new, now=here.clock(), by=user.user_id)
    except InvalidInputError as error:
        if user.must_change:
            return _own_password_page(here, user, problem=error.message)
        return _page(here, user, problem=error.message, at="password")
    key = here.store.logins.begin(user.user_id, now=here.clock())
    if user.must_change:
        return set_key(seen_other(_wanted()), key)
    return set_key(_back("losenord"), key)


@account_pages.get("/konto/losenord")
def own_password() -> Response:
    """Ask for a password of one's own, in the place of one that somebody else chose.

    Returns
    -------
    flask.Response
        303 to the account for everybody else; 404 where nobody logs in.
    """
    here, user = _own()
    if not user.must_change:
        return seen_other(address("account.index", {}) + "#losenord")
    return _own_password_page(here, user)


@account_pages.post("/konto/engangskod/ny")
def offer_code() -> Response:
    """Offer a second factor.

    Returns
    -------
    flask.Response
        303 back to the page, which then shows the square.
    """
    here, user = _own()
    try:
        _prove(here, user)
    except InvalidInputError as error:
        return _page(here, user, problem=error.message, at="factor")
    here.store.factors.offer(user.user_id)
    return seen_other(address("account.index", {}) + "#engangskod")


@account_pages.post("/konto/engangskod")
def take_up_code() -> Response:
    """Turn the second factor on, with a first code as the proof.

    Returns
    -------
    flask.Response
        The page with the recovery codes, this once.
    """
    here, user = _own()
    if here.store.factors.offered(user.user_id) is None:
        return _page(here, user, problem=login_words.FACTOR_NONE, at="factor")
    code = request.form.get("code", "")
    codes = here.store.factors.take_up(user.user_id, code, now=here.clock())
    if codes is None:
        return _page(here, user, problem=login_words.WRONG_CODE, at="factor")
    return _page(here, here.store.users.get(user.user_id), codes=codes)


@account_pages.post("/konto/engangskod/av")
def remove_code() -> Response:
    """Turn the second factor off.

    Returns
    -------
    flask.Response
        303 back.
    """
    here, user = _own()
    try:
        _prove(here, user)
    except InvalidInputError as error:
        return _page(here, user, problem=error.message, at="factor")
    here.store.factors.remove(user.user_id, now=here.clock())
    return _back("kod-av")


@account_pages.post("/konto/nycklar")
def add_token() -> Response:
    """Make a token.

    Returns
    -------
    flask.Response
        The page with the token, this once.
    """
    here, user = _own()
    try:
        _prove(here, user)
        days = _days()
        made = here.store.tokens.add(user.user_id, days=days, now=here.clock())
    except InvalidInputError as error:
        return _page(here, user, problem=error.message, at="tokens")
    return _page(here, user, token=made)


@account_pages.post("/konto/nycklar/<int(max=2147483647):token_id>/aterkalla")
def revoke_token(token_id: int) -> Response:
    """Revoke one of the reader's own tokens.

    Parameters
    ----------
    token_id
        Its number.

    Returns
    -------
    flask.Response
        303 back; 404 for anybody else's.
    """
    here, user = _own()
    here.store.tokens.revoke(token_id, now=here.clock(), user_id=user.user_id, by=user.user_id)
    return _back("nyckel")


@account_pages.post("/konto/inloggningar/avsluta")
def end_others() -> Response:
    """End every other login of the reader.

    Returns
    -------
    flask.Response
        303 back.
    """
    here, user = _own()
    here.store.logins.end_others(user.user_id, keep=_this(), now=here.clock())
    return _back("inloggningar")


def _own() -> tuple[Service, User]:
    here = service()
    if here.reader.user_id is None:
        raise NothingFoundError(login_words.NOT_NEEDED)
    return here, here.store.users.get(here.reader.user_id)


def _this() -> str | None:
    login = g.get("login")
    return None if login is None else str(login.key_hash)


def _prove(here: Service, user: User) -> None:
    """Ask for the password again: an open screen is not enough for what outlasts the login."""
    if not user.has_password:
        if request.endpoint == "account.password":
            raise InvalidInputError(login_words.NO_PASSWORD)
        return
    # Counted against the account alone, and apart from its logins: a colleague at an open screen
    # must not be able to guess for ever, nor to lock the owner out.
    sender = f"prove {user.user_id}"
    now = here.clock()
    until = here.store.attempts.count({sender: FREE_BY_ACCOUNT}, now=now)
    if until is not None:
        raise InvalidInputError(login_words.WAIT.fill(n=_seconds(until, now)))
    _, kept = here.store.users.password_of(user.name) or (None, None)
    if not is_password(kept, request.form.get("password", "")):
        raise InvalidInputError(login_words.PASSWORD_WRONG)
    here.store.attempts.forgive(sender)


def _new_password(*, given: str | None) -> str:
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise InvalidInputError(login_words.PASSWORD_DIFFERS)
    if new == given:
        raise InvalidInputError(login_words.PASSWORD_SAME)
    return new


def _wanted() -> str:
    return local_path(request.values.get("next", "")) or home()


def _days() -> int:
    text = request.form.get("days", str(DEFAULT_DAYS)).strip()
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_DAYS:
        raise InvalidInputError(login_words.WRONG_DAYS.fill(t=repr(text[:40]), n=MOST_DAYS))
    return int(text)


def _seconds(until: datetime, now: datetime) -> int:
    return max(1, int((until - now).total_seconds()) + 1)


def _back(done: str) -> Response:
    return seen_other(address("account.index", {"gjort": [done]}))


def _page(
    here: Service, user: User, *, problem: Text | None = None, at: str = "", **shown: Any
) -> Response:
    now = here.clock()
    secret = None if user.has_totp else here.store.factors.offered(user.user_id)
    page = render_template(
        "account/account.html",
        simulated=here.simulated(),
        user=user,
        role=ROLE_NAMES[user.role],
        lens=here.lens,
        problem=problem,
        at=at,
        done=shown.get("done"),
        codes=shown.get("codes", ()),
        token=shown.get("token"),
        codes_left=here.store.factors.codes_left(user.user_id),
        secret=None if secret is None else " ".join(re.findall(".{1,4}", secret)),
        square=None if secret is None else _square(secret_address(secret, user.name)),
        tokens=[(one, _state(one, now)) for one in here.store.tokens.all(user.user_id)],
        logins=here.store.logins.of(user.user_id, now=now),
        this=_this(),
        shortest=SHORTEST,
        default_days=DEFAULT_DAYS,
        most_days=MOST_DAYS,
    )
    answer = Response(page, status=400 if problem else 200, mimetype="text/html")
    answer.cache_control.no_store = True
    return answer


def _own_password_page(here: Service, user: User, *, problem: Text | None = None) -> Response:
    page = render_template(
        "account/own_password.html",
        simulated=here.simulated(),
        user=user,
        problem=problem,
        wanted=_wanted(),
        shortest=SHORTEST,
    )
    answer = Response(page, status=400 if problem else 200, mimetype="text/html")
    answer.cache_control.no_store = True
    return answer


def _state(one: TokenRow, now: datetime) -> Text:
    if one.is_live(now):
        return login_words.TOKEN_LIVE
    return login_words.TOKEN_EXPIRED if one.revoked_at is None else login_words.TOKEN_REVOKED


def _square(text: str) -> Markup:
    import segno  # noqa: PLC0415 - only who turns the second factor on needs it

    drawn = io.BytesIO()
    # On white also where the page is dark: that is what cameras read.
    segno.make(text, error="m").save(
        drawn, kind="svg", scale=5, border=4, light="#fff", dark="#000", xmldecl=False, svgns=True
    )
    # A drawing by the library; the text is in it as black squares only.
    return Markup(drawn.getvalue().decode())  # noqa: S704 - see above
