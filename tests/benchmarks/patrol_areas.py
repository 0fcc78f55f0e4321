"""Patrol areas: balance, ways beside the exact p-median, and time on 20 000 street corners.

``python tests/benchmarks/patrol_areas.py [TOWNS]``

The exact answer is the connected p-median whose loads deviate no more than those found, or 5 %
where they deviate less (HiGHS, cuts where a part falls apart). spopt's RegionKMeans is run beside
it where spopt is installed.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from measure import measured
from streets_matrix import UPPSALA, board

from riskmiljo.patrol.areas import patrol_areas
from riskmiljo.patrol.partition import divide
from riskmiljo.patrol.streets import read_streets

# The exact model is the one that the tests hold the search against.
sys.path.append(str(Path(__file__).resolve().parents[1] / "patrol"))
from test_partition import shortest_walk, town

SIZES = [(10, 2), (12, 2), (12, 3), (14, 3), (14, 4), (16, 4)]


def beside_the_exact(towns: int) -> None:
    gaps, uneven, own_s, exact_s = [], [], 0.0, 0.0
    for seed in range(towns):
        count, teams = SIZES[seed % len(SIZES)]
        weights, distance, adjacent = town(1000 + seed, count)
        start = time.process_time()
        found = divide(weights, distance, adjacent, teams, rng=np.random.default_rng(0))
        between = time.process_time()
        allowed = max(found.deviation, 0.05) + 1e-9
        exact = shortest_walk(weights, distance, adjacent, teams, allowed)
        own_s += between - start
        exact_s += time.process_time() - between
        gaps.append(100 * (found.walk / exact - 1))
        uneven.append(100 * found.deviation)
    print(
        f"{towns} towns of 10 to 16 units: ways {np.mean(gaps):.2f} % longer than the exact "
        f"p-median (median {np.median(gaps):.2f}, largest {np.max(gaps):.2f}); loads within 5 % in "
        f"{sum(value <= 5 for value in uneven)}, largest deviation {np.max(uneven):.1f} %; "
        f"{own_s / towns:.2f} CPU s each, HiGHS {exact_s / towns:.1f}",
        flush=True,
    )


def zones_on(streets, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make zones of 60 to 150 m radius around corners, some far busier than others."""
    circles: list = []
    while len(circles) < count:
        here = shapely.Point(streets.nodes[rng.integers(len(streets.nodes))])
        circle = here.buffer(rng.uniform(60, 150))
        if not any(circle.intersects(other) for other in circles):
            circles.append(circle)
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"z{k:03d}" for k in range(count)],
            "name": [f"Zon {k}" for k in range(count)],
            "area_ha": shapely.area(circles) / 10_000,
            "per_ha_week": rng.gamma(2, 0.5, count),
        },
        geometry=circles,
        crs=streets.crs,
    )


def on_streets(name: str, streets, count: int, teams: int) -> None:
    zones = zones_on(streets, count, np.random.default_rng(count + teams))
    balance = measured(
        f"{name}, {count} zones, {teams} teams",
        lambda: patrol_areas(zones, teams=teams, streets=streets).attrs["balance"],
    )
    print(f"  largest deviation from the mean {100 * balance['largest_deviation']:.1f} %")


def by_spopt(towns: int) -> None:
    if importlib.util.find_spec("spopt") is None:
        print("spopt is not installed: RegionKMeans is left out")
        return
    from libpysal.weights import W  # noqa: PLC0415 - a peer that need not be there
    from spopt.region import RegionKMeansHeuristic  # noqa: PLC0415 - as above

    uneven = []
    for seed in range(towns):
        count, teams = SIZES[seed % len(SIZES)]
        weights, distance, adjacent = town(1000 + seed, count)
        near = W({i: np.flatnonzero(adjacent[i]).tolist() for i in range(count)})
        found = RegionKMeansHeuristic(distance, teams, near)
        found.solve()
        load = np.bincount(np.asarray(found.labels_), weights, teams)
        uneven.append(100 * np.abs(load / load.mean() - 1).max())
    print(f"spopt: largest deviation {np.min(uneven):.0f} to {np.max(uneven):.0f} %")


def main() -> None:
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    beside_the_exact(towns)
    by_spopt(towns)
    grid = board(150, np.random.default_rng(0))
    print(f"board of {len(grid.nodes)} corners, {len(grid.edges)} stretches")
    for count, teams in ((40, 3), (60, 5), (120, 8)):
        on_streets("board", grid, count, teams)
    if UPPSALA.is_file():
        on_streets("Uppsala", read_streets(UPPSALA), 30, 3)
    else:
        print(f"{UPPSALA} is not there: Uppsala is left out")


if __name__ == "__main__":
    main()
