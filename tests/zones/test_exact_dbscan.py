"""The grid DBSCAN against scikit-learn's, label by label."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from riskmiljo.analysis.places import unique_places
from riskmiljo.errors import InvalidInputError
from riskmiljo.zones import cluster

UPPSALA = np.array([648_000.0, 6_638_000.0])


def both(xy, eps_m, minimum, weights=None):
    model = DBSCAN(eps=eps_m, min_samples=minimum, algorithm="kd_tree")
    theirs = model.fit(xy, sample_weight=weights).labels_
    return cluster(xy, eps_m=eps_m, min_weight=minimum, weights=weights), theirs


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1_000_000),
    n=st.integers(1, 400),
    spread=st.floats(1, 300),
    eps_m=st.floats(0.5, 90),
    minimum=st.integers(1, 40),
)
def test_scattered_and_gathered_places_get_the_labels_of_scikit_learn(
    seed, n, spread, eps_m, minimum
):
    rng = np.random.default_rng(seed)
    centres = UPPSALA + rng.uniform(0, 1_000, (5, 2))
    xy = centres[rng.integers(0, 5, n)] + rng.normal(0, spread, (n, 2))
    ours, theirs = both(xy, eps_m, minimum)
    assert ours.tolist() == theirs.tolist()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1_000_000),
    n=st.integers(1, 300),
    eps_m=st.sampled_from([10.0, 20.0, 10 * 2**0.5, 10 * 5**0.5, 30.0]),
    minimum=st.integers(1, 15),
)
def test_places_exactly_at_the_distance_are_neighbours_as_in_scikit_learn(seed, n, eps_m, minimum):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 25, (n, 2)) * 10.0
    weights = rng.integers(0, 4, n).astype(float)
    # scikit-learn refuses weights that are all zero.
    weights[0] = 1.0
    ours, theirs = both(xy, eps_m, minimum, weights)
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("eps_m", [0.3, 3.0, 35.0, 150.0, 2_000.0])
@pytest.mark.parametrize("minimum", [1, 4, 60])
def test_a_dense_town_with_shared_addresses_and_strays_far_away(eps_m, minimum):
    rng = np.random.default_rng(3)
    addresses = rng.normal(0, 250, (900, 2))
    xy = addresses[rng.integers(0, 900, 3_000)]
    xy[::7] += rng.normal(0, 15, xy[::7].shape)
    xy = UPPSALA + np.concatenate([xy, [[0.0, -9e6], [9e6, 9e6], [-4e5, 0.0]]])
    ours, theirs = both(xy, eps_m, minimum)
    assert ours.tolist() == theirs.tolist()


def test_a_place_between_two_clusters_belongs_to_the_one_whose_core_came_first():
    left = [[x, y] for x in (0.0, 1.0) for y in (0.0, 1.0, 2.0)]
    right = [[x + 10.0, y] for x, y in left]
    between = [[5.5, 0.0]]
    for points in (left + right + between, right + left + between, between + right + left):
        ours, theirs = both(np.array(points), 4.6, 6)
        assert ours.tolist() == theirs.tolist()
        at = points.index(between[0])
        assert ours[at] == 0
        assert np.bincount(ours).tolist() == [7, 6]


def test_all_on_a_line_and_all_at_one_address():
    line = np.column_stack([np.arange(0, 3_000, 10.0), np.zeros(300)])
    for eps_m in (9.9, 10.0, 25.0):
        ours, theirs = both(line, eps_m, 3)
        assert ours.tolist() == theirs.tolist()
    one = np.repeat([[648_000.0, 6_638_000.0]], 50, axis=0)
    assert cluster(one, eps_m=1.0, min_weight=50).tolist() == [0] * 50
    assert cluster(one, eps_m=1.0, min_weight=51).tolist() == [-1] * 50


def test_two_cells_with_many_cores_that_only_just_reach_each_other_are_one_cluster():
    rng = np.random.default_rng(0)
    west, east = rng.uniform(0, 5, (400, 2)), rng.uniform([14.9, 0.0], [19.9, 5.0], (400, 2))
    xy = np.concatenate([west, east])
    apart = np.sqrt(((west[:, None] - east[None]) ** 2).sum(axis=2).min())
    assert cluster(xy, eps_m=apart * (1 + 1e-12), min_weight=5).max() == 0
    assert cluster(xy, eps_m=apart * (1 - 1e-12), min_weight=5).max() == 1


def test_a_distance_finer_than_the_coordinates_is_refused():
    with pytest.raises(InvalidInputError, match="går inte att skilja"):
        cluster([[0.0, 0.0], [9e6, 9e6]], eps_m=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), n=st.integers(1, 200), sides=st.integers(1, 12))
def test_places_are_merged_as_numpy_merges_rows(seed, n, sides):
    rng = np.random.default_rng(seed)
    xy = rng.integers(-sides, sides, (n, 2)) * 1.5
    weights = rng.uniform(0, 3, n)
    places = unique_places(xy, weights)
    rows, inverse = np.unique(xy, axis=0, return_inverse=True)
    assert np.array_equal(places.xy, rows)
    assert np.array_equal(places.inverse, inverse.reshape(-1))
    assert np.allclose(places.weights, np.bincount(inverse.reshape(-1), weights))
