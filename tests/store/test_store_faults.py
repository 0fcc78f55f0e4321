"""Whatever goes wrong in the middle of an act, the store is as it was before."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from riskmiljo.errors import StoreError
from riskmiljo.store import Area, columns, open_store

BEFORE, NEVER = "1", "999"
AT_STATEMENTS = ("8", "10", "12", "14", "16", "18", "20")
AT_MOMENTS = ("0.02", "0.05", "0.1", "0.2")
WITHOUT_JOURNAL = ("14:OFF", "16:OFF", "18:OFF")
UPPSALA = Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm")
SCRIPT = Path(__file__).resolve().with_name("killed_import.py")


def dump(url):
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return list(file.iterdump())


@pytest.fixture
def acts(store, make, add, now, monkeypatch):
    """An import beside what is there, and an undo; in small packets."""
    monkeypatch.setattr(columns, "_ROWS_WRITTEN", 50)
    add(store, make(100))
    again = make(200)  # the first hundred are other incidents with the same ids
    again["incident_id"] = [f"L-{number}" for number in range(200)]
    return {
        "import": lambda: add(store, again, "b.csv"),
        "undo": lambda: store.undo_batch(1, now=now),
    }


@pytest.mark.parametrize("act", ["import", "undo"])
def test_a_fault_at_any_statement_leaves_nothing_behind(store, url, acts, act):
    before = dump(url)
    reached = 0

    def fail_at(number):
        def fail(*_):
            nonlocal reached
            reached += 1
            if reached == number:
                fault = sqlite3.OperationalError("disk I/O error")
                fault.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise fault

        return fail

    for number in range(1, 100):
        reached = 0
        fault = fail_at(number)
        event.listen(store._engine, "before_cursor_execute", fault)
        try:
            acts[act]()
            break
        except (sqlite3.OperationalError, StoreError, DBAPIError):
            assert dump(url) == before
        finally:
            event.remove(store._engine, "before_cursor_execute", fault)
    assert 6 < number < 99
    assert dump(url) != before


@pytest.mark.parametrize("act", ["import", "undo"])
def test_a_fault_at_the_commit_leaves_nothing_behind(store, url, acts, act):
    before = dump(url)

    def fail(_connection):
        raise sqlite3.OperationalError("disk I/O error")

    event.listen(store._engine, "commit", fail)
    with pytest.raises(sqlite3.OperationalError):
        acts[act]()
    event.remove(store._engine, "commit", fail)
    assert dump(url) == before


def test_a_row_that_the_database_refuses_takes_the_whole_file_with_it(url, acts):
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        file.execute(
            "CREATE TRIGGER no BEFORE INSERT ON incident WHEN new.incident_id = 'L-170' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    before = dump(url)
    with pytest.raises(DBAPIError):
        acts["import"]()
    assert dump(url) == before


@pytest.mark.parametrize("pages", [0, 1, 3, 9, 20])
def test_a_full_disk_is_said_and_leaves_nothing_behind(store, url, make, add, pages):
    add(store, make(100))
    before = dump(url)

    def limit(connection, _record):
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {used + pages}")

    event.listen(store._engine, "connect", limit)
    with pytest.raises(StoreError) as caught:
        add(store, make(2_000, seed=2, first=1_000), "b.csv")
    event.remove(store._engine, "connect", limit)
    assert caught.value.code == "DISK_FULL"
    assert dump(url) == before
    assert add(store, make(2_000, seed=2, first=1_000), "b.csv").added == 2_000


@pytest.fixture(scope="module")
def killed(tmp_path_factory, make):
    """The state of a store after imports that were killed, by how: ``{kill: (end, state)}``."""
    if not hasattr(os, "fork"):
        pytest.skip("needs os.fork and SIGKILL")
    folder = tmp_path_factory.mktemp("killed")
    path, file = folder / "riskmiljo.sqlite", folder / "incidents.pickle"
    with open_store(f"sqlite:///{path}") as store:
        store.set_area(UPPSALA)
        about = {"file_name": "a", "sha256": "a", "source": "police", "receipt": {}}
        store.add_incidents(make(100), **about, now=datetime(2026, 5, 1, tzinfo=UTC))
    file.write_bytes(pickle.dumps(make(1_000, seed=2, first=1_000)))
    kills = ",".join([BEFORE, *AT_STATEMENTS, *AT_MOMENTS, *WITHOUT_JOURNAL, NEVER])
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(path), str(file), kills],
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [line.split() for line in done.stdout.splitlines()]
    return {kill: (end, state) for kill, end, state in rows}


def test_an_import_that_is_killed_leaves_all_or_nothing(killed):
    (_, unchanged), (end, whole) = killed[BEFORE], killed[NEVER]
    assert end == "done"
    assert whole not in {unchanged, "damaged"}
    assert {killed[kill] for kill in AT_STATEMENTS} == {("killed", unchanged)}
    assert {killed[kill][1] for kill in AT_MOMENTS} <= {unchanged, whole}


def test_the_killing_would_show_a_store_that_is_not_safe(killed):
    # The control: the same kills without a journal leave a broken or half-filled file.
    states = {killed[kill][1] for kill in WITHOUT_JOURNAL}
    assert states - {killed[BEFORE][1]}


def test_a_store_left_by_a_killed_writer_opens_as_it_was(store, url, make, add):
    add(store, make(10))
    version = store.version()
    code = (
        "import os, signal, sqlite3, sys\n"
        "file = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "file.execute('PRAGMA cache_size = 1')\n"
        "file.execute('BEGIN')\n"
        "file.execute('UPDATE incident SET x = x + 1000')\n"
        "file.execute('CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL '\n"
        "             'SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = url.removeprefix("sqlite:///")
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert Path(f"{path}-journal").exists()
    with open_store(url) as again:
        assert again.version() == version
        assert again.incidents().equals(store.incidents())
        assert again.incidents().geometry.x.equals(make(10).geometry.x)
