"""The map of a report as plain geometry on paper: base map, heat, zones and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from riskmiljo.export.drawing import Frame, base_shapes, scale_of
from riskmiljo.export.parts import Floats
from riskmiljo.export.placing import Box, place
from riskmiljo.export.report import MapBlock
from riskmiljo.export.sheet import Shapes

MARKER_MM: Final = 4.4
_MARGIN_MM: Final = 7.0
_LEAST_STEP: Final = 0.12


@dataclass(frozen=True, slots=True)
class ZoneMark:
    """A zone's number.

    Attributes
    ----------
    text
        The number.
    box
        Where it stands.
    x, y
        The middle of the zone: elsewhere where the map is crowded.
    """

    text: str
    box: Box
    x: float
    y: float


@dataclass(frozen=True, eq=False, slots=True)
class ReportMap:
    """A map in millimetres, y downwards, origin at the top left.

    Attributes
    ----------
    width, height
        Of the frame.
    base
        As `riskmiljo.export.drawing.base_shapes` gives them.
    heat
        Colour and rings, lightest first.
    outlines
        The rings of each zone.
    marks
        The numbers.
    scale_text, scale_width
        The scale bar.
    """

    width: float
    height: float
    base: Shapes
    heat: tuple[tuple[str, tuple[Floats, ...]], ...]
    outlines: tuple[tuple[Floats, ...], ...]
    marks: tuple[ZoneMark, ...]
    scale_text: str
    scale_width: float


def draw_report_map(block: MapBlock, *, width: float, height: float) -> ReportMap:
    """Draw a map into a frame that holds all zones.

    Parameters
    ----------
    block
        What is drawn; without zones the frame holds the heat.
    width, height
        Of the frame, millimetres.

    Returns
    -------
    ReportMap
        The same for the same input.

    Raises
    ------
    CRSError
        If the base map is in another reference system than the zones.
    """
    shown: Sequence[Any] = block.zones or [shape for _, shape in block.heat]
    points = shapely.get_coordinates(np.array(shown, dtype=object))
    frame = Frame.around(points, width, height, _MARGIN_MM)
    metres, wide = scale_of(frame)
    kilometres, rest = divmod(metres, 1000)
    # The corners of the scale bar and the north arrow.
    taken = [Box((wide + 4) / 2, height - 3.5, wide + 4, 7), Box(width - 4, 6, 8, 12)]
    middles = [frame.drawn(shape.representative_point().coords[0])[0] for shape in block.zones]
    wanted = [
        Box(float(x), float(y), MARKER_MM if n < 9 else 1.4 * MARKER_MM, MARKER_MM)  # noqa: PLR2004 - two digits
        for n, (x, y) in enumerate(middles)
    ]
    # A number that covered its zone would hide what it names.
    taken.extend(_box(shape, frame) for shape in block.zones)
    boxes = place(wanted, taken, width=width, height=height)
    return ReportMap(
        width=width,
        height=height,
        base=base_shapes(block.base, block.epsg, frame),
        heat=tuple((colour, _rings(shape, frame)) for colour, shape in block.heat),
        outlines=tuple(_rings(shape, frame) for shape in block.zones),
        marks=tuple(
            ZoneMark(str(n), box, float(x), float(y))
            for n, (box, (x, y)) in enumerate(zip(boxes, middles, strict=True), start=1)
        ),
        scale_text=f"{metres} m" if rest else f"{kilometres} km",
        scale_width=wide,
    )


def _box(shape: Any, frame: Frame) -> Box:
    west, south, east, north = shape.bounds
    (left, top), (right, low) = frame.drawn([(west, north), (east, south)]).tolist()
    return Box((left + right) / 2, (top + low) / 2, right - left, low - top)


def _rings(shape: Any, frame: Frame) -> tuple[Floats, ...]:
    cut = shapely.clip_by_rect(shape, *frame.bounds)
    simpler = shapely.simplify(cut, _LEAST_STEP * frame.metres)
    rings = shapely.get_rings(shapely.get_parts(shapely.get_parts(simpler)))
    return tuple(frame.drawn(shapely.get_coordinates(ring)) for ring in rings)
