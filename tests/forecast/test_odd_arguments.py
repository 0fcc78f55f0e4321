"""Arguments of a wrong kind: one sentence that says how to mend it, never another's message."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import riskmiljo as rm
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.grid import Grid

HOME = (648_000.0, 6_638_000.0)
AREA = shapely.box(647_000, 6_637_000, 649_000, 6_639_000)
PERIOD = ("2025-09-01", "2025-09-08")


@pytest.fixture(scope="module")
def incidents():
    rng = np.random.default_rng(1)
    xy = rng.normal(HOME, 300, (300, 2)).round()
    minutes = pd.to_timedelta(np.sort(rng.integers(0, 200 * 1440, 300)), unit="min")
    times = pd.Series(pd.Timestamp("2025-02-01", tz="UTC") + minutes)
    detection = np.where(np.arange(300) % 3 == 0, "discovered", "reported")
    columns = {"occurred_from": times.astype("datetime64[us, UTC]"), "detection": detection}
    return points_frame(columns, xy[:, 0], xy[:, 1], 3006)


@pytest.fixture(scope="module")
def presence(incidents):
    begins = incidents["occurred_from"].iloc[:40].to_numpy()
    columns = {"begins": begins, "ends": begins + pd.Timedelta(hours=1), "minutes": 60.0}
    there = incidents.geometry.iloc[:40]
    return gpd.GeoDataFrame(columns, geometry=there.to_numpy(), crs=3006)


NO_FRAMES = (None, "x", 7, [], {}, np.zeros((2, 2)), pd.DataFrame({"a": [1]}))
NO_NUMBERS = (None, "x", "", [], {}, (1, 2), True, float("nan"), float("inf"), pd.NA)
NO_SEEDS = ("x", -1, 1.5, float("nan"), None, {}, [1.5], pd.NaT)
NO_PERIODS = (
    7, "", [], ("2025-09-01",), ("2025-09-01", None), (None, None), (pd.NaT, pd.NaT), (1, 2), {},
    ("2025-09-01", "2025-09-02", "2025-09-03"), ("2025-09-08", "2025-09-01"), float("nan"),
    dt.date(2025, 9, 1), ("2025-09-01", "2025-09-31"), slice("a", "b"),
)  # fmt: skip
NO_ZONES = (None, 7, "", [], "Mars/Base", "../etc", b"x")
OPERATION = {"period": ("2025-06-01", "2025-07-01"), "places": shapely.Point(HOME)}


def refused(call, *values, word=""):
    for value in values:
        with pytest.raises(InvalidInputError) as caught:
            call(value)
        message = caught.value.message
        assert word in message.en, (value, message.en)
        assert message.sv != message.en, value
        assert message.en.endswith("."), message.en


def backtested(incidents, **changed):
    wanted = {"area": AREA, "cell_m": 500, "origins": 2, "models": ["last_year"], **changed}
    return rm.backtest(incidents, **wanted)


def test_what_is_no_frame_of_incidents_is_refused_by_name(incidents, presence):
    zones = gpd.GeoDataFrame({"zone_id": ["a"]}, geometry=[AREA], crs=3006)
    for call in (
        lambda i: rm.forecast(i, period=PERIOD),
        backtested,
        lambda i: rm.effect(i, OPERATION),
        lambda i: rm.effort_table(i, presence, zones),
        lambda i: rm.density(i, period=PERIOD),
        lambda i: rm.assign_zones(i, zones),
    ):
        refused(call, *NO_FRAMES)
    refused(lambda z: rm.assign_zones(incidents, z), *NO_FRAMES)
    refused(lambda z: rm.assign_zones(incidents, z), zones[["geometry"]], word="zone_id")
    refused(lambda p: rm.effort_table(incidents, p, zones), *NO_FRAMES, word="presence")
    refused(lambda u: rm.effort_table(incidents, presence, u), *NO_FRAMES, word="units")
    refused(lambda o: backtested(incidents, others=o), *NO_FRAMES[1:], word="other kinds")
    refused(lambda g: rm.forecast(incidents, period=PERIOD, grid=g), *NO_FRAMES[1:], word="Grid")
    refused(lambda g: rm.hot_spots(incidents, grid=g), *NO_FRAMES[1:], word="Grid")


def test_periods_zones_of_time_and_seeds_that_are_none_are_refused(incidents):
    refused(lambda p: rm.forecast(incidents, period=p), None, *NO_PERIODS)
    refused(lambda p: rm.density(incidents, period=p), *NO_PERIODS)
    refused(lambda d: rm.early_warning(incidents, now=d), 7, [], pd.NaT, None, "2025-09-31")
    refused(lambda z: rm.forecast(incidents, period=PERIOD, tz=z), *NO_ZONES, word="time zone")
    refused(lambda z: rm.rhythm(incidents, tz=z), *NO_ZONES, word="time zone")
    refused(lambda s: rm.forecast(incidents, period=PERIOD, rng=s), *NO_SEEDS, word="rng")
    refused(lambda s: backtested(incidents, rng=s), *NO_SEEDS, word="rng")
    refused(lambda s: rm.find_zones(incidents, rng=s), *NO_SEEDS, word="rng")


def test_numbers_that_are_none_are_refused(incidents, presence):
    for name in ("cell_m", "origins", "horizon_days", "shifts"):
        refused(lambda v, n=name: backtested(incidents, **{n: v}), *NO_NUMBERS, -1, 0)
    refused(lambda v: backtested(incidents, horizon_days=v), 6.5, 10**9, word="horizon")
    refused(lambda v: backtested(incidents, shifts=v), 1.5, word="grids")
    refused(lambda v: backtested(incidents, shares=v), "x", None, [], 0, 2, {}, ["x"])
    refused(lambda v: rm.effect(incidents, OPERATION, buffer_m=v), *NO_NUMBERS, -1, 1e300)
    units = Grid.over(AREA, 500)
    refused(lambda v: rm.effort_table(incidents, presence, units, step_days=v), *NO_NUMBERS, 1.5, 0)
    refused(lambda v: Grid.over(AREA, v), *NO_NUMBERS, -1, 0, 1e300, word="side of a cell")
    for call in (rm.hot_spots, rm.hotspot_classify, rm.density):
        refused(lambda v, c=call: c(incidents, cell_m=v), *NO_NUMBERS, -1, 0, word="side of a cell")
    text = presence.assign(minutes="an hour")
    refused(lambda p: rm.effort_table(incidents, p, units), text, word="minutes")
    heavy = incidents.assign(weight="x")
    refused(lambda i: rm.forecast(i, period=PERIOD), heavy, word="weights")


def test_words_that_are_not_on_the_list_are_refused(incidents, presence):
    no_words = (7, [], {}, np.zeros(2), pd.NA, "x", ["x"])
    refused(lambda m: rm.forecast(incidents, period=PERIOD, model=m), *no_words, word="model")
    refused(lambda m: backtested(incidents, models=m), 7, "x", [7], {"a": 7}, word="model")
    refused(lambda m: rm.effect(incidents, OPERATION, method=m), *no_words, word="method")
    units = Grid.over(AREA, 500)
    refused(lambda u: rm.effort_table(incidents, presence, units, unknown=u), *no_words)
    refused(lambda p: backtested(incidents, progress=p), 7, "x", word="progress")
    refused(lambda r: backtested(incidents, resume=r), 7, "x", {}, word="resume")


def test_numpy_counts_are_as_good_as_pythons(incidents):
    plain = backtested(incidents, origins=2, horizon_days=7)
    numpys = backtested(incidents, origins=np.int64(2), horizon_days=np.int64(7), shifts=np.int8(1))
    pd.testing.assert_frame_equal(plain.table, numpys.table)


def test_a_record_that_was_registered_too_late_for_every_trial_is_told(incidents):
    late = incidents.assign(registered_at=incidents["occurred_from"] + pd.Timedelta(days=3000))
    with pytest.raises(NothingFoundError) as caught:
        backtested(late)
    assert "registered_at" in caught.value.message.en


def test_another_word_for_how_an_incident_became_known_counts_as_unknown(incidents, presence):
    units = Grid.over(AREA, 500)
    odd = incidents.assign(detection=incidents["detection"].replace("reported", "Reported"))
    table = rm.effort_table(odd, presence, units)
    assert table.reported.to_numpy().sum() == 0
    assert table.notes[0].en.startswith("200 incidents, of which it is not known")


def test_units_of_one_name_are_not_mixed(incidents, presence):
    zones = gpd.GeoDataFrame({"zone_id": ["a", "a"]}, geometry=[AREA, AREA], crs=3006)
    refused(lambda z: rm.effort_table(incidents, presence, z), zones, word="zone_id")


def test_rates_neighbours_and_districts_of_a_wrong_kind_are_refused():
    rates = rm.joint_rate([3, 0, 5], [4, 2, 1], [10.0, 0.0, 40.0], days=28)
    refused(lambda n: rm.exploratory_units(rates, count=n), *NO_NUMBERS, -1, 1.5, word="count")
    refused(lambda t: rm.exploratory_units(rates, taken=t), None, 7, word="taken")
    refused(rm.exploratory_units, *NO_FRAMES)
    refused(lambda m: rm.exploratory_units(rates, method=m), 7, [], "x", word="method")

    def rated(**given):
        return rm.joint_rate([3, 0, 5], [4, 2, 1], [10.0, 0.0, 40.0], days=28, **given)

    wrong = (7, "x", ["x"], [[np.nan], [0], [1]], [[0.5], [0], [1]], float("nan"))
    refused(lambda n: rated(neighbours=n), *wrong, word="neighbours")
    refused(lambda d: rated(district=d), {}, {1, 2, 3}, {1: 1, 2: 2, 3: 3}, word="district")
    refused(lambda s: rated(shrinkage=s), *NO_NUMBERS[:6], word="shrinkage")
