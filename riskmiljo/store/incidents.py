"""Incidents in and out: whole columns, checked against the contract on the way in."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import Transformer
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    func,
    select,
    type_coerce,
)

from riskmiljo.errors import InvalidInputError, RowsRefusedError
from riskmiljo.geo.crs import WGS84, coordinates, parse_crs, points_frame, transform
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import COLUMN_NAMES, COLUMNS, validate_incidents
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.store.columns import Columns, Values, instants, micros, read_columns, write_columns
from riskmiljo.store.tables import Instant, incident
from riskmiljo.store.tables import micros as micros_of
from riskmiljo.wording import Text

# Two deliveries of one incident may have been projected by different versions of PROJ.
SAME_PLACE_M: Final = 0.001

_ARROW: Final[dict[str, pa.DataType]] = {
    "string": pa.large_string(),
    "time": pa.int64(),
    "category": pa.string(),
    "number": pa.float64(),
    "roles": pa.large_string(),
}
_TYPES: Final[dict[str, pa.DataType]] = {
    column.name: _ARROW[column.kind] for column in COLUMNS if column.kind != "point"
} | {"x": pa.float64(), "y": pa.float64()}
_DEGREES_PAD_M: Final = 1.0


def read_incidents(
    connection: Connection,
    question: Filter,
    *,
    owners: frozenset[str] | None,
    epsg: int,
) -> gpd.GeoDataFrame:
    """Return the incidents that a filter asks for.

    Parameters
    ----------
    connection
        Any connection to the store.
    question
        The filter. An interval belongs to the period in which it begins, so that neighbouring
        periods add up.
    owners
        Whose incidents; None for everyone's.
    epsg
        The store's metric reference system.

    Returns
    -------
    geopandas.GeoDataFrame
        The incident contract, in the order in which they were added.
    """
    wanted = _narrowed(select(*(incident.c[name] for name in _TYPES)), question, owners, epsg)
    frame = _frame(read_columns(connection, wanted.order_by(incident.c.key), _TYPES))
    keep = question.clock_mask(frame)
    if question.bbox is not None:
        keep &= _inside(frame["x"].to_numpy(), frame["y"].to_numpy(), question.bbox, epsg)
    if not keep.all():
        frame = frame[keep].reset_index(drop=True)
    x, y = frame.pop("x").to_numpy(), frame.pop("y").to_numpy()
    columns = {str(name): values for name, values in frame.items()}
    return points_frame(columns, x, y, epsg)[list(COLUMN_NAMES)]


def count(connection: Connection, *, owners: AbstractSet[str]) -> int:
    """Return how many incidents there are.

    Parameters
    ----------
    connection
        Any connection to the store.
    owners
        Whose.

    Returns
    -------
    int
        Of these owners.
    """
    counted = select(func.count()).select_from(incident).where(*_of(owners))
    return int(connection.execute(counted).scalar_one())


def count_matching(
    connection: Connection, question: Filter, *, owners: frozenset[str] | None, epsg: int
) -> int:
    """Return how many incidents a filter asks for, without reading what they are.

    Parameters
    ----------
    connection
        Any connection to the store.
    question
        As for `read_incidents`.
    owners
        Whose; None for everyone's.
    epsg
        The store's metric reference system.

    Returns
    -------
    int
        As many as `read_incidents` returns rows.
    """
    if not question.weekdays and question.hours is None and question.bbox is None:
        counted = _narrowed(select(func.count()).select_from(incident), question, owners, epsg)
        return int(connection.execute(counted).scalar_one())
    types = {name: _TYPES[name] for name in ("occurred_from", "occurred_to", "x", "y")}
    wanted = _narrowed(select(*(incident.c[name] for name in types)), question, owners, epsg)
    columns = read_columns(connection, wanted, types)
    keep = question.clock_mask(
        pd.DataFrame({name: instants(columns[name]) for name in ("occurred_from", "occurred_to")})
    )
    if question.bbox is not None:
        x, y = columns["x"].to_numpy(), columns["y"].to_numpy()
        keep &= _inside(x, y, question.bbox, epsg)
    return int(keep.sum())


def span(connection: Connection, *, owners: AbstractSet[str]) -> Period | None:
    """Return from when to when incidents begin.

    Parameters
    ----------
    connection
        Any connection to the store.
    owners
        Whose.

    Returns
    -------
    Period or None
        The last beginning is included; None while there are no incidents.
    """
    # Two questions: asked together, SQLite reads the whole index instead of its ends.
    begins, mine = incident.c.occurred_from, _of(owners)
    first = connection.execute(select(type_coerce(func.min(begins), Instant)).where(*mine)).scalar()
    last = connection.execute(select(type_coerce(func.max(begins), Instant)).where(*mine)).scalar()
    return (
        None if first is None or last is None else Period(first, last + timedelta(microseconds=1))
    )


def _of(owners: AbstractSet[str]) -> list[ColumnElement[bool]]:
    # Asked of everyone's, SQLite need not look at a single row.
    return [] if owners >= set(OWNERS) else [incident.c.owner.in_(sorted(owners))]


def check_incidents(incidents: gpd.GeoDataFrame) -> None:
    """Refuse a frame that breaks the contract or has a point at infinity.

    Parameters
    ----------
    incidents
        What is about to be added.

    Raises
    ------
    InvalidInputError
        Naming what is wrong.
    CRSError
        If the frame is not in metres.
    """
    validate_incidents(incidents)
    stray = ~np.isfinite(coordinates(incidents)).all(axis=1)
    if stray.any():
        raise InvalidInputError(
            Text(
                "{n} {n:händelse|händelser} saknar ändliga koordinater, först {i}. Rätta "
                "eller ta bort {n:den|dem}.",
                "{n} {n:incident has|incidents have} no finite coordinates, first {i}. "
                "Correct or remove {n:it|them}.",
            ).fill(n=int(stray.sum()), i=incidents["incident_id"].to_numpy()[stray][0])
        )


def stored_twins(connection: Connection, incidents: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the stored incidents that have the same key (source and id) as arriving ones.

    Parameters
    ----------
    connection
        In a writing transaction.
    incidents
        The arriving incidents.

    Returns
    -------
    pandas.DataFrame
        The contract's columns with ``x``, ``y`` and ``key`` for ``geometry``; ``position`` is the
        row of the arriving twin.
    """
    arriving = Table(
        "arriving",
        MetaData(),
        Column("position", incident.c.key.type),
        Column("incident_id", incident.c.incident_id.type),
        Column("source", incident.c.source.type),
        prefixes=["TEMPORARY"],
    )
    arriving.create(connection)
    write_columns(
        connection,
        arriving,
        {
            "position": np.arange(len(incidents)),
            "incident_id": incidents["incident_id"].to_numpy(dtype=object),
            "source": incidents["source"].to_numpy(dtype=object),
        },
    )
    twins = (
        select(*(incident.c[name] for name in _TYPES), incident.c.key, arriving.c.position)
        .join(
            arriving,
            (incident.c.incident_id == arriving.c.incident_id)
            & (incident.c.source == arriving.c.source),
        )
        .order_by(arriving.c.position)
    )
    columns = read_columns(connection, twins, _TYPES | {"key": pa.int64(), "position": pa.int64()})
    arriving.drop(connection)
    frame = _frame(columns)
    return frame.assign(key=columns["key"].to_numpy(), position=columns["position"].to_numpy())


