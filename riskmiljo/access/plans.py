"""Who may open a kept plan: its places, times and reasons rest on somebody's incidents."""

from __future__ import annotations

from typing import Final

from riskmiljo.access.lens import Lens
from riskmiljo.access.reader import Reader
from riskmiljo.access.rules import READERS, Decision
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.wording import Text

# A plan that was made before anybody could log in rests on every owner's incidents.
NOBODYS: Final = ""
JOINT: Final = "joint"

# With whom a plan can be shared: those who go out.
SHARED_WITH: Final = (Role.PARTNER, Role.OUTREACH, Role.POLICE)


def rests_on(reader: Reader, lens: Lens) -> str:
    """Return what a plan that is made now rests on.

    Parameters
    ----------
    reader
        Who makes it.
    lens
        What it is made of.

    Returns
    -------
    str
        ``"joint"``, a role whose own incidents they are, or empty where nobody has logged in.
    """
    if reader.user_id is None:
        return NOBODYS
    return JOINT if lens.scope == "joint" else str(lens.role)


def may_open(reader: Reader, basis: str) -> Decision:
    """Decide whether a reader may open a plan.

    Parameters
    ----------
    reader
        Who asks.
    basis
        What the plan rests on, from `rests_on`.

    Returns
    -------
    Decision
        Denied unless the plan is made of the joint picture, or of the reader's own incidents, or
        nobody has logged in. A plan that is shared has a page of its own, without reasons.
    """
    if reader.user_id is None:
        return Decision(allowed=True, reason=Text("Ingen inloggning finns.", "There is no login."))
    if basis == JOINT and reader.role in READERS:
        return Decision(
            allowed=True, reason=Text("Gjord av den gemensamma bilden.", "Of the joint picture.")
        )
    if basis == str(reader.role):
        return Decision(
            allowed=True, reason=Text("Gjord av rollens egna data.", "Of the role's own data.")
        )
    owner = ROLE_NAMES[Role(basis)] if basis in set(Role) else None
    whose = Text("alla ägares", "every owner's") if owner is None else owner
    return Decision(
        allowed=False,
        reason=Text(
            "Planen bygger på andras händelser ({w}) och har inte delats hit.",
            "The plan rests on incidents of others ({w}) and has not been shared.",
        ).fill(w=whose),
    )
