"""`read_incidents`: a foreign file becomes incidents, refusals and a receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.errors import InvalidInputError, UnreadableFileError
from riskmiljo.geo.crs import points_frame
from riskmiljo.intake.area import AreaLike, ConfiguredArea
from riskmiljo.intake.arguments import check_arguments
from riskmiljo.intake.columns import (
    Plan,
    guess_place,
    guess_time,
    has_place,
    has_time,
    missing_column,
    plan_columns,
)
from riskmiljo.intake.duplicates import refuse_duplicates
from riskmiljo.intake.fields import (
    read_categories,
    read_codes,
    read_ids,
    read_moments,
    read_number,
    read_place,
    read_roles,
    refuse_personal,
    refuse_totals,
)
from riskmiljo.intake.ledger import Ledger
from riskmiljo.intake.messages import DROPPED
from riskmiljo.intake.personal import KINDS, hits, kind_of_column
from riskmiljo.intake.raw import Note, RawTable
from riskmiljo.intake.reference import Placed, locates, place
from riskmiljo.intake.sandbox import parse_in_child
from riskmiljo.intake.words import CategoryWords
from riskmiljo.model.incidents import COLUMNS, incident_keys, validate_incidents
from riskmiljo.model.period import check_zone
from riskmiljo.model.vocabulary import OWNER_OF_SOURCE, SOURCES
from riskmiljo.settings import Settings, load_settings, path_of, shipped
from riskmiljo.wording import Text

_DTYPES: Final[dict[str, Any]] = {"string": "str", "number": float, "roles": "string"}
_HOURS_PER_DEGREE: Final = 1 / 15
_FAR_HOURS: Final = 3.5
# What is refused without anything being wrong with the file.
_HARMLESS: Final = frozenset({"DUBBLETT_I_FIL", "SUMMARAD"})


@dataclass(frozen=True)
class Intake:
    """What came of reading one file.

    Parameters
    ----------
    incidents
        The incidents taken, after the contract of DESIGN section 4, in the metric system of the
        area.
    rejects
        The rows refused: ``row`` (CSV and Excel: as a spreadsheet shows it, the first line is 1;
        Parquet, GeoJSON and GeoPackage: from 1), ``column``, ``value_class`` (what kind of value
        stood there, never the value), ``code``, ``reason`` and ``reason_en``.
    receipt
        What was read and how, fit for JSON.
    """

    incidents: gpd.GeoDataFrame
    rejects: pd.DataFrame
    receipt: dict[str, Any]


def read_incidents(
    path: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    crs: Any = None,
    tz: str = "Europe/Stockholm",
    source: str = "open_data",
    categories: str | Path | Mapping[str, str] | None = None,
    area: AreaLike | None = None,
    layer: str | None = None,
    now: datetime | None = None,
) -> Intake:
    """Read a file of incidents: CSV, Excel, GeoJSON, GeoPackage, Parquet or GeoParquet.

    The format is told by the content. Only the columns of the contract are kept; all others are
    dropped, and the receipt says which and why.

    Parameters
    ----------
    path
        The file. Text files may be packed with gzip.
    mapping
        Column to field: the contract's columns and ``lon``, ``lat``, ``x``, ``y``, ``date``,
        ``time``; empty or ``-`` drops the column. Columns not named are guessed by their headers.
    crs
        The reference system of the coordinates; None or ``"auto"`` takes it from the file, or
        from the values where exactly one system fits.
    tz
        The time zone of times without an offset.
    source
        The source, where the file names none.
    categories
        One category for every row; words and their categories; or a table of words (CSV) in place
        of the shipped one.
    area
        Where incidents are expected, and the metric system they are kept in. None takes the
        installation's, unless the points lie together elsewhere: then the data choose.
    layer
        The sheet or layer to read, where the file has several.
    now
        An aware datetime; times after it are refused. None is the present.

    Returns
    -------
    Intake
        With no incidents where every row was refused.

    Raises
    ------
    UnreadableFileError
        If nothing can be taken from the file as a whole; its code tells why.
    InvalidInputError
        If an argument cannot be used.

    Examples
    --------
    >>> from riskmiljo.settings import shipped
    >>> intake = read_incidents(shipped("data", "incidents_example.csv"), source="police")
    >>> len(intake.rejects)
    0
    """
    file = path_of(path)
    check_arguments(mapping=mapping, area=area, layer=layer, now=now, word=("source", source))
    if source not in SOURCES:
        raise InvalidInputError(
            Text(
                "Källan {s!r} finns inte. Tillåtna: {all}.",
                "There is no source {s!r}. Allowed: {all}.",
            ).fill(s=source, all=", ".join(SOURCES))
        )
    check_zone(tz)
    settings = load_settings()
    words = CategoryWords.read(
        categories, settings.category_words or shipped("data", "category_words.csv")
    )
    expected = _expected(area, settings, tz)
    digest = digest_of(file)
    raw = _parsed(file, layer)
    plan = plan_columns(raw, mapping, words=words, source=source)
    guess_place(plan, raw, expected)
    guess_time(plan, raw)
    if not has_place(plan, raw):
        raise named_error(file, missing_column(raw, Text("platsen", "the place"), "lat"))

    ledger = Ledger(raw)
    ledger.notes += plan.notes
    refuse_totals(raw, plan, ledger)
    ledger.refuse_faults(set(plan.columns.values()))
    refuse_personal(raw, plan, ledger)
    placed = _placed(raw, plan, ledger, crs=crs, area=expected, area_given=area is not None)
    if not has_time(plan) and ledger.open.any():
        raise named_error(file, missing_column(raw, Text("tiden", "the time"), "occurred_from"))
    fields, facts = _fields(
        raw, plan, ledger, tz=tz, now=now or datetime.now(UTC), source=source, words=words
    )
    fields |= {"x": placed.x, "y": placed.y}
    refuse_duplicates(fields, raw.rows, ledger, plan.columns.get("incident_id", ""))
    incidents = _incidents(fields, ledger, placed)
    if not incidents.empty and _far_from_zone(incidents, placed, tz):
        ledger.note("TIDSZON_MISSTANKT", tz=tz)
    dropped = _dropped(raw, plan, ledger)
    rejects = ledger.rejects()
    receipt = {
        "file": file.name,
        "sha256": digest,
        "format": raw.kind,
        "encoding": raw.encoding,
        "rows": len(incidents) + len(rejects),
        "accepted": len(incidents),
        "refused": len(rejects),
        "refused_by_code": rejects["code"].value_counts().sort_index().to_dict(),
        "mapping": {column: name for name, column in plan.columns.items()},
        "dropped": dropped,
        "categories": facts,
        "crs": {"epsg": _epsg(placed.crs), "name": placed.crs, "how": placed.how},
        "area": {
            "name": placed.area.name,
            "bbox": list(placed.area.bbox),
            "epsg": placed.area.epsg,
            "how": placed.area_how,
        },
        "tz": tz,
        "source": source,
        "span": _span(incidents),
        "warnings": ledger.warnings(),
        "severity": _severity(incidents, rejects, ledger),
    }
    return Intake(incidents, rejects, receipt)


def _expected(area: AreaLike | None, settings: Settings, tz: str) -> ConfiguredArea:
    if area is None:
        return ConfiguredArea.of(settings)
    west, south, east, north = (float(side) for side in area.bbox)
    return ConfiguredArea(area.name, (west, south, east, north), int(area.epsg), tz)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, or say that it cannot be opened."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError(
            Text(
                "{f} kan inte öppnas. Kontrollera sökvägen och rättigheterna.",
                "{f} cannot be opened. Check the path and the permissions.",
            ).fill(f=file.name),
            code="FIL_SAKNAS",
        ) from error


def _parsed(file: Path, layer: str | None) -> RawTable:
    try:
        return parse_in_child(file, name=file.name, layer=layer)
    except UnreadableFileError as error:
        raise named_error(file, error) from error


def named_error(file: Path, error: UnreadableFileError) -> UnreadableFileError:
    """Return the same error with the file's name before it.

    Parameters
    ----------
    file
        The file.
    error
        What is wrong with it.

    Returns
    -------
    UnreadableFileError
        With the same code.
    """
    text = Text(f"{file.name}: {error.message.sv}", f"{file.name}: {error.message.en}")
    return UnreadableFileError(text, code=error.code)


def _placed(
    raw: RawTable, plan: Plan, ledger: Ledger, *, crs: Any, area: ConfiguredArea, area_given: bool
) -> Placed:
    east, north, usable, labels = read_place(raw, plan, ledger)
    declared = raw.geometry.crs if labels == "geometry" and raw.geometry is not None else None
    if declared is not None and not locates(declared):
        declared = None
    if labels == "geometry" and declared is None and crs in (None, "auto"):
        ledger.note("CRS_SAKNAS")
    placed = place(
        east,
        north,
        usable,
        labels=labels,
        told=crs,
        declared=declared,
        area=area,
        area_given=area_given,
    )
    ledger.notes += placed.notes
    hint = f" Talen ser ut som {placed.proposal}." if placed.proposal else ""
    hint_en = f" The numbers look like {placed.proposal}." if placed.proposal else ""
    first, second = _pair(plan)
    ledger.common(
        crs=placed.crs,
        area=placed.area.name,
        proposal=Text(hint, hint_en),
        first=second,
        second=first,
    )
    ledger.refuse_codes(placed.code, second if plan.labels != "geometry" else "")
    return placed


def _pair(plan: Plan) -> tuple[str, str]:
    names = {"lonlat": ("lon", "lat"), "eastnorth": ("east", "north"), "xy": ("x", "y")}
    east, north = names.get(plan.labels, ("x", "y"))
    return plan.columns.get(east, east), plan.columns.get(north, north)


def _fields(
    raw: RawTable,
    plan: Plan,
    ledger: Ledger,
    *,
    tz: str,
    now: datetime,
    source: str,
    words: CategoryWords,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read every kept column but the place, as arrays of shape (n,)."""
    columns = read_moments(raw, plan, ledger, tz=tz, now=now)
    sources = read_codes(raw, plan, ledger, "source", source)
    category, said, facts = read_categories(raw, plan, ledger, words=words, sources=sources)
    detection = read_codes(raw, plan, ledger, "detection", "unknown")
    # What a column says of detection outranks what a category word lets one conclude.
    detection = np.where((detection == "unknown") & (said != ""), said, detection)
    owners = pd.Series(sources).map(OWNER_OF_SOURCE).to_numpy(dtype=object)
    if "owner" in plan.columns:
        told = read_codes(raw, plan, ledger, "owner", "")
        owners = np.where(told != "", told, owners)
    columns |= {
        "incident_id": read_ids(raw, plan, ledger),
        "category": category,
        "detection": detection,
        "owner": owners,
        "source": sources,
        "age_band": read_codes(raw, plan, ledger, "age_band", "unknown"),
        "weight": read_number(raw, plan, ledger, "weight", 1.0),
        "precision_m": read_number(raw, plan, ledger, "precision_m", 0.0),
        "restricted_to": read_roles(raw, plan, ledger),
    }
    return columns, facts


