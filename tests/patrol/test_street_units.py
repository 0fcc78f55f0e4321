"""Street segments as units: their lengths and middles, their incidents, and a back-test on them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.forecast.backtest import backtest
from riskmiljo.patrol.street_units import street_units
from riskmiljo.patrol.streets import Streets


@pytest.fixture(scope="module")
def board():
    """Four by four blocks of 100 m, the corners joined."""
    at = 100.0 * np.arange(5)
    lines = [shapely.LineString([(x, y), (x + 100, y)]) for x in at[:-1] for y in at]
    lines += [shapely.LineString([(x, y), (x, y + 100)]) for x in at for y in at[:-1]]
    return Streets.from_lines(gpd.GeoDataFrame(geometry=lines, crs=3006))


def test_each_segment_is_a_unit_with_its_length_and_middle(board):
    units = street_units(board)
    assert len(units) == len(board.edges) == 40
    assert units.size == pytest.approx(board.edges.length / 1000)
    assert units.area == pytest.approx(4.0)
    middle = board.edges.geometry.interpolate(0.5, normalized=True)
    assert units.xy == pytest.approx(np.column_stack([middle.x, middle.y]))
    assert units.crs == board.crs


def test_an_incident_belongs_to_its_nearest_segment_within_the_limit(board):
    rng = np.random.default_rng(3)
    xy = rng.uniform(-150, 550, (400, 2))
    unit = street_units(board, snap_m=60).locate(xy)
    away = np.array([board.edges.distance(point) for point in shapely.points(xy)])
    near = away.min(axis=1) <= 60
    assert near.any()
    assert not near.all()
    assert (unit[~near] == -1).all()
    chosen = away[np.flatnonzero(near), unit[near]]
    assert chosen == pytest.approx(away[near].min(axis=1))
    assert (street_units(board, snap_m=1e4).locate(xy) >= 0).all()


def test_forecasts_are_tried_on_segments_and_shares_are_of_street_length(board):
    rng = np.random.default_rng(1)
    units = street_units(board)
    share = rng.dirichlet(np.full(40, 0.15))
    segment = rng.choice(40, 1500, p=share)
    lines = board.edges.geometry.to_numpy()[segment]
    points = shapely.line_interpolate_point(lines, rng.uniform(20, 80, 1500))
    xy = shapely.get_coordinates(points) + rng.normal(0, 5, (1500, 2))
    end = pd.Timestamp("2026-04-01", tz="UTC")
    times = end - pd.to_timedelta(np.sort(rng.uniform(0, 500, 1500))[::-1], "D")
    frame = gpd.GeoDataFrame(
        {"occurred_from": times.as_unit("us")}, geometry=shapely.points(xy), crs=3006
    )
    result = backtest(
        frame, area=units, horizon_days=28, origins=4, models=["gamma_poisson"], shares=(0.1,)
    )
    summary = result.summary()
    # A tenth of the streets is four segments: those that were busiest are found.
    best = np.sort(share)[-4:].sum()
    assert summary.loc["gamma_poisson", "hit_rate_10pct"] == pytest.approx(best, abs=0.06)
    assert summary.loc["gamma_poisson", "level"] == pytest.approx(1, abs=0.15)


def test_a_bad_limit_and_another_crs_are_said(board):
    for bad in (0, -1, np.nan, np.inf):
        with pytest.raises(InvalidInputError, match="snap_m"):
            street_units(board, snap_m=bad)
    frame = gpd.GeoDataFrame(
        {"occurred_from": [pd.Timestamp("2026-01-01", tz="UTC")]},
        geometry=[shapely.Point(50, 0)],
        crs=3011,
    )
    with pytest.raises(CRSError):
        backtest(frame, area=street_units(board))
