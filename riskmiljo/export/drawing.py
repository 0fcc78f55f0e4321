"""A small map of a plan as plain geometry on paper: the page and the PDF draw the same one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from riskmiljo.errors import CRSError
from riskmiljo.export.parts import Floats, harmless
from riskmiljo.export.placing import Box, place
from riskmiljo.geo.crs import parse_crs, require_metric
from riskmiljo.model.plan import LeftOut, Plan, Route
from riskmiljo.wording import Text

# From bottom to top; a kind of line that is not here is drawn as a street.
BASE_KINDS: Final = ("water", "park", "river", "path", "street", "main", "rail")
_AREAS: Final = frozenset({"water", "park"})
_KIND_OF: Final = {
    "road": "main",
    "forest": "park",
    "footway": "path",
    "steps": "path",
    "cycleway": "path",
    "pedestrian": "path",
}

# One for each crew, in turn: on white, and on a dark screen; each holds 4.5:1 against the text on
# it. The dashes tell crews apart without colour; lengths in units of the drawing.
CREW_COLOURS: Final = (
    ("#12406f", "#9cc3ee"),
    ("#a3320b", "#f5a98a"),
    ("#1c6b3a", "#8fd6a8"),
    ("#6b2a86", "#d7b0ea"),
    ("#7a5200", "#e8c878"),
    ("#0b6470", "#8ed6df"),
)
CREW_DASHES: Final[tuple[tuple[float, ...], ...]] = (
    (),
    (3.0, 1.2),
    (0.9, 1.1),
    (4.5, 1.0, 0.9, 1.0),
    (1.8, 0.8),
    (6.0, 1.6),
)

_LEAST_M: Final = 600.0
_LEAST_STEP: Final = 0.12
_NICE: Final = (1, 2, 5)
# The table has every visit; a mark with more numbers than these would cover the map.
_MOST_LABELS: Final = 3


@dataclass(frozen=True, slots=True)
class Marker:
    """A number on the map.

    Attributes
    ----------
    text
        Such as ``3``, or ``2:3`` for stop 3 of crew 2; several where stops coincide.
    crew
        The number of the crew whose colour it has.
    box
        Where it stands.
    x, y
        The place it belongs to: elsewhere where the map is crowded.
    """

    text: str
    crew: int
    box: Box
    x: float
    y: float

    @property
    def moved(self) -> bool:
        """Whether it needs a line to its place."""
        return bool(np.hypot(self.box.x - self.x, self.box.y - self.y) > self.box.height / 2)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A map in units of its own (millimetres on paper), y downwards, origin at the top left.

    Attributes
    ----------
    width, height
        Of the frame.
    base
        Kind and shapes, bottom first; each shape of (k, 2), rings closed.
    ways
        Crew number and lines.
    markers
        The stops.
    ends
        Where crews begin and end: x, y.
    left_out
        Candidates not visited, within the frame: x, y.
    scale_m, scale_width
        The scale bar: metres, and how wide they are drawn.
    frame
        From metres to the drawing.
    """

    width: float
    height: float
    base: tuple[tuple[str, tuple[Floats, ...]], ...]
    ways: tuple[tuple[int, tuple[Floats, ...]], ...]
    markers: tuple[Marker, ...]
    ends: tuple[tuple[float, float], ...]
    left_out: tuple[tuple[float, float], ...]
    scale_m: int
    scale_width: float
    frame: Frame

    @property
    def scale_text(self) -> str:
        """The length of the scale bar with its unit."""
        km, rest = divmod(self.scale_m, 1000)
        return f"{self.scale_m} m" if rest else f"{km} km"


