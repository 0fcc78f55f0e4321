"""Routes of several plans are put together to the best plan that they hold, and no other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from riskmiljo.patrol.option_check import faults_of
from riskmiljo.patrol.option_model import Answer
from riskmiljo.patrol.options import CrewSpec, Problem
from riskmiljo.patrol.search import Run, make_run
from riskmiljo.patrol.search_kernels import copy_state
from riskmiljo.patrol.search_nodes import make_nodes
from riskmiljo.patrol.search_packing import pack

CREWS = 3


def make_problem(seed: int, *, alike: bool) -> Problem:
    rng = np.random.default_rng(seed)
    xy = np.vstack([[50.0, 50.0], rng.uniform(0, 100, (40, 2))])
    away = xy[:, None] - xy[None]
    ends = (90.0, 90.0, 90.0) if alike else (90.0, 120.0, 90.0)
    return Problem(
        travel=np.hypot(away[..., 0], away[..., 1])[None],
        crews=tuple(CrewSpec(0, 0, 0, 0.0, end) for end in ends),
        stop=np.arange(40),
        location=np.arange(1, 41),
        opens=np.zeros(40),
        closes=np.full(40, 1e6),
        value=rng.integers(1, 30, (40, 1)).astype(float),
        dwell=np.ones(40),
        discounts=(1.0,),
        gap_min=0.0,
    )


def run_with_routes(problem: Problem, rng: np.random.Generator) -> Run:
    """Return a search that has met fifty routes through random stops, each in time."""
    run = make_run(make_nodes(problem, ()), rng)
    pool, data, travel = run.pool, run.nodes.data, problem.travel[0]
    for p in range(50):
        crew = p % CREWS
        route: list[int] = []
        here, clock = 0, 0.0
        for node in rng.permutation(np.flatnonzero(data.free)).tolist():
            there = int(data.loc[node])
            after = clock + travel[here, there] + data.dwell[node]
            if after + travel[there, 0] <= problem.crews[crew].ends:
                route.append(node)
                here, clock = there, after
        pool.seq[p, : len(route)] = route
        pool.length[p] = len(route)
        pool.group[p] = pool.alike[crew]
        pool.value[p] = data.value[route, crew].sum()
    pool.used[0] = 50
    return run


def best_of_all_triples(run: Run) -> float:
    """The most that routes with no common stop are worth, by looking at every choice."""
    pool, stop = run.pool, run.nodes.data.stop
    routes = [
        (int(pool.group[p]), frozenset(stop[pool.seq[p, : pool.length[p]]].tolist()), worth)
        for p, worth in enumerate(pool.value[: pool.used[0]].tolist())
    ]
    places = np.bincount(pool.alike).tolist()
    best = 0.0
    for number in range(1, CREWS + 1):
        for chosen in itertools.combinations(routes, number):
            visits = sum(len(seen) for _, seen, _ in chosen)
            groups = [group for group, _, _ in chosen]
            if all(groups.count(g) <= places[g] for g in set(groups)) and visits == len(
                frozenset().union(*(seen for _, seen, _ in chosen))
            ):
                best = max(best, sum(worth for _, _, worth in chosen))
    return best


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_choice_of_routes_is_found(seed, alike):
    problem = make_problem(seed, alike=alike)
    run = run_with_routes(problem, np.random.default_rng(seed))
    most = best_of_all_triples(run)
    # From a plan that is a little worse than the best choice.
    run.best.total[0] = most - 2.0
    found, work = pack(run.nodes, run.pool, run.best)
    assert found is not None
    assert found.total[0] == pytest.approx(most)
    assert work > 0
    routes, pauses = run.nodes.steps(found)
    assert faults_of(problem, Answer(routes, pauses, float(found.total[0]), 0)) == []
    copy_state(found, run.best)
    assert pack(run.nodes, run.pool, run.best)[0] is None


def test_a_pool_without_enough_routes_changes_nothing():
    problem = make_problem(1, alike=True)
    run = make_run(make_nodes(problem, ()), np.random.default_rng(0))
    assert pack(run.nodes, run.pool, run.best) == (None, 0.0)
