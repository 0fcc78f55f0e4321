from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from riskmiljo.errors import RiskmiljoError
from riskmiljo.maps.assets import SCRIPTS, STYLESHEETS
from riskmiljo.maps.skeleton import _needed, skeleton

PACKAGE = Path(__file__).resolve().parents[2] / "riskmiljo"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FED_FROM_DATA = {
    "CircleMarker",
    "DivIcon",
    "GeoJson",
    "GeoJsonPopup",
    "GeoJsonTooltip",
    "Icon",
    "LayerControl",
    "Marker",
    "MarkerCluster",
    "Popup",
    "Tooltip",
    "explore",
}


def imported_roots(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_one_module_alone_knows_folium():
    texts = ((path, path.read_text("utf-8")) for path in SOURCES)
    knowing = {
        str(path.relative_to(PACKAGE))
        for path, text in texts
        if re.search("folium|branca", text)
        and {"folium", "branca"} & set(imported_roots(ast.parse(text)))
    }
    assert knowing == {"maps/skeleton.py"}


def test_nothing_of_folium_that_is_fed_from_data_is_used_anywhere():
    for path in SOURCES:
        text = path.read_text("utf-8")
        if not any(name in text for name in FED_FROM_DATA):
            continue
        tree = ast.parse(text)
        # A class, argument or field of our own may share a name: it is no part of folium.
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        fields = (node.target for node in ast.walk(tree) if isinstance(node, ast.AnnAssign))
        own |= {field.id for field in fields if isinstance(field, ast.Name)}
        for node in ast.walk(tree):
            name = getattr(node, "attr", None) or getattr(node, "id", None)
            used = name in FED_FROM_DATA - own
            assert not used, f"{path.relative_to(PACKAGE)}, line {node.lineno}: {name}"


def test_the_skeleton_can_be_handed_no_string():
    assert not inspect.signature(skeleton).parameters


def test_no_random_id_and_no_foreign_address_is_left_in_the_skeleton():
    drawn = skeleton()
    assert not re.search(r"[0-9a-f]{32}", drawn.html + drawn.script)
    assert "http" not in drawn.html + drawn.script
    assert 'id="map_1"' in drawn.html
    assert "var map_1 = L.map(" in drawn.script
    assert "var heat_map_1 = L.heatLayer(" in drawn.script


def test_what_folium_asks_for_is_what_pages_are_told_to_load():
    assert set(skeleton().stylesheets) <= set(STYLESHEETS)
    assert [name for name in SCRIPTS if name in skeleton().scripts] == list(skeleton().scripts)


def test_an_unknown_header_of_a_new_folium_is_refused():
    with pytest.raises(RiskmiljoError, match=r"vill läsa in nytt\.js"):
        _needed(["leaflet", "nytt.js", "map_1"], own="map_1")
