"""Promise: no text that came from a file, a user or an address is ever run, here or in a browser.

Hostile names are planted wherever the program takes one: places, zones, streets, the area, the
tile server's attribution, and every field of an address. Every answer is then searched.
"""

from __future__ import annotations

import csv
import itertools
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.web.view import FIELDS

# 7 * 7191: what a template or a script would make of the planted sums.
NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
RESULT = "50337"
_CORES = [
    "{{ 7*7191 }}", "${7*7191}", "{% raw %}", "{%", "{{", "#{7*7191}", "<%= 7*7191 %>",
    "[[7*7191]]", "{% print(7*7191) %}", "{{config}}", "{0.__class__}", "{name}", "%(x)s", "%s%n",
    "<script>window.__pwn=1</script>", "</script><script>window.__pwn=1</script>",
    "<img src=x onerror=window.__pwn=1>", "<svg onload=window.__pwn=1>", "<!--", "]]>", "</title>",
    "javascript:window.__pwn=1", "`${window.__pwn=1}`", "';window.__pwn=1;'", '";window.__pwn=1;"',
    "&lt;script&gt;window.__pwn=1", "\\u003cscript\\u003ewindow.__pwn=1", "__proto__",
    "=1+1", "\u2028",
]  # fmt: skip
_FRAMES = [
    "X", "aX", "Xa", "'X", '"X', "'X'", '"X"', '">X', "'>X", "</td>X", "X{{ 7*7191 }}", "{{ 'X' }}",
    "{# X", "å X ö", "<b>X</b>", "X\\", "(X)",
]  # fmt: skip
HOSTILE = [frame.replace("X", core)[:80] for core, frame in itertools.product(_CORES, _FRAMES)]


class Active(HTMLParser):
    """Whatever in a page could run: scripts, event attributes, addresses that are code."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "script" and not given.get("src", "").startswith("/assets/"):
            self.found.append((tag, given))
        if tag in ("img", "svg", "iframe", "object", "embed", "base", "b", "style"):
            source = given.get("src", "/assets/")
            if tag not in ("img", "svg") or not source.startswith("/assets/"):
                self.found.append((tag, given))
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append((tag, given))
            if name in ("href", "src", "action") and not re.match(r"[/?#]", value or ""):
                self.found.append((tag, given))


@pytest.fixture(scope="module")
def hostile_places(found_city, tmp_path_factory):
    """Where each hostile name is, x and y in metres, and a gazetteer of them."""
    centres = found_city.truth.geometry.centroid
    rng = np.random.default_rng(5)
    # Close to where the zones will be, so that they are named after these places.
    around = rng.integers(0, len(centres), len(HOSTILE))
    x = centres.x.to_numpy()[around] + rng.normal(0, 60, len(HOSTILE))
    y = centres.y.to_numpy()[around] + rng.normal(0, 60, len(HOSTILE))
    lon, lat = transform(x, y, found_city.incidents.crs, WGS84)
    gazetteer = tmp_path_factory.mktemp("fientlig") / "places.csv"
    with gazetteer.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "kind", "lat", "lon", "radius_m", "source"])
        writer.writerows(
            [name, "square", *where, 120, "{{ 7*7191 }}"]
            for name, *where in zip(HOSTILE, lat, lon, strict=True)
        )
    return x, y, gazetteer


@pytest.fixture
def hostile_city(make_city, found_city, hostile_places):
    """A city whose every place, zone and street has a hostile name."""
    x, y, gazetteer = hostile_places
    city = make_city(
        gazetteer=gazetteer,
        area_name="{{ 7*7191 }}<script>window.__pwn=1</script>",
        tile_attribution="{{ 7*7191 }}<script>window.__pwn=1</script>",
    )
    streets = gpd.GeoDataFrame(
        {"name": HOSTILE, "kind": "street"},
        geometry=[
            shapely.LineString([(e, n), (e + 200, n + 50)]) for e, n in zip(x, y, strict=True)
        ],
        crs=found_city.incidents.crs,
    )
    city.store.save_streets(streets, source="{{ 7*7191 }}", now=NOW)
    return city


def search(answer, address):
    assert answer.status_code < 500, address
    assert RESULT not in answer.text, address
    if answer.mimetype == "text/html":
        assert Active(answer.text).found == [], address
    if answer.mimetype in ("text/html", "application/json"):
        assert not re.search(r"<script(?! (defer|type=\"module\") src=\"/assets/)", answer.text), (
            address
        )


def test_there_are_five_hundred_hostile_strings():
    assert len(set(HOSTILE)) >= 500


def test_a_hostile_name_is_shown_as_it_is_and_never_run(hostile_city):
    client = hostile_city.app.test_client()
    zones = client.get("/index.json").json["zones"]
    named = [zone["name"] for zone in zones]
    assert len(zones) > 5
    assert any(name in HOSTILE for name in named)
    for address in (
        "/",
        "/index.json",
        "/lager.json",
        "/?lang=en",
        "/health",
        "/?category=robbery",
    ):
        search(client.get(address), address)
    for zone in zones:
        for address in (f"/zoner/{quote(zone['zone_id'])}", f"/zoner/{zone['zone_id']}.json"):
            answer = client.get(address)
            assert answer.status_code == 200
            search(answer, address)


def test_a_name_given_by_a_user_is_shown_as_it_is_and_never_run(hostile_city):
    client = hostile_city.app.test_client()
    zones = client.get("/index.json").json["zones"]
    for zone, name in zip(zones, HOSTILE[:: len(HOSTILE) // len(zones)], strict=False):
        hostile_city.store.rename_zone(zone["zone_id"], f"egen {name}"[:80], now=NOW)
    for address in (
        "/",
        "/index.json",
        "/lager.json",
        "/?lang=en",
        f"/zoner/{zones[0]['zone_id']}",
    ):
        answer = client.get(address)
        search(answer, address)
        assert "egen" in answer.text, address


def test_no_field_of_an_address_is_run(make_city):
    client = make_city().app.test_client()
    for number, text in enumerate(HOSTILE):
        field = FIELDS[number % len(FIELDS)]
        path = ("/", "/index.json", "/lager.json", "/zoner/x")[number // len(FIELDS) % 4]
        address = (
            f"{path}?{field}={quote(text)}",
            f"{path}?{quote(text)}=1",
            f"/zoner/{quote(text, safe='')}",
        )[number % 5 % 3]
        search(client.get(address), address)


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/?lang=en"])
def test_nothing_hostile_runs_in_a_browser(hostile_city, watch, serving, path):
    with serving(hostile_city.app) as origin:
        watched = watch()
        watched.page.on("dialog", lambda dialog: watched.problems.append(dialog.message))
        watched.page.goto(origin + path)
        watched.page.wait_for_selector(".karta[data-ready=true]", timeout=30_000)
        for button in watched.page.locator("[data-zone]").all()[:3]:
            button.click()
        assert watched.page.evaluate("window.__pwn") is None
        assert RESULT not in watched.page.content()
        assert watched.problems == []
        assert all(url.startswith(f"{origin}/") for url in watched.requests)
