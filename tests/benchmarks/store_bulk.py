"""Time and memory of a million incidents into the store and out again, beside its peers.

Run by hand: ``python tests/benchmarks/store_bulk.py [INCIDENTS]``. Each step has a process of its
own, so that its peak memory is its own; each begins with opening the store, which checks the
whole file. The ADBC row needs ``pip install adbc-driver-sqlite``. It is faster, but not used: it
brings an SQLite library of its own, and two of them with the same file open in one process
release each other's locks (sqlite.org, "How To Corrupt An SQLite Database File", 2.2.1).
"""

from __future__ import annotations

import importlib.util
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import COLUMN_NAMES, COLUMNS, complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 5, 1, tzinfo=UTC)
STEPS = (
    "validate",
    "insert",
    "again",
    "read",
    "read_box",
    "read_month",
    "read_sql",
    "adbc",
    "undo",
)
SQL = f"SELECT {', '.join(COLUMN_NAMES[:-1])}, x, y FROM incident ORDER BY key"  # noqa: S608 - constants


def city(n: int) -> gpd.GeoDataFrame:
    """Make n incidents of one city over six years."""
    rng = np.random.default_rng(1)
    begins = np.datetime64("2020-01-01", "us") + rng.integers(0, 6 * 365 * 86_400, n) * 1_000_000
    words = {c.name: rng.choice(c.values, n) for c in COLUMNS if c.kind == "category"}
    frame = {
        "incident_id": np.char.add("K-2020-", np.arange(n).astype(str)),
        "occurred_from": pd.DatetimeIndex(begins, tz="UTC"),
        **words,
    }
    points = shapely.points(rng.normal(648_000, 3_000, n), rng.normal(6_638_000, 3_000, n))
    return complete_incidents(gpd.GeoDataFrame(frame, geometry=points, crs=3006))


def peer_frame(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give the contract's types to the plain table that a peer reads."""
    for column in COLUMNS:
        if column.kind == "time":
            table[column.name] = pd.to_datetime(table[column.name], unit="us", utc=True)
        elif column.kind == "category":
            table[column.name] = pd.Categorical(table[column.name], list(column.values))
    table["restricted_to"] = table["restricted_to"].astype("string")
    points = shapely.points(table.pop("x").to_numpy(), table.pop("y").to_numpy())
    return gpd.GeoDataFrame(table, geometry=points, crs=3006)


def with_adbc(path: Path) -> gpd.GeoDataFrame:
    """Read through the Arrow driver."""
    import adbc_driver_sqlite.dbapi as driver  # noqa: PLC0415 - only where it is installed

    with closing(driver.connect(str(path))) as link, closing(link.cursor()) as cursor:
        cursor.execute(SQL)
        table = cursor.fetch_arrow_table()
    return peer_frame(table.to_pandas())


def memory_mib(*, reset: bool = False) -> float:
    """Return the peak memory of this process since the last reset (Linux only)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def step(name: str, folder: Path, n: int) -> None:
    """Do one step and print what it took."""
    path, given = folder / "store.sqlite", folder / "city.parquet"
    if name == "make":
        city(n).to_parquet(given)
        return
    incidents = gpd.read_parquet(given) if name in {"validate", "insert", "again"} else None
    before = memory_mib(reset=True)
    found = None
    started, cpu = time.perf_counter(), time.process_time()
    if name == "validate":
        complete_incidents(incidents)
    elif name == "read_sql":
        with closing(sqlite3.connect(path)) as link:
            found = peer_frame(pd.read_sql(SQL, link))
    elif name == "adbc":
        found = with_adbc(path)
    else:
        with open_store(f"sqlite:///{path}") as store:
            if incidents is not None:
                store.add_incidents(
                    incidents, file_name=name, sha256=name, source="police", receipt={}, now=NOW
                )
            elif name == "read":
                found = store.incidents()
            elif name == "read_box":
                bbox = (17.63, 59.85, 17.66, 59.87)
                found = store.incidents(Filter(bbox=bbox, categories=("robbery",)))
            elif name == "read_month":
                found = store.incidents(Filter(period=Period.parse("2024-05")))
            else:
                store.undo_batch(2, now=NOW)
                store.undo_batch(1, now=NOW)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = memory_mib()
    rows = n if found is None else len(found)
    agrees = ""
    if found is not None and rows == n:
        assert_geodataframe_equal(found, gpd.read_parquet(given), check_dtype=name == "read")
        agrees = "equal to what went in"
    print(
        f"{name:12} {rows:>9} rows  {wall:6.2f} s wall  {cpu:6.2f} s CPU  "
        f"{peak - before:6.0f} MiB above {before:4.0f}  {agrees}",
        flush=True,
    )


def main() -> None:
    """Run every step in a process of its own."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        step(sys.argv[3], Path(sys.argv[2]), n)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, str(n), name, "make"], check=True)
        with open_store(f"sqlite:///{folder / 'store.sqlite'}") as store:
            store.set_area(Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm"))
        for what in STEPS:
            if what == "adbc" and importlib.util.find_spec("adbc_driver_sqlite") is None:
                print("adbc         not installed")
                continue
            subprocess.run([sys.executable, __file__, str(n), name, what], check=True)
        print(f"file {(folder / 'store.sqlite').stat().st_size / 1e6:.0f} MB; SQLite", end=" ")
        print(sqlite3.sqlite_version)


if __name__ == "__main__":
    main()
