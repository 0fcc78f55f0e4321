"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import Final

from riskmiljo.errors import UnreadableFileError
from riskmiljo.wording import Text

HEAD_BYTES: Final = 4096

_ENDINGS: Final[dict[str, str]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
}
NAMES: Final[dict[str, str]] = {
    "csv": "CSV",
    "xlsx": "Excel (.xlsx)",
    "geojson": "GeoJSON",
    "gpkg": "GeoPackage",
    "parquet": "Parquet",
}
# First bytes of formats that people send by mistake, with what to do instead.
_OTHERS: Final[tuple[tuple[bytes, Text], ...]] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Text(
            "en äldre eller lösenordsskyddad Excelfil. Spara om den som .xlsx utan lösenord",
            "an older or password-protected Excel file. Save it as .xlsx without a password",
        ),
    ),
    (b"%PDF", Text("en PDF. Exportera tabellen som CSV", "a PDF. Export the table as CSV")),
    (b"\x00\x00'\n", Text("en shapefil. Spara den som GeoPackage", "a shapefile. Save as GPKG")),
    (b"7z\xbc\xaf", Text("ett 7z-arkiv. Packa upp det", "a 7z archive. Unpack it")),
    (b"Rar!", Text("ett RAR-arkiv. Packa upp det", "a RAR archive. Unpack it")),
    (b"BZh", Text("ett bzip2-arkiv. Packa upp det", "a bzip2 archive. Unpack it")),
    (b"\xfd7zXZ", Text("ett xz-arkiv. Packa upp det", "an xz archive. Unpack it")),
    (b"(\xb5/\xfd", Text("ett zstd-arkiv. Packa upp det", "a zstd archive. Unpack it")),
    (b"fgb\x03", Text("FlatGeobuf. Spara som GeoPackage", "FlatGeobuf. Save as GeoPackage")),
    (b"\x89PNG", Text("en bild", "a picture")),
    (b"\xff\xd8\xff", Text("en bild", "a picture")),
    (b"GIF8", Text("en bild", "a picture")),
    (b"\x7fELF", Text("ett program", "a program")),
    (b"MZ", Text("ett program", "a program")),
)
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def wrong_kind(what: Text) -> UnreadableFileError:
    """Return the error for a file of a kind that is not taken.

    Parameters
    ----------
    what
        What the file is, and what to do about it.

    Returns
    -------
    UnreadableFileError
        With the code ``FEL_FILTYP``.
    """
    return UnreadableFileError(
        Text(
            "Filen är {what}. CSV, Excel (.xlsx), GeoJSON, GeoPackage och Parquet tas emot.",
            "The file is {what}. CSV, Excel (.xlsx), GeoJSON, GeoPackage and Parquet are taken.",
        ).fill(what=what),
        code="FEL_FILTYP",
    )


def broken(why: Text) -> UnreadableFileError:
    """Return the error for a damaged file.

    Parameters
    ----------
    why
        What is wrong with it.

    Returns
    -------
    UnreadableFileError
        With the code ``FIL_TRASIG``.
    """
    return UnreadableFileError(
        Text(
            "Filen är skadad eller avhuggen ({why}). Hämta eller exportera den på nytt.",
            "The file is damaged or cut off ({why}). Fetch or export it again.",
        ).fill(why=why),
        code="FIL_TRASIG",
    )


