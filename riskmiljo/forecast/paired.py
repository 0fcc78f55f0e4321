"""Intervals over origins: the same origins drawn again and again, in pairs with the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS: Final = 2_000
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio of sums over origins, with its bootstrap interval.

    Attributes
    ----------
    value
        The ratio, or the difference of two.
    lower, upper
        Central 95 % interval.
    """

    value: float
    lower: float
    upper: float


def ratio(numerator: Floats, denominator: Floats, rng: np.random.Generator) -> Estimate:
    """Estimate a ratio of sums over origins.

    Parameters
    ----------
    numerator, denominator
        Shape (origins,), such as hits and events.
    rng
        Chance.

    Returns
    -------
    Estimate
        NaN where the denominators sum to nothing.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap.
    """
    return difference(numerator, np.zeros_like(numerator), denominator, rng)


def difference(
    numerator: Floats, baseline: Floats, denominator: Floats, rng: np.random.Generator
) -> Estimate:
    """Estimate the difference of two ratios over the same origins.

    Parameters
    ----------
    numerator, baseline
        Shape (origins,), such as the hits of a model and of the baseline at the same origins.
    denominator
        Shape (origins,), the events that both are shares of.
    rng
        Chance.

    Returns
    -------
    Estimate
        NaN where the denominators sum to nothing.
    """
    total = float(denominator.sum())
    if total <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    gained = numerator - baseline
    drawn = rng.integers(0, len(gained), (DRAWS, len(gained)))
    sums = denominator[drawn].sum(axis=1)
    usable = sums > 0
    values = gained[drawn].sum(axis=1)[usable] / sums[usable]
    lower, upper = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(gained.sum() / total), float(lower), float(upper))
