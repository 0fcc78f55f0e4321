"""Who may correct or take out an operation: the authority that entered it, and no other.

All who read of an operation may fill in what it led to, since each authority counts its own.
"""

from __future__ import annotations

from typing import Final

from riskmiljo.access.imports import owners_taken_in
from riskmiljo.access.reader import Reader

# What was entered on the command line, or before anybody could log in, the municipality's planners
# and administrators look after.
_NOBODYS: Final = "municipality"


def entered_for(reader: Reader) -> str | None:
    """Return the authority that a reader enters operations for.

    Parameters
    ----------
    reader
        Who enters one.

    Returns
    -------
    str or None
        A word of `riskmiljo.model.vocabulary.OWNERS`; None where there is no login.
    """
    owners = owners_taken_in(reader)
    return next(iter(owners)) if len(owners) == 1 else None


def may_change(reader: Reader, owner: str | None) -> bool:
    """Return whether a reader may correct an operation and take it out.

    Parameters
    ----------
    reader
        Who asks.
    owner
        The authority that it was entered for, from `entered_for`.

    Returns
    -------
    bool
        True for those who work for that authority, and where there is no login.
    """
    return (owner or _NOBODYS) in owners_taken_in(reader)
