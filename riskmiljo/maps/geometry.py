"""Metres to GeoJSON: coordinates leave the metric system here, and nowhere else in this room."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from riskmiljo.errors import CRSError
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.wording import Text

# Six decimals of a degree are 0.1 m.
_DECIMALS: Final = 6
_PARTED: Final = ("MultiPoint", "MultiPolygon")
# Rows and columns of the lattice on which places for an area's name are looked for.
_LATTICE: Final = 15


def to_degrees(geometry: gpd.GeoSeries) -> list[BaseGeometry]:
    """Project geometries to longitude and latitude, rounded.

    Parameters
    ----------
    geometry
        In any reference system; all coordinates are transformed in one call.

    Returns
    -------
    list of shapely geometries
        WGS 84, six decimals; None and empty stay as they are.

    Raises
    ------
    CRSError
        If the series has no reference system, or a coordinate has no place on the globe.
    """
    if geometry.crs is None:
        raise CRSError(
            Text(
                "Ett kartlager saknar koordinatsystem.",
                "A map layer has no coordinate system.",
            )
        )
    shapes = shapely.force_2d(geometry.to_numpy().copy())
    xy = shapely.get_coordinates(shapes)
    lon, lat = transform(xy[:, 0], xy[:, 1], geometry.crs, WGS84)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise CRSError(
            Text(
                "Ett kartlager har koordinater utanför sitt koordinatsystem.",
                "A map layer has coordinates outside its coordinate system.",
            )
        )
    rounded = np.round(np.column_stack([lon, lat]), _DECIMALS)
    return list(shapely.set_coordinates(shapes, rounded))


def feature(geometry: BaseGeometry, properties: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature.

    Parameters
    ----------
    geometry
        In degrees.
    properties
        JSON-able.

    Returns
    -------
    dict
        With ``type``, ``properties`` and ``geometry``.
    """
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": _geometry(geometry),
    }


def point_coordinates(geometry: gpd.GeoSeries) -> list[list[float]]:
    """Return a point for each geometry that is sure to lie on or in it.

    Parameters
    ----------
    geometry
        In a metric reference system; of points the points themselves are returned.

    Returns
    -------
    list of [longitude, latitude]
        WGS 84, six decimals.
    """
    inside = gpd.GeoSeries(geometry.representative_point(), crs=geometry.crs)
    return [[float(point.x), float(point.y)] for point in to_degrees(inside)]


def plate_points(geometry: gpd.GeoSeries, *, most: int = 24) -> list[list[list[float]]]:
    """Return points inside each polygon where its name may stand, the roomiest first.

    Parameters
    ----------
    geometry
        Polygons in a metric reference system.
    most
        Points per polygon at most.

    Returns
    -------
    list of lists of [longitude, latitude]
        At least one point per polygon; WGS 84, six decimals.
    """
    chosen = []
    for shape in geometry.to_numpy():
        west, south, east, north = shape.bounds
        x, y = np.meshgrid(
            np.linspace(west, east, _LATTICE + 2)[1:-1],
            np.linspace(south, north, _LATTICE + 2)[1:-1],
        )
        lattice = shapely.points(x.ravel(), y.ravel())
        inside = lattice[shapely.contains(shape, lattice)]
        room = shapely.distance(inside, shape.boundary)
        best = inside[np.argsort(-room, kind="stable")][:most]
        chosen.append(shapely.multipoints([*best] or [shape.representative_point()]))
    degrees = to_degrees(gpd.GeoSeries(chosen, crs=geometry.crs))
    return [shapely.get_coordinates(points).tolist() for points in degrees]


def _geometry(geometry: BaseGeometry) -> dict[str, Any]:
    if geometry.geom_type == "GeometryCollection":
        parts = [_geometry(part) for part in shapely.get_parts(geometry)]
        return {"type": geometry.geom_type, "geometries": parts}
    return {"type": geometry.geom_type, "coordinates": _coordinates(geometry)}


def _coordinates(geometry: BaseGeometry) -> list[Any]:
    """Return GeoJSON's nested lists: a street network has tens of thousands of lines."""
    if geometry.is_empty:
        return []
    if geometry.geom_type in _PARTED:
        return [_coordinates(part) for part in shapely.get_parts(geometry)]
    if geometry.geom_type == "Point":
        return [geometry.x, geometry.y]
    if geometry.geom_type == "Polygon":
        return _split(geometry, shapely.get_rings(geometry))
    if geometry.geom_type == "MultiLineString":
        return _split(geometry, shapely.get_parts(geometry))
    pairs: list[Any] = shapely.get_coordinates(geometry).tolist()
    return pairs


def _split(geometry: BaseGeometry, parts: Any) -> list[list[list[float]]]:
    """Return the coordinates of each ring or line of one geometry."""
    pairs = shapely.get_coordinates(geometry).tolist()
    ends = np.cumsum(shapely.get_num_coordinates(parts)).tolist()
    return [pairs[first:last] for first, last in zip([0, *ends[:-1]], ends, strict=True)]
