from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskmiljo.analysis.calendar_profile import month_profile, school_profile
from riskmiljo.errors import InvalidInputError, NothingFoundError

YEAR = ("2024-01-01", "2025-01-01")


def frame(begins, ends=None, **columns):
    data = {
        "occurred_from": pd.Series(pd.to_datetime(begins, utc=True)).dt.as_unit("us"),
        **columns,
    }
    if ends is not None:
        data["occurred_to"] = pd.Series(pd.to_datetime(ends, utc=True)).dt.as_unit("us")
    return pd.DataFrame(data)


def test_months_are_local_and_divided_by_their_own_days():
    # Half past eleven in the evening of 31 January in UTC is February in Stockholm.
    table = month_profile(
        frame(["2024-01-31T22:30Z", "2024-01-31T23:30Z", "2024-02-29T12:00Z"]), period=YEAR
    ).set_index("month")
    assert table["incidents"].tolist() == [1, 2, *[0] * 10]
    assert table["days"].tolist() == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert table.loc[2, "per_day"] == pytest.approx(2 / 29)
    assert table.loc[2, "times_usual"] == pytest.approx((2 / 29) / (3 / 366))


def test_the_interval_is_the_exact_one_of_a_poisson_count():
    table = month_profile(frame(["2024-03-10T12:00Z"] * 7), period=YEAR).set_index("month")
    exact = stats.chi2.ppf([0.025, 0.975], [14, 16]) / 2 / 31
    assert table.loc[3, ["lower", "upper"]].tolist() == pytest.approx(exact.tolist())
    assert table.loc[4, "lower"] == 0
    assert table.loc[4, "upper"] == pytest.approx(-np.log(0.025) / 30)


def test_months_that_the_period_does_not_hold_are_unknown_and_not_zero():
    table = month_profile(frame(["2024-05-10T12:00Z"]), period=("2024-05-01", "2024-06-01"))
    assert table["per_day"].notna().tolist() == [month == 5 for month in range(1, 13)]


@given(
    start=st.datetimes(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-11-20")),
    minutes=st.integers(0, 50 * 24 * 60),
)
def test_an_interval_counts_by_its_share_of_each_day(start, minutes):
    begin = pd.Timestamp(start, tz="UTC").floor("min")
    table = month_profile(frame([begin], [begin + pd.Timedelta(minutes=minutes)]), period=YEAR)
    # Minute by minute, each where the local clock puts it; the period ends with the year.
    clock = pd.date_range(begin, periods=max(1, minutes), freq="min").tz_convert("Europe/Stockholm")
    clock = clock[clock.year == 2024]
    wanted = np.bincount(clock.month - 1, minlength=12) / len(clock)
    assert table["incidents"].to_numpy() == pytest.approx(wanted, abs=1e-6)


def test_school_days_weekends_and_holidays_are_told_apart():
    times = ["2024-04-29T10:00Z", "2024-04-30T22:30Z", "2024-05-04T10:00Z", "2024-06-15T10:00Z"]
    table = school_profile(
        frame(times),
        holidays=["2024-05-01", (date(2024, 6, 14), "2024-06-16")],
        period=("2024-04-29", "2024-07-01"),
    ).set_index("day")
    # The evening before 1 May is 1 May in Stockholm; 15 June is a Saturday without school.
    assert table["incidents"].to_dict() == {"school_day": 1, "weekend": 1, "holiday": 2}
    assert table["days"].to_dict() == {"school_day": 43, "weekend": 16, "holiday": 4}


def test_groups_and_weights_keep_the_sum():
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(rng.uniform(1, 360, 500), "D")
    table = frame(days, days + pd.Timedelta(hours=30), weight=rng.uniform(0, 3, 500))
    by = pd.Series(rng.choice(["a", "b"], 500), dtype="str")
    by[:20] = None
    months = month_profile(table, by=by)
    sums = table["weight"].groupby(by).sum()
    assert months.groupby("group")["incidents"].sum().to_dict() == pytest.approx(sums.to_dict())
    assert len(months) == 24


def test_what_cannot_be_used_is_told():
    table = frame(["2024-05-10T12:00Z"])
    with pytest.raises(NothingFoundError):
        month_profile(table.iloc[:0])
    with pytest.raises(NothingFoundError):
        month_profile(table, period=("2020-01-01", "2020-02-01"))
    with pytest.raises(InvalidInputError, match="slutar innan"):
        school_profile(table, holidays=[("2024-06-16", "2024-06-14")])
    with pytest.raises(InvalidInputError):
        school_profile(table, holidays=["16 juni"])
    with pytest.raises(InvalidInputError, match="saknas"):
        month_profile(table, by="zon")
    with pytest.raises(InvalidInputError, match="slutar innan"):
        month_profile(frame(["2024-05-10T12:00Z"], ["2024-05-10T11:00Z"]))
