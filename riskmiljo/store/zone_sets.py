"""The kept zone sets as the rest of riskmiljo sees them: one series for each set of owners."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.model.period import Period
from riskmiljo.store import audit
from riskmiljo.store import zones as zone_rows
from riskmiljo.store.area import read_area, require_same_crs
from riskmiljo.store.drawn import DrawnChange, read_drawn, same_zones, write_change
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.file import StoreFile, instant_of


class ZoneSets(StoreFile):
    """A file with sets of zones, each found in the incidents of some owners and no other.

    Parameters
    ----------
    engine
        Of a file whose tables are up to date.
    """

    def save_zones(
        self,
        zones: gpd.GeoDataFrame,
        *,
        parameters: Mapping[str, Any],
        period: Period,
        now: datetime,
        owners: AbstractSet[str] = EVERY_OWNER,
        incidents: int | None = None,
        drawing: DrawnChange | None = None,
        drawn: gpd.GeoDataFrame | None = None,
    ) -> bool:
        """Keep a set of zones; earlier sets stay as history.

        Parameters
        ----------
        zones
            ``ZONE_COLUMNS``, in the store's reference system.
        parameters
            How they were found; JSON.
        period
            Of the incidents behind them.
        now
            Aware.
        owners
            Whose incidents they were found in.
        incidents
            In how many; None where that is not asked.
        drawing
            What the user does whose zones these are: kept with them, or not at all.
        drawn
            With ``drawing``: the drawn zones that the set gives way to.

        Returns
        -------
        bool
            False, and nothing is kept, where there are not as many incidents any more, or other
            drawn zones.

        Raises
        ------
        InvalidInputError
            If the frame breaks the contract or is in another reference system, or the drawing is
            refused as `riskmiljo.store.drawn.DrawnZones.make` refuses.
        NothingFoundError
            If a zone to be taken out is not there.
        """
        at = instant_of(now)
        with writing(self._engine) as connection:
            require_same_crs(connection, zones, zone_rows.ZONES)
            if incidents is not None and not zone_rows.rests_on_what_is_there(
                connection, period, owners, incidents
            ):
                return False
            if drawing is not None:
                trial = connection.begin_nested()
                write_change(connection, drawing)
                if not same_zones(read_drawn(connection, owners), drawn):
                    trial.rollback()
                    return False
            set_id = zone_rows.write_zones(
                connection, zones, parameters=parameters, period=period, now=at, owners=owners
            )
            detail = {"set": set_id, "zones": len(zones)}
            audit.append(connection, at=at, act="zones", detail=detail)
        return True

    def zones(
        self,
        *,
        owners: AbstractSet[str] = EVERY_OWNER,
        levels: int = 1,
        without: Collection[str] = (),
    ) -> gpd.GeoDataFrame | None:
        """Return the set of zones that was saved last, under the names that users gave.

        Parameters
        ----------
        owners
            Whose incidents it was found in: these and no other.
        levels
            2 adds the micro-places within the zones, after them.
        without
            Ids of zones: the last set that has none of them.

        Returns
        -------
        geopandas.GeoDataFrame or None
            ``ZONE_COLUMNS``; ``attrs`` tells parameters, period and time. None while none was
            saved.
        """
        with reading(self._engine) as connection:
            area = read_area(connection)
            if area is None:
                return None
            return zone_rows.latest_zones(
                connection, area.epsg, owners=owners, levels=levels, without=without
            )

    def zone_history(self, *, owners: AbstractSet[str] = EVERY_OWNER) -> pd.DataFrame:
        """Return every zone and micro-place of every saved set.

        Parameters
        ----------
        owners
            Whose incidents the sets were found in: these and no other.

        Returns
        -------
        pandas.DataFrame
            One row a set and zone, oldest set first; see `riskmiljo.store.zones.history`.
        """
        with reading(self._engine) as connection:
            return zone_rows.history(connection, owners=owners)

    def last_outlines(
        self, zone_ids: Collection[str], *, owners: AbstractSet[str] = EVERY_OWNER
    ) -> dict[str, shapely.Geometry]:
        """Return how zones lay in the last saved set that has each.

        Parameters
        ----------
        zone_ids
            Which.
        owners
            Whose incidents the sets were found in: these and no other.

        Returns
        -------
        dict of str to shapely.Geometry
            Metres; without those that no set has.
        """
        with reading(self._engine) as connection:
            return zone_rows.last_outlines(connection, zone_ids, owners=owners)

    def rename_zone(
        self,
        zone_id: str,
        name: str,
        *,
        now: datetime,
        owners: AbstractSet[str] = EVERY_OWNER,
        user: int | None = None,
    ) -> None:
        """Give a zone a name that stays, whatever later sets call it.

        Parameters
        ----------
        zone_id
            A zone of any saved set of these owners.
        name
            1 to 80 characters.
        now
            Aware.
        owners
            Whose incidents the sets were found in that the user knows.
        user
            Who, for the log; None for the command line.

        Raises
        ------
        InvalidInputError
            If the name cannot be used or is taken.
        NothingFoundError
            If there is no such zone.
        """
        at = instant_of(now)
        with writing(self._engine) as connection:
            zone_rows.write_name(connection, zone_id, name, at, owners=owners)
            audit.append(connection, at=at, act="rename", detail={"zone": zone_id}, user=user)
