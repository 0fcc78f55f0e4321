"""What happens in a year, by rule and by own calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.calendar import CalendarEvent
from riskmiljo.model.period import TZ, Period
from riskmiljo.simulate.truth import Truth
from riskmiljo.situation.calendar import BUILT_IN, built_in_days, built_in_occasions, occasions
from riskmiljo.store import open_store

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/k.sqlite") as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "year", "first", "last"),
    [
        ("culture_night", 2024, "2024-09-14", "2024-09-14"),
        ("culture_night", 2025, "2025-09-13", "2025-09-13"),
        ("midsummer", 2025, "2025-06-20", "2025-06-20"),
        ("midsummer", 2026, "2026-06-19", "2026-06-19"),
        ("winter_break", 2026, "2026-02-16", "2026-02-22"),
        ("autumn_break", 2025, "2025-10-27", "2025-11-02"),
        # Easter Day 2024 was 31 March, 2025 20 April, 2026 5 April.
        ("easter_break", 2024, "2024-03-25", "2024-04-01"),
        ("easter_break", 2025, "2025-04-14", "2025-04-21"),
        ("easter_break", 2026, "2026-03-30", "2026-04-06"),
        ("walpurgis", 2026, "2026-04-30", "2026-04-30"),
        ("christmas_break", 2026, "2026-12-20", "2027-01-08"),
    ],
)
def test_yearly_events_fall_on_their_days(kind, year, first, last):
    assert built_in_days(kind, year) == (date.fromisoformat(first), date.fromisoformat(last))


def test_the_calendar_and_the_simulated_city_agree_on_the_days_of_their_events():
    kinds = {event.name.sv.casefold(): kind for kind, event in BUILT_IN.items()}
    compared = 0
    for event in Truth.uppsala().events:
        kind = kinds.get(event.name.sv)
        if kind is None:
            continue
        compared += 1
        for year in range(2020, 2032):
            days = built_in_days(kind, year)
            assert days is not None
            assert days[0] <= event.begins(year).date() <= days[1]
    assert compared >= 4


def test_every_event_begins_before_it_ends_in_every_year():
    period = Period.between("2000-01-01", "2050-01-01")
    spans = [(one.begins, one.ends) for one in built_in_occasions(period, {}, tz=TZ)]
    assert len(spans) == 51 * len(BUILT_IN)
    assert all(begins < ends for begins, ends in spans)


def test_a_day_that_a_user_corrects_wins_over_the_rule_until_it_is_reset(store):
    store.calendar.change("winter_break", 2026, (date(2026, 2, 23), date(2026, 3, 1)), now=NOW)
    week = Period.parse("2026-W09")
    (one,) = occasions(store, week, tz=TZ)
    assert (one.key, one.typical) == ("winter_break", False)
    assert not occasions(store, Period.parse("2026-W08"), tz=TZ)
    store.calendar.change("winter_break", 2026, None, now=NOW)
    assert not occasions(store, week, tz=TZ)
    store.calendar.reset("winter_break", 2026, now=NOW)
    (again,) = occasions(store, Period.parse("2026-W08"), tz=TZ)
    assert again.typical


def test_walpurgis_night_lasts_into_may_on_the_local_clock(store):
    (one,) = occasions(store, Period.parse("2026-04-30"), tz=TZ)
    local = [moment.astimezone(ZoneInfo(TZ)) for moment in (one.begins, one.ends)]
    assert [f"{at:%m-%d %H}" for at in local] == ["04-30 09", "05-01 05"]


def test_the_same_title_with_another_year_is_the_same_event(store):
    def event(uid, title, day):
        begins = datetime(2026, 5, day, 18, tzinfo=UTC)
        return CalendarEvent(uid, title, "Parken", begins, begins + timedelta(hours=3))

    store.calendar.add(
        [event("1", "Parkfest 2025", 2), event("2", "parkfest  2026", 3)],
        name="a.ics",
        sha256="1",
        now=NOW,
    )
    first, second = occasions(store, Period.parse("2026-05-02/2026-05-05"), tz=TZ)
    assert first.key == second.key == "own:parkfest"
    assert first.name.sv == first.name.en == "Parkfest 2025"


def test_an_unknown_event_is_refused():
    with pytest.raises(InvalidInputError, match="finns inte"):
        built_in_days("carnival", 2026)
    with pytest.raises(InvalidInputError, match="år 1900"):
        built_in_days("walpurgis", 99999)
