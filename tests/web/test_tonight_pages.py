"""Tonight's page, answers, own stops, shared plans, and each role's own first page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from riskmiljo.access.lens import lens_of
from riskmiljo.access.reader import Reader
from riskmiljo.model.feedback import REASONS
from riskmiljo.model.plan import Pause, Spot, Visit
from riskmiljo.model.role import Role
from riskmiljo.situation.crew_answers import answer_record
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import tonight_plans

OWN = {"Origin": "http://localhost"}
UNDER_WAY = timedelta(hours=4, minutes=20)


@pytest.fixture
def patient(monkeypatch):
    """The first page waits for its plan, however busy the machine is."""
    monkeypatch.setattr("riskmiljo.web.tonight_pages.PATIENCE_S", 60.0)


def logged_in(city, role):
    name = f"en-{role}"
    users = {user.name: user.user_id for user in city.store.users.all()}
    number = users.get(name) or city.store.users.add(name, role, password=None, now=city.now())
    client = city.app.test_client()
    client.set_cookie("riskmiljo_login", city.store.logins.begin(number, now=city.now()))
    return client


def post(client, path, at="/ikvall", **fields):
    found = re.search(r'name="csrf-token" content="([^"]*)"', client.get(at).text)
    return client.post(path, data={**fields, "csrf_token": found[1]}, headers=OWN)


@pytest.fixture
def shift(own_city):
    own_city.move(UNDER_WAY)
    return own_city


def first_stop(client, address="/ikvall.json"):
    return client.get(address).json["stops"][0]


def test_the_page_is_the_kept_plan_of_the_shift_with_its_next_stops(shift):
    page = shift.client.get("/ikvall").text
    data = shift.client.get("/ikvall.json").json
    assert data["plan"] == 1
    assert data["crew_kind"] == "police"
    stops = data["stops"]
    assert len(stops) >= 2
    shown = page.split('class="tonight-stops shown"')[1].split("</ol>")[0]
    assert 2 <= shown.count("<li") <= 4
    assert unescape(shown).count("Framme ") == shown.count("<li")
    assert stops[0]["name"] in unescape(shown)
    assert f"Framme {stops[0]['arrive'][0]}–{stops[0]['arrive'][1]}" in shown
    assert f'action="/pass/{data["plan"]}/har"' in page
    drawn = shift.client.get("/ikvall/lager.json").json
    assert {layer["id"] for layer in drawn["layers"]} <= {"base", "routes", "places"}
    # A break stands in the stop that follows it, and one after the last stop below them all.
    plan = shift.store.plans.get(1)
    first, *others = plan.routes
    at = [n for n, step in enumerate(first.steps) if isinstance(step, Visit)]
    leaves = [first.steps[n].leaves for n in (at[0], at[-1])]
    middle, late = (Pause(t, t + timedelta(minutes=20), Spot("Fikarummet", 0, 0)) for t in leaves)
    steps = [*first.steps[: at[0] + 1], middle, *first.steps[at[0] + 1 : at[-1] + 1], late]
    rested = replace(first, steps=tuple(steps))
    shift.store.plans.add(replace(plan, routes=(rested, *others)), now=shift.now(), replaces=1)
    page = unescape(shift.client.get("/ikvall?lang=en").text)
    cards = re.split(r'<li class="tonight-stop" id="stopp-', page)[1:]
    held = [card.split("<h3>")[0] for card in cards]
    assert re.search(r">Break \d\d:\d\d–\d\d:\d\d</strong>, 20 min, Fikarummet<", held[1])
    assert [n for n, card in enumerate(held) if "Break" in card] == [1]
    assert page.split("</ol>")[-1].count("20 min, Fikarummet<") == 1


def test_the_map_has_one_next_visit_a_place(shift):
    def marks():
        layers = shift.client.get("/ikvall/lager.json?plan=1&lag=1").json["layers"]
        [routes] = [layer for layer in layers if layer["id"] == "routes"]
        stops = [one["properties"] for one in routes["features"]]
        return {s["id"]: [v["number"] for v in s["visits"]] for s in stops if s["kind"] == "stop"}

    before = marks()
    assert all(len(numbers) == 1 for numbers in before.values())
    assert min(numbers[0] for numbers in before.values()) == 1
    stop = first_stop(shift.client)
    answer = shift.client.post("/pass/1/har", json={"stop_id": stop["stop_id"]}, headers=OWN)
    assert answer.status_code == 201
    assert [1] not in marks().values()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("plan=1", 200),
        ("plan=1&lag=2", 200),
        ("plan=1&lag=9", 404),
        ("plan=99", 404),
        ("plan=x", 400),
        ("plan=-1", 400),
        ("plan=99999999999999", 400),
        ("teams=0", 400),
        ("teams=7", 400),
        ("zon=z1", 400),
        ("shift=2020-01-03T18:00/02:00", 400),
        ("shift=2126-01-03T18:00/02:00", 400),
        ("shift=fredag", 400),
        ("own=0,0", 400),
        ("own=59.8586,999", 400),
        ("own=" + "x" * 121, 400),
        ("&".join(f"own=59.858,17.64{n}" for n in range(9)), 400),
    ],
)
def test_an_address_is_answered_or_refused_in_words(city, query, status):
    for path in ("/ikvall", "/ikvall.json", "/ikvall/lager.json"):
        answer = city.client.get(f"{path}?{query}")
        assert answer.status_code == status, path
        assert "Traceback" not in answer.text


def test_a_suggestion_is_made_beside_the_request_and_kept_by_start(own_city, patient):  # noqa: ARG001 - must be in force
    own_city.moved = timedelta(days=3)
    page = own_city.client.get("/ikvall")
    assert "Starta" in page.text
    assert "Refresh" not in page.headers
    shown = own_city.client.get("/ikvall.json").json
    assert shown["plan"] is None
    # A phone without a network may start it: the buttons wait for that.
    assert page.text.count('<div class="tonight-buttons" hidden>') == len(shown["stops"])
    assert '<div class="tonight-buttons">' not in page.text
    # Started without a network, and sent when the coming shift is a shorter one.
    [shift] = re.findall('name="shift" value="([^"]+)"', page.text)[:1]
    own_city.moved += timedelta(hours=6)
    sent = {"lag": ["1"], "teams": [], "own": [], "shift": [shift]}
    kept = own_city.client.post("/ikvall/starta", json=sent, headers=OWN)
    assert (kept.status_code, kept.json) == (201, {"plan": 2, "lag": 1})
    plan = own_city.store.plans.get(2)
    assert plan.shift.period.start.isoformat() == shown["shift"]["begins"]
    assert [visit.name for visit in plan.routes[0].visits] == [
        one["name"] for one in shown["stops"]
    ]
    own_city.moved += timedelta(hours=20)
    late = own_city.client.post("/ikvall/starta", json=sent, headers=OWN)
    assert late.status_code == 400
    assert "slut" in late.json["error"]["message"]["sv"]
    own_city.moved -= timedelta(hours=26)
    again = own_city.client.post("/ikvall/starta", data={"lag": "1"}, headers=OWN)
    assert again.headers["Location"] == "/ikvall?plan=2&lag=1"
    assert own_city.client.get("/ikvall.json").json["plan"] == 2
    assert "tonight-start" not in own_city.client.get("/ikvall").text
    # A second phone, or a page that Back leads to, asks for the same teams: it is the same plan.
    teams = {"lag": ["1"], "teams": ["2"], "shift": [shift]}
    told = [own_city.client.post("/ikvall/starta", json=teams, headers=OWN) for _ in range(2)]
    assert [one.status_code for one in told] == [201, 200]
    assert told[0].json == told[1].json == {"plan": 3, "lag": 1}


def test_while_a_plan_is_made_the_page_says_so_and_asks_again(own_city, monkeypatch):
    own_city.moved = timedelta(days=4)
    monkeypatch.setattr(tonight_plans, "_made", lambda *_: None)
    page = own_city.client.get("/ikvall")
    assert page.status_code == 200
    assert page.headers["Refresh"] == "2"
    assert "räknas fram" in page.text


def test_an_empty_store_has_no_plan_and_says_what_to_do(empty_city, patient):  # noqa: ARG001 - must be in force
    page = empty_city.client.get("/ikvall")
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert empty_city.client.get("/ikvall.json").status_code == 404


def test_an_answer_is_kept_once_shown_beside_the_stop_and_counted_for_planners(shift):
    stop = first_stop(shift.client)
    sent = {
        "plan": 1,
        "stop_id": stop["stop_id"],
        "team": 1,
        "reason": "nothing_to_see",
        "when": shift.now().isoformat(),
    }
    answers = [shift.client.post("/ikvall/svar", json=sent, headers=OWN) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 200, 200]
    assert answers[0].json["crew_kind"] == "police"
    assert first_stop(shift.client)["answers"] == [
        {"reason": REASONS["nothing_to_see"].as_dict(), "count": 1}
    ]
    assert "inget att se (1)" in shift.client.get("/ikvall").text
    [row] = shift.client.get("/lagesbild.json").json["answers"]
    assert row["zone_id"] == stop["zone_id"]
    assert [(one["reason"]["sv"], one["count"]) for one in row["reasons"]] == [("Inget att se", 1)]
    assert "Lagens svar på förslagen" in shift.client.get("/lagesbild").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "han med den röda jackan"}, "reason"),
        ({"reason": ["other"]}, "reason"),
        ({"plan": "1.5"}, "plan"),
        ({"plan": True}, "plan"),
        ({"plan": "9" * 40}, "plan"),
        ({"stop_id": "finns-inte"}, "finns-inte"),
        ({"when": "i går"}, "when"),
        ({"when": "2026-04-30T18:00:00"}, "when"),
        ({"who": "Anna"}, "who"),
        ({"note": "text"}, "note"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_in_words(shift, fields, said):
    sent = {"plan": 1, "stop_id": first_stop(shift.client)["stop_id"], "reason": "other", **fields}
    answer = shift.client.post("/ikvall/svar", json=sent, headers=OWN)
    assert answer.status_code == 400
    assert said in answer.json["error"]["message"]["en"]
    assert shift.store.feedback.since(shift.now() - timedelta(days=30)) == ()


def test_buttons_work_without_a_script(shift):
    stop = first_stop(shift.client)
    fields = {"plan": "1", "stop_id": stop["stop_id"], "team": "1", "reason": "wrong_time"}
    answer = shift.client.post("/ikvall/svar", data=fields, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ikvall?plan=1&lag=1")
    fields = {"stop_id": stop["stop_id"], "team": "1", "page": "tonight"}
    answer = shift.client.post("/pass/1/har", data=fields, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ikvall?plan=1&lag=1")
    assert "Noterat 18:20" in shift.client.get("/ikvall").text


def test_a_stop_of_ones_own_is_in_the_plan_that_replaces_the_kept_one(shift):
    answer = shift.client.post(
        "/ikvall/stopp", data={"plan": "1", "lag": "1", "place": "Stora torget"}, headers=OWN
    )
    assert re.fullmatch(r"/ikvall\?plan=2&lag=[12]#stopp-[0-9]+", answer.headers["Location"])
    routes = shift.client.get("/pass/2.json").json["routes"]
    names = {step["name"] for route in routes for step in route["steps"] if step["step"] == "visit"}
    assert "Stora torget" in names
    assert shift.client.get("/ikvall.json").json["plan"] == 2
    assert "Planen är ersatt" in shift.client.get("/ikvall?plan=1").text
    for place in ("", "Ingenstans alls", "0,0", "nan,nan"):
        again = shift.client.post(
            "/ikvall/stopp", data={"plan": "2", "lag": "1", "place": place}, headers=OWN
        )
        assert again.status_code == 400, place
    assert shift.store.plans.latest()[0].plan_id == 2


# --- roles


@pytest.fixture
def staffed(shift):
    """One account of each role; the plan kept before anybody could log in is nobody's."""
    return shift, {role: logged_in(shift, role) for role in Role}


