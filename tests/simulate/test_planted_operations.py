"""An operation planted in a simulated city takes away a known share, there and then only."""

from __future__ import annotations

import geopandas as gpd
import pytest

from riskmiljo.geo.crs import coordinates
from riskmiljo.model.period import Period
from riskmiljo.simulate.operations import plant_operation


@pytest.fixture(scope="module")
def places(city):
    middle = city.truth.geometry[city.truth["incidents"].idxmax()]
    return gpd.GeoSeries([middle.buffer(300)], crs=city.incidents.crs)


@pytest.fixture(scope="module")
def period(city):
    times = city.incidents["occurred_from"]
    middle = times.min() + (times.max() - times.min()) / 2
    return Period(middle.to_pydatetime(), times.max().to_pydatetime())


def hit(made, places, period):
    frame = made.incidents
    inside = frame.intersects(places.union_all())
    return frame[
        inside & (frame["occurred_from"] >= period.start) & (frame["occurred_from"] < period.end)
    ]


def test_a_share_of_what_happened_there_and_then_is_gone_and_nothing_else(city, places, period):
    before = hit(city, places, period)
    assert len(before) > 40
    made = plant_operation(city, places, period, effect=-0.5, rng=1)
    left = hit(made, places, period)
    assert 0.3 * len(before) < len(left) < 0.7 * len(before)
    gone = set(city.incidents["incident_id"]) - set(made.incidents["incident_id"])
    assert gone == set(before["incident_id"]) - set(left["incident_id"])
    kept = city.incidents[~city.incidents["incident_id"].isin(gone)]
    assert (coordinates(kept) == coordinates(made.incidents)).all()


def test_the_truth_counts_what_is_left(city, places, period):
    made = plant_operation(city, places, period, effect=-1.0)
    assert hit(made, places, period).empty
    assert set(made.planted.index) == set(made.incidents["incident_id"])
    counted = made.planted.value_counts()
    for row in made.truth.itertuples():
        assert row.incidents == counted.get(row.place_id, 0)
    assert made.truth["incidents"].sum() < city.truth["incidents"].sum()
    assert made.truth.crs == city.truth.crs


def test_no_effect_changes_nothing_and_the_same_seed_the_same(city, places, period):
    same = plant_operation(city, places, period, effect=0.0)
    assert same.incidents.equals(city.incidents)
    first, second = (
        plant_operation(city, places, period, effect=-0.4, rng=7).incidents for _ in range(2)
    )
    assert first.equals(second)
