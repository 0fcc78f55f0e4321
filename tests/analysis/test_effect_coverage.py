"""Over simulated operations the interval holds the truth, and no effect is seldom called one."""

from __future__ import annotations

import numpy as np
import pytest

from riskmiljo.analysis.effect import effect
from riskmiljo.simulate.operations import simulate_operation

RUNS = 30


def evaluate(true, moved, *, seed, method="did"):
    made = simulate_operation(effect=true, displaced=moved, rng=seed, per_week=150, places=4)
    operation = {"period": made.period, "places": made.places}
    return effect(made.incidents, operation, method=method)


@pytest.mark.parametrize(("true", "moved"), [(0.0, 0.0), (-0.2, 0.5), (-0.4, 0.0)])
def test_intervals_hold_the_truth(true, moved):
    results = [evaluate(true, moved, seed=seed) for seed in range(RUNS)]
    held = np.mean([result.lower <= true <= result.upper for result in results])
    # Thirty runs at 95 per cent give fewer than 26 once in a hundred times.
    assert held >= 26 / 30
    said = [result.code in ("helped", "moved", "worse") for result in results]
    assert (np.mean(said) <= 0.1) if true == 0 else (np.mean(said) > 0.02)


def test_the_simulated_operation_has_the_effect_that_was_planted():
    none, half = (simulate_operation(effect=e, rng=3, per_week=2_000) for e in (0.0, -0.5))
    counts = []
    for made in (none, half):
        inside = made.incidents.within(made.places.union_all())
        late = made.incidents["occurred_from"] >= "2025-03-03"
        counts.append((inside & late).sum())
    assert counts[1] / counts[0] == pytest.approx(0.5, abs=0.05)
    moved = simulate_operation(effect=-0.5, displaced=1.0, rng=3, per_week=2_000)
    assert len(moved.incidents) == len(none.incidents) > len(half.incidents)
