"""The second factor of an account: the secret that its phone knows, and codes for a lost phone.

The secrets are sealed with the key beside the store; of recovery codes there are only hashes, so
that they work without it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, update

from riskmiljo.access.keys import hash_of, new_recovery_codes, plain_code
from riskmiljo.access.sealing import seal, unseal
from riskmiljo.access.totp import new_secret, step_of_code
from riskmiljo.errors import StoreError
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.key_file import key_file, make_key, read_key
from riskmiljo.store.tables import account as table
from riskmiljo.store.tables import login, recovery_code
from riskmiljo.wording import Text

# Secrets from before they were sealed are letters and digits alone.
_SEALED: Final = "%.%"
_LOST: Final = Text(
    "Engångskoden kan inte prövas: filen {f} bredvid databasen saknas eller är en annan. Skriv en "
    "reservkod, eller be den som sköter riskmiljö att lägga tillbaka filen eller ta bort "
    "engångskoden.",
    "The one-time code cannot be tried: the file {f} beside the store is missing or another one. "
    "Enter a recovery code, or ask whoever looks after riskmiljö to put the file back or to remove "
    "the one-time code.",
)


class Factors:
    """The second factors of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def offer(self, user_id: int) -> str:
        """Return a secret for an account to take up, the same until it has been.

        Parameters
        ----------
        user_id
            The account.

        Returns
        -------
        str
            In base32; it counts once `take_up` has seen a code of it.
        """
        with writing(self._engine) as connection:
            whose = table.c.user_id == user_id
            sealed = connection.execute(select(table.c.totp_offered).where(whose)).scalar()
            known = self._open(sealed, user_id)
            if known is not None:
                return known
            secret = new_secret()
            sealed = seal(secret, make_key(self._engine), use=_use(user_id))
            connection.execute(update(table).where(whose).values(totp_offered=sealed))
            return secret

    def offered(self, user_id: int) -> str | None:
        """Return the secret that waits to be taken up.

        Parameters
        ----------
        user_id
            The account.

        Returns
        -------
        str or None
            None where none does.
        """
        with reading(self._engine) as connection:
            wanted = select(table.c.totp_offered).where(table.c.user_id == user_id)
            return self._open(connection.execute(wanted).scalar(), user_id)

    def take_up(self, user_id: int, code: str, *, now: datetime) -> tuple[str, ...] | None:
        """Let an account's offered secret count from now on.

        Parameters
        ----------
        user_id
            The account.
        code
            What the phone shows.
        now
            Aware.

        Returns
        -------
        tuple of str or None
            Recovery codes, to be shown this once; None where the code is wrong.
        """
        with writing(self._engine) as connection:
            whose = table.c.user_id == user_id
            row = connection.execute(
                select(table.c.totp_offered, table.c.totp_step).where(whose)
            ).one_or_none()
            secret = None if row is None else self._open(row.totp_offered, user_id)
            if row is None or secret is None:
                return None
            step = step_of_code(secret, code, now=now, used=0)
            if step is None:
                return None
            connection.execute(
                update(table)
                .where(whose)
                .values(totp_secret=row.totp_offered, totp_offered=None, totp_step=step)
            )
            codes = _new_codes(connection, user_id)
            _told(connection, "totp_on", user_id, now)
            return codes

    def remove(self, user_id: int, *, now: datetime, by: int | None = None) -> None:
        """Ask an account for no second factor any more.

        Parameters
        ----------
        user_id
            The account.
        now
            Aware.
        by
            The account that does it; None for the account itself.
        """
        with writing(self._engine) as connection:
            connection.execute(
                update(table)
                .where(table.c.user_id == user_id)
                .values(totp_secret=None, totp_offered=None)
            )
            connection.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
            # Whoever stands between password and code has nothing left to wait for.
            waiting = (login.c.user_id == user_id) & (login.c.pending == 1)
            connection.execute(delete(login).where(waiting))
            _told(connection, "totp_off", user_id, now, by)

    def spend(self, user_id: int, code: str, *, now: datetime) -> bool:
        """Use a code of the phone, or a recovery code; neither is good twice.

        Parameters
        ----------
        user_id
            The account.
        code
            What was written.
        now
            Aware.

        Returns
        -------
        bool
            False where the code is wrong, old or used.

        Raises
        ------
        StoreError
            If it is no recovery code, and the key is missing that opens the secret.
        """
        with writing(self._engine) as connection:
            whose = table.c.user_id == user_id
            row = connection.execute(
                select(table.c.totp_secret, table.c.totp_step).where(whose)
            ).one_or_none()
            if row is None or row.totp_secret is None:
                return False
            secret = self._open(row.totp_secret, user_id)
            if secret is not None:
                step = step_of_code(secret, code, now=now, used=row.totp_step)
                if step is not None:
                    connection.execute(update(table).where(whose).values(totp_step=step))
                    return True
            spent = connection.execute(
                delete(recovery_code).where(
                    recovery_code.c.code_hash == hash_of(plain_code(code)),
                    recovery_code.c.user_id == user_id,
                )
            ).rowcount
            if spent:
                _told(connection, "recovery_code", user_id, now)
            elif secret is None:
                raise StoreError(_LOST.fill(f=key_file(self._engine).name), code="NYCKELFIL")
            return bool(spent)

    def codes_left(self, user_id: int) -> int:
        """Return how many recovery codes an account has left.

        Parameters
        ----------
        user_id
            The account.

        Returns
        -------
        int
            0 to 10.
        """
        with reading(self._engine) as connection:
            wanted = select(func.count()).where(recovery_code.c.user_id == user_id)
            return int(connection.execute(wanted).scalar_one())

    def seal_old(self) -> None:
        """Seal the secrets from before they were sealed; their phones go on as they are."""
        plain = or_(table.c.totp_secret.not_like(_SEALED), table.c.totp_offered.not_like(_SEALED))
        wanted = select(table.c.user_id, table.c.totp_secret, table.c.totp_offered).where(plain)
        with reading(self._engine) as connection:
            if connection.execute(wanted).first() is None:
                return
        with writing(self._engine) as connection:
            key = make_key(self._engine)
            for row in connection.execute(wanted).all():
                sealed = {
                    name: seal(found, key, use=_use(row.user_id))
                    for name in ("totp_secret", "totp_offered")
                    if (found := getattr(row, name)) is not None and "." not in found
                }
                whose = table.c.user_id == row.user_id
                connection.execute(update(table).where(whose).values(**sealed))

    def lost(self) -> frozenset[int]:
        """Return the accounts whose secret the key beside the store does not open."""
        wanted = select(table.c.user_id, table.c.totp_secret).where(
            table.c.totp_secret.is_not(None)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return frozenset(
            int(row.user_id) for row in rows if self._open(row.totp_secret, row.user_id) is None
        )

    def _open(self, sealed: str | None, user_id: int) -> str | None:
        key = None if sealed is None else read_key(self._engine)
        return None if sealed is None or key is None else unseal(sealed, key, use=_use(user_id))


def _use(user_id: int) -> str:
    # One account's secret, written to another's row, opens nothing.
    return f"totp {user_id}"


def _new_codes(connection: Connection, user_id: int) -> tuple[str, ...]:
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    codes = new_recovery_codes()
    connection.execute(
        insert(recovery_code),
        [{"code_hash": hash_of(plain_code(code)), "user_id": user_id} for code in codes],
    )
    return codes


def _told(
    connection: Connection, act: str, user_id: int, now: datetime, by: int | None = None
) -> None:
    detail = {"account": user_id, "user": user_id if by is None else by}
    audit.append(connection, at=now, act=act, detail=detail, changes=False)
