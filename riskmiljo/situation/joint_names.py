"""Names that readers gave zones of the joint picture, carried from one release to the next.

A zone's id is that of the square at its top. Where a release moves the top to another square, the
name follows the ground: both outlines are released data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import geopandas as gpd

from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.settings import Settings
from riskmiljo.situation.joint_source import pseudo_incidents
from riskmiljo.situation.joint_zones import joint_zones
from riskmiljo.situation.periods import zone_of
from riskmiljo.situation.released import released_answer
from riskmiljo.store import Store

# A zone goes on in the one that holds at least this share of its ground.
_SAME: Final = 0.5


def named_zones(store: Store, settings: Settings) -> gpd.GeoDataFrame | None:
    """Return the zones of the present release that readers have named.

    Parameters
    ----------
    store
        Where releases are kept; no incident is read.
    settings
        The installation's settings.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As of `riskmiljo.situation.joint_zones.joint_zones`; None where none has a name of theirs.
    """
    names = store.releases.zone_names()
    zones = _zones(store, settings) if names else None
    return None if zones is None else zones[zones["zone_id"].isin(list(names))]


def carry_names(
    store: Store, settings: Settings, former: gpd.GeoDataFrame | None, *, now: datetime
) -> None:
    """Give the zones of a new release the names of those that they go on from.

    Parameters
    ----------
    store
        Where the release has been kept.
    settings
        The installation's settings.
    former
        From `named_zones`, before the release.
    now
        Aware.
    """
    zones = None if former is None or former.empty else _zones(store, settings)
    if former is None or zones is None:
        return
    names = store.releases.zone_names()
    present = set(zones["zone_id"])
    for old_id, shape in zip(former["zone_id"], former.geometry, strict=True):
        if old_id in present:
            continue
        shared = zones.geometry.intersection(shape).area / shape.area
        heir = str(zones["zone_id"].iloc[int(shared.to_numpy().argmax())])
        if shared.max() >= _SAME and heir not in names:
            store.releases.name_zone(heir, names[old_id], now=now)
            names[heir] = names[old_id]


def _zones(store: Store, settings: Settings) -> gpd.GeoDataFrame | None:
    question = Filter(tz=zone_of(store, settings))
    try:
        period = released_answer(store, question).period
        made = pseudo_incidents(store, question)
    except NothingFoundError:
        return None
    places = read_gazetteer(settings.gazetteer, crs=made.crs)
    zones = joint_zones(made, period=period, places=places, tz=question.tz)
    return None if zones.empty else zones
