from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from riskmiljo.analysis.false_discovery import adjusted_p, false_discovery
from riskmiljo.errors import InvalidInputError


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_adjusted_p_values_are_those_of_scipy(p):
    np.testing.assert_allclose(adjusted_p(p), false_discovery_control(p), rtol=1e-12)


def test_the_step_up_rule_of_benjamini_and_hochberg_decides():
    p = np.random.default_rng(0).random(500) ** 3
    ranked = np.sort(p)
    passed = np.flatnonzero(ranked <= 0.05 * np.arange(1, 501) / 500)
    expected = p <= ranked[passed[-1]]
    np.testing.assert_array_equal(false_discovery(p, 0.05), expected)
    assert 0 < expected.sum() < (p < 0.05).sum()


def test_missing_tests_are_not_counted_and_never_an_alarm():
    p = np.array([[0.01, np.nan], [0.04, 0.9]])
    adjusted = adjusted_p(p)
    assert adjusted.shape == (2, 2)
    assert np.isnan(adjusted[0, 1])
    np.testing.assert_allclose(adjusted[~np.isnan(p)], adjusted_p([0.01, 0.04, 0.9]))
    assert not false_discovery(p, 0.5)[0, 1]
    assert adjusted_p([]).shape == (0,)


def test_a_rate_or_p_value_outside_its_range_is_told():
    for rate in (0, 1, -0.1, np.nan):
        with pytest.raises(InvalidInputError, match="falska larm"):
            false_discovery([0.1], rate)
    with pytest.raises(InvalidInputError, match="mellan 0 och 1"):
        adjusted_p([1.2])
