"""A hundred random ways to change the audit behind its back, each of them found."""

# ruff: noqa: S608 - statements of the test's own, on a copy of its own
from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from riskmiljo.errors import InvalidInputError
from riskmiljo.store import open_store

ROWS = 25


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A store whose audit has 25 rows, and its seal."""
    path = tmp_path_factory.mktemp("logg") / "s.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        for n in range(ROWS - 5):
            store.set_flag(f"n_{'abcdefghij'[n % 10]}", str(n))
        for n in range(5):
            what = {"user": n, "page": "situation.index"}
            store.readings.note(what, hidden={}, key_hash=None, usual="shift", now=_now())
        return path, store.seal()


def _now():
    from datetime import UTC, datetime  # noqa: PLC0415 - here alone

    return datetime(2026, 5, 1, tzinfo=UTC)


def rewritten(file, first):
    """Hash every row from one on anew, head and all, as somebody who knows how would."""
    rows = file.execute("SELECT seq, at, act, detail, hash FROM audit ORDER BY seq").fetchall()
    last = "0" * 64
    for seq, at, act, detail, kept in rows:
        link = kept
        if seq >= first:
            row = json.dumps([seq, at, act, detail], separators=(",", ":"))
            link = hashlib.sha256(f"{last}|{row}".encode()).hexdigest()
            file.execute("UPDATE audit SET hash = ? WHERE seq = ?", (link, seq))
        last = link
    file.execute("UPDATE audit_head SET seq = ?, hash = ?", (rows[-1][0], last))
    for mark in ("change", "picture"):
        file.execute(f"UPDATE audit_head SET {mark}_seq = min({mark}_seq, seq)")
        changed = file.execute(
            f"SELECT hash FROM audit WHERE seq = (SELECT {mark}_seq FROM audit_head)"
        ).fetchone()
        if changed:
            file.execute(f"UPDATE audit_head SET {mark}_hash = ?", changed)


def way(dice):
    """Choose a change: what it is, its statements, and from which row on all is hashed anew."""
    n, m = sorted(dice.sample(range(1, ROWS + 1), 2))
    row = dice.choice(
        ["at = at + 1", "at = 'igår'", "act = act || 'x'", "detail = '{}'", "detail = x'00ff'",
         "hash = lower(hex(randomblob(32)))"]
    )  # fmt: skip
    head = dice.choice(
        [f"seq = {n - 1}", "hash = upper(hash)", f"seq = {ROWS + n}", "change_seq = 0",
         "change_hash = '1'", "picture_seq = 0", "picture_hash = '1'"]
    )  # fmt: skip
    closed_up = [
        f"DELETE FROM audit WHERE seq = {n}",
        f"UPDATE audit SET seq = seq - 1 WHERE seq > {n}",
        "UPDATE audit_head SET seq = seq - 1",
    ]
    swaps = ((n, 999), (m, n), (999, m))
    last = f"FROM audit WHERE seq = {ROWS}"
    ways = [
        (f"row {n}: {row}", [f"UPDATE audit SET {row} WHERE seq = {n}"], None),
        (f"deleted {n}-{m}", [f"DELETE FROM audit WHERE seq BETWEEN {n} AND {m}"], None),
        (f"closed up over {n}", closed_up, None),
        (
            f"swapped {n}, {m}",
            [f"UPDATE audit SET seq = {new} WHERE seq = {old}" for old, new in swaps],
            None,
        ),
        (f"head: {head}", [f"UPDATE audit_head SET {head}"], None),
        ("no head", ["DELETE FROM audit_head"], None),
        ("added", [f"INSERT INTO audit SELECT seq + 1, at, act, detail, hash {last}"], None),
        (f"cut off from {m}", [f"DELETE FROM audit WHERE seq >= {m}"], m),
        (f"anew from {n}", [f"UPDATE audit SET act = 'annat' WHERE seq = {n}"], n),
    ]
    return dice.choice(ways)


def test_a_hundred_random_tamperings_of_a_hundred_are_found(grown, tmp_path):
    path, seal = grown
    found = {}
    with open_store(f"sqlite:///{path}") as whole:
        assert whole.verify_audit() == []
        assert whole.verify_audit(seal) == []
    copy = tmp_path / "s.sqlite"
    shutil.copy(path, copy)
    with open_store(f"sqlite:///{copy}") as store:
        for seed in range(100):
            shutil.copy(path, copy)
            with closing(sqlite3.connect(copy)) as file:
                file.execute("PRAGMA synchronous = OFF")
                file.execute("DROP TRIGGER audit_no_update")
                file.execute("DROP TRIGGER audit_no_delete")
                what, statements, first = way(random.Random(seed))
                for statement in statements:
                    file.execute(statement)
                if first is not None:
                    rewritten(file, first)
                file.commit()
            found[seed, what] = store.verify_audit("" if first is None else seal) != []
            if first is not None:
                # Shows that the harness does what it says: the chain itself is whole again.
                assert store.verify_audit() == [], what
    assert [what for what, seen in found.items() if not seen] == []
    assert len({what for _, what in found}) > 50


def test_a_seal_from_earlier_stays_good_while_the_audit_grows(grown, tmp_path):
    path, seal = grown
    copy = shutil.copy(path, tmp_path / "s.sqlite")
    with open_store(f"sqlite:///{copy}") as store:
        store.set_flag("more", "1")
        assert store.verify_audit(seal) == []
        for wrong in ("x", "12", "12-abc", f"-1-{'0' * 64}"):
            with pytest.raises(InvalidInputError, match="inget sigill"):
                store.verify_audit(wrong)
