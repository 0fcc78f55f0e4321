"""The calendar: imported events, and changed days of the built-in ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of revision 0003."""
    op.create_table(
        "calendar_import",
        sa.Column("import_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        _instant("imported_at"),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("import_id", name="pk_calendar_import"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "calendar_event",
        sa.Column("import_id", _NUMBER, nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        _instant("begins"),
        _instant("ends"),
        sa.Column("all_day", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("called_off", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["calendar_import.import_id"],
            name="fk_calendar_event_import_id_calendar_import",
        ),
        sa.PrimaryKeyConstraint("import_id", "uid", "begins", name="pk_calendar_event"),
    )
    op.create_table(
        "calendar_change",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(10)),
        sa.Column("last_day", sa.String(10)),
        _instant("changed_at"),
        sa.PrimaryKeyConstraint("kind", "year", name="pk_calendar_change"),
    )


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
