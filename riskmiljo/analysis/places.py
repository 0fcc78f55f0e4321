"""Incidents as arrays: checked coordinates, weights, unique places and the period they span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.analysis.arguments import numbers_in
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, require_metric
from riskmiljo.model.period import TZ, Period, check_zone
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PeriodLike = Period | str | tuple[str | date, str | date]

_INCIDENTS: Final = Text("Händelserna", "The incidents")


@dataclass(frozen=True, slots=True)
class Places:
    """Unique places with the weight of what happened there.

    Parameters
    ----------
    xy
        Shape (m, 2), metres, in rising order of x, then y.
    weights
        Shape (m,), the sum of the weights at each place.
    inverse
        Shape (n,), the place of each incident.
    """

    xy: Floats
    weights: Floats
    inverse: Ints


def checked_xy(xy: npt.ArrayLike) -> Floats:
    """Return coordinates as an (n, 2) array, or say what is wrong with them.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2).

    Raises
    ------
    InvalidInputError
        If the shape is another, or a coordinate is not a finite number; names the first row.
    """
    points = numbers_in(xy, Text("Koordinaterna", "The coordinates"))
    if points.size == 0:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004 - x and y
        raise InvalidInputError(
            Text(
                "Koordinaterna har formen {s}. Ge en tabell med två kolumner, x och y.",
                "The coordinates have the shape {s}. Give an array of two columns, x and y.",
            ).fill(s=points.shape)
        )
    bad = ~np.isfinite(points).all(axis=1)
    if bad.any():
        raise InvalidInputError(
            Text(
                "{n} {n:punkt|punkter} saknar giltig koordinat, den första på rad {row}. Ta "
                "bort {n:den|dem} först.",
                "{n} {n:point has|points have} no valid coordinate, the first in row {row}. "
                "Remove {n:it|them} first.",
            ).fill(n=int(bad.sum()), row=int(np.argmax(bad))),
            code="KOORD_SAKNAS",
        )
    return points


def checked_weights(weights: npt.ArrayLike | None, n: int) -> Floats:
    """Return one weight an incident, or say what is wrong with them.

    Parameters
    ----------
    weights
        Shape (n,), or None for 1 each.
    n
        How many are wanted.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Raises
    ------
    InvalidInputError
        If the number differs, or a weight is negative or not a finite number.
    """
    if weights is None:
        return np.ones(n)
    values = numbers_in(weights, Text("Vikterna", "The weights"))
    if values.shape != (n,):
        raise InvalidInputError(
            Text(
                "{w} {w:vikt|vikter} för {n} {n:händelse|händelser}. Ge en vikt per händelse.",
                "{w} {w:weight|weights} for {n} {n:incident|incidents}. Give one weight for each "
                "incident.",
            ).fill(w=values.size, n=n)
        )
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        raise InvalidInputError(
            Text(
                "Vikten på rad {row} är {v}. En vikt är ett tal från 0 och uppåt.",
                "The weight in row {row} is {v}. A weight is a number from 0 upwards.",
            ).fill(row=int(np.argmax(bad)), v=values[bad][0])
        )
    return values


def incident_points(
    incidents: gpd.GeoDataFrame, weights: npt.ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Return the coordinates and weights of incidents.

    Parameters
    ----------
    incidents
        Points in a metric CRS.
    weights
        Shape (n,); None takes the column ``weight``, or 1 where there is none.

    Returns
    -------
    tuple of numpy.ndarray
        Coordinates (n, 2) in metres, and weights (n,).

    Raises
    ------
    CRSError
        If the CRS is missing or not in metres.
    InvalidInputError
        If a point is missing or not finite, or a weight cannot be used.
    """
    require_metric(incidents, _INCIDENTS)
    if weights is None and "weight" in incidents:
        weights = incidents["weight"].to_numpy()
    quick = _plain_points(incidents)
    if quick is not None:
        return quick, checked_weights(weights, len(quick))
    if len(incidents) and (incidents.geometry.isna() | incidents.geometry.is_empty).any():
        missing = (incidents.geometry.isna() | incidents.geometry.is_empty).to_numpy()
        raise InvalidInputError(
            Text(
                "{n} {n:händelse|händelser} saknar punkt, den första på rad {row}. Ta bort "
                "{n:den|dem} först.",
                "{n} {n:incident has|incidents have} no point, the first in row {row}. "
                "Remove {n:it|them} first.",
            ).fill(n=int(missing.sum()), row=int(np.argmax(missing))),
            code="KOORD_SAKNAS",
        )
    xy = checked_xy(coordinates(incidents))
    if len(xy) != len(incidents):
        raise InvalidInputError(
            Text(
                "Händelserna ska vara punkter. Gör om ytor och linjer till punkter först.",
                "The incidents must be points. Turn polygons and lines into points first.",
            )
        )
    return xy, checked_weights(weights, len(xy))


def _plain_points(incidents: gpd.GeoDataFrame) -> Floats | None:
    # One look at the coordinates mostly tells that nothing is wrong; None: look closer.
    points = incidents.geometry.to_numpy()
    try:
        xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    except shapely.errors.GEOSException:  # an empty point
        return None
    return xy if np.isfinite(xy).all() else None


