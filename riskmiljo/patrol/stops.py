"""Candidate stops of a shift: street corners in the zones, each with its risk hour by hour.

A small zone has one stop. A large one, such as a city centre, has several, because twelve minutes
at one corner of twenty hectares are no presence at the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import random_of, require_instance, require_whole
from riskmiljo.analysis.surface import Surface
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import require_metric
from riskmiljo.model.plan import StopKind
from riskmiljo.model.shift import Shift
from riskmiljo.model.tables import STOP_COLUMNS, check_columns
from riskmiljo.patrol.cells import cut_up
from riskmiljo.patrol.expected import Expected, assumptions, expected_incidents
from riskmiljo.patrol.stop_names import name_stops
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.travel import REACH_M
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_STOPS: Final = 60
# One stop for so many hectares of a zone: who stands at the corner sees about a hundred metres.
_HA_PER_STOP: Final = 4.0
_ZONES: Final = Text("Zonerna", "The zones")
_NEEDED: Final = dict.fromkeys(("zone_id", "name", "area_ha", "per_ha_week"), "")
_MOST_PER_ZONE: Final = 8
# A place that a user adds stands for what is within sight.
_SIGHT_M: Final = 100.0
# Where a user adds a stop so near, the zone's own stop there gives way.
_SAME_PLACE_M: Final = 60.0


@dataclass(frozen=True, slots=True)
class OwnStop:
    """A stop that a user adds.

    Attributes
    ----------
    name
        What it is called.
    x, y
        Metres, in the zones' reference system.
    opens, closes
        When a visit may begin (UTC); None for any time.
    dwell_min
        Minutes to stay; None for the plan's own.
    joint
        Whether police and outreach are to be there together.
    pinned
        Whether it must be in the plan.
    kind
        ``own``, or ``explore`` for a place that is to be known better.
    evidence
        One line on why; None takes that of the zone whose stop it replaces.
    stop_id
        What an earlier plan called it; empty numbers it among its kind.
    """

    name: str
    x: float
    y: float
    opens: pd.Timestamp | None = None
    closes: pd.Timestamp | None = None
    dwell_min: float | None = None
    joint: bool = False
    pinned: bool = True
    kind: StopKind = "own"
    evidence: Text | None = None
    stop_id: str = ""


@dataclass(frozen=True)
class _Parts:
    """Zones, or parts of large ones, that get one stop each."""

    zone: Ints
    number: Ints
    of: Ints
    share: Floats
    xy: Floats


def candidate_stops(
    zones: gpd.GeoDataFrame,
    *,
    shift: Shift,
    rhythm: pd.DataFrame | None = None,
    streets: Streets | None = None,
    surface: Surface | None = None,
    places: gpd.GeoDataFrame | None = None,
    own: Collection[OwnStop] = (),
    forbidden: Collection[str] = (),
    evidence: Mapping[str, Text] | None = None,
    most: int = MOST_STOPS,
    rng: int | np.random.Generator = 0,
) -> gpd.GeoDataFrame:
    """Choose where a patrol may stop in a shift.

    Parameters
    ----------
    zones
        Risk zones in a metric CRS (``zone_id``, ``name``, ``area_ha``, ``per_ha_week``, polygons).
    shift
        The shift.
    rhythm
        Index ``zone_id``, 168 columns from Monday 00 to 01 local time; None is even over the week.
    streets
        Stops then lie at its corners; without one at the middle of a zone or a part of it.
    surface
        Density in the same CRS: parts of a large zone get their share by it, else by their area;
        stops that users add get their risk from it.
    places
        The gazetteer, for names.
    own
        Stops that users add.
    forbidden
        ``stop_id`` and ``zone_id`` that are not wanted.
    evidence
        One line from the data for a zone, by ``zone_id``.
    most
        No more stops than this; those with least risk are left away.
    rng
        Seed or generator.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of `riskmiljo.model.tables.STOP_COLUMNS`, the most risk first. ``attrs`` has
        ``notes`` (dictionaries ``sv``, ``en``).

    Raises
    ------
    InvalidInputError
        If a zone, the rhythm or a stop of a user cannot be used.
    NothingFoundError
        If no stop is left.
    CRSError
        If the zones are not in metres.
    """
    rng = random_of(rng)
    crs = require_metric(zones, _ZONES)
    check_columns(zones, _NEEDED, _ZONES)
    require_instance(Shift, shift=shift)
    if streets is not None:
        require_instance(Streets, streets=streets)
    if surface is not None:
        require_instance(Surface, surface=surface)
    if evidence is not None:
        require_instance(Mapping, evidence=evidence)
    require_instance(Collection, own=own, forbidden=forbidden)
    for stop in own:
        require_instance(OwnStop, own=stop)
    require_whole(0, most=most)
    used = _outermost(zones)
    expected = expected_incidents(used, None, rhythm)
    parts = _parts(used, streets, surface, rng)
    hours = np.array([slot.hour_of_week for slot in shift.hour_slots()])
    names = name_stops(used, parts.zone, parts.of, parts.xy, places, streets)
    said = evidence or {}
    rows: list[dict[str, Any]] = []
    for at, zone in enumerate(parts.zone.tolist()):
        zone_id = str(used["zone_id"].iloc[zone])
        many = parts.of[at] > 1
        rows.append(
            {
                "stop_id": f"{zone_id}.{parts.number[at]}" if many else zone_id,
                "name": names[at],
                "kind": "zone",
                "zone_id": zone_id,
                "risk": tuple((expected.by_hour[zone, hours] * parts.share[at]).tolist()),
                **_terms(None),
                **_why(said.get(zone_id)),
                "geometry": shapely.Point(parts.xy[at]),
            }
        )
    forbidden = {str(one) for one in forbidden}
    rows = [row for row in rows if not {row["stop_id"], row["zone_id"]} & forbidden]
    # Each kind is counted by itself: one more stop of one's own gives the others no other ids.
    counts: Counter[str] = Counter()
    for stop in own:
        counts[stop.kind] += 1
        stop_id = stop.stop_id or f"{stop.kind}.{counts[stop.kind]}"
        if stop_id not in forbidden:
            risk = _risk_at(stop, surface, expected, hours)
            rows = _with_own(rows, stop, stop_id, risk, len(hours))
    if not rows:
        raise NothingFoundError(
            Text(
                "Det finns ingen hållpunkt att gå till. Lägg till en egen eller tillåt fler zoner.",
                "There is no stop to go to. Add one of your own or allow more zones.",
            )
        )
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)[list(STOP_COLUMNS)]
    for column in ("opens", "closes"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    total = np.array([sum(risk) for risk in frame["risk"]])
    order = np.lexsort((frame["stop_id"].to_numpy(dtype=str), -total, ~frame["pinned"].to_numpy()))
    frame = frame.iloc[order].reset_index(drop=True)
    dropped = max(len(frame) - max(most, int(frame["pinned"].sum())), 0)
    frame = frame.iloc[: len(frame) - dropped].reset_index(drop=True)
    frame.attrs["notes"] = [note.as_dict() for note in _notes(expected, rhythm, dropped)]
    return frame


def _outermost(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Zones within zones are left to those that hold them; the order does not matter."""
    if "parent_id" in zones:
        zones = zones[~zones["parent_id"].isin(zones["zone_id"])]
    return zones.sort_values("zone_id", key=lambda ids: ids.astype("str")).reset_index(drop=True)


