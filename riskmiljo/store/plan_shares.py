"""With which roles plans are shared: decisions, each with its row in the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from riskmiljo.model.role import Role
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.plans import unknown_plan
from riskmiljo.store.tables import plan as plans
from riskmiljo.store.tables import plan_share as table


class PlanShares:
    """Who sees plans of others, in one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, plan_id: int, role: Role, *, now: datetime, user: int | None = None) -> None:
        """Share a plan with a role; doing so again changes nothing and is logged all the same.

        Parameters
        ----------
        plan_id
            The plan's number.
        role
            Who is to see its places and times.
        now
            Aware.
        user
            Who decided, for the audit; None where nobody had logged in.

        Raises
        ------
        NothingFoundError
            If there is no such plan.
        """
        with writing(self._engine) as connection:
            found = connection.execute(
                select(plans.c.plan_id).where(plans.c.plan_id == plan_id)
            ).scalar()
            if found is None:
                raise unknown_plan(plan_id)
            row = insert(table).values(plan_id=plan_id, role=str(role), shared_at=now)
            connection.execute(row.on_conflict_do_nothing())
            _note(connection, now, "share", plan_id, role, user)

    def remove(self, plan_id: int, role: Role, *, now: datetime, user: int | None = None) -> None:
        """Stop sharing a plan with a role.

        Parameters
        ----------
        plan_id
            The plan's number.
        role
            Who is no longer to see it.
        now
            Aware.
        user
            Who decided, for the audit; None where nobody had logged in.
        """
        with writing(self._engine) as connection:
            connection.execute(
                delete(table).where(table.c.plan_id == plan_id, table.c.role == str(role))
            )
            _note(connection, now, "unshare", plan_id, role, user)

    def roles(self, plan_id: int) -> frozenset[Role]:
        """Return with whom a plan is shared.

        Parameters
        ----------
        plan_id
            The plan's number.

        Returns
        -------
        frozenset of Role
            Empty for a plan that is shared with nobody, or does not exist.
        """
        with reading(self._engine) as connection:
            found = connection.execute(select(table.c.role).where(table.c.plan_id == plan_id))
            return frozenset(Role(role) for role in found.scalars())

    def plans(self, role: Role, *, since: datetime) -> tuple[int, ...]:
        """Return the plans that are shared with a role, the earliest shift first.

        Parameters
        ----------
        role
            Who asks.
        since
            Aware; shifts that were over by then are left out.

        Returns
        -------
        tuple of int
            Plans that have been replaced are left out: what replaced them is shared too.
        """
        wanted = (
            select(table.c.plan_id)
            .join(plans, plans.c.plan_id == table.c.plan_id)
            .where(table.c.role == str(role), plans.c.ends > since, plans.c.replaced_by.is_(None))
            .order_by(plans.c.begins, plans.c.plan_id)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(wanted).scalars())


def _note(
    connection: Connection, now: datetime, act: str, plan_id: int, role: Role, user: int | None
) -> None:
    detail: audit.Detail = {"plan": plan_id, "role": str(role)}
    audit.append(connection, at=now, act=act, detail=detail, user=user, maps=False)
