"""Who is logged in: a row for each browser, found by the hash of the key that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from riskmiljo.access.keys import hash_of, new_key
from riskmiljo.access.reader import Reader
from riskmiljo.access.sealing import seal, unseal
from riskmiljo.access.sessions import LONGEST, is_live
from riskmiljo.model.role import Role
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import account, site_secret
from riskmiljo.store.tables import login as table

# How often it is written down that a login is in use.
_NOTED_EVERY: Final = timedelta(minutes=5)
_USE: Final = "id_token"
# A longer one would not fit in an address.
_LONGEST_TOKEN: Final = 4096


@dataclass(frozen=True, slots=True)
class Login:
    """One browser that is logged in.

    Attributes
    ----------
    key_hash
        What the store knows it by.
    reader
        Whose it is, with the role that the account has now.
    pending
        Whether the second factor is still to come; nothing is open to it until then.
    must_change
        Whether a password that somebody else chose must be changed first.
    made_at, seen_at
        When it began and when it was last in use, to within 5 minutes (UTC).
    """

    key_hash: str
    reader: Reader
    pending: bool
    made_at: datetime
    seen_at: datetime
    must_change: bool = False


class Logins:
    """The logins of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def secret(self) -> str:
        """Return the random text that signs the forms of this installation."""
        with reading(self._engine) as connection:
            return str(connection.execute(select(site_secret.c.value)).scalar_one())

    def begin(
        self,
        user_id: int,
        *,
        now: datetime,
        pending: bool = False,
        instead_of: str | None = None,
        id_token: str | None = None,
    ) -> str:
        """Log somebody in, always under a new key.

        Parameters
        ----------
        user_id
            The account.
        now
            Aware.
        pending
            Whether the second factor is still to come.
        instead_of
            The key that the browser held until now, good or not; it ends.
        id_token
            Where the organisation let them in: what it said. It is kept sealed with the key, of at
            most 4096 characters, and is gone with the login.

        Returns
        -------
        str
            The key, for the browser's cookie; the store keeps its hash.
        """
        key = new_key()
        if id_token is not None:
            id_token = seal(id_token if len(id_token) <= _LONGEST_TOKEN else "", key, use=_USE)
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.made_at <= now - LONGEST))
            if instead_of is not None:
                connection.execute(delete(table).where(table.c.key_hash == hash_of(instead_of)))
            connection.execute(
                insert(table).values(
                    key_hash=hash_of(key),
                    user_id=user_id,
                    pending=int(pending),
                    made_at=now,
                    seen_at=now,
                    id_token=id_token,
                )
            )
            if not pending:
                # A secret that was shown at an earlier login and never proven is void.
                whose = account.c.user_id == user_id
                connection.execute(update(account).where(whose).values(totp_offered=None))
                _told(connection, "login", user_id, now)
        return key

    def find(self, key: str, *, now: datetime) -> Login | None:
        """Return the login that a key belongs to.

        Parameters
        ----------
        key
            From a cookie.
        now
            Aware.

        Returns
        -------
        Login or None
            None where it is unknown or over, or the account has been disabled.
        """
        with reading(self._engine) as connection:
            row = connection.execute(
                _of_accounts().where(
                    table.c.key_hash == hash_of(key), account.c.disabled_at.is_(None)
                )
            ).one_or_none()
        if row is None:
            return None
        found = _login(row)
        if not _holds(found, now):
            return None
        if not found.pending and now - found.seen_at >= _NOTED_EVERY:
            with writing(self._engine) as connection:
                same = table.c.key_hash == found.key_hash
                connection.execute(update(table).where(same).values(seen_at=now))
        return found

    def end(self, key: str, *, now: datetime) -> str | None:
        """Log out one browser.

        Parameters
        ----------
        key
            From its cookie.
        now
            Aware.

        Returns
        -------
        str or None
            What the organisation said at the login, empty where that was too long to be kept; None
            where the login did not begin there.
        """
        which = (table.c.key_hash == hash_of(key),)
        with reading(self._engine) as connection:
            sealed = connection.execute(select(table.c.id_token).where(*which)).scalar()
        self._end(which, now)
        return None if sealed is None else unseal(sealed, key, use=_USE) or ""

    def end_others(self, user_id: int, *, keep: str | None, now: datetime) -> None:
        """Log out every other browser of an account.

        Parameters
        ----------
        user_id
            The account.
        keep
            The key hash of the one that stays; None for none.
        now
            Aware.
        """
        self._end((table.c.user_id == user_id, table.c.key_hash != (keep or "")), now)

    def of(self, user_id: int, *, now: datetime) -> tuple[Login, ...]:
        """Return where an account is logged in, the latest first.

        Parameters
        ----------
        user_id
            The account.
        now
            Aware.

        Returns
        -------
        tuple of Login
            Those that still hold.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(
                _of_accounts().where(table.c.user_id == user_id).order_by(table.c.made_at.desc())
            ).all()
        found = (_login(row) for row in rows)
        return tuple(one for one in found if not one.pending and _holds(one, now))

    def _end(self, which: tuple[Any, ...], now: datetime) -> None:
        with writing(self._engine) as connection:
            ended = connection.execute(select(table.c.user_id, table.c.pending).where(*which)).all()
            connection.execute(delete(table).where(*which))
            for row in ended:
                if not row.pending:
                    _told(connection, "logout", int(row.user_id), now)


def _of_accounts() -> Any:
    return select(table, account.c.name, account.c.role, account.c.must_change).join(
        account, account.c.user_id == table.c.user_id
    )


def _login(row: Row[Any]) -> Login:
    reader = Reader(int(row.user_id), str(row.name), Role(row.role))
    return Login(
        str(row.key_hash),
        reader,
        bool(row.pending),
        row.made_at,
        row.seen_at,
        must_change=bool(row.must_change),
    )


def _holds(one: Login, now: datetime) -> bool:
    role = one.reader.role
    return is_live(made=one.made_at, seen=one.seen_at, pending=one.pending, role=role, now=now)


def _told(connection: Connection, act: str, user_id: int, now: datetime) -> None:
    audit.append(connection, at=now, act=act, detail={"user": user_id}, changes=False)
