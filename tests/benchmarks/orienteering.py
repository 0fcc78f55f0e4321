"""Route search beside PyVRP and OR-Tools on published instances, and on made-up towns.

``python tests/benchmarks/orienteering.py instances [EVERY [SECONDS]]``  every n-th instance, ours
``python tests/benchmarks/orienteering.py peers [EVERY [SECONDS]]``      the same, and both peers
``python tests/benchmarks/orienteering.py towns [SECONDS [SEED ...]]``   60 stops, 3 crews, 8 h
``python tests/benchmarks/orienteering.py bound SEED [ROUNDS]``          the bound of one town

Everything is measured in CPU seconds of one core; the peers stop on CPU time too.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pyvrp
from orienteering_instances import Instance, read_instances
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from plan_bound import bound

from riskmiljo.patrol.options import CrewSpec, Problem, solve
from riskmiljo.patrol.orienteering import team_orienteering
from riskmiljo.patrol.warm import warm

# PyVRP and OR-Tools count in whole numbers.
UNITS = 100
# The sum of prizes in PyVRP, as a multiple of a team's time.
WEIGHT = 300


class CpuLimit:
    """Stop after so many seconds of this process."""

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds

    def __call__(self, _best: float = 0.0) -> bool:
        return time.process_time() > self.end


def collected(instance: Instance, routes: list[list[int]]) -> float:
    """Prize of routes, after walking them and asserting that they keep every rule."""
    seen: set[int] = set()
    for route in routes:
        clock, here = 0.0, instance.start
        for v in route:
            clock += instance.distances[here, v]
            if instance.windows is not None:
                clock = max(clock, instance.windows[v, 0])
                assert clock <= instance.windows[v, 1] + 1e-6
            clock += instance.service[v]
            assert v not in seen
            seen.add(v)
            here = v
        assert clock + instance.distances[here, instance.end] <= instance.budget + 1e-6
    return float(instance.prizes[sorted(seen)].sum())


def ours(instance: Instance, seconds: float) -> float:
    found = team_orienteering(
        instance.coords,
        instance.prizes,
        teams=instance.teams,
        budget=instance.budget,
        start=instance.start,
        end=instance.end,
        service=instance.service,
        windows=instance.windows,
        distances=instance.distances,
        seconds=seconds,
    )
    return collected(instance, [route[1:-1] for route in found.routes])


def inner(instance: Instance) -> list[int]:
    return [
        v
        for v in range(len(instance.prizes))
        if v not in (instance.start, instance.end) and instance.prizes[v] > 0
    ]


def by_pyvrp(instance: Instance, seconds: float) -> float:
    # Ways are cut upwards: what it finds can be walked.
    away = np.ceil(instance.distances * UNITS - 1e-6).astype(int)
    scale = WEIGHT * instance.budget * UNITS / instance.prizes.sum()
    model = pyvrp.Model()
    places = [model.add_location(float(x), float(y)) for x, y in instance.coords]
    first = model.add_depot(places[instance.start])
    last = first if instance.start == instance.end else model.add_depot(places[instance.end])
    model.add_vehicle_type(
        instance.teams,
        start_depot=first,
        end_depot=last,
        shift_duration=int(instance.budget * UNITS + 1e-6),
        tw_late=int(instance.budget * UNITS + 1e-6),
    )
    for v in inner(instance):
        low, high = (0, instance.budget) if instance.windows is None else instance.windows[v]
        model.add_client(
            places[v],
            service_duration=int(np.ceil(instance.service[v] * UNITS)),
            tw_early=int(low * UNITS),
            tw_late=int(high * UNITS),
            prize=int(instance.prizes[v] * scale),
            required=False,
        )
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            model.add_edge(a, b, distance=int(away[i, j]), duration=int(away[i, j]))
    found = model.solve(CpuLimit(seconds), seed=0, display=False)
    if not found.is_feasible():
        return 0.0
    # Prizes were cut to whole numbers: the sum is right to a thousandth.
    return float(round(found.best.prizes() / scale, 2))


def by_ortools(instance: Instance, seconds: float) -> float:
    away = np.ceil(instance.distances * UNITS - 1e-6).astype(int)
    service = np.ceil(instance.service * UNITS).astype(int)
    budget = int(instance.budget * UNITS + 1e-6)
    n = len(instance.prizes)
    manager = pywrapcp.RoutingIndexManager(
        n, instance.teams, [instance.start] * instance.teams, [instance.end] * instance.teams
    )
    routing = pywrapcp.RoutingModel(manager)

    def minutes(i: int, j: int) -> int:
        a, b = manager.IndexToNode(i), manager.IndexToNode(j)
        return int(away[a, b] + service[a])

    transit = routing.RegisterTransitCallback(minutes)
    routing.SetArcCostEvaluatorOfAllVehicles(transit)
    routing.AddDimension(transit, budget, budget, True, "time")  # noqa: FBT003 - their order
    clock = routing.GetDimensionOrDie("time")
    scale = WEIGHT * budget / instance.prizes.sum()
    for v in range(n):
        if v in (instance.start, instance.end):
            continue
        index = manager.NodeToIndex(v)
        routing.AddDisjunction([index], int(instance.prizes[v] * scale))
        if instance.windows is not None:
            low, high = np.minimum(instance.windows[v] * UNITS, budget)
            clock.CumulVar(index).SetRange(int(low), int(high))
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    settings.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    # A limit by the clock on the wall must be there; the one on CPU time is meant to end it.
    settings.time_limit.FromSeconds(int(20 * seconds))
    limit = CpuLimit(seconds)
    routing.AddSearchMonitor(routing.solver().CustomLimit(limit))
    found = routing.SolveWithParameters(settings)
    if found is None:
        return 0.0
    routes = []
    for team in range(instance.teams):
        index, route = found.Value(routing.NextVar(routing.Start(team))), []
        while not routing.IsEnd(index):
            route.append(manager.IndexToNode(index))
            index = found.Value(routing.NextVar(index))
        routes.append(route)
    return collected(instance, routes)


def make_town(seed: int, stops: int = 60, crews: int = 3, hours: int = 8) -> Problem:
    """A town of 2 km: eight quarters, each with its hour, and risks by the hour."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(300, 1700, (8, 2))
    quarter = rng.integers(0, 8, stops)
    xy = np.clip(centres[quarter] + rng.normal(0, 180, (stops, 2)), 0, 2000)
    far = rng.random(stops) < 0.3
    xy[far] = rng.uniform(0, 2000, (far.sum(), 2))
    points = np.vstack([[1000, 1000], xy])
    away = points[:, None] - points[None]
    travel = np.hypot(away[..., 0], away[..., 1]) * 1.3 / 80
    peak = rng.uniform(0, hours, 8)
    level = rng.gamma(2, 0.5, 8)
    hour = np.arange(hours) + 0.5
    shape = 0.25 + np.exp(-0.5 * ((hour[None] - peak[quarter][:, None]) / 1.5) ** 2)
    risk = rng.gamma(1.2, 0.5, stops)[:, None] * level[quarter][:, None] * shape
    risk *= rng.gamma(8, 1 / 8, (stops, hours))
    stop, hour_of = (grid.ravel() for grid in np.mgrid[:stops, :hours])
    return Problem(
        travel=travel[None],
        crews=tuple(CrewSpec(0, 0, 0, 0.0, 60.0 * hours) for _ in range(crews)),
        stop=stop,
        location=stop + 1,
        opens=60.0 * hour_of,
        closes=60.0 * hour_of + 60 - 1e-6,
        value=risk.reshape(-1, 1),
        dwell=np.full(len(stop), 12.0),
    )


