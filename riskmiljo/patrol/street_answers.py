"""What a street network answers: ways with the streets along them, and which points it reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.patrol.street_graph import StreetReport
from riskmiljo.patrol.travel import REACH_M
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_KILOMETRE: Final = 1000
# Who stands as near as this to a street of the network can step onto it, whatever else is near.
_STEP_M: Final = 25.0


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
class Reach:
    """Which points can be travelled to.

    Attributes
    ----------
    usable
        Shape (n,).
    distance_m
        Shape (n,), to the nearest street of the network.
    loose
        Shape (n,): not usable, and by a street that is not connected to the network.
    why
        For each point that cannot be used, why not and what to do; None for the others.
    """

    usable: Bools
    distance_m: Floats
    loose: Bools
    why: tuple[Text | None, ...]


def reach_of(
    xy: Floats,
    distance_m: Floats,
    report: StreetReport,
    names: list[str] | None,
    reach_m: float = REACH_M,
) -> Reach:
    """Say which points are near enough to a street.

    A point in another half of the network, across a river perhaps, is not: the straight step to the
    nearest street of this half cannot be walked.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    distance_m
        Shape (n,), to the nearest street of the network.
    report
        Of the network, with the streets that hang together with nothing.
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
    spots = shapely.points(xy)
    off = np.flatnonzero(usable & (distance_m > _STEP_M))
    if len(off) and not report.apart.is_empty:
        usable[off] &= shapely.distance(spots[off], report.apart) >= distance_m[off]
    loose = ~usable
    if loose.any() and not report.cut_off.is_empty:
        beside = shapely.distance(spots[loose], report.cut_off)
        loose[loose] = beside <= np.minimum(reach_m, distance_m[loose])
    else:
        loose[:] = False
    why: list[Text | None] = []
    for row, (near, metres) in enumerate(zip(usable, distance_m, strict=True)):
        named = f"{row + 1}" if names is None else names[row]
        name = Text(f"Punkt {named}", f"Point {named}") if names is None else Text(named, named)
        why.append(None if near else _why_not(name, float(metres), loose=bool(loose[row])))
    return Reach(usable, distance_m, loose, tuple(why))


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
