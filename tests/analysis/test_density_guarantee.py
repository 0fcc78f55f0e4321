"""The promise of the density: within a thousandth of the maximum of the exact sum, on any input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.analysis import kernel_sums, smoothing, spline_binning
from riskmiljo.analysis.kernel_sums import sum_of_kernels, sum_of_one_width
from riskmiljo.analysis.kernels import KERNELS
from riskmiljo.analysis.smoothing import smooth
from riskmiljo.analysis.spline_binning import CUBIC, QUADRATIC, spline_binned
from riskmiljo.geo.grid import Grid

SIDE = 40
PROMISE = 1e-3


def grid(side=SIDE):
    return Grid(0.0, 0.0, 1.0, np.ones((side, side), dtype=bool))


def exact(xy, weights, on, kernel, bandwidth):
    squared = ((on.centres[:, None, :] - xy[None]) ** 2).sum(axis=2) / bandwidth**2
    return ((kernel.profile(squared) @ weights) / bandwidth**2).reshape(on.shape)


def offsets():
    """Where errors are largest: on centres and borders of cells, and in between."""
    return st.sampled_from([0.0, 0.5, 0.25, 0.2887, 0.499999]) | st.floats(0, 1)


@settings(max_examples=150, deadline=None)
@given(
    kernel=st.sampled_from(sorted(KERNELS)),
    bandwidth=st.sampled_from([2.5, 3.49, 3.5, 3.87, 6.0]) | st.floats(1.5, 9),
    cells=st.lists(
        st.tuples(st.integers(-6, SIDE + 6), st.integers(-6, SIDE + 6), st.integers(1, 200)),
        max_size=12,
    ),
    at=st.tuples(offsets(), offsets()),
    scale=st.sampled_from([1.0, 1e-3, 1e-30, 1e25]),
)
def test_points_at_any_one_offset_within_their_cells_keep_the_promise(
    kernel, bandwidth, cells, at, scale
):
    # All at the same offset: the errors have the same sign and nothing cancels.
    rows = np.array([(SIDE // 2, SIDE // 2, 3), *cells], dtype=float)
    xy, weights = rows[:, :2] + at, rows[:, 2] * scale
    found = smooth(xy, weights, grid(), KERNELS[kernel], bandwidth)
    wanted = exact(xy, weights, grid(), KERNELS[kernel], bandwidth)
    assert np.abs(found - wanted).max() <= PROMISE * wanted.max()


@settings(max_examples=150, deadline=None)
@given(
    kernel=st.sampled_from(["quartic", "epanechnikov"]),
    bandwidth=st.sampled_from([0.4, 0.5, 0.71, 1.0, 2.5, 4.0]) | st.floats(0.3, 9),
    number=st.integers(1, 60),
    decimals=st.integers(0, 12),
    seed=st.integers(0, 2**32 - 1),
)
def test_moments_and_rim_are_together_the_exact_sum_of_compact_kernels(
    kernel, bandwidth, number, decimals, seed
):
    # Rounded to whole cells, halves of them, tenths and not at all; beyond the grid too.
    rng = np.random.default_rng(seed)
    xy = np.round(rng.uniform(-6, SIDE + 6, (number, 2)) * 2, decimals) / 2
    weights = rng.integers(1, 200, number).astype(float)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernel_sums, "_PAIRS_A_CELL", -1e9)  # moments always
        found = sum_of_one_width(xy, weights, grid(), KERNELS[kernel], bandwidth)
    wanted = exact(xy, weights, grid(), KERNELS[kernel], bandwidth)
    # A point on the rim to the last digit adds nothing or next to nothing.
    assert np.abs(found - wanted).max() <= 1e-11 * max(wanted.max(), 1e-3)


@settings(max_examples=25, deadline=None)
@given(
    kernel=st.sampled_from(sorted(KERNELS)),
    bandwidth=st.sampled_from([1.5, 2.0, 3.0, 4.0, 8.0, 16.0]),
    spot=st.sampled_from(["any", "centres", "borders", "corners", "tenths", "half of them"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_many_light_places_keep_the_promise_however_their_coordinates_are_rounded(
    kernel, bandwidth, spot, seed
):
    rng = np.random.default_rng(seed)
    xy = np.unique(rng.integers(0, SIDE, (300, 2)), axis=0).astype(float)
    offsets = {
        "any": rng.random(xy.shape),
        "centres": 0.5,
        "borders": [0.5, 0.0],
        "corners": 0.0,
        "tenths": np.round(rng.random(xy.shape), 1),
        "half of them": np.where(rng.random((len(xy), 1)) < 0.5, 0.5, rng.random(xy.shape)),
    }
    xy += offsets[spot]
    weights = np.ones(len(xy))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(smoothing, "_EXACT_PAIRS", 0)  # as if they were a million
        found = smooth(xy, weights, grid(), KERNELS[kernel], bandwidth)
    wanted = exact(xy, weights, grid(), KERNELS[kernel], bandwidth)
    assert np.abs(found - wanted).max() <= PROMISE * wanted.max()


@pytest.mark.parametrize("kernel", ["quartic", "epanechnikov"])
def test_so_many_places_that_moments_are_cheaper_are_summed_exactly(kernel):
    rng = np.random.default_rng(3)
    xy = np.round(rng.uniform(0, SIDE, (60_000, 2)), 2)
    weights = rng.uniform(1, 3, len(xy))
    found = smooth(xy, weights, grid(), KERNELS[kernel], 8.0)
    wanted = sum_of_kernels(xy, weights, grid(), KERNELS[kernel], np.full(len(xy), 8.0))
    assert np.abs(found - wanted).max() <= 1e-12 * wanted.max()


def test_where_only_the_heaviest_need_be_exact_the_light_ones_err_by_little_of_their_share():
    rng = np.random.default_rng(4)
    xy = rng.uniform(0, SIDE, (60_000, 2))
    weights = np.r_[np.full(100, 1e4), np.ones(59_900)]
    quick = smooth(xy, weights, grid(), KERNELS["quartic"], 6.0, quick=True)
    wanted = smooth(xy, weights, grid(), KERNELS["quartic"], 6.0)
    assert 0 < np.abs(quick - wanted).max() <= PROMISE * wanted.max()


@pytest.mark.parametrize("bandwidth", [2.5, 3.5, 3.87])
@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.5, 0.5), (0.29, 0.5)])
def test_points_chosen_so_that_all_their_errors_add_up_keep_the_promise(bandwidth, offset):
    kernel, middle = KERNELS["gaussian"], np.full(2, SIDE // 2)
    one = (middle + offset)[None]
    error = smooth(one, np.ones(1), grid(), kernel, bandwidth)
    error -= exact(one, np.ones(1), grid(), kernel, bandwidth)
    for sign in (1, -1):
        away = np.argwhere(sign * error > 0.1 * np.abs(error).max())[:, ::-1] - middle
        xy = one - away
        wanted = exact(xy, np.ones(len(xy)), grid(), kernel, bandwidth)
        found = smooth(xy, np.ones(len(xy)), grid(), kernel, bandwidth)
        assert np.abs(found - wanted).max() <= PROMISE * wanted.max()


@pytest.mark.parametrize("number", [400, 300_000])
def test_any_number_of_incidents_at_one_address_keep_the_promise(number):
    xy = np.tile([[20.3, 19.8]], (number, 1))
    wanted = exact(xy[:1], np.full(1, float(number)), grid(), KERNELS["gaussian"], 4.0)
    found = smooth(xy, np.ones(number), grid(), KERNELS["gaussian"], 4.0)
    assert np.abs(found - wanted).max() <= PROMISE * wanted.max()


def test_sums_are_of_single_precision_only_where_that_is_exact_enough():
    rng = np.random.default_rng(1)
    spread, heap = rng.uniform(0, SIDE, (5000, 2)), np.full((5000, 2), 20.3)

    def dtype(xy, weights, order=QUADRATIC):
        return spline_binned(xy, weights, grid(), 10, (64, 64), order).dtype

    assert dtype(spread, np.ones(5000)) == np.float32
    assert dtype(spread, np.full(5000, 40.0)) == np.float32
    assert dtype(heap, np.ones(5000)) == np.float64
    assert dtype(spread, np.r_[1e-9, np.ones(4999)]) == np.float64
    assert dtype(spread, np.full(5000, 1e22)) == np.float64
    assert dtype(spread, np.ones(5000), CUBIC) == np.float64


def test_a_heap_that_only_the_last_points_make_is_seen():
    number = 5 * spline_binning._POINTS_AT_ONCE
    xy = np.random.default_rng(1).uniform(0, SIDE, (number, 2))
    xy[-2000:] = 20.3
    assert spline_binned(xy, np.ones(number), grid(), 10, (64, 64), QUADRATIC).dtype == np.float64


@pytest.mark.parametrize("order", [QUADRATIC, CUBIC])
def test_binning_keeps_the_weight_and_its_middle(order):
    rng = np.random.default_rng(2)
    xy, weights = rng.uniform(0, SIDE, (300, 2)), rng.uniform(0, 2, 300)
    field = spline_binned(xy, weights, grid(), 10, (64, 64), order)
    assert field.sum() == pytest.approx(weights.sum(), rel=1e-5)
    rows, columns = np.indices(field.shape)
    assert (field * columns).sum() / field.sum() - 9.5 == pytest.approx(
        np.average(xy[:, 0], weights=weights), abs=1e-3
    )
    assert (field * rows).sum() / field.sum() - 9.5 == pytest.approx(
        np.average(xy[:, 1], weights=weights), abs=1e-3
    )


def test_points_beyond_the_padding_are_left_out():
    xy = np.array([[20.0, 20.0], [-500.0, 20.0], [20.0, 1e9], [1e12, -1e12]])
    field = spline_binned(xy, np.ones(4), grid(), 10, (64, 64), QUADRATIC)
    assert field.sum() == pytest.approx(1)


def test_no_point_and_no_weight_give_nothing():
    nothing = smooth(np.empty((0, 2)), np.empty(0), grid(), KERNELS["gaussian"], 4.0)
    assert nothing.shape == (SIDE, SIDE)
    assert (nothing == 0).all()
    assert (smooth(np.full((3, 2), 9.0), np.zeros(3), grid(), KERNELS["gaussian"], 4.0) == 0).all()


def test_where_nothing_is_near_the_density_is_nothing():
    wide = grid(200)
    field = smooth(np.array([[20.0, 20.0]]), np.ones(1), wide, KERNELS["gaussian"], 4.0)
    assert (field[100:, 100:] == 0).all()
