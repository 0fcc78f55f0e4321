from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import j0
from sklearn.neighbors import KernelDensity

from riskmiljo.analysis.bandwidth import cross_validated_bandwidth
from riskmiljo.analysis.density import density
from riskmiljo.analysis.kernels import KERNELS
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period

WEST, SOUTH = 645_000.0, 6_636_000.0
CORNER = np.array([WEST, SOUTH])
WEEK = Period.between("2025-03-03", "2025-03-10")


def incidents(xy, *, crs=3006, start="2025-03-03T10:00:00Z", **columns):
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    times = pd.date_range(start, periods=len(points), freq="1min").as_unit("us")
    return points_frame({"occurred_from": times, **columns}, points[:, 0], points[:, 1], crs)


def box_grid(width_m, height_m, cell_m, crs=3006):
    area = shapely.box(WEST, SOUTH, WEST + width_m, SOUTH + height_m)
    return Grid.over(gpd.GeoSeries([area], crs=crs), cell_m)


def exact_sum(xy, weights, grid, kernel, bandwidth_m):
    squared = ((grid.centres[:, None, :] - xy[None, :, :]) ** 2).sum(axis=2) / bandwidth_m**2
    values = (KERNELS[kernel].profile(squared) * weights).sum(axis=1) / bandwidth_m**2
    return values.reshape(grid.shape) * 1e4


