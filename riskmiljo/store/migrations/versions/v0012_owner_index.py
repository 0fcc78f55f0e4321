"""An index for those who read one owner's incidents."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the index of revision 0012."""
    op.create_index("ix_incident_owner_occurred_from", "incident", ["owner", "occurred_from"])
