"""Refused rows: why, and a file of them that opens right in a Swedish Excel."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.settings import path_of
from riskmiljo.wording import Text

REJECT_COLUMNS: Final = ("row", "column", "value_class", "code", "reason", "reason_en")
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def value_class(value: object) -> str:
    """Say what kind of value stood in a cell, without repeating it.

    Parameters
    ----------
    value
        The cell.

    Returns
    -------
    str
        For example ``"12 siffror med bindestreck"`` or ``"text, 9 tecken"``.

    Examples
    --------
    >>> value_class("20080517-0000")
    '12 siffror med bindestreck'
    """
    text = "" if value is None or value != value else str(value).strip()  # noqa: PLR0124 - NaN
    if not text:
        return "tom"
    digits = sum(letter.isdigit() for letter in text)
    if not digits or re.search(r"[^\W\d_]", text):
        return f"text, {len(text)} tecken"
    marks = [
        name
        for sign, name in (
            ("-", "bindestreck"), ("/", "snedstreck"), (":", "kolon"), (".", "punkt"),
            (",", "komma"), (" ", "blanksteg"), ("+", "plustecken"), ("T", "T"),
        )
        if sign in text
    ]  # fmt: skip
    return f"{digits} siffror" + (" med " + ", ".join(marks) if marks else "")


def neutralised(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula.

    Parameters
    ----------
    cell
        Any value.

    Returns
    -------
    object
        Text that begins as a formula does gets an apostrophe before it; all else is unchanged.
    """
    if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(_LIVE):
        return "'" + cell
    return cell


def write_rejects(rejects: pd.DataFrame, path: str | Path) -> Path:
    """Write refused rows as CSV.

    Parameters
    ----------
    rejects
        As `riskmiljo.intake.read_incidents` gives them.
    path
        Where; the folder must exist. An existing file is replaced.

    Returns
    -------
    pathlib.Path
        The file: semicolons and UTF-8 with a mark, which a Swedish Excel opens right by itself.
        No cell runs as a formula.

    Raises
    ------
    InvalidInputError
        If it cannot be written there; an existing file is then left as it was.
    """
    file = path_of(path)
    beside = file.with_name(file.name + ".part")
    try:
        with beside.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out, delimiter=";")
            writer.writerow(rejects.columns)
            for row in rejects.itertuples(index=False):
                writer.writerow([neutralised(cell) for cell in row])
        beside.replace(file)
    except OSError as error:
        raise InvalidInputError(
            Text(
                "Avvisade rader kan inte sparas i {p}: {why}. Välj en annan plats.",
                "Refused rows cannot be kept in {p}: {why}. Choose another place.",
            ).fill(p=file, why=error.strerror)
        ) from error
    return file
