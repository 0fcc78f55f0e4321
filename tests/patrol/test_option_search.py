"""The route search: whether every rule holds, and how good the plans are."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.option_check import faults_of, require_sound
from riskmiljo.patrol.options import (
    Answer,
    CrewSpec,
    Fixed,
    Joint,
    Pause,
    Problem,
    Step,
    solve,
)

CLOSE = 1e-5
QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def make_town(
    seed: int,
    *,
    stops: int = 8,
    crews: int = 2,
    hours: int = 3,
    gap_min: float = 40.0,
    pause: bool = False,
    discounts: tuple[float, ...] = (1.0, 0.7, 0.5, 0.35),
) -> Problem:
    """Stops within 2 km of a station, with one option for each hour."""
    rng = np.random.default_rng(seed)
    xy = np.vstack([[1000.0, 1000.0], rng.uniform(0, 2000, (stops, 2))])
    away = xy[:, None] - xy[None]
    travel = np.hypot(away[..., 0], away[..., 1]) * 1.3 / 80
    stop, hour = (grid.ravel() for grid in np.mgrid[:stops, :hours])
    rests = (Pause(15.0, 20.0, 60.0 * hours - 40.0),) if pause else ()
    return Problem(
        travel=np.stack([travel, travel / 3]),
        crews=tuple(
            CrewSpec(c % 2, 0, 0, 5.0 * c, 60.0 * hours, c % 2, rests) for c in range(crews)
        ),
        stop=stop,
        location=stop + 1,
        opens=60.0 * hour,
        closes=60.0 * hour + 59.999,
        value=rng.gamma(1.0, 1.0, (len(stop), 2)),
        dwell=np.full(len(stop), 12.0),
        discounts=discounts,
        gap_min=gap_min,
    )


def recompute(problem: Problem, answer: Answer) -> float:
    """Assert that every rule holds, in the test's own words, and return the value."""
    visits = []
    for number, (crew, route, rests) in enumerate(
        zip(problem.crews, answer.routes, answer.pauses, strict=True)
    ):
        assert len(rests) == len(crew.pauses)
        for rest in rests:
            asked = crew.pauses[rest.pause]
            assert asked.earliest - CLOSE <= rest.start <= asked.latest + CLOSE
            assert rest.leave - rest.start == pytest.approx(asked.minutes)
        where, clock = crew.start, crew.begins
        todo = sorted(
            [(s.start, s.leave, int(problem.location[s.option])) for s in route]
            + [(r.start, r.leave, -1) for r in rests]
        )
        for start, leave, place in todo:
            if place >= 0:
                clock += problem.travel[crew.mode, where, place]
                where = place
            assert start >= clock - CLOSE
            clock = leave
        assert clock + problem.travel[crew.mode, where, crew.end] <= crew.ends + CLOSE
        for step in route:
            assert problem.opens[step.option] - CLOSE <= step.start
            assert step.start <= problem.closes[step.option] + CLOSE
            assert step.leave == pytest.approx(step.start + problem.dwell[step.option])
            visits.append((int(problem.stop[step.option]), step.start, step.leave, number, step))
    total = 0.0
    for stop in {visit[0] for visit in visits}:
        times: dict[float, tuple[float, float]] = {}
        for _, start, leave, number, step in (v for v in visits if v[0] == stop):
            worth = problem.value[step.option, problem.crews[number].kind]
            key = round(start, 4)
            if key in times:
                assert any(joint.stop == stop for joint in problem.joint)
            times[key] = (leave, max(worth, times.get(key, (0.0, 0.0))[1]))
        for (_, (leave, _)), (start, _) in itertools.pairwise(sorted(times.items())):
            assert start >= leave + problem.gap_min - 1e-3
        worths = sorted((worth for _, worth in times.values()), reverse=True)
        assert len(worths) <= len(problem.discounts)
        total += sum(d * w for d, w in zip(problem.discounts, worths, strict=False))
    return total


def best_by_hand(problem: Problem) -> float:
    """Best value for one crew without breaks, by trying every order of options."""
    crew = problem.crews[0]
    way = problem.travel[crew.mode]

    def worth(taken: list[int]) -> float:
        total = 0.0
        for stop in {int(problem.stop[i]) for i in taken}:
            own = sorted(
                (problem.value[i, crew.kind] for i in taken if problem.stop[i] == stop),
                reverse=True,
            )
            total += sum(d * v for d, v in zip(problem.discounts, own, strict=False))
        return total

    def extend(taken: list[int], left: dict[int, float], where: int, clock: float) -> float:
        best = worth(taken)
        for i in range(len(problem.stop)):
            stop = int(problem.stop[i])
            if sum(problem.stop[k] == stop for k in taken) >= len(problem.discounts):
                continue
            place = int(problem.location[i])
            start = max(clock + way[where, place], problem.opens[i])
            if stop in left:
                start = max(start, left[stop] + problem.gap_min)
            leave = start + problem.dwell[i]
            if start <= problem.closes[i] and leave + way[place, crew.end] <= crew.ends:
                best = max(best, extend([*taken, i], {**left, stop: leave}, place, leave))
        return best

    return extend([], {}, crew.start, crew.begins)


