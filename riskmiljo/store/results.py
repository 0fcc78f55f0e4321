"""Results of long runs, kept with what they were made of: back-tests and evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, insert, select, update

from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import result as table

# Kinds that begin so were told to the joint picture: for good, so that no purge takes them.
RELEASED: Final = "released_"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One kept result.

    Attributes
    ----------
    result_id
        Its number.
    kind
        Such as ``backtest``.
    made_at
        When (UTC).
    data_version
        `Store.version` as it was before.
    parameters, body
        What it was made with, and the result; JSON.
    """

    result_id: int
    kind: str
    made_at: datetime
    data_version: str
    parameters: dict[str, Any]
    body: dict[str, Any]


class Results:
    """The results of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        kind: str,
        *,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any],
        now: datetime,
    ) -> int:
        """Keep a result.

        Parameters
        ----------
        kind
            A word of ours, such as ``backtest``; it is written to the audit.
        parameters
            What it was made with; JSON.
        body
            The result; JSON.
        now
            Aware.

        Returns
        -------
        int
            Its number.
        """
        with writing(self._engine) as connection:
            seq, link = audit.head(connection)
            made = connection.execute(
                insert(table).values(
                    kind=kind,
                    made_at=now,
                    data_version=f"{seq}-{link}",
                    parameters=dict(parameters),
                    body=dict(body),
                )
            )
            (number,) = made.inserted_primary_key or (0,)
            detail: dict[str, str | int] = {"result": int(number), "what": kind}
            audit.append(connection, at=now, act="result", detail=detail, maps=False)
            return int(number)

    def update(self, result_id: int, *, body: Mapping[str, Any]) -> None:
        """Put more in the place of what a run had so far.

        Parameters
        ----------
        result_id
            Its number. That it was begun is in the audit; what it has done so far is not.
        body
            The result; JSON.
        """
        with writing(self._engine) as connection:
            connection.execute(
                update(table).where(table.c.result_id == result_id).values(body=dict(body))
            )

    def latest(self, kind: str) -> ResultRow | None:
        """Return the result of a kind that was kept last.

        Parameters
        ----------
        kind
            Such as ``backtest``.

        Returns
        -------
        ResultRow or None
            None while there is none.
        """
        with reading(self._engine) as connection:
            row = connection.execute(_newest(kind).limit(1)).one_or_none()
        return None if row is None else _kept(row)

    def all(self, kind: str) -> tuple[ResultRow, ...]:
        """Return every result of a kind, the latest first.

        Parameters
        ----------
        kind
            Such as ``effect``.

        Returns
        -------
        tuple of ResultRow
            Empty while there is none.
        """
        with reading(self._engine) as connection:
            return tuple(_kept(row) for row in connection.execute(_newest(kind)).all())


def _newest(kind: str) -> Select[Any]:
    return select(table).where(table.c.kind == kind).order_by(table.c.result_id.desc())


def _kept(row: Row[Any]) -> ResultRow:
    return ResultRow(
        row.result_id, row.kind, row.made_at, row.data_version, row.parameters, row.body
    )
