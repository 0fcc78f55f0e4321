"""Team orienteering: against brute force, another solver, and the literature."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.orienteering import Solution, team_orienteering

ROUTING = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "routing"
QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
SQUARE = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]


def walked(
    solution: Solution,
    xy: np.ndarray,
    prizes: np.ndarray,
    *,
    ends: tuple[int, int],
    budget: float,
    service: np.ndarray | None = None,
    windows: np.ndarray | None = None,
    distances: np.ndarray | None = None,
) -> float:
    """Walk the routes, assert that they keep every rule, and return what they collect."""
    seen: set[int] = set()
    for route in solution.routes:
        assert (route[0], route[-1]) == ends
        clock = 0.0
        for a, b in itertools.pairwise(route):
            clock += math.dist(xy[a], xy[b]) if distances is None else distances[a, b]
            if b == route[-1] and b in ends:
                continue
            assert b not in seen
            assert b not in ends
            seen.add(b)
            if windows is not None:
                clock = max(clock, windows[b, 0])
                assert clock <= windows[b, 1] + 1e-6
            clock += 0 if service is None else service[b]
        assert clock <= budget + 1e-6
    return float(prizes[sorted(seen)].sum())


def best_by_hand(
    xy: np.ndarray, prizes: np.ndarray, teams: int, budget: float, end: int, windows: np.ndarray
) -> float:
    """Best prize by trying every order of every set for one team, and every choice of sets."""
    inner = [v for v in range(len(xy)) if v not in (0, end)]
    possible: set[frozenset[int]] = {frozenset()}
    for size in range(1, len(inner) + 1):
        for order in itertools.permutations(inner, size):
            clock, here = 0.0, 0
            for v in (*order, end):
                clock = max(clock + math.dist(xy[here], xy[v]), windows[v, 0])
                if clock > windows[v, 1] or clock > budget:
                    break
                here = v
            else:
                possible.add(frozenset(order))
    sets = sorted(possible, key=len)
    best = 0.0
    for chosen in itertools.combinations_with_replacement(sets, teams):
        union = frozenset().union(*chosen)
        if len(union) == sum(len(part) for part in chosen):
            best = max(best, float(prizes[list(union)].sum()))
    return best


@QUICK
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(2, 7),
    teams=st.integers(1, 2),
    budget=st.floats(0.0, 300.0),
    closed=st.booleans(),
    timed=st.booleans(),
)
def test_small_cases_are_solved_to_the_optimum(seed, n, teams, budget, closed, timed):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (n, 2))
    prizes = rng.integers(0, 9, n).astype(float)
    end = 0 if closed else n - 1
    windows = np.tile([0.0, 1e6], (n, 1))
    if timed:
        windows[1:] = np.sort(rng.uniform(0, 200, (n - 1, 2)), axis=1)
        windows[end] = (0.0, 1e6)
    budget += math.dist(xy[0], xy[end])
    found = team_orienteering(
        xy, prizes, teams=teams, budget=budget, end=end, windows=windows, seconds=0.02, rng=seed
    )
    kept = walked(found, xy, prizes, ends=(0, end), budget=budget, windows=windows)
    assert found.prize == pytest.approx(kept)
    assert found.prize == pytest.approx(best_by_hand(xy, prizes, teams, budget, end, windows))


@QUICK
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 40),
    teams=st.integers(1, 5),
    timed=st.booleans(),
)
def test_no_route_breaks_budget_window_or_service(seed, n, teams, timed):
    rng = np.random.default_rng(seed)
    xy = np.round(rng.uniform(0, 10, (n, 2)))
    prizes = rng.gamma(1.0, 1.0, n)
    service = rng.uniform(0, 5, n)
    budget = float(rng.uniform(0, 60))
    windows = np.sort(rng.uniform(0, 80, (n, 2)), axis=1) if timed else None
    if windows is not None:
        windows[0, 1] = 1e3
    found = team_orienteering(
        xy,
        prizes,
        teams=teams,
        budget=budget,
        service=service,
        windows=windows,
        seconds=0.01,
        rng=seed,
    )
    assert len(found.routes) == teams
    kept = walked(found, xy, prizes, ends=(0, 0), budget=budget, service=service, windows=windows)
    assert found.prize == pytest.approx(kept)
    for route, arrivals, starts in zip(found.routes, found.arrivals, found.starts, strict=True):
        assert len(route) == len(arrivals) == len(starts)
        assert np.all(np.array(starts) >= np.array(arrivals) - 1e-6)


def test_no_budget_collects_nothing():
    found = team_orienteering(SQUARE, [5, 1, 1, 1], teams=2, budget=0)
    assert found.routes == [[0, 0], [0, 0]]
    assert found.prize == 0.0


def test_a_single_point_is_a_route():
    found = team_orienteering([[3.0, 4.0]], [7.0], teams=1, budget=10)
    assert (found.routes, found.prize) == ([[0, 0]], 0.0)


def test_a_budget_that_is_just_enough_is_enough():
    found = team_orienteering(SQUARE, [0, 1, 1, 1], teams=1, budget=4.0, seconds=0.1)
    assert found.prize == 3.0
    assert team_orienteering(SQUARE, [0, 1, 1, 1], teams=1, budget=3.99, seconds=0.1).prize == 2.0


def test_prizes_at_start_and_end_count_nothing():
    found = team_orienteering(SQUARE, [9, 1, 1, 9], teams=1, budget=9, end=3, seconds=0.1)
    assert found.prize == 2.0
    assert found.routes == [[0, 1, 2, 3]]


def test_points_at_one_place_are_all_collected():
    found = team_orienteering([[0, 0]] * 5, [1, 2, 3, 4, 5], teams=1, budget=0, seconds=0.1)
    assert found.prize == 14.0


def test_more_teams_than_stops_leave_some_at_home():
    found = team_orienteering(SQUARE, [0, 1, 1, 1], teams=7, budget=3, seconds=0.1)
    assert found.prize == 3.0
    assert len(found.routes) == 7


def test_given_distances_are_used_both_ways():
    away = np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0]], dtype=float)
    found = team_orienteering(
        np.zeros((3, 2)), [0, 1, 1], teams=1, budget=3, distances=away, seconds=0.1
    )
    assert found.routes == [[0, 1, 2, 0]]


def test_the_same_seed_gives_the_same_routes():
    rng = np.random.default_rng(1)
    xy, prizes = rng.uniform(0, 100, (40, 2)), rng.integers(1, 9, 40)
    first, second = (
        team_orienteering(xy, prizes, teams=2, budget=150, seconds=0.1, rng=8) for _ in range(2)
    )
    assert first.routes == second.routes


BAD = [
    ({"teams": 0}, "Antalet lag"),
    ({"teams": 1.5}, "Antalet lag"),
    ({"teams": True}, "Antalet lag"),
    ({"budget": -1.0}, "Budgeten"),
    ({"budget": math.nan}, "Budgeten"),
    ({"budget": math.inf}, "Budgeten"),
    ({"budget": "3"}, "Budgeten"),
    ({"coords": [[0, 0], [0, 1], [1, 1]]}, "prizes har formen"),
    ({"coords": [0, 1, 2, 3]}, "coords ska ha formen"),
    ({"coords": []}, "coords ska ha formen"),
    ({"coords": [["a", "b"]] * 4}, "coords ska ha formen"),
    ({"coords": [[0, 0], [0, math.nan], [1, 1], [1, 0]]}, "coords, rad 1"),
    ({"prizes": [0, 1, -1, 1]}, "prizes, rad 2"),
    ({"prizes": [0, 1, math.nan, 1]}, "prizes, rad 2"),
    ({"prizes": ["x"] * 4}, "prizes ska vara tal"),
    ({"service": [0, 0, 0]}, "service har formen"),
    ({"service": [0, -1, 0, 0]}, "service, rad 1"),
    ({"windows": [[0, 1]] * 3}, "windows har formen"),
    ({"windows": [[0, 1], [0, 1], [5, 1], [0, 1]]}, "windows, rad 2"),
    ({"windows": [[0, 9], [0, 1], [math.nan, 1], [0, 1]]}, "windows, rad 2"),
    ({"distances": np.zeros((3, 3))}, "distances har formen"),
    ({"distances": np.full((4, 4), -1.0)}, "distances innehåller"),
    ({"start": 4}, "start=4"),
    ({"start": -1}, "start=-1"),
    ({"end": 1.0}, "end=1.0"),
    ({"end": 2, "budget": 1.0}, "0,414 för lite"),
    ({"seconds": 0}, "Söktiden"),
    ({"seconds": -3}, "Söktiden"),
]


@pytest.mark.parametrize(("change", "words"), BAD)
def test_what_cannot_be_planned_is_refused_with_the_reason(change, words):
    given_all = {
        "coords": SQUARE,
        "prizes": [0, 1, 1, 1],
        "teams": 1,
        "budget": 3.0,
        "seconds": 0.1,
    } | change
    coords, prizes = given_all.pop("coords"), given_all.pop("prizes")
    with pytest.raises(InvalidInputError) as caught:
        team_orienteering(coords, prizes, **given_all)
    assert words in caught.value.message.sv
    assert caught.value.message.en


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_solver_finds_no_more_than_a_hundredth_more(seed):
    pyvrp = pytest.importorskip("pyvrp")
    if not hasattr(pyvrp.Model, "add_location"):
        pytest.skip("this PyVRP has no locations of its own")
    rng = np.random.default_rng(seed)
    xy, prizes = rng.integers(0, 100, (40, 2)), rng.integers(1, 30, 40)
    # Whole numbers, which the other solver asks for; cut upwards, so that no way is shortened.
    away = np.ceil(np.hypot(*(xy[:, None] - xy[None]).T)).astype(int)
    model = pyvrp.Model()
    places = [model.add_location(int(x), int(y)) for x, y in xy]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(2, start_depot=depot, end_depot=depot, shift_duration=160)
    for place, p in zip(places[1:], prizes[1:], strict=True):
        model.add_client(place, prize=100 * int(p), required=False)
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            model.add_edge(a, b, distance=0, duration=int(away[i, j]))
    other = model.solve(pyvrp.stop.MaxIterations(150), seed=seed, display=False)
    theirs = other.best.prizes() / 100
    ours = team_orienteering(xy, prizes, teams=2, budget=160, distances=away, seconds=0.5)
    walked(ours, xy, prizes, ends=(0, 0), budget=160, distances=away)
    assert ours.prize >= 0.99 * theirs


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "teams"), [("p4.3.j.txt", 3), ("p5.2.p.txt", 2), ("p7.4.n.txt", 4), ("p1.3.l.txt", 3)]
)
def test_published_values_are_reached_within_two_percent_in_a_second(name, teams):
    path = ROUTING / "top" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    lines = path.read_text(encoding="ascii").splitlines()
    rows = np.array([line.split() for line in lines[3:] if line.strip()], dtype=float)
    with (ROUTING / "best_known.csv").open(encoding="utf-8") as table:
        best = next(
            float(row["best_known"])
            for row in csv.DictReader(table)
            if row["instance"] == name and int(row["teams"]) == teams
        )
    budget = float(lines[2].split()[1])
    found = team_orienteering(
        rows[:, :2], rows[:, 2], teams=teams, budget=budget, end=len(rows) - 1, seconds=1
    )
    kept = walked(found, rows[:, :2], rows[:, 2], ends=(0, len(rows) - 1), budget=budget)
    assert found.prize == pytest.approx(kept)
    assert found.prize >= 0.98 * best
