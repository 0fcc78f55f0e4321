"""Back-tests on published incidents: every model at the same cells and origins, and the cost.

Run: python tests/benchmarks/forecast_backtest.py [portland] [reference] [chicago] [quick] [shift]
[speed]

``reference`` is the method's own run on Portland: all cells of the city, and the grid laid from
several corners, since nobody knows from which the reference's was. ``shift`` forecasts one evening
at a time. ``quick`` is Chicago without the two dear models, ETAS and the boosted trees.

The data are read in place beside the project (../shared/data); a part without its data is passed
over. The study area is fixed from what was known before the test year: cells of the city within a
kilometre of an earlier incident of any of the kinds.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.dataset as ds
from measure import measured
from scipy.spatial import cKDTree

from riskmiljo.forecast.backtest import backtest
from riskmiljo.geo.crs import coordinates, points_frame, transform
from riskmiljo.geo.grid import Grid

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
KINDS = ("BURGLARY", "MOTOR VEHICLE THEFT", "ROBBERY", "NARCOTICS", "WEAPONS VIOLATION")
QUICK = ("all_history", "recency_counts", "recency_kde", "gamma_poisson", "average")
NEAR_M = 1_000.0
CORNERS = ((0.0, 0.0), (125.0, 125.0), (125.0, 0.0), (0.0, 125.0))


def portland() -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoSeries]:
    """Vehicle theft and burglary calls, and the police districts; metres."""
    found = {}
    for kind, name in (("vehicle theft", "veh"), ("burglary", "bur")):
        table = pd.read_csv(DATA / "portland" / f"crimes_{name}.csv")
        x, y = transform(table["x_coordina"], table["y_coordina"], 2913, 32610)
        times = pd.to_datetime(table["occ_date"]).dt.tz_localize("America/Los_Angeles")
        found[kind] = points_frame({"occurred_from": times.dt.tz_convert("UTC")}, x, y, 32610)
    districts = gpd.read_file(DATA / "portland" / "Portland_Police_Districts.shp")
    return found, districts.set_crs(2913, allow_override=True).to_crs(32610).geometry


def chicago(kinds: tuple[str, ...]) -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoSeries]:
    """Incidents of some kinds, and the community areas; metres."""
    columns = ["Date", "Primary Type", "Latitude", "Longitude"]
    source = ds.dataset(DATA / "chicago" / "chicago_2012_2014.parquet")
    wanted = ds.field("Primary Type").isin(kinds)
    table = source.to_table(columns=columns, filter=wanted).to_pandas().dropna()
    table = table[table["Latitude"] > 41]
    times = pd.DatetimeIndex(table["Date"]).tz_localize(
        "America/Chicago", ambiguous=np.ones(len(table), dtype=bool), nonexistent="shift_forward"
    )
    x, y = transform(table["Longitude"], table["Latitude"], 4326, 32616)
    frame = points_frame({"occurred_from": times.tz_convert("UTC")}, x, y, 32616)
    kind = table["Primary Type"].to_numpy()
    areas = gpd.read_file(next((DATA / "chicago" / "areas").glob("*.shp")))
    areas = areas.set_crs(3435, allow_override=True).to_crs(32616).geometry
    return {name: frame[kind == name] for name in kinds}, areas


def study_area(frames: dict[str, gpd.GeoDataFrame], city: gpd.GeoSeries, before: object) -> Grid:
    """Cells of the city near what had happened before the test year."""
    grid = Grid.over(city, 250, origin=(0.0, 0.0))
    everything = pd.concat(frames.values())
    earlier = coordinates(everything[everything["occurred_from"] < before])
    away, _ = cKDTree(earlier).query(grid.centres, distance_upper_bound=NEAR_M)
    near = np.isfinite(away).reshape(grid.shape)
    return Grid(grid.x0, grid.y0, grid.cell_m, grid.mask & near, grid.crs)


def report(result: object) -> None:
    """Print a back-test's summary as a table of Markdown."""
    table = result.summary()
    print("| model | 1 % | 5 % | difference at 5 % | PEI* 5 % | bits | slope | coverage (5 %) |")
    print("|---|---|---|---|---|---|---|---|")
    for name, row in table.iterrows():
        gap = f"{100 * row['hit_rate_5pct_diff_lower']:+.1f} to "
        gap += f"{100 * row['hit_rate_5pct_diff_upper']:+.1f}"
        chosen = " (chosen)" if name == result.choice.model else ""
        hits = f"{100 * row['hit_rate_1pct']:.1f} | {100 * row['hit_rate_5pct']:.1f}"
        fit = f"{row['pei_star_5pct']:.2f} | {row['gain_bits']:.2f} | {row['slope']:.2f}"
        held = f"{row['coverage']:.3f} ({row['coverage_5pct']:.3f})"
        print(f"| {name}{chosen} | {hits} | {gap} | {fit} | {held} |")
    first = table.iloc[0]
    print(
        f"| ceiling | {100 * first['ceiling_hit_rate_1pct']:.1f} "
        f"| {100 * first['ceiling_hit_rate_5pct']:.1f} | | {first['ceiling_pei_star_5pct']:.2f} "
        "| | | |"
    )
    print(f"{int(first['events'])} incidents over {int(first['origins'])} origins")
    print([note.en for note in result.notes], result.tuned.members, flush=True)


