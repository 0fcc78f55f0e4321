"""What a reading is for: a closed list, with what is usual for each role."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from riskmiljo.model.role import Role
from riskmiljo.wording import Text


class Purpose(StrEnum):
    """Why somebody reads, as the audit says it."""

    SITUATION = "situation"
    SHIFT = "shift"
    OUTREACH = "outreach"
    FOLLOW_UP = "follow_up"
    ADMINISTRATION = "administration"


PURPOSE_NAMES: Final[dict[Purpose, Text]] = {
    Purpose.SITUATION: Text("Lägesbild", "Situation picture"),
    Purpose.SHIFT: Text("Pass", "Shift"),
    Purpose.OUTREACH: Text("Uppsökande arbete", "Outreach work"),
    Purpose.FOLLOW_UP: Text("Uppföljning", "Follow-up"),
    Purpose.ADMINISTRATION: Text("Förvaltning av systemet", "Running the system"),
}

USUAL: Final[dict[Role, Purpose]] = {
    Role.POLICE: Purpose.SHIFT,
    Role.OUTREACH: Purpose.OUTREACH,
    Role.PLANNER: Purpose.SITUATION,
    Role.PARTNER: Purpose.SHIFT,
    Role.ADMIN: Purpose.ADMINISTRATION,
}
