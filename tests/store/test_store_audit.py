"""The audit has a row for each act, shows tampering, and tells nothing about incidents."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy.exc import IntegrityError

from riskmiljo.model.period import Period
from riskmiljo.store import open_store


@pytest.fixture
def lived_in(store, make, add, now):
    """A store to which everything was done once; 9 rows."""
    add(store, make(20), file_name="anmälan Anna Svensson 19900101-1234.csv")
    add(store, make(20, seed=2, first=100), "b.csv")
    store.undo_batch(1, now=now)
    store.set_flag("simulated", "hemligt värde", now=now)
    zones = gpd.GeoDataFrame(
        {
            "zone_id": ["z1"],
            "name": ["City"],
            **{k: [10] for k in ("events", "places", "days", "reported", "discovered")},
            **{k: [1.5] for k in ("incidents", "area_ha", "per_ha_week", "share", "stability")},
            "parent_id": [""],
            "status": ["new"],
            "first_seen": [pd.Timestamp("2025-01-01", tz="UTC")],
        },
        geometry=[shapely.box(648_000, 6_638_000, 648_200, 6_638_200)],
        crs=3006,
    )
    store.save_zones(zones, parameters={}, period=Period.parse("2025"), now=now)
    store.rename_zone("z1", "Hos Kalle", now=now)
    presence = gpd.GeoDataFrame(
        {
            "begins": [pd.Timestamp("2025-05-01 18:00", tz="UTC")],
            "ends": [pd.Timestamp("2025-05-01 18:12", tz="UTC")],
            "minutes": [12.0],
            "crew_kind": ["police"],
            "source": ["checked_in"],
        },
        geometry=[shapely.Point(648_123.25, 6_638_456.75)],
        crs=3006,
    )
    store.add_presence(presence, now=now)
    lines = gpd.GeoDataFrame(
        {"name": ["Kungsgatan"], "kind": ["footway"]},
        geometry=[shapely.LineString([(648_000, 6_638_000), (648_100, 6_638_000)])],
        crs=3006,
    )
    store.save_streets(lines, source="OpenStreetMap", now=now)
    return store


@pytest.fixture
def tamper(lived_in, url):
    """Run SQL as somebody who has the file and knows the tables."""

    def sql(*statements):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute("DROP TRIGGER audit_no_update")
            file.execute("DROP TRIGGER audit_no_delete")
            for statement in statements:
                file.execute(statement)
            file.commit()
        return [fault.en for fault in lived_in.verify_audit()]

    return sql


def rows(store_url):
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as file:
        return file.execute("SELECT seq, act, detail FROM audit ORDER BY seq").fetchall()


def test_every_act_has_its_row_and_the_chain_is_whole(lived_in, url):
    acts = ["area", "import", "import", "undo", "flag", "zones", "rename", "presence", "streets"]
    assert [act for _, act, _ in rows(url)] == acts
    assert [seq for seq, _, _ in rows(url)] == list(range(1, 10))
    assert lived_in.verify_audit() == []


def test_the_audit_holds_no_coordinate_and_no_free_text(lived_in, url):
    assert lived_in.count() == 20
    text = str(rows(url))
    for secret in ("Anna", "1234", "hemligt", "Kalle", "Kungsgatan", "OpenStreetMap", "K-1"):
        assert secret not in text
    assert "648" not in text
    assert "6638" not in text


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit SET detail = replace(detail, '20', '19') WHERE seq = 3",
        "UPDATE audit SET act = 'flag' WHERE seq = 3",
        "UPDATE audit SET at = at + 1 WHERE seq = 3",
        "UPDATE audit SET hash = upper(hash) WHERE seq = 3",
    ],
)
def test_an_edited_row_is_found(tamper, edit):
    assert tamper(edit)[0] == "Audit row 3 was changed or moved."


def test_an_edited_first_row_is_found(tamper):
    assert tamper("UPDATE audit SET at = at + 1 WHERE seq = 1") == [
        "Audit row 1 was changed or moved."
    ]


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        ("seq = 1", "Audit row 1 is missing."),
        ("seq IN (3, 4)", "The audit rows 3 to 4 are missing."),
        ("seq = 9", "Audit row 9 is missing."),
        ("seq >= 6", "The audit rows 6 to 9 are missing."),
        ("1", "The audit rows 1 to 9 are missing."),
    ],
)
def test_deleted_rows_are_found(tamper, gone, sentence):
    assert tamper(f"DELETE FROM audit WHERE {gone}") == [sentence]  # noqa: S608 - the test's own


def test_rows_closed_up_after_a_deletion_are_found(tamper):
    faults = tamper(
        "DELETE FROM audit WHERE seq = 4",
        "UPDATE audit SET seq = seq - 1 WHERE seq > 4",
    )
    assert "Audit row 4 was changed or moved." in faults
    assert "Audit row 9 is missing." in faults


def test_swapped_rows_are_found(tamper):
    faults = tamper(
        "UPDATE audit SET seq = 99 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 5",
        "UPDATE audit SET seq = 5 WHERE seq = 99",
    )
    assert faults[:2] == [
        "Audit row 4 was changed or moved.",
        "Audit row 5 was changed or moved.",
    ]


def test_an_added_row_is_found(tamper):
    added = (
        "INSERT INTO audit SELECT 10, at, act, detail, hash FROM audit WHERE seq = 9",
        "UPDATE audit_head SET seq = 10",
    )
    assert tamper(*added) == ["Audit row 10 was changed or moved."]


def test_a_row_with_a_right_hash_beyond_the_head_is_found(tamper):
    assert tamper("UPDATE audit_head SET seq = 8") == [
        "The last audit row does not agree with the end mark."
    ]


@pytest.mark.parametrize("statement", ["UPDATE audit SET act = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_a_row(lived_in, url, statement):
    with (
        closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        file.execute(statement)
    assert lived_in.verify_audit() == []


def test_an_act_whose_row_cannot_be_written_does_not_happen(store, url, make, add, now):
    add(store, make(5))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        file.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    before = store.version()
    for act in (
        lambda: add(store, make(5, first=10), "b.csv"),
        lambda: store.undo_batch(1, now=now),
        lambda: store.set_flag("simulated", "1"),
    ):
        with pytest.raises(IntegrityError, match="no more"):
            act()
    assert (store.count(), store.flag("simulated"), store.version()) == (5, None, before)
    assert store.batch_of_file("b.csv") is None


def test_the_version_changes_with_every_act_and_only_then(lived_in, url, now):
    seen = {lived_in.version()}
    with open_store(url) as again:
        lived_in.incidents()
        lived_in.zones()
        assert again.version() in seen
    lived_in.rename_zone("z1", "Centrum", now=now)
    seen.add(lived_in.version())
    lived_in.set_flag("simulated", "1", now=now)
    seen.add(lived_in.version())
    lived_in.undo_batch(2, now=now)
    seen.add(lived_in.version())
    assert len(seen) == 4
