"""A team notes that it was at a stop: once, never who, and only what is likely."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from riskmiljo.model.period import TZ, Period
from riskmiljo.model.shift import Shift
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web.check_ins import CheckIn, keep_check_in, kept_check_ins, told_by_visit

OWN = {"Origin": "http://localhost"}


@pytest.fixture
def phone(own_city, own_plan):
    """A police team's phone half an hour into the shift."""
    own_city.move(timedelta(hours=4, minutes=30))

    def send(**fields):
        return own_city.client.post(f"{own_plan}/har", json=fields, headers=OWN)

    return send


@pytest.fixture
def first(own_city, own_plan):
    routes = own_city.client.get(f"{own_plan}.json").json["routes"]
    return next(step for step in routes[0]["steps"] if step["step"] == "visit")


def test_a_visit_becomes_presence_at_the_stops_own_point(phone, first, own_city):
    when = (own_city.now() - timedelta(minutes=12)).isoformat()
    answer = phone(stop_id=first["stop_id"], team=1, when=when)
    assert answer.status_code == 201
    assert answer.json["added"]
    [row] = own_city.store.presence().to_dict("records")
    assert (row["geometry"].x, row["geometry"].y) == pytest.approx((first["x"], first["y"]))
    assert (row["crew_kind"], row["source"]) == ("police", "checked_in")
    assert row["begins"].isoformat() == when
    assert row["minutes"] == 12
    assert row["ends"] - row["begins"] == timedelta(minutes=12)


def test_without_a_time_the_visit_is_now_and_minutes_may_be_given(phone, first, own_city):
    assert phone(stop_id=first["stop_id"], minutes=25).status_code == 201
    [row] = own_city.store.presence().to_dict("records")
    assert row["begins"].to_pydatetime() == own_city.now()
    assert row["minutes"] == 25


def test_the_same_visit_sent_again_adds_nothing(phone, first, own_city):
    when = own_city.now().isoformat()
    sent = [phone(stop_id=first["stop_id"], team=1, when=when) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [201, 200, 200]
    assert [answer.json["added"] for answer in sent] == [True, False, False]
    # Two of one team, each with a phone: the crew was there once, for twelve minutes.
    for late, status in ((1, 200), (-11, 200), (-12, 201)):
        other = (own_city.now() + timedelta(minutes=late)).isoformat()
        answer = phone(stop_id=first["stop_id"], team=1, when=other)
        assert (answer.status_code, answer.json["added"]) == (status, status == 201), late
    assert own_city.store.presence()["minutes"].tolist() == [12, 12]


@pytest.mark.parametrize("other", [{"source": "imported"}, {"crew_kind": "outreach"}])
def test_what_a_file_or_another_kind_of_team_tells_of_the_place_is_another_visit(
    phone, first, own_city, own_plan, other
):
    visit = {"stop_id": first["stop_id"], "team": 1, "when": own_city.now().isoformat()}
    assert phone(**visit).status_code == 201
    noted = own_city.store.presence()
    assert own_city.client.post(f"{own_plan}/har/bort", json=visit, headers=OWN).json["removed"]
    own_city.store.add_presence(noted.assign(**other), now=own_city.now())
    assert phone(**visit).status_code == 201


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "stop_id"),
        ({"stop_id": "finns-inte"}, "finns-inte"),
        ({"team": 9}, "stop"),
        ({"team": "x"}, "stop"),
        ({"when": "i går"}, "when"),
        ({"when": "2026-04-30T18:00:00"}, "when"),
        ({"when": "9" * 300}, "when"),
        ({"when": "0001-01-01T00:00:00+23:59"}, "when"),
        ({"when": 12}, "when"),
        ({"when": {"a": 1}}, "when"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 181}, "minutes"),
        ({"minutes": 1.5}, "minutes"),
        ({"minutes": "NaN"}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"who": "Anna"}, "who"),
        ({"lat": 59.8, "lon": 17.6}, "lat"),
    ],
)
def test_a_visit_that_cannot_be_used_is_refused_in_words(phone, first, own_city, fields, said):
    sent = {"stop_id": first["stop_id"], **fields} if fields else {}
    answer = phone(**sent)
    assert answer.status_code == 400
    assert said in answer.json["error"]["message"]["en"]
    assert own_city.store.presence().empty


