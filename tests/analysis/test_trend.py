from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskmiljo.analysis.trend import VERDICTS, zone_trend
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import Period

PERIOD = Period.between("2025-01-01", "2026-01-01", tz="UTC")


def spread(begin, end, number):
    step = (end - begin) / max(number, 1)
    return [begin + step * i for i in range(number)]


def history(counts):
    """Zone to (before, latest): so many spread evenly before and in the last 28 days."""
    times, zones = [], []
    cut = PERIOD.end - pd.Timedelta(days=28)
    for zone, (before, latest) in counts.items():
        times += spread(PERIOD.start, cut, before) + spread(cut, PERIOD.end, latest)
        zones += [zone] * (before + latest)
    table = pd.DataFrame({"occurred_from": pd.Series(times, dtype="datetime64[us, UTC]")})
    return table, pd.Series(zones, dtype="str")


def test_the_test_is_the_exact_conditional_one():
    table, zones = history({"a": (260, 40), "b": (200, 3), "c": (120, 10)})
    trend = zone_trend(table, zones, period=PERIOD)
    for zone in "abc":
        row = trend.loc[zone]
        total = row["this_period"] + row["before"]
        low = stats.binom.cdf(row["this_period"], total, 28 / 365)
        high = stats.binom.sf(row["this_period"] - 1, total, 28 / 365)
        assert row["p"] == pytest.approx(min(1, 2 * min(low, high)))
        interval = stats.binomtest(int(row["this_period"]), int(total)).proportion_ci(0.95, "exact")
        assert row["lower"] == pytest.approx(interval.low / (1 - interval.low) * 337 / 28 - 1)
        assert row["upper"] == pytest.approx(interval.high / (1 - interval.high) * 337 / 28 - 1)


def test_a_rise_a_fall_and_no_change_are_told_apart_with_their_counts():
    table, zones = history({"upp": (260, 60), "ner": (400, 5), "lika": (240, 20), "få": (9, 1)})
    trend = zone_trend(table, zones, period=PERIOD)
    assert trend["verdict"].to_dict() == {
        "få": "few",
        "lika": "level",
        "ner": "falling",
        "upp": "rising",
    }
    assert trend.loc["upp", "verdict_sv"] == "ökar: 60 mot väntade 22 på 28 dagar"
    assert trend.loc["upp", "verdict_en"] == "rising: 60 against 22 in 28 days"
    assert trend.loc["upp", "change"] == pytest.approx(60 / (260 * 28 / 337) - 1)
    assert set(trend["verdict"]) <= set(VERDICTS)


def test_false_alarms_over_many_zones_are_controlled():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(40):
        zone = pd.Series(rng.integers(0, 60, 9000).astype(str), dtype="str")
        at = PERIOD.start + pd.to_timedelta(rng.uniform(0, 365 * 86400, 9000), unit="s")
        table = pd.DataFrame({"occurred_from": pd.Series(at).dt.as_unit("us")})
        trend = zone_trend(table, zone, period=PERIOD)
        alarms += bool(trend["verdict"].isin(["rising", "falling"]).any())
    # Nothing has changed anywhere: a false alarm in at most about 5 % of the sets.
    assert alarms <= 6


def test_a_short_period_is_not_compared():
    table = pd.DataFrame(
        {"occurred_from": pd.Series(["2025-12-20T10:00Z"] * 9, dtype="datetime64[us, UTC]")}
    )
    zones = pd.Series(["a"] * 9, dtype="str")
    month = Period.between("2025-12-01", "2026-01-01", tz="UTC")
    row = zone_trend(table, zones, period=month).loc["a"]
    assert row["verdict"] == "short"
    assert np.isnan(row["change"])
    assert row["this_period"] == 9


def test_incidents_outside_the_period_or_any_zone_do_not_count():
    times = ["2024-06-01T00:00Z", "2025-06-01T00:00Z", "2025-12-31T00:00Z", "2026-01-01T00:00Z"]
    table = pd.DataFrame({"occurred_from": pd.Series(times, dtype="datetime64[us, UTC]")})
    zones = pd.Series(["a", "a", "a", "a"], dtype="str")
    row = zone_trend(table, zones, period=PERIOD).loc["a"]
    assert (row["before"], row["this_period"]) == (1, 1)
    zones[1] = None
    assert zone_trend(table, zones, period=PERIOD).loc["a", "before"] == 0


def test_no_incidents_give_an_empty_table_with_all_columns():
    table = pd.DataFrame({"occurred_from": pd.Series([], dtype="datetime64[us, UTC]")})
    trend = zone_trend(table, pd.Series([], dtype="str"), period=PERIOD)
    assert len(trend) == 0
    assert {"this_period", "before", "change", "verdict_sv", "verdict_en"} <= set(trend.columns)


def test_labels_that_do_not_fit_are_told():
    table = pd.DataFrame({"occurred_from": pd.Series([], dtype="datetime64[us, UTC]")})
    with pytest.raises(InvalidInputError):
        zone_trend(table, pd.Series(["a"]), period=PERIOD)
