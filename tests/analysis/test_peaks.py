from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmiljo.analysis.peaks import peak_hours, smoothed_rhythm
from riskmiljo.errors import InvalidInputError, NothingFoundError


def planted(days, hours, inside=20.0, outside=1.0):
    profile = np.full(168, outside)
    for day in days:
        for hour in hours:
            profile[(day * 24 + hour) % 168] = inside
    return profile


def test_a_planted_peak_over_two_midnights_is_said_as_people_say_it():
    peak = peak_hours(planted([4, 5], range(22, 26)))
    assert peak.text.sv == "fre–lör 22–02"
    assert peak.text.en == "Fri–Sat 22–02"
    assert peak.weekdays == (5, 6)
    assert (peak.start_h, peak.end_h) == (22, 2)
    assert peak.share == pytest.approx(160 / (160 + 160))
    assert peak.times_usual == pytest.approx(0.5 / (8 / 168))


@pytest.mark.parametrize(
    ("days", "hours", "said"),
    [
        ([6, 0], range(20, 26), "sön–mån 20–02"),
        ([2], range(14, 17), "ons 14–17"),
        (range(5), range(11, 16), "mån–fre 11–16"),
        (range(7), range(17, 22), "alla dagar 17–22"),
        ([3, 4, 5], range(21, 25), "tor–lör 21–01"),
    ],
)
def test_runs_of_days_are_found_wherever_they_begin(days, hours, said):
    assert peak_hours(planted(days, hours)).text.sv == said


def test_an_even_week_has_no_times_usual():
    assert peak_hours(np.ones(168)).times_usual == pytest.approx(1)


def test_no_incidents_have_no_peak():
    with pytest.raises(NothingFoundError):
        peak_hours(np.zeros(168))
    with pytest.raises(InvalidInputError):
        peak_hours(np.zeros(24))


def test_few_incidents_are_shrunk_towards_the_whole_and_many_are_not():
    evening, morning = planted(range(7), [20]), planted(range(7), [8])
    counts = np.array([evening / evening.sum() * 5000, morning / morning.sum() * 3])
    shares = smoothed_rhythm(pd.DataFrame(counts, index=["many", "few"]), width_h=0)
    whole = counts.sum(axis=0) / counts.sum()
    assert np.allclose(shares.sum(axis=1), 1)
    assert shares.loc["few"].to_numpy() == pytest.approx((counts[1] + 40 * whole) / 43)
    assert np.abs(shares.loc["many"] - counts[0] / 5000).max() < 0.001


def test_smoothing_runs_around_the_week():
    counts = np.zeros((1, 168))
    counts[0, 0] = 100
    shares = smoothed_rhythm(pd.DataFrame(counts), prior_weight=0).iloc[0]
    assert shares[167] == pytest.approx(shares[1])
    assert shares[167] > 0.1


def test_a_table_without_incidents_is_even():
    shares = smoothed_rhythm(pd.DataFrame(np.zeros((2, 168))))
    assert np.allclose(shares, 1 / 168)
