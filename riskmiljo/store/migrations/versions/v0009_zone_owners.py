"""Whose incidents a set of zones was found in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# Earlier sets were found in everyone's incidents.
_EVERYONE = "municipality,police,social"


def upgrade() -> None:
    """Make the column of revision 0009."""
    op.add_column(
        "zone_set", sa.Column("owners", sa.String(96), nullable=False, server_default=_EVERYONE)
    )
