"""Login, account and tokens, through the pages."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from riskmiljo.access import passwords
from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from riskmiljo.errors import SettingsError
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.web import login_flow
from riskmiljo.web import server as web_server
from riskmiljo.web.entry import local_path

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
PASSWORD = "korrekt häst batteri"  # noqa: S105 - test data
OWN = {"Origin": "http://localhost"}


def key_of(client):
    cookie = client.get_cookie("riskmiljo_login")
    return None if cookie is None else cookie.value


# --- who must log in


def test_without_accounts_nobody_logs_in_and_only_this_machine_is_answered(tmp_path, new_house):
    house = new_house(tmp_path)
    client = house.client()
    assert client.get("/karta").status_code == 200
    for path in ("/login", "/konto", "/konto.json", "/login/organisation", "/login/svar"):
        assert client.get(path).status_code == 404
    assert client.post("/login", data={"name": "x"}, headers=OWN).status_code == 404
    away = client.get("/karta", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert away.status_code == 404
    house.add("anna", Role.POLICE)
    # From the very next request on.
    assert client.get("/karta").status_code == 303
    house.store.close()


@pytest.mark.parametrize("path", ["/karta", "/lagesbild", "/zoner/z1", "/finns/inte", "/konto"])
def test_a_page_leads_to_the_login_and_back(house, path):
    answer = house.client().get(f"{path}?lang=en&hours=18-02")
    assert answer.status_code == 303
    leads = urlsplit(answer.headers["Location"])
    assert (leads.netloc, leads.path) == ("", "/login")
    assert parse_qs(leads.query) == {"next": [f"{path}?lang=en&hours=18-02"], "lang": ["en"]}


@pytest.mark.parametrize(
    "path", ["/index.json", "/konto.json", "/pass/1/plan.gpx", "/api/", "/tiles/x"]
)
def test_a_program_is_told_how_to_log_in(house, path):
    answer = house.client().get(path)
    assert answer.status_code == 401
    kinds = [value.split()[0] for value in answer.headers.getlist("WWW-Authenticate")]
    assert kinds == ["Basic", "Bearer"]
    # A browser would cover the page with a window of its own.
    script = house.client().get(path, headers={"Sec-Fetch-Mode": "cors"})
    assert [v.split()[0] for v in script.headers.getlist("WWW-Authenticate")] == ["Bearer"]


def test_what_holds_nothing_of_the_store_is_open(house):
    client = house.client()
    assert client.get("/health").json == {"status": "ok"}
    assert client.get("/sw.js").status_code == 200
    style = re.search(r'href="(/assets/[^"]+pages.css)"', client.get("/login").text)[1]
    assert client.get(style).status_code == 200


# --- logging in


def test_name_and_password_lead_to_where_one_wanted_to_go(house):
    client = house.client()
    answer = house.log_in(client, "ANNA", next="/karta?hours=18-02")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/karta?hours=18-02")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "riskmiljo_login=" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert client.get("/karta").status_code == 200
    assert ">anna</a>" in client.get("/karta").text
    # Who is logged in already is led on.
    assert client.get("/login?next=/konto").headers["Location"] == "/konto"


def test_over_https_the_cookies_are_for_https_only(house, tmp_path, new_house):
    secure = {"base_url": "https://localhost", "headers": {"Origin": "https://localhost"}}
    client = house.client()
    page = client.get("/login", base_url="https://localhost")
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1]
    data = {"name": "anna", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/login", data=data, **secure)
    assert answer.status_code == 303
    for cookie in (*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")):
        assert "; Secure" in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get("/login").headers
    # The setting says so for an installation whose proxy speaks HTTP with us.
    (tmp_path / "sec").mkdir()
    strict = new_house(tmp_path / "sec", secure_cookies=True)
    strict.add("anna", Role.POLICE)
    assert "; Secure" in strict.client().get("/login").headers["Set-Cookie"]
    strict.store.close()


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anna", "fel lösenord här"),
        ("ingen", PASSWORD),
        ("", ""),
        ("en-admin", ""),
        ("an\0na", "x"),
    ],
)
def test_what_is_wrong_is_answered_alike_whatever_it_is(house, name, password):
    client = house.client()
    answer = house.log_in(client, name, password)
    assert answer.status_code == 403
    assert "Namnet eller lösenordet stämmer inte." in answer.text
    assert key_of(client) is None


def test_a_disabled_account_is_answered_like_a_wrong_password(house):
    house.store.users.disable(house.users["anna"], now=NOW)
    answer = house.log_in(house.client())
    assert answer.status_code == 403
    assert "Namnet eller lösenordet stämmer inte." in answer.text


def test_the_time_does_not_tell_whether_an_account_exists(house, monkeypatch):
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 32 * 1024)
    passwords._hasher.cache_clear()
    passwords._dummy.cache_clear()
    house.store.users.set_password(house.users["anna"], PASSWORD, now=NOW)
    client = house.client()
    token = house.token_of(client)

    def seconds(name):
        fields = {"name": name, "password": "fel lösenord här", "csrf_token": token}
        taken = []
        for _ in range(3):
            before = time.process_time()
            assert client.post("/login", data=fields, headers=OWN).status_code == 403
            taken.append(time.process_time() - before)
            house.now += timedelta(days=1, minutes=1)
        return min(taken)

    seconds("värm upp")
    known, unknown, without = seconds("anna"), seconds("ingen"), seconds("en-police")
    # A hash costs far more than all else: without one the times would differ several times over.
    assert max(known, unknown, without) < 2 * min(known, unknown, without)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\n//evil.example",
        " //evil.example",
        "/%0d%0aSet-Cookie:x=1 x",
        "evil.example",
        "",
        "/" + "x" * 3000,
    ],
)
def test_the_way_back_never_leaves_the_house(house, target):
    answer = house.log_in(house.client(), next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_way_back_may_hold_what_our_addresses_hold():
    for path in ("/", "/zoner/z1?hours=18-02&lang=en", "/pass?own=%C3%85gatan", "/a//b", "/sök"):
        assert local_path(path) == path


def test_a_key_that_somebody_planted_opens_nothing(house):
    client = house.client()
    client.set_cookie("riskmiljo_login", "planted-by-somebody-else")
    house.log_in(client)
    assert key_of(client) != "planted-by-somebody-else"
    other = house.client()
    other.set_cookie("riskmiljo_login", "planted-by-somebody-else")
    assert other.get("/karta").status_code == 303


def test_the_key_of_an_earlier_login_ends_with_the_next(house):
    client = house.client("en-police")
    planted = key_of(client)
    victim = house.client()
    victim.set_cookie("riskmiljo_login", planted)
    victim.post("/logout", data={"csrf_token": house.token_of(victim, "/konto")}, headers=OWN)
    house.log_in(victim)
    assert key_of(victim) != planted
    assert client.get("/konto").status_code == 303


# --- waiting


def test_after_five_wrong_passwords_the_right_one_must_wait_too(house):
    client = house.client()
    for _ in range(5):
        assert house.log_in(client, password="fel lösenord här").status_code == 403  # noqa: S106
    answer = house.log_in(client)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "15"
    assert "Vänta 15 sekunder" in answer.text
    # It does not lengthen the wait to try during it.
    house.now += timedelta(seconds=15)
    assert house.log_in(client).status_code == 303
    assert house.log_in(house.client()).status_code == 303


def test_waiting_does_not_tell_whether_an_account_exists(house, monkeypatch):
    monkeypatch.setattr(login_flow, "is_password", lambda *_: False)
    answers = []
    for name in ("anna", "ingen"):
        client = house.client()
        made = [house.log_in(client, name, "fel lösenord") for _ in range(7)]
        answers.append([(one.status_code, one.headers.get("Retry-After")) for one in made])
    assert answers[0] == answers[1]
    assert answers[0][5] == (429, "15")


def test_one_password_tried_on_every_account_must_wait(house, monkeypatch):
    monkeypatch.setattr(login_flow, "is_password", lambda *_: False)
    client = house.client()
    statuses = [house.log_in(client, f"konto{n}", "sommar 2026 hej").status_code for n in range(30)]
    assert statuses == [403] * 20 + [429] * 10
    # Elsewhere people log in as before.
    monkeypatch.undo()
    token = house.token_of(client)
    fields = {"name": "anna", "password": PASSWORD, "csrf_token": token}
    away = {"REMOTE_ADDR": "192.0.2.9"}
    answer = client.post("/login", data=fields, headers=OWN, environ_overrides=away)
    assert answer.status_code == 303


def test_a_stranger_who_guesses_all_day_does_not_keep_the_owner_out(house, monkeypatch):
    owner = house.client()
    assert house.log_in(owner).status_code == 303
    assert house.send(owner, "/logout").status_code == 303
    strangers = [house.client() for _ in range(3)]
    with monkeypatch.context() as patch:
        patch.setattr(login_flow, "is_password", lambda *_: False)
        # From the same address, as soon as each wait is over, and with a cookie of their own make.
        for number in range(30):
            stranger = strangers[number % 3]
            stranger.set_cookie("riskmiljo_device", f"{number:032x}.{number:032x}", path="/login")
            while house.log_in(stranger).status_code == 429:
                house.now += timedelta(minutes=1)
        assert house.log_in(strangers[0]).status_code == 429
    # Also for a colleague's account at the owner's browser, and for the owner's at another one.
    assert house.log_in(owner, "en-police").status_code == 429
    assert house.log_in(house.client()).status_code == 429
    assert house.log_in(owner).status_code == 303


def test_a_browser_that_is_known_must_wait_as_well(house):
    owner = house.client()
    house.log_in(owner)
    house.send(owner, "/logout")
    wrong = [house.log_in(owner, password="fel lösenord här").status_code for _ in range(7)]  # noqa: S106
    assert wrong == [403] * 5 + [429] * 2
    assert house.log_in(owner).status_code == 429
    # What is wrong there keeps nobody out elsewhere.
    assert house.log_in(house.client()).status_code == 303
    cookie = owner.get_cookie("riskmiljo_device", path="/login")
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    assert "anna" not in cookie.value


def test_headers_that_anyone_can_write_do_not_make_another_sender(house, monkeypatch):
    monkeypatch.setattr(login_flow, "is_password", lambda *_: False)
    client = house.client()
    token = house.token_of(client)
    statuses = []
    for n in range(22):
        fields = {"name": f"k{n}", "password": "x", "csrf_token": token}
        headers = {**OWN, "X-Forwarded-For": f"192.0.2.{n}", "Forwarded": f"for=192.0.2.{n}"}
        statuses.append(client.post("/login", data=fields, headers=headers).status_code)
    assert statuses[-1] == 429


def test_a_trusted_proxy_tells_who_asks_under_which_name(tmp_path, new_house):
    house = new_house(tmp_path, trusted_proxies=1, hosts=("risk.example",))
    house.add("anna", Role.POLICE)
    told = {"X-Forwarded-Host": "risk.example", "X-Forwarded-Proto": "https"}
    answer = house.client().get("/login", headers=told)
    assert answer.status_code == 200
    assert "; Secure" in answer.headers["Set-Cookie"]
    told["X-Forwarded-Host"] = "evil.example"
    assert house.client().get("/login", headers=told).status_code == 400
    house.store.close()


# --- the second factor


@pytest.fixture
def factor(house):
    """Anna's phone: a function that gives the code of the moment."""
    secret = house.store.factors.offer(house.users["anna"])
    phone = pyotp.TOTP(secret)
    house.codes = house.store.factors.take_up(house.users["anna"], phone.at(NOW), now=NOW)
    house.now += timedelta(minutes=1)
    return lambda: phone.at(house.now)


