"""How surely zones are zones: the search repeated in resampled incidents, and kept as a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import geopandas as gpd

from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.settings import Settings
from riskmiljo.situation.build import Situation
from riskmiljo.situation.released import refuse_joint
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.standing import drawn_zones_of, kept_zones, zones_of
from riskmiljo.store import Store

KIND: Final = "zones"
MOST_BOOTSTRAPS: Final = 1000


@dataclass(frozen=True)
class ZoneRun:
    """A search for zones that was repeated.

    Attributes
    ----------
    result_id
        The number under which it is kept (`riskmiljo.store.results.Results`).
    parameters
        What is needed to make it again: the filter and all that `riskmiljo.zones.find_zones` went
        by; JSON.
    zones
        As in the situation, with the ``stability`` of this run.
    """

    result_id: int
    parameters: dict[str, Any]
    zones: gpd.GeoDataFrame = field(repr=False)


def repeat_search(
    situation: Situation, store: Store, settings: Settings, *, bootstraps: int, now: datetime
) -> ZoneRun:
    """Search for the zones of a situation again and again in resampled incidents.

    Parameters
    ----------
    situation
        Whose zones; its lens decides which are told.
    store
        Where its incidents lie, and where the run is kept.
    settings
        The installation's settings.
    bootstraps
        How often. A hundred times in 12 000 incidents take some 9 s.
    now
        Aware.

    Returns
    -------
    ZoneRun
        With the parameters kept beside the result, so that two runs can be compared.

    Raises
    ------
    NothingFoundError
        If the lens is the joint one, which knows no incidents to resample.
    InvalidInputError
        If the number of bootstraps is negative.
    """
    lens = situation.lens
    refuse_joint(lens)
    question = situation.question.within(situation.period)
    incidents = seen_incidents(store, question, lens)
    found = zones_of(
        incidents,
        period=situation.period,
        places=read_gazetteer(settings.gazetteer, crs=incidents.crs),
        previous=kept_zones(store, lens, levels=2),
        drawn=drawn_zones_of(store, lens),
        levels=2,
        bootstraps=bootstraps,
    )
    known = found.set_index("zone_id")["stability"].astype(float)
    zones = situation.zones.copy()
    zones["stability"] = known.reindex(zones["zone_id"]).to_numpy()
    parameters = {
        **found.attrs.get("parameters", {}),
        "filter": [list(pair) for pair in question.to_query()],
        "lens": lens.key,
    }
    told = zones[["zone_id", "name", "stability"]].to_dict("records")
    result_id = store.results.add(KIND, parameters=parameters, body={"zones": told}, now=now)
    return ZoneRun(result_id, parameters, zones)
