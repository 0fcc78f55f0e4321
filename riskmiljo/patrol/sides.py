"""Teams shared between the sides of fixed borders, and areas made within each side.

A side is ground that hangs together without crossing a fixed border. Every beat has teams of its
own. Within a beat every side of a barrier has teams of its own as long as there are enough; where
there are fewer teams than sides, areas cross the barrier, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.partition import Partition, divide
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Units that share some teams of their own.

    Attributes
    ----------
    units
        Rows of the units.
    parts
        Numbers of the parts that these units are divided among, ascending.
    adjacent
        Shape (k, k), neighbours among these units; together they hang together.
    """

    units: Ints
    parts: Ints
    adjacent: Bools


def sides_of(
    weights: Floats, adjacent: Bools, links: Bools, beat: Ints, teams: int
) -> tuple[list[Side], bool]:
    """Share teams between the sides of fixed borders.

    Parameters
    ----------
    weights
        Shape (n,), load of each unit.
    adjacent
        Shape (n, n), neighbours without crossing a fixed border.
    links
        Shape (n, n), what would hold units of one beat together across barriers.
    beat
        Shape (n,), beat of each unit.
    teams
        Number of teams.

    Returns
    -------
    tuple
        The sides, and whether an area must cross a barrier because teams are too few.

    Raises
    ------
    InvalidInputError
        If there are fewer teams than beats, or a beat falls apart into more pieces than teams.
    """
    beats = [np.flatnonzero(beat == number) for number in np.unique(beat)]
    if len(beats) > teams:
        raise InvalidInputError(
            Text(
                "Zonerna ligger i {b} distrikt men lagen är {t}. Ange minst {b} lag eller färre "
                "distrikt.",
                "The zones lie in {b} {b:beat|beats} but there are {t} {t:team|teams}. Give at "
                "least {b} {b:team|teams} or fewer beats.",
            ).fill(b=len(beats), t=teams)
        )
    shares = _shared_out([weights[units] for units in beats], teams)
    sides: list[Side] = []
    crossed, first = False, 0
    for units, share in zip(beats, shares, strict=True):
        apart = _pieces(units, adjacent)
        near = adjacent
        if len(apart) > share:
            near = adjacent | links
            apart, crossed = _pieces(units, near), True
        if len(apart) > share:
            raise InvalidInputError(
                Text(
                    "Ett distrikt består av {p} {p:del|delar} som inte hänger ihop och kan inte "
                    "delas av {t} lag. Ange fler lag.",
                    "One beat consists of {p} {p:part|parts} that are not connected and cannot be "
                    "shared by {t} {t:team|teams}. Give more teams.",
                ).fill(p=len(apart), t=share)
            )
        of_piece = _shared_out([weights[piece] for piece in apart], share)
        for piece, own in zip(apart, of_piece, strict=True):
            sides.append(Side(piece, np.arange(first, first + own), near[np.ix_(piece, piece)]))
            first += own
    return sides, crossed


def divide_sides(
    weights: Floats,
    distance: Floats,
    sides: list[Side],
    *,
    zone: Ints,
    rng: np.random.Generator,
) -> Partition:
    """Divide the units of each side among its teams.

    Parameters
    ----------
    weights, distance
        As for `riskmiljo.patrol.partition.divide`.
    sides
        As `sides_of` gives them.
    zone
        Shape (n,), zone of each unit.
    rng
        For the starts.

    Returns
    -------
    Partition
        Of all units, with as many parts as there are teams.
    """
    part = np.zeros(len(weights), dtype=np.int64)
    walk = 0.0
    for side in sides:
        own = weights[side.units]
        load = own if own.sum() > 0 else np.ones(len(own))
        ways = distance[np.ix_(side.units, side.units)]
        of_zone = np.unique(zone[side.units], return_inverse=True)[1]
        found = divide(load, ways, side.adjacent, len(side.parts), zone=of_zone, rng=rng)
        part[side.units] = side.parts[found.part]
        walk += found.walk
    teams = sum(len(side.parts) for side in sides)
    return Partition(part, np.bincount(part, weights, teams).astype(float), walk)


def _pieces(units: Ints, adjacent: Bools) -> list[Ints]:
    """Units that hang together, the piece with the first unit first."""
    graph = csr_matrix(adjacent[np.ix_(units, units)])
    count, piece = connected_components(graph, directed=False)
    return [units[piece == number] for number in range(count)]


def _shared_out(loads: list[Floats], teams: int) -> list[int]:
    """Give each group one team and every further team to the group with most for each of its own.

    So the heaviest load of a team is as light as it can be (Jefferson's and D'Hondt's rule); no
    group gets more teams than it has units.
    """
    total = np.array([float(load.sum()) for load in loads])
    most = np.array([len(load) for load in loads])
    given = np.ones(len(loads), dtype=np.int64)
    while given.sum() < teams and (given < most).any():
        given[np.where(given < most, total / given, -1.0).argmax()] += 1
    return given.tolist()