@QUICK
@given(
    seed=st.integers(0, 10_000),
    crews=st.integers(1, 4),
    stops=st.integers(1, 10),
    gap_min=st.sampled_from([0.0, 25.0, 90.0]),
    pause=st.booleans(),
)
def test_every_rule_holds_for_any_town(seed, crews, stops, gap_min, pause):
    problem = make_town(seed, crews=crews, stops=stops, gap_min=gap_min, pause=pause)
    answer = solve(problem, iterations=60, rng=seed)
    assert faults_of(problem, answer) == []
    assert recompute(problem, answer) == pytest.approx(answer.value)


@pytest.mark.parametrize("seed", [10, 21, 22])
def test_a_break_that_must_wait_never_makes_what_follows_too_late(seed):
    town = make_town(seed, stops=6, crews=3, hours=5, gap_min=60.0)
    rest = Pause(20.0, 100.0, 150.0)
    town = replace(
        town, crews=tuple(c._replace(pauses=(rest,)) for c in town.crews), travel=town.travel * 1.5
    )
    answer = solve(town, rng=seed, iterations=400, spread=0.02)
    assert recompute(town, answer) == pytest.approx(answer.value)


@QUICK
@given(seed=st.integers(0, 10_000), gap_min=st.sampled_from([15.0, 30.0]))
def test_small_problems_are_solved_to_the_best_plan_there_is(seed, gap_min):
    problem = make_town(seed, stops=3, crews=1, hours=2, gap_min=gap_min)
    problem = replace(problem, crews=(problem.crews[0]._replace(ends=85.0),))
    answer = solve(problem, iterations=3000, rng=seed)
    assert answer.value == pytest.approx(best_by_hand(problem))


@QUICK
@given(seed=st.integers(0, 10_000), pause=st.booleans())
def test_two_crews_are_at_a_joint_stop_at_the_same_time(seed, pause):
    problem = replace(make_town(seed, crews=3, pause=pause), joint=(Joint(2, (0, 1)),))
    late = problem.crews[1]._replace(begins=25.0)
    problem = replace(problem, crews=(problem.crews[0], late, problem.crews[2]))
    answer = solve(problem, iterations=80, rng=seed)
    assert answer.missing == ()
    first, second = (
        {(s.start, s.leave) for s in answer.routes[crew] if problem.stop[s.option] == 2}
        for crew in (0, 1)
    )
    assert first & second
    assert recompute(problem, answer) == pytest.approx(answer.value)


def test_a_stop_that_may_be_visited_all_evening_is_visited_again_after_the_gap():
    problem = Problem(
        travel=np.zeros((1, 2, 2)),
        crews=(CrewSpec(0, 0, 0, 0.0, 300.0),),
        stop=np.array([0]),
        location=np.array([1]),
        opens=np.array([0.0]),
        closes=np.array([288.0]),
        value=np.array([[2.0]]),
        dwell=np.array([12.0]),
        gap_min=80.0,
    )
    answer = solve(problem, iterations=20)
    starts = [step.start for step in answer.routes[0]]
    assert len(starts) == 4
    assert np.diff(starts).min() >= 92.0 - CLOSE
    assert answer.value == pytest.approx(2.0 * (1 + 0.7 + 0.5 + 0.35))


def test_what_is_fixed_stays_and_what_was_done_counts():
    problem = make_town(3, crews=2, gap_min=30.0)
    late = problem.crews[0]._replace(begins=60.0, start=3)
    done = Fixed(0, 2 * 3, 20.0, 12.0)
    ahead = Fixed(1, 4 * 3 + 1, 100.0, 17.0)
    problem = replace(problem, crews=(late, problem.crews[1]), fixed=(done, ahead))
    answer = solve(problem, iterations=200)
    assert answer.routes[0][0] == Step(6, 20.0, 20.0, 32.0)
    assert [(s.start, s.leave) for s in answer.routes[1] if s.option == 13] == [(100.0, 117.0)]
    again = [s.start for r in answer.routes for s in r if problem.stop[s.option] == 2]
    assert all(start == 20.0 or start >= 62.0 - CLOSE for start in again)


