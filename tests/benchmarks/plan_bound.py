"""No plan can be worth more: a bound for the route problem over options, by column generation.

The linear relaxation of "choose one route per crew; each rank (best, second best, ...) of each stop
is given once; no stop is visited twice within dwell and gap". Routes are priced by dynamic
programming over stops and a grid of time. The bound holds for every plan, because it only relaxes:
minutes are cut to the grid; a route remembers its last few stops only, and forgets more where too
many ways of getting somewhere would have to be kept; between routes the gap is asked for in windows
that begin every half an hour. The figure is Lagrangian: it holds for any duals, whether or not the
column generation has come to its end.

Duals are found by a proximal bundle method: the next ones minimise what the routes so far tell of
the bound, plus the squared distance from the best duals so far.

Crews must be alike, without breaks and fixed visits, and a stop's options alike but for their hour
and value.

References
----------
Kiwiel, K. C. (1990). Proximity control in bundle methods for convex nondifferentiable minimization.
Mathematical Programming 46.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numba
import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from riskmiljo.patrol.options import Problem

WINDOW_EVERY_MIN = 30.0
NEVER = -1e18
ROOM = 12_000_000
# Where there are more routes than so many, those are forgotten that have been far from use for so
# many rounds: below the best by more than this share of the best route.
MOST_ROUTES = 4000
USED_WITHIN = 15
NEAR_USE = 0.02
# How far duals go at first, as a share of a stop's best value; when to call a step a good one or a
# very good one, as shares of what was hoped for; and what the reach is multiplied by then.
REACH = 0.3
GOOD, VERY_GOOD = 0.1, 0.5
LONGER, SHORTER = 1.2, 0.85
PATIENCE = 6
# How exactly the next duals are looked for: exchanges of weight, and a share of the best route.
MOST_EXCHANGES = 1000
EXACT = 1e-4


class Grain(NamedTuple):
    """How coarse the relaxation is: minutes of the grid, stops remembered, labels kept."""

    step: float
    remembered: int
    labels: int


COARSE = Grain(0.25, 4, 8)
FINE = (Grain(0.1, 6, 24), Grain(0.05, 6, 24))


@numba.njit(cache=True)
def shifted(raw, way, push, most, slope, enough):
    """How much weight goes from one route to another: Newton's method, between 0 and most."""
    low, high, delta = 0.0, most, 0.0
    for _ in range(20):
        rest, bend = slope, 1e-12
        for i in range(len(raw)):
            x = raw[i] + push * delta * way[i]
            if way[i] != 0.0 and x > 0:
                rest -= way[i] * x
                bend += push * way[i] * way[i]
        if abs(rest) < enough:
            break
        if rest > 0:
            low = delta
        else:
            high = delta
        new = delta + rest / bend
        if not low <= new <= high:
            new = high if rest > 0 else (low + high) / 2
        if new == delta:
            break
        delta = new
    return delta


@numba.njit(cache=True)
def next_duals(  # noqa: C901 - one compiled loop
    indptr, indices, data, worth, centre, rhs, push, share, enough
):
    """Least of the model plus squared distance from the centre, by exchanges between two routes.

    Routes are rows of a sparse table without the crews' row; share holds their weights, which sum
    to the crews, and is changed.
    """
    raw = centre - push * rhs
    for r in np.flatnonzero(share > 0):
        for k in range(indptr[r], indptr[r + 1]):
            raw[indices[k]] += push * share[r] * data[k]
    gain = np.empty(len(worth))
    way = np.zeros(len(centre))
    for _ in range(MOST_EXCHANGES):
        up, down = -1, -1
        for r in range(len(worth)):
            gain[r] = worth[r]
            for k in range(indptr[r], indptr[r + 1]):
                gain[r] -= data[k] * max(raw[indices[k]], 0.0)
            if up < 0 or gain[r] > gain[up]:
                up = r
            if share[r] > 0 and (down < 0 or gain[r] < gain[down]):
                down = r
        if gain[up] - gain[down] < enough:
            break
        way[:] = 0.0
        for k in range(indptr[up], indptr[up + 1]):
            way[indices[k]] += data[k]
        for k in range(indptr[down], indptr[down + 1]):
            way[indices[k]] -= data[k]
        delta = shifted(raw, way, push, share[down], worth[up] - worth[down], 0.01 * enough)
        share[up] += delta
        share[down] = max(share[down] - delta, 0.0)
        raw += push * delta * way
    return np.maximum(raw, 0.0)


@numba.njit(cache=True)
def dominates(value, gone, until, a, b, t):
    """Whether label a is worth as much as b and forbids no more."""
    if value[a] < value[b]:
        return False
    for i in range(gone.shape[1]):
        stop = gone[a, i]
        if stop < 0 or until[a, i] <= t:
            continue
        found = False
        for j in range(gone.shape[1]):
            if gone[b, j] == stop and until[b, j] >= until[a, i]:
                found = True
        if not found:
            return False
    return True


