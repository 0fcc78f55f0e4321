"""A shift in a city of 20 000 street corners, from files to a plan: the library and the command.

``python tests/benchmarks/patrol_city.py [FOLDER]``

The city is made up: a board of streets with a fifth of them left out, 60 hot spots within four
kilometres, each with its own hour, and a year of incidents. The commands are run as a user would,
each in a process of its own with its start-up; FOLDER keeps the store that they make.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import measured
from pyproj import Transformer
from streets_matrix import board

from riskmiljo.model.shift import Shift
from riskmiljo.patrol.routes import plan_routes
from riskmiljo.patrol.warm import warm

X0, Y0, SIDE_M = 640_000.0, 6_631_000.0, 14_900.0
TEXT = "2026-04-30 18:00/02:00"
SHIFT = Shift.parse(TEXT)
SPOTS, INCIDENTS = 60, 12_000


def hot_spots(rng: np.random.Generator) -> np.ndarray:
    """Places at least 250 m from each other around the middle of the board."""
    found: list[np.ndarray] = []
    while len(found) < SPOTS:
        here = rng.uniform(-2000, 2000, 2) + SIDE_M / 2
        if all(np.hypot(*(here - other)) > 250 for other in found):
            found.append(here)
    return np.array(found)


def write_incidents(path: Path, spots: np.ndarray, rng: np.random.Generator) -> None:
    where = rng.choice(SPOTS, INCIDENTS, p=rng.dirichlet(np.full(SPOTS, 3.0)))
    # By the clock of UTC: 18 to 02 at home.
    peak = rng.uniform(16, 24, SPOTS)
    x, y = (spots[where] + rng.normal(0, 35, (INCIDENTS, 2))).T
    lon, lat = Transformer.from_crs(3006, 4326, always_xy=True).transform(X0 + x, Y0 + y)
    day = pd.Timestamp("2025-05-01") + pd.to_timedelta(rng.integers(0, 364, INCIDENTS), "D")
    hour = pd.to_timedelta(np.round(60 * rng.normal(peak[where], 1.5)), "min")
    table = pd.DataFrame({"time": day + hour, "lat": lat.round(6), "lon": lon.round(6)})
    table["time"] = table["time"].dt.strftime("%Y-%m-%dT%H:%MZ")
    table["category"] = "assault"
    table.to_csv(path, index=False)


def in_the_library(streets, spots: np.ndarray, rng: np.random.Generator) -> None:
    hours = np.arange(8) + 0.5
    peak = rng.uniform(0, 8, SPOTS)
    risk = rng.gamma(1.2, 0.1, SPOTS)[:, None] * (
        0.25 + np.exp(-0.5 * ((hours - peak[:, None]) / 1.5) ** 2)
    )
    stops = gpd.GeoDataFrame(
        {
            "stop_id": [f"s{k}" for k in range(SPOTS)],
            "name": [f"Plats {k}" for k in range(SPOTS)],
            "risk": [tuple(row) for row in risk],
        },
        geometry=[shapely.Point(x, y) for x, y in spots],
        crs=3006,
    )
    start = (SIDE_M / 2, SIDE_M / 2)
    for seconds in (0.2, 1.0, 5.0, 10.0):
        plan = measured(
            f"plan_routes, 60 stops, 3 teams, seconds={seconds:g}",
            lambda seconds=seconds: (
                plan_routes(
                    stops, streets=streets, shift=SHIFT, teams=3, start=start, seconds=seconds
                ).share
            ),
        )
        print(f"  covers {100 * plan:.1f} % of what can be reached")


def command(name: str, store: Path, *words: str) -> None:
    """Run a command as a user does, and print its seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    found = subprocess.run(
        [str(Path(sys.executable).with_name("riskmiljo")), *words],
        env={**os.environ, "RISKMILJO_STORE": f"sqlite:///{store}", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:52s} {cpu:8.2f} s CPU   {wall:6.2f} s by the clock", flush=True)
    for line in (found.stdout.splitlines() + found.stderr.splitlines())[:2]:
        print(f"  {line[:110]}")


def main() -> None:
    rng = np.random.default_rng(0)
    streets = board(150, rng)
    spots = hot_spots(rng)
    print(f"{len(streets.nodes)} corners, {len(streets.edges)} stretches")
    warm()
    in_the_library(streets, spots, rng)
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        lines, rows, store = folder / "city.gpkg", folder / "city.csv", folder / "city.sqlite"
        drawn = streets.edges[["geometry"]].copy()
        drawn.geometry = drawn.translate(X0, Y0)
        drawn.to_crs(4326).to_file(lines, layer="streets", driver="GPKG")
        write_incidents(rows, spots, rng)
        store.unlink(missing_ok=True)
        command("riskmiljo import (12 000 incidents)", store, "import", str(rows))
        command("riskmiljo streets import", store, "streets", "import", str(lines))
        longitude, latitude = Transformer.from_crs(3006, 4326, always_xy=True).transform(
            X0 + SIDE_M / 2, Y0 + SIDE_M / 2
        )
        for seconds in ("0.2", "3"):
            command(
                f"riskmiljo patrol route --seconds {seconds}", store,
                "patrol", "route", "--shift", TEXT, "--teams", "3",
                "--from", f"{latitude:.6f},{longitude:.6f}", "--seconds", seconds,
                "--out", str(folder / "plan.html"), "--out", str(folder / "plan.gpx"),
            )  # fmt: skip


if __name__ == "__main__":
    main()
