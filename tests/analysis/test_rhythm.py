from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.analysis import rhythm as module
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.errors import InvalidInputError


def frame(begins, ends=None, **columns):
    begins = pd.Series(pd.to_datetime(begins, utc=True)).dt.as_unit("us")
    data = {"occurred_from": begins, **columns}
    if ends is not None:
        data["occurred_to"] = pd.Series(pd.to_datetime(ends, utc=True)).dt.as_unit("us")
    return pd.DataFrame(data)


def by_minutes(begin, end, tz):
    """Spread one interval minute by minute, each minute where the local clock puts it."""
    profile = np.zeros(168)
    minutes = pd.date_range(begin.floor("min"), end, freq="1min")
    covered = np.array(
        [
            (min(end, minute + pd.Timedelta("1min")) - max(begin, minute)).total_seconds()
            for minute in minutes
        ]
    )
    local = minutes.tz_convert(tz)
    np.add.at(profile, (local.day_of_week * 24 + local.hour).to_numpy(), covered)
    return profile / profile.sum()


@settings(max_examples=40, deadline=None)
@given(
    start=st.datetimes(pd.Timestamp("2024-03-25"), pd.Timestamp("2024-11-05")),
    minutes=st.integers(1, 8 * 24 * 60),
    tz=st.sampled_from(["Europe/Stockholm", "Asia/Kolkata", "America/Chicago"]),
)
def test_an_interval_is_spread_evenly_over_the_time_it_covers(start, minutes, tz):
    begin = pd.Timestamp(start, tz="UTC").floor("s")
    end = begin + pd.Timedelta(minutes=minutes)
    profile = rhythm(frame([begin], [end]), tz=tz).loc["all"].to_numpy()
    # Beyond a week, whole weeks are spread alike: compare what a week and its rest give.
    if minutes < 7 * 24 * 60:
        assert np.abs(profile - by_minutes(begin, end, tz)).max() < 1e-9
    assert profile.sum() == pytest.approx(1)


def test_an_exact_time_counts_in_its_local_hour():
    friday_evening = rhythm(frame(["2025-07-04T20:59:59Z"])).loc["all"]
    assert friday_evening[4 * 24 + 22] == 1
    assert friday_evening.sum() == 1


def test_the_night_when_the_clock_goes_forward_has_no_third_hour():
    profile = rhythm(frame(["2025-03-30T00:00:00Z"], ["2025-03-30T03:00:00Z"])).loc["all"]
    sunday = 6 * 24
    assert profile[[sunday + 1, sunday + 3, sunday + 4]].tolist() == pytest.approx([1 / 3] * 3)
    assert profile[sunday + 2] == 0


def test_the_night_when_the_clock_goes_back_counts_the_hour_twice():
    profile = rhythm(frame(["2025-10-26T00:00:00Z"], ["2025-10-26T03:00:00Z"])).loc["all"]
    sunday = 6 * 24
    assert profile[sunday + 2] == pytest.approx(2 / 3)
    assert profile[sunday + 3] == pytest.approx(1 / 3)


def test_an_interval_of_whole_weeks_is_the_same_in_all_hours():
    profile = rhythm(frame(["2025-06-02T07:12:00Z"], ["2025-06-23T07:12:00Z"])).loc["all"]
    assert np.ptp(profile.to_numpy()) < 1e-12
    assert profile.sum() == pytest.approx(1)


def test_the_rest_after_whole_weeks_is_spread_where_it_falls():
    ten_days = rhythm(frame(["2025-06-02T00:00:00Z"], ["2025-06-12T00:00:00Z"])).loc["all"]
    assert ten_days[2 * 24 + 5] == pytest.approx(2 / 240)
    assert ten_days[5 * 24 + 5] == pytest.approx(1 / 240)


def test_rows_sum_to_the_weighted_count_of_their_group():
    rng = np.random.default_rng(0)
    n = 2000
    begins = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(
        rng.integers(0, 400 * 86400, n), unit="s"
    )
    ends = begins + pd.to_timedelta(
        np.where(rng.random(n) < 0.5, 0, rng.exponential(2e5, n)).astype(int), unit="s"
    )
    weights = rng.uniform(0, 3, n)
    zone = pd.Series(rng.choice(["a", "b", None], n), dtype="str")
    profile = rhythm(frame(begins, ends, weight=weights), by=zone)
    assert list(profile.index) == ["a", "b"]
    assert list(profile.columns) == list(range(168))
    for name in "ab":
        assert profile.loc[name].sum() == pytest.approx(weights[zone == name].sum())


def test_long_lists_worked_off_in_parts_give_the_same_profile(monkeypatch):
    begins = pd.date_range("2025-01-01", periods=300, freq="7h", tz="UTC")
    ends = begins + pd.to_timedelta(np.arange(300) % 50, unit="h")
    whole = rhythm(frame(begins, ends))
    monkeypatch.setattr(module, "_SLOTS_AT_ONCE", 7)
    assert np.allclose(rhythm(frame(begins, ends)), whole, atol=1e-12)


def test_no_incidents_give_no_rows():
    empty = frame(["2025-01-01T00:00:00Z"]).head(0)
    assert rhythm(empty).shape == (0, 168)
    assert rhythm(empty, by=pd.Series([], dtype="str")).shape == (0, 168)


def test_a_column_can_be_named_and_a_missing_one_is_told():
    table = frame(["2025-01-01T00:00:00Z"] * 3, category=["theft", "theft", "threat"])
    assert rhythm(table, by="category").sum(axis=1).to_dict() == {"theft": 2, "threat": 1}
    with pytest.raises(InvalidInputError, match="zon saknas"):
        rhythm(table, by="zon")
    with pytest.raises(InvalidInputError, match="2 etiketter för 3"):
        rhythm(table, by=pd.Series(["a", "b"]))


def test_an_interval_that_ends_before_it_begins_is_told():
    with pytest.raises(InvalidInputError, match="1 händelse slutar innan den börjar"):
        rhythm(frame(["2025-01-02T00:00:00Z"], ["2025-01-01T00:00:00Z"]))
