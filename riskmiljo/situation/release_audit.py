"""Complementary suppression: no band may be needed so much that the others give a count away.

All bands of one cell, of every month, year, category, day-part and way of detection, are
inequalities about the same incidents. Sums tie them together. If there is a table of counts that
lies strictly inside every one of them, those sums are the only equations that hold for certain, and
no single count, nor any sum of some of them, is determined. One linear programme a cell looks for
such a table; where there is none, the band that stands most in its way is withheld too.

The reader is taken to know more than is told: which of the withheld counts are below the minimum.
An authority knows its own part of what several are told of together, and takes that away first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmiljo.situation.release_margins import (
    ALL,
    CATEGORY,
    DAYPART,
    DETECTION,
    GROUP,
    GROUPS,
    VALUES,
    upper_of,
)

# Counts must have this much room on both sides in one and the same table.
LEAST_ROOM: Final = 0.1
_MOST_ROOM: Final = 1.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Key = tuple[int, int, str, str]
_Sum = dict[int, float]

# What only years are divided by. Every category is an unknown, also one that is told in no row.
_FINE: Final[dict[str, tuple[str, ...]]] = {
    CATEGORY: tuple(word for held in GROUPS.values() for word in held),
    DAYPART: VALUES[DAYPART],
    DETECTION: VALUES[DETECTION],
}


@dataclass(frozen=True)
class System:
    """The sums that tie the margins of any one cell together.

    Attributes
    ----------
    keys
        One tuple (first month, number of months, margin, value) for each margin's value: months
        counted from the first of the record.
    rows
        Which unknowns each key sums: sparse, shape (keys, unknowns).
    equations
        Sparse, shape (m, unknowns); each sum is zero.
    """

    keys: list[Key]
    rows: Any = field(repr=False)
    equations: Any = field(repr=False)


def system_of(months: int, years: list[int], year_months: int) -> System:
    """Write down the sums of the margins.

    Parameters
    ----------
    months
        How many months are released.
    years
        Where each released year begins, counted in months.
    year_months
        Months in a year.

    Returns
    -------
    System
        The unknowns: a month's groups; a stretch's categories, day-parts and ways of detection,
        where a stretch is what any year begins or ends with.
    """
    edges = sorted({start + step for start in years for step in (0, year_months)})
    stretches = list(pairwise(edges))
    names = [("month", month, group) for month in range(months) for group in GROUPS]
    names += [
        (margin, number, value)
        for number in range(len(stretches))
        for margin, values in _FINE.items()
        for value in values
    ]
    unknown = {name: number for number, name in enumerate(names)}

    def grouped(first: int, length: int, groups: Iterable[str]) -> _Sum:
        return {
            unknown["month", month, group]: 1.0
            for month in range(first, first + length)
            for group in groups
        }

    equations: list[_Sum] = []
    for number, (first, last) in enumerate(stretches):
        for group, held in GROUPS.items():
            parts = {unknown[CATEGORY, number, word]: -1.0 for word in held}
            equations.append(grouped(first, last - first, (group,)) | parts)
        for margin in (DAYPART, DETECTION):
            parts = {unknown[margin, number, value]: -1.0 for value in _FINE[margin]}
            equations.append(grouped(first, last - first, GROUPS) | parts)
    keys: list[Key] = []
    sums: list[_Sum] = []
    for first, length in [*((m, 1) for m in range(months)), *((y, year_months) for y in years)]:
        for margin, value, groups in (
            (ALL, "", tuple(GROUPS)),
            *((GROUP, group, (group,)) for group in GROUPS),
        ):
            keys.append((first, length, margin, value))
            sums.append(grouped(first, length, groups))
    for first in years:
        within = [
            n for n, (a, b) in enumerate(stretches) if first <= a and b <= first + year_months
        ]
        for margin, value in ((one, value) for one in _FINE for value in VALUES[one]):
            keys.append((first, year_months, margin, value))
            sums.append({unknown[margin, number, value]: 1.0 for number in within})
    return System(keys, _matrix(sums, len(unknown)), _matrix(equations, len(unknown)))


def _matrix(sums: list[_Sum], unknowns: int) -> Any:
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy, and only a release needs it

    row = [number for number, one in enumerate(sums) for _ in one]
    column = [at for one in sums for at in one]
    weight = [value for one in sums for value in one.values()]
    return csr_array((weight, (row, column)), shape=(len(sums), unknowns))


def bounds_of(told: Floats, small: npt.NDArray[np.bool_], floor: int) -> tuple[Floats, Floats]:
    """Return what a reader knows of each key before any sum is used.

    Parameters
    ----------
    told
        The lower end of each key's band; NaN where none is told.
    small
        One boolean a key: whether its count is below the minimum.
    floor
        The minimum count.

    Returns
    -------
    tuple of numpy.ndarray
        Least and greatest.
    """
    released = np.isfinite(told)
    high = np.where(small, floor - 1.0, np.inf)
    high[released] = [upper_of(int(one)) for one in told[released]]
    return np.where(released, told, 0.0), high


def room(system: System, low: Floats, high: Floats, *, zeros: bool = False) -> tuple[float, Floats]:
    """Return how far inside all bounds one table of counts can lie.

    Parameters
    ----------
    system
        The sums.
    low, high
        The bounds of each key.
    zeros
        Whether counts may be nought in that table. Sums that are not can still be a little more
        or less, all of them together, so that none is determined.

    Returns
    -------
    tuple
        The distance, at most 1; and for each key how much it stands in the way. A reader whose
        bounds contradict each other knows nothing: then the distance is -1.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - heavy, and only a release needs it
    from scipy.sparse import csr_array, hstack, vstack  # noqa: PLC0415 - as above

    ends = np.isfinite(high)
    ones = np.ones((len(low), 1))
    number, unknowns = system.equations.shape
    above = hstack([-system.rows, csr_array(np.where(low[:, None] > 0, 1.0, float(not zeros)))])
    below = hstack([system.rows[ends], csr_array(ones[ends])])
    equal = hstack([system.equations, csr_array((number, 1))])
    found = linprog(
        np.concatenate([np.zeros(unknowns), [-1.0]]),
        A_ub=vstack([above, below]),
        b_ub=np.concatenate([-low, high[ends]]),
        A_eq=equal,
        b_eq=np.zeros(number),
        bounds=[(0, None)] * unknowns + [(None, _MOST_ROOM)],
        method="highs",
    )
    if found.status != 0:
        return -1.0, np.zeros(len(low))
    weight = -found.ineqlin.marginals
    blame = weight[: len(low)].copy()
    blame[ends] += weight[len(low) :]
    return float(found.x[-1]), blame


