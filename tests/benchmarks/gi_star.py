"""Gi* on 300 × 300 and 600 × 600 cells, beside esda, and Ripley's K beside pointpats.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/gi_star.py
"""

from __future__ import annotations

import warnings

import esda
import libpysal
import numpy as np
import shapely
from measure import measured
from pointpats.distance_statistics import k as pointpats_k

from riskmiljo.analysis.local_statistics import gi_star, local_moran
from riskmiljo.analysis.ripley import ripley_k

SIDE = 300
RADIUS = 3
REPEATS = 20
# pointpats holds the distances of all pairs, and compares each with each radius at once.
POINTS = 3_000


def counts(side):
    rng = np.random.default_rng(0)
    rate = np.exp(rng.normal(0, 1, (side // 10, side // 10))).repeat(10, axis=0).repeat(10, axis=1)
    return rng.poisson(rate).astype(float)


def main():
    values = counts(SIDE)
    cells = np.argwhere(np.ones(values.shape, dtype=bool)).astype(float)
    repeated = measured(
        f"gi_star, {SIDE} × {SIDE}, radius {RADIUS}, {REPEATS} times",
        lambda: [gi_star(values, radius_cells=RADIUS) for _ in range(REPEATS)],
    )
    z, p = repeated[0]
    measured("gi_star, 600 × 600, radius 10", lambda: gi_star(counts(600), radius_cells=10))
    moran = measured("local_moran, same", lambda: local_moran(values, radius_cells=RADIUS))
    warnings.simplefilter("ignore")
    weights = measured(
        "libpysal DistanceBand",
        lambda: libpysal.weights.DistanceBand(
            cells, RADIUS * (1 + 1e-9), binary=True, silence_warnings=True
        ),
    )
    # Without permutations: the analytical score is what is compared.
    peer = measured("esda G_Local, star, binary weights", lambda: _esda(values, weights))
    print(f"{'':52s} largest difference of z: {np.abs(z.ravel() - peer[0]).max():.1e}")
    print(f"{'':52s} of p: {np.abs(p.ravel() - 2 * peer[1]).max():.1e}")
    peer = measured(
        "esda Moran_Local, 0 permutations",
        lambda: esda.Moran_Local(values.ravel(), weights, permutations=0).Is,
    )
    print(f"{'':52s} largest difference of I: {np.abs(moran.i.ravel() - peer).max():.1e}")
    radii = np.arange(50.0, 1001.0, 50.0)
    for n in (10_000, POINTS):
        points = np.random.default_rng(1).uniform(0, 10_000, (n, 2))
        area = shapely.box(*points.min(axis=0), *points.max(axis=0))
        for correction in ("border", "none"):
            ours = measured(
                f"ripley_k, {n} points, 20 radii, correction {correction}",
                lambda xy=points, a=area, c=correction: ripley_k(
                    xy, radii_m=radii, area=a, correction=c, simulations=0
                ),
            )
    peer = measured(f"pointpats k, {POINTS} points", lambda: pointpats_k(points, support=radii)[1])
    # pointpats divides by n, an unbiased estimate by n - 1.
    off = np.abs(ours["k"] / (peer * POINTS / (POINTS - 1)) - 1).max()
    print(f"{'':52s} largest relative difference: {off:.1e}")


def _esda(values, weights):
    found = esda.G_Local(values.ravel(), weights, transform="B", star=True, permutations=0)
    return found.Zs, found.p_norm


if __name__ == "__main__":
    main()
