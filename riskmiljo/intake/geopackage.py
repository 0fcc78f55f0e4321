"""GeoPackage, read as the SQLite file it is: base tables only, nothing in it may run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.points import points_of
from riskmiljo.intake.raw import MAX_CELL, Fault, RawTable, check_rows, checked_names, column_of
from riskmiljo.intake.sheets import several_layers
from riskmiljo.intake.sniff import broken, wrong_kind
from riskmiljo.wording import Text

_SECONDS: Final = 60.0
_STEPS: Final = 10_000
# Size of the envelope in the header of a geometry, by its code (GeoPackage 1.3, 2.1.3).
_ENVELOPE_BYTES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_EMPTY_FLAG: Final = 0b10000
_HEADER: Final = 8


def read_geopackage(path: Path, layer: str | None) -> RawTable:
    """Read the table of features of a GeoPackage.

    Parameters
    ----------
    path
        The file; it is opened for reading only.
    layer
        The table's name; None takes the only one that has rows.

    Returns
    -------
    RawTable
        Features are numbered from 1. The table's own key (``fid``) is not an id of the source.

    Raises
    ------
    UnreadableFileError
        If it is damaged, not a GeoPackage, or several tables would fit.
    """
    # Immutable: no journal beside the file is looked for.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    deadline = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        return _read(connection, layer)
    except sqlite3.Error as error:
        raise broken(Text("SQLite-filen är trasig", "the SQLite file is broken")) from error
    finally:
        connection.close()


def _read(connection: sqlite3.Connection, layer: str | None) -> RawTable:
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master").fetchall())
    if "gpkg_contents" not in kinds or "gpkg_geometry_columns" not in kinds:
        raise wrong_kind(Text("SQLite men inte GeoPackage", "SQLite but not GeoPackage"))
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise broken(Text("SQLite-filen är trasig", "the SQLite file is broken"))
    contents = [name for (name,) in connection.execute("SELECT table_name FROM gpkg_contents")]
    features = dict(
        connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
    )
    base = [name for name in features if _is_base_table(connection, name)]
    filled = [name for name in base if _count(connection, name)]
    chosen = _chosen(filled or base, layer)
    raw = _table(connection, chosen, features[chosen])
    skipped = [name for name in contents if name != chosen]
    if skipped:
        raw.note("FLERA_LAGER", layers=", ".join(skipped)[:200], layer=chosen)
    return raw


def _is_base_table(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ?", (name,)
    ).fetchone()
    return row is not None and row[0] == "table" and "VIRTUAL" not in str(row[1])[:40].upper()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(connection: sqlite3.Connection, name: str) -> int:
    query = f"SELECT count(*) FROM {_quoted(name)}"  # noqa: S608 - quoted, and found in the file
    return int(connection.execute(query).fetchone()[0])


def _chosen(names: Sequence[str], layer: str | None) -> str:
    if layer is not None:
        if layer in names:
            return layer
        raise UnreadableFileError(
            Text(
                "Lagret {s!r} finns inte. Lager: {all}.", "There is no layer {s!r}. Layers: {all}."
            ).fill(s=layer, all=", ".join(names)),
            code="FLERA_LAGER",
        )
    if not names:
        raise UnreadableFileError(
            Text(
                "Filen har inget lager med punkter. Exportera händelserna som ett punktlager.",
                "The file has no layer of points. Export the incidents as a point layer.",
            ),
            code="FIL_TOM",
        )
    if len(names) > 1:
        raise several_layers(list(names))
    return names[0]


def _table(connection: sqlite3.Connection, name: str, geometry: str) -> RawTable:
    count = _count(connection, name)
    check_rows(count)
    if count == 0:
        raise UnreadableFileError(
            Text(
                "Lagret har inga rader. Välj ett annat.", "The layer has no rows. Choose another."
            ),
            code="FIL_TOM",
        )
    described = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    # A generated column could compute anything: table_info leaves them out, and so do we.
    key = {row[1] for row in described if row[5] and str(row[2]).upper() == "INTEGER"}
    fields = [row[1] for row in described if row[1] != geometry and row[1] not in key]
    names = checked_names(fields)
    wanted = ", ".join(_quoted(column) for column in (*fields, geometry))
    query = f"SELECT {wanted} FROM {_quoted(name)}"  # noqa: S608 - quoted, and found in the file
    records = connection.execute(query).fetchall()
    *cells, blobs = list(zip(*records, strict=True))
    faults: dict[int, Fault] = {}
    columns: list[pa.Array] = []
    for column_name, values in zip(names, cells, strict=True):
        clean = [_plain(value) for value in values]
        for number, value in enumerate(clean, 1):
            if isinstance(value, str) and (len(value) > MAX_CELL or "\x00" in value):
                code = "TECKEN_OTILLATET" if "\x00" in value else "TEXT_FOR_LANG"
                faults.setdefault(number, Fault(number, code, column_name))
        columns.append(column_of(clean))
    points, high = points_of([_wkb(blob) for blob in blobs], _crs(connection, name))
    raw = RawTable(
        "gpkg",
        pa.table(columns, names=names),
        np.arange(1, count + 1),
        geometry=points,
        faults=list(faults.values()),
    )
    if high.any():
        raw.note("HOJD_BORTTAGEN", [int(at) for at in np.flatnonzero(high) + 1])
    return raw


def _plain(value: Any) -> Any:
    return None if isinstance(value, bytes) else value


def _wkb(blob: Any) -> bytes | None:
    """Cut the GeoPackage header off a geometry; None for one that is empty or no geometry."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) <= _HEADER:
        return None
    flags = blob[3]
    envelope = _ENVELOPE_BYTES.get(flags >> 1 & 0b111)
    if envelope is None or flags & _EMPTY_FLAG:
        return None
    return blob[_HEADER + envelope :]


def _crs(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute(
        "SELECT s.organization, s.organization_coordsys_id, s.definition FROM "
        "gpkg_geometry_columns g JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id "
        "WHERE g.table_name = ?",
        (name,),
    ).fetchone()
    if row is None:
        return None
    organisation, number, definition = row
    if str(organisation).upper() == "EPSG":
        return f"EPSG:{number}"
    text = str(definition)
    return text if text and text.lower() != "undefined" else None
