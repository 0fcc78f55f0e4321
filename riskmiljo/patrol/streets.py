"""The street network: read, joined at shared vertices, and asked for times and ways."""

from __future__ import annotations

from collections.abc import Sequence
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

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, require_metric
from riskmiljo.model.plan import MODE_NAMES
from riskmiljo.patrol.street_answers import Reach, Way, names_along, reach_of
from riskmiljo.patrol.street_corners import CornerBook, Corners
from riskmiljo.patrol.street_graph import StreetReport, join_lines, longest_part, once_each
from riskmiljo.patrol.street_lines import LINE_TAGS, street_lines
from riskmiljo.patrol.street_pieces import Pieces, directions
from riskmiljo.patrol.street_rules import SPEED_M_MIN, Mode, one_way, open_in, require_mode
from riskmiljo.patrol.travel import REACH_M
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Distances to all nodes are held for this many sources at a time (20 000 nodes: 40 MB).
_SOURCES_AT_ONCE: Final = 256


@dataclass(frozen=True, eq=False)
class Streets:
    """One connected street network.

    Streets are walked and cycled in both directions; those who drive keep to one-way rules, so that
    a way there and the way back may differ. Make it with `read_streets` or `Streets.from_lines`.

    Attributes
    ----------
    nodes
        Shape (n, 2), metres: corners and ends of streets.
    edges
        ``from``, ``to`` (rows of `nodes`), ``length_m``, ``name``, ``kind``, ``modes``, ``oneway``
        (see `lines`) and the line, one row for each piece of street between two nodes.
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
            railway, are left out), ``modes`` (who may use a line, such as ``walk cycle``; where it
            lacks, the kind decides), ``oneway`` (``yes`` along the line, ``-1`` against it; where
            it lacks, both ways) and LineStrings in a metric CRS, as `lines` gives them.
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
            If no usable line is left, or none that can be driven both there and back.
        """
        mode = require_mode(mode)
        crs = require_metric(lines, Text("Gatunätet", "The street network"))
        tags = pd.DataFrame(dict.fromkeys(LINE_TAGS, ""), index=lines.index, dtype="str")
        tags["kind"] = "street"
        for column in tags.columns.intersection(lines.columns):
            tags[column] = lines[column].fillna(tags[column]).astype("str")
        tags["oneway"] = one_way(tags.assign(junction="", highway=""))
        whole = ((lines.geom_type == "LineString") & (lines.length > 0)).to_numpy()
        wanted = open_in(tags["modes"], tags["kind"], mode) & whole
        if not wanted.any():
            raise NothingFoundError(
                Text(
                    "Gatunätet har inga gator för den som tar sig fram {m}. Läs in ett med sådana, "
                    "eller välj ett annat färdsätt.",
                    "The street network has no streets for those who go {m}. Load one that has, or "
                    "choose another mode.",
                ).fill(m=MODE_NAMES[mode])
            )
        geometry, tags = lines.geometry.to_numpy()[wanted], tags[wanted]
        first, oneway = once_each(geometry, tags["oneway"].to_numpy())
        tags = tags.iloc[first].assign(oneway=oneway)
        nodes, edges = join_lines(geometry[first], tags, crs)
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
            ``name``, ``kind``, ``modes`` (who may use a line, such as ``walk cycle``; empty where
            only its kind is known), ``oneway`` (for those who drive: ``yes`` along the line, ``-1``
            against it, empty for both ways) and LineStrings; `from_lines` makes the same network
            of them.
        """
        return self.edges[[*LINE_TAGS, "geometry"]].copy()

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

    def travel_minutes(self, points_a: Any, points_b: Any, *, limit_min: float = np.inf) -> Floats:
        """Return the shortest travel time from each point to each other one.

        A point off the street is first walked to the nearest street in a straight line; `snap`
        tells how far that is.

        Parameters
        ----------
        points_a, points_b
            Shapes (n, 2) and (m, 2) in metres, or points in the network's CRS.
        limit_min
            Longer times are not looked for: they are infinite. A low limit saves most of the work.

        Returns
        -------
        numpy.ndarray
            Shape (n, m), minutes from a to b. Driving there may take another time than back.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number, or the limit is not positive.
        CRSError
            If points come in another CRS.

        References
        ----------
        Dijkstra, E. W. (1959). A note on two problems in connexion with graphs. Numerische
        Mathematik 1, 269-271.
        """
        if not limit_min > 0:
            raise InvalidInputError(
                Text(
                    "Längsta restid är {v} {v:minut|minuter}. Ange ett tal större än noll.",
                    "The longest travel time is {v} {v:minute|minutes}. Give a number above zero.",
                ).fill(v=decimal_text(limit_min))
            )
        a, b = self._coordinates(points_a), self._coordinates(points_b)
        pieces = self._pieces(np.vstack([a, b]))
        sources = len(self.nodes) + np.arange(len(a))
        limit_m = limit_min * self.speed_m_min
        along = np.empty((len(a), len(b)))
        for start in range(0, len(a), _SOURCES_AT_ONCE):
            rows = slice(start, start + _SOURCES_AT_ONCE)
            found = dijkstra(pieces.graph, indices=sources[rows], limit=limit_m)
            along[rows] = found[:, len(self.nodes) + len(a) :]
        off = pieces.off_street_m
        on_foot = off[: len(a), None] + off[None, len(a) :]
        minutes = along / self.speed_m_min + on_foot / SPEED_M_MIN["walk"]
        minutes[minutes > limit_min] = np.inf
        return minutes

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
        return self.ways(np.vstack([_one_point(a), _one_point(b)]), [(0, 1)])[0].line

    def ways(self, points: Any, pairs: npt.ArrayLike) -> list[Way]:
        """Return the shortest ways between many pairs of points, with the streets along them.

        Parameters
        ----------
        points
            Shape (n, 2) in metres, or points in the network's CRS.
        pairs
            Shape (k, 2), rows of `points`: from, to. Pairs that start at the same point share one
            search.

        Returns
        -------
        list of Way
            One for each pair; their times equal those of `travel_minutes`.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number, or a pair names a point that is not there.
        CRSError
            If points come in another CRS.
        """
        xy = self._coordinates(points)
        wanted = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        if len(wanted) and not (wanted.min() >= 0 and wanted.max() < len(xy)):
            raise InvalidInputError(
                Text(
                    "Ett par pekar på en punkt som inte finns. Det finns {n} {n:punkt|punkter}, "
                    "från 0.",
                    "A pair names a point that is not there. There are {n} {n:point|points}, "
                    "from 0.",
                ).fill(n=len(xy))
            )
        pieces = self._pieces(xy)
        ways: list[Way | None] = [None] * len(wanted)
        starts = np.unique(wanted[:, 0])
        for first in range(0, len(starts), _SOURCES_AT_ONCE):
            batch = starts[first : first + _SOURCES_AT_ONCE]
            _, before = dijkstra(
                pieces.graph, indices=len(self.nodes) + batch, return_predecessors=True
            )
            for row in np.flatnonzero(np.isin(wanted[:, 0], batch)):
                a, b = wanted[row].tolist()
                ways[row] = self._way(xy, pieces, before[np.searchsorted(batch, a)], (a, b))
        return [way for way in ways if way is not None]

    def nearest_corner(self, points: Any) -> Corners:
        """Return the street corner nearest to each point along the network, for naming it.

        A corner is where streets meet. One of two named streets is preferred to one that lies up
        to 100 m nearer with a single name, or 300 m nearer without any.

        Parameters
        ----------
        points
            Shape (n, 2) in metres, or points in the network's CRS.

        Returns
        -------
        Corners
            In the order of the points.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number.
        CRSError
            If points come in another CRS.
        """
        xy = self._coordinates(points)
        return self._corner_book.nearest(self._pieces(xy))

    def reach(
        self, points: Any, *, names: Sequence[str] | None = None, reach_m: float = REACH_M
    ) -> Reach:
        """Say of each point whether it lies near enough to a street to be travelled to.

        Parameters
        ----------
        points
            Shape (n, 2) in metres, or points in the network's CRS.
        names
            What the points are called in the reasons; None numbers them from 1.
        reach_m
            How far from a street of the network a point may lie.

        Returns
        -------
        Reach
            Usable or not, the distance, and the reason in words.

        Raises
        ------
        InvalidInputError
            If a coordinate is not a number.
        CRSError
            If points come in another CRS.
        """
        xy = self._coordinates(points)
        distance = self.snap(xy)[1]
        named = None if names is None else list(names)
        return reach_of(xy, distance, self.report, named, reach_m)

    @cached_property
    def _corner_book(self) -> CornerBook:
        return CornerBook.of(self.nodes, self.edges)

    @cached_property
    def _lines(self) -> npt.NDArray[Any]:
        return np.asarray(self.edges.geometry.to_numpy())

    @cached_property
    def _line_corners(self) -> list[Floats]:
        ends = np.cumsum(shapely.get_num_coordinates(self._lines))
        return np.split(shapely.get_coordinates(self._lines), ends[:-1])

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
        at = shapely.line_locate_point(self._lines[edge], shapely.points(xy))
        at = np.clip(at, 0.0, self.edges["length_m"].to_numpy()[edge])
        open_ = directions(self.edges, self.mode)
        return Pieces.of(len(self.nodes), self.edges, open_, (edge, at), off)

    def _way(self, xy: Floats, pieces: Pieces, before: Ints, pair: tuple[int, int]) -> Way:
        """Follow the predecessors of one search from the goal back to the start."""
        a, b = pair
        start, at = len(self.nodes) + a, len(self.nodes) + b
        passed = [at]
        while at != start:
            at = int(before[at])
            passed.append(at)
        rows = pieces.rows_of(np.array(passed[::-1], dtype=np.int64))
        steps = [pieces.line_of(row, self._lines, self._line_corners) for row in rows]
        line = np.vstack([xy[a : a + 1], *steps, xy[b : b + 1]])
        new = np.r_[True, (np.diff(line, axis=0) != 0).any(axis=1)]
        line = line[new]
        along = float(np.abs(pieces.ends[rows] - pieces.begins[rows]).sum())
        off = 0.0 if a == b else float(pieces.off_street_m[[a, b]].sum())
        return Way(
            line=shapely.LineString(line if len(line) > 1 else np.vstack([line, line])),
            length_m=along + off,
            minutes=along / self.speed_m_min + off / SPEED_M_MIN["walk"],
            streets=names_along(self.edges["name"].to_numpy()[pieces.edge[rows]]),
        )


def read_streets(path: str | Path, *, mode: Mode = "walk", crs: Any = None) -> Streets:
    """Read a street network from a file.

    Parameters
    ----------
    path
        GraphML written by OSMnx, OSM PBF or XML, or a GeoPackage or GeoJSON with lines.
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
        If the mode is unknown, or the path is none.
    UnreadableFileError
        If the file cannot be read as streets.
    NothingFoundError
        If no line may be used in this mode.
    """
    mode = require_mode(mode)
    lines = street_lines(path, crs=crs)
    wanted = lines["modes"].str.split().map(lambda modes: mode in modes).to_numpy(dtype=bool)
    return Streets.from_lines(lines[wanted], mode, closed=int((~wanted).sum()))


def _one_point(point: Any) -> Floats:
    xy = (point.x, point.y) if isinstance(point, shapely.Point) else point
    return np.asarray(xy, dtype=float).reshape(1, 2)
