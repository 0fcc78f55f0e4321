"""Which zone each point lies in."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmiljo.analysis.places import Floats, Ints, incident_points
from riskmiljo.geo.crs import parse_crs, require_geometry, require_metric
from riskmiljo.model.tables import check_columns
from riskmiljo.wording import Text


def zone_of_points(xy: Floats, shapes: Sequence[shapely.Geometry]) -> Ints:
    """Return the number of the polygon that each point lies in.

    Parameters
    ----------
    xy
        Shape (m, 2), in any order.
    shapes
        Polygons in the same CRS. On a common border the first one wins.

    Returns
    -------
    numpy.ndarray
        Shape (m,), -1 where there is none.
    """
    number = np.full(len(xy), -1, dtype=np.int64)
    order = np.argsort(xy[:, 0], kind="stable")
    x, y = xy[order, 0], xy[order, 1]
    found = np.full(len(xy), -1, dtype=np.int64)
    for i, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            continue
        west, south, east, north = shape.bounds
        first, last = np.searchsorted(x, west, "left"), np.searchsorted(x, east, "right")
        near = first + np.flatnonzero(
            (y[first:last] >= south) & (y[first:last] <= north) & (found[first:last] == -1)
        )
        shapely.prepare(shape)
        found[near[shapely.intersects_xy(shape, x[near], y[near])]] = i
    number[order] = found
    return number


def assign_zones(incidents: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series:
    """Tell which zone each incident lies in.

    Parameters
    ----------
    incidents
        Points in a metric CRS.
    zones
        With ``zone_id`` and polygons; in another CRS they are projected to that of the incidents.

    Returns
    -------
    pandas.Series
        ``zone_id`` on the index of the incidents; missing where an incident lies in no zone.

    Raises
    ------
    CRSError
        If either has no CRS, or the incidents are not in metres.
    InvalidInputError
        If an incident has no point.
    """
    xy, _ = incident_points(incidents)
    what = Text("Zonerna", "The zones")
    shapes = in_crs_of(incidents, zones, what).geometry
    check_columns(zones, {"zone_id": ""}, what)
    number = zone_of_points(xy, list(shapes))
    ids = [*zones["zone_id"].astype(str), None]
    named = pd.Series(ids, dtype=object).to_numpy()[number]
    return pd.Series(named, index=incidents.index, dtype="str", name="zone_id")


def in_crs_of(incidents: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, what: Text) -> gpd.GeoDataFrame:
    """Return a frame in the CRS of the incidents.

    Parameters
    ----------
    incidents
        In a metric CRS.
    frame
        In any CRS.
    what
        What it is called in the message.

    Returns
    -------
    geopandas.GeoDataFrame
        The same frame where the CRS agree, else a projected copy.

    Raises
    ------
    CRSError
        If the frame has no CRS.
    """
    require_geometry(frame, what)
    if frame.crs is None:
        require_metric(frame, what)
    same = parse_crs(frame.crs) == parse_crs(incidents.crs)
    return frame if same else frame.to_crs(incidents.crs)
