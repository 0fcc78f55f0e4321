"""The weighted displacement difference and quotient, and synthetic control, against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from riskmiljo.analysis.displacement import (
    weighted_displacement_difference,
    weighted_displacement_quotient,
)
from riskmiljo.analysis.effect_inference import (
    Spread,
    difference_in_differences,
    placebo_p,
    smallest_visible,
    spread_of,
)
from riskmiljo.analysis.synthetic_control import synthetic_change, synthetic_weights
from riskmiljo.errors import InvalidInputError

# Places that changed less than Poisson counts would by chance.
KNOWN = Spread(0.5, -0.01, 10_000)


def test_the_difference_is_that_of_wheeler_and_ratcliffe():
    test = weighted_displacement_difference((20, 10), (20, 20))
    assert (test.estimate, round(test.se, 1)) == (-10, 8.4)
    both = weighted_displacement_difference((20, 10), (20, 20), (30, 20), (30, 30))
    assert (both.local, both.displaced, both.estimate) == (-10, -10, -20)
    assert both.se == pytest.approx(math.sqrt(180))
    assert both.upper - both.lower == pytest.approx(2 * 1.959964 * both.se, rel=1e-6)


def test_with_twenty_incidents_in_each_only_large_effects_show():
    test = weighted_displacement_difference((20, 20), (20, 20), (20, 20), (20, 20))
    assert 1.645 * test.se == pytest.approx(20.8, abs=0.05)
    assert test.upper == pytest.approx(24.8, abs=0.05)


def test_a_period_or_an_area_twice_as_large_counts_half():
    plain = weighted_displacement_difference((20, 10), (20, 20))
    longer = weighted_displacement_difference((40, 10), (40, 20), time_weights=(2, 1))
    wider = weighted_displacement_difference((20, 10), (40, 40), area_weights=(1, 2, 1, 1))
    assert longer.estimate == wider.estimate == plain.estimate
    assert longer.se**2 == pytest.approx(40 / 4 + 10 + 40 / 4 + 20)
    assert wider.se**2 == pytest.approx(20 + 10 + 80 / 4)


def test_the_quotient_tells_diffusion_from_displacement():
    assert weighted_displacement_quotient((100, 50), (100, 90), (100, 100)) == pytest.approx(0.2)
    assert weighted_displacement_quotient((100, 50), (100, 110), (100, 100)) == pytest.approx(-0.2)
    assert weighted_displacement_quotient((100, 50), (100, 160), (100, 100)) < -1
    by_hand = (120 / 300 - 100 / 280) / (60 / 300 - 80 / 280)
    assert weighted_displacement_quotient((80, 60), (100, 120), (280, 300)) == pytest.approx(
        by_hand
    )
    assert math.isnan(weighted_displacement_quotient((1, 1), (1, 1), (0, 1)))
    assert math.isnan(weighted_displacement_quotient((10, 10), (5, 9), (10, 10)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"treated": (-1, 2)},
        {"control": (np.nan, 2)},
        {"time_weights": (0, 1)},
        {"area_weights": (1, 1, np.inf, 1)},
    ],
)
def test_counts_and_weights_that_cannot_be_are_refused(wrong):
    given_counts = {"treated": (1, 2), "control": (3, 4), **wrong}
    with pytest.raises(InvalidInputError):
        weighted_displacement_difference(**given_counts)


def test_the_interval_is_never_narrower_than_the_textbook_one_of_poisson_counts():
    treated, control = np.array([[50.0, 30.0]]), np.array([[100.0, 100.0]])
    found = difference_in_differences(treated, control, KNOWN)
    se = math.sqrt(1 / 50 + 1 / 30 + 2 / 100)
    assert found.estimate == pytest.approx(-0.4)
    assert found.lower == pytest.approx(0.6 * math.exp(-1.96 * se) - 1, abs=1e-3)
    assert found.upper == pytest.approx(0.6 * math.exp(1.96 * se) - 1, abs=1e-3)


@given(
    counts=st.lists(st.integers(0, 300), min_size=4, max_size=4),
    factor=st.integers(1, 5),
)
def test_the_estimate_lies_in_its_interval_whatever_the_counts(counts, factor):
    treated, control = np.array([counts[:2]], float), np.array([counts[2:]], float)
    found = difference_in_differences(treated, control, Spread(factor, 0.01 * factor, 12))
    assert -1 < found.lower <= found.estimate <= found.upper < np.inf


def test_few_places_that_vary_give_students_interval():
    treated, control = np.array([[50.0, 30.0]]), np.array([[100.0, 100.0]])
    found = difference_in_differences(treated, control, Spread(4.0, 0.0, 6))
    se = math.sqrt(1.1 * 4 * (1 / 50 + 1 / 30 + 2 / 100))
    assert found.upper == pytest.approx(0.6 * math.exp(2.570582 * se) - 1, rel=1e-5)


def test_spread_is_found_as_planted_and_none_where_there_is_none():
    rng = np.random.default_rng(0)
    before = rng.poisson(60, 4000).astype(float)
    quiet = spread_of(before, rng.poisson(30, 4000).astype(float))
    assert quiet.dispersion == pytest.approx(1, abs=0.08)
    assert quiet.shock < 0.004
    change = np.exp(rng.normal(0, 0.3, 4000))
    shocked = spread_of(before, rng.poisson(30 * change).astype(float))
    assert shocked.shock == pytest.approx(0.09, rel=0.2)
    assert shocked.dispersion > 2


def test_the_smallest_visible_decrease_is_seen_four_times_in_five():
    spread, control = Spread(1.0, 0.0, 2_000), np.array([[4_000.0, 4_000.0]])
    one = (np.ones(1), np.ones(1))
    power = smallest_visible(80.0, (4_000.0, 4_000.0), 1.0, spread, one)
    rng = np.random.default_rng(1)
    seen = [
        difference_in_differences(
            np.array([[rng.poisson(80), rng.poisson(80 * (1 - power))]], float), control, spread
        ).upper
        < 0
        for _ in range(2_000)
    ]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.04)
    assert smallest_visible(2.0, (10.0, 10.0), 1.0, Spread(1.0, 0.0, 5), one) == 1.0


def test_placebo_places_rarely_change_as_much_as_a_real_effect():
    rng = np.random.default_rng(2)
    control = rng.poisson(80, (30, 2)).astype(float)
    real = placebo_p(np.array([[80.0, 20.0]]), control, spread_of(*control.T), rng)
    assert real == (pytest.approx(1 / 31), 30)
    none = placebo_p(np.array([[80.0, 80.0]]), control, spread_of(*control.T), rng)
    assert none[0] > 0.5
    assert math.isnan(placebo_p(np.ones((2, 2)), np.ones((3, 2)), KNOWN, rng)[0])


def test_synthetic_weights_are_those_of_a_plain_search_over_the_simplex():
    rng = np.random.default_rng(3)
    donors = rng.normal(10, 2, (4, 20))
    treated = donors.T @ [0.6, 0.4, 0.0, 0.0] + rng.normal(0, 0.2, 20)
    weights = synthetic_weights(treated, donors)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    spread = treated.std()

    def loss(w):
        fit = ((treated - donors.T @ w) ** 2).sum() / spread**2
        return fit + 0.05 * 20 * ((w - 0.25) ** 2).sum()

    best = optimize.minimize(
        loss, np.full(4, 0.25), method="SLSQP", bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )  # fmt: skip
    assert np.allclose(weights, best.x, atol=1e-3)


def test_a_synthetic_control_follows_the_donors_that_moved_alike():
    rng = np.random.default_rng(4)
    season = 1 + 0.6 * np.sin(np.arange(40) / 40 * 2 * np.pi)
    kind = np.repeat([True, False], 6)
    donors = rng.poisson(np.where(kind[:, None], 20 * season, 20.0)).astype(float)
    later = rng.poisson(np.where(kind, 500, 200)).astype(float)  # ten weeks
    treated = rng.poisson(15 * season).astype(float)
    change, excess = synthetic_change(treated, 375.0, donors, later, (40.0, 10.0))
    assert change == pytest.approx(0.0, abs=0.15)
    assert excess > 0
    plain = math.log(375 / treated.sum()) - math.log(later.sum() / donors.sum())
    assert plain > 0.25
    # Donors that happen to go exactly alike are chance too: at least that of their own counts.
    alike = np.full((4, 40), 10.0)
    _, least = synthetic_change(alike[0], 100.0, alike, np.full(4, 100.0), (40.0, 10.0))
    assert least == pytest.approx((1 / 400.5 + 1 / 100.5) / 4)


def test_series_that_do_not_fit_are_refused():
    for treated, donors in (([1, 2], [[1, 2, 3]]), ([1, 2], np.zeros((0, 2))), ([np.nan], [[1]])):
        with pytest.raises(InvalidInputError, match="Syntetisk kontroll"):
            synthetic_weights(treated, donors)
