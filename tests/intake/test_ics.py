"""Foreign calendars: what is kept of them, and what hostile ones can do."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake import ics_child
from riskmiljo.intake.ics import MAX_BYTES, read_calendar
from riskmiljo.intake.ics_child import AHEAD_DAYS, BACK_DAYS, RefusedError, read

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
TZ = "Europe/Stockholm"
STOCKHOLM = ZoneInfo(TZ)


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n".encode()


def event(*lines: str, uid: str = "a@b", title: str = "Konsert") -> str:
    return "\r\n".join([f"UID:{uid}", f"SUMMARY:{title}", *lines])


def answered(*events: str) -> dict:
    """Read within this process: the child itself is tried below."""
    first, last = NOW - timedelta(days=BACK_DAYS), NOW + timedelta(days=AHEAD_DAYS)
    return read(calendar(*events), tz=TZ, first=first, last=last)


def rows(*events: str) -> list[dict]:
    return answered(*events)["events"]


def local(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def test_a_calendar_comes_through_the_child_without_its_people():
    found = read_calendar(
        b"\xef\xbb\xbf"
        + calendar(
            event(
                "DTSTART;TZID=Europe/Stockholm:20260501T190000",
                "DTEND;TZID=Europe/Stockholm:20260501T230000",
                "LOCATION:Parken\\, Uppsala",
                "DESCRIPTION:Ring Anna",
                "ORGANIZER;CN=Anna Andersson:mailto:anna@example.org",
                "ATTENDEE:mailto:bo@example.org",
                uid="anna@example.org",
                title="Vårfest",
            )
        ),
        tz=TZ,
        now=NOW,
    )
    (one,) = found.events
    assert (one.title, one.place) == ("Vårfest", "Parken, Uppsala")
    assert one.begins == datetime(2026, 5, 1, 17, tzinfo=UTC)
    assert one.ends - one.begins == timedelta(hours=4)
    assert not any(word in repr(found) for word in ("Anna", "anna", "bo@", "example"))


def test_floating_times_stand_on_the_areas_clock_on_both_sides_of_the_change():
    found = rows(
        event("DTSTART:20260328T200000", uid="1"),
        event("DTSTART:20260330T200000", uid="2"),
        event("DTSTART:20260501T200000Z", uid="3"),
        event("DTSTART;TZID=America/New_York:20260501T200000", uid="4"),
    )
    assert [row["begins"][:16] for row in found] == [
        "2026-03-28T19:00", "2026-03-30T18:00", "2026-05-01T20:00", "2026-05-02T00:00",
    ]  # fmt: skip


def test_an_unknown_time_zone_and_letters_of_windows_are_said():
    odd = event("DTSTART;TZID=Mars/Phobos:20260501T200000", uid="1")
    known = event("DTSTART;TZID=W. Europe Standard Time:20260501T210000", uid="2")
    data = calendar(odd, known).replace(b"SUMMARY:", "SUMMARY:Skördefest ".encode("cp1252"))
    found = read_calendar(data, tz=TZ, now=NOW)
    assert [one.begins.hour for one in found.events] == [18, 19]
    assert all(one.title.startswith("Skördefest") for one in found.events)
    assert found.counts == (("zone", 1), ("letters", 1))
    assert "Windows-1252" in found.notes[1].sv
    assert read_calendar(calendar(known), tz=TZ, now=NOW).notes == ()


def test_a_whole_day_lasts_from_midnight_to_midnight_when_the_clock_is_moved():
    spring, autumn, two = rows(
        event("DTSTART;VALUE=DATE:20260329", uid="1"),
        event("DTSTART;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261026", uid="2"),
        event("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260503", uid="3"),
    )
    lengths = [
        (datetime.fromisoformat(row["ends"]) - datetime.fromisoformat(row["begins"]))
        / timedelta(hours=1)
        for row in (spring, autumn, two)
    ]
    assert lengths == [23, 25, 48]
    assert all(row["all_day"] for row in (spring, autumn, two))


def test_a_weekly_event_keeps_its_hour_when_the_clock_is_moved():
    found = rows(
        event("DTSTART;TZID=Europe/Stockholm:20260313T190000", "RRULE:FREQ=WEEKLY;COUNT=4")
    )
    assert [local(row["begins"]) for row in found] == [
        "2026-03-13 19:00", "2026-03-20 19:00", "2026-03-27 19:00", "2026-04-03 19:00",
    ]  # fmt: skip


def test_an_endless_series_is_written_out_for_two_years_and_no_more():
    found = rows(event("DTSTART:20100101T100000Z", "RRULE:FREQ=MONTHLY"))
    days = [datetime.fromisoformat(row["begins"]) for row in found]
    assert min(days) >= NOW - timedelta(days=BACK_DAYS)
    assert max(days) <= NOW + timedelta(days=AHEAD_DAYS)
    assert len(days) == 48


def test_occasions_that_were_taken_out_moved_or_called_off_are_so_here():
    found = rows(
        event(
            "DTSTART:20260501T100000Z",
            "RRULE:FREQ=DAILY;COUNT=4",
            "EXDATE:20260502T100000Z",
            "RDATE:20260510T100000Z",
        ),
        event("RECURRENCE-ID:20260503T100000Z", "DTSTART:20260503T150000Z", title="Senare"),
        event("DTSTART:20260601T100000Z", "STATUS:CANCELLED", uid="b"),
    )
    told = sorted((row["begins"][:13], row["title"], row["called_off"]) for row in found)
    assert told == [
        ("2026-05-01T10", "Konsert", False),
        ("2026-05-03T15", "Senare", False),
        ("2026-05-04T10", "Konsert", False),
        ("2026-05-10T10", "Konsert", False),
        ("2026-06-01T10", "Konsert", True),
    ]


def test_until_in_utc_and_as_a_day_end_a_series_where_they_say():
    for until in ("20260515T170000Z", "20260515"):
        found = rows(
            event(
                "DTSTART;TZID=Europe/Stockholm:20260501T190000",
                f"RRULE:FREQ=WEEKLY;UNTIL={until}",
            )
        )
        assert [row["begins"][8:10] for row in found] == ["01", "08", "15"]


@settings(max_examples=40)
@given(
    st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    st.integers(1, 3),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 30),
)
def test_weekly_series_agree_with_counting_days(first, step, weekdays, count):
    names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    rule = f"RRULE:FREQ=WEEKLY;INTERVAL={step};COUNT={count};BYDAY=" + ",".join(
        names[day] for day in sorted(weekdays)
    )
    found = rows(event(f"DTSTART;TZID=Europe/Stockholm:{first:%Y%m%d}T190000", rule))
    monday = first - timedelta(days=first.weekday())
    wanted, day = [], first
    while len(wanted) < count:
        if (day - monday).days // 7 % step == 0 and day.weekday() in weekdays:
            wanted.append(day)
        day += timedelta(days=1)
    # The first occasion is the event itself, whatever the rule says (RFC 5545, 3.8.5.3).
    last = (NOW + timedelta(days=AHEAD_DAYS)).date()
    told = {datetime.fromisoformat(row["begins"]).astimezone(STOCKHOLM).date() for row in found}
    assert told == {d for d in {first, *wanted} if d <= last}


def test_secret_untitled_and_too_long_events_are_left_out_with_a_word():
    answer = answered(
        event("DTSTART:20260501T100000Z", "CLASS:PRIVATE", uid="1"),
        event("DTSTART:20260501T100000Z", uid="2", title=" "),
        event("DTSTART:20260101T100000Z", "DTEND:20260901T100000Z", uid="3"),
        event("DTSTART:19990101T100000Z", uid="4"),
        event("DTSTART:20260501T100000Z", "RRULE:FREQ=SECONDLY", uid="5"),
        event("DTSTART:20260501T100000Z", "DTEND:20260401T100000Z", uid="6"),
        event("DTSTART:hej", uid="7"),
    )
    assert answer["events"] == []
    notes = answer["notes"]
    assert {name: notes[name] for name in ("private", "untitled", "long", "outside")} == {
        "private": 1, "untitled": 1, "long": 1, "outside": 1,
    }  # fmt: skip
    assert notes["unreadable"] == 3


def test_addresses_and_long_numbers_are_taken_out_of_texts_and_control_signs_too():
    (row,) = rows(
        event(
            "DTSTART:20260501T100000Z",
            "LOCATION:" + "x" * 500,
            title="Fest med anna.b@example.org 19900101-1234 070-123 45 67 \u202e\\n{{ 7*7 }}",
        )
    )
    assert row["title"] == "Fest med … … {{ 7*7 }}"
    assert len(row["place"]) == 200


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"BEGIN:VCARD\r\n", b"<html>"])
def test_what_is_no_calendar_is_refused(data):
    with pytest.raises(UnreadableFileError, match="ingen kalender"):
        read_calendar(data, tz=TZ, now=NOW)


def test_a_damaged_and_a_too_large_calendar_are_refused_with_a_sentence():
    with pytest.raises(UnreadableFileError, match="skadad"):
        read_calendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", tz=TZ, now=NOW)
    with pytest.raises(UnreadableFileError, match="större än"):
        read_calendar(b"BEGIN:VCALENDAR" + b" " * MAX_BYTES, tz=TZ, now=NOW)
    with pytest.raises(RefusedError):
        answered(*(event("DTSTART:20260501T100000Z", uid=str(n)) for n in range(3001)))


def test_a_rule_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr("riskmiljo.intake.ics._MAX_SECONDS", 2)
    never = event("DTSTART:20260101T100000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    begun = time.monotonic()
    with pytest.raises(UnreadableFileError, match="gränser"):
        read_calendar(calendar(*[never] * 20), tz=TZ, now=NOW)
    assert time.monotonic() - begun < 20
    assert ics_child.MAX_CPU_SECONDS <= 15