def test_the_first_page_is_each_roles_own(staffed, patient):  # noqa: ARG001 - must be in force
    city, clients = staffed
    titles = {
        role: re.search(r"<title>([^<]+) –", client.get("/").text)[1]
        for role, client in clients.items()
    }
    assert titles[Role.POLICE] == "I kväll"
    assert titles[Role.PARTNER] == "Delade planer"
    assert titles[Role.PLANNER] == titles[Role.ADMIN]
    assert titles[Role.OUTREACH] not in {"I kväll", "Delade planer"}
    assert clients[Role.PARTNER].get("/index.json").json == {"plans": []}
    assert "stops" in clients[Role.POLICE].get("/index.json").json
    for path in ("/ikvall", "/ikvall.json", "/karta", "/pass", "/pass/1", "/lager.json"):
        assert clients[Role.PARTNER].get(path).status_code == 404, path
    assert city.store.verify_audit() == []


def test_a_plan_of_ones_own_data_opens_to_ones_own_role_and_shared_to_others_without_figures(
    staffed,
    patient,  # noqa: ARG001 - must be in force
):
    city, clients = staffed
    police, partner = clients[Role.POLICE], clients[Role.PARTNER]
    # Made before anybody could log in: of every owner's incidents.
    assert police.get("/pass/1").status_code == 404
    hidden, missing = police.get("/pass/1"), police.get("/pass/99")
    assert hidden.text.replace("1", "99") == missing.text.replace("1", "99")
    kept = post(police, "/ikvall/starta", lag="1").headers["Location"]
    assert kept == "/ikvall?plan=2&lag=1"
    # The log tells which plan, and who kept it where somebody had logged in.
    mine, nobodys = city.store.audit_log.rows(AuditQuestion(act="plan"), most=2)
    users = {user.name: user.user_id for user in city.store.users.all()}
    assert (mine.detail["plan"], mine.detail["user"]) == (2, users["en-police"])
    assert set(nobodys.detail) == {"plan", "crews", "visits"}
    for role, client in clients.items():
        status = 200 if role is Role.POLICE else 404
        for path in ("/pass/2", "/pass/2.json", "/pass/2/lager.json", "/pass/2/lag/1"):
            assert client.get(path).status_code == status, (role, path)
        assert client.get("/delade/2").status_code == 404, role
    # Somebody else's plan can be neither answered to, shared nor replanned.
    for path in ("/pass/2/dela", "/pass/2/har", "/pass/2/om"):
        assert post(clients[Role.OUTREACH], path, at="/konto", role="partner").status_code == 404
    assert post(police, "/pass/2/dela", role="partner").status_code == 303
    assert post(police, "/pass/2/dela", role="admin").status_code == 400
    for role, client in clients.items():
        status = 200 if role is Role.PARTNER else 404
        for path in ("/delade/2", "/delade/2.json", "/delade/2/lager.json"):
            assert client.get(path).status_code == status, (role, path)
    assert partner.get("/index.json").json["plans"][0]["plan"] == 2
    whole = "".join(
        partner.get(path).text
        for path in ("/", "/delade/2", "/delade/2.json", "/delade/2/lager.json")
    )
    for word in ("händelser", "incidents de", "väntat", "risken", "per_ha", "zone_id", "expected"):
        found = re.search(rf".{{0,60}}{word}", whole.replace("Färgerna är händelser", ""))
        assert found is None, found
    names = {stop["name"] for stop in police.get("/ikvall.json").json["stops"]}
    assert all(name in unescape(whole) for name in names)
    # Whoever comes back to an old plan is led to the one that has come in its place.
    post(police, "/ikvall/stopp", plan="2", lag="1", place="Stora torget")
    for ending in ("", ".json", "/lager.json"):
        led = partner.get(f"/delade/2{ending}")
        assert (led.status_code, led.headers["Location"]) == (303, f"/delade/3{ending}")
        assert partner.get(f"/delade/3{ending}").status_code == 200
    post(police, "/pass/3/dela", role="partner", share="0")
    assert partner.get("/delade/2", follow_redirects=True).status_code == 404
    post(police, "/pass/3/dela", role="partner")
    # A day after the shift it is no longer anybody's errand.
    city.moved += timedelta(hours=27)
    assert logged_in(city, Role.PARTNER).get("/delade/3").status_code == 200
    city.moved += timedelta(hours=6)
    late = logged_in(city, Role.PARTNER)
    assert late.get("/delade.json").json == {"plans": []}
    assert [late.get(f"/delade/{n}").status_code for n in (2, 3)] == [404, 404]


def test_answers_to_others_plans_are_told_from_the_minimum_count_alone(staffed, patient):  # noqa: ARG001 - must be in force
    city, clients = staffed
    police, planner = clients[Role.POLICE], clients[Role.PLANNER]
    post(police, "/ikvall/starta", lag="1")
    stop = first_stop(police)

    def say(minute, reason):
        city.moved += timedelta(seconds=minute)
        fields = {"plan": "2", "stop_id": stop["stop_id"], "reason": reason}
        assert post(police, "/ikvall/svar", **fields).status_code == 303

    def seen(client):
        role = Role.POLICE if client is police else Role.PLANNER
        lens = lens_of(role, city.service.settings)
        rows = answer_record(city.store, Reader(1, "x", role), lens, now=city.now())
        return [(row.name, [(r.en, n) for r, n in row.reasons]) for row in rows]

    for minute in range(4):
        say(minute + 1, "wrong_time")
    say(1, "other")
    assert seen(planner) == []
    assert [n for _, reasons in seen(police) for _, n in reasons] == [4, 1]
    say(1, "wrong_time")
    [(name, reasons)] = seen(planner)
    assert reasons == [("Wrong time", 5)]
    assert name
