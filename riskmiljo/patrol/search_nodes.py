"""From a route problem to the nodes that the search works on, and from its routes to an answer."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.option_model import CrewSpec, Fixed, Problem, Rest, Step
from riskmiljo.patrol.search_arrays import Data, Floats, Ints, State, empty_state
from riskmiljo.wording import Text, decimal_text

# Room for rounding, well inside what the checker allows.
_ROUNDING: Final = 1e-7
# Stands for "no way": far beyond any shift, and harmless in sums.
_NO_WAY: Final = 1e9
_NEIGHBOURS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Nodes with what they stand for.

    Attributes
    ----------
    data
        The arrays of the search.
    option
        Of each node; -1 for pauses, starts and ends.
    pause
        Of each node, which of its crew's pauses; -1 for others.
    fixed
        The fixed visit that a node stands for.
    made
        Fixed visits that were made before their crew's planned way, as nodes.
    skeletons
        For each crew, what must be on its route, in order.
    most_visits
        How many visits a stop can have.
    """

    data: Data
    option: list[int]
    pause: list[int]
    fixed: dict[int, Fixed]
    made: list[int]
    skeletons: list[list[int]]
    most_visits: int

    def first_state(self) -> State:
        """Return the routes that hold what is fixed and nothing else."""
        from riskmiljo.patrol.search_kernels import enter, schedule  # noqa: PLC0415 - compiler

        state = empty_state(self.data, most_visits=self.most_visits)
        for node in self.made:
            fixed = self.fixed[node]
            state.starts[node] = fixed.start
            state.leaves[node] = fixed.start + fixed.dwell
            enter(self.data, state, node, fixed.crew)
        for crew, nodes in enumerate(self.skeletons):
            end = state.seq[crew, 1]
            state.seq[crew, 1 : 1 + len(nodes)] = nodes
            state.seq[crew, 1 + len(nodes)] = end
            state.size[crew] = len(nodes)
            for node in nodes:
                enter(self.data, state, node, crew)
        schedule(self.data, state)
        return state

    def alike(self) -> Ints:
        """Return a number for each crew; those that can walk each other's routes share one."""
        data = self.data
        crews = len(self.skeletons)
        known: dict[object, int] = {}
        numbers = []
        for crew, own in enumerate(self.skeletons):
            begin = len(data.loc) - 2 * crews + 2 * crew
            signs: list[object] = [int(data.mode[crew]), crew if own else -1]
            for node in (begin, begin + 1):
                signs += [int(data.loc[node]), float(data.opens[node]), float(data.closes[node])]
            signs.append(data.value[:, crew].tobytes())
            numbers.append(known.setdefault(tuple(signs), len(known)))
        return np.array(numbers, dtype=np.int64)

    def steps(
        self, state: State
    ) -> tuple[tuple[tuple[Step, ...], ...], tuple[tuple[Rest, ...], ...]]:
        """Return the visits and breaks of each crew.

        Parameters
        ----------
        state
            Routes with their times.

        Returns
        -------
        routes, pauses
            In the order of time.
        """
        data = self.data
        routes = []
        rests = []
        for crew in range(len(state.size)):
            made = [self.fixed[node] for node in self.made if self.fixed[node].crew == crew]
            route = [
                Step(f.option, f.start, f.start, f.start + f.dwell)
                for f in sorted(made, key=lambda f: f.start)
            ]
            pauses = []
            sequence = state.seq[crew, : state.size[crew] + 1].tolist()
            for before, node in itertools.pairwise(sequence):
                start, leave = float(state.starts[node]), float(state.leaves[node])
                if self.pause[node] >= 0:
                    pauses.append(Rest(self.pause[node], start, leave))
                    continue
                if node in self.fixed:
                    start = self.fixed[node].start
                    leave = start + self.fixed[node].dwell
                way = data.travel[data.mode[crew], state.at[before], data.loc[node]]
                arrive = min(float(state.leaves[before] + way), start)
                route.append(Step(self.option[node], arrive, start, leave))
            routes.append(tuple(route))
            rests.append(tuple(pauses))
        return tuple(routes), tuple(rests)


