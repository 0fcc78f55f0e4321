"""Borders that a user draws: lines and polygons of a GeoJSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely
from shapely.errors import GEOSException
from shapely.geometry import shape

from riskmiljo.errors import UnreadableFileError
from riskmiljo.geo.crs import WGS84
from riskmiljo.wording import Text

_LINES: Final = ("LineString", "MultiLineString", "Polygon", "MultiPolygon")
_AREAS: Final = ("Polygon", "MultiPolygon")


def read_borders(path: Path, *, crs: object, areas: bool) -> gpd.GeoSeries:
    """Read the lines or polygons of a GeoJSON file.

    Parameters
    ----------
    path
        GeoJSON, degrees (WGS 84).
    crs
        The metric reference system wanted.
    areas
        Whether only polygons will do.

    Returns
    -------
    geopandas.GeoSeries
        In that reference system.

    Raises
    ------
    UnreadableFileError
        If it is no GeoJSON, or holds other shapes or none.
    """
    found = _features(path, _AREAS if areas else _LINES)
    parts = [part for _, one in found for part in shapely.get_parts(one)]
    return gpd.GeoSeries(parts, crs=WGS84).to_crs(crs)


def read_named_areas(path: Path) -> list[tuple[str, list[tuple[float, float]]]]:
    """Read the polygons of a GeoJSON file with their names.

    Parameters
    ----------
    path
        GeoJSON, degrees (WGS 84); each feature is one polygon without holes whose property
        ``name`` or ``namn`` says what it is called.

    Returns
    -------
    list of tuple
        Names, and corners as longitude and latitude.

    Raises
    ------
    UnreadableFileError
        If it is no GeoJSON, or holds other shapes, none, or one without a name.
    """
    named = []
    for number, (properties, area) in enumerate(_features(path, _AREAS), start=1):
        name = str(properties.get("name") or properties.get("namn") or "").strip()
        parts = shapely.get_parts(area)
        if not name or len(parts) != 1 or parts[0].interiors:
            raise UnreadableFileError(
                Text(
                    "{f}, yta {n}: den ska ha ett namn (name) och vara en enda yta utan hål.",
                    "{f}, polygon {n}: it must have a name and be one polygon without holes.",
                ).fill(f=path.name, n=number)
            )
        corners = shapely.get_coordinates(parts[0].exterior).tolist()
        named.append((name, [(lon, lat) for lon, lat in corners]))
    return named


def _features(path: Path, allowed: Sequence[str]) -> list[tuple[dict[str, Any], shapely.Geometry]]:
    """Return the properties and shapes of a file that holds such shapes alone."""
    lines = "LineString" in allowed
    wanted = Text("linjer eller ytor", "lines or polygons") if lines else Text("ytor", "polygons")
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        features = body["features"] if body["type"] == "FeatureCollection" else [body]
        found = [
            (dict(feature.get("properties") or {}), shape(feature.get("geometry") or feature))
            for feature in features
        ]
    except FileNotFoundError as error:
        raise UnreadableFileError(
            Text(
                "Filen {f} finns inte. Kontrollera namnet och mappen.",
                "There is no file {f}. Check the name and the folder.",
            ).fill(f=path)
        ) from error
    except OSError as error:
        raise UnreadableFileError(
            Text("{f} kan inte läsas: {w}.", "{f} cannot be read: {w}.").fill(
                f=path.name, w=error.strerror
            )
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, GEOSException) as error:
        raise UnreadableFileError(
            Text(
                "{f} är ingen GeoJSON med {w}. Spara gränserna som GeoJSON i WGS 84.",
                "{f} is no GeoJSON with {w}. Save the borders as GeoJSON in WGS 84.",
            ).fill(f=path.name, w=wanted)
        ) from error
    if not found or not all(one.geom_type in allowed and one.is_valid for _, one in found):
        raise UnreadableFileError(
            Text(
                "{f} ska hålla giltiga {w} och inget annat.",
                "{f} must hold valid {w} and nothing else.",
            ).fill(f=path.name, w=wanted)
        )
    return found
