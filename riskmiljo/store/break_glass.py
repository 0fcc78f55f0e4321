"""Emergency readings: an administrator reads one owner's incidents for a while, for a reason.

The reason is written by hand and stands here alone; the audit has who, whose and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import account
from riskmiljo.store.tables import break_glass as table
from riskmiljo.wording import Text

LASTS: Final = timedelta(minutes=15)
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """One emergency reading.

    Attributes
    ----------
    break_id
        Its number.
    user_id
        Whose it is.
    name
        The account's login name.
    owner
        Whose incidents are read.
    reason
        As it was written.
    begins, ends
        From when to when (UTC).
    """

    break_id: int
    user_id: int
    name: str
    owner: str
    reason: str
    begins: datetime
    ends: datetime


class BreakGlasses:
    """The emergency readings of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, user_id: int, key_hash: str, owner: str, reason: str, *, now: datetime) -> None:
        """Begin one; an earlier one of the same login ends.

        Parameters
        ----------
        user_id
            Who reads.
        key_hash
            The login that it holds for, and no other of the account.
        owner
            Whose incidents, a word of the vocabulary.
        reason
            10 to 300 characters.
        now
            Aware.

        Raises
        ------
        InvalidInputError
            If there is no such owner, or the reason is too short or too long.
        """
        plain = " ".join(reason.split())
        if owner not in OWNERS:
            raise InvalidInputError(
                Text("Välj vems händelser det gäller.", "Choose whose incidents it concerns.")
            )
        if not SHORTEST_REASON <= len(plain) <= LONGEST_REASON:
            raise InvalidInputError(
                Text(
                    "Skriv ett skäl med {a} till {b} tecken.",
                    "Write a reason of {a} to {b} characters.",
                ).fill(a=SHORTEST_REASON, b=LONGEST_REASON)
            )
        with writing(self._engine) as connection:
            _tell_ends(connection, table.c.ends <= now, now)
            _end(connection, table.c.key_hash == key_hash, now)
            made = connection.execute(
                insert(table).values(
                    user_id=user_id,
                    key_hash=key_hash,
                    owner=owner,
                    reason=plain,
                    begins=now,
                    ends=now + LASTS,
                    told_end=0,
                )
            )
            (number,) = made.inserted_primary_key or (0,)
            detail: dict[str, str | int] = {"break": int(number), "user": user_id, "owners": owner}
            audit.append(connection, at=now, act="break_begin", detail=detail, changes=False)

    def end(self, key_hash: str, *, now: datetime) -> None:
        """End the one of a login before its time.

        Parameters
        ----------
        key_hash
            The login's.
        now
            Aware.
        """
        with writing(self._engine) as connection:
            _end(connection, table.c.key_hash == key_hash, now)

    def of_login(self, key_hash: str, *, now: datetime) -> BreakGlass | None:
        """Return the one that holds for a login.

        Parameters
        ----------
        key_hash
            The login's.
        now
            Aware.

        Returns
        -------
        BreakGlass or None
            None where there is none, or it has ended.
        """
        found = self._found((table.c.key_hash == key_hash) & (table.c.ends > now), most=1)
        return found[0] if found else None

    def current(self, *, now: datetime) -> tuple[BreakGlass, ...]:
        """Return those that hold now; the audit gets a row for each that has ended since.

        Parameters
        ----------
        now
            Aware.

        Returns
        -------
        tuple of BreakGlass
            The latest first.
        """
        over = (table.c.told_end == 0) & (table.c.ends <= now)
        if self._found(over, most=1):
            with writing(self._engine) as connection:
                _tell_ends(connection, table.c.ends <= now, now)
        return self._found(table.c.ends > now)

    def latest(self, most: int) -> tuple[BreakGlass, ...]:
        """Return the latest ones, ended or not.

        Parameters
        ----------
        most
            How many at most.

        Returns
        -------
        tuple of BreakGlass
            The latest first.
        """
        return self._found(table.c.break_id > 0, most=most)

    def _found(self, which: ColumnElement[bool], *, most: int = 100) -> tuple[BreakGlass, ...]:
        wanted: Any = (
            select(table, account.c.name)
            .join(account, account.c.user_id == table.c.user_id)
            .where(which)
            .order_by(table.c.break_id.desc())
            .limit(most)
        )
        with reading(self._engine) as connection:
            return tuple(
                BreakGlass(
                    break_id=int(row.break_id),
                    user_id=int(row.user_id),
                    name=str(row.name),
                    owner=str(row.owner),
                    reason=str(row.reason),
                    begins=row.begins,
                    ends=row.ends,
                )
                for row in connection.execute(wanted)
            )


def _end(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    connection.execute(update(table).where(which, table.c.ends > now).values(ends=now))
    _tell_ends(connection, which, now)


def _tell_ends(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    untold = (table.c.told_end == 0) & (table.c.ends <= now)
    for row in connection.execute(select(table).where(which, untold)).all():
        detail: dict[str, str | int] = {
            "break": int(row.break_id),
            "user": int(row.user_id),
            "owners": str(row.owner),
        }
        audit.append(connection, at=now, act="break_end", detail=detail, changes=False)
    connection.execute(update(table).where(which, untold).values(told_end=1))
