from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointpats import Knox

from riskmiljo.analysis import knox as module
from riskmiljo.analysis.knox import knox
from riskmiljo.analysis.pairs import ClosePairs, ranges_in_blocks
from riskmiljo.errors import InvalidInputError, NothingFoundError

SPACE = [50.0, 100.0, 250.0]
TIME = [1.0, 7.0, 14.0]
ORIGIN = np.array([648_000.0, 6_638_000.0])


def counted(xy, t, space, time):
    """All pairs, one by one."""
    i, j = np.triu_indices(len(t), 1)
    apart = np.hypot(*(xy[i] - xy[j]).T)
    table = np.zeros((len(space) + 1, len(time) + 1), dtype=int)
    row = np.searchsorted(np.asarray(space) * (1 + 1e-9), apart)
    column = np.searchsorted(np.asarray(time) * (1 + 1e-9), np.abs(t[i] - t[j]))
    np.add.at(table, (row, column), 1)
    return table[:-1, :-1]


def incidents(seed, n=200, side=600.0):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, side, (n, 2))
    xy[n // 2 :] = xy[rng.integers(0, n // 2, n - n // 2)]  # half of them share an address
    return xy + ORIGIN, rng.uniform(0, 90, n)


@pytest.mark.parametrize("whole_days", [True, False])
def test_pairs_and_their_permutations_are_those_counted_one_by_one(whole_days):
    xy, t = incidents(1)
    t = np.floor(t) if whole_days else t
    result = knox(xy, t, space_m=SPACE, time_days=TIME, permutations=19, rng=5)
    assert (result.observed == counted(xy, t, SPACE, TIME)).all()
    # The same shuffles, each counted one by one: times follow the order of the points inside.
    order = ClosePairs.within(xy, SPACE[-1]).order
    rng = np.random.default_rng(5)
    shuffled = []
    for _ in range(19):
        mixed = rng.permutation(t[order])
        shuffled.append(counted(xy[order], mixed, SPACE, TIME))
    assert result.expected == pytest.approx(np.mean(shuffled, axis=0), abs=1e-12)
    at_least = (np.array(shuffled) >= result.observed).sum(axis=0)
    assert result.p_value == pytest.approx((1 + at_least) / 20)
    assert result.ratio == pytest.approx(result.observed / result.expected)


def test_the_bands_of_pointpats_are_the_sums_of_ours():
    xy, t = incidents(2, n=150)
    result = knox(xy, t, space_m=SPACE, time_days=TIME, permutations=9)
    for i, metres in enumerate(SPACE):
        for j, days in enumerate(TIME):
            theirs = Knox(xy, t[:, None], delta=metres, tau=days, permutations=1)
            assert result.observed[: i + 1, : j + 1].sum() == theirs.statistic_


def test_the_mean_of_the_permutations_agrees_with_the_product_of_the_margins():
    xy, t = incidents(3, n=600)
    result = knox(xy, t, space_m=SPACE, time_days=TIME, permutations=199)
    # Their mean is a mean of 199: within four of its standard errors.
    assert result.expected == pytest.approx(
        result.product, abs=4 * np.sqrt(result.product.max() / 199)
    )


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 20)),
        min_size=2,
        max_size=40,
    ),
    st.sampled_from([0.1, 1.0, 25.0]),
)
def test_places_on_a_lattice_fall_on_the_near_side_of_a_border(rows, step):
    table = np.array(rows, dtype=float)
    # 0.1 * 3 is not 0.3: a border must not depend on the last digit.
    xy, t = table[:, :2] * step, table[:, 2] * 0.1
    space, time = [2 * step, 5 * step], [0.3, 0.7]
    result = knox(xy, t, space_m=space, time_days=time, permutations=3)
    squared = ((table[:, None, :2] - table[None, :, :2]) ** 2).sum(axis=2)
    gap = np.abs(table[:, None, 2] - table[None, :, 2])
    upper = np.triu(np.ones_like(gap, dtype=bool), 1)
    for i, (near, far) in enumerate([(-1, 4), (4, 25)]):
        for j, (soon, late) in enumerate([(-1, 3), (3, 7)]):
            band = (squared > near) & (squared <= far) & (gap > soon) & (gap <= late)
            assert result.observed[i, j] == (band & upper).sum()
    assert result.observed.sum() <= upper.sum()
    # Every permutation is made of the same steps: what all of them hold, all hold exactly.
    everything = knox(xy, t, space_m=[1e4], time_days=[2.0], permutations=3)
    assert (everything.expected == upper.sum()).all()


def test_a_near_repeat_is_found_and_the_same_data_shuffled_show_none():
    rng = np.random.default_rng(4)
    xy, t = rng.uniform(0, 4000, (800, 2)), rng.uniform(0, 365, 800)
    again = rng.integers(0, 800, 120)
    near = np.vstack([xy, xy[again] + rng.normal(0, 30, (120, 2))])
    soon = np.concatenate([t, t[again] + rng.uniform(0, 5, 120)])
    found = knox(near, soon, space_m=[100, 400], time_days=[7, 60])
    assert found.p_value[0, 0] == 0.01  # the lowest that 99 permutations can give: never 0
    assert found.ratio[0, 0] > 3
    mixed = knox(near, rng.permutation(soon), space_m=[100, 400], time_days=[7, 60])
    assert mixed.p_value[0, 0] > 0.01