@pytest.mark.parametrize(
    ("away", "status"),
    [
        (timedelta(hours=-24, seconds=1), 201),
        (timedelta(hours=-24, seconds=-1), 400),
        (timedelta(minutes=5), 201),
        (timedelta(minutes=5, seconds=1), 400),
    ],
)
def test_a_visit_is_neither_old_nor_to_come(phone, first, own_city, away, status):
    when = (own_city.now() + away).isoformat()
    assert phone(stop_id=first["stop_id"], when=when).status_code == status


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"', "null", "\x00"])
def test_json_that_is_no_object_is_refused(own_city, own_plan, body):
    answer = own_city.client.post(
        f"{own_plan}/har", data=body, headers=OWN, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json["error"]["message"]["sv"]


def test_a_button_without_a_script_leads_back_to_the_teams_page(own_city, own_plan, first):
    own_city.move(timedelta(hours=4, minutes=30))
    page = own_city.client.get(f"{own_plan}/lag/1").text
    assert f'action="{own_plan}/har"' in page
    assert "Noterat" not in page.split("data-stop-row")[1]
    answer = own_city.client.post(
        f"{own_plan}/har", data={"stop_id": first["stop_id"], "team": "1"}, headers=OWN
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{own_plan}/lag/1"
    after = own_city.client.get(f"{own_plan}/lag/1").text
    assert "Noterat 18:30" in after.split("data-stop-row")[1]


def test_the_teams_page_says_what_is_next_and_tracks_nobody(city, kept_plan):
    answer = city.client.get(f"{kept_plan}/lag/2")
    text = unescape(answer.text)
    routes = city.client.get(f"{kept_plan}.json").json["routes"]
    visits = [step for step in routes[1]["steps"] if step["step"] == "visit"]
    for visit in visits:
        assert visit["name"] in text
    assert visits[0]["why"]["sv"] in text
    assert (
        "geolocation"
        not in city.client.get(
            next(part for part in text.split('"') if part.endswith("/lag.js"))
        ).text
    )
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert city.client.get(f"{kept_plan}/lag/3").status_code == 404
    layers = city.client.get(f"{kept_plan}/lag/2/lager.json").json["layers"]
    routes = next(one for one in layers if one["id"] == "routes")
    assert [crew["number"] for crew in routes["crews"]] == [2]


def test_a_stop_long_past_is_no_longer_the_next_one(own_city, own_plan, first):
    def shown():
        page = own_city.client.get(f"{own_plan}/lag/1").text
        open_stops = re.findall(r'<article class="next-stop" data-number="(\d+)">', page)
        return [int(number) for number in open_stops]

    assert shown() == [1]
    begins = datetime.fromisoformat(first["leaves"])
    own_city.moved = begins - own_city.now() + timedelta(minutes=30)
    assert shown() == [1]
    own_city.moved += timedelta(seconds=1)
    [number] = shown()
    assert number > 1
    own_city.moved += timedelta(hours=12)
    assert shown() == []


def test_a_visit_noted_long_before_the_shift_is_seen_and_last_nights_is_not(own_city, own_plan):
    store, plan = own_city.store, own_city.store.plans.get(int(own_plan.rsplit("/", 1)[1]))
    crew, visit = plan.routes[0].crew, plan.routes[0].visits[0]
    start, end = plan.shift.period.start, plan.shift.period.end

    def note(hours, since=start):
        begins = since + timedelta(hours=hours)
        keep_check_in(store, plan, CheckIn(crew, visit, begins, 10), now=begins)
        return begins

    assert kept_check_ins(store, plan, crew) == {}
    early = note(-14)
    assert kept_check_ins(store, plan, crew) == {visit.stop_id: [early]}
    late = [note(-0.1, end), note(5.5, end)]
    note(6.1, end)
    note(-25)
    assert kept_check_ins(store, plan, crew) == {visit.stop_id: [early, *late]}
    # The shift of the night before takes what lies in its hours.
    period = Period(start - timedelta(hours=18), start - timedelta(hours=10))
    store.plans.add(replace(plan, shift=Shift(period, plan.shift.tz)), now=start)
    assert kept_check_ins(store, plan, crew) == {visit.stop_id: late}


def test_a_visit_is_told_at_the_stop_of_the_route_that_it_was_made_for():
    early, late, third = (datetime(2026, 4, 30, hour, tzinfo=UTC) for hour in (16, 18, 19))
    route = [(1, "z1.1"), (2, "z2.1"), (3, "z1.1")]

    def told(**noted):
        found = told_by_visit(
            {name.replace("_", "."): times for name, times in noted.items()}, route, TZ
        )
        return [[one.text for one in found[number]] for number in (1, 2, 3)]

    # The place is to be visited again: that visit has not been made.
    assert told(z1_1=[early]) == [["18:00"], [], []]
    assert told(z1_1=[early, late], z2_1=[late]) == [["18:00"], ["20:00"], ["20:00"]]
    assert told(z1_1=[early, late, third]) == [["18:00"], [], ["20:00", "21:00"]]
    assert told(own_9=[early]) == [[], [], []]


def test_the_worker_is_served_from_the_root_and_asked_for_anew(city):
    answer = city.client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.text.startswith("const RELEASE = ")
    assert "https:" not in answer.text


def test_a_visit_noted_by_mistake_is_taken_back_once_and_the_log_keeps_both(
    phone, first, own_city, own_plan
):
    def send_back(**fields):
        return own_city.client.post(f"{own_plan}/har/bort", json=fields, headers=OWN)

    when = own_city.now().isoformat()
    visit = {"stop_id": first["stop_id"], "team": 1, "when": when}
    phone(**visit)
    tag = own_city.client.get(f"{own_plan}/lag/1").headers["ETag"]
    for fields in ({**visit, "team": 2}, {"stop_id": first["stop_id"]}, {**visit, "when": "nyss"}):
        answer = send_back(**fields)
        assert answer.status_code == 400 or not answer.json["removed"]
    assert len(own_city.store.presence()) == 1
    sent = [send_back(**visit) for _ in range(2)]
    assert [(answer.status_code, answer.json["removed"]) for answer in sent] == [
        (200, True),
        (200, False),
    ]
    assert own_city.store.presence().empty
    assert own_city.client.get(f"{own_plan}/lag/1").headers["ETag"] != tag
    # The phone may send what it noted once more, and be told that it was taken in again.
    assert phone(**visit).status_code == 201
    # A colleague pressed too, a minute later: it is the same visit, and either may take it back.
    other = {**visit, "when": (own_city.now() + timedelta(minutes=1)).isoformat()}
    assert phone(**other).status_code == 200
    assert send_back(**other).json["removed"]
    assert own_city.store.presence().empty
    assert phone(**visit).status_code == 201
    rows = own_city.store.audit_log.rows(AuditQuestion(), most=3)
    assert [row.act for row in rows] == ["presence", "presence_undo", "presence"]


def test_a_visit_is_taken_back_without_a_script_from_either_page(own_city, own_plan, first):
    own_city.move(timedelta(hours=4, minutes=30))
    for page, sent_from in ((f"{own_plan}/lag/1", ""), ("/ikvall?plan=1&lag=1", "tonight")):
        visit = {"stop_id": first["stop_id"], "team": "1", "page": sent_from}
        own_city.client.post(f"{own_plan}/har", data=visit, headers=OWN)
        text = own_city.client.get(page).text
        undo = text.split(f'action="{own_plan}/har/bort"')[1].split("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo))
        assert fields["when"] == own_city.now().isoformat()
        answer = own_city.client.post(f"{own_plan}/har/bort", data=fields, headers=OWN)
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        assert own_city.store.presence().empty
        assert "/har/bort" not in own_city.client.get(page).text


def test_a_visit_moves_the_tags_of_plan_pages_and_of_the_map_with_presence_but_of_no_tile(
    phone, first, own_city, own_plan
):
    tile, plans = "/tiles/density/12/2245/1189.png", (f"{own_plan}/lag/1", f"{own_plan}.json")

    def tags():
        answers = [own_city.client.get(path) for path in (tile, *plans, "/karta.json")]
        return [answer.headers["ETag"] for answer in answers]

    before = tags()
    phone(stop_id=first["stop_id"], team=1)
    after = tags()
    assert [old == new for old, new in zip(before, after, strict=True)] == [
        True,
        False,
        False,
        False,
    ]
    kept = own_city.client.get(tile, headers={"If-None-Match": before[0]})
    assert kept.status_code == 304
