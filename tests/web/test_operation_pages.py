"""An operation that was entered wrongly is corrected, or taken out, by those who entered it."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from html import unescape

import pytest

from riskmiljo.access.lens import lens_of
from riskmiljo.access.operations import entered_for, may_change
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app
from riskmiljo.web.audit_words import ACTS
from riskmiljo.web.service import service_of

OWN = {"Origin": "http://localhost"}
NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
ENTERED = {
    "name": "Trygg vår", "first": "2026-01-01", "last": "2026-03-31",
    "places": "Stora torget\nResecentrum:200", "partners": "Polisen, Kommunen", "goal": "Färre rån",
    "n_drug_seizures": "12", "n_weapon_seizures": "2",
}  # fmt: skip
HELPED = {
    "power": 0.2, "power_text": {"sv": "s", "en": "e"}, "estimate": -0.3, "lower": -0.5,
    "upper": -0.1, "verdict": "helped", "verdict_text": {"sv": "s", "en": "e"}, "wdq": None,
    "around": None, "placebo_p": None, "placebo": None, "outcome": {"sv": "s", "en": "e"},
    "counts": [], "series": [],
}  # fmt: skip


class Readers:
    """A town with accounts; each role's window on it."""

    def __init__(self, app):
        self.app, self.store = app, service_of(app).store
        self.users = {r: self.store.users.add(str(r), r, password=None, now=NOW) for r in Role}
        self.clients, self.tokens = {}, {}
        for role, user in self.users.items():
            client = app.test_client()
            client.set_cookie("riskmiljo_login", self.store.logins.begin(user, now=NOW))
            page = client.get("/konto").text
            self.clients[role] = client
            self.tokens[role] = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def page(self, role, path, status=200):
        answer = self.clients[role].get(path)
        assert answer.status_code == status, path
        return unescape(answer.text)

    def post(self, role, path, data, **headers):
        data = {**data, "csrf_token": self.tokens[role]}
        return self.clients[role].post(path, data=data, headers={**OWN, **headers})

    def entered(self, role, **changed):
        """Enter an operation; returns its number."""
        answer = self.post(role, "/insatser", {**ENTERED, **changed})
        assert answer.status_code == 303
        return int(answer.headers["Location"].rpartition("-")[2])

    def told(self, role, number):
        rows = self.clients[role].get("/insatser.json").json["operations"]
        return next(row for row in rows if row["operation"] == number)

    def acts(self):
        return [row.act for row in self.store.audit_log.rows(AuditQuestion(), most=500)]


@pytest.fixture(scope="module")
def readers(filled_store, tmp_path_factory):
    path = shutil.copy(filled_store, tmp_path_factory.mktemp("insatser") / "s.sqlite")
    made = Readers(create_app(Settings(store=f"sqlite:///{path}"), clock=lambda: NOW))
    yield made
    made.store.close()


def form_of(text):
    """Return what a page's form would send as it stands."""
    form = text[text.index('<form class="filter"') :].split("</form>")[0]
    boxes = re.findall(r'type="checkbox" name="(\w+)" value="([^"]*)"( checked)?', form)
    sent = {name: [] for name, _, _ in boxes}
    for name, value, ticked in boxes:
        sent[name] += [value] if ticked else []
    sent |= dict(re.findall(r'name="(\w+)" type="(?:text|date)" value="([^"]*)"', form))
    sent["places"] = re.search(r"(?s)<textarea[^>]*>\n?(.*?)</textarea>", form)[1]
    return sent | {"sedd": re.search(r'name="sedd" value="(-?\d+)"', form)[1]}


def test_the_form_stands_as_the_operation_was_entered_and_says_the_same_sent_back(readers):
    number = readers.entered(Role.POLICE)
    before = readers.told(Role.POLICE, number)
    text = readers.page(Role.POLICE, f"/insatser/{number}/ratta")
    sent = form_of(text)
    shown = {name: sent[name] for name in ("name", "first", "last", "partners", "goal")}
    assert shown == {name: ENTERED[name] for name in shown}
    assert sent["kvar"] == ["0", "1"]
    assert "<span>Stora torget</span>" in text
    assert "<span>Resecentrum, 200 m</span>" in text
    # Counts have a form of their own: a small one would be told here.
    assert "n_weapon_seizures" not in text
    seal = readers.store.version()
    answer = readers.post(Role.POLICE, f"/insatser/{number}/ratta", sent)
    assert (answer.status_code, answer.headers["Location"]) == (
        303, f"/insatser?rattad={number}#insats-{number}"
    )  # fmt: skip
    assert readers.store.version() == seal
    assert readers.told(Role.POLICE, number) == before


