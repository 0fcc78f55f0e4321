"""Steps between corners, and between corners and points put on the streets: what Dijkstra walks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from shapely.ops import substring

from riskmiljo.patrol.street_rules import BACKWARD, FORWARD, Mode

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# scipy reads a stored zero as "no edge" in places: a step of nothing is a micrometre.
_SHORTEST_M: Final = 1e-6
# A point this near to a corner, along its street, is at the corner.
_SAME_PLACE_M: Final = 0.02


def directions(edges: gpd.GeoDataFrame, mode: Mode) -> tuple[Bools, Bools]:
    """Return which edges may be used along their line, and which against it.

    Parameters
    ----------
    edges
        With ``oneway``.
    mode
        One-way rules bind those who drive.

    Returns
    -------
    tuple of numpy.ndarray
        Shape (n,) each.
    """
    if mode != "drive":
        return np.ones(len(edges), dtype=bool), np.ones(len(edges), dtype=bool)
    oneway = edges["oneway"].to_numpy()
    return np.asarray(oneway != BACKWARD), np.asarray(oneway != FORWARD)


@dataclass(frozen=True)
class Pieces:
    """Directed steps between nodes, the shortest of parallel ones, sorted by their key.

    Attributes
    ----------
    size
        Number of nodes: those of the network, then one for each point put on it.
    key
        Node where a step starts × size + node where it ends.
    edge
        Row of the street edge that it lies on.
    begins, ends
        Where on the edge, metres from its beginning; a step against the line ends before it begins.
    off_street_m
        Of each point that was put on the network: how far it lies from it.
    graph
        Lengths of the steps as a sparse matrix.
    """

    size: int
    key: Ints
    edge: Ints
    begins: Floats
    ends: Floats
    off_street_m: Floats
    graph: csr_matrix

    @classmethod
    def of(
        cls,
        nodes: int,
        edges: gpd.GeoDataFrame,
        open_: tuple[Bools, Bools],
        feet: tuple[Ints, Floats],
        off_street_m: Floats,
    ) -> Self:
        """Cut a network at the feet of points, which become its last nodes.

        Parameters
        ----------
        nodes
            Number of the network's own nodes.
        edges
            With ``from``, ``to`` and ``length_m``.
        open_
            As `directions` gives it.
        feet
            Row of the edge under each point, and how far along it, metres.
        off_street_m
            Kept as it is.

        Returns
        -------
        Pieces
            With their graph.
        """
        edge, at = feet
        ends = edges[["from", "to"]].to_numpy()
        length = edges["length_m"].to_numpy()
        foot = nodes + np.arange(len(edge))
        # Feet on one edge are chained in their order along it.
        order = np.lexsort((at, edge))
        chained = edge[order][1:] == edge[order][:-1]
        left, right = order[:-1][chained], order[1:][chained]
        start = np.r_[ends[:, 0], ends[edge, 0], foot, foot[left]]
        goal = np.r_[ends[:, 1], foot, ends[edge, 1], foot[right]]
        on = np.r_[np.arange(len(length)), edge, edge, edge[left]]
        begins = np.r_[np.zeros(len(length) + len(at)), at, at[left]]
        stops = np.r_[length, at, length[edge], at[right]]
        # Who stands at a corner, or beside another point, need not drive round the block to it.
        at_once = (np.arange(len(on)) >= len(length)) & (stops - begins <= _SAME_PLACE_M)
        along, against = open_[0][on] | at_once, open_[1][on] | at_once
        return cls._shortest(
            nodes + len(edge),
            (np.r_[start[along], goal[against]], np.r_[goal[along], start[against]]),
            np.r_[on[along], on[against]],
            (np.r_[begins[along], stops[against]], np.r_[stops[along], begins[against]]),
            off_street_m,
        )

    @classmethod
    def _shortest(
        cls,
        size: int,
        nodes: tuple[Ints, Ints],
        edge: Ints,
        stretch: tuple[Floats, Floats],
        off_street_m: Floats,
    ) -> Self:
        """Keep the shortest step from any node to any other."""
        start, goal = nodes
        begins, ends = stretch
        length = np.maximum(np.abs(ends - begins), _SHORTEST_M)
        key = start * size + goal
        order = np.lexsort((length, key))
        order = order[np.r_[True, key[order][1:] != key[order][:-1]]]
        graph = csr_matrix((length[order], (start[order], goal[order])), shape=(size, size))
        of_edge = key[order], edge[order], begins[order], ends[order]
        return cls(size, *of_edge, off_street_m, graph)

    def rows_of(self, nodes: Ints) -> Ints:
        """Return the rows of the steps from each node to the next.

        Parameters
        ----------
        nodes
            Shape (k,), nodes in the order in which they are passed.

        Returns
        -------
        numpy.ndarray
            Shape (k - 1,).
        """
        return np.asarray(np.searchsorted(self.key, nodes[:-1] * self.size + nodes[1:]))

    def line_of(self, row: int, lines: npt.NDArray[Any], corners: list[Floats]) -> Floats:
        """Return the coordinates of one step.

        Parameters
        ----------
        row
            Of the step.
        lines
            Of the network's edges.
        corners
            Coordinates of these lines: most steps are whole edges and need no cutting.

        Returns
        -------
        numpy.ndarray
            Shape (k, 2), metres, in the direction of travel.
        """
        edge, begins, ends = int(self.edge[row]), float(self.begins[row]), float(self.ends[row])
        length = lines[edge].length
        if abs(ends - begins) == length:
            return corners[edge] if ends > begins else corners[edge][::-1]
        part = substring(lines[edge], begins, ends)
        return np.asarray(shapely.get_coordinates(part), dtype=float)
