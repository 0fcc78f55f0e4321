"""Put the best routes met together anew: set packing over a pool of routes, solved by HiGHS."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, linprog, milp

from riskmiljo.patrol.search_arrays import Ints, State, empty_state
from riskmiljo.patrol.search_kernels import enter, schedule
from riskmiljo.patrol.search_moves import Pool
from riskmiljo.patrol.search_nodes import Nodes

# So many of the routes met last are looked at, and so many branches of the tree: limits that do
# not depend on the machine.
MOST_ROUTES: Final = 3000
_MOST_BRANCHES: Final = 3
# What the steps cost, in looks at a place in a route: to lay out a route, one step of the linear
# relaxation with so many routes, and a route that is left for the choice of whole routes.
_LAYING_WORK: Final = 1_000.0
_STEP_WORK: Final = 12.0
_CHOICE_WORK: Final = 13_000.0
_CHOSEN: Final = 0.5
_LEAST: Final = 1e-9


def _chosen(nodes: Nodes, pool: Pool, best: State) -> tuple[Ints, float]:
    """Choose routes that share no stop, worth more together than the best plan; and the work."""
    used = int(pool.used[0])
    picked = np.arange(max(0, used - MOST_ROUTES), used)
    rows: list[int] = []
    columns: list[int] = []
    worth = np.zeros(len(picked))
    bonus = nodes.data.bonus
    stops = len(bonus)
    for k, p in enumerate(picked.tolist()):
        visited = nodes.data.stop[pool.seq[p, : pool.length[p]]]
        visited = visited[visited >= 0]
        worth[k] = pool.value[p] + bonus[visited].sum()
        rows += [*visited.tolist(), stops + int(pool.group[p])]
        columns += [k] * (len(visited) + 1)
    groups = int(pool.alike.max()) + 1
    most = np.concatenate([np.ones(stops), np.bincount(pool.alike, minlength=groups)])
    table = sparse.csc_array(
        (np.ones(len(rows)), (rows, columns)), shape=(stops + groups, len(picked))
    )
    none = np.empty(0, dtype=np.int64)
    relaxed = linprog(-worth, A_ub=table, b_ub=most, method="highs-ds")
    work = (_LAYING_WORK + _STEP_WORK * relaxed.nit) * len(picked)
    if relaxed.x is None:
        return none, work
    # A route that would cost the relaxation its lead is in no better plan.
    prices = -relaxed.ineqlin.marginals
    lead = -relaxed.fun - float(best.total[0])
    left = np.flatnonzero(prices @ table - worth < lead - _LEAST)
    work += _CHOICE_WORK * len(left)
    if lead <= _LEAST or not len(left):
        return none, work
    found = milp(
        -worth[left],
        integrality=np.ones(len(left)),
        bounds=(0, 1),
        constraints=LinearConstraint(table[:, left], -np.inf, most),
        options={"node_limit": _MOST_BRANCHES},
    )
    if found.x is None:
        return none, work
    return np.asarray(picked[left[found.x > _CHOSEN]]), work


def pack(nodes: Nodes, pool: Pool, best: State) -> tuple[State | None, float]:
    """Combine routes of different plans.

    Parameters
    ----------
    nodes
        A problem in which each stop is visited at most once.
    pool
        Routes met.
    best
        The best plan so far.

    Returns
    -------
    better
        A plan of more value; None where the pool holds none.
    work
        About what it cost, in looks at a place in a route.
    """
    if pool.used[0] <= len(pool.alike):
        return None, 0.0
    chosen, work = _chosen(nodes, pool, best)
    if not len(chosen):
        return None, work
    state = empty_state(nodes.data, most_visits=nodes.most_visits)
    free = list(range(len(pool.alike)))
    plan: dict[int, list[int]] = {crew: list(order) for crew, order in enumerate(nodes.skeletons)}
    for p in chosen.tolist():
        crew = next(c for c in free if pool.alike[c] == pool.group[p])
        free.remove(crew)
        plan[crew] = pool.seq[p, : pool.length[p]].tolist()
    for crew, route in plan.items():
        end = state.seq[crew, 1]
        state.seq[crew, 1 : 1 + len(route)] = route
        state.seq[crew, 1 + len(route)] = end
        state.size[crew] = len(route)
        for node in route:
            enter(nodes.data, state, node, crew)
    schedule(nodes.data, state)
    return (state if state.total[0] > best.total[0] + _LEAST else None), work
