"""Reporting rates, and the prior, where the places of a city differ in risk.

Patrols are where much happens, so that the rate they meet is not that of the places that they
never see. Taken for the whole district's, it says that far more happens than does, and that nearly
nobody reports. Here what is reported is held against what was discovered at the same place, and
how much places differ comes from the data.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmiljo.forecast.effort_inputs import Floats, Ints, membership

# Of fewer units one cannot tell how they differ.
_FEWEST_UNITS: Final = 30
# So many standard errors more than chance must the places of a district differ.
_PLAINLY: Final = 4.0
# From places that have nothing in common to places that are nearly alike.
_SHAPES: Final = np.geomspace(0.02, 50.0, 18)
_STEPS: Final = 60
_PRIOR_STEPS: Final = 20
_NEAR: Final = 1e-3
_LONGEST_STEP: Final = 2.0
_LONGEST_LOG: Final = 20.0
_LEAST_BEND: Final = 1e-12
_CLOSE: Final = 1e-9
_NO_COUNT: Final = 0.5
# Groups at most by how much patrols have been there, and what the city's mean weighs in each.
_MOST_GROUPS: Final = 4
_GROUP_COUNT: Final = 1.0
# A shape whose log-likelihood is so much below the best is within its 95 % interval.
_NOT_REFUTED: Final = 1.92


def plainly_unequal(count: Floats, expected: Floats) -> npt.NDArray[np.bool_]:
    """Tell in which cities the places differ more than chance lets them.

    Parameters
    ----------
    count
        Incidents known of each unit, shape (cities, units).
    expected
        How many there would be if all units of a district had the same rate, the same shape.

    Returns
    -------
    numpy.ndarray
        Shape (cities,); never so of fewer than thirty units.

    References
    ----------
    Dean, C. (1992). Testing for overdispersion in Poisson and binomial regression models.
    """
    if count.shape[1] < _FEWEST_UNITS:
        return np.zeros(len(count), dtype=bool)
    excess = ((count - expected) ** 2 - count).sum(axis=1)
    return np.asarray(excess > _PLAINLY * np.sqrt(2 * (expected**2).sum(axis=1)))


def own_rates(
    discovered: Floats,
    reported: Floats,
    seen: Floats,
    unseen: Floats,
    district: Ints,
    *,
    shrinkage: float,
) -> tuple[float, Floats, Floats]:
    """Estimate the reporting rates of one city's districts, whatever the risk of their units.

    Parameters
    ----------
    discovered, reported, seen, unseen
        Sums of METHODS section 2, shape (units,).
    district
        The district's number of each unit, from 0.
    shrinkage
        How many expected reports the city's reporting rate weighs as much as.

    Returns
    -------
    tuple
        The reporting rate of the city, that of each district, and the standard deviation of the
        latter's logarithm.

    Notes
    -----
    Of a unit's n known incidents those reported are binomial, with chance rho U / (E + rho U):
    its own rate has cancelled, and with it why patrols went there. Units that were never visited,
    or where nothing is known to have happened, say nothing. Where patrols follow what was found,
    the estimate is a few per cent high.

    References
    ----------
    Cox, D. and Hinkley, D. (1974). Theoretical Statistics, chapter 2 (conditional likelihood).
    """
    data = np.stack([reported, discovered + reported, seen, unseen])
    # Half a report and half a discovery more keep the city's rate off nought and off infinity.
    half = np.array([_NO_COUNT, 2 * _NO_COUNT, seen.sum(), unseen.sum()])
    with_half = np.concatenate([data, half[:, None]], axis=1)
    whole = np.zeros(len(district) + 1, dtype=np.int64)
    city = float(_most_likely(with_half, whole, 1.0, (0.0, 0.0))[0][0])
    return city, *_most_likely(data, district, city, (shrinkage * city, shrinkage))


def prior_of(count: Floats, exposure: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Estimate the distributions that the units' rates come from.

    Parameters
    ----------
    count
        Incidents known of each unit, shape (units,); not all nought.
    exposure
        How much would be known of each at a rate of one, the same shape.
    seen
        The part of it that is due to patrols, the same shape: units are taken in groups by it.

    Returns
    -------
    tuple
        Shape and mean of each unit's gamma distribution. The less the shape, the more do places
        differ: it is the least that the counts of the unit's group do not refute. The mean is
        over places, not over what patrols met.

    Notes
    -----
    Patrols go where much happens, so that how much they have been at a place says something of
    it even where nothing is known to have happened. A mean taken over all places would put those
    that nobody visits above those that were visited in vain, which is seldom so. What a group's
    mean is comes from its own incidents and exposure; where these say nothing, it is the city's.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative
    risks for use in disease mapping.
    Diggle, P., Menezes, R. and Su, T. (2010). Geostatistical inference under preferential
    sampling.
    """
    group = _by_presence(seen)
    groups = int(group.max()) + 1
    means, likelihoods = [], []
    mean = np.full(len(count), count.sum() / exposure.sum())
    for shape in _SHAPES:
        for _ in range(_PRIOR_STEPS):
            weight = shape / (shape + mean * exposure)
            counted = np.bincount(group, weight * count, groups)
            exposed = np.bincount(group, weight * exposure, groups)
            whole = counted.sum() / exposed.sum()
            before = mean
            mean = ((counted + _GROUP_COUNT) / (exposed + _GROUP_COUNT / whole))[group]
            if (np.abs(mean - before) < _NEAR * mean).all():
                break
        means.append(mean)
        each = special.gammaln(shape + count) + count * np.log(mean / shape)
        each -= special.gammaln(shape) + (shape + count) * np.log1p(mean * exposure / shape)
        likelihoods.append(np.bincount(group, each, groups))
    # A group that says little of how its places differ may differ as much as the data still allow.
    likely = np.array(likelihoods)
    best = np.argmax(likely >= likely.max(axis=0) - _NOT_REFUTED, axis=0)[group]
    return _SHAPES[best], np.array(means)[best, np.arange(len(count))]


