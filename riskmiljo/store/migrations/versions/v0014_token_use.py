"""When a token was used last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the column of revision 0014."""
    op.add_column("token", sa.Column("used_at", sa.BigInteger(), nullable=True))
