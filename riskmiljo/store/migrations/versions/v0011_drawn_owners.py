"""Whose readers a drawn zone is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# Earlier ones were for those who read everyone's incidents.
_EVERYONE = "municipality,police,social"


def upgrade() -> None:
    """Make the table anew: two groups of owners may each draw a zone of the same id."""
    columns = ("zone_id", "name", "geometry", "drawn_at")
    kept = op.get_bind().execute(sa.text(f"SELECT {', '.join(columns)} FROM drawn_zone")).all()  # noqa: S608 - constants
    op.drop_table("drawn_zone")
    table = op.create_table(
        "drawn_zone",
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("owners", sa.String(96), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("zone_id", "owners", name="pk_drawn_zone"),
    )
    rows = [{**dict(zip(columns, row, strict=True)), "owners": _EVERYONE} for row in kept]
    if rows:
        op.bulk_insert(table, rows)
