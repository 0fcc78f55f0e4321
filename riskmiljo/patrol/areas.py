"""Patrol areas: the zones of a shift shared between teams, as connected parts of the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import random_of, require_instance, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.shift import Shift
from riskmiljo.model.tables import AREA_COLUMNS
from riskmiljo.patrol.area_units import Units, check_zones, minutes_between, units_of
from riskmiljo.patrol.area_words import (
    HeavyZone,
    Portion,
    area_names,
    balance_text,
    kept_text,
    side_of,
    why,
)
from riskmiljo.patrol.border_search import BALANCE
from riskmiljo.patrol.cells import adjacency, cells_of, join, region_around
from riskmiljo.patrol.expected import (
    NOTHING_EXPECTED,
    Expected,
    assumptions,
    expected_incidents,
)
from riskmiljo.patrol.fixed_borders import FixedBorders
from riskmiljo.patrol.kept_zones import check_keep, divide_again
from riskmiljo.patrol.partition import Partition
from riskmiljo.patrol.sides import Side, divide_sides, sides_of
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.travel import DETOUR_TEXT
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[Any]

MAX_TEAMS: Final = 50
_ONE_FAR: Final = Text(
    "En zon ligger utanför gatunätet; dit räknas fågelvägen × {d}.",
    "One zone lies outside the street network; the way there is the straight line × {d}.",
)
_MANY_FAR: Final = Text(
    "{n} {n:zon|zoner} ligger utanför gatunätet; dit räknas fågelvägen × {d}.",
    "{n} {n:zone lies|zones lie} outside the street network; the way there is "
    "the straight line × {d}.",
)


def patrol_areas(
    zones: gpd.GeoDataFrame,
    *,
    teams: int,
    streets: Streets | None = None,
    shift: Shift | None = None,
    rhythm: pd.DataFrame | None = None,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    beats: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    keep: Mapping[str, int] | None = None,
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
    barriers
        Lines in the same CRS, such as a river, that areas do not cross; polygons count with their
        outline. Only where there are fewer teams than sides does an area cross one, and a note says
        so. A zone that lies on both sides is cut.
    beats
        Polygons in the same CRS that do not overlap: no area reaches into two of them, and every
        one with zones in it gets a team at least.
    keep
        ``zone_id`` to area number: zones that the user has put into an area of the answer without
        them (the same arguments, ``rng`` a seed). Numbers stay; the rest is balanced again, and a
        note says what it costs.
    rng
        Seed or generator.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of `riskmiljo.model.tables.AREA_COLUMNS`, area 1 in the north. Its ``attrs``
        hold ``balance`` (``largest_deviation`` from the mean as a share, ``within``,
        ``least_possible``: what one zone that is kept whole makes unavoidable, ``sv``, ``en``),
        ``distance`` (``streets`` or ``straight``) and ``notes`` (dictionaries ``sv``, ``en``: what
        was assumed).

    Raises
    ------
    InvalidInputError
        If the number of teams, a zone, the rhythm or a fixed border cannot be used, there are fewer
        teams than beats, or a zone cannot be where the user wants it.
    NothingFoundError
        If there are no zones.
    CRSError
        If zones are not in metres, or streets in another CRS.

    References
    ----------
    Ricca, F., Scozzari, A. and Simeone, B. (2008). Weighted Voronoi region algorithms for political
    districting. Mathematical and Computer Modelling 48, 1468-1477.
    """
    rng = random_of(rng)
    check_teams(teams)
    used, crs = check_zones(zones)
    if streets is not None:
        require_instance(Streets, streets=streets)
    fixed = FixedBorders.of(barriers, beats, crs)
    moved = check_keep({} if keep is None else keep, used, teams)
    expected = expected_incidents(used, shift, rhythm)
    notes = assumptions(expected, rhythm)
    load = expected.total
    if load.sum() <= 0:
        load = shapely.area(used.geometry.to_numpy())
        notes.append(NOTHING_EXPECTED)
    units = units_of(used, load, teams, fixed, rng)
    distance, far = minutes_between(units.geometry, streets, crs)
    if far:
        number = len(np.unique(units.zone[far]))
        told = _ONE_FAR if number == 1 else _MANY_FAR
        notes.append(told.fill(n=number, d=DETOUR_TEXT))
    region = fixed.limit(region_around(units.geometry), units.geometry)
    cells = cells_of(units.geometry, region, streets, fixed)
    beat = fixed.beat_of(units.geometry)
    sides, crossed = sides_of(units.weight, *adjacency(cells, fixed, beat), beat, teams)
    if crossed:
        notes.append(
            Text(
                "Lagen är färre än sidorna av de fasta gränserna: ett område går över en gräns.",
                "There are fewer teams than sides of the fixed borders: an area crosses a border.",
            )
        )
    found = divide_sides(units.weight, distance, sides, zone=units.zone, rng=rng)
    geometry = join(cells, units.geometry, found.part, teams, fixed)
    found, sides, order = _numbered(found, sides, geometry)
    geometry = geometry[order]
    if moved.any():
        free = found
        names = used["name"].astype("str").tolist()
        pinned = moved[units.zone] - 1
        found = divide_again(free, pinned, units.weight, distance, sides, units.zone, names)
        geometry = join(cells, units.geometry, found.part, teams, fixed)
        named = [(names[row], int(moved[row])) for row in np.flatnonzero(moved)]
        notes.append(kept_text(named, found.deviation, free.deviation))
    frame = gpd.GeoDataFrame(_table(used, expected, units, found), geometry=geometry, crs=crs)
    frame["area_ha"] = frame.area / 10_000
    frame = frame[list(AREA_COLUMNS)]
    within = found.deviation <= BALANCE + 1e-9
    bound = fixed.any or bool(moved.any())
    heavy = _heavy_zone(used, units, teams, counted=bool(expected.total.sum() > 0))
    frame.attrs["balance"] = {
        "largest_deviation": found.deviation,
        "within": within,
        "least_possible": 0.0 if heavy is None else heavy.deviation,
        **balance_text(found.deviation, within=within, bound=bound, heavy=heavy).as_dict(),
    }
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
            ).fill(n=shown(teams), m=MAX_TEAMS)
        )