def test_days_and_places_are_corrected_under_the_same_number_and_the_old_verdict_goes(readers):
    number = readers.entered(Role.POLICE)
    where = f"/insatser/{number}/ratta"
    lens = lens_of(Role.POLICE, service_of(readers.app).settings)
    asked = {"operation": number, "filter": [], "lens": lens.key}
    readers.store.results.add("effect", parameters=asked, body=HELPED, now=NOW)
    assert readers.told(Role.POLICE, number)["effect"]["verdict"] == "helped"
    sent = form_of(readers.page(Role.POLICE, where))
    # A better name leaves the verdict: it is of the same days and places.
    assert readers.post(Role.POLICE, where, {**sent, "name": "Trygg sen vår"}).status_code == 303
    told = readers.told(Role.POLICE, number)
    assert (told["name"], told["effect"]["verdict"]) == ("Trygg sen vår", "helped")
    kept = list(readers.store.operations.get(number).operation.places.geometry)
    sent = form_of(readers.page(Role.POLICE, f"{where}?lang=en"))
    sent |= {"last": "2026-04-05", "kvar": ["1"], "places": "Gottsunda centrum"}
    answer = readers.post(Role.POLICE, f"{where}?lang=en", sent)
    assert answer.headers["Location"] == f"/insatser?rattad={number}&lang=en#insats-{number}"
    assert "The operation is corrected." in readers.page(Role.POLICE, answer.headers["Location"])
    row = readers.store.operations.get(number)
    assert row.named == (("place", "Resecentrum:200"), ("place", "Gottsunda centrum"))
    assert row.operation.places.geometry.iloc[0] == kept[1]
    told = readers.told(Role.POLICE, number)
    assert (told["to"][:10], told["places"], told["effect"]) == ("2026-04-05", 2, None)
    assert told["outcomes"] == {"drug_seizures": 12, "weapon_seizures": None}
    assert "Inte utvärderad." in readers.page(Role.POLICE, "/insatser")
    # Who had the older form open is told, and what they wrote stands there still.
    answer = readers.post(Role.POLICE, where, {**sent, "goal": "Annat", "kvar": ["0"]})
    assert answer.status_code == 400
    assert "har rättats sedan du öppnade formuläret" in unescape(answer.text)
    assert 'value="Annat"' in answer.text
    row = readers.store.audit_log.rows(AuditQuestion(act="operation_corrected"), most=1)[0]
    assert row.detail == {"operation": number, "user": readers.users[Role.POLICE]}
    assert readers.store.verify_audit() == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"last": "2025-12-31"}, "Sista dagen ligger före den första"),
        ({"kvar": [], "places": ""}, "Insatsen saknar platser"),
        ({"kvar": ["7"]}, "En av insatsens platser finns inte längre"),
        ({"zone": ["z999"]}, "En av riskzonerna finns inte längre"),
        ({"places": "Ingenstans i världen"}, "Ingenstans i världen"),
        ({"goal": "Prata med 19121212-1212"}, "Texten innehåller personnummer"),
        ({"sedd": "x"}, "har rättats sedan du öppnade formuläret"),
    ],
)
def test_a_correction_is_asked_the_same_as_what_is_entered_anew(readers, changed, sentence):
    number = readers.entered(Role.PLANNER)
    where = f"/insatser/{number}/ratta"
    sent = {**form_of(readers.page(Role.PLANNER, where)), "goal": "Nytt mål", **changed}
    version = readers.store.version()
    answer = readers.post(Role.PLANNER, where, sent)
    text = unescape(answer.text)
    assert answer.status_code == 400
    assert sentence in text
    assert text.count('role="alert"') == 1
    assert f'name="last" type="date" value="{sent["last"]}"' in text
    assert readers.store.version() == version


