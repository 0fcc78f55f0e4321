"""What is shared between areas: whole zones, pieces of heavy ones, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import require_metric
from riskmiljo.model.tables import check_columns
from riskmiljo.patrol.cells import cut_up
from riskmiljo.patrol.fixed_borders import FixedBorders
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.travel import DETOUR, REACH_M, straight_m
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[Any]

# A zone is cut only if it alone weighs more than this many fair shares.
_HEAVY: Final = 1.2
# Pieces of a heavy zone for each fair share: enough to balance, few enough to stay readable.
_PIECES_PER_SHARE: Final = 10
_MOST_PIECES: Final = 240
_NEEDED: Final = ("zone_id", "name", "area_ha", "per_ha_week", "geometry")
# Zones of one level do not overlap; outlines that merely touch may, by a hair.
_OVERLAP: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Whole zones, and pieces of those that are heavy or lie across a fixed border.

    Attributes
    ----------
    geometry
        Polygons.
    zone
        Shape (n,), row of the zone.
    share
        Shape (n,), how much of its zone's incidents each holds, by its size.
    weight
        Shape (n,), load.
    """

    geometry: Geometries
    zone: Ints
    share: Floats
    weight: Floats


def check_zones(zones: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Any]:
    """Return the outermost zones in a fixed order, and their CRS.

    Parameters
    ----------
    zones
        Risk zones in a metric CRS.

    Returns
    -------
    tuple
        The zones that lie in no other one of the frame, by their id, and the reference system.

    Raises
    ------
    NothingFoundError
        If there are none.
    InvalidInputError
        If a column lacks, a zone is not one valid polygon with an id of its own, or two overlap.
    CRSError
        If they are not in metres.
    """
    what = Text("Zonerna", "The zones")
    check_columns(zones, dict.fromkeys(_NEEDED, ""), what)
    if zones.empty:
        raise NothingFoundError(
            Text(
                "Det finns inga zoner att dela upp i patrullområden.",
                "There are no zones to make patrol areas of.",
            )
        )
    crs = require_metric(zones, what)
    if "parent_id" in zones:
        zones = zones[~zones["parent_id"].isin(zones["zone_id"])]
    used = zones.sort_values("zone_id", key=lambda ids: ids.astype("str")).reset_index(drop=True)
    single = used.geom_type.eq("Polygon") & used.is_valid & ~used.is_empty & used["zone_id"].notna()
    single &= ~used["zone_id"].duplicated()
    if not single.all():
        raise InvalidInputError(
            Text(
                "Zonen {z} är inte en enda giltig yta med eget id.",
                "The zone {z} is not one valid polygon with an id of its own.",
            ).fill(z=used["zone_id"][~single].iloc[0])
        )
    shapes = used.geometry.to_numpy()
    left, right = used.sindex.query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    common = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    smaller = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    if (common > _OVERLAP * smaller).any():
        pair = int((common / smaller).argmax())
        raise InvalidInputError(
            Text(
                "Zonerna {a} och {b} överlappar varandra. Dela dem eller ange parent_id.",
                "The zones {a} and {b} overlap. Part them or give a parent_id.",
            ).fill(a=used["name"][left[pair]], b=used["name"][right[pair]])
        )
    return used, crs


def units_of(
    zones: gpd.GeoDataFrame,
    load: Floats,
    teams: int,
    fixed: FixedBorders,
    rng: np.random.Generator,
) -> Units:
    """Cut zones at fixed borders, and heavy ones into pieces.

    Parameters
    ----------
    zones
        As `check_zones` gives them.
    load
        Shape (n,), of each zone.
    teams
        Number of areas.
    fixed
        Lines that no unit crosses.
    rng
        For the pieces of heavy zones.

    Returns
    -------
    Units
        At least one for each zone, and at least as many as teams.

    Raises
    ------
    InvalidInputError
        If a zone lies outside all beats, or the zones are not enough for the teams.
    """
    shapes = zones.geometry.to_numpy()
    fair = load.sum() / teams
    per_share = min(_PIECES_PER_SHARE, _MOST_PIECES / teams)
    heavy = load > (_HEAVY * fair if len(shapes) >= teams else 0)
    geometry: list[Any] = []
    zone: list[int] = []
    for row, shape in enumerate(shapes):
        parts = fixed.cut(shape)
        if not parts:
            raise InvalidInputError(
                Text(
                    "Zonen {z} ligger utanför alla distrikt. Rita distrikten så att de täcker "
                    "zonerna.",
                    "The zone {z} lies outside all beats. Draw the beats so that they cover the "
                    "zones.",
                ).fill(z=zones["name"].iloc[row])
            )
        whole = sum(part.area for part in parts)
        for part in parts:
            wanted = int(np.ceil(load[row] * part.area / whole / fair * per_share))
            pieces = cut_up(part, max(wanted, 1) if heavy[row] else 1, rng)
            geometry += pieces
            zone += [row] * len(pieces)
    if len(geometry) < teams:
        raise InvalidInputError(
            Text(
                "Zonerna räcker inte till {n} lag. Ange färre.",
                "The zones are not enough for {n} {n:team|teams}. Give fewer.",
            ).fill(n=teams)
        )
    units, of_zone = np.asarray(geometry), np.asarray(zone, dtype=np.int64)
    area = shapely.area(units)
    share = area / np.bincount(of_zone, area)[of_zone]
    return Units(units, of_zone, share, load[of_zone] * share)


def minutes_between(
    units: Geometries, streets: Streets | None, crs: Any
) -> tuple[Floats, list[int]]:
    """Return the ways between the middles of units.

    Parameters
    ----------
    units
        Polygons.
    streets
        A network in the same reference system, or None: straight lines.
    crs
        The reference system.

    Returns
    -------
    tuple
        Shape (n, n), symmetric: minutes, or metres without streets; and the units that lie off the
        network, between which and all others the straight line × `DETOUR` counts.
    """
    middle = shapely.centroid(units)
    middle = np.where(shapely.contains(units, middle), middle, shapely.point_on_surface(units))
    centres = gpd.GeoSeries(middle, crs=crs)
    xy = shapely.get_coordinates(middle)
    straight = straight_m(xy, xy)
    if streets is None:
        return straight, []
    far = streets.snap(centres)[1] > REACH_M
    minutes = straight * DETOUR / streets.speed_m_min
    near = np.flatnonzero(~far)
    if len(near):
        minutes[np.ix_(near, near)] = streets.travel_minutes(centres.iloc[near], centres.iloc[near])
    np.fill_diagonal(minutes, 0.0)
    return (minutes + minutes.T) / 2, np.flatnonzero(far).tolist()
