"""Which bandwidth's zones hold up in the weeks that they have not seen."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.zones.relief import effective_area_m2, find_reliefs
from riskmiljo.zones.standing_out import standing_tops, threshold

# What the surroundings' rate counts for, in incidents, beside what a zone itself has shown.
_PRIOR: Final = 5.0


def held_out_gain(
    places: Places,
    weights: Floats,
    odd: npt.NDArray[np.bool_],
    *,
    bandwidth_m: float,
    min_places: int,
) -> float:
    """Find zones in every second week and tell how well they foretell the weeks between.

    Parameters
    ----------
    places
        Unique places.
    weights
        Shape (n,), the effective weight of each incident.
    odd
        Shape (n,), which incidents fell in odd weeks.
    bandwidth_m
        Of the quartic kernel, metres.
    min_places
        Zones at fewer places than this are none.

    Returns
    -------
    float
        Nats: the gain in log likelihood of the incidents inside, in the half that was not seen,
        over expecting only what the surroundings have there, summed over both ways round. At most
        0 where no zone holds up; no zone gives 0.

    References
    ----------
    Geisser, S. (1975). The predictive sample reuse method with applications.
    """
    size = len(places.xy)
    halves = [
        np.bincount(places.inverse[half], weights[half], size).astype(float) for half in (odd, ~odd)
    ]
    return sum(
        _gain(places, seen, unseen, bandwidth_m, min_places)
        for seen, unseen in (halves, halves[::-1])
    )


def odd_weeks(days: Ints) -> npt.NDArray[np.bool_]:
    """Tell which days lie in the odd weeks, counted from the first day.

    Parameters
    ----------
    days
        Shape (n,), whole days.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    odd: npt.NDArray[np.bool_] = (days - days.min()) // 7 % 2 == 1
    return odd


def _gain(
    places: Places, seen: Floats, unseen: Floats, bandwidth_m: float, min_places: int
) -> float:
    reliefs = find_reliefs(Places(places.xy, seen, places.inverse), bandwidth_m=bandwidth_m)
    # Half the data rise by half: as many standard errors as the whole needs, over root two.
    limit = threshold(reliefs) / np.sqrt(2.0)
    gain = 0.0
    for part in reliefs:
        cell = part.grid.index(places.xy[part.members])
        for top in standing_tops(part, limit):
            reach = part.reach(top)
            raster = np.zeros(part.grid.shape, dtype=bool)
            raster[reach.rows, reach.columns] = reach.inside
            area = float(reach.inside.sum()) * part.grid.cell_m**2
            usual = max(float(part.surroundings[top]), 1e-9) * area / effective_area_m2(bandwidth_m)
            inside = part.members[raster.ravel()[cell]]
            if (seen[inside] > 0).sum() < min_places:
                continue
            expected = usual * (seen[inside].sum() + _PRIOR) / (usual + _PRIOR)
            gain += float(unseen[inside].sum() * np.log(expected / usual) - (expected - usual))
    return gain
