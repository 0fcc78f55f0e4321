"""Large neighbourhood search, compiled: take visits out, put better ones in, keep or go back.

Ruin: strings of routes near a place (Christiaens and Vanden Berghe 2020), random visits, visits of
little worth for their time, related visits, a span of time, part of a route. Recreate: the visit
with the best worth for its time first, with noise. Worse plans are kept by simulated annealing.

References
----------
Pisinger, D. and Ropke, S. (2007). A general heuristic for vehicle routing problems. Computers &
Operations Research 34(8).
Christiaens, J. and Vanden Berghe, G. (2020). Slack induction by string removals for vehicle routing
problems. Transportation Science 54(2).
Vansteenwegen, P. et al. (2009). Iterated local search for the team orienteering problem with time
windows. Computers & Operations Research 36(12).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from riskmiljo.patrol.search_arrays import Bools, Data, Floats, Ints, State
from riskmiljo.patrol.search_kernels import (
    compiled,
    copy_state,
    draw,
    drop_marked,
    gain,
    insert,
    place,
)

_RUINS: Final = 6
_LEAST_COST: Final = 0.1
_BLINK: Final = 0.02


class Scratch(NamedTuple):
    """Room to work in.

    Attributes
    ----------
    marked
        Shape (V,), nodes to take out.
    candidates
        Shape (V,), nodes that could be put in.
    noise
        Shape (V,), factor on what a node adds.
    score
        Shape (V, m), worth for time; 0 where a node does not fit.
    random
        Shape (1,), the random generator.
    """

    marked: Ints
    candidates: Ints
    noise: Floats
    score: Floats
    random: np.ndarray  # type: ignore[type-arg] # numba reads no annotation


class Pool(NamedTuple):
    """Good routes met on the way, each set of visits once.

    Attributes
    ----------
    seq, length, crew, value
        Shapes (P, longest), (P,), (P,), (P,).
    key
        Shape (2 ** b,), hash table of what is known.
    used
        Shape (1,), how many.
    hashes
        Shape (V,), a random number for each node.
    """

    seq: Ints
    length: Ints
    crew: Ints
    value: Floats
    key: Ints
    used: Ints
    hashes: Ints


@compiled
def mark_strings(d: Data, s: State, w: Scratch, seed: int, size: int) -> None:
    """Mark strings of routes that pass near a stop."""
    done = 0
    left = size
    wanted = 1 + int(draw(w.random) * len(s.count))
    touched = np.zeros(len(s.count), dtype=np.int64)
    for k in range(d.near.shape[1]):
        stop = d.near[seed, k]
        for j in range(s.visited[stop]):
            v = s.visits[stop, j]
            c = s.crew[v]
            if touched[c] == 1 or w.marked[v] == 1:
                continue
            n = s.count[c]
            i = 1
            while i <= n and s.seq[c, i] != v:
                i += 1
            if i > n:
                continue
            touched[c] = 1
            length = min(n, 1 + int(draw(w.random) * min(left, size)))
            first = max(1, min(n - length + 1, i - int(draw(w.random) * length)))
            for q in range(first, first + length):
                w.marked[s.seq[c, q]] = 1
            left -= length
            done += 1
            if done >= wanted or left <= 0:
                return


@compiled
def mark_near(d: Data, s: State, w: Scratch, seed: int, size: int) -> None:
    """Mark visits at the stops nearest to one, some passed over."""
    taken = 0
    for k in range(d.near.shape[1]):
        stop = d.near[seed, k]
        for j in range(s.visited[stop]):
            if draw(w.random) < 0.8:
                w.marked[s.visits[stop, j]] = 1
                taken += 1
                if taken >= size:
                    return


@compiled
def mark_poor(d: Data, s: State, w: Scratch, size: int) -> None:
    """Mark visits that bring little for the time they take."""
    for _ in range(size):
        worst = 1e17
        which = -1
        for _try in range(6):
            c = int(draw(w.random) * len(s.count))
            if s.count[c] == 0:
                continue
            i = 1 + int(draw(w.random) * s.count[c])
            v = s.seq[c, i]
            if not d.free[v] or w.marked[v] == 1:
                continue
            saved = s.leaves[v] - s.leaves[s.seq[c, i - 1]]
            rate = s.worth[v] / (saved + _LEAST_COST)
            if rate < worst:
                worst = rate
                which = v
        if which >= 0:
            w.marked[which] = 1


@compiled
def mark_random(s: State, w: Scratch, size: int) -> None:
    """Mark visits at random."""
    for _ in range(size):
        c = int(draw(w.random) * len(s.count))
        if s.count[c] > 0:
            w.marked[s.seq[c, 1 + int(draw(w.random) * s.count[c])]] = 1


@compiled
def mark_time(s: State, w: Scratch, size: int) -> None:
    """Mark what lies in one span of time on all routes."""
    c = int(draw(w.random) * len(s.count))
    n = s.count[c]
    if n == 0:
        return
    i = 1 + int(draw(w.random) * n)
    each = max(1, size // len(s.count))
    first = s.starts[s.seq[c, i]]
    last = s.starts[s.seq[c, min(n, i + each - 1)]]
    for other in range(len(s.count)):
        if other != c and draw(w.random) < 0.3:
            continue
        for k in range(1, s.count[other] + 1):
            v = s.seq[other, k]
            if first <= s.starts[v] <= last:
                w.marked[v] = 1


@compiled
def mark_part(s: State, w: Scratch, size: int) -> None:
    """Mark part of one route."""
    c = int(draw(w.random) * len(s.count))
    n = s.count[c]
    if n == 0:
        return
    length = min(n, size)
    first = 1 + int(draw(w.random) * (n - length + 1))
    for k in range(first, first + length):
        w.marked[s.seq[c, k]] = 1


@compiled
def ruin(d: Data, s: State, w: Scratch, largest: int) -> None:
    """Take some visits out."""
    size = 1 + int(draw(w.random) * largest)
    kind = int(draw(w.random) * _RUINS)
    seed = int(draw(w.random) * len(d.bonus))
    w.marked[:] = 0
    if kind == 0:
        mark_strings(d, s, w, seed, size)
    elif kind == 1:
        mark_near(d, s, w, seed, size)
    elif kind == 2:
        mark_poor(d, s, w, size)
    elif kind == 3:
        mark_random(s, w, size)
    elif kind == 4:
        mark_time(s, w, size)
    else:
        mark_part(s, w, size)
    drop_marked(d, s, w.marked)


@compiled
def rate(d: Data, s: State, w: Scratch, v: int, c: int, power: int, idle: float) -> float:
    """Tell what a node adds for the time that it costs on a route; 0 where it does not fit."""
    cost, position, _start = place(d, s, v, c, idle)
    if position < 0:
        return 0.0
    added = gain(d, s, v, c)
    if added <= 0:
        return 0.0
    added *= w.noise[v]
    if power == 1:
        added = added * added
    elif power == 2:
        added = added * np.sqrt(added)
    return added / (max(cost, 0.0) + _LEAST_COST)


@compiled
def recreate(d: Data, s: State, w: Scratch, fuzz: float, power: int, idle: float) -> int:
    """Put visits in as long as one fits, the best for its time first; returns the work done."""
    crews = len(s.count)
    k = len(d.discounts)
    several = k > 1
    n = 0
    work = 0
    for v in range(len(d.loc)):
        if not d.free[v] or s.crew[v] >= 0 or s.visited[d.stop[v]] >= k:
            continue
        w.noise[v] = 1.0 + fuzz * (draw(w.random) - 0.5)
        fits = False
        for c in range(crews):
            w.score[v, c] = 0.0
            if d.value[v, c] > 0 and draw(w.random) >= _BLINK:
                w.score[v, c] = rate(d, s, w, v, c, power, idle)
                work += s.count[c] + 1
                fits = fits or w.score[v, c] > 0
        if fits:
            w.candidates[n] = v
            n += 1
    while n > 0:
        best = 0.0
        chosen = -1
        crew = -1
        kept = 0
        for i in range(n):
            v = w.candidates[i]
            fits = False
            for c in range(crews):
                score = w.score[v, c]
                if score > 0:
                    fits = True
                    if score > best:
                        best = score
                        chosen = v
                        crew = c
            if fits:
                w.candidates[kept] = v
                kept += 1
        n = kept
        if chosen < 0:
            break
        _cost, position, start = place(d, s, chosen, crew, idle)
        work += s.count[crew]
        if position < 0:
            w.score[chosen, crew] = 0.0
            continue
        insert(d, s, chosen, crew, position, start)
        stop = d.stop[chosen]
        for i in range(n):
            v = w.candidates[i]
            same = d.stop[v] == stop
            if s.crew[v] >= 0 or (same and s.visited[stop] >= k):
                w.score[v, :] = 0.0
                continue
            for c in range(crews):
                if w.score[v, c] > 0 and (c == crew or (several and same)):
                    w.score[v, c] = rate(d, s, w, v, c, power, idle)
                    work += s.count[c] + 1
    return work


@compiled
def remember(s: State, pool: Pool, least: float) -> None:
    """Keep the routes of a plan, unless their visits are known as a set."""
    mask = len(pool.key) - 1
    for c in range(len(s.count)):
        n = s.count[c]
        if n == 0 or pool.used[0] >= len(pool.length):
            continue
        h = np.int64(c + 1) * pool.hashes[-1] if least < 0 else np.int64(1)
        value = 0.0
        for i in range(1, n + 1):
            h += pool.hashes[s.seq[c, i]]
            value += s.worth[s.seq[c, i]]
        slot = (h ^ (h >> 29)) & mask
        while pool.key[slot] != 0 and pool.key[slot] != h:
            slot = (slot + 1) & mask
        if pool.key[slot] == h:
            continue
        pool.key[slot] = h
        p = pool.used[0]
        pool.used[0] += 1
        pool.seq[p, :n] = s.seq[c, 1 : n + 1]
        pool.length[p] = n
        pool.crew[p] = c
        pool.value[p] = value


@compiled
def anneal(
    d: Data,
    now: State,
    best: State,
    trial: State,
    w: Scratch,
    pool: Pool,
    setting: Floats,
    rounds: int,
    work: float,
) -> tuple[int, float]:
    """Search from the plan in ``now``; the best plan met is left in ``best``.

    Parameters
    ----------
    d
        The problem.
    now, best, trial
        Where the search is, the best plan so far, and a state to try in.
    w, pool
        Room to work in, and the good routes met.
    setting
        First and last temperature, what a minute in use costs, most visits to take out, largest
        noise, and how far below the best a plan may be whose routes are kept.
    rounds, work
        The search ends after so many iterations or so many looks at a place in a route.

    Returns
    -------
    done
        Iterations.
    spent
        Looks at a place in a route.
    """
    hot, cold, minute, largest, fuzz, keep = setting
    spent = 0.0
    done = 0
    copy_state(now, trial)
    while done < rounds and spent < work:
        share = max(done / rounds, spent / work)
        temperature = hot * (cold / hot) ** share
        ruin(d, trial, w, int(largest))
        power = int(draw(w.random) * 3)
        idle = 1.0 if draw(w.random) < 0.5 else draw(w.random)
        noise = fuzz * draw(w.random)
        spent += 60 + recreate(d, trial, w, noise, power, idle)
        done += 1
        change = trial.total[0] - now.total[0] - minute * (trial.total[1] - now.total[1])
        if change >= 0 or draw(w.random) < np.exp(change / temperature):
            copy_state(trial, now)
            if now.total[0] >= best.total[0] - keep:
                remember(now, pool, 0.0)
            if now.total[0] > best.total[0] + 1e-9 or (
                now.total[0] > best.total[0] - 1e-9 and now.total[1] < best.total[1] - 1e-9
            ):
                copy_state(now, best)
        else:
            copy_state(now, trial)
    return done, spent
