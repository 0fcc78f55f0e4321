"""Team orienteering: which prizes to collect, by which team, in which order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import is_real, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.options import CrewSpec, Problem, solve
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]

# Optimal routes of the literature use the budget to the last digit.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Routes of teams.

    Attributes
    ----------
    routes
        For each team the vertices that it visits, its start and end included.
    prize
        Sum of the prizes.
    arrivals
        For each team the times at which it arrives at them, in the unit of the distances.
    starts
        When service begins there: later than the arrival where a team waits for a window.
    iterations
        How long was searched.
    """

    routes: list[list[int]]
    prize: float
    arrivals: list[list[float]]
    starts: list[list[float]]
    iterations: int


def _refuse(sv: str, en: str, **values: object) -> InvalidInputError:
    return InvalidInputError(Text(sv, en).fill(**values))


def _numbers(values: object, name: str, shape: tuple[int, ...]) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refuse(
            "{name} ska vara tal i formen {shape}.",
            "{name} should be numbers in the shape {shape}.",
            name=name,
            shape=shape,
        ) from error
    if array.shape != shape:
        raise _refuse(
            "{name} har formen {have}: den ska vara {shape}.",
            "{name} has the shape {have}: it should be {shape}.",
            name=name,
            have=array.shape,
            shape=shape,
        )
    return array


def _require_no_less_than_zero(array: Floats, name: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(array) | (array < 0))
    if len(wrong):
        raise _refuse(
            "{name}, rad {row}: {value} går inte. Ange ett ändligt tal som är 0 eller mer.",
            "{name}, row {row}: {value} cannot be used. Give a finite number of 0 or more.",
            name=name,
            row=int(wrong[0]),
            value=float(array[wrong[0]]),
        )


def _coordinates(coords: object) -> Floats:
    try:
        array = np.asarray(coords, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.empty(0)
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):  # noqa: PLR2004 - x and y
        raise _refuse(
            "coords ska ha formen (n, 2) med minst en punkt.",
            "coords should have the shape (n, 2) with at least one point.",
        )
    wrong = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(wrong):
        raise _refuse(
            "coords, rad {row}: koordinaten är inte ett ändligt tal.",
            "coords, row {row}: the coordinate is not a finite number.",
            row=int(wrong[0]),
        )
    return array


def _distances(array: Floats, distances: object) -> Floats:
    n = len(array)
    if distances is None:
        return np.hypot(
            array[:, None, 0] - array[None, :, 0], array[:, None, 1] - array[None, :, 1]
        )
    matrix = _numbers(distances, "distances", (n, n))
    if np.isnan(matrix).any() or (matrix < 0).any():
        raise _refuse(
            "distances innehåller NaN eller negativa tal: ange 0 eller mer, eller oändligt där "
            "ingen väg finns.",
            "distances hold NaN or negative numbers: give 0 or more, or infinity where there is "
            "no way.",
        )
    return matrix


def _windows(windows: object, n: int) -> Floats:
    if windows is None:
        return np.tile([-math.inf, math.inf], (n, 1))
    array = _numbers(windows, "windows", (n, 2))
    wrong = np.flatnonzero(np.isnan(array).any(axis=1) | (array[:, 1] < array[:, 0]))
    if len(wrong):
        raise _refuse(
            "windows, rad {row}: fönstret stänger innan det öppnar, eller är NaN.",
            "windows, row {row}: the window closes before it opens, or is NaN.",
            row=int(wrong[0]),
        )
    return array


