"""One frozen `Settings`, read from ``riskmiljo.toml`` and ``RISKMILJO_*`` variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableVariableError

from riskmiljo.errors import InvalidInputError, SettingsError
from riskmiljo.wording import Language, Text

SETTINGS_FILE = "riskmiljo.toml"

# Floors of METHODS section 6: an installation may raise them, never lower them.
FLOOR_INCIDENTS = 5
FLOOR_SENSITIVE = 10
FLOOR_PLACES = 3
FLOOR_DAYS = 3


# What is wrong with a value, by pydantic's names for it.
_WRONG: Final = {
    "greater_than_equal": Text("det ska vara minst {ge}", "it must be at least {ge}"),
    "less_than_equal": Text("det ska vara högst {le}", "it must be at most {le}"),
    "extra_forbidden": Text("den finns inte", "there is no such setting"),
    "literal_error": Text("det ska vara sv eller en", "it must be sv or en"),
    "int": Text("det ska vara ett heltal", "it must be a whole number"),
    "float": Text("det ska vara ett tal", "it must be a number"),
    "bool": Text("det ska vara true eller false", "it must be true or false"),
    "string": Text("det ska vara text inom citattecken", "it must be text in quotes"),
    "path": Text("det ska vara en sökväg inom citattecken", "it must be a path in quotes"),
    "tuple": Text("det ska vara en lista inom [ ]", "it must be a list in [ ]"),
    "too_long": Text("listan är för lång", "the list is too long"),
    "missing": Text("listan är för kort", "the list is too short"),
    "value_error": Text(
        "det ska vara väst, syd, öst och nord i grader, i den ordningen",
        "it must be west, south, east and north in degrees, in that order",
    ),
}
_WRONG_FORM: Final = Text("värdet har fel form", "the value has the wrong form")


class Settings(BaseSettings):
    """Everything an installation may choose.

    Environment variables win over the file: ``RISKMILJO_STORE``, ``RISKMILJO_PORT`` and so on.

    Attributes
    ----------
    store
        SQLAlchemy address of the store.
    language
        Language of the command line and of pages that name none.
    host, port
        Where ``riskmiljo serve`` listens.
    hosts
        The names under which other machines reach the pages, e.g. ``riskmiljo.example.se``.
    secure_cookies
        Whether cookies go over HTTPS only, also where a request came in over HTTP.
    trusted_proxies
        How many proxies stand in front of the pages and tell who asks (``X-Forwarded-*``).
    oidc_issuer, oidc_client_id, oidc_client_secret
        The organisation's OpenID provider; empty: no such login.
    oidc_role_claim, oidc_roles
        Which claim names a person's groups, and ``group=role`` for each that may log in.
    area_name, area_bbox, epsg, timezone
        The configured area: its name, its box (west, south, east, north in degrees, WGS 84), its
        metric reference system and its time zone.
    gazetteer, category_words
        Own CSV files instead of the shipped ones.
    tile_url, tile_attribution
        A tile server of one's own; empty: the base map drawn from our own data.
    min_incidents, min_sensitive, min_places, min_days
        Minimum counts before anything is shown; may be raised, never lowered.
    forecasting
        Whether forecasts are made and shown at all (``RISKMILJO_FORECASTING=0`` turns them off).
    exploratory_stops
        How many stops of a shift go to places where little is known because few have been there;
        0 is none.
    upload_mb
        How large a file of incidents may be that is sent to the import page, megabytes.
    retention_weeks
        After how many weeks incidents are to be purged (``riskmiljo purge``); None: not decided.
    """

    model_config = SettingsConfigDict(env_prefix="RISKMILJO_", frozen=True, extra="forbid")

    store: str = "sqlite:///riskmiljo.sqlite"
    language: Language = "sv"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 5000
    hosts: tuple[str, ...] = ()
    secure_cookies: bool = False
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_role_claim: str = "groups"
    oidc_roles: tuple[str, ...] = ()
    area_name: str = "Uppsala"
    area_bbox: tuple[float, float, float, float] = (17.2, 59.6, 18.45, 60.2)
    epsg: int = 3006
    timezone: str = "Europe/Stockholm"
    gazetteer: Path | None = None
    category_words: Path | None = None
    tile_url: str = ""
    tile_attribution: str = ""
    min_incidents: Annotated[int, Field(ge=FLOOR_INCIDENTS)] = FLOOR_INCIDENTS
    min_sensitive: Annotated[int, Field(ge=FLOOR_SENSITIVE)] = FLOOR_SENSITIVE
    min_places: Annotated[int, Field(ge=FLOOR_PLACES)] = FLOOR_PLACES
    min_days: Annotated[int, Field(ge=FLOOR_DAYS)] = FLOOR_DAYS
    forecasting: bool = True
    exploratory_stops: Annotated[int, Field(ge=0, le=10)] = 1
    upload_mb: Annotated[int, Field(ge=1, le=2000)] = 50
    retention_weeks: Annotated[int, Field(ge=1, le=2600)] | None = None

    @model_validator(mode="after")
    def _check_area(self) -> Self:
        west, south, east, north = self.area_bbox
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
            msg = "area_bbox must be west, south, east, north in degrees"
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        file = Path(os.environ.get("RISKMILJO_SETTINGS", SETTINGS_FILE))
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file))


def load_settings(**overrides: object) -> Settings:
    """Read the settings once, at the edge of the program.

    Parameters
    ----------
    **overrides
        Values that win over the file and the environment; None means "not given".

    Returns
    -------
    Settings
        The frozen settings.

    Raises
    ------
    SettingsError
        If the file cannot be read or a value is not allowed; names the setting.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    named = os.environ.get("RISKMILJO_SETTINGS")
    if named and not Path(named).is_file():
        raise SettingsError(
            Text(
                "Inställningsfilen {f} finns inte. Rätta RISKMILJO_SETTINGS.",
                "The settings file {f} does not exist. Correct RISKMILJO_SETTINGS.",
            ).fill(f=named)
        )
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "area_bbox"
        raise SettingsError(
            Text(
                "Inställningen {where} duger inte: {why}. Rätta den i {file} eller i miljön.",
                "The setting {where} cannot be used: {why}. "
                "Correct it in {file} or the environment.",
            ).fill(where=where, why=_reason(first), file=SETTINGS_FILE)
        ) from error
    except UnreadableVariableError as error:
        raise SettingsError(
            Text(
                "En variabel i miljön kan inte läsas ({why}): listor skrivs som [1, 2] eller "
                '["a", "b"].',
                "A variable of the environment cannot be read ({why}): lists are written [1, 2] or "
                '["a", "b"].',
            ).fill(why=_named(error))
        ) from error
    except ValueError as error:
        raise SettingsError(
            Text("{file} är inte giltig TOML: {why}.", "{file} is not valid TOML: {why}.").fill(
                file=SETTINGS_FILE, why=error
            )
        ) from error