def test_an_operation_is_taken_out_when_that_is_confirmed(readers):
    number = readers.entered(Role.OUTREACH, name="<b>Fel</b>")
    text = readers.clients[Role.OUTREACH].get(f"/insatser/{number}/bort").text
    assert "Det går inte att ångra." in text
    assert "&lt;b&gt;Fel&lt;/b&gt;" in text
    where = f"/insatser/{number}/bort"
    client = readers.clients[Role.OUTREACH]
    for sender in ({}, OWN, {"Origin": "https://evil.example"}):
        assert client.post(where, data={"x": "1"}, headers=sender).status_code == 403
    assert readers.told(Role.OUTREACH, number)
    answer = readers.post(Role.OUTREACH, f"{where}?lang=en", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insatser?borta=1&lang=en")
    assert "The operation is removed." in readers.page(Role.OUTREACH, "/insatser?borta=1&lang=en")
    assert f'id="insats-{number}"' not in readers.page(Role.OUTREACH, "/insatser")
    row = readers.store.audit_log.rows(AuditQuestion(act="operation_removed"), most=1)[0]
    assert row.detail == {"operation": number, "user": readers.users[Role.OUTREACH]}
    for path in (where, f"/insatser/{number}/ratta"):
        assert "finns inte" in readers.page(Role.OUTREACH, path, 404)
    # The number is nobody else's.
    assert readers.entered(Role.OUTREACH) > number
    assert {"operation_corrected", "operation_removed"} <= set(ACTS)


def test_what_another_authority_entered_is_read_and_filled_in_but_not_changed(readers):
    number = readers.entered(Role.POLICE)
    sent = form_of(readers.page(Role.POLICE, f"/insatser/{number}/ratta"))
    version = readers.store.version()
    for role in (Role.PLANNER, Role.OUTREACH, Role.ADMIN, Role.PARTNER):
        for act, data in (("ratta", {**sent, "name": "Kapad"}), ("bort", {})):
            path = f"/insatser/{number}/{act}"
            readers.page(role, path, 404)
            assert readers.post(role, path, data).status_code == 404
    text = readers.page(Role.PLANNER, "/insatser")
    assert f"/insatser/{number}/ratta" not in text
    assert f'id="insats-{number}"' in text
    assert readers.store.version() == version
    counted = readers.post(
        Role.OUTREACH, f"/insatser/{number}/utfall", {"n_support_contacts": "20"}
    )
    assert counted.status_code == 303
    log = readers.store.audit_log.rows(AuditQuestion(), most=500)
    for act, role in (("operation", Role.POLICE), ("operation_counted", Role.OUTREACH)):
        row = next(row for row in log if row.act == act)
        assert row.detail == {"operation": number, "user": readers.users[role]}
    # The municipality's planners and administrators work for the same.
    number = readers.entered(Role.PLANNER)
    assert "Rätta Trygg vår" in readers.page(Role.ADMIN, f"/insatser/{number}/ratta")


def test_what_nobody_entered_is_the_planners_to_change():
    readers = {role: Reader(1, "x", role) for role in Role}
    assert entered_for(NOBODY) is None
    assert {role: entered_for(reader) for role, reader in readers.items()} == {
        Role.POLICE: "police", Role.OUTREACH: "social", Role.PLANNER: "municipality",
        Role.ADMIN: "municipality", Role.PARTNER: None,
    }  # fmt: skip
    assert {role for role, one in readers.items() if may_change(one, None)} == {
        Role.PLANNER, Role.ADMIN
    }  # fmt: skip
    assert all(may_change(NOBODY, owner) for owner in (None, "police", "social", "municipality"))


def test_a_zone_that_the_reader_cannot_choose_has_no_name_in_the_form(readers):
    number = readers.entered(Role.PLANNER)
    row = readers.store.operations.get(number)
    readers.store.operations.correct(
        number, row.operation, seen=0, now=NOW, named=[("zone", "Hemlig zon"), ("place", "Torget")]
    )
    text = readers.page(Role.PLANNER, f"/insatser/{number}/ratta")
    assert "Hemlig" not in text
    assert "<span>Plats 1</span>" in text
    assert "<span>Place 1</span>" in readers.page(Role.PLANNER, f"/insatser/{number}/ratta?lang=en")
