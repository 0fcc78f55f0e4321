"""riskmiljo maps the places and hours where trouble gathers; ``import riskmiljo as rm``.

The names below are the Python surface: a notebook needs nothing else. They are loaded when first
used, so that ``riskmiljo --help`` does not wait for the geographic libraries.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from riskmiljo.analysis.density import density as density
    from riskmiljo.analysis.rhythm import rhythm as rhythm
    from riskmiljo.analysis.surface import Surface as Surface
    from riskmiljo.errors import RiskmiljoError as RiskmiljoError
    from riskmiljo.geo.gazetteer import read_gazetteer as read_gazetteer
    from riskmiljo.geo.grid import Grid as Grid
    from riskmiljo.intake import Intake as Intake
    from riskmiljo.intake import read_incidents as read_incidents
    from riskmiljo.model.shift import Shift as Shift
    from riskmiljo.patrol.areas import patrol_areas as patrol_areas
    from riskmiljo.patrol.streets import Streets as Streets
    from riskmiljo.patrol.streets import read_streets as read_streets
    from riskmiljo.zones import assign_zones as assign_zones
    from riskmiljo.zones import cluster as cluster
    from riskmiljo.zones import find_zones as find_zones

__version__: Final = "0.1.0"

_WHERE: Final[dict[str, str]] = {
    "Grid": "riskmiljo.geo.grid",
    "Intake": "riskmiljo.intake",
    "RiskmiljoError": "riskmiljo.errors",
    "Shift": "riskmiljo.model.shift",
    "Streets": "riskmiljo.patrol.streets",
    "Surface": "riskmiljo.analysis.surface",
    "assign_zones": "riskmiljo.zones",
    "cluster": "riskmiljo.zones",
    "density": "riskmiljo.analysis.density",
    "find_zones": "riskmiljo.zones",
    "patrol_areas": "riskmiljo.patrol.areas",
    "read_gazetteer": "riskmiljo.geo.gazetteer",
    "read_incidents": "riskmiljo.intake",
    "read_streets": "riskmiljo.patrol.streets",
    "rhythm": "riskmiljo.analysis.rhythm",
}

__all__ = [  # noqa: PLE0604 - built from the table above, so that the two cannot differ
    "__version__",
    *_WHERE,
]


def __getattr__(name: str) -> Any:
    try:
        module = _WHERE[name]
    except KeyError:
        msg = f"module 'riskmiljo' has no attribute {name!r}"
        raise AttributeError(msg) from None
    return getattr(importlib.import_module(module), name)


def __dir__() -> list[str]:
    return sorted(__all__)
