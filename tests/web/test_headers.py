from __future__ import annotations

from dataclasses import replace

import pytest

from riskmiljo.errors import SettingsError
from riskmiljo.settings import Settings
from riskmiljo.web.headers import content_policy

ADDRESSES = ("/", "/index.json", "/lager.json", "/zoner/z1", "/health", "/finns/inte", "/?hours=x")


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_security_headers(client, address):
    headers = client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("tile_url", "source"),
    [
        ("https://kartor.example.se/{z}/{x}/{y}.png", "https://kartor.example.se"),
        ("https://{s}.example.se:8443/{z}/{x}/{y}.png", "https://*.example.se:8443"),
        ("/egna/{z}/{x}/{y}.png", ""),
    ],
)
def test_a_tile_server_may_send_images_and_nothing_else(tile_url, source):
    policy = content_policy(Settings(tile_url=tile_url))
    assert f"img-src 'self' data: {source}".strip() + ";" in policy
    assert policy.count("example") <= 1


@pytest.mark.parametrize(
    "tile_url",
    [
        "https://example.se; script-src */{z}/{x}/{y}.png",
        "https://example.se/{z}/{x}.png",
        "javascript:alert(1)/{z}/{x}/{y}",
        "https://*/{z}/{x}/{y}.png",
        "https://user@example.se/{z}/{x}/{y}.png",
        "https://example.se%0d%0aX:1/{z}/{x}/{y}.png",
        "https://{x}.example.se/{z}/{x}/{y}.png",
        "//example.se/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
    ],
)
def test_a_tile_address_that_would_widen_the_policy_stops_the_start(make_app, tile_url):
    with pytest.raises(SettingsError, match="tile_url"):
        make_app(tile_url=tile_url)


def test_an_unchanged_page_is_not_sent_twice(client, stage):
    for address in ("/", "/index.json", "/lager.json", "/zoner/z1", "/zoner/z1.json"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        stage.store.changes += 1
        changed = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200


def test_two_answers_that_may_differ_have_two_tags(client, stage):
    tags = [
        client.get(address).headers["ETag"]
        for address in (
            "/", "/?lang=en", "/?weekday=5", "/?teams=2", "/?shift=2026-05-01T18:00/02:00",
            "/index.json", "/lager.json", "/zoner/z1", "/zoner/z2", "/zoner/z1.json",
        )
    ]  # fmt: skip
    period = replace(stage.situation.period, start=stage.situation.period.before().start)
    stage.situation = replace(stage.situation, period=period)
    tags.append(client.get("/").headers["ETag"])
    assert len(set(tags)) == len(tags)


def test_the_same_question_written_differently_is_one_answer(client):
    one = client.get("/?category=weapon&category=robbery&hours=18&hours=02").headers["ETag"]
    other = client.get("/?hours=18-02&category=robbery,weapon&teams=3").headers["ETag"]
    assert one == other


def test_errors_are_never_kept(client):
    for address in ("/finns/inte", "/?hours=x", "/index.json?hours=x"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_an_asset_is_kept_for_ever_and_another_release_is_gone(client):
    page = client.get("/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    folder, _, _name = address.rpartition("/")
    # leaflet.css names its images by a relative address.
    assert client.get(f"{folder}/images/layers.png").mimetype == "image/png"
    assert client.get(address.replace(folder, "/assets/000000000000")).status_code == 404
    for escape in (
        "../assets.py",
        "..%2fassets.py",
        "%2e%2e/words.py",
        "/etc/passwd",
        "nothing.js",
    ):
        assert client.get(f"{folder}/{escape}").status_code == 404, escape


def test_every_file_of_a_page_is_served(client):
    page = client.get("/").text
    addresses = [part.split('"')[0] for part in page.split('"') if part.startswith("/assets/")]
    assert len(addresses) > 6
    for address in addresses:
        assert client.get(address).status_code == 200, address
