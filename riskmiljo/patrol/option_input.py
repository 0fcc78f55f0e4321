"""Refuse a route problem that contradicts itself, in one clear sentence."""

from __future__ import annotations

import math

import numpy as np

from riskmiljo.analysis.arguments import is_real, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.option_model import CrewSpec, Problem
from riskmiljo.wording import Text, decimal_text


def _refuse(sv: str, en: str, **values: object) -> InvalidInputError:
    return InvalidInputError(Text(sv, en).fill(**values))


def _require_amount(seconds: float | None, iterations: int | None, spread: float) -> None:
    if seconds is not None and not (is_real(seconds) and seconds > 0):
        raise _refuse(
            "Söktiden {s} går inte: ange ett antal sekunder över 0.",
            "The search time {s} cannot be used: give a number of seconds above 0.",
            s=shown(seconds),
        )
    if iterations is not None and iterations < 1:
        raise _refuse(
            "Antalet sökvarv är {n}: ange minst 1.",
            "The number of iterations is {n}: give at least 1.",
            n=iterations,
        )
    if not (is_real(spread) and 0 <= spread < 1):
        raise _refuse(
            "Spridningen {s} går inte: ange en andel från 0 till under 1.",
            "The spread {s} cannot be used: give a share from 0 to below 1.",
            s=shown(spread),
        )


def _require_shapes(problem: Problem) -> None:
    travel = problem.travel
    square = 3
    if travel.ndim != square or travel.shape[1] != travel.shape[2]:
        raise _refuse(
            "Restiderna har formen {s}: den ska vara (färdsätt, n, n).",
            "The travel times have the shape {s}: it should be (modes, n, n).",
            s=travel.shape,
        )
    options = len(problem.stop)
    table = problem.value.ndim == square - 1
    lengths = {
        "location": problem.location.shape,
        "opens": problem.opens.shape,
        "closes": problem.closes.shape,
        "dwell": problem.dwell.shape,
        "value": problem.value.shape[:1] if table else problem.value.shape,
    }
    for name, shape in lengths.items():
        if shape != (options,) or (name == "value" and not table):
            raise _refuse(
                "{name} har formen {shape} men det finns {n} alternativ.",
                "{name} has the shape {shape} but there are {n} options.",
                name=name,
                shape=shape,
                n=options,
            )


def _require_options(problem: Problem) -> None:
    if np.isnan(problem.travel).any() or (problem.travel < 0).any():
        raise _refuse(
            "Restiderna innehåller NaN eller negativa tal: ange minuter, eller oändligt där ingen "
            "väg finns.",
            "The travel times hold NaN or negative numbers: give minutes, or infinity where there "
            "is no way.",
        )
    for name, numbers in (("value", problem.value), ("dwell", problem.dwell)):
        if not np.isfinite(numbers).all() or (numbers < 0).any():
            raise _refuse(
                "{name} ska vara ändliga tal som inte är negativa.",
                "{name} should be finite numbers that are not negative.",
                name=name,
            )
    if np.isnan(problem.opens).any() or np.isnan(problem.closes).any():
        raise _refuse("Alternativens tidsfönster innehåller NaN.", "The options' windows hold NaN.")
    backwards = np.flatnonzero(problem.closes < problem.opens)
    if len(backwards):
        raise _refuse(
            "Alternativ {i} stänger ({c} min) innan det öppnar ({o} min).",
            "Option {i} closes ({c} min) before it opens ({o} min).",
            i=backwards[0],
            c=decimal_text(float(problem.closes[backwards[0]]), 1),
            o=decimal_text(float(problem.opens[backwards[0]]), 1),
        )
    if len(problem.stop) and (
        problem.stop.min() < 0
        or problem.location.min() < 0
        or problem.location.max() >= problem.travel.shape[1]
    ):
        raise _refuse(
            "Ett alternativ hör till en hållpunkt eller plats som inte finns.",
            "An option belongs to a stop or location that does not exist.",
        )


def _require_crew(problem: Problem, number: int, crew: CrewSpec) -> None:
    modes, places, _ = problem.travel.shape
    if not (
        0 <= crew.mode < modes
        and 0 <= crew.start < places
        and 0 <= crew.end < places
        and 0 <= crew.kind < problem.value.shape[1]
    ):
        raise _refuse(
            "Lag {n}: färdsätt, start, mål eller slag finns inte.",
            "Team {n}: mode, start, end or kind does not exist.",
            n=number,
        )
    if not -math.inf < crew.begins <= crew.ends < math.inf:
        raise _refuse(
            "Lag {n} slutar (minut {e}) innan det börjar (minut {b}).",
            "Team {n} ends (minute {e}) before it begins (minute {b}).",
            n=number,
            e=crew.ends,
            b=crew.begins,
        )
    for pause in crew.pauses:
        if not (0 <= pause.minutes < math.inf and pause.earliest <= pause.latest):
            raise _refuse(
                "Lag {n} har en rast på {m} minuter mellan minut {a} och {b}: det går inte.",
                "Team {n} has a break of {m} minutes between minute {a} and {b}: impossible.",
                n=number,
                m=pause.minutes,
                a=pause.earliest,
                b=pause.latest,
            )


def _require_wishes(problem: Problem) -> None:
    stops = set(problem.stop.tolist())
    wanted = [*problem.pinned, *(joint.stop for joint in problem.joint)]
    for stop in wanted:
        if stop not in stops:
            raise _refuse(
                "Hållpunkt {s} finns inte bland alternativen.",
                "Stop {s} is not among the options.",
                s=stop,
            )
    crews = len(problem.crews)
    for joint in problem.joint:
        if len(set(joint.crews)) != len(joint.crews) or not all(
            0 <= crew < crews for crew in joint.crews
        ):
            raise _refuse(
                "Hållpunkt {s} ska besökas av två olika lag bland de {n} som finns.",
                "Stop {s} should be visited by two different teams of the {n} there are.",
                s=joint.stop,
                n=crews,
            )
    for fixed in problem.fixed:
        if not (
            0 <= fixed.crew < crews
            and 0 <= fixed.option < len(problem.stop)
            and math.isfinite(fixed.start)
            and 0 <= fixed.dwell < math.inf
        ):
            raise _refuse(
                "Ett låst besök har ett lag, ett alternativ eller en tid som inte finns.",
                "A fixed visit has a team, an option or a time that does not exist.",
            )
    weights = np.array(problem.discounts)
    if (
        not len(weights)
        or not np.isfinite(weights).all()
        or (weights < 0).any()
        or (np.diff(weights) > 0).any()
    ):
        raise _refuse(
            "Vikterna för upprepade besök får inte vara tomma, negativa eller stiga.",
            "The weights of repeated visits must not be empty, negative or rising.",
        )
    if not 0 <= problem.gap_min < math.inf:
        raise _refuse(
            "Tiden mellan besök är {g} min: ange 0 eller mer.",
            "The time between visits is {g} min: give 0 or more.",
            g=problem.gap_min,
        )


def require_usable(
    problem: Problem, *, seconds: float | None, iterations: int | None, spread: float
) -> None:
    """Refuse what cannot be planned.

    Parameters
    ----------
    problem
        The route problem.
    seconds, iterations, spread
        How to search.

    Raises
    ------
    InvalidInputError
        With what is wrong and where.
    """
    _require_amount(seconds, iterations, spread)
    _require_shapes(problem)
    if not problem.crews:
        raise _refuse("Inga lag: ange minst ett.", "No teams: give at least one.")
    _require_options(problem)
    for number, crew in enumerate(problem.crews, 1):
        _require_crew(problem, number, crew)
    _require_wishes(problem)
