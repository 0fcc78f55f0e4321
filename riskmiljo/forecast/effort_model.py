"""The joint observation model: rates and reporting rates from discovered and reported incidents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from riskmiljo.forecast.effort_inputs import Floats, Ints, Observed, Totals, membership
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
# Spread of log reporting rates between districts, where a district's own cannot be told.
_UNKNOWN_LOG_SPREAD: Final = 1.0
_TAILS: Final = (0.05, 0.95)
# The default is left only for a gain in log-likelihood that chance gives once in 200 (chi-square).
_LEAST_GAIN: Final = 4.0
# Plausible ones; a likelihood that is highest at an end of them has no maximum to take.
_DELTAS: Final = np.geomspace(0.01, 5.0, 33)
_COARSE: Final = 4
_NEWTON_STEPS: Final = 40
_LONGEST_STEP: Final = 1.0
_LONGEST_LOG: Final = 20.0
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
    A district's reporting rate is that of the rate which patrols meet there; where the units of a
    district plainly differ, each unit's own incidents tell it (`own_rates`), and the prior is the
    distribution of the units' rates (`prior_of`): one as narrow as where they are alike would give
    intervals that hold the truth far too seldom.
    """
    member = membership(district)
    d_count, d_reports, d_seen, d_unseen = (
        values @ member
        for values in (totals.discovered, totals.reported, totals.seen, totals.unseen)
    )
    # City by city: the rate that patrols meet, and the share that others report of the rest.
    city_rate = np.maximum(d_count.sum(1), _NO_COUNT) / d_seen.sum(1)
    pseudo = _DISTRICT_PSEUDO_COUNT
    rate = (d_count + pseudo) / (d_seen + pseudo / city_rate[:, None])
    expected = np.maximum((d_unseen * rate).sum(1), 1e-12)
    city_reporting = np.maximum(d_reports.sum(1), _NO_COUNT) / expected
    reporting = (d_reports + shrinkage * city_reporting[:, None]) / (d_unseen * rate + shrinkage)
    spread = np.sqrt(1 / (d_count + pseudo) + 1 / (d_reports + shrinkage))
    count = totals.discovered + totals.reported
    # As many in each district as there were, if its units were alike.
    alike = rate[:, district] * (totals.seen + reporting[:, district] * totals.unseen)
    alike *= ((d_count + d_reports) / np.maximum(alike @ member, 1e-12))[:, district]
    unequal = np.flatnonzero(plainly_unequal(count, alike))
    for city in unequal:
        # What patrols meet where they are says little of the places where they are not.
        city_reporting[city], reporting[city], spread[city] = own_rates(
            totals.discovered[city], totals.reported[city], totals.seen[city],
            totals.unseen[city], district, shrinkage=shrinkage,
        )  # fmt: skip
    known = d_seen * city_rate[:, None] >= LEAST_EXPECTED_DISCOVERIES
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


def estimate_delta(seen: Observed, district: Ints, *, default: float = DELTA_PER_H) -> float:
    """Estimate how fast presence discovers what happens (delta per hour).

    Parameters
    ----------
    seen
        Counts and hours; best those of the patrols that chance sent out.
    district
        The district's number of each unit.
    default
        What is taken unless the data plainly contradict it.

    Returns
    -------
    float
        Per hour of presence on one day.

    Notes
    -----
    Given how many incidents a unit had, which of them were discovered, and when, depends on delta
    and the reporting rates alone: the likelihood is multinomial, and where patrols were sent does
    not enter. With thin presence it is flat, and the default stands. It stands also where the
    likelihood is highest at an end of the plausible range, which is what patrols that come when
    much happens bring about, and where the gain is small for data that vary more between units
    than the model does (quasi-likelihood). Discoveries where nobody is known to have been
    contradict every delta, and are left out.

    References
    ----------
    McCullagh, P. and Nelder, J. (1989). Generalized Linear Models, chapter 9.
    """
    seen = replace(seen, discovered=np.where(seen.presence_h > 0, seen.discovered, 0.0))
    if not seen.discovered.any():
        return default
    plain = _log_likelihood(seen, district, default)[0]
    found: dict[int, tuple[float, float]] = {}
    # Every fourth step first, then the steps around the best of them.
    for step, reach in ((_COARSE, len(_DELTAS)), (1, _COARSE - 1)):
        middle = max(found, key=found.__getitem__) if found else 0
        for at in range(max(0, middle - reach), min(len(_DELTAS), middle + reach + 1), step):
            if at not in found:
                found[at] = _log_likelihood(seen, district, float(_DELTAS[at]))
    best = max(found, key=found.__getitem__)
    likelihood, dispersion = found[best]
    inside = 0 < best < len(_DELTAS) - 1
    plainly = likelihood - plain >= _LEAST_GAIN * dispersion
    return float(_DELTAS[best]) if inside and plainly else default


def _log_likelihood(seen: Observed, district: Ints, delta_per_h: float) -> tuple[float, float]:
    """Return the log-likelihood, and how many times the data vary more than it says."""
    p = np.clip(seen.share_seen(delta_per_h), 1e-12, 1 - 1e-12)
    exposed, missed = p.sum(1), (1 - p).sum(1)
    found, told = seen.discovered, seen.reported
    count = (found + told).sum(1)
    member = membership(district)
    reports = told.sum(1) @ member
    # The maximum in each district's reporting rate: the intercept of a logistic regression with
    # the exposures as offset, by Newton's steps on its logarithm.
    offset = np.log(missed) - np.log(exposed)
    log_rate = np.zeros(member.shape[1])
    for _ in range(_NEWTON_STEPS):
        share = special.expit(log_rate[district] + offset)
        missing = reports - (count * share) @ member
        slope = np.maximum((count * share * (1 - share)) @ member, 1e-12)
        step = np.clip(missing / slope, -_LONGEST_STEP, _LONGEST_STEP)
        log_rate = np.clip(log_rate + step, -_LONGEST_LOG, _LONGEST_LOG)
    rate = np.exp(log_rate)
    own = rate[district]
    # Most units and days are empty: the logarithms of the others are all that is needed.
    some, more = found > 0, told > 0
    counted = (found[some] * np.log(p[some])).sum() + (told[more] * np.log1p(-p[more])).sum()
    likelihood = (
        counted + (told.sum(1) * np.log(own)).sum() - (count * np.log(exposed + own * missed)).sum()
    )
    # Pearson's statistic of how many of each unit's incidents were discovered, binomial.
    used = (count > 0) & seen.presence_h.any(1)
    chance = exposed[used] / (exposed + own * missed)[used]
    variance = np.maximum(count[used] * chance * (1 - chance), 1e-12)
    pearson = ((found.sum(1)[used] - count[used] * chance) ** 2 / variance).sum()
    free = int(used.sum()) - member.shape[1] - 1
    return float(likelihood), max(1.0, float(pearson) / max(free, 1))
