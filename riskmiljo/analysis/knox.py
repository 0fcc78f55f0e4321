"""Near repeats: Knox's test of pairs close in space and in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import numbers_in, random_of, require_whole
from riskmiljo.analysis.pairs import ClosePairs
from riskmiljo.analysis.places import checked_xy
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TOLERANCE: Final = 1e-9
# About three minutes on one core.
_MOST_COMPARISONS: Final = 200_000_000_000
# The shuffled times of so many bytes are held at once.
_TABLE_BYTES: Final = 256 * 2**20
# Differences of so many bytes are worked on at once: they should stay in the cache.
_CACHE_BYTES: Final = 3 * 2**18
_MOST_IN_A_BYTE: Final = 255
_LARGEST_INT16: Final = 32_000
_FINE: Final = 2**30
_FEWEST: Final = 2


@dataclass(frozen=True)
class KnoxResult:
    """Pairs by bands of distance (rows) and of time between (columns).

    Attributes
    ----------
    observed
        Pairs seen, whole numbers.
    expected
        Mean over the permutations of the times.
    ratio
        Observed over expected; NaN where neither is more than zero.
    p_value
        Share of arrangements, the one seen among them, with at least as many pairs: never 0.
    product
        What independence would give: pairs of the distance times pairs of the time over all pairs.
    space_m, time_days
        Upper edges of the bands; the first band begins at 0, with 0.
    incidents
        How many.
    permutations
        How many.
    """

    observed: Ints
    expected: Floats
    ratio: Floats
    p_value: Floats
    product: Floats = field(repr=False)
    space_m: Floats
    time_days: Floats
    incidents: int
    permutations: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a band.

        Returns
        -------
        pandas.DataFrame
            ``from_m``, ``to_m``, ``from_days``, ``to_days``, ``observed``, ``expected``,
            ``ratio``, ``p_value``.
        """
        rows, columns = self.observed.shape
        return pd.DataFrame(
            {
                "from_m": np.repeat(np.r_[0.0, self.space_m[:-1]], columns),
                "to_m": np.repeat(self.space_m, columns),
                "from_days": np.tile(np.r_[0.0, self.time_days[:-1]], rows),
                "to_days": np.tile(self.time_days, rows),
                "observed": self.observed.ravel(),
                "expected": self.expected.ravel(),
                "ratio": self.ratio.ravel(),
                "p_value": self.p_value.ravel(),
            }
        )


def knox(
    xy: npt.ArrayLike,
    t_days: npt.ArrayLike,
    *,
    space_m: npt.ArrayLike,
    time_days: npt.ArrayLike,
    permutations: int = 99,
    rng: int | np.random.Generator = 0,
) -> KnoxResult:
    """Count pairs close in space and time against what chance would give.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    t_days
        Shape (n,), days as numbers, counted from any moment.
    space_m, time_days
        Rising upper edges of the bands, metres and days; one number is one band. Band i holds
        what is more than edge i - 1 and at most edge i; the first begins at 0 and holds it: pairs
        at one address, or on one day, are in it. An edge has a tolerance of 1e-9 of itself.
    permutations
        How often the times are shuffled over the places.
    rng
        Seed or generator of the shuffles.

    Returns
    -------
    KnoxResult
        Arrays of shape (len(space_m), len(time_days)).

    Raises
    ------
    InvalidInputError
        If a coordinate, a time, an edge or the number of permutations cannot be used, or the
        widest band holds too many pairs.
    NothingFoundError
        If there are fewer than two incidents.

    Notes
    -----
    Places stay where they are and times are shuffled over them, so that places where much happens
    and seasons in which much happens do not count as near repeats. The pairs close in space are
    listed once, in blocks, and compared under all permutations together. Memory does not grow
    with the number of pairs. Times that are not whole are compared under permutation in steps of
    a 2**30th of the record's length (0.1 s in three years).

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics 13, 25-29.
    Johnson, S. D. et al. (2007). Space-time patterns of risk: a cross national assessment of
    residential burglary victimization. Journal of Quantitative Criminology 23, 201-219.
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, chapter 4.

    Examples
    --------
    >>> result = knox([[0, 0], [50, 0], [900, 0]], [0, 2, 40], space_m=[100], time_days=[7])
    >>> result.observed.tolist()
    [[1]]
    """
    points, times = checked_xy(xy), _checked_times(t_days)
    if len(points) != len(times):
        raise InvalidInputError(
            Text(
                "{a} {a:punkt|punkter} men {b} {b:tid|tider}. Ge en tid per punkt.",
                "{a} {a:point|points} but {b} {b:time|times}. Give one time for each point.",
            ).fill(a=len(points), b=len(times))
        )
    space = checked_edges(space_m, Text("space_m", "space_m"))
    time = checked_edges(time_days, Text("time_days", "time_days"))
    require_whole(1, permutations=permutations)
    if len(points) < _FEWEST:
        raise NothingFoundError(
            Text(
                "Det behövs minst två händelser för att bilda par, inte {n}.",
                "At least two incidents are needed to make pairs, not {n}.",
            ).fill(n=len(points))
        )
    close = ClosePairs.within(points, float(space[-1]))
    _require_feasible(close.candidates, permutations, len(points))
    times = times[close.order]
    upto = np.zeros((len(space), len(time)), dtype=np.int64)
    in_space = np.zeros(len(space), dtype=np.int64)
    totals: list[Ints] = []
    generator = random_of(rng)
    for number, table in enumerate(_shuffled(times, permutations, generator)):
        limits = _limits_in_steps(times, time, table)
        counts = np.zeros((len(space), len(time), table.shape[1]), dtype=np.int64)
        comparer = _Comparer(table)
        for a, b, distance in close.blocks():
            for k, at in enumerate(_by_band(distance, space)):
                if number == 0:
                    in_space[k] += len(at)
                    upto[k] += _seen(times, time, a[at], b[at])
                comparer.add(a[at], b[at], limits, counts[k])
        totals.append(np.diff(counts, axis=1, prepend=0))
    observed = np.diff(upto, axis=1, prepend=0)
    shuffled = np.concatenate(totals, axis=2)
    expected = shuffled.mean(axis=2)
    ratio = np.full(expected.shape, np.nan)
    np.divide(observed, expected, out=ratio, where=expected > 0)
    ratio[(expected == 0) & (observed > 0)] = np.inf
    at_least = (shuffled >= observed[:, :, None]).sum(axis=2)
    all_pairs = len(points) * (len(points) - 1) / 2
    product = np.outer(in_space, _pairs_in_time(times, time)) / all_pairs
    return KnoxResult(
        observed,
        expected,
        ratio,
        (1 + at_least) / (permutations + 1),
        product,
        space,
        time,
        len(points),
        permutations,
    )


