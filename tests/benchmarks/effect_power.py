"""How often the interval of an operation's effect holds the truth, over simulated operations.

Run by hand: ``python tests/benchmarks/effect_power.py [RUNS]``. The comparison is statsmodels'
Poisson model with a fixed effect per place and week and errors clustered by place, on the same
places and weeks.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter

import numpy as np

from riskmiljo.analysis.effect import effect
from riskmiljo.simulate.operations import simulate_operation

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


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
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


if __name__ == "__main__":
    main()
