"""The settings in force, as the administrator's page shows them; never a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from riskmiljo.settings import Settings
from riskmiljo.wording import Text, decimal_text

TITLE: Final = Text("Inställningar", "Settings")
HOW: Final = Text(
    "Väljs i riskmiljo.toml eller med RISKMILJO_ och namnet i versaler, på den dator som kör "
    "tjänsten. De gäller från nästa start.",
    "Chosen in riskmiljo.toml, or by RISKMILJO_ and the name in capitals, on the machine that runs "
    "the service. They hold from the next start.",
)
TABLE: Final = Text("Det som gäller nu", "What holds now")
WHAT: Final = Text("Vad", "What")
VALUE: Final = Text("Värde", "Value")
NAME: Final = Text("Namn", "Name")
CHOSEN: Final = Text("vald", "chosen")

_YES: Final = Text("ja", "yes")
_NO: Final = Text("nej", "no")
_NONE: Final = Text("inte satt", "not set")
_SET: Final = Text("satt, visas inte", "set, not shown")

_PASSWORD: Final = re.compile(r"(?<=:)[^:/@]*(?=@)")

# In the order in which they are shown: every field of `Settings`.
_MEANING: Final[dict[str, Text]] = {
    "area_name": Text("Områdets namn", "Name of the area"),
    "area_bbox": Text("Område: väst, syd, öst, nord", "Area: west, south, east, north"),
    "epsg": Text("Koordinatsystem, EPSG", "Reference system, EPSG"),
    "timezone": Text("Tidszon", "Time zone"),
    "language": Text("Språk om inget är valt", "Language where none is chosen"),
    "min_incidents": Text("Minsta antal händelser", "Fewest incidents shown"),
    "min_sensitive": Text(
        "Minsta antal om unga eller omsorg", "Fewest shown of the young or of care"
    ),
    "min_places": Text("Minsta antal platser", "Fewest places shown"),
    "min_days": Text("Minsta antal dagar", "Fewest days shown"),
    "retention_weeks": Text("Gallring efter, veckor", "Purge after, weeks"),
    "forecasting": Text("Prognoser visas", "Forecasts are shown"),
    "exploratory_stops": Text("Utforskande stopp per pass", "Exploratory stops a shift"),
    "upload_mb": Text("Största fil på importsidan, MB", "Largest file on the import page, MB"),
    "gazetteer": Text("Egen fil med ortnamn", "Own file of place names"),
    "category_words": Text("Egen fil med brottsord", "Own file of category words"),
    "tile_url": Text("Egen bakgrundskarta", "Own base map"),
    "tile_attribution": Text("Bakgrundskartans upphov", "Credit of the base map"),
    "store": Text("Databas", "Store"),
    "host": Text("Lyssnar på", "Listens to"),
    "port": Text("Port", "Port"),
    "hosts": Text("Namn som sidorna nås under", "Names that the pages are reached by"),
    "secure_cookies": Text("Kakor bara över HTTPS", "Cookies over HTTPS only"),
    "trusted_proxies": Text("Proxyer framför tjänsten", "Proxies in front of the service"),
    "oidc_issuer": Text("Organisationens inloggning", "The organisation's login"),
    "oidc_client_id": Text("Klientens id där", "The client's id there"),
    "oidc_client_secret": Text("Klientens hemlighet", "The client's secret"),
    "oidc_role_claim": Text("Fält med grupper", "Claim with the groups"),
    "oidc_roles": Text("Grupp och roll", "Group and role"),
}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting.

    Attributes
    ----------
    name
        As in the file.
    what
        What it is about.
    value
        What holds.
    chosen
        Whether it is another than the shipped one.
    """

    name: str
    what: Text
    value: Text
    chosen: bool


def setting_rows(settings: Settings) -> list[SettingRow]:
    """Return the settings in force.

    Parameters
    ----------
    settings
        Of the running installation.

    Returns
    -------
    list of SettingRow
        One a setting. Of a secret it is said only that it is set; of the store's address the
        password is left out.
    """
    shipped = {name: field.default for name, field in Settings.model_fields.items()}
    return [
        SettingRow(
            name=name,
            what=what,
            value=_shown(name, getattr(settings, name)),
            chosen=getattr(settings, name) != shipped[name],
        )
        for name, what in _MEANING.items()
    ]


def _shown(name: str, value: object) -> Text:
    if isinstance(value, SecretStr):
        return _SET if value.get_secret_value() else _NONE
    if isinstance(value, bool):
        return _YES if value else _NO
    if value is None or value in ("", ()):
        return _NONE
    if isinstance(value, tuple):
        parts = [decimal_text(one, 2) if isinstance(one, float) else _same(one) for one in value]
        return Text("; ".join(one.sv for one in parts), "; ".join(one.en for one in parts))
    if name == "store":
        return _same(_PASSWORD.sub("***", str(value)))
    return _same(value)


def _same(value: object) -> Text:
    return Text(str(value), str(value))
