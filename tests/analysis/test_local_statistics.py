from __future__ import annotations

import esda
import libpysal
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.analysis.disk import Disk
from riskmiljo.analysis.local_statistics import QUADRANTS, gi_star, local_moran
from riskmiljo.errors import InvalidInputError


def peer_weights(mask, radius, *, itself):
    """Binary weights as a list of neighbours, made cell by cell."""
    number = np.full(mask.shape, -1)
    number[mask] = np.arange(mask.sum())
    cells = np.argwhere(mask)
    neighbours = {}
    for row, column in cells:
        near = np.hypot(cells[:, 0] - row, cells[:, 1] - column) <= radius + 1e-9
        near &= itself | ((cells[:, 0] != row) | (cells[:, 1] != column))
        neighbours[number[row, column]] = [int(number[r, c]) for r, c in cells[near]]
    return libpysal.weights.W(neighbours, silence_warnings=True)


RANDOM = np.random.default_rng(7)
COUNTS = RANDOM.poisson(1.3, (18, 23)).astype(float)
TABLES = {
    "counts": (COUNTS, np.ones(COUNTS.shape, dtype=bool)),
    "a ragged study area": (COUNTS, RANDOM.random(COUNTS.shape) < 0.7),
    "skewed values": (np.exp(RANDOM.normal(0, 2, (14, 9))), np.ones((14, 9), dtype=bool)),
}


@pytest.mark.parametrize("radius", [1, 1.5, 2.5, 5, 30])
@pytest.mark.parametrize("table", list(TABLES))
def test_gi_star_is_esda_s(table, radius):
    values, mask = TABLES[table]
    z, p = gi_star(values, radius_cells=radius, mask=mask)
    peer_weight = peer_weights(mask, radius, itself=True)
    with np.errstate(all="ignore"):
        peer = esda.G_Local(
            values[mask], peer_weight, transform="B", star=True, permutations=0, keep_simulations=0
        )
    whole = np.array([peer_weight.cardinalities[i] for i in range(mask.sum())]) == mask.sum()
    assert np.isnan(z[mask][whole]).all()
    if not whole.all():
        assert np.abs(z[mask] - peer.Zs)[~whole].max() < 1e-9
        # esda's normal p-value is of one tail.
        assert np.abs(p[mask] - 2 * peer.p_norm)[~whole].max() < 1e-9
    assert np.isnan(z[~mask]).all()
    assert np.isnan(p[~mask]).all()


@pytest.mark.parametrize("radius", [1, 2.5, 5])
@pytest.mark.parametrize("table", list(TABLES))
def test_local_moran_is_esda_s(table, radius):
    values, mask = TABLES[table]
    ours = local_moran(values, radius_cells=radius, mask=mask)
    weights = peer_weights(mask, radius, itself=False)
    peer = esda.Moran_Local(values[mask], weights, transformation="r", permutations=0)
    connected = np.array([weights.cardinalities[i] for i in range(mask.sum())]) > 0
    n = mask.sum()
    assert np.abs(ours.i[mask] - peer.Is)[connected].max() < 1e-9
    assert (ours.quadrant[mask] == peer.q)[connected].all()
    # esda scales I by n - 1 but its moments by n.
    with np.errstate(all="ignore"):
        scores = (n / (n - 1) * peer.Is - peer.EIc) / np.sqrt(peer.VIc)
    assert np.abs(ours.z[mask] - scores)[connected].max() < 1e-9
    assert (ours.quadrant[mask] == 0)[~connected].all()
    assert np.isnan(ours.i[mask][~connected]).all()
    assert (ours.quadrant[~mask] == 0).all()


def test_the_score_of_local_moran_is_that_of_shuffling_the_other_cells():
    rng = np.random.default_rng(1)
    values = rng.poisson(2, (6, 7)).astype(float)
    ours = local_moran(values, radius_cells=1)
    others = np.delete(values.ravel(), 3 * 7 + 2)
    draws = np.array([rng.permutation(others)[:4].mean() for _ in range(20_000)])
    lag = (values[2, 2] + values[4, 2] + values[3, 1] + values[3, 3]) / 4
    expected = (lag - draws.mean()) / draws.std() * np.sign(values[3, 2] - values.mean())
    assert ours.z[3, 2] == pytest.approx(expected, abs=0.05)


def test_the_quadrants_say_high_and_low():
    values = np.zeros((9, 9))
    values[:3, :3] = 10
    values[7, 7] = 10
    quadrant = local_moran(values, radius_cells=1).quadrant
    assert QUADRANTS[quadrant[1, 1]] == "HH"
    assert QUADRANTS[quadrant[7, 7]] == "HL"
    assert QUADRANTS[quadrant[7, 6]] == "LH"
    assert QUADRANTS[quadrant[5, 1]] == "LL"


