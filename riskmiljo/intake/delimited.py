"""CSV in the shapes that Swedish and English programs write it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.header_words import header_at, recognised
from riskmiljo.intake.raw import (
    MAX_CELL,
    Fault,
    RawTable,
    check_rows,
    checked_names,
)
from riskmiljo.intake.sniff import broken, wrong_kind
from riskmiljo.wording import Text

_SAMPLE: Final = 262_144
_DELIMITERS: Final = (",", ";", "\t", "|")
_RECORDS: Final = 60
# UTF-8 that was read as Windows-1252 and written again: å, ä, ö, dashes and quotation marks.
_MOJIBAKE: Final = re.compile("Ã[\u0080-\u00bf…„–—ƒ†‡ˆ‰Š‹ŒŽ‘’“”•˜™š›œžŸ¥¤¶]|â€[œ“”™˜¢¦]")
# Bytes that Windows-1252 leaves empty.
_CP1252_HOLES: Final = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


@dataclass(frozen=True, slots=True)
class _Layout:
    delimiter: str
    names: list[str]
    header_row: int  # 1-based, as a spreadsheet counts
    body_at: int  # characters before the first record after the header
    commented: bool


def read_delimited(data: bytes) -> RawTable:
    """Read a delimited text file.

    Parameters
    ----------
    data
        The whole file. Lines at the top that begin with ``#`` are comments.

    Returns
    -------
    RawTable
        All cells as text; rows are numbered as a spreadsheet shows them, the first line is 1.

    Raises
    ------
    UnreadableFileError
        If it is not a table, has no rows, repeated headers, too many columns, or a quotation
        mark that is never closed.
    """
    text, encoding, guessed = _decoded(data)
    layout = _layout(text)
    body = text[layout.body_at :].encode()
    raw = _parsed(body, layout)
    raw.encoding = encoding
    if guessed:
        raw.note("KODNING_GISSAD", encoding=encoding)
    if layout.header_row > 1 and not layout.commented:
        raw.note(f"RUBRIK_HITTAD_RAD_{layout.header_row}", row=str(layout.header_row))
    if ("Ã" in text or "â€" in text) and _MOJIBAKE.search(text):
        raw.note("MISSTANKT_DUBBELKODNING")
    return raw


def _decoded(data: bytes) -> tuple[str, str, bool]:
    """Return the text, the encoding and whether it had to be guessed."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding, False
            except UnicodeDecodeError as error:
                if encoding != "utf-8-sig":
                    raise broken(Text("UTF-16 tar slut mitt i", "UTF-16 ends midway")) from error
    sample = data[:_SAMPLE]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Western text in UTF-16 has a zero in nearly every other byte.
        if sample[start::2].count(0) > 0.4 * len(sample) / 2:
            try:
                return data.decode(encoding), encoding, True
            except UnicodeDecodeError as error:
                raise broken(Text("UTF-16 tar slut mitt i", "UTF-16 ends midway")) from error
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError:
        pass
    if any(hole in data for hole in _CP1252_HOLES):
        return data.decode("latin-1"), "latin-1", True
    return data.decode("cp1252"), "windows-1252", True


def _records(text: str, delimiter: str) -> list[tuple[list[str], int]]:
    """Return the first records, each with the characters read up to its end."""
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for line in io.StringIO(text[:_SAMPLE], newline=""):
            read += len(line)
            yield line

    found: list[tuple[list[str], int]] = []
    for record in csv.reader(lines(), delimiter=delimiter):
        found.append((record, read))
        if len(found) == _RECORDS:
            break
    return found


