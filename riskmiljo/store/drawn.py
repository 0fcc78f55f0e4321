"""Zones that users drew: kept apart from found ones, which give way to them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Engine, delete, insert, select

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.store import audit
from riskmiljo.store.area import read_area, require_same_crs
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import drawn_zone as table
from riskmiljo.store.zones import clean_name
from riskmiljo.wording import Text

_WHAT: Final = Text("Den ritade zonen", "The drawn zone")


class DrawnZones:
    """The drawn zones of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, zone: gpd.GeoDataFrame, *, now: datetime) -> None:
        """Keep one drawn zone; one with the same id is redrawn.

        Parameters
        ----------
        zone
            One row: ``zone_id``, ``name`` and a valid polygon in the store's reference system.
        now
            Aware.

        Raises
        ------
        InvalidInputError
            If the name cannot be used or the outline is no valid polygon.
        CRSError
            If it is in another reference system.
        """
        row = zone.iloc[0]
        name = clean_name(str(row["name"]))
        shape = row.geometry
        if shape is None or shape.geom_type != "Polygon" or not shape.is_valid or shape.is_empty:
            raise InvalidInputError(
                Text(
                    "{n}: konturen är ingen giltig yta. Rita den utan att linjen korsar sig själv.",
                    "{n}: the outline is no valid polygon. Draw it without crossing itself.",
                ).fill(n=name)
            )
        zone_id = str(row["zone_id"])
        with writing(self._engine) as connection:
            require_same_crs(connection, zone, _WHAT)
            connection.execute(delete(table).where(table.c.zone_id == zone_id))
            connection.execute(
                insert(table).values(
                    zone_id=zone_id, name=name, geometry=shapely.to_wkb(shape), drawn_at=now
                )
            )
            audit.append(connection, at=now, act="drawn", detail={"zone": zone_id})

    def remove(self, zone_id: str, *, now: datetime) -> None:
        """Take out a drawn zone.

        Parameters
        ----------
        zone_id
            Which.
        now
            Aware.

        Raises
        ------
        NothingFoundError
            If no drawn zone has this id.
        """
        with writing(self._engine) as connection:
            gone = connection.execute(delete(table).where(table.c.zone_id == zone_id))
            if gone.rowcount == 0:
                raise NothingFoundError(
                    Text("Ingen ritad zon heter {z}.", "There is no drawn zone {z}.").fill(
                        z=zone_id
                    )
                )
            audit.append(connection, at=now, act="drawn_removed", detail={"zone": zone_id})

    def all(self) -> gpd.GeoDataFrame | None:
        """Return the drawn zones.

        Returns
        -------
        geopandas.GeoDataFrame or None
            ``zone_id``, ``name`` and polygons, in the order of their ids; None while there is none.
        """
        with reading(self._engine) as connection:
            area = read_area(connection)
            rows = connection.execute(select(table).order_by(table.c.zone_id)).all()
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
