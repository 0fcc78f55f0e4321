"""Zones that users drew: kept apart from found ones, which give way to them.

A drawn zone is for those who read the incidents of the same owners as whoever drew it, and nobody
else sees its name or outline.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, Engine, delete, insert, select

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.store import audit
from riskmiljo.store.area import read_area, require_same_crs
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import drawn_zone as table
from riskmiljo.store.zones import clean_name, owners_key, standing_names
from riskmiljo.wording import Text

_WHAT: Final = Text("Den ritade zonen", "The drawn zone")
# Borders that were meant to coincide overlap by slivers.
_SLIVER_M2: Final = 1.0
_NAMED_SO: Final = Text(
    "En annan zon heter redan {n}. Rita om den zonen, eller välj ett annat namn.",
    "Another zone is called {n} already. Redraw that zone, or choose another name.",
)


@dataclass(frozen=True, slots=True)
class DrawnChange:
    """What a user does to the drawn zones of some readers.

    Attributes
    ----------
    now
        When (aware).
    owners
        Whose incidents those read whom the zones are for.
    user
        Who does it, for the audit; None where nobody logs in.
    zones
        To be kept: ``zone_id``, ``name`` and valid polygons in the store's reference system; one
        with the same id is redrawn. None for none.
    removed
        The id of the zone to be taken out; None for none.
    """

    now: datetime
    owners: AbstractSet[str] = EVERY_OWNER
    user: int | None = None
    zones: gpd.GeoDataFrame | None = None
    removed: str | None = None


class DrawnZones:
    """The drawn zones of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self, change: DrawnChange) -> None:
        """Do what a user does, by itself.

        Parameters
        ----------
        change
            Kept as a whole or not at all.

        Raises
        ------
        InvalidInputError
            If a name cannot be used or another zone of these owners has it, or if an outline is no
            valid polygon or overlaps another drawn zone.
        CRSError
            If they are in another reference system.
        NothingFoundError
            If no zone drawn for them has the id that is to be taken out.
        """
        with writing(self._engine) as connection:
            write_change(connection, change)

    def after(self, change: DrawnChange) -> gpd.GeoDataFrame | None:
        """Return the drawn zones as they will be after a change, and keep nothing.

        Parameters
        ----------
        change
            Refused as `make` refuses.

        Returns
        -------
        geopandas.GeoDataFrame or None
            As `of`.
        """
        with writing(self._engine) as connection:
            trial = connection.begin_nested()
            write_change(connection, change)
            found = read_drawn(connection, change.owners)
            trial.rollback()
        return found

    def of(self, owners: AbstractSet[str]) -> gpd.GeoDataFrame | None:
        """Return the zones that were drawn for the readers of these owners' incidents.

        Parameters
        ----------
        owners
            These and no other.

        Returns
        -------
        geopandas.GeoDataFrame or None
            ``zone_id``, ``name`` and polygons, in the order of their ids; None while there is none.
        """
        with reading(self._engine) as connection:
            return read_drawn(connection, owners)


def read_drawn(connection: Connection, owners: AbstractSet[str]) -> gpd.GeoDataFrame | None:
    """Return the drawn zones of the readers of some owners' incidents.

    Parameters
    ----------
    connection
        Any connection to the store.
    owners
        These and no other.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As `DrawnZones.of`.
    """
    mine = select(table).where(table.c.owners == owners_key(owners))
    area = read_area(connection)
    rows = connection.execute(mine.order_by(table.c.zone_id)).all()
    if area is None or not rows:
        return None
    return gpd.GeoDataFrame(
        {
            "zone_id": pd.Series([row.zone_id for row in rows], dtype="str"),
            "name": pd.Series([row.name for row in rows], dtype="str"),
        },
        geometry=shapely.from_wkb([row.geometry for row in rows]),
        crs=parse_crs(area.epsg),
    )


