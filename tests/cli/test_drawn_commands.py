"""Drawn zones by the command line, and those of a store from before they had owners."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.settings import Settings
from riskmiljo.store import Area, open_store

RING = [[17.60, 59.85], [17.61, 59.85], [17.61, 59.86], [17.60, 59.86], [17.60, 59.85]]


def feature(name, shift=0.0, **more):
    ring = [[lon + shift, lat] for lon, lat in RING]
    polygon = {"type": "Polygon", "coordinates": [ring, *more.pop("holes", [])]}
    return {"type": "Feature", "properties": {"name": name}, "geometry": polygon}


def write(folder, *features):
    body = {"type": "FeatureCollection", "features": list(features)}
    (folder / "zoner.geojson").write_text(json.dumps(body), encoding="utf-8")


def start(folder):
    settings = Settings(store=f"sqlite:///{folder}/s.sqlite")
    with open_store(settings.store) as store:
        area = Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        store.set_area(area)


def listed(call, folder, *words):
    return json.loads(call(folder, "drawn", "list", "--json", *words).stdout)["drawn"]


def test_a_file_of_zones_is_taken_in_whole_redrawn_by_name_and_removed(call, tmp_path):
    start(tmp_path)
    write(tmp_path, feature("Torget"), feature("Parken", 0.05))
    done = call(tmp_path, "drawn", "add", "zoner.geojson", "--owner", "police")
    assert (done.returncode, done.stderr) == (0, "")
    first = {one["name"]: one for one in listed(call, tmp_path, "--owner", "police")}
    assert set(first) == {"Torget", "Parken"}
    said = (Path(__file__).resolve().parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    section = said.split("## riskmiljo drawn list\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", section)) == {"drawn", *first["Torget"]}
    assert sorted(first["Torget"]["corners"]) == sorted(RING[:-1])
    assert listed(call, tmp_path) == []
    assert listed(call, tmp_path, "--owner", "social") == []
    # The two neighbours change places: each keeps its id.
    write(tmp_path, feature("torget", 0.05), feature("Parken"))
    assert call(tmp_path, "drawn", "add", "zoner.geojson", "--owner", "police").returncode == 0
    again = {one["name"]: one for one in listed(call, tmp_path, "--owner", "police")}
    assert again["Parken"]["zone_id"] == first["Parken"]["zone_id"]
    assert again["torget"]["zone_id"] == first["Torget"]["zone_id"]
    assert again["Parken"]["corners"] == first["Torget"]["corners"]
    # All or none: the second overlaps.
    write(tmp_path, feature("Skolan", 0.1), feature("Kiosken", 0.051))
    refused = call(tmp_path, "drawn", "add", "zoner.geojson", "--owner", "police")
    assert refused.returncode == 2
    assert "torget" in refused.stderr
    assert len(listed(call, tmp_path, "--owner", "police")) == 2
    assert call(tmp_path, "drawn", "remove", "TORGET", "--owner", "police").returncode == 0
    assert call(tmp_path, "drawn", "remove", "torget", "--owner", "police").returncode == 1
    assert len(listed(call, tmp_path, "--owner", "police")) == 1


def test_a_polygon_without_a_name_or_with_a_hole_is_told(call, tmp_path):
    start(tmp_path)
    hole = [[[17.602, 59.852], [17.604, 59.852], [17.604, 59.854], [17.602, 59.852]]]
    for wrong in (feature(""), feature("Torget", holes=hole)):
        write(tmp_path, wrong)
        refused = call(tmp_path, "drawn", "add", "zoner.geojson")
        assert refused.returncode == 2
        assert "1: den ska ha ett namn" in refused.stderr


def test_zones_drawn_before_they_had_owners_are_for_who_reads_everything(tmp_path):
    path = tmp_path / "s.sqlite"
    start(tmp_path)
    with closing(sqlite3.connect(path)) as file:
        file.executescript(
            "ALTER TABLE token DROP COLUMN used_at; ALTER TABLE login DROP COLUMN id_token;"
            "DROP INDEX ix_incident_owner_occurred_from; DROP TABLE drawn_zone;"
            "CREATE TABLE drawn_zone (zone_id VARCHAR(64) PRIMARY KEY, "
            "name TEXT NOT NULL, geometry BLOB NOT NULL, drawn_at BIGINT NOT NULL);"
            "INSERT INTO drawn_zone VALUES ('r1', 'Torget', x'"
            "01030000000100000004000000000000000000000000000000000000000000000000002440"
            "0000000000000000000000000000244000000000000024400000000000000000"
            "0000000000000000', 7); UPDATE alembic_version SET version_num = '0010';"
        )
    with open_store(f"sqlite:///{path}") as store:
        kept = store.drawn_zones.of(EVERY_OWNER)
        assert kept[["zone_id", "name"]].to_numpy().tolist() == [["r1", "Torget"]]
        assert kept.geometry.area.tolist() == [50.0]
        assert store.drawn_zones.of(frozenset({"police"})) is None