def test_the_password_alone_opens_nothing_where_a_code_is_asked_for(house, factor):
    client = house.client()
    answer = house.log_in(client, next="/konto")
    assert answer.headers["Location"] == "/login?next=/konto"
    waiting = key_of(client)
    assert client.get("/konto").status_code == 303
    assert client.get("/index.json").status_code == 401
    page = client.get("/login?next=/konto").text
    assert 'autocomplete="one-time-code"' in page
    answer = house.send(client, "/login", "/login", code=factor(), next="/konto")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/konto")
    assert key_of(client) != waiting
    assert client.get("/konto").status_code == 200


def test_without_the_key_the_form_says_so_and_takes_a_recovery_code(house, factor):
    house.store.maintenance.key_file.unlink()
    client = house.client()
    house.log_in(client)
    answer = house.send(client, "/login", "/login", code=factor())
    assert answer.status_code == 500
    assert "kan inte prövas" in answer.text
    assert 'autocomplete="one-time-code"' in answer.text
    assert house.send(client, "/login", "/login", code=house.codes[0]).status_code == 303
    assert client.get("/konto").status_code == 200


def test_a_code_cannot_be_used_again(house, factor):
    code = factor()
    for expected in (303, 403):
        client = house.client()
        house.log_in(client)
        answer = house.send(client, "/login", "/login", code=code)
        assert answer.status_code == expected
    assert "redan använd" in answer.text


