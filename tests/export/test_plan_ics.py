"""iCalendar: read back by a library, turned into local time by another."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from riskmiljo.export import plan_ics
from riskmiljo.model.plan import Route

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def events(plan, now, **options):
    body = plan_ics(plan, **{"language": "sv", "now": now, **options})
    return icalendar.Calendar.from_ical(body).walk("VEVENT")


def test_one_event_for_the_shift_and_one_for_each_visit(plan, plans):
    shift, *visits = events(plan, plans.now)
    assert len(visits) == 13
    assert shift["DTSTART"].dt == plan.shift.period.start
    assert shift["DTEND"].dt == plan.shift.period.end
    assert shift["TRANSP"] == "TRANSPARENT"
    first, made = plan.routes[0].visits[0], visits[0]
    assert (made["DTSTART"].dt, made["DTEND"].dt) == (first.begins, first.leaves)
    assert made["SUMMARY"] == "[Simulerade data] 1. Resecentrum (Lag 1)"
    assert made["LOCATION"] == "Resecentrum"
    assert first.why.sv in made["DESCRIPTION"]
    assert (
        "7\xa0% av passets risk; omväg 3 min; utan besöket täcks 0,40 mindre."
        in (made["DESCRIPTION"])
    )
    assert made["DTSTAMP"].dt == plans.now


def test_one_crew_alone_keeps_its_uids(plan, plans):
    every = {event["UID"] for event in events(plan, plans.now)}
    shift, *visits = events(plan, plans.now, crew=2)
    assert len(visits) == 5
    assert {event["UID"] for event in visits} < every
    assert shift["UID"] not in every
    assert "Lag 2" in shift["SUMMARY"]


def test_uids_are_stable_over_time_and_language_and_differ_between_plans(plans):
    def uids(plan, **options):
        return [event["UID"] for event in events(plan, **{"now": plans.now, **options})]

    first = uids(plans.make())
    assert len(set(first)) == len(first) == 14
    assert uids(plans.make(), now=plans.now + timedelta(days=3), language="en") == first
    assert not set(uids(plans.make(stops=(8, 4)))) & set(first)


@pytest.mark.parametrize(
    ("text", "hours", "cases"),
    [
        (
            "2026-10-24 22:00/06:00",
            9,
            {(2026, 10, 25, 0, 30): ("02:30", 0, 2), (2026, 10, 25, 1, 30): ("02:30", 1, 1)},
        ),
        (
            "2026-03-28 22:00/06:00",
            7,
            {(2026, 3, 29, 0, 55): ("01:55", 0, 1), (2026, 3, 29, 1, 5): ("03:05", 0, 2)},
        ),
    ],
    ids=["autumn", "spring"],
)
def test_night_shifts_over_a_change_of_the_clock_are_right(plans, text, hours, cases):
    plan = plans.make(text, stops=(1,))
    here = (plans.home.x, plans.home.y)
    visits = tuple(
        plans.visit(here, n, "Torget", datetime(*parts, tzinfo=UTC), 10)
        for n, parts in enumerate(cases)
    )
    plan = replace(plan, routes=(Route(plan.routes[0].crew, visits),))
    shift, *made = events(plan, plans.now)
    assert shift["DTEND"].dt - shift["DTSTART"].dt == timedelta(hours=hours)
    for event, (clock, fold, offset) in zip(made, cases.values(), strict=True):
        local = event["DTSTART"].dt.astimezone(STOCKHOLM)
        assert (f"{local:%H:%M}", local.fold) == (clock, fold)
        assert local.utcoffset() == timedelta(hours=offset)
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=10)
    if hours == 9:
        assert "02:30–02:40 (sommartid)" in made[0]["DESCRIPTION"]
        assert "02:30–02:40 (vintertid)" in made[1]["DESCRIPTION"]
    assert "Klockan ställs" in shift["DESCRIPTION"]


def test_times_are_utc_and_lines_are_folded(hostile_plan, plans):
    body = plan_ics(hostile_plan, language="sv", now=plans.now)
    assert b"VTIMEZONE" not in body
    assert b"TZID" not in body
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    stamps = re.findall(rb"^DT(?:START|END|STAMP)[^\r]*", body, flags=re.MULTILINE)
    assert len(stamps) == 3 * 13
    assert all(re.fullmatch(rb"DT\w+:\d{8}T\d{6}Z", stamp) for stamp in stamps)


def test_text_cannot_begin_a_line_of_its_own(hostile_plan, plans):
    body = plan_ics(hostile_plan, language="en", now=plans.now).decode()
    unfolded = body.replace("\r\n ", "")
    assert len(re.findall(r"^BEGIN:VEVENT", unfolded, flags=re.MULTILINE)) == 13
    line = next(line for line in unfolded.split("\r\n") if line.startswith('LOCATION:"quoted'))
    assert line == "LOCATION:\"quoted\" & 'single'\\, a\\;b\\\\c BEGIN:VEVENT"
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202e\ufffe]", body)


def test_hostile_names_come_back_as_they_were(plans):
    plan = plans.make(names=plans.hostile, stops=(6,))
    places = [str(event["LOCATION"]) for event in events(plan, plans.now)[1:]]
    assert places[0] == "<script>alert(1)</script>"
    assert places[3] == "\"quoted\" & 'single', a;b\\c BEGIN:VEVENT"
    assert places[4] == "Grönt 🌲 مرحبا abc[31m"


def test_geo_is_latitude_before_longitude(plan, plans):
    event = events(plan, plans.now)[1]
    latitude, longitude = event["GEO"].latitude, event["GEO"].longitude
    assert 59.8 < latitude < 59.9
    assert 17.6 < longitude < 17.7


def test_waiting_pauses_and_joint_stops_are_told(plans, plan):
    route = plan.routes[0]
    begins = route.visits[0].begins
    waits = replace(route.visits[0], arrives=begins - timedelta(minutes=9), joint=True)
    steps = tuple(waits if step is route.visits[0] else step for step in route.steps)
    shift, first, *_ = events(replace(plan, routes=(Route(route.crew, steps),)), plans.now)
    assert "Framme 17:57." in first["DESCRIPTION"]
    assert "Tillsammans" in first["DESCRIPTION"]
    assert "Rast 19:30–19:50, Fikarummet." in shift["DESCRIPTION"]


def test_the_words_are_english_in_english(plan, plans):
    text = plan_ics(plan, language="en", now=plans.now).decode()
    assert "[Simulated data] 1. Resecentrum (Team 1)" in text.replace("\r\n ", "")
    assert "Väntat" not in text


def test_no_visits_leaves_the_shift(plans):
    assert len(events(plans.make(stops=(0,)), plans.now)) == 1


def test_the_same_plan_and_time_give_the_same_bytes(plans):
    one = plan_ics(plans.make(), language="sv", now=plans.now)
    assert one == plan_ics(plans.make(), language="sv", now=plans.now)
