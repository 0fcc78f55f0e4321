"""Shift plans as they were made, changed and handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from riskmiljo.errors import NothingFoundError
from riskmiljo.model.plan import Plan
from riskmiljo.model.plan_record import plan_of, plan_record
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import plan as table
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a list of plans shows.

    Attributes
    ----------
    plan_id
        Its number.
    made_at, begins, ends
        When it was made, and the shift (UTC).
    crews, visits
        How many.
    replaced
        Whether a later plan stands in its place.
    """

    plan_id: int
    made_at: datetime
    begins: datetime
    ends: datetime
    crews: int
    visits: int
    replaced: bool


class Plans:
    """The plans of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, plan: Plan, *, now: datetime, replaces: int | None = None) -> int:
        """Keep a plan.

        Parameters
        ----------
        plan
            The plan.
        now
            Aware.
        replaces
            The plan in whose place it stands.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        NothingFoundError
            If the plan to replace does not exist.
        """
        visits = sum(len(route.visits) for route in plan.routes)
        with writing(self._engine) as connection:
            made = connection.execute(
                insert(table).values(
                    made_at=now,
                    begins=plan.shift.period.start,
                    ends=plan.shift.period.end,
                    crews=len(plan.routes),
                    visits=visits,
                    body=plan_record(plan),
                )
            )
            (plan_id,) = made.inserted_primary_key or (0,)
            if replaces is not None:
                changed = connection.execute(
                    update(table).where(table.c.plan_id == replaces).values(replaced_by=plan_id)
                )
                if changed.rowcount == 0:
                    raise _unknown(replaces)
            detail = {"plan": int(plan_id), "crews": len(plan.routes), "visits": visits}
            audit.append(connection, at=now, act="plan", detail=detail)
            return int(plan_id)

    def get(self, plan_id: int) -> Plan:
        """Return one plan.

        Parameters
        ----------
        plan_id
            Its number.

        Returns
        -------
        Plan
            As it was made.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        with reading(self._engine) as connection:
            wanted = select(table.c.body).where(table.c.plan_id == plan_id)
            record = connection.execute(wanted).scalar()
        if record is None:
            raise _unknown(plan_id)
        return plan_of(record)

    def successor(self, plan_id: int) -> int | None:
        """Return the plan that stands in the place of another.

        Parameters
        ----------
        plan_id
            The number of the other.

        Returns
        -------
        int or None
            None while it has not been replaced.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        with reading(self._engine) as connection:
            wanted = select(table.c.replaced_by).where(table.c.plan_id == plan_id)
            found = connection.execute(wanted).one_or_none()
        if found is None:
            raise _unknown(plan_id)
        return None if found.replaced_by is None else int(found.replaced_by)

    def latest(self, *, most: int = 50) -> tuple[PlanRow, ...]:
        """Return the plans made last, newest first.

        Parameters
        ----------
        most
            No more than this.

        Returns
        -------
        tuple of PlanRow
            Replaced ones too.
        """
        columns = ("plan_id", "made_at", "begins", "ends", "crews", "visits", "replaced_by")
        wanted = select(*(table.c[name] for name in columns)).order_by(table.c.plan_id.desc())
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(most)).all()
        return tuple(
            PlanRow(
                plan_id=row.plan_id,
                made_at=row.made_at,
                begins=row.begins,
                ends=row.ends,
                crews=row.crews,
                visits=row.visits,
                replaced=row.replaced_by is not None,
            )
            for row in rows
        )


def _unknown(plan_id: int) -> NothingFoundError:
    return NothingFoundError(
        Text("Planen {n} finns inte.", "There is no plan {n}.").fill(n=plan_id)
    )