def timed(work, *arguments) -> tuple[float, float]:
    start = time.process_time()
    result = work(*arguments)
    return result, time.process_time() - start


def instances(every: int, seconds: float, *, peers: bool) -> None:
    solvers = {"ours": ours} | ({"PyVRP": by_pyvrp, "OR-Tools": by_ortools} if peers else {})
    gaps: dict[str, dict[str, list[float]]] = {name: {} for name in solvers}
    used: dict[str, list[float]] = {name: [] for name in solvers}
    chosen = [i for i in read_instances() if i.best > 0][::every]
    for instance in chosen:
        line = f"{instance.name:12s} {instance.teams:2d} {instance.best:6.0f}"
        for name, solver in solvers.items():
            prize, cpu = timed(solver, instance, seconds if name == "ours" else 0.8 * seconds)
            gap = 100 * (instance.best - prize) / instance.best
            gaps[name].setdefault(instance.family, []).append(gap)
            used[name].append(cpu)
            line += f"   {name} {prize:6.0f} {gap:6.2f} % {cpu:5.1f} s"
        print(line, flush=True)
    for name, families in gaps.items():
        every_gap = [gap for family in families.values() for gap in family]
        for family, values in {**families, "all": every_gap}.items():
            print(
                f"{name:9s} {family:4s} {len(values):4d} instances: mean {np.mean(values):6.2f} % "
                f"median {np.median(values):5.2f} % largest {np.max(values):5.2f} %"
            )
        print(f"{name:9s} {np.mean(used[name]):.1f} CPU s each")


def plan_value(problem: Problem, seconds: float) -> float:
    return solve(problem, seconds=seconds).value


def towns(long_s: float, seeds: list[int]) -> None:
    for seed in seeds:
        problem = make_town(seed)
        answers = {s: timed(plan_value, problem, s) for s in (1, 10)}
        longest, used = timed(lambda p, s: solve(p, seconds=s, rng=1).value, problem, long_s)
        line = ", ".join(
            f"{s} s {value:.3f} ({100 * (longest - value) / longest:.2f} % below, {cpu:.1f} CPU s)"
            for s, (value, cpu) in answers.items()
        )
        print(f"town {seed}: {line}; {long_s:.0f} s {longest:.3f} ({used:.0f} CPU s)", flush=True)


def town_bound(seed: int, rounds: int) -> None:
    problem = make_town(seed)
    plans = [solve(problem, seconds=10)]
    best = max(plan.value for plan in plans)
    most, least = bound(problem, plans, most_rounds=rounds)
    print(
        f"town {seed}: plan {best:.3f}, bound {most:.3f} (its relaxation not below {least:.3f}): "
        f"{100 * (most - best) / most:.2f} % below",
        flush=True,
    )


if __name__ == "__main__":
    warm()
    what, *rest = sys.argv[1:] or ["instances"]
    if what in {"instances", "peers"}:
        instances(
            int(rest[0]) if rest else 1,
            float(rest[1]) if rest[1:] else 10.0,
            peers=what == "peers",
        )
    elif what == "towns":
        towns(float(rest[0]) if rest else 180.0, [int(x) for x in rest[1:]] or [0, 1, 2, 3])
    else:
        town_bound(int(rest[0]), int(rest[1]) if rest[1:] else 120)
