"""An OpenID provider that runs beside the tests, and pages that let in whom it names."""

from __future__ import annotations

import re
import shutil
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, redirect, request
from flask import session as provider_session
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

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
        return re.fullmatch(r"http://(localhost|127\.0\.0\.1:\d+)/login/svar", redirect_uri)

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
        return self.auth_time

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
        # Whether it asks who somebody is, and keeps them logged in, as a real one does.
        self.asks = False
        self.asked_at = None

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
            if self.asks and request.method == "GET":
                again = request.args.get("prompt") == "login"
                if again or "who" not in provider_session:
                    return '<form method="post"><button name="who" value="p1">Jag</button></form>'
            if request.method == "POST":
                provider_session["who"], self.asked_at = "p1", int(time.time())
            person = SimpleNamespace(get_user_id=lambda: self.person["sub"])
            grant = server.get_consent_grant(end_user=person)
            return server.create_authorization_response(grant=grant, grant_user=person)

        def end():
            hint = jwt.decode(request.args["id_token_hint"], self.key).claims
            back = request.args["post_logout_redirect_uri"]
            assert (hint["sub"], hint["aud"]) == (self.person["sub"], [CLIENT])
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/logout", back)
            provider_session.clear()
            return redirect(f"{back}?state={request.args['state']}")

        keys = KeySet([self.key]).as_dict(private=False)
        for path, view in {
            "/.well-known/openid-configuration": lambda: jsonify(self.discovery()),
            "/jwks": lambda: jsonify(keys),
            "/end": end,
            "/userinfo": protect("openid")(lambda: jsonify(self.person)),
        }.items():
            app.add_url_rule(path, path, view)
        app.add_url_rule("/authorize", "authorize", authorize, methods=["GET", "POST"])
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
                auth_time=provider.asked_at or int(time.time()),
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


class House:
    """Pages whose one provider is that of the test."""

    client_id, secret = CLIENT, SECRET

    def __init__(self, folder, provider):
        self.now, self.provider = datetime.now(UTC), provider
        self.path = folder / "hus.sqlite"
        settings = Settings(
            store=f"sqlite:///{self.path}",
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_roles=ROLES,
        )
        self.app = create_app(settings, clock=lambda: self.now)
        self.store = service_of(self.app).store

    def go(self, client, path="/login/organisation"):
        """Let a browser go to the provider and come back; returns where it comes back to."""
        leads = client.get(path)
        assert leads.status_code == 302, leads.text
        answer = requests.get(leads.headers["Location"], allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        assert back.path == "/login/svar", answer.headers["Location"]
        return f"{back.path}?{back.query}"

    @staticmethod
    def bent(**claims):
        """Bend what the provider says."""
        return lambda told: {k: v for k, v in {**told, **claims}.items() if v is not None}


@pytest.fixture
def house(provider, empty_store, tmp_path):
    shutil.copy(empty_store, tmp_path / "hus.sqlite")
    made = House(tmp_path, provider)
    yield made
    made.store.close()
