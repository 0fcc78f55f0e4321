"""Run by test_store_faults.py: imports one file again and again, and is killed each time.

``killed_import.py STORE PICKLE KILLS`` forks one process a kill: a whole number kills the import
after that many statements, a decimal number after that many seconds; ``16:OFF`` does it without a
journal. After each it prints how the import ended and in which state (a hash of all rows) the
file is.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from riskmiljo.store import columns, engine, open_store


def state(path):
    """Return a hash of everything in the file, or what is wrong with it."""
    try:
        with closing(sqlite3.connect(path)) as file:
            if file.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                return "damaged"
            return hashlib.sha256("\n".join(file.iterdump()).encode()).hexdigest()
    except sqlite3.DatabaseError:
        return "damaged"


def import_and_die(path, incidents, after):
    """Import, and die by SIGKILL after so many statements (never for -1)."""
    done = 0

    def count(*_):
        nonlocal done
        done += 1
        if done == after:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_store(f"sqlite:///{path}") as store:
        event.listen(store._engine, "after_cursor_execute", count)
        store.add_incidents(
            incidents,
            file_name="b.csv",
            sha256="b",
            source="police",
            receipt={},
            now=datetime(2026, 5, 1, tzinfo=UTC),
        )
    os._exit(0)


def main():
    """Kill as often as asked."""
    path, file, kills = sys.argv[1:]
    incidents = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by the test
    # A small cache: pages reach the file long before the commit.
    pragmas = (*engine._PRAGMAS, "PRAGMA cache_size = -50")
    columns._ROWS_WRITTEN = 200
    for kill in kills.split(","):
        after, _, journal = kill.partition(":")
        engine._PRAGMAS = (*pragmas, f"PRAGMA journal_mode = {journal or 'DELETE'}")
        copy = f"{path}.{kill}"
        shutil.copyfile(path, copy)
        pid = os.fork()
        if pid == 0:
            import_and_die(copy, incidents, -1 if "." in after else int(after))
        if "." in after:
            time.sleep(float(after))
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        print(kill, "killed" if os.WIFSIGNALED(status) else "done", state(copy), flush=True)


if __name__ == "__main__":
    main()
