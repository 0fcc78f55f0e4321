"""Logging out of a login by the organisation: here at once, and at its provider too."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe


def logged_in(house):
    client = house.app.test_client()
    assert client.get(house.go(client)).status_code == 303
    return client


def log_out(client):
    page = client.get("/konto").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    body, sender = {"csrf_token": token}, {"Origin": "http://localhost"}
    return client.post("/logout", data=body, headers=sender)


def way_out(answer):
    found = re.search(r'href="([^"]+)">Logga ut även hos 127.0.0.1<', answer.text)
    return found and unescape(found[1])


def test_logging_out_ends_ours_and_leads_on_to_the_providers(house):
    house.provider.metadata = {"end_session_endpoint": "https://idp.example/ut?tenant=å"}
    client = logged_in(house)
    key = client.get_cookie("riskmiljo_login").value
    with closing(sqlite3.connect(house.path)) as file:
        [(sealed,)] = file.execute("SELECT id_token FROM login")
    # The store cannot read it: the key is in the browser. And no cookie has it.
    [signed] = [token["id_token"] for token in house.provider.tokens.values()]
    assert signed not in (sealed, *(one.value for one in client._cookies.values()))
    assert signed.encode() not in house.path.read_bytes()
    answer = log_out(client)
    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get_cookie("riskmiljo_login") is None
    assert "anna.ek" not in answer.text
    assert house.store.logins.find(key, now=house.now) is None
    parts = urlsplit(way_out(answer))
    sent = {name: value for name, [value] in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "idp.example", "/ut")
    state = sent.pop("state")
    assert sent == {
        "tenant": "å",
        "id_token_hint": signed,
        "client_id": house.client_id,
        "post_logout_redirect_uri": "http://localhost/logout",
    }
    # In the other language, and with anybody else's state, only what is known is said.
    for query in ("?lang=en", "?state=another", "?state=%00"):
        again = client.get(f"/logout{query}")
        assert again.status_code == 200
        assert signed not in again.text
        assert "https://idp.example/ut" in again.text
        assert "Du är utloggad här och" not in again.text
    assert "Du är utloggad här och hos 127.0.0.1" in client.get(f"/logout?state={state}").text
    assert client.get(f"/logout?state={state}").headers["Location"] == "/login"
    assert house.app.test_client().get("/logout").headers["Location"] == "/login"
    # A password's login knows nothing of all this; who is logged in is not told otherwise.
    client = logged_in(house)
    assert client.get("/logout").headers["Location"] == "/"


def test_without_a_safe_way_out_the_reader_is_told_what_to_do(house):
    for told in (None, "", 7, "http://idp.example/ut", "javascript:alert(1)", "https://[", "/ut"):
        # As after a start of the pages: nothing is known of the provider any more.
        house.app.extensions.pop("riskmiljo_organisation", None)
        house.provider.metadata = {"end_session_endpoint": told}
        answer = log_out(logged_in(house))
        assert way_out(answer) is None, told
        assert "stäng webbläsaren helt" in answer.text, told


def test_our_login_ends_also_where_the_provider_is_gone(house):
    client = logged_in(house)
    key = client.get_cookie("riskmiljo_login").value
    # As after a start of the pages: nothing is known of it any more.
    house.app.extensions.pop("riskmiljo_organisation")
    house.provider.metadata = {"issuer": "http://127.0.0.1:1"}
    answer = log_out(client)
    assert answer.status_code == 200
    assert "stäng webbläsaren helt" in answer.text
    assert house.store.logins.find(key, now=house.now) is None


def test_a_token_too_long_for_an_address_is_not_kept(house):
    house.provider.metadata = {"end_session_endpoint": "https://idp.example/ut"}
    house.provider.person = {**house.provider.person, "more": "x" * 5000}
    found = parse_qs(urlsplit(way_out(log_out(logged_in(house)))).query)
    assert "id_token_hint" not in found
    assert found["client_id"] == [house.client_id]


@pytest.mark.browser
def test_at_a_shared_computer_the_next_one_is_asked_who_they_are(house, watch, serving):
    house.provider.asks = True
    house.provider.metadata = {"end_session_endpoint": f"{house.provider.issuer}/end"}
    with serving(house.app) as origin:
        page = watch(viewport={"width": 390, "height": 844}).page

        def enter():
            page.goto(f"{origin}/konto")
            page.get_by_role("link", name="organisationens konto").click()
            page.get_by_role("button", name="Jag").click()
            page.wait_for_url("**/konto")

        enter()
        page.locator("form[action*='/logout'] button").click()
        page.get_by_role("link", name="Logga ut även hos 127.0.0.1").wait_for()
        assert Axe().run(page).response["violations"] == []
        page.get_by_role("link", name="Logga ut även hos 127.0.0.1").click()
        page.wait_for_url("**/logout?state=*")
        assert "Du är utloggad här och hos 127.0.0.1" in page.locator("main").inner_text()
        enter()
        # Who is logged out here alone finds the provider's login alive: it asks all the same.
        page.locator("form[action*='/logout'] button").click()
        page.get_by_role("link", name="Logga in igen").click()
        page.get_by_role("link", name="organisationens konto").click()
        page.get_by_role("button", name="Jag").wait_for()
