from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.stats import false_discovery_control

from riskmiljo.analysis.hot_spots import hot_spots
from riskmiljo.analysis.local_statistics import gi_star, local_moran
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.grid import Grid

CORNER = np.array([645_000.0, 6_636_000.0])
MIDDLE = CORNER + np.array([900.0, 2100.0])


def incidents(xy, crs=3006, **columns):
    points = np.asarray(xy, dtype=float).reshape(-1, 2) + CORNER
    return points_frame(columns, points[:, 0], points[:, 1], crs)


def city(seed=0, even=600, gathered=250):
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.uniform(0, 3000, (even, 2)), rng.normal((900, 2100), 120, (gathered, 2))]
    )


def area_grid(shape, cell_m=100):
    return Grid.over(gpd.GeoSeries([shapely.affinity.translate(shape, *CORNER)], crs=3006), cell_m)


def test_the_cells_around_a_cluster_are_hot_and_random_ones_are_not():
    found = hot_spots(incidents(city()))
    hot = found[found["significant"]]
    assert (hot["kind"] == "hot").all()
    centre = shapely.Point(*MIDDLE)
    assert hot.intersects(centre).any()
    assert hot.distance(centre).max() < 500
    even = hot_spots(incidents(np.random.default_rng(1).uniform(0, 3000, (900, 2))))
    assert even["significant"].mean() < 0.01


def test_columns_are_what_gi_star_and_false_discovery_control_say():
    found = hot_spots(incidents(city()), cell_m=150, radius_m=300, fdr=0.1)
    assert list(found.columns) == [
        "cell", "count", "weight", "gi_z", "p", "q", "significant", "kind", "geometry",
    ]  # fmt: skip
    nx = len(np.unique(shapely.bounds(found.geometry.to_numpy())[:, 0]))
    table = found["count"].to_numpy().reshape(-1, nx)
    z, p = gi_star(table, radius_cells=2)
    np.testing.assert_array_equal(found["gi_z"], z.ravel())
    np.testing.assert_allclose(found["q"], false_discovery_control(p.ravel()))
    assert (found["significant"] == (found["q"] <= 0.1)).all()
    assert found.crs.to_epsg() == 3006
    assert (found.area == 150**2).all()


def test_a_cold_spot_is_told_from_a_hot_one():
    rng = np.random.default_rng(2)
    xy = rng.uniform(0, 3000, (9000, 2))
    xy = xy[np.hypot(*(xy - 1500).T) > 500]
    found = hot_spots(incidents(xy))
    centre = found[found.contains(shapely.Point(*(CORNER + 1510)))]
    assert centre["kind"].item() == "cold"
    assert centre["gi_z"].item() < 0


def test_every_incident_is_counted_in_exactly_one_cell_also_on_borders_and_corners():
    steps = np.arange(0, 1001, 100.0)
    corners = np.array([(x, y) for x in steps for y in steps])
    assert hot_spots(incidents(corners))["count"].sum() == len(corners)
    assert hot_spots(incidents(corners))["count"].max() == 1
    grid = area_grid(shapely.box(0, 0, 1000, 1000))
    assert hot_spots(incidents(corners), grid=grid)["count"].sum() == len(corners)
    rounded = np.column_stack([np.arange(1, 40) * 0.1 * 3, np.zeros(39)])
    assert hot_spots(incidents(rounded), cell_m=0.3, radius_m=0.6)["count"].sum() == 39


def test_only_the_study_area_takes_part():
    triangle = shapely.Polygon([(0, 0), (3000, 0), (0, 3000)])
    grid = area_grid(triangle)
    xy = city()
    found = hot_spots(incidents(xy), grid=grid)
    assert len(found) == grid.mask.sum()
    within = grid.mask.ravel()[grid.index(xy + CORNER)]
    assert found["count"].sum() == within.sum() < len(xy)
    assert found.attrs["incidents"] == within.sum()
    assert found.attrs["outside"] == (~within).sum()
    assert found.attrs["radius_m"] == 200
    inside_only = hot_spots(incidents(xy[within]), grid=grid)
    np.testing.assert_array_equal(found["gi_z"], inside_only["gi_z"])


def test_weights_weigh_and_the_count_stays_plain():
    xy = city()
    weight = np.random.default_rng(0).uniform(0, 3, len(xy))
    found = hot_spots(incidents(xy, weight=weight))
    assert found["count"].sum() == len(xy)
    assert found["weight"].sum() == pytest.approx(weight.sum())
    with pytest.raises(InvalidInputError, match="Vikten på rad 4 är nan"):
        hot_spots(incidents(xy, weight=np.where(np.arange(len(xy)) == 4, np.nan, 1.0)))


@pytest.mark.parametrize("xy", [[[5.0, 5.0]], [[5.0, 5.0]] * 40])
def test_one_incident_or_one_address_is_one_cell_of_which_nothing_is_claimed(xy):
    found = hot_spots(incidents(xy))
    assert found["count"].tolist() == [len(xy)]
    assert found["gi_z"].isna().all()
    assert not found["significant"].any()


def test_incidents_on_a_line_have_scores():
    found = hot_spots(incidents(np.column_stack([np.arange(60) * 55.0, np.zeros(60)])))
    assert found["count"].sum() == 60
    assert found["gi_z"].notna().all()


def test_no_incidents_or_an_area_that_misses_them_is_told():
    with pytest.raises(NothingFoundError, match="inga händelser"):
        hot_spots(incidents(np.empty((0, 2))))
    grid = area_grid(shapely.box(50_000, 0, 51_000, 1000))
    with pytest.raises(NothingFoundError, match="Ingen av 850 händelser"):
        hot_spots(incidents(city()), grid=grid)


def test_web_mercator_degrees_and_another_system_are_refused():
    with pytest.raises(CRSError, match="webbmercator"):
        hot_spots(incidents(city(), crs=3857), cell_m=500)
    with pytest.raises(CRSError, match="inte i meter"):
        hot_spots(points_frame({}, np.array([17.6]), np.array([59.8]), 4326))
    with pytest.raises(CRSError, match="rutnätet"):
        hot_spots(incidents(city(), crs=3007), grid=area_grid(shapely.box(0, 0, 900, 900)))


def test_one_stray_point_is_told_instead_of_a_grid_of_a_billion_cells():
    with pytest.raises(InvalidInputError, match="Finns en punkt långt utanför"):
        hot_spots(incidents(np.concatenate([city(), [-CORNER]])))


def test_a_mistaken_radius_cell_or_rate_is_told():
    frame = incidents(city())
    for radius_m in (-1, np.nan):
        with pytest.raises(InvalidInputError, match="Radien"):
            hot_spots(frame, radius_m=radius_m)
    for cell_m in (0, -5, np.nan, np.inf):
        with pytest.raises(InvalidInputError, match="Cellens sida"):
            hot_spots(frame, cell_m=cell_m)
    with pytest.raises(InvalidInputError, match="falska larm"):
        hot_spots(frame, fdr=1.5)


def test_local_moran_finds_the_same_cluster():
    grid = area_grid(shapely.box(0, 0, 3000, 3000))
    moran = local_moran(grid.counts(city() + CORNER), radius_cells=2)
    row, column = np.divmod(grid.index([MIDDLE])[0], grid.shape[1])
    assert moran.quadrant[row, column] == 1
    assert moran.z[row, column] > 5
