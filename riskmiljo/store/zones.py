"""Zone sets as they were found, and the names that users gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    exists,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.incidents import UTC_DTYPE
from riskmiljo.model.period import Period
from riskmiljo.model.tables import ZONE_COLUMNS, ZONE_DETAIL_COLUMNS, check_columns
from riskmiljo.store.columns import require_values
from riskmiljo.store.tables import (
    Instant,
    batch,
    drawn_zone,
    incident,
    micros,
    redelivery,
    zone,
    zone_name,
    zone_set,
)
from riskmiljo.wording import Text

LONGEST_NAME: Final = 80
ZONES: Final = Text("Zonerna", "The zones")

_WHOLE: Final = ("events", "places", "days", "reported", "discovered")
_REAL: Final = ("incidents", "area_ha", "per_ha_week", "share", "stability")
_WORDS: Final = ("zone_id", "name", "parent_id", "status")


def write_zones(
    connection: Connection,
    zones: gpd.GeoDataFrame,
    *,
    parameters: Mapping[str, Any],
    period: Period,
    now: datetime,
    owners: AbstractSet[str],
) -> int:
    """Keep a set of zones beside the earlier ones.

    Parameters
    ----------
    connection
        In a writing transaction.
    zones
        ``ZONE_COLUMNS``, in the store's reference system.
    parameters
        How they were found; JSON.
    period
        Of the incidents behind them.
    now
        Aware.
    owners
        Whose incidents it was found in.

    Returns
    -------
    int
        The number of the set.

    Raises
    ------
    InvalidInputError
        If a column is missing or two zones share an id.
    """
    check_columns(zones, ZONE_COLUMNS, ZONES)
    complete = [name for name in ZONE_COLUMNS if name != "stability"]
    require_values(zones, complete, ("first_seen",), ZONES)
    twice = zones["zone_id"].duplicated()
    if twice.any():
        raise InvalidInputError(
            Text("Zonen {z} finns två gånger.", "The zone {z} is there twice.").fill(
                z=zones["zone_id"][twice].iloc[0]
            ),
            code="CONTRACT",
        )
    made = connection.execute(
        insert(zone_set).values(
            created_at=now,
            period_start=period.start,
            period_end=period.end,
            parameters=dict(parameters),
            owners=owners_key(owners),
        )
    )
    (set_id,) = made.inserted_primary_key or (0,)
    if len(zones):
        connection.execute(insert(zone), _rows(zones, set_id))
    return int(set_id)


def latest_zones(
    connection: Connection,
    epsg: int,
    *,
    owners: AbstractSet[str],
    levels: int = 1,
    without: Collection[str] = (),
) -> gpd.GeoDataFrame | None:
    """Return the set that was saved last, under the names that users gave.

    Parameters
    ----------
    connection
        Any connection to the store.
    epsg
        The store's metric reference system.
    owners
        Whose incidents it was found in: these and no other.
    levels
        2 adds the micro-places, after the zones.
    without
        Ids of zones: the last set that has none of them.

    Returns
    -------
    geopandas.GeoDataFrame or None
        ``ZONE_COLUMNS`` and what is known of ``ZONE_DETAIL_COLUMNS``; ``attrs`` has
        ``parameters``, ``period`` (two times in ISO 8601) and ``created_at``. None while none was
        saved.
    """
    newest = select(zone_set).where(zone_set.c.owners == owners_key(owners))
    if without:
        has_one = select(zone.c.set_id).where(zone.c.zone_id.in_(without))
        newest = newest.where(zone_set.c.set_id.not_in(has_one))
    kept = connection.execute(newest.order_by(zone_set.c.set_id.desc()).limit(1)).one_or_none()
    if kept is None:
        return None
    level = [] if levels > 1 else [zone.c.parent_id == ""]
    rows = connection.execute(
        _named(owners, *(zone.c[name] for name in ZONE_COLUMNS if name != "name"), zone.c.details)
        .where(zone.c.set_id == kept.set_id, *level)
        .order_by(zone.c.position)
    ).mappings()
    table = pd.DataFrame(rows.all(), columns=[*ZONE_COLUMNS, "details"])
    details = table.pop("details")
    table = _typed(table)
    if len(details) and details.notna().all():
        more = pd.DataFrame(details.tolist())
        for name in ZONE_DETAIL_COLUMNS:
            if name in more:
                table[name] = more[name]
    shapes = shapely.from_wkb(table.pop("geometry").to_numpy())
    zones = gpd.GeoDataFrame(table, geometry=shapes, crs=parse_crs(epsg))
    zones.attrs = {
        "parameters": kept.parameters,
        "period": [kept.period_start.isoformat(), kept.period_end.isoformat()],
        "created_at": kept.created_at.isoformat(),
    }
    return zones


def history(connection: Connection, *, owners: AbstractSet[str]) -> pd.DataFrame:
    """Return every zone and micro-place of every saved set.

    Parameters
    ----------
    connection
        Any connection to the store.
    owners
        Whose incidents the sets were found in: these and no other.

    Returns
    -------
    pandas.DataFrame
        One row a set and zone, oldest set first: ``set_id, created_at, period_start, period_end,
        zone_id, name, status, first_seen, events, incidents, per_ha_week, places, days,
        parent_id``; times in UTC. A zone without a row in the last set has ceased.
    """
    set_columns = [zone_set.c[c] for c in ("set_id", "created_at", "period_start", "period_end")]
    zone_columns = [
        zone.c[c]
        for c in (
            "zone_id",
            "status",
            "first_seen",
            "events",
            "incidents",
            "per_ha_week",
            "places",
            "days",
            "parent_id",
        )
    ]
    rows = connection.execute(
        _named(owners, *set_columns, *zone_columns)
        .join(zone_set, zone_set.c.set_id == zone.c.set_id)
        .where(zone_set.c.owners == owners_key(owners))
        .order_by(zone_set.c.set_id, zone.c.position)
    ).mappings()
    order = [
        "set_id",
        "created_at",
        "period_start",
        "period_end",
        "zone_id",
        "name",
        "status",
        "first_seen",
        "events",
        "incidents",
        "per_ha_week",
        "places",
        "days",
        "parent_id",
    ]
    return _typed(pd.DataFrame(rows.all(), columns=order))


def last_outlines(
    connection: Connection, zone_ids: Collection[str], *, owners: AbstractSet[str]
) -> dict[str, shapely.Geometry]:
    """Return how zones lay in the last saved set that has each.

    Parameters
    ----------
    connection
        Any connection to the store.
    zone_ids
        Which.
    owners
        Whose incidents the sets were found in: these and no other.

    Returns
    -------
    dict of str to shapely.Geometry
        Metres; without those that no set has.
    """
    last = (
        select(zone.c.zone_id, func.max(zone.c.set_id).label("set_id"))
        .join(zone_set, zone_set.c.set_id == zone.c.set_id)
        .where(zone_set.c.owners == owners_key(owners), zone.c.zone_id.in_(zone_ids))
        .group_by(zone.c.zone_id)
        .subquery()
    )
    same = (zone.c.zone_id == last.c.zone_id) & (zone.c.set_id == last.c.set_id)
    rows = connection.execute(select(zone.c.zone_id, zone.c.geometry).join(last, same))
    return {str(row.zone_id): shapely.from_wkb(row.geometry) for row in rows}


def write_name(
    connection: Connection, zone_id: str, name: str, now: datetime, *, owners: AbstractSet[str]
) -> None:
    """Give a zone the name that a user wants, in every set that has it.

    Parameters
    ----------
    connection
        In a writing transaction.
    zone_id
        A zone of any saved set.
    name
        1 to 80 characters on one line.
    now
        Aware.
    owners
        Whose incidents the sets were found in that the user knows; others are not looked at.

    Raises
    ------
    InvalidInputError
        If the name cannot be used, or another zone of the latest set has it.
    NothingFoundError
        If no saved set has the zone.
    """
    clean = clean_name(name)
    mine = zone_set.c.owners == owners_key(owners)
    known = select(zone.c.zone_id).join(zone_set, zone_set.c.set_id == zone.c.set_id)
    if connection.execute(known.where(mine, zone.c.zone_id == zone_id)).first() is None:
        raise NothingFoundError(
            Text("Zonen {z} finns inte.", "The zone {z} does not exist.").fill(z=zone_id)
        )
    drawn = select(drawn_zone.c.zone_id, drawn_zone.c.name).where(
        drawn_zone.c.owners == owners_key(owners)
    )
    known_names = [
        *standing_names(connection, owners=owners, levels=2),
        *((row.zone_id, row.name) for row in connection.execute(drawn)),
    ]
    if clean.casefold() in {other.casefold() for one, other in known_names if one != zone_id}:
        raise InvalidInputError(
            Text(
                "En annan zon heter redan {n}. Välj ett annat namn.",
                "Another zone is called {n} already. Choose another name.",
            ).fill(n=clean)
        )
    its_own = (drawn_zone.c.zone_id == zone_id) & (drawn_zone.c.owners == owners_key(owners))
    connection.execute(update(drawn_zone).where(its_own).values(name=clean))
    give_name(connection, zone_id, clean, now, owners=owners)


def standing_names(
    connection: Connection, *, owners: AbstractSet[str], levels: int = 1
) -> list[tuple[str, str]]:
    """Return what the zones of the set that was saved last are called.

    Parameters
    ----------
    connection
        Any connection to the store.
    owners
        Whose incidents it was found in.
    levels
        2 adds the micro-places.

    Returns
    -------
    list of tuple of str
        Ids and names.
    """
    mine = zone_set.c.owners == owners_key(owners)
    newest = select(func.max(zone_set.c.set_id)).where(mine).scalar_subquery()
    level = [] if levels > 1 else [zone.c.parent_id == ""]
    rows = connection.execute(_named(owners, zone.c.zone_id).where(zone.c.set_id == newest, *level))
    return [(str(row.zone_id), str(row.name)) for row in rows]


def give_name(
    connection: Connection, zone_id: str, name: str, now: datetime, *, owners: AbstractSet[str]
) -> None:
    """Put a zone's name in the place of the one that the same readers gave it before.

    Parameters
    ----------
    connection
        In a writing transaction.
    zone_id
        The zone.
    name
        From `clean_name`.
    now
        Aware.
    owners
        Whose incidents those read whom it is for.
    """
    mine = (zone_name.c.zone_id == zone_id) & (zone_name.c.owners == owners_key(owners))
    connection.execute(delete(zone_name).where(mine))
    connection.execute(
        insert(zone_name).values(
            zone_id=zone_id, owners=owners_key(owners), name=name, renamed_at=now
        )
    )


def drop_sets_of_batch(connection: Connection, batch_id: int) -> int:
    """Take out the sets that were found in incidents of a batch that is about to be undone.

    Parameters
    ----------
    connection
        In a writing transaction.
    batch_id
        The batch; its incidents are still there.

    Returns
    -------
    int
        How many sets. A set from before the import stays, and so does one of other owners or of
        another time, and where a later batch delivered every incident too.
    """
    begins = incident.c.occurred_from
    # What a later batch delivered too stays, and with it what was found in it.
    again = exists().where(redelivery.c.key == incident.c.key)
    leaving = (
        select(
            incident.c.owner,
            type_coerce(func.min(begins), Instant).label("first"),
            type_coerce(func.max(begins), Instant).label("last"),
        )
        .where(incident.c.batch_id == batch_id, ~again)
        .group_by(incident.c.owner)
    )
    since = select(batch.c.imported_at).where(batch.c.batch_id == batch_id)
    imported_at = connection.execute(since).scalar()
    spans = {row.owner: (row.first, row.last) for row in connection.execute(leaving)}
    if imported_at is None or not spans:
        return 0
    gone = [
        kept.set_id
        for kept in connection.execute(
            select(zone_set).where(zone_set.c.created_at >= imported_at)
        ).all()
        if any(
            kept.period_start <= spans[owner][1] and spans[owner][0] < kept.period_end
            for owner in kept.owners.split(",")
            if owner in spans
        )
    ]
    return _drop(connection, zone_set.c.set_id.in_(gone)) if gone else 0


def drop_sets_before(connection: Connection, before: datetime) -> int:
    """Take out the sets that were found in incidents from before a day alone.

    Parameters
    ----------
    connection
        In a writing transaction.
    before
        The first instant whose incidents stay; aware.

    Returns
    -------
    int
        How many sets. One whose period goes on after that day stays as history: it tells of zones
        of twenty incidents or more, and of none of them.
    """
    return _drop(connection, zone_set.c.period_end <= before)


def rests_on_what_is_there(
    connection: Connection, period: Period, owners: AbstractSet[str], incidents: int
) -> bool:
    """Tell whether as many incidents are there as a set was found in.

    Parameters
    ----------
    connection
        In the transaction that will keep the set.
    period, owners
        Of the set.
    incidents
        How many it was found in.

    Returns
    -------
    bool
        False where some came or went while it was being found.
    """
    begins = incident.c.occurred_from
    there = select(func.count()).where(
        incident.c.owner.in_(sorted(owners)),
        begins >= micros(period.start),
        begins < micros(period.end),
    )
    return int(connection.execute(there).scalar_one()) == incidents


def _drop(connection: Connection, which: ColumnElement[bool]) -> int:
    chosen = select(zone_set.c.set_id).where(which)
    connection.execute(delete(zone).where(zone.c.set_id.in_(chosen)))
    number = connection.execute(select(func.count()).select_from(zone_set).where(which))
    dropped = int(number.scalar_one())
    connection.execute(delete(zone_set).where(which))
    return dropped


def owners_key(owners: AbstractSet[str]) -> str:
    """Return owners as tables keep them: by name, the same however they were given.

    Parameters
    ----------
    owners
        Whose incidents.

    Returns
    -------
    str
        ``"municipality,police"``.
    """
    return ",".join(sorted(owners))


def clean_name(name: str) -> str:
    """Return a zone's name as it is kept.

    Parameters
    ----------
    name
        As a user wrote it.

    Returns
    -------
    str
        On one line, without needless spaces.

    Raises
    ------
    InvalidInputError
        If it is empty, too long or not printable.
    """
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= LONGEST_NAME or not clean.isprintable():
        raise InvalidInputError(
            Text(
                "Zonens namn ska ha 1 till {n} tecken på en rad.",
                "A zone's name must have 1 to {n} characters on one line.",
            ).fill(n=LONGEST_NAME)
        )
    return clean


def _named(owners: AbstractSet[str], *columns: Any) -> Any:
    """Select zones with their name, that of these owners' readers before the found one."""
    given = (zone_name.c.zone_id == zone.c.zone_id) & (zone_name.c.owners == owners_key(owners))
    name = func.coalesce(zone_name.c.name, zone.c.name).label("name")
    return select(*columns, name).select_from(zone).outerjoin(zone_name, given)


