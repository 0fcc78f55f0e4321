from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse.csgraph import shortest_path

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.patrol.streets import Streets


def network(*lines, kind="street", mode="walk"):
    frame = gpd.GeoDataFrame(
        {"name": "", "kind": kind},
        index=range(len(lines)),
        geometry=[shapely.LineString(line) for line in lines],
        crs=3006,
    )
    return Streets.from_lines(frame, mode)


@pytest.fixture
def crossroads():
    """A cross of two streets, and a third that closes a triangle."""
    return network(
        [(0, 0), (800, 0), (1600, 0)], [(800, -800), (800, 0), (800, 800)], [(1600, 0), (800, 800)]
    )


def board(side, rng):
    """A board of streets with some left out and uneven corners."""
    at = {
        (i, j): (100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30))
        for i in range(side)
        for j in range(side)
    }
    lines = [
        (at[i, j], at[k])
        for i in range(side)
        for j in range(side)
        for k in ((i + 1, j), (i, j + 1))
        if k in at and rng.uniform() < 0.8
    ]
    return network(*lines)


def test_walking_takes_eighty_metres_a_minute(crossroads):
    minutes = crossroads.travel_minutes([(0, 0)], [(1600, 0), (800, 800), (0, 0)])
    assert minutes == pytest.approx(np.array([[20.0, 20.0, 0.0]]), abs=1e-6)


@pytest.mark.parametrize(("mode", "metres"), [("walk", 80), ("cycle", 250), ("drive", 500)])
def test_each_mode_has_its_speed(mode, metres):
    streets = network([(0, 0), (1000, 0)], mode=mode)
    assert streets.travel_minutes([(0, 0)], [(1000, 0)])[0, 0] == pytest.approx(1000 / metres)


def test_the_step_to_the_street_is_walked_whatever_the_mode():
    streets = network([(0, 0), (1000, 0)], mode="drive")
    assert streets.travel_minutes([(0, 40)], [(1000, 0)])[0, 0] == pytest.approx(2.0 + 0.5)


def test_points_on_the_same_street_go_straight_to_each_other(crossroads):
    points = [(100, 10), (300, -10), (700, 0)]
    minutes = crossroads.travel_minutes(points, points)
    assert minutes[0, 1] * 80 == pytest.approx(200 + 20)
    assert minutes[1, 2] * 80 == pytest.approx(400 + 10)


def test_travel_times_agree_with_all_pairs_by_another_algorithm():
    rng = np.random.default_rng(4)
    streets = board(9, rng)
    size = len(streets.nodes)
    lengths = np.full((size, size), np.inf)
    for edge in streets.edges.itertuples():
        a, b = edge[1], edge[2]
        lengths[a, b] = lengths[b, a] = min(lengths[a, b], edge.length_m)
    expected = shortest_path(lengths, method="FW") / 80
    assert streets.travel_minutes(streets.nodes, streets.nodes) == pytest.approx(expected, abs=1e-6)


def test_a_way_is_as_long_as_its_travel_time_says():
    rng = np.random.default_rng(5)
    streets = board(8, rng)
    points = rng.uniform(0, 700, (12, 2))
    minutes = streets.travel_minutes(points, points)
    for a in range(12):
        for b in range(12):
            way = streets.path(points[a], points[b])
            assert way.length / 80 == pytest.approx(minutes[a, b], abs=1e-4)
            assert way.coords[0] == pytest.approx(tuple(points[a]))
            assert way.coords[-1] == pytest.approx(tuple(points[b]))


def test_a_way_keeps_to_the_streets(crossroads):
    way = crossroads.path((400, 0), shapely.Point(800, 400))
    assert list(way.coords) == [(400, 0), (800, 0), (800, 400)]


def test_a_way_to_where_one_stands_has_no_length(crossroads):
    assert crossroads.path((100, 0), (100, 0)).length == 0


def test_of_two_streets_between_the_same_corners_the_shorter_is_taken():
    streets = network([(0, 0), (100, 0)], [(0, 0), (50, 80), (100, 0)])
    assert streets.travel_minutes([(0, 0)], [(100, 0)])[0, 0] * 80 == pytest.approx(100)
    assert streets.path((0, 0), (100, 0)).length == pytest.approx(100)


def test_streets_that_cross_without_a_shared_corner_are_not_joined():
    streets = network([(0, 0), (200, 0)], [(100, -500), (100, 500)], [(200, 0), (100, 500)])
    minutes = streets.travel_minutes([(100, -500)], [(0, 0)])
    assert minutes[0, 0] * 80 == pytest.approx(1000 + np.hypot(100, 500) + 200)


def test_streets_that_share_a_corner_inside_are_joined():
    streets = network([(0, 0), (100, 0), (200, 0)], [(100, 300), (100, 0)])
    assert streets.travel_minutes([(100, 300)], [(0, 0)])[0, 0] * 80 == pytest.approx(400)
    assert len(streets.nodes) == 4


def test_the_longest_part_is_kept_and_the_rest_reported():
    streets = network([(0, 0), (900, 0)], [(5000, 0), (5100, 0)], [(7000, 0), (7100, 0)])
    assert streets.report.parts == 3
    assert (streets.report.kept_m, streets.report.cut_off_m) == (900, 200)
    assert "18 %" in str(streets.report.notes[0])


