"""Who read what: a row of the audit for each answer that shows data."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from riskmiljo.access.purposes import Purpose
from riskmiljo.errors import NothingFoundError, StoreError
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import login, site_secret
from riskmiljo.wording import Text

# A row tells how many incidents were shown, and the hashes of rows are shown to more people than
# counts are: without something that nobody can guess, a count could be tried out against its hash.
SALT: Final = "salt"
_SALT_BYTES: Final = 16


class Readings:
    """The readings of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(
        self,
        what: audit.Detail,
        *,
        hidden: Mapping[str, str],
        key_hash: str | None,
        usual: Purpose,
        now: datetime,
    ) -> None:
        """Write down one reading.

        Parameters
        ----------
        what
            Who, through which lens, which page and filter, how many: ids, counts and words of
            closed lists.
        hidden
            What else the address said, by name: a coordinate or a text may be in it, and so only
            a keyed hash of it is written. Equal values have equal hashes.
        key_hash
            The login's; None for a program with a token.
        usual
            The purpose where the login has chosen none.
        now
            Aware.

        Raises
        ------
        StoreError
            If it cannot be written, for whatever cause: then nothing may be shown.
        """
        try:
            self._write(what, hidden, key_hash, usual, now)
        except SQLAlchemyError as error:
            raise StoreError(
                Text("Läsningen kunde inte loggas.", "The reading could not be logged."),
                code="LOGG",
            ) from error

    def _write(
        self,
        what: audit.Detail,
        hidden: Mapping[str, str],
        key_hash: str | None,
        usual: Purpose,
        now: datetime,
    ) -> None:
        detail = dict(what)
        with writing(self._engine) as connection:
            chosen = None
            if key_hash is not None:
                mine = select(login.c.purpose).where(login.c.key_hash == key_hash)
                chosen = connection.execute(mine).scalar()
            detail["purpose"] = chosen or str(usual)
            if hidden:
                secret = str(connection.execute(select(site_secret.c.value)).scalar_one())
                detail |= {name: _hashed(secret, text) for name, text in hidden.items()}
            detail[SALT] = secrets.token_hex(_SALT_BYTES)
            audit.append(connection, at=now, act="read", detail=detail, changes=False)

    def purpose(self, key_hash: str) -> Purpose | None:
        """Return what a login has said that it is for.

        Parameters
        ----------
        key_hash
            The login's.

        Returns
        -------
        Purpose or None
            None where it has said nothing.
        """
        mine = select(login.c.purpose).where(login.c.key_hash == key_hash)
        with reading(self._engine) as connection:
            chosen = connection.execute(mine).scalar()
        return None if chosen is None else Purpose(chosen)

    def choose_purpose(
        self, key_hash: str, purpose: Purpose, *, user_id: int, now: datetime
    ) -> None:
        """Say what a login is for from now on.

        Parameters
        ----------
        key_hash
            The login's.
        purpose
            A word of the closed list.
        user_id
            Whose login.
        now
            Aware.

        Raises
        ------
        NothingFoundError
            If there is no such login of theirs.
        """
        mine = (login.c.key_hash == key_hash) & (login.c.user_id == user_id)
        with writing(self._engine) as connection:
            done = connection.execute(update(login).where(mine).values(purpose=str(purpose)))
            if done.rowcount == 0:
                raise NothingFoundError(
                    Text("Inloggningen är över.", "The login has ended."), code="LOGGA_IN"
                )
            detail: dict[str, str | int] = {"user": user_id, "purpose": str(purpose)}
            audit.append(connection, at=now, act="purpose", detail=detail, changes=False)


def _hashed(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
