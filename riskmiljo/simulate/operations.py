"""Simulated operations with a known effect, to test whether evaluations find it and no more.

Either with a plain city made for the test, or planted in a city that was simulated already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.geo.crs import points_frame
from riskmiljo.model.period import Period
from riskmiljo.simulate.city import SimulatedCity

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CELLS: Final = 22
_CELL_M: Final = 200.0
_WEEKS_BEFORE: Final = 52
_EPSG: Final = 3006
_CORNER: Final = (640_000.0, 6_630_000.0)
_START: Final = date(2025, 3, 3)
# Places change by themselves: standard deviation of the log rate, and its memory from one week
# to the next.
_SHOCK: Final = 0.2
_MEMORY: Final = 0.95
# Share of incidents that bring another close by within two weeks.
_REPEATS: Final = 0.15
_RING_M: Final = 250.0


@dataclass(frozen=True)
class SimulatedOperation:
    """A record of incidents around an operation.

    Parameters
    ----------
    incidents
        Reported incidents, EPSG:3006, with ``occurred_from`` and ``detection``.
    period
        First day of the operation and the day after its last.
    places
        Its places.
    effect
        The true relative change there.
    """

    incidents: gpd.GeoDataFrame
    period: tuple[date, date]
    places: gpd.GeoSeries
    effect: float


def simulate_operation(
    *,
    effect: float = 0.0,
    displaced: float = 0.0,
    places: int = 3,
    weeks: int = 17,
    per_week: float = 120.0,
    rng: int | np.random.Generator = 0,
) -> SimulatedOperation:
    """Simulate a city in which an operation prevents a share of what would have happened.

    Parameters
    ----------
    effect
        Relative change in the operation's places, from -1 to 0.
    displaced
        Share of what was prevented that happens in a ring of 250 m instead.
    places
        How many cells of 200 m the operation has, drawn from the busiest tenth.
    weeks
        Its length; 52 weeks lie before it.
    per_week
        Incidents in the whole city.
    rng
        Seed or source of chance.

    Returns
    -------
    SimulatedOperation
        Rates differ between places as a gamma of shape 0.7, move with the season and by shocks of
        each place's own that last for weeks, and incidents bring others.
    """
    chance = np.random.default_rng(rng)
    cells = _CELLS**2
    level = chance.gamma(0.7, size=cells)
    level *= per_week / level.sum()
    length = _WEEKS_BEFORE + weeks
    shock = np.empty((cells, length))
    shock[:, 0] = chance.normal(0, _SHOCK, cells)
    fresh = _SHOCK * np.sqrt(1 - _MEMORY**2)
    for week in range(1, length):
        shock[:, week] = _MEMORY * shock[:, week - 1] + chance.normal(0, fresh, cells)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(length) / 52)
    count = chance.poisson(level[:, None] * season * np.exp(shock - _SHOCK**2 / 2))
    at: Ints = np.repeat(np.arange(count.size), count.ravel())
    cell, in_week = at // length, at % length
    day = 7 * in_week + chance.uniform(0, 7, len(at))
    again = chance.random(len(cell)) < _REPEATS
    cell = np.concatenate([cell, cell[again]])
    day = np.concatenate([day, day[again] + chance.uniform(0, 14, int(again.sum()))])
    keep = day < 7 * length
    cell, day = cell[keep], day[keep]

    chosen = chance.choice(np.argsort(-level)[: cells // 10], places, replace=False)
    xy = _corner(cell) + chance.uniform(0, _CELL_M, (len(cell), 2))
    hit = np.isin(cell, chosen) & (day >= 7 * _WEEKS_BEFORE) & (chance.random(len(cell)) < -effect)
    moved = hit & (chance.random(len(cell)) < displaced)
    corners = _corner(chosen)
    shapes = shapely.box(corners[:, 0], corners[:, 1], *(corners + _CELL_M).T)
    if moved.any():
        xy[moved] = _in_ring(shapely.union_all(shapes), int(moved.sum()), chance)
    left = ~hit | moved
    start = pd.Timestamp(_START - timedelta(weeks=_WEEKS_BEFORE))
    times = (start + pd.to_timedelta(np.floor(day[left] * 1440), unit="min")).as_unit("us")
    data = {"occurred_from": times.tz_localize("UTC"), "detection": "reported"}
    incidents = points_frame(data, xy[left, 0], xy[left, 1], _EPSG)
    series = gpd.GeoSeries(shapes, crs=_EPSG)
    return SimulatedOperation(incidents, (_START, _START + timedelta(weeks=weeks)), series, effect)


def plant_operation(
    city: SimulatedCity,
    places: gpd.GeoSeries,
    period: Period,
    *,
    effect: float,
    rng: int | np.random.Generator = 0,
) -> SimulatedCity:
    """Let an operation have prevented a share of what a simulated city saw.

    Parameters
    ----------
    city
        Without the operation.
    places
        The operation's places, in the CRS of the incidents.
    period
        When it ran.
    effect
        The true relative change there, from -1 to 0.
    rng
        Seed or source of chance: each incident is prevented or not by itself.

    Returns
    -------
    SimulatedCity
        The same but for the incidents that were prevented. What is told of the places' rates is
        what they would have been.
    """
    frame = city.incidents
    within = frame.intersects(places.union_all()).to_numpy()
    during = frame["occurred_from"].between(period.start, period.end, inclusive="left").to_numpy()
    hit = np.random.default_rng(rng).random(len(frame)) < -effect
    kept = frame[~(within & during & hit)].reset_index(drop=True)
    planted = city.planted[city.planted.index.isin(kept["incident_id"])]
    known = planted.value_counts().reindex(city.truth["place_id"], fill_value=0)
    truth = city.truth.assign(incidents=known.to_numpy())
    return replace(city, incidents=kept, planted=planted, truth=truth)


def _corner(cell: Ints) -> Floats:
    return np.asarray(np.column_stack([cell % _CELLS, cell // _CELLS]) * _CELL_M + _CORNER)


def _in_ring(inside: shapely.Geometry, count: int, chance: np.random.Generator) -> Floats:
    ring = inside.buffer(_RING_M).difference(inside)
    west, south, east, north = ring.bounds
    found = np.zeros((0, 2))
    while len(found) < count:
        tried = chance.uniform((west, south), (east, north), (4 * count, 2))
        found = np.concatenate([found, tried[shapely.contains_xy(ring, tried)]])
    return found[:count]
