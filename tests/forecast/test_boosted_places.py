"""The boosted trees and how far it is to places: of use where it matters, otherwise nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError
from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.boosted import Boosted
from riskmiljo.forecast.units import Units
from riskmiljo.geo.grid import Grid

AREA = shapely.box(0, 0, 6000, 6000)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
PLACES = np.stack(np.meshgrid(np.arange(375, 6000, 1000), np.arange(375, 6000, 1000)), -1)


@pytest.fixture(scope="module")
def incidents():
    """Too few to see by themselves where, but half of them lie at one of 36 places."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(1, 5999, (500, 2))
    at_place = rng.random(500) < 0.5
    xy[at_place] = PLACES.reshape(-1, 2)[rng.integers(0, 36, at_place.sum())]
    xy[at_place] += rng.uniform(-100, 100, (at_place.sum(), 2))
    times = pd.Timestamp(NOW) - pd.to_timedelta(np.sort(rng.uniform(0, 900, 500))[::-1], "D")
    data = {"occurred_from": times.as_unit("us")}
    return gpd.GeoDataFrame(data, geometry=shapely.points(xy), crs=3006)


@pytest.fixture(scope="module")
def stations():
    points = shapely.points(PLACES.reshape(-1, 2))
    kind = np.where(np.arange(36) % 2 == 0, "station", "school")
    return gpd.GeoDataFrame({"kind": kind}, geometry=points, crs=3006)


@pytest.fixture(scope="module")
def units():
    return Units.of_grid(Grid.over(gpd.GeoSeries([AREA], crs=3006), 250))


@pytest.fixture(scope="module")
def plain(incidents, units):
    return Boosted().fit(incidents, units, now=NOW)


def test_what_lies_at_places_is_expected_there(incidents, stations, units, plain):
    told = Boosted(places=stations).fit(incidents, units, now=NOW)
    at_place = shapely.distance(shapely.points(units.xy), stations.union_all()) < 1
    assert at_place.sum() == 36
    share = {
        name: model.rate_[at_place].sum() / model.rate_.sum()
        for name, model in (("told", told), ("plain", plain))
    }
    assert share["told"] > share["plain"]
    # The planted share is a half, and the even rest's.
    assert share["told"] == pytest.approx(0.53, abs=0.12)
    # Of the places without an incident in the last year, too.
    quiet = at_place & (told.history_.counts(window_days=365.0) == 0)
    assert told.rate_[quiet].mean() > 1.5 * plain.rate_[quiet].mean()


def test_a_feature_that_says_nothing_changes_nothing(incidents, stations, units, plain):
    far = stations.set_geometry(stations.translate(1e5, 0))
    for places in (None, stations.iloc[:0], far):
        again = Boosted(places=places).fit(incidents, units, now=NOW)
        assert again.rate_ == pytest.approx(plain.rate_, abs=0)


def test_only_where_and_what_kind_is_looked_at(incidents, stations, units):
    rng = np.random.default_rng(1)
    told = Boosted(places=stations).fit(incidents, units, now=NOW)
    more = stations.assign(income=rng.normal(size=36), residents=rng.integers(0, 9, 36))
    again = Boosted(places=more).fit(incidents, units, now=NOW)
    assert again.rate_ == pytest.approx(told.rate_, abs=0)
    gone = pd.concat([stations, stations.iloc[:2].set_geometry([None, shapely.Point()])])
    holes = Boosted(places=gone).fit(incidents, units, now=NOW)
    assert holes.rate_ == pytest.approx(told.rate_, abs=0)
    with pytest.raises(CRSError):
        Boosted(places=stations.to_crs(4326)).fit(incidents, units, now=NOW)
    with pytest.raises(CRSError):
        Boosted(places=stations.to_crs(3011)).fit(incidents, units, now=NOW)


def test_it_can_be_back_tested_beside_the_others(incidents, stations):
    models = {"with_places": Boosted(places=stations, trees=20)}
    result = backtest(incidents, area=AREA, horizon_days=28, origins=2, models=models)
    assert "places=<36>" in result.summary().loc["with_places", "settings"]
    assert result.complete
