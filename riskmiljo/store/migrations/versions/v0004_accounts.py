"""Accounts, logins, tokens and attempts; which audit row last told of a change."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of revision 0004."""
    op.create_table(
        "account",
        _number("user_id"),
        _text("name", 64),
        _text("name_key", 128),
        _text("role", 16),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("totp_secret", sa.String(64)),
        sa.Column("totp_offered", sa.String(64)),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("issuer", sa.String(255)),
        sa.Column("subject", sa.String(255)),
        _instant("created_at"),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", name="pk_account"),
        sa.UniqueConstraint("name_key", name="uq_account_name_key"),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "recovery_code",
        _text("code_hash", 64),
        _owner("recovery_code"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_code"),
    )
    op.create_table(
        "login",
        _text("key_hash", 64),
        _owner("login"),
        sa.Column("pending", sa.Integer(), nullable=False),
        _instant("made_at"),
        _instant("seen_at"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_login"),
    )
    op.create_table(
        "token",
        _number("token_id"),
        _owner("token"),
        _text("token_hash", 64),
        _instant("made_at"),
        _instant("expires_at"),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("token_id", name="pk_token"),
        sa.UniqueConstraint("token_hash", name="uq_token_token_hash"),
        sqlite_autoincrement=True,
    )
    for table in ("recovery_code", "login", "token"):
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])
    op.create_table(
        "attempt",
        _text("key_hash", 64),
        sa.Column("failures", sa.Integer(), nullable=False),
        _instant("last_at"),
        _instant("until"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_attempt"),
    )
    single = sa.CheckConstraint("one = 1", name=op.f("ck_site_secret_single"))
    secret = op.create_table(
        "site_secret",
        sa.Column("one", sa.Integer(), single, nullable=False),
        _text("value", 64),
        sa.PrimaryKeyConstraint("one", name="pk_site_secret"),
    )
    op.bulk_insert(secret, [{"one": 1, "value": secrets.token_hex(32)}])
    op.add_column(
        "audit_head", sa.Column("change_seq", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "audit_head",
        sa.Column("change_hash", sa.String(64), nullable=False, server_default="0" * 64),
    )
    op.execute("UPDATE audit_head SET change_seq = seq, change_hash = hash")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=False)


def _owner(table: str) -> sa.Column[int]:
    whose = sa.ForeignKey("account.user_id", name=f"fk_{table}_user_id")
    return sa.Column("user_id", _NUMBER, whose, nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)
