"""Where zones are: the tops or clusters that a method finds, outlined on the surface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from riskmiljo.analysis.places import Floats, Ints, Places
from riskmiljo.zones.cluster import checked_parameters, cluster_places
from riskmiljo.zones.clustered import clustered_reliefs
from riskmiljo.zones.held_out import held_out_gain, odd_weeks
from riskmiljo.zones.membership import zone_of_points
from riskmiljo.zones.outline import outlines, top_points
from riskmiljo.zones.relief import DEFAULT_BANDWIDTH_M, Relief, effective_weights, find_reliefs
from riskmiljo.zones.standing_out import standing_tops, threshold

METHODS: Final = ("auto", "density", "dbscan", "hdbscan")
BY_DENSITY: Final = ("auto", "density")

# Where the zones of the default bandwidth hold less than this of all, incidents are scattered, and
# wider bandwidths are tried.
_SCATTERED: Final = 0.05
_WIDER_M: Final = (250.0, 350.0, 500.0)


@dataclass(frozen=True, slots=True)
class Outlined:
    """Outlined zones, before they are counted.

    Parameters
    ----------
    shapes
        Simple polygons that do not overlap.
    tops
        Shape (k, 2), metres: where each is densest.
    """

    shapes: list[shapely.Polygon]
    tops: Floats

    def only(self, kept: Ints) -> Outlined:
        """Return some of them, in the order asked for.

        Parameters
        ----------
        kept
            Their positions.

        Returns
        -------
        Outlined
            As many as asked for.
        """
        return Outlined([self.shapes[number] for number in kept.tolist()], self.tops[kept])


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, and by what.

    Parameters
    ----------
    outlined
        The zones.
    bandwidth_m
        Of the quartic kernel, metres.
    threshold_z
        How many standard errors a top had to rise; None for clusters.
    gains
        The bandwidths that were compared on unseen weeks, metres, and what each gained, nats;
        empty where the choice was clear or given.
    """

    outlined: Outlined
    bandwidth_m: float
    threshold_z: float | None
    gains: dict[float, float]


def search(
    places: Places,
    weights: Floats,
    days: Ints,
    *,
    method: str,
    bandwidth_m: float | None,
    precision_m: float,
    min_places: int,
    parameters: dict[str, float],
) -> Search:
    """Find and outline zones.

    Parameters
    ----------
    places
        Unique places, weighted in effective incidents.
    weights
        Shape (n,), of each incident.
    days
        Shape (n,), whole days.
    method
        One of `METHODS`.
    bandwidth_m
        Metres; None is 175 m or, where that is finer, the precision of the places. ``"auto"`` then
        tries wider ones where incidents are scattered.
    precision_m
        How far a true place may be from its point, metres.
    min_places
        How many places a zone must hold to count in that.
    parameters
        Those of `cluster`.

    Returns
    -------
    Search
        Possibly of no zones.
    """
    first_m = bandwidth_m or max(DEFAULT_BANDWIDTH_M, precision_m)
    if method not in BY_DENSITY:
        counted = Places(places.xy, _summed(places, weights), places.inverse)
        labels = cluster_places(counted, method, parameters)
        reliefs = clustered_reliefs(counted, labels, first_m)
        chosen = [list(range(len(part.basins.tops))) for part in reliefs]
        return Search(_outline(reliefs, chosen), first_m, None, {})
    checked_parameters(parameters, {})
    found = _standing_out(places, first_m)
    if bandwidth_m is not None or method == "density" or _holds(found, places) >= _SCATTERED:
        return found
    odd = odd_weeks(days)
    effective = effective_weights(weights)
    wider = [width for width in _WIDER_M if width > first_m]
    gains = {
        width: held_out_gain(places, effective, odd, bandwidth_m=width, min_places=min_places)
        for width in ([first_m, *wider] if found.outlined.shapes else wider)
    }
    # The best first, the finest of equals; one that shows nothing in the whole is passed over.
    for width in sorted(gains, key=lambda width: (-gains[width], width)):
        if gains[width] <= 0:
            break
        lasting = found if width == first_m else _standing_out(places, width)
        if _most_places(lasting, places) >= min_places:
            return replace(lasting, gains=gains)
    return replace(found, gains=gains)


def _standing_out(places: Places, bandwidth_m: float) -> Search:
    reliefs = find_reliefs(places, bandwidth_m=bandwidth_m)
    limit = threshold(reliefs)
    chosen = [standing_tops(part, limit) for part in reliefs]
    return Search(_outline(reliefs, chosen), bandwidth_m, limit, {})


def _summed(places: Places, weights: Floats) -> Floats:
    total = np.bincount(places.inverse, weights, len(places.xy))
    return np.asarray(total, dtype=float)


def _holds(found: Search, places: Places) -> float:
    inside = zone_of_points(places.xy, found.outlined.shapes) >= 0
    return float(places.weights[inside].sum() / places.weights.sum())


def _most_places(found: Search, places: Places) -> int:
    inside = zone_of_points(places.xy, found.outlined.shapes)
    return int(np.bincount(inside + 1, minlength=2)[1:].max())


def _outline(reliefs: list[Relief], chosen: list[list[int]]) -> Outlined:
    shapes: list[shapely.Polygon] = []
    points: list[shapely.Point] = []
    for part, tops in zip(reliefs, chosen, strict=True):
        for shape, point in zip(outlines(part, tops), top_points(part, tops), strict=True):
            if shape is not None:
                shapes.append(shape)
                points.append(point)
    return Outlined(shapes, shapely.get_coordinates(points).reshape(-1, 2))
