"""The arrays on which the route search works, and how they are laid out.

A *node* is anything that takes time on a route: an option (or one of its copies, where an option
may be visited several times), a fixed visit, the partner's half of a joint visit, a pause, or the
start and end of a crew. Nodes of a crew's start and end come last, in pairs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]


class Data(NamedTuple):
    """What does not change during a search; V nodes, m crews, S stops, n locations.

    Attributes
    ----------
    travel
        Shape (modes, n, n), minutes; unreachable is a large number.
    mode
        Shape (m,), row of ``travel``.
    loc
        Shape (V,), location; -1 for a pause, which is taken where the crew stands.
    opens, closes
        Shape (V,), earliest and latest start of the dwell, minutes.
    dwell
        Shape (V,), minutes.
    value
        Shape (V, m), what a visit is worth by each crew before discount.
    stop
        Shape (V,), -1 for none.
    again
        Shape (V,), whether the node is another copy of the one before it.
    free
        Shape (V,), whether the search may put the node in and take it out.
    discounts
        Shape (K,), weight of the best, second best, ... visit of a stop.
    least
        Shape (V,), minutes that a visit takes at the very least, with the shortest ways.
    gap
        Shape (1,), minutes between visits of a stop.
    bonus
        Shape (S,), what is added to the objective when a pinned stop is visited at all.
    near
        Shape (S, k), other stops, the nearest first.
    """

    travel: Floats
    mode: Ints
    loc: Ints
    opens: Floats
    closes: Floats
    dwell: Floats
    value: Floats
    stop: Ints
    again: Bools
    free: Bools
    least: Floats
    discounts: Floats
    gap: Floats
    bonus: Floats
    near: Ints


class State(NamedTuple):
    """Routes with their times.

    Attributes
    ----------
    seq
        Shape (m, longest), nodes in the order of the route, from its start to its end.
    size
        Shape (m,), nodes between start and end.
    starts, leaves, latest
        Shape (V,), start of the dwell, its end, and the latest start that keeps the rest of the
        route possible; minutes.
    at
        Shape (V,), location where the node is done.
    crew
        Shape (V,), -1 for a node on no route.
    worth
        Shape (V,), value of the visit before discount.
    visits, visited
        Shapes (S, most) and (S,): visits of each stop, the most valuable first, and their number.
    total
        Shape (2,): value with discounts and bonuses; minutes in use by all crews.
    """

    seq: Ints
    size: Ints
    starts: Floats
    leaves: Floats
    latest: Floats
    at: Ints
    crew: Ints
    worth: Floats
    visits: Ints
    visited: Ints
    total: Floats


def empty_state(data: Data, *, most_visits: int) -> State:
    """Return a state without any node on a route.

    Parameters
    ----------
    data
        The problem.
    most_visits
        How many visits a stop can have, those already done included.

    Returns
    -------
    State
        Each crew goes from its start to its end.
    """
    crews = len(data.mode)
    nodes = len(data.loc)
    first_end = nodes - 2 * crews
    seq = np.full((crews, first_end + 2), -1, dtype=np.int64)
    at = data.loc.copy()
    starts = np.zeros(nodes)
    crew = np.full(nodes, -1, dtype=np.int64)
    for c in range(crews):
        begin, end = first_end + 2 * c, first_end + 2 * c + 1
        seq[c, 0], seq[c, 1] = begin, end
        crew[begin] = crew[end] = c
    stops = len(data.bonus)
    return State(
        seq=seq,
        size=np.zeros(crews, dtype=np.int64),
        starts=starts,
        leaves=np.zeros(nodes),
        latest=np.zeros(nodes),
        at=at,
        crew=crew,
        worth=np.zeros(nodes),
        visits=np.full((stops, most_visits), -1, dtype=np.int64),
        visited=np.zeros(stops, dtype=np.int64),
        total=np.zeros(2),
    )
