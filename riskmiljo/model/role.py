"""The roles of DESIGN section 6."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from riskmiljo.wording import Text


class Role(StrEnum):
    """Who is asking."""

    POLICE = "police"
    OUTREACH = "outreach"
    PLANNER = "planner"
    PARTNER = "partner"
    ADMIN = "admin"


ROLE_NAMES: Final[dict[Role, Text]] = {
    Role.POLICE: Text("Områdespolis", "Area police"),
    Role.OUTREACH: Text("Ungdomsjour", "Youth outreach"),
    Role.PLANNER: Text("Planerare", "Planner"),
    Role.PARTNER: Text("Nattvandrare", "Night walkers"),
    Role.ADMIN: Text("Administratör", "Administrator"),
}
