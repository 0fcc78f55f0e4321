"""Foreign files become checked incidents and a receipt of what was refused and why.

The names are loaded when first used: the child process that parses a file imports this package
too, and must start without the geographic libraries.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from riskmiljo.intake.area import ConfiguredArea as ConfiguredArea
    from riskmiljo.intake.presence import PresenceIntake as PresenceIntake
    from riskmiljo.intake.presence import read_presence_file as read_presence_file
    from riskmiljo.intake.reading import Intake as Intake
    from riskmiljo.intake.reading import read_incidents as read_incidents
    from riskmiljo.intake.rejects import write_rejects as write_rejects

_WHERE: Final[dict[str, str]] = {
    "ConfiguredArea": "riskmiljo.intake.area",
    "Intake": "riskmiljo.intake.reading",
    "PresenceIntake": "riskmiljo.intake.presence",
    "read_incidents": "riskmiljo.intake.reading",
    "read_presence_file": "riskmiljo.intake.presence",
    "write_rejects": "riskmiljo.intake.rejects",
}

__all__ = [
    "ConfiguredArea",
    "Intake",
    "PresenceIntake",
    "read_incidents",
    "read_presence_file",
    "write_rejects",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        msg = f"module 'riskmiljo.intake' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_WHERE[name]), name)
