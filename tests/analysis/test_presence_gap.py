"""The gap between where young people need adults and where adults are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from riskmiljo.analysis.presence_gap import (
    ADULTS_PER_CREW,
    best_windows,
    change_on_occasions,
    concerns_young,
    presence_gap,
    time_without_adults,
)
from riskmiljo.errors import InvalidInputError

SHAPE = (4, 6)
COUNTS = arrays(np.int64, SHAPE, elements=st.integers(0, 60))
MINUTES = arrays(float, SHAPE, elements=st.floats(0, 600))
HOURS = arrays(np.int64, SHAPE[1:], elements=st.integers(0, 500))


@given(COUNTS, HOURS, MINUTES, MINUTES)
def test_more_presence_never_raises_the_gap(counts, hours, minutes, more):
    before = presence_gap(counts, hours, minutes)
    after = presence_gap(counts, hours, minutes + more)
    for name in ("gap", "gap_lower", "gap_upper", "uncovered"):
        assert (after[name] <= before[name] * (1 + 1e-12)).all()
    pd.testing.assert_series_equal(before["need"], after["need"])


@given(COUNTS, HOURS)
def test_without_presence_the_gap_is_the_need(counts, hours):
    table = presence_gap(counts, hours, np.zeros(SHAPE))
    np.testing.assert_allclose(table["gap"], table["need"])
    np.testing.assert_allclose(table["uncovered"], 1.0)


@given(COUNTS, HOURS, MINUTES, st.permutations(range(SHAPE[0])))
def test_the_order_of_places_does_not_matter(counts, hours, minutes, order):
    table = presence_gap(counts, hours, minutes)
    turned = presence_gap(counts[order], hours, minutes[order])
    pd.testing.assert_frame_equal(table, turned, rtol=1e-9)


@given(COUNTS, HOURS, MINUTES)
def test_the_interval_holds_the_estimate(counts, hours, minutes):
    table = presence_gap(counts, hours, minutes)
    assert (table["need_lower"] <= table["need"] * (1 + 1e-9)).all()
    assert (table["need"] <= table["need_upper"] * (1 + 1e-9)).all()
    assert ((table["uncovered"] >= 0) & (table["uncovered"] <= 1 + 1e-9)).all()


def test_the_interval_is_that_of_the_gamma_belief():
    table = presence_gap([[7, 0]], [100, 50], [[0, 0]], prior=[0.2, 0.1], prior_events=4.0)
    for row, count, hours, prior in ((0, 7, 100, 0.2), (1, 0, 50, 0.1)):
        belief = stats.gamma(4.0 + count, scale=1 / (4.0 / prior + hours))
        assert table["need"][row] == pytest.approx(belief.mean())
        assert table["need_lower"][row] == pytest.approx(belief.ppf(0.025))
        assert table["need_upper"][row] == pytest.approx(belief.ppf(0.975))


def test_nineteen_in_twenty_intervals_hold_the_true_rate():
    rng = np.random.default_rng(5)
    slots = 4000
    rates = rng.gamma(5.0, 0.1 / 5.0, slots)
    counts = rng.poisson(rates * 60)
    table = presence_gap(
        counts[None, :], np.full(slots, 60.0), np.zeros((1, slots)), prior=np.full(slots, 0.1)
    )
    held = ((table["need_lower"] <= rates) & (rates <= table["need_upper"])).mean()
    assert held == pytest.approx(0.95, abs=0.015)


def test_crews_that_come_independently_leave_the_place_alone_as_long_as_is_said():
    # Stays of random length, begun at random: walk along the clock and count empty minutes.
    rng = np.random.default_rng(11)
    hours = 4000
    lengths = rng.gamma(2.0, 12.0, rng.poisson(hours * 0.8))
    begins = rng.uniform(0, hours * 60, len(lengths))
    there = np.zeros(hours * 60, dtype=bool)
    for begin, length in zip(begins, lengths, strict=True):
        there[int(begin) : int(begin + length)] = True
    adult_minutes = lengths.sum() * ADULTS_PER_CREW / hours
    assert time_without_adults(adult_minutes) == pytest.approx(1 - there.mean(), abs=0.02)


def test_presence_counts_where_the_need_is():
    counts = [[50], [0]]
    there = presence_gap(counts, [100], [[120], [0]])["gap"][0]
    elsewhere = presence_gap(counts, [100], [[0], [120]])["gap"][0]
    assert there < 0.5 * elsewhere


def test_an_hour_never_seen_is_believed_to_be_as_the_others():
    table = presence_gap([[10, 0]], [100, 0], [[0, 0]])
    assert table["need"][1] == pytest.approx(0.1)
    assert table["need_upper"][1] - table["need_lower"][1] > (
        table["need_upper"][0] - table["need_lower"][0]
    )


def test_nothing_ever_seen_gives_an_exact_poisson_interval():
    table = presence_gap([[0, 0]], [100, 0], [[0, 0]])
    assert table["need"].tolist() == [0.0, 0.0]
    assert table["need_upper"][0] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 100)
    assert table["need_upper"][1] == np.inf


@pytest.mark.parametrize(
    ("events", "hours", "minutes"),
    [
        ([[1]], [10], [[-1]]),
        ([[np.nan]], [10], [[0]]),
        ([[1]], [10, 10], [[0]]),
        ([1], [10], [0]),
        ([[1, 2]], [10, 10], [[0]]),
    ],
)
def test_what_cannot_be_used_is_refused(events, hours, minutes):
    with pytest.raises(InvalidInputError):
        presence_gap(events, hours, minutes)


def test_earlier_occasions_are_weighed_against_as_usual():
    times, lower, upper = change_on_occasions(30, 10, prior_events=5)
    belief = stats.gamma(35, scale=1 / 15)
    assert (times, lower, upper) == pytest.approx(
        (belief.mean(), belief.ppf(0.025), belief.ppf(0.975))
    )
    assert change_on_occasions(0, 0)[0] == 1.0
    assert change_on_occasions(3, 1)[0] < 3 / 1


def windows_by_brute_force(gap, length):
    found = []
    for place, row in enumerate(gap):
        for start in range(168 - length + 1):
            part = row[start : start + length]
            if not np.isnan(part).any() and part.mean() > 0:
                found.append((-part.mean(), place, start))
    found.sort()
    chosen, taken = [], {}
    for value, place, start in found:
        days = taken.setdefault(place, [])
        if len(days) < 2 and all(abs(start - other) >= 12 for other in days) and len(chosen) < 5:
            days.append(start)
            chosen.append((place, start, -value))
    return chosen


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_the_best_windows_are_those_found_by_trying_all(seed, length):
    rng = np.random.default_rng(seed)
    gap = rng.integers(0, 9, (3, 168)).astype(float)
    gap[rng.random((3, 168)) < 0.1] = np.nan
    found = best_windows(gap, length_h=length)
    wanted = windows_by_brute_force(gap, length)
    assert [(row.place, row.start) for row in found.itertuples()] == [w[:2] for w in wanted]
    np.testing.assert_allclose(found["gap"], [w[2] for w in wanted])


def test_where_nothing_is_known_there_is_no_best_window():
    assert best_windows(np.full((2, 168), np.nan)).empty
    assert best_windows(np.zeros((2, 168))).empty
    assert best_windows(np.zeros((0, 168))).empty
    with pytest.raises(InvalidInputError):
        best_windows(np.zeros((2, 24)))


def test_what_patrols_discover_and_grown_ups_crime_do_not_count_as_need():
    table = pd.DataFrame(
        [
            ("other", "reported", "unknown", True),
            ("welfare_concern", "reported", "unknown", True),
            ("unsafety", "reported", "21_plus", True),
            ("violence", "reported", "under_18", True),
            ("theft", "unknown", "18_20", True),
            ("alcohol", "reported", "unknown", True),
            ("alcohol", "reported", "21_plus", False),
            ("theft", "reported", "unknown", False),
            ("narcotics", "discovered", "under_18", False),
            ("welfare_concern", "discovered", "under_18", False),
        ],
        columns=["category", "detection", "age_band", "counts"],
    )
    table["source"] = ["outreach", *["police"] * (len(table) - 1)]
    assert concerns_young(table).tolist() == table["counts"].tolist()
    assert concerns_young(table[:0]).tolist() == []
