import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.geo.grid import Grid


def test_a_square_kilometre_is_a_hundred_hectares() -> None:
    grid = Grid.over(shapely.box(0, 0, 1000, 1000), 100)
    assert grid.shape == (10, 10)
    assert grid.mask.sum() * grid.cell_ha == 100


def test_rounded_spacing_neither_loses_nor_gains_a_cell() -> None:
    # In floating point 0.29 / 0.01 is less than 29, and 0.07 / 0.01 is more than 7.
    whole = Grid.over(shapely.box(0, 0, 1, 1), 0.01)
    for cells in range(1, 100):
        side = cells / 100
        assert Grid.over(shapely.box(0, 0, side, side), 0.01).shape == (cells, cells)
        rest = Grid.over(shapely.box(side, side, 1, 1), 0.01, origin=(0, 0))
        assert rest.shape == (100 - cells, 100 - cells)
        # A border belongs to the cell to its north-east, also where rounding puts it just below.
        assert whole.index([(side, 0.005), (0.005, side)]).tolist() == [cells, 100 * cells]


@given(
    points=st.lists(
        st.tuples(st.integers(0, 20).map(lambda v: v * 50.0), st.floats(0, 1000)), max_size=60
    )
)
def test_every_point_is_counted_once_also_on_a_border(points) -> None:
    grid = Grid.over(shapely.box(0, 0, 1000, 1000), 100)
    assert grid.counts(np.array(points).reshape(-1, 2)).sum() == len(points)


def test_points_outside_are_in_no_cell() -> None:
    grid = Grid.over(shapely.box(0, 0, 1000, 1000), 100)
    assert grid.index([(-0.1, 5), (1000.1, 5), (5, -1), (5, 1001)]).tolist() == [-1] * 4


def test_the_mask_is_the_cells_whose_centre_lies_in_the_area() -> None:
    disk = shapely.Point(500, 500).buffer(400)
    grid = Grid.over(disk, 20)
    inside = [disk.contains(shapely.Point(*centre)) for centre in grid.centres]
    assert grid.mask.ravel().tolist() == inside
    assert grid.mask.sum() * grid.cell_m**2 == pytest.approx(disk.area, rel=0.01)


def test_an_area_smaller_than_a_cell_still_has_one() -> None:
    assert Grid.over(shapely.Point(503, 503).buffer(1), 100, origin=(0, 0)).mask.sum() == 1


def test_an_origin_aligns_neighbouring_grids() -> None:
    grid = Grid.over(shapely.box(130, 170, 420, 460), 100, origin=(0, 0))
    assert (grid.x0, grid.y0, grid.shape) == (100, 100, (4, 4))


@pytest.mark.parametrize("cell", [0, -1, float("nan")])
def test_a_cell_without_a_side_is_refused(cell: float) -> None:
    with pytest.raises(InvalidInputError, match="större än 0"):
        Grid.over(shapely.box(0, 0, 1, 1), cell)


def test_a_stray_point_at_zero_does_not_ask_for_a_billion_cells() -> None:
    points = gpd.GeoSeries(shapely.points([[648_000, 6_638_000], [0, 0]]), crs=3006)
    with pytest.raises(InvalidInputError, match="0, 0"):
        Grid.over(points, 50)


WORLD_MERCATOR = "+proj=merc +ellps=WGS84 +units=m"


# Degrees, feet, and projections for the whole world: 500 m in a Mercator are 251 m at Uppsala.
@pytest.mark.parametrize("crs", [4326, 2913, 3857, 3395, 4087, "ESRI:54009", WORLD_MERCATOR])
def test_degrees_feet_and_projections_of_the_world_are_refused(crs: int | str) -> None:
    area = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=crs)
    with pytest.raises(CRSError):
        Grid.over(area, 100)


@pytest.mark.parametrize("epsg", [3006, 3011, 3035, 32633, 25832, 3413, 5070])
def test_national_and_regional_metres_are_taken(epsg: int) -> None:
    area = gpd.GeoSeries([shapely.box(0, 0, 1000, 1000)], crs=epsg)
    assert Grid.over(area, 100).shape == (10, 10)


@pytest.mark.parametrize(
    "area", [gpd.GeoSeries([], crs=3006), gpd.GeoSeries([shapely.Point()], crs=3006)]
)
def test_an_area_without_extent_is_refused(area: gpd.GeoSeries) -> None:
    with pytest.raises(InvalidInputError, match="tomt"):
        Grid.over(area, 100)


def test_cells_stand_in_the_order_of_their_centres() -> None:
    grid = Grid.over(shapely.box(0, 0, 300, 200), 100)
    middles = shapely.get_coordinates(shapely.centroid(grid.cells()))
    np.testing.assert_allclose(middles, grid.centres)
    assert grid.index(grid.centres).tolist() == list(range(6))
