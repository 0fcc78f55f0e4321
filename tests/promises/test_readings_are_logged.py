"""Promise: who reads what is written down before it is shown, on every route that shows data."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from flask import Response

from riskmiljo.access.purposes import USUAL
from riskmiljo.access.rules import ROUTES, may_use
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app
from riskmiljo.web.audited import note_shown, shows_data
from riskmiljo.web.service import service_of

NOW = datetime(2026, 4, 29, 12, 30, tzinfo=UTC)
OWN = {"Origin": "http://localhost"}
WITHOUT_DATA = {
    "assets.asset_file", "health.health", "phone.worker", "login.form", "login.enter",
    "login.leave", "login.left", "login.organisation_begin", "login.organisation_end",
    "account.index", "account.data", "account.own_password", "account.password",
    "account.offer_code", "account.take_up_code", "account.remove_code", "account.add_token",
    "account.revoke_token", "account.end_others",
}  # fmt: skip


class House:
    def __init__(self, folder):
        self.now = NOW
        self.path = folder / "s.sqlite"
        self.app = create_app(Settings(store=f"sqlite:///{self.path}"), clock=lambda: self.now)
        self.store = service_of(self.app).store
        self.users = {r: self.store.users.add(str(r), r, password=None, now=NOW) for r in Role}

    def client(self, role):
        client = self.app.test_client()
        key = self.store.logins.begin(self.users[role], now=self.now)
        client.set_cookie("riskmiljo_login", key)
        return client

    def answer_with(self, endpoint, view):
        self.app.view_functions[endpoint] = view

    def readings(self):
        return self.store.audit_log.rows(AuditQuestion(act="read"), most=10_000)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.store.close()


def example(rule):
    return re.sub(r"<[^>]+>", "x", re.sub(r"<int[^>]*>", "1", rule.rule))


def token_of(client):
    return re.search(r'name="csrf-token" content="([^"]+)"', client.get("/konto").text)[1]


def test_every_route_is_a_reading_but_those_that_show_no_data():
    assert {one for one in ROUTES if not shows_data(one)} == WITHOUT_DATA


def test_each_answer_of_each_data_route_has_its_row(house):
    walked = set()
    rules = [rule for rule in house.app.url_map.iter_rules() if shows_data(rule.endpoint)]
    for rule in rules:
        house.answer_with(rule.endpoint, lambda **_: Response("x"))
    for rule in rules:
        for method, roles in ROUTES[rule.endpoint].items():
            role = next(iter(sorted(roles)))
            client = house.client(role)
            before = len(house.readings())
            headers, body = dict(OWN), {}
            if method == "POST":
                headers["X-CSRFToken"], body = token_of(client), {"data": {"x": "1"}}
            answer = client.open(example(rule), method=method, headers=headers, **body)
            if answer.status_code == 404:  # a converter of the address takes no such example
                assert re.search(r"<(?!int)", rule.rule), rule
            assert answer.status_code in (200, 404), rule
            assert len(house.readings()) == before + 1, (rule, method)
            walked.add(rule.endpoint)
            row = house.readings()[0]
            assert (row.detail["user"], row.detail["role"]) == (house.users[role], role)
            assert row.detail["scope"] in ("own", "joint")
            assert row.detail["purpose"] == USUAL[role]
    assert walked == set(ROUTES) - WITHOUT_DATA
    assert house.store.verify_audit() == []


def test_a_refused_reader_and_one_who_is_led_on_read_nothing(house):
    client = house.client(Role.PARTNER)
    assert not may_use(Role.PARTNER, "planner.overview").allowed
    assert client.get("/lagesbild").status_code == 404
    assert client.get("/finns/inte").status_code == 404
    assert house.app.test_client().get("/karta").status_code == 303
    assert client.get("/konto").status_code == 200
    assert house.readings() == ()


def test_a_row_tells_lens_filter_and_count_but_no_coordinate_and_no_text(house):
    client = house.client(Role.POLICE)
    secret = {"bbox": "17.6401,59.8581,17.6522,59.8607", "name": "Anna Svensson", "to": "Anna"}
    query = {"category": "theft,violence", "from": "2026-03-01", "hours": "18-02", **secret}
    house.answer_with("situation.index", lambda: Response("x"))
    client.get("/karta", query_string={**query, "insyn": "gemensam"})
    client.get("/karta", query_string={**query, "bbox": "17.64,59.85,17.66,59.87"})
    second, first = (row.detail for row in house.readings())
    assert (first["scope"], first["owners"]) == ("joint", "municipality,police,social")
    assert (second["scope"], second["owners"]) == ("own", "police")
    assert first["category"] == "theft,violence"
    assert (first["from"], first["hours"]) == ("2026-03-01", "18-02")
    assert first["page"] == "situation.index"
    # Equal texts can be known again, and only that.
    assert first["more"] == second["more"]
    assert first["bbox"] != second["bbox"]
    with closing(sqlite3.connect(house.path)) as file:
        text = str(file.execute("SELECT detail FROM audit").fetchall())
    for word in ("17.6", "59.8", "Anna", "Svensson", "bbox=", "name="):
        assert word not in text


def test_the_count_is_the_one_that_the_page_shows(house, plain):
    house.answer_with("situation.index", lambda: (note_shown(plain), Response("x"))[1])
    house.client(Role.POLICE).get("/karta")
    assert house.readings()[0].detail["count"] == 400
    assert house.readings()[0].detail["shows"] == "2026-03-30T00:00/2026-04-27T00:00"


@pytest.fixture
def plain():
    from types import SimpleNamespace  # noqa: PLC0415 - here alone

    from riskmiljo.access.lens import demo_lens  # noqa: PLC0415 - here alone
    from riskmiljo.model.period import Period  # noqa: PLC0415 - here alone

    return SimpleNamespace(
        surface=object(),
        lens=demo_lens(Settings()),
        total=400,
        period=Period.between("2026-03-30", "2026-04-27"),
        tz="Europe/Stockholm",
    )


def test_an_answer_that_is_not_modified_is_a_reading_too(house):
    house.answer_with("situation.data", lambda: Response(status=304))
    house.client(Role.POLICE).get("/karta.json")
    assert len(house.readings()) == 1


def test_what_is_taken_out_is_told_as_an_export(house):
    away = {"Content-Disposition": "attachment; filename=pass.gpx"}
    house.answer_with("plans.file", lambda **_: Response("x", headers=away))
    house.client(Role.POLICE).get("/pass/7/plan.gpx")
    detail = house.readings()[0].detail
    assert (detail["kind"], detail["plan_id"]) == ("export gpx", "7")


def test_the_tiles_of_one_map_are_one_row_an_hour_a_filter_and_a_login(house):
    house.answer_with("tiles.tile_of", lambda **_: Response(b"x", mimetype="image/png"))
    client = house.client(Role.POLICE)
    for x in range(5):
        client.get(f"/tiles/density/12/{x}/9.png")
    assert len(house.readings()) == 1
    client.get("/tiles/density/12/1/9.png?category=theft")
    assert len(house.readings()) == 2
    house.client(Role.POLICE).get("/tiles/density/12/1/9.png")
    assert len(house.readings()) == 3
    house.now += timedelta(minutes=30)
    client.get("/tiles/density/12/1/9.png")
    assert len(house.readings()) == 4
    assert "12" not in json.dumps(house.readings()[0].detail.get("more", ""))


def test_where_the_row_cannot_be_written_nothing_is_shown(house):
    for endpoint in ("situation.index", "situation.data", "tiles.tile_of"):
        house.answer_with(endpoint, lambda **_: Response("hemligt"))
    client = house.client(Role.POLICE)
    with closing(sqlite3.connect(house.path)) as file:
        file.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    for path in ("/karta", "/karta.json", "/tiles/density/12/1/9.png", "/tiles/density/12/1/9.png"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert "hemligt" not in answer.text
        assert "loggas" in answer.text
        assert answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    head = client.head("/karta")
    assert head.status_code == 503


def test_a_login_may_choose_its_purpose_and_no_other_has_it(house):
    house.answer_with("situation.index", lambda: Response("x"))
    client = house.client(Role.POLICE)
    page = client.get("/konto").text
    assert '<option value="shift" selected>' in page
    fields = {"purpose": "follow_up", "csrf_token": token_of(client)}
    answer = client.post("/konto/andamal", data=fields, headers=OWN)
    assert answer.headers["Location"] == "/konto?gjort=andamal"
    assert '<option value="follow_up" selected>' in client.get("/konto").text
    client.get("/karta")
    assert house.readings()[0].detail["purpose"] == "follow_up"
    house.client(Role.POLICE).get("/karta")
    assert house.readings()[0].detail["purpose"] == "shift"
    wrong = client.post("/konto/andamal", data={**fields, "purpose": "nyfikenhet"}, headers=OWN)
    assert wrong.status_code == 400


def test_a_program_with_a_token_reads_in_the_name_of_its_account(house):
    house.answer_with("situation.data", lambda: Response("{}"))
    token = house.store.tokens.add(house.users[Role.OUTREACH], now=NOW)
    house.app.test_client().get("/karta.json", headers={"Authorization": f"Bearer {token}"})
    detail = house.readings()[0].detail
    assert (detail["user"], detail["purpose"]) == (house.users[Role.OUTREACH], "outreach")


def test_a_reading_leaves_what_is_cached_as_it_is(house):
    house.answer_with("situation.index", lambda: Response("x"))
    before = house.store.version()
    house.client(Role.POLICE).get("/karta")
    assert house.store.version() == before
