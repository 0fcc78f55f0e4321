"""Street segments beside grid cells as units of the forecast, at the same street length walked.

Run: python tests/benchmarks/forecast_streets.py [INCIDENTS]

The simulated city's incidents over Uppsala's real walking network (beside the project, in
../shared/data/uppsala; without it nothing is done). Both are given the same incidents: those within
100 m of a street, in a cell with streets. A cell is worth the length of the streets in it, and the
cells are taken in the order of expected incidents per kilometre of street: a patrol walks all
streets of a flagged cell, or those of the flagged segments, of the same length in all.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import measured

from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.kernel import RecencyKDE
from riskmiljo.forecast.paired import difference
from riskmiljo.forecast.units import Units
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.grid import Grid
from riskmiljo.patrol.street_units import street_units
from riskmiljo.patrol.streets import Streets, read_streets
from riskmiljo.simulate import simulate_city

NETWORK = Path(__file__).resolve().parents[2].parent / "shared/data/uppsala"
# The same settings for all units: tuning them on 6 000 segments takes minutes.
MODELS = {"gamma_poisson": GammaPoisson(bandwidth_m=150), "recency_kde": RecencyKDE()}
SHARES = (0.01, 0.05)
ORIGINS, HORIZON_DAYS = 13, 28
STEP_M = 2.0


def cells_by_street(streets: Streets, cell_m: float) -> Units:
    """Cells with streets, as large as their streets are long, kilometres."""
    grid = Grid.over(shapely.box(*streets.edges.total_bounds), cell_m, origin=(0.0, 0.0))
    lines, length = streets.edges.geometry.to_numpy(), streets.edges.length.to_numpy()
    pieces = np.maximum(np.ceil(length / STEP_M).astype(int), 1)
    line = np.repeat(np.arange(len(lines)), pieces)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = shapely.line_interpolate_point(lines[line], (nth + 0.5) / pieces[line], normalized=True)
    cell = grid.index(shapely.get_coordinates(at))
    km = np.bincount(cell, (length / pieces)[line], grid.mask.size) / 1000
    there = Grid(grid.x0, grid.y0, cell_m, (km > 0).reshape(grid.shape), streets.crs)
    return replace(Units.of_grid(there), size=km[km > 0])


def main() -> None:
    files = sorted(NETWORK.glob("*.gpkg"))
    if not files:
        print(f"{NETWORK} is not there")
        return
    streets = read_streets(files[0])
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12_000
    city = simulate_city(seed=1, end=date(2026, 1, 1), years=3, incidents=count)
    incidents = gpd.GeoDataFrame(city.incidents).to_crs(streets.crs)
    units = {"street segments": street_units(streets)}
    units |= {f"cells of {side} m": cells_by_street(streets, side) for side in (100, 250)}
    xy = coordinates(incidents)
    near = np.all([unit.locate(xy) >= 0 for unit in units.values()], axis=0)
    incidents = incidents[near].reset_index(drop=True)
    print(f"{len(incidents)} of {len(xy)} incidents lie at a street of the network")
    for name, unit in units.items():
        print(f"{name}: {len(unit)}, {unit.area:.0f} km of street")
    results = {
        name: measured(
            name,
            lambda unit=unit: backtest(
                incidents, area=unit, horizon_days=HORIZON_DAYS, origins=ORIGINS, models=MODELS,
                shares=SHARES,
            ),
        )
        for name, unit in units.items()
    }  # fmt: skip
    print("| units | model | 1 % of the streets | 5 % | segments more at 5 %, 95 % | ceiling 5 % |")
    print("|---|---|---|---|---|---|")
    rng = np.random.default_rng(0)
    segments = results["street segments"].table
    for name, result in results.items():
        table = result.summary()
        for model, row in table.iterrows():
            rows = result.table[result.table["model"] == model]
            ours = segments[segments["model"] == model]
            assert pd.Index(rows["events"]).equals(pd.Index(ours["events"]))
            gap = difference(
                ours["hits_5pct"].to_numpy(dtype=float),
                rows["hits_5pct"].to_numpy(dtype=float),
                rows["events"].to_numpy(dtype=float),
                rng,
            )
            print(
                f"| {name} | {model} | {100 * row['hit_rate_1pct']:.1f} "
                f"| {100 * row['hit_rate_5pct']:.1f} "
                f"| {100 * gap.lower:+.1f} to {100 * gap.upper:+.1f} "
                f"| {100 * row['ceiling_hit_rate_5pct']:.1f} |"
            )


if __name__ == "__main__":
    main()
