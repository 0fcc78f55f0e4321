"""The administrator's page: accounts, lenses, health and the audit."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from riskmiljo.access import passwords
from riskmiljo.access.rules import ROUTES
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.store.audit import _link
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.store.tables import micros
from riskmiljo.web import create_app
from riskmiljo.web.admin_rows import _megabytes
from riskmiljo.web.admin_settings import setting_rows
from riskmiljo.web.audited import shows_data
from riskmiljo.web.page_names import page_name
from riskmiljo.web.service import service_of

NOW = datetime(2026, 4, 29, 12, 30, tzinfo=UTC)
OWN = {"Origin": "http://localhost"}
PASSWORD = "korrekt häst batteri"  # noqa: S105 - test data
pytestmark = pytest.mark.usefixtures("cheap_hashes")


class House:
    def __init__(self, folder):
        self.path = folder / "s.sqlite"
        chosen = Settings(store=f"sqlite:///{self.path}", retention_weeks=104)
        self.app = create_app(chosen, clock=lambda: NOW)
        self.store = service_of(self.app).store
        self.users = {}
        for name, role in (("chefen", Role.ADMIN), ("anna", Role.POLICE), ("bo", Role.PLANNER)):
            self.users[name] = self.store.users.add(name, role, password=PASSWORD, now=NOW)

    def client(self, name="chefen"):
        client = self.app.test_client()
        key = self.store.logins.begin(self.users[name], now=NOW)
        client.set_cookie("riskmiljo_login", key)
        return client

    def role(self, name):
        return self.store.users.get(self.users[name]).role


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.store.close()


def send(client, path, **fields):
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/konto").text)[1]
    return client.post(path, data={**fields, "csrf_token": token}, headers=OWN)


def test_nobody_but_an_administrator_has_the_page(house):
    for name in ("anna", "bo"):
        client = house.client(name)
        for path in ("/admin", "/admin.json", "/admin/logg", "/admin/logg.json", "/admin/logg.csv"):
            assert client.get(path).status_code == 404
        assert send(client, f"/admin/konton/{house.users['bo']}/stang", sure="1").status_code == 404
        assert "/admin" not in client.get("/konto").text
    assert house.store.users.get(house.users["bo"]).disabled_at is None


def test_the_page_tells_accounts_lenses_retention_and_health_in_both_languages(house):
    client = house.client()
    page = client.get("/admin").text
    for text in ("chefen", "anna", "Områdespolis", "104 veckor", "1 maj 2024", "Senaste import",
                 "från 5 händelser (10 om", 'href="/admin/logg"',
                 "Planer som delats med dem: platser och tider. Inga händelser."):  # fmt: skip
        assert text in page, text
    english = client.get("/admin?lang=en").text
    for text in ("Area police", "104 weeks", "1 May 2024", "Last import", "lang=en"):
        assert text in english, text
    body = client.get("/admin.json").json
    assert [one["name"] for one in body["users"]] == ["chefen", "anna", "bo"]
    assert body["retention_weeks"] == 104
    chosen = {one["name"]: one for one in body["settings"]}
    assert set(chosen) == set(Settings.model_fields)
    assert chosen["retention_weeks"]["value"]["sv"] == "104"
    assert [chosen[name]["chosen"] for name in ("retention_weeks", "upload_mb")] == [True, False]
    hidden = Settings(store="x://a:hemligt@b/c", oidc_client_secret="hemligt")  # noqa: S106 - none
    assert "hemligt" not in repr(setting_rows(hidden))
    assert "password_hash" not in str(body)


def test_a_new_account_has_a_password_that_is_shown_once_and_works(house):
    client = house.client()
    answer = send(client, "/admin/konton", name="Cilla", role="outreach")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    password = re.search(r"<code>([a-z2-9-]{23})</code>", answer.text)[1]
    assert password not in client.get("/admin").text
    user, kept = house.store.users.password_of("cilla")
    assert (user.role, passwords.is_password(kept, password)) == (Role.OUTREACH, True)
    row = house.store.audit_log.rows(_acts("user_add"), most=1)[0]
    assert row.detail == {
        "account": user.user_id,
        "role": "outreach",
        "temporary": 1,
        "user": house.users["chefen"],
    }
    assert user.must_change
    with closing(sqlite3.connect(house.path)) as file:
        assert password not in str(list(file.iterdump()))
    again = send(client, "/admin/konton", name="cilla", role="outreach")
    assert again.status_code == 400
    assert "upptaget" in again.text
    assert send(client, "/admin/konton", name="Dan", role="kung").status_code == 400


def test_roles_change_and_the_last_administrator_stays(house):
    client = house.client()
    assert send(client, f"/admin/konton/{house.users['bo']}/roll", role="police").status_code == 303
    assert house.role("bo") is Role.POLICE
    last = send(client, f"/admin/konton/{house.users['chefen']}/roll", role="police")
    assert last.status_code == 400
    assert "sista" in last.text
    closed = send(client, f"/admin/konton/{house.users['chefen']}/stang", sure="1")
    assert closed.status_code == 400
    assert "sista" in closed.text
    assert house.role("chefen") is Role.ADMIN
    assert send(client, "/admin/konton/77/roll", role="police").status_code == 404


def test_an_account_is_closed_and_opened_and_only_by_somebody_who_is_sure(house):
    client, anna = house.client(), house.client("anna")
    path = f"/admin/konton/{house.users['anna']}"
    assert send(client, f"{path}/stang").status_code == 400
    assert anna.get("/konto").status_code == 200
    assert send(client, f"{path}/stang", sure="1").status_code == 303
    assert anna.get("/konto").status_code == 303
    assert send(client, f"{path}/oppna").status_code == 303
    assert house.store.users.get(house.users["anna"]).disabled_at is None


def test_a_lost_phone_and_a_lost_password_are_mended_but_never_ones_own(house):
    import pyotp  # noqa: PLC0415 - here alone

    secret = house.store.factors.offer(house.users["anna"])
    assert house.store.factors.take_up(house.users["anna"], pyotp.TOTP(secret).at(NOW), now=NOW)
    client = house.client()
    path = f"/admin/konton/{house.users['anna']}"
    assert send(client, f"{path}/engangskod").status_code == 400
    assert send(client, f"{path}/engangskod", sure="1").status_code == 303
    assert not house.store.users.get(house.users["anna"]).has_totp
    answer = send(client, f"{path}/losenord", sure="1")
    password = re.search(r"<code>([a-z2-9-]{23})</code>", answer.text)[1]
    assert passwords.is_password(house.store.users.password_of("anna")[1], password)
    assert house.store.users.named("anna").must_change
    for act in ("losenord", "engangskod"):
        own = send(client, f"/admin/konton/{house.users['chefen']}/{act}", sure="1")
        assert own.status_code == 400
        assert "kontosida" in own.text
    assert passwords.is_password(house.store.users.password_of("chefen")[1], PASSWORD)


def test_the_check_tells_a_whole_store_and_names_a_changed_row(house):
    client = house.client()
    whole = send(client, "/admin/kontroll").text
    assert "Databasen är hel" in whole
    assert re.search(r"<code>[0-9]+-[0-9a-f]{64}</code>", whole)
    with closing(sqlite3.connect(house.path)) as file:
        file.execute("DROP TRIGGER audit_no_update")
        file.execute("UPDATE audit SET at = at + 1 WHERE seq = 2")
        file.commit()
    assert "Loggrad 2 har ändrats eller flyttats." in send(client, "/admin/kontroll").text


def test_what_would_be_purged_is_counted_in_classes_and_stays(house):
    client = house.client()
    before = house.store.version()
    page = send(client, "/admin/gallring").text
    assert "händelser inga, närvaro inga" in page
    assert house.store.version() == before
    assert house.store.audit_log.rows(_acts("purge"), most=1) == ()


def _acts(act):
    from riskmiljo.store.audit_log import AuditQuestion  # noqa: PLC0415 - here alone

    return AuditQuestion(act=act)


def note(house, **detail):
    what = {"user": house.users["anna"], "page": "situation.index", **detail}
    house.store.readings.note(what, hidden={}, key_hash=None, usual="shift", now=NOW)


def test_the_log_is_filtered_and_turned_and_counts_are_classes(house):
    note(house, count=37, category="theft", owners="police")
    client = house.client()
    page = client.get("/admin/logg?act=read&user=" + str(house.users["anna"])).text
    assert "Läsning" in page
    assert "Kartan (/karta)" in page
    assert "The map (/karta)" in client.get("/admin/logg?act=read&lang=en").text
    assert "37" not in re.sub(r"<script.*?</script>|csrf[^>]*>|[0-9a-f]{12,}", "", page)
    body = client.get("/admin/logg.json?act=read").json
    assert body["rows"][-1]["detail"]["count"] == 20
    assert client.get("/admin/logg.json?from=2026-04-30&to=2026-05-02").json["rows"] == []
    assert "Inga rader" in client.get("/admin/logg?to=2026-04-28").text
    note(house, page="plans.plan")
    assert "(/pass/&lt;plan_id&gt;)" in client.get("/admin/logg").text
    for wrong in ("from=igår", "from=2026-02-30", "user=anna", "before=x"):
        assert client.get(f"/admin/logg?{wrong}").status_code == 400
        assert client.get(f"/admin/logg.json?{wrong}").status_code == 400
    for _ in range(120):
        note(house)
    first = client.get("/admin/logg.json").json
    second = client.get(f"/admin/logg.json?before={first['older']}").json
    assert first["rows"][-1]["seq"] == second["rows"][0]["seq"] + 1
    assert second["older"] is None


def test_no_count_can_be_tried_out_against_a_hash(house):
    """Whoever knows all of a row but the count could try each count that its class allows."""
    before = house.store.seal().split("-")[1]
    note(house, count=7, owners="police")
    client = house.client()
    [row] = house.store.audit_log.rows(AuditQuestion(act="read"), most=1)
    told = client.get("/admin").text + client.get("/admin/logg").text
    told += client.get("/admin/logg.json").text + client.get("/admin/logg.csv").text
    guesses = {
        _link(before, row.seq, micros(row.at), "read", _plain({**row.detail, "count": count}))
        for count in range(5, 10)
    }
    assert row.detail["salt"] not in told
    assert not any(guess in told for guess in guesses)
    assert row.hash not in told
    assert house.store.verify_audit() == []


def _plain(detail):
    rest = {name: value for name, value in detail.items() if name != "salt"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":"))


def test_every_page_that_is_read_has_a_name_in_the_log():
    assert [one for one in ROUTES if shows_data(one) and page_name(one) is None] == []


def test_the_log_as_csv_has_every_row_and_taking_it_is_logged(house):
    client = house.client()
    answer = client.get("/admin/logg.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [int(row["seq"]) for row in rows] == list(range(len(rows), 0, -1))
    assert list(rows[0]) == ["seq", "at", "act", "user", "detail"]
    last = house.store.audit_log.rows(_acts("read"), most=1)[0]
    assert (last.detail["page"], last.detail["kind"]) == ("audit.table", "export csv")


def test_a_size_is_told_in_the_unit_that_it_is_read_in():
    assert _megabytes(5_406_720).sv == "5,4 MB"
    assert _megabytes(74_266_300_000).sv == "74,3 GB"
    assert _megabytes(74_266_300_000).en == "74.3 GB"
