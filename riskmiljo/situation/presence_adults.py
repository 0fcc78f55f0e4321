"""Where adults are: the usual, the planned and the logged, square by square and hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.presence_gap import ADULTS_PER_CREW
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Plan
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.situation.presence_places import CoarsePlaces
from riskmiljo.situation.presence_slots import minutes_by_hour
from riskmiljo.store import Store

Floats = npt.NDArray[np.float64]

# The usual presence is that of the last three months.
PRESENCE_WEEKS: Final = 12


@dataclass(frozen=True, slots=True)
class Companion:
    """Someone else who is planned to be there: what kind of crew, where and when; never who.

    Attributes
    ----------
    crew_kind
        ``police``, ``outreach`` or ``night_walkers``.
    place
        A place as people say it, no finer than the page's own places.
    begins, ends
        UTC.
    """

    crew_kind: str
    place: str
    begins: datetime
    ends: datetime


def adults_of_week(
    store: Store,
    squares: CoarsePlaces,
    week: Period,
    plans: tuple[Plan, ...],
    *,
    now: datetime,
    tz: str,
) -> tuple[dict[str, tuple[Floats, Floats]], Period | None]:
    """Return how many adult minutes an hour there are, by kind of crew, square and hour.

    Parameters
    ----------
    store
        Where presence is kept.
    squares
        The squares.
    week
        The week that is shown.
    plans
        Shift plans that the reader may know of.
    now
        Aware; presence after it does not count.
    tz
        The zone of local hours.

    Returns
    -------
    tuple
        By kind of crew: the usual (raw, of each hour of the week) and the certain, which is planned
        or logged in this very week, each of shape (squares, 168); and the period of the usual,
        None where none is known.
    """
    kept = store.presence()
    kept = kept[kept["begins"] < now]
    usual: dict[str, Floats] = {}
    span = None
    before = kept[kept["begins"] < week.start]
    if len(before):
        # Whole local days, so that each hour of the day is there as often as the others.
        latest = before["ends"].max().tz_convert(tz).normalize() + pd.DateOffset(days=1)
        end = min(week.start, latest.to_pydatetime())
        first_day = pd.Timestamp(end).tz_convert(tz) - pd.DateOffset(weeks=PRESENCE_WEEKS)
        span = Period(first_day.to_pydatetime(), end)
        lately = before[(before["begins"] >= span.start) & (before["begins"] < span.end)]
        first = max(span.start, before["begins"].min().to_pydatetime())
        weeks = max((span.end - first) / timedelta(weeks=1), 1.0)
        usual = {kind: grid / weeks for kind, grid in _grids(lately, squares, tz).items()}
    logged = kept[(kept["begins"] >= week.start) & (kept["begins"] < week.end)]
    of_week = _grids(logged, squares, tz)
    planned = _grids(_visits(plans, week), squares, tz)
    nobody = np.zeros((len(squares.cells), HOURS_OF_WEEK))
    adults = {
        kind: (
            usual.get(kind, nobody),
            np.maximum(of_week.get(kind, nobody), planned.get(kind, nobody)),
        )
        for kind in {*usual, *of_week, *planned}
    }
    return adults, span if usual else None


def _grids(stays: pd.DataFrame, squares: CoarsePlaces, tz: str) -> dict[str, Floats]:
    """Return adult minutes of stays by kind of crew, square and hour of the week."""
    grids: dict[str, Floats] = {}
    for kind, rows in stays.groupby("crew_kind"):
        xy = (
            coordinates(rows)
            if isinstance(rows, gpd.GeoDataFrame)
            else rows[["x", "y"]].to_numpy(dtype=float)
        )
        cell = squares.find(xy)
        minutes = rows["minutes"].to_numpy(dtype=float) * ADULTS_PER_CREW
        stay, slot, pieces = minutes_by_hour(rows["begins"], rows["ends"], minutes, tz=tz)
        inside = cell[stay] >= 0
        grid = np.zeros((len(squares.cells), HOURS_OF_WEEK))
        np.add.at(grid, (cell[stay][inside], slot[inside]), pieces[inside])
        grids[str(kind)] = grid
    return grids


def _visits(plans: tuple[Plan, ...], week: Period) -> pd.DataFrame:
    rows = [
        (number, route.crew.kind, visit.begins, visit.leaves, visit.dwell_min, visit.x, visit.y)
        for number, plan in enumerate(plans)
        for route in plan.routes
        for visit in route.visits
        if week.start <= visit.begins < week.end
    ]
    names = ["plan", "crew_kind", "begins", "ends", "minutes", "x", "y"]
    table = pd.DataFrame(rows, columns=names)
    for name in ("begins", "ends"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table


def companions_of(
    plans: tuple[Plan, ...], week: Period, squares: CoarsePlaces
) -> tuple[Companion, ...]:
    """Return who else is planned to be out: by plan, kind of crew and place.

    Parameters
    ----------
    plans
        Shift plans that the reader may know of.
    week
        The week that is shown.
    squares
        The places.

    Returns
    -------
    tuple of Companion
        Earliest first; places far from every name are left out.
    """
    visits = _visits(plans, week)
    if visits.empty:
        return ()
    cell = squares.find(visits[["x", "y"]].to_numpy(dtype=float))
    place = np.where(cell >= 0, squares.place[cell], -1)
    found = []
    for number in np.unique(place[place >= 0]):
        there = visits[place == number]
        for (_, kind), rows in there.groupby(["plan", "crew_kind"]):
            found.append(
                Companion(
                    str(kind),
                    squares.names[int(number)],
                    rows["begins"].min().to_pydatetime(),
                    rows["ends"].max().to_pydatetime(),
                )
            )
    return tuple(sorted(found, key=lambda one: (one.begins, one.place, one.crew_kind)))
