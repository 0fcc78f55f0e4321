from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskmiljo.model.period import Period
from riskmiljo.simulate.almanac import Almanac, YearlyEvent
from riskmiljo.simulate.rhythms import RHYTHMS
from riskmiljo.wording import Text


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    return Almanac(Period.between("2023-01-01", "2026-01-01"))


@pytest.mark.parametrize("name", RHYTHMS)
def test_a_week_has_mean_one_and_no_empty_hour(name):
    week = RHYTHMS[name].profile()
    assert week.shape == (168,)
    assert week.mean() == pytest.approx(1.0)
    assert week.min() > 0


def test_night_life_peaks_after_midnight_and_schools_after_noon():
    night = RHYTHMS["night_life"].profile()
    assert set(np.argsort(night)[-2:]) <= {5 * 24, 6 * 24, 4 * 24 + 23, 5 * 24 + 23}
    school = RHYTHMS["school_afternoon"].profile().reshape(7, 24)
    assert (school[:5].argmax(axis=1) == 13).all()
    assert school[5:].max() < 0.1 * school[:5].max()


def test_a_peak_on_sunday_night_goes_on_into_monday():
    late = RHYTHMS["park_summer"].profile()
    assert late[0] == pytest.approx(late[24], rel=0.01)


@pytest.mark.parametrize("name", RHYTHMS)
@pytest.mark.parametrize("change", [0.0, 0.3])
def test_hours_sum_to_the_length_in_years(almanac, name, change):
    total = almanac.intensity(name, yearly_change=change).sum()
    assert total == pytest.approx(1096 / 365.25)


def test_growth_is_what_it_says(almanac):
    year = almanac.local.year
    hours = almanac.intensity("shopping", yearly_change=0.2)
    sums = [hours[year == wanted].sum() for wanted in (2023, 2024, 2025)]
    assert sums[1] / sums[0] == pytest.approx(1.2, rel=0.02)
    assert sums[2] / sums[1] == pytest.approx(1.2, rel=0.02)


def test_the_skipped_hour_is_missing_and_the_repeated_hour_is_there_twice(almanac):
    local = almanac.local
    assert not (
        (local >= pd.Timestamp(2025, 3, 30, 2)) & (local < pd.Timestamp(2025, 3, 30, 3))
    ).any()
    assert (local == pd.Timestamp(2025, 10, 26, 2)).sum() == 2


# Pay days read from a calendar: the 25th, or the Friday before it.
@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        # 25 April 2025 was a Friday.
        (pd.Timestamp(2025, 4, 25, 22), pd.Timestamp(2025, 4, 18, 22)),
        # 25 May 2025 was a Sunday: paid on Friday the 23rd.
        (pd.Timestamp(2025, 5, 24, 1), pd.Timestamp(2025, 5, 30, 22)),
        # 25 June 2025 was a Wednesday: the Friday after it.
        (pd.Timestamp(2025, 6, 27, 19), pd.Timestamp(2025, 6, 25, 19)),
        # The weekend may lie in the next month: 25 January 2025 was a Saturday.
        (pd.Timestamp(2025, 1, 25, 23), pd.Timestamp(2025, 2, 1, 23)),
    ],
)
def test_the_pay_day_weekend_is_the_one_after_pay_day(almanac, inside, outside):
    assert almanac.pay_weekend[almanac.local == inside].all()
    assert not almanac.pay_weekend[almanac.local == outside].any()


def test_every_month_has_one_pay_day_weekend_of_34_hours(almanac):
    assert almanac.pay_weekend.sum() == 36 * 34


def test_schools_are_quiet_in_july(almanac):
    hours = almanac.intensity("school_afternoon")
    july, may = almanac.local.month == 7, almanac.local.month == 5
    assert hours[july].sum() < 0.15 * hours[may].sum()


def _event(**given):
    return YearlyEvent(
        Text("x", "x"), given.pop("month"), given.pop("day"), per_year=1.0, mix="park", **given
    )


def test_a_yearly_event_stands_on_its_own_night_each_year(almanac):
    hours = almanac.event_intensity(_event(month=4, day=30, hour=9, hours=20))
    assert hours.sum() == pytest.approx(3.0)
    days = set(almanac.local[hours > 0].date)
    assert days == {date(y, m, d) for y in (2023, 2024, 2025) for m, d in ((4, 30), (5, 1))}


def test_an_event_on_a_weekday_finds_it():
    event = _event(month=6, day=8, hour=15, hours=6, weekday=4)
    assert [event.begins(year).date() for year in (2023, 2024, 2025)] == [
        date(2023, 6, 9), date(2024, 6, 14), date(2025, 6, 13),
    ]  # fmt: skip


def test_the_night_before_the_first_day_reaches_into_the_period(almanac):
    hours = almanac.event_intensity(_event(month=12, day=31, hour=18, hours=11))
    first = almanac.local < pd.Timestamp(2023, 1, 1, 6)
    assert 0 < hours[first].sum() < 1
    # What is missing of the first is there of the last.
    assert hours.sum() == pytest.approx(3.0)


def test_hours_are_named_in_local_time(almanac):
    at = np.flatnonzero(almanac.starts == pd.Timestamp("2025-07-04 21:00", tz="UTC"))
    assert almanac.hour_of_week[at[0]] == 4 * 24 + 23
