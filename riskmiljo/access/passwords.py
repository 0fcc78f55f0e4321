"""Passwords: which may be chosen, how they are kept, and how one is compared with what is kept.

Argon2id with the parameters that RFC 9106 recommends where memory is not plentiful: 64 MiB, three
passes, four lanes; about 0.2 s of one processor for each attempt.

References
----------
Biryukov, Dinu, Khovratovich & Josefsson (2021). Argon2 memory-hard function. RFC 9106.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
_LONGEST: Final = 256
_FEWEST_SIGNS: Final = 5
_MEMORY_KIB: Final = 64 * 1024
_PASSES: Final = 3
_LANES: Final = 4


def check_password(password: str, name: str) -> None:
    """Refuse a password that is easily guessed.

    Parameters
    ----------
    password
        What somebody wants to log in with.
    name
        Their login name, which must not stand in it.

    Raises
    ------
    InvalidInputError
        If it is too short or too long, has too few different signs, or contains the name.
    """
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= _LONGEST:
        raise InvalidInputError(
            Text(
                "Lösenordet ska ha {a} till {b} tecken. Tre eller fyra ord räcker.",
                "The password must have {a} to {b} characters. Three or four words will do.",
            ).fill(a=SHORTEST, b=_LONGEST),
            code="LOSENORD",
        )
    if len(set(plain)) < _FEWEST_SIGNS:
        raise InvalidInputError(
            Text(
                "Lösenordet upprepar samma tecken. Välj minst {n} olika.",
                "The password repeats the same characters. Choose at least {n} different ones.",
            ).fill(n=_FEWEST_SIGNS),
            code="LOSENORD",
        )
    if name and name.casefold() in plain.casefold():
        raise InvalidInputError(
            Text(
                "Lösenordet innehåller inloggningsnamnet. Välj något annat.",
                "The password contains the login name. Choose something else.",
            ),
            code="LOSENORD",
        )


def hash_password(password: str) -> str:
    """Return what is kept of a password.

    Parameters
    ----------
    password
        As it was chosen.

    Returns
    -------
    str
        Salt, parameters and hash in one text.
    """
    return _hasher().hash(_normal(password))


def is_password(kept: str | None, password: str) -> bool:
    """Compare a password with what is kept, in the same time whether anything is kept or not.

    Parameters
    ----------
    kept
        From `hash_password`; None where there is no account or no password.
    password
        What was written.

    Returns
    -------
    bool
        Always False for None, after as much work.
    """
    from argon2.exceptions import VerificationError  # noqa: PLC0415 - only a login needs it

    # A longer text is nobody's password; hashing megabytes for anyone who asks is work for nothing.
    usable = len(password) <= _LONGEST
    try:
        _hasher().verify(_dummy() if kept is None else kept, _normal(password) if usable else "")
    except VerificationError:
        return False
    return usable and kept is not None


def is_outdated(kept: str) -> bool:
    """Return whether a password should be hashed anew, with the parameters of today.

    Parameters
    ----------
    kept
        From `hash_password`.

    Returns
    -------
    bool
        True after the parameters were raised.
    """
    return _hasher().check_needs_rehash(kept)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415 - only a login needs it

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@lru_cache(maxsize=1)
def _dummy() -> str:
    return _hasher().hash("no account has this password")


def _normal(password: str) -> str:
    # The same letters typed on another system must give the same bytes.
    return unicodedata.normalize("NFC", password)
