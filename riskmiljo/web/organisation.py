"""Login with the organisation's account: OpenID Connect, code flow with PKCE, by Authlib.

What the provider answers is accepted only with our state and nonce, from the issuer that the
settings name, for our client, signed by a key of its own and not yet expired; and it lets in only
whom the settings give a role.

The provider is asked to let nobody in on an earlier login (``prompt=login``): at a computer that
several share, whoever sits there shows who they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, session, url_for

from riskmiljo.access.groups import read_roles, role_of
from riskmiljo.errors import InvalidInputError, NothingFoundError, SettingsError
from riskmiljo.settings import Settings
from riskmiljo.store.users import User
from riskmiljo.web import login_words
from riskmiljo.web.failures import error_answer
from riskmiljo.web.server_address import is_loopback
from riskmiljo.web.service import Service, service_of
from riskmiljo.wording import Text

_KEY: Final = "riskmiljo_organisation"
_NAME: Final = "riskmiljo"
_NEXT: Final = "next"
_ASKED: Final = "asked"
_REFUSED: Final = 403
_NO_ANSWER: Final = 502
_TIMEOUT_S: Final = 10
_LEEWAY_S: Final = 60
# What the libraries raise over an answer of another shape than the standard's.
_MALFORMED: Final = (ValueError, KeyError, TypeError, AttributeError)
# Signed by a key that only the provider has; never by the secret that we share with it.
_SIGNATURES: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody whom the organisation lets in.

    Attributes
    ----------
    user
        Who it is.
    wanted
        Where they wanted to go.
    id_token
        What the provider said, as it was signed.
    """

    user: User
    wanted: str
    id_token: str


def install_organisation(app: Flask) -> None:
    """Check the settings of the organisation's login at the start, not at the first login.

    Parameters
    ----------
    app
        The application, with its service installed.

    Raises
    ------
    SettingsError
        If the provider's address, the client or the roles cannot be used.
    """
    settings = service_of(app).settings
    roles = read_roles(settings.oidc_roles)
    if not settings.oidc_issuer:
        return
    parts = urlsplit(settings.oidc_issuer)
    safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
    if not safe or not parts.netloc or not settings.oidc_client_id or not roles:
        raise SettingsError(
            Text(
                "Inställningarna oidc_issuer (https://…), oidc_client_id och oidc_roles hör ihop. "
                "Ange alla tre.",
                "The settings oidc_issuer (https://…), oidc_client_id and oidc_roles belong "
                "together. Give all three.",
            )
        )


def begin(here: Service, wanted: str) -> Response:
    """Send the reader to the provider.

    Parameters
    ----------
    here
        The running installation.
    wanted
        Where the reader wants to go, a page of ours.

    Returns
    -------
    flask.Response
        302.

    Raises
    ------
    NothingFoundError
        Where no such login is set up.
    """
    client = _client(here.settings)
    # What earlier attempts have left would fill the cookie.
    for name in [name for name in session if name.startswith("_state_")]:
        session.pop(name)
    from requests import RequestException  # noqa: PLC0415 - only this login needs it

    try:
        _check_provider(client, here.settings)
        leads = client.authorize_redirect(
            url_for("login.organisation_end", _external=True), prompt="login"
        )
    except (RequestException, *_MALFORMED) as error:
        current_app.logger.warning("organisation login: no answer: %s", type(error).__name__)
        abort(error_answer(_NO_ANSWER, login_words.ORGANISATION_DOWN, code="ORGANISATION"))
    session[_NEXT] = wanted
    session[_ASKED] = int(here.clock().timestamp())
    return Response(leads.response, leads.status_code, leads.headers)


def finish(here: Service) -> Entered:
    """Take in what the provider answers.

    Parameters
    ----------
    here
        The running installation.

    Returns
    -------
    Entered
        Who it is.

    Raises
    ------
    InvalidInputError
        If the answer cannot be accepted; the log tells why.
    NothingFoundError
        Where no such login is set up.
    """
    claims, id_token = _claims(here)
    role = role_of(claims.get(here.settings.oidc_role_claim), read_roles(here.settings.oidc_roles))
    if role is None:
        current_app.logger.warning("organisation login: no role")
        abort(error_answer(_REFUSED, login_words.NO_ROLE, code="INGEN_ROLL"))
    subject = str(claims["sub"])
    user = here.store.users.enter_by_subject(
        issuer=here.settings.oidc_issuer,
        subject=subject,
        name=_name(claims) or subject,
        role=role,
        now=here.clock(),
    )
    if user.disabled_at is not None:
        abort(error_answer(_REFUSED, login_words.DISABLED, code="AVSTANGT"))
    return Entered(user, str(session.pop(_NEXT, "")), id_token)


