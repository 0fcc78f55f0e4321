"""Purging: what is older than a day is taken out for good, and the audit has how many rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, or_, select

from riskmiljo.store import audit
from riskmiljo.store.results import RELEASED
from riskmiljo.store.tables import batch, incident, micros, presence, redelivery, result
from riskmiljo.store.zones import drop_sets_before


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows a purge takes out.

    Attributes
    ----------
    incidents
        Incidents that began before the day.
    batches
        Imports of which nothing is left.
    presence
        Rows of presence that began before the day.
    results
        Results that were kept before the day, but for what was told to the joint picture.
    zone_sets
        Sets of zones that were found in incidents from before the day alone.
    """

    incidents: int
    batches: int
    presence: int
    results: int
    zone_sets: int


def purge_rows(connection: Connection, before: datetime, *, at: datetime, user: int) -> Purged:
    """Take out what is older than a day.

    Parameters
    ----------
    connection
        In a writing transaction; what is deleted is overwritten with zeros (``secure_delete``).
    before
        The first instant that stays; aware.
    at
        When the purge is made; aware.
    user
        The account that does it; 0 for the command line.

    Returns
    -------
    Purged
        How many rows were taken out.
    """
    old = incident.c.occurred_from < micros(before)
    keys = select(incident.c.key).where(old)
    # Names of files may tell of persons: an import of which nothing is left goes too.
    touched = set(connection.execute(select(incident.c.batch_id).where(old).distinct()).scalars())
    again = select(redelivery.c.batch_id).where(redelivery.c.key.in_(keys)).distinct()
    touched |= set(connection.execute(again).scalars())
    connection.execute(delete(redelivery).where(redelivery.c.key.in_(keys)))
    incidents = _deleted(connection, incident, old)
    holds_none = ~exists().where(incident.c.batch_id == batch.c.batch_id) & ~exists().where(
        redelivery.c.batch_id == batch.c.batch_id
    )
    spent = or_(batch.c.imported_at < before, batch.c.batch_id.in_(sorted(touched)))
    # Told anew, of what is left or with another rounding, it would show what it was told to hide.
    told = result.c.kind.startswith(RELEASED, autoescape=True)
    done = Purged(
        incidents=incidents,
        batches=_deleted(connection, batch, holds_none & spent),
        presence=_deleted(connection, presence, presence.c.begins < micros(before)),
        results=_deleted(connection, result, (result.c.made_at < before) & ~told),
        zone_sets=drop_sets_before(connection, before),
    )
    detail: dict[str, str | int] = {"before": before.isoformat(), "user": user, **asdict(done)}
    audit.append(connection, at=at, act="purge", detail=detail)
    return done


def _deleted(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    # Counted first: SQLite tells no number where it empties a table at one stroke.
    number = connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    connection.execute(delete(table).where(which))
    return int(number)
