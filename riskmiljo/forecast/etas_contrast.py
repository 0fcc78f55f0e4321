"""Triggering told from a background that is not known: what comes soon, against any other time.

A background that is estimated from the incidents themselves is never quite right, and what it
misses passes for triggering. But it misses as much at any time. Here each incident is held against
moments drawn from those of all incidents, at the same place but far outside its own family: what
its rate owes to earlier incidents then, beyond what it owes to them now, is triggering and nothing
else. In the mean an error of the background cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, spatial

from riskmiljo.forecast.record import History

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# The background's rate at the incidents, and at any places, under some parameters.
Backgrounds = Callable[["Triggers", Floats], tuple[Floats, Floats]]

# An incident is looked for the offspring of within so many spreads, and so many mean waits.
_REACH_SPREADS: Final = 5.0
_REACH_DECAYS: Final = 6.0
# A family has died out after so many of its own decay times; of less than the latter it has not.
_FAMILY: Final = 5.0
_STILL_FAMILY: Final = 3.5
_NO_FAMILY: Final = 4.5
_LONGEST_PART: Final = 0.25
_MOST_TRIES: Final = 30
# Further than this (in logarithms) from where it began it has not found what it was looking for.
_FARTHEST: Final = 1.2
_SAMPLED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Triggers:
    """The three parameters of triggering.

    Parameters
    ----------
    branching
        Offspring an incident.
    decay_days
        Mean time to an offspring, days.
    spread_m
        Standard deviation of its place along each axis, metres.
    """

    branching: float
    decay_days: float
    spread_m: float

    @classmethod
    def of(cls, logs: Floats) -> Triggers:
        """Return those with the given logarithms, shape (3,)."""
        return cls(*(float(value) for value in np.exp(logs)))

    @property
    def family_days(self) -> float:
        """The time in which a whole family, all generations, fades to 37 %."""
        return self.decay_days / (1 - self.branching)

    @property
    def logs(self) -> Floats:
        """Their logarithms, shape (3,)."""
        return np.log([self.branching, self.decay_days, self.spread_m])


@dataclass(frozen=True, slots=True)
class _Near:
    """Earlier incidents near some places and moments."""

    place: Ints
    days: Floats
    m2: Floats
    count: int

    def triggered(self, logs: Floats) -> Floats:
        """Return the triggered rate, and what it changes by with ω and σ², shape (3, count)."""
        branching, omega, variance = np.exp(logs[0]), np.exp(-logs[1]), np.exp(2 * logs[2])
        waited, away = omega * self.days, self.m2 / (2 * variance)
        kernel = branching * omega / (2 * np.pi * variance) * np.exp(-waited - away)
        parts = (kernel, kernel * (1 - waited), kernel * (away - 1))
        return np.array([np.bincount(self.place, part, self.count) for part in parts])


def weight_of(fitted: Triggers, days: float) -> float:
    """Tell how far a record is long enough to find moments outside an incident's family.

    Parameters
    ----------
    fitted
        Triggering as it was fitted.
    days
        Length of the record, days.

    Returns
    -------
    float
        1 where a quarter of the record is 4.5 times a family's decay or more, 0 where it is 3.5
        times that or less.
    """
    times = _LONGEST_PART * days / fitted.family_days
    return float(np.clip((times - _STILL_FAMILY) / (_NO_FAMILY - _STILL_FAMILY), 0.0, 1.0))


def contrasted(
    history: History,
    fitted: Triggers,
    backgrounds: Backgrounds,
    *,
    around: tuple[Floats, Floats],
    controls: int,
    most_pairs: int,
    rng: np.random.Generator,
) -> Triggers | None:
    """Estimate triggering by what each incident's moment has beyond other moments at its place.

    Parameters
    ----------
    history
        The incidents, on the cells of a grid.
    fitted
        Where to begin, and what the background is taken for.
    backgrounds
        Gives the background's rate (a day and m²) at the incidents and at places, under given
        parameters; an error of it that lasts changes the result in the second order only.
    around
        Places drawn around the incidents, shape (m, 2), metres, and the share of the area that
        each stands for, m²: sums over them are integrals over the area.
    controls
        Moments drawn for each incident.
    most_pairs
        Pairs of incidents looked at; with more, only some incidents are.
    rng
        Source of chance.

    Returns
    -------
    Triggers or None
        None where the equations have no solution near the beginning.

    Notes
    -----
    With φ the rate that earlier incidents trigger, μ the background, s = ∂φ/(μ + φ) its score, t
    an incident's moment and u one outside its family, Σ s(x, t) - s(x, u) over the incidents is
    set equal to its expectation, ∫∫ φ(x, t) (s(x, t) - s(x, u)) dx dt, in which no background
    stands: a rate at x that is the same at t and u adds nothing to either side. Each pair (t, u)
    counts alike, so that no part of the record counts more on one side than on the other.

    References
    ----------
    Bickel, P., Klaassen, C., Ritov, Y. and Wellner, J. (1993). Efficient and Adaptive Estimation
    for Semiparametric Models.
    Waagepetersen, R. and Guan, Y. (2009). Two-step estimation for inhomogeneous spatial point
    processes.
    """
    length, moments = history.days, history.days - history.age_days
    look = _Lookup(history.xy, moments, fitted)
    every = look.thinning(most_pairs)
    own, moment = history.xy[::every], moments[::every]
    apart = min(_FAMILY * fitted.family_days + 2 * fitted.decay_days, _LONGEST_PART * length)
    places, standing = around[0][::every], around[1][::every] * len(around[0])
    standing = standing / len(places)
    others = _Others(moments, apart, length, rng)
    cases = look.near(own, moment)
    _, case_weight = others.draw(moment, rng)
    held = [look.near(own, others.draw(moment, rng)[0]) for _ in range(controls)]
    at = rng.uniform(0, length, len(places))
    then, place_weight = others.draw(at, rng)
    now_there, then_there = look.near(places, at), look.near(places, then)
    place_weight = place_weight * standing * length

    def unbalanced(logs: Floats, here: Floats, there: Floats) -> Floats:
        found = _scores(cases, logs, here)[1] @ case_weight
        for one in held:
            found = found - _scores(one, logs, here)[1] @ case_weight / controls
        rate, score = _scores(now_there, logs, there)
        expected = (score - _scores(then_there, logs, there)[1]) @ (rate * place_weight)
        return np.asarray(found * every - expected, dtype=float)

    here, there = backgrounds(fitted, places)
    solved = optimize.root(
        unbalanced, fitted.logs, args=(here[::every], there),
        options={"xtol": 1e-3, "eps": 1e-3, "maxfev": _MOST_TRIES},
    )  # fmt: skip
    logs = np.asarray(solved.x, dtype=float)
    if not solved.success or np.abs(logs - fitted.logs).max() > _FARTHEST or logs[0] >= 0:
        return None
    return Triggers.of(logs)


def _scores(near: _Near, logs: Floats, background: Floats) -> tuple[Floats, Floats]:
    rates = near.triggered(logs)
    return rates[0], rates / (background + rates[0])


class _Lookup:
    """Finds the incidents before given moments and near given places."""

    def __init__(self, xy: Floats, moments: Floats, fitted: Triggers) -> None:
        self.xy, self.moments = xy, moments
        self.reach_m = _REACH_SPREADS * fitted.spread_m
        self.half_days = _REACH_DECAYS * fitted.decay_days / 2
        self.tree = spatial.cKDTree(self._scaled(xy, moments))

    def _scaled(self, xy: Floats, days: Floats) -> Floats:
        return np.column_stack([xy / self.reach_m, days / self.half_days])

    def thinning(self, most: int) -> int:
        step = max(1, len(self.xy) // _SAMPLED)
        asked = self._scaled(self.xy[::step], self.moments[::step] - self.half_days)
        near = self.tree.query_ball_point(asked, 1.0, p=np.inf, return_length=True)
        return max(1, int(np.ceil(float(np.mean(near)) * len(self.xy) / most)))

    def near(self, xy: Floats, days: Floats) -> _Near:
        tree = spatial.cKDTree(self._scaled(xy, days - self.half_days))
        pairs = tree.sparse_distance_matrix(self.tree, 1.0, p=np.inf, output_type="ndarray")
        place, earlier = pairs["i"].astype(np.int64), pairs["j"]
        waited = days[place] - self.moments[earlier]
        m2 = ((xy[place] - self.xy[earlier]) ** 2).sum(axis=1)
        used = (waited > 0) & (m2 <= self.reach_m**2)
        return _Near(place[used], waited[used], m2[used], len(xy))


class _Others:
    """Draws moments that are so far from given ones, after or before.

    They lie as the incidents do over the seasons, but not in their bursts: one of a burst at the
    place itself would be met with what triggered it, and the more of the incidents lie near, the
    less would be found. So each is moved by up to ``apart``.
    """

    def __init__(
        self, moments: Floats, apart: float, length: float, rng: np.random.Generator
    ) -> None:
        moved = np.abs(moments + rng.uniform(-apart, apart, len(moments)))
        self.moments = np.sort(np.where(moved > length, 2 * length - moved, moved))
        self.apart = apart

    def draw(self, days: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return a moment for each, and the share of all moments it was drawn from."""
        low = np.searchsorted(self.moments, days - self.apart)
        high = np.searchsorted(self.moments, days + self.apart)
        count = len(self.moments)
        free = count - (high - low)
        pick = (rng.random(len(days)) * free).astype(np.int64)
        pick = np.where(pick < low, pick, pick + (high - low))
        # Where none is free the share is nought, and it does not matter which is taken.
        return self.moments[np.minimum(pick, count - 1)], free / count
