"""The gazetteer: names of places, as people say them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from riskmiljo.errors import UnreadableFileError
from riskmiljo.geo.crs import WGS84, points_frame, transform
from riskmiljo.settings import path_of, shipped
from riskmiljo.wording import Text

_COLUMNS: Final = ("name", "kind", "lat", "lon", "radius_m", "source")


def read_gazetteer(path: str | Path | None = None, *, crs: Any = 3006) -> gpd.GeoDataFrame:
    """Read a gazetteer.

    Parameters
    ----------
    path
        A CSV with ``name, kind, lat, lon, radius_m, source``; None reads the shipped one (Uppsala).
    crs
        The metric reference system wanted.

    Returns
    -------
    geopandas.GeoDataFrame
        ``name``, ``kind``, ``radius_m``, ``source`` and points.

    Raises
    ------
    UnreadableFileError
        If a column is missing or a coordinate is not a number.
    InvalidInputError
        If the path is none.
    """
    file = shipped("data", "gazetteer.csv") if path is None else path_of(path)
    try:
        table = pd.read_csv(file, dtype={"name": str, "kind": str, "source": str})
        missing = [name for name in _COLUMNS if name not in table.columns]
        if missing:
            raise UnreadableFileError(
                Text("{f}: kolumnen {c} saknas.", "{f}: the column {c} is missing.").fill(
                    f=file.name, c=missing[0]
                )
            )
        lon, lat = table["lon"].astype(float), table["lat"].astype(float)
        radius = table["radius_m"].astype(float)
    except (OSError, ValueError) as error:
        if isinstance(error, UnreadableFileError):
            raise
        raise UnreadableFileError(
            Text(
                "Ortregistret {f} kan inte läsas: {why}.",
                "The gazetteer {f} cannot be read: {why}.",
            ).fill(f=file.name, why=error)
        ) from error
    x, y = transform(lon, lat, WGS84, crs)
    columns = {
        "name": table["name"],
        "kind": table["kind"],
        "radius_m": radius,
        "source": table["source"],
    }
    return points_frame(columns, x, y, crs)
