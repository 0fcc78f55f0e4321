"""Presence: where and when patrols and outreach were."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, select

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.model.period import Period
from riskmiljo.model.tables import PRESENCE_COLUMNS, check_columns
from riskmiljo.store.columns import (
    Values,
    instants,
    micros,
    read_columns,
    require_values,
    write_columns,
)
from riskmiljo.store.presence_entries import new_entry
from riskmiljo.store.tables import micros as micros_of
from riskmiljo.store.tables import presence
from riskmiljo.wording import Text

PRESENCE: Final = Text("Närvaron", "The presence")

_TYPES: Final[dict[str, pa.DataType]] = {
    "begins": pa.int64(),
    "ends": pa.int64(),
    "minutes": pa.float64(),
    "crew_kind": pa.string(),
    "source": pa.string(),
    "x": pa.float64(),
    "y": pa.float64(),
}


def write_presence(
    connection: Connection, frame: gpd.GeoDataFrame, *, now: datetime
) -> tuple[int, int]:
    """Add presence.

    Parameters
    ----------
    connection
        In a writing transaction.
    frame
        ``PRESENCE_COLUMNS`` with points, in the store's reference system.
    now
        Aware.

    Returns
    -------
    tuple of int
        How many rows were added, and the number of the entry that they belong to.

    Raises
    ------
    InvalidInputError
        If a column or value is missing, a time has no zone, or a row ends before it begins.
    """
    check_columns(frame, PRESENCE_COLUMNS, PRESENCE)
    require_values(frame, list(PRESENCE_COLUMNS), ("begins", "ends"), PRESENCE)
    _check_values(frame)
    xy = coordinates(frame)
    entry_id = new_entry(connection, len(frame), now=now)
    columns: dict[str, Values] = {
        "begins": micros(frame["begins"]),
        "ends": micros(frame["ends"]),
        "minutes": frame["minutes"].to_numpy(dtype=float),
        "crew_kind": frame["crew_kind"].to_numpy(dtype=object),
        "source": frame["source"].to_numpy(dtype=object),
        "x": xy[:, 0],
        "y": xy[:, 1],
        "entry_id": np.full(len(frame), entry_id),
    }
    write_columns(connection, presence, columns)
    return len(frame), entry_id


def read_presence(
    connection: Connection, period: Period | None, epsg: int, *, entries: bool = False
) -> gpd.GeoDataFrame:
    """Return presence, earliest first.

    Parameters
    ----------
    connection
        Any connection to the store.
    period
        Rows that overlap it; None for all.
    epsg
        The store's metric reference system.
    entries
        Whether ``entry_id`` stands beside them.

    Returns
    -------
    geopandas.GeoDataFrame
        ``PRESENCE_COLUMNS``.
    """
    types = _TYPES | ({"entry_id": pa.int64()} if entries else {})
    wanted = select(*(presence.c[name] for name in types))
    if period is not None:
        wanted = wanted.where(
            presence.c.begins < micros_of(period.end), presence.c.ends > micros_of(period.start)
        )
    wanted = wanted.order_by(presence.c.begins, presence.c.presence_id)
    columns = read_columns(connection, wanted, types)
    data: dict[str, Any] = {
        "begins": instants(columns["begins"]),
        "ends": instants(columns["ends"]),
        "minutes": columns["minutes"].to_numpy(),
        "crew_kind": pd.Series(columns["crew_kind"].to_pandas(), dtype="str"),
        "source": pd.Series(columns["source"].to_pandas(), dtype="str"),
    }
    if entries:
        # What was there before entries were has none.
        data["entry_id"] = columns["entry_id"].fill_null(0).to_numpy()
    return points_frame(data, columns["x"].to_numpy(), columns["y"].to_numpy(), epsg)


def _check_values(frame: gpd.GeoDataFrame) -> None:
    points = bool((frame.geom_type == "Point").all())
    if not points or not np.isfinite(coordinates(frame)).all():
        problem = Text(
            "Närvaron har en plats som inte är en punkt med ändliga koordinater.",
            "The presence has a place that is not a point with finite coordinates.",
        )
    elif not np.isfinite(frame["minutes"]).all() or (frame["minutes"] < 0).any():
        problem = Text(
            "Närvaron har minuter som är negativa eller oändliga.",
            "The presence has minutes that are negative or infinite.",
        )
    elif (frame["ends"] < frame["begins"]).any():
        problem = Text(
            "Närvaron har en rad som slutar innan den börjar. Byt plats på tiderna.",
            "The presence has a row that ends before it begins. Swap the times.",
        )
    else:
        return
    raise InvalidInputError(problem, code="CONTRACT")
