"""Street corners: which of them is nearest along the streets, and what people call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack, vstack
from scipy.sparse.csgraph import dijkstra

from riskmiljo.patrol.street_pieces import Pieces

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A corner of more streets is named after the longest two.
_NAMED_STREETS: Final = 2
BETWEEN_NAMES: Final = " / "
# A corner is told by the names of two streets: one of a single name is worth so many metres of
# walking farther, one without a name so many.
_LACKS_M: Final = (300.0, 100.0, 0.0)
_STREETS_AT_CORNER: Final = 3
# scipy reads a stored zero as "no edge" in places.
_TINY_M: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """The street corner at which each of some points is found.

    Attributes
    ----------
    node
        Shape (n,), row of the network's nodes.
    xy
        Shape (n, 2), metres.
    name
        Such as ``Kungsgatan / Vaksalagatan``; one name where the others have none, and empty where
        no street at the corner has one.
    distance_m
        Shape (n,), from the point to its street and along it to the corner.
    """

    node: Ints
    xy: Floats
    name: tuple[str, ...]
    distance_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CornerBook:
    """All corners of a network.

    Attributes
    ----------
    xy
        Shape (n, 2), metres: the network's nodes.
    name
        Of each node: the longest two of its streets, the longest first; may be empty.
    corner
        Rows of the nodes where streets meet.
    lacks_m
        Shape (n,), how much farther one would walk to a corner with a better name.
    """

    xy: Floats
    name: tuple[str, ...]
    corner: Ints
    lacks_m: Floats

    @classmethod
    def of(cls, nodes: Floats, edges: gpd.GeoDataFrame) -> Self:
        """Look a network through.

        Parameters
        ----------
        nodes
            Shape (n, 2), metres.
        edges
            With ``from``, ``to``, ``length_m`` and ``name``.

        Returns
        -------
        CornerBook
            Where no streets meet, every node is a corner.
        """
        name = edges["name"].to_numpy()
        length = edges.groupby("name")["length_m"].sum()
        ordered = sorted(length.index, key=lambda street: (-length[street], street))
        rank = {street: place for place, street in enumerate(ordered)}
        meeting: list[set[str]] = [set() for _ in range(len(nodes))]
        ends = edges[["from", "to"]].to_numpy()
        for node, street in zip(ends.T.ravel(), np.r_[name, name], strict=True):
            if street:
                meeting[node].add(street)
        named = [sorted(streets, key=rank.__getitem__)[:_NAMED_STREETS] for streets in meeting]
        count = np.array([len(names) for names in named], dtype=np.int64)
        meet = np.bincount(ends.ravel(), minlength=len(nodes)) >= _STREETS_AT_CORNER
        meet |= count == _NAMED_STREETS
        corner = np.flatnonzero(meet) if meet.any() else np.arange(len(nodes))
        names = tuple(BETWEEN_NAMES.join(some) for some in named)
        return cls(nodes, names, corner, np.array(_LACKS_M)[count])

    def nearest(self, pieces: Pieces) -> Corners:
        """Find the corner nearest to each point that was put on the network.

        Parameters
        ----------
        pieces
            The network, cut at the feet of the points. One-way rules are not looked at.

        Returns
        -------
        Corners
            In the order of the points.
        """
        lacks = self.lacks_m[self.corner]
        # One search for all: from a spot before all corners, from which each is what it lacks away.
        outset = csr_matrix(
            (lacks + _TINY_M, (np.zeros(len(lacks), dtype=np.int64), self.corner)),
            shape=(1, pieces.size),
        )
        graph = vstack(
            [hstack([pieces.graph, csr_matrix((pieces.size, 1))]),
             hstack([outset, csr_matrix((1, 1))])]
        ).tocsr()  # fmt: skip
        along, before = dijkstra(
            graph, directed=False, indices=pieces.size, return_predecessors=True
        )
        at = np.arange(len(self.xy), pieces.size)
        while (before[at] != pieces.size).any():
            at = np.where(before[at] == pieces.size, at, before[at])
        metres = along[len(self.xy) : pieces.size] - self.lacks_m[at]
        return Corners(
            node=np.asarray(at, dtype=np.int64),
            xy=self.xy[at],
            name=tuple(self.name[node] for node in at),
            distance_m=np.asarray(pieces.off_street_m + metres, dtype=float),
        )