def withhold_more(
    system: System,
    counts: Ints,
    told: Floats,
    *,
    floor: int,
    fixed: npt.NDArray[np.bool_] | None = None,
    known: Sequence[Ints] = (),
) -> Floats:
    """Withhold bands of one cell until no count can be had from the others.

    Parameters
    ----------
    system
        The sums.
    counts
        The true count of each key.
    told
        The lower end of each key's band that may be shown; NaN for none.
    floor
        The minimum count.
    fixed
        Which keys an earlier release has told: they cannot be withheld any more. None for none.
    known
        How many of each count one of the authorities registered itself, for each of them: it can
        take its own from a band, and what is left must give away no other's count either.

    Returns
    -------
    numpy.ndarray
        As ``told``, of the bands that are released.
    """
    small = counts < floor
    before = np.zeros(len(told), dtype=bool) if fixed is None else fixed
    earlier = np.where(before, told, np.nan)
    if before.any() and room(system, *bounds_of(earlier, small, floor))[0] < 0:
        # Reports that came late: what was told before is of other incidents than this.
        fresh = np.where(before, np.nan, told)
        kept = withhold_more(system, counts, fresh, floor=floor, known=known)
        return np.where(before, told, kept)
    told = told.copy()
    # Who registered none knows no more than anybody; who registered all has nobody else's to find.
    authors = [own for own in known if own.any() and (own < counts).any()]
    # What was told before may be of other incidents than an authority has now, or tell it too much
    # as it is: then what is new is looked at by itself.
    apart = [
        before.any() and room(system, *_left(earlier, own, floor), zeros=True)[0] < LEAST_ROOM
        for own in authors
    ]
    while True:
        open_keys = np.flatnonzero(np.isfinite(told) & ~before)
        if len(open_keys) == 0:
            return told
        views = [bounds_of(told, small, floor)]
        for own, alone in zip(authors, apart, strict=True):
            views.append(_left(np.where(before, np.nan, told) if alone else told, own, floor))
        for number, (low, high) in enumerate(views):
            distance, blame = room(system, low, high, zeros=number > 0)
            if distance < LEAST_ROOM:
                break
        else:
            return told
        # The one that stands most in the way; of equals the smallest count goes first.
        order = np.lexsort((open_keys, counts[open_keys], blame[open_keys] <= 0))
        told[open_keys[order[0]]] = np.nan


def _left(told: Floats, own: Ints, floor: int) -> tuple[Floats, Floats]:
    """Return what an authority knows of the others' part of each count."""
    # Why a band is withheld it does not know: too few, too few places, or this very rule.
    low, high = bounds_of(told, np.zeros(len(told), dtype=bool), floor)
    return np.maximum(low - own, 0.0), high - own
