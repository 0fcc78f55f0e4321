from __future__ import annotations

from html import unescape

import pytest

from riskmiljo.access import rules
from riskmiljo.model.role import Role


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("sv", "Adressen leder ingenstans."), ("en", "The address leads nowhere.")],
)
def test_the_not_found_page_speaks_both_languages(client, language, sentence):
    answer = client.get(f"/finns/inte?lang={language}")
    assert answer.status_code == 404
    assert sentence in answer.text
    assert f'<html lang="{language}">' in answer.text


def test_the_language_switch_of_an_error_page_cannot_lead_to_another_host(client):
    page = client.get("//evil.example/x").text
    assert "evil" not in page
    assert 'href="?lang=en"' in page


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("address", ["/", "/index.json", "/zoner/z1", "/health", "/finns/inte"])
def test_only_reading_is_answered(client, method, address):
    answer = client.open(address, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_head_is_get_without_a_body(client):
    head, get = client.head("/"), client.get("/")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7", "localhost.evil.example:5000"]
)
def test_another_name_for_our_address_gets_no_answer(client, host):
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "Resecentrum" not in answer.text
    assert "127.0.0.1" in answer.text


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:5000", "127.0.0.1:80", "127.1.2.3", "[::1]:5000"]
)
def test_the_names_of_the_own_machine_are_answered(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_a_fault_tells_the_log_everything_and_the_reader_nothing(client, app, stage, caplog):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    stage.error = ZeroDivisionError("secret detail")
    for address in ("/", "/index.json", "/lager.json", "/zoner/z1"):
        answer = client.get(address)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert "Felet är skrivet i loggen." in unescape(answer.text)
    assert "secret detail" in caplog.text


def test_a_page_outside_ones_scope_looks_like_one_that_does_not_exist(client, monkeypatch, caplog):
    monkeypatch.setitem(rules.ROUTES, "situation.index", {"GET": frozenset({Role.ADMIN})})
    denied, missing = client.get("/"), client.get("/finns/inte")
    assert denied.status_code == 404
    assert denied.text == missing.text
    assert "Planner does not have this page." in caplog.text
    assert "endpoint=situation.index" in caplog.text


def test_a_denied_address_cannot_write_lines_of_its_own_into_the_log(client, caplog):
    client.get("/x%0d%0aERROR%20forged")
    assert "\nERROR forged" not in caplog.text.replace("\r", "")


def test_health_answers_without_a_figure(client, stage, monkeypatch):
    assert client.get("/health").json == {"status": "ok"}

    def broken():
        from riskmiljo.errors import StoreError  # noqa: PLC0415
        from riskmiljo.wording import Text  # noqa: PLC0415

        raise StoreError(Text("Skadat.", "Damaged."))

    monkeypatch.setattr(stage.store, "version", broken)
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (503, {"status": "store"})
