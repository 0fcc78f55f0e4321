"""Time and peak memory of reading a large file, with pandas' own reading beside it.

Run by hand: ``python tests/benchmarks/intake_million.py [FILE [TZ]]``; without a file a million
made up rows of CSV are read.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from riskmiljo.intake import read_incidents

ROWS = 1_000_000


def made_up(folder: Path) -> Path:
    """Write a million rows around Uppsala, with a decimal comma."""
    rng = np.random.default_rng(1)
    times = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1_500_000, ROWS), "min")
    table = pd.DataFrame(
        {
            "id": np.arange(ROWS).astype(str),
            "tid": times.strftime("%Y-%m-%d %H:%M"),
            "typ": rng.choice(["Rån", "Stöld", "Misshandel", "Klotter"], ROWS),
            "lat": rng.normal(59.86, 0.02, ROWS).round(6),
            "lon": rng.normal(17.64, 0.03, ROWS).round(6),
            "fritext": "Samling på torget, flera yngre",
        }
    )
    path = folder / "made_up.csv"
    table.to_csv(path, sep=";", decimal=",", index=False)
    return path


def peak_mb(who: int) -> float:
    """Return the peak memory so far, megabytes."""
    return resource.getrusage(who).ru_maxrss / 1000


def measure(path: Path, tz: str) -> None:
    """Print what reading one file took."""
    start, cpu = time.perf_counter(), time.process_time()
    intake = read_incidents(path, tz=tz)
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() - cpu
    print(
        f"riskmiljo: {intake.receipt['accepted']} taken, {intake.receipt['refused']} refused; "
        f"{time.perf_counter() - start:.1f} s, CPU {own:.1f} + {child.ru_utime:.1f} s (child), "
        f"peak {peak_mb(resource.RUSAGE_SELF):.0f} + {peak_mb(resource.RUSAGE_CHILDREN):.0f} MB"
    )
    start = time.perf_counter()
    table = (
        pd.read_parquet(path)
        if path.suffix == ".parquet"
        else pd.read_csv(path, sep=";", decimal=",", dtype={"id": str}, parse_dates=["tid"])
    )
    took = time.perf_counter() - start
    print(f"pandas alone (no checks, no points): {len(table)} rows, {took:.1f} s")


if __name__ == "__main__":
    zone = sys.argv[2] if len(sys.argv) > 2 else "Europe/Stockholm"
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]), zone)
    else:
        with tempfile.TemporaryDirectory() as made:
            measure(made_up(Path(made)), zone)
