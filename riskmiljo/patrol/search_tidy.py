"""Shorten routes, compiled: parts of one are turned around (2-opt), ends of two exchanged (2-opt*).

References
----------
Potvin, J.-Y. and Rousseau, J.-M. (1995). An exchange heuristic for routeing problems with time
windows. Journal of the Operational Research Society 46(12).
"""

from __future__ import annotations

from typing import Final

from riskmiljo.patrol.search_arrays import Data, Ints, State
from riskmiljo.patrol.search_compile import compiled
from riskmiljo.patrol.search_kernels import backward, forward

_LEAST: Final = 1e-7


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
def turn(d: Data, s: State, c: int) -> bool:
    """Turn the first part of a route around that makes it shorter.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    c
        Crew.

    Returns
    -------
    bool
        Whether there was one.
    """
    travel = d.travel[d.mode[c]]
    n = s.size[c]
    for i in range(1, n):
        p = d.loc[s.seq[c, i - 1]]
        a = d.loc[s.seq[c, i]]
        for j in range(i + 1, n + 1):
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
                return True
    return False


@compiled
def untangle(d: Data, s: State) -> bool:
    """Turn parts of all routes around as long as that makes them shorter.

    Parameters
    ----------
    d, s
        Problem without breaks and without repeated visits, and routes, which are changed.

    Returns
    -------
    bool
        Whether something became shorter.
    """
    shorter = False
    for c in range(len(s.size)):
        end = s.seq[c, s.size[c] + 1]
        before = s.leaves[end]
        turned = False
        while turn(d, s, c):
            turned = True
        if turned:
            backward(d, s, c, c + 1)
            s.total[1] += s.leaves[end] - before
            shorter = True
    return shorter


@compiled
def exchange(d: Data, s: State, a: int, b: int) -> bool:
    """Exchange the ends of two routes where that makes them shorter together.

    Parameters
    ----------
    d, s
        Problem and routes, which are changed.
    a, b
        Crews that could walk each other's routes.

    Returns
    -------
    bool
        Whether there was such an exchange.
    """
    travel = d.travel[d.mode[a]]
    na = s.size[a]
    nb = s.size[b]
    for i in range(na + 1):
        v = s.seq[a, i]
        after_v = s.seq[a, i + 1]
        here = d.loc[v]
        there = d.loc[after_v]
        way = travel[here, there]
        for j in range(nb + 1):
            u = s.seq[b, j]
            after_u = s.seq[b, j + 1]
            to_u = travel[here, d.loc[after_u]]
            to_v = travel[d.loc[u], there]
            if to_u + to_v >= way + travel[d.loc[u], d.loc[after_u]] - _LEAST:
                continue
            # Whole routes change hands: nothing is won.
            if (i == 0 and j == 0) or (i == na and j == nb):
                continue
            if s.leaves[v] + to_u > s.latest[after_u] or s.leaves[u] + to_v > s.latest[after_v]:
                continue
            end_a = s.seq[a, na + 1]
            end_b = s.seq[b, nb + 1]
            from_a = s.seq[a, i + 1 : na + 1].copy()
            from_b = s.seq[b, j + 1 : nb + 1].copy()
            s.size[a] = i + len(from_b)
            s.size[b] = j + len(from_a)
            s.seq[a, i + 1 : s.size[a] + 1] = from_b
            s.seq[b, j + 1 : s.size[b] + 1] = from_a
            s.seq[a, s.size[a] + 1] = end_a
            s.seq[b, s.size[b] + 1] = end_b
            s.crew[from_b] = a
            s.crew[from_a] = b
            s.total[1] -= s.leaves[end_a] + s.leaves[end_b]
            for c in (a, b):
                forward(d, s, c, c + 1)
                backward(d, s, c, c + 1)
            s.total[1] += s.leaves[end_a] + s.leaves[end_b]
            return True
    return False


@compiled
def disentangle(d: Data, s: State, alike: Ints) -> bool:
    """Exchange the ends of routes as long as that makes them shorter.

    Parameters
    ----------
    d, s
        Problem without breaks, fixed or repeated visits, and routes, which are changed.
    alike
        Shape (m,), crews with the same number can walk each other's routes.

    Returns
    -------
    bool
        Whether something became shorter.
    """
    shorter = False
    for a in range(len(s.size)):
        for b in range(a + 1, len(s.size)):
            while alike[a] == alike[b] and exchange(d, s, a, b):
                shorter = True
    return shorter
