"""Tokens: keys with which a program reads in somebody's name until they expire or are revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, Row, insert, select, update

from riskmiljo.access.keys import hash_of, new_token
from riskmiljo.access.reader import Reader
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.role import Role
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import account
from riskmiljo.store.tables import token as table
from riskmiljo.wording import Text

DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 366
# How often it is written down that a token is in use.
_NOTED_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token, without the key itself, which nobody can see again.

    Attributes
    ----------
    token_id
        Its number.
    user_id, name
        Whose it is.
    made_at, expires_at
        UTC.
    revoked_at
        UTC; None while it has not been revoked.
    used_at
        When it was used last, to within an hour (UTC); None while it never was.
    """

    token_id: int
    user_id: int
    name: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether it still opens anything.

        Parameters
        ----------
        now
            Aware.

        Returns
        -------
        bool
            False once it has expired or been revoked.
        """
        return self.revoked_at is None and now < self.expires_at


class Tokens:
    """The tokens of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, user_id: int, *, days: int = DEFAULT_DAYS, now: datetime) -> str:
        """Make a token.

        Parameters
        ----------
        user_id
            Whose; what it may read is what the account may read at the time.
        days
            After how many days it expires, 1 to 366.
        now
            Aware.

        Returns
        -------
        str
            To be shown this once: the store keeps its hash.

        Raises
        ------
        InvalidInputError
            If the number of days cannot be used, or the account is disabled.
        NothingFoundError
            If there is no such account.
        """
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInputError(
                Text("Dagar: ange 1 till {n}.", "Days: give 1 to {n}.").fill(n=MOST_DAYS)
            )
        key = new_token()
        with writing(self._engine) as connection:
            whose = connection.execute(
                select(account.c.disabled_at).where(account.c.user_id == user_id)
            ).one_or_none()
            if whose is None:
                raise NothingFoundError(
                    Text("Kontot {n} finns inte.", "There is no account {n}.").fill(n=user_id)
                )
            if whose.disabled_at is not None:
                raise InvalidInputError(
                    Text(
                        "Kontot är avstängt och kan inte få någon nyckel.",
                        "The account is disabled and cannot get a token.",
                    )
                )
            made = connection.execute(
                insert(table).values(
                    user_id=user_id,
                    token_hash=hash_of(key),
                    made_at=now,
                    expires_at=now + timedelta(days=days),
                )
            )
            (token_id,) = made.inserted_primary_key or (0,)
            detail = {"token": int(token_id), "account": user_id, "days": days}
            audit.append(connection, at=now, act="token_add", detail=detail, changes=False)
        return key

    def all(self, user_id: int | None = None) -> tuple[TokenRow, ...]:
        """Return tokens, newest first.

        Parameters
        ----------
        user_id
            Of one account; None for everyone's.

        Returns
        -------
        tuple of TokenRow
            Expired and revoked ones too.
        """
        wanted = _of_accounts().order_by(table.c.token_id.desc())
        if user_id is not None:
            wanted = wanted.where(table.c.user_id == user_id)
        with reading(self._engine) as connection:
            return tuple(_token(row) for row in connection.execute(wanted).all())

    def revoke(
        self, token_id: int, *, now: datetime, user_id: int | None = None, by: int | None = None
    ) -> None:
        """Let a token open nothing any more.

        Parameters
        ----------
        token_id
            Its number.
        now
            Aware.
        user_id
            Whose it must be; None for anyone's.
        by
            Who revokes it, for the audit; None for the command line.

        Raises
        ------
        NothingFoundError
            If there is no such token, or it has been revoked before.
        """
        which = (table.c.token_id == token_id) & table.c.revoked_at.is_(None)
        if user_id is not None:
            which &= table.c.user_id == user_id
        with writing(self._engine) as connection:
            if connection.execute(update(table).where(which).values(revoked_at=now)).rowcount == 0:
                raise NothingFoundError(
                    Text(
                        "Nyckeln {n} finns inte eller är redan återkallad.",
                        "There is no token {n}, or it has been revoked already.",
                    ).fill(n=token_id)
                )
            detail = {"token": token_id}
            audit.append(
                connection, at=now, act="token_revoke", detail=detail, user=by, changes=False
            )

    def find(self, key: str, *, now: datetime) -> Reader | None:
        """Return in whose name a token reads.

        Parameters
        ----------
        key
            As a program sent it.
        now
            Aware.

        Returns
        -------
        Reader or None
            With the role that the account has now; None for a token that is unknown, expired or
            revoked, or whose account is disabled or must change its password first.
        """
        wanted = _of_accounts().where(
            table.c.token_hash == hash_of(key),
            account.c.disabled_at.is_(None),
            account.c.must_change == 0,
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or not _token(row).is_live(now):
            return None
        if row.used_at is None or now - row.used_at >= _NOTED_EVERY:
            with writing(self._engine) as connection:
                same = table.c.token_id == row.token_id
                connection.execute(update(table).where(same).values(used_at=now))
        return Reader(int(row.user_id), str(row.name), Role(row.role))


def _of_accounts() -> Any:
    return select(table, account.c.name, account.c.role).join(
        account, account.c.user_id == table.c.user_id
    )


def _token(row: Row[Any]) -> TokenRow:
    return TokenRow(
        int(row.token_id),
        int(row.user_id),
        str(row.name),
        row.made_at,
        row.expires_at,
        row.revoked_at,
        row.used_at,
    )
