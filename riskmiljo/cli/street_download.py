"""Fetch a street network from OpenStreetMap with OSMnx, where the internet can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from riskmiljo.errors import InvalidInputError, NothingFoundError, RiskmiljoError
from riskmiljo.wording import Text

# What `riskmiljo.patrol.street_rules` asks of a street, beside what OSMnx keeps anyway.
_TAGS: Final = ("access", "foot", "bicycle", "vehicle", "motor_vehicle", "bridge", "tunnel",
                "oneway", "junction", "highway", "name")  # fmt: skip
# Stretches that differ in one of these are not joined to one: each keeps its own name and rules.
_KEPT_APART: Final = ("name", "highway", "access", "foot", "bicycle", "vehicle", "motor_vehicle",
                      "bridge", "tunnel", "oneway")  # fmt: skip
# Ground that the base map draws, in OpenStreetMap's tags.
_GROUND: Final[dict[str, list[str]]] = {
    "natural": ["water", "wood"],
    "waterway": ["riverbank", "dock"],
    "leisure": ["park", "garden"],
    "landuse": ["forest", "recreation_ground", "village_green"],
    "railway": ["rail", "light_rail", "tram"],
}
_SHAPES: Final = ("LineString", "MultiLineString", "Polygon", "MultiPolygon")


def download_streets(place: str, folder: Path) -> Path:
    """Fetch the streets, water, parks and railways of a place.

    Parameters
    ----------
    place
        As OpenStreetMap knows it, such as ``Uppsala, Sverige``; it must have an outline there.
    folder
        Where the file is written.

    Returns
    -------
    pathlib.Path
        A GeoPackage as `riskmiljo.patrol.streets.read_streets` and
        `riskmiljo.patrol.street_files.read_ground` read it.

    Raises
    ------
    InvalidInputError
        If OSMnx is not installed.
    NothingFoundError
        If OpenStreetMap knows no area of this name, or no streets in it.
    RiskmiljoError
        If OpenStreetMap cannot be reached, or refuses.

    References
    ----------
    Boeing, G. (2025). Modeling and analyzing urban networks and amenities with OSMnx. Geographical
    Analysis.
    """
    try:
        # Loads networkx and requests, and is an extra that most installations lack.
        import osmnx  # noqa: PLC0415 - see above
        from osmnx._errors import (  # noqa: PLC0415 - its errors have no public name
            InsufficientResponseError,
            ResponseStatusCodeError,
        )
    except ImportError as error:
        raise InvalidInputError(
            Text(
                'Att hämta gatunät kräver OSMnx. Installera det med pip install "riskmiljo'
                '[streets]", eller läs in en fil med riskmiljo streets import FIL.',
                'Downloading streets needs OSMnx. Install it with pip install "riskmiljo'
                '[streets]", or take in a file with riskmiljo streets import FILE.',
            )
        ) from error
    tags = [*osmnx.settings.useful_tags_way]
    tags += [tag for tag in _TAGS if tag not in tags]
    with _changed(osmnx.settings, use_cache=False, useful_tags_way=tags):
        try:
            outline = osmnx.geocode_to_gdf(place).geometry.iloc[0]
            graph = osmnx.graph_from_polygon(
                outline, network_type="all", simplify=False, retain_all=True, truncate_by_edge=True
            )
            ground = _ground(osmnx, outline, InsufficientResponseError)
        except (OSError, ResponseStatusCodeError) as error:
            raise RiskmiljoError(
                Text(
                    "OpenStreetMap kan inte nås ({w}). Försök igen, eller läs in en fil med "
                    "riskmiljo streets import FIL.",
                    "OpenStreetMap cannot be reached ({w}). Try again, or take in a file with "
                    "riskmiljo streets import FILE.",
                ).fill(w=type(error).__name__)
            ) from error
        except (InsufficientResponseError, TypeError) as error:
            raise NothingFoundError(
                Text(
                    'OpenStreetMap har inga gator för "{p}". Skriv en ort eller kommun, till '
                    "exempel Uppsala, Sverige.",
                    'OpenStreetMap has no streets for "{p}". Give a town or municipality, for '
                    "example Uppsala, Sweden.",
                ).fill(p=place)
            ) from error
    graph = osmnx.simplify_graph(graph, edge_attrs_differ=_KEPT_APART)
    file = folder / "streets.gpkg"
    osmnx.save_graph_geopackage(graph, file, directed=True)
    if not ground.empty:
        ground.to_file(file, layer="ground", driver="GPKG")
    return file


def _ground(osmnx: Any, outline: Any, nothing: type[Exception]) -> gpd.GeoDataFrame:
    """Fetch what the base map draws under the streets; a place may have none of it."""
    try:
        found = osmnx.features_from_polygon(outline, _GROUND)
    except nothing:
        return gpd.GeoDataFrame(geometry=[], crs=4326)
    found = found[found.geom_type.isin(_SHAPES)].reset_index(drop=True)
    kept = [tag for tag in ("name", *_GROUND) if tag in found]
    return gpd.GeoDataFrame(found[[*kept, "geometry"]])


@contextmanager
def _changed(settings: Any, **values: object) -> Iterator[None]:
    """Change OSMnx's settings, which all in this process share, for one download."""
    before = {name: getattr(settings, name) for name in values}
    try:
        for name, value in values.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