def _reason(error: ErrorDetails) -> Text:
    kind = str(error["type"])
    text = _WRONG.get(kind) or _WRONG.get(kind.partition("_")[0], _WRONG_FORM)
    return text.fill(**error.get("ctx", {}))


def _named(error: UnreadableVariableError) -> str:
    """Return the variable that pydantic names in its message, between the first quotes."""
    field = str(error).split('"')[1:2]
    return f"RISKMILJO_{field[0].upper()}" if field else str(error)


def shipped(*parts: str) -> Path:
    """Return the path of a file that riskmiljo ships under ``data/`` or ``maps/``.

    Parameters
    ----------
    *parts
        The path below the project's root, e.g. ``shipped("data", "gazetteer.csv")``.

    Returns
    -------
    pathlib.Path
        In an installed wheel the files lie inside the package, in a checkout beside it.
    """
    package = Path(__file__).parent
    inside = package / "_shipped"
    return (inside if inside.is_dir() else package.parent).joinpath(*parts)


def path_of(given: object) -> Path:
    """Return the path of a file that a caller names.

    Parameters
    ----------
    given
        Text or a path; may be of any kind.

    Returns
    -------
    pathlib.Path
        Whether there is such a file is not looked at.

    Raises
    ------
    InvalidInputError
        If it is neither, is empty, or holds a character that no path can.
    """
    if not isinstance(given, str | os.PathLike) or not str(given).strip() or "\0" in str(given):
        raise InvalidInputError(
            Text(
                "Sökvägen ska vara namnet på en fil, inte {v}.",
                "The path must be the name of a file, not {v}.",
            ).fill(v=repr(given)[:60])
        )
    return Path(given)
