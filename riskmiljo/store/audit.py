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
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, insert, select, type_coerce, update

from riskmiljo.errors import InvalidInputError
from riskmiljo.store.tables import audit, audit_head, micros
from riskmiljo.wording import Text

GENESIS: Final = "0" * 64

_AT_A_TIME: Final = 5000

Detail = Mapping[str, str | int]


def append(
    connection: Connection,
    *,
    at: datetime,
    act: str,
    detail: Detail,
    user: int | None = None,
    changes: bool = True,
    maps: bool = True,
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
    user
        Who did it, put to the detail; None for the command line, and where nobody logs in.
    changes
        Whether the act changed what pages show. A login, or a reading that is only written down,
        does not: what is kept in caches stays good (`last_change`).
    maps
        Whether it changed what maps are drawn from. A visit, an answer, a plan or with whom it is
        shared, an operation or a kept result does not.
    """
    last_seq, last_hash = head(connection)
    seq = last_seq + 1
    told = detail if user is None else {**detail, "user": user}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    link = _link(last_hash, seq, micros(at), act, text)
    connection.execute(insert(audit).values(seq=seq, at=at, act=act, detail=text, hash=link))
    moved: dict[str, int | str] = {"seq": seq, "hash": link}
    if changes:
        moved |= {"change_seq": seq, "change_hash": link}
    if changes and maps:
        moved |= {"picture_seq": seq, "picture_hash": link}
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


def last_map_change(connection: Connection) -> tuple[int, str]:
    """Return the number and the hash of the last row that tells of a change to what maps rest on.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    tuple of int and str
        ``(0, "00…")`` for a store to which nothing was done.
    """
    row = connection.execute(select(audit_head.c.picture_seq, audit_head.c.picture_hash)).one()
    return int(row.picture_seq), str(row.picture_hash)


def faults(connection: Connection, *, noted: str = "") -> list[Text]:
    """Follow the chain from its first row to its head.

    Parameters
    ----------
    connection
        Any connection to the store.
    noted
        A `Store.seal` that was kept elsewhere: who may write the file can cut the chain and move
        its head, but not bring back a hash. Empty for none.

    Returns
    -------
    list of Text
        One sentence for each row that was changed or moved and each gap; empty when the chain
        is whole.

    Raises
    ------
    InvalidInputError
        If the noted text is no seal.
    """
    found: list[Text] = []
    wanted = _seal(noted) if noted else (0, GENESIS)
    kept = {0: GENESIS}
    (head_seq, head_hash), *changes = _marks(connection)
    kept_seqs = {wanted[0], *(mark[0] for mark in changes)}
    seq, last = 0, GENESIS
    # As it stands in the file: what was put there instead need not be a time at all.
    at = type_coerce(audit.c.at, Integer)
    rows = select(audit.c.seq, at.label("at"), audit.c.act, audit.c.detail, audit.c.hash)
    streamed = connection.execution_options(yield_per=_AT_A_TIME)
    for row in streamed.execute(rows.order_by(audit.c.seq)):
        if row.seq != seq + 1:
            found.append(_gap(seq + 1, row.seq - 1))
        elif row.hash != _link(last, row.seq, row.at, row.act, row.detail):
            found.append(
                Text(
                    "Loggrad {n} har ändrats eller flyttats.",
                    "Audit row {n} was changed or moved.",
                ).fill(n=row.seq)
            )
        seq, last = row.seq, row.hash
        if seq in kept_seqs:
            kept[seq] = last
    if head_seq > seq:
        found.append(_gap(seq + 1, head_seq))
    elif (head_seq, head_hash) != (seq, last) or any(
        kept.get(number) != link for number, link in changes
    ):
        found.append(
            Text(
                "Loggens sista rad stämmer inte med dess slutmärke.",
                "The last audit row does not agree with the end mark.",
            )
        )
    if kept.get(wanted[0]) != wanted[1]:
        found.append(
            Text(
                "Loggen är inte den som sigillet från rad {n} togs på: rader har tagits bort i "
                "slutet, eller hela kedjan har skrivits om.",
                "The audit is not the one of which the seal at row {n} was taken: rows were "
                "removed at its end, or the whole chain was written anew.",
            ).fill(n=wanted[0])
        )
    return found


def _marks(connection: Connection) -> list[tuple[int, str]]:
    """Return the head and the last changes; what agrees with nothing where a mark is missing."""
    names = [("seq", "hash"), ("change_seq", "change_hash"), ("picture_seq", "picture_hash")]
    rows = connection.execute(select(audit_head)).mappings().all()
    if len(rows) != 1:
        return [(-1, "")] * len(names)
    return [(rows[0][seq], rows[0][link]) for seq, link in names]


def _seal(text: str) -> tuple[int, str]:
    match = re.fullmatch(r"([0-9]{1,18})-([0-9a-f]{64})", text.strip())
    if match is None:
        raise InvalidInputError(
            Text(
                "{t!r} är inget sigill. Ange det som riskmiljo audit verify skrev ut.",
                "{t!r} is no seal. Give the one that riskmiljo audit verify printed.",
            ).fill(t=text[:80])
        )
    return int(match[1]), match[2]


def _link(previous: str, seq: int, at: Any, act: Any, detail: Any) -> str:
    # JSON keeps the fields apart: no two rows have the same text. Somebody may have put bytes in
    # the place of a text.
    row = json.dumps([seq, at, act, detail], separators=(",", ":"), default=repr)
    return hashlib.sha256(f"{previous}|{row}".encode()).hexdigest()


def _gap(first: int, last: int) -> Text:
    if first == last:
        return Text("Loggrad {a} saknas.", "Audit row {a} is missing.").fill(a=first)
    return Text("Loggraderna {a} till {b} saknas.", "The audit rows {a} to {b} are missing.").fill(
        a=first, b=last
    )
