"""What a crew may answer to a suggested stop: a closed list, so that nothing about a person fits.

An answer says what the crew thought of the suggestion. It changes no risk by itself: it is shown
beside the stop the next time, and counted for those who follow how the suggestions do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from riskmiljo.wording import Text

REASONS: Final[dict[str, Text]] = {
    "wrong_place": Text("Fel plats", "Wrong place"),
    "wrong_time": Text("Fel tid", "Wrong time"),
    "nothing_to_see": Text("Inget att se", "Nothing to see"),
    "already_handled": Text("Redan hanterat", "Already dealt with"),
    "unsafe_to_stand": Text("Otryggt att stå där", "Unsafe to stand there"),
    "other": Text("Annat", "Something else"),
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """One answer.

    Attributes
    ----------
    plan_id, stop_id
        Which suggestion.
    stop
        What the stop was called.
    zone_id
        The zone it served; empty for none.
    reason
        A key of `REASONS`.
    crew_kind
        ``police``, ``outreach`` or ``night_walkers``; never who.
    noted_at
        UTC, whole seconds.
    """

    plan_id: int
    stop_id: str
    stop: str
    zone_id: str
    reason: str
    crew_kind: str
    noted_at: datetime
