"""The layer of routes: each crew's way, its stops in order, breaks, ends, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.maps.geometry import feature, to_degrees
from riskmiljo.maps.layers import Layer, number
from riskmiljo.model.plan import CREW_KIND_NAMES, MODE_NAMES, Crew, Pause, Plan, Spot, Visit
from riskmiljo.wording import Text

# The crews' looks as the printed briefing has them: dark enough for the palest and the darkest
# class of density with a white edge, apart for colour-blind eyes, and by dash and shape in grey.
ROUTE_COLOURS: Final = ("#12406f", "#a3320b", "#1c6b3a", "#6b2a86", "#7a5200", "#0b6470")
ROUTE_DASHES: Final = ("", "12 5", "3 5", "18 4 3 4", "7 3", "24 6")
ROUTE_SHAPES: Final = 4

_START: Final = Text("Start", "Start")
_FINISH: Final = Text("Mål", "Finish")
_BOTH: Final = Text("Start och mål", "Start and finish")
_BREAK: Final = Text("Rast", "Break")


def routes_layer(plan: Plan, *, shown: bool = True) -> Layer:
    """Return the routes of a plan.

    Parameters
    ----------
    plan
        The plan; its names and reasons are written as text by the script, never as markup.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        ``crews`` says how each looks; features have a ``kind``: ``way`` (one a crew), ``stop`` (one
        a place, with every visit of every crew), ``pause``, ``end`` and ``left`` (not visited).
        Times are the shift's own clock.
    """
    clock = _Clock(plan)
    shapes: list[Any] = []
    said: list[dict[str, Any]] = []
    for route in plan.routes:
        if route.legs:
            ways = [shapely.LineString(leg.way) for leg in route.legs]
            shapes.append(shapely.MultiLineString(ways))
            said.append({"kind": "way", "crew": route.crew.number})
    for left in plan.left_out:
        shapes.append(shapely.Point(left.x, left.y))
        said.append(
            {
                "kind": "left",
                "id": left.stop_id,
                "name": left.title.as_dict(),
                "why": left.why.as_dict(),
            }
        )
    for spot, label in _ends(plan):
        shapes.append(shapely.Point(spot.x, spot.y))
        said.append({"kind": "end", "name": spot.name, "label": label.as_dict()})
    for crew, pause in _pauses(plan):
        shapes.append(shapely.Point(pause.spot.x, pause.spot.y))
        times = clock.span(pause.begins, pause.ends)
        said.append({"kind": "pause", "crew": crew.number, "time": times, "name": pause.spot.name})
    stops: dict[str, dict[str, Any]] = {}
    for route in plan.routes:
        for order, visit in enumerate(route.visits, start=1):
            if visit.stop_id not in stops:
                shapes.append(shapely.Point(visit.x, visit.y))
                stop = {
                    "kind": "stop",
                    "id": visit.stop_id,
                    "name": visit.title.as_dict(),
                    "visits": [],
                }
                stops[visit.stop_id] = stop
                said.append(stop)
            stops[visit.stop_id]["visits"].append(_visit(route.crew, order, visit, clock))
    degrees = to_degrees(gpd.GeoSeries(shapes, crs=plan.epsg))
    return {
        "id": "routes",
        "label": Text("Rutter", "Routes").as_dict(),
        "shown": shown,
        "features": [feature(shape, words) for shape, words in zip(degrees, said, strict=True)],
        "crews": [_look(route.crew) for route in plan.routes],
        "legend": {
            "title": Text("Rutter", "Routes").as_dict(),
            "left": Text("Föreslagen, inte med", "Suggested, left out").as_dict()
            if plan.left_out
            else None,
            "pause": _BREAK.as_dict() if any(route.pauses for route in plan.routes) else None,
        },
    }


def routes_bounds(plan: Plan) -> tuple[float, float, float, float]:
    """Return the box that holds all ways, stops and ends of a plan.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    tuple of float
        West, south, east, north in the plan's metres.
    """
    parts = [np.array([(spot.x, spot.y) for spot, _ in _ends(plan)], dtype=float).reshape(-1, 2)]
    for route in plan.routes:
        parts += [leg.way for leg in route.legs]
        parts += [np.array([[visit.x, visit.y]]) for visit in route.visits]
    xy = np.concatenate(parts)
    west, south = xy.min(axis=0)
    east, north = xy.max(axis=0)
    return float(west), float(south), float(east), float(north)


class _Clock:
    """The shift's own clock."""

    def __init__(self, plan: Plan) -> None:
        self._zone = ZoneInfo(plan.shift.tz)

    def span(self, begins: datetime, ends: datetime) -> str:
        first, last = begins.astimezone(self._zone), ends.astimezone(self._zone)
        return f"{first:%H:%M}–{last:%H:%M}"


def _look(crew: Crew) -> dict[str, Any]:
    look = (crew.number - 1) % len(ROUTE_COLOURS)
    detail = Text("{n}: {k}, {m}", "{n}: {k}, {m}").fill(
        n=crew.name, k=CREW_KIND_NAMES[crew.kind], m=MODE_NAMES[crew.mode]
    )
    return {
        "number": crew.number,
        "name": crew.name.as_dict(),
        "label": detail.as_dict(),
        "colour": ROUTE_COLOURS[look],
        "dash": ROUTE_DASHES[look],
        "shape": look % ROUTE_SHAPES,
    }


def _visit(crew: Crew, order: int, visit: Visit, clock: _Clock) -> dict[str, Any]:
    return {
        "crew": crew.number,
        "number": order,
        "time": clock.span(visit.begins, visit.leaves),
        "minutes": number(visit.dwell_min, 0),
        "share": number(visit.share, 3),
        "since_min": None if visit.since_min is None else number(visit.since_min, 0),
        "lost": number(visit.lost, 2),
        "detour_min": number(visit.detour_min, 0),
        "why": visit.why.as_dict(),
    }


def _ends(plan: Plan) -> Sequence[tuple[Spot, Text]]:
    """Return where crews begin and end, each place once."""
    places: dict[tuple[float, float], tuple[Spot, set[Text]]] = {}
    for route in plan.routes:
        for spot, word in ((route.crew.start, _START), (route.crew.end, _FINISH)):
            places.setdefault((spot.x, spot.y), (spot, set()))[1].add(word)
    return [
        (spot, _BOTH if len(words) > 1 else next(iter(words))) for spot, words in places.values()
    ]


def _pauses(plan: Plan) -> list[tuple[Crew, Pause]]:
    return [(route.crew, pause) for route in plan.routes for pause in route.pauses]
