"""The prior mixed of several neighbourhoods and of other kinds: where little is known of a kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import riskmiljo as rm
from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.mixed_prior import MixedPrior, _mixture
from riskmiljo.forecast.record import Record
from riskmiljo.forecast.units import Units
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SIDE = 8_000.0
GRID = Grid.over(shapely.box(0, 0, SIDE, SIDE), 250)
MONTH = Period(NOW, NOW + timedelta(days=28))
TEST = {"area": GRID, "horizon_days": 28, "origins": 8}
FAST = ("gamma_poisson", "mixed_prior", "average")


def people(rng, count):
    """Points by street corners that draw unequally many: where people are, all kinds happen."""
    corners = np.random.default_rng(99).uniform(300, SIDE - 300, (1_500, 2))
    draw = np.random.default_rng(98).lognormal(0, 1.2, 1_500)
    at = rng.choice(1_500, count, p=draw / draw.sum())
    return np.clip(corners[at] + rng.normal(0, 40, (count, 2)), 1, SIDE - 1)


def frame(xy, days_ago, **columns):
    order = np.argsort(-np.asarray(days_ago))
    times = pd.Timestamp(NOW) - pd.to_timedelta(np.asarray(days_ago)[order], "D")
    data = {"occurred_from": times.as_unit("us"), **columns}
    return gpd.GeoDataFrame(data, geometry=shapely.points(np.asarray(xy)[order]), crs=3006)


def incidents(seed, count):
    rng = np.random.default_rng(seed)
    return frame(people(rng, count), rng.uniform(0.01, 1000, count))


@pytest.fixture(scope="module")
def rare():
    return incidents(1, 700)


@pytest.fixture(scope="module")
def common():
    return incidents(2, 10_000)


@pytest.fixture(scope="module")
def alone(rare):
    return rm.backtest(rare, models=FAST, **TEST)


@pytest.fixture(scope="module")
def beside(rare, common):
    return rm.backtest(rare, models=FAST, others=common, **TEST)


def truth():
    """The share of each cell, by a city a hundred times as rich in incidents."""
    return GRID.counts(people(np.random.default_rng(3), 200_000)).ravel() / 200_000


def test_beside_other_kinds_the_chosen_model_stands_above_gamma_poisson(alone, beside):
    assert beside.choice.model == "mixed_prior"
    assert "flera slags grannskap" in beside.choice.reason.sv
    mine, base = beside.summary().loc["mixed_prior"], beside.summary().loc["gamma_poisson"]
    assert mine["hit_rate_5pct"] > base["hit_rate_5pct"] + 0.05
    assert mine["gain_bits"] > base["gain_bits"] + 0.3
    assert 0.85 < mine["slope"] < 1.15
    assert 0.88 < mine["coverage"] < 0.93
    # What only knows the kind itself is as it was, and without others there is less to know.
    pd.testing.assert_series_equal(base, alone.summary().loc["gamma_poisson"])
    assert alone.summary().loc["mixed_prior", "gain_bits"] < mine["gain_bits"] - 0.15
    assert any("andra slag" in note.sv for note in beside.notes)
    assert not any("andra slag" in note.sv for note in alone.notes)


def test_alone_the_chosen_model_gains_no_less_than_gamma_poisson(alone):
    table = alone.summary()
    assert table.loc[alone.choice.model, "gain_bits"] >= table.loc["gamma_poisson", "gain_bits"]


def test_the_rates_come_nearer_the_truth_and_the_sum_stays_the_kinds_own(rare, common):
    true = truth()
    units = Units.of_grid(GRID)
    record = Record.of(rare, units, others=common)
    history = record.known(NOW)
    made = MixedPrior().fit(history)
    plain = GammaPoisson().fit(history)
    away = [
        np.abs(model.rate_ / model.rate_.sum() - true).sum()
        for model in (made, plain, MixedPrior().fit(Record.of(rare, units), now=NOW))
    ]
    assert away[0] < 0.75 * min(away[1:])
    assert made.predict(MONTH).expected.sum() == pytest.approx(history.level() * 28)
    assert sum(made.weights_.values()) == pytest.approx(1)
    assert sum(w for name, w in made.weights_.items() if name.startswith("others")) > 0.7


def test_the_weights_are_those_of_the_greatest_likelihood():
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.ones(50), 2)
    came = rng.poisson(2_000 * (0.3 * shares[0] + 0.7 * shares[1])).astype(float)
    tried = np.linspace(0.001, 0.999, 999)
    # One incident's worth of belief in each part.
    likelihood = [
        came @ np.log(w * shares[0] + (1 - w) * shares[1]) + np.log(w) + np.log(1 - w)
        for w in tried
    ]
    assert _mixture([(shares, came)], 2)[0] == pytest.approx(tried[np.argmax(likelihood)], abs=2e-3)


def test_other_kinds_that_mislead_do_little_harm(rare):
    rng = np.random.default_rng(6)
    even = frame(rng.uniform(1, SIDE - 1, (5_000, 2)), rng.uniform(0.01, 1000, 5_000))
    units = Units.of_grid(GRID)
    misled = MixedPrior().fit(Record.of(rare, units, others=even).known(NOW))
    alone = MixedPrior().fit(Record.of(rare, units).known(NOW))
    assert np.abs(misled.rate_ - alone.rate_).sum() < 0.1 * alone.rate_.sum()


def test_what_others_bring_later_or_was_discovered_by_patrols_changes_nothing(rare, common):
    units = Units.of_grid(GRID)
    made = MixedPrior().fit(Record.of(rare, units, others=common).known(NOW))
    rng = np.random.default_rng(7)
    extra = frame(rng.uniform(1, SIDE - 1, (9_000, 2)), rng.uniform(1, 900, 9_000))
    late = extra.assign(registered_at=pd.Timestamp(NOW) + pd.Timedelta(days=1))
    found = extra.assign(detection="discovered")
    for more in (late, found):
        joined = gpd.GeoDataFrame(pd.concat([common, more], ignore_index=True), crs=3006)
        again = MixedPrior().fit(Record.of(rare, units, others=joined).known(NOW))
        assert again.rate_ == pytest.approx(made.rate_, rel=1e-9)
    seen = gpd.GeoDataFrame(pd.concat([common, extra], ignore_index=True), crs=3006)
    told = MixedPrior().fit(Record.of(rare, units, others=seen).known(NOW))
    assert np.abs(told.rate_ - made.rate_).sum() > 1e-3 * made.rate_.sum()


def test_a_forecast_takes_the_other_kinds_in_and_says_so(rare, common):
    asked = {"period": ("2026-04-01", "2026-04-29"), "grid": GRID}
    beside = rm.forecast(rare, others=common, **asked)
    assert beside.model == "mixed_prior"
    assert any("andra slag" in note.sv for note in beside.notes)
    alone = rm.forecast(rare, **asked)
    assert not any("andra slag" in note.sv for note in alone.notes)
    # Others are not counted in what is expected.
    assert beside.total == pytest.approx(alone.total, rel=0.15)
    true = truth()
    caught = [true[np.argsort(-one.values[GRID.mask])[:51]].sum() for one in (beside, alone)]
    assert caught[0] > caught[1] + 0.03
    none = rm.forecast(rare, others=common.iloc[:0], **asked)
    assert none.total == alone.total


def test_odd_records_of_other_kinds_are_taken_or_refused_in_words(rare, common):
    asked = {"period": ("2026-04-01", "2026-04-08"), "grid": GRID, "model": "mixed_prior"}
    far = common.iloc[:50].translate(9e5, 9e5)
    outside = common.iloc[:50].set_geometry(far)
    one = common.iloc[:1]
    days = common["occurred_from"].dt.tz_localize(None).dt.normalize()
    naive = common.assign(occurred_from=days)
    for others in (outside, one, naive, common.assign(detection=None)):
        made = rm.forecast(rare, others=others, **asked)
        assert np.isfinite(made.values[GRID.mask]).all()
    with pytest.raises(CRSError):
        rm.forecast(rare, others=common.to_crs(4326), **asked)
    with pytest.raises(CRSError, match="av andra slag är i"):
        rm.forecast(rare, others=common.to_crs(3035), **asked)
    with pytest.raises(InvalidInputError, match="occurred_from"):
        rm.forecast(rare, others=common[["geometry"]], **asked)


def test_streets_and_short_records_are_no_trouble(rare, common):
    lines = [shapely.LineString([(x, 0), (x, SIDE)]) for x in range(100, 8000, 200)]
    streets = Units.of_frame(gpd.GeoSeries(lines, crs=3006))
    made = MixedPrior().fit(Record.of(rare, streets, others=common).known(NOW))
    assert made.rate_.shape == (len(lines),)
    assert (made.rate_ > 0).all()
    assert "others_400m" in made.weights_
    for days in (3, 57, 90, 200, 300):
        young = rare[rare["occurred_from"] > pd.Timestamp(NOW) - pd.Timedelta(days=days)]
        short = MixedPrior().fit(young, GRID, now=NOW).predict(MONTH)
        assert np.isfinite(short.expected).all()
        assert short.expected.sum() > 0


def test_a_back_test_beside_others_is_resumed_only_beside_the_same(rare, common, beside):
    part = rm.backtest(rare, models=FAST, others=common, progress=lambda done, _: done < 2, **TEST)
    whole = rm.backtest(rare, models=FAST, others=common, resume=part, **TEST)
    pd.testing.assert_frame_equal(whole.summary(), beside.summary())
    with pytest.raises(InvalidInputError, match="annat anrop"):
        rm.backtest(rare, models=FAST, resume=part, **TEST)