def _incidents(fields: Mapping[str, Any], ledger: Ledger, placed: Placed) -> gpd.GeoDataFrame:
    """Put the rows taken into the contract."""
    keep = ledger.open
    taken: dict[str, Any] = {name: values[keep] for name, values in fields.items()}
    data: dict[str, Any] = {}
    for column in COLUMNS:
        values: Any = taken.get(column.name)
        if column.kind == "category":
            data[column.name] = pd.Categorical(values, categories=list(column.values))
        elif column.kind == "time":
            data[column.name] = pd.Series(values).dt.tz_localize("UTC")
        elif column.kind != "point":
            data[column.name] = pd.Series(values, dtype=_DTYPES[column.kind])
    incidents = points_frame(data, taken["x"], taken["y"], placed.area.epsg)
    nameless = taken["incident_id"] == ""
    if nameless.any():
        incidents.loc[nameless, "incident_id"] = incident_keys(incidents[nameless])
        where = keep.copy()
        where[np.flatnonzero(keep)[~nameless]] = False
        ledger.note("NYCKEL_BERAKNAD", where)
    return validate_incidents(incidents)


def _far_from_zone(incidents: gpd.GeoDataFrame, placed: Placed, tz: str) -> bool:
    """Tell whether the sun stands hours away from the clock that times were read by."""
    west, _, east, _ = placed.area.bbox
    moment = incidents["occurred_from"].iloc[0].tz_convert(ZoneInfo(tz))
    hours = moment.utcoffset().total_seconds() / 3600
    return bool(abs((west + east) / 2 * _HOURS_PER_DEGREE - hours) > _FAR_HOURS)


