"""Did it help, or move? The weighted displacement difference and quotient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Pair = tuple[float, float]
_NOTHING: Pair = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class DisplacementDifference:
    """The weighted displacement difference.

    Parameters
    ----------
    estimate
        Incidents saved (negative) or added in the period after, displaced ones counted in.
    lower, upper
        Its interval.
    se
        Standard error.
    local
        The part in the places themselves.
    displaced
        The part in the areas around them: positive where incidents moved there.
    """

    estimate: float
    lower: float
    upper: float
    se: float
    local: float
    displaced: float


def weighted_displacement_difference(
    treated: Pair,
    control: Pair,
    displacement: Pair = _NOTHING,
    displacement_control: Pair = _NOTHING,
    *,
    time_weights: Pair = (1.0, 1.0),
    area_weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    dispersion: float = 1.0,
    confidence: float = 0.95,
) -> DisplacementDifference:
    """Return what an operation changed, with what it moved to the areas around.

    Parameters
    ----------
    treated, control, displacement, displacement_control
        Counts before and after: in the places of the operation, in comparable places, in the
        area around the operation, and in an area comparable with that.
    time_weights
        The lengths of the periods before and after; counts are divided by them relative to the
        latter, so that the result is in incidents of the period after.
    area_weights
        How large the four areas are, in the order of the counts; counts are divided by them
        relative to the first.
    dispersion
        By how much counts vary more than Poisson.
    confidence
        Of the interval.

    Returns
    -------
    DisplacementDifference
        With the normal interval.

    Raises
    ------
    InvalidInputError
        If a count or weight is negative or not finite, or a weight is zero.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). A simple weighted displacement difference test to
    evaluate place based crime interventions.

    Examples
    --------
    >>> test = weighted_displacement_difference((20, 10), (20, 20), (30, 20), (30, 30))
    >>> test.estimate, round(test.se, 1)
    (-20.0, 13.4)
    """
    counts = np.array([treated, control, displacement, displacement_control], dtype=float)
    areas, times = np.array(area_weights, dtype=float), np.array(time_weights, dtype=float)
    _check(counts, areas, times)
    scale = (times[1] / times)[None, :] * (areas[0] / areas)[:, None]
    scaled = counts * scale
    change = scaled[:, 1] - scaled[:, 0]
    local, displaced = float(change[0] - change[1]), float(change[2] - change[3])
    se = float(np.sqrt(dispersion * (counts * scale**2).sum()))
    half = float(special.ndtri(0.5 + confidence / 2)) * se
    estimate = local + displaced
    return DisplacementDifference(estimate, estimate - half, estimate + half, se, local, displaced)


def weighted_displacement_quotient(operation: Pair, buffer: Pair, control: Pair) -> float:
    """Return the weighted displacement quotient.

    Parameters
    ----------
    operation, buffer, control
        Counts before and after: in the places of the operation, in the area around them, and in
        the comparison places.

    Returns
    -------
    float
        Positive: the benefit spread to the area around. Between 0 and -1: some moved there, less
        than was saved. Below -1: displacement ate it all. Says so only where the operation's own
        places fell; NaN where they did not change or a count of the control is zero.

    References
    ----------
    Bowers, K. J. and Johnson, S. D. (2003). Measuring the geographical displacement and diffusion
    of benefit effects of crime prevention activity.

    Examples
    --------
    >>> weighted_displacement_quotient((100, 50), (100, 110), (100, 100))
    -0.2
    """
    counts = np.array([operation, buffer, control], dtype=float)
    _check(counts, np.ones(1), np.ones(1))
    (r0, r1), (b0, b1), (c0, c1) = counts.tolist()
    if c0 == 0 or c1 == 0:
        return float("nan")
    success = r1 / c1 - r0 / c0
    if success == 0:
        return float("nan")
    return float(round((b1 / c1 - b0 / c0) / success, 12))


def _check(counts: np.ndarray, areas: np.ndarray, times: np.ndarray) -> None:
    if not (np.isfinite(counts) & (counts >= 0)).all():
        problem = Text(
            "Ett antal är negativt eller saknas. Ange två antal för varje yta: före och efter.",
            "A count is negative or missing. Give two counts for each area: before and after.",
        )
    elif (
        not (np.isfinite(areas) & (areas > 0)).all() or not (np.isfinite(times) & (times > 0)).all()
    ):
        problem = Text(
            "Vikterna för tid och yta måste vara större än 0.",
            "The weights of times and areas must be more than 0.",
        )
    else:
        return
    raise InvalidInputError(problem)