def _layout(text: str) -> _Layout:
    csv.field_size_limit(_SAMPLE)
    skipped, at = 0, 0
    comment = re.compile(r"[ \t]*\"?#[^\r\n]*(?:\r\n|\r|\n|$)")
    while at < len(text) and (match := comment.match(text, at)):
        skipped, at = skipped + 1, match.end()
    delimiters: tuple[str, ...] = _DELIMITERS
    if match := re.compile(r"\"?sep=(.)\"?[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE).match(text, at):
        delimiters, skipped, at = (match[1],), skipped + 1, match.end()
    best: tuple[tuple[int, int], _Layout] | None = None
    for delimiter in delimiters:
        records = _records(text[at : at + _SAMPLE], delimiter)
        index = header_at([record for record, _ in records])
        if index < 0:
            continue
        header, end = records[index]
        body = [record for record, _ in records[index + 1 :] if record]
        same = sum(len(record) == len(header) for record in body) if len(header) > 1 else 0
        layout = _Layout(delimiter, header, skipped + index + 1, at + end, index == 0)
        rank = (recognised(header), same)
        if best is None or rank > best[0]:
            best = rank, _padded(layout, body)
    if best is None:
        raise UnreadableFileError(
            Text("Filen är tom. Exportera den på nytt.", "The file is empty. Export it again."),
            code="FIL_TOM",
        )
    return best[1]


def _padded(layout: _Layout, body: list[list[str]]) -> _Layout:
    """Give a name to a last column that the header leaves out and that is always empty."""
    names = list(layout.names)
    while len(names) > 1 and not names[-1].strip() and len(names) > max(map(len, body), default=0):
        names.pop()
    extra = [record for record in body if len(record) == len(names) + 1 and not record[-1].strip()]
    if body and len(extra) > 0.9 * len(body):
        names.append("")
    return _Layout(layout.delimiter, names, layout.header_row, layout.body_at, layout.commented)


def _parsed(body: bytes, layout: _Layout) -> RawTable:
    names = checked_names(layout.names)
    if len(names) == 1 and not recognised(names):
        raise wrong_kind(Text("text utan kolumner", "text without columns"))
    _check_quotes(body, layout)
    if not body.strip():
        raise _no_rows()
    ragged: list[int] = []
    blank: list[int] = []

    def ragged_row(row: pa_csv.InvalidRow) -> str:
        # A blank line is no row at all.
        if row.text.strip(" \t\r\n"):
            ragged.append(row.number)
        else:
            blank.append(row.number)
        return "skip"

    keys = [str(number) for number in range(len(names))]
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(body),
            # One block: a record longer than a block would otherwise stop the reader.
            read_options=pa_csv.ReadOptions(
                use_threads=False, column_names=keys, block_size=len(body) + 1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=layout.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=ragged_row,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise broken(Text("CSV som inte går att tolka", "CSV that cannot be parsed")) from error
    check_rows(table.num_rows + len(ragged))
    count = table.num_rows + len(ragged) + len(blank)
    numbers = np.setdiff1d(np.arange(1, count + 1), np.array(ragged + blank, dtype=np.int64))
    raw = RawTable("csv", table.rename_columns(names), numbers + layout.header_row)
    raw.faults = [Fault(row + layout.header_row, "ANTAL_KOLUMNER") for row in ragged]
    _drop_blank(raw)
    _check_cells(raw, layout)
    if raw.columns.num_rows == 0 and not raw.faults:
        raise _no_rows()
    return raw


def _no_rows() -> UnreadableFileError:
    return UnreadableFileError(
        Text(
            "Filen har rubriker men inga rader. Kontrollera urvalet och exportera på nytt.",
            "The file has headers but no rows. Check the selection and export again.",
        ),
        code="FIL_TOM",
    )


def _check_quotes(body: bytes, layout: _Layout) -> None:
    """Refuse a file in which a quotation mark swallows the rows up to the end."""
    if body.count(b'"') % 2 == 0:
        return
    csv.field_size_limit(len(body) + 1)
    lines = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    number = layout.header_row
    try:
        for number, _ in enumerate(  # noqa: B007 - the last number is what is wanted
            csv.reader(lines, delimiter=layout.delimiter, strict=True), layout.header_row + 1
        ):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise unbalanced(number + 1) from error


def unbalanced(row: int) -> UnreadableFileError:
    """Return the error for a quotation mark that is never closed.

    Parameters
    ----------
    row
        Where it opens.

    Returns
    -------
    UnreadableFileError
        With the code ``CITAT_OBALANSERAT``.
    """
    return UnreadableFileError(
        Text(
            "Rad {r}: ett citattecken öppnas men stängs inte, så att flera rader blir en. Rätta "
            "citattecknet.",
            "Row {r}: a quotation mark is opened but not closed, which joins several rows. Correct "
            "the quotation mark.",
        ).fill(r=row),
        code="CITAT_OBALANSERAT",
    )


def _drop_blank(raw: RawTable) -> None:
    """Leave out rows whose cells are all empty: spreadsheets write them by the hundred."""
    filled = np.zeros(len(raw.rows), dtype=bool)
    for column in raw.columns.columns:
        if filled.all():
            return
        filled |= pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0).to_numpy()
    raw.columns = raw.columns.filter(pa.array(filled))
    raw.rows = raw.rows[filled]


def _check_cells(raw: RawTable, layout: _Layout) -> None:
    """Refuse rows with a cell that no table should hold."""
    bad = np.zeros(len(raw.rows), dtype=bool)
    faults: dict[int, Fault] = {}
    for name, column in zip(raw.columns.column_names, raw.columns.columns, strict=True):
        for code, found in (
            ("TEXT_FOR_LANG", pc.greater(pc.utf8_length(column), MAX_CELL)),
            ("TECKEN_OTILLATET", pc.match_substring(column, "\x00")),
        ):
            for at in np.flatnonzero(found.to_numpy()):
                bad[at] = True
                faults.setdefault(int(raw.rows[at]), Fault(int(raw.rows[at]), code, name))
        broken_lines = pc.match_substring(column, "\n")
        for at in np.flatnonzero(broken_lines.to_numpy()):
            # Two stray marks close each other and swallow whole rows between them.
            lines = column[at].as_py().splitlines()
            if any(line.count(layout.delimiter) >= len(layout.names) - 1 > 0 for line in lines[1:]):
                raise unbalanced(int(raw.rows[at]))
    raw.faults += faults.values()
    raw.columns, raw.rows = raw.columns.filter(pa.array(~bad)), raw.rows[~bad]