def _terms(stop: OwnStop | None) -> dict[str, Any]:
    if stop is None:
        return {"pinned": False, "joint": False, "opens": None, "closes": None, "dwell_min": np.nan}
    return {
        "pinned": stop.pinned,
        "joint": stop.joint,
        "opens": stop.opens,
        "closes": stop.closes,
        "dwell_min": np.nan if stop.dwell_min is None else float(stop.dwell_min),
    }


def _why(text: Text | None) -> dict[str, str]:
    return {"why_sv": text.sv if text else "", "why_en": text.en if text else ""}


def _parts(
    zones: gpd.GeoDataFrame, streets: Streets | None, surface: Surface | None, rng: Any
) -> _Parts:
    zone: list[int] = []
    number: list[int] = []
    of: list[int] = []
    share: list[float] = []
    xy: list[Floats] = []
    cells = None if surface is None else _cells(surface)
    for row, shape in enumerate(zones.geometry):
        wanted = int(np.clip(np.ceil(shape.area / 10_000 / _HA_PER_STOP), 1, _MOST_PER_ZONE))
        pieces = cut_up(shape, wanted, rng)
        mass, middle = zip(*(_weigh(piece, cells) for piece in pieces), strict=True)
        weight = np.array(mass)
        if weight.sum() <= 0:
            weight = shapely.area(pieces)
        zone += [row] * len(pieces)
        number += range(1, len(pieces) + 1)
        of += [len(pieces)] * len(pieces)
        share += (weight / weight.sum()).tolist()
        xy += list(middle)
    points = np.array(xy, dtype=float).reshape(-1, 2)
    if streets is not None and len(points):
        points = _on_corners(points, streets)
    return _Parts(
        np.array(zone, dtype=np.int64), np.array(number), np.array(of), np.array(share), points
    )


