"""Follow zones from one period to the next by the incidents they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.analysis.places import Floats
from riskmiljo.zones.membership import zone_of_points

Bools = npt.NDArray[np.bool_]

# Most of one zone lies in the other.
_MOST: Final = 0.5
# Enough of both, where nothing else claims either, to say that the zone has moved.
_SOME: Final = 0.2
# A middle that has moved further than this, in radii of a circle as large, is said to have moved.
_MOVED_RADII: Final = 0.5
_GROWN: Final = 1.25
_SHRUNK: Final = 0.8


@dataclass(frozen=True, slots=True)
class Following:
    """What became of the former zones.

    Parameters
    ----------
    status
        For each new zone: new, persisting, growing, shrinking, moved, split or merged.
    heir_of
        For each new zone the position of the former one whose id and name it keeps, or -1.
    ceased
        Former zones that are no more: ``zone_id``, ``name`` and ``into``, the position of the new
        zone that swallowed them, or -1.
    """

    status: list[str]
    heir_of: list[int]
    ceased: list[tuple[str, str, int]]


def follow(
    outlines: list[shapely.Polygon],
    previous: gpd.GeoDataFrame,
    xy: Floats,
    weights: Floats,
    *,
    fixed: Mapping[int, str] | None = None,
) -> Following:
    """Match new zones to former ones by the weight of the incidents inside both.

    Parameters
    ----------
    outlines
        The new zones.
    previous
        The former ones, in the same CRS, with ``zone_id`` and ``name``.
    xy
        Shape (m, 2), metres: the incidents, or unique places.
    weights
        Shape (m,).
    fixed
        The ids of zones that a user drew, by position: they are heirs of the former zone with that
        id and of no other.

    Returns
    -------
    Following
        A former zone has at most one heir, the new zone with which it shares the largest part of
        both (Jaccard), if most of either lies in the other; or, where neither is related to any
        other in that way, if they share a fifth of both: then it has moved.

    References
    ----------
    Greene, D., Doyle, D. and Cunningham, P. (2010). Tracking the evolution of communities in
    dynamic social networks.
    """
    old_shapes = list(previous.geometry)
    new_of, old_of = zone_of_points(xy, outlines), zone_of_points(xy, old_shapes)
    both = (new_of >= 0) & (old_of >= 0)
    n_old, n_new = len(old_shapes), len(outlines)
    pairs = np.bincount(old_of[both] * n_new + new_of[both], weights[both], n_old * n_new)
    shared = np.asarray(pairs.reshape(n_old, n_new), dtype=np.float64)
    old_total = np.bincount(old_of + 1, weights, n_old + 1)[1:].astype(float)
    new_total = np.bincount(new_of + 1, weights, n_new + 1)[1:].astype(float)
    of_old = _ratio(shared, old_total[:, None])
    of_new = _ratio(shared, new_total[None, :])
    linked = (of_old >= _MOST) | (of_new >= _MOST)
    jaccard = _ratio(shared, old_total[:, None] + new_total[None, :] - shared)
    heir_of, heirless = _heirs(jaccard, linked, list(previous["zone_id"].astype(str)), fixed or {})
    claimed = linked.any(axis=1, keepdims=True) | linked.any(axis=0, keepdims=True)
    some = ~claimed & (of_old >= _SOME) & (of_new >= _SOME)
    moved = _match(jaccard, some, heir_of, heirless, set(fixed or {}))
    swallowed, pieces = of_old >= _MOST, of_new >= _MOST
    status = []
    for new, old in enumerate(heir_of):
        if new in moved:
            status.append("moved")
        # A zone that a user has just drawn is no part of another, however much it took of it.
        elif old == -1 and new in (fixed or {}):
            status.append("new")
        else:
            status.append(_status(new, old, outlines, old_shapes, swallowed, pieces))
    ceased = [
        (
            str(previous["zone_id"].iloc[old]),
            str(previous["name"].iloc[old]),
            int(np.argmax(of_old[old])) if swallowed[old].any() else -1,
        )
        for old in sorted(heirless)
    ]
    return Following(status, heir_of, ceased)


def _heirs(
    jaccard: Floats, linked: Bools, old_ids: list[str], fixed: Mapping[int, str]
) -> tuple[list[int], set[int]]:
    heir_of = [-1] * jaccard.shape[1]
    heirless = set(range(len(old_ids)))
    for new, zone_id in fixed.items():
        if zone_id in old_ids:
            heir_of[new] = old_ids.index(zone_id)
            heirless.discard(heir_of[new])
    _match(jaccard, linked, heir_of, heirless, set(fixed))
    return heir_of, heirless


def _match(
    jaccard: Floats, allowed: Bools, heir_of: list[int], heirless: set[int], closed: set[int]
) -> set[int]:
    """Give former zones their heirs, the most alike first, and return the new zones matched."""
    matched = set()
    for old, new in sorted(
        np.argwhere(allowed).tolist(), key=lambda pair: (-jaccard[pair[0], pair[1]], pair)
    ):
        if heir_of[new] == -1 and old in heirless and new not in closed:
            heir_of[new] = old
            heirless.discard(old)
            matched.add(new)
    return matched


def _status(
    new: int,
    old: int,
    outlines: list[shapely.Polygon],
    old_shapes: list[shapely.Polygon],
    swallowed: Bools,
    pieces: Bools,
) -> str:
    if old == -1:
        return "split" if pieces[:, new].any() else "new"
    if swallowed[:, new].sum() > 1:
        return "merged"
    if pieces[old].sum() > 1:
        return "split"
    ratio = outlines[new].area / old_shapes[old].area
    if ratio >= _GROWN:
        return "growing"
    if ratio <= _SHRUNK:
        return "shrinking"
    far = _MOVED_RADII * (old_shapes[old].area / np.pi) ** 0.5
    moved = outlines[new].centroid.distance(old_shapes[old].centroid) > far
    return "moved" if moved else "persisting"


def _ratio(part: Floats, whole: Floats) -> Floats:
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
