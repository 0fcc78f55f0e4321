"""One tile as a picture: a PNG that others read, in the colours of the legend, where it should."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import shapely
from PIL import Image

from riskmiljo.analysis.surface import Surface
from riskmiljo.geo.crs import parse_crs, transform
from riskmiljo.geo.grid import Grid
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES
from riskmiljo.maps.tiles import empty_tile, is_tile, pyramid, tile

# The middle of the surface below, SWEREF 99 TM.
X, Y = 647_000.0, 6_638_000.0


def surface(values, cell_m=25.0, crs=3006, x0=None, y0=None):
    ny, nx = values.shape
    x0 = X - nx * cell_m / 2 if x0 is None else x0
    y0 = Y - ny * cell_m / 2 if y0 is None else y0
    grid = Grid(x0, y0, cell_m, np.ones(values.shape, dtype=bool), parse_crs(crs))
    return Surface(values, grid, 175.0, "quartic", 52.0)


@pytest.fixture(scope="module")
def hills():
    """Twenty hills between a fifth of the first class and twice the last one."""
    rng = np.random.default_rng(4)
    x, y = np.meshgrid(np.arange(400), np.arange(320))
    values = np.zeros(x.shape)
    for height in np.geomspace(0.004, 10, 20):
        cx, cy = rng.uniform((20, 20), (380, 300))
        values += height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 2 / 12**2)
    return surface(values)


def number(z, x=X, y=Y, crs=3006):
    """The tile that holds a point, by the usual formula of slippy maps."""
    lon, lat = (float(one[0]) for one in transform([x], [y], crs, 4326))
    n = 2**z
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return z, int((lon + 180) / 360 * n), int(row)


def pixels(content):
    """Classes of a tile as Pillow reads it, 0 where it is transparent."""
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")).astype(int)
    colours = [tuple(bytes.fromhex(one.colour[1:])) for one in DENSITY_CLASSES]
    classes = np.full(picture.shape[:2], -1)
    classes[picture[..., 3] == 0] = 0
    for k, colour in enumerate(colours, start=1):
        classes[(picture[..., :3] == colour).all(axis=2) & (picture[..., 3] == 255)] = k
    assert (classes >= 0).all(), "a colour that is not in the legend"
    return classes


def centres(z, x, y):
    """Metres of every pixel's centre, each transformed by itself."""
    at = (np.arange(256) + 0.5) / 256
    column, row = np.meshgrid(x + at, y + at)
    lon = column / 2**z * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / 2**z))))
    east, north = transform(lon.ravel(), lat.ravel(), 4326, 3006)
    return east.reshape(256, 256), north.reshape(256, 256)


@pytest.mark.parametrize("z", [13, 14, 15, 17])
def test_a_tile_shows_the_classes_of_the_polygons(hills, z):
    found = pixels(tile(pyramid(hills), *number(z)))
    east, north = centres(*number(z))
    expected = np.zeros((256, 256), dtype=int)
    for level in BREAKS:
        above = hills.contours([level]).geometry
        if len(above):
            shapely.prepare(above.iloc[0])
            expected += shapely.contains_xy(above.iloc[0], east, north)
    assert expected.max() >= 2
    # Polygons have straight sides between cells, tiles a curved surface: a few pixels at borders.
    assert (found == expected).mean() > 0.985
    assert (abs(found - expected) <= 1).all()


def test_a_pixel_lies_where_web_mercator_puts_it():
    # One cell of 200 m alone, so far in that it covers many pixels.
    values = np.zeros((9, 9))
    values[4, 4] = 8.0
    z, x, y = number(15)
    found = pixels(tile(pyramid(surface(values, cell_m=200.0)), z, x, y))
    east, north = centres(z, x, y)
    # The value falls linearly to 0 one cell away: at 0.02 of 8 that is 199.5 m along the axes.
    product = np.clip(1 - abs(east - X) / 200, 0, 1) * np.clip(1 - abs(north - Y) / 200, 0, 1)
    expected = np.searchsorted(BREAKS, 8.0 * product, side="right")
    assert (found == expected).mean() > 0.995
    assert found.max() == len(BREAKS)


def test_neighbouring_tiles_meet(hills):
    source = pyramid(hills)
    z, x, y = number(14)
    # A step across the joint is no larger than steps within: the same slope on both sides.
    left, right = pixels(tile(source, z, x, y)), pixels(tile(source, z, x + 1, y))
    assert (abs(left[:, -1] - right[:, 0]) <= 1).all()
    upper, lower = pixels(tile(source, z, x, y)), pixels(tile(source, z, x, y + 1))
    assert (abs(upper[-1] - lower[0]) <= 1).all()


def test_a_far_view_averages_instead_of_picking_cells():
    # A chequered surface: every other cell 1.0, the rest 0. From afar it is 0.5 everywhere.
    values = (np.indices((512, 512)).sum(axis=0) % 2).astype(float)
    found = pixels(tile(pyramid(surface(values)), *number(11)))
    painted = found[found > 0]
    half = 1 + BREAKS.index(0.5)
    assert np.isin(painted, (half - 1, half)).mean() > 0.95


@pytest.mark.parametrize("z", [0, 1, 3, 6, 8, 11, 19])
def test_every_zoom_can_be_drawn(hills, z):
    found = pixels(tile(pyramid(hills), *number(z)))
    assert found.shape == (256, 256)
    # At zoom 0 a pixel is 156 km wide at the equator: the mean over it is below the first class.
    if z >= 8:
        assert found.max() > 0


def test_where_nothing_is_every_tile_is_the_same_bytes(hills):
    source = pyramid(hills)
    away = [(11, 0, 0), (11, 2047, 2047), number(14, X + 90_000, Y), (3, 0, 7)]
    assert {tile(source, *one) for one in away} == {empty_tile()}
    assert not pixels(empty_tile()).any()
    assert tile(pyramid(surface(np.full((40, 40), 0.0199))), *number(14)) == empty_tile()


def test_a_break_belongs_to_the_class_above_it():
    for k, level in enumerate(BREAKS, start=1):
        found = pixels(tile(pyramid(surface(np.full((300, 300), level))), *number(16)))
        assert (found == k).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3)])
def test_a_surface_of_a_row_or_a_cell_can_be_drawn(shape):
    found = pixels(tile(pyramid(surface(np.ones(shape), cell_m=100.0)), *number(15)))
    assert set(np.unique(found)) <= {0, 1 + BREAKS.index(1.0)}
    assert found.any()


def test_a_surface_of_another_reference_system_lies_at_the_same_place():
    (east,), (north,) = transform([X], [Y], 3006, 32633)
    values = np.zeros((40, 40))
    values[15:25, 15:25] = 3.0
    here = pixels(tile(pyramid(surface(values)), *number(15)))
    moved = surface(values, crs=32633, x0=east - 500, y0=north - 500)
    there = pixels(tile(pyramid(moved), *number(15)))
    assert (here == there).mean() > 0.97


@pytest.mark.parametrize(
    ("z", "x", "y", "exists"),
    [
        (0, 0, 0, True),
        (0, 1, 0, False),
        (19, 2**19 - 1, 2**19 - 1, True),
        (20, 0, 0, False),
        (3, 8, 0, False),
        (3, 0, 8, False),
        (-1, 0, 0, False),
        (3, -1, 0, False),
    ],
)
def test_only_tiles_of_the_world_exist(z, x, y, exists):
    assert is_tile(z, x, y) is exists
