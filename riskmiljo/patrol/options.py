"""Plan routes over options: from a problem in minutes and plain arrays to checked routes."""

from __future__ import annotations

import numpy as np

from riskmiljo.analysis.arguments import random_of
from riskmiljo.patrol.option_check import require_sound
from riskmiljo.patrol.option_input import require_usable
from riskmiljo.patrol.option_model import (
    DISCOUNTS,
    Answer,
    CrewSpec,
    Fixed,
    Joint,
    Missing,
    Pause,
    Problem,
    Rest,
    Step,
)

__all__ = [
    "DISCOUNTS",
    "Answer",
    "CrewSpec",
    "Fixed",
    "Joint",
    "Missing",
    "Pause",
    "Problem",
    "Rest",
    "Step",
    "solve",
]


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    rng: int | np.random.Generator = 0,
    spread: float = 0.0,
) -> Answer:
    """Plan routes.

    Parameters
    ----------
    problem
        What is to be planned.
    seconds
        About how long to search on an ordinary core. It is turned into a number of elementary
        steps by a fixed figure, so that the same input gives the same answer on every machine.
    iterations
        How many times to change the plan; the search ends with whichever of the two comes first.
        Without both, 10 seconds.
    rng
        Seed or generator.
    spread
        0 for the best plan found; else the answer is drawn among distinct plans that are worth at
        most this share less, so that routes cannot be foretold (Chen, Cheng and Wise 2017).

    Returns
    -------
    Answer
        Checked by code that shares nothing with the search.

    Raises
    ------
    InvalidInputError
        The problem is contradictory, or a crew cannot hold what is fixed for it.
    """
    require_usable(problem, seconds=seconds, iterations=iterations, spread=spread)
    # The search brings the compiler along, which a program that plans nothing need not load.
    from riskmiljo.patrol.search import search  # noqa: PLC0415 - see above

    answer = search(
        problem,
        seconds=10.0 if seconds is None and iterations is None else seconds,
        iterations=iterations,
        rng=random_of(rng),
        spread=spread,
    )
    require_sound(problem, answer)
    return answer