def kind_of(head: bytes) -> str:
    """Tell a file's kind from its first bytes.

    Parameters
    ----------
    head
        The first `HEAD_BYTES` bytes.

    Returns
    -------
    str
        ``csv``, ``zip``, ``gzip``, ``geojson``, ``sqlite`` or ``parquet``.

    Raises
    ------
    UnreadableFileError
        If it is empty (``FIL_TOM``) or of a kind that is not taken (``FEL_FILTYP``).
    """
    for start, kind in (
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06", "zip"),
        (b"\x1f\x8b", "gzip"),
        (b"SQLite format 3\x00", "sqlite"),
        (b"PAR1", "parquet"),
    ):
        if head.startswith(start):
            return kind
    for start, what in _OTHERS:
        if head.startswith(start):
            raise wrong_kind(what)
    text = head.replace(b"\x00", b"") if head.startswith(_UTF16_MARKS) else head
    text = text.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    text = text.lstrip(b" \t\r\n\x00")
    if not text:
        raise UnreadableFileError(
            Text("Filen är tom. Exportera den på nytt.", "The file is empty. Export it again."),
            code="FIL_TOM",
        )
    if text.startswith(b"<"):
        raise wrong_kind(
            Text(
                "en webbsida eller annan XML, kanske en inloggningssida som sparats i stället",
                "a web page or other XML, perhaps a login page saved by mistake",
            )
        )
    if text[:1] in (b"{", b"["):
        return "geojson"
    if _looks_binary(head):
        raise wrong_kind(Text("binär och av okänt slag", "binary and of an unknown kind"))
    return "csv"


def _looks_binary(head: bytes) -> bool:
    if b"\x00" in head and head.count(b"\x00") > len(head) // 5:
        return False  # UTF-16 without a mark: the decoder decides.
    odd = sum(byte < 32 and byte not in b"\t\r\n\x0c\x1a\x00" for byte in head)  # noqa: PLR2004 - controls
    return odd > len(head) // 50


def check_name(name: str, kind: str) -> None:
    """Refuse a file whose name claims another of the formats taken.

    Parameters
    ----------
    name
        The file's name.
    kind
        What its content is.

    Raises
    ------
    UnreadableFileError
        With the code ``FEL_FILTYP``: such a file is seldom the one that was meant.
    """
    claimed = _ENDINGS.get(PurePath(name.lower().removesuffix(".gz")).suffix)
    if claimed is not None and claimed != kind:
        raise UnreadableFileError(
            Text(
                "Filen heter {e} men innehåller {k}. Kontrollera att det är rätt fil och ge den "
                "rätt ändelse.",
                "The file is named {e} but holds {k}. Check that it is the right file and give it "
                "the right ending.",
            ).fill(e=PurePath(name).suffix, k=NAMES[kind]),
            code="FEL_FILTYP",
        )


def check_archive(archive: zipfile.ZipFile, *, max_bytes: int, max_ratio: int) -> None:
    """Refuse an archive that would unpack to too much, or outside its folder.

    Parameters
    ----------
    archive
        An opened archive; nothing is unpacked here.
    max_bytes
        The most that all members may take unpacked.
    max_ratio
        The most that a member of over a megabyte may grow.

    Raises
    ------
    UnreadableFileError
        With ``ARKIV_SOKVAG`` or ``ARKIV_FOR_STORT``.
    """
    members = archive.infolist()
    for member in members:
        parts = PurePath(member.filename.replace("\\", "/")).parts
        if member.filename.startswith(("/", "\\")) or ".." in parts or ":" in member.filename:
            raise UnreadableFileError(
                Text(
                    "Arkivet innehåller en sökväg utanför sin egen mapp och läses inte. Skicka "
                    "filen ouppackad.",
                    "The archive holds a path outside its own folder and is not read. Send the "
                    "file itself.",
                ),
                code="ARKIV_SOKVAG",
            )
    total = sum(member.file_size for member in members)
    grown = any(
        member.file_size > 1_000_000 and member.file_size > max_ratio * member.compress_size  # noqa: PLR2004 - a megabyte
        for member in members
    )
    if total > max_bytes or grown:
        raise UnreadableFileError(
            Text(
                "Arkivet skulle packas upp till {mb:.0f} MB, vilket är för mycket. Skicka filen i "
                "mindre delar.",
                "The archive would unpack to {mb:.0f} MB, which is too much. Send smaller parts.",
            ).fill(mb=total / 1e6),
            code="ARKIV_FOR_STORT",
        )
