"""Scores of one forecast against what came: how much was caught, and how well it was foretold."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

# A forecast of nil somewhere must not cost infinitely when something happens there.
_UNIFORM_SHARE: Final = 0.01
# Rates that differ by less than this are the same rate: sums of floats in another order.
_TIED: Final = 1e-12
_NEWTON_STEPS: Final = 100


def flagged(expected: npt.ArrayLike, size: npt.ArrayLike, share: float) -> Floats:
    """Flag the units with the highest expected density, until a share of the area is full.

    Parameters
    ----------
    expected
        Shape (n,), expected incidents.
    size
        Shape (n,), area or length.
    share
        Of the whole area, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the flagged fraction of each unit; their area is the share exactly. Units that
        tie for the last place are each flagged by the same fraction, which is what drawing among
        them gives on average.

    Raises
    ------
    InvalidInputError
        If the share is not between 0 and 1 or an expected number is negative or not finite.
    """
    rate, area = _checked(expected, size)
    if not 0 < share <= 1:
        raise InvalidInputError(
            Text(
                "Andelen av ytan är {v}. Den ska vara större än 0 och högst 1.",
                "The share of the area is {v}. It must be more than 0 and at most 1.",
            ).fill(v=share)
        )
    density = rate / area
    order = np.argsort(-density, kind="stable")
    ranked = density[order]
    scale = max(float(ranked[0]), np.finfo(float).tiny)
    new = np.concatenate([[True], ranked[:-1] - ranked[1:] > _TIED * scale])
    group = np.cumsum(new) - 1
    area_of = np.bincount(group, area[order])
    filled = np.concatenate([[0.0], np.cumsum(area_of)[:-1]])
    part = np.clip((share * area.sum() - filled) / area_of, 0.0, 1.0)
    out = np.empty(len(rate))
    out[order] = part[group]
    return out


def hits(flags: Floats, counts: Floats) -> float:
    """Return the incidents in the flagged area.

    Parameters
    ----------
    flags
        Shape (n,), flagged fractions.
    counts
        Shape (n,), what came.

    Returns
    -------
    float
        In a unit flagged in part, that part of them.
    """
    return float(flags @ counts)


def best_hits(counts: npt.ArrayLike, size: npt.ArrayLike, share: float) -> float:
    """Return the most incidents that any choice of the same area could have caught.

    Parameters
    ----------
    counts
        Shape (n,), what came.
    size
        Shape (n,), area or length.
    share
        Of the whole area.

    Returns
    -------
    float
        n* of PEI*, the last unit by its fraction.
    """
    came = np.asarray(counts, dtype=float)
    return hits(flagged(came, size, share), came)


def pai(hit: float, events: float, share: float) -> float:
    """Return the predictive accuracy index (n/N)/(a/A); NaN without events.

    Parameters
    ----------
    hit
        Incidents in the flagged area, n.
    events
        All incidents, N.
    share
        Flagged share of the area, a/A.

    Returns
    -------
    float
        1 is what chance gives. Never compare across areas or shares.

    References
    ----------
    Chainey, S., Tompson, L. and Uhlig, S. (2008). The utility of hotspot mapping for predicting
    spatial patterns of crime.
    """
    return hit / events / share if events > 0 else float("nan")


def pei_star(hit: float, best: float) -> float:
    """Return hits over the best possible hits of the same area on the same grid.

    Parameters
    ----------
    hit
        Incidents in the flagged area, n.
    best
        As `best_hits` gives it, n*.

    Returns
    -------
    float
        0 to 1; NaN without events.

    References
    ----------
    Hunt, J. M. (2016). Do crime hot spots move? (PEI; PEI* compares equal areas).
    """
    return hit / best if best > 0 else float("nan")


def recapture_rate_index(
    earlier_hit: float, later_hit: float, earlier: float, later: float
) -> float:
    """Return RRI (n2/n1)/(N2/N1): how a hot spot keeps its share; NaN where undefined.

    Parameters
    ----------
    earlier_hit, later_hit
        Incidents in the flagged area before and in the forecast period, n1 and n2.
    earlier, later
        All incidents of both, N1 and N2.

    Returns
    -------
    float
        1 keeps its share.

    References
    ----------
    Levine, N. (2008). The "hottest" part of a hotspot: comments on "The utility of hotspot
    mapping for predicting spatial patterns of crime".
    """
    if min(earlier_hit, earlier, later) <= 0:
        return float("nan")
    return (later_hit / earlier_hit) / (later / earlier)


def gain_bits(expected: npt.ArrayLike, counts: npt.ArrayLike, size: npt.ArrayLike) -> float:
    """Return the information gain over an even forecast, bits an event.

    Parameters
    ----------
    expected
        Shape (n,); only the shares matter. All zero is an even forecast.
    counts
        Shape (n,), what came.
    size
        Shape (n,), area or length.

    Returns
    -------
    float
        Mean of log2(p/(area share)), p mixed of 0.99 model and 0.01 even. NaN without events.

    References
    ----------
    Kagan, Y. Y. and Knopoff, L. (1977). Earthquake risk prediction as a stochastic process.
    """
    rate, area = _checked(expected, size)
    came = np.asarray(counts, dtype=float)
    if came.sum() == 0:
        return float("nan")
    even = area / area.sum()
    model = rate / rate.sum() if rate.sum() > 0 else even
    ratio = (1 - _UNIFORM_SHARE) * model / even + _UNIFORM_SHARE
    return float(came @ np.log2(ratio) / came.sum())


def poisson_deviance(expected: npt.ArrayLike, counts: npt.ArrayLike) -> float:
    """Return 2 Σ [y log(y/μ) − (y − μ)]; infinite where something came that was impossible.

    Parameters
    ----------
    expected
        Shape (n,), μ.
    counts
        Shape (n,), y.

    Returns
    -------
    float
        Level and shape together; 0 is perfect.
    """
    mean, came = np.asarray(expected, dtype=float), np.asarray(counts, dtype=float)
    terms = special.kl_div(came, mean)
    return float(2 * terms.sum())


def calibration_slope(
    expected: npt.ArrayLike, counts: npt.ArrayLike, *, repeats: npt.ArrayLike | None = None
) -> float:
    """Return b of the Poisson regression of the counts on log expected.

    Parameters
    ----------
    expected
        Shape (n,). Units where nothing is expected say nothing about the slope and are left out.
    counts
        Shape (n,), what came.
    repeats
        Shape (n,), of how many units each count is the sum, each with that expected number; None
        is one.

    Returns
    -------
    float
        1 where high and low are as far apart as they should be, below 1 where the forecast is
        too sure of its differences. NaN without events or differences.

    References
    ----------
    Cox, D. R. (1958). Two further applications of a model for binary regression.
    """
    mean, came = np.asarray(expected, dtype=float), np.asarray(counts, dtype=float)
    used = mean > 0
    x, y = np.log(mean[used]), came[used]
    units = np.ones(len(x)) if repeats is None else np.asarray(repeats, dtype=float)[used]
    if y.sum() == 0 or len(x) == 0 or np.ptp(x) < _TIED:
        return float("nan")
    x = x - x.mean()
    # Newton's method with the level profiled out: a = log(Σy / Σ exp(b x)).
    slope = 1.0
    weighted = float(y @ x / y.sum())
    for _ in range(_NEWTON_STEPS):
        tilt = units * np.exp(slope * x - (slope * x).max())
        tilt /= tilt.sum()
        centre = float(tilt @ x)
        spread = float(tilt @ (x - centre) ** 2)
        if spread < _TIED:
            return float("nan")
        step = float(np.clip((weighted - centre) / spread, -1.0, 1.0))
        slope += step
        if abs(step) < 1e-10:  # noqa: PLR2004 - converged
            break
    return slope


def coverage(prediction: Prediction, counts: npt.ArrayLike, level: float = 0.9) -> Floats:
    """Return how far each count lies inside the central interval of the forecast.

    Parameters
    ----------
    prediction
        The forecast.
    counts
        Shape (n,), what came.
    level
        Probability of the interval.

    Returns
    -------
    numpy.ndarray
        Shape (n,), 0 to 1; the mean is the coverage and equals the level where the forecast is
        right. A count at the interval's border holds a range of probability, of which the part
        inside counts: otherwise a unit with almost never an incident were always covered.

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009). Predictive model assessment for count data.
    """
    came = np.asarray(counts, dtype=float)
    below, upto = prediction.cumulative(came - 1), prediction.cumulative(came)
    tail = (1 - level) / 2
    inside = np.clip(np.minimum(upto, 1 - tail) - np.maximum(below, tail), 0.0, None)
    mass = upto - below
    certain = (mass <= 0) & (below > tail) & (below < 1 - tail)
    return np.where(mass > 0, inside / np.where(mass > 0, mass, 1.0), certain.astype(float))


def jaccard(flags: Floats, others: Floats) -> float:
    """Return how alike two flagged areas are, 0 to 1: shared over joint area.

    Parameters
    ----------
    flags, others
        Shape (n,), flagged fractions times the units' size, or fractions of equal units.

    Returns
    -------
    float
        1 for the same area.
    """
    joint = float(np.maximum(flags, others).sum())
    return float(np.minimum(flags, others).sum()) / joint if joint > 0 else float("nan")


def precision(flags: Floats, counts: Floats) -> float:
    """Return the share of flagged units in which anything happened.

    Parameters
    ----------
    flags
        Shape (n,), flagged fractions.
    counts
        Shape (n,), what came.

    Returns
    -------
    float
        0 to 1.
    """
    return float(flags @ (np.asarray(counts) > 0) / flags.sum())


def _checked(expected: npt.ArrayLike, size: npt.ArrayLike) -> tuple[Floats, Floats]:
    rate, area = np.asarray(expected, dtype=float), np.asarray(size, dtype=float)
    if rate.ndim != 1 or rate.shape != area.shape or len(rate) == 0:
        raise InvalidInputError(
            Text(
                "{a} väntade antal för {b} {b:enhet|enheter}. Ge ett per enhet.",
                "{a} expected {a:number|numbers} for {b} {b:unit|units}. Give one for each unit.",
            ).fill(a=rate.size, b=area.size)
        )
    if not (np.isfinite(rate).all() and (rate >= 0).all() and (area > 0).all()):
        raise InvalidInputError(
            Text(
                "Ett väntat antal är negativt eller inte ett tal, eller en enhet saknar yta.",
                "An expected number is negative or not a number, or a unit has no area.",
            )
        )
    return rate, area