@numba.njit(cache=True)
def keep(front, sizes, fresh, s, label, value, gone, until, t):
    """Put a label among those that wait at a stop, unless it is dominated."""
    n = sizes[s]
    for i in range(n):
        if dominates(value, gone, until, front[s, i], label, t):
            return
    k = 0
    for i in range(n):
        if not dominates(value, gone, until, label, front[s, i], t):
            front[s, k] = front[s, i]
            fresh[s, k] = fresh[s, i]
            k += 1
    if k == front.shape[1]:
        # Full: the best forgets its stops, which makes it as good as all: a relaxation.
        best = label
        for i in range(k):
            if value[front[s, i]] > value[best]:
                best = front[s, i]
        gone[best, :] = -1
        front[s, 0] = best
        fresh[s, 0] = True
        sizes[s] = 1
        return
    front[s, k] = label
    fresh[s, k] = True
    sizes[s] = k + 1


@numba.njit(cache=True)
def price(  # noqa: C901, PLR0912, PLR0915 - one compiled loop
    reward, way, first, back, apart, most, remembered, labels
):
    """Best reduced value of a route, and for each stop the best route that ends there."""
    stops, steps = reward.shape
    # Rows are filled when a label is made; the first is the route that has not begun.
    value = np.empty(most)
    gone = np.empty((most, remembered), dtype=np.int16)
    until = np.empty((most, remembered), dtype=np.int32)
    parent = np.empty(most, dtype=np.int32)
    at = np.empty(most, dtype=np.int16)
    when = np.empty(most, dtype=np.int32)
    value[0] = 0.0
    gone[0] = -1
    until[0] = 0
    parent[0] = -1
    at[0] = -1
    # Labels of visits by (step, stop): first and number. Labels of arrivals are copies.
    begin = np.zeros((steps, stops), dtype=np.int64)
    number = np.zeros((steps, stops), dtype=np.int64)
    front = np.zeros((stops, labels), dtype=np.int64)
    fresh = np.zeros((stops, labels), dtype=np.bool_)
    sizes = np.zeros(stops, dtype=np.int64)
    best_end = np.full(stops, -1, dtype=np.int64)
    used = 1
    for t in range(steps):
        for s in range(stops):
            if t > back[s]:
                continue
            if t == first[s]:
                keep(front, sizes, fresh, s, 0, value, gone, until, t)
            for p in range(stops):
                u = t - way[p, s]
                if u < 0:
                    continue
                for label in range(begin[u, p], begin[u, p] + number[u, p]):
                    # A copy, since what waits may be told to forget.
                    value[used] = value[label]
                    gone[used] = gone[label]
                    until[used] = until[label]
                    parent[used] = label
                    at[used] = -2
                    keep(front, sizes, fresh, s, used, value, gone, until, t)
                    held = False
                    for i in range(sizes[s]):
                        held = held or front[s, i] == used
                    if held:
                        used += 1
                    if used > most - 1000:
                        return 1e18, best_end, value, parent, at, when
            if reward[s, t] <= 0:
                continue
            again = t == 0 or reward[s, t] > reward[s, t - 1]
            begin[t, s] = used
            for i in range(sizes[s]):
                label = front[s, i]
                if not (fresh[s, i] or again):
                    continue
                barred = False
                for j in range(remembered):
                    if gone[label, j] == s and until[label, j] > t:
                        barred = True
                if barred:
                    continue
                fresh[s, i] = False
                v = used
                used += 1
                value[v] = value[label] + reward[s, t]
                parent[v] = label
                at[v] = s
                when[v] = t
                gone[v, 0] = s
                until[v, 0] = t + apart
                k = 1
                for j in range(remembered):
                    bars = gone[label, j] >= 0 and gone[label, j] != s and until[label, j] > t
                    if k < remembered and bars:
                        gone[v, k] = gone[label, j]
                        until[v, k] = until[label, j]
                        k += 1
                while k < remembered:
                    gone[v, k] = -1
                    k += 1
                number[t, s] += 1
                if best_end[s] < 0 or value[v] > value[best_end[s]]:
                    best_end[s] = v
    best = 0.0
    for s in range(stops):
        if best_end[s] >= 0:
            best = max(best, value[best_end[s]])
    return best, best_end, value, parent, at, when


