"""Login with the organisation's account, against an OpenID provider that runs beside the test."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

from riskmiljo.errors import SettingsError
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.store import open_store
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

CLIENT, SECRET = "riskmiljo-test", "a secret of the test"
ROLES = ("polisen=police", "samordnare=planner")


class Client(ClientMixin):
    """The one client that the provider knows."""

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == "http://localhost/login/svar"

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic" or endpoint != "token"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):
    """A code that the provider has given out."""

    def __init__(self, **values):
        self.__dict__.update(values)

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return int(time.time())

    def get_acr(self):
        return None

    def get_amr(self):
        return None


class Provider:
    """An OpenID provider; what it says may be bent by a test."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.reset()
        app = Flask("provider")
        app.secret_key = "of the provider"  # noqa: S105 - test data
        app.config["TESTING"] = True
        self._routes(app)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def reset(self):
        self.codes, self.tokens = {}, {}
        self.person = {"sub": "p1", "preferred_username": "anna.ek", "groups": ["polisen"]}
        self.bend = lambda claims: claims
        self.header = {"alg": "RS256", "kid": "k1"}
        self.signing = self.key
        self.metadata = {}
        self.in_userinfo = False

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def claims(self):
        return {k: v for k, v in self.person.items() if k == "sub" or not self.in_userinfo}

    def _routes(self, app):
        server = AuthorizationServer(
            app,
            query_client=lambda client_id: Client() if client_id == CLIENT else None,
            save_token=lambda token, _: self.tokens.update({token["access_token"]: token}),
        )
        server.register_grant(
            code_grant(self), [CodeChallenge(required=True), id_token(self)(require_nonce=True)]
        )
        protect = ResourceProtector()
        protect.register_token_validator(validator(self)())

        def authorize():
            person = SimpleNamespace(get_user_id=lambda: self.person["sub"])
            grant = server.get_consent_grant(end_user=person)
            return server.create_authorization_response(grant=grant, grant_user=person)

        keys = KeySet([self.key]).as_dict(private=False)
        for path, view in {
            "/.well-known/openid-configuration": lambda: jsonify(self.discovery()),
            "/jwks": lambda: jsonify(keys),
            "/authorize": authorize,
            "/userinfo": protect("openid")(lambda: jsonify(self.person)),
        }.items():
            app.add_url_rule(path, path, view)
        app.add_url_rule("/token", "token", server.create_token_response, methods=["POST"])

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.metadata,
        }


def code_grant(provider):
    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code, sent):
            data = sent.payload.data
            provider.codes[code] = Code(
                code=code,
                client_id=CLIENT,
                redirect_uri=sent.payload.redirect_uri,
                scope=sent.payload.scope,
                nonce=data.get("nonce"),
                code_challenge=data.get("code_challenge"),
                code_challenge_method=data.get("code_challenge_method"),
            )

        def query_authorization_code(self, code, client):  # noqa: ARG002 - as Authlib calls it
            return provider.codes.get(code)

        def delete_authorization_code(self, code):
            del provider.codes[code.code]

        def authenticate_user(self, code):  # noqa: ARG002 - as Authlib calls it
            return SimpleNamespace(get_user_id=lambda: provider.person["sub"])

    return CodeGrant


def id_token(provider):
    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce, sent):  # noqa: ARG002 - as Authlib calls it
            return False

        def resolve_client_private_key(self, client):  # noqa: ARG002 - as Authlib calls it
            return provider.key

        def get_client_claims(self, client):
            return {"iss": provider.issuer, "aud": [client.get_client_id()]}

        def generate_user_info(self, user, scope):  # noqa: ARG002 - as Authlib calls it
            return UserInfo(provider.claims())

        def encode_id_token(self, token, sent):
            claims = jwt.decode(super().encode_id_token(token, sent), provider.key).claims
            bent = provider.bend(dict(claims))
            if not isinstance(bent, dict):
                return bent
            known = ["RS256", "HS256"]
            return jwt.encode(provider.header, bent, provider.signing, algorithms=known)

    return IdToken


def validator(provider):
    class Validator(BearerTokenValidator):
        def authenticate_token(self, token_string):
            found = provider.tokens.get(token_string)
            return found and SimpleNamespace(
                is_expired=lambda: False, is_revoked=lambda: False, get_scope=lambda: "openid"
            )

    return Validator


@pytest.fixture(scope="module")
def started():
    with pytest.MonkeyPatch.context() as patch:
        # The provider of the tests speaks HTTP on this machine.
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        one = Provider()
        yield one
        one.stop()


@pytest.fixture
def provider(started):
    started.reset()
    return started


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """Tables are made once; every test gets a copy."""
    path = tmp_path_factory.mktemp("tom") / "hus.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def house(provider, empty_store, tmp_path):
    shutil.copy(empty_store, tmp_path / "hus.sqlite")
    now = datetime.now(UTC)
    app = create_app(
        Settings(
            store=f"sqlite:///{tmp_path}/hus.sqlite",
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_roles=ROLES,
        ),
        clock=lambda: now,
    )
    yield SimpleNamespace(app=app, store=service_of(app).store, provider=provider, now=now)
    service_of(app).store.close()


