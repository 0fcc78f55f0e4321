from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from riskmiljo.errors import RiskmiljoError
from riskmiljo.maps import standalone_page
from riskmiljo.maps.page import _inline
from riskmiljo.settings import Settings


class Page(HTMLParser):
    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.inline = []
        self.addresses = []
        self.meta = {}
        self.language = None
        self.rows = []
        self._open = None
        self._row = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.addresses += [given[key] for key in ("src", "href", "action") if key in given]
        if tag == "html":
            self.language = given["lang"]
        if tag == "meta" and "http-equiv" in given:
            self.meta[given["http-equiv"]] = given["content"]
        if tag == "style" or (tag == "script" and given.get("type") != "application/json"):
            self._open = tag
            self.inline.append([tag, ""])
        if tag == "tr":
            self._row = []
            self.rows.append(self._row)
        if tag in ("td", "th") and self._row is not None:
            self._row.append("")

    def handle_endtag(self, tag):
        if tag == self._open:
            self._open = None
        if tag == "tr":
            self._row = None

    def handle_data(self, data):
        if self._open:
            self.inline[-1][1] += data
        elif self._row:
            self._row[-1] += data


def test_the_same_input_gives_the_same_file(payload):
    assert standalone_page(payload) == standalone_page(payload)


def test_the_file_is_the_same_bytes_in_another_process(make):
    code = (
        "import importlib.util as u, sys;"
        "s = u.spec_from_file_location('c', sys.argv[1]); m = u.module_from_spec(s);"
        "s.loader.exec_module(m); from riskmiljo.maps import standalone_page; import hashlib;"
        "print(hashlib.sha256(standalone_page(m.make_payload()).encode()).hexdigest(), end='')"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).with_name("conftest.py"))],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = standalone_page(make.payload())
    assert other.stdout == hashlib.sha256(here.encode()).hexdigest()


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(payload):
    page = Page(standalone_page(payload))
    policy = dict(
        part.strip().split(" ", 1) for part in page.meta["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    for kind, directive in (("script", "script-src"), ("style", "style-src")):
        expected = {
            "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
            for tag, text in page.inline
            if tag == kind
        }
        assert set(policy[directive].split()) == expected
    assert "unsafe" not in page.meta["Content-Security-Policy"]


def test_the_file_names_no_address_outside_itself(payload):
    assert all(one.startswith("#") for one in Page(standalone_page(payload)).addresses)


def test_the_page_may_be_zoomed_and_has_title_and_language(payload):
    for language, title in (("sv", "Riskzoner"), ("en", "Risk zones")):
        page = standalone_page(payload, language=language)
        assert Page(page).language == language
        assert f"<title>{title} (" in page
        assert not re.search(r"user-scalable|maximum-scale", page)


def test_the_table_has_the_same_content_as_the_map(make, payload):
    rows = Page(standalone_page(payload)).rows
    zones = make.zones().sort_values("incidents", ascending=False)
    listed = [row for row in rows if len(row) == 7][1:]
    assert [row[1] for row in listed] == zones["name"].tolist()
    assert [row[2] for row in listed] == [str(count) for count in zones["events"]]
    assert listed[0][5] == "Ökar"
    assert "fre" in listed[0][6]
    areas = [row for row in rows if len(row) == 6][1:]
    assert [row[1:3] for row in areas] == [["Väst", "3,2"], ["Öst", "2,5"]]


def test_simulated_data_are_called_simulated(make, payload):
    assert "Simulerade data" in standalone_page(payload)
    assert "Simulerade data" not in standalone_page(make.payload())
    assert "Simulated data" in standalone_page(payload, language="en")


def test_notes_and_the_age_of_the_data_are_told(payload):
    page = standalone_page(payload)
    assert "2 zoner visas inte." in page
    assert "Uppgifter per 2026-05-01 10:00" in page


def test_a_file_without_zones_says_so(make):
    page = standalone_page(
        make.payload(zones=make.zones().iloc[:0], surface=None, areas=None, rhythm=None, trend=None)
    )
    assert "Inga zoner att visa." in page


def test_a_mailed_file_never_calls_the_tile_server(make):
    settings = Settings(tile_url="https://kartor.example.se/{z}/{x}/{y}.png")
    assert "kartor.example.se" not in standalone_page(make.payload(settings=settings))


def test_an_asset_that_could_close_its_element_is_not_put_into_a_page(monkeypatch):
    from riskmiljo.maps import page  # noqa: PLC0415

    class Wrong:
        content = b"let a = '</SCRIPT>';"

    monkeypatch.setattr(page, "asset", lambda _: Wrong)
    with pytest.raises(RiskmiljoError, match="kan inte läggas i en sida"):
        _inline("fel.js", "script")
