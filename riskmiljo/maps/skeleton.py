"""The empty map as folium draws it, taken apart: the only module that knows folium.

folium 0.20 with branca 0.8 compiles its output as a Jinja template once more and puts text into
script unescaped. It is therefore given constants only, and the functions here take no argument:
there is no way to hand it a string.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from riskmiljo.errors import RiskmiljoError
from riskmiljo.wording import Text

# folium's header children by name: the asset of ours that stands for it, or None where the page
# needs none of it (popups, icon fonts and Bootstrap are not used).
_HEADER: Final[dict[str, str | None]] = {
    "meta_http": None,
    "leaflet": "leaflet.js",
    "jquery": None,
    "bootstrap": None,
    "awesome_markers": None,
    "leaflet_css": "leaflet.css",
    "bootstrap_css": None,
    "glyphicons_css": None,
    "awesome_markers_font_css": None,
    "awesome_markers_css": None,
    "awesome_rotate_css": None,
    "leaflet-heat.js": "leaflet_heat.js",
}
# The heat script rescales to the strongest point it holds. This row, beyond every map, is stronger
# than any of ours can be, so that panning does not change a colour.
HEAT_ANCHOR: Final = (85.0, 0.0, 1.2)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """An empty Leaflet map with an empty, hidden heat layer.

    Attributes
    ----------
    stylesheets, scripts
        Names of the assets that it needs, in order.
    html
        The element that the map is drawn in.
    script
        Makes the global variables ``map_1`` and ``heat_map_1``.
    """

    stylesheets: tuple[str, ...]
    scripts: tuple[str, ...]
    html: str
    script: str


@cache
def skeleton() -> Skeleton:
    """Draw the empty map.

    Returns
    -------
    Skeleton
        The same bytes in every process: element ids are numbered by order of appearance.

    Raises
    ------
    RiskmiljoError
        If the installed folium asks for a header that is not known here: a new version must be
        looked at before it is trusted.
    """
    # Most of a second, which a program that draws no map of ours need not wait for.
    import folium  # noqa: PLC0415 - see above
    from folium.plugins import HeatMap  # noqa: PLC0415 - see above

    drawing = folium.Map(
        location=(0, 0), zoom_start=2, tiles=None, zoom_control=False, attribution_control=False
    )
    options = {"min_opacity": 0.05, "radius": 22, "blur": 18, "show": False}
    heat = HeatMap([HEAT_ANCHOR], **options)  # type: ignore[no-untyped-call]  # folium's own gap
    heat.add_to(drawing)
    figure: Any = drawing.get_root()
    figure.render()
    needed = _needed(list(figure.header._children), own=drawing.get_name())  # noqa: SLF001 - branca offers no other way to its parts
    return Skeleton(
        stylesheets=tuple(name for name in needed if name.endswith(".css")),
        scripts=tuple(name for name in needed if name.endswith(".js")),
        html=_numbered("".join(part.render() for part in figure.html._children.values())),  # noqa: SLF001 - as above
        script=_numbered("".join(part.render() for part in figure.script._children.values())),  # noqa: SLF001 - as above
    )


def _needed(header: list[str], *, own: str) -> list[str]:
    """Return the assets behind folium's header; its own inline style lives in karta.css."""
    unknown = sorted(set(header) - set(_HEADER) - {own})
    if unknown:
        raise RiskmiljoError(
            Text(
                "Den installerade folium-versionen vill läsa in {n}, som inte är granskat. "
                "Installera folium 0.20.",
                "The installed version of folium wants to load {n}, which has not been reviewed. "
                "Install folium 0.20.",
            ).fill(n=", ".join(unknown)),
            code="FOLIUM_OKÄND",
        )
    return [name for child in header if (name := _HEADER.get(child))]


def _numbered(text: str) -> str:
    """Replace folium's random ids, ``map_2c60...``, by ``map_1``; and tidy the white space."""
    seen: dict[str, dict[str, int]] = {}

    def number(match: re.Match[str]) -> str:
        kind, token = match.groups()
        of_kind = seen.setdefault(kind, {})
        return f"{kind}_{of_kind.setdefault(token, len(of_kind) + 1)}"

    named = re.sub(r"\b([a-z_]+)_([0-9a-f]{32})\b", number, text)
    return "\n".join(line.rstrip() for line in named.splitlines() if line.strip()) + "\n"
