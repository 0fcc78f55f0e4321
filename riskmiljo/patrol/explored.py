"""When a place may be explored: never at the cost of a wish, nor of much of the shift."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np

from riskmiljo.model.plan import place_title
from riskmiljo.patrol.option_model import Problem
from riskmiljo.patrol.route_words import per_cent
from riskmiljo.patrol.stop_input import Candidates
from riskmiljo.wording import Text

# What is learnt at one place must not cost the shift its work.
_MOST_OF_THE_TIME: Final = 0.15


def explored_rows(candidates: Candidates, problem: Problem) -> frozenset[int]:
    """Return the stops that the plan is to hold because little is known of them.

    Parameters
    ----------
    candidates
        The stops.
    problem
        Their problem.

    Returns
    -------
    frozenset of int
        Rows of the candidates.
    """
    kinds = candidates.frame["kind"]
    return frozenset(row for row in problem.pinned if kinds.iloc[row] == "explore")


def without(problem: Problem, rows: Collection[int]) -> Problem:
    """Return a problem whose plan need not hold some stops.

    Parameters
    ----------
    problem
        The problem.
    rows
        The stops.

    Returns
    -------
    Problem
        They may still be visited.
    """
    return replace(problem, pinned=tuple(row for row in problem.pinned if row not in rows))


def too_dear(candidates: Candidates, problem: Problem) -> dict[int, Text]:
    """Find stops whose exploring would take too much of the teams' time.

    Parameters
    ----------
    candidates
        The stops.
    problem
        Their problem.

    Returns
    -------
    dict
        A note for each such row.
    """
    at_hand = sum(crew.ends - crew.begins for crew in problem.crews)
    found = {}
    for row in sorted(explored_rows(candidates, problem)):
        there = min(
            float(
                problem.travel[crew.mode, crew.start, row]
                + problem.travel[crew.mode, row, crew.end]
            )
            for crew in problem.crews
        )
        needed = there + float(candidates.dwell_min[row])
        if needed > _MOST_OF_THE_TIME * at_hand and np.isfinite(needed):
            found[row] = Text(
                "{s} utforskas inte i det här passet: det skulle ta {m} min, mer än {p} av lagens "
                "tid.",
                "{s} is not explored in this shift: it would take {m} min, more than {p} of the "
                "teams' time.",
            ).fill(
                s=place_title(str(candidates.frame["name"].iloc[row])),
                m=f"{needed:.0f}",
                p=per_cent(_MOST_OF_THE_TIME),
            )
    return found


def gave_way(candidates: Candidates, rows: Collection[int]) -> list[Text]:
    """Say that stops are not explored because wishes come first.

    Parameters
    ----------
    candidates
        The stops.
    rows
        Those that gave way.

    Returns
    -------
    list of Text
        One note for each.
    """
    return [
        Text(
            "{s} utforskas inte i det här passet: egna hållpunkter går före.",
            "{s} is not explored in this shift: stops of your own come first.",
        ).fill(s=place_title(str(candidates.frame["name"].iloc[row])))
        for row in sorted(rows)
    ]
