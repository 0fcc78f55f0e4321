"""The places within zones: in the layer, and on the map close up."""

from __future__ import annotations

import json

import numpy as np
import pytest

from riskmiljo.maps import json_text, standalone_page

SIZES = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
NASTY = "<img src=x onerror=window.__pwn=1>{{7*7191}}${7*7191}"
OVERLAPS = """() => {
    const labels = document.querySelectorAll('.karta-label > *');
    const all = [...labels].map((e) => e.getBoundingClientRect());
    return all.flatMap((a, i) => all.slice(i + 1).filter((b) =>
        a.right > b.left && b.right > a.left && a.bottom > b.top && b.bottom > a.top)).length;
}"""


def micro_places(make, names=("Stora torget", "Forumtorget", "Gillbergska hörnet")):
    """Three squares within City, the last without a count that may be told."""
    frame = make.zones(
        names,
        lon=[17.6378, 17.6397, 17.6390],
        lat=[59.8589, 59.8584, 59.8579],
        counts=[143, 90, 20],
        radius_m=28.0,
    )
    frame["zone_id"] = ["m0", "m1", "m2"]
    frame["parent_id"] = "z0"
    for name in ("events", "incidents", "per_ha_week"):
        frame[name] = frame[name].astype(float).mask(frame["zone_id"] == "m2", np.nan)
    return frame


@pytest.fixture(scope="module")
def layer(make):
    payload = make.payload(micro_places=micro_places(make))
    return next(one for one in payload["layers"] if one["id"] == "zones")


def test_places_stand_beside_the_zones_and_do_not_mingle_with_them(layer, make):
    assert len(layer["features"]) == len(make.zones())
    assert [one["properties"]["name"] for one in layer["micro_places"]] == [
        "Stora torget",
        "Forumtorget",
        "Gillbergska hörnet",
    ]
    assert {one["properties"]["zone"] for one in layer["micro_places"]} == {"z0"}
    assert layer["legend"]["within"]["title"]["sv"] == "Plats i en zon, i närbild"


def test_a_count_that_is_withheld_is_nowhere_in_the_payload(layer):
    withheld = layer["micro_places"][2]["properties"]
    assert withheld["events"] is None
    assert withheld["per_ha_week"] is None
    assert json.loads(json_text(layer)) == layer


def test_places_of_a_zone_that_is_not_there_are_left_out(make):
    strange = micro_places(make).assign(parent_id="z99")
    payload = make.payload(micro_places=strange)
    zones = next(one for one in payload["layers"] if one["id"] == "zones")
    assert zones["micro_places"] == []


def test_without_places_the_layer_says_nothing_of_them(payload):
    zones = next(one for one in payload["layers"] if one["id"] == "zones")
    assert "micro_places" not in zones
    assert "within" not in zones["legend"]


@pytest.fixture(scope="module")
def files(make, tmp_path_factory):
    folder = tmp_path_factory.mktemp("micro")
    payload = make.payload(micro_places=micro_places(make))
    hostile = make.payload(micro_places=micro_places(make, (NASTY, "Forumtorget", "Hörnet")))
    for name, made in (("sv", payload), ("en", payload), ("hostile", hostile)):
        page = standalone_page(made, language="en" if name == "en" else "sv")
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def opened(files, watch):
    def open_file(name="sv", **options):
        watched = watch(**options)
        watched.page.goto((files / f"{name}.html").as_uri())
        watched.page.wait_for_selector(".karta[data-ready]")
        return watched

    return open_file


def look_at(page, zoom):
    page.evaluate(f"void map_1.setView([59.8586, 17.6389], {zoom}, {{ animate: false }})")


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_places_are_seen_close_up_only_and_no_label_covers_another(opened, size):
    watched = opened(viewport=SIZES[size])
    page = watched.page
    outlines = page.locator(".leaflet-zones-pane path").count
    look_at(page, 15)
    far = outlines()
    assert page.locator(".karta-micro").count() == 0
    for zoom in (16, 17, 18):
        look_at(page, zoom)
        assert page.locator(".karta-micro").count() > 0
        assert outlines() == far + 2 * 3
        assert page.evaluate(OVERLAPS) == 0
    # The name of the place is not written a second time.
    assert page.locator(".karta-place", has_text="Stora torget").count() == 0
    look_at(page, 15)
    assert outlines() == far
    assert watched.problems == []


@pytest.mark.browser
@pytest.mark.parametrize(("language", "said"), [("sv", "143 händelser"), ("en", "143 incidents")])
def test_a_place_opens_by_keyboard_and_leads_to_its_zone(opened, language, said):
    page = opened(language).page
    look_at(page, 16)
    plate = page.locator(".karta-micro").first
    assert plate.get_attribute("aria-label") == f"Stora torget, {said}"
    plate.focus()
    page.keyboard.press("Enter")
    assert page.locator(".karta-info-name").inner_text() == "Stora torget"
    assert "143" in page.locator(".karta-info").inner_text()
    page.locator(".karta-within").click()
    assert page.locator(".karta-info-name").inner_text() == "1. City"


@pytest.mark.browser
def test_the_list_leads_close_up_and_tells_no_withheld_count(opened):
    page = opened(viewport=SIZES["phone"]).page
    rows = page.locator(".karta-zones li")
    assert rows.nth(3).inner_text().split() == ["Gillbergska", "hörnet", "–"]
    rows.nth(3).locator("button").click()
    assert page.evaluate("map_1.getZoom()") >= 16
    assert "visas inte" in page.locator(".karta-info").inner_text()
    assert "20" not in page.locator(".karta-info").inner_text()


@pytest.mark.browser
def test_nobody_is_shut_out_close_up(opened):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(bypass_csp=True).page
    look_at(page, 16)
    page.locator(".karta-micro").first.click()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    assert axe.run(page, options=rules).response["violations"] == []


@pytest.mark.browser
def test_a_hostile_name_of_a_place_is_text(opened):
    watched = opened("hostile")
    page = watched.page
    look_at(page, 17)
    page.locator(".karta-micro").first.click()
    assert page.locator(".karta-info-name").inner_text() == NASTY
    assert page.evaluate("window.__pwn") is None
    assert watched.problems == []
    assert len(watched.requests) == 1
