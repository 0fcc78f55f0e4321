"""Counts and presence as the user has them, checked and summed for the observation model."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from riskmiljo.analysis.arguments import is_real, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOURS_A_DAY: Final = 24.0
_NO_UNIT: Final = -1
# Totals whose length in days is not told are taken to be so many days that the busiest unit had
# no more than these hours a day: two or three stops. Were it five, others would seem to have had
# hardly any time to report from it, and districts of equal risk would differ by a quarter.
_BUSIEST_H_A_DAY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen and how long somebody was there, per unit and column.

    Parameters
    ----------
    discovered, reported
        Counts, shape (units, columns).
    presence_h
        Hours, the same shape.
    days
        The length of one column, days.
    units
        The labels of the units.
    """

    discovered: Floats
    reported: Floats
    presence_h: Floats
    days: float
    units: pd.Index

    def share_seen(self, delta_per_h: float) -> Floats:
        """Return p = 1 - exp(-delta h): the share of what happens that patrols see.

        Parameters
        ----------
        delta_per_h
            How fast an hour of presence on one day discovers what happens that day.

        Returns
        -------
        numpy.ndarray
            Shape (units, columns), 0 to 1; hours are taken as spread over the column's days.
        """
        return -np.expm1(-delta_per_h / self.days * self.presence_h)

    def totals(self, delta_per_h: float, half_life_days: float | None) -> Totals:
        """Sum the columns, older ones at less weight.

        Parameters
        ----------
        delta_per_h
            As for `share_seen`.
        half_life_days
            The age at which a column counts half; None forgets nothing.

        Returns
        -------
        Totals
            Each of shape (1, units).
        """
        weight = self.weights(half_life_days)
        seen = self.share_seen(delta_per_h)
        sums = (self.discovered, self.reported, seen, 1 - seen, self.presence_h)
        return Totals(*((values @ weight)[None, :] for values in sums))

    def weights(self, half_life_days: float | None) -> Floats:
        """Return what each column counts.

        Parameters
        ----------
        half_life_days
            The age at which a column counts half; None forgets nothing.

        Returns
        -------
        numpy.ndarray
            Shape (columns,), the last one 1.
        """
        columns = self.discovered.shape[1]
        if half_life_days is None:
            return np.ones(columns)
        ages = self.days * np.arange(columns - 1, -1, -1.0)
        return np.asarray(2.0 ** (-ages / half_life_days), dtype=float)

    @property
    def unseen(self) -> Floats:
        """What was discovered where no presence is known in the same column, the same shape."""
        return np.where(self.presence_h > 0, 0.0, self.discovered)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of METHODS section 2, each of shape (cities, units).

    Parameters
    ----------
    discovered, reported
        Counts, those of old weighted down.
    seen, unseen
        Sums of p and of 1 - p: the exposure to patrols, and to reporting by others.
    presence_h
        Hours.
    """

    discovered: Floats
    reported: Floats
    seen: Floats
    unseen: Floats
    presence_h: Floats


def observed(
    discovered: Any, reported: Any, presence_h: Any, *, days: float | None = None
) -> Observed:
    """Check counts and presence.

    Parameters
    ----------
    discovered, reported, presence_h
        Arrays, Series or DataFrames of one shape: (units,) for totals, or (units, columns) with
        the latest column last.
    days
        The length of the totals or of one column, days. None: one day a column; of totals, as
        many as leave the busiest unit half an hour a day, and at least one.

    Returns
    -------
    Observed
        As arrays of shape (units, columns).

    Raises
    ------
    InvalidInputError
        If shapes or labels differ, a value is missing, negative or infinite, or a column holds
        more hours than its days have.
    """
    named = {
        Text("Upptäckta", "Discovered"): discovered,
        Text("Rapporterade", "Reported"): reported,
        Text("Närvaron", "The presence"): presence_h,
    }
    arrays = [_numbers(values, what) for what, values in named.items()]
    shapes = {values.shape for values in arrays}
    if len(shapes) > 1:
        raise InvalidInputError(
            Text(
                "Upptäckta, rapporterade och närvaro har olika form ({s}). Ge samma enheter i "
                "samma ordning i alla tre.",
                "Discovered, reported and presence differ in shape ({s}). Give the same units in "
                "the same order in all three.",
            ).fill(s=", ".join(str(values.shape) for values in arrays))
        )
    units = _labels(list(named.values()), len(arrays[0]))
    length = _days(days, arrays[2])
    seen, told, hours = (x[:, None] if x.ndim == 1 else x for x in arrays)
    if days is not None or arrays[0].ndim > 1:
        _check_hours(hours, length)
    return Observed(seen, told, hours, length, units)


def _numbers(values: Any, what: Text) -> Floats:
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError(
            Text("{what} är inte tal.", "{what} must be numbers.").fill(what=what)
        ) from error
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] == 0 and len(array)):  # noqa: PLR2004 - units, or units by columns
        raise InvalidInputError(
            Text(
                "{what} har formen {s}. Ge ett tal per enhet, eller en tabell med enheter som "
                "rader och dagar som kolumner.",
                "{what}: the shape {s} cannot be used. Give a number per unit, or a table with "
                "units as rows and days as columns.",
            ).fill(what=what, s=array.shape)
        )
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        where = np.argwhere(bad)[0]
        raise InvalidInputError(
            Text(
                "{what}: värdet {v} på rad {row} är saknat, negativt eller oändligt. Ange 0 där "
                "inget hände, och ta bort enheter som inte är kända.",
                "{what}: the value {v} in row {row} is missing, negative or infinite. Give 0 "
                "where nothing happened, and leave out units that are not known.",
            ).fill(what=what, v=array[tuple(where)], row=int(where[0]))
        )
    return array


def _labels(given: list[Any], count: int) -> pd.Index:
    indexes = [x.index for x in given if isinstance(x, (pd.Series, pd.DataFrame))]
    for index in indexes[1:]:
        if not index.equals(indexes[0]):
            raise InvalidInputError(
                Text(
                    "Upptäckta, rapporterade och närvaro har olika radetiketter. Ge samma enheter "
                    "i samma ordning.",
                    "Discovered, reported and presence have different row labels. Give the same "
                    "units in the same order.",
                )
            )
    return indexes[0] if indexes else pd.RangeIndex(count)


def _days(days: float | None, presence_h: Floats) -> float:
    if days is None:
        busiest = presence_h.max(initial=0.0) if presence_h.ndim == 1 else 0.0
        return max(1.0, float(busiest) / _BUSIEST_H_A_DAY)
    return positive(days, Text("Antalet dagar", "The number of days"))


def _check_hours(hours: Floats, days: float) -> None:
    over = hours > HOURS_A_DAY * days
    if over.any():
        row, column = np.argwhere(over)[0]
        raise InvalidInputError(
            Text(
                "Närvaron är {h} {h:timme|timmar} på rad {row}, kolumn {c}, mer än de {most} "
                "som {d} dygn rymmer. Rätta tiderna, eller ange kolumnernas längd med days.",
                "The presence is {h} {h:hour|hours} in row {row}, column {c}, more than the "
                "{most} that {d} {d:day holds|days hold}. Correct the times, or give the "
                "columns' length with days.",
            ).fill(
                h=decimal_text(float(hours[row, column])),
                row=int(row),
                c=int(column),
                most=decimal_text(HOURS_A_DAY * days),
                d=decimal_text(days),
            ),
            code="NARVARO_FOR_LANG",
        )


def positive(value: float | None, what: Text) -> float:
    """Return a number that must be more than zero.

    Parameters
    ----------
    value
        The number.
    what
        What it is called in the message.

    Returns
    -------
    float
        The same number.

    Raises
    ------
    InvalidInputError
        If it is not a finite number above zero.
    """
    if not (is_real(value) and value > 0):
        raise InvalidInputError(
            Text(
                "{what} måste vara större än 0, inte {v}.",
                "{what} must be more than 0, not {v}.",
            ).fill(what=what, v=shown(value))
        )
    return float(value)


def districts_of(district: Any, units: int) -> tuple[Ints, pd.Index]:
    """Give each district a number.

    Parameters
    ----------
    district
        A label per unit; None makes one district of all.
    units
        How many units there are.

    Returns
    -------
    tuple
        The district's number of each unit, and the labels in order of number.

    Raises
    ------
    InvalidInputError
        If their number differs from that of the units, or a label is missing.
    """
    if district is None:
        return np.zeros(units, dtype=np.int64), pd.Index([""])
    labels = pd.Series(np.asarray(district, dtype=object).ravel())
    if isinstance(district, Mapping | AbstractSet) or len(labels) != units:
        raise InvalidInputError(
            Text(
                "{a} distrikt för {b} {b:enhet|enheter}. Ge ett distrikt per enhet (enheterna är "
                "rader).",
                "{a} {a:district|districts} for {b} {b:unit|units}. Give one district per unit "
                "(units are rows).",
            ).fill(a=len(labels), b=units)
        )
    number, names = pd.factorize(labels, sort=False)
    if (number < 0).any():
        raise InvalidInputError(
            Text(
                "Enheten på rad {row} saknar distrikt. Ange ett.",
                "The unit in row {row} has no district. Give one.",
            ).fill(row=int(np.argmax(number < 0)))
        )
    return number.astype(np.int64), pd.Index(names)


def membership(district: Ints) -> sparse.csr_array:
    """Return the matrix that sums units to districts.

    Parameters
    ----------
    district
        The district's number of each unit, from 0.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (units, districts).
    """
    units = len(district)
    shape = units, int(district.max(initial=0)) + 1
    return sparse.csr_array((np.ones(units), (np.arange(units), district)), shape=shape)


def neighbours_of(neighbours: Any, units: int) -> sparse.csr_array | None:
    """Read who borders on whom, each unit counted as its own neighbour.

    Parameters
    ----------
    neighbours
        An adjacency matrix (dense or sparse) of weights, or for each unit a list of the numbers
        of its neighbours, or a dict of these by the unit's number; None for no neighbours.
    units
        How many units there are.

    Returns
    -------
    scipy.sparse.csr_array or None
        Shape (units, units), weights from 0; the diagonal is at least 1.

    Raises
    ------
    InvalidInputError
        If the shape is another, a weight is negative, or a number is no unit's.
    """
    if neighbours is None:
        return None
    try:
        given = _matrix_or_lists(neighbours)
        matrix = (
            _of_lists(given) if isinstance(given, list) else sparse.csr_array(given, dtype=float)
        )
    except (TypeError, ValueError):
        matrix = None
    if matrix is None or matrix.shape != (units, units):
        raise InvalidInputError(
            Text(
                "Grannarna passar inte till {n} {n:enhet|enheter}. Ge en matris på {n} × {n}, "
                "eller en lista med grannarnas nummer för varje enhet.",
                "The neighbours do not fit {n} {n:unit|units}. Give a matrix of {n} × {n}, or "
                "for each unit a list of its neighbours' numbers.",
            ).fill(n=units)
        )
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        raise InvalidInputError(
            Text(
                "En grannvikt är negativ eller inte ett tal.",
                "A neighbour's weight is negative or no number.",
            )
        )
    own = matrix.diagonal()
    return sparse.csr_array(matrix + sparse.diags_array(np.maximum(1.0, own) - own))


def _of_lists(lists: list[Any]) -> sparse.csr_array | None:
    """Return the matrix of each unit's neighbours; None where a number is no unit's."""
    units = len(lists)
    numbers = [np.asarray(near, dtype=float).ravel() for near in lists]
    column = np.concatenate([*numbers, np.zeros(0)])
    if not (np.isin(column, np.arange(units))).all():
        return None
    row = np.repeat(np.arange(units), [len(near) for near in numbers])
    matrix = sparse.csr_array((np.ones(len(row)), (row, column.astype(int))), shape=(units, units))
    matrix.data[:] = 1.0
    return matrix


def _matrix_or_lists(neighbours: Any) -> Any:
    """Return lists of numbers as a list, and all else as a matrix."""
    if isinstance(neighbours, Mapping):
        # Every unit by its number; a mapping by other names does not say which unit is meant.
        return [neighbours.get(number, [_NO_UNIT]) for number in range(len(neighbours))]
    if isinstance(neighbours, pd.DataFrame):
        return neighbours.to_numpy()
    if sparse.issparse(neighbours) or (isinstance(neighbours, np.ndarray) and neighbours.ndim > 1):
        return neighbours
    rows = [np.asarray(near).ravel() for near in neighbours]
    # As many numbers in each as there are units, and one of them twice: rows of a matrix.
    whole = all(len(row) == len(rows) for row in rows)
    if whole and any(len(np.unique(row)) < len(row) for row in rows):
        return np.array(rows)
    return rows
