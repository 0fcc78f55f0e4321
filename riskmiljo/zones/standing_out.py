"""Which tops of the surface stand out from their surroundings more than chance explains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from riskmiljo.analysis.places import Ints, Places
from riskmiljo.zones.relief import FEWEST_EFFECTIVE, Relief

# With too few tops to learn from, a top must rise this many standard errors.
_LEAST_Z: Final = 4.0
# How far above the bulk of the local maxima, in their own standard deviations.
_NULL_Z: Final = 3.2
_FEWEST_TOPS: Final = 30
_FIRST_Z: Final = 6.0
_MOST_ROUNDS: Final = 100
_QUARTILE_Z: Final = 0.6745


def threshold(reliefs: Sequence[Relief]) -> float:
    """Learn from all local maxima how far one may rise by chance.

    Parameters
    ----------
    reliefs
        All regions.

    Returns
    -------
    float
        Standard errors; at least 4. Streets, house blocks and shared addresses make a surface
        rougher than a Poisson process, so the bulk of the local maxima itself is the yardstick: the
        limit lies 3.2 of its standard deviations above its median, both taken from the median and
        upper quartile of the maxima below the limit. It is sought from below, so that a city that
        is nothing but hot spots does not hide them all.

    References
    ----------
    Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null hypothesis.
    """
    z = np.concatenate([part.null_z for part in reliefs]) if reliefs else np.empty(0)
    limit = _FIRST_Z
    for _ in range(_MOST_ROUNDS):
        bulk = z[z < limit]
        if len(bulk) < _FEWEST_TOPS:
            return _LEAST_Z
        median, upper = np.quantile(bulk, [0.5, 0.75])
        before, limit = limit, float(median + _NULL_Z * (upper - median) / _QUARTILE_Z)
        if limit == before:
            break
    return max(_LEAST_Z, limit)


def standing_tops(part: Relief, limit: float) -> list[int]:
    """Return the numbers of the tops that stand out.

    Parameters
    ----------
    part
        One region.
    limit
        From `threshold`.

    Returns
    -------
    list of int
        Highest top first.
    """
    tall = part.height.ravel()[part.basins.tops] >= FEWEST_EFFECTIVE
    return np.flatnonzero(tall & (part.z >= limit)).tolist()


def place_labels(places: Places, reliefs: Sequence[Relief]) -> Ints:
    """Label places by the top that stands out and in whose reach they lie.

    Parameters
    ----------
    places
        Unique places.
    reliefs
        Their regions.

    Returns
    -------
    numpy.ndarray
        Shape (m,), from 0; -1 where no top that stands out reaches.
    """
    limit = threshold(reliefs)
    labels = np.full(len(places.xy), -1, dtype=np.int64)
    following = 0
    for part in reliefs:
        raster = np.full(part.grid.shape, -1, dtype=np.int64)
        for top in standing_tops(part, limit):
            reach = part.reach(top)
            raster[reach.rows, reach.columns][reach.inside] = following
            following += 1
        labels[part.members] = raster.ravel()[part.grid.index(places.xy[part.members])]
    return labels
