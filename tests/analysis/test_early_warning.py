from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from riskmiljo.analysis.expected_range import (
    Predicted,
    quasi_poisson,
    robust_quasi_poisson,
    seasons,
)
from riskmiljo.analysis.warning import COLUMNS, VERDICTS, early_warning, expected_ranges
from riskmiljo.analysis.weekly import weekly_counts
from riskmiljo.errors import InvalidInputError, NothingFoundError

NOW = date(2025, 6, 2)


def record(counts, now=NOW):
    """Incidents at local noon: so many in each week up to now, for each zone."""
    times, zones = [], []
    for zone, weeks in counts.items():
        for back, number in enumerate(reversed(list(weeks))):
            for k in range(int(number)):
                day = now - timedelta(days=7 * back + 1 + k % 7)
                times.append(pd.Timestamp(day) + pd.Timedelta(hours=12))
                zones.append(zone)
    local = pd.DatetimeIndex(times).tz_localize("Europe/Stockholm")
    utc = pd.Series(local.tz_convert("UTC").as_unit("us"))
    return pd.DataFrame({"occurred_from": utc}), pd.Series(zones, dtype="str")


def test_weeks_are_counted_back_from_now_over_the_change_of_clocks():
    # Half past midnight and 23:30 on local days around 30 March 2025, when clocks went forward.
    local = pd.DatetimeIndex(
        ["2025-03-24 00:30", "2025-03-30 23:30", "2025-03-31 00:30", "2025-04-06 23:30"]
    ).tz_localize("Europe/Stockholm")
    incidents = pd.DataFrame({"occurred_from": pd.Series(local.tz_convert("UTC").as_unit("us"))})
    counts = weekly_counts(incidents, now="2025-04-07")
    assert counts.columns.tolist() == [date(2025, 3, 24), date(2025, 3, 31)]
    assert counts.to_numpy().tolist() == [[2, 2]]
    # A week is seven days from now, not from Monday; what does not fill a week is left out.
    assert weekly_counts(incidents, now="2025-04-06").to_numpy().tolist() == [[2]]


def test_the_regression_is_that_of_statsmodels():
    rng = np.random.default_rng(0)
    week = np.arange(120)
    design = np.column_stack([np.ones(120), seasons(week, 2), week / 52])
    y = rng.negative_binomial(5, 5 / (5 + 8 * np.exp(0.3 * np.sin(week / 8)))).astype(float)
    weights, offset = rng.uniform(0.3, 1, 120), rng.normal(0, 0.2, 120)
    ours = quasi_poisson(y, design, offset, weights)
    model = sm.GLM(y, design, family=sm.families.Poisson(), offset=offset, var_weights=weights)
    theirs = model.fit(scale="X2", tol=1e-12)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-8)
    assert ours.dispersion == pytest.approx(theirs.scale, rel=1e-6)
    assert ours.covariance == pytest.approx(theirs.cov_params(), rel=1e-6, abs=1e-9)


def test_the_range_is_that_of_the_negative_binomial_distribution():
    for mean, variance in ((4.0, 9.5), (30.0, 31.0), (0.3, 0.6)):
        size = mean**2 / (variance - mean)
        theirs = stats.nbinom(size, size / (size + mean))
        ours = Predicted(mean, variance)
        assert ours.at_most(np.arange(60)) == pytest.approx(theirs.cdf(np.arange(60)))
        for level in (0.025, 0.05, 0.5, 0.95, 0.975):
            assert ours.quantile(level) == theirs.ppf(level)
    assert Predicted(7.0, 7.0).quantile(0.95) == stats.poisson(7).ppf(0.95)
    assert Predicted(7.0, 7.0).at_most([-1, 3]) == pytest.approx([0, stats.poisson(7).cdf(3)])


def test_an_earlier_outbreak_hardly_raises_what_is_expected():
    rng = np.random.default_rng(1)
    y = rng.poisson(10, 100).astype(float)
    design, offset = np.ones((100, 1)), np.zeros(100)
    y[40:44] = 60
    plain = quasi_poisson(y, design, offset, np.ones(100)).fitted[0]
    robust = robust_quasi_poisson(y, design, offset).fitted[0]
    assert plain > 11.5
    assert robust < 10.8