@pytest.mark.usefixtures("factor")
def test_codes_cannot_be_guessed_by_whoever_knows_the_password(house, monkeypatch):
    monkeypatch.setattr(login_flow, "is_password", lambda *_: True)
    client, guesses = house.client(), 0
    for _ in range(40):
        if house.log_in(client).status_code == 303:
            guesses += house.send(client, "/login", "/login", code="000000").status_code == 403
    # Five attempts in all, of which the passwords are part.
    assert guesses <= 3


@pytest.mark.usefixtures("factor")
def test_a_recovery_code_logs_in_where_the_phone_is_lost(house):
    client = house.client()
    house.log_in(client)
    assert house.send(client, "/login", "/login", code=house.codes[3]).status_code == 303
    assert client.get("/konto").status_code == 200


def test_a_code_that_comes_too_late_starts_over(house, factor):
    client = house.client()
    house.log_in(client)
    house.now += timedelta(minutes=5)
    answer = house.send(client, "/login", "/login", code=factor())
    assert answer.status_code == 403
    assert "Börja om" in answer.text
    assert client.get("/konto").status_code == 303


def test_a_code_without_a_password_opens_nothing(house, factor):
    client = house.client()
    assert house.send(client, "/login", "/login", code=factor()).status_code == 403
    assert key_of(client) is None