def _cells(surface: Surface) -> tuple[Floats, Floats]:
    density = np.ravel(surface.values)
    flat = np.flatnonzero(density > 0)
    return surface.grid.centres.reshape(-1, 2)[flat], density[flat]


def _weigh(piece: Any, cells: tuple[Floats, Floats] | None) -> tuple[float, Floats]:
    """Return what a piece weighs, and its middle inside it."""
    middle = shapely.get_coordinates(shapely.centroid(piece))[0]
    mass = float(shapely.area(piece))
    if cells is not None:
        inside = shapely.contains_xy(piece, cells[0])
        if inside.any():
            weight = cells[1][inside]
            mass = float(weight.sum())
            middle = (cells[0][inside] * weight[:, None]).sum(axis=0) / mass
    if not shapely.contains_xy(piece, *middle):
        middle = shapely.get_coordinates(shapely.point_on_surface(piece))[0]
    return mass, np.asarray(middle, dtype=float)


def _on_corners(points: Floats, streets: Streets) -> Floats:
    """Move points to the nearest corner; those far from any street stay, and routes say so."""
    corners = streets.nearest_corner(points)
    near = (corners.distance_m <= REACH_M) & streets.reach(points).usable
    return np.where(near[:, None], corners.xy, points)


def _risk_at(
    stop: OwnStop, surface: Surface | None, expected: Expected, hours: Ints
) -> tuple[float, ...]:
    """Return expected incidents an hour within sight of a place that a user added."""
    if not np.isfinite([stop.x, stop.y]).all():
        raise InvalidInputError(
            Text(
                "Hållpunkten {n} har ingen giltig koordinat.",
                "The stop {n} has no valid coordinate.",
            ).fill(n=stop.name)
        )
    if surface is None:
        return (0.0,) * len(hours)
    cell = int(surface.grid.index([[stop.x, stop.y]])[0])
    per_ha_week = float(np.ravel(surface.values)[cell]) if cell >= 0 else 0.0
    per_week = per_ha_week * np.pi * _SIGHT_M**2 / 10_000
    whole = expected.by_hour.sum(axis=0)
    even = np.full(len(whole), 1 / len(whole)) if whole.sum() <= 0 else whole / whole.sum()
    return tuple((per_week * even[hours]).tolist())


def _with_own(
    rows: list[dict[str, Any]], stop: OwnStop, stop_id: str, risk: tuple[float, ...], hours: int
) -> list[dict[str, Any]]:
    """Add a user's stop; a zone's stop at the same place gives way and leaves it its risk."""
    place = shapely.Point(stop.x, stop.y)
    same = [
        row
        for row in rows
        if row["kind"] == "zone" and row["geometry"].distance(place) <= _SAME_PLACE_M
    ]
    if same:
        risk = tuple(sum(row["risk"][hour] for row in same) for hour in range(hours))
    first = same[0] if same else {"zone_id": "", "why_sv": "", "why_en": ""}
    return [row for row in rows if row not in same] + [
        {
            "stop_id": stop_id,
            "name": stop.name,
            "kind": stop.kind,
            "zone_id": first["zone_id"],
            "risk": risk,
            **_terms(stop),
            "why_sv": stop.evidence.sv if stop.evidence else first["why_sv"],
            "why_en": stop.evidence.en if stop.evidence else first["why_en"],
            "geometry": place,
        }
    ]


def _notes(expected: Expected, rhythm: pd.DataFrame | None, dropped: int) -> list[Text]:
    notes = assumptions(expected, rhythm)
    if dropped:
        notes.append(
            Text(
                "{n} {n:hållpunkt|hållpunkter} med minst risk är inte med i urvalet.",
                "{n} {n:stop|stops} with the least risk {n:is|are} not among the candidates.",
            ).fill(n=dropped)
        )
    return notes