def test_pinned_stops_are_visited_though_they_are_worth_nothing():
    problem = make_town(5)
    value = problem.value.copy()
    value[problem.stop == 4] = 0.0
    problem = replace(problem, value=value, pinned=(4,))
    answer = solve(problem, iterations=50)
    assert answer.missing == ()
    assert any(problem.stop[s.option] == 4 for r in answer.routes for s in r)
    assert recompute(problem, answer) == pytest.approx(answer.value)


def test_a_pinned_stop_that_does_not_fit_is_named_with_the_minutes_that_are_missing():
    travel = np.array([[0.0, 40.0], [40.0, 0.0]])
    problem = Problem(
        travel=travel[None],
        crews=(CrewSpec(0, 0, 0, 0.0, 60.0), CrewSpec(0, 0, 0, 0.0, 75.0)),
        stop=np.array([0]),
        location=np.array([1]),
        opens=np.array([0.0]),
        closes=np.array([500.0]),
        value=np.array([[1.0]]),
        dwell=np.array([12.0]),
        pinned=(0,),
    )
    answer = solve(problem, iterations=5)
    assert [(m.stop, m.overrun_min) for m in answer.missing] == [(0, pytest.approx(17.0))]
    unreachable = replace(problem, travel=np.where(travel > 0, np.inf, 0.0)[None])
    assert solve(unreachable, iterations=5).missing[0].overrun_min == np.inf


def test_a_joint_stop_that_one_crew_cannot_reach_is_named():
    problem = make_town(5)
    short = problem.crews[0]._replace(ends=problem.crews[0].begins + 10.0)
    problem = replace(
        problem, crews=(short, problem.crews[1]), joint=(Joint(1, (0, 1)),), pinned=(1,)
    )
    answer = solve(problem, iterations=50)
    assert [m.stop for m in answer.missing] == [1]
    assert 2.0 < answer.missing[0].overrun_min < 60.0


def test_the_same_seed_gives_the_same_plan_in_another_process():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_option_search import make_town\n"
        "from riskmiljo.patrol.options import solve\n"
        "print(repr(solve(make_town(7), seconds=0.05, rng=4).routes))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(__file__.rsplit("/", 1)[0])],
        capture_output=True,
        text=True,
        check=True,
    )
    here = solve(make_town(7), seconds=0.05, rng=4)
    assert run.stdout.strip() == repr(here.routes)
    assert repr(solve(make_town(7), seconds=0.05, rng=np.random.default_rng(4)).routes) == repr(
        here.routes
    )


def test_spread_gives_different_plans_that_are_nearly_as_good():
    problem = make_town(11, stops=20, hours=4)
    best = max(solve(problem, iterations=1500, rng=seed).value for seed in range(2))
    plans = [solve(problem, iterations=1500, rng=seed, spread=0.05) for seed in range(6)]
    assert len({str(plan.routes) for plan in plans}) > 1
    # The share is counted from the best plan of the same run, which varies a little.
    assert min(plan.value for plan in plans) >= best * 0.93


def test_a_first_plan_is_there_within_a_second():
    problem = make_town(1, stops=60, crews=3, hours=8, gap_min=90.0)
    quick = solve(problem, seconds=0.2)
    assert quick.value >= 0.93 * solve(problem, seconds=1.5).value


def tampered(answer: Answer) -> dict[str, Answer]:
    """Answers that each break one rule."""
    route = answer.routes[0]
    first, second = route[0], route[1]
    others = answer.routes[1:]

    def routed(*steps: Step, **changes: object) -> Answer:
        return replace(answer, routes=(tuple(steps), *others), **changes)

    def moved(step: Step, by: float) -> Step:
        return step._replace(start=step.start + by, leave=step.leave + by)

    rest = answer.pauses[0][0]
    return {
        "is said to be": replace(answer, value=answer.value + 0.01),
        "begins before it arrives": routed(moved(first, -3.0), *route[1:]),
        "dwells": routed(first._replace(leave=first.leave - 2), *route[1:]),
        "the way gives": routed(first, second._replace(arrive=second.arrive - 2), *route[2:]),
        "order of time": routed(second, first, *route[2:]),
        "are too near": routed(*route[:-1], route[-1], moved(route[-1], 13.0)),
        "is back at": routed(*route[:-1], moved(route[-1], 100.0)),
        "window closes": routed(*route[:-1], moved(route[-1], 100.0)),
        "window opens": routed(
            *route[:-1], moved(route[-1], -80.0)._replace(arrive=route[-1].start - 80.0)
        ),
        "not each taken once": replace(answer, pauses=((), *answer.pauses[1:])),
        "outside its window": replace(
            answer,
            pauses=((rest._replace(start=2.0, leave=17.0),), *answer.pauses[1:]),
        ),
        "a break of": replace(
            answer, pauses=((rest._replace(leave=rest.leave - 5),), *answer.pauses[1:])
        ),
        "routes for 2 crews": replace(answer, routes=answer.routes[:1]),
    }


