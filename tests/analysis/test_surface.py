from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy import ndimage

from riskmiljo.analysis.surface import Surface
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid


def surface(values, cell_m=50.0):
    grid = Grid(1000.0, 2000.0, cell_m, np.ones(values.shape, dtype=bool), CRS.from_epsg(3006))
    return Surface(values, grid, 100.0, "quartic", 4.0)


def hills(seed, shape=(24, 31), smooth=2.0):
    rough = np.random.default_rng(seed).gamma(0.5, size=shape)
    return ndimage.gaussian_filter(rough, smooth)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000), smooth=st.floats(0.0, 4.0))
def test_the_bands_are_valid_and_share_out_the_whole_grid(seed, smooth):
    drawn = surface(hills(seed, smooth=smooth))
    levels = [0.0, *np.quantile(drawn.values, [0.3, 0.6, 0.9])]
    bands = drawn.contours(sorted(set(levels)))
    assert bands.geometry.is_valid.all()
    assert (bands.geom_type == "MultiPolygon").all()
    assert bands.area.sum() == pytest.approx(drawn.values.size * 2500, rel=1e-6)
    assert bands["upper"].iloc[-1] == np.inf
    for i in range(len(bands)):
        for j in range(i):
            assert bands.geometry[i].intersection(bands.geometry[j]).area < 1e-6


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_every_cell_centre_lies_in_the_band_of_its_value(seed):
    drawn = surface(hills(seed))
    bands = drawn.contours([0.0, *np.quantile(drawn.values, [0.5, 0.8])])
    values = drawn.values.ravel()
    for lower, upper, band in bands.itertuples(index=False):
        within = (values >= lower + 1e-9) & (values <= upper - 1e-9)
        points = shapely.points(drawn.grid.centres[within])
        assert shapely.distance(band, points).max(initial=0) < 1e-6


def test_the_area_above_a_level_is_that_of_a_known_cone():
    x = np.arange(200) - 99.5
    cone = 100 - np.hypot(x[:, None], x[None, :])
    drawn = surface(cone, cell_m=1.0)
    above = drawn.contours([60.0])
    assert above.area.sum() == pytest.approx(np.pi * 40**2, rel=2e-3)


def test_a_level_above_everything_gives_no_band():
    drawn = surface(hills(1))
    assert len(drawn.contours([drawn.values.max() + 1])) == 0
    assert drawn.contours([drawn.values.max() + 1]).crs.to_epsg() == 3006


def test_a_flat_surface_is_one_band():
    bands = surface(np.full((5, 6), 2.0)).contours([1.0, 3.0])
    assert len(bands) == 1
    assert bands.area.iloc[0] == pytest.approx(30 * 2500)


@pytest.mark.parametrize("levels", [[], [2, 1], [1, 1], [np.nan], [0, np.inf]])
def test_levels_that_do_not_rise_are_refused(levels):
    with pytest.raises(InvalidInputError, match="stigande"):
        surface(hills(1)).contours(levels)


def test_cells_come_out_as_squares_with_their_value():
    values = np.zeros((3, 4))
    values[1, 2] = 0.5
    cells = surface(values).to_geodataframe()
    assert cells["per_ha_week"].tolist() == [0.5]
    assert cells["cell"].tolist() == [6]
    assert cells.total_bounds.tolist() == [1100, 2050, 1150, 2100]
