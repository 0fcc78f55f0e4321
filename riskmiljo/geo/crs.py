"""Metres inside, degrees only at the edges."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.wording import Text

WGS84: Final = 4326
SWEREF99_TM: Final = 3006

# The box of Sweden's land and near waters, west, south, east, north, degrees.
_SWEDEN: Final = (10.5, 55.0, 24.2, 69.2)
# What is made for both hemispheres as far as this has true metres almost nowhere.
_WORLD_LATITUDE: Final = 50.0
_MERCATORS: Final = ("Mercator", "Popular Visualisation Pseudo Mercator")
_WEB_MERCATOR: Final = 3857
_IN_WEB_MERCATOR: Final = Text(
    "är i webbmercator, vars meter inte är meter", "is in Web Mercator, whose metres are not"
)

Floats = npt.NDArray[np.float64]


def parse_crs(crs: Any) -> CRS:
    """Return a `pyproj.CRS`, or say in one sentence why it cannot be had.

    Parameters
    ----------
    crs
        An EPSG number, ``"EPSG:3006"``, WKT or a CRS.

    Returns
    -------
    pyproj.CRS
        The reference system.

    Raises
    ------
    CRSError
        If it is not known.
    """
    # It cannot be changed, and a copy takes half a millisecond.
    if isinstance(crs, CRS):
        return crs
    try:
        given = int(crs) if isinstance(crs, str) and crs.strip().isdigit() else crs
        return CRS.from_user_input(given)
    except (ProjError, TypeError, ValueError) as error:
        raise CRSError(
            Text(
                "Koordinatsystemet {c!r} är okänt. Ange ett EPSG-nummer, till exempel 3006.",
                "The coordinate system {c!r} is not known. Give an EPSG number, for example 3006.",
            ).fill(c=" ".join(str(crs).split())[:80])
        ) from error


def transform(
    x: npt.ArrayLike, y: npt.ArrayLike, source: Any, target: Any
) -> tuple[Floats, Floats]:
    """Transform coordinates as arrays, east before north on both sides.

    Parameters
    ----------
    x, y
        Shape (n,). Longitude and latitude for a geographic system.
    source, target
        EPSG numbers or anything `parse_crs` takes.

    Returns
    -------
    tuple of numpy.ndarray
        x and y in the target. A point that cannot be transformed is infinite.
    """
    transformer = Transformer.from_crs(parse_crs(source), parse_crs(target), always_xy=True)
    out_x, out_y = transformer.transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return np.asarray(out_x, dtype=float), np.asarray(out_y, dtype=float)


def metric_crs_for(lon: npt.ArrayLike, lat: npt.ArrayLike) -> CRS:
    """Choose a metric reference system from the data.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84. Their median decides, so that strays have no say.

    Returns
    -------
    pyproj.CRS
        SWEREF 99 TM in Sweden, elsewhere the UTM zone (EPSG:326xx or 327xx).

    Raises
    ------
    CRSError
        If no finite coordinate is given or the place lies beyond UTM (84° N, 80° S).
    """
    lon_values, lat_values = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    finite = np.isfinite(lon_values) & np.isfinite(lat_values)
    if not finite.any():
        raise CRSError(
            Text("Inga koordinater att välja system från.", "No coordinates to choose from.")
        )
    mid_lon, mid_lat = np.median(lon_values[finite]), np.median(lat_values[finite])
    west, south, east, north = _SWEDEN
    if west <= mid_lon <= east and south <= mid_lat <= north:
        return CRS.from_epsg(SWEREF99_TM)
    if not -80 <= mid_lat <= 84:  # noqa: PLR2004 - where UTM ends
        raise CRSError(
            Text(
                "Latitud {v:.1f} ligger utanför UTM. Ange koordinatsystem själv.",
                "Latitude {v:.1f} lies beyond UTM. Give a coordinate system yourself.",
            ).fill(v=mid_lat)
        )
    zone = int((mid_lon + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if mid_lat >= 0 else 32700) + zone)


def require_metric(frame: gpd.GeoDataFrame | gpd.GeoSeries, what: Text) -> CRS:
    """Return the CRS of a frame that must be in metres.

    Parameters
    ----------
    frame
        A GeoDataFrame or GeoSeries.
    what
        What it is called in the message.

    Returns
    -------
    pyproj.CRS
        The frame's CRS.

    Raises
    ------
    InvalidInputError
        If it is no frame, or has no geometry.
    CRSError
        If it has none, is in degrees, counts in another unit than metres, or is Web Mercator or
        another projection for the whole world, a metre of which is half a metre at Uppsala.
    """
    require_geometry(frame, what)
    crs = frame.crs
    if crs is None:
        problem = Text("saknar koordinatsystem", "has no coordinate system")
    elif not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        problem = Text("är inte i meter ({c})", "is not in metres ({c})").fill(
            c=crs.to_string()[:40]
        )
    elif _of_the_world(crs):
        problem = _IN_WEB_MERCATOR
        if crs.to_epsg() != _WEB_MERCATOR:
            problem = Text(
                "är i en projektion för hela världen ({c}), vars meter inte är meter",
                "is in a projection for the whole world ({c}), whose metres are not",
            ).fill(c=crs.to_string()[:40])
    else:
        return parse_crs(crs)
    raise CRSError(
        Text(
            "{what} {problem}. Projicera om först, till exempel med to_crs(3006).",
            "{what} {problem}. Project it first, for example with to_crs(3006).",
        ).fill(what=what, problem=problem)
    )


def require_geometry(frame: object, what: Text) -> None:
    """Refuse what has no geometry.

    Parameters
    ----------
    frame
        What should be a GeoDataFrame or a GeoSeries.
    what
        What it is called in the message.

    Raises
    ------
    InvalidInputError
        If it is anything else, or a GeoDataFrame without a column of geometry.
    """
    if isinstance(frame, gpd.GeoSeries):
        return
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        raise InvalidInputError(
            Text(
                "{what} ska vara en GeoDataFrame med kolumnen geometry, inte {t}.",
                "{what} must be a GeoDataFrame with a column geometry, not {t}.",
            ).fill(what=what, t=_kind_of(frame)),
            code="CONTRACT",
        )


def _kind_of(value: object) -> Text:
    name = type(value).__name__
    if isinstance(value, gpd.GeoDataFrame):
        return Text("en utan", "one without")
    return Text(name, name)


def _of_the_world(crs: CRS) -> bool:
    area, operation = crs.area_of_use, crs.coordinate_operation
    if area is not None and area.south <= -_WORLD_LATITUDE and area.north >= _WORLD_LATITUDE:
        return True
    return operation is not None and operation.method_name.startswith(_MERCATORS)


def coordinates(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> Floats:
    """Return the coordinates of points as an array.

    Parameters
    ----------
    frame
        Points only, none missing.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), in the frame's CRS.
    """
    return np.asarray(shapely.get_coordinates(frame.geometry.to_numpy()), dtype=float)


def points_frame(data: dict[str, Any], x: Floats, y: Floats, crs: Any) -> gpd.GeoDataFrame:
    """Make a GeoDataFrame of points from arrays that already are in its CRS.

    Parameters
    ----------
    data
        Columns.
    x, y
        Shape (n,), metres.
    crs
        Their reference system.

    Returns
    -------
    geopandas.GeoDataFrame
        With the points as ``geometry``.
    """
    return gpd.GeoDataFrame(data, geometry=shapely.points(x, y), crs=parse_crs(crs))
