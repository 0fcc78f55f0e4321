"""When two crews meet: a search over the common start of each joint visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.option_model import Fixed, Joint, Missing, Problem
from riskmiljo.patrol.search_nodes import lateness, skeleton

# Times are tried so many minutes apart, the better ones again at smaller steps.
_COARSE_MIN: Final = 20.0
_FINE_MIN: Final = (-10.0, -5.0, 5.0, 10.0)
_KEPT: Final = 3


class Placed(NamedTuple):
    """Visits that are fixed once the joint ones have their time.

    Attributes
    ----------
    fixed
        Those of the problem, and two for each joint visit.
    missing
        Joint stops that no time was possible for.
    """

    fixed: tuple[Fixed, ...]
    missing: tuple[Missing, ...]


# Value of a plan with some fixed visits after some work and iterations, and iterations done.
Trial = Callable[[tuple[Fixed, ...], float, int], tuple[float, int]]


def _at(problem: Problem, joint: Joint, option: int, start: float) -> tuple[Fixed, ...]:
    dwell = float(problem.dwell[option])
    return tuple(Fixed(crew, option, start, dwell) for crew in joint.crews)


def _overrun(problem: Problem, fixed: tuple[Fixed, ...], crews: tuple[int, ...]) -> float:
    """Tell how late the later of the crews is with what is fixed; 0 or less if it can be held."""
    late = -np.inf
    for crew in crews:
        spec = problem.crews[crew]
        own = [f for f in fixed if f.crew == crew and f.start >= spec.begins]
        try:
            skeleton(problem, crew, own)
        except InvalidInputError:
            stations = [
                (int(problem.location[f.option]), f.start, f.start, f.dwell)
                for f in sorted(own, key=lambda f: f.start)
            ]
            late = max(late, lateness(problem, spec, stations), 0.1)
        else:
            late = max(late, 0.0)
    return float(late)


def _too_near(
    problem: Problem, fixed: tuple[Fixed, ...], joint: Joint, start: float, dwell: float
) -> bool:
    """Tell whether a common start is too near to a fixed visit of the stop."""
    return any(
        problem.stop[f.option] == joint.stop
        and start < f.start + f.dwell + problem.gap_min
        and start + dwell + problem.gap_min > f.start
        for f in fixed
    )


def _starts(problem: Problem, joint: Joint) -> list[tuple[int, float]]:
    """List options of the stop with starts to try: window edges, steps, and earliest arrivals."""
    tries: list[tuple[int, float]] = []
    crews = [problem.crews[crew] for crew in joint.crews]
    for option in np.flatnonzero(problem.stop == joint.stop).tolist():
        place = int(problem.location[option])
        arrive = max(
            crew.begins + float(problem.travel[crew.mode][crew.start, place]) for crew in crews
        )
        back = min(crew.ends - float(problem.travel[crew.mode][place, crew.end]) for crew in crews)
        first = max(float(problem.opens[option]), arrive)
        last = min(float(problem.closes[option]), back - float(problem.dwell[option]))
        if last < first:
            continue
        count = int((last - first) // _COARSE_MIN) + 1
        tries += [(option, float(start)) for start in np.linspace(first, last, count + 1)]
    return list(dict.fromkeys(tries))


def _held(
    problem: Problem, fixed: tuple[Fixed, ...], joint: Joint, tries: list[tuple[int, float]]
) -> list[tuple[int, float]]:
    return [
        (option, start)
        for option, start in tries
        if problem.opens[option] <= start <= problem.closes[option]
        # Before a crew begins, a fixed visit counts as made already.
        and all(start >= problem.crews[crew].begins for crew in joint.crews)
        and not _too_near(problem, fixed, joint, start, float(problem.dwell[option]))
        and _overrun(problem, fixed + _at(problem, joint, option, start), joint.crews) <= 0
    ]


def _already(problem: Problem, joint: Joint) -> bool:
    """Tell whether the fixed visits hold the joint one."""
    one, other = (
        {
            (f.start, f.dwell)
            for f in problem.fixed
            if f.crew == crew and problem.stop[f.option] == joint.stop
        }
        for crew in joint.crews
    )
    return bool(one & other)


def _least_overrun(problem: Problem, fixed: tuple[Fixed, ...], joint: Joint) -> float:
    least = np.inf
    for option in np.flatnonzero(problem.stop == joint.stop).tolist():
        place = int(problem.location[option])
        crews = [problem.crews[crew] for crew in joint.crews]
        arrive = max(
            crew.begins + float(problem.travel[crew.mode][crew.start, place]) for crew in crews
        )
        if not np.isfinite(arrive):
            continue
        opens, closes = float(problem.opens[option]), float(problem.closes[option])
        ends = max(crew.ends for crew in crews)
        for start in {
            max(arrive, opens),
            *np.linspace(opens, max(opens, min(closes, ends)), 9).tolist(),
        }:
            if start < arrive:
                continue
            late = _overrun(problem, fixed + _at(problem, joint, option, start), joint.crews)
            least = min(least, max(late, start - closes))
    return float(least)


def place_joint(problem: Problem, trial: Trial, *, work: float, rounds: int) -> tuple[Placed, int]:
    """Give each joint visit its time, one after the other.

    Parameters
    ----------
    problem
        The route problem.
    trial
        Plans a little with given fixed visits.
    work, rounds
        What all trials together may use.

    Returns
    -------
    placed
        The fixed visits.
    iterations
        Done in trials.
    """
    fixed = problem.fixed
    missing: list[Missing] = []
    iterations = 0
    todo = [joint for joint in problem.joint if not _already(problem, joint)]
    for joint in todo:
        tries = _held(problem, fixed, joint, _starts(problem, joint))
        if not tries:
            missing.append(Missing(joint.stop, _least_overrun(problem, fixed, joint)))
            continue
        share = len(todo) * (len(tries) + _KEPT * (1 + len(_FINE_MIN)) * 2)
        each, turns = work / share, max(1, rounds // share)
        scores: dict[tuple[int, float], float] = {}
        for entry in tries:
            scores[entry], done = trial(fixed + _at(problem, joint, *entry), each, turns)
            iterations += done
        kept = sorted(tries, key=lambda entry: (-scores[entry], entry))[:_KEPT]
        near = [(option, start + step) for option, start in kept for step in (0.0, *_FINE_MIN)]
        finer: dict[tuple[int, float], float] = {}
        for entry in _held(problem, fixed, joint, list(dict.fromkeys(near))):
            finer[entry], done = trial(fixed + _at(problem, joint, *entry), 2 * each, 2 * turns)
            iterations += done
        best = min(finer, key=lambda entry: (-finer[entry], entry))
        fixed += _at(problem, joint, *best)
    return Placed(fixed, tuple(missing)), iterations
