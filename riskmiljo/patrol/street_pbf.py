"""OpenStreetMap's own binary form (PBF), as extracts of whole regions come."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError

from riskmiljo.geo.crs import WGS84

# A file block's first words, after its length: enough to know the form by.
_MARK: Final = b"OSMHeader"
_MARK_WITHIN: Final = 64
_DRIVER: Final = "OSM"
# What the reader keeps in a column of its own; all else stands in one column as "key"=>"value".
_OTHER: Final = "other_tags"
_TAG: Final = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")
_STREETS: Final = "SELECT * FROM lines WHERE highway IS NOT NULL"
_LINES: Final = "SELECT * FROM lines WHERE highway IS NULL"
_AREAS: Final = "SELECT * FROM multipolygons"


def is_pbf(head: bytes) -> bool:
    """Tell whether a file is OSM PBF.

    Parameters
    ----------
    head
        Its first bytes.

    Returns
    -------
    bool
        Whether its first block is an OSM header.
    """
    return _MARK in head[:_MARK_WITHIN]


def read_pbf(path: Path, tags: tuple[str, ...], *, ground: bool = False) -> gpd.GeoDataFrame:
    """Read the streets, or what lies around them, of an OSM PBF file.

    Parameters
    ----------
    path
        A file for which `is_pbf` holds.
    tags
        The tags wanted, each as a column; missing ones are empty.
    ground
        Whether areas and lines other than streets are wanted.

    Returns
    -------
    geopandas.GeoDataFrame
        In WGS 84.

    Raises
    ------
    pyogrio.errors.DataSourceError
        If the file is damaged, or another driver than OpenStreetMap's would read it.
    """
    # The reader keeps the nodes of a large file beside it, unless told of a better place.
    before = pyogrio.get_gdal_config_option("CPL_TMPDIR")
    pyogrio.set_gdal_config_options({"CPL_TMPDIR": tempfile.gettempdir()})
    try:
        if pyogrio.read_info(path, layer="lines")["driver"] != _DRIVER:
            raise DataSourceError("not OpenStreetMap's form")
        # Asked for one layer by name, the reader passes the others over and needs little memory.
        frames = [
            _tagged(gpd.GeoDataFrame(pyogrio.read_dataframe(path, sql=sql)), tags)
            for sql in ((_LINES, _AREAS) if ground else (_STREETS,))
        ]
    finally:
        pyogrio.set_gdal_config_options({"CPL_TMPDIR": before})
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=WGS84)


def other_tags(text: object) -> dict[str, str]:
    r"""Return the tags that stand together in one column.

    Parameters
    ----------
    text
        Such as ``"foot"=>"yes","bicycle"=>"no"``, with backslashes before quotes and backslashes;
        or a missing value.

    Returns
    -------
    dict
        Tag to value.

    Examples
    --------
    >>> other_tags('"foot"=>"yes","note"=>"the \\"old\\" path"')
    {'foot': 'yes', 'note': 'the "old" path'}
    """
    if not isinstance(text, str):
        return {}
    return {_ESCAPED.sub(r"\1", k): _ESCAPED.sub(r"\1", v) for k, v in _TAG.findall(text)}


def _tagged(frame: gpd.GeoDataFrame, tags: tuple[str, ...]) -> gpd.GeoDataFrame:
    others = [other_tags(text) for text in frame[_OTHER]]
    columns = {
        tag: frame[tag].fillna("").astype("str")
        if tag in frame
        else pd.Series([found.get(tag, "") for found in others], index=frame.index, dtype="str")
        for tag in tags
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.array, crs=WGS84)