def metadata_of(settings: Settings) -> dict[str, Any]:
    """Return what the provider tells of itself.

    Parameters
    ----------
    settings
        The installation's settings.

    Returns
    -------
    dict of str to object
        Empty where it does not answer, or not for the issuer that the settings name.

    Raises
    ------
    NothingFoundError
        Where no such login is set up.
    """
    client = _client(settings)
    from requests import RequestException  # noqa: PLC0415 - only this login needs it

    try:
        _check_provider(client, settings)
    except (RequestException, *_MALFORMED) as error:
        current_app.logger.warning("organisation logout: no answer: %s", type(error).__name__)
        return {}
    return dict(client.server_metadata)


def _client(settings: Settings) -> Any:
    if not settings.oidc_issuer:
        raise NothingFoundError(login_words.NO_ORGANISATION)
    known = current_app.extensions.get(_KEY)
    if known is not None:
        return known
    from authlib.integrations.flask_client import OAuth  # noqa: PLC0415 - only this login needs it

    secret = settings.oidc_client_secret.get_secret_value()
    made = OAuth(current_app).register(
        _NAME,
        client_id=settings.oidc_client_id,
        client_secret=secret or None,
        server_metadata_url=(
            settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
        ),
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT_S,
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        },
    )
    current_app.extensions[_KEY] = made
    return made


def _check_provider(client: Any, settings: Settings) -> None:
    metadata = client.load_server_metadata()
    if metadata.get("issuer") != settings.oidc_issuer:
        # Nothing of what it says is kept.
        client.server_metadata.clear()
        msg = "the provider names another issuer"
        raise ValueError(msg)
    offered = metadata.get("id_token_signing_alg_values_supported") or ("RS256",)
    metadata["id_token_signing_alg_values_supported"] = [
        one for one in offered if one in _SIGNATURES
    ]


def _claims(here: Service) -> tuple[dict[str, Any], str]:
    client = _client(here.settings)
    from authlib.integrations.base_client import OAuthError  # noqa: PLC0415 - see _client
    from joserfc.errors import JoseError  # noqa: PLC0415 - see _client
    from requests import RequestException  # noqa: PLC0415 - see _client

    try:
        _check_provider(client, here.settings)
        token = client.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": here.settings.oidc_issuer},
                "aud": {"essential": True, "value": here.settings.oidc_client_id},
                "nonce": {"essential": True},
            },
            leeway=_LEEWAY_S,
        )
    except RequestException as error:
        current_app.logger.warning("organisation login: no answer: %s", type(error).__name__)
        abort(error_answer(_NO_ANSWER, login_words.ORGANISATION_DOWN, code="ORGANISATION"))
    except (OAuthError, JoseError, *_MALFORMED) as error:
        # The kind of fault only: what stands in it came from outside.
        current_app.logger.warning("organisation login refused: %s", type(error).__name__)
        raise InvalidInputError(login_words.ORGANISATION_REFUSED, code="ORGANISATION") from error
    claims = token.get("userinfo")
    if not claims or not claims.get("sub"):
        current_app.logger.warning("organisation login refused: no id token")
        raise InvalidInputError(login_words.ORGANISATION_REFUSED, code="ORGANISATION")
    _refuse_old(claims)
    if here.settings.oidc_role_claim not in claims and "access_token" in token:
        told = client.userinfo(token=token)
        # Another person's answer must not give this one a role.
        if told.get("sub") == claims["sub"]:
            claims = {**told, **claims}
    return dict(claims), str(token["id_token"])


def _refuse_old(claims: dict[str, Any]) -> None:
    """Refuse somebody whom the provider has let in without asking; many tell when they asked."""
    when = claims.get("auth_time")
    asked = session.pop(_ASKED, None)
    if when is None:
        return
    if asked is None or not when >= asked - _LEEWAY_S:
        current_app.logger.warning("organisation login refused: an earlier login")
        raise InvalidInputError(login_words.ORGANISATION_OLD, code="ORGANISATION")


def _name(claims: dict[str, Any]) -> str:
    for key in ("preferred_username", "email", "name"):
        name = re.sub(r"\s+", " ", str(claims.get(key) or "")).strip()
        if name:
            return name
    return ""
