"""The course of a route search: rounds of annealing, joint visits, and the choice of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from riskmiljo.patrol.option_model import Answer, Fixed, Problem
from riskmiljo.patrol.search_arrays import State, empty_state
from riskmiljo.patrol.search_joint import place_joint
from riskmiljo.patrol.search_kernels import copy_state
from riskmiljo.patrol.search_missing import missing_of
from riskmiljo.patrol.search_moves import Pool, anneal, recreate
from riskmiljo.patrol.search_nodes import Nodes, make_nodes
from riskmiljo.patrol.search_packing import pack
from riskmiljo.patrol.search_places import Scratch

# Looks at a place in a route that an ordinary core does in a second, rounded down: where stops are
# visited once, and where they may be visited again.
WORK_PER_SECOND: Final = (44e6, 33e6)
# The search is heated up so many times, each time from the best plan so far; the second figure is
# for stops that may be visited again.
_ROUNDS: Final = (8, 4)
# Rounds that start from nothing, where their routes can be put together with those of others.
_AFRESH: Final = (1, 2, 4)
# First temperature, as a share of the mean value of an option, and the same for stops that may be
# visited again, where a visit adds less than its option's value; and the last temperature.
_HOT: Final = (1.5, 0.6)
_COLD: Final = 0.02
# What a minute in use costs, as a share of the value per minute: room is worth something.
_MINUTE: Final = 0.05
# Most visits to take out at a time: a share of all, and never fewer or more than so many.
_RUINED: Final = 0.3
_LEAST_RUINED: Final = 6
_MOST_RUINED: Final = 30
# Width of the noise on what a visit adds.
_FUZZ: Final = 2.0
# Routes are kept from plans that are worth so much less than the best, as a share.
_KEPT: Final = 0.03
# A visit that adds less than this share of the mean is looked at only now and then.
_POOR: Final = 0.2
# Plans for the choice among good ones: how many, how long each, and how hot, so that they differ.
_VARIANTS: Final = 12
_VARIANT_SHARE: Final = 0.02
_VARIANT_HOT: Final = 0.1
# Share of the work that goes to finding when crews meet.
_JOINT_SHARE: Final = 0.4
_UNLIMITED: Final = 1 << 60
_ENDLESS: Final = 1e18


@dataclass(slots=True)
class Run:
    """One search over fixed nodes, which can be taken up again.

    Attributes
    ----------
    nodes
        What is searched.
    scratch, pool
        Room for the compiled part.
    best, now, trial
        The best plan, where the search is, and a state to try in.
    plans
        Plans kept for the choice among good ones.
    iterations
        Done so far.
    """

    nodes: Nodes
    scratch: Scratch
    pool: Pool
    best: State
    now: State
    trial: State
    plans: list[State] = field(default_factory=list)
    iterations: int = 0

    def anneal(
        self, work: float, rounds: int, *, hot: float, cold: float, afresh: bool = False
    ) -> None:
        """Search for a while from the best plan.

        Parameters
        ----------
        work, rounds
            When to stop: looks at a place in a route, and iterations.
        hot, cold
            First and last temperature, as a share of the mean value of an option.
        afresh
            Start from what is fixed instead, so that other regions are seen.
        """
        data = self.nodes.data
        if not data.free.any() or work <= 0 or rounds <= 0:
            return
        copy_state(self.nodes.first_state() if afresh else self.best, self.now)
        mean = float(data.value[data.free].max(axis=1).mean()) or 1.0
        visits = max(int(self.best.size.sum()), 1)
        used = max(float(self.best.total[1]), 1e-9)
        plain = float(self.best.total[0] - data.bonus[self.best.visited > 0].sum())
        most = min(_MOST_RUINED, max(_LEAST_RUINED, _RUINED * visits))
        setting = np.array(
            [
                hot * mean,
                cold * mean,
                _MINUTE * plain / used,
                most,
                _FUZZ,
                max(mean, _KEPT * plain),
                _POOR * plain / visits if len(data.discounts) > 1 else 0.0,
            ]
        )
        done, _ = anneal(
            data, self.now, self.best, self.trial, self.scratch, self.pool, setting, rounds, work
        )
        self.iterations += done

    def holds_everything(self) -> bool:
        """Tell whether nothing is left that could be added to the best plan."""
        data = self.nodes.data
        absent = data.free & (self.best.crew < 0)
        return len(data.discounts) == 1 and not bool(
            (self.best.visited[data.stop[absent]] == 0).any()
        )

    def keep_plan(self) -> None:
        """Keep the plan where the search is for the choice among good ones."""
        plan = empty_state(self.nodes.data, most_visits=self.nodes.most_visits)
        copy_state(self.now, plan)
        self.plans.append(plan)

    def draw_plan(self, spread: float, rng: np.random.Generator) -> State:
        """Draw among distinct plans that are nearly as good as the best.

        Parameters
        ----------
        spread
            How much less they may be worth, as a share of the best.
        rng
            Generator.

        Returns
        -------
        State
            One of them; the best where there is no other.
        """
        bonus = self.nodes.data.bonus
        top = float(self.best.total[0])
        least = top - spread * (top - float(bonus[self.best.visited > 0].sum()))
        distinct: dict[frozenset[tuple[int, int]], State] = {}
        for plan in (self.best, *self.plans):
            if plan.total[0] >= least:
                visits = frozenset(
                    (crew, self.nodes.option[node])
                    for crew in range(len(plan.size))
                    for node in plan.seq[crew, 1 : plan.size[crew] + 1].tolist()
                )
                distinct.setdefault(visits, plan)
        return list(distinct.values())[int(rng.integers(len(distinct)))]

    def pack(self) -> float:
        """Go on from the best plan that can be made of the routes met so far.

        Returns
        -------
        float
            About the work that this was, in looks at a place in a route.
        """
        better, work = pack(self.nodes, self.pool, self.best)
        if better is not None:
            copy_state(better, self.best)
        if self.pool.used[0] > len(self.pool.length) // 2:
            self.pool.key[:] = 0
            self.pool.used[0] = 0
        return work


def make_run(nodes: Nodes, rng: np.random.Generator, *, pool: int = 5000) -> Run:
    """Return a search with a first greedy plan.

    Parameters
    ----------
    nodes
        What is searched.
    rng
        Where its chance comes from.
    pool
        How many good routes to keep.

    Returns
    -------
    Run
        Its ``best`` is the greedy plan.
    """
    data = nodes.data
    count, crews = data.value.shape
    scratch = Scratch(
        marked=np.zeros(count, dtype=np.int64),
        candidates=np.zeros(count, dtype=np.int64),
        left_over=np.zeros(1, dtype=np.int64),
        noise=np.ones(count),
        score=np.zeros((crews, count)),
        position=np.zeros((crews, count), dtype=np.int64),
        start=np.zeros((crews, count)),
        left=np.zeros(count),
        base=np.zeros(count),
        latest=np.zeros(count),
        here=np.zeros(count, dtype=np.int64),
        after=np.zeros(count, dtype=np.int64),
        open=np.zeros(count, dtype=np.int64),
        shortest=np.array([float(data.least[data.free].min(initial=np.inf))]),
        random=rng.integers(1, 1 << 63, 1, dtype=np.uint64),
    )
    kept = Pool(
        seq=np.zeros((pool, count - 2 * crews + 1), dtype=np.int64),
        length=np.zeros(pool, dtype=np.int64),
        group=np.zeros(pool, dtype=np.int64),
        value=np.zeros(pool),
        key=np.zeros(1 << 16, dtype=np.int64),
        used=np.zeros(1, dtype=np.int64),
        hashes=np.asarray(rng.integers(1, 1 << 60, count, dtype=np.int64)),
        alike=nodes.alike(),
    )
    best = nodes.first_state()
    now = empty_state(data, most_visits=nodes.most_visits)
    trial = empty_state(data, most_visits=nodes.most_visits)
    copy_state(best, now)
    copy_state(best, trial)
    recreate(data, best, scratch, 0.0, 1.0, 0, 1.0, 0.0)
    return Run(nodes, scratch, kept, best, now, trial)


def plain_value(problem: Problem, nodes: Nodes, state: State) -> float:
    """Return the value of a plan without what pinned stops add to the objective.

    Parameters
    ----------
    problem
        For the discounts.
    nodes, state
        The plan.

    Returns
    -------
    float
        Sum over the stops of the discounted values.
    """
    total = 0.0
    for stop in range(len(nodes.data.bonus)):
        visits = state.visits[stop, : state.visited[stop]]
        values = np.sort(state.worth[visits])[::-1][: len(problem.discounts)]
        total += float(values @ np.array(problem.discounts[: len(values)]))
    return total


def search(
    problem: Problem,
    *,
    seconds: float | None,
    iterations: int | None,
    rng: np.random.Generator,
    spread: float,
) -> Answer:
    """Search for the best plan.

    Parameters
    ----------
    problem
        A usable problem.
    seconds, iterations
        When to stop, see `riskmiljo.patrol.options.solve`.
    rng
        Generator.
    spread
        See `riskmiljo.patrol.options.solve`.

    Returns
    -------
    Answer
        Not yet checked.
    """
    once = len(problem.discounts) == 1
    kind = 0 if once else 1
    work = _ENDLESS if seconds is None else seconds * WORK_PER_SECOND[kind]
    rounds = _UNLIMITED if iterations is None else iterations

    def attempt(fixed: tuple[Fixed, ...], some_work: float, turns: int) -> tuple[float, int]:
        run = make_run(make_nodes(problem, fixed), rng, pool=1)
        run.anneal(some_work, turns, hot=0.2, cold=0.02)
        return float(run.best.total[0]), run.iterations

    placed, done = place_joint(
        problem, attempt, work=_JOINT_SHARE * work, rounds=int(_JOINT_SHARE * rounds)
    )
    if problem.joint:
        work *= 1 - _JOINT_SHARE
        rounds = max(1, rounds - done)
    nodes = make_nodes(problem, placed.fixed)
    run = make_run(nodes, rng)
    heats, hot = _ROUNDS[kind], _HOT[kind]
    each = -(-rounds // heats)
    # A route without its fixed visits could be taken for a crew: then routes are not put together.
    packing = once and len(problem.crews) > 1 and not placed.fixed
    left = work
    for i in range(heats):
        if run.holds_everything():
            break
        run.anneal(
            left / (heats - i),
            min(each, rounds - i * each),
            hot=hot,
            cold=_COLD,
            afresh=packing and i in _AFRESH,
        )
        left -= left / (heats - i)
        if packing and left > 0:
            left -= run.pack()
    state = run.best
    if spread > 0:
        for _ in range(_VARIANTS):
            run.anneal(
                _VARIANT_SHARE * work,
                max(1, int(_VARIANT_SHARE * rounds)),
                hot=_VARIANT_HOT,
                cold=_VARIANT_HOT,
            )
            run.keep_plan()
        state = run.draw_plan(spread, rng)
    return replace(
        _answer(problem, nodes, state),
        iterations=done + run.iterations,
        missing=(*placed.missing, *missing_of(problem, nodes, state)),
    )


def _answer(problem: Problem, nodes: Nodes, state: State) -> Answer:
    routes, pauses = nodes.steps(state)
    value = plain_value(problem, nodes, state)
    return Answer(routes=routes, pauses=pauses, value=value, iterations=0, missing=())
