"""What a street network answers: ways with their streets, corners with their names, reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.patrol.travel import REACH_M
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# A corner of so many streets is named after the longest two.
_NAMED_STREETS: Final = 2
_BETWEEN_NAMES: Final = " / "
_KILOMETRE: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The shortest way between two points.

    Attributes
    ----------
    line
        Along the streets, with the straight steps from and to them, metres.
    length_m
        Of the whole line.
    minutes
        Equal to the travel time between the two points.
    streets
        Names of the streets in order; consecutive ones of the same name are one, and stretches
        without a name are passed over.
    """

    line: shapely.LineString = field(repr=False)
    length_m: float
    minutes: float
    streets: tuple[str, ...]


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
class Reach:
    """Which points can be travelled to.

    Attributes
    ----------
    usable
        Shape (n,).
    distance_m
        Shape (n,), to the nearest street of the network.
    why
        For each point that cannot be used, why not and what to do; None for the others.
    """

    usable: Bools
    distance_m: Floats
    why: tuple[Text | None, ...]


def reach_of(
    xy: Floats, distance_m: Floats, cut_off: Any, names: list[str] | None, reach_m: float = REACH_M
) -> Reach:
    """Say which points are near enough to a street.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    distance_m
        Shape (n,), to the nearest street of the network.
    cut_off
        Streets that hang together with nothing, as one geometry.
    names
        What the points are called; None numbers them from 1.
    reach_m
        How far from a street a point may lie.

    Returns
    -------
    Reach
        In the order of the points.
    """
    usable = distance_m <= reach_m
    why: list[Text | None] = []
    for row, (near, metres) in enumerate(zip(usable, distance_m, strict=True)):
        named = f"{row + 1}" if names is None else names[row]
        name = Text(f"Punkt {named}", f"Point {named}") if names is None else Text(named, named)
        loose = not near and shapely.distance(shapely.Point(xy[row]), cut_off) <= reach_m
        why.append(None if near else _why_not(name, float(metres), loose=bool(loose)))
    return Reach(usable, distance_m, tuple(why))


def _why_not(name: Text, metres: float, *, loose: bool) -> Text:
    far = (
        Text("{d} km", "{d} km").fill(d=decimal_text(metres / _KILOMETRE, 1))
        if metres >= _KILOMETRE
        else Text("{d:.0f} m", "{d:.0f} m").fill(d=metres)
    )
    if loose:
        return Text(
            "{n}: gatan intill hänger inte ihop med resten av gatunätet, som ligger {d} bort. "
            "Flytta punkten eller läs in ett helare gatunät.",
            "{n}: the street beside it is not connected to the rest of the network, which is {d} "
            "away. Move the point or load a more complete network.",
        ).fill(n=name, d=far)
    return Text(
        "{n} ligger {d} från närmaste gata. Flytta punkten eller läs in ett gatunät som når dit.",
        "{n} is {d} from the nearest street. Move the point or load a network that reaches it.",
    ).fill(n=name, d=far)


def names_along(names: npt.NDArray[Any]) -> tuple[str, ...]:
    """Return the streets of a way in order.

    Parameters
    ----------
    names
        Of each step; empty for none.

    Returns
    -------
    tuple of str
        Without empty ones, and with consecutive ones of the same name as one.

    Examples
    --------
    >>> names_along(np.array(["Ågatan", "", "Ågatan", "Nybron"]))
    ('Ågatan', 'Nybron')
    """
    passed: list[str] = []
    for name in names:
        if name and (not passed or passed[-1] != name):
            passed.append(str(name))
    return tuple(passed)


def corner_names(nodes: int, edges: gpd.GeoDataFrame) -> tuple[tuple[str, ...], ...]:
    """Return the names of the streets that meet at each node, the longest street first.

    Parameters
    ----------
    nodes
        Number of nodes.
    edges
        With ``from``, ``to``, ``length_m`` and ``name``.

    Returns
    -------
    tuple of tuple of str
        At most two names each.
    """
    name = edges["name"].to_numpy()
    length = edges.groupby("name")["length_m"].sum()
    ordered = sorted(length.index, key=lambda street: (-length[street], street))
    rank = {street: place for place, street in enumerate(ordered)}
    meeting: list[set[str]] = [set() for _ in range(nodes)]
    for ends in (edges["from"].to_numpy(), edges["to"].to_numpy()):
        for node, street in zip(ends, name, strict=True):
            if street:
                meeting[node].add(street)
    return tuple(
        tuple(sorted(streets, key=rank.__getitem__)[:_NAMED_STREETS]) for streets in meeting
    )


def spell_corner(names: tuple[str, ...]) -> str:
    """Write the name of a corner.

    Parameters
    ----------
    names
        Of the streets that meet there.

    Returns
    -------
    str
        Such as ``Kungsgatan / Vaksalagatan``.
    """
    return _BETWEEN_NAMES.join(names)
