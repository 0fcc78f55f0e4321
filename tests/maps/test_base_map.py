from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from riskmiljo.errors import CRSError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.maps.basemap import (
    NO_BASE_MAP,
    SCHEMATIC,
    _shipped_drawing,
    basemap_layer,
    source_text,
)
from riskmiljo.settings import shipped

UPPSALA = (17.55, 59.78, 17.75, 59.92)
CHICAGO = (-87.75, 41.8, -87.55, 42.0)


def kinds(layer):
    return {one["properties"]["kind"] for one in layer["features"]}


def streets(crs=3006, *, kind="residential", at=(647000, 6638000)):
    x, y = at
    lines = [shapely.LineString([(x, y), (x + 500, y)]), shapely.LineString([(x, y), (x, y + 500)])]
    return gpd.GeoDataFrame({"name": ["Testgatan", None], "kind": kind}, geometry=lines, crs=crs)


def test_uppsala_has_a_drawing_of_its_own_without_any_network():
    layer, notes = basemap_layer(UPPSALA)
    assert kinds(layer) >= {"water", "park", "rail", "street", "main"}
    assert notes == [SCHEMATIC]
    names = {one["properties"]["name"] for one in layer["features"]}
    assert {"Fyrisån", "Stadsträdgården", "Ekoln", "Slottsparken"} <= names


def test_what_is_drawn_is_valid_and_stays_within_the_bounds():
    layer, _ = basemap_layer(UPPSALA)
    box = shapely.box(*UPPSALA).buffer(1e-6)
    for one in layer["features"]:
        shape = shapely.geometry.shape(one["geometry"])
        assert shape.is_valid
        assert box.covers(shape)


def test_a_loaded_network_replaces_the_schematic_streets_and_keeps_the_water():
    layer, notes = basemap_layer(UPPSALA, streets=streets())
    drawn = [one for one in layer["features"] if one["properties"]["kind"] == "street"]
    assert {one["properties"]["name"] for one in drawn} == {"", "Testgatan"}
    assert "main" not in kinds(layer)
    assert {"water", "rail", "park"} <= kinds(layer)
    assert notes == [SCHEMATIC]


def test_water_in_the_import_replaces_the_schematic_water():
    lake = gpd.GeoDataFrame(
        {"name": ["Ny sjö"], "kind": ["water"]},
        geometry=[shapely.box(647000, 6638000, 648000, 6639000)],
        crs=3006,
    )
    layer, _ = basemap_layer(UPPSALA, streets=lake)
    water = [
        one["properties"]["name"]
        for one in layer["features"]
        if one["properties"]["kind"] == "water"
    ]
    assert water == ["Ny sjö"]


def test_another_city_without_a_network_is_told_that_it_has_no_base_map():
    layer, notes = basemap_layer(CHICAGO)
    assert layer["features"] == []
    assert notes == [NO_BASE_MAP]


def test_another_city_with_a_network_is_drawn_without_a_word_of_schemes():
    layer, notes = basemap_layer(CHICAGO, streets=streets(32616, at=(445000, 4640000)))
    assert kinds(layer) == {"street"}
    assert notes == []


def test_the_source_of_a_loaded_network_is_named_on_the_map(make):
    network = streets()
    network.attrs["source"] = "© OpenStreetMap contributors"
    payload = make.payload(streets=network)
    named, drawn = payload["attribution"]
    assert named["sv"] == "Gatunät: © OpenStreetMap contributors"
    assert drawn == SCHEMATIC.as_dict()


def test_a_network_in_degrees_is_refused():
    with pytest.raises(CRSError, match="Gatunätet är inte i meter"):
        basemap_layer(UPPSALA, streets=streets().to_crs(4326))


@pytest.mark.parametrize(
    ("name", "within_m", "kind"),
    [
        ("Stadsträdgården", 60, "park"),
        ("Svandammen", 90, "water"),
        ("Carolinaparken", 30, "park"),
        ("Engelska parken", 30, "park"),
        ("Resecentrum", 150, "rail"),
    ],
)
def test_the_drawing_agrees_with_the_gazetteer(name, within_m, kind):
    drawing = _shipped_drawing()
    places = read_gazetteer().set_index("name")
    shapes = drawing[drawing["kind"] == kind].geometry
    assert shapes.distance(places.geometry[name]).min() <= within_m


def test_every_bridge_of_the_schematic_streets_crosses_water():
    drawn = gpd.read_file(shipped("data", "streets.geojson")).to_crs(3006)
    bridges = drawn[drawn["kind"] == "bridge"]
    water = _shipped_drawing()
    water = water[water["kind"] == "water"].union_all()
    assert len(bridges) >= 8
    assert bridges["name"][~bridges.intersects(water)].tolist() == []


def test_every_passage_of_the_schematic_streets_crosses_the_railway():
    drawn = gpd.read_file(shipped("data", "streets.geojson")).to_crs(3006)
    passages = drawn[drawn["kind"] == "passage"]
    rail = _shipped_drawing()
    rail = rail[rail["kind"] == "rail"].union_all()
    assert len(passages) >= 5
    assert passages["name"][~passages.intersects(rail)].tolist() == []


def test_a_source_with_two_names_is_told_in_the_readers_language():
    assert source_text("gatunät / streets").as_dict() == {"sv": "gatunät", "en": "streets"}
    assert source_text("uppsala.gpkg").en == "uppsala.gpkg"
