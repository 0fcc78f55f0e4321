"""Shift plans; who may use a street, and in which direction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of revision 0002."""
    op.create_table(
        "plan",
        sa.Column("plan_id", _NUMBER, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("crews", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("replaced_by", _NUMBER),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plan"),
        sqlite_autoincrement=True,
    )
    for name, length in (("modes", 64), ("oneway", 8)):
        op.add_column(
            "street", sa.Column(name, sa.String(length), nullable=False, server_default="")
        )
