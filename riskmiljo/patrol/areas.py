"""Patrol areas: the zones of a shift shared between teams, as connected parts of the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import require_metric
from riskmiljo.model.shift import Shift
from riskmiljo.model.tables import AREA_COLUMNS, check_columns
from riskmiljo.patrol.area_words import Portion, area_names, side_of, why
from riskmiljo.patrol.border_search import BALANCE
from riskmiljo.patrol.cells import REACH_M, adjacency, cells_of, cut_up, join, region_around
from riskmiljo.patrol.expected import Expected, expected_incidents
from riskmiljo.patrol.partition import Partition, divide
from riskmiljo.patrol.streets import Streets
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[Any]

MAX_TEAMS: Final = 50
# A zone is cut only if it alone weighs more than this many fair shares.
_HEAVY: Final = 1.2
# Pieces of a heavy zone for each fair share: enough to balance, few enough to stay readable.
_PIECES_PER_SHARE: Final = 10
_MOST_PIECES: Final = 240
# Ways are this much longer than the straight line where no street is known (Boscoe, Henry and
# Zdeb 2012 measured 1.4 for roads; for people on foot in a town grid less: 4/pi).
DETOUR: Final = 1.3
_NEEDED: Final = ("zone_id", "name", "area_ha", "per_ha_week", "geometry")
# Zones of one level do not overlap; outlines that merely touch may, by a hair.
_OVERLAP: Final = 0.01


@dataclass(frozen=True)
class _Units:
    """Whole zones, and pieces of heavy ones."""

    geometry: Geometries
    zone: Ints
    share: Floats
    weight: Floats


def patrol_areas(
    zones: gpd.GeoDataFrame,
    *,
    teams: int,
    streets: Streets | None = None,
    shift: Shift | None = None,
    rhythm: pd.DataFrame | None = None,
    rng: int | np.random.Generator = 0,
) -> gpd.GeoDataFrame:
    """Share zones between teams: connected, compact areas with equal expected incidents.

    A zone stays whole unless it alone weighs more than 1.2 fair shares, or there are fewer zones
    than teams; then it is cut into pieces, over which its incidents are taken as even, and ``why``
    says which areas share it.

    Parameters
    ----------
    zones
        Risk zones in a metric CRS (`riskmiljo.model.tables.ZONE_COLUMNS`; ``zone_id``, ``name``,
        ``area_ha``, ``per_ha_week`` and polygons are used). Zones inside another zone of the frame
        are left to it.
    teams
        Number of areas, 1 to 50.
    streets
        Street network in the same CRS: ways and borders follow it. Without one, straight lines.
    shift
        The hours that the areas are for; None is the whole week.
    rhythm
        Index ``zone_id``, 168 columns from Monday 00 to 01 local time, counts or shares; None is
        even over the week.
    rng
        Seed or generator.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of `riskmiljo.model.tables.AREA_COLUMNS`, area 1 in the north. Its ``attrs``
        hold ``balance`` (``largest_deviation`` from the mean as a share, ``within``, ``sv``,
        ``en``), ``distance`` (``streets`` or ``straight``) and ``notes`` (dictionaries ``sv``,
        ``en``: what was assumed).

    Raises
    ------
    InvalidInputError
        If the number of teams, a zone or the rhythm cannot be used.
    NothingFoundError
        If there are no zones.
    CRSError
        If zones are not in metres, or streets in another CRS.

    References
    ----------
    Ricca, F., Scozzari, A. and Simeone, B. (2008). Weighted Voronoi region algorithms for political
    districting. Mathematical and Computer Modelling 48, 1468-1477.
    """
    rng = np.random.default_rng(rng)
    check_teams(teams)
    used, crs = _check_zones(zones)
    expected = expected_incidents(used, shift, rhythm)
    notes = _assumptions(expected, rhythm)
    load = expected.total
    if load.sum() <= 0:
        load = shapely.area(used.geometry.to_numpy())
        notes.append(
            Text(
                "Inget väntas i passet; områdena delar zonerna efter yta.",
                "Nothing is expected in the shift; the areas share the zones by their size.",
            )
        )
    units = _units(used.geometry.to_numpy(), load, teams, rng)
    centres = gpd.GeoSeries(_centres(units.geometry), crs=crs)
    distance, far = _distances(centres, streets)
    if far:
        notes.append(
            Text(
                "{n} zoner ligger utanför gatunätet; dit räknas fågelvägen × {d}.",
                "{n} zones lie outside the street network; the way there is the straight "
                "line × {d}.",
            ).fill(
                n=len(np.unique(units.zone[far])),
                d=Text(f"{DETOUR}".replace(".", ","), f"{DETOUR}"),
            )
        )
    region = region_around(units.geometry)
    cells = cells_of(units.geometry, region, streets)
    found = divide(units.weight, distance, adjacency(cells), teams, zone=units.zone, rng=rng)
    geometry = join(cells, units.geometry, found.part, teams)
    order = _north_first(geometry)
    areas = _table(used, expected, units, found, order)
    frame = gpd.GeoDataFrame(areas, geometry=geometry[order], crs=crs)
    frame["area_ha"] = frame.area / 10_000
    frame = frame[list(AREA_COLUMNS)]
    frame.attrs["balance"] = _balance(found)
    frame.attrs["distance"] = "straight" if streets is None else "streets"
    frame.attrs["notes"] = [note.as_dict() for note in notes]
    return frame


def check_teams(teams: object) -> None:
    """Refuse a number of teams that no areas can be made for.

    Parameters
    ----------
    teams
        What was asked for.

    Raises
    ------
    InvalidInputError
        If it is not a whole number from 1 to `MAX_TEAMS`.
    """
    if not isinstance(teams, int | np.integer) or not 1 <= teams <= MAX_TEAMS:
        raise InvalidInputError(
            Text(
                "Antalet lag är {n}. Ange ett heltal från 1 till {m}.",
                "The number of teams is {n}. Give a whole number from 1 to {m}.",
            ).fill(n=teams, m=MAX_TEAMS)
        )


def _check_zones(zones: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Any]:
    """Return the outermost zones in a fixed order, and their CRS."""
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


def _assumptions(expected: Expected, rhythm: pd.DataFrame | None) -> list[Text]:
    unknown = int((~expected.has_rhythm).sum())
    if expected.shift is None or not unknown:
        return []
    if rhythm is None:
        return [
            Text(
                "Dygnsprofil saknas; risken räknas som jämn över veckan.",
                "There is no rhythm; the risk is taken as even over the week.",
            )
        ]
    return [
        Text(
            "{n} zoner saknar dygnsprofil; deras risk räknas som jämn över veckan.",
            "{n} zones have no rhythm; their risk is taken as even over the week.",
        ).fill(n=unknown)
    ]


def _units(shapes: Geometries, load: Floats, teams: int, rng: np.random.Generator) -> _Units:
    fair = load.sum() / teams
    per_share = min(_PIECES_PER_SHARE, _MOST_PIECES / teams)
    heavy = load > (_HEAVY * fair if len(shapes) >= teams else 0)
    geometry: list[Any] = []
    zone: list[int] = []
    for row, shape in enumerate(shapes):
        wanted = int(np.ceil(load[row] / fair * per_share)) if heavy[row] else 1
        pieces = cut_up(shape, wanted, rng)
        geometry += pieces
        zone += [row] * len(pieces)
    if len(geometry) < teams:
        raise InvalidInputError(
            Text(
                "Zonerna räcker inte till {n} lag. Ange färre.",
                "The zones are not enough for {n} teams. Give fewer.",
            ).fill(n=teams)
        )
    units, of_zone = np.asarray(geometry), np.asarray(zone, dtype=np.int64)
    area = shapely.area(units)
    share = area / np.bincount(of_zone, area)[of_zone]
    return _Units(units, of_zone, share, load[of_zone] * share)


def _centres(units: Geometries) -> Geometries:
    middle = shapely.centroid(units)
    inside = shapely.contains(units, middle)
    return np.asarray(np.where(inside, middle, shapely.point_on_surface(units)))


def _distances(centres: gpd.GeoSeries, streets: Streets | None) -> tuple[Floats, list[int]]:
    """Minutes between units, and which of them lie off the network."""
    xy = shapely.get_coordinates(centres.to_numpy())
    straight = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    if streets is None:
        return straight, []
    far = streets.snap(centres)[1] > REACH_M
    minutes = straight * DETOUR / streets.speed_m_min
    near = np.flatnonzero(~far)
    if len(near):
        minutes[np.ix_(near, near)] = streets.travel_minutes(centres.iloc[near], centres.iloc[near])
    np.fill_diagonal(minutes, 0.0)
    return (minutes + minutes.T) / 2, np.flatnonzero(far).tolist()


def _north_first(geometry: Geometries) -> Ints:
    middle = np.round(shapely.get_coordinates(shapely.centroid(geometry)), 1)
    return np.lexsort((middle[:, 0], -middle[:, 1]))


def _portions(
    zones: gpd.GeoDataFrame, expected: Expected, units: _Units, area: Ints
) -> list[list[Portion]]:
    """Return for each area the zones in it, weightiest first; `area` is each unit's, from 1."""
    found: dict[int, list[tuple[float, int, Portion]]] = {k: [] for k in np.unique(area).tolist()}
    for row, (zone_id, name) in enumerate(zip(zones["zone_id"], zones["name"], strict=True)):
        of_zone = units.zone == row
        homes = np.unique(area[of_zone]).tolist()
        for home in homes:
            held = of_zone & (area == home)
            others = tuple(other for other in homes if other != home)
            side = side_of(_middle(units.geometry[held]), _middle(units.geometry[of_zone]))
            portion = Portion(
                zone_id=zone_id,
                name=str(name),
                expected=float(expected.total[row] * units.share[held].sum()),
                side=side if others else "",
                shared_with=others,
                peak=expected.peak(row),
            )
            found[home].append((-float(units.weight[held].sum()), row, portion))
    return [[p for _, _, p in sorted(held, key=lambda h: h[:2])] for held in found.values()]


