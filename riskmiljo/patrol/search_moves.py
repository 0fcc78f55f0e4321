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

from riskmiljo.patrol.search_arrays import Data, Floats, Ints, State
from riskmiljo.patrol.search_compile import compiled
from riskmiljo.patrol.search_kernels import (
    copy_state,
    draw,
    drop_marked,
    gain,
    insert,
)
from riskmiljo.patrol.search_places import Scratch, look
from riskmiljo.patrol.search_tidy import untangle

# Ways to take visits out.
_RUINS: Final = 6
_STRINGS: Final = 0
_NEAR: Final = 1
_POOR: Final = 2
_RANDOM: Final = 3
_TIME: Final = 4
# How often a near visit is taken out, another route is left alone, a plain choice is made.
_TAKEN: Final = 0.8
_LEFT: Final = 0.3
_PLAIN: Final = 0.5
# Now and then more is taken out than the limit.
_SELDOM: Final = 0.03
_MUCH: Final = 3
# What an iteration costs beside its looks, in looks.
_EACH: Final = 300
_MOST_AGAIN: Final = 4.0
_LEAST_NOISE: Final = 0.01
_LEAST_COST: Final = 0.1
_BLINK: Final = 0.02
# How often a visit that adds nearly nothing is looked at.
_OFTEN: Final = 0.1
# A finding that was too good by more than this is put back into the queue.
_STALE: Final = 0.999


class Pool(NamedTuple):
    """Good routes met on the way, each set of visits once.

    Attributes
    ----------
    seq, length, group, value
        Shapes (P, longest), (P,), (P,), (P,).
    key
        Shape (2 ** b,), hash table of what is known, more than P long.
    used
        Shape (1,), how many.
    hashes
        Shape (V,), a random number for each node.
    alike
        Shape (m,), crews with the same number can walk each other's routes.
    """

    seq: Ints
    length: Ints
    group: Ints
    value: Floats
    key: Ints
    used: Ints
    hashes: Ints
    alike: Ints


@compiled
def mark_strings(d: Data, s: State, w: Scratch, seed: int, size: int) -> None:
    """Mark strings of routes that pass near a stop."""
    done = 0
    left = size
    wanted = 1 + int(draw(w.random) * len(s.size))
    touched = np.zeros(len(s.size), dtype=np.int64)
    for k in range(d.near.shape[1]):
        stop = d.near[seed, k]
        for j in range(s.visited[stop]):
            v = s.visits[stop, j]
            c = s.crew[v]
            if touched[c] == 1 or w.marked[v] == 1:
                continue
            n = s.size[c]
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
            if draw(w.random) < _TAKEN:
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
            c = int(draw(w.random) * len(s.size))
            if s.size[c] == 0:
                continue
            i = 1 + int(draw(w.random) * s.size[c])
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
        c = int(draw(w.random) * len(s.size))
        if s.size[c] > 0:
            w.marked[s.seq[c, 1 + int(draw(w.random) * s.size[c])]] = 1