class Master:
    """Rows, columns and duals of the restricted problem."""

    def __init__(self, problem: Problem, grain: Grain = COARSE) -> None:
        step = grain.step
        self.grain = grain
        crew = problem.crews[0]
        self.crews = len(problem.crews)
        span = crew.ends - crew.begins
        self.stops = int(problem.stop.max()) + 1
        self.steps = int(span / step) + 1
        place = np.zeros(self.stops, dtype=int)
        place[problem.stop] = problem.location
        dwell = float(problem.dwell[0])
        travel = problem.travel[crew.mode]

        def cut(minutes: np.ndarray | float) -> np.ndarray:
            return np.floor(np.asarray(minutes) / step + 1e-9).astype(np.int64)

        self.apart_min, self.gap_min = dwell + problem.gap_min, problem.gap_min
        self.apart = int(cut(self.apart_min))
        self.way = cut(dwell + travel[np.ix_(place, place)])
        np.fill_diagonal(self.way, self.apart)
        self.first = cut(travel[crew.start, place])
        self.back = cut(span - dwell - travel[place, crew.end])
        grid = crew.begins + step * np.arange(self.steps)
        self.worth = np.zeros((self.stops, self.steps))
        for i in range(len(problem.stop)):
            lo, hi = problem.opens[i] - step, problem.closes[i]
            open_now = (grid > lo + 1e-9) & (grid <= hi + 1e-9)
            s = problem.stop[i]
            self.worth[s, open_now] = np.maximum(
                self.worth[s, open_now], problem.value[i, crew.kind]
            )
        self.delta = np.array(problem.discounts)
        every = int(WINDOW_EVERY_MIN / step)
        starts = np.arange(-self.apart + every, self.steps, every)
        t = np.arange(self.steps)
        self.covers = (t[None] >= starts[:, None]) & (t[None] < starts[:, None] + self.apart)
        self.ranks = self.stops * len(self.delta)
        self.rows = self.ranks + self.stops * len(starts) + 1
        self.rhs = np.ones(self.rows)
        self.rhs[-1] = self.crews
        self.columns: dict[tuple, tuple[float, np.ndarray]] = {}

    def add(self, visits: list[tuple[int, int, int]]) -> None:
        """Add a route of (stop, step, rank)."""
        column = np.zeros(self.rows)
        column[-1] = 1
        worth = 0.0
        windows = len(self.covers)
        for s, t, k in visits:
            worth += self.delta[k] * self.worth[s, t]
            column[s * len(self.delta) + k] += 1
            low = self.ranks + s * windows
            column[low : low + windows] += self.covers[:, t]
        self.columns[tuple(sorted(visits))] = (worth, sparse.csc_array(column[:, None]))

    def table(self) -> tuple[sparse.csr_array, np.ndarray]:
        """Rows that each route of the list uses, and its worth."""
        table = sparse.hstack([column for _, column in self.columns.values()], format="csr").T
        return table.tocsr(), np.array([value for value, _ in self.columns.values()])

    def least(self) -> float:
        """Best mix of the routes so far: the relaxation's optimum is not below it."""
        table, worth = self.table()
        found = linprog(-worth, A_ub=table.T.tocsr(), b_ub=self.rhs, method="highs-ds")
        return -float(found.fun)

    def rewards(self, duals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rank = duals[: self.ranks].reshape(self.stops, -1)
        window = duals[self.ranks : -1].reshape(self.stops, -1)
        choice = self.delta[None, :, None] * self.worth[:, None, :] - rank[:, :, None]
        reward = choice.max(axis=1) - window @ self.covers
        return np.where(self.worth > 0, reward, NEVER), choice.argmax(axis=1)


def seed_columns(master: Master, problem: Problem, plan) -> None:
    """Add the routes of a plan, each visit with its rank at its stop."""
    by_stop: dict[int, list] = {}
    for route in plan.routes:
        for step in route:
            by_stop.setdefault(int(problem.stop[step.option]), []).append(step)
    rank = {}
    for steps in by_stop.values():
        order = sorted(steps, key=lambda step: -problem.value[step.option, 0])
        rank.update({id(step): k for k, step in enumerate(order)})
    begins = problem.crews[0].begins
    for route in plan.routes:
        master.add(
            [
                (
                    int(problem.stop[step.option]),
                    int((step.start - begins) / master.grain.step + 1e-6),
                    rank[id(step)],
                )
                for step in route
            ]
        )


def route_to(end, parent, at, when, rank) -> list[tuple[int, int, int]]:
    """Visits of the route that ends with a label."""
    visits = []
    while end >= 0:
        if at[end] >= 0:
            s, t = int(at[end]), int(when[end])
            visits.append((s, t, int(rank[s, t])))
        end = parent[end]
    return visits


def first_duals(master: Master) -> np.ndarray:
    """Duals to begin with: a visit is to leave its crew what its time is worth elsewhere.

    Of several worths of a minute the one that gives the lowest bound.
    """
    peak = np.maximum(master.worth.max(axis=1), 0)
    minutes = master.apart_min - master.gap_min + 3
    found = []
    for worth in np.geomspace(0.2, 5, 9) * peak.mean() / minutes / 2:
        duals = np.zeros(master.rows)
        rank = np.maximum(master.delta[None] * peak[:, None] - worth * minutes, 0)
        duals[: master.ranks] = rank.ravel()
        found.append((lagrangian(master, duals)[0], duals))
    return min(found, key=lambda pair: pair[0])[1]


def lagrangian(master: Master, duals: np.ndarray) -> tuple[float, list]:
    """Bound that some duals prove, and the best routes that end at each stop."""
    reward, rank = master.rewards(duals)
    grain = master.grain
    value, ends, _, parent, at, when = price(
        reward,
        master.way,
        master.first,
        master.back,
        master.apart,
        ROOM,
        grain.remembered,
        grain.labels,
    )
    routes = [route_to(end, parent, at, when, rank) for end in ends[ends >= 0]]
    return float(duals[:-1].sum() + master.crews * max(value, 0.0)), routes


class Bundle:
    """The best duals so far, and what is known around them."""

    def __init__(self, master: Master, problem: Problem, plans: list) -> None:
        self.master = master
        self.centre = first_duals(master)
        # A crew may stay at home.
        master.add([])
        self.share: dict[tuple, float] = {(): float(master.crews)}
        for plan in plans:
            seed_columns(master, problem, plan)
        self.best = self.ask(self.centre)
        self.push = REACH * float(np.maximum(master.worth.max(axis=1), 0).mean())
        self.used = dict.fromkeys(master.columns, 0)
        self.turn = self.waited = 0

    def ask(self, duals: np.ndarray) -> float:
        """Bound of some duals; routes that they find are kept."""
        total, routes = lagrangian(self.master, duals)
        for visits in routes:
            self.master.add(visits)
        return total

    def step(self) -> float:
        """One round; returns by how much the bound might have become less."""
        master = self.master
        table, worth = master.table()
        table.data[table.indices == master.rows - 1] = 0.0
        rhs = master.rhs.copy()
        rhs[-1] = 0.0
        names = list(master.columns)
        share = np.array([self.share.get(name, 0.0) for name in names])
        point = next_duals(
            table.indptr,
            table.indices,
            table.data,
            worth,
            self.centre * (rhs > 0),
            rhs,
            self.push,
            share,
            EXACT * worth.max(),
        )
        self.share = {
            name: weight for name, weight in zip(names, share.tolist(), strict=True) if weight > 0
        }
        gains = worth - table @ point
        hoped = self.best - float(rhs @ point) - master.crews * max(float(gains.max()), 0.0)
        near = gains.max() - NEAR_USE * worth.max()
        total = self.ask(point)
        self.turn += 1
        self.used |= {
            name: self.turn
            for name, gain in zip(names, gains.tolist(), strict=True)
            if gain > near or name in self.share
        }
        self.forget()
        self.waited = 0 if total < self.best - GOOD * hoped else self.waited + 1
        if total < self.best - VERY_GOOD * hoped:
            self.push *= LONGER
        elif self.waited and (total > self.best + 2 * hoped or self.waited % PATIENCE == 0):
            self.push *= SHORTER
        if total < self.best:
            self.best, self.centre = total, point
        return hoped

    def forget(self) -> None:
        """Forget routes of no use where there are too many."""
        columns = self.master.columns
        for name in columns:
            self.used.setdefault(name, self.turn)
        if len(columns) > MOST_ROUTES:
            self.master.columns = {
                name: column
                for name, column in columns.items()
                if name == () or name in self.share or self.used[name] > self.turn - USED_WITHIN
            }


def bound(
    problem: Problem, plans: list, *, most_rounds: int = 120, wanted: float = 0.0003
) -> tuple[float, float]:
    """Upper bound on the value of any plan, and a value that the relaxation is not below.

    plans: answers of the search, whose routes are the first columns. At the end the best duals are
    used on finer grids; the second figure is of the coarse one.
    """
    begun = time.process_time()
    bundle = Bundle(Master(problem), problem, plans)
    for turn in range(most_rounds):
        hoped = bundle.step()
        if turn % 20 == 0:
            cpu = time.process_time() - begun
            print(f"  {turn:4d} rounds, {cpu:.0f} CPU s: {bundle.best:.3f}", flush=True)
        if hoped < wanted * bundle.best:
            break
    least = bundle.master.least()
    fine = [lagrangian(Master(problem, grain), bundle.centre)[0] for grain in FINE]
    cpu = time.process_time() - begun
    print(f"  {cpu:.0f} CPU s: {bundle.best:.4f} ({least:.4f}), finer grids {fine}", flush=True)
    return min(bundle.best, *fine), least
