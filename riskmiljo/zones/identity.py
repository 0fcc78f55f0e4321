"""Which zone is which: ids and names that last, and what became of the former zones."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
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
    given: Mapping[int, tuple[str, str]] | None = None,
    level: int = 1,
    taken: Collection[str] = (),
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
        Former zones of the same level in the same CRS, or None.
    given
        Ids and names that zones have from a user, by position; they win.
    level
        1 for zones, 2 for micro-places: the same square has an id for each.
    taken
        Names of zones of another level.

    Returns
    -------
    Identity
        In the order of the zones.
    """
    count = len(shapes)
    own_ids = {zone: zone_id for zone, (zone_id, _) in (given or {}).items()}
    own_names = {zone: name for zone, (_, name) in (given or {}).items()}
    if previous is None or previous.empty:
        following = Following(["" if previous is None else "new"] * count, [-1] * count, [])
    else:
        following = follow(shapes, previous, unique.xy, unique.weights, fixed=own_ids)
    heirs = {new: old for new, old in enumerate(following.heir_of) if old >= 0}
    former = pd.DataFrame() if previous is None else previous
    kept_ids = {new: str(former["zone_id"].iloc[old]) for new, old in heirs.items()} | own_ids
    reserved = {*own_names.values(), *taken}
    kept_names = {new: str(former["name"].iloc[old]) for new, old in heirs.items()}
    kept_names = {new: name for new, name in kept_names.items() if name not in reserved} | own_names
    start = pd.Timestamp(first_day)
    first_seen = [
        min(start, former["first_seen"].iloc[heirs[new]]) if new in heirs else start
        for new in range(count)
    ]
    former_ids = set() if previous is None else set(previous["zone_id"].astype(str))
    ids = _ids(tops, kept_ids, former_ids, level)
    columns = {
        "zone_id": ids,
        "name": name_zones(tops, shapes, places, kept=kept_names, taken=taken),
        "status": following.status,
        "first_seen": pd.Series(first_seen, dtype="datetime64[us, UTC]"),
    }
    ceased = [
        {"zone_id": zone_id, "name": name, "into": ids[into] if into >= 0 else ""}
        for zone_id, name, into in following.ceased
    ]
    return Identity(columns, ceased)


def _ids(tops: Floats, kept: Mapping[int, str], former: set[str], level: int) -> list[str]:
    taken = set(kept.values()) | former
    ids = []
    for number, (x, y) in enumerate(tops.tolist()):
        if number in kept:
            ids.append(kept[number])
            continue
        square = f"{round(x / _ID_SQUARE_M)}:{round(y / _ID_SQUARE_M)}"
        square = square if level == 1 else f"{square}:{level}"
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
