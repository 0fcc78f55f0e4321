"""The street network: read, joined at shared vertices, and asked for times and ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, metric_crs_for, parse_crs, require_metric, transform
from riskmiljo.patrol.street_files import read_lines
from riskmiljo.patrol.street_graph import Pieces, StreetReport, join_lines, longest_part
from riskmiljo.patrol.street_rules import (
    SPEED_M_MIN,
    Mode,
    kind_of,
    kinds_open_to,
    require_mode,
    usable,
)
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Distances to all nodes are held for this many sources at a time (20 000 nodes: 40 MB).
_SOURCES_AT_ONCE: Final = 256


@dataclass(frozen=True, eq=False)
class Streets:
    """One connected street network, walked in both directions.

    Make it with `read_streets` or `Streets.from_lines`.

    Attributes
    ----------
    nodes
        Shape (n, 2), metres: corners and ends of streets.
    edges
        ``from``, ``to`` (rows of `nodes`), ``length_m``, ``name``, ``kind`` and the line, one row
        for each piece of street between two nodes.
    mode
        How one travels: ``walk``, ``cycle`` or ``drive``.
    report
        What was left out and cut off.
    """

    nodes: Floats = field(repr=False)
    edges: gpd.GeoDataFrame = field(repr=False)
    mode: Mode
    report: StreetReport

    @classmethod
    def from_lines(cls, lines: gpd.GeoDataFrame, mode: Mode = "walk", *, closed: int = 0) -> Self:
        """Join lines to a network where they share a vertex.

        Lines that merely cross, as a bridge over a path does, are not joined.

        Parameters
        ----------
        lines
            ``name``, ``kind`` (one of `riskmiljo.patrol.street_rules.KINDS`; others, such as a
            railway, are left out) and LineStrings in a metric CRS, as `lines` gives them.
        mode
            How one travels.
        closed
            How many lines the caller has left out already, for the report.

        Returns
        -------
        Streets
            The longest connected part.

        Raises
        ------
        InvalidInputError
            If the mode is unknown.
        CRSError
            If the lines are not in metres.
        NothingFoundError
            If no usable line is left.
        """
        mode = require_mode(mode)
        crs = require_metric(lines, Text("Gatunätet", "The street network"))
        tags = pd.DataFrame({"name": "", "kind": "street"}, index=lines.index)
        for column in tags.columns.intersection(lines.columns):
            tags[column] = lines[column].fillna(tags[column]).astype("str")
        wanted = tags["kind"].isin(kinds_open_to(mode)) & (lines.geom_type == "LineString")
        wanted &= lines.length > 0
        geometry = lines.geometry.to_numpy()[wanted]
        # Files that list both directions name every street twice.
        _, first = np.unique(shapely.to_wkb(shapely.normalize(geometry)), return_index=True)
        first.sort()
        if not len(first):
            raise NothingFoundError(
                Text(
                    "Gatunätet har inga gator för färdsättet {m}.",
                    "The street network has no streets for the mode {m}.",
                ).fill(m=mode)
            )
        nodes, edges = join_lines(geometry[first], tags[wanted].iloc[first], crs)
        counts = {"lines": len(lines) + closed, "closed": closed + int((~wanted).sum())}
        return cls(*longest_part(nodes, edges, mode, **counts))

    @property
    def crs(self) -> CRS:
        """The metric reference system."""
        return CRS(self.edges.crs)

    @property
    def speed_m_min(self) -> float:
        """Metres a minute in this mode."""
        return SPEED_M_MIN[self.mode]

    def lines(self) -> gpd.GeoDataFrame:
        """Return the network as lines, for the store and the base map.

        Returns
        -------
        geopandas.GeoDataFrame
            ``name``, ``kind`` and LineStrings; `from_lines` makes the same network of them.
        """
        return self.edges[["name", "kind", "geometry"]].copy()

    def snap(self, points: Any) -> tuple[Ints, Floats]:
        """Find the nearest street of each point.

        Parameters
        ----------
        points
            Shape (n, 2) in metres, or points in the network's CRS.

        Returns
        -------
        tuple of numpy.ndarray
            Row of `edges`, and the distance to it in metres.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number.
        CRSError
            If points come in another CRS.
        """
        xy = self._coordinates(points)
        (_, edge), distance = self._tree.query_nearest(
            shapely.points(xy), return_distance=True, all_matches=False
        )
        return np.asarray(edge, dtype=np.int64), np.asarray(distance, dtype=float)

    def travel_minutes(self, points_a: Any, points_b: Any) -> Floats:
        """Return the shortest travel time between all pairs of points.

        A point off the street is first walked to the nearest street in a straight line; `snap`
        tells how far that is.

        Parameters
        ----------
        points_a, points_b
            Shapes (n, 2) and (m, 2) in metres, or points in the network's CRS.

        Returns
        -------
        numpy.ndarray
            Shape (n, m), minutes.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number.
        CRSError
            If points come in another CRS.

        References
        ----------
        Dijkstra, E. W. (1959). A note on two problems in connexion with graphs. Numerische
        Mathematik 1, 269-271.
        """
        a, b = self._coordinates(points_a), self._coordinates(points_b)
        if len(a) > len(b):  # both directions take as long: fewer sources are less work
            return self.travel_minutes(b, a).T.copy()
        pieces = self._pieces(np.vstack([a, b]))
        sources = len(self.nodes) + np.arange(len(a))
        along = np.empty((len(a), len(b)))
        for start in range(0, len(a), _SOURCES_AT_ONCE):
            rows = slice(start, start + _SOURCES_AT_ONCE)
            found = dijkstra(pieces.graph, directed=False, indices=sources[rows])
            along[rows] = found[:, len(self.nodes) + len(a) :]
        off = pieces.off_street_m
        on_foot = off[: len(a), None] + off[None, len(a) :]
        return along / self.speed_m_min + on_foot / SPEED_M_MIN["walk"]

    def nearest_along(self, points: Any) -> Ints:
        """Return which point is nearest to each node along the network.

        Parameters
        ----------
        points
            Shape (m, 2) in metres, m at least 1, or points in the network's CRS; the step from a
            point to its street is not counted.

        Returns
        -------
        numpy.ndarray
            Shape (n,), row of `points` for each of `nodes`.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number.
        CRSError
            If points come in another CRS.
        """
        xy = self._coordinates(points)
        sources = len(self.nodes) + np.arange(len(xy))
        _, _, nearest = dijkstra(
            self._pieces(xy).graph,
            directed=False,
            indices=sources,
            return_predecessors=True,
            min_only=True,
        )
        return np.asarray(nearest[: len(self.nodes)] - len(self.nodes), dtype=np.int64)

    def path(self, a: Any, b: Any) -> shapely.LineString:
        """Return the shortest way between two points as a line along the streets.

        Parameters
        ----------
        a, b
            One point each: (x, y) in metres, or a shapely Point.

        Returns
        -------
        shapely.LineString
            From a to b, with the straight steps from and to the street.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number.
        """
        ends = np.vstack([_one_point(a), _one_point(b)])
        pieces = self._pieces(self._coordinates(ends))
        start, goal = len(self.nodes), len(self.nodes) + 1
        _, before = dijkstra(pieces.graph, directed=False, indices=start, return_predecessors=True)
        parts = [ends[1:]]
        at = goal
        while at != start:
            previous = int(before[at])
            line = self._piece_line(pieces, previous, at)
            parts.append(line)
            at = previous
        parts.append(ends[:1])
        way = np.vstack(parts[::-1])
        new = np.r_[True, (np.diff(way, axis=0) != 0).any(axis=1)]
        way = way[new]
        return shapely.LineString(way if len(way) > 1 else np.vstack([way, way]))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.edges.geometry.to_numpy())

    def _coordinates(self, points: Any) -> Floats:
        if isinstance(points, gpd.GeoDataFrame | gpd.GeoSeries):
            if points.crs != self.crs:
                raise CRSError(
                    Text(
                        "Punkterna har ett annat koordinatsystem än gatunätet ({c}). Projicera om.",
                        "The points have another reference system than the streets ({c}). "
                        "Project them first.",
                    ).fill(c=self.crs.to_string()[:40])
                )
            points = coordinates(points)
        xy = np.asarray(points, dtype=float).reshape(-1, 2)
        if not np.isfinite(xy).all():
            raise InvalidInputError(
                Text(
                    "Punkt {n} har ingen giltig koordinat.",
                    "Point {n} has no valid coordinate.",
                ).fill(n=int(np.argmin(np.isfinite(xy).all(axis=1))) + 1)
            )
        return xy

    def _pieces(self, xy: Floats) -> Pieces:
        """Cut the network at the feet of points, which become its last nodes."""
        edge, off = self.snap(xy)
        at = shapely.line_locate_point(self.edges.geometry.to_numpy()[edge], shapely.points(xy))
        ends = self.edges[["from", "to"]].to_numpy()
        length = self.edges["length_m"].to_numpy()
        at = np.clip(at, 0.0, length[edge])
        foot = len(self.nodes) + np.arange(len(xy))
        # Feet on one edge are chained in their order along it.
        order = np.lexsort((at, edge))
        chained = edge[order][1:] == edge[order][:-1]
        left, right = order[:-1][chained], order[1:][chained]
        whole = np.arange(len(length))
        nowhere = np.zeros(len(length) + len(xy))
        return Pieces.of(
            len(self.nodes) + len(xy),
            (
                np.r_[ends[:, 0], ends[edge, 0], foot, foot[left]],
                np.r_[ends[:, 1], foot, ends[edge, 1], foot[right]],
            ),
            np.r_[whole, edge, edge, edge[left]],
            (np.r_[nowhere, at, at[left]], np.r_[length, at, length[edge], at[right]]),
            off,
        )

    def _piece_line(self, pieces: Pieces, start: int, end: int) -> Floats:
        """Return the coordinates of one step."""
        row = pieces.row_of(start, end)
        line = self.edges.geometry.iloc[int(pieces.edge[row])]
        part = substring(line, float(pieces.begins[row]), float(pieces.ends[row]))
        xy = np.asarray(shapely.get_coordinates(part), dtype=float)
        return xy if int(pieces.start[row]) == start else xy[::-1]


def read_streets(path: str | Path, *, mode: Mode = "walk", crs: Any = None) -> Streets:
    """Read a street network from a file.

    Parameters
    ----------
    path
        GraphML written by OSMnx, OSM XML, or a GeoPackage or GeoJSON with lines.
    mode
        ``walk``, ``cycle`` or ``drive``: which lines are used, and how fast.
    crs
        The metric reference system wanted; None chooses it from the data (SWEREF 99 TM in Sweden,
        UTM elsewhere).

    Returns
    -------
    Streets
        The longest connected part; its ``report`` says what was left out.

    Raises
    ------
    InvalidInputError
        If the mode is unknown.
    UnreadableFileError
        If the file cannot be read as streets.
    NothingFoundError
        If no line may be used in this mode.
    """
    mode = require_mode(mode)
    raw = read_lines(Path(path))
    kind = kind_of(raw)
    wanted = usable(raw, kind, mode)
    vertices = shapely.get_coordinates(raw.geometry.to_numpy())
    if crs is None:
        crs = metric_crs_for(*transform(vertices[:, 0], vertices[:, 1], raw.crs, 4326))
    target = parse_crs(crs)
    geometry = shapely.set_coordinates(
        raw.geometry.to_numpy().copy(),
        np.column_stack(transform(vertices[:, 0], vertices[:, 1], raw.crs, target)),
    )
    lines = gpd.GeoDataFrame({"name": raw["name"], "kind": kind}, geometry=geometry, crs=target)
    return Streets.from_lines(lines[wanted], mode, closed=int((~wanted).sum()))


def _one_point(point: Any) -> Floats:
    xy = (point.x, point.y) if isinstance(point, shapely.Point) else point
    return np.asarray(xy, dtype=float).reshape(1, 2)
