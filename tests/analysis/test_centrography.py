from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from riskmiljo.analysis.centrography import (
    centrography,
    median_centre,
    nearest_neighbour_index,
)
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame

CORNER = np.array([645_000.0, 6_636_000.0])


def incidents(xy, crs=3006, **columns):
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    return points_frame(columns, points[:, 0], points[:, 1], crs)


def leaning(n=300, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, (n, 2)) @ np.array([[400, 100], [30, 150]]) + CORNER


def test_mean_spread_and_ellipse_are_those_of_pointpats():
    peer = pytest.importorskip("pointpats.centrography")
    # Near the origin: pointpats' standard distance loses digits at large coordinates.
    xy = leaning() - CORNER
    found = centrography(incidents(xy))
    np.testing.assert_allclose(found.mean, peer.mean_center(xy), atol=1e-9)
    assert found.standard_distance_m == pytest.approx(peer.std_distance(xy), rel=1e-12)
    major, minor, theta = peer.ellipse(xy)
    assert (found.major_m, found.minor_m) == pytest.approx((major, minor), rel=1e-9)
    # pointpats turns counter-clockwise from east.
    assert (90 - found.azimuth_deg) % 180 == pytest.approx(np.degrees(theta) % 180, abs=1e-9)
    far = centrography(incidents(xy + CORNER))
    assert far.standard_distance_m == pytest.approx(found.standard_distance_m, rel=1e-9)
    np.testing.assert_allclose(np.subtract(far.mean, CORNER), found.mean, atol=1e-6)


def test_the_weighted_ellipse_counts_a_point_as_often_as_its_weight_says():
    xy = leaning(60)
    weight = np.random.default_rng(1).integers(0, 4, 60)
    found = centrography(incidents(xy, weight=weight.astype(float)), correction="arcgis")
    repeated = centrography(incidents(np.repeat(xy, weight, axis=0)), correction="arcgis")
    np.testing.assert_allclose(found.mean, repeated.mean, atol=1e-6)
    np.testing.assert_allclose(found.median, repeated.median, atol=1e-4)
    assert found.major_m == pytest.approx(repeated.major_m, rel=1e-9)
    assert found.standard_distance_m == pytest.approx(repeated.standard_distance_m, rel=1e-9)


def test_the_two_ellipses_differ_by_the_correction_for_degrees_of_freedom():
    frame = incidents(leaning(50))
    ours, theirs = centrography(frame), centrography(frame, correction="arcgis")
    assert ours.major_m / theirs.major_m == pytest.approx(np.sqrt(50 / 48))
    covariance = np.cov(leaning(50).T, ddof=0)
    largest = np.sqrt(2 * np.linalg.eigvalsh(covariance)[-1])
    assert theirs.major_m == pytest.approx(largest, rel=1e-9)


def test_the_azimuth_is_clockwise_from_north_and_the_polygon_lies_along_it():
    along = np.linspace(-100, 100, 41)
    wobble = np.random.default_rng(0).normal(0, 2, 41)
    for azimuth in (0, 30, 90, 150):
        a = np.radians(azimuth)
        xy = np.column_stack(
            [along * np.sin(a) + wobble * np.cos(a), along * np.cos(a) - wobble * np.sin(a)]
        )
        found = centrography(incidents(xy))
        off = (found.azimuth_deg - azimuth + 90) % 180 - 90
        assert abs(off) < 2
        shape = found.ellipse()
        assert shape.is_valid
        assert shape.area == pytest.approx(np.pi * found.major_m * found.minor_m, rel=1e-3)
        tip = shapely.Point(
            found.mean[0] + 0.95 * found.major_m * np.sin(a),
            found.mean[1] + 0.95 * found.major_m * np.cos(a),
        )
        assert shape.buffer(2).contains(tip)