# --- forms


def test_a_form_without_its_token_changes_nothing(house):
    client = house.client("en-planner")
    for fields in ({"x": "1"}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": "IjEi.x.y"}):
        answer = client.post("/konto/inloggningar/avsluta", data=fields, headers=OWN)
        assert answer.status_code == 403
        assert "Öppna sidan igen" in answer.text
    answer = client.post("/pass/1/har", json={"stop_id": "x"}, headers=OWN)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "CSRF")
    login = house.client().post("/login", data={"name": "anna", "password": PASSWORD}, headers=OWN)
    assert login.status_code == 403


def test_one_logins_token_does_not_open_anothers_form(house):
    mine, other = house.client("en-planner"), house.client("en-police")
    token = house.token_of(other, "/konto")
    data = {"csrf_token": token}
    path = "/konto/inloggningar/avsluta"
    assert mine.post(path, data=data, headers=OWN).status_code == 403
    assert other.post(path, data=data, headers=OWN).status_code == 303
    # Not even with that login's signed cookie planted beside one's own key.
    mine.set_cookie("riskmiljo_form", other.get_cookie("riskmiljo_form").value)
    assert mine.post(path, data=data, headers=OWN).status_code == 403


def test_a_token_from_before_the_login_is_void_after_it(house):
    client = house.client()
    before = house.token_of(client)
    house.log_in(client)
    answer = client.post("/konto/inloggningar/avsluta", data={"csrf_token": before}, headers=OWN)
    assert answer.status_code == 403


def test_a_script_sends_the_token_in_a_header(house):
    client = house.client("en-police")
    headers = {**OWN, "X-CSRFToken": house.token_of(client, "/konto")}
    # There is no plan 1; the gate has let the request through.
    assert client.post("/pass/1/har", json={"stop_id": "x"}, headers=headers).status_code == 404


def test_a_token_does_not_help_a_form_from_another_site(house):
    client = house.client("en-police")
    data = {"csrf_token": house.token_of(client, "/konto")}
    for sender in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = client.post("/konto/inloggningar/avsluta", data=data, headers=sender)
        assert answer.status_code == 403


# --- once logged in


