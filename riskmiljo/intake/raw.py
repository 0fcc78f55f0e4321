"""A file's content as it stood, before anything is understood: what the parsing child hands over.

Only pyarrow and NumPy: the child starts fast, and nothing of a foreign file is ever unpickled.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from riskmiljo.errors import UnreadableFileError
from riskmiljo.wording import Text

MAX_COLUMNS: Final = 1_000
MAX_ROWS: Final = 5_000_000
MAX_BYTES: Final = 500_000_000
MAX_CELL: Final = 10_000

# How the child's answer begins: a table follows, or why there is none.
ANSWER_TABLE: Final = b"OK\n"
ANSWER_REFUSAL: Final = b"NO\n"

# What a row's geometry was.
GEOMETRY_OK: Final = 0
GEOMETRY_MISSING: Final = 1
GEOMETRY_NO_POINT: Final = 2

Floats = npt.NDArray[np.float64]
Bytes8 = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class Fault:
    """A cell or row that the parser already knows to be wrong.

    Parameters
    ----------
    row
        Its number as a user counts.
    code
        A code of `riskmiljo.intake.messages`.
    column
        The column's name; empty when the whole row is meant.
    value_class
        What kind of value stood there.
    """

    row: int
    code: str
    column: str = ""
    value_class: str = ""


@dataclass(slots=True)
class Note:
    """Something the user should know, though no row is refused for it.

    Parameters
    ----------
    code
        A code of `riskmiljo.intake.messages`.
    rows
        How many rows it concerns.
    at
        The numbers of the first such rows.
    detail
        What fills the gaps of its sentence.
    """

    code: str
    rows: int = 0
    at: list[int] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Geometry:
    """The points of a file that has geometries.

    Parameters
    ----------
    x, y
        Shape (n,), in the file's own reference system; NaN where there is no point.
    state
        Shape (n,): ``GEOMETRY_OK``, ``GEOMETRY_MISSING`` or ``GEOMETRY_NO_POINT``.
    crs
        What the file says of its reference system; None when it says nothing or nonsense.
    """

    x: Floats
    y: Floats
    state: Bytes8
    crs: str | None


@dataclass(slots=True)
class RawTable:
    """One table of a foreign file.

    Parameters
    ----------
    kind
        ``csv``, ``xlsx``, ``geojson``, ``gpkg`` or ``parquet``.
    columns
        The cells, under the names that the file gives.
    rows
        Shape (n,): each row's number as a user counts.
    encoding
        Of text files; else empty.
    geometry
        The points, where the format has such.
    faults, notes
        What the parser found.
    excel_1904
        Whether serial dates count from 1904.
    """

    kind: str
    columns: pa.Table
    rows: Ints
    encoding: str = ""
    geometry: Geometry | None = None
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    excel_1904: bool = False

    def note(self, code: str, rows: Sequence[int] = (), **detail: str) -> None:
        """Add a note on some rows, or on the file.

        Parameters
        ----------
        code
            Of `riskmiljo.intake.messages.WARNINGS`.
        rows
            Their numbers.
        **detail
            What fills the gaps of the sentence.
        """
        self.notes.append(Note(code, len(rows), [int(row) for row in rows[:20]], detail))


def write_raw(raw: RawTable, sink: Any) -> None:
    """Write a table as one line of JSON and one Arrow stream.

    Parameters
    ----------
    raw
        The table.
    sink
        A binary file.
    """
    arrays = [pa.array(raw.rows), *raw.columns.columns]
    if raw.geometry is not None:
        arrays += [pa.array(a) for a in (raw.geometry.x, raw.geometry.y, raw.geometry.state)]
    head = {
        "kind": raw.kind,
        "encoding": raw.encoding,
        "names": raw.columns.column_names,
        "geometry": raw.geometry is not None,
        "crs": raw.geometry.crs if raw.geometry is not None else None,
        "faults": [asdict(fault) for fault in raw.faults],
        "notes": [asdict(note) for note in raw.notes],
        "excel_1904": raw.excel_1904,
    }
    sink.write(json.dumps(head).encode() + b"\n")
    table = pa.table(arrays, names=[str(number) for number in range(len(arrays))])
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)


def read_raw(data: bytes) -> RawTable:
    """Read what `write_raw` wrote.

    Parameters
    ----------
    data
        All of it.

    Returns
    -------
    RawTable
        The same table.
    """
    line = data.index(b"\n")
    head = json.loads(data[:line])
    with pa.ipc.open_stream(pa.py_buffer(data).slice(line + 1)) as stream:
        table = stream.read_all()
    arrays = table.columns
    count = len(head["names"])
    geometry = None
    if head["geometry"]:
        x, y, state = (array.to_numpy() for array in arrays[count + 1 :])
        geometry = Geometry(x, y, state, head["crs"])
    return RawTable(
        kind=head["kind"],
        columns=pa.table(list(arrays[1 : count + 1]), names=head["names"]),
        rows=arrays[0].to_numpy(),
        encoding=head["encoding"],
        geometry=geometry,
        faults=[Fault(**fault) for fault in head["faults"]],
        notes=[Note(**note) for note in head["notes"]],
        excel_1904=head["excel_1904"],
    )


def checked_names(names: Sequence[str]) -> list[str]:
    """Return header names fit to address columns by.

    Parameters
    ----------
    names
        As they stand in the file.

    Returns
    -------
    list of str
        Trimmed; an empty one is called ``kolumn_`` and its number.

    Raises
    ------
    UnreadableFileError
        If there are too many, or two are the same (whatever their case).
    """
    if len(names) > MAX_COLUMNS:
        raise UnreadableFileError(
            Text(
                "Filen har {n} {n:kolumn|kolumner}; högst {m} tas emot. Ta bort de som inte "
                "behövs.",
                "The file has {n} {n:column|columns}; at most {m} are taken. Remove those not "
                "needed.",
            ).fill(n=len(names), m=MAX_COLUMNS),
            code="FOR_MANGA_KOLUMNER",
        )
    given = [" ".join(str(name).split()) for name in names]
    filled = [name or f"kolumn_{number}" for number, name in enumerate(given, 1)]
    seen: set[str] = set()
    for number, name in enumerate(filled, 1):
        if name.casefold() in seen:
            raise UnreadableFileError(
                Text(
                    "Kolumn {n} har samma rubrik som en tidigare kolumn. Ge varje kolumn en egen "
                    "rubrik.",
                    "Column {n} has the same header as an earlier one. Give each column its own.",
                ).fill(n=number),
                code="RUBRIK_DUBBLETT",
            )
        seen.add(name.casefold())
    return filled


def check_rows(count: int) -> None:
    """Refuse a file with more rows than are taken.

    Parameters
    ----------
    count
        How many it has.

    Raises
    ------
    UnreadableFileError
        Above `MAX_ROWS`.
    """
    if count > MAX_ROWS:
        raise UnreadableFileError(
            Text(
                "Filen har fler än {m} {m:rad|rader}. Dela den.",
                "The file has more than {m} {m:row|rows}. Split it.",
            ).fill(m=MAX_ROWS),
            code="FOR_MANGA_RADER",
        )


def column_of(values: Sequence[Any]) -> pa.Array:
    """Make one Arrow column of cells whose types may differ.

    Parameters
    ----------
    values
        Text, numbers, truth values, dates, times or None.

    Returns
    -------
    pyarrow.Array
        Numbers or timestamps where all cells are; else text.
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        if kinds == {int} and all(v is None or abs(v) < 2**62 for v in values):
            return pa.array(values, pa.int64())
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {dt.datetime} and all(v is None or v.tzinfo is None for v in values):
        return pa.array(values, pa.timestamp("us"))
    moments = [value for value in values if isinstance(value, dt.datetime)]
    days_only = all(value.time() == dt.time() for value in moments)
    return pa.array([_text_of(value, days_only=days_only) for value in values], pa.string())


def _text_of(value: Any, *, days_only: bool) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if days_only else value.isoformat(" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
