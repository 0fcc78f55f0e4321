"""Scores against published formulas, brute force and peer libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast import scores
from riskmiljo.forecast.ceiling import noise_ceiling
from riskmiljo.forecast.paired import difference, ratio
from riskmiljo.forecast.prediction import Prediction

small = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 6), min_size=n, max_size=n),
        st.lists(st.integers(0, 6), min_size=n, max_size=n),
        st.floats(0.01, 1.0),
    )
)


@given(small)
def test_the_flagged_area_is_the_share_exactly_and_ties_share_alike(case):
    expected, sizes, share = case
    size = np.array(sizes) + 1.0
    flags = scores.flagged(np.array(expected, dtype=float) * size, size, share)
    assert flags @ size == pytest.approx(share * size.sum())
    assert ((flags >= 0) & (flags <= 1)).all()
    for value in set(expected):
        tied = flags[np.array(expected) == value]
        assert tied == pytest.approx(tied[0])
    # Nothing is flagged while something denser is not full.
    for i, density in enumerate(expected):
        denser = np.array(expected) > density
        assert flags[i] <= 1e-9 or flags[denser] == pytest.approx(1.0)


@given(small)
def test_hits_equal_the_mean_over_random_orders_of_ties(case):
    expected, counts, share = case
    n = len(expected)
    came = np.array(counts, dtype=float)
    ours = scores.hits(scores.flagged(expected, np.ones(n), share), came)
    rng = np.random.default_rng(0)
    total, draws = 0.0, 100
    for _ in range(draws):
        order = np.lexsort((rng.random(n), -np.array(expected)))
        part = np.clip(share * n - np.arange(n), 0, 1)
        total += part @ came[order]
    assert ours == pytest.approx(total / draws, abs=4 * 6 * np.sqrt(n) / np.sqrt(draws))


def test_a_hand_counted_case_gives_the_published_scores():
    # Ten equal cells, two flagged: 6 of 12 incidents; the best two hold 4 + 4.
    expected = np.array([9, 8, 1, 1, 1, 1, 1, 1, 1, 1.0])
    counts = np.array([4, 2, 4, 1, 1, 0, 0, 0, 0, 0.0])
    flags = scores.flagged(expected, np.ones(10), 0.2)
    hit = scores.hits(flags, counts)
    assert hit == 6
    assert scores.pai(hit, 12, 0.2) == pytest.approx(2.5)
    assert scores.pei_star(hit, scores.best_hits(counts, np.ones(10), 0.2)) == pytest.approx(0.75)
    assert scores.precision(flags, counts) == 1.0
    assert scores.recapture_rate_index(10, 6, 40, 12) == pytest.approx((6 / 10) / (12 / 40))
    half = scores.flagged(expected, np.ones(10), 0.15)
    assert scores.hits(half, counts) == 5
    assert scores.jaccard(flags, half) == pytest.approx(1.5 / 2)


@given(small)
def test_pei_star_is_at_most_one_and_reached_by_hindsight(case):
    expected, counts, share = case
    size = np.ones(len(expected))
    hit = scores.hits(scores.flagged(expected, size, share), np.array(counts, dtype=float))
    best = scores.best_hits(counts, size, share)
    assert hit <= best + 1e-9
    if sum(counts):
        assert scores.pei_star(best, best) == 1.0


def test_information_gain_is_the_formula_event_by_event():
    rng = np.random.default_rng(1)
    rate, size = rng.gamma(1, 1, 50), rng.uniform(1, 3, 50)
    counts = rng.poisson(rate)
    bits = []
    for i in np.repeat(np.arange(50), counts):
        even = size[i] / size.sum()
        bits.append(np.log2((0.99 * rate[i] / rate.sum() + 0.01 * even) / even))
    assert scores.gain_bits(rate, counts, size) == pytest.approx(np.mean(bits))
    assert scores.gain_bits(np.zeros(50), counts, size) == pytest.approx(0.0)
    assert scores.gain_bits(size, counts, size) == pytest.approx(0.0)
    assert np.isnan(scores.gain_bits(rate, np.zeros(50), size))


def test_the_true_rates_gain_most_on_average():
    rng = np.random.default_rng(2)
    truth = rng.gamma(0.5, 1, 400)
    counts = rng.poisson(truth, (60, 400)).sum(axis=0)
    best = scores.gain_bits(truth, counts, np.ones(400))
    for other in (truth**1.3, truth**0.7, rng.permutation(truth)):
        assert scores.gain_bits(other, counts, np.ones(400)) < best


def test_deviance_and_slope_agree_with_statsmodels():
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415 - slow to load
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415 - as above

    rng = np.random.default_rng(3)
    expected = rng.gamma(0.7, 0.5, 800) + 1e-3
    counts = rng.poisson(expected**0.8)
    family = Poisson()
    assert scores.poisson_deviance(expected, counts) == pytest.approx(
        family.deviance(counts, expected)
    )
    design = np.column_stack([np.ones(800), np.log(expected)])
    fit = GLM(counts, design, family=family).fit()
    assert scores.calibration_slope(expected, counts) == pytest.approx(fit.params[1], abs=1e-6)
    # Units with the same expected number may be summed.
    twice = scores.calibration_slope(expected, counts * 2.0, repeats=np.full(800, 2.0))
    assert twice == pytest.approx(fit.params[1], abs=1e-6)


def test_the_slope_is_undefined_without_events_or_differences():
    assert np.isnan(scores.calibration_slope([1.0, 2.0], [0, 0]))
    assert np.isnan(scores.calibration_slope([1.0, 1.0], [0, 3]))
    assert np.isnan(scores.calibration_slope([0.0, 0.0], [0, 3]))


@pytest.mark.parametrize("shape", [0.3, 2.0, np.inf])
def test_the_counts_distribution_is_that_of_scipy(shape):
    mean = np.array([0.02, 0.7, 5.0, 80.0])
    made = Prediction(mean, np.full(4, shape))
    for i, mu in enumerate(mean):
        law = stats.poisson(mu) if np.isinf(shape) else stats.nbinom(shape, shape / (shape + mu))
        for k in (0, 1, 7, 90):
            ours = made.cumulative(np.full(4, float(k)))[i]
            assert ours == pytest.approx(law.cdf(k), rel=1e-9)
        low, high = made.count_interval(0.9)
        assert [low[i], high[i]] == law.ppf([0.05, 0.95]).tolist()
    assert (made.cumulative(np.full(4, -1.0)) == 0).all()


def test_the_interval_of_the_expected_number_is_the_gammas():
    made = Prediction(np.array([0.5, 4.0]), np.array([3.0, 12.0]))
    low, high = made.interval(0.9)
    law = stats.gamma([3.0, 12.0], scale=np.array([0.5, 4.0]) / [3.0, 12.0])
    assert low == pytest.approx(law.ppf(0.05))
    assert high == pytest.approx(law.ppf(0.95))
    drawn = made.draw(np.random.default_rng(0), np.array([0, 1]), 20_000)
    assert drawn.mean(axis=0) == pytest.approx([0.5, 4.0], rel=0.02)
    assert drawn.var(axis=0) == pytest.approx([0.5**2 / 3, 4.0**2 / 12], rel=0.05)


@given(st.floats(0.005, 20), st.floats(0.05, 50))
def test_the_interval_always_holds_the_expected_number(mean, shape):
    low, high = Prediction(np.array([mean]), np.array([shape])).interval()
    assert 0 <= low[0] <= mean <= high[0]


@pytest.mark.parametrize("mean", [0.03, 0.6, 12.0])
def test_coverage_is_the_level_for_a_right_forecast_and_not_for_wrong_ones(mean):
    rng = np.random.default_rng(4)
    right = Prediction(np.full(40_000, mean), np.full(40_000, 2.0))
    counts = rng.poisson(rng.gamma(2.0, mean / 2.0, 40_000))
    assert scores.coverage(right, counts).mean() == pytest.approx(0.9, abs=0.01)
    if mean > 0.1:
        too_sure = Prediction(right.expected, np.full(40_000, np.inf))
        assert scores.coverage(too_sure, counts).mean() < 0.88
        too_low = Prediction(right.expected / 3, right.shape)
        assert scores.coverage(too_low, counts).mean() < 0.85


def test_the_ceiling_is_what_the_truth_scores_and_no_model_passes_it():
    rng = np.random.default_rng(5)
    truth = rng.gamma(0.3, 0.5, 1000)
    ceiling = noise_ceiling(truth, np.ones(1000), 0.05, simulations=200, rng=1)
    flags = scores.flagged(truth, np.ones(1000), 0.05)
    came = rng.poisson(truth, (400, 1000)).astype(float)
    rate = (came @ flags).sum() / came.sum()
    assert ceiling.hit_rate == pytest.approx(rate, abs=0.01)
    assert 0.3 < ceiling.pei_star < 1
    blurred = truth * rng.gamma(2, 0.5, 1000)
    worse = scores.flagged(blurred, np.ones(1000), 0.05)
    assert (came @ worse).sum() / came.sum() < ceiling.hit_rate
    assert np.isnan(noise_ceiling(np.zeros(10), np.ones(10), 0.1).hit_rate)


def test_pairing_with_the_baseline_narrows_the_interval_and_covers_the_truth():
    rng = np.random.default_rng(6)
    events = rng.poisson(100, 40).astype(float)
    base = rng.binomial(events.astype(int), 0.20).astype(float)
    better = base + rng.binomial(events.astype(int), 0.03)
    gap = difference(better, base, events, np.random.default_rng(0))
    alone = ratio(better, events, np.random.default_rng(0))
    assert gap.lower < 0.03 < gap.upper
    assert gap.upper - gap.lower < alone.upper - alone.lower
    assert gap.value == pytest.approx((better - base).sum() / events.sum())
    nothing = ratio(np.zeros(3), np.zeros(3), np.random.default_rng(0))
    assert np.isnan(nothing.value)


def test_bad_scores_are_refused_in_words():
    with pytest.raises(InvalidInputError, match="Andelen"):
        scores.flagged([1.0, 2.0], [1.0, 1.0], 0.0)
    with pytest.raises(InvalidInputError, match="negativt"):
        scores.flagged([1.0, np.nan], [1.0, 1.0], 0.1)
    with pytest.raises(InvalidInputError, match="enheter"):
        scores.gain_bits([1.0], [1.0, 2.0], [1.0, 1.0])
