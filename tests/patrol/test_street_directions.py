"""Driving keeps to one-way streets; walking and cycling do not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components, shortest_path

from riskmiljo.errors import NothingFoundError
from riskmiljo.patrol.street_rules import modes_of, one_way
from riskmiljo.patrol.streets import Streets

# A block: 0,0 - 100,0 - 100,100 - 0,100, driven anticlockwise.
BLOCK = [[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 100), (0, 100)], [(0, 100), (0, 0)]]


def lines_of(lines, oneway, **columns):
    frame = pd.DataFrame({"name": "", "kind": "street", "oneway": oneway, **columns},
                         index=range(len(lines)))  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry=[shapely.LineString(line) for line in lines], crs=3006)


def network(lines, oneway, mode="drive", **columns):
    return Streets.from_lines(lines_of(lines, oneway, **columns), mode)


def metres(streets, a, b):
    return streets.travel_minutes([a], [b])[0, 0] * streets.speed_m_min


@pytest.mark.parametrize(("mode", "back"), [("walk", 100), ("cycle", 100), ("drive", 300)])
def test_one_way_streets_bind_those_who_drive(mode, back):
    streets = network(BLOCK, "yes", mode)
    assert metres(streets, (0, 0), (100, 0)) == pytest.approx(100)
    assert metres(streets, (100, 0), (0, 0)) == pytest.approx(back)
    assert streets.path((100, 0), (0, 0)).length == pytest.approx(back)


@pytest.mark.parametrize("against", ["-1", "reverse"])
def test_a_street_may_be_one_way_against_its_own_line(against):
    streets = network([line[::-1] for line in BLOCK], against)
    assert metres(streets, (0, 0), (100, 0)) == pytest.approx(100)
    assert metres(streets, (100, 0), (0, 0)) == pytest.approx(300)


def test_stops_on_one_stretch_are_driven_to_in_its_direction():
    streets = network(BLOCK, "yes")
    assert metres(streets, (20, 0), (70, 0)) == pytest.approx(50)
    assert metres(streets, (70, 0), (20, 0)) == pytest.approx(350)
    back = streets.path((70, 0), (20, 0))
    assert list(back.coords) == [(70, 0), (100, 0), (100, 100), (0, 100), (0, 0), (20, 0)]


def test_a_stop_at_a_corner_is_left_by_any_of_its_streets():
    # Whichever street of the corner a point is put on, it is at the corner.
    streets = network([*BLOCK, [(100, 0), (500, 0)]], ["yes"] * 4 + [""])
    for corner, onwards in (((100, 0), (500, 0)), ((0, 0), (50, 0)), ((100, 100), (50, 100))):
        assert metres(streets, corner, corner) == pytest.approx(0, abs=1e-5)
        straight = np.hypot(onwards[0] - corner[0], onwards[1] - corner[1])
        assert metres(streets, corner, onwards) == pytest.approx(straight)
    assert metres(streets, (500, 0), (100, 0)) == pytest.approx(400)
    ways = streets.ways([(70, 0), (70, 0)], [(0, 1), (1, 0)])
    assert [way.length_m for way in ways] == pytest.approx([0, 0])


def test_a_street_drawn_once_in_each_direction_is_open_both_ways():
    lines = [*BLOCK, [(0, 0), (-500, 0)], [(-500, 0), (0, 0)]]
    streets = network(lines, ["yes"] * 6)
    assert len(streets.edges) == 5
    assert metres(streets, (-500, 0), (0, 0)) == metres(streets, (0, 0), (-500, 0))
    assert sorted(streets.edges["oneway"]) == ["", "yes", "yes", "yes", "yes"]


def test_a_street_drawn_twice_in_the_same_direction_stays_one_way():
    streets = network([*BLOCK, BLOCK[0], BLOCK[1][::-1]], ["yes"] * 5 + ["-1"])
    assert set(streets.edges["oneway"]) == {"yes"}
    assert metres(streets, (100, 0), (0, 0)) == pytest.approx(300)


def test_what_cannot_be_driven_there_and_back_is_cut_off_and_said():
    lines = [*BLOCK, [(0, 0), (-300, 0)], [(9000, 0), (9010, 0)]]
    streets = network(lines, ["yes"] * 5 + [""])
    report = streets.report
    assert (report.kept_m, report.cut_off_m, report.one_way_m) == (400, 310, 300)
    assert report.parts == 2
    (note,) = report.notes
    assert "42 %" in note.sv
    assert "both there and back" in note.en
    assert report.cut_off.length == 310
    assert network(lines, ["yes"] * 5 + [""], "walk").report.kept_m == 700


def test_streets_that_only_lead_away_are_no_network():
    with pytest.raises(NothingFoundError, match="dit och tillbaka"):
        network([[(0, 0), (100, 0)]], "yes")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_driving_times_agree_with_floyd_and_warshall_on_the_directed_network(seed):
    rng = np.random.default_rng(seed)
    side = 5
    at = {(i, j): (100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30))
          for i in range(side) for j in range(side)}  # fmt: skip
    lines = [(at[i, j], at[k]) for i, j in at for k in ((i + 1, j), (i, j + 1)) if k in at]
    streets = network(lines, rng.choice(["", "yes", "-1"], len(lines)))
    size = len(streets.nodes)
    lengths = np.full((size, size), np.inf)
    for edge in streets.edges.itertuples():
        a, b = edge[1], edge[2]
        if edge.oneway != "-1":
            lengths[a, b] = min(lengths[a, b], edge.length_m)
        if edge.oneway != "yes":
            lengths[b, a] = min(lengths[b, a], edge.length_m)
    assert connected_components(np.isfinite(lengths), connection="strong")[0] == 1
    expected = shortest_path(lengths, method="FW") / 500
    assert streets.travel_minutes(streets.nodes, streets.nodes) == pytest.approx(expected, abs=1e-6)


def test_the_network_made_again_of_its_lines_has_the_same_directions():
    rng = np.random.default_rng(3)
    streets = network([*BLOCK, [(0, 0), (100, 100)]], ["yes", "yes", "", "-1", "yes"])
    again = Streets.from_lines(streets.lines(), "drive")
    points = rng.uniform(0, 100, (8, 2))
    assert np.array_equal(
        again.travel_minutes(points, points), streets.travel_minutes(points, points)
    )


def test_who_may_use_a_line_outlives_the_store():
    lines = lines_of([*BLOCK, [(0, 0), (-500, 0)]], "", modes=["walk cycle drive"] * 4 + ["walk"])
    walked = Streets.from_lines(lines, "walk")
    assert walked.report.kept_m == 900
    for mode in ("cycle", "drive"):
        assert Streets.from_lines(walked.lines(), mode).report.kept_m == 400
    unknown = walked.lines().drop(columns=["modes", "oneway"])
    assert Streets.from_lines(unknown, "drive").report.kept_m == 900


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"oneway": "yes"}, "yes"),
        ({"oneway": "True"}, "yes"),
        ({"oneway": "-1"}, "-1"),
        ({"oneway": "no", "junction": "roundabout"}, ""),
        ({"oneway": "reversible"}, ""),
        ({"junction": "roundabout"}, "yes"),
        ({"junction": "circular"}, "yes"),
        ({"highway": "motorway"}, "yes"),
        ({"highway": "motorway", "oneway": "False"}, ""),
        ({}, ""),
    ],
)
def test_the_words_for_one_way(tags, expected):
    row = pd.DataFrame([{"oneway": "", "junction": "", "highway": "", **tags}], dtype="str")
    assert one_way(row).tolist() == [expected]


def test_modes_are_listed_in_words():
    tags = pd.DataFrame(
        "", index=[0, 1], columns=["highway", "access", "foot", "bicycle", "vehicle",
                                   "motor_vehicle"], dtype="str",
    )  # fmt: skip
    tags["access"] = ["", "private"]
    assert modes_of(tags, pd.Series(["path", "street"])).tolist() == ["walk cycle", ""]
