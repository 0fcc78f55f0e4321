"""Calm borders between areas: fewer corners, no unit cut, no area torn."""

from __future__ import annotations

import heapq
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[Any]

# A corner is left out if the triangle that it makes with its neighbours is smaller, square metres:
# the zigzag between street corners goes, the corner of a block stays.
_SMALLEST_CORNER_M2: Final = 3000.0
# What lies this near to a unit's outline is on it.
_ON_OUTLINE_M: Final = 0.01
_SAME_SPOT_M: Final = 1e-6
_FEWEST_IN_RING: Final = 4


def calm_borders(areas: Geometries, units: Geometries, kept: Geometries) -> list[Any]:
    """Straighten the borders that areas share.

    Parameters
    ----------
    areas
        Polygons that meet exactly, metres.
    units
        Polygons, each within one area, whose outlines no border may cross; each area holds one.
    kept
        Lines that a border which follows them does not leave; may be empty.

    Returns
    -------
    list of shapely.LineString
        The inner borders; with the outer boundary they divide the same ground into the same areas.

    References
    ----------
    Visvalingam, M. and Whyatt, J. D. (1993). Line generalisation by repeated elimination of points.
    The Cartographic Journal 30, 46-51.
    """
    arcs = _shared_arcs(areas)
    if not arcs:
        return []
    fixed = np.r_[shapely.boundary(units), kept]
    outline = shapely.get_coordinates(fixed)
    outer = shapely.get_coordinates(shapely.boundary(shapely.coverage_union_all(areas)))
    return _Borders(arcs, np.vstack([outline, outer]), fixed).calm()


def _shared_arcs(areas: Geometries) -> list[Floats]:
    left, right = shapely.STRtree(areas).query(areas, predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = shapely.intersection(shapely.boundary(areas[left]), shapely.boundary(areas[right]))
    arcs = []
    for border in shared:
        # Where areas touch in a point only there is nothing to straighten.
        lines = [part for part in shapely.get_parts(border) if part.geom_type == "LineString"]
        merged = shapely.line_merge(shapely.multilinestrings(lines)) if lines else None
        arcs += [] if merged is None else list(shapely.get_parts(merged))
    return [shapely.get_coordinates(arc) for arc in arcs]


class _Borders:
    """All corners of all arcs, of which the smallest go first."""

    def __init__(self, arcs: list[Floats], fixed: Floats, outlines: Geometries) -> None:
        self.size = [len(arc) for arc in arcs]
        self.xy = np.vstack([*arcs, fixed])
        self.corners = int(sum(self.size))
        self.there = np.ones(len(self.xy), dtype=bool)
        self.tree = KDTree(self.xy)
        start = np.cumsum(self.size) - self.size
        index = np.arange(self.corners)
        ends = np.r_[start, start + np.asarray(self.size) - 1]
        self.before, self.after = index - 1, index + 1
        on_outline = shapely.STRtree(outlines).query(
            shapely.points(self.xy[: self.corners]), predicate="dwithin", distance=_ON_OUTLINE_M
        )[0]
        self.stays = np.zeros(self.corners, dtype=bool)
        self.stays[ends] = True
        self.stays[on_outline] = True
        self.arc = np.repeat(np.arange(len(arcs)), self.size)
        self.left = list(self.size)

    def calm(self) -> list[Any]:
        """Leave out small corners, the smallest first; return the lines that remain."""
        queue = [(self._corner_m2(i), i) for i in np.flatnonzero(~self.stays).tolist()]
        heapq.heapify(queue)
        while queue:
            size, i = heapq.heappop(queue)
            if size > _SMALLEST_CORNER_M2:
                break
            if not self.there[i] or size != self._corner_m2(i) or not self._free(i):
                continue
            self.there[i] = False
            self.left[self.arc[i]] -= 1
            p, r = int(self.before[i]), int(self.after[i])
            self.after[p], self.before[r] = r, p
            for corner in (p, r):
                if not self.stays[corner]:
                    heapq.heappush(queue, (self._corner_m2(corner), corner))
        lines = np.split(np.arange(self.corners), np.cumsum(self.size)[:-1])
        return [shapely.LineString(self.xy[line[self.there[line]]]) for line in lines]

    def _corner_m2(self, i: int) -> float:
        p, q, r = self.xy[[self.before[i], i, self.after[i]]]
        return abs(float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))) / 2

    def _free(self, i: int) -> bool:
        """Tell whether nothing lies in the triangle that would change sides."""
        p, q, r = self.xy[[self.before[i], i, self.after[i]]]
        ring = np.hypot(*(self.xy[self.before[i]] - self.xy[self.after[i]])) <= _SAME_SPOT_M
        if ring or (self.left[self.arc[i]] <= _FEWEST_IN_RING and self._closed(i)):
            return False
        middle = (p + q + r) / 3
        reach = np.hypot(*(np.array([p, q, r]) - middle).T).max()
        near = np.asarray(self.tree.query_ball_point(middle, reach + _SAME_SPOT_M))
        near = near[self.there[near] & (near != i)]
        at = self.xy[near]
        apart = (np.hypot(*(at - p).T) > _SAME_SPOT_M) & (np.hypot(*(at - r).T) > _SAME_SPOT_M)
        at = at[apart]
        sides = np.array([_side(p, q, at), _side(q, r, at), _side(r, p, at)])
        inside = (sides >= -_SAME_SPOT_M).all(axis=0) | (sides <= _SAME_SPOT_M).all(axis=0)
        return not inside.any()

    def _closed(self, i: int) -> bool:
        """Tell whether a corner's arc is a ring."""
        end = int(np.cumsum(self.size)[self.arc[i]]) - 1
        start = end - self.size[self.arc[i]] + 1
        return bool(np.hypot(*(self.xy[start] - self.xy[end])) <= _SAME_SPOT_M)


def _side(a: Floats, b: Floats, points: Floats) -> Floats:
    """Twice the signed area between a line and each point."""
    side = (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])
    return np.asarray(side, dtype=float)
