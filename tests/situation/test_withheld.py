"""Small counts are taken out before anyone sees them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.analysis.trend import zone_trend
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation.withheld import (
    MIXED,
    MOSTLY_DISCOVERED,
    MOSTLY_REPORTED,
    MOSTLY_UNKNOWN,
    detection_text,
    without_small_counts,
    without_small_parts,
)

LENS = demo_lens(Settings())
# All of it is social: the higher count holds.
OWN = lens_of(Role.OUTREACH, Settings())
PERIOD = Period.parse("2026-01-05/2026-12-07")
counts = st.integers(0, 12) | st.integers(0, 60)
lenses = st.sampled_from([LENS, OWN])


@given(lenses, counts, counts, counts)
def test_no_small_part_of_a_zone_can_be_read_off_its_detection(lens, reported, discovered, unknown):
    events = reported + discovered + unknown
    if events < lens.fewest:
        return
    text = detection_text(events, reported, discovered, lens)
    small = [part for part in (reported, discovered, unknown) if 0 < part < lens.fewest]
    if small or 0 in (reported, discovered):
        assert "%" not in text.sv
    # A part of nobody looks like a part of few, where another is most with and without them.
    if discovered == 0:
        for few in range(1, lens.fewest):
            most = [{p for p in (reported, unknown) if p > n / 2} for n in (events, events + few)]
            if most[0] == most[1]:
                assert detection_text(events + few, reported, few, lens) == text


def test_the_larger_part_is_named():
    assert detection_text(20, 19, 1, LENS) == MOSTLY_REPORTED
    assert detection_text(20, 1, 19, LENS) == MOSTLY_DISCOVERED
    assert detection_text(20, 1, 1, LENS) == MOSTLY_UNKNOWN
    assert detection_text(9, 3, 3, LENS) == MIXED
    assert detection_text(120, 80, 40, LENS).en == "67% reported, 33% discovered"


def test_a_part_of_what_is_all_social_is_told_from_the_higher_count():
    assert OWN.fewest == OWN.min_sensitive > OWN.min_incidents
    for role, scope in ((Role.POLICE, "own"), (Role.OUTREACH, "joint"), (Role.PLANNER, "joint")):
        other = lens_of(role, Settings(), scope=scope)
        assert other.fewest == other.min_incidents
    assert detection_text(30, 23, 7, OWN) == MOSTLY_REPORTED
    assert "%" in detection_text(30, 23, 7, LENS).sv
    shown = without_small_counts(trend_of(7, 110), OWN, days=28)
    assert shown["this_period"].isna().all()
    assert "färre än 10" in shown["verdict_sv"].iloc[0]
    shown = without_small_counts(trend_of(110, 7), OWN, days=28)
    assert shown["before"].isna().all()
    assert "under 1" in shown["verdict_sv"].iloc[0]


@given(lenses, counts, counts, counts)
def test_the_counts_behind_the_words_are_gone_where_one_is_small(
    lens, reported, discovered, unknown
) -> None:
    events = reported + discovered + unknown
    zones = gpd.GeoDataFrame(
        {"events": [events], "reported": [reported], "discovered": [discovered]}, geometry=[None]
    )
    if events < lens.fewest:
        return
    [row] = without_small_parts(zones, lens).to_dict("records")
    small = min(reported, discovered) < lens.fewest or 0 < unknown < lens.fewest
    assert np.isnan(row["reported"]) == np.isnan(row["discovered"]) == small
    assert zones["reported"].tolist() == [reported]


def trend_of(now: int, before: int) -> pd.DataFrame:
    late = [PERIOD.end - pd.Timedelta(days=1)] * now
    early = [PERIOD.start + pd.Timedelta(days=1)] * before
    frame = pd.DataFrame({"occurred_from": pd.to_datetime([*late, *early]).as_unit("us")})
    return zone_trend(frame, pd.Series(["z"] * len(frame)), period=PERIOD)


@pytest.mark.parametrize("before", [0, 1, 4, 5, 11, 110])
@pytest.mark.parametrize("now", [0, 1, 4, 5, 30])
def test_no_small_count_stands_in_a_trend(now: int, before: int) -> None:
    if now + before == 0:
        return
    exact = trend_of(now, before)
    [row] = without_small_counts(exact, LENS, days=28).to_dict("records")
    assert row["verdict"] == exact["verdict"].iloc[0]
    if now < 5:
        assert np.isnan(row["this_period"])
        assert np.isnan(row["change"])
        assert "färre än 5" in row["verdict_sv"]
        assert "fewer than 5" in row["verdict_en"]
    else:
        assert str(now) in row["verdict_sv"]
    if before < 5:
        assert np.isnan(row["before"])
        assert np.isnan(row["expected"])
        assert "under 1" in row["verdict_sv"]


@pytest.mark.parametrize("before", [5, 110])
def test_all_small_counts_of_a_trend_look_alike(before: int) -> None:
    seen = set()
    for now in range(5):
        exact = trend_of(now, before)
        if exact["verdict"].iloc[0] != "falling":
            shown = without_small_counts(exact, LENS, days=28)
            seen.add(tuple(map(str, shown.iloc[0])))
    assert len(seen) == 1