def _rows(zones: gpd.GeoDataFrame, set_id: int) -> list[dict[str, Any]]:
    rows = _plain(zones, [name for name in ZONE_COLUMNS if name != "geometry"])
    more = [name for name in ZONE_DETAIL_COLUMNS if name in zones]
    details = _plain(zones, more) if more else [None] * len(zones)
    shapes = shapely.to_wkb(zones.geometry.to_numpy())
    return [
        {str(name): value for name, value in row.items()}
        | {"set_id": set_id, "position": position, "geometry": shape, "details": detail}
        for position, (row, shape, detail) in enumerate(zip(rows, shapes, details, strict=True))
    ]


def _plain(zones: gpd.GeoDataFrame, columns: list[str]) -> list[dict[Any, Any]]:
    # Python's own numbers and None: drivers know neither NumPy's nor NaN.
    plain = pd.DataFrame(zones[columns])
    return plain.astype(object).where(plain.notna(), None).to_dict("records")


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give the columns their types, which an empty or half empty table would not have."""
    kinds = (
        dict.fromkeys(_WORDS, "str")
        | dict.fromkeys(_WHOLE, np.int64)
        | dict.fromkeys(_REAL, np.float64)
        | dict.fromkeys(("created_at", "period_start", "period_end", "first_seen"), UTC_DTYPE)
    )
    return table.astype({name: kind for name, kind in kinds.items() if name in table})
