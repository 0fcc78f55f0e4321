"""The briefing as one file for screen, phone and A4 paper: no script, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jinja2
import numpy as np

from riskmiljo.export.briefing import write_briefing
from riskmiljo.export.drawing import CREW_COLOURS, CREW_DASHES, Drawing, crew_look, draw_plan
from riskmiljo.export.paper_room import WIDE_MM, overview_room, room_for
from riskmiljo.export.parts import Floats
from riskmiljo.model.plan import LeftOut, Plan, Route
from riskmiljo.wording import Language

# Narrow, so that its numbers can be read on a phone.
_PHONE: Final = (92.0, 100.0)
_PHONE_MARKER: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Maps:
    """The same map for paper and for the phone."""

    wide: Drawing
    narrow: Drawing


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
    page: str = (
        _environment()
        .get_template("briefing.html")
        .render(
            b=briefing,
            overview=_maps(plan, plan.routes, height, base, plan.left_out),
            listed=listed,
            crew_maps=[
                _maps(plan, [route], room.height, base, ())
                for route, room in zip(plan.routes, rooms, strict=True)
            ],
            rooms=rooms,
            path=_path,
            look=crew_look,
            colours=CREW_COLOURS,
            dashes=CREW_DASHES,
        )
    )
    return page


def _maps(
    plan: Plan, routes: Sequence[Route], height: float, base: Any, left_out: Sequence[LeftOut]
) -> _Maps:
    return _Maps(
        draw_plan(plan, routes, width=WIDE_MM, height=height, base=base, left_out=left_out),
        draw_plan(
            plan,
            routes,
            width=_PHONE[0],
            height=_PHONE[1],
            marker_height=_PHONE_MARKER,
            base=base,
            left_out=left_out,
        ),
    )


def _path(shapes: Iterable[Floats], kind: str = "") -> str:
    """Return shapes as the data of one SVG path: digits, letters and signs only."""
    closing = "Z" if kind in {"water", "park"} else ""
    return "".join(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in np.asarray(shape).tolist()) + closing
        for shape in shapes
    )


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
