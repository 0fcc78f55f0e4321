"""What a login is for, and readings of an owner's incidents by somebody who usually may not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of revision 0007."""
    op.add_column("login", sa.Column("purpose", sa.String(16)))
    op.create_table(
        "break_glass",
        sa.Column("break_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("told_end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.user_id"], name="fk_break_glass_user_id"),
        sa.PrimaryKeyConstraint("break_id", name="pk_break_glass"),
        sqlite_autoincrement=True,
    )
