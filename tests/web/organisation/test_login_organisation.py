"""Login with the organisation's account, against an OpenID provider that runs beside the test."""

from __future__ import annotations

import json
import shutil
import socket
import time
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey

from riskmiljo.errors import SettingsError
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

ROLES = ("polisen=police",)


def test_the_organisations_account_logs_in_with_the_role_that_the_settings_give(house):
    client = house.app.test_client()
    # Nobody is let in without: a provider is as good as an account.
    assert client.get("/konto").headers["Location"] == "/login?next=/konto"
    page = client.get("/login?next=/konto").text
    assert "organisationens konto" in page
    sent = parse_qs(urlsplit(client.get("/login/organisation").headers["Location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    answer = client.get(house.go(client, "/login/organisation?next=/konto"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/konto")
    told = client.get("/konto.json").json
    assert (told["name"], told["role"], told["has_password"]) == ("anna.ek", "police", False)
    # The organisation's word of today is what holds.
    house.provider.person = {**house.provider.person, "groups": ["samordnare"]}
    other = house.app.test_client()
    assert other.get(house.go(other)).status_code == 303
    assert other.get("/konto.json").json["role"] == "planner"
    # What was opened with the former role is closed.
    assert client.get("/konto.json").status_code == 401
    assert len(house.store.users.all()) == 1


def test_the_role_may_come_from_the_userinfo_answer(house):
    house.provider.in_userinfo = True
    client = house.app.test_client()
    assert client.get(house.go(client)).status_code == 303
    assert client.get("/konto.json").json["role"] == "police"
    # But only where it is of the same person.
    house.provider.bend = house.bent(sub="p2")
    other = house.app.test_client()
    assert other.get(house.go(other)).status_code == 403


@pytest.mark.parametrize("groups", [[], ["annat"], "police", None])
def test_without_a_role_nobody_is_let_in(house, groups):
    house.provider.person = {**house.provider.person, "groups": groups}
    client = house.app.test_client()
    answer = client.get(house.go(client))
    assert answer.status_code == 403
    assert "ingen roll" in answer.text
    assert house.store.users.all() == ()
    assert client.get("/konto").status_code == 303


def test_a_disabled_account_is_not_let_in_by_the_organisation_either(house):
    client = house.app.test_client()
    client.get(house.go(client))
    [user] = house.store.users.all()
    assert user.role is Role.POLICE
    house.store.users.disable(user.user_id, now=house.now)
    assert client.get("/konto").status_code == 303
    answer = client.get(house.go(client))
    assert answer.status_code == 403
    assert client.get("/konto").status_code == 303


def test_an_answer_that_is_not_for_us_now_is_refused(house, caplog):
    bent = house.bent
    for fault, bend in {
        "wrong nonce": bent(nonce="another"),
        "no nonce": bent(nonce=None),
        "wrong issuer": bent(iss="https://evil.example"),
        "no issuer": bent(iss=None),
        "wrong audience": bent(aud="another-client"),
        "wrong audiences": bent(aud=["another-client"]),
        "no audience": bent(aud=None),
        "for another party": bent(aud=[house.client_id, "another"], azp="another"),
        "expired": bent(exp=int(time.time()) - 3600),
        "no end": bent(exp=None),
        "nobody": bent(sub=None),
        "empty": bent(sub=""),
        "wrong token": bent(at_hash="AAAA"),
        "no id token": lambda _: None,
    }.items():
        house.provider.bend = bend
        client = house.app.test_client()
        caplog.clear()
        answer = client.get(house.go(client))
        assert answer.status_code == 400, fault
        assert "kan inte godtas" in answer.text, fault
        assert "organisation login refused" in caplog.text, fault
        assert house.store.users.all() == (), fault
        assert client.get("/konto").status_code == 303, fault


def test_an_answer_signed_by_anybody_else_is_refused(house):
    provider = house.provider
    foreign = RSAKey.generate_key(2048, {"kid": "k1"})
    shared = OctKey.import_key(house.secret, {"kid": "k1"})
    for header, key in (
        ({"alg": "RS256", "kid": "k1"}, foreign),
        # The secret that we share with the provider signs nothing.
        ({"alg": "HS256", "kid": "k1"}, shared),
    ):
        provider.header, provider.signing = header, key
        client = house.app.test_client()
        assert client.get(house.go(client)).status_code == 400
    assert house.store.users.all() == ()


def test_an_unsigned_answer_is_refused(house):
    def unsigned(claims):
        pieces = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
        return ".".join(b64encode(one, b"-_").decode().rstrip("=") for one in (*pieces, b""))

    house.provider.bend = unsigned
    client = house.app.test_client()
    assert client.get(house.go(client)).status_code == 400


def test_an_answer_belongs_to_the_browser_that_asked_and_only_once(house):
    asked, other = house.app.test_client(), house.app.test_client()
    back = house.go(asked)
    assert other.get(back).status_code == 400
    assert asked.get(back).status_code == 303
    assert asked.get(back).status_code == 400
    for query in ("", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied&state=x"):
        assert other.get(f"/login/svar{query}").status_code == 400
    assert other.get("/konto").status_code == 303


def test_the_proof_of_the_code_is_ours(house):
    client = house.app.test_client()
    back = house.go(client)
    [code] = house.provider.codes.values()
    code.code_challenge = "somebody-elses-challenge-0000000000000000000"
    assert client.get(back).status_code == 400


def test_the_way_back_from_the_provider_never_leaves_the_house(house):
    client = house.app.test_client()
    answer = client.get(house.go(client, "/login/organisation?next=//evil.example"))
    assert answer.headers["Location"] == "/"


def test_a_provider_that_does_not_answer_is_said_so(house):
    house.provider.metadata = {"issuer": "http://127.0.0.1:1"}
    client = house.app.test_client()
    assert client.get("/login/organisation").status_code == 502
    # Nothing of it is kept: once it is mended, the next reader is let in.
    house.provider.metadata = {}
    assert house.app.test_client().get("/login/organisation").status_code == 302


def test_a_provider_that_is_gone_is_said_so(empty_store, tmp_path):
    shutil.copy(empty_store, tmp_path / "hus.sqlite")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    app = create_app(
        Settings(
            store=f"sqlite:///{tmp_path}/hus.sqlite",
            oidc_issuer=f"http://127.0.0.1:{port}",
            oidc_client_id="x",
            oidc_roles=ROLES,
        )
    )
    answer = app.test_client().get("/login/organisation")
    assert answer.status_code == 502
    assert "svarar inte" in answer.text
    service_of(app).store.close()


def test_the_secret_stands_in_no_text_of_the_settings(house):
    settings = service_of(house.app).settings
    assert house.secret not in repr(settings)
    assert house.secret not in str(settings.model_dump())


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_client_id": ""},
        {"oidc_roles": ()},
        {"oidc_roles": ("x=chef",)},
        {"oidc_issuer": "http://idp.example"},
        {"oidc_issuer": "idp.example"},
    ],
)
def test_half_a_setting_stops_the_start(tmp_path, given):
    whole = {"oidc_issuer": "https://idp.example", "oidc_client_id": "x", "oidc_roles": ROLES}
    with pytest.raises(SettingsError, match="oidc_roles"):
        create_app(Settings(store=f"sqlite:///{tmp_path}/hus.sqlite", **{**whole, **given}))


def test_without_a_provider_the_address_does_not_exist(tmp_path):
    app = create_app(Settings(store=f"sqlite:///{tmp_path}/hus.sqlite"))
    service_of(app).store.users.add(
        "anna", Role.POLICE, password=None, now=datetime(2026, 4, 29, tzinfo=UTC)
    )
    client = app.test_client()
    assert client.get("/login/organisation").status_code == 404
    assert client.get("/login/svar?code=x&state=y").status_code == 404
    assert "organisationens" not in client.get("/login").text
    service_of(app).store.close()


def test_every_login_asks_who_it_is_and_an_earlier_one_does_not_count(house):
    client = house.app.test_client()
    sent = parse_qs(urlsplit(client.get("/login/organisation").headers["Location"]).query)
    assert sent["prompt"] == ["login"]
    house.provider.bend = house.bent(auth_time=int(house.now.timestamp()) - 600)
    answer = client.get(house.go(client))
    assert answer.status_code == 400
    assert "tidigare inloggning" in answer.text
    assert house.store.users.all() == ()
    # A provider that does not tell is taken at its word.
    house.provider.bend = house.bent(auth_time=None)
    assert client.get(house.go(client)).status_code == 303
