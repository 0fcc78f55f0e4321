"""What the organisation's provider asks for when somebody logs out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the column of revision 0015."""
    op.add_column("login", sa.Column("id_token", sa.Text(), nullable=True))
