from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score

from riskmiljo.errors import InvalidInputError
from riskmiljo.zones import cluster
from riskmiljo.zones import cluster as package_cluster
from riskmiljo.zones.cluster import HDBSCAN_MOST_PLACES


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    n=st.integers(1, 200),
    eps_m=st.floats(5, 80),
    minimum=st.integers(1, 12),
)
def test_dbscan_gives_the_labels_of_scikit_learn_with_shared_addresses(seed, n, eps_m, minimum):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 30, (n, 2)) * 10.0
    expected = DBSCAN(eps=eps_m, min_samples=minimum).fit(xy).labels_
    assert cluster(xy, eps_m=eps_m, min_weight=minimum).tolist() == expected.tolist()


def test_dbscan_heeds_weights_as_scikit_learn_does():
    rng = np.random.default_rng(1)
    xy, weights = rng.normal(0, 200, (500, 2)), rng.uniform(0, 4, 500)
    expected = DBSCAN(eps=40, min_samples=12).fit(xy, sample_weight=weights).labels_
    assert cluster(xy, weights=weights, eps_m=40, min_weight=12).tolist() == expected.tolist()


def test_a_minimum_weight_need_not_be_whole():
    xy = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert cluster(xy, weights=[1.25, 1.25], eps_m=5, min_weight=2.5).tolist() == [0, 0]
    assert cluster(xy, weights=[1.2, 1.25], eps_m=5, min_weight=2.5).tolist() == [-1, -1]


@pytest.mark.parametrize("method", ["hdbscan", "density"])
def test_the_other_methods_find_planted_clusters(city, method):
    rng = np.random.default_rng(0)
    spots = [(0, 0), (900, 0), (0, 900), (900, 900)]
    xy = np.concatenate(
        [*(city.spot(rng, x, y, 200, 60) for x, y in spots), city.background(rng, 300)]
    )
    truth = np.concatenate([np.repeat(np.arange(4), 200), np.full(300, -1)])
    labels = cluster(xy, method=method)
    assert adjusted_rand_score(truth[truth >= 0], labels[truth >= 0]) > 0.85


def test_many_incidents_at_one_address_are_no_cluster_of_their_own_to_hdbscan(city):
    rng = np.random.default_rng(0)
    xy = np.concatenate([city.background(rng, 50), np.repeat([city.centre], 500, axis=0)])
    labels = cluster(xy, method="hdbscan")
    assert len(set(labels[50:].tolist())) == 1


def test_hdbscan_says_beforehand_what_it_would_cost():
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 1e5, (HDBSCAN_MOST_PLACES + 1, 2))
    with pytest.raises(InvalidInputError, match="minuter till timmar"):
        cluster(xy, method="hdbscan")


def test_no_points_and_few_points_have_no_clusters():
    for method in ("dbscan", "hdbscan", "density"):
        assert cluster(np.empty((0, 2)), method=method).tolist() == []
        assert cluster([[0.0, 0.0]], method=method).tolist() == [-1]


def test_mistakes_are_told():
    with pytest.raises(InvalidInputError, match="optics"):
        package_cluster([[0.0, 0.0]], method="optics")
    with pytest.raises(InvalidInputError, match="tar eps_m, min_weight"):
        cluster([[0.0, 0.0]], epsilon=3.0)
    with pytest.raises(InvalidInputError, match="eps_m måste vara större än 0"):
        cluster([[0.0, 0.0]], eps_m=0.0)
    with pytest.raises(InvalidInputError, match="två kolumner"):
        cluster([[0.0, 0.0, 1.0]])
    with pytest.raises(InvalidInputError, match="rad 1"):
        cluster([[0.0, 0.0], [np.nan, 1.0]])