@pytest.mark.parametrize("permutations", [9, 19, 99])
def test_p_is_never_below_one_in_the_permutations_and_the_data_together(permutations):
    rng = np.random.default_rng(4)
    xy = np.repeat(rng.uniform(0, 4000, (100, 2)), 3, axis=0)
    t = np.repeat(rng.uniform(0, 365, 100), 3)
    found = knox(xy, t, space_m=[100], time_days=[7], permutations=permutations)
    assert found.p_value[0, 0] == 1 / (permutations + 1)


def test_p_is_even_where_nothing_repeats():
    rng = np.random.default_rng(6)
    low = 0
    for seed in range(100):
        xy, t = rng.uniform(0, 1000, (60, 2)), rng.uniform(0, 100, 60)
        low += knox(xy, t, space_m=[200], time_days=[10], permutations=19, rng=seed).p_value <= 0.05
    # Binomial with 5 %: 12 or more of 100 have a chance of 0.4 %.
    assert 0 <= int(low.item()) <= 11


def test_the_same_seed_gives_the_same_answer_whatever_is_held_at_once(monkeypatch):
    xy, t = incidents(7)
    first = knox(xy, t, space_m=SPACE, time_days=TIME, permutations=30, rng=1)
    monkeypatch.setattr(module, "_TABLE_BYTES", 200 * 4 * 7)
    monkeypatch.setattr("riskmiljo.analysis.pairs._CANDIDATES_AT_ONCE", 500)
    again = knox(
        xy, t, space_m=SPACE, time_days=TIME, permutations=30, rng=np.random.default_rng(1)
    )
    for name in ("observed", "expected", "p_value", "product"):
        assert (getattr(first, name) == getattr(again, name)).all()


def test_all_at_one_address_is_as_expected():
    t = np.arange(50.0)
    result = knox(np.zeros((50, 2)), t, space_m=[100, 200], time_days=[7])
    assert result.observed[:, 0].tolist() == [sum(50 - lag for lag in range(1, 8)), 0]
    assert result.ratio[0, 0] == 1
    assert np.isnan(result.ratio[1, 0])
    assert (result.p_value == 1).all()


def test_all_on_a_line_and_on_one_day_are_counted():
    xy = np.column_stack([np.arange(40) * 10.0, np.zeros(40)])
    result = knox(xy, np.full(40, 3.5), space_m=10, time_days=1)
    assert result.observed.tolist() == [[39]]
    assert result.expected.tolist() == [[39]]


def test_the_frame_has_one_row_a_band():
    frame = knox([[0, 0], [50, 0]], [0, 2], space_m=[100, 200], time_days=[7]).to_frame()
    assert frame[["from_m", "to_m", "observed"]].values.tolist() == [[0, 100, 1], [100, 200, 0]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"space_m": [200, 100]}, "rising order"),
        ({"space_m": [-1]}, "more than 0"),
        ({"space_m": [0, 100]}, "more than 0"),
        ({"space_m": []}, "1 to 100"),
        ({"space_m": [100, 100]}, "rising order"),
        ({"time_days": [np.nan]}, "bands time_days"),
        ({"time_days": ["7"]}, "must be numbers"),
        ({"t_days": [0.0, np.nan, 2.0]}, "row 1"),
        ({"t_days": [0.0, 1.0]}, "3 points but 2 times"),
        ({"t_days": pd.to_datetime(["2025-01-01"] * 3)}, "Timedelta"),
        ({"t_days": [[0.0, 1.0, 2.0]]}, "shape"),
        ({"xy": [[0, 0], [np.nan, 1], [2, 2]]}, "row 1"),
        ({"permutations": 0}, "permutations must be a whole number from 1"),
        ({"permutations": 9.5}, "permutations must be a whole number from 1"),
    ],
)
def test_what_cannot_be_used_is_told(change, said):
    arguments = {
        "xy": [[0, 0], [1, 1], [2, 2]],
        "t_days": [0.0, 1.0, 2.0],
        "space_m": [100],
        "time_days": [7],
        **change,
    }
    with pytest.raises(InvalidInputError) as error:
        knox(arguments.pop("xy"), arguments.pop("t_days"), **arguments)
    assert said in error.value.message.en


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_incidents_make_no_pair(n):
    with pytest.raises(NothingFoundError):
        knox(np.zeros((n, 2)), np.zeros(n), space_m=[100], time_days=[7])


def test_too_many_pairs_are_refused_with_their_number():
    with pytest.raises(InvalidInputError) as error:
        knox(np.zeros((100_000, 2)), np.zeros(100_000), space_m=[100], time_days=[7])
    assert "5,000 million pairs" in error.value.message.en


def test_one_stray_point_far_away_changes_nothing_else():
    xy, t = incidents(8)
    stray = np.vstack([xy, [0.0, 0.0]])
    ours = knox(stray, np.append(t, 3.0), space_m=SPACE, time_days=TIME, permutations=1)
    assert (ours.observed == counted(xy, t, SPACE, TIME)).all()


def test_ranges_are_written_out_whatever_the_block():
    first, size = np.array([5, 0, 7, 2]), np.array([3, 0, 10, 1])
    wanted = [5, 6, 7, *range(7, 17), 2]
    for at_once in (1, 3, 4, 100):
        blocks = list(ranges_in_blocks(first, size, at_once))
        assert np.concatenate([number for _, number in blocks]).tolist() == wanted
        owners = np.concatenate([owner for owner, _ in blocks]).tolist()
        assert owners == [0] * 3 + [2] * 10 + [3]
