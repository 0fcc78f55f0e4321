"""From incidents and presence on a map to counts and hours per unit and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.spatial import KDTree

from riskmiljo.analysis.arguments import is_one_of, numbers_in, require_real
from riskmiljo.analysis.places import (
    Floats,
    Ints,
    PeriodLike,
    checked_xy,
    incident_points,
    incident_times,
    observed_period,
    within_period,
)
from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.forecast.effort_inputs import HOURS_A_DAY, positive
from riskmiljo.geo.crs import coordinates, parse_crs, require_geometry, require_metric
from riskmiljo.geo.grid import Grid
from riskmiljo.model.incidents import to_utc
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text
from riskmiljo.zones.membership import in_crs_of, zone_of_points

_PRESENCE: Final = Text("Närvaron", "The presence")
_NEEDED: Final = ("begins", "ends", "minutes")
Moments = npt.NDArray[np.datetime64]
_UNITS: Final = Text("Enheterna", "The units")
_LONGEST: Final = timedelta(hours=24)
_MOST_DAYS: Final = 10_000
_UNKNOWN: Final = ("leave_out", "reported", "discovered")


@dataclass(frozen=True)
class EffortTable:
    """What `joint_rate` takes, from a map.

    Parameters
    ----------
    discovered, reported, presence_h
        Units as rows, the first local day of each column as columns.
    days
        The length of a column, days.
    notes
        What was left out or cut, in words.
    """

    discovered: pd.DataFrame
    reported: pd.DataFrame
    presence_h: pd.DataFrame
    days: int
    notes: list[Text]


def effort_table(
    incidents: gpd.GeoDataFrame,
    presence: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame | Grid,
    *,
    period: PeriodLike | None = None,
    step_days: int = 1,
    unknown: Literal["leave_out", "reported", "discovered"] = "leave_out",
    tz: str = TZ,
) -> EffortTable:
    """Count incidents and hours of presence per unit and day.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` (UTC) and ``detection``.
    presence
        A row a visit: ``begins``, ``ends`` (times without an offset are local), ``minutes`` and a
        point in the same CRS; may be empty.
    units
        Zones (labelled by ``zone_id`` where there is one, else by their index) or a `Grid`, whose
        cells within the mask are units, labelled by their flat number.
    period
        A `Period` or a pair of local dates; None: from the first incident's day to the last's.
    step_days
        The length of a column, whole local days.
    unknown
        What to do with incidents of which it is not known how they became known.
    tz
        The zone of local days.

    Returns
    -------
    EffortTable
        A visit is spread over the days that it touches. No unit has more hours than the day:
        what several crews spent there at the same time beyond that is cut, and noted.

    Raises
    ------
    InvalidInputError
        If a column is missing, ``step_days`` is not a whole positive number, or a visit is longer
        than a day or ends before it begins.
    CRSError
        If a frame is not in metres, or the CRS differ.
    """
    _check_arguments(units, step_days, unknown)
    xy, _ = incident_points(incidents)
    incident_times(incidents, tz=tz)
    incidents = incidents.assign(occurred_from=to_utc(incidents["occurred_from"], tz))
    span = observed_period(incidents, period, tz=tz)
    labels = _labels(units)
    starts = _starts(span, int(step_days), tz)
    shape = len(labels), len(starts) - 1
    names = pd.DatetimeIndex(starts[:-1]).tz_localize("UTC").tz_convert(tz).tz_localize(None)
    inside = within_period(incidents, span)
    unit = _unit_of(xy, incidents, units)
    used = inside & (unit >= 0)
    column = _column_of(incidents["occurred_from"], starts)
    detection = (
        incidents["detection"].astype(object).fillna("unknown").to_numpy()
        if "detection" in incidents
        else np.full(len(incidents), "unknown", dtype=object)
    )
    # Another word says as little as none.
    said = detection.astype(str)
    detection = np.where(np.isin(said, _UNKNOWN[1:]), said, "unknown")
    notes: list[Text] = []
    counts = {}
    for kind in ("discovered", "reported"):
        chosen = used & ((detection == kind) | ((detection == "unknown") & (unknown == kind)))
        counts[kind] = _sums(unit[chosen], column[chosen], np.ones(int(chosen.sum())), shape)
    left = int((used & (detection == "unknown")).sum())
    if left and unknown == "leave_out":
        notes.append(
            Text(
                "{n} {n:händelse|händelser}, om {n:vilken|vilka} det är okänt om {n:den|de} "
                "rapporterades eller upptäcktes, räknas inte.",
                "{n} {n:incident|incidents}, of which it is not known whether {n:it was|they "
                "were} reported or discovered, {n:is|are} not counted.",
            ).fill(n=left)
        )
    outside = int((inside & (unit < 0)).sum())
    if outside:
        notes.append(
            Text(
                "{n} {n:händelse|händelser} ligger utanför enheterna.",
                "{n} {n:incident lies|incidents lie} outside the units.",
            ).fill(n=outside)
        )
    hours = _hours(presence, incidents, units, starts, shape, notes, int(step_days), tz)
    frames = [
        pd.DataFrame(values, index=labels, columns=names)
        for values in (counts["discovered"], counts["reported"], hours)
    ]
    return EffortTable(frames[0], frames[1], frames[2], int(step_days), notes)


def _check_arguments(units: object, step_days: float, unknown: object) -> None:
    require_real(step_days=step_days)
    if not 1 <= step_days <= _MOST_DAYS or step_days % 1:
        raise InvalidInputError(
            Text(
                "Kolumnens längd ska vara hela dagar från 1 till {m}, inte {v}.",
                "The length of a column must be whole days from 1 to {m}, not {v}.",
            ).fill(m=_MOST_DAYS, v=step_days)
        )
    if not is_one_of(unknown, _UNKNOWN):
        raise InvalidInputError(
            Text(
                "unknown={v} finns inte. Välj {all}.", "There is no unknown={v}. Choose {all}."
            ).fill(v=str(unknown)[:40], all=", ".join(_UNKNOWN))
        )
    if not isinstance(units, Grid):
        require_geometry(units, _UNITS)


def check_presence(presence: gpd.GeoDataFrame) -> None:
    """Refuse a table of presence that lacks what hours are counted from.

    Parameters
    ----------
    presence
        The table; may be empty.

    Raises
    ------
    InvalidInputError
        Naming the missing columns and those that are needed.
    """
    missing = [name for name in _NEEDED if name not in getattr(presence, "columns", ())]
    if not isinstance(presence, gpd.GeoDataFrame):
        missing.append("geometry")
    if missing:
        raise InvalidInputError(
            Text(
                "Närvaron saknar {c}. Ge en rad per besök med begins och ends (när det började "
                "och slutade), minutes (minuter på platsen) och geometry (en punkt).",
                "The presence lacks {c}. Give a row a visit with begins and ends (when it began "
                "and ended), minutes (minutes at the place) and geometry (a point).",
            ).fill(c=", ".join(missing)),
            code="CONTRACT",
        )


def near_units(units: gpd.GeoDataFrame | Grid, *, radius_m: float = 300) -> sparse.csr_array:
    """Return which units lie near each other, for the prior of `joint_rate`.

    Parameters
    ----------
    units
        As for `effort_table`.
    radius_m
        The distance between centres within which units are neighbours, metres; weights fall
        linearly to zero there.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (units, units), 1 on the diagonal.
    """
    positive(radius_m, Text("Radien", "The radius"))
    if isinstance(units, Grid):
        centres = units.centres[units.mask.ravel()]
    else:
        require_metric(units, _UNITS)
        points = units.geometry.representative_point()
        centres = np.column_stack([points.x, points.y])
    tree = KDTree(centres)
    pairs = tree.sparse_distance_matrix(tree, radius_m, output_type="coo_matrix")
    weight = np.maximum(0.0, 1 - pairs.data / radius_m)
    return sparse.csr_array((weight, (pairs.row, pairs.col)), shape=pairs.shape)


def _labels(units: gpd.GeoDataFrame | Grid) -> pd.Index:
    if isinstance(units, Grid):
        cells: pd.Index = pd.Index(np.flatnonzero(units.mask.ravel()), name="cell")
        return cells
    if "zone_id" in units:
        zones: pd.Index = pd.Index(units["zone_id"].astype(str), name="zone_id")
        if units["zone_id"].isna().any() or zones.has_duplicates:
            raise InvalidInputError(
                Text(
                    "Två enheter har samma zone_id, eller en saknar det. Ge varje enhet ett eget.",
                    "Two units have the same zone_id, or one has none. Give each unit its own.",
                ),
                code="CONTRACT",
            )
        return zones
    own: pd.Index = units.index
    return own


def _unit_of(xy: Floats, frame: gpd.GeoDataFrame, units: gpd.GeoDataFrame | Grid) -> Ints:
    """Return the row of the unit that each point lies in, -1 for none."""
    if isinstance(units, Grid):
        if units.crs is not None and parse_crs(frame.crs) != units.crs:
            raise CRSError(
                Text(
                    "Punkterna är i {a} men rutnätet i {b}. Projicera om punkterna först.",
                    "The points are in {a} but the grid in {b}. Project the points first.",
                ).fill(a=frame.crs.to_string()[:40], b=units.crs.to_string()[:40])
            )
        mask = units.mask.ravel()
        row = np.where(mask, np.cumsum(mask) - 1, -1)
        cell = units.index(xy)
        return np.where(cell >= 0, row[cell], -1).astype(np.int64)
    return zone_of_points(xy, list(in_crs_of(frame, units, _UNITS).geometry))


def _starts(span: Period, step_days: int, tz: str) -> Moments:
    """Return where columns begin and the last ends, as UTC without a zone."""
    first, last = span.first_and_last_day(tz)
    count = -(-((last - first).days + 1) // step_days)
    dates = [first + timedelta(days=step_days * number) for number in range(count + 1)]
    midnight = pd.DatetimeIndex(dates).tz_localize(tz, nonexistent="shift_forward", ambiguous=True)
    return np.asarray(midnight.tz_convert("UTC").tz_localize(None), dtype="datetime64[us]")


def _column_of(times: pd.Series, starts: Moments) -> Ints:
    moments = _moments(times)
    return np.searchsorted(starts, moments, side="right").astype(np.int64) - 1


def _moments(times: pd.Series) -> Moments:
    return np.asarray(times.dt.tz_convert("UTC").dt.tz_localize(None), dtype="datetime64[us]")


def _sums(row: Ints, column: Ints, values: Floats, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(row * shape[1] + column, values, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(float)


def _hours(
    presence: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame | Grid,
    starts: Moments,
    shape: tuple[int, int],
    notes: list[Text],
    step_days: int,
    tz: str,
) -> Floats:
    check_presence(presence)
    if len(presence) == 0:
        return np.zeros(shape)
    if presence.crs is None or parse_crs(presence.crs) != parse_crs(incidents.crs):
        raise CRSError(
            Text(
                "Närvaron och händelserna har olika koordinatsystem. Projicera om den ena.",
                "Presence and incidents are in different systems. Project one of them.",
            )
        )
    begins, ends = (_moments(to_utc(presence[name], tz)) for name in ("begins", "ends"))
    minutes = numbers_in(presence["minutes"], Text("Minuterna", "The minutes"))
    _check_visits(begins, ends, minutes)
    require_metric(presence, _PRESENCE)
    xy = checked_xy(coordinates(presence))
    if len(xy) != len(presence):
        raise InvalidInputError(
            Text(
                "En rad i närvaron saknar punkt. Rätta eller ta bort den.",
                "A row of the presence has no point. Correct or remove it.",
            ),
            code="KOORD_SAKNAS",
        )
    unit = _unit_of(xy, presence, units)
    total = np.zeros(shape)
    length = np.maximum((ends - begins).astype(float), 1.0)
    first = np.searchsorted(starts, begins, side="right") - 1
    last = np.searchsorted(starts, np.maximum(ends, begins + 1), side="left") - 1
    for offset in range(int((last - first).max(initial=0)) + 1):
        column = first + offset
        there = (column <= last) & (column >= 0) & (column < shape[1]) & (unit >= 0)
        at = column[there]
        low = np.maximum(begins[there], starts[at])
        high = np.minimum(np.maximum(ends[there], begins[there] + 1), starts[at + 1])
        share = (high - low).astype(float) / length[there]
        total += _sums(unit[there], at, share * minutes[there] / 60, shape)
    most = HOURS_A_DAY * step_days
    cut = int((total > most).sum())
    if cut:
        notes.append(
            Text(
                "På {n} {n:enhet|enheter} och dagar var flera patruller på plats samtidigt, "
                "tillsammans längre än dygnet; så mycket räknas.",
                "In {n} {n:unit|units} and days several patrols were there at the same time, "
                "together for longer than the day; so much is counted.",
            ).fill(n=cut)
        )
    return np.minimum(total, most)


def _check_visits(begins: Moments, ends: Moments, minutes: Floats) -> None:
    long = (ends - begins > np.timedelta64(_LONGEST)) | (minutes > HOURS_A_DAY * 60)
    wrong = (ends < begins) | ~np.isfinite(minutes) | (minutes < 0)
    wrong |= np.isnat(begins) | np.isnat(ends)
    for bad, problem in (
        (long, Text("är längre än ett dygn", "is longer than a day")),
        (
            wrong,
            Text(
                "slutar innan den börjar eller saknar tid eller minuter",
                "ends before it begins, or has no time or minutes",
            ),
        ),
    ):
        if bad.any():
            raise InvalidInputError(
                Text(
                    "Närvaron på rad {row} {problem}. Rätta den.",
                    "The presence in row {row} {problem}. Correct it.",
                ).fill(row=int(np.argmax(bad)), problem=problem),
                code="NARVARO_FOR_LANG",
            )
