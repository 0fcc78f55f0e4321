"""Exact DBSCAN of a million incidents, spread over a nation and in one dense city.

Run: python tests/benchmarks/dbscan_million.py [INCIDENTS] [nation|city]

The peer is scikit-learn twice: on the incidents as they are, as an analyst would call it, and on
unique places with `sample_weight`. In the dense city the first takes minutes and some 15 GiB.
"""

from __future__ import annotations

import sys

import numpy as np
from measure import measured
from sklearn.cluster import DBSCAN

from riskmiljo.zones import cluster

EPS_M = 100.0
SHARED = 0.85


def nation(count, rng):
    """2 000 towns of very different size on 450 by 1 500 km, each with its own addresses."""
    towns = rng.uniform(0, [450_000, 1_500_000], (2_000, 2))
    size = 1 / np.arange(1, len(towns) + 1)
    addresses = count // 10
    town = rng.choice(len(towns), addresses, p=size / size.sum())
    spread = 300 + 3_000 * np.sqrt(size)
    # A third of each town's addresses lie around its square.
    spread = np.where(rng.random(addresses) < 0.3, 80.0, spread[town])
    xy = towns[town] + rng.normal(0, 1, (addresses, 2)) * spread[:, None]
    return shared(xy, count, rng, 25.0)


def city(count, rng):
    """Everything within some kilometres, a third of it around 60 spots."""
    addresses = count // 10
    xy = rng.normal(0, 3_000, (addresses, 2))
    hot = rng.random(addresses) < 0.3
    spots = rng.normal(0, 2_000, (60, 2))
    xy[hot] = spots[rng.integers(0, len(spots), hot.sum())] + rng.normal(0, 80, (hot.sum(), 2))
    return shared(xy, count, rng, 25.0)


def shared(xy, count, rng, apart_m):
    """85 % at the addresses, some of which have far more than others; the rest beside them."""
    share = rng.gamma(1.0, size=len(xy))
    points = xy[rng.choice(len(xy), count, p=share / share.sum())]
    alone = rng.random(count) > SHARED
    points[alone] += rng.normal(0, apart_m, (alone.sum(), 2))
    return points + np.array([640_000, 6_620_000])


def weighted(xy, min_weight):
    """scikit-learn on unique places."""
    places, inverse, counts = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    model = DBSCAN(eps=EPS_M, min_samples=min_weight).fit(places, sample_weight=counts)
    return model.labels_[inverse.reshape(-1)], model.core_sample_indices_, inverse.reshape(-1)


def same_partition(ours, theirs, core):
    """Whether two labellings are one up to their numbers, on cores and on noise."""
    pairs = np.unique(np.column_stack([ours[core], theirs[core]]), axis=0)
    one_to_one = len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])) == len(pairs)
    return one_to_one and np.array_equal(ours == -1, theirs == -1)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    wanted = sys.argv[2:] or ["nation", "city"]
    for name, make, min_weight in (("nation", nation, 10), ("city", city, 300)):
        if name not in wanted:
            continue
        xy = make(count, np.random.default_rng(1))
        ours = measured(
            f"cluster dbscan, {name}, {count}",
            lambda xy=xy, least=min_weight: cluster(xy, eps_m=EPS_M, min_weight=least),
        )
        print(f"{'':52s} {ours.max() + 1} clusters, {np.mean(ours == -1):.1%} noise")
        found = measured(
            f"scikit-learn, unique places, {name}",
            lambda xy=xy, least=min_weight: weighted(xy, least),
        )
        if found is not None:
            theirs, cores, inverse = found
            core = np.isin(inverse, cores)
            print(f"{'':52s} same on cores and noise: {same_partition(ours, theirs, core)}")
        theirs = measured(
            f"scikit-learn, incidents as they are, {name}",
            lambda xy=xy, least=min_weight: DBSCAN(eps=EPS_M, min_samples=least).fit(xy).labels_,
        )
        if theirs is not None:
            print(f"{'':52s} labels identical: {np.array_equal(ours, theirs)}")


if __name__ == "__main__":
    main()
