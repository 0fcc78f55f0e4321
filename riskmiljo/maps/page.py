"""The map in a page: the fragment that the web embeds, and the file that can be mailed.

Pages are made by Jinja with autoescape, outside folium: what a user wrote is data here, never
part of a template.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from riskmiljo.errors import RiskmiljoError
from riskmiljo.maps.assets import MODULES, SCRIPTS, STYLESHEETS, asset
from riskmiljo.maps.payload import json_text
from riskmiljo.maps.skeleton import skeleton
from riskmiljo.wording import Language, Text, decimal_text

_DATA_ID: Final = "karta-data"

WORDS: Final[dict[str, Text]] = {
    "skip": Text("Hoppa till tabellen", "Skip to the table"),
    "map": Text("Karta", "Map"),
    "simulated": Text(
        "Simulerade data: inga verkliga händelser.", "Simulated data: no real incidents."
    ),
    "notes": Text("Att tänka på", "Please note"),
    "zones": Text("Riskzoner", "Risk zones"),
    "areas": Text("Patrullområden", "Patrol areas"),
    "number": Text("Nr", "No."),
    "name": Text("Namn", "Name"),
    "events": Text("Händelser", "Incidents"),
    "per_ha_week": Text("Per hektar och vecka", "Per hectare per week"),
    "size": Text("Yta (hektar)", "Size (hectares)"),
    "trend": Text("Utveckling", "Trend"),
    "when": Text("När", "When"),
    "expected": Text("Väntade händelser", "Expected incidents"),
    "within": Text("Zoner", "Zones"),
    "why": Text("Varför", "Why"),
    "nothing": Text("Inga zoner att visa.", "No zones to show."),
    "no_script": Text(
        "Kartan behöver JavaScript. Tabellen har samma innehåll.",
        "The map needs JavaScript. The table has the same content.",
    ),
}


def map_fragment(layers: str, label: Text, language: Language = "sv") -> Markup:
    """Return the element that a page puts where the map shall stand.

    Parameters
    ----------
    layers
        Address of the layers' JSON, or ``#id`` of a JSON element of the same page.
    label
        What the map is called for those who do not see it.
    language
        The page's language.

    Returns
    -------
    markupsafe.Markup
        Safe to insert; both texts are escaped.
    """
    return Markup(
        '<section class="karta" data-layers="{layers}" aria-label="{label}">\n'
        "{skeleton}<noscript><p>{words}</p></noscript>\n</section>"
    ).format(
        layers=layers,
        label=label.in_language(language),
        skeleton=Markup(skeleton().html),  # noqa: S704 - constant: folium is given no text
        words=WORDS["no_script"].in_language(language),
    )


def standalone_page(payload: dict[str, Any], *, language: Language = "sv") -> str:
    """Return a self-contained HTML file: map, legend, table, script and style in one.

    Parameters
    ----------
    payload
        From `riskmiljo.maps.payload.map_payload`. A tile server is left out: the file must open
        without any network, and tell no server who reads it.
    language
        The language of the page.

    Returns
    -------
    str
        HTML, byte-identical for the same input. Its Content-Security-Policy allows its own script
        and style by their hashes, and no request at all.
    """
    offline = {**payload, "tiles": None}
    styles = [_inline(name, "style") for name in (*STYLESHEETS, "sida.css")]
    scripts = [_inline(name, "script") for name in SCRIPTS]
    modules = [_inline(name, "script") for name in MODULES]
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(_hash(text) for text in (*scripts, *modules)),
            "style-src " + " ".join(_hash(text) for text in styles),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    tables = {layer["id"]: layer["features"] for layer in offline["layers"]}
    return _template().render(
        policy=policy,
        language=language,
        payload=offline,
        data_id=_DATA_ID,
        data=Markup(json_text(offline)),  # noqa: S704 - <, > and & are escaped as \u003c in JSON
        styles=styles,
        scripts=scripts,
        modules=modules,
        fragment=map_fragment(f"#{_DATA_ID}", WORDS["map"], language),
        zones=[one["properties"] for one in tables.get("zones", [])],
        areas=[one["properties"] for one in tables.get("areas", [])],
        has_zones="zones" in tables,
        word=lambda key: WORDS[key].in_language(language),
        say=lambda text: text[language],
        figure=lambda value, digits: (
            "–" if value is None else decimal_text(value, digits, fixed=True).in_language(language)
        ),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("standalone.html")


def _inline(name: str, element: str) -> Markup:
    """Return one of our assets for use inside an element that it must not be able to close."""
    text = asset(name).content.decode("utf-8")
    lowered = text.lower()
    if f"</{element}" in lowered or "<!--" in lowered:
        raise RiskmiljoError(
            Text(
                "Filen {n} kan inte läggas i en sida: den innehåller {e}.",
                "The file {n} cannot be put into a page: it contains {e}.",
            ).fill(n=name, e=f"</{element} / <!--"),
            code="TILLGÅNG_OSÄKER",
        )
    return Markup(text.replace("\r\n", "\n"))  # noqa: S704 - our own asset, checked above


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
