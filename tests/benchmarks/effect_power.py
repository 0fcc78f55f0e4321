"""How often the interval of an operation's effect holds the truth, over simulated operations.

Run by hand: ``python tests/benchmarks/effect_power.py [table] [designs] [chicago] [RUNS]``, or the
name of one design. The comparison of ``table`` is statsmodels' Poisson model with a fixed effect
per place and week and errors clustered by place, on the same places and weeks. ``designs`` are
those that nothing was chosen on, and ``chicago`` imagines operations where none was; its data are
read in place beside the project (../shared/data), and it is passed over where they are absent.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter

import forecast_backtest
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmiljo.analysis.effect import effect
from riskmiljo.errors import RiskmiljoError
from riskmiljo.geo.crs import coordinates
from riskmiljo.simulate.operations import simulate_operation

DESIGNS = {
    "four places": {"places": 4},
    "four places, 30 a week in the city": {"places": 4, "per_week": 30.0},
    "one place, 8 weeks": {"places": 1, "weeks": 8},
    "ten places": {"places": 10},
}
# Seeds that nothing was chosen on.
FRESH = 1000
IMAGINED = 80
KINDS = ("BURGLARY", "NARCOTICS", "THEFT")
CASES = ((0.0, 0.0), (-0.2, 0.0), (-0.2, 0.5), (-0.4, 0.0), (-0.4, 0.5))


def clustered(result):
    """Return the interval that statsmodels gives for the same counts."""
    import statsmodels.api as sm  # noqa: PLC0415 - slow to load

    places = result.places[result.places["role"] != "ring"]
    y = places[["before", "during"]].to_numpy(dtype=float).ravel()
    n = len(places)
    unit = np.repeat(np.eye(n), 2, axis=0)
    after = np.tile([0.0, 1.0], n)
    treated = np.repeat((places["role"] == "operation").to_numpy(dtype=float), 2)
    design = np.column_stack([unit, after, treated * after])
    groups = np.repeat(np.arange(n), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.GLM(y, design, family=sm.families.Poisson()).fit(
            cov_type="cluster", cov_kwds={"groups": groups}
        )
    return np.expm1(fit.conf_int()[-1])


def table(runs: int) -> None:
    print(f"{runs} runs each: three places, 52 weeks before, 17 during")
    print(
        "method     true  moved  coverage  excludes 0  said helped/worse  width  cpu s  clustered"
    )
    for method in ("did", "synthetic", "wdd"):
        for true, moved in CASES:
            start = time.process_time()
            held, sure, width, peer, codes = [], [], [], [], Counter()
            for seed in range(runs):
                made = simulate_operation(effect=true, displaced=moved, rng=seed)
                operation = {"period": made.period, "places": made.places}
                result = effect(made.incidents, operation, method=method)
                goal = true * (1 - moved) if method == "wdd" else true
                held.append(result.lower <= goal <= result.upper)
                sure.append(not result.lower <= 0 <= result.upper)
                width.append(result.upper - result.lower)
                codes[result.code] += 1
                if method == "did":
                    low, high = clustered(result)
                    peer.append(low <= true <= high)
            cpu = time.process_time() - start
            said = (codes["helped"] + codes["moved"], codes["worse"])
            other = f"{np.mean(peer):.3f}" if peer else ""
            print(
                f"{method:10s} {true:5.2f} {moved:5.2f} {np.mean(held):9.3f} {np.mean(sure):11.3f}"
                f" {said[0] / runs:11.3f}/{said[1] / runs:.3f} {np.median(width):9.2f} {cpu:6.1f}"
                f" {other:>10s}",
                flush=True,
            )


def designs(runs: int, chosen: list[str]) -> None:
    print(f"{runs} runs each of did, seeds from {FRESH}")
    print(
        "design, true, moved: coverage, excludes 0, said helped or moved/worse/cannot tell, width"
    )
    for name in chosen:
        for true, moved in ((0.0, 0.0), (-0.4, 0.5)):
            held, sure, width, codes = [], [], [], Counter()
            for seed in range(FRESH, FRESH + runs):
                made = simulate_operation(effect=true, displaced=moved, rng=seed, **DESIGNS[name])
                result = effect(made.incidents, {"period": made.period, "places": made.places})
                held.append(result.lower <= true <= result.upper)
                sure.append(not result.lower <= 0 <= result.upper)
                width.append(result.upper - result.lower)
                codes[result.code] += 1
            said = codes["helped"] + codes["moved"], codes["worse"], codes["cannot_tell"]
            print(
                f"{name}, {true:.1f}, {moved:.1f}: {np.mean(held):.3f}, {np.mean(sure):.3f}, "
                f"{'/'.join(f'{count / runs:.3f}' for count in said)}, {np.median(width):.2f}",
                flush=True,
            )


def chicago(runs: int) -> None:
    """Imagine operations of 16 weeks at three circles of 250 m in real data."""
    frames, _ = forecast_backtest.chicago(KINDS)
    for kind, frame in frames.items():
        chance = np.random.default_rng(0)
        xy = coordinates(frame)
        sure, codes, left = [], Counter(), 0
        for _ in range(runs):
            begins = pd.Timestamp("2013-02-04") + pd.Timedelta(weeks=int(chance.integers(0, 70)))
            centres = xy[chance.choice(len(xy), 3, replace=False)]
            places = gpd.GeoSeries(shapely.buffer(shapely.points(centres), 250), crs=frame.crs)
            period = (begins.date(), (begins + pd.Timedelta(weeks=16)).date())
            try:
                result = effect(frame, {"period": period, "places": places}, tz="America/Chicago")
            except RiskmiljoError:
                left += 1
                continue
            sure.append(not result.lower <= 0 <= result.upper)
            codes[result.code] += 1
        said = f"helped or moved {codes['helped'] + codes['moved']}, worse {codes['worse']}"
        print(f"{kind}: excludes 0 in {np.mean(sure):.3f} of {len(sure)}; {said}; refused {left}")


def main() -> None:
    parts = [word for word in sys.argv[1:] if not word.isdigit()] or ["table", "designs", "chicago"]
    runs = next((int(word) for word in sys.argv[1:] if word.isdigit()), 0)
    if "table" in parts:
        table(runs or 200)
    chosen = list(DESIGNS) if "designs" in parts else [name for name in DESIGNS if name in parts]
    if chosen:
        designs(runs or 200, chosen)
    if "chicago" in parts and (forecast_backtest.DATA / "chicago").exists():
        chicago(runs or IMAGINED)


if __name__ == "__main__":
    main()
