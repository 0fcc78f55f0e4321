from __future__ import annotations

import numpy as np
import pytest
from esda import Geary, Moran
from libpysal.weights import DistanceBand

from riskmiljo.analysis.autocorrelation import autocorrelation
from riskmiljo.errors import InvalidInputError

COLUMNS = ["moran_i", "moran_z", "moran_p", "geary_c", "geary_z", "geary_p"]


@pytest.mark.parametrize("radius", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("cut", [False, True])
def test_moran_and_geary_are_esda_s(radius, cut):
    rng = np.random.default_rng(int(10 * radius) + cut)
    values = rng.poisson(np.exp(rng.normal(0, 1, (4, 5))).repeat(3, axis=0).repeat(3, axis=1))
    mask = np.ones(values.shape, dtype=bool)
    if cut:
        mask &= rng.random(values.shape) > 0.3
        mask[:2, :2] = [[True, False], [False, True]]
    cells = np.argwhere(mask).astype(float)
    weights = DistanceBand(cells, radius * (1 + 1e-9), binary=True, silence_warnings=True)
    if cut and radius == 1:
        assert weights.islands, "a cell without neighbours takes part too"
    moran = Moran(values[mask].astype(float), weights, transformation="r", permutations=0)
    geary = Geary(values[mask].astype(float), weights, transformation="r", permutations=0)
    noisy = np.where(mask, values, np.nan)
    ours = autocorrelation(noisy, radius_cells=radius, mask=mask).iloc[0]
    assert ours["moran_i"] == pytest.approx(moran.I, abs=1e-12)
    assert ours["moran_z"] == pytest.approx(moran.z_rand, rel=1e-9)
    assert ours["moran_p"] == pytest.approx(moran.p_rand, rel=1e-9)
    assert ours["geary_c"] == pytest.approx(geary.C, abs=1e-12)
    # Here the score is positive where like values lie together.
    assert ours["geary_z"] == pytest.approx(-geary.z_rand, rel=1e-9)


def test_the_scores_are_those_of_dealing_the_values_anew():
    rng = np.random.default_rng(4)
    values = rng.gamma(0.5, size=(6, 7)).round(3)
    dealt = np.array(
        [
            autocorrelation(rng.permutation(values.ravel()).reshape(6, 7), radius_cells=1.5).iloc[0]
            for _ in range(400)
        ]
    )
    ours = autocorrelation(values, radius_cells=1.5).iloc[0]
    for statistic, score in ((0, 1), (3, 4)):
        own = (ours.iloc[statistic] - dealt[:, statistic].mean()) / dealt[:, statistic].std()
        assert abs(own) == pytest.approx(abs(ours.iloc[score]), abs=0.15)
        # So a score is standard: in one deal of twenty it is beyond 2.
        assert 0.02 < (np.abs(dealt[:, score]) > 1.96).mean() < 0.08


def test_several_distances_show_how_far_the_pattern_reaches():
    side = np.arange(60)
    blocks = ((side[:, None] // 6 + side // 6) % 2).astype(float)
    found = autocorrelation(blocks, radius_cells=[6, 1, 3, 9, 3])
    assert found.index.tolist() == [1, 3, 6, 9]
    assert list(found.columns) == COLUMNS
    assert found["moran_i"].iloc[0] > found["moran_i"].iloc[1] > 0.3 > found["moran_i"].iloc[3]
    one = autocorrelation(blocks, radius_cells=3)
    assert one.iloc[0].tolist() == found.loc[3].tolist()


def test_where_nothing_differs_or_nothing_is_near_no_score_is_made_up():
    assert autocorrelation(np.full((5, 5), 7), radius_cells=1).isna().all(axis=None)
    assert autocorrelation(np.eye(5), radius_cells=0).isna().all(axis=None)
    everyone = autocorrelation(np.eye(3), radius_cells=9).iloc[0]
    assert everyone["moran_i"] == pytest.approx(-1 / 8)
    assert np.isnan(everyone["moran_z"])
    large = autocorrelation(np.eye(9) + 1e12, radius_cells=1).iloc[0]
    assert large["moran_i"] == pytest.approx(autocorrelation(np.eye(9), radius_cells=1).iloc[0, 0])


@pytest.mark.parametrize(
    ("values", "options", "problem"),
    [
        (np.eye(5), {"radius_cells": -1}, "Radien"),
        (np.eye(5), {"radius_cells": [1, np.nan]}, "Radien"),
        (np.eye(5), {"radius_cells": []}, "minst ett avstånd"),
        (np.ones((1, 3)), {"radius_cells": 1}, "minst 4 celler"),
        (np.full((3, 3), np.nan), {"radius_cells": 1}, "saknar värde"),
        (np.ones(9), {"radius_cells": 1}, "två tabeller"),
    ],
)
def test_what_cannot_be_used_is_told(values, options, problem):
    with pytest.raises(InvalidInputError, match=problem):
        autocorrelation(values, **options)
