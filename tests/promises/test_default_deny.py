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
    return re.sub(r"<[^>]+>", "x", rule.rule)


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
    for rule in empty_app.url_map.iter_rules():
        answer = client.get(example(rule))
        if not may_use(role, rule.endpoint).allowed:
            assert answer.status_code == 404, rule
            if not example(rule).endswith(".json"):
                assert answer.text == missing, rule


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_route_can_be_written_to(empty_app, method):
    client = empty_app.test_client()
    for rule in empty_app.url_map.iter_rules():
        assert rule.methods == {"GET", "HEAD"}
        assert client.open(example(rule), method=method).status_code == 405