@dataclass(frozen=True, slots=True)
class Frame:
    """From metres to the drawing.

    Attributes
    ----------
    west, north
        Its top left corner, metres.
    metres
        How many make one unit of the drawing.
    width, height
        Units of the drawing.
    """

    west: float
    north: float
    metres: float
    width: float
    height: float

    @classmethod
    def around(cls, points: Floats, width: float, height: float, margin: float) -> Frame:
        """Return a frame that holds all points.

        Parameters
        ----------
        points
            Shape (n, 2), metres; those that are not finite do not count.
        width, height, margin
            Units of the drawing.

        Returns
        -------
        Frame
            At least 600 m wide; around the origin where there is no point.
        """
        every = points[np.isfinite(points).all(axis=1)]
        if not len(every):
            every = np.zeros((1, 2))
        low, high = every.min(axis=0), every.max(axis=0)
        wide, tall = high - low
        metres = max(wide / (width - 2 * margin), tall / (height - 2 * margin), _LEAST_M / width)
        middle = (low + high) / 2
        return cls(
            west=float(middle[0] - width * metres / 2),
            north=float(middle[1] + height * metres / 2),
            metres=float(metres),
            width=width,
            height=height,
        )

    @classmethod
    def over(cls, frames: Sequence[Frame]) -> Frame:
        """Return the frame that holds all of some, as fine as the finest.

        Parameters
        ----------
        frames
            At least one.

        Returns
        -------
        Frame
            As large as it has to be.
        """
        bounds = np.array([frame.bounds for frame in frames])
        west, south = bounds[:, :2].min(axis=0).tolist()
        east, north = bounds[:, 2:].max(axis=0).tolist()
        metres = min(frame.metres for frame in frames)
        return cls(west, north, metres, (east - west) / metres, (north - south) / metres)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in metres."""
        return (
            self.west,
            self.north - self.height * self.metres,
            self.west + self.width * self.metres,
            self.north,
        )

    def drawn(self, xy: Any) -> Floats:
        """Return points in units of the drawing, shape (n, 2).

        Parameters
        ----------
        xy
            Metres.

        Returns
        -------
        numpy.ndarray
            To a hundredth of a unit.
        """
        points = np.asarray(xy, dtype=float).reshape(-1, 2)
        units = np.column_stack([points[:, 0] - self.west, self.north - points[:, 1]])
        return np.round(units / self.metres, 2) + 0.0

    def covers(self, x: float, y: float) -> bool:
        """Return whether a point lies within the frame.

        Parameters
        ----------
        x, y
            Metres.

        Returns
        -------
        bool
            True on its edge too.
        """
        west, south, east, north = self.bounds
        return west <= x <= east and south <= y <= north


def crew_look(number: int) -> int:
    """Return which of the colours and dashes a crew has, 0 to 5.

    Parameters
    ----------
    number
        The crew's number, from 1.

    Returns
    -------
    int
        An index into `CREW_COLOURS` and `CREW_DASHES`.
    """
    return (number - 1) % len(CREW_COLOURS)


def draw_plan(
    plan: Plan,
    routes: Sequence[Route],
    *,
    width: float,
    height: float,
    marker_height: float = 4.2,
    base: Any = None,
    left_out: Sequence[LeftOut] = (),
) -> Drawing:
    """Draw routes into a frame.

    Parameters
    ----------
    plan
        The plan that the routes belong to.
    routes
        Those to draw; with more than one the numbers carry the crew's number too.
    width, height, marker_height
        Of the frame and of the stops' numbers, units of the drawing.
    base
        Streets, water and parks: a GeoDataFrame with ``kind``, in metres; None for none.
    left_out
        Candidates not visited; those outside the frame are not drawn.

    Returns
    -------
    Drawing
        The same for the same input.

    Raises
    ------
    CRSError
        If the base has no metric reference system, or another one than the plan.
    """
    frame = _frame(routes, left_out, width, height, marker_height)
    scale_m, scale_width = scale_of(frame)
    # The corners of the scale bar and the north arrow.
    taken = [
        Box((scale_width + 4) / 2, height - 3.5, scale_width + 4, 7),
        Box(width - 4, 6, 8, 12),
    ]
    spots = sorted({_xy(end) for route in routes for end in (route.crew.start, route.crew.end)})
    ends = _pairs(spots, frame)
    rings = _pairs([_xy(left) for left in left_out if frame.covers(left.x, left.y)], frame)
    taken.extend(Box(x, y, 2.8, 2.8) for x, y in (*ends, *rings))
    return Drawing(
        width=width,
        height=height,
        base=base_shapes(base, plan.epsg, frame),
        ways=tuple(
            (
                route.crew.number,
                tuple(line for leg in route.legs for line in _line(leg.way, frame)),
            )
            for route in routes
        ),
        markers=_markers(routes, frame, taken, marker_height),
        ends=ends,
        left_out=rings,
        scale_m=scale_m,
        scale_width=scale_width,
        frame=frame,
    )


def _pairs(spots: Sequence[tuple[float, float]], frame: Frame) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in frame.drawn(spots))


def _xy(spot: Any) -> tuple[float, float]:
    return float(spot.x), float(spot.y)


def _frame(
    routes: Sequence[Route],
    left_out: Sequence[LeftOut],
    width: float,
    height: float,
    marker_height: float,
) -> Frame:
    shapes = [np.asarray(leg.way, dtype=float) for route in routes for leg in route.legs]
    points = [_xy(visit) for route in routes for visit in route.visits]
    points += [_xy(end) for route in routes for end in (route.crew.start, route.crew.end)]
    if not shapes and not any(route.visits for route in routes):
        points += [_xy(left) for left in left_out]
    every = np.concatenate([*shapes, np.array(points, dtype=float).reshape(-1, 2)])
    return Frame.around(every, width, height, 1.4 * marker_height)


def scale_of(frame: Frame) -> tuple[int, float]:
    """Return the longest round length that fits into a quarter of the width.

    Parameters
    ----------
    frame
        Of the drawing.

    Returns
    -------
    tuple
        Metres, and how wide they are drawn.
    """
    most = frame.width * frame.metres / 4
    power = 10 ** int(np.floor(np.log10(most)))
    metres = max(step * power for step in _NICE if step * power <= most)
    return int(metres), round(float(metres / frame.metres), 2)


def _markers(
    routes: Sequence[Route], frame: Frame, taken: Sequence[Box], size: float
) -> tuple[Marker, ...]:
    several = len(routes) > 1
    together: dict[tuple[float, float], list[tuple[int, str]]] = {}
    for route in routes:
        for number, visit in enumerate(route.visits, start=1):
            label = f"{route.crew.number}:{number}" if several else str(number)
            ((x, y),) = frame.drawn([visit.x, visit.y]).tolist()
            together.setdefault((x, y), []).append((route.crew.number, label))
    wanted, about = [], []
    for (x, y), labels in together.items():
        text = " ".join([label for _, label in labels[:_MOST_LABELS]])
        text += " …" if len(labels) > _MOST_LABELS else ""
        figures = sum(map(str.isdigit, text))
        # Ems of the figures and of what stands between them, in type of 0.7 of the height.
        wide = max(size, size * (0.41 * figures + 0.25 * (len(text) - figures) + 0.55))
        wanted.append(Box(x, y, wide, size))
        about.append((text, labels[0][0], x, y))
    boxes = place(wanted, taken, width=frame.width, height=frame.height)
    return tuple(
        Marker(text, crew, Box(round(b.x, 2), round(b.y, 2), round(b.width, 2), b.height), x, y)
        for (text, crew, x, y), b in zip(about, boxes, strict=True)
    )


def _line(way: Any, frame: Frame) -> list[Floats]:
    points = frame.drawn(way)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return []
    simpler = shapely.simplify(shapely.linestrings(points), _LEAST_STEP)
    return [np.asarray(shapely.get_coordinates(simpler), dtype=float)]


def base_shapes(base: Any, epsg: int, frame: Frame) -> tuple[tuple[str, tuple[Floats, ...]], ...]:
    """Return the base map within a frame.

    Parameters
    ----------
    base
        Streets, water and parks: a GeoDataFrame with ``kind``, in metres; None for none.
    epsg
        The reference system of what is drawn on it.
    frame
        Of the drawing.

    Returns
    -------
    tuple
        Kind and shapes, bottom first; each shape of (k, 2), rings closed.

    Raises
    ------
    CRSError
        If the base has no metric reference system, or another one.
    """
    if base is None or not len(base):
        return ()
    what = Text("Bakgrundskartan", "The base map")
    if require_metric(base, what) != parse_crs(epsg):
        raise CRSError(
            Text(
                "Bakgrundskartan är i {a}, planen i EPSG:{b}. Projicera om den med to_crs({b}).",
                "The base map is in {a}, the plan in EPSG:{b}. Project it with to_crs({b}).",
            ).fill(a=harmless(base.crs.to_string())[:40], b=epsg)
        )
    shapes = np.asarray(base.geometry.array, dtype=object)
    kinds = base["kind"].astype(str).replace(_KIND_OF) if "kind" in base else None
    names = np.full(len(shapes), "street") if kinds is None else kinds.to_numpy(dtype=str)
    near = np.flatnonzero(shapely.intersects(shapes, shapely.box(*frame.bounds)))
    names, shapes = names[near], shapes[near]
    # Outlines of water in street files cross themselves now and then.
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    cut = shapely.clip_by_rect(shapes, *frame.bounds)
    parts, of = _parts(shapely.simplify(cut, _LEAST_STEP * frame.metres))
    names = names[of]
    lines: dict[str, list[Floats]] = {kind: [] for kind in BASE_KINDS}
    surface = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, of_ring = shapely.get_rings(parts[surface], return_index=True)
    for kind, points in zip(names[surface][of_ring], _points(rings, frame), strict=True):
        lines[kind if kind in _AREAS else "park"].append(points)
    way = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    for kind, points in zip(names[way], _points(parts[way], frame), strict=True):
        target = "river" if kind == "water" else kind if kind in BASE_KINDS else "street"
        lines[target].append(points)
    return tuple((kind, tuple(found)) for kind, found in lines.items() if found)


def _points(lines: Any, frame: Frame) -> list[Floats]:
    """Return the points of each line in the frame, to a tenth of a unit: all are drawn faint."""
    points, of = shapely.get_coordinates(lines, return_index=True)
    drawn = np.round(frame.drawn(points), 1) + 0.0
    return np.split(drawn, np.flatnonzero(np.diff(of)) + 1) if len(drawn) else []


def _parts(shapes: Any) -> tuple[Any, Any]:
    """Return the single parts of shapes, collections taken apart, and whose each is."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    inner, at = shapely.get_parts(parts, return_index=True)
    whole = ~shapely.is_empty(inner)
    return inner[whole], of[at][whole]
