"""A self-exciting city of 10 000 incidents: what the fit finds of what was planted, and the cost.

Run: python tests/benchmarks/etas.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from measure import measured

from riskmiljo.forecast.etas import ETAS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forecast"))
from test_forecast_etas import self_exciting_city

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


def fitted(history):
    model = ETAS().fit(history)
    return model.branching_, model.decay_days_, model.spread_m_, model.contrast_weight_


def main() -> None:
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
