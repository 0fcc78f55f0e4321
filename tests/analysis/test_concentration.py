from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.analysis.concentration import concentration, top_stability, unit_counts
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.grid import Grid

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(any)


def incidents(xy, **columns):
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    return points_frame(columns, points[:, 0], points[:, 1], 3006)


@given(COUNTS)
def test_the_gini_is_half_the_mean_difference_over_the_mean(counts):
    values = np.asarray(counts, dtype=float)
    expected = np.abs(values[:, None] - values).mean() / 2 / values.mean()
    assert concentration(counts).gini == pytest.approx(expected, abs=1e-12)


@given(COUNTS)
def test_the_gini_is_twice_the_area_between_the_lorenz_curve_and_the_diagonal(counts):
    found = concentration(counts)
    curve = found.lorenz()
    area = np.trapezoid(curve["incidents"], curve["places"])
    assert 1 - 2 * area == pytest.approx(found.gini, abs=1e-12)
    assert (curve.iloc[0] == 0).all()
    assert (curve.iloc[-1] == 1).all()
    assert (np.diff(curve["incidents"]) >= -1e-12).all()


@given(COUNTS)
def test_the_generalised_gini_measures_from_the_most_even_sharing_there_can_be(counts):
    # By its geometry: with c incidents at n > c places the most even curve is 0 until 1 - c/n.
    found = concentration(counts)
    curve = found.lorenz()
    share = min(1.0, sum(counts) / len(counts))
    area = np.trapezoid(curve["incidents"], curve["places"])
    expected = (share / 2 - area) / (share / 2)
    assert found.generalised_gini == pytest.approx(expected, abs=1e-9)


def test_fewer_incidents_than_places_shared_evenly_are_not_concentrated():
    found = concentration([1] * 20 + [0] * 80)
    assert found.generalised_gini == pytest.approx(0, abs=1e-12)
    assert found.gini == pytest.approx(0.8)
    assert concentration([20] + [0] * 99).generalised_gini == pytest.approx(1 - 1 / 20)
    assert concentration([3, 3, 3]).gini == pytest.approx(0, abs=1e-12)


def test_the_share_of_the_top_is_exact_also_where_rounding_would_lose_a_place():
    counts = np.arange(100.0)
    found = concentration(counts)
    assert found.share_of_top(0.29) == pytest.approx(counts[-29:].sum() / counts.sum(), rel=1e-12)
    assert found.share_of_top(0.145) == pytest.approx(
        (counts[-14:].sum() + counts[-15] / 2) / counts.sum()
    )
    assert found.share_of_top(0) == 0
    assert found.share_of_top(1) == 1
    rng = np.random.default_rng(0)
    assert concentration(rng.permutation(counts)).share_of_top(0.05) == found.share_of_top(0.05)


def test_how_few_places_hold_a_quarter_and_half():
    found = concentration([50, 25, 15, 10] + [0] * 96)
    assert found.places_for(0.25) == 1
    assert found.places_for(0.5) == 1
    assert found.places_for(0.51) == 2
    assert found.places_for(0.75) == 2
    assert found.places_for(0.9) == 3
    assert found.places_for(1) == 4
    assert found.places_for(0) == 0
    assert concentration([0.1] * 10).places_for(0.3) == 3
    summary = found.summary()
    assert summary["places_for_50_percent"] == pytest.approx(0.01)
    assert summary["top_1_percent"] == pytest.approx(0.5)
    assert summary["incidents"] == 100


def test_no_incidents_and_impossible_counts_are_told():
    for counts in ([], [0, 0, 0]):
        with pytest.raises(NothingFoundError):
            concentration(counts)
    with pytest.raises(InvalidInputError, match="rad 1 är -2"):
        concentration([1, -2.0])
    with pytest.raises(InvalidInputError, match="rad 0 är nan"):
        concentration([np.nan, 1])
    with pytest.raises(InvalidInputError, match="andel"):
        concentration([1]).share_of_top(1.5)


