"""The log of safe adults: what was kept, told coarsely; never who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np

from riskmiljo.access.presence import LOGGED_KINDS, kinds_taken_out
from riskmiljo.access.reader import Reader
from riskmiljo.analysis.presence_gap import ADULTS_PER_CREW
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.presence_places import places_to_choose
from riskmiljo.store import Store
from riskmiljo.store.presence_entries import PresenceEntry, unknown_entry

# A week's, also where many are out; what is not shown cannot be taken back.
MOST_LOGGED: Final = 200
_MOST_FILES: Final = 10


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
    entry_id
        What it came from, where that brought nothing else and can be taken out; else None.
    """

    place: str
    crew_kind: str
    begins: datetime
    ends: datetime
    adult_minutes: float
    entry_id: int | None = None


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
    store: Store, week: Period, places: dict[str, tuple[float, float]]
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

    Returns
    -------
    tuple of LoggedStay
        The latest first, at most `MOST_LOGGED`; outreach and night walkers only.
    """
    if not places:
        return ()
    rows: gpd.GeoDataFrame = store.presence(week, entries=True)
    chosen = (rows["source"] == "checked_in") & rows["crew_kind"].isin(LOGGED_KINDS)
    rows = rows[chosen].iloc[::-1].head(MOST_LOGGED)
    names, spots = list(places), np.array(list(places.values()))
    alone = store.presence_entries.of_one(int(number) for number in rows["entry_id"])
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
                int(row.entry_id) if row.entry_id in alone else None,
            )
        )
    return tuple(found)


def taken_in(store: Store, reader: Reader) -> tuple[PresenceEntry, ...]:
    """Return the files of presence that a reader may take out again.

    Parameters
    ----------
    store
        Where presence is kept.
    reader
        Who asks.

    Returns
    -------
    tuple of PresenceEntry
        The latest first; those that tell of no other crews than the reader's.
    """
    kinds = kinds_taken_out(reader)
    files = (one for one in store.presence_entries.latest(files=True) if kinds >= {*one.crew_kinds})
    return tuple(files)[:_MOST_FILES]


def take_out_entry(store: Store, reader: Reader, entry_id: int, *, now: datetime) -> int:
    """Take out a stay that was logged by mistake, or a file of presence as a whole.

    Parameters
    ----------
    store
        Where presence is kept.
    reader
        Who asks.
    entry_id
        What brought it.
    now
        Aware.

    Returns
    -------
    int
        How many rows were removed.

    Raises
    ------
    NothingFoundError
        If there is no such entry, in the same words as if it were not the reader's to take out.
    """
    entry = store.presence_entries.get(entry_id)
    if not kinds_taken_out(reader) >= {*entry.crew_kinds}:
        raise unknown_entry(entry_id)
    return store.presence_entries.undo(entry_id, now=now)