def checked_edges(edges: npt.ArrayLike, what: Text) -> Floats:
    """Return the upper edges of bands as an array, or say what is wrong with them.

    Parameters
    ----------
    edges
        Rising numbers of more than zero, or one number.
    what
        What they are called in the message.

    Returns
    -------
    numpy.ndarray
        Shape (k,).

    Raises
    ------
    InvalidInputError
        If there is none, one is not a finite number of more than 0, they do not rise or are more
        than 100.
    """
    values = _numbers(edges, what).ravel()
    if (
        values.size == 0
        or not np.isfinite(values).all()
        or values[0] <= 0
        or (np.diff(values) <= values[1:] * 2 * _TOLERANCE).any()
        or values.size > 100  # noqa: PLR2004 - more bands than anyone reads
    ):
        raise InvalidInputError(
            Text(
                "Banden {what} = {v} duger inte. Ge 1 till 100 övre gränser större än 0, i "
                "stigande ordning.",
                "The bands {what} = {v} cannot be used. Give 1 to 100 upper edges of more than 0, "
                "in rising order.",
            ).fill(what=what, v=str(values.tolist())[:80])
        )
    return values


def _numbers(values: npt.ArrayLike, what: Text) -> Floats:
    try:
        array = np.asarray(values)
    except ValueError:  # rows of unlike length
        return numbers_in(values, what)
    if array.size == 0:
        return np.zeros(0)
    if array.dtype.kind not in "iuf":
        raise InvalidInputError(
            Text(
                "{what} ska vara tal, inte {kind}. Räkna om tider till dygn, till exempel "
                "(t - t.min()) / Timedelta(days=1).",
                "{what} must be numbers, not {kind}. Turn times into days, for example "
                "(t - t.min()) / Timedelta(days=1).",
            ).fill(what=what, kind=str(array.dtype))
        )
    return array.astype(float)


def _checked_times(t_days: npt.ArrayLike) -> Floats:
    times = _numbers(t_days, Text("t_days", "t_days"))
    if times.ndim != 1:
        raise InvalidInputError(
            Text(
                "t_days har formen {s}. Ge en lista med ett tal per händelse.",
                "t_days has the shape {s}. Give a list with one number for each incident.",
            ).fill(s=times.shape)
        )
    bad = ~np.isfinite(times)
    if bad.any():
        raise InvalidInputError(
            Text(
                "{n} {n:tid|tider} saknas, den första på rad {row}. Ta bort {n:den|dem} först.",
                "{n} {n:time is|times are} missing, the first in row {row}. Remove {n:it|them} "
                "first.",
            ).fill(n=int(bad.sum()), row=int(np.argmax(bad)))
        )
    return times


