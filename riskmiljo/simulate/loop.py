"""The feedback loop: a city where patrols go where yesterday's map says, with a known truth.

Each city is a set of places in districts with equal or planted risk. What a patrol does not come
across is reported at the district's own rate, or never known. Many cities run side by side as
arrays, so that one test of the loop covers many seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FAVOURED: Final = 4.0


@dataclass(frozen=True)
class LoopCity:
    """The planted truth of one kind of city.

    Parameters
    ----------
    risk
        Incidents per place and day, shape (places,).
    district
        The district's number of each place, shape (places,).
    reporting
        The share that others report of what patrols do not see, shape (districts,).
    favoured
        Which districts patrols went to four times as often before the loop begins.
    delta_per_h
        How fast an hour of presence on a day discovers what happens that day.
    """

    risk: Floats
    district: Ints
    reporting: Floats
    favoured: npt.NDArray[np.bool_]
    delta_per_h: float = 0.2

    @classmethod
    def equal(
        cls,
        *,
        districts: int = 8,
        places: int = 25,
        risk: float = 0.4,
        reporting: tuple[float, float] = (0.1, 0.8),
    ) -> LoopCity:
        """Make a city with the same risk everywhere.

        Parameters
        ----------
        districts, places
            How many districts, and how many places in each.
        risk
            Incidents per place and day.
        reporting
            The lowest and the highest reporting rate of a district; they vary independently of
            which half of the districts patrols favoured.

        Returns
        -------
        LoopCity
            Every other district is favoured.
        """
        number = np.repeat(np.arange(districts), places)
        favoured = np.arange(districts) % 2 == 0
        # Pairs of one favoured and one other district share a rate.
        rates = np.repeat(np.linspace(*reporting, (districts + 1) // 2), 2)[:districts]
        return cls(np.full(districts * places, risk), number, rates, favoured)


@dataclass
class LoopHistory:
    """What was seen in each city, as running sums with forgetting.

    Parameters
    ----------
    cities, places
        The shape of all arrays.
    keep
        What is left of a sum after a day.
    """

    cities: int
    places: int
    keep: float = 1.0
    discovered: Floats = field(init=False)
    reported: Floats = field(init=False)
    seen: Floats = field(init=False)
    unseen: Floats = field(init=False)
    presence_h: Floats = field(init=False)

    def __post_init__(self) -> None:
        for name in ("discovered", "reported", "seen", "unseen", "presence_h"):
            setattr(self, name, np.zeros((self.cities, self.places)))

    def add(self, discovered: Floats, reported: Floats, seen: Floats, presence_h: Floats) -> None:
        """Add a day.

        Parameters
        ----------
        discovered, reported
            Counts, shape (cities, places).
        seen
            The share of what happened that patrols saw.
        presence_h
            Hours.
        """
        day = {
            "discovered": discovered, "reported": reported, "seen": seen, "unseen": 1 - seen,
            "presence_h": presence_h,
        }  # fmt: skip
        for name, values in day.items():
            total = getattr(self, name)
            total *= self.keep
            total += values


# From what has been seen, a score of each place: patrols go to the highest.
Scores = Callable[[LoopHistory, np.random.Generator], Floats]


@dataclass(frozen=True)
class LoopRun:
    """What came of a loop.

    Parameters
    ----------
    history
        The sums at its end.
    presence_share
        Share of each year's presence in the favoured districts over their share of places,
        shape (years, cities); before the loop it is 1.6 of a fair 1.
    discovered, reported, presence_h
        Every day, shape (cities, places, days).
    """

    history: LoopHistory
    presence_share: Floats
    discovered: npt.NDArray[np.float32]
    reported: npt.NDArray[np.float32]
    presence_h: npt.NDArray[np.float32]


def run_loop(
    city: LoopCity,
    scores: Scores,
    *,
    cities: int = 1,
    before_days: int = 365,
    days: int = 730,
    visits: int = 20,
    visit_h: float = 1.0,
    explore: float = 0.0,
    half_life_days: float | None = None,
    rng: int | np.random.Generator = 0,
) -> LoopRun:
    """Let patrols follow the map.

    Parameters
    ----------
    city
        The truth.
    scores
        The map: a score of each place from what has been seen.
    cities
        How many copies to run side by side, by different chance.
    before_days
        Days in which patrols went by habit, four times as often to the favoured districts.
    days
        Days of the loop.
    visits
        Places visited each day in each city.
    visit_h
        Hours of a visit.
    explore
        Share of the visits that go to places drawn at random, the same number in each district
        over time.
    half_life_days
        The age at which a day counts half in the sums; None forgets nothing.
    rng
        Seed or source of chance.

    Returns
    -------
    LoopRun
        At the end of the loop.
    """
    chance = np.random.default_rng(rng)
    places = len(city.risk)
    keep = 1.0 if half_life_days is None else 2 ** (-1 / half_life_days)
    history = LoopHistory(cities, places, keep)
    favoured = city.favoured[city.district]
    habit = np.where(favoured, _FAVOURED, 1.0)
    random_visits = round(explore * visits)
    years = max(1, round(days / 365))
    in_favoured = np.zeros((years, cities))
    kept = np.zeros((3, cities, places, before_days + days), dtype=np.float32)
    for day in range(before_days + days):
        if day < before_days:
            hours = _top(np.log(habit) + chance.gumbel(size=(cities, places)), visits)
        else:
            score = np.asarray(scores(history, chance), dtype=float)
            hours = _top(_untied(score, chance), visits - random_visits)
            if random_visits:
                hours = hours + _top(chance.random((cities, places)), random_visits)
            year = min((day - before_days) * years // days, years - 1)
            in_favoured[year] += hours[:, favoured].sum(1) / hours.sum(1)
        hours = hours * visit_h
        seen = -np.expm1(-city.delta_per_h * hours)
        found = chance.poisson(city.risk * seen)
        told = chance.poisson(city.risk * city.reporting[city.district] * (1 - seen))
        history.add(found.astype(float), told.astype(float), seen, hours)
        kept[..., day] = found, told, hours
    share = in_favoured / (days / years) / favoured.mean()
    return LoopRun(history, share, kept[0], kept[1], kept[2])


def _top(score: Floats, count: int) -> Floats:
    """Mark the highest scores of each city."""
    marked = np.zeros(score.shape)
    if count > 0:
        at = np.argpartition(-score, count - 1, axis=1)[:, :count]
        np.put_along_axis(marked, at, 1.0, axis=1)
    return marked


def _untied(score: Floats, chance: np.random.Generator) -> Floats:
    """Break ties at random, by less than any real difference."""
    return score * (1 + 1e-9 * chance.random(score.shape)) + 1e-12 * chance.random(score.shape)
