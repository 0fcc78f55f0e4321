"""GeoJSON (RFC 7946), and what goes by that name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.raw import (
    GEOMETRY_MISSING,
    GEOMETRY_NO_POINT,
    GEOMETRY_OK,
    MAX_CELL,
    Fault,
    Geometry,
    RawTable,
    check_rows,
    checked_names,
    column_of,
)
from riskmiljo.intake.sniff import broken, wrong_kind
from riskmiljo.wording import Text

_WGS84: Final = "EPSG:4326"
_Point = tuple[float, float]


def read_geojson(data: bytes) -> RawTable:
    """Read a FeatureCollection or a single Feature.

    Parameters
    ----------
    data
        The whole file.

    Returns
    -------
    RawTable
        Features are numbered from 1; ``id`` of a feature becomes a column where its properties
        have none.

    Raises
    ------
    UnreadableFileError
        If it is not JSON, not GeoJSON, or has no features.
    """
    constants: list[str] = []

    def constant(word: str) -> float:
        constants.append(word)
        return float(word)

    try:
        top = json.loads(data.decode(json.detect_encoding(data)), parse_constant=constant)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise broken(Text("inte giltig JSON", "not valid JSON")) from error
    except RecursionError as error:
        raise broken(Text("för djupt nästlad JSON", "JSON nested too deeply")) from error
    features = _features(top)
    if not features:
        raise UnreadableFileError(
            Text(
                "Filen har inga objekt. Kontrollera urvalet och exportera på nytt.",
                "The file has no features. Check the selection and export again.",
            ),
            code="FIL_TOM",
        )
    check_rows(len(features))
    raw = _table(features, _crs(top))
    if constants:
        raw.note("JSON_OGILTIG", word=constants[0])
    return raw


def _features(top: Any) -> list[Any]:
    kind = top.get("type") if isinstance(top, dict) else None
    if kind == "Feature":
        return [top]
    if kind != "FeatureCollection" or not isinstance(top.get("features"), list):
        raise wrong_kind(Text("JSON men inte GeoJSON", "JSON but not GeoJSON"))
    return list(top["features"])


def _crs(top: dict[str, Any]) -> str | None:
    """Return the reference system: WGS 84 by RFC 7946, unless an old ``crs`` member says more."""
    member = top.get("crs")
    if not isinstance(member, dict):
        return _WGS84
    properties = member.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _table(features: list[Any], crs: str | None) -> RawTable:
    names: dict[str, None] = {}
    kept: list[tuple[int, dict[str, Any], Any]] = []
    faults: list[Fault] = []
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict):
            faults.append(Fault(number, "GEOM_SAKNAS"))
            continue
        given = feature.get("properties")
        cells = dict(given) if isinstance(given, dict) else {}
        if "id" in feature and "id" not in cells:
            cells["id"] = feature["id"]
        flat = {name: _plain(value) for name, value in cells.items()}
        fault = _cell_fault(number, flat)
        if fault is not None:
            faults.append(fault)
            continue
        names.update(dict.fromkeys(flat))
        kept.append((number, flat, feature.get("geometry")))
    columns = [column_of([cells.get(name) for _, cells, _ in kept]) for name in names]
    x, y = np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    state = np.full(len(kept), GEOMETRY_OK, dtype=np.int8)
    high: list[int] = []
    for at, (number, _, geometry) in enumerate(kept):
        state[at], point = _point(geometry)
        if point is not None:
            x[at], y[at] = point[0], point[1]
            if len(point) > 2:  # noqa: PLR2004 - east, north and a height
                high.append(number)
    raw = RawTable(
        "geojson",
        pa.table(columns, names=checked_names(list(names))),
        np.array([number for number, _, _ in kept], dtype=np.int64),
        encoding="utf-8",
        geometry=Geometry(x, y, state, crs),
        faults=faults,
    )
    if high:
        raw.note("HOJD_BORTTAGEN", high)
    return raw


def _plain(value: Any) -> Any:
    """Return text for nested values: they are never kept, but can hold what must be reported."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def _cell_fault(number: int, cells: dict[str, Any]) -> Fault | None:
    for name, value in cells.items():
        if isinstance(value, str):
            if len(value) > MAX_CELL:
                return Fault(number, "TEXT_FOR_LANG", name)
            if "\x00" in value or (not value.isprintable() and _has_surrogate(value)):
                return Fault(number, "TECKEN_OTILLATET", name)
    return None


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in value)


def _point(geometry: Any) -> tuple[int, Sequence[float] | None]:
    """Return the state of a geometry and, where it is one point, its coordinates."""
    if not isinstance(geometry, dict):
        return GEOMETRY_MISSING, None
    kind, inner = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if isinstance(parts, list) and len(parts) == 1:
            part = parts[0]
            nested = isinstance(part, dict) and part.get("type") == "GeometryCollection"
            return (GEOMETRY_NO_POINT, None) if nested else _point(part)
        return (GEOMETRY_NO_POINT if parts else GEOMETRY_MISSING), None
    if kind == "MultiPoint" and isinstance(inner, list) and len(inner) <= 1:
        inner = inner[0] if inner else []
    elif kind != "Point":
        return GEOMETRY_NO_POINT, None
    if not isinstance(inner, list) or len(inner) < 2 or inner[0] is None:  # noqa: PLR2004 - east, north
        return GEOMETRY_MISSING, None
    numbers = [
        float(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else np.inf
        for v in inner
    ]
    # Neither NaN nor text is a coordinate; infinity stands for "given, but not a number".
    return GEOMETRY_OK, [v if np.isfinite(v) else np.inf for v in numbers]
