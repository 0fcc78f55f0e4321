"""What is shown beside the joint rate, and how exploratory stops are chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.effort import joint_rate
from riskmiljo.forecast.effort_views import (
    horvitz_thompson,
    presence_balance,
    presence_rate,
    shift_rate,
    side_by_side,
)
from riskmiljo.forecast.exploration import COLUMNS, exploratory_units


def test_the_rate_per_presence_hour_is_the_gamma_of_its_formula():
    d, h = [10, 0, 2], [50.0, 1.0, 40.0]
    table = presence_rate(d, h)
    b = 5 / (12 / 91)
    for unit in range(3):
        gamma = stats.gamma(5 + d[unit], scale=1 / (b + h[unit]))
        expected = [gamma.mean(), *gamma.ppf([0.05, 0.95])]
        assert np.allclose(table.loc[unit, ["rate", "lower", "upper"]].astype(float), expected)
    assert table["little_known"].tolist() == [False, True, False]


def test_old_hours_and_discoveries_count_half_after_the_half_life():
    d, h = np.array([[4.0, 0.0]]), np.array([[8.0, 2.0]])
    table = presence_rate(d, h, half_life_days=1)
    assert table["presence_h"][0] == 6.0
    assert table["rate"][0] == pytest.approx((5 + 2) / (5 / (2 / 6) + 6))


def test_without_presence_no_rate_per_hour_is_shown():
    table = presence_rate([3, 0], [0.0, 0.0])
    assert table[["rate", "lower", "upper"]].isna().all().all()
    assert table["little_known"].all()


def test_the_audit_is_unbiased_where_somebody_was():
    rng = np.random.default_rng(0)
    h = rng.choice([0.5, 2.0], (200, 400))
    d = rng.poisson(0.3 * (1 - np.exp(-0.1 * h)))
    assert horvitz_thompson(d, h).mean() == pytest.approx(0.3, rel=0.03)
    by_hand = np.mean([1 / (1 - np.exp(-0.2)), 0.0, 1 / 0.02])
    assert horvitz_thompson([[1, 0, 1]], [[2.0, 5.0, 0.0]])[0] == pytest.approx(by_hand)


def test_three_maps_side_by_side_mark_what_moves():
    rates = joint_rate([60, 0, 0, 4], [5, 6, 2, 5], [900.0, 20.0, 20.0, 60.0], days=365)
    maps = side_by_side(rates)
    assert np.allclose(maps["all_incidents"], [100, 100 / 3, 0, 200 / 3])
    assert maps["reported_only"].tolist() == [50.0, 100.0, 0.0, 50.0]
    ranks = stats.rankdata(rates["rate"]) - 1
    assert np.allclose(maps["corrected"], ranks / 3 * 100)
    spread = np.ptp(maps.iloc[:, :3].to_numpy(), axis=1)
    assert maps["moved"].tolist() == (spread > 20).tolist()
    assert maps["moved"].any()


def balance(weeks_outside):
    hours = np.full((4, 8), 10.0)
    hours[:2, 8 - weeks_outside :] = 30.0
    return presence_balance(hours, [1.0, 1.0, 1.0, 1.0], ["A", "A", "B", "B"])


def test_the_alarm_comes_after_four_weeks_outside_the_fair_range():
    three, four = balance(3), balance(4)
    assert not three["alarm"].any()
    assert four["alarm"].all()
    assert four["weeks_outside"].tolist() == [4, 4]
    assert np.allclose(four.loc[["A", "B"], "ratio"], [1.5, 0.5])
    assert four.loc["A", "why_sv"] == "Mer närvaro än behovet motiverar, 4 veckor i rad"
    assert four.loc["B", "why_en"] == "Less presence than the need warrants, 4 weeks in a row"
    assert (three["why_sv"] == "").all()


def test_a_week_without_any_patrol_is_no_alarm():
    table = presence_balance(np.zeros((2, 6)), [1.0, 3.0], ["A", "B"])
    assert not table["alarm"].any()
    with pytest.raises(InvalidInputError, match="kolumn per vecka"):
        presence_balance(np.ones((3, 6)), [1.0, 3.0], ["A", "B"])


def test_one_shift_takes_its_share_and_leans_on_the_city_where_counts_are_few():
    part = shift_rate([10.0, 10.0], [0, 8000], [0, 4000], city_share=0.2)
    assert part[0] == pytest.approx(10 * 0.2)
    assert part[1] == pytest.approx(10 * (4000 + 80 * 0.2) / 8080)
    assert shift_rate([1.0, 1.0], [10, 30], [5, 5]).tolist() == pytest.approx(
        [(5 + 80 * 0.25) / 90, (5 + 80 * 0.25) / 110]
    )
    with pytest.raises(InvalidInputError, match="passets timmar"):
        shift_rate([1.0], [3], [4])


@pytest.fixture
def rates():
    rng = np.random.default_rng(3)
    h = np.concatenate([np.zeros(10), rng.uniform(20, 200, 30)])
    d = rng.poisson(0.1 * h)
    return joint_rate(
        pd.Series(d, index=[f"u{n}" for n in range(40)]),
        pd.Series(rng.poisson(6, 40), index=[f"u{n}" for n in range(40)]),
        pd.Series(h, index=[f"u{n}" for n in range(40)]),
        days=365,
    )


def test_the_upper_rule_takes_high_limits_among_the_least_visited(rates):
    stops = exploratory_units(rates, count=3, method="upper")
    assert list(stops.columns) == list(COLUMNS)
    least = rates.nsmallest(10, "presence_h")
    assert set(stops["unit"]) == set(least.nlargest(3, "upper").index)
    assert (stops["label"] == "exploratory").all()
    assert stops["why_sv"].str.startswith("Utforskande stopp: 0 timmars närvaro").all()
    assert stops["why_en"].str.startswith("Exploratory stop").all()


def test_random_stops_are_spread_over_districts_each_with_its_logged_chance(rates):
    district = np.repeat(["A", "B", "C", "D"], 10)
    times = np.zeros(40)
    for seed in range(300):
        stops = exploratory_units(rates, count=4, method="random", district=district, rng=seed)
        at = rates.index.get_indexer(stops["unit"])
        times[at] += 1
        assert sorted(district[at]) == ["A", "B", "C", "D"]
        assert (stops["propensity"] == 0.1).all()
    # 300 draws at 0.1: 30 each, standard deviation 5.2.
    assert abs(times - 30).max() < 4 * 5.2


def test_thompson_sampling_logs_how_often_it_would_choose_a_place(rates):
    stops = exploratory_units(rates, count=5, method="thompson", rng=1)
    assert len(set(stops["unit"])) == 5
    assert stops["propensity"].between(0, 1).all()
    assert (stops["propensity"] > 0).all()
    often = [
        exploratory_units(rates, count=5, method="thompson", rng=seed)["unit"].tolist()
        for seed in range(100)
    ]
    share = np.mean([stops["unit"][0] in drawn for drawn in often])
    assert share == pytest.approx(stops["propensity"][0], abs=0.2)


def test_places_that_the_shift_visits_anyhow_are_not_explored(rates):
    taken = list(rates.index[:38])
    stops = exploratory_units(rates, count=5, method="random", taken=taken)
    assert set(stops["unit"]) == {"u38", "u39"}
    assert len(exploratory_units(rates, count=0)) == 0
    assert len(exploratory_units(rates.iloc[:0], count=2)) == 0
    assert len(exploratory_units(rates, count=2, taken=list(rates.index))) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": -1}, "heltal från 0 och uppåt, inte -1"),
        ({"method": "guess"}, "guess"),
        ({"district": ["a"]}, "distrikt"),
    ],
)
def test_bad_wishes_for_exploration_are_refused(rates, options, message):
    with pytest.raises(InvalidInputError, match=message):
        exploratory_units(rates, **options)
    with pytest.raises(InvalidInputError, match="saknar"):
        exploratory_units(pd.DataFrame({"rate": [1.0]}))