def _by_presence(seen: Floats) -> Ints:
    """Put the units in groups: those never visited, then the others by how much they were."""
    visited = np.flatnonzero(seen > 0)
    if len(seen) - len(visited) < _FEWEST_UNITS:
        visited = np.arange(len(seen))
    group = np.zeros(len(seen), dtype=np.int64)
    parts = int(np.clip(len(visited) // _FEWEST_UNITS, 1, _MOST_GROUPS))
    order = visited[np.argsort(seen[visited], kind="stable")]
    first = int(len(visited) < len(seen))
    group[order] = first + np.arange(len(order)) * parts // max(len(order), 1)
    return group


def _most_likely(
    data: Floats, district: Ints, start: float, prior: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return each district's most likely reporting rate, and the spread of its logarithm.

    The log-likelihood is concave in the logarithm: Newton's steps. The prior is a count of reports
    and of incidents that they are of.
    """
    reported, count, seen, unseen = data
    member = membership(district)
    reports = reported @ member + prior[0]
    known = count > 0
    odds = np.full(len(count), np.inf)
    np.divide(seen, unseen, out=odds, where=unseen > 0)
    at = np.full(member.shape[1], np.log(start))
    for _ in range(_STEPS):
        rate = np.exp(at)
        # Of each unit's incidents the share that others are expected to have reported.
        share = np.where(known, rate[district] / (rate[district] + odds), 0.0)
        slope = reports - (count * share) @ member - prior[1] * rate
        bend = (count * share * (1 - share)) @ member + prior[1] * rate
        step = np.clip(slope / np.maximum(bend, _LEAST_BEND), -_LONGEST_STEP, _LONGEST_STEP)
        at = np.clip(at + step, -_LONGEST_LOG, _LONGEST_LOG)
        if np.abs(step).max() < _CLOSE:
            break
    return np.exp(at), 1 / np.sqrt(np.maximum(bend, _LEAST_BEND))