FAULTS = [
    "is said to be",
    "begins before it arrives",
    "dwells",
    "the way gives",
    "order of time",
    "are too near",
    "is back at",
    "window closes",
    "window opens",
    "not each taken once",
    "outside its window",
    "a break of",
    "routes for 2 crews",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_checker_refuses_a_tampered_answer(fault):
    problem = make_town(2, pause=True)
    answer = solve(problem, iterations=5)
    wrong = tampered(answer)[fault]
    assert faults_of(problem, answer) == []
    assert any(fault in line for line in faults_of(problem, wrong))
    with pytest.raises(RuntimeError, match="broke its rules"):
        require_sound(problem, wrong)


def test_the_checker_misses_nothing_that_was_wished():
    problem = make_town(2)
    answer = solve(problem, iterations=5)
    fixed = replace(problem, fixed=(Fixed(0, 1, 33.3, 12.0),))
    assert any("fixed visit" in line for line in faults_of(fixed, answer))
    assert any(
        "not visited together" in line
        for line in faults_of(replace(problem, joint=(Joint(0, (0, 1)),)), answer)
    )
    empty = replace(answer, routes=((), ()), value=0.0)
    assert any("pinned" in line for line in faults_of(replace(problem, pinned=(3,)), empty))
    crowd = replace(problem, discounts=(1.0,))
    many = solve(replace(problem, gap_min=0.0), iterations=100)
    assert any("too many" in line for line in faults_of(crowd, many))


BAD = {
    "minst ett": {"crews": ()},
    "formen": {"dwell": np.ones(3)},
    "Restiderna har formen": {"travel": np.ones((3, 3))},
    "NaN eller negativa": {"travel": np.full((2, 9, 9), np.nan)},
    "value ska vara": {"value": np.full((24, 2), -1.0)},
    "stänger": {"closes": np.full(24, -1.0)},
    "fönster innehåller NaN": {"opens": np.full(24, np.nan)},
    "slutar": {"crews": (CrewSpec(0, 0, 0, 50.0, 10.0),)},
    "finns inte.": {"crews": (CrewSpec(5, 0, 0, 0.0, 10.0),)},
    "rast": {"crews": (CrewSpec(0, 0, 0, 0.0, 90.0, 0, (Pause(10.0, 50.0, 20.0),)),)},
    "saknas": {"crews": (CrewSpec(0, 0, 0, 0.0, 90.0, 0, (Pause(10.0, 85.0, 95.0),)),)},
    "bland alternativen": {"pinned": (99,)},
    "två olika lag": {"joint": (Joint(1, (0, 0)),)},
    "låst besök": {"fixed": (Fixed(7, 0, 0.0, 1.0),)},
    "Vikterna": {"discounts": (0.5, 1.0)},
    "mellan besök": {"gap_min": -1.0},
}


@pytest.mark.parametrize("words", list(BAD))
def test_a_contradictory_problem_is_refused_in_one_sentence(words):
    with pytest.raises(InvalidInputError) as caught:
        solve(replace(make_town(1), **BAD[words]), iterations=5)
    assert words in caught.value.message.sv
    assert caught.value.message.en


@pytest.mark.parametrize(
    "how", [{"seconds": 0}, {"seconds": np.nan}, {"iterations": 0}, {"spread": 1.0}]
)
def test_an_impossible_search_is_refused(how):
    with pytest.raises(InvalidInputError):
        solve(make_town(1), **how)


def test_no_options_give_crews_that_stay_where_they_are():
    problem = make_town(1)
    nothing = replace(
        problem,
        **{name: getattr(problem, name)[:0] for name in ("stop", "location", "opens", "closes")},
        value=problem.value[:0],
        dwell=problem.dwell[:0],
    )
    answer = solve(nothing, seconds=0.1)
    assert answer.routes == ((), ())
    assert answer.value == 0.0


def test_the_compiler_is_not_loaded_before_the_first_search():
    code = (
        "import sys, riskmiljo.patrol.orienteering, riskmiljo.patrol.options\n"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_warming_up_leaves_nothing_to_compile():
    code = (
        "from riskmiljo.patrol.warm import warm\n"
        "warm()\n"
        "from riskmiljo.patrol import search_kernels, search_moves\n"
        "assert len(search_moves.anneal.signatures) == 1\n"
        "assert len(search_moves.recreate.signatures) == 1\n"
        "from riskmiljo.patrol.orienteering import team_orienteering\n"
        "team_orienteering([[0, 0], [1, 1]], [0, 1], teams=1, budget=3, seconds=0.01)\n"
        "assert len(search_moves.anneal.signatures) == 1\n"
        "assert len(search_kernels.schedule.signatures) == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
