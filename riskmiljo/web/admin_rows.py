"""What the administrator's page shows: accounts, roles and the state of the installation."""

from __future__ import annotations

import platform
import threading
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Final

from riskmiljo.access.lens import lens_of, scopes_of
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.settings import Settings
from riskmiljo.store.users import User
from riskmiljo.web import admin_words
from riskmiljo.web.language import day, moment
from riskmiljo.web.service import Service
from riskmiljo.wording import Text, decimal_text

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class UserRow:
    """One account.

    Attributes
    ----------
    user
        The account.
    role
        What its role is called.
    logs_in
        With what it logs in.
    state
        Whether it is open.
    """

    user: User
    role: Text
    logs_in: Text
    state: Text


@dataclass(frozen=True, slots=True)
class LensRow:
    """What one role sees.

    Attributes
    ----------
    role
        The role.
    name
        What it is called.
    sees
        The kinds of view that it may choose between.
    may_export
        Whether it may take out files.
    """

    role: Role
    name: Text
    sees: tuple[Text, ...]
    may_export: bool


def user_rows(users: tuple[User, ...]) -> list[UserRow]:
    """Return accounts as the table shows them.

    Parameters
    ----------
    users
        From the store.

    Returns
    -------
    list of UserRow
        In the same order.
    """
    return [
        UserRow(
            user=one,
            role=ROLE_NAMES[one.role],
            logs_in=_logs_in(one),
            state=admin_words.OPEN
            if one.disabled_at is None
            else admin_words.DISABLED.fill(day=day(one.disabled_at)),
        )
        for one in users
    ]


def lens_rows(settings: Settings) -> list[LensRow]:
    """Return what each role sees.

    Parameters
    ----------
    settings
        Whose minimum counts hold.

    Returns
    -------
    list of LensRow
        One a role.
    """
    return [
        LensRow(
            role=role,
            name=ROLE_NAMES[role],
            sees=tuple(lens_of(role, settings, scope=one).reason for one in scopes_of(role)),
            may_export=lens_of(role, settings).may_export,
        )
        for role in Role
    ]


def health_lines(here: Service) -> list[tuple[Text, Text]]:
    """Return the state of the installation, line by line.

    Parameters
    ----------
    here
        The running installation.

    Returns
    -------
    list of tuple of Text
        What, and how it is.
    """
    health = here.store.maintenance.health()
    log = here.store.audit_log
    release = here.store.releases.latest()
    return [
        (admin_words.SIZE, _megabytes(health.size_bytes)),
        (admin_words.FREE, _megabytes(health.free_bytes)),
        (admin_words.REVISION, _as_is(health.revision)),
        (admin_words.LAST_IMPORT, _when(log.latest("import"))),
        (admin_words.LAST_RELEASE, _when(None if release is None else release.made_at)),
        (admin_words.LAST_BACKUP, _when(log.latest("backup"))),
        (
            admin_words.WARM,
            admin_words.WARM_GOES_ON
            if any(one.name == "warm-up" for one in threading.enumerate())
            else admin_words.WARM_OVER,
        ),
        (admin_words.STARTED, _when(here.started)),
        (
            admin_words.VERSIONS,
            _as_is(
                f"riskmiljo {version('riskmiljo')}, Python {platform.python_version()}, "
                f"SQLite {health.sqlite}"
            ),
        ),
    ]


def _logs_in(user: User) -> Text:
    if not user.has_password:
        return admin_words.BY_ORGANISATION
    if user.must_change:
        return admin_words.BY_TEMPORARY
    return admin_words.BY_BOTH if user.has_totp else admin_words.BY_PASSWORD


def _when(at: datetime | None) -> Text:
    return admin_words.NEVER if at is None else _as_is(moment(at))


def _megabytes(number: int) -> Text:
    if number >= 1000 * _MEGABYTE:
        return admin_words.GIGABYTES.fill(n=decimal_text(number / (1000 * _MEGABYTE), 1))
    return admin_words.MEGABYTES.fill(n=decimal_text(number / _MEGABYTE, 1))


def _as_is(text: str) -> Text:
    return Text(text, text)
