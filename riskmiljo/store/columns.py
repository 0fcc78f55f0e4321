"""Rows of the database as whole columns, and back, without a Python loop over the rows.

Ordinary rows of SQLAlchemy cost several microseconds each; a million of them would take longer
than everything that is done with them. Here rows pass in packets between the driver and typed
arrays (tests/benchmarks/store_bulk.py has the figures beside pandas.read_sql and ADBC).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Select, Table, insert

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.incidents import UTC_DTYPE
from riskmiljo.wording import Text

# Small packets stay in the processor's cache: twice as large ones are already slower.
_ROWS_READ: Final = 4_000
_ROWS_WRITTEN: Final = 20_000

Columns = dict[str, pa.ChunkedArray]
Values = npt.NDArray[Any]


def read_columns(
    connection: Connection, question: Select[Any], types: Mapping[str, pa.DataType]
) -> Columns:
    """Run a query and return its columns.

    Parameters
    ----------
    connection
        Any connection to the store.
    question
        A select whose columns have names.
    types
        The Arrow type of each selected column, in the order of the select.

    Returns
    -------
    dict of str to pyarrow.ChunkedArray
        One entry a column, all of the same length; empty ones keep their type.
    """
    # The driver's own cursor: SQLAlchemy's rows would cost more than the query.
    cursor = connection.execute(question).cursor
    packets: list[list[pa.Array]] = []
    while rows := cursor.fetchmany(_ROWS_READ):
        packets.append(
            [
                pa.array(values, kind)
                for values, kind in zip(zip(*rows, strict=True), types.values(), strict=True)
            ]
        )
    return {
        name: pa.chunked_array([packet[place] for packet in packets], kind)
        for place, (name, kind) in enumerate(types.items())
    }


def write_columns(connection: Connection, table: Table, columns: Mapping[str, Values]) -> None:
    """Insert columns as rows.

    Parameters
    ----------
    connection
        In a writing transaction.
    table
        Where to.
    columns
        Column name to an array of what the table holds (times in microseconds); all of the same
        length. They become Python's own values a packet at a time: all at once, a million rows
        would need half a gigabyte more.
    """
    statement = insert(table).compile(connection, column_keys=list(columns))
    # The statement has its columns in the table's order.
    ordered = [columns[column.name] for column in table.columns if column.name in columns]
    for start in range(0, len(ordered[0]), _ROWS_WRITTEN):
        packet = [values[start : start + _ROWS_WRITTEN].tolist() for values in ordered]
        connection.exec_driver_sql(str(statement), list(zip(*packet, strict=True)))


def instants(column: pa.ChunkedArray) -> pd.Series:
    """Return microseconds as times of the contract.

    Parameters
    ----------
    column
        Whole microseconds since 1970.

    Returns
    -------
    pandas.Series
        ``datetime64[us, UTC]``.
    """
    micros = column.to_numpy().astype("datetime64[us]")
    return pd.Series(micros).dt.tz_localize("UTC").astype(UTC_DTYPE)


def micros(times: pd.Series) -> npt.NDArray[np.int64]:
    """Return times as whole microseconds since 1970.

    Parameters
    ----------
    times
        Aware datetimes, none missing.

    Returns
    -------
    numpy.ndarray
        As the tables keep them.
    """
    return times.astype(UTC_DTYPE).to_numpy(dtype="datetime64[us]").astype(np.int64)


def require_values(
    frame: pd.DataFrame, columns: Sequence[str], times: Sequence[str], what: Text
) -> None:
    """Refuse a frame with gaps, or with times whose zone is not known.

    Parameters
    ----------
    frame
        What is about to be written.
    columns
        Where no value may be missing.
    times
        Which of its columns are times.
    what
        What it is called in the message.

    Raises
    ------
    InvalidInputError
        Naming the columns.
    """
    gaps = [name for name in columns if frame[name].isna().any()]
    naive = [name for name in times if getattr(frame[name].dtype, "tz", None) is None]
    if gaps or naive:
        raise InvalidInputError(
            Text(
                "{what} saknar värden eller tidszon i {c}. Fyll i dem.",
                "{what}: values or time zones are missing in {c}. Fill them in.",
            ).fill(what=what, c=", ".join(gaps or naive)),
            code="CONTRACT",
        )
