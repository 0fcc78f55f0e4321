"""Standing zones: the set that is kept from week to week, so that names and numbers last."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.access.lens import EVERY_OWNER, Lens
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.tables import ZONE_COLUMNS
from riskmiljo.settings import Settings
from riskmiljo.situation.periods import default_period, zone_of
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones import find_zones

# 20 searches of 12 000 incidents take some 1.7 s; of more than these none are made.
_BOOTSTRAPS: Final = 20
_MOST_RESAMPLED: Final = 50_000


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


def kept_zones(store: Store, lens: Lens) -> gpd.GeoDataFrame | None:
    """Return the standing zones, for a lens that may know their outlines.

    Parameters
    ----------
    store
        Where sets are kept.
    lens
        Who looks. Kept sets are made of every owner's incidents: whoever sees fewer, or the joint
        picture, is not told where they lie.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As `Store.zones`.
    """
    return store.zones() if sees_every_incident(lens) else None


def sees_every_incident(lens: Lens) -> bool:
    """Ask whether a lens shows the incidents of every owner themselves.

    Parameters
    ----------
    lens
        Who looks.

    Returns
    -------
    bool
        What was kept of all of them may then be shown, by its counts.
    """
    return lens.scope == "own" and lens.owners >= EVERY_OWNER


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
        Shape (n,), 0 to 1; NaN where it is not known: for a lens that may not know the standing
        zones, and for other periods or a part of the incidents, which it does not hold for.
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
        Which incidents count; None is the last 52 weeks that the data hold.
    bootstraps
        How often to search again in resampled incidents, for ``stability``; never for more than
        50 000 incidents.

    Returns
    -------
    geopandas.GeoDataFrame
        The zones that are now the standing ones; empty, with ``attrs["why"]``, when none stood out
        (then the former set stays). The parameters kept with the set tell ``bootstraps``, how many
        were made, and ``owners``, whose incidents it rests on.

    Raises
    ------
    NothingFoundError
        If the store is empty.
    """
    tz = zone_of(store, settings)
    asked = period or default_period(store, tz=tz)
    incidents = store.incidents(Filter(period=asked, tz=tz))
    if incidents.empty:
        raise NothingFoundError(
            Text("Inga händelser för {p}.", "No incidents for {p}.").fill(p=asked)
        )
    places = read_gazetteer(settings.gazetteer, crs=incidents.crs)
    zones = zones_of(
        incidents,
        period=asked,
        places=places,
        previous=store.zones(),
        drawn=store.drawn_zones.all(),
        bootstraps=bootstraps if len(incidents) <= _MOST_RESAMPLED else 0,
    )
    if not zones.empty:
        owners = sorted(incidents["owner"].unique().tolist())
        parameters = {**zones.attrs["parameters"], "owners": owners}
        store.save_zones(zones, parameters=parameters, period=asked, now=now)
    return zones


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
