"""Ways with their streets, names of corners, and points out of reach."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.streets import Streets


def network(lines, mode="walk"):
    frame = gpd.GeoDataFrame(
        {"name": [name for name, _ in lines], "kind": "street"},
        geometry=[shapely.LineString(line) for _, line in lines],
        crs=3006,
    )
    return Streets.from_lines(frame, mode)


@pytest.fixture
def town():
    """Kungsgatan west to east, crossed by two streets; a lane without a name in the east."""
    return network(
        [
            ("Kungsgatan", [(0, 0), (400, 0), (800, 0)]),
            ("Storgatan", [(400, -300), (400, 0), (400, 300)]),
            ("Nygatan", [(800, 0), (800, 300)]),
            ("", [(800, 0), (1200, 0), (1200, 300)]),
            ("", [(1200, 0), (1600, 0)]),
        ]
    )


def test_a_way_names_its_streets_in_order(town):
    ways = town.ways([(100, 5), (400, 200), (800, 300), (1600, 0)], [(0, 1), (1, 2), (2, 3)])
    assert [way.streets for way in ways] == [
        ("Kungsgatan", "Storgatan"), ("Storgatan", "Kungsgatan", "Nygatan"), ("Nygatan",),
    ]  # fmt: skip
    assert [way.length_m for way in ways] == pytest.approx([505, 900, 1100])
    assert list(ways[0].line.coords) == [(100, 5), (100, 0), (400, 0), (400, 200)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["walk", "cycle", "drive"]))
def test_ways_take_exactly_the_time_of_the_matrix(seed, mode):
    rng = np.random.default_rng(seed)
    at = {(i, j): (100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30))
          for i in range(6) for j in range(6)}  # fmt: skip
    lines = [(at[i, j], at[k]) for i, j in at for k in ((i + 1, j), (i, j + 1)) if k in at]
    frame = gpd.GeoDataFrame(
        {"oneway": rng.choice(["", "", "yes", "-1"], len(lines))},
        geometry=[shapely.LineString(line) for line in lines],
        crs=3006,
    )
    streets = Streets.from_lines(frame, mode)
    points = np.vstack([rng.uniform(-20, 520, (6, 2)), streets.nodes[:2]])
    minutes = streets.travel_minutes(points, points)
    pairs = [(a, b) for a in range(8) for b in range(8)]
    for (a, b), way in zip(pairs, streets.ways(points, pairs), strict=True):
        assert way.minutes == pytest.approx(minutes[a, b] if a != b else 0, abs=1e-6)
        assert way.line.length == pytest.approx(way.length_m, abs=1e-6)
        assert way.line.coords[0] == pytest.approx(tuple(points[a]))
        assert way.line.coords[-1] == pytest.approx(tuple(points[b]))
        if mode == "walk":
            assert way.length_m / 80 == pytest.approx(way.minutes, abs=1e-9)


@pytest.mark.real_data
def test_walks_on_the_real_network_equal_its_matrix(uppsala):
    rng = np.random.default_rng(1)
    points = uppsala.nodes[rng.integers(len(uppsala.nodes), size=40)] + rng.normal(0, 20, (40, 2))
    pairs = np.column_stack([np.arange(39), np.arange(1, 40)])
    minutes = uppsala.travel_minutes(points, points)[pairs[:, 0], pairs[:, 1]]
    ways = uppsala.ways(points, pairs)
    assert [way.line.length / 80 for way in ways] == pytest.approx(minutes, abs=1e-6)
    assert sum(len(way.streets) for way in ways) > 100


def test_no_pairs_are_no_ways(town):
    assert town.ways([(0, 0)], []) == []
    assert town.ways(np.empty((0, 2)), np.empty((0, 2))) == []


@pytest.mark.parametrize("pair", [(0, 2), (-1, 0)])
def test_a_pair_of_points_that_are_not_there_is_refused(town, pair):
    with pytest.raises(InvalidInputError, match="Det finns 2 punkter"):
        town.ways([(0, 0), (1, 1)], [pair])


def test_times_beyond_the_limit_are_infinite_and_the_others_unchanged(town):
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 1600, (30, 2)) * [1, 0.1]
    whole = town.travel_minutes(points, points)
    cut = town.travel_minutes(points, points, limit_min=8)
    assert np.array_equal(np.isinf(cut), whole > 8)
    assert np.array_equal(cut[whole <= 8], whole[whole <= 8])
    assert (whole > 8).any()


@pytest.mark.parametrize("limit", [0, -1, np.nan])
def test_a_limit_of_nothing_is_refused(town, limit):
    with pytest.raises(InvalidInputError, match="Längsta restid"):
        town.travel_minutes([(0, 0)], [(1, 1)], limit_min=limit)


def test_a_corner_is_named_after_its_streets_the_longest_first(town):
    corners = town.nearest_corner([(390, 12), (790, 40)])
    assert corners.name == ("Kungsgatan / Storgatan", "Kungsgatan / Nygatan")
    assert corners.xy.tolist() == [[400, 0], [800, 0]]
    assert corners.distance_m == pytest.approx([22, 50])
    assert town.nodes[corners.node].tolist() == corners.xy.tolist()


def test_a_corner_is_near_along_the_streets_not_across_them():
    # Across the river the other corner is 30 m away; on foot it is two kilometres.
    streets = network(
        [
            ("Åvägen", [(0, 0), (0, 1000)]),
            ("Norra bron", [(0, 1000), (30, 1000)]),
            ("Strandvägen", [(30, 1000), (30, 0)]),
            ("Västgatan", [(0, 0), (-500, 0)]),
            ("Östgatan", [(30, 200), (500, 200)]),
            ("Strandvägen", [(30, 0), (30, 200)]),
        ]
    )
    assert streets.nearest_corner([(29, 5)]).name == ("Strandvägen / Östgatan",)
    assert streets.nearest_corner([(1, 5)]).name == ("Åvägen / Västgatan",)


def test_a_named_corner_is_preferred_to_a_nameless_one_nearby(town):
    assert town.nearest_corner([(1160, 0)]).name == ("",)
    assert town.nearest_corner([(1010, 0)]).name == ("Kungsgatan / Nygatan",)
    assert town.nearest_corner([(1010, 0)]).distance_m == pytest.approx([210])


def test_corners_of_no_points_and_of_a_lone_street():
    street = network([("Gatan", [(0, 0), (100, 0)])])
    assert street.nearest_corner(np.empty((0, 2))).name == ()
    found = street.nearest_corner([(80, 10)])
    assert (found.name, found.xy.tolist()) == (("Gatan",), [[100, 0]])


@pytest.mark.real_data
def test_corners_of_the_real_network_are_the_nearest_of_their_kind(uppsala):
    rng = np.random.default_rng(3)
    points = uppsala.nodes[rng.integers(len(uppsala.nodes), size=25)] + rng.normal(0, 15, (25, 2))
    corners = uppsala.nearest_corner(points)
    off = uppsala.snap(points)[1]
    minutes = uppsala.travel_minutes(points, corners.xy)
    assert np.diag(minutes) * 80 == pytest.approx(corners.distance_m, abs=0.1)
    assert (corners.distance_m >= off - 1e-9).all()
    two = [" / " in name for name in corners.name]
    assert np.mean(two) > 0.6
    assert np.median(corners.distance_m) < 150


def test_points_out_of_reach_are_told_apart_with_the_reason(town):
    reach = town.reach([(100, 40), (100, 5000), (100, 300)], names=["A", "Polishuset", "B"])
    assert reach.usable.tolist() == [True, False, False]
    assert reach.distance_m == pytest.approx([40, 5000 - 0, 300], rel=0.07)
    assert reach.why[0] is None
    assert reach.why[1].sv.startswith("Polishuset ligger 4,7 km från närmaste gata.")
    assert reach.why[1].en.startswith("Polishuset is 4.7 km from the nearest street.")
    assert "300 m" in town.reach([(100, 300)]).why[0].sv
    assert town.reach([(100, 300)]).why[0].en.startswith("Point 1 is")
    assert town.reach([(100, 300)], reach_m=350).usable.all()


def test_a_point_beside_a_street_of_the_other_half_is_told_so():
    halves = network([("Stan", [(0, 0), (3000, 0)]), ("Ön", [(0, 900), (500, 900)])])
    assert halves.report.parts == 2
    (why,) = halves.reach([(100, 880)], names=["Bryggan"]).why
    assert "hänger inte ihop" in why.sv
    assert "880 m" in why.sv
    assert "not connected" in why.en
