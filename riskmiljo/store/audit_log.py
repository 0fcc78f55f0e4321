"""The audit, to be read: rows by act, account and time, the latest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, or_, select

from riskmiljo.store.audit import append
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import audit

_AT_A_TIME: Final = 5000


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the audit.

    Attributes
    ----------
    seq
        Its number.
    at
        When (UTC).
    act
        A word for what was done.
    detail
        Ids, counts and words of closed lists. Empty where somebody made it unreadable.
    hash
        That of the chain.
    """

    seq: int
    at: datetime
    act: str
    detail: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """Which rows of the audit.

    Attributes
    ----------
    act
        Only this act; None for all.
    user_id
        Only what this account did, or what was done to it; None for all.
    since, until
        From when, and until when (that instant not included); aware. None for no limit.
    before
        Only rows with a lower number; None for no limit.
    """

    act: str | None = None
    user_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


class AuditLog:
    """The audit of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, question: AuditQuestion, *, most: int) -> tuple[AuditRow, ...]:
        """Return rows, the latest first.

        Parameters
        ----------
        question
            Which.
        most
            How many at most.

        Returns
        -------
        tuple of AuditRow
            Empty where there is none.
        """
        with reading(self._engine) as connection:
            newest = _asked(question).order_by(audit.c.seq.desc()).limit(most)
            return tuple(_row(row) for row in connection.execute(newest))

    def every(self, question: AuditQuestion) -> Iterator[AuditRow]:
        """Give every row, the earliest first, without holding them all.

        Parameters
        ----------
        question
            Which.

        Yields
        ------
        AuditRow
            In the order in which they were written.
        """
        with reading(self._engine) as connection:
            streamed = connection.execution_options(yield_per=_AT_A_TIME)
            for row in streamed.execute(_asked(question).order_by(audit.c.seq)):
                yield _row(row)

    def acts(self) -> tuple[str, ...]:
        """Return the acts that there are rows of, in the order of the alphabet."""
        with reading(self._engine) as connection:
            found = select(audit.c.act).distinct().order_by(audit.c.act)
            return tuple(connection.execute(found).scalars())

    def note_export(self, rows: int, *, now: datetime) -> None:
        """Write down that rows were taken out.

        Parameters
        ----------
        rows
            How many.
        now
            Aware.
        """
        with writing(self._engine) as connection:
            append(connection, at=now, act="audit_export", detail={"rows": rows}, changes=False)

    def latest(self, act: str) -> datetime | None:
        """Return when something was done last.

        Parameters
        ----------
        act
            What.

        Returns
        -------
        datetime.datetime or None
            UTC; None where it never was.
        """
        newest = self.rows(AuditQuestion(act=act), most=1)
        return newest[0].at if newest else None


def _asked(question: AuditQuestion) -> Select[Any]:
    wanted = select(audit)
    if question.act is not None:
        wanted = wanted.where(audit.c.act == question.act)
    if question.user_id is not None:
        # As `append` writes numbers: without blanks, followed by a comma or the end.
        wanted = wanted.where(
            or_(
                *(
                    audit.c.detail.contains(f'"{name}":{question.user_id}{end}', autoescape=True)
                    for name in ("user", "account")
                    for end in (",", "}")
                )
            )
        )
    if question.since is not None:
        wanted = wanted.where(audit.c.at >= question.since)
    if question.until is not None:
        wanted = wanted.where(audit.c.at < question.until)
    if question.before is not None:
        wanted = wanted.where(audit.c.seq < question.before)
    return wanted


def _row(row: Row[Any]) -> AuditRow:
    try:
        detail = json.loads(row.detail)
    except (ValueError, TypeError):
        detail = {}
    return AuditRow(row.seq, row.at, row.act, detail if isinstance(detail, dict) else {}, row.hash)
