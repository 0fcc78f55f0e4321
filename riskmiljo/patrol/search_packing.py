"""Put the best routes met together anew: set packing over a pool of routes, solved by HiGHS."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from riskmiljo.patrol.search_arrays import Floats, Ints, State, empty_state
from riskmiljo.patrol.search_kernels import enter, schedule
from riskmiljo.patrol.search_moves import Pool
from riskmiljo.patrol.search_nodes import Nodes

# So many of the routes met last are looked at, and so many branches of the tree: limits that do
# not depend on the machine.
MOST_ROUTES: Final = 1000
_MOST_BRANCHES: Final = 3
_CHOSEN: Final = 0.5


def _chosen(nodes: Nodes, pool: Pool, bonus: Floats) -> Ints:
    """Choose routes that share no stop, the most valuable together; empty if none are found."""
    used = int(pool.used[0])
    picked = np.arange(max(0, used - MOST_ROUTES), used)
    rows: list[int] = []
    columns: list[int] = []
    worth = np.zeros(len(picked))
    stops = len(nodes.data.bonus)
    for k, p in enumerate(picked.tolist()):
        visited = nodes.data.stop[pool.seq[p, : pool.length[p]]]
        visited = visited[visited >= 0]
        worth[k] = pool.value[p] + bonus[visited].sum()
        rows += [*visited.tolist(), stops + int(pool.group[p])]
        columns += [k] * (len(visited) + 1)
    groups = int(pool.alike.max()) + 1
    most = np.concatenate([np.ones(stops), np.bincount(pool.alike, minlength=groups)])
    table = sparse.csr_array(
        (np.ones(len(rows)), (rows, columns)), shape=(stops + groups, len(picked))
    )
    found = milp(
        -worth,
        integrality=np.ones(len(picked)),
        bounds=(0, 1),
        constraints=LinearConstraint(table, -np.inf, most),
        options={"node_limit": _MOST_BRANCHES},
    )
    if found.x is None:
        return np.empty(0, dtype=np.int64)
    return np.asarray(picked[found.x > _CHOSEN])


def pack(nodes: Nodes, pool: Pool, best: State) -> State | None:
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
    State or None
        A plan of more value; None where the pool holds none.
    """
    bonus = nodes.data.bonus
    if pool.used[0] <= len(pool.alike):
        return None
    chosen = _chosen(nodes, pool, bonus)
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
    return state if state.total[0] > best.total[0] + 1e-9 else None
