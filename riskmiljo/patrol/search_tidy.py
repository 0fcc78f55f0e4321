"""Shorten routes by turning parts of them around, compiled (2-opt)."""

from __future__ import annotations

from typing import Final

from riskmiljo.patrol.search_arrays import Data, State
from riskmiljo.patrol.search_compile import compiled
from riskmiljo.patrol.search_kernels import backward, forward

_LEAST: Final = 1e-7
# Pairs of ends that are looked at in the time of one look at a place in a route.
_PAIRS_A_LOOK: Final = 4


@compiled
def turned_arrival(d: Data, s: State, c: int, first: int, last: int) -> float:
    """Tell when the crew would be at the node after a part that is turned around.

    Parameters
    ----------
    d, s
        Problem and routes.
    c, first, last
        Crew, and the first and last position of the part.

    Returns
    -------
    float
        Minutes; very late where a window is missed.
    """
    travel = d.travel[d.mode[c]]
    p = s.seq[c, first - 1]
    t = s.leaves[p]
    here = d.loc[p]
    for i in range(last, first - 1, -1):
        v = s.seq[c, i]
        t = max(t + travel[here, d.loc[v]], d.opens[v])
        if t > d.closes[v]:
            return 1e17
        t += d.dwell[v]
        here = d.loc[v]
    return float(t + travel[here, d.loc[s.seq[c, last + 1]]])


@compiled
def turn(d: Data, s: State, c: int) -> tuple[bool, int]:
    """Turn the first part of a route around that makes it shorter.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    c
        Crew.

    Returns
    -------
    found
        Whether there was one.
    pairs
        How many pairs of ends were looked at.
    """
    travel = d.travel[d.mode[c]]
    n = s.size[c]
    pairs = 0
    for i in range(1, n):
        p = d.loc[s.seq[c, i - 1]]
        a = d.loc[s.seq[c, i]]
        for j in range(i + 1, n + 1):
            pairs += 1
            b = d.loc[s.seq[c, j]]
            q = d.loc[s.seq[c, j + 1]]
            if travel[p, b] + travel[a, q] >= travel[p, a] + travel[b, q] - _LEAST:
                continue
            was = s.leaves[s.seq[c, j]] + travel[b, q]
            if turned_arrival(d, s, c, i, j) < was - _LEAST:
                for k in range((j - i + 1) // 2):
                    v = s.seq[c, i + k]
                    s.seq[c, i + k] = s.seq[c, j - k]
                    s.seq[c, j - k] = v
                forward(d, s, c, c + 1)
                return True, pairs
    return False, pairs


@compiled
def untangle(d: Data, s: State) -> tuple[bool, int]:
    """Turn parts of all routes around as long as that makes them shorter.

    Parameters
    ----------
    d, s
        Problem without breaks and without repeated visits, and routes, which are changed.

    Returns
    -------
    shorter
        Whether something became shorter.
    work
        What it cost, in looks at a place in a route.
    """
    shorter = False
    work = 0
    for c in range(len(s.size)):
        end = s.seq[c, s.size[c] + 1]
        before = s.leaves[end]
        turned = False
        more = True
        while more:
            more, pairs = turn(d, s, c)
            turned = turned or more
            work += pairs
        if turned:
            backward(d, s, c, c + 1)
            s.total[1] += s.leaves[end] - before
            shorter = True
    return shorter, work // _PAIRS_A_LOOK
