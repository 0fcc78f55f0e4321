"""An administrator reads one owner's incidents for fifteen minutes: for a reason, and seen."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from flask import Response

from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app
from riskmiljo.web.service import service, service_of

NOW = datetime(2026, 4, 29, 12, 30, tzinfo=UTC)
OWN = {"Origin": "http://localhost"}
REASON = "Efterlyst barn, ärende hos jouren"
ALERT = "Nödinsyn pågår"


class House:
    def __init__(self, folder):
        self.now = NOW
        self.path = folder / "s.sqlite"
        self.app = create_app(Settings(store=f"sqlite:///{self.path}"), clock=lambda: self.now)
        self.store = service_of(self.app).store
        self.users = {r: self.store.users.add(str(r), r, password=None, now=NOW) for r in Role}
        self.app.view_functions["situation.data"] = lambda: Response(service().lens.key)

    def client(self, role):
        client = self.app.test_client()
        key = self.store.logins.begin(self.users[role], now=self.now)
        client.set_cookie("riskmiljo_login", key)
        return client

    def acts(self, act):
        return self.store.audit_log.rows(AuditQuestion(act=act), most=100)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.store.close()


def send(client, path, **fields):
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/konto").text)[1]
    return client.post(path, data={**fields, "csrf_token": token}, headers=OWN)


def begin(client, owner="police", reason=REASON, **more):
    return send(client, "/admin/nodinsyn", owner=owner, reason=reason, **{"sure": "1", **more})


def test_it_holds_for_that_login_and_fifteen_minutes_only(house):
    client, other = house.client(Role.ADMIN), house.client(Role.ADMIN)
    usual = client.get("/karta.json").text
    assert usual.startswith("admin|joint|")
    assert begin(client).status_code == 303
    assert client.get("/karta.json").text.startswith("admin|own|police|")
    assert client.get("/karta.json?insyn=gemensam").text == usual
    assert other.get("/karta.json").text == usual
    house.now += timedelta(minutes=14, seconds=59)
    assert client.get("/karta.json").text.startswith("admin|own|police|")
    house.now += timedelta(seconds=1)
    assert client.get("/karta.json").text == usual


def test_every_reading_of_it_is_logged_with_its_lens(house):
    client = house.client(Role.ADMIN)
    begin(client, owner="social")
    client.get("/karta.json")
    detail = house.acts("read")[0].detail
    assert (detail["scope"], detail["owners"], detail["role"]) == ("own", "social", "admin")


def test_administrators_and_the_owner_are_told_and_nobody_else(house):
    begin(house.client(Role.ADMIN))
    for role, told in ((Role.ADMIN, True), (Role.POLICE, True), (Role.OUTREACH, False),
                       (Role.PLANNER, False), (Role.PARTNER, False)):  # fmt: skip
        assert (ALERT in house.client(role).get("/konto").text) == told, role
    page = house.client(Role.POLICE).get("/konto?lang=en").text
    assert re.search(
        r"admin reads own incidents \([^)]*police[^)]*\) until 14:45", page, re.IGNORECASE
    )
    assert REASON not in page
    assert REASON in house.client(Role.ADMIN).get("/admin").text
    house.now += timedelta(minutes=15)
    assert ALERT not in house.client(Role.POLICE).get("/konto").text


def test_the_audit_has_its_beginning_and_end_but_not_the_reason(house):
    client = house.client(Role.ADMIN)
    begin(client)
    told = {"break": 1, "user": house.users[Role.ADMIN], "owners": "police"}
    assert [row.detail for row in house.acts("break_begin")] == [told]
    assert house.acts("break_end") == ()
    assert send(client, "/admin/nodinsyn/slut").status_code == 303
    assert client.get("/karta.json").text.startswith("admin|joint|")
    assert [row.detail for row in house.acts("break_end")] == [told]
    begin(client)
    house.now += timedelta(minutes=20)
    house.client(Role.POLICE).get("/konto")
    house.client(Role.POLICE).get("/konto")
    assert len(house.acts("break_end")) == 2
    with closing(sqlite3.connect(house.path)) as file:
        assert "barn" not in str(file.execute("SELECT detail FROM audit").fetchall())
    assert house.store.verify_audit() == []


@pytest.mark.parametrize(
    "wrong", [{"reason": "kort"}, {"reason": "x" * 301}, {"owner": "alla"}, {"sure": ""}]
)
def test_without_a_reason_an_owner_and_being_sure_it_does_not_begin(house, wrong):
    client = house.client(Role.ADMIN)
    answer = begin(client, **wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert client.get("/karta.json").text.startswith("admin|joint|")
    assert house.acts("break_begin") == ()


def test_nobody_but_an_administrator_can_begin_one_and_it_opens_nothing_else(house):
    for role in set(Role) - {Role.ADMIN}:
        assert begin(house.client(role)).status_code == 404
    client = house.client(Role.ADMIN)
    begin(client)
    seen = []
    house.app.view_functions["shift.keep"] = lambda: (seen.append(service().lens), Response())[1]
    send(client, "/pass", x="1")
    assert seen[0].scope == "joint"


def test_a_kept_page_is_not_good_while_it_lasts(house):
    client = house.client(Role.POLICE)
    etag = client.get("/karta").headers["ETag"]
    assert client.get("/karta", headers={"If-None-Match": etag}).status_code == 304
    begin(house.client(Role.ADMIN))
    assert ALERT in client.get("/karta", headers={"If-None-Match": etag}).text
