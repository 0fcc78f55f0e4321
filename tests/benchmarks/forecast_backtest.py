"""Back-tests on published incidents: every model at the same cells and origins, and the cost.

Run: python tests/benchmarks/forecast_backtest.py [portland] [reference] [chicago] [sparse] [quick]
[shift] [speed]

``reference`` is the method's own run on Portland: all cells of the city, and the grid laid from
several corners, since nobody knows from which the reference's was. ``shift`` forecasts one evening
at a time. ``quick`` is Chicago without the two dear models, ETAS and the boosted trees. ``sparse``
is kinds of which little is known, alone and with the incidents of other kinds beside them: rare
ones, and common ones of which a part is drawn by lot. Of these the remainder tells what one would
reach who knew many times as much.

The data are read in place beside the project (../shared/data); a part without its data is passed
over. The study area is fixed from what was known before the test year: cells of the city within a
kilometre of an earlier incident of any of the kinds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.dataset as ds
from measure import measured
from scipy.spatial import cKDTree

from riskmiljo.forecast import scores
from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.record import DAY_US, Record, microseconds
from riskmiljo.forecast.results import Backtest
from riskmiljo.forecast.units import Units
from riskmiljo.geo.crs import coordinates, points_frame, transform
from riskmiljo.geo.grid import Grid

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
KINDS = ("BURGLARY", "MOTOR VEHICLE THEFT", "ROBBERY", "NARCOTICS", "WEAPONS VIOLATION")
QUICK = (
    "all_history", "recency_counts", "recency_kde", "gamma_poisson", "mixed_prior", "average",
)  # fmt: skip
NEAR_M = 1_000.0
SPARSE = (
    ("CRIM SEXUAL ASSAULT", 1.0),
    ("WEAPONS VIOLATION", 1.0),
    ("HOMICIDE", 1.0),
    ("ARSON", 1.0),
    ("KIDNAPPING", 1.0),
    ("MOTOR VEHICLE THEFT", 0.1),
    ("CRIMINAL DAMAGE", 0.05),
    ("BATTERY", 0.05),
    ("NARCOTICS", 0.05),
    ("CRIMINAL TRESPASS", 0.2),
)
# Those of the kinds that others than the police mostly report.
REPORTED = (
    "THEFT", "BATTERY", "CRIMINAL DAMAGE", "ASSAULT", "BURGLARY", "MOTOR VEHICLE THEFT", "ROBBERY",
    "OTHER OFFENSE", "DECEPTIVE PRACTICE",
)  # fmt: skip
SPARSE_MODELS = ("recency_kde", "gamma_poisson", "mixed_prior", "average")
SEED = 2
DRAWS = 2_000
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


@dataclass(frozen=True)
class Sparse:
    """A kind of which little is known, the other kinds beside it, and what was drawn away."""

    name: str
    frame: gpd.GeoDataFrame
    others: gpd.GeoDataFrame | None
    rest: gpd.GeoDataFrame | None
    grid: Grid
    origins: int
    tz: str


def sparse_kinds() -> list[Sparse]:
    """Rare kinds and parts of common ones in Chicago, and Portland's two."""
    rng = np.random.default_rng(SEED)
    found = []
    if (DATA / "chicago").exists():
        names = tuple(dict.fromkeys([*KINDS, *REPORTED, *(kind for kind, _ in SPARSE)]))
        frames, city = chicago(names)
        seen = {kind: frames[kind] for kind in KINDS}
        last = max(frame["occurred_from"].max() for frame in seen.values())
        grid = study_area(seen, city, last - timedelta(days=28 * 13))
        for kind, share in SPARSE:
            whole = frames[kind]
            drawn = rng.random(len(whole)) < share
            beside = pd.concat([frames[name] for name in REPORTED if name != kind])
            name = kind.lower() + (f", {100 * share:.0f} %" if share < 1 else "")
            rest = whole[~drawn] if share < 1 else None
            found.append(
                Sparse(name, whole[drawn], beside, rest, grid, 13, "America/Chicago")
            )  # fmt: skip
    if (DATA / "portland").exists():
        frames, city = portland()
        last = max(frame["occurred_from"].max() for frame in frames.values())
        grid = study_area(frames, city, last - timedelta(days=28 * 18))
        for kind, other in (("burglary", "vehicle theft"), ("vehicle theft", "burglary")):
            share = 1.0 if kind == "burglary" else 0.3
            drawn = rng.random(len(frames[kind])) < share
            name = f"Portland: {kind}" + (f", {100 * share:.0f} %" if share < 1 else "")
            rest = frames[kind][~drawn] if share < 1 else None
            found.append(
                Sparse(
                    name, frames[kind][drawn], frames[other], rest, grid, 18, "America/Los_Angeles"
                )
            )
    return found


