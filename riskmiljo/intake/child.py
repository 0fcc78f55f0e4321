"""The parsing child: reads one foreign file under limits and writes the table to its output.

Run by `riskmiljo.intake.sandbox` as a process of its own. Whatever a hostile file does to a parser,
it does here: with a memory limit, a time limit, no network and no other program.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, Final

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.raw import ANSWER_REFUSAL, ANSWER_TABLE, MAX_BYTES, RawTable, write_raw
from riskmiljo.intake.sniff import (
    HEAD_BYTES,
    broken,
    check_archive,
    check_name,
    kind_of,
    wrong_kind,
)
from riskmiljo.wording import Text

MAX_MEMORY: Final = 4 << 30
MAX_CPU_SECONDS: Final = 300

_MAX_WORKBOOK: Final = 200_000_000
_MAX_RATIO: Final = 100
_CLOSED: Final = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "ctypes.",
    "urllib.",
    "http.",
    "ftplib.",
)


def main() -> None:
    """Parse the file named by the arguments: path, name as the user knows it, layer or empty."""
    out = os.fdopen(os.dup(1), "wb")
    # A library that prints must not break the stream, and may not show what it read.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    path, name, layer = sys.argv[1:4]
    _limit()
    with out:
        try:
            raw = parse(Path(path), name, layer or None)
        except UnreadableFileError as error:
            out.write(ANSWER_REFUSAL)
            out.write(json.dumps([error.message.sv, error.message.en, error.code]).encode())
        else:
            out.write(ANSWER_TABLE)
            write_raw(raw, out)
    # The answer is given. Arrow's threads are not waited for: as an interpreter ends they abort it
    # now and then (once in 200 Parquet files on a busy machine), and a good file would be refused.
    os._exit(0)


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))

    def close(event: str, _: tuple[Any, ...]) -> None:
        if event.startswith(_CLOSED):
            raise PermissionError(event)

    sys.addaudithook(close)


def parse(path: Path, name: str, layer: str | None) -> RawTable:
    """Read one file with the parser for its content.

    Parameters
    ----------
    path
        The file.
    name
        Its name as the user knows it.
    layer
        The sheet or layer wanted, where a file has several.

    Returns
    -------
    RawTable
        Its cells and points.

    Raises
    ------
    UnreadableFileError
        If nothing can be taken from it.
    """
    if path.stat().st_size > MAX_BYTES:
        raise _too_big()
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
        if kind == "sqlite":
            from riskmiljo.intake.geopackage import read_geopackage  # noqa: PLC0415 - only then

            check_name(name, "gpkg")
            return read_geopackage(path, layer)
        file.seek(0)
        data = file.read()
    if kind == "gzip":
        data = _unzipped(io.BytesIO(data))
        kind = kind_of(data[:HEAD_BYTES])
        if kind not in ("csv", "geojson"):
            raise wrong_kind(Text("ett gzip-arkiv. Packa upp det", "a gzip archive. Unpack it"))
    if kind == "zip":
        _check_workbook(data)
        kind = "xlsx"
    check_name(name, kind)
    return _read(kind, data, layer)


def _read(kind: str, data: bytes, layer: str | None) -> RawTable:
    # Each parser is loaded only for its own format: the child's start is most of its time.
    if kind == "csv":
        from riskmiljo.intake.delimited import read_delimited  # noqa: PLC0415

        return read_delimited(data)
    if kind == "xlsx":
        from riskmiljo.intake.sheets import read_sheets  # noqa: PLC0415

        return read_sheets(data, layer)
    if kind == "geojson":
        from riskmiljo.intake.geojson import read_geojson  # noqa: PLC0415

        return read_geojson(data)
    from riskmiljo.intake.parquet import read_parquet  # noqa: PLC0415

    return read_parquet(data)


def _too_big() -> UnreadableFileError:
    return UnreadableFileError(
        Text(
            "Filen är större än {mb} MB. Dela den.", "The file is larger than {mb} MB. Split it."
        ).fill(mb=MAX_BYTES // 1_000_000),
        code="FIL_FOR_STOR",
    )


def _unzipped(file: BinaryIO) -> bytes:
    try:
        with gzip.open(file) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise broken(Text("gzip-arkivet är avhugget", "the gzip archive is cut off")) from error
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(
            Text(
                "Arkivet packas upp till mer än {mb} MB. Skicka filen i mindre delar.",
                "The archive unpacks to more than {mb} MB. Send smaller parts.",
            ).fill(mb=MAX_BYTES // 1_000_000),
            code="ARKIV_FOR_STORT",
        )
    return data


def _check_workbook(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, max_bytes=_MAX_WORKBOOK, max_ratio=_MAX_RATIO)
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise broken(Text("zip-arkivet är avhugget", "the zip archive is cut off")) from error
    if "xl/workbook.xml" not in names:
        raise wrong_kind(
            Text(
                "ett zip-arkiv men ingen Excelbok. Packa upp det",
                "a zip archive but no Excel workbook. Unpack it",
            )
        )
