"""Shift plans as they were made, changed and handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, insert, literal, select, update

from riskmiljo.errors import NothingFoundError
from riskmiljo.model.plan import Plan
from riskmiljo.model.plan_record import plan_of, plan_record
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import plan as table
from riskmiljo.store.tables import plan_share as shared
from riskmiljo.wording import Text

# Without the body, which only the plan itself needs.
_ROWS: Final = select(
    table.c.plan_id,
    table.c.made_at,
    table.c.begins,
    table.c.ends,
    table.c.crews,
    table.c.visits,
    table.c.replaced_by,
    table.c.rests_on,
)


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
    rests_on
        Which incidents it was made of: see `Plans.add`.
    """

    plan_id: int
    made_at: datetime
    begins: datetime
    ends: datetime
    crews: int
    visits: int
    replaced: bool
    rests_on: str = ""


class Plans:
    """The plans of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        plan: Plan,
        *,
        now: datetime,
        replaces: int | None = None,
        rests_on: str = "",
        user: int | None = None,
    ) -> int:
        """Keep a plan.

        Parameters
        ----------
        plan
            The plan.
        now
            Aware.
        replaces
            The plan in whose place it stands; whom that was shared with, this is shared with.
        rests_on
            Which incidents it was made of: ``"joint"``, a role whose own they are, or empty where
            nobody had logged in.
        user
            Who keeps it; None for the command line and where nobody has logged in. It stands in
            the audit alone.

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
                    rests_on=rests_on,
                )
            )
            (plan_id,) = made.inserted_primary_key or (0,)
            if replaces is not None:
                changed = connection.execute(
                    update(table).where(table.c.plan_id == replaces).values(replaced_by=plan_id)
                )
                if changed.rowcount == 0:
                    raise unknown_plan(replaces)
                shares = select(literal(plan_id), shared.c.role, shared.c.shared_at)
                connection.execute(
                    insert(shared).from_select(
                        ["plan_id", "role", "shared_at"],
                        shares.where(shared.c.plan_id == replaces),
                    )
                )
            detail = {"plan": int(plan_id), "crews": len(plan.routes), "visits": visits}
            audit.append(connection, at=now, act="plan", detail=detail, user=user, maps=False)
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
            raise unknown_plan(plan_id)
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
            raise unknown_plan(plan_id)
        return None if found.replaced_by is None else int(found.replaced_by)

    def row(self, plan_id: int) -> PlanRow:
        """Return what a list shows of one plan.

        Parameters
        ----------
        plan_id
            Its number.

        Returns
        -------
        PlanRow
            Without its body.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        with reading(self._engine) as connection:
            found = connection.execute(_ROWS.where(table.c.plan_id == plan_id)).one_or_none()
        if found is None:
            raise unknown_plan(plan_id)
        return _row(found)

    def of_shift(self, begins: datetime, ends: datetime) -> tuple[PlanRow, ...]:
        """Return the plans in force for any part of a time, the earliest shift first.

        Parameters
        ----------
        begins, ends
            Aware.

        Returns
        -------
        tuple of PlanRow
            Those that have not been replaced; of one shift the plan made last comes first.
        """
        wanted = _ROWS.where(
            table.c.begins < ends, table.c.ends > begins, table.c.replaced_by.is_(None)
        ).order_by(table.c.begins, table.c.plan_id.desc())
        with reading(self._engine) as connection:
            return tuple(_row(found) for found in connection.execute(wanted))

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
        wanted = _ROWS.order_by(table.c.plan_id.desc()).limit(most)
        with reading(self._engine) as connection:
            return tuple(_row(found) for found in connection.execute(wanted))

    def of_nobody(self, since: datetime) -> tuple[PlanRow, ...]:
        """Return the plans that were made without a login, the earliest shift first.

        Parameters
        ----------
        since
            Aware; shifts that were over by then are left out.

        Returns
        -------
        tuple of PlanRow
            Those that have not been replaced. With accounts they open to nobody.
        """
        wanted = _ROWS.where(
            table.c.rests_on == "", table.c.ends > since, table.c.replaced_by.is_(None)
        ).order_by(table.c.begins, table.c.plan_id)
        with reading(self._engine) as connection:
            return tuple(_row(found) for found in connection.execute(wanted))


def _row(found: Any) -> PlanRow:
    return PlanRow(
        plan_id=found.plan_id,
        made_at=found.made_at,
        begins=found.begins,
        ends=found.ends,
        crews=found.crews,
        visits=found.visits,
        replaced=found.replaced_by is not None,
        rests_on=found.rests_on,
    )


def unknown_plan(plan_id: int) -> NothingFoundError:
    """Return the error that says that there is no such plan.

    Parameters
    ----------
    plan_id
        The number asked for.

    Returns
    -------
    NothingFoundError
        To be raised.
    """
    return NothingFoundError(
        Text("Planen {n} finns inte.", "There is no plan {n}.").fill(n=plan_id)
    )
