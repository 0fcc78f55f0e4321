"""By how many minutes a wanted stop does not fit."""

from __future__ import annotations

import math

import numpy as np

from riskmiljo.patrol.option_model import Missing, Problem
from riskmiljo.patrol.search_arrays import State
from riskmiljo.patrol.search_nodes import Nodes, lateness

Station = tuple[int, float, float, float]


def required_stations(nodes: Nodes, state: State, crew: int, keep: set[int]) -> list[Station]:
    """Return what a crew must do anyway: what is fixed, its breaks, and visits of wanted stops.

    Parameters
    ----------
    nodes, state
        The plan.
    crew
        Number of the crew.
    keep
        Wanted stops.

    Returns
    -------
    list
        Location, earliest and latest start, and dwell, in order.
    """
    data = nodes.data
    route = state.seq[crew, 1 : state.size[crew] + 1].tolist()
    return [
        (int(data.loc[v]), float(data.opens[v]), float(data.closes[v]), float(data.dwell[v]))
        for v in route
        if not data.free[v] or int(data.stop[v]) in keep
    ]


def least_lateness(
    problem: Problem, stop: int, required: list[list[Station]], crews: tuple[int, ...]
) -> float:
    """Tell how late the best route is that holds one more stop.

    Parameters
    ----------
    problem
        The route problem.
    stop
        The stop.
    required
        For each crew, what it must do anyway.
    crews
        Who may go there.

    Returns
    -------
    float
        Minutes; infinite where no crew can reach the stop.
    """
    least = math.inf
    for i in np.flatnonzero(problem.stop == stop):
        station = (
            int(problem.location[i]),
            float(problem.opens[i]),
            float(problem.closes[i]),
            float(problem.dwell[i]),
        )
        for crew in crews:
            others = required[crew]
            for k in range(len(others) + 1):
                route = [*others[:k], station, *others[k:]]
                least = min(least, lateness(problem, problem.crews[crew], route))
    return least


def missing_of(problem: Problem, nodes: Nodes, state: State) -> tuple[Missing, ...]:
    """Name the pinned stops that a plan does not hold.

    Parameters
    ----------
    problem
        The route problem.
    nodes, state
        The plan.

    Returns
    -------
    tuple
        With minutes of overrun, in the order of the wish.
    """
    wanted = dict.fromkeys(problem.pinned)
    absent = [stop for stop in wanted if state.visited[stop] == 0]
    if not absent:
        return ()
    crews = tuple(range(len(problem.crews)))
    required = [required_stations(nodes, state, crew, set(wanted)) for crew in crews]
    return tuple(
        Missing(stop, max(0.0, least_lateness(problem, stop, required, crews))) for stop in absent
    )
