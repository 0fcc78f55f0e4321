"""The joint observation model: rates and reporting rates from discovered and reported incidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from riskmiljo.forecast.effort_inputs import Floats, Ints, Totals, membership
from riskmiljo.forecast.effort_unequal import own_rates, plainly_unequal, prior_of

# How many incidents the prior of a unit's rate weighs as much as, where the data do not say.
KAPPA: Final = 5.0
# How many expected reports the city's reporting rate weighs as much as, against a district's own.
SHRINKAGE: Final = 20.0
# An hour of presence sees a tenth of what happens at a place that day, unless the data say other.
DELTA_PER_H: Final = 0.1
# Spread of its logarithm where neither the data nor the user say: half or double is possible.
DELTA_LOG_SPREAD: Final = 0.6
# With fewer expected discoveries in a district, its reporting rate cannot be told.
LEAST_EXPECTED_DISCOVERIES: Final = 5.0
_DISTRICT_PSEUDO_COUNT: Final = 2.0
# From districts that differ as much as they may to districts that are alike.
_ALIKE_COUNTS: Final = np.geomspace(_DISTRICT_PSEUDO_COUNT, 2_000.0, 9)
_ALIKE_STEPS: Final = 6
# Of fewer districts one cannot tell how they differ; they plainly do where chance brings as much
# about once in so many.
_FEWEST_DISTRICTS: Final = 4
_PLAIN_CHANCE: Final = 1 / 200
# Spread of log reporting rates between districts, where a district's own cannot be told.
_UNKNOWN_LOG_SPREAD: Final = 1.0
_TAILS: Final = (0.05, 0.95)
_NO_COUNT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known after the data, for each of several cities at once.

    Parameters
    ----------
    shape, per_rate
        Of each unit's Gamma posterior given its district's reporting rate, shape (cities, units).
    reporting
        The reporting rate used, shape (cities, districts).
    reporting_known
        Whether a district's own could be told, the same shape.
    log_spread
        Standard deviation of its logarithm, the same shape.
    reports_weight
        Reporting rate times unseen exposure, shape (cities, units).
    prior_rate
        The mean of each unit's prior, the same shape.
    district
        The district's number of each unit, shape (units,).
    """

    shape: Floats
    per_rate: Floats
    reporting: Floats
    reporting_known: npt.NDArray[np.bool_]
    log_spread: Floats
    reports_weight: Floats
    prior_rate: Floats
    district: Ints

    @property
    def mean(self) -> Floats:
        """The posterior mean of each unit's rate."""
        return self.shape / self.per_rate

    @property
    def effective_shape(self) -> Floats:
        """The shape with the uncertainty of the reporting rate added; never above `shape`.

        The rate's relative variance is 1 / shape when the reporting rate is known; not knowing
        it adds (share of the exposure that rests on it × its relative spread) squared.
        """
        spread = self.log_spread[:, self.district] * self.reports_weight / self.per_rate
        return 1 / (1 / self.shape + spread**2)

    def interval(self, level_spread: float = 0.0) -> tuple[Floats, Floats]:
        """Return the 90 % interval of each unit's rate.

        Parameters
        ----------
        level_spread
            Standard deviation of the logarithm of what all rates may be wrong by together.

        Returns
        -------
        tuple of numpy.ndarray
            Lower and upper limit, shape (cities, units).
        """
        shape = 1 / (1 / self.effective_shape + level_spread**2)
        lower, upper = (special.gammaincinv(shape, tail) * self.mean / shape for tail in _TAILS)
        return lower, upper

    def draw(self, rng: np.random.Generator) -> Floats:
        """Draw one rate for each unit (Thompson sampling).

        Parameters
        ----------
        rng
            Source of chance.

        Returns
        -------
        numpy.ndarray
            Shape (cities, units).
        """
        shape = self.effective_shape
        return rng.standard_gamma(shape) * self.mean / shape


def posterior(
    totals: Totals,
    district: Ints,
    *,
    neighbours: sparse.csr_array | None = None,
    kappa: float | None = None,
    shrinkage: float = SHRINKAGE,
) -> Posterior:
    """Estimate reporting rates, then rates, from what was discovered and what was reported.

    Parameters
    ----------
    totals
        Sums of shape (cities, units); with some presence in each city.
    district
        The district's number of each unit, from 0.
    neighbours
        Weights for the smoothing of the prior, the unit itself included; None: one prior for all.
    kappa
        How many incidents a unit's prior weighs as much as. None: `KAPPA`, or where the units
        plainly differ as many as the data say.
    shrinkage
        How many expected reports the city's reporting rate weighs as much as.

    Returns
    -------
    Posterior
        Per city and unit.

    Notes
    -----
    A district's reporting rate is that of the rate which patrols meet there, drawn towards the
    city's where four districts or more do not plainly differ; where the units of a district plainly
    differ, each unit's own incidents tell it (`own_rates`), and the prior is the
    distribution of the units' rates (`prior_of`): one as narrow as where they are alike would give
    intervals that hold the truth far too seldom.
    """
    met = _Met.of(totals, district, shrinkage)
    reporting, spread, city_reporting = met.reporting, met.log_spread, met.city_reporting
    count = totals.discovered + totals.reported
    unequal = np.flatnonzero(plainly_unequal(count, met.alike))
    for city in unequal:
        # What patrols meet where they are says little of the places where they are not.
        city_reporting[city], reporting[city], spread[city] = own_rates(
            totals.discovered[city], totals.reported[city], totals.seen[city],
            totals.unseen[city], district, shrinkage=shrinkage,
        )  # fmt: skip
    known = met.expected_discoveries >= LEAST_EXPECTED_DISCOVERIES
    reporting = np.where(known, reporting, city_reporting[:, None])
    spread = np.where(known, spread, _UNKNOWN_LOG_SPREAD)

    weight = reporting[:, district] * totals.unseen
    exposure = totals.seen + weight
    prior = np.maximum(count.sum(1), _NO_COUNT) / exposure.sum(1)
    prior = np.repeat(prior[:, None], count.shape[1], axis=1)
    weighs = np.full(count.shape, KAPPA if kappa is None else kappa)
    for city in unequal if kappa is None else ():
        weighs[city], prior[city] = prior_of(count[city], exposure[city], totals.seen[city])
    if neighbours is None:
        prior_rate = prior
    else:
        own = KAPPA if kappa is None else kappa
        near_count, near_exposure = (neighbours @ count.T).T, (neighbours @ exposure.T).T
        prior_rate = (near_count + own) / (near_exposure + own / prior)
    return Posterior(
        weighs + count, weighs / prior_rate + exposure, reporting, known, spread, weight,
        prior_rate, district,
    )  # fmt: skip