def compare(
    frames: dict[str, gpd.GeoDataFrame],
    city: gpd.GeoSeries,
    origins: int,
    tz: str,
    models: tuple[str, ...] | None = None,
) -> None:
    last = max(frame["occurred_from"].max() for frame in frames.values())
    grid = study_area(frames, city, last - timedelta(days=28 * origins))
    print(f"{int(grid.mask.sum())} cells of 250 m")
    for kind, frame in frames.items():
        result = measured(
            f"{kind}, {len(frame)} incidents, {origins} origins of 28 days",
            lambda frame=frame: backtest(
                frame, area=grid, horizon_days=28, origins=origins, models=models, tz=tz
            ),
        )
        report(result)


def reference() -> None:
    """Portland's 18 periods on all cells of the city, from four corners of the grid."""
    frames, city = portland()
    print(
        "| kind | corner, m | cells | last_year | recency_kde | gamma_poisson | above last_year |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind, frame in frames.items():
        sums = []
        for corner in CORNERS:
            grid = Grid.over(city, 250, origin=corner)
            result = backtest(
                frame, area=grid, horizon_days=28, origins=18,
                models=("recency_kde", "gamma_poisson"), tz="America/Los_Angeles",
            )  # fmt: skip
            table = result.summary().loc[["last_year", "recency_kde", "gamma_poisson"]]
            hits = 100 * table[["hit_rate_1pct", "hit_rate_5pct"]].to_numpy()
            sums.append(hits)
            low, high = (
                100 * table.loc["gamma_poisson", f"hit_rate_5pct_diff_{end}"]
                for end in ("lower", "upper")
            )
            told = " | ".join(f"{one:.1f}/{five:.1f}" for one, five in hits)
            where = f"{corner[0]:.0f}, {corner[1]:.0f} | {int(grid.mask.sum())}"
            print(f"| {kind} | {where} | {told} | {low:+.1f} to {high:+.1f} |", flush=True)
        mean = np.mean(sums, axis=0)
        print(f"| {kind} | mean | | " + " | ".join(f"{a:.1f}/{b:.1f}" for a, b in mean) + " | |")


def speed() -> None:
    """A year of 28 days at a time over eight models and more, 100 000 incidents."""
    frames, city = chicago(("THEFT",))
    frame = frames["THEFT"].sample(100_000, random_state=1).sort_values("occurred_from")
    grid = study_area({"THEFT": frame}, city, frame["occurred_from"].max() - timedelta(days=364))
    result = measured(
        f"100 000 thefts, {int(grid.mask.sum())} cells, 13 origins, all ten models",
        lambda: backtest(frame, area=grid, horizon_days=28, origins=13, tz="America/Chicago"),
    )
    report(result)


def shift() -> None:
    """Evenings one by one, as a patrol would meet them."""
    frames, city = chicago(("ROBBERY",))
    frame = frames["ROBBERY"]
    grid = study_area(frames, city, frame["occurred_from"].max() - timedelta(days=60))
    result = measured(
        "robberies, 28 evenings of 18 to 02",
        lambda: backtest(
            frame, area=grid, origins=28, models=["gamma_poisson"], tz="America/Chicago",
            shift_hours=(18, 2),
        ),
    )  # fmt: skip
    report(result)
    print(result.summary()[["precision_1pct", "precision_5pct", "level"]])


def main() -> None:
    parts = sys.argv[1:] or ["portland", "chicago", "speed"]
    for part in parts:
        folder = DATA / ("portland" if part in ("portland", "reference") else "chicago")
        if not folder.exists():
            print(f"{folder} is not there")
        elif part == "portland":
            compare(*portland(), 18, "America/Los_Angeles")
        elif part == "chicago":
            compare(*chicago(KINDS), 13, "America/Chicago")
        elif part == "quick":
            compare(*chicago(KINDS), 13, "America/Chicago", QUICK)
        elif part == "reference":
            reference()
        elif part == "shift":
            shift()
        else:
            speed()


if __name__ == "__main__":
    main()
