"""Why a zone is one: how dense against what, what holds it up, and what would make it cease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.analysis.arguments import require_whole
from riskmiljo.analysis.places import (
    Floats,
    PeriodLike,
    Places,
    incident_points,
    incident_times,
    nothing_to_analyse,
    observed_period,
    unique_places,
    within_period,
)
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import require_geometry
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import TZ, Period
from riskmiljo.model.tables import ZONE_COLUMNS, check_columns
from riskmiljo.wording import Text, decimal_text
from riskmiljo.zones.counting import PLACE_M, local_days
from riskmiljo.zones.membership import in_crs_of, zone_of_points
from riskmiljo.zones.relief import (
    CELLS_A_BANDWIDTH,
    DEFAULT_BANDWIDTH_M,
    FEWEST_EFFECTIVE,
    effective_area_m2,
    effective_weights,
    least_height,
    relief,
    surroundings_m,
    surroundings_of,
)

_M2_A_HECTARE: Final = 10_000.0
# The area where anything happened at all: squares of this side with an incident.
_OCCUPIED_M: Final = 250.0
_OFTEN_A_WEEK: Final = 2.0
_WEEKS_A_YEAR: Final = 52
_ZONES: Final = Text("Zonerna", "The zones")


@dataclass(frozen=True, slots=True)
class ZoneExplanation:
    """Why a zone is one, in counts and shares alone.

    Parameters
    ----------
    zone_id, name
        Which zone.
    events
        Plain count within the outline.
    incidents
        Weighted count within the outline.
    expected
        What the outline would hold if it were as dense as its surroundings (the upper quartile of
        the surface within a kilometre; the upper tenth, further out, for bandwidths above 175 m).
    times_surroundings
        The first over the second; infinite where nothing happens around it.
    times_mean
        Its density over that of all squares of 250 m in which anything happened.
    rise_z
        How many standard errors its top rises above its surroundings.
    least_z
        How many a top had to rise in this run; NaN where the zone came about in another way.
    places, days
        Squares of 50 m and local days with incidents.
    top_place_share, top_day_share
        Share of the incidents at the busiest place, and on the busiest day, 0 to 1.
    half_places
        At how few places half of the incidents happened.
    margin_a_week
        How many incidents a week fewer, everywhere in the zone alike, would make it cease, all
        else unchanged.
    lines
        The same as sentences.
    """

    zone_id: str
    name: str
    events: int
    incidents: float
    expected: float
    times_surroundings: float
    times_mean: float
    rise_z: float
    least_z: float
    places: int
    days: int
    top_place_share: float
    top_day_share: float
    half_places: int
    margin_a_week: float
    lines: tuple[Text, ...]


def explain_zone(
    zones: gpd.GeoDataFrame,
    zone_id: str,
    incidents: gpd.GeoDataFrame,
    *,
    period: PeriodLike | None = None,
    tz: str = TZ,
    fewest: int = 1,
) -> ZoneExplanation:
    """Explain why a zone is one and what would make it cease.

    Parameters
    ----------
    zones
        As `find_zones` returns them; ``attrs["parameters"]``, where it is there, tells the
        bandwidth, the threshold, the minimum counts and the period.
    zone_id
        One of them.
    incidents
        Those that the zones were found in: points in a metric CRS with ``occurred_from`` in UTC.
        Whoever shows the answer asks the lens first whether the zone's counts may be shown.
    period
        A `Period` or a pair of local dates, the end not included: only incidents that began within
        it count. None is the period of the zones, or of the incidents where that is not known.
    tz
        The zone of local days.
    fewest
        The lines tell of nothing that happened at fewer places or on fewer days than this: from 2
        on, not of the busiest place and day.

    Returns
    -------
    ZoneExplanation
        No coordinate is in it.

    Raises
    ------
    NothingFoundError
        If there is no such zone, or no incidents.
    InvalidInputError
        If the zones lack a column, or a coordinate or weight cannot be used.
    CRSError
        If the incidents are not in metres, or the zones have no CRS.
    """
    require_whole(0, fewest=fewest)
    check_columns(zones, ZONE_COLUMNS, _ZONES)
    known = np.flatnonzero((zones["zone_id"].astype(str) == str(zone_id)).to_numpy())
    if len(known) == 0:
        raise NothingFoundError(
            Text("Zonen {z} finns inte.", "There is no zone {z}.").fill(z=str(zone_id)[:60])
        )
    require_geometry(incidents, Text("Händelserna", "The incidents"))
    parameters: dict[str, Any] = zones.attrs.get("parameters", {})
    span = observed_period(
        incidents, _kept_period(parameters, tz) if period is None else period, tz=tz
    )
    incidents = incidents.assign(occurred_from=incident_times(incidents, tz=tz))
    incidents = incidents[within_period(incidents, span)]
    xy, weights = incident_points(incidents)
    if len(xy) == 0 or weights.sum() == 0:
        raise nothing_to_analyse()
    row = zones.iloc[int(known[0])]
    shape = in_crs_of(incidents, zones, _ZONES).geometry.iloc[int(known[0])]
    inside = zone_of_points(xy, [shape]) == 0
    held = weights[inside]
    if held.sum() == 0:
        raise NothingFoundError(
            Text(
                "Zonen {n} rymmer inga händelser i perioden.",
                "The zone {n} holds no incidents in the period.",
            ).fill(n=row["name"])
        )
    effective = effective_weights(weights)
    # Incidents a unit of effective weight: what the surface counts, back in the user's own unit.
    unit = float(weights.sum() / effective.sum())
    bandwidth_m = float(parameters.get("bandwidth_m") or DEFAULT_BANDWIDTH_M)
    top, around = _top(shape, unique_places(xy, effective), bandwidth_m)
    least_z = parameters.get("threshold_z")
    expected = around / effective_area_m2(bandwidth_m) * shape.area * unit
    at_place = _shares(np.floor(xy[inside] / PLACE_M), held)
    day = local_days(incidents[inside], tz)
    at_day = _shares(day.astype(float)[:, None], held)
    total = float(held.sum())
    occupied = len(np.unique(np.floor(xy / _OCCUPIED_M), axis=0)) * _OCCUPIED_M**2
    lasting = 0.0
    if least_z is not None and _is_found(row):
        lasting = max(FEWEST_EFFECTIVE, least_height(around, float(least_z))) / top
    few = float(parameters.get("min_incidents") or 0) / len(held)
    left = min(1.0, max(lasting, few))
    found: dict[str, Any] = {
        "zone_id": zone_id,
        "name": str(row["name"]),
        "events": int(inside.sum()),
        "incidents": total,
        "expected": expected,
        "times_surroundings": total / expected if expected > 0 else np.inf,
        "times_mean": (total / shape.area) / (weights.sum() / occupied),
        "rise_z": (top - around) / np.sqrt(top + around),
        "least_z": float(least_z) if least_z is not None and _is_found(row) else np.nan,
        "places": len(at_place),
        "days": len(at_day),
        "top_place_share": float(at_place[0]),
        "top_day_share": float(at_day[0]),
        "half_places": int(np.searchsorted(np.cumsum(at_place), 0.5 - 1e-12) + 1),
        "margin_a_week": total * (1 - left) / span.weeks,
    }
    return ZoneExplanation(**found, lines=_lines(found, row, held.sum() / span.weeks, fewest))


def _is_found(row: Any) -> bool:
    """Tell whether a top of the surface made the zone: not a user, nor a closer look within it."""
    return not bool(row.get("drawn", False)) and str(row["parent_id"]) == ""


def _kept_period(parameters: dict[str, Any], tz: str) -> Period | None:
    kept = parameters.get("period")
    return Period.between(kept[0], kept[1], tz=tz) if kept else None


def _top(shape: shapely.Polygon, places: Places, bandwidth_m: float) -> tuple[float, float]:
    """Return the height of the surface at its highest in the outline, and that around it."""
    around_m = surroundings_m(bandwidth_m)
    reach = around_m + 2 * bandwidth_m
    west, south, east, north = shape.bounds
    x, y = places.xy[:, 0], places.xy[:, 1]
    near = np.flatnonzero(
        (x >= west - reach) & (x <= east + reach) & (y >= south - reach) & (y <= north + reach)
    )
    cell_m = bandwidth_m / CELLS_A_BANDWIDTH
    box = shapely.box(west - reach, south - reach, east + reach, north + reach)
    grid = Grid.over(box, cell_m, origin=(0.0, 0.0))
    grid = Grid(grid.x0, grid.y0, cell_m, np.ones(grid.shape, dtype=bool))
    part = relief(places.xy[near], places.weights[near], grid, near, bandwidth_m, around=0.0)
    centres = grid.centres
    within = np.flatnonzero(shapely.intersects_xy(shape, centres[:, 0], centres[:, 1]))
    heights = part.height.ravel()[within]
    cell = within[[int(np.argmax(heights))]]
    return float(heights.max()), float(surroundings_of(part.height, cell, cell_m, around_m)[0])


def _shares(what: Floats, weights: Floats) -> Floats:
    _, group = np.unique(what, axis=0, return_inverse=True)
    held = np.bincount(group.reshape(-1), weights)
    return np.asarray(np.sort(held)[::-1] / held.sum(), dtype=float)


def _lines(found: dict[str, Any], row: Any, a_week: float, fewest: int) -> tuple[Text, ...]:
    # Small places are spoken of by the year: "0.1 a week" says nothing.
    often = a_week >= _OFTEN_A_WEEK
    unit = Text("i veckan", "a week") if often else Text("om året", "a year")
    times = 1 if often else _WEEKS_A_YEAR
    number = {
        "n": decimal_text(found["events"], 0),
        "e": decimal_text(found["expected"], 1),
        "t": decimal_text(found["times_surroundings"], 1),
        "m": decimal_text(found["times_mean"], 1),
        "p": found["places"],
        "d": found["days"],
        "tp": decimal_text(100 * found["top_place_share"], 0),
        "td": decimal_text(100 * found["top_day_share"], 0),
        "h": found["half_places"],
        "z": decimal_text(found["rise_z"], 1),
        "l": decimal_text(found["least_z"], 1) if np.isfinite(found["least_z"]) else "",
        "f": decimal_text(times * found["margin_a_week"], 1),
        "w": decimal_text(times * a_week, 1),
        "unit": unit,
    }
    lines = [
        Text(
            "{n} {n:händelse|händelser}; vore det som i omgivningen skulle det vara {e}.",
            "{n} {n:incident|incidents}; were it like its surroundings there would be {e}.",
        )
    ]
    if np.isfinite(found["times_surroundings"]):
        lines.append(
            Text(
                "{t} {t:gång|gånger} så tätt som omgivningen och {m} {m:gång|gånger} så tätt som "
                "snittet av de rutor där något har hänt.",
                "{t} {t:time|times} as dense as its surroundings and {m} {m:time|times} the mean "
                "of the squares in which anything has happened.",
            )
        )
    if np.isfinite(found["least_z"]):
        lines.append(
            Text(
                "Toppen reser sig {z} standardfel över omgivningen; minst {l} krävdes, mer än vad "
                "ojämnheten i övrigt ger.",
                "Its top rises {z} standard errors above its surroundings; at least {l} were asked "
                "for, more than the roughness elsewhere gives.",
            )
        )
    elif bool(row.get("drawn", False)):
        lines.append(
            Text(
                "Ritad för hand: den består tills någon tar bort den.",
                "Drawn by hand: it stays until somebody removes it.",
            )
        )
    lines.append(_held_up(found, fewest))
    if not bool(row.get("drawn", False)):
        lines.append(
            Text(
                "Upphör att vara en zon om händelserna minskar med {f} {unit}, från {w}, och "
                "omgivningen är som nu.",
                "It would cease to be a zone with {f} {f:incident|incidents} {unit} fewer, from "
                "{w}, and its surroundings as now.",
            )
        )
    return tuple(line.fill(**number) for line in lines)


def _held_up(found: dict[str, Any], fewest: int) -> Text:
    if fewest <= 1:
        return Text(
            "Bärs upp av {p} {p:plats|platser} under {d} {d:dag|dagar}: platsen där mest "
            "händer har {tp} % av händelserna, hälften ligger på {h} {h:plats|platser}, och "
            "dagen då mest hände har {td} %.",
            "Held up by {p} {p:place|places} on {d} {d:day|days}: the busiest place has "
            "{tp}% of the incidents, half of them lie at {h} {h:place|places}, and the "
            "busiest day has {td}%.",
        )
    if found["half_places"] >= fewest:
        return Text(
            "Bärs upp av {p} {p:plats|platser} under {d} {d:dag|dagar}; hälften av "
            "händelserna ligger på {h} {h:plats|platser}.",
            "Held up by {p} {p:place|places} on {d} {d:day|days}; half of the incidents lie "
            "at {h} {h:place|places}.",
        )
    return Text(
        "Bärs upp av {p} {p:plats|platser} under {d} {d:dag|dagar}.",
        "Held up by {p} {p:place|places} on {d} {d:day|days}.",
    )