def _whole(value: object) -> int | None:
    """Return a whole number as such; None for anything else, True and 1.0 among it."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return None
    return int(value)


def _vertex(value: object, name: str, n: int) -> int:
    number = _whole(value)
    if number is None or not 0 <= number < n:
        raise _refuse(
            "{name}={value!r} finns inte: ange en punkt från 0 till {last}.",
            "{name}={value!r} does not exist: give a vertex from 0 to {last}.",
            name=name,
            value=value,
            last=n - 1,
        )
    return number


def _amounts(teams: object, budget: object) -> tuple[int, float]:
    number = _whole(teams)
    if number is None or number < 1:
        raise _refuse(
            "Antalet lag är {teams!r}: ange ett heltal från 1.",
            "The number of teams is {teams!r}: give a whole number from 1.",
            teams=teams,
        )
    most = float(budget) if is_real(budget) else math.nan
    if not 0 <= most < math.inf:
        raise _refuse(
            "Budgeten {budget!r} går inte: ange ett ändligt tal som är 0 eller mer.",
            "The budget {budget!r} cannot be used: give a finite number of 0 or more.",
            budget=shown(budget),
        )
    return number, most


def team_orienteering(
    coords: npt.ArrayLike,
    prizes: npt.ArrayLike,
    *,
    teams: int,
    budget: float,
    start: int = 0,
    end: int | None = None,
    service: npt.ArrayLike | None = None,
    windows: npt.ArrayLike | None = None,
    distances: npt.ArrayLike | None = None,
    seconds: float = 10,
    rng: int | np.random.Generator = 0,
) -> Solution:
    """Collect the most prizes with some teams, each within a budget of time.

    Parameters
    ----------
    coords
        Shape (n, 2); distance is time.
    prizes
        Shape (n,), 0 or more; start and end have none whatever is given.
    teams
        How many.
    budget
        How long each team may be on its way, waiting and service included.
    start, end
        Vertices where all teams start and end; without ``end``, where they start.
    service
        Shape (n,), time spent at a vertex; 0 if not given, and never at start and end.
    windows
        Shape (n, 2), earliest and latest start of service, counted from the start of the teams;
        teams may wait. The start's is not looked at, the end's latest counts.
    distances
        Shape (n, n), from row to column, instead of the Euclidean ones, such as the cut ones of
        the literature. Where a detour is much shorter than the direct way, good routes may be
        overlooked.
    seconds
        About how long to search on an ordinary core; turned into steps by a fixed figure.
    rng
        Seed or generator: the same seed gives the same routes on every machine.

    Returns
    -------
    Solution
        Each vertex is visited at most once.

    Raises
    ------
    InvalidInputError
        Shapes or numbers that do not fit, or an end too far from the start.

    References
    ----------
    Chao, I-M., Golden, B. and Wasil, E. (1996). The team orienteering problem. European Journal of
    Operational Research 88(3).

    Examples
    --------
    >>> town = [[0, 0], [0, 3], [4, 0]]
    >>> found = team_orienteering(town, [0, 1, 2], teams=1, budget=9, seconds=0.1)
    >>> found.routes, found.prize
    ([[0, 2, 0]], 2.0)
    """
    array = _coordinates(coords)
    n = len(array)
    prize = _numbers(prizes, "prizes", (n,))
    _require_no_less_than_zero(prize, "prizes")
    serve = np.zeros(n) if service is None else _numbers(service, "service", (n,))
    _require_no_less_than_zero(serve, "service")
    window = _windows(windows, n)
    number, most = _amounts(teams, budget)
    first = _vertex(start, "start", n)
    last = first if end is None else _vertex(end, "end", n)
    matrix = _distances(array, distances)
    closing = min(most, float(window[last, 1]))
    direct = 0.0 if first == last else float(matrix[first, last])
    if direct > closing + _ROUNDING:
        raise _refuse(
            "Från start till mål är det {d}, men budgeten är {b}: {m} för lite.",
            "From start to end it is {d}, but the budget is {b}: {m} too little.",
            d=decimal_text(direct, 3),
            b=decimal_text(closing, 3),
            m=decimal_text(direct - closing, 3),
        )
    matrix = matrix.copy()
    np.fill_diagonal(matrix, 0.0)
    inner = np.array([v for v in range(n) if v not in (first, last)], dtype=np.int64)
    answer = solve(
        Problem(
            travel=matrix[None],
            crews=tuple(CrewSpec(0, first, last, 0.0, closing) for _ in range(number)),
            stop=np.arange(len(inner)),
            location=inner,
            opens=np.maximum(window[inner, 0], 0.0),
            closes=window[inner, 1],
            value=prize[inner, None],
            dwell=serve[inner],
            discounts=(1.0,),
            gap_min=0.0,
        ),
        seconds=seconds,
        rng=rng,
    )
    routes, arrivals, starts = [], [], []
    for steps in answer.routes:
        visited = [int(inner[step.option]) for step in steps]
        before, left = (visited[-1], steps[-1].leave) if steps else (first, 0.0)
        home = left + float(matrix[before, last])
        routes.append([first, *visited, last])
        arrivals.append([0.0, *(step.arrive for step in steps), home])
        starts.append([0.0, *(step.start for step in steps), home])
    return Solution(routes, answer.value, arrivals, starts, answer.iterations)
