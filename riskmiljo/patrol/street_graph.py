"""The graph under the streets: lines cut where they meet, and the longest part that holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from riskmiljo.errors import NothingFoundError
from riskmiljo.patrol.street_pieces import directions
from riskmiljo.patrol.street_rules import BACKWARD, FORWARD, Mode
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Vertices closer than this are the same corner: files round degrees at 1e-7, about a centimetre.
_SAME_M: Final = 0.02
# Above this share the file is more than frayed at its edges: the user is told.
_MUCH_CUT_OFF: Final = 0.1
# A loose part as long as this is a place of its own, such as the other side of a river, and no
# courtyard path that was drawn without its last metre.
_OWN_PLACE_M: Final = 1000.0


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
        Length of the kept part and of all that was cut off, metres.
    one_way_m
        The length among ``cut_off_m`` that hangs together with the kept part, but to which or from
        which one-way streets let nobody drive, metres.
    cut_off
        The streets that were cut off.
    apart
        Those among them that are loose parts of a kilometre or more.
    notes
        What a user must know, in both languages.
    """

    lines: int
    closed: int
    parts: int
    kept_m: float
    cut_off_m: float
    one_way_m: float = 0.0
    cut_off: shapely.MultiLineString = field(default_factory=shapely.MultiLineString, repr=False)
    apart: shapely.MultiLineString = field(default_factory=shapely.MultiLineString, repr=False)
    notes: tuple[Text, ...] = ()


def once_each(
    geometry: npt.NDArray[Any], oneway: npt.NDArray[Any]
) -> tuple[Ints, npt.NDArray[Any]]:
    """Keep one of lines that are drawn twice, as files do that list both directions.

    Parameters
    ----------
    geometry
        LineStrings.
    oneway
        Of each: ``yes``, ``-1`` or empty. A street drawn twice, open in one direction each time,
        is open in both.

    Returns
    -------
    tuple of numpy.ndarray
        Rows to keep, in their order, and the ``oneway`` of these.
    """
    drawn, turned = shapely.to_wkb(geometry), shapely.to_wkb(shapely.reverse(geometry))
    flipped = np.array([b < a for a, b in zip(drawn, turned, strict=True)], dtype=bool)
    key = np.where(flipped, turned, drawn)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    along, against = oneway != BACKWARD, oneway != FORWARD
    uses = np.bincount(which, np.where(flipped, against, along)) > 0
    back = np.bincount(which, np.where(flipped, along, against)) > 0
    order = np.argsort(first)
    kept = first[order]
    along = np.where(flipped[kept], back[order], uses[order])
    against = np.where(flipped[kept], uses[order], back[order])
    way = np.select([along & against, along], ["", FORWARD], default=BACKWARD)
    return np.asarray(kept, dtype=np.int64), way


def join_lines(
    geometry: npt.NDArray[Any], tags: pd.DataFrame, crs: CRS
) -> tuple[Floats, gpd.GeoDataFrame]:
    """Cut lines at the vertices that they share, and number the corners.

    Parameters
    ----------
    geometry
        LineStrings, metres.
    tags
        What is known of each, such as ``name`` and ``kind``.
    crs
        Their reference system.

    Returns
    -------
    tuple
        Nodes, shape (n, 2), and edges with ``from``, ``to``, ``length_m`` and the tags.
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
            **{tag: tags[tag].to_numpy()[line[start]] for tag in tags},
        },
        geometry=pieces,
        crs=crs,
    )
    return corner[used], edges[length > 0].reset_index(drop=True)


def longest_part(
    nodes: Floats, edges: gpd.GeoDataFrame, mode: Mode, *, lines: int, closed: int
) -> tuple[Floats, gpd.GeoDataFrame, Mode, StreetReport]:
    """Keep the longest part in which every corner can be reached from every other.

    Parameters
    ----------
    nodes, edges
        As `join_lines` gives them.
    mode
        How one travels; one-way rules bind those who drive.
    lines, closed
        For the report: lines given, and left out.

    Returns
    -------
    tuple
        Nodes, edges, mode and report.

    Raises
    ------
    NothingFoundError
        If no street can be driven both there and back.

    References
    ----------
    Pearce, D. J. (2005). An improved algorithm for finding the strongly connected components of a
    directed graph. Victoria University of Wellington.
    """
    start, goal = edges["from"].to_numpy(), edges["to"].to_numpy()
    metres = edges["length_m"].to_numpy()
    along, against = directions(edges, mode)
    arcs = np.r_[start[along], goal[against]], np.r_[goal[along], start[against]]
    graph = csr_matrix((np.ones(len(arcs[0])), arcs), shape=(len(nodes),) * 2)
    _, joined = connected_components(graph, directed=False)
    _, strong = connected_components(graph, directed=True, connection="strong")
    held = strong[start] == strong[goal]
    if not held.any():
        raise NothingFoundError(
            Text(
                "Gatorna är enkelriktade så att ingen kan köras både dit och tillbaka.",
                "The streets are one-way so that none can be driven both there and back.",
            )
        )
    of_strong = np.bincount(strong[start[held]], metres[held])
    keep = held & (strong[start] == of_strong.argmax())
    kept = edges[keep].reset_index(drop=True)
    used, number = np.unique(kept[["from", "to"]].to_numpy(), return_inverse=True)
    kept[["from", "to"]] = number.reshape(-1, 2)
    total, kept_m = float(metres.sum()), float(metres[keep].sum())
    same_part = joined[start] == joined[start[keep][0]]
    of_part = np.bincount(joined[start], metres)
    apart = ~same_part & (of_part[joined[start]] >= _OWN_PLACE_M)
    one_way_m = float(metres[same_part & ~keep].sum())
    report = StreetReport(
        lines=lines,
        closed=closed,
        parts=len(np.unique(joined[start])),
        kept_m=kept_m,
        cut_off_m=float(metres[~keep].sum()),
        one_way_m=one_way_m,
        cut_off=shapely.multilinestrings(edges.geometry.to_numpy()[~keep]),
        apart=shapely.multilinestrings(edges.geometry.to_numpy()[apart]),
        notes=_notes(edges, mode, float(metres[~same_part].sum()) / total, one_way_m / total),
    )
    return nodes[used], kept, mode, report


def _notes(edges: gpd.GeoDataFrame, mode: Mode, loose: float, one_way: float) -> tuple[Text, ...]:
    """Say what a user must know; `loose` and `one_way` are shares of the length."""
    notes = []
    if loose > _MUCH_CUT_OFF:
        notes.append(
            Text(
                "{p:.0f} % av gatunätets längd hänger inte ihop med resten och används inte. "
                "Gator hänger ihop där de har en gemensam brytpunkt.",
                "{p:.0f}% of the street network's length is not connected to the rest and is not "
                "used. Streets are connected where they share a vertex.",
            ).fill(p=100 * loose)
        )
    if one_way > _MUCH_CUT_OFF:
        notes.append(
            Text(
                "{p:.0f} % av gatunätets längd används inte: enkelriktade gator gör att den inte "
                "kan köras både dit och tillbaka.",
                "{p:.0f}% of the street network's length is not used: one-way streets keep it from "
                "being driven both there and back.",
            ).fill(p=100 * one_way)
        )
    if mode == "drive" and not (edges["oneway"] != "").any():
        notes.append(
            Text(
                "Gatunätet säger inte vilka gator som är enkelriktade; alla räknas som öppna åt "
                "båda håll.",
                "The street network does not say which streets are one-way; all are counted as "
                "open in both directions.",
            )
        )
    return tuple(notes)
