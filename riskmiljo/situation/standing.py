"""Standing zones: the sets that are kept from week to week, so that names and numbers last.

There is one series of sets for each group of owners that a lens may read: what the police follow
rests on their own incidents alone, and so does what the outreach workers follow.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import EVERY_OWNER, OWN_DATA, Lens
from riskmiljo.errors import NothingFoundError, StoreError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.tables import ZONE_COLUMNS
from riskmiljo.settings import Settings
from riskmiljo.situation.periods import default_period, zone_of
from riskmiljo.store import Store
from riskmiljo.store.drawn import DrawnChange, same_zones
from riskmiljo.wording import Text
from riskmiljo.zones import find_zones

# Of every owner's incidents, for whoever sits at the machine itself, and of each owner's that a
# role works with.
SETS: Final = (EVERY_OWNER, *dict.fromkeys(OWN_DATA.values()))
# What the ids of zones begin with that a user drew where none was: found ones begin with z.
DRAWN_PREFIX: Final = "d"
# 20 searches of 12 000 incidents take some 1.7 s; of more than these none are made.
_BOOTSTRAPS: Final = 20
_MOST_RESAMPLED: Final = 50_000
# How often a search is made again because what it rests on changed while it was made.
_TRIES: Final = 3
_UNQUIET: Final = Text(
    "Händelser eller ritade zoner ändrades medan riskzonerna söktes, {n} "
    "{n:gång|gånger}. Försök igen när ingen läser in eller ritar.",
    "Incidents or drawn zones changed while the risk zones were being found, {n} "
    "{n:time|times}. Try again when nobody takes in or draws anything.",
).fill(n=_TRIES)


def zones_of(
    incidents: gpd.GeoDataFrame,
    *,
    period: Period,
    places: gpd.GeoDataFrame,
    previous: gpd.GeoDataFrame | None,
    drawn: gpd.GeoDataFrame | None = None,
    levels: int = 1,
    bootstraps: int = 0,
) -> gpd.GeoDataFrame:
    """Find zones, where finding none is an answer and not an error.

    Parameters
    ----------
    incidents
        The incident contract, metres.
    period
        The period they were asked for.
    places
        The gazetteer in the same CRS.
    previous
        The standing zones; their names and ids carry over.
    drawn
        Zones that users drew; found ones give way to them.
    levels
        2 adds the micro-places within the zones, after all of them.
    bootstraps
        How often to search again in resampled incidents, for ``stability``.

    Returns
    -------
    geopandas.GeoDataFrame
        ZONE_COLUMNS; when empty, ``attrs["why"]`` holds a `Text` that says why.
    """
    try:
        return find_zones(
            incidents,
            places=places,
            previous=previous,
            period=period,
            drawn=drawn,
            levels=levels,
            bootstraps=bootstraps,
            rng=0,
        )
    except NothingFoundError as nothing:
        columns: dict[str, list[object]] = {name: [] for name in ZONE_COLUMNS if name != "geometry"}
        empty = gpd.GeoDataFrame(columns, geometry=[], crs=incidents.crs)
        empty.attrs["why"] = nothing.message
        return empty


def kept_zones(store: Store, lens: Lens, *, levels: int = 1) -> gpd.GeoDataFrame | None:
    """Return the standing zones of the incidents that a lens shows.

    Parameters
    ----------
    store
        Where sets are kept.
    lens
        Who looks.
    levels
        2 adds the micro-places within the zones, after them.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As `Store.zones`: found in the incidents of the lens's owners and no other. None while none
        is kept, and in the joint picture, whose zones are made of what was released.
    """
    return None if lens.scope == "joint" else store.zones(owners=lens.owners, levels=levels)


def drawn_zones_of(store: Store, lens: Lens) -> gpd.GeoDataFrame | None:
    """Return the zones that were drawn for the readers of a lens.

    Parameters
    ----------
    store
        Where they are kept.
    lens
        Who looks.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As `riskmiljo.store.drawn.DrawnZones.of`; None for none, and in the joint picture, whose
        zones are made of what was released.
    """
    return None if lens.scope == "joint" else store.drawn_zones.of(lens.owners)


def kept_stability(
    store: Store, lens: Lens, asked: Filter, zones: gpd.GeoDataFrame
) -> npt.NDArray[np.float64]:
    """Return how surely each zone is one, as reckoned when the standing zones were found.

    Parameters
    ----------
    store
        Where sets are kept.
    lens
        Who looks.
    asked
        What the zones were found for, its period filled in.
    zones
        Zones with their standing ``zone_id``.

    Returns
    -------
    numpy.ndarray
        Shape (n,), 0 to 1; NaN where it is not known: while none are kept, and for other periods
        or a part of the incidents, which it does not hold for.
    """
    unknown = np.full(len(zones), np.nan)
    kept = kept_zones(store, lens)
    if kept is None or asked.period is None or asked != Filter(period=asked.period, tz=asked.tz):
        return unknown
    start, end = (datetime.fromisoformat(moment) for moment in kept.attrs["period"])
    if (start, end) != (asked.period.start, asked.period.end):
        return unknown
    known = kept.set_index("zone_id")["stability"].astype(float)
    return np.asarray(known.reindex(zones["zone_id"]).to_numpy(), dtype=float)


def refresh_zones(
    store: Store,
    settings: Settings,
    *,
    now: datetime,
    period: Period | None = None,
    weeks_earlier: int = 0,
    bootstraps: int = _BOOTSTRAPS,
) -> gpd.GeoDataFrame:
    """Find the zones of the whole record anew, match them to the standing ones, and keep them.

    Parameters
    ----------
    store
        Where incidents lie and zones are kept.
    settings
        The installation's settings.
    now
        When this is done (aware).
    period
        Which incidents count; None is the last 52 weeks that the data of each set's owners hold.
    weeks_earlier
        By how much that usual period is moved back.
    bootstraps
        How often to search again in resampled incidents, for ``stability``; never for more than
        50 000 incidents.

    Returns
    -------
    geopandas.GeoDataFrame
        The zones that are now the standing ones of every owner's incidents; empty, with
        ``attrs["why"]``, when none stood out (then the former set stays). The sets of `SETS` are
        found beside them, each in its own owners' incidents. The parameters kept with a set tell
        ``bootstraps``, how many were made, and ``owners``, whose incidents it rests on.

    Raises
    ------
    NothingFoundError
        If the store is empty, or holds nothing of the period.
    """
    search = _Search(store, settings, now, bootstraps)
    zones = search.keep(EVERY_OWNER, period, weeks_earlier)
    for owners in SETS[1:]:
        try:
            search.keep(owners, period, weeks_earlier)
        except NothingFoundError:
            # An owner who has brought nothing in has no zones, and misses none.
            continue
    return zones


def refresh_zones_of(
    store: Store,
    settings: Settings,
    owners: AbstractSet[str],
    *,
    now: datetime,
    bootstraps: int = _BOOTSTRAPS,
    drawing: DrawnChange | None = None,
) -> gpd.GeoDataFrame:
    """Find the zones of one group of owners anew and keep them; the other sets stay.

    Parameters
    ----------
    store
        Where incidents lie and zones are kept.
    settings
        The installation's settings.
    owners
        Whose incidents count.
    now
        When this is done (aware).
    bootstraps
        As in `refresh_zones`.
    drawing
        What a user does to the drawn zones of these owners: searched for as if it were done, and
        then kept in one step with what was found.

    Returns
    -------
    geopandas.GeoDataFrame
        As `refresh_zones`, of these owners.

    Raises
    ------
    InvalidInputError
        If the drawing is refused; then nothing is kept.
    NothingFoundError
        If the store holds nothing of theirs; then the drawing is not kept either.
    """
    return _Search(store, settings, now, bootstraps, drawing).keep(owners, None, 0)


@dataclass
class _Search:
    """One search for each group of owners; what rests on the same incidents is found once."""

    store: Store
    settings: Settings
    now: datetime
    bootstraps: int
    drawing: DrawnChange | None = None
    found: list[_Found] = field(default_factory=list)

    def keep(
        self, owners: AbstractSet[str], period: Period | None, weeks_earlier: int
    ) -> gpd.GeoDataFrame:
        """Find and keep the zones of some owners' incidents."""
        for _ in range(_TRIES):
            found = self._find(frozenset(owners), period, weeks_earlier)
            if found.zones.empty:
                if self.drawing is not None:
                    self.store.drawn_zones.make(self.drawing)
                return found.zones
            parameters = {**found.zones.attrs["parameters"], "owners": sorted(found.owners)}
            if self.store.save_zones(
                found.zones,
                parameters=parameters,
                period=found.period,
                now=self.now,
                owners=owners,
                incidents=found.incidents,
                drawing=self.drawing,
                drawn=found.drawn,
            ):
                return found.zones[found.zones["parent_id"] == ""].reset_index(drop=True)
            # It rests on what is no longer so: nothing that was found may stay.
            self.found.clear()
        raise StoreError(_UNQUIET)

    def _find(self, owners: frozenset[str], period: Period | None, weeks_earlier: int) -> _Found:
        tz = zone_of(self.store, self.settings)
        asked = period or default_period(
            self.store, tz=tz, owners=owners, weeks_earlier=weeks_earlier
        )
        incidents = self.store.incidents(Filter(period=asked, tz=tz), owners=owners)
        if incidents.empty:
            raise NothingFoundError(
                Text("Inga händelser för {p}.", "No incidents for {p}.").fill(p=asked.days_text(tz))
            )
        whose = frozenset(str(owner) for owner in incidents["owner"].unique())
        drawn = (
            self.store.drawn_zones.of(owners)
            if self.drawing is None
            else self.store.drawn_zones.after(self.drawing)
        )
        previous = _former(self.store, owners, drawn)
        for one in self.found:
            if one.rests_on(whose, asked, previous, drawn):
                return one
        zones = zones_of(
            incidents,
            period=asked,
            places=read_gazetteer(self.settings.gazetteer, crs=incidents.crs),
            previous=previous,
            drawn=drawn,
            levels=2,
            bootstraps=self.bootstraps if len(incidents) <= _MOST_RESAMPLED else 0,
        )
        self.found.append(_Found(whose, asked, previous, drawn, zones, len(incidents)))
        return self.found[-1]


