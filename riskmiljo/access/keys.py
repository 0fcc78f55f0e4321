"""Random keys: what a browser or a program holds, and the hash that the store keeps of it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

_MARK: Final = "rm_"
RECOVERY_CODES: Final = 10
_BYTES: Final = 32
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP: Final = 4


def new_key() -> str:
    """Return a key of 256 random bits.

    Returns
    -------
    str
        Letters, digits, ``-`` and ``_``.
    """
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """Return a key for a program, marked so that it is known where it is found.

    Returns
    -------
    str
        ``rm_`` and 256 random bits.
    """
    return _MARK + new_key()


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes for the day when the phone is lost.

    Returns
    -------
    tuple of str
        79 random bits each, without letters that are taken for one another.
    """

    def group() -> str:
        return "".join(secrets.choice(_LETTERS) for _ in range(_GROUP))

    return tuple("-".join(group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES))


def plain_code(written: str) -> str:
    """Return a recovery code as it is compared.

    Parameters
    ----------
    written
        As somebody wrote it: with or without hyphens, spaces and capitals.

    Returns
    -------
    str
        Its letters and digits.
    """
    return "".join(sign for sign in written.lower() if sign in _LETTERS)


def hash_of(key: str) -> str:
    """Return what the store keeps of a key.

    Parameters
    ----------
    key
        A random key: it needs no salt and no slow hash.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return hashlib.sha256(key.encode()).hexdigest()
