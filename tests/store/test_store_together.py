"""One store, many threads of a web server, and a command line that writes beside them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from riskmiljo.errors import StoreError
from riskmiljo.model.filters import Filter
from riskmiljo.store import engine, open_store


def test_threads_read_whole_imports_while_others_are_written(store, make, add):
    files = [make(40, seed=n, first=100 * n) for n in range(8)]
    seen = []
    stop = threading.Event()

    def read():
        while not stop.is_set():
            before, frame, after = store.version(), store.incidents(), store.version()
            if before == after:
                seen.append(len(frame))

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        writers = [pool.submit(add, store, file, f"{n}.csv") for n, file in enumerate(files)]
        added = [writer.result().added for writer in writers]
        stop.set()
        for reader in readers:
            reader.result()
    assert added == [40] * 8
    assert {count % 40 for count in seen} <= {0}
    assert store.count() == 320
    assert store.verify_audit() == []
    assert sorted(store.batches()["batch_id"]) == list(range(1, 9))


def test_the_same_file_from_many_threads_is_added_once(store, make, add):
    incidents = make(60)
    with ThreadPoolExecutor(6) as pool:
        results = [pool.submit(add, store, incidents) for _ in range(6)]
        added = sorted(result.result().added for result in results)
    assert added == [0, 0, 0, 0, 0, 60]
    assert len(store.batches()) == 1


def test_another_program_may_write_while_the_store_is_open(store, url, make, add):
    add(store, make(10))
    before = store.version()
    code = (
        "import sys\n"
        "from riskmiljo.store import open_store\n"
        "with open_store(sys.argv[1], create=False) as store:\n"
        "    store.set_flag('simulated', '1')\n"
    )
    subprocess.run([sys.executable, "-c", code, url], check=True)
    assert store.flag("simulated") == "1"
    assert store.version() != before
    assert store.verify_audit() == []


def test_a_reader_sees_one_state_from_its_first_look_to_its_last(store, url, make, add):
    add(store, make(10))
    with engine.reading(store._engine) as link:
        counted = "SELECT count(*) FROM incident"
        assert link.exec_driver_sql(counted).scalar() == 10
        # The writer waits for the reader; it does not get in between.
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0.05)) as other:
            other.execute("DELETE FROM incident")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.commit()
        assert link.exec_driver_sql(counted).scalar() == 10


def test_a_writer_that_waits_too_long_says_so_and_changes_nothing(url, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    with open_store(url) as hasty:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as it:
            it.execute("BEGIN IMMEDIATE")
            assert hasty.count() == 0
            with pytest.raises(StoreError) as caught:
                hasty.set_flag("simulated", "1")
            assert caught.value.code == "LAST"
        assert hasty.flag("simulated") is None
        hasty.set_flag("simulated", "1")


def test_reading_changes_nothing_on_the_disk(store, url, make, add):
    add(store, make(50))
    path = Path(url.removeprefix("sqlite:///"))
    before = path.read_bytes()
    store.incidents(Filter(categories=("robbery",)))
    store.zones()
    store.zone_history()
    store.batches()
    store.verify_audit()
    open_store(url).close()
    assert path.read_bytes() == before