def test_logging_out_ends_the_key_and_empties_the_browser(house):
    client = house.client("en-police")
    key = key_of(client)
    answer = house.send(client, "/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert key_of(client) is None
    other = house.client()
    other.set_cookie("riskmiljo_login", key)
    assert other.get("/konto").status_code == 303


def test_a_disabled_accounts_live_login_is_over_at_once(house):
    client = house.client("en-police")
    assert client.get("/konto").status_code == 200
    house.store.users.disable(house.users["en-police"], now=NOW)
    assert client.get("/konto").status_code == 303


def test_another_role_ends_what_was_opened_with_the_former(house):
    client = house.client("en-outreach")
    assert client.get("/lagesbild").status_code == 200
    house.store.users.set_role(house.users["en-outreach"], Role.PARTNER, now=NOW)
    assert client.get("/lagesbild").status_code == 303
    client = house.client("en-outreach")
    assert client.get("/lagesbild").status_code == 404
    assert client.get("/konto.json").json["role"] == "partner"


def test_a_login_ends_with_the_shift(house):
    client = house.client("en-police")
    house.now += timedelta(hours=12)
    assert client.get("/konto").status_code == 303


def test_the_menu_and_the_page_of_one_reader_are_never_another_ones(house):
    first, second = house.client("en-planner"), house.client("en-outreach")
    page = first.get("/karta")
    again = first.get("/karta", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304
    other = second.get("/karta", headers={"If-None-Match": page.headers["ETag"]})
    assert other.status_code == 200
    assert "en-outreach" in other.text
    assert "en-planner" not in other.text


def test_the_scope_stands_in_the_address_and_links_keep_it(house):
    client = house.client("en-police")
    own, joint = (
        client.get(f"/konto.json{query}").json["sees"] for query in ("", "?insyn=gemensam")
    )
    assert own["sv"].startswith("Polisens egna händelser")
    assert joint["sv"].startswith("Gemensam lägesbild")
    page = client.get("/karta?insyn=gemensam").text
    assert re.search(r'href="/pass\?insyn=gemensam"', page)
    # A role without data of its own has one view, whatever is asked for.
    joint = "Gemensam lägesbild"
    views = {Role.PLANNER: joint, Role.PARTNER: "Planer som delats med dem", Role.ADMIN: joint}
    for role, view in views.items():
        sees = house.client(f"en-{role}").get("/konto.json?insyn=egen").json["sees"]["sv"]
        assert sees.startswith(view)
    assert client.get("/konto?insyn=allt").status_code == 400


# --- hosts and the server


def test_names_of_our_own_are_answered_once_there_are_accounts(tmp_path, new_house):
    house = new_house(tmp_path, hosts=("Risk.example", "annan.example:8080"))
    client = house.client()
    named = {"Host": "risk.example:443"}
    assert client.get("/login", headers=named).status_code == 400
    house.add("anna", Role.POLICE)
    assert client.get("/login", headers=named).status_code == 200
    assert client.get("/login", headers={"Host": "annan.example:8080"}).status_code == 200
    for host in ("annan.example", "evil.example", "risk.example.evil.example", "xrisk.example", ""):
        assert client.get("/login", headers={"Host": host}).status_code == 400
    house.store.close()


def test_other_machines_are_served_only_where_there_are_accounts(tmp_path, monkeypatch, new_house):
    class Reached(Exception):  # noqa: N818 - no error
        pass

    def listen(_settings):
        raise Reached

    monkeypatch.setattr(web_server, "_listen", listen)
    settings = Settings(store=f"sqlite:///{tmp_path}/hus.sqlite", host="0.0.0.0")  # noqa: S104
    with pytest.raises(SettingsError, match="Utan konton"):
        web_server.serve(settings)
    house = new_house(tmp_path)
    house.add("anna", Role.POLICE)
    house.store.close()
    with pytest.raises(Reached):
        web_server.serve(settings)


# --- the demo's logins


def test_the_demos_logins_stand_on_the_page_of_a_simulated_store_alone(house):
    assert DEMO_PASSWORD not in house.client().get("/login").text
    for login in DEMO_LOGINS:
        house.add(login.name, login.role, DEMO_PASSWORD if login.name == "polis" else None)
    answer = house.log_in(house.client(), "polis", DEMO_PASSWORD)
    # Everybody knows the password: it opens no store where anything has happened.
    assert answer.status_code == 403
    house.store.set_flag("simulated", "1", now=NOW)
    page = house.client().get("/login").text
    for login in DEMO_LOGINS:
        assert f'name="name" value="{login.name}"' in page
    assert house.log_in(house.client(), "polis", DEMO_PASSWORD).status_code == 303