def _together(problem: Problem, fixed: Fixed, others: list[Fixed]) -> bool:
    """Tell whether a fixed visit is the second half of one that two crews make together."""
    stop = problem.stop[fixed.option]
    return any(
        other.crew != fixed.crew
        and problem.stop[other.option] == stop
        and abs(other.start - fixed.start) <= _ROUNDING
        and abs(other.dwell - fixed.dwell) <= _ROUNDING
        for other in others
    )


def lateness(
    problem: Problem, crew: CrewSpec, stations: list[tuple[int, float, float, float]]
) -> float:
    """Tell by how many minutes a route is late where it is most so.

    Parameters
    ----------
    problem
        For the travel times.
    crew
        Who.
    stations
        Location (-1 for a pause), earliest and latest start, and dwell of each, in order.

    Returns
    -------
    float
        Minutes; 0 or less for a route that can be done.
    """
    way = problem.travel[crew.mode]
    here, now, late = crew.start, crew.begins, -math.inf
    for location, opens, closes, dwell in stations:
        if location >= 0:
            now += float(way[here, location])
            here = location
        now = max(now, opens)
        late = max(late, now - closes)
        now += dwell
    return max(late, now + float(way[here, crew.end]) - crew.ends)


def _refuse_crew(crew: int, late: float) -> InvalidInputError:
    minutes = decimal_text(max(late, 0.1), 1)
    return InvalidInputError(
        Text(
            "Lag {n} hinner inte det som är låst (start, mål, raster, låsta och "
            "gemensamma besök): det saknas {m} {m:minut|minuter}. Flytta passets slut "
            "eller ta bort något.",
            "Team {n} cannot hold what is fixed (start, end, breaks, fixed and joint "
            "visits): {m} {m:minute is|minutes are} missing. Move the end of the shift, "
            "or take something out.",
        ).fill(n=crew + 1, m=minutes)
    )


def skeleton(problem: Problem, crew: int, fixed: list[Fixed]) -> list[tuple[str, int]]:
    """Order what a crew must do: its fixed visits by time, its breaks where they fit.

    Parameters
    ----------
    problem
        The route problem.
    crew
        Number of the crew.
    fixed
        Its fixed visits that are still to be made.

    Returns
    -------
    list
        ``("fixed", i)`` and ``("pause", i)`` in order.

    Raises
    ------
    InvalidInputError
        No order can be held.
    """
    spec = problem.crews[crew]
    order = sorted(range(len(fixed)), key=lambda i: fixed[i].start)
    pauses = sorted(range(len(spec.pauses)), key=lambda i: spec.pauses[i].latest)
    stations = {
        ("fixed", i): (
            int(problem.location[fixed[i].option]),
            fixed[i].start,
            fixed[i].start,
            fixed[i].dwell,
        )
        for i in order
    } | {
        ("pause", i): (-1, spec.pauses[i].earliest, spec.pauses[i].latest, spec.pauses[i].minutes)
        for i in pauses
    }
    best: list[tuple[str, int]] = []
    least = math.inf
    # Pauses keep the order of their latest starts; each lies after some number of fixed visits.
    for slots in itertools.combinations_with_replacement(range(len(order) + 1), len(pauses)):
        names: list[tuple[str, int]] = []
        for slot in range(len(order) + 1):
            names += [("pause", pauses[k]) for k, chosen in enumerate(slots) if chosen == slot]
            if slot < len(order):
                names.append(("fixed", order[slot]))
        late = lateness(problem, spec, [stations[name] for name in names])
        if late < least:
            best, least = names, late
    if least > _ROUNDING:
        raise _refuse_crew(crew, least)
    return best