def test_the_median_centre_has_the_least_sum_of_distances():
    xy = leaning(80, seed=3)
    weight = np.random.default_rng(0).uniform(0, 3, 80)

    def total(place):
        return weight @ np.hypot(*(xy - CORNER - place).T)

    peer = minimize(total, [0, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    found = np.subtract(median_centre(xy, weights=weight), CORNER)
    np.testing.assert_allclose(found, peer.x, atol=1e-5)
    assert total(found) <= peer.fun * (1 + 1e-12)


def test_the_median_may_be_one_of_the_points():
    # More than half of the weight at one address: the median is there, and the search may
    # neither divide by zero nor stop short of it.
    xy = np.array([[0, 0], [0, 0], [0, 0], [90, 10], [40, 70.0]])
    assert median_centre(xy) == pytest.approx((0, 0), abs=1e-9)
    star = np.array([[0, 0], [10, 0], [-10, 0], [0, 10], [0, -10.0]])
    assert median_centre(star + 5) == pytest.approx((5, 5), abs=1e-9)
    # The first guess, the mean, is a point of the data that is not the median.
    trap = np.array([[0, 0], [30, 0], [-10, 1], [-10, -1], [-10, 0.0]])
    found = np.array(median_centre(trap))
    best = min(np.hypot(*(trap - p).T).sum() for p in trap)
    assert np.hypot(*(trap - found).T).sum() <= best + 1e-9


def test_one_point_one_address_and_a_line_have_the_spread_that_they_have():
    one = centrography(incidents([CORNER]))
    assert one.mean == one.median == tuple(CORNER)
    assert one.standard_distance_m == 0
    assert np.isnan(one.major_m)
    assert one.ellipse().is_empty
    same = centrography(incidents([CORNER] * 5))
    assert (same.standard_distance_m, same.major_m, same.minor_m) == (0, 0, 0)
    assert np.isnan(same.azimuth_deg)
    line = np.column_stack([np.arange(20.0), 2 * np.arange(20.0)]) + CORNER
    found = centrography(incidents(line))
    assert found.minor_m == 0
    assert found.azimuth_deg == pytest.approx(np.degrees(np.arctan2(1, 2)))
    assert found.ellipse().is_empty


def test_nothing_and_mistakes_are_told():
    with pytest.raises(NothingFoundError):
        centrography(incidents(np.empty((0, 2))))
    with pytest.raises(InvalidInputError, match="Alla vikter är 0"):
        centrography(incidents([CORNER], weight=[0.0]))
    with pytest.raises(InvalidInputError, match="Ellipsen 'rund' finns inte"):
        centrography(incidents([CORNER]), correction="rund")
    with pytest.raises(CRSError):
        centrography(incidents([[17.6, 59.8]], crs=4326))


def test_the_nearest_neighbour_index_is_the_one_of_clark_and_evans():
    xy = np.random.default_rng(0).uniform(0, 1000, (200, 2))
    distance = cdist(xy, xy)
    np.fill_diagonal(distance, np.inf)
    observed = distance.min(axis=1).mean()
    found = nearest_neighbour_index(xy, area_m2=1e6)
    expected = 0.5 / np.sqrt(200 / 1e6)
    assert found.observed_m == pytest.approx(observed)
    assert found.index == pytest.approx(observed / expected)
    # 0.26136 is how the paper rounds the constant.
    error = 0.26136 / np.sqrt(200**2 / 1e6)
    assert found.z == pytest.approx((observed - expected) / error, rel=1e-4)


def test_clumps_and_lattices_are_told_from_chance():
    rng = np.random.default_rng(1)
    clumped = rng.uniform(0, 1000, (20, 2))[rng.integers(0, 20, 300)] + rng.normal(0, 5, (300, 2))
    assert nearest_neighbour_index(clumped, area_m2=1e6).z < -10
    lattice = np.array([(x, y) for x in range(20) for y in range(20)], dtype=float) * 50
    found = nearest_neighbour_index(lattice, area_m2=1e6)
    assert found.index == pytest.approx(2)
    assert found.p < 1e-9
    assert nearest_neighbour_index([[1, 1]] * 9, area_m2=1e6).index == 0


def test_the_edge_correction_makes_random_points_look_random():
    rng = np.random.default_rng(2)
    plain, corrected = [], []
    for _ in range(200):
        xy = rng.uniform(0, 1000, (60, 2))
        plain.append(nearest_neighbour_index(xy, area_m2=1e6).z)
        corrected.append(nearest_neighbour_index(xy, area_m2=1e6, perimeter_m=4000).z)
    assert np.mean(plain) > 0.7
    assert abs(np.mean(corrected)) < 0.25
    assert np.std(corrected) == pytest.approx(1, abs=0.2)


def test_the_index_needs_two_points_and_an_area():
    with pytest.raises(InvalidInputError, match="Minst 2 punkter"):
        nearest_neighbour_index([[0, 0]], area_m2=1)
    for area in (0, -1, np.nan):
        with pytest.raises(InvalidInputError, match="större än 0"):
            nearest_neighbour_index([[0, 0], [1, 1]], area_m2=area)
    with pytest.raises(InvalidInputError, match="större än 0"):
        nearest_neighbour_index([[0, 0], [1, 1]], area_m2=1, perimeter_m=0)
