"""The account page and tokens, through the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyotp
import pytest

from riskmiljo.access.rules import NO_LOGIN
from riskmiljo.model.role import Role

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
PASSWORD = "korrekt häst batteri"  # noqa: S105 - test data
OWN = {"Origin": "http://localhost"}


# --- the account page


def test_the_own_password_is_changed_and_every_other_login_ends(house):
    client, other = house.client("anna"), house.client("anna")
    wrong = house.send(client, "/konto/losenord", password="fel", new="a" * 12, again="a" * 12)  # noqa: S106
    assert wrong.status_code == 400
    for new, again, why in (
        ("ett nytt långt ord", "ett annat långt ord", "inte lika"),
        ("kort", "kort", "12 till 256"),
    ):
        answer = house.send(client, "/konto/losenord", password=PASSWORD, new=new, again=again)
        assert (answer.status_code, why in answer.text) == (400, True)
    new = "ett nytt långt ord"
    answer = house.send(client, "/konto/losenord", password=PASSWORD, new=new, again=new)
    assert answer.status_code == 303
    assert "Lösenordet är bytt." in client.get(answer.headers["Location"]).text
    assert other.get("/konto").status_code == 303
    assert house.log_in(house.client(), password=new).status_code == 303


def test_an_open_screen_does_not_let_a_colleague_guess_the_password(house, monkeypatch):
    monkeypatch.setattr("riskmiljo.web.account_pages.is_password", lambda *_: False)
    client = house.client("anna")
    texts = [house.send(client, "/konto/nycklar", password=str(n), days="1").text for n in range(7)]
    assert ["Vänta" in text for text in texts] == [False] * 5 + [True] * 2
    monkeypatch.undo()
    # The owner is not locked out of the login by that.
    assert house.log_in(house.client()).status_code == 303


def test_the_second_factor_is_turned_on_with_a_first_code_and_off_with_the_password(house):
    client = house.client("anna")
    assert house.send(client, "/konto/engangskod", code="123456").status_code == 400
    assert house.send(client, "/konto/engangskod/ny", password="fel").status_code == 400  # noqa: S106
    assert house.send(client, "/konto/engangskod/ny", password=PASSWORD).status_code == 303
    page = client.get("/konto").text
    assert "<svg" in page
    assert "style=" not in page
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert house.send(client, "/konto/engangskod", code="000000").status_code == 400
    done = house.send(client, "/konto/engangskod", code=pyotp.TOTP(secret).at(house.now))
    codes = re.findall(r"<code>([a-z2-9-]{19})</code>", done.text)
    assert len(codes) == 10
    assert secret not in client.get("/konto").text
    assert not any(code in client.get("/konto").text for code in codes)
    assert client.get("/konto.json").json["has_totp"]
    assert house.send(client, "/konto/engangskod/av", password=PASSWORD).status_code == 303
    assert not client.get("/konto.json").json["has_totp"]


def test_one_sees_and_ends_only_ones_own_logins_and_tokens(house):
    mine, other = house.client("anna"), house.client("en-police")
    house.store.tokens.add(house.users["en-police"], now=NOW)
    assert house.send(mine, "/konto/nycklar/1/aterkalla").status_code == 404
    assert mine.get("/konto.json").json["tokens"] == []
    second = house.client("anna")
    assert len(mine.get("/konto.json").json["logins"]) == 2
    assert house.send(mine, "/konto/inloggningar/avsluta").status_code == 303
    assert second.get("/konto").status_code == 303
    assert other.get("/konto").status_code == 200


def test_a_password_that_somebody_else_chose_opens_nothing_but_the_page_that_changes_it(house):
    user_id, given, own = house.users["anna"], "tillfälligt ord 7", "mitt alldeles egna ord"
    key = house.store.tokens.add(user_id, now=NOW)
    house.store.users.set_password(user_id, given, now=NOW, by=2, temporary=True)
    client = house.client()
    assert house.log_in(client, password=given).headers["Location"] == "/"
    first = client.get("/pass?teams=2")
    assert first.headers["Location"] == "/konto/losenord?next=/pass?teams%3D2"
    closed = client.get("/lagesbild.json")
    assert (closed.status_code, closed.json["error"]["code"]) == (403, "BYT_LOSENORD")
    ways = [rule for rule in house.app.url_map.iter_rules() if not rule.arguments]
    for rule in ways:
        if rule.endpoint in {*NO_LOGIN, "account.own_password"} or rule.endpoint[:5] == "login":
            continue
        for method in rule.methods & {"GET", "POST"} if rule.endpoint != "account.password" else ():
            status = client.open(rule.rule, method=method, headers=OWN).status_code
            assert status in (303, 403), rule
    assert house.app.test_client().get("/konto.json", auth=("", key)).status_code == 401
    page = client.get("/konto/losenord?next=/pass?teams%3D2")
    assert 'value="/pass?teams=2"' in page.text
    assert "/lagesbild" not in page.text
    to = {"at": "/konto/losenord", "password": given, "next": "/pass?teams=2"}
    same = house.send(client, "/konto/losenord", new=given, again=given, **to)
    assert (same.status_code, "det som du fick" in same.text) == (400, True)
    done = house.send(client, "/konto/losenord", new=own, again=own, **to)
    assert done.headers["Location"] == "/pass?teams=2"
    assert client.get("/konto.json").json["name"] == "anna"
    assert client.get("/konto/losenord").headers["Location"] == "/konto#losenord"
    # Who knew the former password may hold the token: it does not come back.
    assert house.app.test_client().get("/konto.json", auth=("", key)).status_code == 401
    assert not house.store.users.get(user_id).must_change


def test_a_second_factor_comes_before_the_page_that_changes_a_given_password(house):
    user_id, given = house.users["anna"], "tillfälligt ord 7"
    secret = house.store.factors.offer(user_id)
    code = pyotp.TOTP(secret).at(house.now)
    assert house.store.factors.take_up(user_id, code, now=house.now)
    house.store.users.set_password(user_id, given, now=NOW, temporary=True)
    client = house.client()
    house.log_in(client, password=given)
    assert client.get("/konto/losenord").headers["Location"].startswith("/login")


# --- tokens


@pytest.fixture
def token(house):
    client = house.client("anna")
    page = house.send(client, "/konto/nycklar", password=PASSWORD, days="30").text
    found = re.search(r"<code>(rm_[\w-]{43})</code>", page)[1]
    assert found not in client.get("/konto").text
    return found


def test_a_program_reads_with_a_token_by_basic_or_bearer(house, token):
    client = house.app.test_client()
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"bearer {token}"},
    ):
        assert client.get("/konto.json", headers=headers).json["name"] == "anna"
    for name in ("anna", "", "vem som helst"):
        answer = client.get("/konto.json", auth=(name, token))
        assert answer.json["name"] == "anna"
        assert "Set-Cookie" not in answer.headers
    house.store.users.set_role(house.users["anna"], Role.PARTNER, now=NOW)
    assert client.get("/lagesbild.json", auth=("", token)).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        "Basic",
        "Basic %%%",
        "Basic Og==",
        "Bearer",
        "Bearer x",
        "Digest a=b",
        "",
        "rm_x",
        "Basic eDp5",
    ],
)
def test_a_header_that_opens_nothing_is_refused_even_beside_a_good_cookie(house, sent):
    client = house.client("anna")
    answer = client.get("/konto.json", headers={"Authorization": sent})
    assert answer.status_code == 401


def test_a_token_opens_nothing_once_revoked(house, token):
    client = house.app.test_client()
    assert client.get("/konto.json", auth=("", token)).status_code == 200
    house.send(house.client("anna"), "/konto/nycklar/1/aterkalla")
    answer = client.get("/konto.json", auth=("", token))
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "NYCKEL")


def test_a_token_cannot_change_anything_and_is_told_so(house, token):
    client = house.app.test_client()
    auth = {"Authorization": f"Bearer {token}", **OWN}
    answer = client.post("/pass/1/har", json={"stop_id": "x"}, headers=auth)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "NYCKEL_LASER")
    assert client.post("/konto/nycklar", data={"days": "1"}, headers=auth).status_code == 403


@pytest.mark.parametrize("days", ["0", "367", "-1", "x", "1.5", "", "٣", "9" * 50])
def test_a_token_lasts_between_a_day_and_a_year(house, days):
    client = house.client("anna")
    answer = house.send(client, "/konto/nycklar", password=PASSWORD, days=days)
    assert answer.status_code == 400
    assert client.get("/konto.json").json["tokens"] == []
