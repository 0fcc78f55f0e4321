import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import Period, local_instant
from riskmiljo.model.shift import Shift

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-04", "2026-03-31 22:00", "2026-04-30 22:00"),
        ("2025-12", "2025-11-30 23:00", "2025-12-31 23:00"),
        ("2026", "2025-12-31 23:00", "2026-12-31 23:00"),
        ("2026-W18", "2026-04-26 22:00", "2026-05-03 22:00"),
        ("2026-04-30", "2026-04-29 22:00", "2026-04-30 22:00"),
        ("2026-04-30/2026-05-02", "2026-04-29 22:00", "2026-05-01 22:00"),
    ],
)
def test_a_period_is_read_as_local_time_and_kept_in_utc(text: str, start: str, end: str) -> None:
    assert Period.parse(text) == Period(at(start), at(end))


@pytest.mark.parametrize("text", ["", "april", "2026-13", "2026-W60", "2026-02-30", "2026/x"])
def test_an_unreadable_period_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InvalidInputError, match="2026-04-01/2026-05-01"):
        Period.parse(text)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="slut"):
        Period.parse("2026-05-01/2026-04-01")


def test_an_hour_that_the_clock_skipped_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="finns inte") as caught:
        local_instant("2025-03-30 02:30", "Europe/Stockholm")
    assert caught.value.code == "TID_FINNS_INTE"


def test_an_hour_that_comes_twice_is_read_as_the_first() -> None:
    assert local_instant("2025-10-26 02:30", "Europe/Stockholm") == at("2025-10-26 00:30")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026-04-30 18:00/02:00", 8.0),
        ("2026-03-28 18:00/06:00", 11.0),  # the clock goes forward
        ("2026-10-24 18:00/06:00", 13.0),  # and back
        ("2026-04-30 8:00/16:30", 8.5),
        ("2026-04-30 18:00/2026-05-01 02:00", 8.0),
    ],
)
def test_a_shift_knows_how_long_it_truly_lasts(text: str, hours: float) -> None:
    shift = Shift.parse(text)
    assert shift.hours == hours
    assert shift.hours_of_week().sum() == pytest.approx(hours)


@pytest.mark.parametrize(
    "text", ["2026-04-30", "18:00/02:00", "2026-04-30 18:00/2026-05-02 02:00", "2026-04-30 18-02"]
)
def test_a_shift_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Shift.parse(text)


@pytest.mark.parametrize(
    ("text", "sv", "en"),
    [
        ("2026-04-30 18:00/18:00", "ett helt dygn: 2026-04-30 18:00/2026-05-01 18:00", "whole day"),
        ("2026-04-30 18:00/2026-04-30 17:00", "slutar inte efter att det har börjat", "not end"),
        ("2026-04-30 18:00/2026-04-29 20:00", "slutar inte efter att det har börjat", "not end"),
        ("2026-04-30 18:00/2026-05-03 18:00", "längre än 24 timmar. Dela det", "longer than 24"),
        ("2026-03-28 18:00/2026-10-25 18:00", "längre än 24 timmar. Dela det", "longer than 24"),
        ("2026-02-30 18:00/02:00", "'2026-02-30 18:00/02:00' kan inte läsas", "cannot be read"),
        ("2026-04-30 18:00/2026-13-01 02:00", "kan inte läsas. Skriv", "cannot be read"),
        ("2026-04-30 18:00/24:30", "kan inte läsas. Skriv", "cannot be read"),
        ("2026-03-28 22:00/02:30", "Tiden 2026-03-29 02:30 finns inte", "02:30"),
    ],
)
def test_a_refused_shift_is_told_what_is_wrong_with_it(text: str, sv: str, en: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Shift.parse(text)
    assert sv in caught.value.message.sv
    assert en in caught.value.message.en


def test_a_shift_around_the_clock_says_on_which_day_it_ends() -> None:
    shift = Shift.parse("2026-04-30 18:00/2026-05-01 18:00")
    assert shift.hours == 24
    assert shift.label().sv == "2026-04-30 18:00–2026-05-01 18:00"
    assert Shift.parse("2026-04-30 18:00/02:00").label().sv == "2026-04-30 18:00–02:00"


@given(
    day=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    hour=st.sampled_from([0, 4, 5, 12, 18, 22, 23]),
    length=st.integers(1, 23),
)
def test_the_hours_of_a_shift_are_those_a_clock_on_the_wall_shows(
    day: date, hour: int, length: int
) -> None:
    # 23 hours by the clock are 24 on the autumn night: still a shift.
    shift = Shift.parse(f"{day} {hour:02d}:00/{(hour + length) % 24:02d}:00")
    by_minute = np.zeros(168)
    moment = shift.period.start
    while moment < shift.period.end:
        local = moment.astimezone(STOCKHOLM)
        by_minute[local.weekday() * 24 + local.hour] += 1 / 60
        moment += timedelta(minutes=1)
    np.testing.assert_allclose(shift.hours_of_week(), by_minute, atol=1e-9)


def test_after_midnight_the_evening_shift_is_still_the_one_under_way() -> None:
    night = datetime(2026, 5, 1, 1, 30, tzinfo=STOCKHOLM)
    assert Shift.next_evening(night) == Shift.parse("2026-04-30 18:00/02:00")
    assert Shift.next_evening(night.replace(hour=9)) == Shift.parse("2026-05-01 18:00/02:00")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026-04-30 18:00/02:00", [90, 91, 92, 93, 94, 95, 96, 97]),
        ("2026-04-30 18:30/20:15", [90, 91, 92]),
        # The clock is put back: 02 is lived twice. It is put forward: 02 is not lived.
        ("2026-10-25 00:00/04:00", [144, 145, 146, 146, 147]),
        ("2026-03-29 00:00/04:00", [144, 145, 147]),
    ],
)
def test_a_shift_is_told_hour_by_hour_as_the_clock_strikes(text: str, hours: list[int]) -> None:
    shift = Shift.parse(text)
    slots = shift.hour_slots()
    assert [slot.hour_of_week for slot in slots] == hours
    assert slots[0].begins == shift.period.start
    assert slots[-1].ends == shift.period.end
    assert all(a.ends == b.begins for a, b in itertools.pairwise(slots))
    assert sum((s.ends - s.begins).total_seconds() for s in slots) == shift.hours * 3600
