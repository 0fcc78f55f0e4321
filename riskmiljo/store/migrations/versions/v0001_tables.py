"""The first tables: area, batches with incidents, zones, presence, streets and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables of revision 0001."""
    _settings()
    _incidents()
    _zones()
    _presence_and_streets()
    _audit()


def _settings() -> None:
    op.create_table(
        "area",
        _one("area"),
        _text("name", 200),
        _real("west"),
        _real("south"),
        _real("east"),
        _real("north"),
        sa.Column("epsg", sa.Integer(), nullable=False),
        _text("tz", 64),
        sa.PrimaryKeyConstraint("one", name="pk_area"),
    )
    op.create_table(
        "flag",
        _text("name", 64),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_flag"),
    )


def _incidents() -> None:
    op.create_table(
        "batch",
        _number("batch_id"),
        sa.Column("file_name", sa.Text(), nullable=False),
        _text("sha256", 64),
        _text("source", 32),
        sa.Column("receipt", sa.JSON(), nullable=False),
        _instant("imported_at"),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("undone_at", _INSTANT),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batch"),
        sqlite_autoincrement=True,
    )
    live = sa.text("undone_at IS NULL")
    op.create_index(
        "ix_batch_live_file",
        "batch",
        ["sha256"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "incident",
        _number("key"),
        _number("batch_id"),
        _text("incident_id", 200),
        _instant("occurred_from"),
        _instant("occurred_to"),
        _text("category", 32),
        _text("detection", 32),
        _text("owner", 32),
        _text("source", 32),
        _instant("registered_at"),
        _text("age_band", 32),
        _real("weight"),
        _real("precision_m"),
        sa.Column("restricted_to", sa.Text()),
        _real("x"),
        _real("y"),
        sa.PrimaryKeyConstraint("key", name="pk_incident"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name="fk_incident_batch_id"),
        sa.UniqueConstraint("incident_id", "source", name="uq_incident_incident_id_source"),
    )
    op.create_index("ix_incident_batch_id", "incident", ["batch_id"])
    op.create_index("ix_incident_occurred_from", "incident", ["occurred_from"])
    op.create_table(
        "redelivery",
        _number("key"),
        _number("batch_id"),
        sa.PrimaryKeyConstraint("key", "batch_id", name="pk_redelivery"),
        sa.ForeignKeyConstraint(
            ["key"], ["incident.key"], name="fk_redelivery_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name="fk_redelivery_batch_id"),
    )
    op.create_index("ix_redelivery_batch_id", "redelivery", ["batch_id"])


def _zones() -> None:
    op.create_table(
        "zone_set",
        _number("set_id"),
        _instant("created_at"),
        _instant("period_start"),
        _instant("period_end"),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("set_id", name="pk_zone_set"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "zone",
        _number("set_id"),
        _text("zone_id", 64),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _real("incidents"),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        _real("area_ha"),
        _real("per_ha_week"),
        _real("share"),
        sa.Column("reported", sa.BigInteger(), nullable=False),
        sa.Column("discovered", sa.BigInteger(), nullable=False),
        sa.Column("stability", sa.Double()),
        _text("parent_id", 64),
        _text("status", 32),
        _instant("first_seen"),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("set_id", "zone_id", name="pk_zone"),
        sa.ForeignKeyConstraint(["set_id"], ["zone_set.set_id"], name="fk_zone_set_id"),
    )
    op.create_table(
        "zone_name",
        _text("zone_id", 64),
        sa.Column("name", sa.Text(), nullable=False),
        _instant("renamed_at"),
        sa.PrimaryKeyConstraint("zone_id", name="pk_zone_name"),
    )


def _presence_and_streets() -> None:
    op.create_table(
        "presence",
        _number("presence_id"),
        _instant("begins"),
        _instant("ends"),
        _real("minutes"),
        _text("crew_kind", 32),
        _text("source", 32),
        _real("x"),
        _real("y"),
        sa.PrimaryKeyConstraint("presence_id", name="pk_presence"),
    )
    op.create_index("ix_presence_begins", "presence", ["begins"])
    op.create_table(
        "street",
        _number("street_id"),
        sa.Column("name", sa.Text(), nullable=False),
        _text("kind", 64),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("street_id", name="pk_street"),
    )
    op.create_table(
        "street_source",
        _one("street_source"),
        sa.Column("source", sa.Text(), nullable=False),
        _instant("saved_at"),
        sa.PrimaryKeyConstraint("one", name="pk_street_source"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        _instant("at"),
        _text("act", 32),
        sa.Column("detail", sa.Text(), nullable=False),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    head = op.create_table(
        "audit_head",
        _one("audit_head"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("one", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"one": 1, "seq": 0, "hash": "0" * 64}])
    # Append-only, also against a slip of ours.
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit table is append-only'); END"
        )


def _one(table: str) -> sa.Column[int]:
    """Return the key of a table that has one row only."""
    single = sa.CheckConstraint("one = 1", name=op.f(f"ck_{table}_single"))
    return sa.Column("one", sa.Integer(), single, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, _INSTANT, nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _real(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False)
