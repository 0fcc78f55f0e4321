"""Candidate stops as arrays: gaps are filled in, what cannot be used is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, require_geometry, require_metric
from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STOPS: Final = Text("Hållpunkterna", "The stops")
# Where a frame names no risk, these columns are taken as expected incidents in the shift.
_RISK_COLUMNS: Final = ("risk", "expected", "weight", "incidents")
_KINDS: Final = ("zone", "own", "explore")
_MINUTE: Final = timedelta(minutes=1)
# Times of another year are as good as outside the shift.
_FAR_MIN: Final = 1e6


@dataclass(frozen=True)
class Candidates:
    """Stops, one row each.

    Attributes
    ----------
    frame
        ``stop_id``, ``name``, ``kind``, ``zone_id``, ``why_sv``, ``why_en``, ``presence_min`` (NaN
        where presence is not told).
    xy
        Shape (n, 2), metres.
    risk
        Shape (n, slots): expected incidents an hour in each of the shift's hour slots.
    risk_of
        The same for kinds of crew that a column such as ``risk_outreach`` tells apart.
    opens, closes
        Shape (n,), minutes from the shift's start between which a visit may begin.
    dwell_min
        Shape (n,), minutes.
    pinned, joint
        Shape (n,).
    slots
        Shape (slots, 2): begin and end of each hour slot, minutes from the shift's start.
    crs
        The metric reference system.
    even
        Whether the risk came without hours and is taken as even over the shift.
    """

    frame: pd.DataFrame
    xy: Floats
    risk: Floats
    risk_of: dict[str, Floats]
    opens: Floats
    closes: Floats
    dwell_min: Floats
    pinned: Bools
    joint: Bools
    slots: Floats
    crs: Any
    even: bool

    @property
    def in_shift(self) -> Floats:
        """Shape (n,): expected incidents in the whole shift."""
        hours = (self.slots[:, 1] - self.slots[:, 0]) / 60.0
        return np.asarray(self.risk @ hours, dtype=float)


def read_stops(stops: gpd.GeoDataFrame, *, shift: Shift, dwell_min: float) -> Candidates:
    """Check and complete candidate stops.

    Parameters
    ----------
    stops
        Points (or polygons, of which the middle is taken) in a metric CRS. Every other column of
        `riskmiljo.model.tables.STOP_COLUMNS` may be missing. ``risk`` is a sequence, expected
        incidents an hour in each hour slot of the shift, or a number for the whole shift. Where
        ``presence_min`` is there, the reasons tell it: minutes that somebody was at the stop in the
        weeks before (`riskmiljo.patrol.habit.minutes_at_stops`).
    shift
        The shift.
    dwell_min
        Minutes to stay where a stop says nothing.

    Returns
    -------
    Candidates
        In the order of the frame.

    Raises
    ------
    NothingFoundError
        If there is no stop.
    InvalidInputError
        Naming the stop and what is wrong with it.
    CRSError
        If they are not in metres.
    """
    require_geometry(stops, STOPS)
    if len(stops) == 0:
        raise NothingFoundError(
            Text(
                "Det finns inga hållpunkter att planera. Lägg till en egen.",
                "There are no stops to plan. Add one of your own.",
            )
        )
    crs = require_metric(stops, STOPS)
    frame = _described(stops)
    xy = _places(stops, frame)
    slots = np.array(
        [
            (
                (slot.begins - shift.period.start) / _MINUTE,
                (slot.ends - shift.period.start) / _MINUTE,
            )
            for slot in shift.hour_slots()
        ]
    )
    risk, even = _risk(stops, frame, slots)
    risk_of = {
        column.removeprefix("risk_"): _hourly(stops[column], frame, slots)[0]
        for column in stops.columns
        if str(column).startswith("risk_")
    }
    length = shift.hours * 60.0
    dwell = _numbers(stops, "dwell_min", dwell_min, frame)
    bad = ~((dwell > 0) & (dwell <= length))
    if bad.all() and length < dwell_min:
        raise InvalidInputError(
            Text(
                "Passet är {l} min och rymmer inget uppehåll på {d} min. Förläng passet eller "
                "korta uppehållen.",
                "The shift is {l} min, and no dwell of {d} min fits it. Lengthen the shift or "
                "shorten the dwells.",
            ).fill(d=f"{dwell_min:g}", l=f"{length:g}")
        )
    if bad.any():
        raise _refused(
            frame,
            int(bad.argmax()),
            Text(
                "uppehållet är {d} min; det måste vara längre än 0 och rymmas i passet på {l} min",
                "the dwell is {d} min; it must be longer than 0 and fit the shift of {l} min",
            ).fill(d=f"{dwell[bad][0]:g}", l=f"{length:g}"),
        )
    opens = _minutes(stops, "opens", shift, 0.0)
    closes = _minutes(stops, "closes", shift, length)
    if (closes < opens).any():
        raise _refused(
            frame,
            int((closes < opens).argmax()),
            Text("den stänger innan den öppnar", "it closes before it opens"),
        )
    return Candidates(
        frame=frame,
        xy=xy,
        risk=risk,
        risk_of=risk_of,
        opens=opens,
        closes=closes,
        dwell_min=dwell,
        pinned=_flags(stops, "pinned"),
        joint=_flags(stops, "joint"),
        slots=slots,
        crs=crs,
        even=even,
    )


def _described(stops: gpd.GeoDataFrame) -> pd.DataFrame:
    number = [str(n) for n in range(1, len(stops) + 1)]
    ids = stops["stop_id"] if "stop_id" in stops else stops.get("zone_id", pd.Series(number))
    frame = pd.DataFrame({"stop_id": [str(one) for one in ids]})
    names = stops["name"] if "name" in stops else pd.Series([f"Hållpunkt {n}" for n in number])
    frame["name"] = [str(one) for one in names]
    kinds = stops["kind"] if "kind" in stops else pd.Series(["zone"] * len(stops))
    frame["kind"] = [str(one) if one in _KINDS else "zone" for one in kinds]
    for column in ("zone_id", "why_sv", "why_en"):
        values = stops[column] if column in stops else pd.Series([""] * len(stops))
        frame[column] = ["" if pd.isna(one) else str(one) for one in values]
    frame["presence_min"] = _numbers(stops, "presence_min", np.nan, frame)
    twice = frame["stop_id"].duplicated()
    if twice.any():
        raise _refused(
            frame, int(twice.argmax()), Text("dess id finns två gånger", "its id is there twice")
        )
    return frame


def _places(stops: gpd.GeoDataFrame, frame: pd.DataFrame) -> Floats:
    shapes = stops.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if missing.any():
        raise _refused(frame, int(missing.argmax()), Text("den saknar plats", "it has no place"))
    if not (stops.geom_type == "Point").all():
        middle = shapely.centroid(shapes)
        inside = shapely.covers(shapes, middle)
        shapes = np.where(inside, middle, shapely.point_on_surface(shapes))
    xy = coordinates(gpd.GeoSeries(shapes, crs=stops.crs))
    finite = np.isfinite(xy).all(axis=1)
    if not finite.all():
        raise _refused(
            frame, int(finite.argmin()), Text("dess plats är ingen punkt", "its place is no point")
        )
    return np.asarray(xy, dtype=float)


def _risk(stops: gpd.GeoDataFrame, frame: pd.DataFrame, slots: Floats) -> tuple[Floats, bool]:
    column = next((name for name in _RISK_COLUMNS if name in stops), None)
    if column is None:
        return np.full((len(stops), len(slots)), 60.0 / slots[-1, 1]), True
    return _hourly(stops[column], frame, slots)


def _hourly(values: pd.Series, frame: pd.DataFrame, slots: Floats) -> tuple[Floats, bool]:
    """Return expected incidents an hour, and whether they came as one number a stop."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        a_shift = values.to_numpy(dtype=float)
        hourly = np.repeat(a_shift[:, None] * 60.0 / slots[-1, 1], len(slots), axis=1)
        even = True
    else:
        hourly = np.full((len(frame), len(slots)), np.nan)
        even = False
        for row, value in enumerate(values):
            hours = np.asarray(value, dtype=float).ravel()
            if len(hours) != len(slots):
                raise _refused(
                    frame,
                    row,
                    Text(
                        "risken har {k} {k:timme|timmar}, passet {n}",
                        "the risk has {k} {k:hour|hours}, the shift {n}",
                    ).fill(k=len(hours), n=len(slots)),
                )
            hourly[row] = hours
    bad = ~(np.isfinite(hourly) & (hourly >= 0)).all(axis=1)
    if bad.any():
        raise _refused(
            frame,
            int(bad.argmax()),
            Text(
                "risken måste vara ett tal från 0 och uppåt", "the risk must be a number from 0 up"
            ),
        )
    return hourly, even