@compiled
def mark_time(s: State, w: Scratch, size: int) -> None:
    """Mark what lies in one span of time on all routes."""
    c = int(draw(w.random) * len(s.size))
    n = s.size[c]
    if n == 0:
        return
    i = 1 + int(draw(w.random) * n)
    each = max(1, size // len(s.size))
    first = s.starts[s.seq[c, i]]
    last = s.starts[s.seq[c, min(n, i + each - 1)]]
    for other in range(len(s.size)):
        if other != c and draw(w.random) < _LEFT:
            continue
        for k in range(1, s.size[other] + 1):
            v = s.seq[other, k]
            if first <= s.starts[v] <= last:
                w.marked[v] = 1


@compiled
def mark_part(s: State, w: Scratch, size: int) -> None:
    """Mark part of one route."""
    c = int(draw(w.random) * len(s.size))
    n = s.size[c]
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
    if draw(w.random) < _SELDOM:
        size *= _MUCH
    kind = int(draw(w.random) * _RUINS)
    seed = int(draw(w.random) * len(d.bonus))
    w.marked[:] = 0
    if kind == _STRINGS:
        mark_strings(d, s, w, seed, size)
    elif kind == _NEAR:
        mark_near(d, s, w, seed, size)
    elif kind == _POOR:
        mark_poor(d, s, w, size)
    elif kind == _RANDOM:
        mark_random(s, w, size)
    elif kind == _TIME:
        mark_time(s, w, size)
    else:
        mark_part(s, w, size)
    drop_marked(d, s, w.marked)


@compiled
def list_candidates(  # noqa: C901 - one loop: calls would cost more than its work
    d: Data, s: State, w: Scratch, fuzz: float, again: float, power: int, idle: float, poor: float
) -> int:
    """Look for a place for everything that is on no route; returns the work done."""
    k = len(d.discounts)
    n = 0
    for v in range(len(d.loc)):
        if not d.free[v] or s.crew[v] >= 0 or s.visited[d.stop[v]] >= k:
            continue
        # Of copies, one is enough to look for; the next gets its turn when it is in.
        if d.again[v] and s.crew[v - 1] < 0:
            w.noise[v] = w.noise[v - 1]
        else:
            chance = draw(w.random)
            if chance < _BLINK:
                continue
            if poor > 0:
                top = 0
                for c in range(1, len(s.size)):
                    if d.value[v, c] > d.value[v, top]:
                        top = c
                if chance > _OFTEN + gain(d, s, v, top) / poor:
                    continue
            w.noise[v] = max(_LEAST_NOISE, 1.0 + fuzz * (draw(w.random) - 0.5))
            if w.marked[v] == 1:
                w.noise[v] *= again
            w.candidates[n] = v
            n += 1
    work = n
    for c in range(len(s.size)):
        work += look(d, s, w, c, 0, n, -1, power, idle)
    w.left_over[0] = n
    return work


@compiled
def choose(s: State, w: Scratch) -> tuple[int, int]:
    """Find the candidate with the best score, passing those by that fit nowhere."""
    best = 0.0
    slot = -1
    crew = -1
    kept = 0
    for i in range(w.left_over[0]):
        v = w.candidates[i]
        fits = False
        for c in range(len(s.size)):
            if w.score[c, v] > 0:
                fits = True
                if w.score[c, v] > best:
                    best = w.score[c, v]
                    slot = kept
                    crew = c
        if fits:
            w.candidates[kept] = v
            kept += 1
    w.left_over[0] = kept
    return slot, crew


@compiled
def recreate(
    d: Data, s: State, w: Scratch, fuzz: float, again: float, power: int, idle: float, poor: float
) -> int:
    """Put visits in as long as one fits, the best for its time first.

    Parameters
    ----------
    d, s, w
        Problem, routes, which are changed, and room to work in.
    fuzz
        Width of the noise on what a visit adds.
    again
        Factor on what a visit adds that has just been taken out.
    power, idle
        See `riskmiljo.patrol.search_places.look`.
    poor
        Visits that add less are looked at only now and then; 0 to look at all.

    Returns
    -------
    int
        Work done: looks at a place in a route.
    """
    work = list_candidates(d, s, w, fuzz, again, power, idle, poor)
    while True:
        slot, c = choose(s, w)
        work += int(w.left_over[0]) // 4 + 5
        if slot < 0:
            return work
        v = w.candidates[slot]
        was = w.score[c, v]
        if s.visited[d.stop[v]] >= len(d.discounts):
            w.score[:, v] = 0.0
            continue
        work += look(d, s, w, c, slot, slot + 1, -1, power, idle)
        if w.score[c, v] < was * _STALE:
            continue
        position = w.position[c, v]
        insert(d, s, v, c, position, w.start[c, v])
        w.left_over[0] -= 1
        w.candidates[slot] = w.candidates[w.left_over[0]]
        work += look(d, s, w, c, 0, w.left_over[0], position, power, idle)
        if d.again[v + 1] and s.crew[v + 1] < 0:
            n = w.left_over[0]
            w.candidates[n] = v + 1
            w.left_over[0] += 1
            for other in range(len(s.size)):
                work += look(d, s, w, other, n, n + 1, -1, power, idle)


@compiled
def remember(s: State, pool: Pool) -> None:
    """Keep the routes of a plan, unless their visits are known as a set."""
    mask = len(pool.key) - 1
    for c in range(len(s.size)):
        n = s.size[c]
        p = pool.used[0]
        if n == 0 or p >= len(pool.length):
            continue
        h = pool.alike[c] + 1
        value = 0.0
        for i in range(1, n + 1):
            h += pool.hashes[s.seq[c, i]]
            value += s.worth[s.seq[c, i]]
        slot = (h ^ (h >> 29)) & mask
        while pool.key[slot] != 0 and pool.key[slot] != h:
            slot = (slot + 1) & mask
        if pool.key[slot] == 0:
            pool.key[slot] = h
            pool.used[0] += 1
            pool.seq[p, :n] = s.seq[c, 1 : n + 1]
            pool.length[p] = n
            pool.group[p] = pool.alike[c]
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
        noise, how far below the best a plan may be whose routes are kept, and what a visit must add
        to be looked at each time.
    rounds, work
        The search ends after so many iterations or so many looks at a place in a route.

    Returns
    -------
    done
        Iterations.
    spent
        Looks at a place in a route.
    """
    hot, cold, minute, largest, fuzz, keep, poor = setting
    # Turning parts around knows neither gaps nor breaks.
    simple = len(d.discounts) == 1 and d.loc.min() >= 0
    spent = 0.0
    done = 0
    copy_state(now, trial)
    while done < rounds and spent < work:
        share = max(done / rounds, spent / work)
        temperature = hot * (cold / hot) ** share
        ruin(d, trial, w, int(largest))
        power = int(draw(w.random) * 2)
        idle = 1.0 if draw(w.random) < _PLAIN else draw(w.random)
        noise = fuzz * draw(w.random)
        again = 1.0 if draw(w.random) < _PLAIN else 1.0 + _MOST_AGAIN * draw(w.random)
        spent += _EACH + recreate(d, trial, w, noise, again, power, idle, poor)
        if simple:
            shorter, turning = untangle(d, trial)
            spent += turning
            if shorter:
                spent += recreate(d, trial, w, noise, 1.0, power, idle, poor)
        done += 1
        change = trial.total[0] - now.total[0] - minute * (trial.total[1] - now.total[1])
        if change >= 0 or draw(w.random) < np.exp(change / temperature):
            copy_state(trial, now)
            if now.total[0] >= best.total[0] - keep:
                remember(now, pool)
            if now.total[0] > best.total[0] + 1e-9 or (
                now.total[0] > best.total[0] - 1e-9 and now.total[1] < best.total[1] - 1e-9
            ):
                copy_state(now, best)
        else:
            copy_state(now, trial)
    return done, spent
