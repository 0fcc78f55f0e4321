"""Fetching a street network: the real OSMnx against a server of ours that answers as OSM does."""

from __future__ import annotations

import json
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from riskmiljo.cli.street_download import download_streets
from riskmiljo.patrol.street_lines import street_lines

osmnx = pytest.importorskip("osmnx")

NODES = {1: (17.639, 59.8586), 2: (17.642, 59.857), 3: (17.645, 59.859), 4: (17.648, 59.857),
         5: (17.640, 59.859), 6: (17.641, 59.8595)}  # fmt: skip
STREETS = [
    ([1, 2], {"highway": "tertiary", "name": "Kungsgatan", "oneway": "yes"}),
    ([2, 3], {"highway": "residential", "name": "Bangårdsgatan"}),
    ([3, 4], {"highway": "service", "access": "private"}),
    ([1, 3], {"highway": "footway", "name": "Gågatan"}),
]
GROUND = [([1, 5, 6, 1], {"natural": "water", "name": "Svandammen"})]


def overpass(ways):
    used = sorted({node for nodes, _ in ways for node in nodes})
    return {"elements": [
        *({"type": "node", "id": n, "lon": NODES[n][0], "lat": NODES[n][1]} for n in used),
        *({"type": "way", "id": 100 + at, "nodes": nodes, "tags": tags}
          for at, (nodes, tags) in enumerate(ways)),
    ]}  # fmt: skip


def place(name):
    if name == "Ingenstans":
        return []
    ring = [[17.63, 59.85], [17.66, 59.85], [17.66, 59.87], [17.63, 59.87], [17.63, 59.85]]
    return [{
        "place_id": 1, "osm_type": "relation", "osm_id": 2, "lat": "59.86", "lon": "17.64",
        "class": "boundary", "type": "administrative", "place_rank": 1, "importance": 1,
        "addresstype": "town", "name": name, "display_name": name,
        "boundingbox": ["59.85", "59.87", "17.63", "17.66"],
        "geojson": {"type": "Polygon", "coordinates": [ring]},
    }]  # fmt: skip


class OpenStreetMap(BaseHTTPRequestHandler):
    """Nominatim's search and Overpass's interpreter."""

    streets = STREETS
    status = HTTPStatus.OK

    def do_GET(self):
        self._answer(place(parse_qs(urlsplit(self.path).query)["q"][0]))

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["data"][0]
        self._answer(overpass(self.streets if '"highway"' in asked else GROUND))

    def _answer(self, content):
        self.send_response(type(self).status)
        self.end_headers()
        refused = type(self).status != HTTPStatus.OK
        self.wfile.write(b"<html>" if refused else json.dumps(content).encode())

    def log_message(self, *_words):
        pass


@pytest.fixture
def server(monkeypatch):
    kind = type("Server", (OpenStreetMap,), {})
    http = HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{http.server_port}"
    monkeypatch.setattr(osmnx.settings, "nominatim_url", address)
    monkeypatch.setattr(osmnx.settings, "overpass_url", address)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    monkeypatch.setattr(osmnx.settings, "doh_url_template", None)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    yield kind
    http.shutdown()
    http.server_close()


@pytest.mark.usefixtures("server")
def test_a_town_is_fetched_and_becomes_the_street_network(call, tmp_path: Path) -> None:
    before = list(osmnx.settings.useful_tags_way)
    done = call(tmp_path, "streets", "download", "Uppsala, Sverige")
    assert done.returncode == 0, done.stderr
    assert "2 stängda linjer" in done.stdout  # the private street, there and back
    info = call(tmp_path, "streets", "info").stdout
    assert info.startswith("3 sträckor, 1 km.")
    assert "1 vatten" in info
    assert "© OpenStreetMap contributors" in info
    # Nothing but the store is left behind, and OSMnx's settings are as they were.
    assert [path.name for path in tmp_path.iterdir()] == ["s.sqlite"]
    assert (osmnx.settings.useful_tags_way, osmnx.settings.use_cache) == (before, True)


@pytest.mark.usefixtures("server")
def test_the_fetched_streets_know_their_direction_and_who_may_use_them(tmp_path) -> None:
    lines = street_lines(download_streets("Uppsala", tmp_path)).drop_duplicates("name")
    known = lines.set_index("name")
    assert known.loc["Kungsgatan", "oneway"] == "yes"
    assert known.loc["Bangårdsgatan", "oneway"] == ""
    assert known.loc["Gågatan", "modes"] == "walk"
    assert known.loc["", "modes"] == ""
    west_to_east = known.loc["Kungsgatan"].geometry.coords
    assert west_to_east[0][0] < west_to_east[-1][0]


@pytest.mark.usefixtures("server")
def test_a_place_that_openstreetmap_does_not_know_changes_nothing(call, tmp_path) -> None:
    done = call(tmp_path, "streets", "download", "Ingenstans")
    assert done.returncode == 1
    assert 'inga gator för "Ingenstans"' in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_without_streets_is_said(call, tmp_path, server) -> None:
    server.streets = []
    done = call(tmp_path, "streets", "download", "Öde ön")
    assert done.returncode == 1
    assert 'inga gator för "Öde ön"' in done.stderr


def test_a_refusal_of_the_server_is_one_sentence(call, tmp_path, server) -> None:
    server.status = HTTPStatus.BAD_GATEWAY
    done = call(tmp_path, "streets", "download", "Uppsala")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "kan inte nås" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("server")
def test_without_internet_it_says_what_to_do_and_changes_nothing(
    call, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(osmnx.settings, "nominatim_url", "http://127.0.0.1:9")
    done = call(tmp_path, "streets", "download", "Uppsala")
    assert done.returncode == 2
    assert "streets import FIL" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_osmnx_it_says_how_to_install_it(call, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "osmnx", None)
    done = call(tmp_path, "streets", "download", "Uppsala")
    assert done.returncode == 2
    assert 'pip install "riskmiljo[streets]"' in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
