"""Whose incidents a reader may take in: those of the authority that they work for, and no other."""

from __future__ import annotations

from typing import Final

from riskmiljo.access.lens import EVERY_OWNER, OWN_DATA
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.model.role import Role
from riskmiljo.model.vocabulary import OWNER_OF_SOURCE

# The municipality's planners look after what is nobody's secret: open data, citizens' reports.
_MUNICIPAL: Final = frozenset({"municipality"})
_OWNERS: Final[dict[Role, frozenset[str]]] = {
    **OWN_DATA,
    Role.PLANNER: _MUNICIPAL,
    Role.ADMIN: _MUNICIPAL,
}


def owners_taken_in(reader: Reader) -> frozenset[str]:
    """Return the owners whose incidents a reader may take in and take out again.

    Parameters
    ----------
    reader
        Who asks.

    Returns
    -------
    frozenset of str
        Every owner where there is no login; none for a partner.
    """
    return EVERY_OWNER if reader == NOBODY else _OWNERS.get(reader.role, frozenset())


def sources_taken_in(reader: Reader) -> tuple[str, ...]:
    """Return the sources whose files a reader may take in.

    Parameters
    ----------
    reader
        Who asks.

    Returns
    -------
    tuple of str
        Words of `riskmiljo.model.vocabulary.SOURCES`, in its order.
    """
    owners = owners_taken_in(reader)
    return tuple(source for source, owner in OWNER_OF_SOURCE.items() if owner in owners)
