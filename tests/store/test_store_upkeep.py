"""Backup copies, putting them back, and purging."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import StoreError
from riskmiljo.model.role import Role
from riskmiljo.store import open_store
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.store.backup import restore_backup
from riskmiljo.store.purge import Purged

HALFWAY = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
def path(url):
    return Path(url.removeprefix("sqlite:///"))


def last(store, act):
    return store.audit_log.rows(AuditQuestion(act=act), most=1)[0].detail


# --- backup


def test_a_backup_is_the_store_at_that_moment_and_readable_by_its_owner_alone(
    store, make, add, now, tmp_path
):
    add(store, make(50))
    seal = store.seal()
    made = store.maintenance.backup(tmp_path / "kopia.sqlite", now=now)
    assert made.seal == seal
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert last(store, "backup") == {"seal": seal, "bytes": made.size_bytes}
    add(store, make(10, first=100), "b.csv")
    with open_store(f"sqlite:///{made.path}") as copy:
        assert (copy.count(), copy.seal()) == (50, seal)
        pd.testing.assert_frame_equal(copy.incidents(), store.incidents()[:50])
        # What is kept elsewhere proves that the store has gone on from there.
        assert store.verify_audit(copy.seal()) == []


def test_a_backup_overwrites_nothing_and_leaves_no_half_copy(store, now, tmp_path, url):
    there = tmp_path / "kopia.sqlite"
    there.write_text("viktigt")
    with pytest.raises(StoreError, match="skrivs inte över"):
        store.maintenance.backup(there, now=now)
    assert there.read_text() == "viktigt"
    link = tmp_path / "pekare.sqlite"
    link.symlink_to(tmp_path / "annat.sqlite")
    with pytest.raises(StoreError, match="skrivs inte över"):
        store.maintenance.backup(link, now=now)
    with pytest.raises(StoreError, match="kan inte skrivas"):
        store.maintenance.backup(tmp_path / "ingen" / "mapp.sqlite", now=now)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        file.execute("DROP TRIGGER audit_no_update")
        file.execute("UPDATE audit SET at = 1 WHERE seq = 1")
        file.commit()
    with pytest.raises(StoreError, match="logg är ändrad"):
        store.maintenance.backup(tmp_path / "ny.sqlite", now=now)
    assert not (tmp_path / "ny.sqlite").exists()


# --- restore


def test_a_restored_store_is_the_copy_and_the_earlier_one_is_kept(
    store, make, add, now, tmp_path, url, path
):
    add(store, make(50))
    user = store.users.add("anna", Role.POLICE, password=None, now=now)
    key = store.logins.begin(user, now=now)
    made = store.maintenance.backup(tmp_path / "kopia.sqlite", now=now)
    before = made.path.read_bytes()
    add(store, make(10, first=100), "b.csv")
    replaced = store.seal()
    done = restore_backup(made.path, url, now=now)
    assert made.path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # The store that was open goes on with the file that is there now.
    assert store.count() == 50
    assert store.verify_audit(made.seal) == []
    assert last(store, "restore") == {"replaced": replaced}
    assert store.logins.find(key, now=now) is None
    with open_store(f"sqlite:///{done.kept}") as earlier:
        assert (earlier.count(), earlier.seal()) == (60, replaced)
    assert sorted(one.name for one in path.parent.glob(".*")) == []
    with pytest.raises(StoreError, match="skrivs inte över"):
        restore_backup(made.path, url, now=now)


def test_a_copy_is_put_where_no_store_is_and_over_one_that_is_damaged(
    store, make, add, now, tmp_path
):
    add(store, make(20))
    made = store.maintenance.backup(tmp_path / "kopia.sqlite", now=now)
    fresh = tmp_path / "ny.sqlite"
    assert restore_backup(made.path, f"sqlite:///{fresh}", now=now).kept is None
    damaged = tmp_path / "skadad.sqlite"
    damaged.write_bytes(b"inte en databas" * 1000)
    done = restore_backup(made.path, f"sqlite:///{damaged}", now=now)
    assert done.kept.read_bytes().startswith(b"inte en")
    for one in (fresh, damaged):
        with open_store(f"sqlite:///{one}") as opened:
            assert opened.count() == 20


def test_what_is_no_whole_copy_is_refused_and_the_store_stays(
    store, make, add, now, tmp_path, url, path
):
    add(store, make(50))
    made = store.maintenance.backup(tmp_path / "kopia.sqlite", now=now)
    content = made.path.read_bytes()
    wrong = {}
    for name in ("text", "half", "foreign", "newer", "tampered", "empty"):
        wrong[name] = tmp_path / f"{name}.sqlite"
        wrong[name].write_bytes(content)
    wrong["text"].write_text("hej " * 500)
    wrong["half"].write_bytes(content[: len(content) // 2])
    wrong["empty"].write_bytes(b"")
    wrong["foreign"].unlink()
    with closing(sqlite3.connect(wrong["foreign"])) as file:
        file.execute("CREATE TABLE x (y)")
        file.commit()
    with closing(sqlite3.connect(wrong["newer"])) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    with closing(sqlite3.connect(wrong["tampered"])) as file:
        file.execute("DROP TRIGGER audit_no_update")
        file.execute("UPDATE audit SET at = 1 WHERE seq = 2")
        file.commit()
    seal = store.seal()
    for source in (*wrong.values(), tmp_path / "finns inte", path):
        with pytest.raises(StoreError):
            restore_backup(source, url, now=now)
        assert (store.count(), store.seal()) == (50, seal), source
    assert list(path.parent.glob(f"{path.name}.*")) == []
    assert list(path.parent.glob(".*")) == []


def test_a_store_that_somebody_writes_to_is_not_replaced(
    store, now, tmp_path, url, path, monkeypatch
):
    made = store.maintenance.backup(tmp_path / "kopia.sqlite", now=now)
    monkeypatch.setattr("riskmiljo.store.backup.BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="används"):
            restore_backup(made.path, url, now=now)
        other.execute("ROLLBACK")
    assert restore_backup(made.path, url, now=now).kept is not None


# --- purge


@pytest.fixture
def aged(store, make, add, now):
    """Two imports that share incidents, one that is all old, presence and results."""
    add(store, make(60), "a.csv")
    both = make(60)
    add(store, both[both["occurred_from"] < HALFWAY], "b.csv")
    old = make(8, first=500, occurred_from=pd.to_datetime(["2020-03-01"] * 8, utc=True),
               occurred_to=pd.to_datetime(["2020-03-01"] * 8, utc=True))  # fmt: skip
    add(store, old, "gammal.csv")
    begins = pd.to_datetime(["2025-06-30 21:59:59", "2025-07-01 00:00:00"], utc=True)
    presence = gpd.GeoDataFrame(
        {
            "begins": begins,
            "ends": begins + timedelta(minutes=5),
            "minutes": 5.0,
            "crew_kind": "police",
            "source": "checked_in",
        },
        geometry=[shapely.Point(648_123, 6_638_456)] * 2,
        crs=3006,
    )
    store.add_presence(presence, now=now)
    for made in (HALFWAY - timedelta(seconds=1), HALFWAY):
        store.results.add("backtest", parameters={}, body={}, now=made)
    return store


def test_a_purge_takes_what_is_older_and_nothing_else(aged, now):
    kept = aged.incidents()
    kept = kept[kept["occurred_from"] >= HALFWAY]
    before, gone = aged.version(), aged.count() - len(kept)
    planned = aged.maintenance.purge(HALFWAY, now=now, dry_run=True)
    assert aged.version() == before
    assert aged.maintenance.purge(HALFWAY, now=now) == planned
    assert planned == Purged(incidents=gone, batches=2, presence=1, results=1, zone_sets=0)
    assert sorted(aged.incidents()["incident_id"]) == sorted(kept["incident_id"])
    assert aged.batches()["file_name"].tolist() == ["a.csv"]
    assert list(aged.presence()["begins"]) == [pd.Timestamp(HALFWAY)]
    assert aged.version() != before
    assert last(aged, "purge") == {
        "before": HALFWAY.isoformat(), "user": 0,
        "incidents": gone, "batches": 2, "presence": 1, "results": 1, "zone_sets": 0,
    }  # fmt: skip
    assert aged.maintenance.purge(HALFWAY, now=now) == Purged(0, 0, 0, 0, 0)
    # What is left can still be undone, as a whole.
    assert aged.undo_batch(1, now=now) == len(kept)
    assert aged.verify_audit() == []


def test_what_is_purged_is_no_longer_in_the_file(aged, now, path):
    assert b"K-501" in path.read_bytes()
    aged.maintenance.purge(datetime(2021, 1, 1, tzinfo=UTC), now=now)
    content = path.read_bytes()
    assert b"K-501" not in content
    assert b"gammal.csv" not in content


def test_a_purge_that_cannot_be_logged_does_not_happen(aged, now, path):
    with closing(sqlite3.connect(path)) as file:
        file.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    before = aged.count()
    with pytest.raises(Exception, match="no more"):
        aged.maintenance.purge(HALFWAY, now=now)
    assert (aged.count(), len(aged.batches())) == (before, 3)
