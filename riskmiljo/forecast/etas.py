"""A self-exciting point process: a standing background, and incidents that trigger others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage, spatial

from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.etas_contrast import Triggers, contrasted, weight_of
from riskmiljo.forecast.ground import Ground
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

Ints = npt.NDArray[np.int64]

_CELLS_A_SIGMA: Final = 2.0
_MOST_FIELD_CELLS: Final = 2_000_000
_REACH: Final = 4.0
_TRIAL_ROUNDS: Final = 15
_SHUFFLED_ROUNDS: Final = 25
_LEAST_ABOVE_CHANCE: Final = 0.03
# Finer than police coordinates are true would take triggering for background.
_BANDWIDTHS_M: Final = (100.0, 150.0, 225.0, 340.0, 500.0)
_CONVERGED: Final = 5e-4
# Triggering is looked for within these; a denser record has the limits drawn in.
_FARTHEST_M: Final = 1_000.0
_LONGEST_DAYS: Final = 180.0
# Below this many incidents a triggering kernel cannot be told from the background.
_FEWEST: Final = 50
# The number of pairs is reckoned from so many incidents.
_SAMPLED: Final = 1_000
_SHORTEST_DAYS, _SHORTEST_M = 0.02, 5.0
_BACKGROUND_FLOOR: Final = 0.01
# Rounds in which the background settles where triggering is given.
_SETTLING_ROUNDS: Final = 10
# The contrast begins anew from what it found, each time with other moments and places. What the
# draws add to the error of one pass is as large as the record's own: after the first passes, which
# find the reach, the mean of all is taken.
_PASSES: Final = 8
_FIRST_PASSES: Final = 2
_MOST_MISSED: Final = 2
# Of an exponential wait, 95 % is over after three means.
_FAMILY_DECAYS: Final = 3.0
_PARTS_KEPT: Final = 3
_NO_OFFSPRING: Final = 1e-6
_MOST_BRANCHING: Final = 0.99
# Branching, decay a day and variance in m² that the fit begins from.
_START: Final = (0.3, 1 / 14.0, 100.0**2)


class ETAS(Forecaster):
    """Background, fixed in time and smooth in space, plus offspring near in place and time.

    The rate at place x and time t is μ(x) + Σ θ ω exp(−ω(t − t_j)) N(x; x_j, σ²) over earlier
    incidents j, fitted by expectation maximisation with the background as a kernel density of
    the incidents weighted by the probability that nothing triggered them.

    Parameters
    ----------
    bandwidth_m
        Standard deviation of the background's kernel, metres; None takes, of five from 100 to
        500 m, the one under which the incidents are likeliest, each foretold by the others.
    half_life_days
        The age at which an incident counts half in the background of the forecast; the fit itself
        takes all alike.
    most_pairs
        Pairs of incidents looked at; with more, only the nearer ones in place and time are.
    most_rounds
        Rounds of expectation maximisation at most.
    shuffles
        Records with the times shuffled among the places, in which nothing triggers anything: a
        branching that does not exceed what is found in them by 0.03 is chance, and is set to
        nought. 0 takes what is found as it is.
    controls
        Moments drawn for each incident in each pass of the contrast; 0 leaves it out, which is
        faster, and good enough for a forecast.
    seed
        For the shuffles and the moments.

    Attributes
    ----------
    branching_
        θ, offspring an incident; 0 where it cannot be told from chance.
    decay_days_
        1/ω, mean time to an offspring, days.
    spread_m_
        σ, standard deviation of an offspring's place along each axis, metres.
    background_share_
        Share of the incidents that nothing triggered.
    bandwidth_m_
        The bandwidth used, metres.
    contrast_weight_
        How much of the parameters (their logarithms) comes of the contrast, 0 to 1; 0 too where
        it has no solution near that of the likelihood, and of units that are no cells.
    rounds_
        Rounds of expectation maximisation.

    References
    ----------
    Mohler, G. O., Short, M. B., Brantingham, P. J., Schoenberg, F. P. and Tita, G. E. (2011).
    Self-exciting point process modeling of crime.
    Mohler, G. O. et al. (2015). Randomized controlled field trials of predictive policing.
    Zhuang, J., Ogata, Y. and Vere-Jones, D. (2002). Stochastic declustering of space-time
    earthquake occurrences.
    """

    name: ClassVar[str] = "etas"
    label: ClassVar[Text] = Text("självförstärkande process (ETAS)", "self-exciting process (ETAS)")

    branching_: float
    decay_days_: float
    spread_m_: float
    background_share_: float
    bandwidth_m_: float
    contrast_weight_: float
    rounds_: int
    background_: Floats
    shape_: Floats

    def __init__(
        self,
        *,
        bandwidth_m: float | None = None,
        half_life_days: float = 730.0,
        most_pairs: int = 1_000_000,
        most_rounds: int = 120,
        shuffles: int = 2,
        controls: int = 1,
        seed: int = 0,
    ) -> None:
        self.bandwidth_m = bandwidth_m
        self.half_life_days = half_life_days
        self.most_pairs = most_pairs
        self.most_rounds = most_rounds
        self.shuffles = shuffles
        self.controls = controls
        self.seed = seed

    def _learn(self, history: History) -> None:
        self.branching_, self.decay_days_, self.spread_m_, self.rounds_ = 0.0, 14.0, 100.0, 0
        self.bandwidth_m_ = self.bandwidth_m or _BANDWIDTHS_M[1]
        self.contrast_weight_ = 0.0
        spontaneous = np.ones(len(history.unit))
        if len(history.unit) >= _FEWEST:
            pairs = _pairs_within(history, self.most_pairs)
            if len(pairs.later):
                spontaneous = self._fit_triggering(history, pairs)
        self.background_share_ = float(spontaneous.mean()) if len(spontaneous) else 1.0
        weights = spontaneous * history.weights(self.half_life_days)
        spread = history.units.spread(history.xy, weights, self.bandwidth_m_)
        self.background_ = spread / history.exposure(self.half_life_days)
        self.shape_ = history.units.neighbourhood(spread, self.bandwidth_m_) + 0.5

    def _fit_triggering(self, history: History, pairs: _Pairs) -> Floats:
        ground = Ground(history)
        if self.bandwidth_m is None:
            trials = [
                (_maximise(history, pairs, ground, wide, _TRIAL_ROUNDS).likelihood, wide)
                for wide in _BANDWIDTHS_M
            ]
            self.bandwidth_m_ = max(trials)[1]
        fitted = _maximise(history, pairs, ground, self.bandwidth_m_, self.most_rounds)
        self.rounds_ = fitted.rounds
        if self._is_chance(history, ground, fitted):
            return np.ones(len(history.unit))
        settled = _Settled(history, pairs, _Background(history, pairs, self.bandwidth_m_, ground))
        found = self._contrast(settled, fitted)
        self.branching_, self.decay_days_ = found.branching, found.decay_days
        self.spread_m_ = found.spread_m
        return fitted.spontaneous if self.contrast_weight_ == 0 else settled.spontaneous(found)

    def _contrast(self, settled: _Settled, fitted: _Triggering) -> Triggers:
        """Set the parameters by the contrast, as far as the record is long enough for it."""
        likeliest = Triggers(fitted.branching, fitted.decay_days, fitted.spread_m)
        history, found = settled.history, likeliest
        if self.controls == 0 or history.units.grid is None or fitted.branching <= 0:
            return likeliest
        late: list[Floats] = []
        missed = 0
        for again in range(_PASSES):
            if weight_of(found, history.days) == 0 or missed == _MOST_MISSED:
                break
            chance = np.random.default_rng([self.seed, again])
            better = contrasted(
                history, found, settled.rates, around=settled.around(chance),
                controls=self.controls, most_pairs=self.most_pairs, rng=chance,
            )  # fmt: skip
            if better is None:
                missed += 1
                continue
            if again >= _FIRST_PASSES:
                late.append(better.logs)
            found = Triggers.of(np.mean(late, axis=0)) if late else better
        if found is likeliest:
            return likeliest
        self.contrast_weight_ = weight = min(
            weight_of(each, history.days) for each in (found, likeliest)
        )
        logs = weight * found.logs + (1 - weight) * likeliest.logs
        return Triggers.of(logs)

    def _is_chance(self, history: History, ground: Ground, fitted: _Triggering) -> bool:
        """Tell whether as much is found where times are shuffled, by the same decay and spread."""
        chance = np.random.default_rng(self.seed)
        for _ in range(self.shuffles):
            ages = chance.permutation(history.age_days)
            order = np.argsort(-ages, kind="stable")
            shuffled = History(
                history.units, history.now, history.unit[order], history.xy[order], ages[order],
                row=history.row[order],
            )  # fmt: skip
            pairs = _pairs_within(shuffled, self.most_pairs)
            found = _maximise(
                shuffled, pairs, ground.ordered(order), self.bandwidth_m_, _SHUFFLED_ROUNDS, fitted
            )
            if fitted.branching <= found.branching + _LEAST_ABOVE_CHANCE:
                return True
        return False

    def _expect(self, period: Period) -> Prediction:
        history, theta, omega = self.history_, self.branching_, 1 / self.decay_days_
        start = (period.start - history.now).total_seconds() / 86_400
        end = start + period.days
        # Offspring have offspring: all generations together fade by ω(1 − θ).
        slow = omega * (1 - theta)
        fading = (np.exp(-slow * start) - np.exp(-slow * end)) / slow
        background = self.background_ * (period.days + theta / (1 - theta) * (period.days - fading))
        # Only what is still to come of each incident, and the offspring of that: what it led to
        # before now stands in the record itself.
        due = theta * omega * np.exp(-omega * history.age_days) * fading
        used = due > 1e-9  # noqa: PLR2004 - the rest adds nothing
        # Rounded, so that the kernels that the units keep are few.
        wide = max(10.0, round(self.spread_m_, -1))
        expected = background + history.units.spread(history.xy[used], due[used], wide)
        return Prediction(expected, self.shape_)


@dataclass(frozen=True, slots=True)
class _Triggering:
    branching: float
    decay_days: float
    spread_m: float
    spontaneous: Floats
    likelihood: float
    rounds: int


def _maximise(
    history: History,
    pairs: _Pairs,
    ground: Ground,
    bandwidth_m: float,
    rounds: int,
    held: _Triggering | None = None,
) -> _Triggering:
    """Fit all three; or, of one that is held, only the branching by its decay and spread."""
    n = len(history.unit)
    left = np.minimum(history.age_days, pairs.longest_days)
    background_of = _Background(history, pairs, bandwidth_m, ground)
    theta, omega, variance = _START
    if held is not None:
        theta, omega, variance = held.branching, 1 / held.decay_days, held.spread_m**2
    spontaneous = np.full(n, 1 - theta)
    done = 0
    for done in range(1, rounds + 1):  # noqa: B007 - how many it took is part of the result
        background = background_of(spontaneous, 1 / omega)
        kernel = np.exp(-omega * pairs.days - pairs.m2 / (2 * variance))
        kernel *= theta * omega / (2 * np.pi * variance)
        rate = background + np.bincount(pairs.later, kernel, n)
        triggered = kernel / rate[pairs.later]
        spontaneous = background / rate
        offspring = float(triggered.sum())
        if offspring < _NO_OFFSPRING * n:
            theta = 0.0
            break
        before = theta, omega, variance
        # What would come after now, or outside the study area, is not seen: the sums leave it out.
        unseen = np.exp(-omega * left)
        inside, outside_m2 = ground.seen(variance)
        theta = min(offspring / float(inside @ (1 - unseen)), _MOST_BRANCHING)
        if held is not None:
            continue
        waited = float(triggered @ pairs.days) + theta * float(inside @ (left * unseen))
        omega = min(offspring / waited, 1 / _SHORTEST_DAYS)
        gone = theta * (1 - unseen)
        m2 = float(triggered @ pairs.m2) + float(gone @ outside_m2)
        variance = max(m2 / (2 * (offspring + float(gone @ (1 - inside)))), _SHORTEST_M**2)
        moved = abs(theta - before[0]), abs(omega / before[1] - 1), abs(variance / before[2] - 1)
        if max(moved) < _CONVERGED:
            break
    # At its maximum the expected number equals the number seen: only this part differs.
    likelihood = float(np.log(rate).sum())
    decay_days, spread_m = 1 / omega, float(np.sqrt(variance))
    return _Triggering(theta, decay_days, spread_m, spontaneous, likelihood, done)


@dataclass(frozen=True, slots=True)
class _Settled:
    """The background that belongs to given triggering."""

    history: History
    pairs: _Pairs
    background: _Background

    def spontaneous(self, triggers: Triggers) -> Floats:
        """Return the probability of each incident that nothing triggered it."""
        return self._settle(triggers)[0]

    def rates(self, triggers: Triggers, places: Floats) -> tuple[Floats, Floats]:
        """Return the background's rate at the incidents and at places."""
        spontaneous, here = self._settle(triggers)
        return here, self.background.elsewhere(spontaneous, places)

    def around(self, chance: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw places near the incidents, and the area that each stands for."""
        xy, wide = self.history.xy, self.background.bandwidth_m
        places = xy + wide * chance.normal(size=xy.shape)
        places = places[self.history.units.locate(places) >= 0]
        return places, 1 / self.background.drawn(places)

    def _settle(self, triggers: Triggers) -> tuple[Floats, Floats]:
        n, pairs, variance = len(self.history.unit), self.pairs, triggers.spread_m**2
        kernel = np.exp(-pairs.days / triggers.decay_days - pairs.m2 / (2 * variance))
        kernel *= triggers.branching / triggers.decay_days / (2 * np.pi * variance)
        triggered = np.bincount(pairs.later, kernel, n)
        spontaneous = np.full(n, 1 - triggers.branching)
        for _ in range(_SETTLING_ROUNDS):
            here = self.background(spontaneous, triggers.decay_days)
            spontaneous = here / (here + triggered)
        return spontaneous, here


@dataclass(frozen=True, slots=True)
class _Pairs:
    earlier: Ints
    later: Ints
    days: Floats
    m2: Floats
    soonest_first: Ints
    longest_days: float
    farthest_m: float


def _pairs_within(history: History, most: int) -> _Pairs:
    farthest, longest = _FARTHEST_M, min(_LONGEST_DAYS, max(history.days, 1.0))
    xyt = np.column_stack([history.xy, -history.age_days])
    every = max(1, len(xyt) // _SAMPLED)
    while True:
        tree = spatial.cKDTree(xyt / (farthest, farthest, longest))
        near = tree.query_ball_point(tree.data[::every], 1.0, p=np.inf, return_length=True)
        count = (float(np.mean(near)) - 1) * len(xyt) / 2
        if count <= most:
            break
        # The number of pairs goes as the volume looked through.
        shrink = min(0.9, (0.9 * most / count) ** (1 / 3))
        farthest, longest = farthest * shrink, longest * shrink
    pairs = tree.query_pairs(1.0, p=np.inf, output_type="ndarray")
    # Incidents stand in order of time: the second of a pair is the later.
    earlier, later = pairs[:, 0], pairs[:, 1]
    days = history.age_days[earlier] - history.age_days[later]
    m2 = ((history.xy[earlier] - history.xy[later]) ** 2).sum(axis=1)
    used = (days > 0) & (m2 <= farthest**2)
    order = np.argsort(later[used], kind="stable")
    days = days[used][order]
    return _Pairs(
        earlier[used][order], later[used][order], days, m2[used][order],
        np.argsort(days, kind="stable"), longest, farthest,
    )  # fmt: skip


class _Background:
    """The background's rate where the incidents are, each foretold by the others.

    What happened shortly before or after an incident near it may be of its own family, which would
    pass for background: those incidents are left out, and so is their time. The wider the family
    is spread in time, the less can be left out, and past a third of the record nothing is.
    """

    def __init__(self, history: History, pairs: _Pairs, bandwidth_m: float, ground: Ground) -> None:
        west, south = history.xy.min(axis=0) - _REACH * bandwidth_m
        east, north = history.xy.max(axis=0) + _REACH * bandwidth_m
        cell_m = max(
            bandwidth_m / _CELLS_A_SIGMA,
            float(np.sqrt((east - west) * (north - south) / _MOST_FIELD_CELLS)),
        )
        rows, columns = (int(np.ceil(side / cell_m)) for side in (north - south, east - west))
        self.shape, self.cell_m, self.corner_m = (rows, columns), cell_m, (west, south)
        self.bandwidth_m, self.ground = bandwidth_m, ground
        self.history, self.pairs = history, pairs
        self.at = ((history.xy - (west, south)) / cell_m - 0.5).T[::-1]
        # Each incident is shared out over the four nearest nodes, which widens the kernel a
        # little; the filter is made narrower by as much.
        self.corner = np.floor(self.at).astype(np.int64)
        self.beyond = self.at - self.corner
        self.sigma_cells = float(np.sqrt(max((bandwidth_m / cell_m) ** 2 - 1 / 6, 0.25)))
        self.own = 1 / (2 * np.pi * bandwidth_m**2)
        # Those within any time of each other are then the first of them.
        soonest = pairs.soonest_first
        self.first, self.second = pairs.earlier[soonest], pairs.later[soonest]
        self.apart_days = pairs.days[soonest]
        self.kernel = self.own * np.exp(-pairs.m2[soonest] / (2 * bandwidth_m**2))
        # Farther than the pairs are looked for nothing is left out.
        self.within_pairs = 1 - float(np.exp(-(pairs.farthest_m**2) / (2 * bandwidth_m**2)))
        on_cells = history.units.grid is not None
        self.area_m2 = history.units.area * 1e4 if on_cells else rows * columns * cell_m**2
        self.observed = history.exposure()
        self.inside, self.kept = ground.border(bandwidth_m)

    def __call__(self, spontaneous: Floats, decay_days: float) -> Floats:
        n, pairs = len(spontaneous), self.pairs
        field = ndimage.gaussian_filter(
            self._binned(spontaneous), self.sigma_cells, mode="constant", truncate=_REACH
        )
        others = ndimage.map_coordinates(field, self.at, order=3, mode="nearest") / self.cell_m**2
        others -= self.own * spontaneous
        family = min(_FAMILY_DECAYS * decay_days, pairs.longest_days)
        family = max(min(family, self.observed / _PARTS_KEPT - _FAMILY_DECAYS * decay_days), 0.0)
        near = slice(int(np.searchsorted(self.apart_days, family)))
        first, second, kernel = self.first[near], self.second[near], self.kernel[near]
        others -= np.bincount(second, kernel * spontaneous[first], n)
        others -= np.bincount(first, kernel * spontaneous[second], n)
        others *= spontaneous.sum() / float(spontaneous @ self.kept) / self.inside
        age = self.history.age_days
        left_out = np.minimum(age, family) + np.minimum(age[0] - age, family)
        days = self.observed - self.within_pairs * left_out
        # An incident far from all others is still background: a hundredth lies anywhere.
        anywhere = _BACKGROUND_FLOOR * spontaneous.sum() / self.area_m2
        rate = (1 - _BACKGROUND_FLOOR) * np.maximum(others, 0.0) + anywhere
        return np.asarray(rate / np.maximum(days, self.observed / 4), dtype=float)

    def elsewhere(self, spontaneous: Floats, xy: Floats) -> Floats:
        """Return the same rate at other places, by all incidents."""
        corrected = self._summed(spontaneous, xy) / self.ground.inside_at(xy, self.bandwidth_m)
        corrected *= (1 - _BACKGROUND_FLOOR) * spontaneous.sum() / float(spontaneous @ self.kept)
        anywhere = _BACKGROUND_FLOOR * spontaneous.sum() / self.area_m2
        return np.asarray((corrected + anywhere) / self.observed, dtype=float)

    def drawn(self, xy: Floats) -> Floats:
        """Return how densely places lie that are drawn around all incidents by the kernel."""
        return np.maximum(self._summed(np.ones(len(self.history.unit)), xy), self.own * 1e-3)

    def _summed(self, weights: Floats, xy: Floats) -> Floats:
        at = ((xy - self.corner_m) / self.cell_m - 0.5).T[::-1]
        field = ndimage.gaussian_filter(
            self._binned(weights), self.sigma_cells, mode="constant", truncate=_REACH
        )
        read = ndimage.map_coordinates(field, at, order=1, mode="nearest") / self.cell_m**2
        return np.asarray(np.maximum(read, 0.0), dtype=float)

    def _binned(self, weights: Floats) -> Floats:
        rows, columns = self.shape
        binned = np.zeros(rows * columns)
        for up in (0, 1):
            for across in (0, 1):
                row, column = self.corner[0] + up, self.corner[1] + across
                part = np.where(up, self.beyond[0], 1 - self.beyond[0])
                part = part * np.where(across, self.beyond[1], 1 - self.beyond[1])
                binned += np.bincount(row * columns + column, part * weights, rows * columns)
        return binned.reshape(rows, columns)
