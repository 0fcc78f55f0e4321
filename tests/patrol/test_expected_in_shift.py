from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.expected import expected_incidents

EVENING = Shift.parse("2026-05-01 18:00/02:00")  # Friday to Saturday


def weekly(zone_ids, hours, value=1.0):
    profile = pd.DataFrame(0.0, index=zone_ids, columns=range(168))
    profile[list(hours)] = value
    return profile


def test_even_risk_gives_the_share_of_the_week(zones_at):
    zones = zones_at([(0, 0), (500, 0)], [168.0, 84.0])
    assert expected_incidents(zones, EVENING, None).total == pytest.approx([8.0, 4.0])


def test_without_a_shift_it_is_the_whole_week(zones_at):
    zones = zones_at([(0, 0)], [5.0])
    assert expected_incidents(zones, None, None).total == pytest.approx([5.0])


def test_only_covered_hours_of_the_rhythm_count(zones_at):
    zones = zones_at([(0, 0)], [10.0])
    friday = 4 * 24
    rhythm = weekly(zones["zone_id"], [friday + 17, friday + 22], 3.0)
    assert expected_incidents(zones, EVENING, rhythm).total == pytest.approx([5.0])


def test_half_an_hour_covers_half(zones_at):
    zones = zones_at([(0, 0)], [10.0])
    rhythm = weekly(zones["zone_id"], [4 * 24 + 18])
    late = Shift.parse("2026-05-01 18:30/22:00")
    assert expected_incidents(zones, late, rhythm).total == pytest.approx([5.0])


def test_the_night_with_an_hour_more_expects_more(zones_at):
    zones = zones_at([(0, 0)], [168.0])
    autumn, usual = (
        Shift.parse("2026-10-24 22:00/06:00"),
        Shift.parse("2026-10-17 22:00/06:00"),
    )
    assert expected_incidents(zones, autumn, None).total == pytest.approx([9.0])
    assert expected_incidents(zones, usual, None).total == pytest.approx([8.0])


def test_a_zone_that_the_rhythm_lacks_is_even(zones_at):
    zones = zones_at([(0, 0), (500, 0)], [168.0, 168.0])
    rhythm = weekly(zones["zone_id"].iloc[:1], [4 * 24 + 20])
    expected = expected_incidents(zones, EVENING, rhythm)
    assert expected.total == pytest.approx([168.0, 8.0])
    assert expected.has_rhythm.tolist() == [True, False]


def test_the_peak_holds_half_of_the_risk_in_the_fewest_hours(zones_at):
    zones = zones_at([(0, 0)], [10.0])
    rhythm = weekly(zones["zone_id"], range(168), 1.0)
    rhythm[[4 * 24 + 23, 5 * 24]] = 20.0
    assert expected_incidents(zones, EVENING, rhythm).peak(0) == "23–01"


def test_an_even_rhythm_has_no_peak(zones_at):
    zones = zones_at([(0, 0)], [10.0])
    assert expected_incidents(zones, EVENING, weekly(zones["zone_id"], range(168))).peak(0) == ""
    assert expected_incidents(zones, EVENING, None).peak(0) == ""


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_an_impossible_density_is_refused_by_zone(zones_at, value):
    zones = zones_at([(0, 0), (500, 0)], [1.0, value])
    with pytest.raises(InvalidInputError, match="z001"):
        expected_incidents(zones, None, None)


def test_a_rhythm_of_another_length_or_with_negative_shares_is_refused(zones_at):
    zones = zones_at([(0, 0)], [1.0])
    rhythm = weekly(zones["zone_id"], [3])
    with pytest.raises(InvalidInputError, match="24 kolumner"):
        expected_incidents(zones, None, rhythm.iloc[:, :24])
    with pytest.raises(InvalidInputError, match="negativa"):
        expected_incidents(zones, None, -rhythm)
