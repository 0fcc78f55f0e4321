"""How good a forecast could be at best: the hits that the true rates themselves would reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import random_of
from riskmiljo.forecast.scores import best_hits, flagged, hits

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a forecaster who knew the true rates would score on average.

    Attributes
    ----------
    hit_rate
        Share of the incidents in the flagged area.
    pei_star
        Its hits over the best choice in hindsight.
    """

    hit_rate: float
    pei_star: float


def noise_ceiling(
    rates: npt.ArrayLike,
    size: npt.ArrayLike,
    share: float,
    *,
    simulations: int = 20,
    rng: int | np.random.Generator = 0,
) -> Ceiling:
    """Simulate the scores that the true rates would reach under Poisson noise.

    Parameters
    ----------
    rates
        Shape (n,), expected incidents, taken to be the truth.
    size
        Shape (n,), area or length.
    share
        Flagged share of the area.
    simulations
        How many periods are drawn.
    rng
        A seed or a generator.

    Returns
    -------
    Ceiling
        Sums over the simulated periods; NaN where nothing is expected.

    Notes
    -----
    Fitted rates are more even than the true ones, so that the ceiling is approximate: where few
    places hold most, a good model can even pass it by a point or two.
    """
    mean = np.asarray(rates, dtype=float)
    chance = random_of(rng)
    flags = flagged(mean, size, share)
    caught = best = events = 0.0
    for _ in range(simulations):
        came = chance.poisson(mean).astype(float)
        caught += hits(flags, came)
        best += best_hits(came, size, share)
        events += came.sum()
    if events == 0:
        return Ceiling(float("nan"), float("nan"))
    return Ceiling(caught / events, caught / best)