def _table(
    zones: gpd.GeoDataFrame, expected: Expected, units: _Units, found: Partition, order: Ints
) -> pd.DataFrame:
    """Say of each area what it holds and why."""
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(1, len(order) + 1)
    portions = _portions(zones, expected, units, number[found.part])
    of_area = np.array([sum(p.expected for p in held_by) for held_by in portions])
    share = of_area / of_area.sum() if of_area.sum() > 0 else found.load[order] / found.load.sum()
    lines = [
        why(held_by, float(part), per_week=expected.shift is None)
        for held_by, part in zip(portions, share, strict=True)
    ]
    return pd.DataFrame(
        {
            "area_id": np.arange(1, len(order) + 1),
            "name": area_names(portions),
            "expected": of_area,
            "risk_share": share,
            "zones": [tuple(p.zone_id for p in held_by) for held_by in portions],
            "zone_names": [tuple(p.name for p in held_by) for held_by in portions],
            "why_sv": [line.sv for line in lines],
            "why_en": [line.en for line in lines],
        }
    )


def _middle(shapes: Any) -> tuple[float, float]:
    point = shapely.centroid(shapely.union_all(shapes))
    return point.x, point.y


def _balance(found: Partition) -> dict[str, Any]:
    deviation = found.deviation
    within = deviation <= BALANCE + 1e-9
    if within:
        text = Text(
            "Inget område väntas få mer än {p:.0f} % mer eller mindre än medlet.",
            "No area is expected to have more than {p:.0f}% above or below the mean.",
        )
    else:
        text = Text(
            "Ett område väntas få {p:.0f} % mer eller mindre än medlet: zonerna hålls hela, och en "
            "jämnare delning i sammanhängande områden hittades inte.",
            "One area is expected to have {p:.0f}% above or below the mean: zones are kept whole, "
            "and no more even sharing in connected areas was found.",
        )
    shown = text.fill(p=np.ceil(max(100 * deviation - 1e-9, 0.0)))
    return {"largest_deviation": deviation, "within": within, **shown.as_dict()}
