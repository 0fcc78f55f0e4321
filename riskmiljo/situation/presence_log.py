"""The log of safe adults: what was kept, told coarsely; never who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np

from riskmiljo.analysis.presence_gap import ADULTS_PER_CREW
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.presence_places import places_to_choose
from riskmiljo.store import Store

# Whose presence the log tells of hour by hour; where the police were is theirs to tell.
LOGGED_KINDS: Final = ("outreach", "night_walkers")


@dataclass(frozen=True, slots=True)
class LoggedStay:
    """Adults who were somewhere.

    Attributes
    ----------
    place
        The nearest place that has a name.
    crew_kind
        From whom.
    begins, ends
        UTC.
    adult_minutes
        Time times adults.
    """

    place: str
    crew_kind: str
    begins: datetime
    ends: datetime
    adult_minutes: float


def known_places(store: Store, settings: Settings) -> dict[str, tuple[float, float]]:
    """Return the places that the log can name, in the store's reference system.

    Parameters
    ----------
    store
        Whose area they lie in.
    settings
        Whose gazetteer is meant.

    Returns
    -------
    dict of str to tuple of float
        Metres, by name; empty while the store has no area.
    """
    area = store.area()
    if area is None:
        return {}
    return places_to_choose(read_gazetteer(settings.gazetteer, crs=area.epsg))


def logged_stays(
    store: Store, week: Period, places: dict[str, tuple[float, float]], *, most: int = 20
) -> tuple[LoggedStay, ...]:
    """Return who was out in a week, as far as the log and check-ins say.

    Parameters
    ----------
    store
        Where presence is kept.
    week
        The week.
    places
        As `known_places` returns them.
    most
        The latest of them.

    Returns
    -------
    tuple of LoggedStay
        The latest first; outreach and night walkers only.
    """
    if not places:
        return ()
    rows: gpd.GeoDataFrame = store.presence(week)
    chosen = (rows["source"] == "checked_in") & rows["crew_kind"].isin(LOGGED_KINDS)
    rows = rows[chosen].iloc[::-1].head(most)
    names, spots = list(places), np.array(list(places.values()))
    found = []
    for (x, y), row in zip(coordinates(rows), rows.itertuples(), strict=True):
        nearest = int(np.hypot(spots[:, 0] - x, spots[:, 1] - y).argmin())
        found.append(
            LoggedStay(
                names[nearest],
                str(row.crew_kind),
                row.begins.to_pydatetime(),
                row.ends.to_pydatetime(),
                float(row.minutes) * ADULTS_PER_CREW,
            )
        )
    return tuple(found)