def units_differ(totals: Totals, district: Ints) -> npt.NDArray[np.bool_]:
    """Tell in which cities the units of a district plainly differ in risk.

    Parameters
    ----------
    totals
        Sums of shape (cities, units); with some presence in each city.
    district
        The district's number of each unit, from 0.

    Returns
    -------
    numpy.ndarray
        Shape (cities,); never so of few units.
    """
    met = _Met.of(totals, district, SHRINKAGE)
    return plainly_unequal(totals.discovered + totals.reported, met.alike)


@dataclass(frozen=True, slots=True)
class _Met:
    """Formula 3: what the rate that patrols meet in a district says of the rest."""

    reporting: Floats
    log_spread: Floats
    city_reporting: Floats
    expected_discoveries: Floats
    # As many incidents in each district as there were, if its units were alike.
    alike: Floats

    @classmethod
    def of(cls, totals: Totals, district: Ints, shrinkage: float) -> _Met:
        member = membership(district)
        count, reports, seen, unseen = (
            values @ member
            for values in (totals.discovered, totals.reported, totals.seen, totals.unseen)
        )
        # City by city: the rate that patrols meet, and the share that others report of the rest.
        city_rate = np.maximum(count.sum(1), _NO_COUNT) / seen.sum(1)
        rate, unsure = _rates_met(count, seen, city_rate)
        expected = np.maximum((unseen * rate).sum(1), 1e-12)
        city = np.maximum(reports.sum(1), _NO_COUNT) / expected
        reporting = (reports + shrinkage * city[:, None]) / (unseen * rate + shrinkage)
        spread = np.sqrt(unsure + 1 / (reports + shrinkage))
        alike = rate[:, district] * (totals.seen + reporting[:, district] * totals.unseen)
        alike *= ((count + reports) / np.maximum(alike @ member, 1e-12))[:, district]
        return cls(reporting, spread, city, seen * city_rate[:, None], alike)


def _rates_met(count: Floats, seen: Floats, city_rate: Floats) -> tuple[Floats, Floats]:
    """Return the rate that patrols meet in each district, and its relative variance.

    Both of shape (cities, districts). Each rate is (count + a) / (seen + a / mean). Where districts
    plainly differ, a is two and the mean the city's. Elsewhere it is averaged over what a may be,
    by how likely the discoveries are under it: a difference that chance explains would else send
    patrols to a district, or keep them from it.
    """
    weighs, mean = _ALIKE_COUNTS[:, None, None], city_rate[None, :, None]
    plain = np.full(len(count), fill_value=True)
    if count.shape[1] >= _FEWEST_DISTRICTS:
        expected = np.maximum(city_rate[:, None] * seen, 1e-12)
        off = 2 * (special.xlogy(count, count) - special.xlogy(count, expected)).sum(axis=1)
        visited = (seen > 0).sum(axis=1)
        plain = special.chdtrc(np.maximum(visited - 1, 1), np.maximum(off, 0)) < _PLAIN_CHANCE
        plain |= visited < _FEWEST_DISTRICTS
    alike = mean
    for _ in range(_ALIKE_STEPS):
        says = weighs / (weighs + alike * seen)
        found = np.maximum((says * count).sum(axis=2, keepdims=True), _NO_COUNT)
        alike = found / (says * seen).sum(axis=2, keepdims=True)
    likely = special.gammaln(weighs + count) - special.gammaln(weighs)
    likely += count * np.log(alike / weighs)
    likely -= (weighs + count) * np.log1p(alike * seen / weighs)
    likelihood = likely.sum(axis=2, keepdims=True)
    chance = np.exp(likelihood - likelihood.max(axis=0))
    chance /= chance.sum(axis=0)
    shape, exposure = weighs + count, seen + weighs / alike
    rates = shape / exposure
    pooled = (chance * rates).sum(axis=0)
    variance = (chance * (shape / exposure**2 + (rates - pooled) ** 2)).sum(axis=0)
    # Alike or not, no district's rate is known better than the city's.
    unsure = variance / pooled**2 + 1 / np.maximum(count.sum(axis=1, keepdims=True), _NO_COUNT)
    pseudo = _DISTRICT_PSEUDO_COUNT
    own = (count + pseudo) / (seen + pseudo / city_rate[:, None])
    by_itself = plain[:, None]
    return np.where(by_itself, own, pooled), np.where(by_itself, 1 / (count + pseudo), unsure)
