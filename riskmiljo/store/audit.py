"""What was done to the store, in a chain that shows edits, deletions and reordering.

Each row's hash covers the row and the hash of the row before it; a head, moved in the same
transaction, tells which row is the last. Rows name acts and counts, never a coordinate and never
free text. A row that cannot be written fails the act it describes.

Someone who may write the file can also rewrite the whole chain with its head: against that helps
a copy of `Store.seal` kept elsewhere, for it holds the head.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from riskmiljo.store.tables import audit, audit_head, micros
from riskmiljo.wording import Text

GENESIS: Final = "0" * 64

Detail = Mapping[str, str | int]


def append(
    connection: Connection, *, at: datetime, act: str, detail: Detail, changes: bool = True
) -> None:
    """Write one row at the end of the chain.

    Parameters
    ----------
    connection
        In the transaction of the act itself.
    at
        When; an aware datetime.
    act
        A word for what was done, e.g. ``"import"``.
    detail
        Ids, counts and words of closed lists.
    changes
        Whether the act changed what pages show. A login, or a reading that is only written down,
        does not: what is kept in caches stays good (`last_change`).
    """
    last_seq, last_hash = head(connection)
    seq = last_seq + 1
    text = json.dumps(detail, sort_keys=True, separators=(",", ":"))
    link = _link(last_hash, seq, micros(at), act, text)
    connection.execute(insert(audit).values(seq=seq, at=at, act=act, detail=text, hash=link))
    moved: dict[str, int | str] = {"seq": seq, "hash": link}
    if changes:
        moved |= {"change_seq": seq, "change_hash": link}
    connection.execute(update(audit_head).values(moved))


def head(connection: Connection) -> tuple[int, str]:
    """Return the number and the hash of the last row.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    tuple of int and str
        ``(0, "00…")`` for a store to which nothing was done.
    """
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    return int(row.seq), str(row.hash)


def last_change(connection: Connection) -> tuple[int, str]:
    """Return the number and the hash of the last row that tells of a change to what pages show.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    tuple of int and str
        ``(0, "00…")`` for a store to which nothing was done.
    """
    row = connection.execute(select(audit_head.c.change_seq, audit_head.c.change_hash)).one()
    return int(row.change_seq), str(row.change_hash)


def faults(connection: Connection) -> list[Text]:
    """Follow the chain from its first row to its head.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    list of Text
        One sentence for each row that was changed or moved and each gap; empty when the chain
        is whole.
    """
    found: list[Text] = []
    seq, last = 0, GENESIS
    rows = select(audit.c.seq, audit.c.at, audit.c.act, audit.c.detail, audit.c.hash)
    for row in connection.execute(rows.order_by(audit.c.seq)):
        if row.seq != seq + 1:
            found.append(_gap(seq + 1, row.seq - 1))
        elif row.hash != _link(last, row.seq, micros(row.at), row.act, row.detail):
            found.append(
                Text(
                    "Loggrad {n} har ändrats eller flyttats.",
                    "Audit row {n} was changed or moved.",
                ).fill(n=row.seq)
            )
        seq, last = row.seq, row.hash
    head_seq, head_hash = head(connection)
    if head_seq > seq:
        found.append(_gap(seq + 1, head_seq))
    elif (head_seq, head_hash) != (seq, last):
        found.append(
            Text(
                "Loggens sista rad stämmer inte med dess slutmärke.",
                "The last audit row does not agree with the end mark.",
            )
        )
    return found


def _link(previous: str, seq: int, at: int, act: str, detail: str) -> str:
    # JSON keeps the fields apart: no two rows have the same text.
    row = json.dumps([seq, at, act, detail], separators=(",", ":"))
    return hashlib.sha256(f"{previous}|{row}".encode()).hexdigest()


def _gap(first: int, last: int) -> Text:
    return Text("Loggraderna {a} till {b} saknas.", "The audit rows {a} to {b} are missing.").fill(
        a=first, b=last
    )
