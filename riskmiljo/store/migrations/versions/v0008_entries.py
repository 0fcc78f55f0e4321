"""Presence by the entry that brought it, passwords that must be changed, and what maps rest on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and columns of revision 0008."""
    op.add_column(
        "account", sa.Column("must_change", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "presence_entry",
        sa.Column("entry_id", _NUMBER, nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("entry_id", name="pk_presence_entry"),
        sqlite_autoincrement=True,
    )
    op.add_column("presence", sa.Column("entry_id", _NUMBER))
    op.create_index("ix_presence_entry_id", "presence", ["entry_id"])
    # Until the first act after this one, maps rest on whatever was done last.
    for name, kind in (("picture_seq", sa.BigInteger()), ("picture_hash", sa.String(64))):
        empty = "0" if name == "picture_seq" else "0" * 64
        op.add_column("audit_head", sa.Column(name, kind, nullable=False, server_default=empty))
    op.execute("UPDATE audit_head SET picture_seq = change_seq, picture_hash = change_hash")
