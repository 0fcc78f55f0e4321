"""Water, parks and railways that a street file brings along become part of the base map."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from riskmiljo.maps.basemap import basemap_layer
from riskmiljo.patrol.street_files import read_ground, read_lines
from riskmiljo.patrol.streets import Streets, read_streets

STREET = [[17.63, 59.858], [17.64, 59.858]]
LAKE = [[17.63, 59.86], [17.635, 59.86], [17.635, 59.862], [17.63, 59.862], [17.63, 59.86]]
TRACK = [[17.62, 59.85], [17.65, 59.87]]
EXPECTED = {("Sjön", "water"), ("Parken", "park"), ("Banan", "rail")}


def geojson(path):
    shapes = [
        ({"highway": "residential", "name": "Gatan"}, "LineString", STREET),
        ({"natural": "water", "name": "Sjön"}, "Polygon", [LAKE]),
        ({"leisure": "park", "name": "Parken"}, "MultiPolygon", [[LAKE]]),
        ({"railway": "rail", "name": "Banan"}, "LineString", TRACK),
        ({"building": "yes", "name": "Huset"}, "Polygon", [LAKE]),
        ({"railway": "station", "name": "Stationen"}, "Polygon", [LAKE]),
    ]
    features = [
        {"type": "Feature", "properties": tags, "geometry": {"type": kind, "coordinates": at}}
        for tags, kind, at in shapes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def osm(path):
    points = {tuple(p): n for n, p in enumerate([*STREET, *LAKE, *TRACK], start=1)}
    nodes = "".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for (x, y), n in points.items())
    ways = ""
    for number, (tags, at) in enumerate(
        [
            ({"highway": "residential", "name": "Gatan"}, STREET),
            ({"natural": "water", "name": "Sjön"}, LAKE),
            ({"leisure": "park", "name": "Parken"}, LAKE),
            ({"railway": "rail", "name": "Banan"}, TRACK),
            ({"building": "yes"}, LAKE),
        ]
    ):
        refs = "".join(f'<nd ref="{points[tuple(p)]}"/>' for p in at)
        ways += f'<way id="{number}">{refs}'
        ways += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()) + "</way>"
    path.write_text(f"<osm>{nodes}{ways}</osm>", "utf-8")
    return path


def geopackage(path):
    def layer(name, rows):
        frame = gpd.GeoDataFrame(
            [tags for tags, _ in rows], geometry=[shape for _, shape in rows], crs=4326
        )
        frame.to_file(path, layer=name, driver="GPKG")

    layer("edges", [({"highway": "residential", "name": "Gatan"}, shapely.LineString(STREET))])
    layer(
        "ground",
        [
            ({"kind": "water", "name": "Sjön"}, shapely.Polygon(LAKE)),
            ({"kind": "park", "name": "Parken"}, shapely.Polygon(LAKE)),
        ],
    )
    layer("tracks", [({"railway": "rail", "name": "Banan"}, shapely.LineString(TRACK))])
    return path


@pytest.mark.parametrize(
    ("make", "name"), [(geojson, "a.geojson"), (osm, "a.osm"), (geopackage, "a.gpkg")]
)
def test_water_parks_and_rail_are_taken_and_houses_are_not(tmp_path, make, name):
    file = make(tmp_path / name)
    ground = read_ground(file)
    assert set(zip(ground["name"], ground["kind"], strict=True)) == EXPECTED
    assert ground.crs.to_epsg() == 4326
    assert read_streets(file).lines()["name"].tolist() == ["Gatan"]


def test_a_network_without_ground_has_none(uppsala_files):
    assert read_ground(uppsala_files / "uppsala_walk_2023-01-12.graphml").empty
    assert read_ground(uppsala_files / "uppsala_walk_2023-01-12.gpkg").empty


def test_ground_beside_the_streets_is_no_street_and_is_drawn(tmp_path):
    file = geojson(tmp_path / "a.geojson")
    assert len(read_lines(file)) >= 1
    streets, ground = read_streets(file).lines(), read_ground(file)
    both = gpd.GeoDataFrame(
        {
            "name": [*streets["name"], *ground["name"]],
            "kind": [*streets["kind"], *ground["kind"]],
        },
        geometry=[*streets.geometry, *ground.to_crs(streets.crs).geometry],
        crs=streets.crs,
    )
    assert Streets.from_lines(both).lines()["name"].tolist() == ["Gatan"]
    layer, notes = basemap_layer((17.6, 59.84, 17.7, 59.88), streets=both)
    drawn = {(one["properties"]["name"], one["properties"]["kind"]) for one in layer["features"]}
    assert drawn >= EXPECTED | {("Gatan", "street")}
    # All kinds came with the file: nothing schematic is left.
    assert not any("Schematisk" in note.sv for note in notes)
