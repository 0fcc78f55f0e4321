"""Parquet and GeoParquet."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.points import points_of
from riskmiljo.intake.raw import MAX_CELL, Fault, RawTable, check_rows, checked_names
from riskmiljo.intake.sniff import broken
from riskmiljo.wording import Text

_MAX_UNPACKED: Final = 4_000_000_000
_LON_LAT: Final = "OGC:CRS84"


def read_parquet(data: bytes) -> RawTable:
    """Read a Parquet file; with GeoParquet's metadata, its points too.

    Parameters
    ----------
    data
        The whole file.

    Returns
    -------
    RawTable
        Rows are numbered from 1.

    Raises
    ------
    UnreadableFileError
        If it is damaged, empty or too large.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        meta = file.metadata
        check_rows(meta.num_rows)
        unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if unpacked > _MAX_UNPACKED:
            raise UnreadableFileError(
                Text(
                    "Filen packas upp till {mb:.0f} MB. Dela den.",
                    "The file unpacks to {mb:.0f} MB. Split it.",
                ).fill(mb=unpacked / 1e6),
                code="ARKIV_FOR_STORT",
            )
        # Repeated text stays a dictionary: short in memory and in the checks that follow.
        text = [f.name for f in file.schema_arrow if _is_text(f.type)]
        table = pq.read_table(pa.BufferReader(data), read_dictionary=text)
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise broken(
            Text("Parquet som inte går att tolka", "Parquet that cannot be read")
        ) from error
    if table.num_rows == 0:
        raise UnreadableFileError(
            Text("Filen har inga rader. Exportera den på nytt.", "The file has no rows."),
            code="FIL_TOM",
        )
    return _raw(table)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _raw(table: pa.Table) -> RawTable:
    geo = _geo_metadata(table)
    geometry_name = str(geo.get("primary_column", "")) if geo else ""
    geometry, high = None, np.zeros(0, dtype=bool)
    if geometry_name in table.column_names:
        column = geo["columns"][geometry_name]
        geometry, high = points_of(
            table[geometry_name].to_numpy(zero_copy_only=False), _crs(column)
        )
    columns, names = [], []
    for name in table.column_names:
        plain = _plain(table[name])
        if name != geometry_name and plain is not None and not name.startswith("__index_level_"):
            columns.append(plain)
            names.append(name)
    raw = RawTable(
        "parquet",
        pa.table(columns, names=checked_names(names)),
        np.arange(1, table.num_rows + 1),
        geometry=geometry,
    )
    if high.any():
        raw.note("HOJD_BORTTAGEN", [int(at) for at in np.flatnonzero(high) + 1])
    raw.faults = _faults(raw)
    return raw


def _geo_metadata(table: pa.Table) -> dict[str, Any]:
    text = (table.schema.metadata or {}).get(b"geo")
    if text is None:
        return {}
    try:
        geo = json.loads(text)
        primary = geo["columns"][geo["primary_column"]]
    except (ValueError, KeyError, TypeError) as error:
        raise broken(Text("GeoParquets metadata", "the metadata of GeoParquet")) from error
    if primary.get("encoding") != "WKB":
        raise UnreadableFileError(
            Text(
                "Geometrin är kodad som {e}; bara WKB läses. Spara om med WKB.",
                "The geometry is encoded as {e}; only WKB is read. Save it as WKB.",
            ).fill(e=str(primary.get("encoding"))[:40]),
            code="GEOM_TYP",
        )
    return dict(geo)


def _crs(column: dict[str, Any]) -> str | None:
    """Return the reference system: by GeoParquet, none written means longitude and latitude."""
    if "crs" not in column:
        return _LON_LAT
    crs = column["crs"]
    if not isinstance(crs, dict):
        return None
    known = crs.get("id")
    if isinstance(known, dict) and known.get("authority") == "EPSG":
        return f"EPSG:{known.get('code')}"
    return json.dumps(crs)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Bring a column to one of the types that are understood; None for nested and binary ones."""
    if pa.types.is_dictionary(column.type):
        if not _is_text(column.type.value_type):
            return _plain(column.cast(column.type.value_type))
        return column.cast(pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
    if pa.types.is_time(column.type):
        return column.cast(pa.time64("us"), safe=False).cast(pa.string())
    wanted = _plain_type(column.type)
    return None if wanted is None else column.cast(wanted, safe=False)


def _plain_type(kind: pa.DataType) -> pa.DataType | None:
    zone = getattr(kind, "tz", None)
    for is_such, wanted in (
        (_is_text, pa.string()),
        (pa.types.is_timestamp, pa.timestamp("us", zone)),
        (pa.types.is_date, pa.date32()),
        (pa.types.is_boolean, pa.bool_()),
        (pa.types.is_uint64, pa.float64()),
        (pa.types.is_decimal, pa.float64()),
        (pa.types.is_floating, pa.float64()),
        (pa.types.is_integer, pa.int64()),
    ):
        if is_such(kind):
            return wanted
    return None


def _faults(raw: RawTable) -> list[Fault]:
    faults: dict[int, Fault] = {}
    for name, column in zip(raw.columns.column_names, raw.columns.columns, strict=True):
        if not pa.types.is_dictionary(column.type):
            continue
        for chunk in column.chunks[:1]:
            words = chunk.dictionary
            bad = pc.or_(
                pc.greater(pc.utf8_length(words), MAX_CELL), pc.match_substring(words, "\x00")
            )
            if not pc.any(bad).as_py():
                break
            found = pc.is_in(column.cast(pa.string()), words.filter(bad)).to_numpy()
            for at in np.flatnonzero(found):
                text = column[int(at)].as_py()
                code = "TECKEN_OTILLATET" if "\x00" in text else "TEXT_FOR_LANG"
                faults.setdefault(int(at) + 1, Fault(int(at) + 1, code, name))
    return list(faults.values())
