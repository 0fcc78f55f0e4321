"""The streets of a file as plain lines: what each is, who may use it, and in which direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.geo.crs import metric_crs_for, parse_crs, transform
from riskmiljo.patrol.street_files import read_lines
from riskmiljo.patrol.street_rules import kind_of, modes_of, one_way
from riskmiljo.settings import path_of

# What a network knows of each line, beside its shape.
LINE_TAGS: Final = ("name", "kind", "modes", "oneway")


def street_lines(path: str | Path, *, crs: Any = None) -> gpd.GeoDataFrame:
    """Read all lines of a street file, for every mode of travel.

    Parameters
    ----------
    path
        GraphML written by OSMnx, OSM PBF or XML, or a GeoPackage or GeoJSON with lines.
    crs
        The metric reference system wanted; None chooses it from the data (SWEREF 99 TM in Sweden,
        UTM elsewhere).

    Returns
    -------
    geopandas.GeoDataFrame
        ``name``, ``kind`` (empty for what is no street), ``modes`` (who may use it, such as
        ``walk cycle``; empty for nobody), ``oneway`` (for those who drive: ``yes``, ``-1`` or
        empty) and LineStrings in metres.

    Raises
    ------
    InvalidInputError
        If the path is none.
    UnreadableFileError
        If the file cannot be read as streets.
    CRSError
        If a reference system is not known.
    """
    raw = read_lines(path_of(path))
    kind = kind_of(raw)
    vertices = shapely.get_coordinates(raw.geometry.to_numpy())
    if crs is None:
        crs = metric_crs_for(*transform(vertices[:, 0], vertices[:, 1], raw.crs, 4326))
    target = parse_crs(crs)
    geometry = shapely.set_coordinates(
        raw.geometry.to_numpy().copy(),
        np.column_stack(transform(vertices[:, 0], vertices[:, 1], raw.crs, target)),
    )
    tags = {"name": raw["name"], "kind": kind, "modes": modes_of(raw, kind), "oneway": one_way(raw)}
    return gpd.GeoDataFrame(tags, geometry=geometry, crs=target)
