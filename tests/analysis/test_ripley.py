from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.spatial.distance import cdist

from riskmiljo.analysis.ripley import ripley_k
from riskmiljo.errors import InvalidInputError, NothingFoundError

SQUARE = shapely.box(0, 0, 1000, 1000)
RADII = [20, 50, 100, 150]


def scattered(n=300, seed=0):
    return np.random.default_rng(seed).uniform(0, 1000, (n, 2))


def clumped(seed=0):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(50, 950, (25, 2))[rng.integers(0, 25, 250)] + rng.normal(0, 12, (250, 2))
    return np.clip(xy, 0, 1000)


def test_k_without_correction_is_that_of_pointpats():
    peer = pytest.importorskip("pointpats.distance_statistics")
    xy = scattered()
    found = ripley_k(xy, radii_m=RADII, area=SQUARE, correction="none", simulations=0)
    # pointpats takes the hull's box for the area and n for n - 1.
    west, south, east, north = *xy.min(axis=0), *xy.max(axis=0)
    _, k = peer.k(xy, support=np.array(RADII, dtype=float))
    expected = k * 300 / 299 * 1e6 / ((east - west) * (north - south))
    np.testing.assert_allclose(found["k"], expected, rtol=1e-9)


@pytest.mark.parametrize(
    "area",
    [SQUARE, shapely.Polygon([(0, 0), (1000, 0), (1000, 600), (400, 600), (400, 1000), (0, 1000)])],
)
def test_k_with_the_border_correction_is_the_sum_over_points_far_enough_inside(area):
    xy = scattered(400, 1)
    inside = xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    found = ripley_k(xy, radii_m=RADII, area=area, simulations=0)
    distance = cdist(inside, inside)
    np.fill_diagonal(distance, np.inf)
    to_border = shapely.distance(shapely.points(inside), area.boundary)
    for radius in RADII:
        far = to_border >= radius
        others = (distance[far] <= radius).sum() / far.sum()
        expected = others * area.area / (len(inside) - 1)
        assert found.loc[radius, "k"] == pytest.approx(expected)
        assert found.loc[radius, "points"] == far.sum()
        assert found.loc[radius, "l"] == pytest.approx(np.sqrt(expected / np.pi))


def test_random_points_lie_within_the_envelope_and_their_l_is_the_radius():
    levels = []
    for seed in range(60):
        found = ripley_k(scattered(150, seed), radii_m=RADII, area=SQUARE, simulations=0)
        levels.append(found["k"])
    expected = np.pi * np.square(RADII)
    np.testing.assert_allclose(np.mean(levels, axis=0), expected, rtol=0.06)
    found = ripley_k(scattered(), radii_m=RADII, area=SQUARE, simulations=39, rng=1)
    assert (found["lower"] <= found["l"]).all()
    assert (found["l"] <= found["upper"]).all()
    assert found.attrs["p"] > 0.05


def test_clumps_are_found_and_p_is_never_zero():
    found = ripley_k(clumped(), radii_m=RADII, area=SQUARE, simulations=19)
    assert (found["l"] > found["upper"]).all()
    assert found["p_clumped"].tolist() == [1 / 20] * 4
    assert found["p_spread"].tolist() == [1.0] * 4
    assert found.attrs["p"] == 1 / 20


def test_a_lattice_is_spread_evenly():
    lattice = np.array([(x, y) for x in range(20) for y in range(20)]) * 50.0 + 25
    found = ripley_k(lattice, radii_m=[40], area=SQUARE, simulations=19)
    assert found["k"].item() == 0
    assert found["p_spread"].item() == 1 / 20


def test_the_same_seed_gives_the_same_envelope():
    first, second = (
        ripley_k(clumped(), radii_m=RADII, area=SQUARE, simulations=9, rng=5) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    other = ripley_k(clumped(), radii_m=RADII, area=SQUARE, simulations=9, rng=6)
    assert (other["upper"] != first["upper"]).any()


def test_a_distance_at_the_radius_but_for_rounding_is_within_it():
    xy = np.array([[0.1, 0.5], [0.1 + 0.1 + 0.1, 0.5], [0.4, 0.5]])
    unit = shapely.box(-9, -9, 10, 10)
    found = ripley_k(xy, radii_m=[0.1, 0.2], area=unit, simulations=0, correction="none")
    assert found["k"].round(6).tolist() == pytest.approx([2 * 361 / 6, 4 * 361 / 6])


def test_radii_beyond_every_point_s_border_are_not_known():
    found = ripley_k(scattered(), radii_m=[600, 50], area=SQUARE, simulations=5)
    assert found.index.tolist() == [50, 600]
    assert np.isnan(found.loc[600, "k"])
    assert found.loc[600, "points"] == 0
    assert np.isnan(found.loc[600, "p_clumped"])
    assert 0 < found.attrs["p"] <= 1
    at_one_address = ripley_k([[500, 500]] * 8, radii_m=[10], area=SQUARE, simulations=3)
    assert at_one_address["k"].item() == pytest.approx(1e6)


def test_points_outside_the_area_are_left_out_and_mistakes_are_told():
    xy = np.concatenate([scattered(), scattered() + 5000])
    found = ripley_k(xy, radii_m=RADII, area=SQUARE, simulations=0)
    inside = ripley_k(scattered(), radii_m=RADII, area=SQUARE, simulations=0)
    np.testing.assert_array_equal(found, inside)
    with pytest.raises(NothingFoundError, match="Ingen av 300 punkter"):
        ripley_k(scattered() + 5000, radii_m=RADII, area=SQUARE)
    with pytest.raises(InvalidInputError, match="Minst 2 punkter"):
        ripley_k([[5, 5]], radii_m=RADII, area=SQUARE)
    for radii in ([], [0], [-5], [np.nan]):
        with pytest.raises(InvalidInputError, match="avstånd"):
            ripley_k(scattered(), radii_m=radii, area=SQUARE)
    for area in (shapely.Point(1, 1), shapely.Polygon()):
        with pytest.raises(InvalidInputError, match="Området"):
            ripley_k(scattered(), radii_m=RADII, area=area)
    with pytest.raises(InvalidInputError, match="Kantkorrektionen"):
        ripley_k(scattered(), radii_m=RADII, area=SQUARE, correction="ripley")
    with pytest.raises(InvalidInputError, match="simulations ska vara ett heltal"):
        ripley_k(scattered(), radii_m=RADII, area=SQUARE, simulations=-1)