def _require_feasible(pairs: int, permutations: int, n: int) -> None:
    if pairs * (permutations + 1) > _MOST_COMPARISONS:
        raise InvalidInputError(
            Text(
                "{n} {n:händelse|händelser} bildar {p} miljoner par inom det största avståndet: "
                "för många för {r} {r:permutation|permutationer}. Minska det största avståndet, "
                "perioden eller antalet permutationer.",
                "{n} {n:incident|incidents} make {p} million pairs within the largest distance: "
                "too many for {r} {r:permutation|permutations}. Choose a smaller distance, a "
                "shorter period or fewer permutations.",
            ).fill(n=n, p=decimal_text(pairs / 1e6, 0), r=permutations)
        )


def _shuffled(
    times: Floats, permutations: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[Any]]:
    """Yield tables (incident, permutation) of times in whole steps."""
    steps = _in_steps(times)
    at_once = max(1, _TABLE_BYTES // (len(times) * steps.itemsize))
    for begin in range(0, permutations, at_once):
        columns = [rng.permutation(steps) for _ in range(min(at_once, permutations - begin))]
        yield np.ascontiguousarray(np.stack(columns, axis=1))


def _in_steps(times: Floats) -> npt.NDArray[Any]:
    since: Floats = times - times.min()
    longest = float(since.max())
    if longest <= _LARGEST_INT16 and (since == np.rint(since)).all():
        return since.astype(np.int16)
    steps: Floats = np.rint(since * (_FINE / longest))
    return steps.astype(np.int32)


def _limits_in_steps(times: Floats, edges: Floats, table: npt.NDArray[Any]) -> list[int]:
    longest = float(np.ptp(times))
    if table.dtype == np.int16:
        wide = np.floor(np.minimum(edges, longest) * (1 + _TOLERANCE))
    else:
        # Rounding moves a difference by at most one step: one that lies on the edge stays inside.
        wide = np.floor(np.minimum(edges / longest, 1.0) * _FINE) + 1
    return [int(limit) for limit in wide]


def _by_band(distance: Floats, edges: Floats) -> Iterator[Ints]:
    """Yield for each band of distance which pairs are in it."""
    band = np.zeros(len(distance), dtype=np.uint8)
    for edge in edges * (1 + _TOLERANCE):
        band += distance > edge
    for number in range(len(edges)):
        yield np.flatnonzero(band == number)


def _seen(times: Floats, edges: Floats, a: Ints, b: Ints) -> list[int]:
    """Count the pairs as they are, exactly: those within each edge."""
    gap = np.abs(times[a] - times[b])
    return [int(np.count_nonzero(gap <= edge)) for edge in edges * (1 + _TOLERANCE)]


class _Comparer:
    """Compares pairs under all permutations of a table, in buffers that stay in the cache."""

    def __init__(self, table: npt.NDArray[Any]) -> None:
        self.table = table
        shuffles = table.shape[1]
        rows = max(1, _CACHE_BYTES // (shuffles * table.itemsize))
        # As many layers as a byte can count: adding them up is one pass over bytes.
        self.pieces = -(-rows // _MOST_IN_A_BYTE)
        self.at_once = rows
        self.gap = np.empty((rows, shuffles), dtype=table.dtype)
        self.other = np.empty_like(self.gap)
        self.within = np.empty((rows, shuffles), dtype=np.bool_)

    def add(self, a: Ints, b: Ints, limits: list[int], counts: Ints) -> None:
        """Add how many of the pairs are within each limit (cumulative), for every permutation."""
        shuffles = self.table.shape[1]
        for begin in range(0, len(a), self.at_once):
            part = slice(begin, begin + self.at_once)
            number = len(a[part])
            gap, other, within = self.gap[:number], self.other[:number], self.within[:number]
            # All are in range: "clip" only spares the copy that checking takes.
            np.take(self.table, a[part], axis=0, mode="clip", out=gap)
            np.take(self.table, b[part], axis=0, mode="clip", out=other)
            gap -= other
            np.abs(gap, out=gap)
            whole = number // self.pieces * self.pieces
            ones = within.view(np.uint8)
            layers = ones[:whole].reshape(-1, self.pieces * shuffles)
            for column, limit in enumerate(limits):
                np.less_equal(gap, gap.dtype.type(limit), out=within)
                added = np.add.reduce(layers, axis=0, dtype=np.uint8).reshape(-1, shuffles)
                counts[column] += added.sum(axis=0, dtype=np.int64)
                counts[column] += ones[whole:].sum(axis=0, dtype=np.int64)


def _pairs_in_time(times: Floats, edges: Floats) -> Ints:
    ordered = np.sort(times)
    numbers = np.arange(1, len(times) + 1)
    upto = [
        int((np.searchsorted(ordered, ordered + edge * (1 + _TOLERANCE), "right") - numbers).sum())
        for edge in edges
    ]
    cumulative = np.asarray([0, *upto], dtype=np.int64)
    return cumulative[1:] - cumulative[:-1]
