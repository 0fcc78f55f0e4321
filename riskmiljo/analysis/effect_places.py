"""Where an operation was, what lies around it, and which places can be compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from riskmiljo.analysis.places import Floats, Ints
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs, require_metric
from riskmiljo.wording import Text

# A place given as a point or a line reaches so far, metres.
POINT_REACH_M: Final = 150.0
_SMALLEST_M: Final = 100.0
_LARGEST_M: Final = 1_000.0
_FEWEST: Final = 3
_PER_TREATED: Final = 8
_AT_LEAST: Final = 16
_AT_MOST: Final = 60
# Candidates with fewer than this share of the treated level are not comparable at all.
_LEAST_SHARE: Final = 0.1
_LEAST_COUNT: Final = 5.0
_LEVEL_SCALE: Final = 0.5
_TREND_SCALE: Final = 0.7
_KIND_SCALE: Final = 0.5

Shapes = npt.NDArray[Any]


@dataclass(frozen=True)
class Ground:
    """The places of an evaluation, as polygons in the CRS of the incidents.

    Parameters
    ----------
    treated
        The operation's places.
    buffer
        The ring around them, without them.
    comparison
        The places compared with; empty until they are chosen.
    """

    treated: list[BaseGeometry]
    buffer: BaseGeometry
    comparison: list[BaseGeometry]


def polygons_of(given: Any, incidents: gpd.GeoDataFrame, what: Text) -> list[BaseGeometry]:
    """Return places as polygons in the CRS of the incidents.

    Parameters
    ----------
    given
        A GeoDataFrame or GeoSeries in any CRS, a shapely geometry, or a list of such, in the
        CRS of the incidents. Points and lines are widened by 150 m.
    incidents
        In a metric CRS.
    what
        What the places are called in a message.

    Returns
    -------
    list of shapely geometry
        One polygon a place.

    Raises
    ------
    InvalidInputError
        If there is none, or one is empty.
    CRSError
        If a frame has no CRS.
    """
    if isinstance(given, (gpd.GeoDataFrame, gpd.GeoSeries)):
        series = given.geometry
        if series.crs is None:
            require_metric(series, what)
        if parse_crs(series.crs) != parse_crs(incidents.crs):
            series = series.to_crs(incidents.crs)
        shapes = list(series)
    elif isinstance(given, BaseGeometry):
        shapes = [given]
    else:
        shapes = list(given) if isinstance(given, Sequence) else []
    if not shapes or not all(isinstance(s, BaseGeometry) and not s.is_empty for s in shapes):
        raise InvalidInputError(
            Text(
                "{what} saknar yta eller är tom. Ge en polygon eller punkt för varje plats.",
                "{what} have no area or are empty. Give a polygon or point for each place.",
            ).fill(what=what)
        )
    shapes = [s if s.area > 0 else s.buffer(POINT_REACH_M) for s in shapes]
    return [s if s.is_valid else shapely.make_valid(s) for s in shapes]


def ground_of(
    treated: list[BaseGeometry], comparison: list[BaseGeometry], buffer_m: float
) -> tuple[Ground, bool]:
    """Put the ring around the operation and check the comparison against it.

    Parameters
    ----------
    treated, comparison
        Polygons in metres.
    buffer_m
        The width of the ring, metres.

    Returns
    -------
    tuple
        The ground, and whether the comparison had to be cut out of the ring.

    Raises
    ------
    InvalidInputError
        If a comparison place overlaps the operation, or two comparison places overlap.
    """
    inside = shapely.union_all(treated)
    ring = inside.buffer(buffer_m).difference(inside) if buffer_m > 0 else shapely.Polygon()
    for number, shape in enumerate(comparison, 1):
        if shape.intersection(inside).area > 1e-6 * shape.area:
            raise InvalidInputError(
                Text(
                    "Jämförelseplats {n} överlappar insatsen. Välj platser där inget gjordes.",
                    "Comparison place {n} overlaps the operation. Choose places where nothing was "
                    "done.",
                ).fill(n=number)
            )
    # Places that share an incident would count it twice.
    both = shapely.union_all(comparison) if comparison else shapely.Polygon()
    total = sum(shape.area for shape in comparison)
    if total - both.area > 1e-6 * max(total, 1.0):
        raise InvalidInputError(
            Text(
                "Jämförelseplatserna överlappar varandra. Slå ihop eller dela upp dem.",
                "The comparison places overlap each other. Merge or part them.",
            )
        )
    cut = bool(ring.intersection(both).area > 1e-6 * max(ring.area, 1.0))
    return Ground(treated, ring.difference(both) if cut else ring, comparison), cut


def place_of(xy: Floats, shapes: list[BaseGeometry]) -> Ints:
    """Return the number of the place that each point lies in.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    shapes
        Polygons; of several the first counts.

    Returns
    -------
    numpy.ndarray
        Shape (n,), -1 for none.
    """
    number = np.full(len(xy), -1, dtype=np.int64)
    for i in range(len(shapes) - 1, -1, -1):
        west, south, east, north = shapes[i].bounds
        near = np.flatnonzero(
            (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
        )
        shapely.prepare(shapes[i])
        number[near[shapely.intersects_xy(shapes[i], xy[near, 0], xy[near, 1])]] = i
    return number


def candidates(xy: Floats, ground: Ground) -> tuple[list[BaseGeometry], Ints]:
    """Lay square cells as large as the operation's places over all incidents away from it.

    Parameters
    ----------
    xy
        Incidents, shape (n, 2), metres.
    ground
        The operation and the ring around it.

    Returns
    -------
    tuple
        The cells with incidents that do not touch either, and the cell of each incident, -1 for
        none.
    """
    mean_area = float(np.mean([shape.area for shape in ground.treated]))
    side = float(np.clip(np.sqrt(mean_area), _SMALLEST_M, _LARGEST_M))
    column, row = np.floor(xy / side).astype(np.int64).T
    # One number a cell: many times as fast as unique rows.
    first, width = row.min(), np.ptp(row) + 1
    key, cell = np.unique(column * width + (row - first), return_inverse=True)
    west, south = key // width * side, (key % width + first) * side
    boxes = shapely.box(west, south, west + side, south + side)
    closed = shapely.union_all([*ground.treated, ground.buffer])
    shapely.prepare(closed)
    free = ~shapely.intersects(closed, boxes)
    number = np.where(free, np.cumsum(free) - 1, -1)
    return list(boxes[free]), number[cell].astype(np.int64)


def match(treated: Floats, pool: Floats, treated_kinds: Floats, pool_kinds: Floats) -> Ints:
    """Choose the candidates most like the operation's places before it.

    Parameters
    ----------
    treated, pool
        Weekly counts before the operation, shape (places, weeks).
    treated_kinds, pool_kinds
        Counts per kind before it, shape (places, kinds).

    Returns
    -------
    numpy.ndarray
        Numbers of candidates, most alike first: level, trend (later half against earlier) and mix
        of kinds.

    Raises
    ------
    NothingFoundError
        If fewer than three are comparable.
    """
    level = float(treated.sum(axis=1).mean())
    counts = pool.sum(axis=1)
    usable = np.flatnonzero(counts >= max(_LEAST_COUNT, _LEAST_SHARE * level))
    if len(usable) < _FEWEST:
        raise NothingFoundError(
            Text(
                "Bara {n} {n:plats|platser} utanför insatsen har händelser nog för en "
                "jämförelse. Ange jämförelseplatser själv, eller ta med en längre tid och fler "
                "slag av händelser.",
                "Only {n} {n:place|places} outside the operation have incidents enough for a "
                "comparison. Give comparison places yourself, or take a longer time and more "
                "kinds.",
            ).fill(n=len(usable))
        )
    distance = ((np.log(counts[usable]) - np.log(max(level, 0.5))) / _LEVEL_SCALE) ** 2
    trends = _trend(pool[usable]), _trend(treated.sum(axis=0, keepdims=True))
    distance += ((trends[0] - trends[1]) / _TREND_SCALE) ** 2
    mixes = _mix(pool_kinds[usable]), _mix(treated_kinds.sum(axis=0, keepdims=True))
    distance += (np.abs(mixes[0] - mixes[1]).sum(axis=1) / 2 / _KIND_SCALE) ** 2
    most = int(np.clip(_PER_TREATED * len(treated), _AT_LEAST, _AT_MOST))
    return usable[np.argsort(distance, kind="stable")[:most]].astype(np.int64)


def _trend(weekly: Floats) -> Floats:
    half = weekly.shape[1] // 2
    early, late = weekly[:, :half].sum(axis=1), weekly[:, -half:].sum(axis=1) if half else 0.0
    # Few incidents make wild trends: they are drawn towards none.
    return np.asarray(np.log((late + 5.0) / (early + 5.0)), dtype=float)


def _mix(kinds: Floats) -> Floats:
    return np.asarray(kinds / np.maximum(kinds.sum(axis=1, keepdims=True), 1.0), dtype=float)
