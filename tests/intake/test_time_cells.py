from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.errors import InvalidInputError
from riskmiljo.intake.clock import instants
from riskmiljo.intake.times import date_order, joined, read_times
from riskmiljo.model.period import check_zone

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TZ = "Europe/Stockholm"


def local(*parts):
    return datetime(*parts)  # noqa: DTZ001 - a local time without a zone is what files hold


def column(*cells):
    return pa.chunked_array([pa.array(cells)])


def utc(*cells, tz=TZ, now=NOW, excel_1904=False):
    cells = column(*cells)
    order = date_order([cells], month_first=tz.startswith("America/"))
    return instants(read_times(cells, order=order, excel_1904=excel_1904), tz, now=now)


def stamps(found):
    return [None if np.isnat(v) else str(v)[:19] for v in found.begins]


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-10 08:15",
        "2025-01-10 8:15",
        "2025-01-10T08:15:00",
        "2025-01-10T08:15:00+01:00",
        "2025-01-10T07:15:00Z",
        "2025-01-10 07:15:00.000 UTC",
        "2025-01-10 08:15 +0100",
        "2025-01-10, kl. 08.15",
        "2025/01/10 08.15",
        "20250110T081500",
        "20250110 0815",
        "10.01.2025 08:15",
        "10/1/2025 8:15 AM",
        "10 januari 2025 kl 08:15",
        "10 Jan 2025 08:15",
        "January 10, 2025 8:15 am",
        "fredag 10 januari 2025 08:15",
        "'2025-01-10 08:15",
        "\u00a02025-01-10\u00a008:15 ",
    ],
)
def test_one_moment_may_be_written_in_many_ways(text):
    assert stamps(utc(text)) == ["2025-01-10T07:15:00"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-02-30 10:00", "TID_FORMAT"),
        ("2025-13-01 10:00", "TID_FORMAT"),
        ("2025-01-01 24:01", "TID_FORMAT"),
        ("2025-01-01 12:60", "TID_FORMAT"),
        ("13:05 PM 2025-01-01", "TID_FORMAT"),
        ("kl. 22.30 1/5-25", "TID_FORMAT"),
        ("1/5/25 22:30", "TID_FORMAT"),
        ("i går kväll", "TID_FORMAT"),
        ("2025-W14-2", "TID_FORMAT"),
        ("1899-12-31 00:00", "TID_ORIMLIG"),
        ("1970-01-01 00:00", "TID_ORIMLIG"),
        ("2026-03-01 13:01", "TID_ORIMLIG"),
        ("9999-12-31 23:59", "TID_ORIMLIG"),
        ("0001-01-01 00:00", "TID_ORIMLIG"),
        ("2025-03-30 02:30", "TID_FINNS_INTE"),
        ("2025-03-30 02:00", "TID_FINNS_INTE"),
        ("", "TID_SAKNAS"),
        ("NULL", "TID_SAKNAS"),
        ("2025-03-30 03:00", ""),
        ("2025-03-30 01:59", ""),
        ("2026-03-01 12:59", ""),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_its_reason(text, code):
    assert list(utc("2025-06-01 10:00", text).code) == ["", code]


def test_midnight_written_as_24_is_the_next_day():
    assert stamps(utc("2025-01-01 24:00")) == ["2025-01-01T23:00:00"]


def test_the_hour_that_occurs_twice_is_the_first_and_is_flagged():
    found = utc("2025-10-26 02:30", "2025-10-26 02:30+02:00", "2025-10-26 02:30+01:00")
    assert stamps(found) == ["2025-10-26T00:30:00"] * 2 + ["2025-10-26T01:30:00"]
    assert list(found.ambiguous) == [True, False, False]


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(local(1990, 1, 1), local(2025, 12, 31)),
    st.sampled_from([TZ, "America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_local_times_agree_with_the_standard_librarys_zones(moment, tz):
    moment = moment.replace(microsecond=0)
    found = utc(moment.isoformat(" "), tz=tz)
    expected = moment.replace(tzinfo=ZoneInfo(tz)).astimezone(UTC)
    if expected.astimezone(ZoneInfo(tz)).replace(tzinfo=None) != moment:
        assert found.code[0] == "TID_FINNS_INTE"
    elif found.code[0] == "" and moment.time().hour + moment.minute + moment.second:
        assert stamps(found) == [expected.replace(tzinfo=None).isoformat()]


def test_day_and_month_are_decided_by_the_file_and_never_by_the_row():
    assert stamps(utc("03/04/2025 10:00", "13/04/2025 10:00"))[0] == "2025-04-03T08:00:00"
    assert stamps(utc("03/04/2025 10:00", "04/13/2025 10:00"))[0] == "2025-03-04T09:00:00"
    # Without any sign the custom of the place decides.
    assert stamps(utc("03/04/2025 10:00"))[0] == "2025-04-03T08:00:00"
    assert stamps(utc("03/04/2025 10:00", tz="America/Chicago"))[0] == "2025-03-04T16:00:00"


def test_dates_that_contradict_each_other_are_refused_together():
    found = utc("13/04/2025 10:00", "04/13/2025 10:00", "03/04/2025 10:00")
    assert list(found.code) == ["TID_TVETYDIG"] * 3


def test_one_slip_among_many_does_not_refuse_the_file():
    found = utc(*["13/04/2025 10:00"] * 40, "04/13/2025 10:00")
    assert list(found.code[-2:]) == ["", "TID_FORMAT"]


def test_a_date_alone_is_the_whole_local_day_also_when_the_clock_changes():
    found = utc("2025-01-10", "2025-03-30", "2025-10-26")
    hours = (found.ends - found.begins) / np.timedelta64(1, "h")
    assert list(hours) == [24, 23, 25]
    assert stamps(found)[0] == "2025-01-09T23:00:00"
    assert found.day_only.all()


def test_numbers_are_read_by_the_column():
    assert stamps(utc(45667.34375, 45668.34375))[0] == "2025-01-10T08:15:00"[:11] + "07:15:00"
    assert stamps(utc(44205.34375, 44206.0, excel_1904=True))[0] == "2025-01-10T07:15:00"
    assert stamps(utc(1736493300, 1736493301))[0] == "2025-01-10T07:15:00"
    assert stamps(utc(1736493300000, 1736493300001))[0] == "2025-01-10T07:15:00"
    assert stamps(utc(20250110, 20250111))[0] == "2025-01-09T23:00:00"
    assert stamps(utc("45667.34375", "45668.5"))[0] == "2025-01-10T07:15:00"
    # In a column of written times a number is not guessed at.
    assert list(utc("2025-01-10 08:15", "45667.34375", "1736493300000").code) == [
        "",
        "TID_FORMAT",
        "TID_FORMAT",
    ]
    assert set(utc(3, 4, 5).code) == {"TID_FORMAT"}


def test_stored_timestamps_keep_their_instant_whatever_their_zone():
    naive = pa.array([local(2025, 1, 10, 8, 15)], pa.timestamp("ns"))
    aware = pa.array([datetime(2025, 1, 10, 7, 15, tzinfo=UTC)], pa.timestamp("ms", "Asia/Tokyo"))
    for cells in (naive, aware):
        found = instants(read_times(pa.chunked_array([cells]), order="day"), TZ, now=NOW)
        assert stamps(found) == ["2025-01-10T07:15:00"]


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("2025-01-10", "08:15"),
        ("10.01.2025", "kl 08.15"),
        ("2025-01-10 00:00:00", "0815"),
        (local(2025, 1, 10), 8.25 / 24),
        (local(2025, 1, 10), "08:15:00"),
        (local(2025, 1, 10), local(1899, 12, 30, 8, 15)),
    ],
)
def test_a_date_and_a_time_of_day_in_two_columns_are_one_moment(date, clock):
    assert stamps(utc(*joined(column(date), column(clock)).to_pylist())) == ["2025-01-10T07:15:00"]


def test_a_missing_time_of_day_leaves_the_whole_day():
    found = utc(*joined(column("2025-01-10"), column("")).to_pylist())
    assert found.ends[0] - found.begins[0] == timedelta(days=1)


def test_an_unknown_time_zone_is_named():
    with pytest.raises(InvalidInputError, match="Europe/Uppsala"):
        check_zone("Europe/Uppsala")
