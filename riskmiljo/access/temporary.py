"""Passwords that an administrator hands over: made here, shown once, changed by whoever gets it."""

from __future__ import annotations

import secrets
from typing import Final

# Without those that look alike on paper or sound alike on the telephone.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP: Final = 5


def temporary_password() -> str:
    """Return a new random password.

    Returns
    -------
    str
        Four groups of five signs, 99 bits.
    """
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
