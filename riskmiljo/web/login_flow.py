"""Logging in step by step: name and password, and the code where the account asks for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, request

from riskmiljo.access.demo_logins import is_demo_password
from riskmiljo.access.passwords import is_outdated, is_password
from riskmiljo.access.sessions import FREE_BY_ACCOUNT, FREE_BY_ADDRESS, network_of
from riskmiljo.store.users import User, name_key
from riskmiljo.web.known_device import known_device
from riskmiljo.web.service import Service


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    Attributes
    ----------
    user
        Who it was; None where the attempt was wrong or has to wait.
    wait_until
        Until when the next attempt must wait (UTC); None where it need not.
    """

    user: User | None = None
    wait_until: datetime | None = None


def try_password(here: Service, name: str, password: str) -> Outcome:
    """Try a name and a password.

    Parameters
    ----------
    here
        The running installation.
    name, password
        As they were written.

    Returns
    -------
    Outcome
        Neither it nor the time it takes tells whether there is an account of that name.
    """
    now = here.clock()
    until = here.store.attempts.count(_senders(here, name), now=now)
    if until is not None:
        return Outcome(wait_until=until)
    user, kept = here.store.users.password_of(name) or (None, None)
    right = is_password(kept, password)
    if is_demo_password(password) and not here.simulated():
        right = False
    if not right or user is None or kept is None or user.disabled_at is not None:
        _refused(here, user, now)
        return Outcome()
    if is_outdated(kept):
        here.store.users.rehash(user.user_id, password)
    if not user.has_totp:
        # With a second factor the attempt counts until that was right too: or who knows the
        # password could try codes for ever.
        _forgive(here, name)
    return Outcome(user)


def try_code(here: Service, user: User, code: str) -> Outcome:
    """Try a one-time code or a recovery code.

    Parameters
    ----------
    here
        The running installation.
    user
        Whose password was right.
    code
        As it was written.

    Returns
    -------
    Outcome
        Of the second step.
    """
    now = here.clock()
    until = here.store.attempts.count(_senders(here, user.name), now=now)
    if until is not None:
        return Outcome(wait_until=until)
    if not here.store.factors.spend(user.user_id, code, now=now):
        _refused(here, user, now)
        return Outcome()
    _forgive(here, user.name)
    return Outcome(user)


def _account(name: str) -> str:
    return f"account {name_key(name)}"


def _address() -> str:
    return f"address {network_of(request.remote_addr or '')}"


def _device(here: Service, name: str) -> str | None:
    number = known_device(here, name)
    return None if number is None else f"device {number} {name_key(name)}"


def _senders(here: Service, name: str) -> dict[str, int]:
    device = _device(here, name)
    if device is not None:
        return {device: FREE_BY_ACCOUNT}
    return {_account(name): FREE_BY_ACCOUNT, _address(): FREE_BY_ADDRESS}


def _forgive(here: Service, name: str) -> None:
    device = _device(here, name)
    if device is None:
        here.store.attempts.forgive(_account(name), _address())
    else:
        # Of strangers' attempts none is taken back.
        here.store.attempts.forgive(device)


def _refused(here: Service, user: User | None, now: datetime) -> None:
    user_id = None if user is None else user.user_id
    here.store.attempts.note_failure(user_id, now=now)
    current_app.logger.warning("login refused user=%s", user_id)
