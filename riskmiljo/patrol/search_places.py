"""Where visits fit best into a route, compiled: the part of the search that takes the time.

One call looks at many nodes for one route, because handing the arrays over costs as much as the
look itself. What was found is kept, and looked at again only when it is about to be used.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from riskmiljo.patrol.search_arrays import Data, Floats, Ints, State, Words
from riskmiljo.patrol.search_compile import compiled
from riskmiljo.patrol.search_kernels import earliest, gain

_NEVER: Final = 1e17
# Minutes added to each cost: what lies on the way is good, and not endlessly so.
_LEAST_COST: Final = 0.1
# Powers of what a visit adds, in its worth for time.
LINEAR: Final = 0
SQUARE: Final = 1


class Scratch(NamedTuple):
    """Room to work in; V nodes, m crews.

    Attributes
    ----------
    marked
        Shape (V,), 1 for nodes to take out.
    candidates, left_over
        Shapes (V,) and (1,), nodes that could be put in, and their number.
    noise
        Shape (V,), factor on what a node adds.
    score
        Shape (m, V), worth for time; 0 where a node does not fit.
    position, start
        Shape (m, V), after which position of the route, and when the dwell begins.
    left, base, latest, here, after
        Shape (V,), the route that is looked at, by position: when the crew leaves, when it arrives
        at the next place, when it must be there, where it stands and goes to.
    open, shortest
        Shapes (V,) and (1,), the positions that have room for the shortest visit there is, and how
        many minutes that takes.
    random
        Shape (1,), the random generator.
    """

    marked: Ints
    candidates: Ints
    left_over: Ints
    noise: Floats
    score: Floats
    position: Ints
    start: Floats
    left: Floats
    base: Floats
    latest: Floats
    here: Ints
    after: Ints
    open: Ints
    shortest: Floats
    random: Words


@compiled
def lay_out(d: Data, s: State, w: Scratch, c: int) -> None:
    """Lay a route out by position.

    Parameters
    ----------
    d, s, w
        Problem, routes, and room to work in.
    c
        Crew.
    """
    travel = d.travel[d.mode[c]]
    for i in range(s.size[c] + 1):
        p = s.seq[c, i]
        j = i + 1
        q = s.seq[c, j]
        w.left[i] = s.leaves[p]
        w.here[i] = s.at[p]
        w.after[i] = d.loc[q]
        before = p
        # What follows a break is put off by what comes before it.
        while d.loc[q] < 0:
            before = q
            j += 1
            q = s.seq[c, j]
        w.latest[i] = s.latest[q]
        w.base[i] = s.leaves[before] + travel[s.at[p], d.loc[q]]


@compiled
def look(  # noqa: C901, PLR0912, PLR0915 - one loop: calls would cost more than its work
    d: Data,
    s: State,
    w: Scratch,
    c: int,
    first: int,
    end: int,
    inserted: int,
    power: int,
    idle: float,
) -> int:
    """Find where some candidates fit best into a route.

    Parameters
    ----------
    d, s, w
        Problem, routes, and room to work in, where the findings are left.
    c
        Crew.
    first, end
        Candidates, the last not included.
    inserted
        -1 to look everywhere; else the position after which a node has just been put in: findings
        elsewhere stay, although they may have become too good to be true.
    power
        Whether what a visit adds is squared.
    idle
        What a minute of waiting costs, as a share of a minute on the way.

    Returns
    -------
    int
        Work done: pairs of candidate and position.
    """
    travel = d.travel[d.mode[c]]
    lay_out(d, s, w, c)
    number = 0
    near = 0
    beyond = 0
    for i in range(s.size[c] + 1):
        if i == inserted:
            near = number
        if w.latest[i] - w.left[i] >= w.shortest[0]:
            w.open[number] = i
            number += 1
        if i == inserted + 1:
            beyond = number
    work = 0
    for k in range(first, end):
        v = w.candidates[k]
        low = 0
        high = number
        if inserted < 0:
            w.score[c, v] = 0.0
        elif w.score[c, v] <= 0:
            continue
        elif w.position[c, v] == inserted:
            w.score[c, v] = 0.0
        else:
            low = near
            high = beyond
            if w.position[c, v] > inserted:
                w.position[c, v] += 1
        work += 1
        if low >= high:
            continue
        opens = d.opens[v]
        closes = d.closes[v]
        dwell = d.dwell[v]
        # What comes after must be able to wait for this: latest starts rise along the route.
        far = high - 1
        while low < far:
            middle = (low + far) // 2
            if w.latest[w.open[middle]] < opens + dwell:
                low = middle + 1
            else:
                far = middle
        work += 1
        if w.left[w.open[low]] > closes or w.latest[w.open[far]] < opens + dwell:
            continue
        added = gain(d, s, v, c) * w.noise[v]
        if added <= 0:
            w.score[c, v] = 0.0
            continue
        work += 2
        where = d.loc[v]
        watched = s.visited[d.stop[v]] > 0
        shortest = d.least[v]
        best = _NEVER
        best_i = -1
        best_start = 0.0
        for a in range(low, high):
            i = w.open[a]
            left = w.left[i]
            if left > closes:
                break
            last = w.latest[i]
            work += 1
            if last < max(opens + dwell, left + shortest):
                continue
            arrives = left + travel[w.here[i], where]
            start = max(arrives, opens)
            if watched:
                start = earliest(d, s, v, start)
            if start > closes:
                continue
            t = start + dwell
            after = w.after[i]
            j = i + 1
            while after < 0:
                q = s.seq[c, j]
                t = max(t, d.opens[q])
                if t > d.closes[q]:
                    t = _NEVER
                t += d.dwell[q]
                j += 1
                after = d.loc[s.seq[c, j]]
            t += travel[where, after]
            if t > last:
                continue
            cost = t - w.base[i] - (1 - idle) * (start - arrives)
            if cost < best:
                best = cost
                best_i = i
                best_start = start
        if best_i >= 0:
            score = added / (max(best, 0.0) + _LEAST_COST)
            if power == SQUARE:
                score *= added
            if score > w.score[c, v]:
                w.score[c, v] = score
                w.position[c, v] = best_i
                w.start[c, v] = best_start
    return work
