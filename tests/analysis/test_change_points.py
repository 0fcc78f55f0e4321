from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import xlogy

from riskmiljo.analysis.change_points import change_points, level_changes
from riskmiljo.errors import InvalidInputError


def best_by_trying_all(counts, due, shortest, penalty):
    n, best = len(counts), None
    for number in range(n // shortest):
        for inner in combinations(range(1, n), number):
            cuts = [0, *inner, n]
            if min(np.diff(cuts)) < shortest:
                continue
            cost = penalty * number
            for a, b in pairwise(cuts):
                cost -= xlogy(counts[a:b].sum(), counts[a:b].sum() / due[a:b].sum())
            if best is None or cost < best[0] - 1e-9:
                best = (cost, cuts[:-1])
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_division_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.choice([1, 4, 12], 3), 4)
    counts, due = rng.poisson(level), rng.uniform(0.5, 2, 12)
    shortest, penalty = int(rng.integers(1, 4)), float(rng.choice([0.5, 2.5]))
    found = change_points(counts, exposure=due, min_length=shortest, penalty=penalty)
    cost, begins = best_by_trying_all(counts, due, shortest, penalty)
    ours = penalty * (len(found) - 1)
    for row in found.itertuples():
        part = slice(row.begin, row.end)
        assert row.level == pytest.approx(counts[part].sum() / due[part].sum())
        ours -= xlogy(counts[part].sum(), row.level)
    assert ours == pytest.approx(cost)
    assert found["begin"].tolist() == begins


def test_a_doubling_is_found_where_it_is_and_an_even_series_stays_whole():
    rng = np.random.default_rng(0)
    counts = np.concatenate([rng.poisson(10, 60), rng.poisson(20, 40)])
    found = change_points(counts)
    assert len(found) == 2
    assert found["begin"].iloc[1] == pytest.approx(60, abs=3)
    assert found["times_before"].iloc[1] == pytest.approx(2, abs=0.4)
    whole = sum(len(change_points(rng.poisson(8, 104))) == 1 for _ in range(100))
    assert whole >= 88


def test_nothing_and_one_step_are_series_too():
    empty = change_points(np.zeros(20))
    assert empty[["begin", "end", "count"]].to_numpy().tolist() == [[0, 20, 0]]
    assert len(change_points([5], min_length=1)) == 1
    risen = change_points([0] * 10 + [9] * 10)
    assert np.isinf(risen["times_before"].iloc[1])


@pytest.mark.parametrize(
    ("counts", "options"),
    [
        ([], {}),
        ([1, -1, 2, 3], {}),
        ([1, np.nan, 2, 3], {}),
        ([1.5, 2, 3, 4], {}),
        ([1, 2, 3], {}),
        ([1, 2, 3, 4], {"min_length": 0}),
        ([1, 2, 3, 4], {"exposure": [1, 1, 0, 1]}),
        ([1, 2, 3, 4], {"exposure": [1, 1]}),
        ([1, 2, 3, 4], {"penalty": -1.0}),
        ([1, 2, 3, 4], {"dispersion": 0.5}),
    ],
)
def test_series_that_cannot_be_divided_are_told(counts, options):
    with pytest.raises(InvalidInputError):
        change_points(counts, **options)


def history(mean, rng, now=date(2025, 6, 2)):
    counts = rng.poisson(mean)
    days = [
        pd.Timestamp(now - timedelta(days=7 * back + int(d)), tz="UTC") + pd.Timedelta(hours=11)
        for back, number in enumerate(counts[::-1])
        for d in rng.integers(1, 8, number)
    ]
    return pd.DataFrame({"occurred_from": pd.Series(days, dtype="datetime64[us, UTC]")})


def test_a_zone_that_fell_is_told_with_its_week_and_the_season_is_no_change():
    rng = np.random.default_rng(1)
    season = np.exp(0.5 * np.sin(2 * np.pi * np.arange(156) / 52.18))
    steady = history(15 * season, rng)
    fallen = history(np.where(np.arange(156) < 120, 15, 6) * season, rng)
    both = pd.concat([steady, fallen], ignore_index=True)
    by = pd.Series(["a"] * len(steady) + ["b"] * len(fallen), dtype="str")
    found = level_changes(both, by, now="2025-06-02", since="2022-06-06")
    assert found["zone_id"].tolist() == ["a", "b", "b"]
    last = found.iloc[-1]
    assert abs((last["begins"] - date(2024, 9, 23)).days) <= 28
    assert last["ends"] == date(2025, 6, 2)
    assert last["times_before"] == pytest.approx(0.4, abs=0.12)
    assert found["seasonal"].all()
    assert found.groupby("zone_id")["incidents"].sum().tolist() == [len(steady), len(fallen)]
    short = level_changes(both, now="2025-06-02", since="2024-12-02")
    assert not short["seasonal"].any()
