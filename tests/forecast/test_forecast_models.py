"""The models: what each learns, and that it learns only from what was known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.forecast.average import Average
from riskmiljo.forecast.boosted import Boosted
from riskmiljo.forecast.counts import AllHistory, LastYear, RecencyCounts, SamePeriodLastYear
from riskmiljo.forecast.etas import ETAS
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.kernel import RecencyKDE
from riskmiljo.forecast.mixed_prior import MixedPrior
from riskmiljo.forecast.prospective import Prospective
from riskmiljo.forecast.record import History, Record
from riskmiljo.forecast.units import Units
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period

NOW = datetime(2026, 4, 1, tzinfo=UTC)
WEEK = Period(NOW, NOW + timedelta(days=7))
GRID = Grid.over(shapely.box(0, 0, 2000, 2000), 250)
MODELS = [
    LastYear(),
    SamePeriodLastYear(),
    AllHistory(),
    RecencyCounts(),
    RecencyKDE(),
    GammaPoisson(),
    MixedPrior(),
    Prospective(),
    ETAS(bandwidth_m=150.0, most_rounds=10),
    Boosted(moments=3, trees=10),
    Average(members=[GammaPoisson(), RecencyKDE()]),
]
NAMES = [type(model).__name__ for model in MODELS]


def frame(xy, days_ago, **columns):
    times = pd.DatetimeIndex([NOW - timedelta(days=float(d)) for d in days_ago]).as_unit("us")
    data = {"occurred_from": times, **columns}
    return gpd.GeoDataFrame(data, geometry=shapely.points(np.asarray(xy, float)), crs=3006)


@pytest.fixture(scope="module")
def city():
    rng = np.random.default_rng(1)
    centres = rng.uniform(200, 1800, (6, 2))
    xy = np.clip(centres[rng.integers(0, 6, 900)] + rng.normal(0, 90, (900, 2)), 1, 1999)
    return frame(xy, rng.uniform(0.1, 800, 900))


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_what_comes_later_or_is_registered_later_changes_nothing(model, city):
    known = model.fit(city, GRID, now=NOW).predict(WEEK).expected
    rng = np.random.default_rng(2)
    late = city.assign(registered_at=city["occurred_from"])
    extra = frame(rng.uniform(0, 2000, (300, 2)), rng.uniform(0.1, 200, 300))
    extra["registered_at"] = pd.Timestamp(NOW) + pd.to_timedelta(rng.integers(0, 90, 300), "D")
    future = frame(rng.uniform(0, 2000, (300, 2)), -rng.uniform(0, 90, 300))
    future["registered_at"] = future["occurred_from"]
    joined = gpd.GeoDataFrame(pd.concat([late, extra, future], ignore_index=True), crs=3006)
    again = model.fit(joined.sample(frac=1, random_state=3), GRID, now=NOW).predict(WEEK)
    assert again.expected == pytest.approx(known, rel=1e-9, abs=1e-12)
    # The test can fail: had they been registered in time, they would count.
    extra["registered_at"] = extra["occurred_from"]
    seen = gpd.GeoDataFrame(pd.concat([late, extra], ignore_index=True), crs=3006)
    told = model.fit(seen, GRID, now=NOW).predict(WEEK).expected
    assert np.abs(told - known).max() > 1e-3 or isinstance(model, SamePeriodLastYear)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_expected_numbers_are_finite_and_the_level_is_the_citys(model, city):
    made = model.fit(city, GRID, now=NOW).predict(WEEK)
    assert made.expected.shape == (64,)
    assert np.isfinite(made.expected).all()
    assert (made.expected >= 0).all()
    assert (made.shape > 0).all()
    # 900 in 800 days: 7.9 a week.
    assert made.expected.sum() == pytest.approx(7.9, rel=0.45)
    again = model.fit(city, GRID, now=NOW).predict(WEEK)
    assert np.array_equal(made.expected, again.expected)
    long = model.fit(city, GRID, now=NOW).predict(Period(NOW, NOW + timedelta(days=28)))
    assert long.expected.sum() > 2 * made.expected.sum()


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_a_single_incident_and_all_at_one_address_are_no_trouble(model):
    one = model.fit(frame([[300, 300]], [70]), GRID, now=NOW).predict(WEEK)
    assert np.isfinite(one.expected).all()
    same = frame(np.full((200, 2), 777.0), np.linspace(0.5, 500, 200))
    made = model.fit(same, GRID, now=NOW).predict(WEEK)
    assert np.isfinite(made.expected).all()
    if made.expected.sum() > 0:
        assert made.expected.argmax() == GRID.index([[777.0, 777.0]])[0]


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_parameters_are_stored_as_given_and_nothing_is_learned_before_fit(model, city):
    fresh = type(model)(**model.get_params())
    assert fresh.get_params() == model.get_params()
    assert not [name for name in vars(fresh) if name.endswith("_")]
    with pytest.raises(InvalidInputError, match="fit"):
        fresh.predict(WEEK)
    with pytest.raises(InvalidInputError, match="ingen parameter"):
        fresh.set_params(speed=1)
    fresh.fit(city, GRID, now=NOW)
    with pytest.raises(InvalidInputError, match="börjar före"):
        fresh.predict(WEEK.before())


def test_last_year_is_the_count_of_365_days():
    near = frame([[100, 100]] * 5 + [[900, 900]] * 3, [1, 50, 364.9, 365.1, 700, 2, 3, 400])
    made = LastYear().fit(near, GRID, now=NOW).predict(WEEK)
    assert made.expected[GRID.index([[100, 100]])[0]] == pytest.approx(3 * 7 / 365)
    assert made.expected[GRID.index([[900, 900]])[0]] == pytest.approx(2 * 7 / 365)


def test_same_period_last_year_takes_the_same_weekdays_a_year_ago():
    days = [364 - 0.5, 364 - 6.5, 364 + 0.5, 364 - 7.5]
    made = SamePeriodLastYear().fit(frame([[100, 100]] * 4, days), GRID, now=NOW)
    assert made.predict(WEEK).expected[0] == 2
    later = Period(NOW + timedelta(days=7), NOW + timedelta(days=14))
    assert made.predict(later).expected[0] == 1


def test_gamma_poisson_is_the_posterior_of_the_formula():
    rng = np.random.default_rng(4)
    incidents = frame(rng.uniform(0, 2000, (400, 2)), rng.uniform(0, 900, 400))
    model = GammaPoisson(bandwidth_m=300, half_life_days=200, kappa=4).fit(incidents, GRID, now=NOW)
    age = (pd.Timestamp(NOW) - incidents["occurred_from"]).dt.total_seconds() / 86_400
    cell = GRID.index(np.column_stack([incidents.geometry.x, incidents.geometry.y]))
    faded = np.bincount(cell, 0.5 ** (age / 200), minlength=64)
    days = 200 / np.log(2) * (1 - 0.5 ** (age.max() / 200))
    rate = (4 + faded) / (4 / model.prior_ + days)
    ours = model.rate_ / model.rate_.sum()
    assert ours == pytest.approx(rate / rate.sum(), rel=1e-4)
    assert model.shape_ == pytest.approx(4 + faded)


def test_the_kernel_integrates_a_gaussian_over_each_cell():
    at = np.array([[870.0, 1130.0]])
    units = Units.of_grid(GRID)
    ours = units.spread(at, np.array([2.0]), 200.0)
    rng = np.random.default_rng(0)
    points = at + rng.normal(0, 200, (400_000, 2))
    inside = GRID.counts(points).ravel() / 400_000 * 2
    # Far from the border nothing is corrected.
    middle = GRID.index([[870.0, 1130.0]])[0]
    assert ours[middle] == pytest.approx(inside[middle], rel=0.04)
    assert ours.sum() == pytest.approx(2.0, rel=0.05)


def test_smoothing_an_even_city_leaves_it_even_to_the_border():
    grid = Grid.over(shapely.Point(1000, 1000).buffer(950), 100)
    units = Units.of_grid(grid)
    x, y = np.meshgrid(np.arange(5, 2000, 10.0), np.arange(5, 2000, 10.0))
    xy = np.column_stack([x.ravel(), y.ravel()])
    xy = xy[units.locate(xy) >= 0]
    spread = units.spread(xy, np.ones(len(xy)), 150.0)
    assert spread == pytest.approx(100.0, rel=0.06)


def test_prospective_gives_most_to_the_near_and_recent():
    grid = Grid.over(shapely.box(0, 0, 2000, 400), 100)
    two = frame([[250, 250], [1550, 250]], [2, 40])
    made = Prospective().fit(two, grid, now=NOW).predict(WEEK)
    recent, old, between = made.expected[grid.index([[250, 250], [1550, 250], [950, 250]])]
    assert recent == pytest.approx(6 * old)
    assert between == 0


def test_a_gap_in_the_record_counts_as_unknown_and_not_as_calm():
    rng = np.random.default_rng(5)
    days = rng.uniform(0, 730, 3000)
    whole = frame(np.full((3000, 2), 300.0), days)
    holed = whole[(days < 100) | (days > 250)]
    record = Record.of(holed, Units.of_grid(GRID))
    history = record.known(NOW)
    assert len(history.gaps) == 1
    first, last = history.gaps[0]
    assert first == pytest.approx(250, abs=2)
    assert last == pytest.approx(100, abs=2)
    before = LastYear().fit(whole, GRID, now=NOW).predict(WEEK).expected.sum()
    with_gap = LastYear().fit(history).predict(WEEK).expected.sum()
    assert with_gap == pytest.approx(before, rel=0.12)
    # A sparse kind is silent for weeks by chance.
    sparse = Record.of(whole.iloc[:30], Units.of_grid(GRID)).known(NOW)
    assert sparse.gaps == []


def test_exposure_is_the_integral_of_the_fading():
    history = History(
        Units.of_grid(GRID), NOW, np.zeros(2, int), np.zeros((2, 2)), np.array([730.0, 1.0]),
        row=np.arange(2),
    )  # fmt: skip
    assert history.exposure() == pytest.approx(730)
    assert history.exposure(window_days=365.0) == pytest.approx(365)
    assert history.exposure(window_days=10.5) == pytest.approx(10.5)
    whole = 100 / np.log(2) * (1 - 0.5**7.3)
    assert history.exposure(100.0) == pytest.approx(whole, rel=1e-4)


def test_street_segments_can_be_units():
    lines = gpd.GeoSeries(
        [shapely.LineString([(x, y), (x + 250, y)]) for x in (0, 250, 500) for y in (0, 300)],
        crs=3006,
    )
    units = Units.of_frame(lines)
    assert units.size == pytest.approx(0.25)
    incidents = frame([[100, 20], [130, 10], [300, 310], [100, 160]], [5, 30, 60, 400])
    record = Record.of(incidents, units)
    assert record.outside == 1
    for model in (GammaPoisson(), RecencyKDE(), LastYear(), Prospective()):
        made = model.fit(record, now=NOW).predict(WEEK)
        assert made.expected.argmax() == 0
    with pytest.raises(InvalidInputError, match="ytor"):
        Units.of_frame(gpd.GeoSeries([shapely.Point(0, 0)], crs=3006))


def test_polygons_can_be_units_and_an_incident_counts_once():
    squares = gpd.GeoSeries([shapely.box(0, 0, 100, 100), shapely.box(50, 0, 200, 100)], crs=3006)
    units = Units.of_frame(squares)
    assert units.locate(np.array([[75.0, 50.0], [150.0, 50.0], [300.0, 50.0]])).tolist() == [
        0, 1, -1,
    ]  # fmt: skip
    assert units.size == pytest.approx([1.0, 1.5])


def test_bad_input_to_a_model_is_said_in_words(city):
    with pytest.raises(InvalidInputError, match="now"):
        LastYear().fit(city, GRID)
    with pytest.raises(InvalidInputError, match="rutnät"):
        LastYear().fit(city, now=NOW)
    with pytest.raises(CRSError):
        LastYear().fit(city.to_crs(4326), GRID, now=NOW)
    other = Grid.over(gpd.GeoSeries([shapely.box(0, 0, 2000, 2000)], crs=32633), 250)
    with pytest.raises(CRSError, match="Projicera"):
        LastYear().fit(city, other, now=NOW)
    missing = city.copy()
    missing.loc[3, "occurred_from"] = pd.NaT
    with pytest.raises(InvalidInputError, match="saknar tid, den första på rad 3"):
        LastYear().fit(missing, GRID, now=NOW)
    with pytest.raises(InvalidInputError, match="medel"):
        Average().fit(city, GRID, now=NOW).predict(WEEK)
    empty = Grid(0, 0, 250, np.zeros((3, 3), dtype=bool))
    with pytest.raises(InvalidInputError, match="inga celler"):
        LastYear().fit(city, empty, now=NOW)