def refuse_conflicts(incidents: gpd.GeoDataFrame, twins: pd.DataFrame) -> None:
    """Refuse arriving incidents whose stored twin says something else.

    Parameters
    ----------
    incidents
        The arriving incidents.
    twins
        From `stored_twins`.

    Raises
    ------
    RowsRefusedError
        Naming how many differ, the first of them, and in which column.
    """
    arriving = incidents.iloc[twins["position"].to_numpy()].reset_index(drop=True)
    differs = pd.DataFrame(
        {name: _differs(arriving[name], twins[name]) for name in COLUMN_NAMES if name in twins}
    )
    moved = coordinates(arriving) - twins[["x", "y"]].to_numpy()
    # The hair's breadth on top lets exactly one millimetre pass through floating point.
    differs["geometry"] = np.hypot(moved[:, 0], moved[:, 1]) > SAME_PLACE_M * 1.001
    rows = differs.any(axis=1).to_numpy()
    if not rows.any():
        return
    first = int(np.argmax(rows))
    raise RowsRefusedError(
        Text(
            "{n} {n:händelse|händelser} finns redan med annat innehåll, först {i} från "
            "{s} (kolumn {c}). Inget lades in. Ångra den tidigare importen eller rätta "
            "filen.",
            "{n} {n:incident is|incidents are} already there with other content, first "
            "{i} from {s} (column {c}). Nothing was added. Undo the earlier import or "
            "correct the file.",
        ).fill(
            n=int(rows.sum()),
            i=arriving["incident_id"].iloc[first],
            s=arriving["source"].iloc[first],
            c=differs.columns[differs.iloc[first].to_numpy()][0],
        ),
        code="KONFLIKT",
    )


