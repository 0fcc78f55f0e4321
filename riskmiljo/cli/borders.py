"""Borders that a user draws: lines and polygons of a GeoJSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

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
    wanted = Text("ytor", "polygons") if areas else Text("linjer eller ytor", "lines or polygons")
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        features = body["features"] if body["type"] == "FeatureCollection" else [body]
        shapes = [shape(feature.get("geometry") or feature) for feature in features]
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
    allowed = _AREAS if areas else _LINES
    if not shapes or not all(one.geom_type in allowed and one.is_valid for one in shapes):
        raise UnreadableFileError(
            Text(
                "{f} ska hålla giltiga {w} och inget annat.",
                "{f} must hold valid {w} and nothing else.",
            ).fill(f=path.name, w=wanted)
        )
    parts = [part for one in shapes for part in shapely.get_parts(one)]
    return gpd.GeoSeries(parts, crs=WGS84).to_crs(crs)
