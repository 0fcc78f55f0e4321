"""Zones of a million incidents, beside scikit-learn's DBSCAN, and HDBSCAN on what it can finish.

Run: python tests/benchmarks/zones_million.py [INCIDENTS]
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from measure import measured
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.zones import assign_zones, cluster, find_zones

HOT_SPOTS = 300
SIDE_M = 30_000.0
SHARED = 0.85


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


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    incidents = city(count, np.random.default_rng(1))
    print(f"{count} incidents, {HOT_SPOTS} hot spots, {SIDE_M / 1000:.0f} km square")
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
