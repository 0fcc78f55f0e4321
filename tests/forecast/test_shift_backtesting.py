"""Back-tests of single shifts: one forecast each evening, from what was known when it began."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast import scores
from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.coming import forecast
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.origins import rolling_shifts, shifts_that_fit
from riskmiljo.geo.grid import Grid

AREA = shapely.box(0, 0, 4000, 3000)
END = pd.Timestamp("2026-04-01", tz="Europe/Stockholm")
EVENING = (18, 2)
MODELS = {"mine": GammaPoisson()}


@pytest.fixture(scope="module")
def evenings():
    """Hot spots of the evening in the west, of the day in the east; across the spring night."""
    rng = np.random.default_rng(2)
    count = 6000
    late = rng.random(count) < 0.5
    xy = rng.normal(0, 150, (count, 2)) + np.where(late[:, None], (1000, 1500), (3000, 1500))
    spread = rng.random(count) < 0.4
    xy[spread] = rng.uniform(0, 1, (spread.sum(), 2)) * (4000, 3000)
    xy = np.clip(xy, 1, (3999, 2999))
    night = END - pd.to_timedelta(rng.integers(1, 500, count), "D")
    hour = np.where(late, rng.uniform(18, 26, count), rng.uniform(8, 16, count))
    times = (night.normalize() + pd.to_timedelta(hour, "h")).tz_convert("UTC").as_unit("us")
    order = np.argsort(times)
    data = {"occurred_from": times[order]}
    frame = gpd.GeoDataFrame(data, geometry=shapely.points(xy[order]), crs=3006)
    return frame[frame["occurred_from"] < END].reset_index(drop=True)


@pytest.fixture(scope="module")
def result(evenings):
    return backtest(evenings, area=AREA, origins=20, models=MODELS, shift_hours=EVENING)


def test_each_origin_is_the_beginning_of_one_shift_on_days_in_a_row(result, evenings):
    table = result.table[result.table["model"] == "mine"]
    begins = pd.DatetimeIndex(table["origin"]).tz_convert("Europe/Stockholm")
    ends = pd.DatetimeIndex(table["end"]).tz_convert("Europe/Stockholm")
    assert (begins.hour == 18).all()
    assert (np.diff(begins.normalize().tz_localize(None)) == np.timedelta64(1, "D")).all()
    # The record ends with a day: the last whole shift begins the evening before.
    assert ends[-1] == pd.Timestamp("2026-03-31 02:00", tz="Europe/Stockholm")
    # On the spring night, 28 to 29 March, 02:00 does not exist and the clock says 03:00.
    hours = (ends - begins) / pd.Timedelta("1h")
    assert set(hours) == {8.0}
    assert 3 in set(ends.hour)
    came = [
        ((evenings["occurred_from"] >= a) & (evenings["occurred_from"] < b)).sum()
        for a, b in zip(table["origin"], table["end"], strict=True)
    ]
    assert table["events"].tolist() == came


def test_the_forecast_is_that_of_the_shift_and_precision_is_boxes_with_an_event(result, evenings):
    grid = Grid.over(AREA, 250)
    table = result.table[result.table["model"] == "mine"].reset_index(drop=True)
    for at in (0, 13):
        row, period = table.loc[at], result.periods[at]
        made = forecast(evenings, period=period, model=GammaPoisson(), grid=grid)
        assert row["expected"] == pytest.approx(made.total)
        flags = scores.flagged(made.prediction.expected, np.ones(len(grid.mask.ravel())), 0.05)
        then = evenings[evenings["occurred_from"].between(period.start, period.end, "left")]
        came = grid.counts(shapely.get_coordinates(then.geometry.to_numpy())).ravel()
        assert row["precision_5pct"] == pytest.approx((flags * (came > 0)).sum() / flags.sum())
        assert row["hits_5pct"] == pytest.approx(flags @ came)
    summary = result.summary().loc["mine"]
    assert summary["precision_5pct"] == pytest.approx(table["precision_5pct"].mean())
    assert 0 < summary["precision_5pct"] < 1


def test_the_hours_of_the_week_find_the_evenings_places_and_level(result):
    row = result.summary().loc["mine"]
    assert row["level"] == pytest.approx(1, abs=0.15)
    # Without the hours the two hot spots would share the flagged area.
    assert row["hit_rate_5pct"] > 0.45
    assert row["coverage"] == pytest.approx(0.9, abs=0.03)


def test_what_comes_after_an_origin_changes_no_earlier_shift(result, evenings):
    cut = result.periods[10].start
    late = evenings["occurred_from"] >= cut
    moved = evenings.copy()
    points = np.random.default_rng(1).uniform(1, 2999, (int(late.sum()), 2))
    moved.loc[late, "geometry"] = shapely.points(points)
    moved.loc[late, "occurred_from"] = evenings.loc[late, "occurred_from"].dt.ceil("s")
    again = backtest(moved, area=AREA, origins=20, models=MODELS, shift_hours=EVENING)
    early = result.table["origin"] < cut
    pd.testing.assert_frame_equal(again.table[early], result.table[early])
    assert not again.table[~early]["hits_5pct"].equals(result.table[~early]["hits_5pct"])


def test_a_back_test_of_shifts_goes_on_where_it_was_stopped(result, evenings):
    part = backtest(
        evenings, area=AREA, origins=20, models=MODELS, shift_hours=EVENING,
        progress=lambda done, _: done < 4,
    )  # fmt: skip
    assert part.done == 4
    whole = backtest(
        evenings, area=AREA, origins=20, models=MODELS, shift_hours=EVENING, resume=part
    )
    pd.testing.assert_frame_equal(whole.table, result.table)
    with pytest.raises(InvalidInputError, match="annat anrop"):
        backtest(evenings, area=AREA, origins=20, models=MODELS, shift_hours=(8, 16), resume=part)


def test_shifts_on_the_nights_when_the_clock_changes():
    spring = rolling_shifts(date(2026, 3, 30), hours=(22, 6), count=3)
    autumn = rolling_shifts(date(2026, 10, 26), hours=(22, 6), count=3)
    assert [round(24 * p.days) for p in spring] == [8, 8, 7]
    assert [round(24 * p.days) for p in autumn] == [8, 8, 9]
    assert spring[-1].end == datetime(2026, 3, 29, 4, tzinfo=UTC)
    day = rolling_shifts(date(2026, 3, 30), hours=(8.5, 16), count=2)
    assert [24 * p.days for p in day] == [7.5, 7.5]
    # A shift until midnight may be on the last day itself.
    until_midnight = rolling_shifts(date(2026, 4, 1), hours=(18, 24), count=1)[0]
    assert until_midnight.end == END
    first = datetime(2026, 1, 1, 12, tzinfo=UTC)
    fit = shifts_that_fit(first, date(2026, 4, 1), hours=EVENING)
    earliest = rolling_shifts(date(2026, 4, 1), hours=EVENING, count=fit)[0].start
    assert first + timedelta(weeks=8) <= earliest < first + timedelta(weeks=8, days=2)


def test_hours_that_are_none_and_dates_without_hours_are_refused(evenings):
    for bad in ((18, 26), (-1, 2), 18, ("sex", 2), (np.nan, 2)):
        with pytest.raises(InvalidInputError, match="timmar"):
            backtest(evenings, area=AREA, origins=2, models=MODELS, shift_hours=bad)
    local = evenings["occurred_from"].dt.tz_convert("Europe/Stockholm")
    dates = evenings.assign(occurred_from=local.dt.normalize().dt.tz_convert("UTC"))
    with pytest.raises(InvalidInputError, match="bara datum"):
        backtest(dates, area=AREA, origins=2, models=MODELS, shift_hours=EVENING)
    for horizon, said in ((0.3, "hela tal"), (1.5, "hela tal"), (np.nan, "inte nan")):
        with pytest.raises(InvalidInputError, match=said):
            backtest(evenings, area=AREA, origins=2, models=MODELS, horizon_days=horizon)
