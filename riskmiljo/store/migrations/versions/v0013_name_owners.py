"""Whose readers a zone's name is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_EVERYONE = "municipality,police,social"
_JOINT_ZONE = "zg"


def upgrade() -> None:
    """Make the table anew: zones of several groups of owners at one place have the same id.

    A name stays with the one group that follows the zone. Where several do, nobody knows whose it
    was, and it stays with those who read everyone's incidents.
    """
    names = op.get_bind().execute(sa.text("SELECT zone_id, name, renamed_at FROM zone_name")).all()
    known: dict[str, set[str]] = {}
    for zone_id, owners in op.get_bind().execute(
        sa.text(
            "SELECT zone.zone_id, zone_set.owners FROM zone JOIN zone_set "
            "ON zone_set.set_id = zone.set_id UNION SELECT zone_id, owners FROM drawn_zone"
        )
    ):
        known.setdefault(zone_id, set()).add(owners)
    op.drop_table("zone_name")
    table = op.create_table(
        "zone_name",
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("owners", sa.String(96), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("renamed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("zone_id", "owners", name="pk_zone_name"),
    )
    rows = []
    for zone_id, name, renamed_at in names:
        groups = known.get(zone_id, set())
        parts = groups - {_EVERYONE}
        whose = parts if len(parts) == 1 else set()
        if zone_id.startswith(_JOINT_ZONE) or _EVERYONE in groups or not whose:
            whose = whose | {_EVERYONE}
        rows += [
            {"zone_id": zone_id, "owners": one, "name": name, "renamed_at": renamed_at}
            for one in sorted(whose)
        ]
    if rows:
        op.bulk_insert(table, rows)