def _dropped(raw: RawTable, plan: Plan, ledger: Ledger) -> list[dict[str, Any]]:
    """Say of each column that is not kept why, and warn of the personal data in it."""
    dropped = []
    for name in raw.columns.column_names:
        if name in plan.columns.values():
            continue
        found = hits(raw.columns[name])
        kind = kind_of_column(name, raw.columns[name], found)
        why = "told" if name in plan.asked_to_drop else "personal" if kind else "unused"
        text = DROPPED[why].fill(kind=KINDS.get(kind, Text("", "")))
        dropped.append({"column": name, "why": why, "kind": kind, **text.as_dict()})
        for code in found.columns:
            where = found[code].to_numpy()
            rows = [int(row) for row in raw.rows[where][:20]]
            detail = {"column": name, "kind": KINDS[code]}
            ledger.notes.append(Note(code, int(where.sum()), rows, detail))
    return dropped


def _epsg(crs: str) -> int | None:
    return int(crs.removeprefix("EPSG:")) if crs.startswith("EPSG:") else None


def _span(incidents: gpd.GeoDataFrame) -> list[str]:
    if incidents.empty:
        return []
    times = incidents["occurred_from"]
    return [times.min().isoformat(), times.max().isoformat()]


def _severity(incidents: gpd.GeoDataFrame, rejects: pd.DataFrame, ledger: Ledger) -> str:
    if incidents.empty:
        return "file_refused"
    if not set(rejects["code"]) <= _HARMLESS:
        return "rows_refused"
    return "warning" if len(rejects) or ledger.notes else "ok"
