"""The joint picture's released rows, decisions to release more, and the filters readers used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of revision 0006."""
    op.create_table(
        "release",
        _number("release_id"),
        _instant("made_at"),
        _instant("until"),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", name="pk_release"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "released_cell",
        _word("owners"),
        *_cell(),
        sa.PrimaryKeyConstraint("owners", "x0", "y0", name="pk_released_cell"),
    )
    op.create_table(
        "released_period",
        _word("owners"),
        _instant("begins"),
        _instant("ends"),
        _number("release_id"),
        sa.PrimaryKeyConstraint("owners", "begins", "ends", name="pk_released_period"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.release_id"], name="fk_released_period_release_id"
        ),
    )
    op.create_table(
        "released_row",
        _word("owners"),
        *_cell(),
        _instant("begins"),
        _instant("ends"),
        _word("margin"),
        sa.Column("value", sa.String(32), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "owners", "begins", "ends", "margin", "value", "x0", "y0", name="pk_released_row"
        ),
    )
    op.create_table(
        "release_decision",
        _number("decision_id"),
        _instant("at"),
        *(sa.Column(name, sa.String(32), nullable=False) for name in _WORDS),
        sa.PrimaryKeyConstraint("decision_id", name="pk_release_decision"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "filter_use",
        _number("user_id"),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("wider", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", "mark", name="pk_filter_use"),
    )


_WORDS = ("function", "ground", "recipient", "what")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(16), nullable=False)


def _cell() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in ("x0", "y0", "side_m")]
