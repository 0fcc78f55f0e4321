"""Whose presence a reader may take out again: that of those whom their role works with."""

from __future__ import annotations

from typing import Final

from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.model.role import Role

# Whose presence the log tells of hour by hour; where the police were is theirs to tell.
LOGGED_KINDS: Final = ("outreach", "night_walkers")

_EVERY_KIND: Final = frozenset({"police", *LOGGED_KINDS})
_KINDS: Final[dict[Role, frozenset[str]]] = {
    Role.OUTREACH: frozenset(LOGGED_KINDS),
    Role.PLANNER: frozenset(LOGGED_KINDS),
    Role.ADMIN: _EVERY_KIND,
}


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