def _copies(problem: Problem, option: int) -> int:
    """Tell how many times an option can be visited in its window."""
    most = len(problem.discounts)
    apart = float(problem.dwell[option]) + problem.gap_min
    width = float(problem.closes[option] - problem.opens[option])
    return most if apart <= 0 else int(min(most, 1 + width // apart))


def _within_reach(problem: Problem, option: int) -> bool:
    """Tell whether some crew could do an option if it did nothing else."""
    place = int(problem.location[option])
    for crew in problem.crews:
        way = problem.travel[crew.mode]
        start = max(crew.begins + float(way[crew.start, place]), float(problem.opens[option]))
        back = start + float(problem.dwell[option]) + float(way[place, crew.end])
        if start <= problem.closes[option] + _ROUNDING and back <= crew.ends + _ROUNDING:
            return True
    return False


def _nearest(problem: Problem, travel: Floats, stops: int) -> Ints:
    """Other stops by distance there and back; each stop is first in its own row."""
    place = np.zeros(stops, dtype=np.int64)
    place[problem.stop[::-1]] = problem.location[::-1]
    away = travel[0][np.ix_(place, place)]
    away = away + away.T
    np.fill_diagonal(away, -1.0)
    return np.argsort(away, axis=1, kind="stable")[:, :_NEIGHBOURS].astype(np.int64)


def _shortest_ways(problem: Problem, travel: Floats, place: Ints, stops: tuple[int, ...]) -> Floats:
    """Minutes that the ways to and from each node take at the very least."""
    owners: dict[int, set[tuple[str, int]]] = {}
    for node, (row, stop) in enumerate(zip(place.tolist(), stops, strict=True)):
        owner = ("node", node) if stop == -1 else ("stop", stop)
        owners.setdefault(row, set()).add(owner)
    owners.pop(-1, None)
    rows = np.array(list(owners))
    ways = travel[:, rows][:, :, rows].min(axis=0)
    alone = np.array([len(held) == 1 for held in owners.values()])
    # The way from a place to itself is gone only between two that share it, or between two visits
    # of one stop, which lie the gap apart.
    again = problem.gap_min if len(problem.discounts) > 1 else _NO_WAY
    ways[alone, alone] = again
    shortest = np.zeros(travel.shape[1])
    shortest[rows] = ways.min(axis=0) + ways.min(axis=1)
    return np.where(place < 0, 0.0, shortest[place])


@dataclass(slots=True)
class _Table:
    """Nodes as they are gathered."""

    crews: int
    rows: list[tuple[int, float, float, float, int, bool]] = field(default_factory=list)
    option: list[int] = field(default_factory=list)
    pause: list[int] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    again: list[bool] = field(default_factory=list)

    def add(
        self,
        location: int,
        times: tuple[float, float, float],
        *,
        worth: Floats | None = None,
        stop: int = -1,
        option: int = -1,
        pause: int = -1,
        free: bool = False,
        again: bool = False,
    ) -> int:
        """Add a node with its opening, closing and dwell; returns its number."""
        self.rows.append((location, *times, stop, free))
        self.option.append(option)
        self.pause.append(pause)
        self.again.append(again)
        self.values.append(np.zeros(self.crews) if worth is None else worth)
        return len(self.rows) - 1


def _add_options(table: _Table, problem: Problem, kinds: list[int]) -> None:
    pinned = set(problem.pinned)
    for i, stop in enumerate(problem.stop.tolist()):
        worth = problem.value[i, kinds]
        if (worth.max() <= 0 and stop not in pinned) or not _within_reach(problem, i):
            continue
        times = (float(problem.opens[i]), float(problem.closes[i]), float(problem.dwell[i]))
        place = int(problem.location[i])
        for k in range(_copies(problem, i)):
            table.add(place, times, worth=worth, stop=stop, option=i, free=True, again=k > 0)


def _add_fixed(
    table: _Table, problem: Problem, fixed: tuple[Fixed, ...], kinds: list[int]
) -> dict[int, Fixed]:
    """Add fixed visits; of those that crews make together, the first bears stop and value."""
    nodes: dict[int, Fixed] = {}
    for k, entry in enumerate(fixed):
        place = int(problem.location[entry.option])
        times = (entry.start, entry.start + _ROUNDING, entry.dwell)
        if _together(problem, entry, list(fixed[:k])):
            node = table.add(place, times, option=entry.option)
        else:
            group = [entry, *(f for f in fixed[k + 1 :] if _together(problem, entry, [f]))]
            best = max(float(problem.value[f.option, kinds[f.crew]]) for f in group)
            node = table.add(
                place,
                times,
                worth=np.full(len(kinds), best),
                stop=int(problem.stop[entry.option]),
                option=entry.option,
            )
        nodes[node] = entry
    return nodes


def make_nodes(problem: Problem, fixed: tuple[Fixed, ...]) -> Nodes:
    """Lay a problem out for the search.

    Parameters
    ----------
    problem
        The route problem; its own ``fixed`` and ``joint`` are not looked at.
    fixed
        All visits that are fixed, among them the two halves of each joint visit.

    Returns
    -------
    Nodes
        Arrays, and what each node stands for.

    Raises
    ------
    InvalidInputError
        A crew cannot hold what is fixed for it.
    """
    crews = problem.crews
    kinds = [crew.kind for crew in crews]
    table = _Table(len(crews))
    _add_options(table, problem, kinds)
    of_fixed = _add_fixed(table, problem, fixed, kinds)
    made = [node for node, f in of_fixed.items() if f.start < crews[f.crew].begins]
    skeletons = []
    for number, crew in enumerate(crews):
        own = [node for node, f in of_fixed.items() if f.crew == number and node not in made]
        rests = [
            table.add(-1, (rest.earliest, rest.latest + _ROUNDING, rest.minutes), pause=i)
            for i, rest in enumerate(crew.pauses)
        ]
        order = skeleton(problem, number, [of_fixed[node] for node in own])
        skeletons.append([own[i] if what == "fixed" else rests[i] for what, i in order])
    for crew in crews:
        table.add(crew.start, (crew.begins, crew.begins, 0.0))
        table.add(crew.end, (crew.begins, crew.ends + _ROUNDING, 0.0))
    travel = np.ascontiguousarray(np.minimum(problem.travel, _NO_WAY), dtype=np.float64)
    stops = int(problem.stop.max(initial=-1)) + 1
    bonus = np.zeros(max(stops, 1))
    # More than all else together: a pinned stop is left only where it does not fit.
    bonus[list(problem.pinned)] = 1.0 + float(problem.value.max(initial=0.0)) * len(table.rows)
    columns = list(zip(*table.rows, strict=True))
    place = np.array(columns[0], dtype=np.int64)
    dwell = np.array(columns[3], dtype=np.float64)
    data = Data(
        travel=travel,
        mode=np.array([crew.mode for crew in crews], dtype=np.int64),
        loc=place,
        opens=np.array(columns[1], dtype=np.float64),
        closes=np.array(columns[2], dtype=np.float64),
        dwell=dwell,
        value=np.ascontiguousarray(np.stack(table.values), dtype=np.float64),
        stop=np.array(columns[4], dtype=np.int64),
        again=np.array(table.again, dtype=np.bool_),
        free=np.array(columns[5], dtype=np.bool_),
        least=dwell + _shortest_ways(problem, travel, place, columns[4]),
        discounts=np.array(problem.discounts, dtype=np.float64),
        gap=np.array([problem.gap_min], dtype=np.float64),
        bonus=bonus,
        near=_nearest(problem, travel, stops) if stops else np.zeros((1, 0), dtype=np.int64),
    )
    return Nodes(
        data=data,
        option=table.option,
        pause=table.pause,
        fixed=of_fixed,
        made=made,
        skeletons=skeletons,
        most_visits=len(problem.discounts) + len(fixed),
    )
