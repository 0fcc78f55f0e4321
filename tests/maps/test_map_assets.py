from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import riskmiljo.maps.assets as room
from riskmiljo.errors import InvalidInputError, RiskmiljoError
from riskmiljo.maps.assets import (
    MODULES,
    SCRIPTS,
    STYLESHEETS,
    asset,
    asset_names,
    asset_path,
    release,
)

FOLDER = Path(room.__file__).parent / "assets"
OWN_SCRIPTS = sorted(FOLDER.glob("*.js"))


@pytest.mark.parametrize("name", asset_names())
def test_every_asset_is_there_with_its_type_and_hash(name):
    found = asset(name)
    assert found.content
    assert found.digest == hashlib.sha256(found.content).hexdigest()
    kind = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}[Path(name).suffix]
    assert found.media_type.startswith(kind)


@pytest.mark.parametrize(
    "name", ["", "nope.js", "../page.py", "/etc/passwd", "karta.js/", "images/../karta.js"]
)
def test_nothing_outside_the_registry_can_be_fetched(name):
    with pytest.raises(InvalidInputError, match="finns inte"):
        asset(name)


def test_a_missing_package_is_named():
    with pytest.raises(RiskmiljoError, match="paketet finns-inte saknas"):
        room._packaged("finns-inte", "x.js")()


def test_pages_load_only_registered_assets():
    assert {*STYLESHEETS, *SCRIPTS, *MODULES} <= set(asset_names())
    assert asset_path("karta.js") == f"{release()}/karta.js"


def test_leaflet_is_the_version_that_folium_asks_for():
    from folium import Map  # noqa: PLC0415

    wanted = re.search(r"leaflet@([\d.]+)/", dict(Map.default_js)["leaflet"])[1]
    assert f"Leaflet {wanted}" in asset("leaflet.js").content[:200].decode()


def test_the_heat_script_defines_what_the_skeleton_calls():
    assert b"L.heatLayer=function" in asset("leaflet_heat.js").content


@pytest.mark.parametrize("name", [name for name in asset_names() if name.endswith(".css")])
def test_every_picture_that_a_stylesheet_names_is_served(name):
    text = asset(name).content.decode()
    named = set(re.findall(r"url\(([^)]+)\)", text)) - {"#default#VML"}
    assert named <= set(asset_names())


def test_every_file_of_the_folder_is_served_or_a_template():
    parts = {path.name for path in OWN_SCRIPTS}
    assert parts == {*room._PARTS, *room._TIME_PARTS}
    assert {path.name for path in FOLDER.iterdir()} - parts == {
        "karta.css",
        "natt.css",
        "rutter.css",
        "sida.css",
        "standalone.html",
        "tid.css",
    }


@pytest.mark.parametrize(
    ("name", "parts"), [("karta.js", room._PARTS), ("tid.js", room._TIME_PARTS)]
)
def test_our_script_is_one_module_without_imports(name, parts):
    bundle = asset(name).content.decode()
    assert not re.search(r"^\s*(import|export)\b", bundle, flags=re.MULTILINE)
    defined = re.findall(r"^(?:async )?(?:const|let|function|class) (\w+)", bundle, re.MULTILINE)
    assert len(defined) == len(set(defined))
    for path in (FOLDER / part for part in parts):
        for imported in re.findall(r"^import \{([^}]+)\}", path.read_text("utf-8"), re.MULTILINE):
            assert {name.strip() for name in imported.split(",")} <= set(defined)


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_our_script_never_makes_markup_or_code_of_text(path):
    text = path.read_text("utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"
        r"|bindPopup|bindTooltip|setAttribute\(\"(?:on|style|src|href)|javascript:|https?:"
        r"|createContextualFragment|DOMParser|srcdoc"
    )
    assert not re.search(forbidden, text)
    assert len(text.splitlines()) <= 400
