"""Promise: what no rule opens is closed, for every role."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from riskmiljo.access.rules import ROUTES, may_use
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.service import install, service_of


@pytest.fixture
def empty_app(tmp_path):
    app = create_app(Settings(store=f"sqlite:///{tmp_path}/empty.sqlite"))
    yield app
    service_of(app).store.close()


def example(rule):
    return re.sub(r"<[^>]+>", "x", re.sub(r"<int[^>]*>", "1", rule.rule))


def test_every_route_of_the_application_is_in_the_table_and_the_table_has_no_others(empty_app):
    assert {rule.endpoint for rule in empty_app.url_map.iter_rules()} == set(ROUTES)


def test_a_route_that_somebody_adds_is_closed_until_the_table_opens_it(empty_app):
    empty_app.add_url_rule("/ny", "new", lambda: "secret")
    answer = empty_app.test_client().get("/ny")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("role", list(Role))
def test_every_route_asks_the_table(empty_app, role):
    here = service_of(empty_app)
    install(empty_app, replace(here, lens=replace(here.lens, role=role)))
    client = empty_app.test_client()
    missing = client.get("/finns/inte").text
    own = {"Origin": "http://localhost"}
    for rule in empty_app.url_map.iter_rules():
        for method in rule.methods:
            answer = client.open(example(rule), method=method, headers=own, data={"x": "1"})
            if not may_use(role, rule.endpoint, method).allowed:
                assert answer.status_code == 404, (rule, method)
                if not example(rule).endswith(".json") and method != "HEAD":
                    assert answer.text == missing, rule


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_route_answers_to_the_methods_of_the_table_and_no_other(empty_app, method):
    client = empty_app.test_client()
    rules = list(empty_app.url_map.iter_rules())
    for rule in rules:
        assert rule.methods == set(ROUTES[rule.endpoint])
        same = [one for one in rules if one.rule == rule.rule]
        if not any(method in one.methods for one in same):
            answer = client.open(example(rule), method=method)
            assert answer.status_code == 405, rule
            named = set(answer.headers["Allow"].split(", "))
            assert named >= {name for one in same for name in one.methods}


def test_a_change_is_refused_unless_it_comes_from_our_own_pages(empty_app):
    client = empty_app.test_client()
    written = [one for one in empty_app.url_map.iter_rules() if "POST" in one.methods]
    assert len(written) >= 3
    for rule in written:
        for sender in (
            {},
            {"Origin": "null"},
            {"Origin": "https://evil.example"},
            {"Origin": "http://localhost.evil.example"},
            {"Origin": "http://localhost:81"},
            {"Origin": "ftp://localhost"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        ):
            for body in ({"data": {"stop_id": "x"}}, {"json": {"stop_id": "x"}}):
                answer = client.post(example(rule), headers=sender, **body)
                assert answer.status_code == 403, (rule, sender)
        for sender in ({"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
            answer = client.post(example(rule), headers=sender, data={"x": "1"})
            assert answer.status_code in (400, 404), (rule, sender)
            text = client.post(example(rule), headers=sender, data="x=1", content_type="text/plain")
            assert text.status_code == 415