def test_a_little_that_is_cut_off_needs_no_note():
    streets = network([(0, 0), (900, 0)], [(5000, 0), (5010, 0)])
    assert streets.report.cut_off_m == 10
    assert streets.report.notes == ()


def test_streets_listed_in_both_directions_count_once():
    line = [(0, 0), (50, 20), (100, 0)]
    streets = network(line, line[::-1], line)
    assert len(streets.edges) == 1
    assert len(streets.nodes) == 2


def test_a_roundabout_stays_whole():
    ring = [(100 * np.cos(a), 100 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 13)]
    ring[-1] = ring[0]
    streets = network(ring, [ring[0], (500, 0)])
    half = streets.travel_minutes([(-100, 0)], [(500, 0)])[0, 0] * 80
    assert half == pytest.approx(400 + shapely.LineString(ring).length / 2)
    assert streets.path((-100, 0), (500, 0)).length == pytest.approx(half)


def test_steps_are_not_cycled_and_paths_not_driven():
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)]]
    kinds = ["street", "path", "steps"]
    for mode, length in (("walk", 300), ("cycle", 200), ("drive", 100)):
        assert network(*lines, kind=kinds, mode=mode).report.kept_m == length


def test_a_railway_is_no_street():
    streets = network([(0, 0), (100, 0)], [(100, 0), (200, 0)], kind=["street", "rail"])
    assert streets.report.kept_m == 100
    assert streets.report.closed == 1


def test_driving_says_so_where_the_network_knows_of_no_one_way_street():
    (note,) = network([(0, 0), (100, 0)], mode="drive").report.notes
    assert "enkelriktade" in note.sv
    assert "one-way" in note.en


def test_the_network_is_the_same_when_made_again_of_its_lines(schematic):
    again = Streets.from_lines(schematic.lines())
    points = schematic.nodes[::7] + 5.0
    assert again.travel_minutes(points, points) == pytest.approx(
        schematic.travel_minutes(points, points)
    )
    assert list(schematic.lines().columns) == ["name", "kind", "modes", "oneway", "geometry"]


def test_snapping_tells_the_distance(crossroads):
    edge, distance = crossroads.snap([(400, 30), (1000, -5000)])
    assert crossroads.edges.geometry.iloc[edge[0]].distance(shapely.Point(400, 0)) == 0
    assert distance[0] == pytest.approx(30)
    assert distance[1] == pytest.approx(np.hypot(200, 4200))


def test_each_corner_belongs_to_the_point_nearest_along_the_street():
    rng = np.random.default_rng(8)
    streets = board(8, rng)
    points = streets.nodes[[3, 20, 41]]
    minutes = streets.travel_minutes(points, streets.nodes)
    nearest = streets.nearest_along(points)
    assert minutes[nearest, np.arange(len(nearest))] == pytest.approx(minutes.min(axis=0))


def test_no_points_give_an_empty_matrix(crossroads):
    assert crossroads.travel_minutes(np.empty((0, 2)), [(0, 0)]).shape == (0, 1)


def test_a_point_without_a_coordinate_is_refused(crossroads):
    with pytest.raises(InvalidInputError, match="Punkt 2 har ingen giltig koordinat"):
        crossroads.snap([(0, 0), (np.nan, 0)])


def test_points_in_another_reference_system_are_refused(crossroads):
    with pytest.raises(CRSError, match="EPSG:3006"):
        crossroads.snap(gpd.GeoSeries([shapely.Point(17.6, 59.8)], crs=4326))


def test_streets_in_degrees_are_refused():
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(17, 59), (18, 60)])], crs=4326)
    with pytest.raises(CRSError):
        Streets.from_lines(lines)


def test_an_unknown_mode_is_refused(schematic):
    with pytest.raises(InvalidInputError, match="swim"):
        Streets.from_lines(schematic.lines(), "swim")


def test_nothing_to_walk_on_is_said():
    with pytest.raises(NothingFoundError, match="inga gator"):
        network([(0, 0), (1, 1)], kind="rail")


@pytest.mark.real_data
def test_two_hundred_by_two_hundred_times_take_under_a_second_on_the_real_network(uppsala):
    rng = np.random.default_rng(0)
    points = uppsala.nodes[rng.integers(len(uppsala.nodes), size=400)] + rng.normal(0, 20, (400, 2))
    start = time.process_time()
    minutes = uppsala.travel_minutes(points[:200], points[200:])
    assert time.process_time() - start < 1.0
    straight = np.hypot(*(points[:200, None] - points[None, 200:]).transpose(2, 0, 1)) / 80
    assert (minutes >= straight - 1e-6).all()
    assert np.isfinite(minutes).all()


@pytest.mark.real_data
def test_the_real_network_keeps_its_largest_part(uppsala):
    assert 4_400 < len(uppsala.nodes) < 4_600
    assert uppsala.report.kept_m == pytest.approx(295_000, rel=0.01)
    assert uppsala.report.parts > 100
