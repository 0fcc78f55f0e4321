"""Whose presence a reader is told of, and whose they may take out again."""

from __future__ import annotations

from typing import Final

from riskmiljo.access.lens import Lens
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.model.role import Role

# Whose presence the log tells of hour by hour; where the police were is theirs to tell.
LOGGED_KINDS: Final = ("outreach", "night_walkers")

_EVERY_KIND: Final = frozenset({"police", *LOGGED_KINDS})
# Where a crew was is the authority's own that sent it out; the social services keep in touch with
# the night walkers.
_OWN_KINDS: Final[dict[str, frozenset[str]]] = {
    "police": frozenset({"police"}),
    "social": frozenset(LOGGED_KINDS),
}
_KINDS: Final[dict[Role, frozenset[str]]] = {
    Role.OUTREACH: frozenset(LOGGED_KINDS),
    Role.PLANNER: frozenset(LOGGED_KINDS),
    Role.ADMIN: _EVERY_KIND,
}


def kinds_told(lens: Lens) -> frozenset[str]:
    """Return the kinds of crew whose presence a lens shows place by place, in minutes.

    Parameters
    ----------
    lens
        What a reader sees.

    Returns
    -------
    frozenset of str
        Those of the owners whose incidents it shows. None in the joint picture: how long who was
        where is an authority's own, and is no part of what is released.
    """
    if lens.scope == "joint":
        return frozenset()
    return frozenset().union(*(_OWN_KINDS.get(owner, frozenset()) for owner in lens.owners))


def kinds_taken_out(reader: Reader) -> frozenset[str]:
    """Return the kinds of crew whose presence a reader may take out on the presence week's page.

    Parameters
    ----------
    reader
        Who asks.

    Returns
    -------
    frozenset of str
        Every kind where there is no login; none for the police, who take back their own visits on
        their own pages, and for a partner.
    """
    return _EVERY_KIND if reader == NOBODY else _KINDS.get(reader.role, frozenset())
