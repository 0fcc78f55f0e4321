from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.analysis.calendar_profile import month_profile, school_profile
from riskmiljo.analysis.change_points import level_changes
from riskmiljo.analysis.compare_rhythms import compare_rhythms, sure_peak
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.near_repeat import near_repeat_surface
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.analysis.scan import scan
from riskmiljo.analysis.warning import early_warning
from riskmiljo.errors import InvalidInputError
from riskmiljo.patrol.street_density import street_density
from riskmiljo.patrol.streets import Streets

ANALYSES = {
    "rhythm": rhythm,
    "month_profile": month_profile,
    "school_profile": lambda i: school_profile(i, holidays=["2025-05-01"]),
    "scan": lambda i: pd.DataFrame(scan(i, max_radius_m=300, max_days=7, simulations=5)),
    "early_warning": lambda i: early_warning(i, now="2025-07-01"),
    "level_changes": lambda i: level_changes(i, now="2025-07-01"),
    "near_repeat_surface": lambda i: pd.DataFrame(
        near_repeat_surface(i, now="2025-06-20 12:00", permutations=5).values
    ),
    "compare_rhythms": lambda i: compare_rhythms(i[:100], i[100:], permutations=9).table,
    "sure_peak": lambda i: pd.DataFrame([sure_peak(i, resamples=5).share]),
    "street_density": lambda i: pd.DataFrame(street_density(i, streets=STREET)),
}
STREET = Streets.from_lines(
    gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1000, 1000)])], crs=3006)
)


def frame(times):
    xy = np.random.default_rng(1).uniform(0, 1000, (200, 2))
    return gpd.GeoDataFrame({"occurred_from": times}, geometry=shapely.points(xy), crs=3006)


def local():
    minutes = np.random.default_rng(0).integers(0, 150 * 1440, 200)
    naive = pd.Timestamp("2025-02-01") + pd.to_timedelta(minutes, unit="min")
    # No time in the night when clocks change.
    return pd.Series(naive.where(naive.normalize() != pd.Timestamp("2025-03-30"), naive[0]))


@pytest.mark.parametrize("name", ANALYSES)
def test_times_without_a_zone_are_local_and_other_zones_are_the_same_moments(name):
    aware = local().dt.tz_localize("Europe/Stockholm")
    utc = ANALYSES[name](frame(aware.dt.tz_convert("UTC")))
    for times in (
        local(),
        local().dt.strftime("%Y-%m-%dT%H:%M"),
        aware.dt.tz_convert("Asia/Tokyo"),
    ):
        given = frame(times)
        pd.testing.assert_frame_equal(ANALYSES[name](given), utc)
        assert given["occurred_from"].equals(times)  # nothing of the caller's is changed


@pytest.mark.parametrize("name", ANALYSES)
def test_a_missing_time_is_told_with_its_row(name):
    times = local().dt.tz_localize("UTC")
    times[7] = pd.NaT
    with pytest.raises(InvalidInputError, match="rad 7"):
        ANALYSES[name](frame(times))


@pytest.mark.parametrize("name", ANALYSES)
def test_numbers_and_no_times_at_all_are_told(name):
    with pytest.raises(InvalidInputError):
        ANALYSES[name](frame(np.arange(200.0)))
    with pytest.raises(InvalidInputError, match="occurred_from"):
        ANALYSES[name](frame(local()).drop(columns="occurred_from"))


def test_an_end_that_is_missing_is_the_beginning():
    times = local().dt.tz_localize("UTC")
    ends = times + pd.Timedelta(hours=2)
    ends[3] = pd.NaT
    given = frame(times).assign(occurred_to=ends)
    assert with_moments(given, "UTC")["occurred_to"][3] == times[3]
    assert rhythm(given).to_numpy().sum() == pytest.approx(200)
    assert with_moments(frame(times), "UTC").equals(frame(times))
