"""Plans, operations, results and drawn zones; more about zones and streets."""

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
        _number("plan_id"),
        _instant("made_at"),
        _instant("begins"),
        _instant("ends"),
        sa.Column("crews", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("replaced_by", _NUMBER),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plan"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "operation",
        _number("operation_id"),
        sa.Column("name", sa.Text(), nullable=False),
        _instant("begins"),
        _instant("ends"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        _instant("added_at"),
        sa.PrimaryKeyConstraint("operation_id", name="pk_operation"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "result",
        _number("result_id"),
        sa.Column("kind", sa.String(32), nullable=False),
        _instant("made_at"),
        sa.Column("data_version", sa.String(96), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("result_id", name="pk_result"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_result_kind", "result", ["kind"])
    op.create_table(
        "drawn_zone",
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        _instant("drawn_at"),
        sa.PrimaryKeyConstraint("zone_id", name="pk_drawn_zone"),
    )
    op.add_column("zone", sa.Column("details", sa.JSON()))
    for name, length in (("modes", 64), ("oneway", 8)):
        op.add_column(
            "street", sa.Column(name, sa.String(length), nullable=False, server_default="")
        )


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
