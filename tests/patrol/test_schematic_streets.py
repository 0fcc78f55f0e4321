from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from riskmiljo.geo.crs import transform
from riskmiljo.patrol.streets import Streets
from riskmiljo.settings import shipped

PLACES = {
    "Stora torget": (59.8586, 17.63901),
    "Resecentrum": (59.85905, 17.64408),
    "Vaksala torg": (59.86195, 17.64617),
    "Domkyrkan": (59.85761, 17.63358),
    "Carolina": (59.85526, 17.63218),
    "Polishuset": (59.8666, 17.62943),
    "Ekonomikum": (59.86085, 17.61942),
    "Svandammen": (59.85272, 17.64016),
    "Stadsbiblioteket": (59.8611, 17.6357),
    "Stationsgatan": (59.85847, 17.64865),
    "Akademiska": (59.85051, 17.64284),
    "Kvarntorget": (59.86699, 17.64655),
    "Torkelsgatan": (59.86296, 17.6542),
    "Linnéträdgården": (59.86175, 17.63304),
    "Saluhallen": (59.85944, 17.63159),
    "Blåsenhus": (59.85169, 17.6299),
}
# The real network lacks cycleways and some newer bridges; these ways do not need them.
PAIRS = [
    ("Stora torget", "Resecentrum"), ("Stora torget", "Vaksala torg"),
    ("Stora torget", "Svandammen"), ("Stora torget", "Polishuset"),
    ("Stora torget", "Ekonomikum"), ("Stora torget", "Torkelsgatan"),
    ("Resecentrum", "Stationsgatan"), ("Resecentrum", "Domkyrkan"),
    ("Resecentrum", "Polishuset"), ("Resecentrum", "Svandammen"),
    ("Resecentrum", "Kvarntorget"), ("Vaksala torg", "Domkyrkan"),
    ("Vaksala torg", "Kvarntorget"), ("Vaksala torg", "Ekonomikum"),
    ("Domkyrkan", "Carolina"), ("Domkyrkan", "Polishuset"),
    ("Stadsbiblioteket", "Saluhallen"), ("Stadsbiblioteket", "Akademiska"),
    ("Linnéträdgården", "Ekonomikum"), ("Polishuset", "Kvarntorget"),
]  # fmt: skip


def at(*names):
    lat, lon = np.array([PLACES[name] for name in names]).T
    return np.column_stack(transform(lon, lat, 4326, 3006))


def kinds_on_the_way(streets, start, goal):
    way = streets.path(*at(start, goal))
    on_it = shapely.length(
        shapely.intersection(streets.edges.geometry.to_numpy(), shapely.buffer(way, 0.5))
    )
    walked = on_it > 0.9 * streets.edges["length_m"]
    return set(streets.edges["kind"][walked])


def test_the_schematic_network_hangs_together(schematic):
    assert schematic.report.parts == 1
    assert schematic.report.cut_off_m == 0
    assert set(schematic.edges["kind"]) == {"street", "path", "bridge", "passage"}
    assert (schematic.edges["name"] != "").all()


@pytest.mark.parametrize("goal", ["Domkyrkan", "Ekonomikum", "Svandammen", "Saluhallen"])
def test_the_west_side_is_reached_over_a_bridge(schematic, goal):
    assert "bridge" in kinds_on_the_way(schematic, "Stora torget", goal)


@pytest.mark.parametrize("goal", ["Vaksala torg", "Kvarntorget", "Torkelsgatan", "Stationsgatan"])
def test_the_east_side_is_reached_through_a_passage(schematic, goal):
    assert "passage" in kinds_on_the_way(schematic, "Stora torget", goal)


@pytest.mark.parametrize(
    ("kind", "west", "east"),
    [("bridge", "Domkyrkan", "Stora torget"), ("passage", "Resecentrum", "Vaksala torg")],
)
def test_only_bridges_and_passages_cross_the_river_and_the_railway(schematic, kind, west, east):
    lines = schematic.lines()
    without = Streets.from_lines(lines[lines["kind"] != kind])
    reachable = without.snap(at(west, east))[1] < 60
    assert not reachable.all(), f"without any {kind} both sides still hang together"


def test_the_file_says_where_its_facts_come_from():
    content = json.loads(shipped("data", "streets.geojson").read_text(encoding="utf-8"))
    assert "OpenStreetMap contributors" in content["attribution"]
    assert all(set(f["properties"]) == {"name", "kind"} for f in content["features"])


@pytest.mark.real_data
def test_distances_are_within_a_quarter_of_those_on_the_real_network(schematic, uppsala):
    for a, b in PAIRS:
        drawn = schematic.travel_minutes(at(a), at(b))[0, 0]
        real = uppsala.travel_minutes(at(a), at(b))[0, 0]
        assert drawn == pytest.approx(real, rel=0.25), (a, b)
