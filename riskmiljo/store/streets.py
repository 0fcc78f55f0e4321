"""The street network as it was imported: one at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection, delete, insert, select

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.tables import check_columns
from riskmiljo.store.columns import read_columns, write_columns
from riskmiljo.store.tables import street, street_source
from riskmiljo.wording import Text

STREETS: Final = Text("Gatorna", "The streets")
STREET_COLUMNS: Final[dict[str, str]] = {
    "name": "as signposted; empty for none",
    "kind": "as the source classes it",
    "geometry": "line, metres; polygons for water and parks, which the base map draws",
}
# What a network may know besides: who may use a line, and whether cars only one way.
EXTRA_COLUMNS: Final = ("modes", "oneway")
GROUND_KINDS: Final = ("water", "park")

_TYPES: Final[dict[str, pa.DataType]] = {
    "name": pa.string(),
    "kind": pa.string(),
    "modes": pa.string(),
    "oneway": pa.string(),
    "geometry": pa.binary(),
}


def write_streets(
    connection: Connection, lines: gpd.GeoDataFrame, source: str, now: datetime
) -> int:
    """Put a street network in the place of the earlier one.

    Parameters
    ----------
    connection
        In a writing transaction.
    lines
        ``STREET_COLUMNS``, and ``EXTRA_COLUMNS`` where known, in the store's reference system.
    source
        From where, with the attribution it asks for.
    now
        Aware.

    Returns
    -------
    int
        How many lines were saved.

    Raises
    ------
    InvalidInputError
        If a column is missing, or a shape is no line and neither water nor park.
    """
    check_columns(lines, STREET_COLUMNS, STREETS)
    kinds = set(lines.geom_type.dropna()) if len(lines) else set()
    ground = lines["kind"].isin(GROUND_KINDS)
    allowed = {"LineString", "MultiLineString"}
    if (
        lines.geometry.isna().any()
        or not set(lines.geom_type[~ground]) <= allowed
        or not kinds <= allowed | {"Polygon", "MultiPolygon"}
    ):
        raise InvalidInputError(
            Text(
                "Gatorna har en form som inte är en linje. Ta bort den.",
                "The streets have a shape that is no line. Remove it.",
            ),
            code="CONTRACT",
        )
    connection.execute(delete(street))
    connection.execute(delete(street_source))
    connection.execute(insert(street_source).values(one=1, source=source, saved_at=now))
    columns = {
        "name": lines["name"].fillna("").to_numpy(dtype=object),
        "kind": lines["kind"].fillna("").to_numpy(dtype=object),
        "geometry": shapely.to_wkb(lines.geometry.to_numpy()),
    }
    for name in EXTRA_COLUMNS:
        given = lines[name].fillna("") if name in lines else pd.Series([""] * len(lines))
        columns[name] = given.to_numpy(dtype=object)
    write_columns(connection, street, columns)
    return len(lines)


def read_streets(connection: Connection, epsg: int) -> gpd.GeoDataFrame | None:
    """Return the street network.

    Parameters
    ----------
    connection
        Any connection to the store.
    epsg
        The store's metric reference system.

    Returns
    -------
    geopandas.GeoDataFrame or None
        ``STREET_COLUMNS`` and ``EXTRA_COLUMNS`` in the order in which they were saved, with the
        source in ``attrs["source"]``; None while none was saved.
    """
    source = connection.execute(select(street_source.c.source)).scalar()
    if source is None:
        return None
    wanted = select(*(street.c[name] for name in _TYPES)).order_by(street.c.street_id)
    columns = read_columns(connection, wanted, _TYPES)
    words = [name for name in _TYPES if name != "geometry"]
    lines = gpd.GeoDataFrame(
        {name: pd.Series(columns[name].to_pandas(), dtype="str") for name in words},
        geometry=shapely.from_wkb(columns["geometry"].to_pandas().to_numpy()),
        crs=parse_crs(epsg),
    )
    lines.attrs = {"source": source}
    return lines