def _numbers(stops: gpd.GeoDataFrame, column: str, default: float, frame: pd.DataFrame) -> Floats:
    if column not in stops:
        return np.full(len(frame), float(default))
    values = pd.to_numeric(stops[column], errors="coerce").to_numpy(dtype=float)
    return np.where(np.isnan(values), float(default), values)


def _minutes(stops: gpd.GeoDataFrame, column: str, shift: Shift, default: float) -> Floats:
    if column not in stops:
        return np.full(len(stops), default)
    start = shift.period.start
    found = []
    for value in stops[column]:
        if value is None or pd.isna(value):
            found.append(default)
            continue
        at: datetime = pd.Timestamp(value).to_pydatetime()
        if at.tzinfo is None:
            raise InvalidInputError(
                Text(
                    "Hållpunkternas tider ({c}) saknar tidszon. Ange dem i UTC.",
                    "The stops' times ({c}) have no time zone. Give them in UTC.",
                ).fill(c=column)
            )
        found.append((at - start) / _MINUTE)
    return np.asarray(np.clip(found, -_FAR_MIN, _FAR_MIN), dtype=float)


def _flags(stops: gpd.GeoDataFrame, column: str) -> Bools:
    if column not in stops:
        return np.zeros(len(stops), dtype=bool)
    return np.asarray(stops[column].fillna(False).to_numpy(dtype=bool))  # noqa: FBT003 - a value


def _refused(frame: pd.DataFrame, row: int, why: Text) -> InvalidInputError:
    return InvalidInputError(
        Text(
            "Hållpunkt {n} ({s}): {w}.",
            "Stop {n} ({s}): {w}.",
        ).fill(n=row + 1, s=str(frame["name"].iloc[row])[:60], w=why)
    )
