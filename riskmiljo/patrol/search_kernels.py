"""Routes and their times, compiled: scheduling, inserting, taking out.

Times are kept as early as possible. For every node the latest start that keeps all later nodes of
its route possible is known, so that whether a visit fits between two others is answered without
walking the route. Where a stop may be visited several times, the visits of other crews bound each
visit at their present times: this is careful (a route may be refused that would be possible if both
moved), and never wrong.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from riskmiljo.patrol.search_arrays import Data, Ints, State, Words
from riskmiljo.patrol.search_compile import compiled, inlined

_ROUNDING: Final = 1e-9
_NEVER: Final = 1e17


@inlined
def gain(d: Data, s: State, v: int, c: int) -> float:
    """Tell what a visit adds to the total, with its stop's discounts.

    Parameters
    ----------
    d, s
        Problem and routes.
    v, c
        Node and crew.

    Returns
    -------
    float
        Never below 0.
    """
    stop = d.stop[v]
    value = d.value[v, c]
    k = len(d.discounts)
    n = s.visited[stop]
    added = d.bonus[stop] if n == 0 else 0.0
    rank = 0
    while rank < n and s.worth[s.visits[stop, rank]] >= value:
        rank += 1
    if rank < k:
        added += d.discounts[rank] * value
    for i in range(rank, min(n, k)):
        after = d.discounts[i + 1] if i + 1 < k else 0.0
        added += (after - d.discounts[i]) * s.worth[s.visits[stop, i]]
    return added


@compiled
def enter(d: Data, s: State, v: int, c: int) -> None:
    """Count a visit at its stop.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    v, c
        Node and crew.
    """
    s.crew[v] = c
    stop = d.stop[v]
    if stop < 0:
        return
    s.total[0] += gain(d, s, v, c)
    value = d.value[v, c]
    s.worth[v] = value
    i = s.visited[stop]
    while i > 0 and s.worth[s.visits[stop, i - 1]] < value:
        s.visits[stop, i] = s.visits[stop, i - 1]
        i -= 1
    s.visits[stop, i] = v
    s.visited[stop] += 1


@compiled
def forget(d: Data, s: State, v: int) -> None:
    """Count a visit at its stop no longer.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    v
        Node.
    """
    c = s.crew[v]
    s.crew[v] = -1
    stop = d.stop[v]
    if stop < 0:
        return
    i = 0
    while s.visits[stop, i] != v:
        i += 1
    s.visited[stop] -= 1
    for j in range(i, s.visited[stop]):
        s.visits[stop, j] = s.visits[stop, j + 1]
    s.total[0] -= gain(d, s, v, c)


@compiled
def forward(d: Data, s: State, first: int, end: int) -> None:
    """Set the times of some routes as early as they can be.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    first, end
        Crews, the last not included.
    """
    for c in range(first, end):
        travel = d.travel[d.mode[c]]
        p = s.seq[c, 0]
        s.starts[p] = d.opens[p]
        s.leaves[p] = d.opens[p]
        for i in range(1, s.size[c] + 2):
            v = s.seq[c, i]
            where = d.loc[v]
            if where < 0:
                where = s.at[p]
                start = s.leaves[p]
            else:
                start = s.leaves[p] + travel[s.at[p], where]
            start = max(start, d.opens[v])
            stop = d.stop[v]
            if stop >= 0 and s.visited[stop] > 1 and d.free[v]:
                was = s.starts[v]
                for j in range(s.visited[stop]):
                    u = s.visits[stop, j]
                    if u != v and s.starts[u] < was:
                        start = max(start, s.leaves[u] + d.gap[0])
            s.at[v] = where
            s.starts[v] = start
            s.leaves[v] = start + d.dwell[v]
            p = v


@compiled
def backward(d: Data, s: State, first: int, end: int) -> None:
    """Set the latest starts of some routes.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    first, end
        Crews, the last not included.
    """
    for c in range(first, end):
        travel = d.travel[d.mode[c]]
        q = s.seq[c, s.size[c] + 1]
        s.latest[q] = d.closes[q]
        for i in range(s.size[c], -1, -1):
            v = s.seq[c, i]
            last = s.latest[q] - d.dwell[v]
            if d.loc[q] >= 0:
                last -= travel[s.at[v], d.loc[q]]
            last = min(last, d.closes[v])
            stop = d.stop[v]
            if stop >= 0 and s.visited[stop] > 1 and d.free[v]:
                for j in range(s.visited[stop]):
                    u = s.visits[stop, j]
                    if u != v and s.starts[u] > s.starts[v]:
                        last = min(last, s.starts[u] - d.gap[0] - d.dwell[v])
            s.latest[v] = last
            q = v


@compiled
def schedule(d: Data, s: State) -> None:
    """Set all times.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    """
    crews = len(s.size)
    forward(d, s, 0, crews)
    s.total[1] = 0.0
    for c in range(crews):
        s.total[1] += s.leaves[s.seq[c, s.size[c] + 1]] - s.leaves[s.seq[c, 0]]
    backward(d, s, 0, crews)


@inlined
def earliest(d: Data, s: State, v: int, start: float) -> float:
    """Move a start past the visits of the same stop that it would be too near to.

    Parameters
    ----------
    d, s
        Problem and routes.
    v
        Node on no route.
    start
        Wanted start, minutes.

    Returns
    -------
    float
        Possible start, minutes.
    """
    stop = d.stop[v]
    moved = True
    while moved:
        moved = False
        for j in range(s.visited[stop]):
            u = s.visits[stop, j]
            if (
                start < s.leaves[u] + d.gap[0] - _ROUNDING
                and start + d.dwell[v] + d.gap[0] > s.starts[u] + _ROUNDING
            ):
                start = s.leaves[u] + d.gap[0]
                moved = True
    return start


@compiled
def insert(d: Data, s: State, v: int, c: int, position: int, start: float) -> None:
    """Put a node into a route and set the times again.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    v, c
        Node on no route, and crew.
    position
        The node goes after this position.
    start
        When its dwell begins, minutes.
    """
    for i in range(s.size[c] + 1, position, -1):
        s.seq[c, i + 1] = s.seq[c, i]
    s.seq[c, position + 1] = v
    s.size[c] += 1
    s.starts[v] = start
    s.leaves[v] = start + d.dwell[v]
    enter(d, s, v, c)
    end = s.seq[c, s.size[c] + 1]
    s.total[1] -= s.leaves[end]
    forward(d, s, c, c + 1)
    s.total[1] += s.leaves[end]
    if len(d.discounts) > 1:
        backward(d, s, 0, len(s.size))
    else:
        backward(d, s, c, c + 1)


@compiled
def mark_late(d: Data, s: State, marked: Ints) -> bool:
    """Mark a visit of each route that has become too late by taking others out.

    A break is taken where the crew stands, and begins no earlier than its time: without the visit
    before it the crew waits further away, and what follows can come later than it did.

    Parameters
    ----------
    d, s
        Problem and routes with their times.
    marked
        Shape (V,), 1 for a node to take out; changed.

    Returns
    -------
    bool
        Whether a visit was marked.
    """
    found = False
    for c in range(len(s.size)):
        late = False
        which = -1
        for i in range(s.size[c] + 2):
            v = s.seq[c, i]
            late = late or s.starts[v] > s.latest[v] + _ROUNDING
            # The first from where the lateness begins; else the last before.
            if d.free[v]:
                which = v
                if late:
                    break
        if late and which >= 0:
            marked[which] = 1
            found = True
    return found


@compiled
def drop_marked(d: Data, s: State, marked: Ints) -> int:
    """Take all marked nodes off their routes and set the times again.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    marked
        Shape (V,), 1 for a node to take out.

    Returns
    -------
    int
        How many nodes were taken out.
    """
    dropped = 0
    again = True
    while again:
        for c in range(len(s.size)):
            k = 0
            n = s.size[c]
            for i in range(n + 2):
                v = s.seq[c, i]
                if marked[v] == 1 and d.free[v]:
                    forget(d, s, v)
                    dropped += 1
                else:
                    s.seq[c, k] = v
                    k += 1
            s.size[c] = k - 2
        schedule(d, s)
        again = mark_late(d, s, marked)
    return dropped


@compiled
def copy_state(source: State, target: State) -> None:
    """Copy routes and times.

    Parameters
    ----------
    source, target
        States of one problem.
    """
    for c in range(len(source.size)):
        n = source.size[c] + 2
        target.seq[c, :n] = source.seq[c, :n]
    target.size[:] = source.size
    target.starts[:] = source.starts
    target.leaves[:] = source.leaves
    target.latest[:] = source.latest
    target.at[:] = source.at
    target.crew[:] = source.crew
    target.worth[:] = source.worth
    target.visits[:] = source.visits
    target.visited[:] = source.visited
    target.total[:] = source.total


@inlined
def draw(r: Words) -> float:
    """Draw from 0 to 1, the end not included (xorshift64*, Vigna 2016).

    Parameters
    ----------
    r
        Shape (1,), unsigned 64 bit, not 0: the generator's state.

    Returns
    -------
    float
        The same series on every machine.
    """
    x = r[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    r[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0