def _heavy_zone(
    zones: gpd.GeoDataFrame, units: Units, teams: int, *, counted: bool
) -> HeavyZone | None:
    """Return the zone whose own weight lets no sharing of whole units be within the balance."""
    mean = float(units.weight.sum()) / teams
    heaviest = int(units.weight.argmax())
    load = float(units.weight[heaviest])
    if load <= mean * (1 + BALANCE):
        return None
    return HeavyZone(str(zones["name"].iloc[units.zone[heaviest]]), load, mean, BALANCE, counted)


def _numbered(
    found: Partition, sides: list[Side], geometry: Geometries
) -> tuple[Partition, list[Side], Ints]:
    """Give parts numbers from the north, and return the order in which they were."""
    middle = np.round(shapely.get_coordinates(shapely.centroid(geometry)), 1)
    order = np.lexsort((middle[:, 0], -middle[:, 1]))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    again = [Side(side.units, np.sort(number[side.parts]), side.adjacent) for side in sides]
    return Partition(number[found.part], found.load[order], found.walk), again, order


def _portions(
    zones: gpd.GeoDataFrame, expected: Expected, units: Units, area: Ints
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
    zones: gpd.GeoDataFrame, expected: Expected, units: Units, found: Partition
) -> pd.DataFrame:
    """Say of each area what it holds and why."""
    portions = _portions(zones, expected, units, found.part + 1)
    of_area = np.array([sum(p.expected for p in held_by) for held_by in portions])
    share = of_area / of_area.sum() if of_area.sum() > 0 else found.load / found.load.sum()
    lines = [
        why(held_by, float(part), per_week=expected.shift is None)
        for held_by, part in zip(portions, share, strict=True)
    ]
    return pd.DataFrame(
        {
            "area_id": np.arange(1, len(portions) + 1),
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
