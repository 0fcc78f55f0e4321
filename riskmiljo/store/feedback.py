"""What crews answered to the stops that were suggested to them; never who."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.dialects.sqlite import insert

from riskmiljo.model.feedback import Feedback
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import feedback as table


class FeedbackLog:
    """The answers of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, given: Feedback, *, now: datetime) -> bool:
        """Keep an answer.

        Parameters
        ----------
        given
            The answer; its plan is kept here.
        now
            Aware.

        Returns
        -------
        bool
            False where the very same answer (stop, reason, kind of crew, second) was kept before,
            as when a phone sends it twice.
        """
        with writing(self._engine) as connection:
            row = insert(table).values(**asdict(given)).on_conflict_do_nothing()
            if connection.execute(row).rowcount == 0:
                return False
            detail: dict[str, str | int] = {"plan": given.plan_id, "reason": given.reason}
            audit.append(connection, at=now, act="feedback", detail=detail, maps=False)
            return True

    def since(self, start: datetime, *, until: datetime | None = None) -> tuple[Feedback, ...]:
        """Return the answers of a time, earliest first.

        Parameters
        ----------
        start, until
            Aware; the end is not included, None is no end.

        Returns
        -------
        tuple of Feedback
            As they were given.
        """
        names = [field.name for field in fields(Feedback)]
        wanted = select(*(table.c[name] for name in names)).where(table.c.noted_at >= start)
        if until is not None:
            wanted = wanted.where(table.c.noted_at < until)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(table.c.noted_at, table.c.feedback_id))
            return tuple(Feedback(*row) for row in rows)
