from __future__ import annotations

import json

import pytest

from riskmiljo.errors import InvalidInputError, SettingsError
from riskmiljo.geo.crs import transform
from riskmiljo.maps import json_text, map_payload
from riskmiljo.maps.payload import LAYER_IDS, tile_source
from riskmiljo.settings import Settings
from riskmiljo.wording import Text


def test_layers_come_from_bottom_to_top_and_say_whether_they_are_shown(payload):
    without_plan = [name for name in LAYER_IDS if name not in ("routes", "knowledge")]
    assert [one["id"] for one in payload["layers"]] == without_plan
    shown = [one["id"] for one in payload["layers"] if one["shown"]]
    assert shown == ["base", "density", "areas", "zones", "places"]


def test_the_same_input_gives_the_same_bytes(make):
    assert json_text(make.payload()) == json_text(make.payload())


def test_a_payload_is_json_without_nan(payload):
    assert json.loads(json_text(payload)) == payload


def test_json_cannot_close_the_element_that_it_stands_in():
    nasty = {"a": "</script><!-- & \u2028 \u2029"}
    text = json_text(nasty)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == nasty


def test_only_the_layers_that_are_asked_for_are_there(make):
    payload = make.payload(layers=("base", "zones"), shown=("zones",))
    assert [(one["id"], one["shown"]) for one in payload["layers"]] == [
        ("base", False),
        ("zones", True),
    ]


def test_an_unknown_layer_is_named(make):
    with pytest.raises(InvalidInputError, match="Kartlagret 'punkter' finns inte"):
        make.payload(layers=("punkter",))


def test_the_map_opens_where_all_zones_are_seen(make, payload):
    west, south, east, north = payload["view"]["bounds"]
    zones = make.zones().to_crs(4326).total_bounds
    assert west < zones[0] < zones[2] < east
    assert south < zones[1] < zones[3] < north
    assert east - west < 2 * (zones[2] - zones[0])


def test_one_small_zone_is_not_blown_up_to_fill_the_map(make):
    zones = make.zones().iloc[:1]
    west, south, east, north = make.payload(zones=zones, areas=None)["view"]["bounds"]
    x, y = transform([west, east], [south, north], 4326, 3006)
    # The box of degrees stands a little askew in the metric system.
    assert x[1] - x[0] >= 1450
    assert y[1] - y[0] >= 1450


def test_with_nothing_to_show_the_map_opens_on_the_configured_area(make):
    settings = Settings()
    payload = map_payload(title=Text("Tom", "Empty"), as_of=make.as_of, settings=settings)
    assert payload["view"]["bounds"] == list(settings.area_bbox)
    assert [one["id"] for one in payload["layers"]] == ["base"]


def test_no_zones_at_all_still_make_a_map(make):
    payload = make.payload(
        zones=make.zones().iloc[:0], surface=None, rhythm=None, trend=None, areas=None
    )
    assert next(one for one in payload["layers"] if one["id"] == "zones")["features"] == []


def test_another_city_is_drawn_in_its_own_reference_system(make):
    zones = make.zones(
        ("Loop", "West Side"), lon=(-87.63, -87.70), lat=(41.88, 41.87), counts=(50, 40), crs=32616
    )
    payload = make.payload(zones=zones)
    west, south, east, north = payload["view"]["bounds"]
    assert -87.8 < west < east < -87.5
    assert 41.8 < south < north < 41.95
    assert any("Ingen bakgrundskarta" in note["sv"] for note in payload["notes"])
    assert payload["layers"][0]["id"] == "density"


def test_the_age_of_the_data_is_local_time(payload):
    assert payload["as_of"] == {
        "sv": "Uppgifter per 2026-05-01 10:00",
        "en": "Data as of 2026-05-01 10:00",
    }


def test_places_far_outside_the_map_are_not_sent(make):
    far = make.places(("Nära", "Långt bort"))
    far.loc[1, "geometry"] = make.places().geometry[0].buffer(1).centroid
    far = far.set_geometry(
        far.geometry.where(far["name"] == "Nära", far.geometry.translate(3e5, 0))
    )
    payload = make.payload(places=far)
    names = [one["properties"]["name"] for one in payload["layers"][-1]["features"]]
    assert names == ["Nära"]


@pytest.mark.parametrize(
    "url",
    [
        "https://kartor.example.se/{z}/{x}/{y}.png",
        "https://{s}.example.org/lager/{z}/{x}/{y}{r}.png?nyckel=a-1",
        "/kakel/{z}/{x}/{y}.png",
        "http://127.0.0.1:8080/{z}/{y}/{x}.webp",
    ],
)
def test_a_tile_server_is_handed_to_the_script(url):
    found = tile_source(Settings(tile_url=url, tile_attribution="© Lantmäteriet"))
    assert found == {"url": url, "attribution": "© Lantmäteriet"}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/tiles.png",
        "javascript:alert(1)//{z}/{x}/{y}",
        "https://example.org/{z}/{x}/{y}.png{{7*7191}}",
        "https://example.org/{z}/{x}/{y}.png'+alert(1)+'",
        "https://example.org/{z}/{x}/{y}/{apikey}.png",
        "https://example.org/{z}/{x}/{y}.png\n",
        "ftp://example.org/{z}/{x}/{y}.png",
    ],
)
def test_a_tile_address_that_is_no_plain_address_is_refused(url):
    with pytest.raises(SettingsError, match="tile_url duger inte"):
        tile_source(Settings(tile_url=url))


def test_a_tile_server_excuses_the_missing_base_map(make):
    zones = make.zones(("Loop",), lon=(-87.63,), lat=(41.88,), counts=(50,), crs=32616)
    settings = Settings(tile_url="https://example.org/{z}/{x}/{y}.png")
    payload = make.payload(zones=zones, areas=None, settings=settings)
    assert payload["notes"] == []
    assert payload["tiles"]["url"] == settings.tile_url
