from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskmiljo.analysis.compare_rhythms import compare_rhythms, sure_peak
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.errors import InvalidInputError, NothingFoundError

MONDAY = pd.Timestamp("2025-06-02", tz="Europe/Stockholm")
NYC = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nyc"


def frame(hours, lasting_h=0.0, **columns):
    """Incidents so many hours after a Monday midnight, in any of the weeks after it."""
    begin = MONDAY.tz_convert("UTC") + pd.to_timedelta(np.asarray(hours, dtype=float), "h")
    begins = pd.Series(begin).dt.as_unit("us")
    return pd.DataFrame(
        {
            "occurred_from": begins,
            "occurred_to": begins + pd.to_timedelta(lasting_h, unit="h"),
            **columns,
        }
    )


def evenly(rng, n):
    return rng.uniform(0, 168, n)


def test_the_statistic_is_chi_squared_and_its_p_that_of_the_table():
    rng = np.random.default_rng(0)
    a, b = evenly(rng, 400), np.concatenate([evenly(rng, 280), rng.uniform(40, 44, 20)])
    result = compare_rhythms(frame(a), frame(b), permutations=999)
    table = np.array([np.histogram(x, np.arange(0, 169, 6))[0] for x in (a, b)])
    assert pytest.approx(table) == result.table[["count_a", "count_b"]].to_numpy().T
    peer = stats.chi2_contingency(table)
    assert result.statistic == pytest.approx(peer.statistic)
    assert result.p_value == pytest.approx(peer.pvalue, abs=0.03)
    assert result.table["q"].to_numpy() == pytest.approx(
        stats.false_discovery_control(result.table["p"])
    )


def test_a_difference_is_found_in_its_hours_and_only_there():
    rng = np.random.default_rng(1)
    a, b = evenly(rng, 600), np.concatenate([evenly(rng, 400), rng.uniform(4 * 24 + 18, 120, 120)])
    result = compare_rhythms(frame(a), frame(b))
    friday = result.table["weekday"].eq(5) & result.table["from_h"].eq(18)
    assert result.table[friday]["differs"].all()
    assert result.table[friday]["difference"].item() < -0.1
    assert result.p_value == 0.001
    assert "fre 18–24" in result.text.sv
    assert "Fri 18–24" in result.text.en


def test_twice_as_many_at_the_same_hours_is_the_same_rhythm():
    rng = np.random.default_rng(2)
    alarms, parts = 0, 0
    for seed in range(60):
        weekly = 84 + 30 * rng.normal(size=450)
        a, b = frame(weekly[:300] % 168, 5), frame(weekly[300:] % 168, 5)
        result = compare_rhythms(a, b, permutations=99, rng=seed)
        alarms += result.p_value <= 0.05
        parts += result.table["differs"].any()
    # Binomial with 5 %: 9 or more of 60 have a chance of 0.4 %.
    assert alarms <= 8
    assert parts <= 8
    assert "Ingen säker skillnad" in result.text.sv or parts


def test_uncertain_times_and_weights_are_spread_as_in_the_profile():
    rng = np.random.default_rng(3)
    a = frame(evenly(rng, 50), rng.uniform(0, 40, 50), weight=rng.uniform(0, 2, 50))
    b = frame(evenly(rng, 30))
    result = compare_rhythms(a, b, block_h=1, permutations=9)
    assert result.table["count_a"].to_numpy() == pytest.approx(rhythm(a).to_numpy()[0])
    assert len(result.table) == 168
    assert result.table["share_a"].sum() == pytest.approx(1)


def test_the_same_seed_gives_the_same_answer():
    rng = np.random.default_rng(4)
    a, b = frame(evenly(rng, 90)), frame(evenly(rng, 70))
    first, again = (compare_rhythms(a, b, permutations=49, rng=8).table for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert sure_peak(a, resamples=20, rng=3) == sure_peak(a, resamples=20, rng=3)


def test_a_clear_peak_is_sure_and_an_even_week_has_none():
    rng = np.random.default_rng(5)
    clear = sure_peak(frame(np.concatenate([evenly(rng, 200), rng.uniform(118, 122, 300)])))
    assert clear.agreement == 1
    assert clear.share[0] < clear.peak.share < clear.share[1]
    assert clear.share[0] > 0.5
    assert clear.times_usual[0] > 10
    even = sure_peak(frame(evenly(rng, 60)))
    assert even.agreement < 0.6


def test_the_interval_is_that_of_a_share():
    rng = np.random.default_rng(6)
    hours = np.concatenate([evenly(rng, 400), rng.uniform(118, 122, 200)])
    found = sure_peak(frame(hours), resamples=999)
    share, n = found.peak.share, 600
    half = 1.96 * np.sqrt(share * (1 - share) / n)
    assert found.share == pytest.approx((share - half, share + half), abs=0.01)


def test_what_cannot_be_used_is_told():
    rng = np.random.default_rng(7)
    a = frame(evenly(rng, 9))
    with pytest.raises(NothingFoundError):
        compare_rhythms(a, a.iloc[:1])
    with pytest.raises(NothingFoundError):
        sure_peak(a.iloc[:0])
    for options in ({"block_h": 5}, {"block_h": 0}, {"permutations": 0}, {"fdr": 0}):
        with pytest.raises(InvalidInputError):
            compare_rhythms(a, a, **options)
    with pytest.raises(InvalidInputError):
        sure_peak(a, resamples=0)


@pytest.mark.real_data
def test_two_pairs_of_years_of_vehicle_thefts_in_new_york_are_compared():
    path = NYC / "nycvehiclethefts.csv.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    table = pd.read_csv(path, usecols=["date_start", "date_end"])
    tz = "America/New_York"
    times = [
        pd.to_datetime(table[c]).dt.tz_localize(tz, ambiguous=True, nonexistent="shift_forward")
        for c in ("date_start", "date_end")
    ]
    thefts = pd.DataFrame(
        {
            "occurred_from": times[0].dt.tz_convert("UTC").dt.as_unit("us"),
            "occurred_to": times[1].dt.tz_convert("UTC").dt.as_unit("us"),
        }
    )
    thefts = thefts[thefts["occurred_to"] >= thefts["occurred_from"]]
    early = times[0][thefts.index].dt.year <= 2015
    result = compare_rhythms(thefts[early], thefts[~early], permutations=99, tz=tz)
    assert result.incidents_a + result.incidents_b == len(thefts) > 30_000
    assert result.table["count_a"].sum() == pytest.approx(early.sum())
    # Vehicles are stolen in the evening and at night rather than in the morning, in every year.
    by_hour = result.table.groupby("from_h")[["share_a", "share_b"]].sum()
    assert (by_hour.loc[18] > by_hour.loc[6]).all()
    peak = sure_peak(thefts, resamples=30, tz=tz)
    assert peak.share[0] < peak.peak.share * 1.05
    assert peak.peak.start_h >= 15 or peak.peak.start_h <= 3
