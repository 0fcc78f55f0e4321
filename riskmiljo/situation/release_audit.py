"""Complementary suppression: no band may be needed so much that the others give a count away.

All bands of one cell, of every month, year, category, day-part and way of detection, are
inequalities about the same incidents. Sums tie them together. If there is a table of counts that
lies strictly inside every one of them, those sums are the only equations that hold for certain, and
no single count, nor any sum of some of them, is determined. One linear programme a cell looks for
such a table; where there is none, the band that stands most in its way is withheld too.

The reader is taken to know more than is told: which of the withheld counts are below the minimum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

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

    keys: list[tuple[int, int, str, str]]
    rows: object = field(repr=False)
    equations: object = field(repr=False)


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
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy, and only a release needs it

    edges = sorted({start + step for start in years for step in (0, year_months)})
    stretches = list(zip(edges[:-1], edges[1:], strict=True))
    unknown: dict[tuple[str, int, str], int] = {}
    for month in range(months):
        for group in GROUPS:
            unknown["month", month, group] = len(unknown)
    fine = {
        CATEGORY: tuple(word for held in GROUPS.values() for word in held),
        DAYPART: VALUES[DAYPART],
        DETECTION: VALUES[DETECTION],
    }
    for number in range(len(stretches)):
        for margin, values in fine.items():
            for value in values:
                unknown[margin, number, value] = len(unknown)

    def matrix(sums: list[dict[int, float]]) -> object:
        cells = [(r, c, w) for r, one in enumerate(sums) for c, w in one.items()]
        row, column, weight = (list(part) for part in zip(*cells, strict=True))
        return csr_array((weight, (row, column)), shape=(len(sums), len(unknown)))

    def grouped(first: int, last: int, groups: tuple[str, ...]) -> dict[int, float]:
        return {unknown["month", m, group]: 1.0 for m in range(first, last) for group in groups}

    equations = []
    for number, (first, last) in enumerate(stretches):
        for group, held in GROUPS.items():
            parts = {unknown[CATEGORY, number, word]: -1.0 for word in held}
            equations.append(grouped(first, last, (group,)) | parts)
        for margin in (DAYPART, DETECTION):
            parts = {unknown[margin, number, value]: -1.0 for value in fine[margin]}
            equations.append(grouped(first, last, tuple(GROUPS)) | parts)
    keys: list[tuple[int, int, str, str]] = []
    sums: list[dict[int, float]] = []
    for first, length in [*((m, 1) for m in range(months)), *((y, year_months) for y in years)]:
        keys.append((first, length, ALL, ""))
        sums.append(grouped(first, first + length, tuple(GROUPS)))
        for group in GROUPS:
            keys.append((first, length, GROUP, group))
            sums.append(grouped(first, first + length, (group,)))
    for first in years:
        within = [
            n for n, (a, b) in enumerate(stretches) if a >= first and b <= first + year_months
        ]
        for margin in fine:
            for value in VALUES[margin]:
                keys.append((first, year_months, margin, value))
                sums.append({unknown[margin, number, value]: 1.0 for number in within})
    return System(keys, matrix(sums), matrix(equations))


def bounds_of(
    system: System, told: pd.Series, small: npt.NDArray[np.bool_], floor: int
) -> tuple[Floats, Floats]:
    """Return what a reader knows of each key before any sum is used.

    Parameters
    ----------
    system
        The keys.
    told
        Index (first, length, margin, value): the lower end of each released band.
    small
        One boolean a key: whether its count is below the minimum.
    floor
        The minimum count.

    Returns
    -------
    tuple of numpy.ndarray
        Least and greatest.
    """
    low = told.reindex(pd.MultiIndex.from_tuples(system.keys)).to_numpy(dtype=float)
    released = np.isfinite(low)
    high = np.where(small, floor - 1.0, np.inf)
    high[released] = [upper_of(int(one)) for one in low[released]]
    return np.where(released, low, 0.0), high


def room(system: System, low: Floats, high: Floats) -> tuple[float, Floats]:
    """Return how far inside all bounds one table of counts can lie.

    Parameters
    ----------
    system
        The sums.
    low, high
        The bounds of each key.

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
    above = hstack([-csr_array(system.rows), csr_array(ones)])
    below = hstack([csr_array(system.rows)[ends], csr_array(ones[ends])])
    equal = hstack(
        [csr_array(system.equations), csr_array((csr_array(system.equations).shape[0], 1))]
    )
    unknowns = equal.shape[1] - 1
    found = linprog(
        np.concatenate([np.zeros(unknowns), [-1.0]]),
        A_ub=vstack([above, below]),
        b_ub=np.concatenate([-low, high[ends]]),
        A_eq=equal,
        b_eq=np.zeros(equal.shape[0]),
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
    counts: npt.NDArray[np.int64],
    told: pd.Series,
    *,
    floor: int,
    fixed: frozenset[tuple[int, int, str, str]] = frozenset(),
) -> pd.Series:
    """Withhold bands of one cell until no count can be had from the others.

    Parameters
    ----------
    system
        The sums.
    counts
        The true count of each key.
    told
        Index (first, length, margin, value): the lower ends of the bands that may be shown.
    floor
        The minimum count.
    fixed
        Keys that an earlier release has told, which cannot be withheld any more.

    Returns
    -------
    pandas.Series
        The bands that are released.
    """
    small = counts < floor
    of_key = dict(zip(system.keys, counts, strict=True))
    told_before = told.reindex([key for key in told.index if key in fixed])
    if len(told_before) and room(system, *bounds_of(system, told_before, small, floor))[0] < 0:
        # Reports that came late: what was told before is of other incidents than this.
        kept = withhold_more(system, counts, told.drop(told_before.index), floor=floor)
        return pd.concat([told_before, kept])
    while True:
        low, high = bounds_of(system, told, small, floor)
        distance, blame = room(system, low, high)
        if distance >= LEAST_ROOM:
            return told
        open_keys = [key for key in told.index if key not in fixed]
        if not open_keys:
            return told
        weight = dict(zip(system.keys, blame, strict=True))
        # The one that stands most in the way; of equals the smallest count goes first.
        first = max(open_keys, key=lambda key: (weight[key] > 0, -of_key[key], key))
        told = told.drop(first)
