"""How surely a zone is one: the share of resampled data in which it appears again."""

from __future__ import annotations

import numpy as np

from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.zones.relief import find_reliefs
from riskmiljo.zones.standing_out import place_labels

# Two sets of places are the same zone if they share at least half of their joint weight.
_SAME = 0.5


def stability(
    zone_of_place: Ints,
    zones: int,
    places: Places,
    weights: Floats,
    *,
    bandwidth_m: float,
    bootstraps: int,
    rng: np.random.Generator,
) -> Floats:
    """Search again in resampled incidents and count how often each zone is found.

    Parameters
    ----------
    zone_of_place
        Shape (m,), the zone of each unique place, -1 for none.
    zones
        How many there are.
    places
        Unique places, weighted in effective incidents.
    weights
        Shape (n,), the effective weight of each incident.
    bandwidth_m
        Of the quartic kernel, metres.
    bootstraps
        How often; 0 gives NaN.
    rng
        The chance.

    Returns
    -------
    numpy.ndarray
        Shape (zones,), 0 to 1. A zone appears where a zone of the resample has a weighted Jaccard
        index of at least one half with it.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability.
    """
    if bootstraps == 0:
        return np.full(zones, np.nan)
    appeared = np.zeros(zones)
    for _ in range(bootstraps):
        # Poisson(1) draws of each incident are a bootstrap without its bookkeeping.
        drawn = weights * rng.poisson(1.0, len(weights))
        total = np.bincount(places.inverse, drawn, len(places.xy)).astype(float)
        resampled = Places(places.xy, total, places.inverse)
        again = place_labels(resampled, find_reliefs(resampled, bandwidth_m=bandwidth_m))
        appeared += _jaccard(zone_of_place, again, zones, places.weights).max(axis=1) >= _SAME
    return appeared / bootstraps


def _jaccard(first: Ints, second: Ints, zones: int, weights: Floats) -> Floats:
    # A column of zeros stands for a resample in which nothing was found.
    others = int(second.max(initial=-1)) + 2
    both = (first >= 0) & (second >= 0)
    shared = np.bincount(first[both] * others + second[both], weights[both], zones * others)
    shared = shared.reshape(zones, others)
    of_first = np.bincount(first + 1, weights, zones + 1)[1:]
    of_second = np.bincount(second + 1, weights, others + 1)[1:]
    union = of_first[:, None] + of_second[None, :] - shared
    ratio = np.divide(shared, union, out=np.zeros(union.shape), where=union > 0)
    return np.asarray(ratio, dtype=float)
