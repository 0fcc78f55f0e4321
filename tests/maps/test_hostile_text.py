"""Whatever is written into a text field stays text: on the server, in the file, in the browser."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import geopandas as gpd
import pytest
import shapely

from riskmiljo.maps import json_text, map_fragment, standalone_page
from riskmiljo.settings import Settings
from riskmiljo.wording import Text

RESULT = "50337"  # 7 * 7191: it only appears if somebody computed it
PLANTED = ["{{ 7*7191 }}", "${7*7191}", "{% raw %}"]
CALLS = ["7*7191", "window.__pwn=7*7191", "alert(7*7191)"]
WRAPPERS = [
    "{{{{ {} }}}}",
    "{{% print({}) %}}",
    "${{{}}}",
    "`${{{}}}`",
    "#{{{}}}",
    "<%= {} %>",
    "<script>{}</script>",
    "</script><script>{}</script>",
    "<img src=x onerror={}>",
    "<svg/onload={}>",
    '"><svg onload="{}">',
    "' onmouseover='{}' x='",
    "javascript:{}",
    "<a href=javascript:{}>x</a>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "&lt;script&gt;{}&lt;/script&gt;",
    "]]><script>{}</script>",
    "--><script>{}</script><!--",
    "</style><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "'+({})+'",
    '"+({})+"',
    "\\');({});//",
    "\u2028{}\u2029",
    "{}\x0b\x0c",
    "=cmd|'{}'!A1",
    "{{{{''.__class__.__mro__[1].__subclasses__() or {}}}}}",
]
AROUND = ["{}", "Torget {}", "{} och {}", "\ufeff{}", "{}\u202e", "å{}ö"]
HOSTILE = PLANTED + [
    around.replace("{}", wrapper.format(call))
    for wrapper, call, around in itertools.product(WRAPPERS, CALLS, AROUND)
]


def text(value):
    return Text(value, value)


def hostile_payload(make, *, title=PLANTED[0], words=tuple(HOSTILE)):
    """Every text field of a map is one of the words; every word is in several fields."""
    count = len(words)
    zones = make.zones(
        words,
        lon=[17.60 + 0.001 * (i % 25) for i in range(count)],
        lat=[59.84 + 0.001 * (i // 25) for i in range(count)],
        counts=[10 + i for i in range(count)],
        radius_m=20.0,
    )
    areas = make.areas(zones, names=[words[0], words[-1]], why=words[1])
    x = range(647000, 647000 + count)
    streets = gpd.GeoDataFrame(
        {"name": list(words), "kind": list(words)},
        geometry=[shapely.LineString([(a, 6638000), (a, 6638900)]) for a in x],
        crs=3006,
    )
    streets.attrs["source"] = words[0]
    trend = make.trend(zones)
    trend["verdict_sv"] = trend["verdict_en"] = list(words)
    return make.payload(
        title=text(title),
        subtitle=text(words[0]),
        zones=zones.assign(status=list(words)),
        micro_places=zones.assign(parent_id=zones["zone_id"], zone_id=list(words)),
        surface=None,
        areas=areas,
        trend=trend,
        places=make.places(words, kind=list(words)),
        streets=streets,
        notes=[text(word) for word in words],
        simulated=True,
        settings=Settings(
            tile_url="https://example.org/{z}/{x}/{y}.png", tile_attribution=words[0]
        ),
    )


class Structure(HTMLParser):
    """Elements and names of attributes in order: what markup can change and text cannot."""

    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, tuple(name for name, _ in attributes)))


@pytest.fixture(scope="module")
def hostile_page(make):
    payload = hostile_payload(make)
    return payload, standalone_page(payload)


def test_there_are_at_least_five_hundred_hostile_strings():
    assert len(set(HOSTILE)) >= 500


def test_nothing_that_was_planted_is_computed(hostile_page):
    payload, page = hostile_page
    assert RESULT not in page
    assert RESULT not in json_text(payload)
    assert page.count("7*7191") > 5 * len(HOSTILE)


def test_hostile_text_adds_no_element_and_no_attribute(make, hostile_page):
    _, page = hostile_page
    plain = standalone_page(
        hostile_payload(make, title="Karta", words=tuple(f"ord {i}" for i in range(len(HOSTILE))))
    )
    assert Structure(page).seen == Structure(plain).seen


@pytest.mark.parametrize("word", HOSTILE[:: len(HOSTILE) // 40])
def test_a_hostile_title_stays_in_its_element(make, word):
    page = standalone_page(make.payload(title=text(word), surface=None, simulated=False))
    harmless = standalone_page(make.payload(title=text("x"), surface=None, simulated=False))
    assert RESULT not in page
    assert Structure(page).seen == Structure(harmless).seen


@pytest.mark.parametrize("word", HOSTILE[:: len(HOSTILE) // 40])
def test_a_hostile_address_or_label_stays_in_its_attribute(word):
    fragment = str(map_fragment(word, text(word)))
    assert RESULT not in fragment
    assert Structure(fragment).seen == Structure(str(map_fragment("/a.json", text("b")))).seen


@pytest.mark.browser
def test_in_a_browser_hostile_text_is_shown_and_not_run(hostile_page, watch, tmp_path):
    payload, page = hostile_page
    file = tmp_path / "karta.html"
    file.write_text(page, encoding="utf-8")
    watched = watch()
    shown = watched.page
    dialogs = []
    shown.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    shown.goto(file.as_uri())
    shown.wait_for_selector(".karta[data-ready]")
    names = shown.eval_on_selector_all(
        ".karta-zones .karta-row-name", "all => all.map(e => e.textContent)"
    )
    zones = next(one for one in payload["layers"] if one["id"] == "zones")["features"]
    # The parser of a browser reads a line break or a null otherwise; textContent must not. Each
    # zone is followed by its one place, of the same name.
    assert names == [one["properties"]["name"] for one in zones for _ in range(2)]
    shown.locator(".karta-zones li:not(.karta-row-within) button").nth(7).click()
    heading = shown.locator(".karta-info-name").text_content()
    assert heading == f"8. {zones[7]['properties']['name']}"
    shown.locator(".leaflet-control-zoom-in").click()
    shown.wait_for_timeout(300)
    assert shown.evaluate("typeof window.__pwn") == "undefined"
    assert shown.evaluate("document.scripts.length") == len(re.findall(r"<script", page))
    assert RESULT not in shown.content()
    assert dialogs == []
    assert watched.problems == []
    assert [url for url in watched.requests if not url.startswith("file:")] == []
