"""Notes that users keep about zones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table of revision 0010."""
    op.create_table(
        "zone_note",
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("owners", sa.String(96), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("zone_id", "owners", name="pk_zone_note"),
    )
