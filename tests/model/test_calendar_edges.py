from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift


@pytest.mark.parametrize(
    "text",
    [
        "0000",
        "0001",
        "9999",
        "9999-12",
        "0000-01",
        "9999-W52",
        "0000-W01",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_a_year_at_the_end_of_the_calendar_is_refused_in_one_sentence(text):
    with pytest.raises(InvalidInputError, match="Året"):
        Period.parse(text)


def test_a_period_of_centuries_is_refused_and_does_not_overflow():
    with pytest.raises(InvalidInputError, match="Året 9999"):
        Period.between("2026-01-01", "9999-12-31")
    longest = Period.between("1900-01-01", "2199-12-31")
    assert longest.before().end == longest.start


def test_the_evening_shift_exists_on_the_night_the_clock_is_put_forward():
    shift = Shift.next_evening(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert shift.period.start == datetime(2026, 3, 28, 17, tzinfo=UTC)
    assert shift.period.end == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert shift.hours == 8
    assert shift.hours_of_week().sum() == pytest.approx(8)


def test_a_shift_that_is_typed_may_end_just_as_the_clock_is_put_forward():
    typed = Shift.parse("2026-03-28 18:00/02:00")
    assert typed == Shift.next_evening(datetime(2026, 3, 28, 12, tzinfo=UTC))


@pytest.mark.parametrize("text", ["2026-03-28 18:00/02:30", "2026-03-29 02:30/10:00"])
def test_a_shift_that_begins_or_ends_in_the_skipped_hour_is_refused(text):
    with pytest.raises(InvalidInputError, match="finns inte"):
        Shift.parse(text)


def test_the_evening_shift_lasts_eight_hours_on_the_night_the_clock_goes_back():
    # The clock goes back at 03:00: after the shift.
    assert Shift.next_evening(datetime(2026, 10, 24, 12, tzinfo=UTC)).hours == 8
    assert Shift.next_evening(datetime(2026, 10, 24, 23, 30, tzinfo=UTC)).period.start == datetime(
        2026, 10, 24, 16, tzinfo=UTC
    )
