"""Zones of a million incidents, beside scikit-learn's DBSCAN, and HDBSCAN on what it can finish.

Run: python tests/benchmarks/zones_million.py [INCIDENTS]

Before that the whole way of the usual city, from stored incidents to zones, surface and rhythm, at
10 000 and 100 000. With 10 000 000 as the number only zones are made.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from measure import measured
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from riskmiljo.analysis.density import density
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.simulate import simulate_city
from riskmiljo.store import Area, open_store
from riskmiljo.zones import assign_zones, cluster, find_zones

HOT_SPOTS = 300
SIDE_M = 30_000.0
SHARED = 0.85
MOST_FOR_PEERS = 2_000_000
# With fewer, a hundredth of them is too thin for 300 zones.
FEWEST_FOR_PEERS = 500_000


def city(count, rng):
    """Half of the incidents in 300 hot spots, 85 % of all at shared addresses."""
    centres = rng.uniform(0, SIDE_M, (HOT_SPOTS, 2))
    addresses = count // 10
    hot = rng.random(addresses) < 0.3
    xy = rng.uniform(0, SIDE_M, (addresses, 2))
    xy[hot] = centres[rng.integers(0, HOT_SPOTS, hot.sum())] + rng.normal(0, 60, (hot.sum(), 2))
    share = rng.gamma(1.0, size=addresses) * np.where(hot, 2.3, 1.0)
    at = rng.choice(addresses, count, p=share / share.sum())
    points = xy[at]
    alone = rng.random(count) > SHARED
    points[alone] += rng.normal(0, 25, (alone.sum(), 2))
    times = pd.to_datetime(rng.integers(1_690_000_000, 1_780_000_000, count), unit="s", utc=True)
    frame = {"occurred_from": times.as_unit("us")}
    return points_frame(frame, points[:, 0] + 640_000, points[:, 1] + 6_620_000, 3006)


def stored(folder, count):
    """The usual city in a store of its own; larger ones have more at each place."""
    incidents = simulate_city(seed=1, end=date(2026, 4, 30), incidents=count).incidents
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
    store.set_area(Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm"))
    store.add_incidents(
        incidents, file_name="a", sha256="a", source="police", receipt={},
        now=datetime(2026, 5, 1, tzinfo=UTC),
    )  # fmt: skip
    return store


def whole_way(store):
    """Seconds of CPU of each step."""
    spent, start = {}, time.process_time()

    def lap(name):
        nonlocal start
        spent[name], start = time.process_time() - start, time.process_time()

    incidents = store.incidents()
    lap("read")
    zones = find_zones(incidents, places=read_gazetteer())
    lap("zones")
    membership = assign_zones(incidents, zones)
    density(incidents)
    lap("surface")
    rhythm(incidents, by=membership)
    lap("rhythm")
    return spent


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if count > MOST_FOR_PEERS:
        incidents = city(count, np.random.default_rng(1))
        measured(f"find_zones, {count}", lambda: find_zones(incidents))
        return
    for few in (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            store = stored(Path(folder), few)
            spent = measured(f"stored incidents to zones, surface, rhythm, {few}",
                             lambda store=store: whole_way(store))  # fmt: skip
            store.close()
        print(f"{'':52s} " + ", ".join(f"{name} {cpu:.2f}" for name, cpu in spent.items()))
    incidents = city(count, np.random.default_rng(1))
    print(f"{count} incidents, {HOT_SPOTS} hot spots, {SIDE_M / 1000:.0f} km square")
    if count >= FEWEST_FOR_PEERS:
        small = incidents.sample(10_000, random_state=1)
        measured("find_zones, 10 000", lambda: find_zones(small))
    zones = measured(f"find_zones, {count}", lambda: find_zones(incidents))
    print(f"{'':52s} {len(zones)} zones, {zones['share'].sum():.1%} of the incidents")
    measured(f"assign_zones, {count}", lambda: assign_zones(incidents, zones))
    xy = coordinates(incidents)
    ours = measured(f"cluster dbscan, {count}", lambda: cluster(xy, eps_m=30, min_weight=20))
    theirs = measured(
        f"scikit-learn DBSCAN, {count}", lambda: DBSCAN(eps=30, min_samples=20).fit(xy).labels_
    )
    print(f"{'':52s} labels identical: {np.array_equal(ours, theirs)}")
    if count < FEWEST_FOR_PEERS:
        return
    few = xy[np.random.default_rng(1).choice(len(xy), 40_000, replace=False)]
    ours = measured("cluster density, 40 000", lambda: cluster(few, method="density"))
    theirs = measured(
        "scikit-learn HDBSCAN, 40 000",
        lambda: HDBSCAN(min_cluster_size=50, copy=True).fit(few).labels_,
    )
    agreement = adjusted_rand_score(ours, theirs)
    print(f"{'':52s} adjusted Rand index, noise as a cluster: {agreement:.3f}")


if __name__ == "__main__":
    main()
