"""Attempts to log in, counted before they are looked at, so that many at once gain nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from riskmiljo.access.keys import hash_of
from riskmiljo.access.sessions import FORGOTTEN, wait_after
from riskmiljo.store import audit
from riskmiljo.store.engine import writing
from riskmiljo.store.tables import attempt as table


class Attempts:
    """The attempts of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, senders: Mapping[str, int], *, now: datetime) -> datetime | None:
        """Count an attempt as wrong until `forgive` says otherwise, or refuse it.

        Parameters
        ----------
        senders
            Whom it is counted against (an account, an address), each with the number of wrong
            attempts from which it must wait.
        now
            Aware.

        Returns
        -------
        datetime or None
            Until when the sender must wait; nothing was counted then. None lets the attempt pass.
        """
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.last_at <= now - FORGOTTEN))
            hashes = {hash_of(sender): free for sender, free in senders.items()}
            rows = connection.execute(select(table).where(table.c.key_hash.in_(hashes))).all()
            waits: list[datetime] = [row.until for row in rows if row.until > now]
            if waits:
                return max(waits)
            known = {row.key_hash: int(row.failures) for row in rows}
            for key_hash, free in hashes.items():
                failures = known.get(key_hash, 0) + 1
                values = {
                    "failures": failures,
                    "last_at": now,
                    "until": now + wait_after(failures, free),
                }
                if key_hash in known:
                    same = table.c.key_hash == key_hash
                    connection.execute(update(table).where(same).values(**values))
                else:
                    connection.execute(insert(table).values(key_hash=key_hash, **values))
        return None

    def forgive(self, account: str, address: str | None = None) -> None:
        """Take back what `count` counted, since the attempt was right.

        Parameters
        ----------
        account
            The account, or a browser that has logged in to it, starts from nothing again.
        address
            None where none was counted; else it loses this one attempt only: with an account of
            one's own one must not be able to go on guessing at those of others.
        """
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.key_hash == hash_of(account)))
            if address is None:
                return
            connection.execute(
                update(table)
                .where(table.c.key_hash == hash_of(address), table.c.failures > 0)
                .values(failures=table.c.failures - 1, until=table.c.last_at)
            )

    def note_failure(self, user_id: int | None, *, now: datetime) -> None:
        """Write a wrong attempt to the audit.

        Parameters
        ----------
        user_id
            The account; None where there is none of that name.
        now
            Aware.
        """
        with writing(self._engine) as connection:
            detail = {"account": user_id or 0}
            audit.append(connection, at=now, act="login_failed", detail=detail, changes=False)