def unique_places(xy: Floats, weights: Floats) -> Places:
    """Merge incidents that share a coordinate.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    weights
        Shape (n,).

    Returns
    -------
    Places
        Each coordinate once.
    """
    x, y = xy[:, 0], xy[:, 1]
    order = _west_to_east(x, y)
    x, y = x[order], y[order]
    begins = np.ones(len(x), dtype=bool)
    begins[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    inverse = np.empty(len(x), dtype=np.int64)
    inverse[order] = np.cumsum(begins) - 1
    unique = np.column_stack([x[begins], y[begins]])
    total = np.bincount(inverse, weights, minlength=len(unique)).astype(float)
    return Places(unique, total, inverse)


def _west_to_east(x: Floats, y: Floats) -> Ints:
    # By x alone, which is four times as fast as by both; then those that share it, by y.
    order = np.argsort(x)
    east, north = x[order], y[order]
    tied = east[1:] == east[:-1]
    unlike = np.flatnonzero(tied & (north[1:] != north[:-1]))
    if len(unlike):
        run = np.cumsum(np.append(True, ~tied))
        mixed = np.zeros(int(run[-1]) + 1, dtype=bool)
        mixed[run[unlike]] = True
        inside = np.flatnonzero(mixed[run])
        order[inside] = order[inside[np.lexsort((north[inside], run[inside]))]]
    return np.asarray(order, dtype=np.int64)


def observed_period(
    incidents: gpd.GeoDataFrame, period: PeriodLike | None = None, *, tz: str = TZ
) -> Period:
    """Return the period that rates refer to.

    Parameters
    ----------
    incidents
        With ``occurred_from`` in UTC; only looked at when no period is given.
    period
        A `Period`, a text that `Period.parse` reads, or a pair of local dates or times, the end
        not included.
    tz
        The zone of local dates.

    Returns
    -------
    Period
        The given one; else whole local days, from the day of the first incident through the day
        of the last.

    Raises
    ------
    NothingFoundError
        If neither a period nor an incident is given.
    """
    if isinstance(period, Period):
        return period
    if isinstance(period, str):
        return Period.parse(period, tz=tz)
    if period is not None:
        given: Any = period
        pair = tuple(given) if isinstance(given, Iterable) else ()
        if len(pair) != 2:  # noqa: PLR2004 - a beginning and an end
            raise InvalidInputError(
                Text(
                    "Perioden {p} kan inte läsas. Ge två datum: den första dagen och dagen efter "
                    "den sista.",
                    "The period {p} cannot be read. Give two dates: the first day and the day "
                    "after the last.",
                ).fill(p=str(period)[:60]),
                code="TID_FORMAT",
            )
        return Period.between(*pair, tz=tz)
    times = incident_times(incidents, tz=tz)
    if len(times) == 0:
        raise nothing_to_analyse()
    times = times.dt.tz_convert(tz)
    first, last = times.min().date(), times.max().date()
    return Period.between(first, last + timedelta(days=1), tz=tz)


def require_times(incidents: object) -> None:
    """Refuse incidents without times.

    Parameters
    ----------
    incidents
        What should be a frame with ``occurred_from``.

    Raises
    ------
    InvalidInputError
        If the column is missing, or it is no frame.
    """
    if "occurred_from" not in getattr(incidents, "columns", ()):
        raise InvalidInputError(
            Text(
                "Kolumnen occurred_from saknas. Händelserna behöver en tid.",
                "The column occurred_from is missing. The incidents need a time.",
            )
        )


def incident_times(incidents: Any, *, tz: str = TZ) -> Any:
    """Return when each incident began, or say what is wrong.

    Parameters
    ----------
    incidents
        With ``occurred_from``.
    tz
        The zone of times that have none.

    Returns
    -------
    pandas.Series
        With a time zone.

    Raises
    ------
    InvalidInputError
        If the column is missing, holds no times, or one of them is missing, or the zone is not
        known.
    """
    check_zone(tz)
    require_times(incidents)
    times = incidents["occurred_from"]
    if getattr(times.dtype, "tz", None) is None:
        from riskmiljo.model.incidents import to_utc  # noqa: PLC0415 - slow, and rarely needed

        times = to_utc(times, tz)
    missing = times.isna().to_numpy()
    if missing.any():
        raise InvalidInputError(
            Text(
                "{n} {n:händelse|händelser} saknar tid, den första på rad {row}. Ta bort "
                "{n:den|dem} först.",
                "{n} {n:incident has|incidents have} no time, the first in row {row}. Remove "
                "{n:it|them} first.",
            ).fill(n=int(missing.sum()), row=int(np.argmax(missing)))
        )
    return times


def within_period(incidents: Any, period: Period, *, tz: str = TZ) -> npt.NDArray[np.bool_]:
    """Tell which incidents began within a period.

    Parameters
    ----------
    incidents
        With ``occurred_from``.
    period
        The end is not included.
    tz
        The zone of times that have none.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    times = incident_times(incidents, tz=tz)
    inside: npt.NDArray[np.bool_] = ((times >= period.start) & (times < period.end)).to_numpy(
        dtype=bool
    )
    return inside


def nothing_to_analyse() -> NothingFoundError:
    """Return the error for an empty set of incidents."""
    return NothingFoundError(
        Text(
            "Det finns inga händelser att räkna på. Välj en längre period eller färre villkor.",
            "There are no incidents to work on. Choose a longer period or fewer conditions.",
        )
    )
