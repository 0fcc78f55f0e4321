"""Entering and correcting operations (insatser), with places as people name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmiljo.access.lens import Lens, demo_lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.operation import Operation
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.build import build_situation
from riskmiljo.situation.named_places import find_spot
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.planner import standing_zones
from riskmiljo.situation.standing import drawn_zones_of
from riskmiljo.situation.zone_names import find_zone
from riskmiljo.store import Store
from riskmiljo.store.operations import Named
from riskmiljo.wording import Text

# How far a named place reaches where nothing else is said, and at most, metres.
REACH_M: Final = 150.0
MOST_REACH_M: Final = 2_000.0
NO_SUCH_PLACE: Final = Text(
    "En av insatsens platser finns inte längre. Öppna formuläret igen.",
    "One of the operation's places is there no more. Open the form again.",
)


def add_operation(
    store: Store,
    settings: Settings,
    *,
    name: str,
    period: tuple[str, str],
    zones: Sequence[str] = (),
    places: Sequence[str] = (),
    partners: Sequence[str] = (),
    goal: str = "",
    outcomes: Mapping[str, int] | None = None,
    now: datetime,
    lens: Lens | None = None,
    owner: str | None = None,
    user: int | None = None,
) -> int:
    """Enter an operation.

    Parameters
    ----------
    store
        Where it is kept.
    settings
        The installation's settings.
    name
        What people call it.
    period
        First local day and the day after the last.
    zones
        Names or ids of standing or drawn zones.
    places
        Names of the gazetteer, or ``lat,lon``, each with ``:RADIUS`` in metres behind it or none.
    partners, goal, outcomes
        As in `Operation`.
    now
        Aware.
    lens
        Whose standing zones are meant; None for those of every owner's incidents.
    owner
        The authority that it is entered for (`riskmiljo.access.operations`).
    user
        Who enters it, for the audit; None where nobody logs in.

    Returns
    -------
    int
        Its number.

    Raises
    ------
    InvalidInputError
        If a place is not known, there is none, or a value cannot be used.
    NothingFoundError
        If the store is empty.
    """
    tz = zone_of(store, settings)
    data_end(store, tz=tz)
    operation = Operation(
        name=name,
        period=Period.between(*period, tz=tz),
        places=_found(store, settings, lens or demo_lens(settings), zones, places, now),
        partners=tuple(partners),
        goal=goal,
        outcomes=dict(outcomes or {}),
    )
    return store.operations.add(
        operation, now=now, owner=owner, named=_named(zones, places), user=user
    )


def correct_operation(
    store: Store,
    settings: Settings,
    lens: Lens,
    operation_id: int,
    *,
    name: str,
    period: tuple[str, str],
    kept: Sequence[int],
    zones: Sequence[str] = (),
    places: Sequence[str] = (),
    partners: Sequence[str] = (),
    goal: str = "",
    seen: int,
    now: datetime,
    user: int | None = None,
) -> None:
    """Correct an operation that was entered wrongly; what it led to stays.

    An evaluation is of the days and places that it was made for: where they change, it is no more
    shown, and the joint picture judges the operation at a later release, by the same rules as one
    that is entered anew.

    Parameters
    ----------
    store
        Where it is kept.
    settings
        The installation's settings.
    lens
        Whose standing zones are meant.
    operation_id
        Its number, which stays.
    name, period
        As in `add_operation`.
    kept
        Which of its places stay as they are, from 0.
    zones, places
        More of them, as in `add_operation`.
    partners, goal
        As in `add_operation`.
    seen
        How many times it had been corrected when it was read.
    now
        Aware.
    user
        Who corrects it, for the audit; None where nobody logs in.

    Raises
    ------
    InvalidInputError
        If a place is not known, there is none, a value cannot be used, or somebody has corrected
        the operation since it was read.
    NothingFoundError
        If there is no such operation.
    """
    tz = zone_of(store, settings)
    row = store.operations.get(operation_id)
    before = row.operation
    chosen = Period.between(*period, tz=tz)
    if chosen.first_and_last_day(tz) == before.period.first_and_last_day(tz):
        # Hours that a day does not show stay.
        chosen = before.period
    if not all(0 <= number < len(before.places) for number in kept):
        raise InvalidInputError(NO_SUCH_PLACE)
    stays = sorted(set(kept))
    new = _found(store, settings, lens, zones, places, now, stays=bool(stays))
    geometry = [*before.places.geometry.iloc[stays], *new.geometry]
    known = row.named or [("", "")] * len(before.places)
    named = [*(known[number] for number in stays), *_named(zones, places)]
    store.operations.correct(
        operation_id,
        Operation(
            name=name,
            period=chosen,
            places=gpd.GeoDataFrame(geometry=geometry, crs=new.crs),
            partners=tuple(partners),
            goal=goal,
        ),
        seen=seen,
        now=now,
        named=named if any(word for _, word in named) else (),
        user=user,
    )


def known_zones(
    store: Store, settings: Settings, lens: Lens, *, now: datetime
) -> gpd.GeoDataFrame | None:
    """Return the zones that a reader may name.

    Parameters
    ----------
    store
        Where zones are kept.
    settings
        The installation's settings.
    lens
        Who reads.
    now
        Aware.

    Returns
    -------
    geopandas.GeoDataFrame or None
        ``zone_id``, ``name`` and polygons: those drawn for the lens's readers, and the standing
        ones that it shows; in the joint picture those of what was released. None for none.
    """
    standing = standing_zones(store, lens, tz=zone_of(store, settings))
    if lens.scope == "joint":
        try:
            standing = build_situation(store, settings, lens, Filter(), now=now).zones
        except NothingFoundError:
            # Nothing was released yet.
            standing = None
    both = (drawn_zones_of(store, lens), standing)
    known = [frame[["zone_id", "name", "geometry"]] for frame in both if frame is not None]
    return pd.concat(known, ignore_index=True) if known else None


def zone_shape(known: gpd.GeoDataFrame | None, word: str) -> shapely.Polygon:
    """Return the polygon of a zone that a reader names.

    Parameters
    ----------
    known
        The zones that may be named, from `known_zones`.
    word
        A name or an id.

    Returns
    -------
    shapely.Polygon
        Metres.

    Raises
    ------
    NothingFoundError
        If there is no such zone.
    """
    if known is None:
        raise NothingFoundError(Text("Inga riskzoner är sparade.", "No risk zones are kept."))
    return known.geometry.iloc[find_zone(word, known)]


def reach(word: str, gazetteer: gpd.GeoDataFrame) -> shapely.Polygon:
    """Return what lies around a place that a reader names.

    Parameters
    ----------
    word
        A name of the gazetteer, or ``lat,lon``; with ``:RADIUS`` in metres behind it or none.
    gazetteer
        The gazetteer.

    Returns
    -------
    shapely.Polygon
        Metres, in the gazetteer's reference system.

    Raises
    ------
    InvalidInputError
        If the place is not known, or the radius cannot be used.
    """
    name, colon, radius = word.rpartition(":")
    reach_m = REACH_M
    if colon:
        try:
            reach_m = float(radius)
        except ValueError:
            name = word
    else:
        name = word
    if not (np.isfinite(reach_m) and 0 < reach_m <= MOST_REACH_M):
        raise InvalidInputError(
            Text(
                "Radien i {w!r} ska vara över 0 och högst {m:.0f} meter.",
                "The radius in {w!r} must be above 0 and at most {m:.0f} metres.",
            ).fill(w=word[:60], m=MOST_REACH_M)
        )
    spot = find_spot(name, gazetteer, gazetteer.crs)
    return shapely.Point(spot.x, spot.y).buffer(reach_m)


def _found(
    store: Store,
    settings: Settings,
    lens: Lens,
    zones: Sequence[str],
    places: Sequence[str],
    now: datetime,
    *,
    stays: bool = False,
) -> gpd.GeoDataFrame:
    """Return the shapes of zones and places that were named; none only where others stay."""
    area = store.area()
    gazetteer = read_gazetteer(settings.gazetteer, crs=settings.epsg if area is None else area.epsg)
    known = known_zones(store, settings, lens, now=now) if zones else None
    shapes = [zone_shape(known, word) for word in zones]
    shapes += [reach(word, gazetteer) for word in places]
    if not shapes and not stays:
        raise InvalidInputError(
            Text(
                "Insatsen saknar platser. Ange --zone eller --place.",
                "The operation has no places. Give --zone or --place.",
            )
        )
    return gpd.GeoDataFrame(geometry=shapes, crs=gazetteer.crs)


def _named(zones: Sequence[str], places: Sequence[str]) -> list[Named]:
    return [*(("zone", word) for word in zones), *(("place", word) for word in places)]