def test_incidents_are_counted_at_unique_places_cells_segments_and_districts():
    frame = incidents([[5, 5], [5, 5], [95, 5], [5, 95], [500, 500]])
    assert sorted(unit_counts(frame)) == [1, 1, 1, 2]
    grid = Grid.over(shapely.box(0, 0, 100, 100), 50)
    assert unit_counts(frame, grid).tolist() == [2, 1, 1, 0]
    streets = gpd.GeoSeries(
        shapely.linestrings([[(0, 0), (100, 0)], [(0, 100), (100, 100)], [(0, 300), (9, 300)]]),
        crs=3006,
    )
    assert unit_counts(frame, streets, reach_m=20).tolist() == [3, 1, 0]
    districts = gpd.GeoSeries([shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100)], crs=3006)
    assert unit_counts(frame, districts, reach_m=0).tolist() == [3, 1]


def test_an_incident_as_near_to_two_segments_is_counted_once_at_the_first():
    streets = gpd.GeoSeries(shapely.linestrings([[(0, 0), (100, 0)], [(0, 0), (0, 100)]]), crs=3006)
    frame = incidents([[0, 0], [10, 10], [-3, -3]])
    assert unit_counts(frame, streets).tolist() == [3, 0]
    assert unit_counts(frame.iloc[:0], streets).tolist() == [0, 0]


def test_units_in_another_system_are_refused():
    streets = gpd.GeoSeries([shapely.LineString([(0, 0), (9, 9)])], crs=3007)
    with pytest.raises(CRSError):
        unit_counts(incidents([[0, 0]]), streets)


def test_tops_that_stay_and_tops_that_move():
    stays = [[9, 8, 1, 1, 0, 0, 0, 0, 0, 0]] * 3
    found = top_stability(stays, top=0.2)
    assert found["still_top"].tolist() == [1, 1]
    assert found["jaccard"].tolist() == [1, 1]
    assert found["holds"].tolist() == pytest.approx([17 / 19] * 2)
    assert found["by_chance"].tolist() == pytest.approx([0.2] * 2)
    moves = [[9, 8, 1, 1, 0, 0, 0, 0, 0, 0], [1, 9, 8, 0, 0, 0, 0, 0, 0, 2]]
    found = top_stability(moves, top=0.2)
    assert found["still_top"].item() == pytest.approx(0.5)
    assert found["jaccard"].item() == pytest.approx(1 / 3)
    assert found["holds"].item() == pytest.approx(10 / 20)
    assert found["best"].item() == pytest.approx(17 / 20)


def test_places_that_tie_for_the_top_share_it_whatever_their_order():
    rng = np.random.default_rng(0)
    years = rng.poisson(0.7, (2, 200))
    expected = top_stability(years, top=0.1)
    order = rng.permutation(200)
    again = top_stability(years[:, order], top=0.1)
    np.testing.assert_allclose(again, expected, rtol=1e-12)
    drawn = []
    for _ in range(4000):
        tops = [
            set(np.lexsort((rng.random(200), -year))[:20].tolist()) for year in years.astype(float)
        ]
        drawn.append(len(tops[0] & tops[1]) / 20)
    assert expected["still_top"].item() == pytest.approx(np.mean(drawn), abs=0.01)


def test_a_place_without_incidents_is_never_at_the_top():
    found = top_stability([[3, 0, 0, 0], [0, 3, 0, 0]], top=0.5)
    assert found["still_top"].item() == 0
    assert found["jaccard"].item() == 0


def test_one_year_or_a_year_without_incidents_is_told():
    with pytest.raises(InvalidInputError, match="två år"):
        top_stability([[1, 2, 3]])
    with pytest.raises(NothingFoundError):
        top_stability([[1, 2], [0, 0]])
    with pytest.raises(InvalidInputError, match="mer än 0"):
        top_stability([[1, 2], [1, 0]], top=0)
