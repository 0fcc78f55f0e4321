"""GeoJSON as RFC 7946 has it, read back by GDAL."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np

from riskmiljo.export import plan_geojson
from riskmiljo.wording import Text


def test_legs_are_lines_and_everything_else_is_a_point(plan):
    body = json.loads(plan_geojson(plan))
    assert body["type"] == "FeatureCollection"
    parts = Counter(
        (feature["properties"]["part"], feature["geometry"]["type"]) for feature in body["features"]
    )
    assert parts == {
        ("start", "Point"): 2,
        ("leg", "LineString"): 15,
        ("stop", "Point"): 13,
        ("pause", "Point"): 2,
        ("end", "Point"): 2,
        ("left_out", "Point"): 2,
    }


def test_another_program_reads_the_same_places(plan, tmp_path):
    path = tmp_path / "plan.geojson"
    path.write_bytes(plan_geojson(plan))
    frame = gpd.read_file(path)
    assert frame.crs.to_epsg() == 4326
    stops = frame[frame["part"] == "stop"].to_crs(3006)
    wanted = [(visit.x, visit.y) for route in plan.routes for visit in route.visits]
    found = np.column_stack([stops.geometry.x, stops.geometry.y])
    assert np.abs(found - wanted).max() < 0.1
    legs = frame[frame["part"] == "leg"].to_crs(3006)
    real = np.array([leg.length_m for route in plan.routes for leg in route.legs])
    assert np.abs(legs.length.to_numpy() - real).max() < 0.5
    assert list(stops["why_sv"]) == [v.why.sv for r in plan.routes for v in r.visits]
    assert list(stops["why_en"]) == [v.why.en for r in plan.routes for v in r.visits]


def test_coordinates_have_at_most_six_decimals_east_before_north(plan):
    for feature in json.loads(plan_geojson(plan))["features"]:
        pairs = np.reshape(feature["geometry"]["coordinates"], (-1, 2))
        assert (np.abs(np.round(pairs, 6) - pairs) < 1e-12).all()
        assert ((pairs[:, 0] > 17) & (pairs[:, 0] < 18.5)).all()


def test_what_holds_for_the_plan_stands_beside_its_features(plan):
    body = json.loads(plan_geojson(plan))
    assert (body["covered"], body["reachable"], body["habit"]) == (5.46, 7.6, 3.65)
    assert body["share"] == round(5.46 / 7.6, 4)
    assert body["distance"] == "streets"
    assert body["simulated"] is True
    assert body["as_of"] == "2026-04-27T22:00:00Z"
    assert body["shift"]["from"] == "2026-04-30T16:00:00Z"
    assert body["notes"] == [plan.notes[0].as_dict()]
    assert body["comparison"] == plan.comparison.as_dict()
    assert body["parameters"] == {"seed": 0, "dwell_min": 12, "gap_min": 90, "nan": None}


def test_numpy_values_times_and_texts_among_the_parameters_are_written(plan):
    parameters = {
        "a": np.float64(1.5),
        "b": np.array([1, 2]),
        "c": Text("hej", "hello"),
        "d": datetime(2026, 5, 1, 2, 0, 0, 600_000, tzinfo=UTC),
        "e": (True, None, np.inf),
        "f": {3, 2},
    }
    assert json.loads(plan_geojson(replace(plan, parameters=parameters)))["parameters"] == {
        "a": 1.5,
        "b": [1, 2],
        "c": {"sv": "hej", "en": "hello"},
        "d": "2026-05-01T02:00:01Z",
        "e": [True, None, None],
        "f": ["2", "3"],
    }


def test_hostile_text_stays_text(hostile_plan, plans):
    body = json.loads(plan_geojson(hostile_plan))
    names = [f["properties"]["name"] for f in body["features"] if f["properties"]["part"] == "stop"]
    assert names[0] == plans.hostile[0]
    assert names[4] == "Grönt 🌲 مرحبا abc[31m"


def test_one_crew_alone_keeps_what_was_left_out(plan):
    parts = Counter(
        f["properties"]["part"] for f in json.loads(plan_geojson(plan, crew=2))["features"]
    )
    assert (parts["stop"], parts["left_out"]) == (5, 2)


def test_empty_plans_are_empty_collections(plan, plans):
    body = json.loads(plan_geojson(replace(plan, routes=(), left_out=())))
    assert body["features"] == []
    body = json.loads(plan_geojson(plans.make(stops=(0,))))
    assert [f["properties"]["part"] for f in body["features"]][:2] == ["start", "end"]


def test_unknowns_are_null(plan):
    body = json.loads(plan_geojson(replace(plan, habit=None, as_of=None, reachable=0.0)))
    assert (body["habit"], body["as_of"], body["share"]) == (None, None, 0.0)


def test_the_same_plan_gives_the_same_bytes(plans):
    assert plan_geojson(plans.make()) == plan_geojson(plans.make())