def knowing(kind: Sparse, result: Backtest) -> dict[float, float]:
    """Hit rates of one who knows the rest of the kind, also of the period itself and later."""
    if kind.rest is None:
        return dict.fromkeys(result.shares, float("nan"))
    units = Units.of_grid(kind.grid)
    record, rest = Record.of(kind.frame, units), Record.of(kind.rest, units)
    caught, events = dict.fromkeys(result.shares, 0.0), 0.0
    for period in result.periods:
        middle = (microseconds(period.start) + microseconds(period.end)) / 2
        weights = 0.5 ** (np.abs(rest.occurred_us - middle) / DAY_US / 365.0)
        count = np.bincount(rest.unit, weights, minlength=len(units))
        prior = np.maximum(units.spread(rest.xy, weights, 150.0), 1e-9)
        rate = (5.0 + count) / (5.0 / prior + 1.0)
        came = record.counts(period)
        events += came.sum()
        for share in result.shares:
            caught[share] += scores.hits(scores.flagged(rate, units.size, share), came)
    return {share: hit / events for share, hit in caught.items()}


def sparse() -> None:
    """The chosen model against gamma-Poisson where little is known."""
    gains: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    print("| kind | incidents | gamma_poisson | chosen | beside others | who knows more |")
    print("|---|---|---|---|---|---|")
    fits = []
    for kind in sparse_kinds():
        told, fit = [], []
        for way, others in (("alone", None), ("beside", kind.others)):
            result = backtest(
                kind.frame, area=kind.grid, horizon_days=28, origins=kind.origins,
                models=SPARSE_MODELS, tz=kind.tz, others=others,
            )  # fmt: skip
            table, name = result.summary(), result.choice.model
            names = ("gamma_poisson", name) if way == "alone" else (name,)
            rates = 100 * table.loc[list(names), ["hit_rate_1pct", "hit_rate_5pct"]].to_numpy()
            hits = [f"{one:.1f}/{five:.1f}" for one, five in rates]
            told += [*hits[:-1], f"{name}: {hits[-1]}"]
            row = table.loc[name]
            fit.append(f"{row['gain_bits']:.2f} | {row['slope']:.2f} | {row['coverage']:.3f}")
            rows = result.table.set_index(["model", "origin"])
            mine, base = rows.loc[name], rows.loc["gamma_poisson"]
            gap = np.array(
                [mine[c] - base[c] for c in ("hits_1pct", "hits_5pct")]
                + [np.nan_to_num((mine["gain_bits"] - base["gain_bits"]) * base["events"])]
            )
            gains.setdefault(way, []).append((gap, base["events"].to_numpy(dtype=float)))
            if way == "alone":
                more = knowing(kind, result)
                plain = table.loc["gamma_poisson", "gain_bits"]
        known = "/".join(f"{100 * rate:.1f}" for rate in more.values() if rate == rate)  # noqa: PLR0124 - NaN
        events = int(table["events"].iloc[0])
        print(f"| {kind.name} | {events} | {' | '.join(told)} | {known} |", flush=True)
        fits.append(f"| {kind.name} | {plain:.2f} | {' | '.join(fit)} |")
    print("| kind | gamma-Poisson's bits | bits | slope | coverage | bits | slope | coverage |")
    print("\n".join(["|---|---|---|---|---|---|---|---|", *fits]))
    for way, kinds in gains.items():
        print(way, pooled(kinds))


def pooled(kinds: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Gains over all kinds, with intervals that draw kinds, and origins of each."""
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        sums, events = np.zeros(3), 0.0
        for at in rng.integers(0, len(kinds), len(kinds)):
            gap, came = kinds[at]
            those = rng.integers(0, len(came), len(came))
            sums, events = sums + gap[:, those].sum(axis=1), events + came[those].sum()
        drawn.append(sums / events)
    value = sum(gap.sum(axis=1) for gap, _ in kinds) / sum(came.sum() for _, came in kinds)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    better = sum(gap[1].sum() > 0 for gap, _ in kinds)
    parts = [
        f"{label} {scale * value[at]:+.2f} ({scale * low[at]:+.2f} to {scale * high[at]:+.2f})"
        for at, (label, scale) in enumerate((("1 %", 100), ("5 %", 100), ("bits", 1)))
    ]
    return ", ".join(parts) + f"; above at 5 % in {better} of {len(kinds)} kinds"


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
        f"100 000 thefts, {int(grid.mask.sum())} cells, 13 origins, all models",
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
        if part == "sparse":
            sparse()
            continue
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