def same_zones(one: gpd.GeoDataFrame | None, other: gpd.GeoDataFrame | None) -> bool:
    """Return whether two readings of zones are alike in every row.

    Parameters
    ----------
    one, other
        None for none.

    Returns
    -------
    bool
        Also False for other columns or another order.
    """
    if one is None or other is None:
        return one is other
    return bool(one.equals(other))


def write_change(connection: Connection, change: DrawnChange) -> None:
    """Do to the drawn zones what a user does.

    Parameters
    ----------
    connection
        In a writing transaction, to be rolled back if anything is raised.
    change
        What.

    Raises
    ------
    InvalidInputError
        If a name or an outline cannot be used; see `DrawnZones.make`.
    CRSError
        If outlines are in another reference system.
    NothingFoundError
        If the zone to be taken out is not there.
    """
    if change.zones is not None:
        _write(connection, change.zones, change)
    if change.removed is not None:
        _take_out(connection, change.removed, change)


def _write(connection: Connection, zones: gpd.GeoDataFrame, change: DrawnChange) -> None:
    owners = change.owners
    require_same_crs(connection, zones, _WHAT)
    ids = [str(zone_id) for zone_id in zones["zone_id"]]
    redrawn = table.c.zone_id.in_(ids) & (table.c.owners == owners_key(owners))
    found = {
        name.casefold()
        for zone_id, name in standing_names(connection, owners=owners)
        if zone_id not in ids
    }
    # All at once: two neighbours may have moved their border.
    connection.execute(delete(table).where(redrawn))
    for zone_id, name, shape in zip(ids, zones["name"], zones.geometry, strict=True):
        clean = clean_name(str(name))
        _refuse_shape(clean, shape)
        if clean.casefold() in found:
            raise InvalidInputError(_NAMED_SO.fill(n=clean))
        _refuse_clash(connection, clean, shape, owners)
        row = {"zone_id": zone_id, "owners": owners_key(owners), "name": clean}
        connection.execute(
            insert(table).values(geometry=shapely.to_wkb(shape), drawn_at=change.now, **row)
        )
        detail = {"zone": zone_id}
        audit.append(connection, at=change.now, act="drawn", detail=detail, user=change.user)


def _take_out(connection: Connection, zone_id: str, change: DrawnChange) -> None:
    mine = (table.c.zone_id == zone_id) & (table.c.owners == owners_key(change.owners))
    if connection.execute(delete(table).where(mine)).rowcount == 0:
        raise NothingFoundError(
            Text("Ingen ritad zon heter {z}.", "There is no drawn zone {z}.").fill(z=zone_id)
        )
    detail = {"zone": zone_id}
    audit.append(connection, at=change.now, act="drawn_removed", detail=detail, user=change.user)


def _refuse_shape(name: str, shape: shapely.Geometry | None) -> None:
    if shape is None or shape.geom_type != "Polygon" or not shape.is_valid or shape.is_empty:
        raise InvalidInputError(
            Text(
                "{n}: konturen är ingen giltig yta. Rita den utan att linjen korsar sig själv.",
                "{n}: the outline is no valid polygon. Draw it without crossing itself.",
            ).fill(n=name)
        )


def _refuse_clash(
    connection: Connection, name: str, shape: shapely.Polygon, owners: AbstractSet[str]
) -> None:
    """Refuse a name that another drawn zone has, and an outline over another's."""
    others = select(table).where(table.c.owners == owners_key(owners)).order_by(table.c.zone_id)
    for other in connection.execute(others):
        if other.name.casefold() == name.casefold():
            raise InvalidInputError(
                Text(
                    "En annan ritad zon heter redan {n}. Välj ett annat namn.",
                    "Another drawn zone is called {n} already. Choose another name.",
                ).fill(n=other.name)
            )
        if shapely.from_wkb(other.geometry).intersection(shape).area > _SLIVER_M2:
            raise InvalidInputError(
                Text(
                    "Konturen överlappar den ritade zonen {n}. Flytta gränsen mellan dem.",
                    "The outline overlaps the drawn zone {n}. Move the border between them.",
                ).fill(n=other.name)
            )
