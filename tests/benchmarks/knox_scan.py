"""Knox, the space-time scan, streets and warnings on large records, beside the named peers.

Run: python tests/benchmarks/knox_scan.py [UPPSALA_WALK_FILE]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import statsmodels.api as sm
from esda import G_Local
from libpysal.weights import W
from measure import measured
from pointpats import Knox

from riskmiljo.analysis.change_points import change_points
from riskmiljo.analysis.compare_rhythms import compare_rhythms
from riskmiljo.analysis.expected_range import quasi_poisson, seasons
from riskmiljo.analysis.knox import knox
from riskmiljo.analysis.near_repeat import near_repeat_surface
from riskmiljo.analysis.scan import scan
from riskmiljo.analysis.warning import expected_ranges
from riskmiljo.patrol.street_density import street_density
from riskmiljo.patrol.street_hot_spots import (
    segment_gi_star,
    segment_neighbours,
    street_hot_spots,
)
from riskmiljo.patrol.streets import Streets, read_streets

TIME_DAYS = [7.0, 14.0, 28.0, 56.0]


def city(count, side_m, days, rng, shared=0.85):
    """Incidents of which most share one of the addresses, busier towards the middle."""
    places = rng.normal(side_m / 2, side_m / 5, (count // 4, 2))
    xy = places[(rng.pareto(1.2, count) * count / 40).astype(int) % len(places)]
    alone = rng.random(count) > shared
    xy[alone] = rng.normal(side_m / 2, side_m / 5, (alone.sum(), 2))
    return xy + np.array([648_000, 6_638_000]), rng.uniform(0, days, count)


def frame(xy, days):
    begin = pd.Timestamp("2023-01-01", tz="UTC")
    times = begin + pd.to_timedelta((days * 86_400).astype(int), unit="s")
    return gpd.GeoDataFrame(
        {"occurred_from": pd.Series(times.as_unit("us"))}, geometry=shapely.points(xy), crs=3006
    )


def near_repeats(rng):
    uniform = rng.uniform(0, 10_000, (100_000, 2)), rng.uniform(0, 1095, 100_000)
    for name, (xy, t), space in (
        ("evenly spread, to 400 m", uniform, [100.0, 200.0, 400.0]),
        ("whole days, to 400 m", (uniform[0], np.floor(uniform[1])), [100.0, 200.0, 400.0]),
        ("addresses, to 400 m", city(100_000, 12_000, 1095, rng), [100.0, 200.0, 400.0]),
        ("evenly spread, to 1 000 m", uniform, [100.0, 200.0, 400.0, 700.0, 1000.0]),
    ):
        result = measured(
            f"knox, 100 000 {name}, 99 permutations",
            lambda xy=xy, t=t, space=space: knox(xy, t, space_m=space, time_days=TIME_DAYS),
        )
        print(f"{'':52s} {result.observed.sum()} pairs close in both")
    xy, t = uniform[0][:2000] / 7, uniform[1][:2000]
    ours = measured(
        "knox, 2 000, one band, 99 permutations",
        lambda: knox(xy, t, space_m=[100.0], time_days=[14.0]),
    )
    theirs = measured(
        "pointpats Knox, the same",
        lambda: Knox(xy, t[:, None], delta=100.0, tau=14.0, permutations=99).statistic_,
    )
    print(f"{'':52s} pairs {int(ours.observed[0, 0])} and {int(theirs)}")
    incidents = frame(*city(100_000, 12_000, 1095, rng))
    measured(
        "near_repeat_surface, 100 000, 50 m cells",
        lambda: near_repeat_surface(incidents, now="2025-12-01", permutations=19),
    )


def scans(rng):
    for count, days in ((10_000, 365), (100_000, 1095)):
        incidents = frame(*city(count, 10_000, days, rng))
        for model in ("permutation", "poisson"):
            result = measured(
                f"scan, {count}, {model}, 1 000 m, 28 days, 99 simulations",
                lambda i=incidents, m=model: scan(i, model=m, max_radius_m=1000, max_days=28),
            )
            print(f"{'':52s} {result.attrs['cylinders']} cylinders, {result.attrs['centres']}")


def warnings(rng):
    week = np.arange(208)
    counts = rng.poisson(12 * np.exp(0.4 * np.sin(week / 8.3)), (100, 208))
    measured(
        "expected_ranges, 100 zones, 208 weeks", lambda: expected_ranges(counts, counts.sum(0))
    )
    design = np.column_stack([np.ones(208), seasons(week, 2)])
    y, ones, none = counts[0].astype(float), np.ones(208), np.zeros(208)
    theirs = sm.GLM(y, design, family=sm.families.Poisson()).fit(scale="X2", tol=1e-12)
    ours = quasi_poisson(y, design, none, ones)
    error = np.abs(ours.coefficients - theirs.params).max()
    print(f"{'':52s} largest difference to statsmodels GLM: {error:.1e}")
    measured("change_points, 500 weeks", lambda: len(change_points(rng.poisson(8, 500))))
    a, b = frame(*city(20_000, 9_000, 700, rng)), frame(*city(20_000, 9_000, 700, rng))
    measured("compare_rhythms, 2 x 20 000", lambda: compare_rhythms(a, b).p_value)


def town(size, step_m=80.0):
    """A square town of blocks."""
    lines = [[(i, j), (i + 1, j)] for i in range(size) for j in range(size + 1)]
    lines += [[(i, j), (i, j + 1)] for i in range(size + 1) for j in range(size)]
    xy = np.array(lines, dtype=float) * step_m + np.array([648_000, 6_638_000])
    return Streets.from_lines(gpd.GeoDataFrame(geometry=list(shapely.linestrings(xy)), crs=3006))


def on_streets(rng):
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    streets = read_streets(path) if path else town(50)
    edges = streets.edges
    print(f"{len(edges)} segments, {edges['length_m'].sum() / 1000:.0f} km")
    drawn = rng.integers(0, len(edges), 10_000)
    points = shapely.line_interpolate_point(
        edges.geometry.to_numpy()[drawn], rng.random(10_000), normalized=True
    )
    incidents = frame(shapely.get_coordinates(points), rng.uniform(0, 365, 10_000))
    incidents = incidents.set_crs(streets.crs, allow_override=True)
    for split in ("continuous", "discontinuous"):
        rows = measured(
            f"street_density, 10 000, 250 m, {split}",
            lambda s=split: street_density(incidents, streets=streets, split=s),
        )
        total = (rows["per_km_week"] * rows["length_m"]).sum() / 1000 * rows.attrs["weeks"]
        print(f"{'':52s} mass {total / 10_000 - 1:+.1e} from the number of incidents")
    measured(
        "street_hot_spots, 10 000, 200 m",
        lambda: street_hot_spots(incidents, streets=streets),
    )
    near = segment_neighbours(streets, 200.0)
    values = np.bincount(drawn, minlength=len(edges)).astype(float)
    z, _ = measured("segment_gi_star", lambda: segment_gi_star(values, near))
    rows = {i: near.indices[near.indptr[i] : near.indptr[i + 1]] for i in range(near.shape[0])}
    lists = {i: [int(j) for j in row if j != i] for i, row in rows.items()}

    weights = W(lists, silence_warnings=True)
    theirs = measured(
        "esda G_Local, the same neighbours, weights made before",
        lambda: G_Local(values, weights, transform="B", star=True, permutations=0).Zs,
    )
    print(f"{'':52s} largest difference of z: {np.abs(z - theirs).max():.1e}")


def main():
    rng = np.random.default_rng(1)
    near_repeats(rng)
    scans(rng)
    warnings(rng)
    on_streets(rng)


if __name__ == "__main__":
    main()
