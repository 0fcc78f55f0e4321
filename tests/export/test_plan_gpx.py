"""GPX 1.1: read back by another library, the coordinates by another way of computing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, timedelta

import gpxpy
import numpy as np
import pytest
from pyproj import Transformer

from riskmiljo.errors import InvalidInputError
from riskmiljo.export import plan_gpx

NS = "{http://www.topografix.com/GPX/1/1}"
# The order that the schema demands of the children of each element (GPX 1.1, topografix.com).
ORDER = {
    "gpx": ["metadata", "wpt", "rte", "trk", "extensions"],
    "metadata": ["name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"],
    "wpt": ["ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym"],
    "rte": ["name", "cmt", "desc", "src", "link", "number", "type", "extensions", "rtept"],
    "trk": ["name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"],
    "trkseg": ["trkpt"],
}
ORDER["wpt"].append("type")
ORDER["rtept"] = ORDER["trkpt"] = ORDER["wpt"]


def metres(points):
    back = Transformer.from_crs(4326, 3006, always_xy=True)
    return np.column_stack(
        back.transform([p.longitude for p in points], [p.latitude for p in points])
    )


def test_every_crew_has_a_route_a_track_and_its_stops_as_way_points(plan):
    gpx = gpxpy.parse(plan_gpx(plan, language="sv").decode())
    assert gpx.version == "1.1"
    assert [route.name for route in gpx.routes] == [
        "Lag 1, polis, till fots",
        "Lag 2, polis, till fots",
    ]
    assert [len(route.points) for route in gpx.routes] == [8 + 2, 5 + 2]
    assert len(gpx.tracks) == 2
    assert len(gpx.waypoints) == 13
    first = gpx.waypoints[0]
    visit = plan.routes[0].visits[0]
    assert first.name == "1. Resecentrum"
    assert first.time == visit.begins
    assert visit.why.sv in first.description
    assert "18:06–18:18" in first.description


def test_coordinates_lie_within_a_tenth_of_a_metre(plan):
    gpx = gpxpy.parse(plan_gpx(plan, language="en").decode())
    visits = [visit for route in plan.routes for visit in route.visits]
    wanted = np.array([(visit.x, visit.y) for visit in visits])
    assert np.abs(metres(gpx.waypoints) - wanted).max() < 0.1
    for track, route in zip(gpx.tracks, plan.routes, strict=True):
        way = np.concatenate([leg.way for leg in route.legs])
        assert np.abs(metres(track.segments[0].points) - way).max() < 0.1
    ends = metres([gpx.routes[0].points[0], gpx.routes[0].points[-1]])
    start = plan.routes[0].crew.start
    assert np.abs(ends - [start.x, start.y]).max() < 0.1


def test_the_track_keeps_the_legs_times_and_never_goes_back(plan):
    gpx = gpxpy.parse(plan_gpx(plan, language="sv", crew=1).decode())
    times = [point.time for point in gpx.tracks[0].segments[0].points]
    assert times == sorted(times)
    legs = plan.routes[0].legs
    assert times[0] == legs[0].departs
    assert times[2] == legs[0].arrives
    assert times[-1] == legs[-1].arrives
    sides = np.abs(np.diff(legs[0].way, axis=0)).sum(axis=1)
    turn = legs[0].departs + (legs[0].arrives - legs[0].departs) * sides[0] / sides.sum()
    assert abs(times[1] - turn) <= timedelta(seconds=0.5)


def test_one_crew_alone(plan):
    gpx = gpxpy.parse(plan_gpx(plan, language="sv", crew=2).decode())
    assert [route.number for route in gpx.routes] == [2]
    assert len(gpx.waypoints) == 5
    with pytest.raises(InvalidInputError, match=r"inget lag 7\. Välj bland: 1, 2"):
        plan_gpx(plan, language="sv", crew=7)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_structure_is_that_of_the_schema(hostile_plan, language):
    root = ET.fromstring(plan_gpx(hostile_plan, language=language))  # noqa: S314 - our own file
    assert root.tag == f"{NS}gpx"
    assert root.attrib["creator"]
    for element in root.iter():
        tag = element.tag.removeprefix(NS)
        if tag in ORDER:
            places = [ORDER[tag].index(child.tag.removeprefix(NS)) for child in element]
            assert places == sorted(places), tag
        if tag in {"wpt", "rtept", "trkpt"}:
            assert -90 <= float(element.attrib["lat"]) <= 90
            assert -180 <= float(element.attrib["lon"]) <= 180


def test_hostile_text_comes_back_as_text(plans):
    plan = plans.make(names=plans.hostile, stops=(6,), simulated=False)
    gpx = gpxpy.parse(plan_gpx(plan, language="sv").decode())
    names = [point.name for point in gpx.waypoints]
    assert names == [
        "1. <script>alert(1)</script>",
        "2. {{7*7191}}{% raw %}${7*7191}",
        "3. ]]></desc><x>",
        "4. \"quoted\" & 'single', a;b\\c BEGIN:VEVENT",
        "5. Grönt 🌲 مرحبا abc[31m",
        "6. --><img src=x onerror=alert(1)>",
    ]


def test_what_must_be_said_is_in_the_file(plans):
    text = plan_gpx(plans.make(distance="straight"), language="sv").decode()
    for said in ("Simulerade data", "Inget gatunät", "förra månadens vana", "Närvaro är känd"):
        assert said in text
    assert "Simulated" not in text


def test_a_crew_without_visits_has_its_start_and_end(plans):
    gpx = gpxpy.parse(plan_gpx(plans.make(stops=(0, 1)), language="sv").decode())
    assert [len(route.points) for route in gpx.routes] == [2, 3]
    assert "Inga hållpunkter" in gpx.routes[0].description
    assert len(gpx.tracks) == 1


def test_a_plan_without_crews_is_still_a_file(plan):
    gpx = gpxpy.parse(plan_gpx(replace(plan, routes=()), language="sv").decode())
    assert gpx.routes == []


def test_a_way_without_length_does_not_stop_the_file(plans, plan):
    home = (plans.home.x, plans.home.y)
    begins = plan.shift.period.start
    still = replace(plans.leg(begins, home, home, 4), way=np.array([home, home]))
    route = replace(plan.routes[0], steps=(still,))
    gpx = gpxpy.parse(plan_gpx(replace(plan, routes=(route,)), language="sv").decode())
    times = [point.time.astimezone(UTC) for point in gpx.tracks[0].segments[0].points]
    assert times == [begins, begins + timedelta(minutes=4)]


def test_the_same_plan_gives_the_same_bytes(plans):
    assert plan_gpx(plans.make(), language="sv") == plan_gpx(plans.make(), language="sv")
