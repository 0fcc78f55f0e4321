"""Exploratory stops: places where little is known because few have been there."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np

from riskmiljo.forecast.effort import joint_rate, left_out
from riskmiljo.forecast.effort_table import effort_table
from riskmiljo.forecast.exploration import exploratory_units
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.plan import Spot
from riskmiljo.patrol.stops import OwnStop
from riskmiljo.patrol.streets import Streets
from riskmiljo.situation.build import Situation
from riskmiljo.situation.memory import Memory
from riskmiljo.situation.source import seen_incidents, seen_presence
from riskmiljo.store import Store
from riskmiljo.wording import Text

# Within a walk of the start, and not where the shift has a zone anyway.
_NEAR_START_M: Final = 1_500.0
_LEAST_RADIUS_M: Final = 75.0
_TOO_LARGE: Final = frozenset({"square_area", "district", "street"})

# What an exploratory stop of an earlier plan is there for.
LITTLE_KNOWN: Final = Text(
    "Utforskande stopp: liten närvaro här hittills, så läget är dåligt känt.",
    "Exploratory stop: little presence here so far, so little is known.",
)
NO_PRESENCE: Final = Text(
    "Närvaro saknas, så inga utforskande hållpunkter föreslås.",
    "There is no presence, so no exploratory stops are suggested.",
)

# With the streets that each rests on, which so stay the same ones as long as it.
_chosen: Final = Memory[tuple[list[OwnStop], list[Text], Streets | None]](most=16)


def exploratory_stops(
    store: Store, situation: Situation, start: Spot, streets: Streets | None, *, count: int
) -> tuple[list[OwnStop], list[Text]]:
    """Choose places that earn a stop because little is known of them.

    Parameters
    ----------
    store
        Incidents and presence.
    situation
        What the lens shows, and for which period.
    start
        Where the teams begin.
    streets
        The network, or None; places off it are not chosen.
    count
        How many.

    Returns
    -------
    tuple
        The stops, and notes.
    """
    if count == 0:
        return [], []
    # A plan is asked for again and again with one stop more or less: what is known stays the same.
    asked = (store.url, store.version(), situation.lens.key, situation.question, situation.period)
    here = (start.x, start.y, count, None if streets is None else id(streets))
    found, said, _ = _chosen.get(
        (asked, here), lambda: (*_choose(store, situation, start, streets, count), streets)
    )
    return list(found), list(said)


def _choose(
    store: Store, situation: Situation, start: Spot, streets: Streets | None, count: int
) -> tuple[list[OwnStop], list[Text]]:
    # Hours are told of one's own crews alone; where none are told everyone's count.
    joint = situation.lens.scope == "joint"
    presence = (
        store.presence(situation.period)
        if joint
        else seen_presence(store, situation.lens, situation.period)
    )
    if presence.empty:
        return [], [NO_PRESENCE]
    places = _candidates(situation, start, streets)
    if places.empty:
        return [], []
    incidents = seen_incidents(store, situation.question.within(situation.period), situation.lens)
    units = places.set_geometry(
        places.geometry.buffer(np.maximum(places["radius_m"], _LEAST_RADIUS_M))
    )
    table = effort_table(
        incidents,
        presence,
        units.set_index("name"),
        period=situation.period,
        step_days=7,
        unknown="reported",
        tz=situation.tz,
    )
    rates = joint_rate(table.discovered, table.reported, table.presence_h, days=table.days)
    chosen = exploratory_units(rates, count=count, method="upper")
    found = []
    for name, sv, en in zip(chosen["unit"], chosen["why_sv"], chosen["why_en"], strict=True):
        x, y = coordinates(places[places["name"] == name])[0]
        found.append(
            OwnStop(
                str(name),
                float(x),
                float(y),
                kind="explore",
                # In the joint picture hours of presence are not shown.
                evidence=LITTLE_KNOWN if joint else Text(f"{sv}.", f"{en}."),
            )
        )
    return found, left_out(rates)


def _candidates(situation: Situation, start: Spot, streets: Streets | None) -> gpd.GeoDataFrame:
    places = situation.places[~situation.places["kind"].isin(_TOO_LARGE)]
    places = places.drop_duplicates("name")
    xy = coordinates(places)
    near = np.hypot(xy[:, 0] - start.x, xy[:, 1] - start.y) <= _NEAR_START_M
    if len(situation.zones):
        near &= ~places.intersects(situation.zones.union_all()).to_numpy()
    if streets is not None and len(xy):
        near &= streets.reach(xy).usable
    return places[near].reset_index(drop=True)
