"""Batches: what one file brought in, as a whole, and how it is taken out again, as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, exists, func, insert, select, update

from riskmiljo.errors import NothingFoundError
from riskmiljo.store.columns import write_columns
from riskmiljo.store.incidents import insert_incidents, refuse_conflicts, stored_twins
from riskmiljo.store.tables import batch, incident, redelivery
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What an import did.

    Parameters
    ----------
    batch_id
        The batch; the earlier one when the same file was imported before.
    added
        Incidents that are new.
    known
        Incidents that were there already with the same content.
    conflicts
        Incidents that were there with other content. They refuse the whole batch, so that a
        result always has 0.
    """

    batch_id: int
    added: int
    known: int
    conflicts: int = 0


def live_batch(connection: Connection, sha256: str) -> int | None:
    """Return the batch in which a file was imported and not undone.

    Parameters
    ----------
    connection
        Any connection to the store.
    sha256
        Of the file's bytes.

    Returns
    -------
    int or None
        The batch's number.
    """
    same = select(batch.c.batch_id).where(batch.c.sha256 == sha256, batch.c.undone_at.is_(None))
    found = connection.execute(same).scalar()
    return None if found is None else int(found)


def list_batches(connection: Connection) -> pd.DataFrame:
    """Return every batch, oldest first.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    pandas.DataFrame
        One row a batch, with the columns of the table; times in UTC, ``undone_at`` is missing
        for a batch that is still in.
    """
    rows = connection.execute(select(batch).order_by(batch.c.batch_id)).all()
    frame = pd.DataFrame(rows, columns=list(batch.c.keys()))
    for name in ("imported_at", "undone_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
    return frame


def owners_of(connection: Connection, batch_id: int) -> frozenset[str]:
    """Return whose incidents a batch holds.

    Parameters
    ----------
    connection
        Any connection to the store.
    batch_id
        The batch.

    Returns
    -------
    frozenset of str
        Empty for one that holds none.
    """
    mine = select(incident.c.owner).distinct().where(incident.c.batch_id == batch_id)
    return frozenset(str(owner) for owner in connection.execute(mine).scalars())


def add_batch(
    connection: Connection,
    incidents: gpd.GeoDataFrame,
    *,
    file_name: str,
    sha256: str,
    source: str,
    receipt: Mapping[str, Any],
    now: datetime,
) -> BatchResult:
    """Add what is new of a file that was not imported before.

    Parameters
    ----------
    connection
        In a writing transaction.
    incidents
        Checked against the contract, in the store's reference system.
    file_name, sha256, source, receipt
        The file, and what the intake says of it.
    now
        Aware.

    Returns
    -------
    BatchResult
        What was added and what was known.

    Raises
    ------
    RowsRefusedError
        If an incident is there already with other content.
    """
    twins = stored_twins(connection, incidents)
    refuse_conflicts(incidents, twins)
    fresh = np.ones(len(incidents), dtype=bool)
    fresh[twins["position"].to_numpy()] = False
    added, known = int(fresh.sum()), len(twins)
    made = connection.execute(
        insert(batch).values(
            file_name=file_name,
            sha256=sha256,
            source=source,
            receipt=dict(receipt),
            imported_at=now,
            added=added,
            known=known,
        )
    )
    (batch_id,) = made.inserted_primary_key or (0,)
    insert_incidents(connection, incidents[fresh], batch_id)
    again = {"key": twins["key"].to_numpy(), "batch_id": np.full(known, batch_id)}
    write_columns(connection, redelivery, again)
    return BatchResult(batch_id, added, known)


def remove_batch(connection: Connection, batch_id: int, now: datetime) -> int:
    """Take out what one batch alone delivered.

    Parameters
    ----------
    connection
        In a writing transaction.
    batch_id
        The batch.
    now
        Aware.

    Returns
    -------
    int
        How many incidents were removed. One that a later batch delivered too stays, and belongs
        to that batch from now on.

    Raises
    ------
    NothingFoundError
        If there is no such batch, or it was undone before.
    """
    undone = connection.execute(
        update(batch)
        .where(batch.c.batch_id == batch_id, batch.c.undone_at.is_(None))
        .values(undone_at=now)
    )
    if undone.rowcount == 0:
        raise NothingFoundError(
            Text(
                "Import {n} finns inte eller är redan ångrad.",
                "Import {n} does not exist or was undone already.",
            ).fill(n=batch_id)
        )
    connection.execute(delete(redelivery).where(redelivery.c.batch_id == batch_id))
    heir = (
        select(func.min(redelivery.c.batch_id))
        .where(redelivery.c.key == incident.c.key)
        .scalar_subquery()
    )
    mine = incident.c.batch_id == batch_id
    shared = exists().where(redelivery.c.key == incident.c.key)
    connection.execute(update(incident).where(mine, shared).values(batch_id=heir))
    # Whoever inherited an incident now owns it, and is no longer a second deliverer.
    connection.execute(
        delete(redelivery).where(
            exists().where(
                incident.c.key == redelivery.c.key, incident.c.batch_id == redelivery.c.batch_id
            )
        )
    )
    return int(connection.execute(delete(incident).where(mine)).rowcount)
