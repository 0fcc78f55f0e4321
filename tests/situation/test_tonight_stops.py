"""Which shift is tonight, and what a team is told of its stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.reader import Reader
from riskmiljo.geo.crs import points_frame
from riskmiljo.maps.routes_layer import routes_layer
from riskmiljo.model.feedback import REASONS, Feedback
from riskmiljo.model.plan import Crew, LeftOut, Leg, Pause, Plan, Route, Spot, Visit
from riskmiljo.model.role import Role
from riskmiljo.model.shift import Shift
from riskmiljo.situation import plan_news
from riskmiljo.situation.sharing import places_and_times
from riskmiljo.situation.tonight import (
    coming_shift,
    last_answers,
    short_why,
    stops_of_team,
    team_of,
)
from riskmiljo.store.plans import PlanRow
from riskmiljo.web.plan_rows import breaks_before, team_tables, told_time
from riskmiljo.wording import Text

TZ = "Europe/Stockholm"
HOUR = timedelta(hours=1)
WHY = Text(
    "6 händelser de senaste 28 dygnen, flest fre 22–02. 8 % av passets risk; väntat 2 kl. 22–23.",
    "6 incidents in the last 28 days, most Fri 22–02. 8% of the shift's risk; expected 2 at 22.",
)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TZ))


@pytest.mark.parametrize(
    ("now", "begins", "ends"),
    [
        ("2026-04-30 09:00", "2026-04-30 18:00", "2026-05-01 02:00"),
        ("2026-04-30 18:00", "2026-04-30 18:00", "2026-05-01 02:00"),
        ("2026-04-30 18:14", "2026-04-30 18:00", "2026-05-01 02:00"),
        ("2026-04-30 19:44", "2026-04-30 19:30", "2026-05-01 02:00"),
        ("2026-05-01 01:15", "2026-05-01 01:15", "2026-05-01 02:00"),
        ("2026-05-01 01:16", "2026-05-01 18:00", "2026-05-02 02:00"),
        ("2026-05-01 02:30", "2026-05-01 18:00", "2026-05-02 02:00"),
    ],
)
def test_the_coming_shift_is_the_evening_or_what_is_left_of_it(now, begins, ends):
    shift = coming_shift(local(now), tz=TZ)
    assert shift.period.start == local(begins)
    assert shift.period.end == local(ends)


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-03-28 12:00", 8), ("2026-10-24 12:00", 8), ("2026-04-30 12:00", 8)]
)
def test_the_evening_ends_at_two_on_nights_when_the_clock_changes_too(now, hours):
    # At two in spring the clock is put forward, at three in autumn back: until two nothing differs.
    shift = coming_shift(local(now), tz=TZ)
    assert shift.hours == hours
    assert (shift.period.end - shift.period.start) == hours * HOUR


def test_after_the_night_when_the_clock_changes_the_next_evening_comes():
    for day in ("2026-03-29", "2026-10-25"):
        shift = coming_shift(local(f"{day} 01:30"), tz=TZ)
        assert shift.period.start == local(f"{day} 18:00")


def the_plan(begins="2026-04-30 21:52"):
    shift = Shift.parse("2026-04-30 18:00/02:00")
    at = local(begins).astimezone(UTC)
    station = Spot("Polishuset", 648_000.0, 6_638_000.0)

    def visit(number, after, zone="z1", name="City"):
        start = at + after
        return Visit(
            f"{zone}.{number}", name, 648_100.0 * number, 6_638_100.0, "zone", zone,
            start, start, start + timedelta(minutes=12), 0.4, 0.12, 1, None, 0.4, 3.5,
            pinned=False, joint=False, why=WHY,
        )  # fmt: skip

    def leg(after, minutes):
        way = np.array([[648_000.0, 6_638_000.0], [648_100.0, 6_638_100.0]])
        return Leg(at + after, at + after + timedelta(minutes=minutes), 400.0, way)

    begin = shift.period.start
    first, second = visit(1, timedelta(0)), visit(2, timedelta(minutes=20))
    crew = Crew(1, "police", "walk", begin, shift.period.end, station, station)
    steps = (leg(timedelta(minutes=-5), 5), first, leg(timedelta(minutes=12), 8), second)
    idle = Crew(2, "outreach", "walk", begin, shift.period.end, station, station)
    left = LeftOut("z9", "Gottsunda", 646_000.0, 6_633_000.0, "zone", 0.2, WHY)
    return Plan(
        shift=shift, epsg=3006, routes=(Route(crew, steps), Route(idle, ())), left_out=(left,),
        covered=0.4, reachable=3.2, habit=None, comparison=WHY, distance="streets", notes=(WHY,),
        parameters={"request": {"filter": [["category", "violence"]]}},
    )  # fmt: skip


def told(plan, presence=None, answers=()):
    if presence is None:
        presence = pd.DataFrame({"minutes": []})
    return stops_of_team(plan.routes[0], tz=TZ, epsg=plan.epsg, presence=presence, answers=answers)


def test_a_stop_tells_a_quarter_to_arrive_in_and_the_way_there():
    first, second = told(the_plan())
    assert (first.from_time, first.to_time) == ("21:50", "22:05")
    assert (second.from_time, second.to_time) == ("22:10", "22:25")
    assert (first.way_min, first.way_m) == (5, 400)
    assert (second.way_min, second.way_m) == (8, 400)
    assert (first.wait_min, second.wait_min) == (0, 0)


def test_a_stop_that_must_wait_tells_for_how_long():
    plan = the_plan()
    route = plan.routes[0]
    *before, last = route.steps
    late = replace(last, begins=last.begins + timedelta(minutes=35))
    plan = replace(plan, routes=(replace(route, steps=(*before, late)),))
    assert [stop.wait_min for stop in told(plan)] == [0, 35]


def test_the_quarter_passes_over_the_hour_that_the_clock_repeats():
    # 25 October 2026: 02:55 summer time is followed by 02:00 winter time.
    moment = datetime(2026, 10, 25, 0, 57, tzinfo=UTC)
    [first, *_] = told(the_plan(moment.astimezone(ZoneInfo(TZ)).strftime("%Y-%m-%d %H:%M")))
    assert (first.from_time, first.to_time) == ("02:55", "02:10")
    told_ = [told_time(at, TZ) for at in (first.from_at, first.to_at)]
    assert [one.sv for one in told_] == ["02:55 (sommartid)", "02:10 (vintertid)"]
    assert [one.en for one in told_] == ["02:55 (summer time)", "02:10 (winter time)"]


def test_the_tables_of_a_plan_tell_the_hour_that_comes_twice_apart():
    [table, _idle] = team_tables(the_plan("2026-10-25 02:57"))
    times = [(row.time.sv, row.until.sv) for row in table.rows]
    assert times[0] == ("02:57 (sommartid)", "02:09 (vintertid)")
    assert times[1] == ("02:17 (vintertid)", "02:29 (vintertid)")


def test_a_break_is_told_before_the_stop_that_it_comes_before_and_in_both_languages():
    plan = the_plan()
    route = plan.routes[0]
    *before, way, last = route.steps

    def pause(after, place):
        return Pause(after, after + timedelta(minutes=20), Spot(place, 648_100.0, 6_638_100.0))

    steps = (*before, pause(way.departs, "City, norra delen"), way, last, pause(last.leaves, ""))
    table = team_tables(replace(plan, routes=(replace(route, steps=steps),)))[0]
    found = breaks_before(table)
    assert list(found) == [2, 3]
    [between], [after] = found.values()
    assert (between.time.sv, between.until.sv, between.minutes) == ("22:04", "22:24", 20)
    assert (between.place.sv, between.place.en) == ("City, norra delen", "City, northern part")
    assert (after.place.sv, after.place.en) == ("", "")
    assert breaks_before(team_tables(plan)[0]) == {}


def test_presence_within_sight_counts_and_no_other():
    xy = np.array([[648_100.0, 6_638_100.0], [648_200.0, 6_638_200.0], [648_100.0, 6_638_260.0]])
    presence = points_frame({"minutes": [10.0, 20.0, 40.0]}, xy[:, 0], xy[:, 1], 3006)
    first, second = told(the_plan(), presence)
    # 0, 141 and 160 metres away; the other stop is half the country away.
    assert first.presence_min == 30
    assert second.presence_min == 0


def given(reason, stop="z1.1", zone="z1", name="City", at="2026-04-30 17:00", plan=1):
    return Feedback(plan, stop, name, zone, reason, "police", local(at).astimezone(UTC))


def test_answers_are_told_at_their_own_stop_the_commonest_first():
    answers = [given("other"), given("wrong_time"), given("wrong_time"), given("other", "z2.1")]
    first, second = told(the_plan(), answers=answers)
    assert first.answers == ((REASONS["wrong_time"], 2), (REASONS["other"], 1))
    assert second.answers == ()


def row(plan_id, day, *, replaced=False):
    period = Shift.parse(f"{day} 18:00/02:00").period
    return PlanRow(plan_id, period.start, period.start, period.end, 1, 2, replaced, "police")


def test_the_line_of_the_last_shift_has_its_answers_alone():
    rows = {
        1: row(1, "2026-04-30"),
        2: row(2, "2026-04-29"),
        # What plan 2 came in the place of.
        3: row(3, "2026-04-29", replaced=True),
        4: row(4, "2026-04-27"),
    }

    def of_shift(begins, ends):
        within = [one for one in rows.values() if one.begins < ends and one.ends > begins]
        return tuple(one for one in within if not one.replaced)

    store = SimpleNamespace(plans=SimpleNamespace(row=rows.get, of_shift=of_shift))
    shift = Shift.parse("2026-04-30 18:00/02:00")

    def line(*answers):
        return last_answers(store, Reader(7, "polis", Role.POLICE), shift, answers)

    late = given("unsafe_to_stand", plan=2, at="2026-04-29 23:30", name="")
    same_night = given("wrong_time", plan=3, at="2026-04-29 18:10")
    # In the afternoon before a shift its own plan can be answered to already.
    early = given("nothing_to_see", plan=1, at="2026-04-30 14:00")
    days_ago = given("other", plan=4, at="2026-04-29 17:00")
    [told_line] = line(days_ago, same_night, late, early)
    assert "Fel tid vid City" in told_line.sv
    assert "Otryggt att stå där vid ett stopp" in told_line.sv
    assert "Inget att se" not in told_line.sv
    assert "Annat" not in told_line.sv
    # Nobody answered on the last shift: what was said on an earlier one is not told as of it.
    assert line(days_ago, early) == []
    del rows[2], rows[3], rows[4]
    assert line(early) == []


def test_the_short_reason_is_its_first_sentence_and_a_clock_time_ends_none():
    assert short_why(WHY).sv == "6 händelser de senaste 28 dygnen, flest fre 22–02."
    alone = Text("8 % av risken; väntat 2 kl. 22–23. Topp 22.", "8%; expected 2 at 22. Peak 22.")
    assert short_why(alone).sv == "8 % av risken; väntat 2 kl. 22–23."
    assert short_why(Text("", "")).sv == ""


def test_the_team_that_opens_is_the_first_of_the_kind_that_has_stops():
    plan = the_plan()
    assert team_of(plan, "police") == 1
    assert team_of(plan, "outreach") == 2
    assert team_of(plan, "night_walkers") is None
    assert team_of(replace(plan, routes=plan.routes[::-1]), None) == 1


def test_a_shared_plan_has_places_and_times_and_nothing_else():
    plan = the_plan()
    bare = places_and_times(plan)
    assert [(v.name, v.begins, v.x) for v in bare.routes[0].visits] == [
        (v.name, v.begins, v.x) for v in plan.routes[0].visits
    ]
    words = str(routes_layer(bare)) + repr(bare)
    for secret in (
        "händelser",
        "incidents",
        "violence",
        "Gottsunda",
        "'zone'",
        "0.4",
        "0.12",
        "3.5",
    ):
        assert secret not in words, secret
    assert "z9" not in words


def news(plan, zones, before, trend=None):
    ids = list(zones)
    situation = SimpleNamespace(
        zones=pd.DataFrame({"zone_id": ids, "name": list(zones.values())}),
        trend=pd.DataFrame({"verdict": "level", "this_period": 9.0}, index=ids)
        if trend is None
        else trend,
    )
    return plan_news.with_news(plan, situation, before)


def test_zones_that_came_and_went_since_the_shift_before_are_news():
    plan = the_plan()
    before = news(plan, {"z1": "City", "z2": "{Sävja}"}, None)
    assert (plan_news.news_of(before), plan_news.news_since(before)) == ([], None)
    after = news(plan, {"z1": "City", "z3": "Gränby {0}"}, before)
    assert [line.sv for line in plan_news.news_of(after)] == [
        "Nytt sedan förra passet: Gränby {0}.",
        "Inte längre riskzon: {Sävja}.",
    ]
    assert plan_news.news_since(after) == before.shift
    # Another choice of incidents is held against nothing.
    other = news(plan.with_parameters({"request": {"filter": []}}), {"z3": "Gränby"}, before)
    assert (plan_news.news_of(other), plan_news.news_since(other)) == ([], None)


def test_a_rise_is_news_unless_its_count_is_withheld():
    trend = pd.DataFrame(
        {"verdict": ["rising", "rising", "falling"], "this_period": [9.0, np.nan, 3.0]},
        index=["z1", "z2", "z3"],
    )
    zones = {"z1": "City", "z2": "Sävja", "z3": "Gränby"}
    [line] = plan_news.news_of(news(the_plan(), zones, None, trend))
    assert line.sv == "Ökar de senaste 28 dygnen: City."
