"""The route problem over options, in minutes and plain arrays, and its answer.

An *option* is one way to visit a stop: where, in which window the dwell may begin, for how long,
and what it is worth to each kind of crew. A stop with hourly risk has one option for each hour. The
plan that is looked for maximises the sum over the stops of Σ δ_k · value of the k-th best visit,
δ = 1, 0.7, 0.5, 0.35: a team orienteering problem whose prizes depend on time.

References
----------
Chao, I-M., Golden, B. and Wasil, E. (1996). The team orienteering problem. European Journal of
Operational Research 88(3).
Chen, H., Cheng, T. and Wise, S. (2017). Developing an online cooperative police patrol routing
strategy. Computers, Environment and Urban Systems 62.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DISCOUNTS: Final = (1.0, 0.7, 0.5, 0.35)


class Pause(NamedTuple):
    """A break, taken where the crew stands.

    Attributes
    ----------
    minutes
        How long.
    earliest, latest
        When it may begin, minutes from the shift's start.
    """

    minutes: float
    earliest: float
    latest: float


class CrewSpec(NamedTuple):
    """One crew.

    Attributes
    ----------
    mode
        Row of the problem's travel times.
    start, end
        Locations.
    begins, ends
        When it sets out at the earliest and is back at the latest, minutes from the shift's start.
    kind
        Column of the problem's values.
    pauses
        Its breaks.
    """

    mode: int
    start: int
    end: int
    begins: float
    ends: float
    kind: int = 0
    pauses: tuple[Pause, ...] = ()


class Fixed(NamedTuple):
    """A visit that is in the answer exactly so.

    One that begins before its crew does has been made already: it counts for value and gaps, and is
    not part of the way that is still to go. Two crews fixed at one stop from the same minute are
    there together: it counts as one visit.

    Attributes
    ----------
    crew, option
        Who and which; the option's window is not looked at.
    start, dwell
        Minutes.
    """

    crew: int
    option: int
    start: float
    dwell: float


class Joint(NamedTuple):
    """A stop that two crews visit together.

    Attributes
    ----------
    stop
        Which.
    crews
        The two.
    """

    stop: int
    crews: tuple[int, int]


class Step(NamedTuple):
    """A visit in an answer.

    Attributes
    ----------
    option
        Which.
    arrive, start, leave
        Minutes from the shift's start; ``start`` is later than ``arrive`` where the crew waits.
    """

    option: int
    arrive: float
    start: float
    leave: float


class Rest(NamedTuple):
    """A break in an answer.

    Attributes
    ----------
    pause
        Which of the crew's pauses.
    start, leave
        Minutes from the shift's start.
    """

    pause: int
    start: float
    leave: float


class Missing(NamedTuple):
    """A pinned or joint stop that no plan found could hold.

    Attributes
    ----------
    stop
        Which.
    overrun_min
        By how many minutes the best route with it would be late, beside what else is required;
        infinite where no crew can reach it.
    """

    stop: int
    overrun_min: float


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is to be planned.

    Attributes
    ----------
    travel
        Shape (modes, n, n), minutes from row to column; infinite where there is no way.
    crews
        Who.
    stop
        Shape (options,), which stop an option belongs to, numbered from 0.
    location
        Shape (options,), row of ``travel``.
    opens, closes
        Shape (options,), earliest and latest start of the dwell, minutes from the shift's start.
    value
        Shape (options, kinds), what a visit is worth to a kind of crew, not negative.
    dwell
        Shape (options,), minutes.
    discounts
        Weight of a stop's best visit, second best and so on, not rising; no stop gets more visits.
    gap_min
        Minutes from the end of any crew's visit of a stop to the start of the next one there.
    fixed
        Visits that are in the answer exactly so.
    pinned
        Stops to be visited at least once.
    joint
        Stops that two crews visit at the same time; worth the larger of the two crews' values.
    """

    travel: Floats
    crews: tuple[CrewSpec, ...]
    stop: Ints
    location: Ints
    opens: Floats
    closes: Floats
    value: Floats
    dwell: Floats
    discounts: tuple[float, ...] = DISCOUNTS
    gap_min: float = 90.0
    fixed: tuple[Fixed, ...] = ()
    pinned: tuple[int, ...] = ()
    joint: tuple[Joint, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A plan.

    Attributes
    ----------
    routes
        For each crew its visits in the order of time, those already made first.
    pauses
        For each crew its breaks in the order of time.
    value
        Sum over the stops of the discounted values.
    iterations
        How long was searched.
    missing
        Pinned and joint stops that could not be held, with the reason in minutes.
    """

    routes: tuple[tuple[Step, ...], ...]
    pauses: tuple[tuple[Rest, ...], ...]
    value: float
    iterations: int
    missing: tuple[Missing, ...] = ()
