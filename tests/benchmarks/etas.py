"""A self-exciting city of 10 000 incidents: what the fit finds of what was planted, and the cost.

Run: python tests/benchmarks/etas.py; with ``oracle`` behind it, maximum likelihood that is told the
true background and its level, for the two cases that no fit can be expected to keep.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from measure import measured
from scipy import optimize, spatial, special

from riskmiljo.forecast.etas import ETAS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forecast"))
from test_forecast_etas import DAYS, SIDE_M, self_exciting_city

CASES = (
    (0.1, 7, 50),
    (0.2, 20, 100),
    (0.3, 3, 200),
    (0.4, 7, 150),
    (0.3, 10, 60),
    (0.1, 20, 100),
    (0.2, 5, 50),
    (0.4, 30, 150),
    (0.6, 14, 80),
    (0.5, 20, 100),
    (0.5, 10, 100),
    (0.2, 7, 300),
    (0.0, 10, 60),
)
SEEDS = (1, 2, 3)
HARD = ((0.1, 20, 100, 24), (0.2, 7, 300, 16))
REACH_SPREADS, REACH_DECAYS = 6, 13
LIMITS = (0.05, 0.2, 0.2)


def fitted(history):
    model = ETAS().fit(history)
    return model.branching_, model.decay_days_, model.spread_m_, model.contrast_weight_


def background(xy, spontaneous, seed):
    """Return the true rate that `self_exciting_city` draws from: the same first numbers."""
    rng = np.random.default_rng(seed)
    rng.poisson(spontaneous)
    centres, widths = rng.uniform(0, SIDE_M, (25, 2)), rng.uniform(150, 500, 25)
    density = np.full(len(xy), 0.4 / SIDE_M**2)
    for centre, wide in zip(centres, widths, strict=True):
        away = ((xy - centre) ** 2).sum(axis=1) / (2 * wide**2)
        density += 0.6 / 25 * np.exp(-away) / (2 * np.pi * wide**2)
    return spontaneous / DAYS * density


def oracle(branching, days, metres, seed):
    spontaneous = 10_000 * (1 - branching) * 1.05
    history = self_exciting_city(branching, days, metres, spontaneous=spontaneous, seed=seed)
    xy, moments, left = history.xy, DAYS - history.age_days, history.age_days
    true = background(xy, spontaneous, seed)
    reach_m, reach_days = REACH_SPREADS * metres, REACH_DECAYS * days
    tree = spatial.cKDTree(np.column_stack([xy / reach_m, moments / reach_days]))
    first, second = tree.query_pairs(1.0, p=np.inf, output_type="ndarray").T
    waited = moments[second] - moments[first]
    m2 = ((xy[first] - xy[second]) ** 2).sum(axis=1)
    near = m2 <= reach_m**2
    waited, m2, second = waited[near], m2[near], second[near]

    def expected(logs):
        theta, decay, spread = np.exp(logs)
        scale = spread * np.sqrt(2)
        inside = np.prod((special.erf((SIDE_M - xy) / scale) + special.erf(xy / scale)) / 2, axis=1)
        return theta * (inside @ -np.expm1(-left / decay))

    def unlikely(logs):
        theta, decay, spread = np.exp(logs)
        wait, away = waited / decay, m2 / (2 * spread**2)
        kernel = np.exp(-wait - away) * theta / decay / (2 * np.pi * spread**2)
        rate = true + np.bincount(second, kernel, len(xy))
        share = kernel / rate[second]
        slope = np.array([share.sum(), share @ (wait - 1), 2 * (share @ (away - 1))])
        step = np.eye(3) * 1e-3
        slope -= [(expected(logs + one) - expected(logs - one)) / 2e-3 for one in step]
        return expected(logs) - np.log(rate).sum(), -slope

    start = np.log([branching, days, metres])
    level = unlikely(start)[0]
    best = optimize.minimize(
        lambda logs: (unlikely(logs)[0] - level, unlikely(logs)[1]), start, jac=True,
        method="L-BFGS-B", options={"ftol": 1e-7, "gtol": 0.05},
        bounds=np.log([(0.005, 1), (0.3, 200), (15, 1500)]),
    )  # fmt: skip
    return np.exp(best.x)


def oracles() -> None:
    print("planted, cities -> within all three limits; each; sd of log days and log metres")
    for branching, days, metres, cities in HARD:
        found = np.array([oracle(branching, days, metres, seed + 1) for seed in range(cities)])
        off = np.abs(found / (branching, days, metres) - 1)
        off[:, 0] = np.abs(found[:, 0] - branching)
        kept = off <= LIMITS
        spread = np.log(found[:, 1:]).std(axis=0)
        print(
            f"{branching} {days} {metres}, {cities} -> {kept.all(axis=1).mean():.2f};"
            f" {kept.mean(axis=0).round(2)}; {spread.round(2)}",
            flush=True,
        )


def main() -> None:
    if "oracle" in sys.argv:
        oracles()
        return
    print("planted (branching, days, metres) -> found")
    for branching, days, metres in CASES:
        for seed in SEEDS:
            history = self_exciting_city(
                branching, days, metres, spontaneous=10_000 * (1 - branching) * 1.05, seed=seed
            )
            name = f"{branching} {days} {metres}, {len(history.unit)} incidents"
            found = measured(name, lambda history=history: fitted(history))
            print("    -> {:.3f}, {:.1f} days, {:.0f} m (contrast {:.2f})".format(*found))


if __name__ == "__main__":
    main()