def insert_incidents(connection: Connection, incidents: gpd.GeoDataFrame, batch_id: int) -> None:
    """Add incidents that are known to be new.

    Parameters
    ----------
    connection
        In a writing transaction.
    incidents
        The contract's columns, in the store's reference system.
    batch_id
        The batch to which they belong.
    """
    columns: dict[str, Values] = {"batch_id": np.full(len(incidents), batch_id)}
    for column in COLUMNS:
        match column.kind:
            case "time":
                columns[column.name] = micros(incidents[column.name])
            case "number":
                columns[column.name] = incidents[column.name].to_numpy()
            case "roles":
                columns[column.name] = incidents[column.name].to_numpy(dtype=object, na_value=None)
            case "point":
                xy = coordinates(incidents)
                columns |= {"x": xy[:, 0], "y": xy[:, 1]}
            case _:
                columns[column.name] = incidents[column.name].to_numpy(dtype=object)
    write_columns(connection, incident, columns)


def _narrowed(
    wanted: Select[Any], question: Filter, owners: frozenset[str] | None, epsg: int
) -> Select[Any]:
    """Add what SQL can decide by itself; for a box that is a rectangle around it in metres."""
    if question.period is not None:
        begins = incident.c.occurred_from
        wanted = wanted.where(begins >= micros_of(question.period.start))
        wanted = wanted.where(begins < micros_of(question.period.end))
    for name, words in (
        ("category", question.categories),
        ("source", question.sources),
        ("detection", question.detections),
    ):
        if words:
            wanted = wanted.where(incident.c[name].in_(words))
    if owners is not None:
        wanted = wanted.where(incident.c.owner.in_(sorted(owners)))
    box = None if question.bbox is None else _metric_box(question.bbox, epsg)
    if box is not None:
        west, south, east, north = box
        wanted = wanted.where(incident.c.x.between(west, east))
        wanted = wanted.where(incident.c.y.between(south, north))
    return wanted


def _metric_box(
    bbox: tuple[float, float, float, float], epsg: int
) -> tuple[float, float, float, float] | None:
    """Return a rectangle in metres around a box in degrees, None where that is not safe."""
    crs = parse_crs(epsg)
    use = crs.area_of_use
    west, south, east, north = bbox
    # Outside its area of use a projection may fold: there every point is looked at.
    if use is None or not (
        use.west <= west and east <= use.east and use.south <= south and north <= use.north
    ):
        return None
    transformer = Transformer.from_crs(WGS84, crs, always_xy=True)
    box = transformer.transform_bounds(west, south, east, north, densify_pts=21)
    # Between the 21 points of an edge it bulges by less than a thousandth of the box.
    pad = _DEGREES_PAD_M + 0.001 * max(box[2] - box[0], box[3] - box[1])
    return box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad


def _inside(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    bbox: tuple[float, float, float, float],
    epsg: int,
) -> npt.NDArray[np.bool_]:
    lon, lat = transform(x, y, epsg, WGS84)
    west, south, east, north = bbox
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _frame(columns: Columns) -> pd.DataFrame:
    """Return the contract's columns with ``x`` and ``y`` for ``geometry``."""
    data: dict[str, Any] = {}
    for column in COLUMNS:
        match column.kind:
            case "string":
                data[column.name] = pd.Series(columns[column.name].to_pandas(), dtype="str")
            case "time":
                data[column.name] = instants(columns[column.name])
            case "category":
                data[column.name] = _categories(columns[column.name], column.values)
            case "number":
                data[column.name] = columns[column.name].to_numpy()
            case "roles":
                data[column.name] = pd.Series(columns[column.name].to_pandas(), dtype="string")
            case "point":
                data |= {"x": columns["x"].to_numpy(), "y": columns["y"].to_numpy()}
    return pd.DataFrame(data)


def _categories(column: pa.ChunkedArray, words: tuple[str, ...]) -> Any:
    codes: npt.NDArray[np.int32] = pc.index_in(column, value_set=pa.array(words)).to_numpy()
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(words)))


def _differs(left: pd.Series, right: pd.Series) -> npt.NDArray[np.bool_]:
    unequal = (left != right).fillna(value=True).to_numpy(dtype=bool)
    both_missing = (left.isna() & right.isna()).to_numpy()
    return np.asarray(unequal & ~both_missing)
