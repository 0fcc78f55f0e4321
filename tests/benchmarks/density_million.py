"""Density of a million incidents on 1200 × 1200 cells, beside KDEpy and scikit-learn.

Run: python tests/benchmarks/density_million.py [INCIDENTS]
"""

from __future__ import annotations

import sys
import time

import numpy as np
import shapely
from KDEpy import FFTKDE
from measure import measured
from sklearn.neighbors import KernelDensity
from zones_million import SIDE_M, city

from riskmiljo.analysis.density import density
from riskmiljo.analysis.kernels import KERNELS
from riskmiljo.analysis.smoothing import smooth
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.grid import Grid

CELLS = 1200
SIGMA_M = 100.0
SAMPLE = 300


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    incidents = city(count, np.random.default_rng(1))
    xy = coordinates(incidents)
    west, south = xy.min(axis=0) - 500
    cell_m = (SIDE_M + 1_000) / CELLS
    side_m = CELLS * cell_m
    grid = Grid.over(shapely.box(west, south, west + side_m, south + side_m), cell_m)
    print(f"{count} incidents, {grid.shape[0]} × {grid.shape[1]} cells of {cell_m:.1f} m")
    ours = {}
    for kernel, bandwidth_m in (("gaussian", SIGMA_M), ("quartic", 250.0)):
        ours[kernel] = measured(
            f"density, {kernel} {bandwidth_m:.0f} m",
            lambda k=kernel, b=bandwidth_m: density(incidents, grid=grid, kernel=k, bandwidth_m=b),
        )
    measured(
        "density, quartic 250 m, adaptive",
        lambda: density(incidents, grid=grid, bandwidth_m=250.0, adaptive=True),
    )
    rng = np.random.default_rng(2)
    heavy = np.argsort(ours["gaussian"].values.ravel())[-SAMPLE // 2 :]
    cells = np.concatenate([heavy, rng.integers(0, CELLS**2, SAMPLE // 2)])
    centres = grid.centres[cells]

    def exact():
        model = KernelDensity(bandwidth=SIGMA_M, kernel="gaussian", rtol=1e-8).fit(xy)
        return np.exp(model.score_samples(centres)) * count * 1e4 / ours["gaussian"].weeks

    truth = measured(f"scikit-learn KernelDensity, {SAMPLE} cells only", exact)
    error = np.abs(ours["gaussian"].values.ravel()[cells] - truth).max() / truth.max()
    print(f"{'':52s} our largest error: {error:.1e} of the maximum")

    # Coordinates are divided by the bandwidth: KDEpy is badly off otherwise.
    axis_x = (west + (np.arange(CELLS) + 0.5) * cell_m) / SIGMA_M
    axis_y = (south + (np.arange(CELLS) + 0.5) * cell_m) / SIGMA_M
    points = np.column_stack([np.repeat(axis_x, CELLS), np.tile(axis_y, CELLS)])

    def by_kdepy():
        model = FFTKDE(kernel="gaussian", bw=1.0).fit(xy / SIGMA_M)
        values = model.evaluate(points).reshape(CELLS, CELLS).T
        return values * count * 1e4 / SIGMA_M**2 / ours["gaussian"].weeks

    theirs = measured("KDEpy FFTKDE, gaussian", by_kdepy)
    error = np.abs(theirs.ravel()[cells] - truth).max() / truth.max()
    print(f"{'':52s} its largest error: {error:.1e} of the maximum")
    in_turn(lambda: smooth(xy, np.ones(count), grid, KERNELS["gaussian"], SIGMA_M), by_kdepy)


def in_turn(ours, theirs, rounds=7):
    """Both from arrays to the surface, one after the other: the medians are of the same minute."""
    spent = np.empty((rounds, 2))
    for row in spent:
        for side, call in enumerate((ours, theirs)):
            start = time.process_time()
            call()
            row[side] = time.process_time() - start
    a, b = np.median(spent, axis=0)
    print(f"from arrays, median of {rounds}: {a:.3f} s, KDEpy {b:.3f} s CPU: {b / a:.1f} times")


if __name__ == "__main__":
    main()
