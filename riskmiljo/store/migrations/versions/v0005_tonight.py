"""What a plan rests on, with whom it is shared, and what crews answer to its stops."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of revision 0005."""
    op.add_column("plan", sa.Column("rests_on", sa.String(16), nullable=False, server_default=""))
    op.create_table(
        "plan_share",
        _number("plan_id"),
        sa.Column("role", sa.String(16), nullable=False),
        _instant("shared_at"),
        sa.PrimaryKeyConstraint("plan_id", "role", name="pk_plan_share"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.plan_id"], name="fk_plan_share_plan_id"),
    )
    op.create_table(
        "feedback",
        _number("feedback_id"),
        _number("plan_id"),
        sa.Column("stop_id", sa.String(96), nullable=False),
        sa.Column("stop", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("crew_kind", sa.String(32), nullable=False),
        _instant("noted_at"),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback"),
        sa.UniqueConstraint(
            "plan_id",
            "stop_id",
            "reason",
            "crew_kind",
            "noted_at",
            name="uq_feedback_plan_id_stop_id_reason_crew_kind_noted_at",
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.plan_id"], name="fk_feedback_plan_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_noted_at", "feedback", ["noted_at"])


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
