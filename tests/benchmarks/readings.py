"""What writing down a reading costs: ``python tests/benchmarks/readings.py``."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime

from riskmiljo.access.purposes import Purpose
from riskmiljo.store import open_store

ROWS = 2000
NOW = datetime(2026, 5, 1, tzinfo=UTC)
WHAT = {
    "user": 7, "role": "police", "scope": "own", "owners": "police", "page": "situation.index",
    "kind": "html", "category": "theft,violence", "count": 400,
}  # fmt: skip


def main() -> None:
    """Print CPU and wall time of one reading, and CPU time of following the chain."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(f"sqlite:///{folder}/s.sqlite") as store,
    ):
        wall, spent = time.perf_counter(), time.process_time()
        for _ in range(ROWS):
            store.readings.note(
                WHAT, hidden={"bbox": "1,2,3,4"}, key_hash="k", usual=Purpose.SHIFT, now=NOW
            )
        spent, wall = time.process_time() - spent, time.perf_counter() - wall
        print(f"one reading: {spent / ROWS * 1e3:.2f} ms CPU, {wall / ROWS * 1e3:.2f} ms wall")
        spent = time.process_time()
        assert store.verify_audit() == []
        spent = time.process_time() - spent
        print(f"verified: {spent / ROWS * 1e6:.1f} µs a row")


if __name__ == "__main__":
    main()
