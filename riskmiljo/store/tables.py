"""The tables of the store, written once: queries and migrations are checked against them.

Three choices hold for all of them:

- Times are whole microseconds since 1970 in UTC. That is what the incident contract holds, it
  compares as a number, and no database can mistake its time zone.
- Points are two doubles in the metres of the store's area, not integer millimetres: what goes in
  comes out bit by bit, so that a question asked of the store and the same question asked of the
  frame that was imported can never differ at an edge. Where two deliveries are compared, a
  millimetre is allowed for (`riskmiljo.store.incidents`).
- Other geometries are WKB, for the same reason.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# Named by rule, so that a migration can name what it changes.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - given by SQLAlchemy
        """Turn an aware datetime into microseconds.

        Parameters
        ----------
        value
            What is about to be written; None stays None.
        dialect
            Of the database.

        Returns
        -------
        int or None
            Microseconds since 1970.
        """
        return None if value is None else micros(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - given by SQLAlchemy
        """Turn microseconds into an aware datetime in UTC.

        Parameters
        ----------
        value
            What was read; None stays None.
        dialect
            Of the database.

        Returns
        -------
        datetime.datetime or None
            Aware.
        """
        return None if value is None else _EPOCH + int(value) * _MICROSECOND


def micros(moment: datetime) -> int:
    """Return an aware datetime as whole microseconds since 1970.

    Parameters
    ----------
    moment
        An aware datetime.

    Returns
    -------
    int
        Exact: no float is involved.
    """
    return (moment - _EPOCH) // _MICROSECOND


# SQLite numbers rows by itself only where the key's type is spelled INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


area = Table(
    "area",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="single"), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("west", Double, nullable=False),
    Column("south", Double, nullable=False),
    Column("east", Double, nullable=False),
    Column("north", Double, nullable=False),
    Column("epsg", Integer, nullable=False),
    Column("tz", String(64), nullable=False),
)

flag = Table(
    "flag",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("batch_id", _Number, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source", String(32), nullable=False),
    Column("receipt", JSON, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("undone_at", Instant),
    sqlite_autoincrement=True,
)
# The same file may come again only after it was undone.
Index(
    "ix_batch_live_file",
    batch.c.sha256,
    unique=True,
    sqlite_where=batch.c.undone_at.is_(None),
    postgresql_where=batch.c.undone_at.is_(None),
)

incident = Table(
    "incident",
    metadata,
    Column("key", _Number, primary_key=True),
    Column("batch_id", ForeignKey(batch.c.batch_id), nullable=False, index=True),
    Column("incident_id", String(200), nullable=False),
    Column("occurred_from", BigInteger, nullable=False, index=True),
    Column("occurred_to", BigInteger, nullable=False),
    Column("category", String(32), nullable=False),
    Column("detection", String(32), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("source", String(32), nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("age_band", String(32), nullable=False),
    Column("weight", Double, nullable=False),
    Column("precision_m", Double, nullable=False),
    Column("restricted_to", Text),
    Column("x", Double, nullable=False),
    Column("y", Double, nullable=False),
    UniqueConstraint("incident_id", "source"),
)
# Most readers ask for one owner's incidents.
Index("ix_incident_owner_occurred_from", incident.c.owner, incident.c.occurred_from)

# Incidents that a later file delivered once more: they stay when the earlier file is undone.
redelivery = Table(
    "redelivery",
    metadata,
    Column("key", ForeignKey(incident.c.key, ondelete="CASCADE"), primary_key=True),
    Column("batch_id", ForeignKey(batch.c.batch_id), primary_key=True, index=True),
)

zone_set = Table(
    "zone_set",
    metadata,
    Column("set_id", _Number, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("period_start", Instant, nullable=False),
    Column("period_end", Instant, nullable=False),
    Column("parameters", JSON, nullable=False),
    # Whose incidents it was found in: in order, with commas.
    Column("owners", String(96), nullable=False, server_default="municipality,police,social"),
    sqlite_autoincrement=True,
)

zone = Table(
    "zone",
    metadata,
    Column("set_id", _Number, primary_key=True),
    Column("zone_id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("incidents", Double, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("places", BigInteger, nullable=False),
    Column("days", BigInteger, nullable=False),
    Column("area_ha", Double, nullable=False),
    Column("per_ha_week", Double, nullable=False),
    Column("share", Double, nullable=False),
    Column("reported", BigInteger, nullable=False),
    Column("discovered", BigInteger, nullable=False),
    Column("stability", Double),
    Column("parent_id", String(64), nullable=False),
    Column("status", String(32), nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("details", JSON),
    Column("geometry", LargeBinary, nullable=False),
    ForeignKeyConstraint(["set_id"], [zone_set.c.set_id]),
)

# Names given by users; they win over the found ones.
# Names that users gave zones, for those who read the incidents of the same owners: zones of
# different owners at one place have the same id. Of a zone of the joint picture for everyone.
zone_name = Table(
    "zone_name",
    metadata,
    Column("zone_id", String(64), primary_key=True),
    Column("owners", String(96), primary_key=True),
    Column("name", Text, nullable=False),
    Column("renamed_at", Instant, nullable=False),
)

# What users wrote about a zone, for those who read the incidents of the same owners; of a zone of
# the joint picture for all who see it.
zone_note = Table(
    "zone_note",
    metadata,
    Column("zone_id", String(64), primary_key=True),
    Column("owners", String(96), primary_key=True),
    Column("note", Text, nullable=False),
    Column("noted_at", Instant, nullable=False),
)

# Zones drawn by users; found ones give way to them wherever incidents of the same owners are read.
drawn_zone = Table(
    "drawn_zone",
    metadata,
    Column("zone_id", String(64), primary_key=True),
    Column("owners", String(96), primary_key=True),
    Column("name", Text, nullable=False),
    Column("geometry", LargeBinary, nullable=False),
    Column("drawn_at", Instant, nullable=False),
)

presence = Table(
    "presence",
    metadata,
    Column("presence_id", _Number, primary_key=True),
    Column("begins", BigInteger, nullable=False, index=True),
    Column("ends", BigInteger, nullable=False),
    Column("minutes", Double, nullable=False),
    Column("crew_kind", String(32), nullable=False),
    Column("source", String(32), nullable=False),
    Column("x", Double, nullable=False),
    Column("y", Double, nullable=False),
    # What brought it, so that it can be taken out again as a whole.
    Column("entry_id", _Number, index=True),
)

# A stay that was noted, or a file that was taken in; never who.
presence_entry = Table(
    "presence_entry",
    metadata,
    Column("entry_id", _Number, primary_key=True),
    Column("added_at", Instant, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("undone_at", Instant),
    sqlite_autoincrement=True,
)

street = Table(
    "street",
    metadata,
    Column("street_id", _Number, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("modes", String(64), nullable=False, server_default=""),
    Column("oneway", String(8), nullable=False, server_default=""),
    Column("geometry", LargeBinary, nullable=False),
)

plan = Table(
    "plan",
    metadata,
    Column("plan_id", _Number, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("crews", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("replaced_by", _Number),
    # Which incidents it was made of: "joint", a role's own, or empty where nobody logged in.
    Column("rests_on", String(16), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

plan_share = Table(
    "plan_share",
    metadata,
    Column("plan_id", _Number, ForeignKey("plan.plan_id"), primary_key=True, autoincrement=False),
    Column("role", String(16), primary_key=True),
    Column("shared_at", Instant, nullable=False),
)

# What crews answer to a stop: never who.
feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", _Number, primary_key=True),
    Column("plan_id", _Number, ForeignKey("plan.plan_id"), nullable=False),
    Column("stop_id", String(96), nullable=False),
    Column("stop", Text, nullable=False),
    Column("zone_id", String(64), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("crew_kind", String(32), nullable=False),
    Column("noted_at", Instant, nullable=False, index=True),
    # Sent twice, kept once.
    UniqueConstraint("plan_id", "stop_id", "reason", "crew_kind", "noted_at"),
    sqlite_autoincrement=True,
)

operation = Table(
    "operation",
    metadata,
    Column("operation_id", _Number, primary_key=True),
    Column("name", Text, nullable=False),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("body", JSON, nullable=False),
    Column("geometry", LargeBinary, nullable=False),
    Column("added_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

result = Table(
    "result",
    metadata,
    Column("result_id", _Number, primary_key=True),
    Column("kind", String(32), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("data_version", String(96), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("body", JSON, nullable=False),
    sqlite_autoincrement=True,
)

# Calendars that were taken in, as wholes: the latest one that names an event tells where it stands.
calendar_import = Table(
    "calendar_import",
    metadata,
    Column("import_id", _Number, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("events", Integer, nullable=False),
    Column("undone_at", Instant),
    sqlite_autoincrement=True,
)

calendar_event = Table(
    "calendar_event",
    metadata,
    Column("import_id", ForeignKey(calendar_import.c.import_id), primary_key=True),
    # A hash: foreign ids often hold someone's address.
    Column("uid", String(64), primary_key=True),
    # The row of an event that was called off begins at its own start too.
    Column("begins", Instant, primary_key=True),
    Column("ends", Instant, nullable=False),
    Column("all_day", Boolean(create_constraint=False), nullable=False),
    Column("called_off", Boolean(create_constraint=False), nullable=False),
    Column("title", String(200), nullable=False),
    Column("place", String(200), nullable=False),
)

# The days of a built-in event in one year, where they are others than the rule says.
calendar_change = Table(
    "calendar_change",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("first_day", String(10)),
    Column("last_day", String(10)),
    Column("changed_at", Instant, nullable=False),
)

street_source = Table(
    "street_source",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="single"), primary_key=True),
    Column("source", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("act", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="single"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    # The last row that tells of a change to what pages show.
    Column("change_seq", BigInteger, nullable=False, server_default="0"),
    Column("change_hash", String(64), nullable=False, server_default="0" * 64),
    # The last one that tells of a change to what maps rest on.
    Column("picture_seq", BigInteger, nullable=False, server_default="0"),
    Column("picture_hash", String(64), nullable=False, server_default="0" * 64),
)

# Who may log in. A password is kept as its hash alone, the secret of a second factor, which both
# sides must know, sealed with the key beside the store.
account = Table(
    "account",
    metadata,
    Column("user_id", _Number, primary_key=True),
    Column("name", String(64), nullable=False),
    # As it is compared: case and width of letters do not count.
    Column("name_key", String(128), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255)),
    # Somebody else has chosen the password: it opens nothing but the page that changes it.
    Column("must_change", Integer, nullable=False, server_default="0"),
    # Sealed with the key beside the store, and then longer: SQLite does not count the letters.
    Column("totp_secret", String(64)),
    # A secret that is shown but not yet proven by a code; sealed too.
    Column("totp_offered", String(64)),
    # The last time step whose code was used: no code is good twice.
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    UniqueConstraint("issuer", "subject"),
    sqlite_autoincrement=True,
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("user_id", _Number, ForeignKey("account.user_id"), nullable=False, index=True),
)

# Only the hash of what a browser holds: who reads the file cannot go on as somebody else.
login = Table(
    "login",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("user_id", _Number, ForeignKey("account.user_id"), nullable=False, index=True),
    # The second factor is still to come.
    Column("pending", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    # What it is for, a word of a closed list; null for what is usual for the role.
    Column("purpose", String(16)),
    # The organisation's word at the login, for logging out there too; sealed with the key that
    # the browser holds. Null where the login began with a password.
    Column("id_token", Text),
)

# Somebody who usually may not has read one owner's incidents, for a while and for a reason.
break_glass = Table(
    "break_glass",
    metadata,
    Column("break_id", _Number, primary_key=True),
    Column("user_id", _Number, ForeignKey("account.user_id"), nullable=False),
    # The login that it holds for, and no other of the account.
    Column("key_hash", String(64), nullable=False),
    Column("owner", String(32), nullable=False),
    # Written by hand: it stands here alone, never in the audit.
    Column("reason", String(300), nullable=False),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    # Whether the audit has the row of its end.
    Column("told_end", Integer, nullable=False),
    sqlite_autoincrement=True,
)

token = Table(
    "token",
    metadata,
    Column("token_id", _Number, primary_key=True),
    Column("user_id", _Number, ForeignKey("account.user_id"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
    sqlite_autoincrement=True,
)

# Attempts to log in, by account and by address; the names of both are hashed.
attempt = Table(
    "attempt",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)

site_secret = Table(
    "site_secret",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="single"), primary_key=True),
    Column("value", String(64), nullable=False),
)

# The joint picture: bands of counts in fixed cells, months and day-parts, and nothing finer.
release = Table(
    "release",
    metadata,
    Column("release_id", _Number, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("parameters", JSON, nullable=False),
    sqlite_autoincrement=True,
)

released_cell = Table(
    "released_cell",
    metadata,
    Column("owners", String(16), primary_key=True),
    Column("x0", Integer, primary_key=True, autoincrement=False),
    Column("y0", Integer, primary_key=True, autoincrement=False),
    Column("side_m", Integer, nullable=False),
)

# A period stands here once it is released, also where it had no row that may be shown.
released_period = Table(
    "released_period",
    metadata,
    Column("owners", String(16), primary_key=True),
    Column("begins", Instant, primary_key=True),
    Column("ends", Instant, primary_key=True),
    Column("release_id", _Number, ForeignKey("release.release_id"), nullable=False),
)

released_row = Table(
    "released_row",
    metadata,
    Column("owners", String(16), primary_key=True),
    Column("x0", Integer, primary_key=True, autoincrement=False),
    Column("y0", Integer, primary_key=True, autoincrement=False),
    Column("side_m", Integer, nullable=False),
    Column("begins", Instant, primary_key=True),
    Column("ends", Instant, primary_key=True),
    Column("margin", String(16), primary_key=True),
    Column("value", String(32), primary_key=True),
    Column("low", Integer, nullable=False),
)

release_decision = Table(
    "release_decision",
    metadata,
    Column("decision_id", _Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("function", String(32), nullable=False),
    Column("ground", String(32), nullable=False),
    Column("recipient", String(32), nullable=False),
    Column("what", String(32), nullable=False),
    sqlite_autoincrement=True,
)

# Which filters a reader has used today: marks that say nothing of the filters themselves.
filter_use = Table(
    "filter_use",
    metadata,
    Column("user_id", _Number, primary_key=True, autoincrement=False),
    Column("day", String(10), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("wider", JSON, nullable=False),
)
