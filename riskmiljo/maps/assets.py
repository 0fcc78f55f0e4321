"""Everything a map page loads, served by ourselves: Leaflet, the heat script, our own files.

The third-party files come out of installed packages (XStatic-Leaflet and folium's own wheel), so
that no Node and no content delivery network is needed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from riskmiljo.errors import InvalidInputError, RiskmiljoError
from riskmiljo.maps.skeleton import skeleton
from riskmiljo.wording import Text

STYLESHEETS: Final = ("leaflet.css", "karta.css", "rutter.css", "natt.css")
# Classic scripts, loaded in this order; the heat script needs Leaflet's global.
SCRIPTS: Final = ("leaflet.js", "leaflet_heat.js", "skeleton.js")
MODULES: Final = ("karta.js",)

_OWN: Final = Path(__file__).parent / "assets"
# Real modules, so that editors and readers see what uses what; served as one file.
_PARTS: Final = (
    "filled.js",
    "text.js",
    "base.js",
    "surface.js",
    "tiles.js",
    "labels.js",
    "panel.js",
    "zones.js",
    "routes.js",
    "control.js",
    "main.js",
)
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
}
_IMAGES: Final = (
    "layers-2x.png",
    "layers.png",
    "marker-icon-2x.png",
    "marker-icon.png",
    "marker-shadow.png",
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file to serve.

    Attributes
    ----------
    name
        Its name below the assets' address, e.g. ``leaflet.js`` or ``images/layers.png``.
    content
        The bytes.
    media_type
        For the ``Content-Type`` header.
    digest
        SHA-256 of the content, hexadecimal.
    """

    name: str
    content: bytes
    media_type: str
    digest: str


def _packaged(package: str, path: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return Path(str(distribution(package).locate_file(path))).read_bytes()
        except (PackageNotFoundError, OSError) as error:
            raise RiskmiljoError(
                Text(
                    "Filen {path} ur paketet {package} saknas. Installera om riskmiljo.",
                    "The file {path} of the package {package} is missing. Reinstall riskmiljo.",
                ).fill(path=path, package=package),
                code="TILLGÅNG_SAKNAS",
            ) from error

    return read


# The time brush and the comparison, on the pages that have them.
_TIME_PARTS: Final = (
    "filled.js",
    "text.js",
    "tiles.js",
    "timewords.js",
    "bars.js",
    "time.js",
    "compare.js",
    "tid.js",
)


def _bundle(names: tuple[str, ...]) -> bytes:
    """Join our modules into one: their imports of each other and the word export are dropped."""
    parts = []
    for name in names:
        source = (_OWN / name).read_text("utf-8")
        source = re.sub(r"^import [^;]*;\n", "", source, flags=re.MULTILINE)
        parts.append(re.sub(r"^export ", "", source, flags=re.MULTILINE).strip())
    return ("\n\n".join(parts) + "\n").encode()


def _skeleton_script() -> bytes:
    return skeleton().script.encode()


_READERS: Final[dict[str, Callable[[], bytes]]] = {
    # A module by itself too: the forms with a script of their own use it.
    "filled.js": (_OWN / "filled.js").read_bytes,
    "karta.css": (_OWN / "karta.css").read_bytes,
    "karta.js": lambda: _bundle(_PARTS),
    "leaflet.css": _packaged("XStatic-Leaflet", "xstatic/pkg/leaflet/data/leaflet.css"),
    "leaflet.js": _packaged("XStatic-Leaflet", "xstatic/pkg/leaflet/data/leaflet.js"),
    "leaflet_heat.js": _packaged("folium", "folium/templates/leaflet_heat.min.js"),
    "natt.css": (_OWN / "natt.css").read_bytes,
    "rutter.css": (_OWN / "rutter.css").read_bytes,
    "sida.css": (_OWN / "sida.css").read_bytes,
    "skeleton.js": _skeleton_script,
    "tid.css": (_OWN / "tid.css").read_bytes,
    "tid.js": lambda: _bundle(_TIME_PARTS),
    **{
        f"images/{name}": _packaged("XStatic-Leaflet", f"xstatic/pkg/leaflet/data/images/{name}")
        for name in _IMAGES
    },
}


@cache
def asset(name: str) -> Asset:
    """Return one file to serve.

    Parameters
    ----------
    name
        One of `asset_names`.

    Returns
    -------
    Asset
        Read once in a process.

    Raises
    ------
    InvalidInputError
        If there is no such asset; nothing outside the registry can be reached.
    RiskmiljoError
        If a package that should hold it is not installed.
    """
    read = _READERS.get(name)
    if read is None:
        raise InvalidInputError(
            Text("Filen {n!r} finns inte.", "There is no file {n!r}.").fill(n=name[:80]),
            code="TILLGÅNG_OKÄND",
        )
    content = read()
    digest = hashlib.sha256(content).hexdigest()
    return Asset(name, content, _MEDIA_TYPES[Path(name).suffix], digest)


def asset_names() -> tuple[str, ...]:
    """Return the names of all assets, sorted."""
    return tuple(sorted(_READERS))


@cache
def release() -> str:
    """Return a short hash over all assets: it changes when any of them does.

    Returns
    -------
    str
        Twelve hexadecimal digits. One for all, so that the images that ``leaflet.css`` names by
        a relative address are found.
    """
    whole = hashlib.sha256()
    for name in asset_names():
        whole.update(f"{name}\0{asset(name).digest}\n".encode())
    return whole.hexdigest()[:12]


def asset_path(name: str) -> str:
    """Return an address that may be kept for ever, below whatever prefix the page serves it at.

    Parameters
    ----------
    name
        One of `asset_names`.

    Returns
    -------
    str
        ``<release>/<name>``.
    """
    return f"{release()}/{asset(name).name}"
