"""The graph under the streets: lines cut where they meet, the longest part, steps between nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from riskmiljo.patrol.street_rules import Mode
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Vertices closer than this are the same corner: files round degrees at 1e-7, about a centimetre.
_SAME_M: Final = 0.02
# scipy reads a stored zero as "no edge" in places: a step of nothing is a micrometre.
_SHORTEST_M: Final = 1e-6
# Above this share the file is more than frayed at its edges: the user is told.
_MUCH_CUT_OFF: Final = 0.1


@dataclass(frozen=True, slots=True)
class StreetReport:
    """What became of the lines of a street file.

    Attributes
    ----------
    lines
        Lines given.
    closed
        Lines left out because they are no streets or not for this mode.
    parts
        Connected parts found; the longest is kept.
    kept_m, cut_off_m
        Length of the kept part and of the others together, metres.
    notes
        What a user must know, in both languages.
    """

    lines: int
    closed: int
    parts: int
    kept_m: float
    cut_off_m: float
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Pieces:
    """Undirected steps between nodes, the shortest of parallel ones, sorted by their key.

    Attributes
    ----------
    size
        Number of nodes.
    key
        Lower node × size + higher node.
    start
        Node at which the step leaves along its edge; ``begins`` is there.
    edge
        Row of the street edge that it lies on.
    begins, ends
        Where on the edge, metres from its beginning.
    off_street_m
        Of each point that was put on the network: how far it lies from it.
    graph
        Lengths of the steps as a sparse matrix.
    """

    size: int
    key: Ints
    start: Ints
    edge: Ints
    begins: Floats
    ends: Floats
    off_street_m: Floats
    graph: csr_matrix

    @classmethod
    def of(
        cls,
        size: int,
        nodes: tuple[Ints, Ints],
        edge: Ints,
        stretch: tuple[Floats, Floats],
        off_street_m: Floats,
    ) -> Self:
        """Keep the shortest step between any two nodes.

        Parameters
        ----------
        size
            Number of nodes.
        nodes
            Where each step starts and ends.
        edge
            Row of its street edge.
        stretch
            Where on the edge it begins and ends, metres.
        off_street_m
            Kept as it is.

        Returns
        -------
        Pieces
            With their graph.
        """
        start, (begins, ends) = nodes[0], stretch
        low, high = np.minimum(*nodes), np.maximum(*nodes)
        length = np.maximum(ends - begins, _SHORTEST_M)
        key = low * size + high
        order = np.lexsort((length, key))
        order = order[np.r_[True, key[order][1:] != key[order][:-1]]]
        graph = csr_matrix((length[order], (low[order], high[order])), shape=(size, size))
        of_edge = key[order], start[order], edge[order], begins[order], ends[order]
        return cls(size, *of_edge, off_street_m, graph)

    def row_of(self, start: int, end: int) -> int:
        """Return the row of the step between two nodes.

        Parameters
        ----------
        start, end
            Nodes, in either order.

        Returns
        -------
        int
            The row.
        """
        return int(np.searchsorted(self.key, min(start, end) * self.size + max(start, end)))


def join_lines(
    geometry: npt.NDArray[Any], tags: pd.DataFrame, crs: CRS
) -> tuple[Floats, gpd.GeoDataFrame]:
    """Cut lines at the vertices that they share, and number the corners.

    Parameters
    ----------
    geometry
        LineStrings, metres.
    tags
        ``name`` and ``kind`` of each.
    crs
        Their reference system.

    Returns
    -------
    tuple
        Nodes, shape (n, 2), and edges with ``from``, ``to``, ``length_m``, ``name``, ``kind``.
    """
    xy, line = shapely.get_coordinates(geometry, return_index=True)
    rounded = np.round(xy / _SAME_M).astype(np.int64)
    _, first, vertex, uses = np.unique(
        rounded, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    vertex = vertex.reshape(-1)  # numpy 2.0 alone gave it a second axis
    begins = np.r_[True, line[1:] != line[:-1]]
    ends = np.r_[begins[1:], True]
    cut = begins | ends | (uses[vertex] > 1)
    at = np.flatnonzero(cut)
    start, end = at[:-1], at[1:]
    within = line[start] == line[end]
    start, end = start[within], end[within]
    size = end - start + 1
    owner = np.repeat(np.arange(len(start)), size)
    index = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + start[owner]
    # Every line ends exactly in its corner, whatever the last digit in the file.
    corner = xy[first]
    ends_here = np.r_[True, owner[1:] != owner[:-1]] | np.r_[owner[1:] != owner[:-1], True]
    points = np.where(ends_here[:, None], corner[vertex[index]], xy[index])
    pieces = shapely.linestrings(points, indices=owner)
    length = shapely.length(pieces)
    used, number = np.unique(np.r_[vertex[start], vertex[end]], return_inverse=True)
    edges = gpd.GeoDataFrame(
        {
            "from": number[: len(start)].astype(np.int64),
            "to": number[len(start) :].astype(np.int64),
            "length_m": length,
            "name": tags["name"].to_numpy()[line[start]],
            "kind": tags["kind"].to_numpy()[line[start]],
        },
        geometry=pieces,
        crs=crs,
    )
    return corner[used], edges[length > 0].reset_index(drop=True)


def longest_part(
    nodes: Floats, edges: gpd.GeoDataFrame, mode: Mode, *, lines: int, closed: int
) -> tuple[Floats, gpd.GeoDataFrame, Mode, StreetReport]:
    """Keep the longest connected part.

    Parameters
    ----------
    nodes, edges
        As `join_lines` gives them.
    mode
        How one travels.
    lines, closed
        For the report: lines given, and left out.

    Returns
    -------
    tuple
        Nodes, edges, mode and report.
    """
    ends = edges[["from", "to"]].to_numpy()
    graph = csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(nodes),) * 2)
    _, part = connected_components(graph, directed=False)
    length = np.bincount(part[ends[:, 0]], edges["length_m"])
    keep = part[ends[:, 0]] == length.argmax()
    kept = edges[keep].reset_index(drop=True)
    used, number = np.unique(kept[["from", "to"]].to_numpy(), return_inverse=True)
    kept[["from", "to"]] = number.reshape(-1, 2)
    cut_off = float(length.sum() - length.max())
    notes = []
    if cut_off > _MUCH_CUT_OFF * length.sum():
        notes.append(
            Text(
                "{p:.0f} % av gatunätets längd hänger inte ihop med resten och används inte. "
                "Gator hänger ihop där de har en gemensam brytpunkt.",
                "{p:.0f} % of the street network's length is not connected to the rest and is not "
                "used. Streets are connected where they share a vertex.",
            ).fill(p=100 * cut_off / length.sum())
        )
    if mode == "drive":
        notes.append(
            Text(
                "Enkelriktade gator räknas som öppna i båda riktningar.",
                "One-way streets are counted as open in both directions.",
            )
        )
    report = StreetReport(
        lines=lines,
        closed=closed,
        parts=int((length > 0).sum()),
        kept_m=float(length.max()),
        cut_off_m=cut_off,
        notes=tuple(notes),
    )
    return nodes[used], kept, mode, report
