"""Which role may use which route: a table, deny by default, and the answer tells why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.wording import Text

EVERYONE: Final = frozenset(Role)
READERS: Final = frozenset({Role.POLICE, Role.OUTREACH, Role.PLANNER, Role.ADMIN})

# Flask endpoint -> roles. A route that is not here is closed to all.
ROUTES: Final[dict[str, frozenset[Role]]] = {
    "assets.asset_file": EVERYONE,
    "health.health": EVERYONE,
    "situation.index": READERS,
    "situation.data": READERS,
    "situation.layers": READERS,
    "zones.zone": READERS,
    "zones.data": READERS,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reason."""

    allowed: bool
    reason: Text


def may_use(role: Role, endpoint: str | None) -> Decision:
    """Decide whether a role may use a route.

    Parameters
    ----------
    role
        Who asks.
    endpoint
        The Flask endpoint; None for an address that does not exist.

    Returns
    -------
    Decision
        Denied unless the table says otherwise.
    """
    allowed = ROUTES.get(endpoint or "")
    if allowed is None:
        return Decision(
            allowed=False,
            reason=Text("Vägen finns inte i tabellen.", "The route is not in the table."),
        )
    if role not in allowed:
        return Decision(
            allowed=False,
            reason=Text("{r} har inte denna sida.", "{r} does not have this page.").fill(
                r=ROLE_NAMES[role]
            ),
        )
    return Decision(allowed=True, reason=Text("Tillåten.", "Allowed."))
