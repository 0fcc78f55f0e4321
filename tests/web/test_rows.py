from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.lens import demo_lens
from riskmiljo.settings import Settings
from riskmiljo.web import words
from riskmiljo.web.rows import area_rows, day_parts, peak_text, zone_rows

LENS = demo_lens(Settings())


def test_the_peak_is_named_only_where_hours_stand_out():
    hours = np.zeros(168)
    assert peak_text(hours) is None
    assert peak_text(hours + 2.0) == words.EVEN_WEEK
    # Sunday 22 to Monday 02, round the end of the week.
    hours[[0, 1, 166, 167]] = 5.0
    named = peak_text(hours)
    assert named is not None
    assert (named.sv, named.en) == ("sön 22–02", "Sun 22–02")


@given(st.lists(st.integers(0, 4), min_size=168, max_size=168).filter(any))
def test_a_part_of_the_week_is_shown_only_above_the_minimum_count(hours):
    profile = np.array(hours, dtype=float)
    events = int(profile.sum())
    for day, (_name, shares) in enumerate(day_parts(profile, events, LENS)):
        for part, share in enumerate(shares):
            inside = sum(hours[day * 24 + part * 6 : day * 24 + part * 6 + 6])
            # Shares are rounded sums: leave the very edge to either side.
            if inside > LENS.min_incidents:
                assert share == pytest.approx(inside / events)
            elif inside < LENS.min_incidents:
                assert share is None


def test_rows_stand_in_the_order_in_which_the_map_numbers_them(plain_situation):
    assert [row.zone_id for row in zone_rows(plain_situation)] == ["z1", "z2", "z3"]
    assert [row.area_id for row in area_rows(plain_situation)] == ["1", "2"]


def test_a_zone_without_rhythm_or_trend_is_still_a_row(plain_situation):
    bare = replace(
        plain_situation, rhythm=plain_situation.rhythm[:0], trend=plain_situation.trend[:0]
    )
    assert all(row.peak is None and row.trend is None for row in zone_rows(bare))