@settings(max_examples=40, deadline=None)
@given(
    ny=st.integers(1, 12),
    nx=st.integers(1, 12),
    radius=st.floats(0, 15),
    seed=st.integers(0, 1000),
)
def test_the_sum_over_a_disk_is_the_sum_over_all_cells_within_the_radius(ny, nx, radius, seed):
    values = np.random.default_rng(seed).integers(-50, 50, (ny, nx)).astype(float)
    cells = np.argwhere(values == values)  # noqa: PLR0124 - every cell
    distance = np.hypot(*(cells[:, None] - cells[None]).transpose(2, 0, 1))
    near = distance <= radius * (1 + 1e-9)
    disk = Disk.of(radius, values.shape)
    assert (disk.sums(values).ravel() == near @ values.ravel()).all()
    everywhere = np.ones(values.shape, dtype=bool)
    assert (disk.counts(everywhere).ravel() == near.sum(axis=1)).all()
    assert (disk.counts(values > 0).ravel() == near @ (values > 0).ravel().astype(float)).all()


def test_a_neighbour_at_the_radius_but_for_rounding_is_a_neighbour():
    # 0.3 / 0.1 is 2.9999999999999996, and 0.29 * 100 is 28.999999999999996.
    assert Disk.of(0.3 / 0.1, (50, 50)).half_widths[0] == 3
    assert Disk.of(0.29 * 100, (50, 50)).half_widths[0] == 29
    assert Disk.of(5, (50, 50)).half_widths == (5, 4, 4, 4, 3, 0)
    assert Disk.of(2.999, (50, 50)).half_widths[0] == 2


def test_a_large_mean_costs_no_digits():
    values = np.random.default_rng(3).normal(0, 1, (40, 40))
    expected, _ = gi_star(values, radius_cells=3)
    z, _ = gi_star(values + 1e6, radius_cells=3)
    assert np.abs(z - expected).max() < 1e-7
    counts = np.random.default_rng(3).poisson(3, (40, 40)).astype(float)
    expected, _ = gi_star(counts, radius_cells=3)
    z, _ = gi_star(counts + 1e9, radius_cells=3)
    assert np.abs(z - expected).max() < 1e-12


def test_equal_neighbourhoods_have_equal_scores():
    values = np.zeros((30, 30))
    values[5, 5] = values[20, 20] = 7
    z, _ = gi_star(values, radius_cells=2)
    assert z[5, 5] == z[20, 20] == z.max()
    assert len(np.unique(z[8:18, 8:18])) == 1


def test_what_lies_outside_the_mask_may_be_anything():
    values = np.random.default_rng(0).poisson(2, (10, 10)).astype(float)
    mask = np.ones((10, 10), dtype=bool)
    mask[:, 7:] = False
    expected = gi_star(values, radius_cells=2, mask=mask)[0]
    values[:, 7:] = np.nan
    values[0, 9] = np.inf
    z, p = gi_star(values, radius_cells=2, mask=mask)
    np.testing.assert_array_equal(z, expected)
    assert np.isnan(p[:, 7:]).all()
    narrow = gi_star(values[:, :7], radius_cells=2)[0]
    assert np.abs(z[:, :7] - narrow).max() < 1e-12


@pytest.mark.parametrize("values", [np.zeros((4, 5)), np.full((4, 5), 0.1), [[3.0]]])
def test_where_all_cells_are_equal_no_score_is_made_up(values):
    z, p = gi_star(values, radius_cells=1)
    assert np.isnan(z).all()
    assert np.isnan(p).all()
    if np.size(values) > 3:
        moran = local_moran(values, radius_cells=1)
        assert np.isnan(moran.z).all()
        assert (moran.quadrant == 0).all()


def test_radius_zero_is_the_plain_score_of_the_cell():
    values = np.random.default_rng(5).poisson(4, (6, 6)).astype(float)
    z, _ = gi_star(values, radius_cells=0)
    np.testing.assert_allclose(z, (values - values.mean()) / values.std(), atol=1e-12)


def test_a_radius_beyond_the_grid_leaves_nothing_to_compare():
    z, _ = gi_star(np.random.default_rng(0).random((5, 8)), radius_cells=1e15)
    assert np.isnan(z).all()


def test_a_mistaken_table_mask_or_radius_is_told():
    good = np.random.default_rng(0).random((5, 8))
    with pytest.raises(InvalidInputError, match="formen"):
        gi_star(good.ravel(), radius_cells=1)
    with pytest.raises(InvalidInputError, match="formen"):
        gi_star(good, radius_cells=1, mask=np.ones((8, 5)))
    with pytest.raises(InvalidInputError, match="Ingen cell"):
        gi_star(good, radius_cells=1, mask=np.zeros((5, 8)))
    with pytest.raises(InvalidInputError, match="Ingen cell"):
        gi_star(np.empty((0, 3)), radius_cells=1)
    for radius in (-1, np.nan, np.inf):
        with pytest.raises(InvalidInputError, match="Radien"):
            gi_star(good, radius_cells=radius)
    good[2, 3] = np.nan
    with pytest.raises(InvalidInputError, match="rad 2, kolumn 3"):
        gi_star(good, radius_cells=1)
    with pytest.raises(InvalidInputError, match="minst 3 celler"):
        local_moran([[1.0, 2.0]], radius_cells=1)


def test_the_values_are_not_changed():
    values = np.random.default_rng(0).poisson(1, (8, 8))
    kept = values.copy()
    gi_star(values, radius_cells=2)
    local_moran(values, radius_cells=2)
    np.testing.assert_array_equal(values, kept)
