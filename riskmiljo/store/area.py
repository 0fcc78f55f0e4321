"""The area that a store covers: named once, with the metres in which everything in it is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import geopandas as gpd
from sqlalchemy import Connection, delete, insert, select

from riskmiljo.errors import CRSError, InvalidInputError, StoreError
from riskmiljo.geo.crs import parse_crs, require_metric
from riskmiljo.store import tables
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class Area:
    """The area of a store.

    Parameters
    ----------
    name
        As people call it.
    bbox
        West, south, east, north in degrees (WGS 84).
    epsg
        Its metric reference system.
    tz
        Its time zone, e.g. ``"Europe/Stockholm"``.

    Raises
    ------
    InvalidInputError
        If the box is empty or the time zone is not known.
    CRSError
        If the reference system is not known or not in metres.
    """

    name: str
    bbox: tuple[float, float, float, float]
    epsg: int
    tz: str

    def __post_init__(self) -> None:
        west, south, east, north = self.bbox
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - the globe
            raise InvalidInputError(
                Text(
                    "Områdets ruta {b} duger inte. Ange väst, syd, öst, nord i grader.",
                    "The area's box {b} cannot be used. Give west, south, east, north in degrees.",
                ).fill(b=self.bbox)
            )
        _require_metres(self.epsg)
        try:
            ZoneInfo(self.tz)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise InvalidInputError(
                Text(
                    "Tidszonen {t!r} är okänd. Ange till exempel Europe/Stockholm.",
                    "The time zone {t!r} is not known. Give for example Europe/Stockholm.",
                ).fill(t=self.tz)
            ) from error


@lru_cache
def _require_metres(epsg: int) -> None:
    # Every page reads the area several times over; what a reference system is does not change.
    require_metric(gpd.GeoSeries([], crs=parse_crs(epsg)), Text("Området", "The area"))


def read_area(connection: Connection) -> Area | None:
    """Return the area, None while none is set.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    Area or None
        As it was set last.
    """
    row = connection.execute(select(tables.area)).one_or_none()
    if row is None:
        return None
    return Area(row.name, (row.west, row.south, row.east, row.north), row.epsg, row.tz)


def write_area(connection: Connection, area: Area) -> None:
    """Set the area; its reference system stays once anything is kept in it.

    Parameters
    ----------
    connection
        In a writing transaction.
    area
        The new area.

    Raises
    ------
    StoreError
        If incidents, presence, zones or streets are there and the reference system differs.
    """
    before = read_area(connection)
    if before is not None and before.epsg != area.epsg and _in_use(connection):
        raise StoreError(
            Text(
                "Databasen för {n} räknar i EPSG:{old} och kan inte byta till EPSG:{new}. Använd "
                "en ny databas för det andra området.",
                "The store of {n} counts in EPSG:{old} and cannot change to EPSG:{new}. Use a new "
                "store for the other area.",
            ).fill(n=before.name, old=before.epsg, new=area.epsg),
            code="CRS_FAST",
        )
    values = asdict(area)
    west, south, east, north = values.pop("bbox")
    connection.execute(delete(tables.area))
    connection.execute(
        insert(tables.area).values(one=1, west=west, south=south, east=east, north=north, **values)
    )


def require_area(connection: Connection) -> Area:
    """Return the area of a store that must have one.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    Area
        Never None.

    Raises
    ------
    StoreError
        If none is set.
    """
    area = read_area(connection)
    if area is None:
        raise StoreError(
            Text(
                "Databasen har inget område ännu. Ange område och koordinatsystem först.",
                "The store has no area yet. Set its area and coordinate system first.",
            ),
            code="OMRADE_SAKNAS",
        )
    return area


def require_same_crs(connection: Connection, frame: gpd.GeoDataFrame, what: Text) -> Area:
    """Refuse a frame that is not in the store's reference system.

    Parameters
    ----------
    connection
        Any connection to the store.
    frame
        What is about to be written.
    what
        What it is called in the message.

    Returns
    -------
    Area
        The store's area.

    Raises
    ------
    StoreError
        If no area is set.
    CRSError
        If the reference system is missing, not in metres, or another one.
    """
    area = require_area(connection)
    crs = require_metric(frame, what)
    if crs.to_epsg() != area.epsg:
        raise CRSError(
            Text(
                "{what} är i {crs}, men databasen räknar i EPSG:{epsg}. Projicera om med "
                "to_crs({epsg}).",
                "{what}: the frame is in {crs}, but the store counts in EPSG:{epsg}. Project it "
                "with to_crs({epsg}).",
            ).fill(what=what, crs=crs.to_string()[:40], epsg=area.epsg),
            code="CRS_FEL",
        )
    return area


def _in_use(connection: Connection) -> bool:
    kept = (tables.incident, tables.presence, tables.zone, tables.street)
    return any(connection.execute(select(table).limit(1)).first() for table in kept)
