"""Answers as a table on screen, JSON, GeoJSON or CSV."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.cli.language import LANGUAGE, say
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import WGS84
from riskmiljo.wording import Text

_DECIMALS: Final = 6
_KEPT: Final = "\n\u00a0\u202f"
# A cell that begins like this is a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it.

    Parameters
    ----------
    value
        A cell of a table.

    Returns
    -------
    object
        Times in ISO 8601 UTC, NaN as None, NumPy numbers as Python numbers.
    """
    if isinstance(value, np.generic):
        value = value.item()
    match value:
        case Text():
            return value.as_dict()
        case dict():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
        case float():
            return round(value, _DECIMALS) if np.isfinite(value) else None
        case pd.Timestamp():
            return value.isoformat()
    return None if value is pd.NaT or value is pd.NA else value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table without their geometry.

    Parameters
    ----------
    frame
        Any table.

    Returns
    -------
    list of dict
        JSON-able.
    """
    columns = [name for name in frame.columns if name != "geometry"]
    return [
        {name: plain(row[at]) for at, name in enumerate(columns)}
        for row in frame[columns].itertuples(index=False, name=None)
    ]


def write_answer(
    *,
    name: str,
    frame: gpd.GeoDataFrame,
    about: Mapping[str, Any],
    columns: Sequence[tuple[str, str]],
    form: str,
    out: Path | None,
) -> None:
    """Write one table in the form that was asked for.

    Parameters
    ----------
    name
        What the rows are called in JSON.
    frame
        The rows, metric CRS.
    about
        What stands beside the rows: period, notes, whether the data are simulated.
    columns
        The columns of the table on screen and their headings.
    form
        ``table``, ``json``, ``geojson`` or ``csv``.
    out
        A file; None is the standard output.
    """
    match form:
        case "json":
            body: dict[str, Any] = {**plain(about), name: records(frame)}
            text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
        case "geojson":
            text = _geojson(frame, about)
        case "csv":
            text = _csv(frame, simulated=bool(about.get("simulated")))
        case _:
            text = _table(frame, columns)
    if out is None:
        click.echo(text, nl=False)
        if form == "table":
            write_notes(about)
    else:
        write_text(out, text)
        write_notes(about)


def require_form(form: str, allowed: Sequence[str]) -> None:
    """Refuse a form that an answer cannot take.

    Parameters
    ----------
    form
        As asked for.
    allowed
        Forms that make sense.

    Raises
    ------
    InvalidInputError
        If it is not one of them.
    """
    if form not in allowed:
        raise InvalidInputError(
            Text(
                "Svaret finns inte som {f}. Välj {all}.",
                "The answer does not come as {f}. Choose {all}.",
            ).fill(f=form, all=", ".join(allowed))
        )


def printable(text: str) -> str:
    """Return a text that may be written to a terminal.

    Parameters
    ----------
    text
        May hold names that came from a file or a user.

    Returns
    -------
    str
        Control characters are question marks; line breaks and no-break spaces stay.
    """
    return "".join(c if c.isprintable() or c in _KEPT else "?" for c in text)


def write_notes(about: Mapping[str, Any]) -> None:
    """Say on the error stream what the reader must know about an answer.

    Parameters
    ----------
    about
        With ``simulated`` and ``notes``.
    """
    if about.get("simulated"):
        click.echo(say("Simulerade data.", "Simulated data."), err=True)
    for note in about.get("notes", ()):
        click.echo(say(note), err=True)


def require_folder(path: Path) -> None:
    """Refuse a file that has no name or no folder, before any work is done for it.

    Parameters
    ----------
    path
        Where a file is to be written.

    Raises
    ------
    InvalidInputError
        If there is no such folder, or it is a folder itself.
    """
    if path.is_dir() or not path.name:
        raise InvalidInputError(
            Text(
                "{p} är en mapp. Ange en fil att skriva till.",
                "{p} is a folder. Give a file to write to.",
            ).fill(p=path)
        )
    if not path.parent.is_dir():
        raise InvalidInputError(
            Text(
                "{p} kan inte skrivas: mappen {f} finns inte. Skapa den eller välj en annan plats.",
                "{p} cannot be written: there is no folder {f}. Make it, or choose another place.",
            ).fill(p=path, f=path.parent)
        )


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Parameters
    ----------
    path
        Where; its folder must exist.
    text
        What; UTF-8.

    Raises
    ------
    InvalidInputError
        If it cannot be written there.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        Where; its folder must exist.
    content
        What.

    Raises
    ------
    InvalidInputError
        If it cannot be written there.
    """
    require_folder(path)
    # What is there and no file, such as /dev/stdout, is written to; a file is put in whole.
    beside = path if path.exists() and not path.is_file() else path.with_name(path.name + ".part")
    try:
        beside.write_bytes(content)
        if beside != path:
            beside.replace(path)
    except OSError as error:
        if beside != path:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        raise InvalidInputError(
            Text(
                "{p} kan inte skrivas: {why}. Välj en annan plats.",
                "{p} cannot be written: {why}. Choose another place.",
            ).fill(p=path, why=error.strerror)
        ) from error


def _geojson(frame: gpd.GeoDataFrame, about: Mapping[str, Any]) -> str:
    degrees = frame.to_crs(WGS84)
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": _rounded(geometry.__geo_interface__),
        }
        for properties, geometry in zip(records(frame), degrees.geometry, strict=True)
    ]
    body = {"type": "FeatureCollection", **plain(about), "features": features}
    return json.dumps(body, ensure_ascii=False) + "\n"


def _rounded(geometry: Any) -> Any:
    if isinstance(geometry, dict):
        return {key: _rounded(value) for key, value in geometry.items()}
    if isinstance(geometry, (list, tuple)):
        return [_rounded(value) for value in geometry]
    return round(geometry, _DECIMALS) if isinstance(geometry, float) else geometry


def _csv(frame: gpd.GeoDataFrame, *, simulated: bool) -> str:
    table = pd.DataFrame(records(frame))
    if simulated:
        # A table of figures travels without what was said beside it.
        table.insert(0, "simulated", "Simulerade data / Simulated data")
    for name in table.columns:
        if table[name].dtype == object or pd.api.types.is_string_dtype(table[name].dtype):
            table[name] = [_neutral(value) for value in table[name]]
    text: str = table.to_csv(index=False)
    return text


def _neutral(value: Any) -> Any:
    if isinstance(value, dict):
        value = value[LANGUAGE]
    if isinstance(value, list):
        value = " ".join(str(part) for part in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _table(frame: gpd.GeoDataFrame, columns: Sequence[tuple[str, str]]) -> str:
    heads = [head for _, head in columns]
    rows = [[_shown(row[name]) for name, _ in columns] for _, row in frame.iterrows()]
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    numeric = [pd.api.types.is_numeric_dtype(frame[name].dtype) for name, _ in columns]
    lines = [
        "  ".join(
            cell.rjust(widths[at]) if numeric[at] else cell.ljust(widths[at])
            for at, cell in enumerate(row)
        ).rstrip()
        for row in [heads, *rows]
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value is pd.NA:
        return "–"
    if isinstance(value, float):
        if not np.isfinite(value):
            return "–"
        text = f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"  # noqa: PLR2004
        return text.replace(".", ",") if LANGUAGE == "sv" else text
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return printable(str(value)).replace("\n", "?")
