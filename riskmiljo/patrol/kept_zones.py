"""A user moves a zone to another area: it stays there, and the rest is balanced again around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from riskmiljo.analysis.arguments import require_instance
from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.border_search import BorderSearch
from riskmiljo.patrol.partition import Partition, grow_from
from riskmiljo.patrol.sides import Side
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Ways through units of another area cost so many times more: corridors take few of them.
_FOREIGN: Final = 4.0
_NEAREST: Final = 1e-6


def check_keep(keep: Mapping[str, object], zones: pd.DataFrame, teams: int) -> Ints:
    """Return to which area the user has moved each zone.

    Parameters
    ----------
    keep
        ``zone_id`` to area number.
    zones
        With ``zone_id``.
    teams
        Number of areas.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the area number of each zone; 0 where the user has no wish.

    Raises
    ------
    InvalidInputError
        If there is no such zone or area.
    """
    row = {zone_id: at for at, zone_id in enumerate(zones["zone_id"])}
    wanted = np.zeros(len(zones), dtype=np.int64)
    require_instance(Mapping, keep=keep)
    for zone_id, number in keep.items():
        if zone_id not in row:
            raise InvalidInputError(
                Text(
                    "Zonen {z} finns inte bland dem som delas upp, så den kan inte flyttas.",
                    "The zone {z} is not among those that are shared out, so it cannot be moved.",
                ).fill(z=zone_id)
            )
        if not isinstance(number, int | np.integer) or not 1 <= number <= teams:
            raise InvalidInputError(
                Text(
                    "Zonen {z} är flyttad till område {n}. Ange ett område från 1 till {t}.",
                    "The zone {z} is moved to area {n}. Give an area from 1 to {t}.",
                ).fill(z=zones["name"].iloc[row[zone_id]], n=number, t=teams)
            )
        wanted[row[zone_id]] = number
    return wanted


def divide_again(
    found: Partition,
    pinned: Ints,
    weights: Floats,
    distance: Floats,
    sides: list[Side],
    zone: Ints,
    names: list[str],
) -> Partition:
    """Balance areas again around the zones that a user has moved.

    Parameters
    ----------
    found
        The areas without the user's wishes, part k being area k + 1.
    pinned
        Shape (n,), the part in which the user wants each unit; -1 for no wish.
    weights, distance
        As for `riskmiljo.patrol.sides.divide_sides`.
    sides
        Units of one side stay in the parts of that side.
    zone
        Shape (n,), zone of each unit.
    names
        Of each zone, for messages.

    Returns
    -------
    Partition
        With every moved zone where the user wants it, and every part connected.

    Raises
    ------
    InvalidInputError
        If a fixed border lies between a zone and its area, or other moved zones do.
    """
    part, walk = found.part.copy(), 0.0
    for side in sides:
        own, wishes = side.units, pinned[side.units]
        away = (wishes >= 0) & ~np.isin(wishes, side.parts)
        if away.any():
            raise InvalidInputError(
                Text(
                    "Zonen {z} kan inte flyttas: en fast gräns ligger mellan den och området.",
                    "The zone {z} cannot be moved: a fixed border lies between it and the area.",
                ).fill(z=names[zone[own[away][0]]])
            )
        wishes = np.where(wishes >= 0, np.searchsorted(side.parts, wishes), -1)
        ways = distance[np.ix_(own, own)]
        load = weights[own] if weights[own].sum() > 0 else np.ones(len(own))
        of_zone, local = np.unique(zone[own], return_inverse=True)
        local_names = [names[number] for number in of_zone]
        start = np.searchsorted(side.parts, part[own])
        stays = wishes >= 0
        if stays.any():
            start, seats = _start(start, wishes, load, ways, side, [local_names[z] for z in local])
            # The heaviest unit of each area stays too, so that no area wanders off.
            stays[seats] = True
        search = BorderSearch(load, ways, side.adjacent, local, len(side.parts), stays)
        if stays.any():
            met = [search.best_from(start, even_first=way) for way in (False, True)]
            start = min(met, key=lambda one: one[0])[1]
        search.take(start)
        part[own] = side.parts[search.part]
        walk += search.walk
    return Partition(part, np.bincount(part, weights, len(found.load)).astype(float), walk)


def _start(
    old: Ints, wishes: Ints, weights: Floats, distance: Floats, side: Side, names: list[str]
) -> tuple[Ints, Ints]:
    """Join each moved unit with its part by a short corridor, fill up; return the seats too."""
    core = wishes.copy()
    centres = np.zeros(len(side.parts), dtype=np.int64)
    for k in range(len(side.parts)):
        centres[k] = _seat(k, old, core, weights, distance, side)
        core[centres[k]] = k
    for k in range(len(side.parts)):
        for unit in np.flatnonzero(core == k):
            _connect(k, int(unit), int(centres[k]), core, old, distance, side, names)
    return grow_from(core, old, centres, distance, side.adjacent), centres


def _seat(k: int, old: Ints, core: Ints, weights: Floats, distance: Floats, side: Side) -> int:
    """Choose the unit around which part k stays: its heaviest free one, else the nearest free."""
    free = np.flatnonzero((core < 0) & (old == k))
    if len(free):
        return int(free[weights[free].argmax()])
    own = np.flatnonzero(core == k)
    if len(own):
        return int(own[weights[own].argmax()])
    free = np.flatnonzero(core < 0)
    if not len(free):
        raise InvalidInputError(
            Text(
                "Område {n} blir tomt när zonerna flyttas så. Lämna minst en zon i varje område.",
                "Area {n} is empty when zones are moved so. Leave at least one zone in each area.",
            ).fill(n=int(side.parts[k]) + 1)
        )
    return int(free[distance[free][:, old == k].min(axis=1).argmin()])


def _connect(
    k: int,
    unit: int,
    centre: int,
    core: Ints,
    old: Ints,
    distance: Floats,
    side: Side,
    names: list[str],
) -> None:
    """Claim for part k the units on the shortest way from a moved one to the part's centre."""
    usable = (core < 0) | (core == k)
    toll = np.where(old == k, 1.0, _FOREIGN)
    toll[core == k] = 0.0
    cost = np.where(
        side.adjacent & usable[:, None] & usable[None], distance * toll[None] + _NEAREST, 0.0
    )
    reached, before = dijkstra(csr_matrix(cost), indices=unit, return_predecessors=True)
    if not np.isfinite(reached[centre]):
        raise InvalidInputError(
            Text(
                "Zonen {z} kan inte flyttas: andra flyttade zoner ligger mellan den och området.",
                "The zone {z} cannot be moved: other moved zones lie between it and the area.",
            ).fill(z=names[unit])
        )
    at = centre
    while at != unit:
        core[at] = k
        at = int(before[at])
