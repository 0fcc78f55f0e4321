"""Excel workbooks (.xlsx), as people make them."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.header_words import header_at, recognised
from riskmiljo.intake.raw import MAX_CELL, Fault, RawTable, checked_names, column_of
from riskmiljo.intake.sniff import broken
from riskmiljo.wording import Text

# Excel itself holds no more.
_MAX_SHEET_ROWS: Final = 1_048_576
_ERRORS: Final = frozenset(
    {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"}
)
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER: Final = re.compile(rb'\br="(\d+)"')
_HIDDEN: Final = re.compile(rb'\bhidden="(?:1|true)"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >/]")
_CHUNK: Final = 1 << 20
_LONGEST_TAG: Final = 2_000


@dataclass(slots=True)
class _Member:
    """What a pass over a sheet's raw XML tells."""

    rows: int = 0
    hidden: set[int] = field(default_factory=set)
    formulas: bool = False


@dataclass(slots=True)
class _Sheet:
    title: str
    records: list[tuple[Any, ...]]
    header: int


def read_sheets(data: bytes, layer: str | None) -> RawTable:
    """Read the sheet of a workbook that holds the incidents.

    Parameters
    ----------
    data
        The workbook.
    layer
        The sheet's name; None takes the only visible one that looks like a table of incidents.

    Returns
    -------
    RawTable
        Rows are numbered as Excel shows them.

    Raises
    ------
    UnreadableFileError
        If the workbook is damaged, empty or too large, or several sheets would fit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {
                name: _looked_over(archive, name)
                for name in archive.namelist()
                if name.endswith((".xml", ".rels"))
            }
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        if isinstance(error, UnreadableFileError):
            raise
        raise broken(Text("arbetsboken går inte att öppna", "it cannot be opened")) from error
    sheet = _chosen(book, layer)
    member = _member_of(book, sheet.title, members)
    raw = _table(sheet, member)
    raw.excel_1904 = book.epoch == CALENDAR_MAC_1904
    if sheet.header > 0:
        row = str(sheet.header + 1)
        raw.note(f"RUBRIK_HITTAD_RAD_{row}", row=row)
    others = [name for name in book.sheetnames if name != sheet.title]
    if others:
        raw.note("ANDRA_BLAD", layers=", ".join(others)[:200])
    if member.formulas:
        _note_formulas(raw, data, sheet)
    return raw


def _looked_over(archive: zipfile.ZipFile, name: str) -> _Member:
    """Count rows, and refuse XML that declares entities, before any XML parser sees it."""
    found = _Member()
    tail = b""
    is_sheet = "/worksheets/" in name
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window or b"\x00" in window:
                raise broken(Text("XML med egna entiteter", "XML with entities of its own"))
            if is_sheet:
                _count_rows(window, len(tail), found)
            tail = window[-_LONGEST_TAG:]
    return found


def _count_rows(window: bytes, seen: int, found: _Member) -> None:
    for match in _ROW.finditer(window):
        if match.end() <= seen:
            continue  # counted with the chunk before
        found.rows += 1
        if _HIDDEN.search(match[0]):
            number = _ROW_NUMBER.search(match[0])
            found.hidden.add(int(number[1]) if number else found.rows)
    if not found.formulas:
        found.formulas = _FORMULA.search(window) is not None
    if found.rows > _MAX_SHEET_ROWS:
        raise UnreadableFileError(
            Text(
                "Bladet har fler än {m} {m:rad|rader}, mer än Excel självt rymmer. Skicka det "
                "som CSV.",
                "The sheet has more than {m} {m:row|rows}, more than Excel holds. Send it as CSV.",
            ).fill(m=_MAX_SHEET_ROWS),
            code="FOR_MANGA_RADER",
        )


def _member_of(book: Any, title: str, members: dict[str, _Member]) -> _Member:
    path = getattr(book[title], "_worksheet_path", "").lstrip("/")
    return members.get(path, _Member())


def _records(sheet: Any) -> list[tuple[Any, ...]]:
    # The stored dimensions may be wrong: without this, rows are silently lost.
    sheet.reset_dimensions()
    return list(sheet.iter_rows(values_only=True))


def _chosen(book: Any, layer: str | None) -> _Sheet:
    if layer is not None and layer not in book.sheetnames:
        raise UnreadableFileError(
            Text(
                "Bladet {s!r} finns inte. Blad: {all}.", "There is no sheet {s!r}. Sheets: {all}."
            ).fill(s=layer, all=", ".join(book.sheetnames)),
            code="FLERA_LAGER",
        )
    sheets: list[_Sheet] = []
    for sheet in book.worksheets:
        if layer is None and sheet.sheet_state != "visible":
            continue
        if layer is not None and sheet.title != layer:
            continue
        records = _records(sheet)
        header = header_at(records)
        if header >= 0 and len(records) > header + 1:
            sheets.append(_Sheet(sheet.title, records, header))
    fitting = [sheet for sheet in sheets if recognised(sheet.records[sheet.header]) > 2]  # noqa: PLR2004 - a place and a time take three
    candidates = fitting or sheets
    if not candidates:
        raise UnreadableFileError(
            Text(
                "Arbetsboken har inga rader. Kontrollera urvalet och exportera på nytt.",
                "The workbook has no rows. Check the selection and export again.",
            ),
            code="FIL_TOM",
        )
    if len(candidates) > 1:
        raise several_layers([sheet.title for sheet in candidates])
    return candidates[0]


def several_layers(names: list[str]) -> UnreadableFileError:
    """Return the error for a file in which several tables could be meant.

    Parameters
    ----------
    names
        Their names.

    Returns
    -------
    UnreadableFileError
        With the code ``FLERA_LAGER``.
    """
    return UnreadableFileError(
        Text(
            "Filen har flera tabeller med händelser: {all}. Ange vilken (layer).",
            "The file has several tables of incidents: {all}. Say which one (layer).",
        ).fill(all=", ".join(names)[:300]),
        code="FLERA_LAGER",
    )


def _table(sheet: _Sheet, member: _Member) -> RawTable:
    header = sheet.records[sheet.header]
    body = sheet.records[sheet.header + 1 :]
    width = max(
        (n for record in (header, *body) for n, cell in enumerate(record, 1) if cell is not None),
        default=0,
    )
    cells = ["" if cell is None else str(cell) for cell in header[:width]]
    names = checked_names(cells + [""] * (width - len(cells)))
    numbered = [
        (number, record)
        for number, record in enumerate(body, sheet.header + 2)
        if any(cell not in (None, "") for cell in record)
    ]
    faults: list[Fault] = []
    kept: list[tuple[int, list[Any]]] = []
    for number, record in numbered:
        row = [_plain(cell) for cell in record[:width]]
        row += [None] * (width - len(row))
        long = next((n for n, c in enumerate(row) if isinstance(c, str) and len(c) > MAX_CELL), -1)
        if long >= 0:
            faults.append(Fault(number, "TEXT_FOR_LANG", names[long]))
            continue
        for name, at in zip(names, range(width), strict=True):
            if isinstance(row[at], str) and row[at] in _ERRORS:
                faults.append(Fault(number, "CELLFEL", name, row[at]))
                row[at] = None
        kept.append((number, row))
    columns = [column_of([row[at] for _, row in kept]) for at in range(width)]
    rows = np.array([number for number, _ in kept], dtype=np.int64)
    raw = RawTable("xlsx", pa.table(columns, names=names), rows, faults=faults)
    hidden = [number for number, _ in kept if number in member.hidden]
    if hidden:
        raw.note("DOLD_RAD", hidden)
    return raw


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        # Excel's own mark for "this is text", which some exports keep as a letter.
        return cell.removeprefix("'")
    if isinstance(cell, dt.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if cell is None or isinstance(cell, (int, float, dt.datetime, dt.date, dt.time)):
        return cell
    return str(cell)


def _note_formulas(raw: RawTable, data: bytes, sheet: _Sheet) -> None:
    """Mark cells whose formula was never calculated: they read as empty, but are not."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    records = _records(book[sheet.title])
    names = raw.columns.column_names
    for number in raw.rows:
        formulas = records[number - 1]
        values = sheet.records[number - 1]
        for name, formula, value in zip(names, formulas, values, strict=False):
            if value is None and formula is not None:
                raw.faults.append(Fault(int(number), "FORMEL_UTAN_VARDE", name))