def go(client, path="/login/organisation"):
    """Let a browser go to the provider and come back; returns the address it comes back to."""
    leads = client.get(path)
    assert leads.status_code == 302, leads.text
    answer = requests.get(leads.headers["Location"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/login/svar", answer.headers["Location"]
    return f"{back.path}?{back.query}"


def test_the_organisations_account_logs_in_with_the_role_that_the_settings_give(house):
    client = house.app.test_client()
    # Nobody is let in without: a provider is as good as an account.
    assert client.get("/konto").headers["Location"] == "/login?next=/konto"
    page = client.get("/login?next=/konto").text
    assert "organisationens konto" in page
    sent = parse_qs(urlsplit(client.get("/login/organisation").headers["Location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    answer = client.get(go(client, "/login/organisation?next=/konto"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/konto")
    told = client.get("/konto.json").json
    assert (told["name"], told["role"], told["has_password"]) == ("anna.ek", "police", False)
    # The organisation's word of today is what holds.
    house.provider.person = {**house.provider.person, "groups": ["samordnare"]}
    other = house.app.test_client()
    assert other.get(go(other)).status_code == 303
    assert other.get("/konto.json").json["role"] == "planner"
    # What was opened with the former role is closed.
    assert client.get("/konto.json").status_code == 401
    assert len(house.store.users.all()) == 1


def test_the_role_may_come_from_the_userinfo_answer(house):
    house.provider.in_userinfo = True
    client = house.app.test_client()
    assert client.get(go(client)).status_code == 303
    assert client.get("/konto.json").json["role"] == "police"


@pytest.mark.parametrize("groups", [[], ["annat"], "police", None])
def test_without_a_role_nobody_is_let_in(house, groups):
    house.provider.person = {**house.provider.person, "groups": groups}
    client = house.app.test_client()
    answer = client.get(go(client))
    assert answer.status_code == 403
    assert "ingen roll" in answer.text
    assert house.store.users.all() == ()
    assert client.get("/konto").status_code == 303


def test_a_disabled_account_is_not_let_in_by_the_organisation_either(house):
    client = house.app.test_client()
    client.get(go(client))
    [user] = house.store.users.all()
    assert user.role is Role.POLICE
    house.store.users.disable(user.user_id, now=house.now)
    assert client.get("/konto").status_code == 303
    answer = client.get(go(client))
    assert answer.status_code == 403
    assert client.get("/konto").status_code == 303


def bent(**claims):
    return lambda told: {k: v for k, v in {**told, **claims}.items() if v is not None}


@pytest.mark.parametrize(
    "bend",
    [
        bent(nonce="another"),
        bent(nonce=None),
        bent(iss="https://evil.example"),
        bent(iss=None),
        bent(aud="another-client"),
        bent(aud=["another-client"]),
        bent(aud=None),
        bent(aud=[CLIENT, "another"], azp="another"),
        bent(exp=int(time.time()) - 3600),
        bent(exp=None),
        bent(sub=None),
        bent(sub=""),
        bent(at_hash="AAAA"),
        lambda _: None,
    ],
    ids=[
        "wrong nonce", "no nonce", "wrong issuer", "no issuer", "wrong audience", "wrong audiences",
        "no audience", "for another party", "expired", "no end", "nobody", "empty", "wrong token",
        "no id token",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_for_us_now_is_refused(house, bend, caplog):
    house.provider.bend = bend
    client = house.app.test_client()
    answer = client.get(go(client))
    assert answer.status_code == 400
    assert "kan inte godtas" in answer.text
    assert "organisation login refused" in caplog.text
    assert house.store.users.all() == ()
    assert client.get("/konto").status_code == 303


def test_an_answer_signed_by_anybody_else_is_refused(house):
    provider = house.provider
    foreign = RSAKey.generate_key(2048, {"kid": "k1"})
    shared = OctKey.import_key(SECRET, {"kid": "k1"})
    for header, key in (
        ({"alg": "RS256", "kid": "k1"}, foreign),
        # The secret that we share with the provider signs nothing.
        ({"alg": "HS256", "kid": "k1"}, shared),
    ):
        provider.header, provider.signing = header, key
        client = house.app.test_client()
        assert client.get(go(client)).status_code == 400
    assert house.store.users.all() == ()


def test_an_unsigned_answer_is_refused(house):
    def unsigned(claims):
        pieces = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
        return ".".join(b64encode(one, b"-_").decode().rstrip("=") for one in (*pieces, b""))

    house.provider.bend = unsigned
    client = house.app.test_client()
    assert client.get(go(client)).status_code == 400


def test_an_answer_belongs_to_the_browser_that_asked_and_only_once(house):
    asked, other = house.app.test_client(), house.app.test_client()
    back = go(asked)
    assert other.get(back).status_code == 400
    assert asked.get(back).status_code == 303
    assert asked.get(back).status_code == 400
    for query in ("", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied&state=x"):
        assert other.get(f"/login/svar{query}").status_code == 400
    assert other.get("/konto").status_code == 303


def test_the_proof_of_the_code_is_ours(house):
    client = house.app.test_client()
    back = go(client)
    [code] = house.provider.codes.values()
    code.code_challenge = "somebody-elses-challenge-0000000000000000000"
    assert client.get(back).status_code == 400


def test_the_way_back_from_the_provider_never_leaves_the_house(house):
    client = house.app.test_client()
    answer = client.get(go(client, "/login/organisation?next=//evil.example"))
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
            oidc_client_id=CLIENT,
            oidc_roles=ROLES,
        )
    )
    answer = app.test_client().get("/login/organisation")
    assert answer.status_code == 502
    assert "svarar inte" in answer.text
    service_of(app).store.close()


def test_the_secret_stands_in_no_text_of_the_settings(house):
    settings = service_of(house.app).settings
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


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
    assert not re.search("organisationens", client.get("/login").text)
    service_of(app).store.close()
