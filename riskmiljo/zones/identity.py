"""Which zone is which: ids and names that last, and what became of the former zones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from riskmiljo.analysis.places import Floats, Places
from riskmiljo.zones.follow import Following, follow
from riskmiljo.zones.naming import name_zones

# A zone whose top stays within such a square keeps its id even without a former set.
_ID_SQUARE_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the zones are.

    Parameters
    ----------
    columns
        ``zone_id``, ``name``, ``status`` and ``first_seen``, one value a zone.
    ceased
        Former zones that are no more: ``zone_id``, ``name`` and ``into``, the id of the zone that
        swallowed it, or empty.
    """

    columns: dict[str, Any]
    ceased: list[dict[str, str]]


def identify(
    shapes: list[shapely.Polygon],
    tops: Floats,
    unique: Places,
    *,
    first_day: datetime,
    places: gpd.GeoDataFrame | None,
    previous: gpd.GeoDataFrame | None,
) -> Identity:
    """Give zones their ids and names, old ones where a zone lives on.

    Parameters
    ----------
    shapes
        The outlines.
    tops
        Shape (k, 2), metres: where each is densest.
    unique
        Unique places with their weights: by what two zones share they are matched.
    first_day
        First seen, for new zones; UTC.
    places
        The gazetteer in the same CRS, or None.
    previous
        Former zones in the same CRS, or None.

    Returns
    -------
    Identity
        In the order of the zones.
    """
    count = len(shapes)
    if previous is None:
        following = Following([""] * count, [-1] * count, [])
        kept_ids: dict[int, str] = {}
        kept_names: dict[int, str] = {}
        first_seen = [pd.Timestamp(first_day)] * count
        former_ids: set[str] = set()
    else:
        following = follow(shapes, previous, unique.xy, unique.weights)
        heirs = {new: old for new, old in enumerate(following.heir_of) if old >= 0}
        kept_ids = {new: str(previous["zone_id"].iloc[old]) for new, old in heirs.items()}
        kept_names = {new: str(previous["name"].iloc[old]) for new, old in heirs.items()}
        first_seen = [
            min(pd.Timestamp(first_day), previous["first_seen"].iloc[heirs[new]])
            if new in heirs
            else pd.Timestamp(first_day)
            for new in range(count)
        ]
        former_ids = set(previous["zone_id"].astype(str))
    ids = _ids(tops, kept_ids, former_ids)
    columns = {
        "zone_id": ids,
        "name": name_zones(tops, shapes, places, kept=kept_names),
        "status": following.status,
        "first_seen": pd.Series(first_seen, dtype="datetime64[us, UTC]"),
    }
    ceased = [
        {"zone_id": zone_id, "name": name, "into": ids[into] if into >= 0 else ""}
        for zone_id, name, into in following.ceased
    ]
    return Identity(columns, ceased)


def _ids(tops: Floats, kept: Mapping[int, str], former: set[str]) -> list[str]:
    taken = set(kept.values()) | former
    ids = []
    for number, (x, y) in enumerate(tops.tolist()):
        if number in kept:
            ids.append(kept[number])
            continue
        square = f"{round(x / _ID_SQUARE_M)}:{round(y / _ID_SQUARE_M)}"
        attempt = 0
        zone_id = _hashed(square, attempt)
        while zone_id in taken:
            attempt += 1
            zone_id = _hashed(square, attempt)
        taken.add(zone_id)
        ids.append(zone_id)
    return ids


def _hashed(square: str, attempt: int) -> str:
    # A word that tells nothing by itself: it stands in addresses and logs.
    return "z" + hashlib.blake2b(f"{square}:{attempt}".encode(), digest_size=4).hexdigest()