@pytest.mark.parametrize(("weeks", "clustered"), [(40, 0.0), (110, 0.0), (160, 0.0), (160, 0.1)])
def test_quiet_weeks_are_outside_the_range_as_often_as_it_says(weeks, clustered):
    rng = np.random.default_rng(weeks)
    week = np.arange(weeks)
    season = np.exp(0.4 * np.sin(2 * np.pi * week / 52.18)) if weeks > 100 else np.ones(weeks)
    mean = rng.choice([2.0, 8.0, 25.0], 400)[:, None] * season
    if clustered:
        mean = mean * rng.gamma(1 / clustered, clustered, mean.shape)
    counts = rng.poisson(mean)
    table = expected_ranges(counts, counts.sum(axis=0))
    outside_95 = (table["this_week"] > table["upper_95"]) | (table["this_week"] < table["lower_95"])
    # Counts are whole, so a little less than nominal; three standard errors more at most.
    assert 0.005 <= outside_95.mean() <= 0.05 + 0.033
    assert 0.02 <= (table["p"] <= 0.05).mean() <= 0.05 + 0.033
    assert abs(table["z"].mean()) < 0.2
    assert table["z"].std() == pytest.approx(1, abs=0.15)


def test_over_many_quiet_zones_an_alarm_is_rare_and_a_doubled_week_is_found():
    rng = np.random.default_rng(2)
    week = np.arange(130)
    season = np.exp(0.4 * np.sin(2 * np.pi * week / 52.18))
    false_sets, found = 0, 0
    for _ in range(25):
        counts = rng.poisson(30 * season, (12, 130))
        false_sets += alarms(counts).any()
        counts[3, -1] = rng.poisson(60 * season[-1])
        found += alarms(counts)[3]
    # At 5 % a set: 5 or more of 25 have a chance of under 1 %.
    assert false_sets <= 4
    assert found >= 20


def alarms(counts):
    table = expected_ranges(counts, counts.sum(axis=0))
    return stats.false_discovery_control(table["p"]) <= 0.05


def test_each_verdict_is_said_in_both_languages():
    rng = np.random.default_rng(3)
    quiet = {z: rng.poisson(10, 60) for z in "abcdefghijklmnopqrst"}
    for series in quiet.values():
        series[-1] = 10
    quiet["t"] = np.full(60, 3)
    quiet["a"][-1] = 60
    quiet["c"][-1] = 1
    quiet["d"][:] = 0
    quiet["d"][-1] = 2
    # Just over its range: among twenty zones one such is to be expected.
    quiet["b"][-1] = early_warning(*record(quiet), now=NOW).loc["b", "upper_95"] + 1
    incidents, by = record(quiet)
    table = early_warning(incidents, by, now=NOW)
    assert list(table.columns) == list(COLUMNS)
    verdicts = table["verdict"].to_dict()
    assert (verdicts["a"], verdicts["c"], verdicts["d"], verdicts["e"]) == (
        "alarm",
        "below",
        "empty",
        "usual",
    )
    assert verdicts["b"] == "above"
    assert table.loc["a", "verdict_sv"].startswith("larm: 60 i veckan mot väntade ")
    assert table.loc["d", "verdict_en"].endswith("no incidents in 59 weeks")
    assert np.isnan(table.loc["d", "expected"])
    # A zone with few incidents borrows the area's season.
    assert table.loc[["e", "t"], "seasons"].tolist() == ["own", "area"]
    assert set(table["verdict"]) <= set(VERDICTS)
    assert table["q"].dropna().to_numpy() == pytest.approx(
        stats.false_discovery_control(table["p"].dropna())
    )


def test_a_short_record_says_so():
    incidents, by = record({"a": [7] * 9})
    table = early_warning(incidents, by, now=NOW)
    assert table.loc["a", "verdict"] == "short"
    assert table.loc["a", "this_week"] == 7
    assert "8 veckor före" in table.loc["a", "verdict_sv"]
    assert table[["expected", "p", "q", "upper_95"]].isna().all(axis=None)
    assert early_warning(incidents, now=NOW).index.tolist() == ["all"]


def test_a_week_that_is_high_every_year_is_no_alarm():
    # A peak in early June each year: expected with three years of record.
    week = np.arange(160)
    counts = np.rint(20 * np.exp(0.8 * np.cos(2 * np.pi * (week - 159) / 52.18)))
    incidents, _ = record({"a": counts})
    table = early_warning(incidents, now=NOW)
    assert counts[-1] > 1.8 * counts.mean()
    assert table.loc["all", "verdict"] == "usual"
    assert table.loc["all", "seasons"] == "own"


def test_what_cannot_be_used_is_told():
    incidents, by = record({"a": [3] * 20})
    with pytest.raises(NothingFoundError):
        early_warning(incidents.iloc[:0], now=NOW)
    with pytest.raises(NothingFoundError):
        early_warning(incidents, by, now="2019-01-01")
    with pytest.raises(InvalidInputError, match="etikett"):
        early_warning(incidents, by.iloc[:3], now=NOW)
    with pytest.raises(InvalidInputError):
        early_warning(incidents, by, now=NOW, fdr=1.5)
    with pytest.raises(InvalidInputError, match="hela veckor"):
        early_warning(incidents, by, now=NOW, since="2025-06-01")
    nothing_known = early_warning(incidents, pd.Series([None] * len(by), dtype="str"), now=NOW)
    assert len(nothing_known) == 0