def _former(
    store: Store, owners: AbstractSet[str], drawn: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    """Return the zones that a search follows: in place of outlines taken away, those before them.

    What is found where a user drew a zone of his own and took it away again is what was found
    there before: it gets its id and its name back, and not those of the outline.
    """
    last = store.zones(owners=owners, levels=2)
    if last is None:
        return None
    still = [] if drawn is None else drawn["zone_id"]
    gone = last["zone_id"].str.startswith(DRAWN_PREFIX) & ~last["zone_id"].isin(still)
    if not gone.any():
        return last
    ids = last.loc[gone, "zone_id"].tolist()
    stays = last[~gone & ~last["parent_id"].isin(ids)]
    earlier = store.zones(owners=owners, levels=2, without=ids)
    if earlier is None:
        return stays
    back = earlier[~earlier["zone_id"].isin(stays["zone_id"])]
    back = back[back.intersects(last.loc[gone].union_all())]
    return pd.concat([part for part in (stays, back) if len(part)] or [stays], ignore_index=True)


@dataclass(frozen=True)
class _Found:
    owners: frozenset[str]
    period: Period
    previous: gpd.GeoDataFrame | None
    drawn: gpd.GeoDataFrame | None
    zones: gpd.GeoDataFrame
    incidents: int

    def rests_on(
        self,
        owners: frozenset[str],
        period: Period,
        previous: gpd.GeoDataFrame | None,
        drawn: gpd.GeoDataFrame | None,
    ) -> bool:
        """Return whether it was found in just this."""
        same = self.owners == owners and self.period == period
        return same and same_zones(self.previous, previous) and same_zones(self.drawn, drawn)


def changes(zones: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the zones by what became of them since the last set.

    Parameters
    ----------
    zones
        As `refresh_zones` returns them.

    Returns
    -------
    dict of str to int
        Status to number, the commonest first; zones without a status are left out.
    """
    named, counts = np.unique([s for s in zones["status"] if s], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(named[i]): int(counts[i]) for i in order}
