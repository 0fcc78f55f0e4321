"""Local times in files: the hour that comes twice is told apart, a skipped one is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.export.clock import Clock
from riskmiljo.model.shift import Shift
from riskmiljo.web.plan_rows import clock_time

STOCKHOLM = "Europe/Stockholm"
SV, EN = Clock(STOCKHOLM, "sv"), Clock(STOCKHOLM, "en")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "sv", "en"),
    [
        (utc(2026, 10, 24, 23, 59), "01:59", "01:59"),
        (utc(2026, 10, 25, 0, 10), "02:10 (sommartid)", "02:10 (summer time)"),
        (utc(2026, 10, 25, 1, 10), "02:10 (vintertid)", "02:10 (winter time)"),
        (utc(2026, 10, 25, 2, 0), "03:00", "03:00"),
        (utc(2026, 3, 29, 0, 59), "01:59", "01:59"),
        (utc(2026, 3, 29, 1, 0), "03:00", "03:00"),
        (utc(2026, 7, 1, 12, 0), "14:00", "14:00"),
    ],
)
def test_only_the_hour_that_comes_twice_is_marked(instant, sv, en):
    assert SV.time(instant) == sv
    assert EN.time(instant) == en


def test_a_mark_stands_once_where_both_ends_share_it():
    first, last = utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 0, 22)
    assert SV.span(first, last) == "02:10–02:22 (sommartid)"
    assert SV.span(first, utc(2026, 10, 25, 1, 5)) == "02:10 (sommartid)–02:05 (vintertid)"
    assert SV.span(utc(2026, 10, 24, 23, 55), first) == "01:55–02:10 (sommartid)"
    assert EN.span(utc(2026, 10, 25, 1, 50), utc(2026, 10, 25, 2, 5)) == "02:50 (winter time)–03:05"


def test_a_time_on_paper_is_the_minute_that_the_page_and_a_clock_show():
    for at, shown in (
        (utc(2026, 5, 1, 16, 4, 59), "18:04"),
        (utc(2026, 10, 25, 0, 59, 45), "02:59 (sommartid)"),
    ):
        assert SV.time(at) == shown
        assert shown.startswith(clock_time(at, STOCKHOLM))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001 - made aware below
def test_two_instants_of_one_night_never_look_the_same(moment):
    instant = moment.replace(tzinfo=UTC, second=0, microsecond=0)
    assert SV.time(instant) != SV.time(instant + timedelta(hours=1))


def test_a_change_of_the_clock_is_said_and_no_other_night():
    def said(text, clock=SV):
        return clock.changes(Shift.parse(text))

    assert said("2026-04-30 18:00/02:00") == ()
    assert said("2026-10-24 18:00/02:00") == ()
    (autumn,) = said("2026-10-24 22:07/06:00")
    assert "tillbaka kl. 03:00" in autumn
    assert "timmen efter 02:00 kommer två gånger" in autumn
    (spring,) = said("2026-03-28 22:00/06:00", EN)
    assert "forward from 02:00 to 03:00" in spring


def test_dates_are_words_of_the_language():
    instant = utc(2026, 4, 30, 22, 30)
    assert SV.moment(instant) == "fredag 1 maj 2026 00:30"
    assert EN.moment(instant) == "Friday 1 May 2026 00:30"


def test_other_zones_have_clocks_too():
    assert Clock("America/New_York", "en").time(utc(2026, 11, 1, 5, 30)) == "01:30 (summer time)"
    local = Clock("Asia/Kolkata", "en").local(utc(2026, 11, 1, 5, 30))
    assert local == datetime(2026, 11, 1, 11, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
