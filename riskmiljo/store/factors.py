"""The second factor of an account: the secret that its phone knows, and codes for a lost phone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from riskmiljo.access.keys import hash_of, new_recovery_codes, plain_code
from riskmiljo.access.totp import new_secret, step_of_code
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import account as table
from riskmiljo.store.tables import login, recovery_code


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
            known = connection.execute(select(table.c.totp_offered).where(whose)).scalar()
            if known is not None:
                return str(known)
            secret = new_secret()
            connection.execute(update(table).where(whose).values(totp_offered=secret))
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
            return connection.execute(wanted).scalar()

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
            if row is None or row.totp_offered is None:
                return None
            step = step_of_code(row.totp_offered, code, now=now, used=0)
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
        """
        with writing(self._engine) as connection:
            whose = table.c.user_id == user_id
            row = connection.execute(
                select(table.c.totp_secret, table.c.totp_step).where(whose)
            ).one_or_none()
            if row is None or row.totp_secret is None:
                return False
            step = step_of_code(row.totp_secret, code, now=now, used=row.totp_step)
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
