"""The briefing as one file for screen, phone and A4 paper: no script, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jinja2
import numpy as np

from riskmiljo.export.briefing import write_briefing
from riskmiljo.export.drawing import (
    CREW_COLOURS,
    CREW_DASHES,
    Drawing,
    Frame,
    base_shapes,
    crew_look,
    draw_plan,
)
from riskmiljo.export.paper_room import WIDE_MM, overview_room, room_for
from riskmiljo.export.parts import Floats
from riskmiljo.model.plan import LeftOut, Plan, Route
from riskmiljo.wording import Language

# Narrow, so that its numbers can be read on a phone.
_PHONE: Final = (92.0, 100.0)
_PHONE_MARKER: Final = 5.0
# The base map is drawn to so many parts of a unit.
_FINE: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Maps:
    """The same map for paper and for the phone."""

    wide: Drawing
    narrow: Drawing


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """The base map of all maps of a page: drawn once, and shown in each."""

    paths: tuple[tuple[str, str], ...]
    frame: Frame

    def placed(self, frame: Frame) -> tuple[float, float, float]:
        """Return where it stands in a map, x and y, and its scale."""
        x, y = frame.drawn([self.frame.west, self.frame.north])[0].tolist()
        return x, y, round(self.frame.metres / frame.metres / _FINE, 6)

    def thick(self, frame: Frame) -> float:
        """Return how many of its own units make one unit of a map."""
        return round(frame.metres / self.frame.metres * _FINE, 3)


def plan_html(plan: Plan, *, language: Language, area_name: str, base: Any = None) -> str:
    """Return the briefing of a plan: an overview and one A4 page for each crew.

    Parameters
    ----------
    plan
        The plan.
    language
        Of all words.
    area_name
        The town or district, for the head.
    base
        Streets, water and parks to draw under the routes: a GeoDataFrame with ``kind`` in the
        plan's reference system; None for none.

    Returns
    -------
    str
        A whole page: no script, no address of anything else. The same for the same plan.

    Raises
    ------
    CRSError
        If the base is not in the plan's reference system.
    """
    briefing = write_briefing(plan, language=language, area_name=area_name)
    rooms = [room_for(page, briefing.warnings) for page in briefing.pages]
    height, listed = overview_room(briefing)
    overview = _maps(plan, plan.routes, height, plan.left_out)
    crew_maps = [
        _maps(plan, [route], room.height, ())
        for route, room in zip(plan.routes, rooms, strict=True)
    ]
    page: str = (
        _environment()
        .get_template("briefing.html")
        .render(
            b=briefing,
            ground=_ground(plan, [overview, *crew_maps], base),
            overview=overview,
            listed=listed,
            crew_maps=crew_maps,
            rooms=rooms,
            path=_path,
            look=crew_look,
            colours=CREW_COLOURS,
            dashes=CREW_DASHES,
        )
    )
    return page


def _maps(plan: Plan, routes: Sequence[Route], height: float, left_out: Sequence[LeftOut]) -> _Maps:
    return _Maps(
        draw_plan(plan, routes, width=WIDE_MM, height=height, left_out=left_out),
        draw_plan(
            plan,
            routes,
            width=_PHONE[0],
            height=_PHONE[1],
            marker_height=_PHONE_MARKER,
            left_out=left_out,
        ),
    )


def _ground(plan: Plan, maps: Sequence[_Maps], base: Any) -> _Ground | None:
    frame = Frame.over([one.frame for pair in maps for one in (pair.wide, pair.narrow)])
    shapes = base_shapes(base, plan.epsg, frame)
    if not shapes:
        return None
    return _Ground(tuple((kind, _fine_path(lines, kind)) for kind, lines in shapes), frame)


def _path(shapes: Iterable[Floats]) -> str:
    """Return lines as the data of one SVG path: digits, letters and signs only."""
    return "".join(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in np.asarray(shape).tolist()) for shape in shapes
    )


def _fine_path(shapes: Iterable[Floats], kind: str) -> str:
    """Return shapes likewise in whole parts of a unit, each point from the one before: shorter."""
    closing = "Z" if kind in {"water", "park"} else ""
    said = []
    for shape in shapes:
        points = np.rint(shape * _FINE).astype(np.int64)
        steps = np.diff(points, axis=0)
        steps = steps[steps.any(axis=1)]
        if len(steps):
            start = "M{} {}l".format(*points[0])
            said.append(start + " ".join(map(str, steps.ravel().tolist())) + closing)
    return "".join(said).replace(" -", "-")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("riskmiljo.export"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
