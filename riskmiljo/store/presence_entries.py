"""What brought presence into the store, a noted stay or a file, and taking it out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    delete,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from riskmiljo.errors import NothingFoundError
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import Instant, micros, presence
from riskmiljo.store.tables import presence_entry as table
from riskmiljo.wording import Text

# Two visits nearer each other than this are at the same stop.
SAME_M: Final = 0.5


@dataclass(frozen=True, slots=True)
class PresenceEntry:
    """What brought presence, as far as it is still there.

    Attributes
    ----------
    entry_id
        Its number.
    added_at
        When (UTC).
    rows
        How many of its rows there are.
    begins, ends
        From when to when they reach (UTC).
    crew_kinds, sources
        Of whom they tell, and how that became known, in alphabetical order.
    """

    entry_id: int
    added_at: datetime
    rows: int
    begins: datetime
    ends: datetime
    crew_kinds: tuple[str, ...]
    sources: tuple[str, ...]


class PresenceEntries:
    """The entries of presence in one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self, *, most: int = 50, files: bool = False) -> tuple[PresenceEntry, ...]:
        """Return what brought presence that is still there, the latest first.

        Parameters
        ----------
        most
            No more than this.
        files
            Whether only what brought several rows, or was not noted on the spot.

        Returns
        -------
        tuple of PresenceEntry
            Without those that were undone, or purged.
        """
        wanted = _entries().order_by(table.c.entry_id.desc()).limit(most)
        if files:
            noted = func.max(presence.c.source) == func.min(presence.c.source)
            noted &= func.max(presence.c.source) == "checked_in"
            wanted = wanted.having((func.count() > 1) | ~noted)
        with reading(self._engine) as connection:
            return tuple(_entry(row) for row in connection.execute(wanted))

    def of_one(self, entries: Iterable[int]) -> frozenset[int]:
        """Return which entries brought one row, and no more.

        Parameters
        ----------
        entries
            Their numbers.

        Returns
        -------
        frozenset of int
            Some of them.
        """
        wanted = select(table.c.entry_id).where(
            table.c.entry_id.in_(set(entries)), table.c.rows == 1
        )
        with reading(self._engine) as connection:
            return frozenset(connection.execute(wanted).scalars())

    def get(self, entry_id: int) -> PresenceEntry:
        """Return one entry.

        Parameters
        ----------
        entry_id
            Its number.

        Returns
        -------
        PresenceEntry
            With what is left of it.

        Raises
        ------
        NothingFoundError
            If there is none, or nothing is left of it.
        """
        with reading(self._engine) as connection:
            found = connection.execute(_entries().where(table.c.entry_id == entry_id)).one_or_none()
        if found is None:
            raise unknown_entry(entry_id)
        return _entry(found)

    def undo(self, entry_id: int, *, now: datetime) -> int:
        """Take out what one entry brought, as a whole.

        Parameters
        ----------
        entry_id
            The entry.
        now
            Aware.

        Returns
        -------
        int
            How many rows were removed. The audit keeps the row of the entry beside this one's.

        Raises
        ------
        NothingFoundError
            If there is none, or nothing is left of it.
        """
        with writing(self._engine) as connection:
            removed = _take_out(connection, presence.c.entry_id == entry_id)
            if not removed:
                raise unknown_entry(entry_id)
            _told(connection, entry_id, removed, now)
            return removed

    def undo_stay(
        self, *, begins: datetime, crew_kind: str, x: float, y: float, now: datetime
    ) -> int:
        """Take out a stay that was noted by mistake.

        Parameters
        ----------
        begins
            When it began, to the second; aware.
        crew_kind
            Which kind of crew it was.
        x, y
            Where, metres, to within half a metre.
        now
            Aware.

        Returns
        -------
        int
            How many rows were removed; 0 where there is no such stay, as when a phone asks twice.
        """
        same = (
            (presence.c.begins == micros(begins))
            & (presence.c.crew_kind == crew_kind)
            & (presence.c.source == "checked_in")
            & presence.c.x.between(x - SAME_M, x + SAME_M)
            & presence.c.y.between(y - SAME_M, y + SAME_M)
        )
        with writing(self._engine) as connection:
            found = connection.execute(select(presence.c.entry_id).where(same)).scalars().all()
            if found:
                _take_out(connection, same)
                _told(connection, int(found[0] or 0), len(found), now)
            return len(found)


def new_entry(connection: Connection, rows: int, *, now: datetime) -> int:
    """Write down that presence is brought.

    Parameters
    ----------
    connection
        In the transaction that writes the presence.
    rows
        How many rows of it.
    now
        Aware.

    Returns
    -------
    int
        The entry's number, for its rows.
    """
    made = connection.execute(insert(table).values(added_at=now, rows=rows))
    (entry_id,) = made.inserted_primary_key or (0,)
    return int(entry_id)


def _take_out(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(delete(presence).where(which)).rowcount)


def _told(connection: Connection, entry_id: int, removed: int, now: datetime) -> None:
    left = select(presence.c.presence_id).where(presence.c.entry_id == entry_id)
    mine = (table.c.entry_id == entry_id) & ~left.exists()
    connection.execute(update(table).where(mine).values(undone_at=now))
    detail = {"entry": entry_id, "removed": removed}
    audit.append(connection, at=now, act="presence_undo", detail=detail, maps=False)


def _entries() -> Any:
    return (
        select(
            table.c.entry_id,
            table.c.added_at,
            func.count().label("rows"),
            type_coerce(func.min(presence.c.begins), Instant).label("begins"),
            type_coerce(func.max(presence.c.ends), Instant).label("ends"),
            func.group_concat(presence.c.crew_kind.distinct()).label("crew_kinds"),
            func.group_concat(presence.c.source.distinct()).label("sources"),
        )
        .join(presence, presence.c.entry_id == table.c.entry_id)
        .group_by(table.c.entry_id, table.c.added_at)
    )


def _entry(row: Row[Any]) -> PresenceEntry:
    return PresenceEntry(
        entry_id=int(row.entry_id),
        added_at=row.added_at,
        rows=int(row.rows),
        begins=row.begins,
        ends=row.ends,
        crew_kinds=tuple(sorted(row.crew_kinds.split(","))),
        sources=tuple(sorted(row.sources.split(","))),
    )


def unknown_entry(entry_id: int) -> NothingFoundError:
    """Return the error that says that there is no such entry, or nothing is left of it.

    Parameters
    ----------
    entry_id
        The number asked for.

    Returns
    -------
    NothingFoundError
        To be raised.
    """
    return NothingFoundError(
        Text(
            "Närvaron {n} finns inte eller är redan borttagen. Se riskmiljo presence list.",
            "The presence {n} does not exist or was taken out already. See riskmiljo presence "
            "list.",
        ).fill(n=entry_id)
    )