def scattered(n, seed, width=3000):
    rng = np.random.default_rng(seed)
    half = rng.normal(width / 2, width / 10, (n // 2, 2))
    return np.concatenate([half, rng.uniform(0, width, (n - n // 2, 2))]) + CORNER


def scattered_points(n):
    return list(shapely.points(scattered(n, 1)))


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_each_kernel_integrates_to_one_over_the_plane(kernel):
    mass, _ = quad(lambda r: 2 * np.pi * r * KERNELS[kernel].profile(np.array(r**2)), 0, 8)
    assert mass == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_spectrum_of_a_kernel_is_its_hankel_transform(kernel):
    for k in (0.0, 0.7, 3.0, 8.0):
        value, _ = quad(
            lambda r, k=k: 2 * np.pi * r * j0(k * r) * KERNELS[kernel].profile(np.array(r**2)),
            0,
            8,
            limit=200,
        )
        assert KERNELS[kernel].spectrum(np.array([k]))[0] == pytest.approx(value, abs=1e-7)


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_standard_deviation_of_a_kernel_is_the_stated_one(kernel):
    second, _ = quad(lambda r: np.pi * r**3 * KERNELS[kernel].profile(np.array(r**2)), 0, 9)
    assert np.sqrt(second) == pytest.approx(KERNELS[kernel].sigma, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    kernel=st.sampled_from(sorted(KERNELS)),
    bandwidth_m=st.floats(60, 600),
    cell_m=st.sampled_from([25, 40, 50, 100]),
    n=st.integers(1, 150),
    seed=st.integers(0, 10_000),
)
def test_the_density_is_the_exact_sum_of_kernels_within_a_thousandth_of_the_maximum(
    kernel, bandwidth_m, cell_m, n, seed
):
    # One point inside for certain: the others may all fall outside the grid, and still reach in.
    xy = np.vstack([scattered(n, seed, 2000), [[WEST + 800, SOUTH + 900]]])
    weights = np.random.default_rng(seed).uniform(0.1, 5, n + 1)
    grid = box_grid(1700, 2100, cell_m)
    surface = density(
        incidents(xy), grid=grid, bandwidth_m=bandwidth_m, kernel=kernel, weights=weights,
        period=WEEK,
    )  # fmt: skip
    expected = exact_sum(xy, weights, grid, kernel, bandwidth_m)
    assert np.abs(surface.values - expected).max() <= 1e-3 * expected.max() + 1e-15


@pytest.mark.parametrize("kernel", ["quartic", "epanechnikov"])
def test_many_incidents_are_summed_as_exactly_as_few(kernel):
    # More than it pays to sum one by one.
    xy = scattered(150_000, 3)
    grid = box_grid(3000, 3000, 50)
    frame = incidents(xy, start="2025-01-01T00:00:00Z")
    period = Period.between("2025-01-01", "2026-01-01")
    surface = density(frame, grid=grid, bandwidth_m=250, kernel=kernel, period=period)
    cells = np.random.default_rng(0).choice(3600, 60, replace=False)
    squared = ((grid.centres[cells][:, None, :] - xy) ** 2).sum(axis=2) / 250**2
    expected = KERNELS[kernel].profile(squared).sum(axis=1) / 250**2 * 1e4 / period.weeks
    error = np.abs(surface.values.ravel()[cells] - expected).max()
    assert error < 1e-3 * surface.values.max()


def test_the_gaussian_density_is_that_of_scikit_learn():
    xy = scattered(400, 1)
    grid = box_grid(3000, 3000, 50)
    surface = density(incidents(xy), grid=grid, bandwidth_m=150, kernel="gaussian", period=WEEK)
    peer = KernelDensity(bandwidth=150, kernel="gaussian").fit(xy)
    expected = np.exp(peer.score_samples(grid.centres)).reshape(grid.shape) * 400 * 1e4
    assert np.abs(surface.values - expected).max() < 1e-4 * expected.max()


def test_the_surface_integrates_to_the_number_of_incidents_per_week():
    frame = incidents(scattered(300, 2))
    surface = density(frame, bandwidth_m=300, cell_m=25, period=("2025-03-03", "2025-03-17"))
    assert surface.weeks == pytest.approx(2)
    total = surface.values.sum() * surface.grid.cell_ha * surface.weeks
    assert total == pytest.approx(300, rel=1e-3)


def test_nothing_wraps_around_the_edges_of_the_grid():
    grid = box_grid(1000, 1000, 50)
    surface = density(incidents([[WEST + 10, SOUTH + 10]]), grid=grid, bandwidth_m=200, period=WEEK)
    assert surface.values[0, 0] > 0
    assert surface.values[-1, :].max() == 0
    assert surface.values[:, -1].max() == 0


def test_an_incident_just_outside_the_window_reaches_into_it():
    grid = box_grid(1000, 1000, 50)
    frame = incidents([[WEST + 500, SOUTH + 500], [WEST - 60, SOUTH + 500]])
    surface = density(frame, grid=grid, bandwidth_m=200, period=WEEK)
    assert surface.values[:, 0].max() > 0


def test_the_study_area_corrects_the_density_at_its_edge():
    rng = np.random.default_rng(5)
    area = shapely.Polygon([(0, 0), (4000, 0), (4000, 4000), (2000, 2000), (0, 4000)])
    area = shapely.affinity.translate(area, WEST, SOUTH)
    xy = rng.uniform(0, 4000, (60_000, 2)) + CORNER
    xy = xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    grid = Grid.over(gpd.GeoSeries([area], crs=3006), 50)
    frame = incidents(xy, start="2025-01-01T00:00:00Z")
    period = ("2025-01-01", "2025-12-31")
    surface = density(frame, grid=grid, bandwidth_m=400, period=period)
    even = len(xy) / (area.area / 1e4) / surface.weeks
    assert (surface.values[~grid.mask] == 0).all()
    edge = grid.mask & (np.indices(grid.shape)[0] == 0)
    assert surface.values[edge].mean() == pytest.approx(even, rel=0.05)
    assert surface.values[grid.mask].mean() == pytest.approx(even, rel=0.01)


def test_only_incidents_of_the_period_count():
    frame = incidents(scattered(100, 4))
    frame.loc[frame.index[:40], "occurred_from"] -= pd.Timedelta(days=30)
    surface = density(frame, bandwidth_m=300, cell_m=25, period=("2025-03-03", "2025-03-10"))
    assert surface.values.sum() * surface.grid.cell_ha == pytest.approx(60, rel=1e-3)


def test_the_default_period_is_whole_local_days():
    frame = incidents(scattered(3, 4), start="2025-03-03T23:30:00Z")
    assert density(frame, bandwidth_m=300).weeks == pytest.approx(1 / 7)


def test_the_weight_column_counts_by_default():
    frame = incidents([[WEST, SOUTH], [WEST, SOUTH]], weight=[2.0, 3.0])
    surface = density(frame, bandwidth_m=300, cell_m=20, period=WEEK)
    assert surface.values.sum() * surface.grid.cell_ha == pytest.approx(5, rel=1e-3)


def test_the_same_place_lies_in_the_same_cell_whatever_else_is_shown():
    xy = scattered(50, 7)
    some = density(incidents(xy[:20]), bandwidth_m=200).grid
    more = density(incidents(xy), bandwidth_m=200).grid
    assert (some.x0 - more.x0) % 50 == pytest.approx(0, abs=1e-6)
    assert some.x0 % 50 == pytest.approx(0, abs=1e-6)


def test_a_mistaken_bandwidth_weight_or_coordinate_is_told():
    frame = incidents(scattered(10, 1))
    for bandwidth_m in (-5, 0, np.nan, np.inf):
        with pytest.raises(InvalidInputError, match="Bandbredden"):
            density(frame, bandwidth_m=bandwidth_m)
    with pytest.raises(InvalidInputError, match="Vikten på rad 2 är nan"):
        density(frame, weights=[1, 1, np.nan, 1, 1, 1, 1, 1, 1, 1])
    with pytest.raises(InvalidInputError, match="Vikten på rad 0 är -1"):
        density(frame, weights=[-1.0] * 10)
    with pytest.raises(InvalidInputError, match="9 vikter för 10"):
        density(frame, weights=[1.0] * 9)
    with pytest.raises(InvalidInputError, match="kubisk"):
        density(frame, kernel="kubisk")
    with pytest.raises(InvalidInputError, match="saknar giltig koordinat, den första på rad 0"):
        density(incidents([[np.nan, 1.0], [WEST, SOUTH]]))
    nowhere = incidents(scattered(3, 1)).set_geometry([shapely.Point(), *scattered_points(2)])
    with pytest.raises(InvalidInputError, match="saknar punkt, den första på rad 0"):
        density(nowhere.set_crs(3006, allow_override=True), bandwidth_m=100)
    areas = incidents(scattered(3, 1))
    areas["geometry"] = areas.buffer(50)
    with pytest.raises(InvalidInputError, match="ska vara punkter"):
        density(areas, bandwidth_m=100)


def test_a_stray_point_far_away_is_told_instead_of_a_grid_of_a_billion_cells():
    frame = incidents([*scattered(10, 1), [0.0, 0.0]])
    with pytest.raises(InvalidInputError, match="Finns en punkt långt utanför"):
        density(frame, bandwidth_m=200)


def test_degrees_and_a_grid_in_another_system_are_refused():
    with pytest.raises(CRSError):
        density(incidents([[17.6, 59.8]], crs=4326))
    grid = box_grid(1000, 1000, 50, crs=3007)
    with pytest.raises(CRSError, match="rutnätet"):
        density(incidents(scattered(10, 1)), grid=grid)


def test_without_incidents_there_is_a_zero_surface_only_where_the_question_is_whole():
    none = incidents(np.empty((0, 2)))
    grid = box_grid(1000, 1000, 50)
    assert density(none, grid=grid, period=WEEK, bandwidth_m=100).values.max() == 0
    assert density(none, grid=grid, period=WEEK).values.max() == 0
    with pytest.raises(NothingFoundError):
        density(none, period=WEEK)
    with pytest.raises(NothingFoundError):
        density(none, grid=grid)


def test_an_area_that_misses_the_data_is_told():
    frame = incidents(scattered(10, 1) + 50_000)
    with pytest.raises(NothingFoundError, match="Ingen av 10 händelser"):
        density(frame, grid=box_grid(1000, 1000, 50), bandwidth_m=100)


def test_the_chosen_bandwidth_has_a_floor_and_is_near_the_best_left_out_likelihood():
    rng = np.random.default_rng(0)
    centres = rng.uniform(0, 5000, (12, 2))
    xy = centres[rng.integers(0, 12, 600)] + rng.normal(0, 150, (600, 2))
    chosen = cross_validated_bandwidth(xy)

    def likelihood(bandwidth_m):
        sigma = bandwidth_m * KERNELS["quartic"].sigma
        squared = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
        values = np.exp(-squared / 2 / sigma**2) / (2 * np.pi * sigma**2)
        np.fill_diagonal(values, 0)
        return np.log(0.99 * values.sum(axis=1) / 599 + 0.01 / 25e6).mean()

    candidates = np.geomspace(100, 1000, 10)
    best = candidates[np.argmax([likelihood(c) for c in candidates])]
    assert chosen == pytest.approx(best, rel=0.35)
    assert cross_validated_bandwidth(np.repeat([[0.0, 0.0]], 2, axis=0)) == 100
    assert cross_validated_bandwidth(rng.normal(0, 3, (300, 2))) == 100


def test_many_incidents_at_one_address_do_not_narrow_the_bandwidth():
    xy = scattered(200, 9)
    once = density(incidents(xy), period=WEEK).bandwidth_m
    many = np.concatenate([xy, np.repeat(xy[:1], 500, axis=0)])
    assert density(incidents(many), period=WEEK).bandwidth_m == once


def test_one_incident_and_incidents_on_a_line_give_a_surface():
    assert density(incidents([[WEST, SOUTH]])).values.max() > 0
    line = np.column_stack([np.linspace(0, 3000, 50), np.zeros(50)]) + CORNER
    assert density(incidents(line)).values.max() > 0


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_adaptive_density_is_the_exact_sum_with_abramson_s_bandwidths(kernel):
    xy = scattered(700, 1)
    grid = box_grid(3000, 3000, 50)
    bandwidth_m = 100 if kernel == "gaussian" else 250
    squared = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
    pilot = KERNELS[kernel].profile(squared / bandwidth_m**2).sum(axis=1)
    own = bandwidth_m * np.clip(np.sqrt(np.exp(np.log(pilot).mean()) / pilot), 0.25, 4)
    assert own.max() > 4 * own.min()
    from_cells = ((grid.centres[:, None] - xy[None]) ** 2).sum(axis=2)
    values = KERNELS[kernel].profile(from_cells / own**2) / own**2
    expected = values.sum(axis=1).reshape(grid.shape) * 1e4
    surface = density(
        incidents(xy), grid=grid, bandwidth_m=bandwidth_m, kernel=kernel, period=WEEK,
        adaptive=True,
    )  # fmt: skip
    assert np.abs(surface.values - expected).max() < 1e-3 * expected.max()


def test_the_adaptive_density_integrates_to_the_number_and_a_pile_up_does_not_narrow_it():
    places = scattered(301, 2)

    def piled(times):
        xy = np.concatenate([places, np.repeat(places[-1:], times - 1, axis=0)])
        return density(incidents(xy), bandwidth_m=300, cell_m=25, period=WEEK, adaptive=True)

    once, often, most = piled(1), piled(101), piled(201)
    assert most.values.sum() * most.grid.cell_ha == pytest.approx(501, rel=2e-3)
    # Each adds the same kernel as the one before.
    np.testing.assert_allclose(
        most.values - often.values, often.values - once.values, atol=1e-9 * most.values.max()
    )


def test_a_rectangular_area_is_a_border_and_no_window():
    area = shapely.box(WEST, SOUTH, WEST + 3000, SOUTH + 3000)
    xy = np.random.default_rng(0).uniform(-300, 3300, (120_000, 2)) + CORNER
    frame = incidents(xy, start="2025-01-01T00:00:00Z")
    year = ("2025-01-01", "2026-01-01")
    inside = shapely.contains_xy(area, xy[:, 0], xy[:, 1]).sum()
    for adaptive in (False, True):
        surface = density(frame, area=area, bandwidth_m=400, period=year, adaptive=adaptive)
        level = surface.values * surface.weeks * 900 / inside
        assert surface.grid.shape == (60, 60)
        assert surface.grid.crs.to_epsg() == 3006
        for side in (level[0], level[-1], level[:, 0], level[:, -1], level):
            assert side.mean() == pytest.approx(1, abs=0.05)


def test_an_area_in_another_system_or_beside_a_grid_is_refused():
    frame = incidents(scattered(10, 1))
    area = gpd.GeoSeries([shapely.box(0, 0, 1000, 1000)], crs=3007)
    with pytest.raises(CRSError, match="rutnätet"):
        density(frame, area=area)
    with pytest.raises(InvalidInputError, match="inte båda"):
        density(frame, area=area, grid=box_grid(1000, 1000, 50))
    with pytest.raises(NothingFoundError, match="Ingen av 10 händelser"):
        density(frame, area=shapely.box(0, 0, 1000, 1000))
    with pytest.raises(InvalidInputError, match="Området är tomt"):
        density(frame, area=shapely.Polygon())


def test_likelihood_is_the_name_of_the_default_bandwidth():
    frame = incidents(scattered(200, 9))
    named = density(frame, bandwidth_m="likelihood", period=WEEK)
    assert named.bandwidth_m == density(frame, period=WEEK).bandwidth_m
    with pytest.raises(InvalidInputError, match="Bandbredden"):
        density(frame, bandwidth_m="silverman")


def test_the_bandwidth_is_the_same_when_the_map_is_turned():
    # A peer's rule looked at x alone.
    xy = np.random.default_rng(0).normal(0, 1, (500, 2)) * (80, 2500)
    assert cross_validated_bandwidth(xy) == cross_validated_bandwidth(xy[:, ::-1])


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("kernel", list(KERNELS))
def test_every_kernel_keeps_the_number_of_incidents_at_any_cell_size(kernel, adaptive):
    # A peer's scaled quartic kernel integrates to 7.25.
    for cell_m in (10, 25, 40):
        surface = density(
            incidents([[WEST + 7, SOUTH + 3]]), bandwidth_m=200, cell_m=cell_m, kernel=kernel,
            period=WEEK, adaptive=adaptive,
        )  # fmt: skip
        assert surface.values.sum() * surface.grid.cell_ha == pytest.approx(1, abs=6e-3)


@pytest.mark.parametrize("n", [0, 1, 40])
def test_adaptive_takes_none_one_and_one_address(n):
    frame = incidents(np.repeat([[WEST + 500.0, SOUTH + 500.0]], n, axis=0))
    surface = density(
        frame, grid=box_grid(1000, 1000, 50), bandwidth_m=200, period=WEEK, adaptive=True
    )
    assert surface.values.sum() * surface.grid.cell_ha == pytest.approx(n, rel=5e-3)


def test_times_without_a_zone_are_local_and_missing_ones_are_told():
    frame = incidents(scattered(60, 4), start="2025-03-09T22:30:00Z")
    naive = frame.assign(
        occurred_from=frame["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.tz_localize(None)
    )
    # Half of the hour lies before midnight.
    for each in (frame, naive):
        surface = density(each, bandwidth_m=300, cell_m=25, period=WEEK)
        assert surface.values.sum() * surface.grid.cell_ha == pytest.approx(30, rel=1e-3)
    assert density(naive, bandwidth_m=300).weeks == density(frame, bandwidth_m=300).weeks
    frame.loc[frame.index[7], "occurred_from"] = pd.NaT
    with pytest.raises(InvalidInputError, match="1 händelse saknar tid, den första på rad 7"):
        density(frame, bandwidth_m=300)
    with pytest.raises(InvalidInputError, match="occurred_from saknas"):
        density(frame.drop(columns="occurred_from"), bandwidth_m=300)
