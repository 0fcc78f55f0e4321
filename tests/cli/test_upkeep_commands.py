"""``riskmiljo audit``, ``backup``, ``restore`` and ``purge``."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from riskmiljo.store import open_store


@pytest.fixture
def filled(call, good, write, tmp_path: Path):
    """A folder whose store holds sixty incidents of April 2026."""
    file = write(tmp_path / "april.csv", *good)
    assert call(tmp_path, "import", file).returncode == 0
    return tmp_path


def count(folder: Path) -> int:
    with open_store(f"sqlite:///{folder}/s.sqlite") as store:
        return store.count()


def test_the_audit_is_verified_listed_and_exported(call, filled):
    said = call(filled, "audit", "verify")
    assert said.returncode == 0
    seal = re.search(r"Sigill: (\S+)", said.stdout)[1]
    assert call(filled, "audit", "verify", "--against", seal).returncode == 0
    assert call(filled, "audit", "verify", "--against", "x").returncode == 2
    listed = call(filled, "audit", "list", "--act", "import").stdout
    assert re.fullmatch(r"\d+  20\S+ \S+  import  .*added=60.*\n", listed)
    assert "Inga rader" in call(filled, "audit", "list", "--to", "2020-01-01").stdout
    assert call(filled, "audit", "export", "logg.jsonl").returncode == 0
    rows = [json.loads(line) for line in (filled / "logg.jsonl").read_text().splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    last = call(filled, "audit", "list", "--act", "audit_export", "--most", "1").stdout
    assert "audit_export" in last
    # Written over nothing.
    assert call(filled, "audit", "export", "logg.jsonl").returncode == 2
    with closing(sqlite3.connect(filled / "s.sqlite")) as file:
        file.execute("DROP TRIGGER audit_no_delete")
        file.execute("DELETE FROM audit WHERE seq = 2")
        file.commit()
    changed = call(filled, "audit", "verify")
    assert changed.returncode == 1
    assert "Loggrad 2 saknas." in changed.stderr
    assert "hel" not in changed.stdout


def test_a_store_is_copied_purged_and_put_back(call, filled, monkeypatch):
    made = call(filled, "backup", "kopia.sqlite")
    assert made.returncode == 0
    assert "sparad och kontrollerad" in made.stdout
    assert call(filled, "backup", "kopia.sqlite").returncode == 2
    dry = call(filled, "purge", "--before", "2026-05-01", "--dry-run")
    assert "Före 2026-05-01: 60 händelser" in dry.stdout
    assert count(filled) == 60
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers
    assert call(filled, "purge", "--before", "2026-05-01").returncode != 0
    assert count(filled) == 60
    # The zones are found anew in what is left of April.
    assert call(filled, "purge", "--before", "2026-04-08", "--yes").returncode == 0
    with open_store(f"sqlite:///{filled}/s.sqlite") as store:
        left, zones = store.count(), store.zones()
    assert 0 < left < 60
    assert zones is None or zones.attrs["parameters"]["incidents"] == left
    assert call(filled, "purge", "--before", "2026-05-01", "--yes").returncode == 0
    assert count(filled) == 0
    back = call(filled, "restore", "kopia.sqlite", "--yes")
    assert back.returncode == 0, back.stderr
    assert "ligger kvar" in back.stdout
    assert count(filled) == 60
    assert call(filled, "audit", "verify").returncode == 0
    assert call(filled, "restore", "finns_inte.sqlite", "--yes").returncode == 2


def test_a_purge_needs_a_day_that_has_been(call, filled, monkeypatch):
    none = call(filled, "purge", "--yes")
    assert none.returncode == 2
    assert "retention_weeks" in none.stderr
    assert call(filled, "purge", "--before", "2999-01-01", "--yes").returncode == 2
    assert call(filled, "purge", "--before", "i april", "--yes").returncode == 2
    monkeypatch.setenv("RISKMILJO_RETENTION_WEEKS", "2600")
    told = call(filled, "purge", "--yes")
    assert told.returncode == 0
    assert ": 0 händelser" in told.stdout
    assert count(filled) == 60
