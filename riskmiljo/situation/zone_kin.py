"""What lies where a former zone lay, and which former zones lay where a zone lies now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import shapely

from riskmiljo.situation.build import Situation
from riskmiljo.situation.zone_story import former_zones
from riskmiljo.store import Store

# Two outlines lie in the same place where they share so much of the smaller one.
_SHARED: Final = 0.2


def now_there(zone_id: str, situation: Situation, store: Store) -> list[tuple[str, str]]:
    """Return the zones that lie where a former one lay.

    Parameters
    ----------
    zone_id
        The former zone.
    situation
        Whose zones are looked among: those that its lens shows.
    store
        Where sets are kept.

    Returns
    -------
    list of tuple of str
        Id and name, in the order of the situation.
    """
    last = store.last_outlines([zone_id], owners=situation.lens.owners).get(zone_id)
    if last is None:
        return []
    shapes = dict(
        zip(situation.zones["zone_id"].astype(str), situation.zones.geometry, strict=True)
    )
    names = dict(zip(shapes, situation.zones["name"].astype(str), strict=True))
    return [(one, names[one]) for one in _in_place(last, shapes) if one != zone_id]


def once_there(zone_id: str, situation: Situation, store: Store) -> list[tuple[str, str]]:
    """Return the former zones that lay where a zone lies now.

    Parameters
    ----------
    zone_id
        A zone of the situation.
    situation
        The situation.
    store
        Where sets are kept.

    Returns
    -------
    list of tuple of str
        Id and name of those that the lens tells of, the latest to cease first.
    """
    former = dict(former_zones(store, situation.lens))
    if not former:
        return []
    outlines = store.last_outlines(list(former), owners=situation.lens.owners)
    zones = situation.zones
    here = zones.loc[zones["zone_id"].astype(str) == zone_id].geometry.iloc[0]
    there = set(_in_place(here, outlines))
    return [(one, name) for one, name in former.items() if one in there]


def _in_place(here: shapely.Geometry, others: Mapping[str, shapely.Geometry]) -> list[str]:
    return [
        one
        for one, other in others.items()
        if here.intersection(other).area >= _SHARED * min(here.area, other.area) > 0
    ]
