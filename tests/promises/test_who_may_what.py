"""Promise: a logged-in reader gets what the table says of their role, on every route, no more."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import pytest

from riskmiljo.access.rules import NO_LOGIN, ROUTES, may_use
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
OWN = {"Origin": "http://localhost"}
METHODS = ("GET", "HEAD", "POST")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An empty store with an account of each role."""
    folder = tmp_path_factory.mktemp("konton")
    app = create_app(Settings(store=f"sqlite:///{folder}/s.sqlite"), clock=lambda: NOW)
    store = service_of(app).store
    app.users = {role: store.users.add(str(role), role, password=None, now=NOW) for role in Role}
    yield app
    store.close()


def example(rule):
    return re.sub(r"<[^>]+>", "x", re.sub(r"<int[^>]*>", "1", rule.rule))


def without_token(page):
    return re.sub(r'(name="csrf-token" content)="[^"]+"', r"\1", page)


def log_in(house, role):
    client = house.test_client()
    key = service_of(house).store.logins.begin(house.users[role], now=NOW)
    client.set_cookie("riskmiljo_login", key)
    page = client.get("/konto").text
    return client, re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


@pytest.mark.parametrize("role", list(Role))
def test_every_route_and_method_answers_a_role_as_the_table_says(house, role, caplog):
    client, token = log_in(house, role)
    missing = without_token(client.get("/finns/inte").text)
    walked = 0
    for rule in house.url_map.iter_rules():
        same = [one for one in house.url_map.iter_rules() if one.rule == rule.rule]
        for method in METHODS:
            if method not in rule.methods and any(method in one.methods for one in same):
                continue
            caplog.clear()
            headers = {**OWN, "X-CSRFToken": token}
            body = {"data": {"x": "1"}} if method == "POST" else {}
            answer = client.open(example(rule), method=method, headers=headers, **body)
            where = (rule.rule, method, answer.status_code)
            walked += 1
            if method not in ROUTES[rule.endpoint]:
                assert answer.status_code == 405, where
                continue
            decision = may_use(role, rule.endpoint, method)
            refusals = [one.message for one in caplog.records if "denied endpoint" in one.message]
            if decision.allowed:
                assert refusals == [], where
                # The login itself says so where name and password are wrong.
                wrong = (401, 405, 500) if rule.endpoint == "login.enter" else (401, 403, 405, 500)
                assert answer.status_code not in wrong, where
                assert "/login" not in answer.headers.get("Location", "") or (
                    rule.endpoint == "login.leave"
                ), where
            else:
                # As if there were no such address; why stands in the log.
                assert answer.status_code == 404, where
                [told] = refusals
                assert f"role={role}" in told
                assert ROLE_NAMES[role].en in told
                if method != "HEAD" and "text/html" in answer.content_type:
                    assert without_token(answer.text) == missing, where
            if rule.endpoint in {"login.leave", "account.end_others", "login.enter"}:
                client, token = log_in(house, role)
    assert walked > 1.5 * len(ROUTES)


def test_without_a_login_no_route_gives_anything_but_the_way_in(house):
    client = house.test_client()
    page = client.get("/login").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    for rule in house.url_map.iter_rules():
        if rule.endpoint in NO_LOGIN or rule.endpoint.startswith("login."):
            continue
        for method in METHODS:
            headers = {**OWN, "X-CSRFToken": token}
            body = {"data": {"x": "1"}} if method == "POST" else {}
            answer = client.open(example(rule), method=method, headers=headers, **body)
            where = (rule.rule, method, answer.status_code)
            if answer.status_code == 303:
                assert answer.headers["Location"].startswith("/login"), where
            else:
                assert answer.status_code == 401, where
                assert answer.headers["WWW-Authenticate"], where


def test_a_form_of_every_route_is_refused_without_its_token(house):
    client, _ = log_in(house, Role.ADMIN)
    written = [rule for rule in house.url_map.iter_rules() if "POST" in rule.methods]
    assert len(written) >= 15
    for rule in written:
        for body in ({"data": {"x": "1"}}, {"json": {"x": "1"}}):
            answer = client.post(example(rule), headers=OWN, **body)
            assert answer.status_code == 403, rule


def test_a_token_changes_nothing_on_any_route(house):
    store = service_of(house).store
    token = store.tokens.add(house.users[Role.ADMIN], now=NOW)
    before = store.seal()
    client = house.test_client()
    headers = {**OWN, "Authorization": f"Bearer {token}"}
    for rule in house.url_map.iter_rules():
        if "POST" in rule.methods:
            answer = client.post(example(rule), headers=headers, data={"x": "1"})
            assert answer.status_code == 403, rule
    assert store.seal() == before


def test_a_refusal_names_the_reader_in_the_log_and_nothing_on_the_page(house, caplog):
    caplog.set_level(logging.WARNING)
    client, _ = log_in(house, Role.PARTNER)
    answer = client.get("/lagesbild")
    assert answer.status_code == 404
    assert f"user={house.users[Role.PARTNER]}" in caplog.text
    assert "Night walkers does not have this page." in caplog.text
    assert "does not have" not in answer.text
