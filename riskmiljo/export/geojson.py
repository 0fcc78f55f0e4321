"""A plan as GeoJSON (RFC 7946), for QGIS and other maps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from riskmiljo.export.parts import Floats, chosen_routes, harmless, to_degrees, whole_second
from riskmiljo.model.plan import LeftOut, Leg, Pause, Plan, Route, Visit
from riskmiljo.wording import Text

_DECIMALS: Final = 6
_FIGURES: Final = 4


def plan_geojson(plan: Plan, *, crew: int | None = None) -> bytes:
    """Return a plan as a FeatureCollection in degrees (WGS 84), both languages side by side.

    ``properties.part`` tells the features apart: ``leg`` (LineString), ``stop``, ``pause``,
    ``start``, ``end`` and ``left_out`` (Points). What holds for the whole plan stands beside
    ``features``.

    Parameters
    ----------
    plan
        The plan.
    crew
        Only the crew of this number; None for all. What was left out is always there.

    Returns
    -------
    bytes
        UTF-8; coordinates with six decimals (0.1 m), times in UTC.

    Raises
    ------
    InvalidInputError
        If the plan has no such crew.

    References
    ----------
    Butler H. et al. (2016), RFC 7946: The GeoJSON Format.
    """
    parts: list[tuple[Any, dict[str, Any]]] = []
    for route in chosen_routes(plan, crew):
        parts.extend(_route_parts(route))
    parts.extend(([[left.x, left.y]], _left_out(left)) for left in plan.left_out)
    shapes = to_degrees(plan.epsg, [shape for shape, _ in parts], decimals=_DECIMALS)
    features = [
        {
            "type": "Feature",
            "properties": plain(properties),
            "geometry": _geometry(shape, line=properties["part"] == "leg"),
        }
        for shape, (_, properties) in zip(shapes, parts, strict=True)
    ]
    body = {"type": "FeatureCollection", **plain(_about(plan)), "features": features}
    return (json.dumps(body, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """Return a value as JSON can hold it.

    Parameters
    ----------
    value
        A property or a parameter of the plan.

    Returns
    -------
    object
        Times in ISO 8601 UTC with Z, what is not finite as None, text on one line.
    """
    match value:
        case np.generic() | np.ndarray():
            return plain(value.tolist())
        case Text():
            return plain(value.as_dict())
        case datetime():
            return whole_second(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Mapping():
            return {harmless(str(key)): plain(inner) for key, inner in value.items()}
        case set() | frozenset():
            return sorted(map(str, map(plain, value)))
        case list() | tuple():
            return [plain(inner) for inner in value]
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int():
            return value
    return harmless(str(value))


def _geometry(shape: Floats, *, line: bool) -> dict[str, Any]:
    if line:
        return {"type": "LineString", "coordinates": shape.tolist()}
    return {"type": "Point", "coordinates": shape[0].tolist()}


def _about(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "shift": {
            "from": plan.shift.period.start,
            "to": plan.shift.period.end,
            "tz": plan.shift.tz,
            "label": plan.shift.label(),
        },
        "covered": _rounded(plan.covered),
        "reachable": _rounded(plan.reachable),
        "share": _rounded(plan.share),
        "habit": None if plan.habit is None else _rounded(plan.habit),
        "comparison": plan.comparison,
        "distance": plan.distance,
        "notes": plan.notes,
        "parameters": plan.parameters,
        "as_of": plan.as_of,
        "simulated": plan.simulated,
    }


def _route_parts(route: Route) -> list[tuple[Any, dict[str, Any]]]:
    crew = route.crew
    who = {"crew": crew.number, "crew_kind": crew.kind, "mode": crew.mode}
    home = route.legs[-1].arrives if route.legs else crew.ends
    parts: list[tuple[Any, dict[str, Any]]] = [
        (
            [[crew.start.x, crew.start.y]],
            {"part": "start", **who, "name": crew.start.name, "time": crew.begins},
        )
    ]
    number = 0
    for step in route.steps:
        match step:
            case Leg():
                parts.append((step.way, {"part": "leg", **who, **_leg(step)}))
            case Visit():
                number += 1
                parts.append(
                    ([[step.x, step.y]], {"part": "stop", **who, "number": number, **_visit(step)})
                )
            case Pause():
                where = [[step.spot.x, step.spot.y]]
                about = {"name": step.spot.name, "begins": step.begins, "ends": step.ends}
                parts.append((where, {"part": "pause", **who, **about}))
    parts.append(
        ([[crew.end.x, crew.end.y]], {"part": "end", **who, "name": crew.end.name, "time": home})
    )
    return parts


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "departs": leg.departs,
        "arrives": leg.arrives,
        "minutes": _rounded(leg.minutes),
        "length_m": round(float(leg.length_m), 1),
        "streets": ", ".join(leg.streets),
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "stop_id": visit.stop_id,
        "name": visit.name,
        "kind": visit.kind,
        "zone_id": visit.zone_id,
        "arrives": visit.arrives,
        "begins": visit.begins,
        "leaves": visit.leaves,
        "dwell_min": _rounded(visit.dwell_min),
        "expected": _rounded(visit.expected),
        "share": _rounded(visit.share),
        "visit": visit.visit,
        "since_min": None if visit.since_min is None else _rounded(visit.since_min),
        "lost": _rounded(visit.lost),
        "detour_min": _rounded(visit.detour_min),
        "pinned": visit.pinned,
        "joint": visit.joint,
        "why_sv": visit.why.sv,
        "why_en": visit.why.en,
    }


def _left_out(left: LeftOut) -> dict[str, Any]:
    return {
        "part": "left_out",
        "stop_id": left.stop_id,
        "name": left.name,
        "kind": left.kind,
        "expected": _rounded(left.expected),
        "why_sv": left.why.sv,
        "why_en": left.why.en,
    }


def _rounded(value: float) -> float:
    return round(float(value), _FIGURES)
