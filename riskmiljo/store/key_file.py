"""The key that seals what the store keeps but must not tell: in a file beside it, never in it.

Who gets hold of the store alone, as a backup copy or on a disk, cannot read what is sealed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from riskmiljo.access.keys import new_key
from riskmiljo.errors import StoreError
from riskmiljo.wording import Text

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_ALONE: Final = 0o600


def key_file(engine: Engine) -> Path:
    """Return where a store's key lies.

    Parameters
    ----------
    engine
        The store's.

    Returns
    -------
    pathlib.Path
        The store's own path and ``.key``.
    """
    return Path(f"{engine.url.database}.key")


def read_key(engine: Engine) -> str | None:
    """Return a store's key.

    Parameters
    ----------
    engine
        The store's.

    Returns
    -------
    str or None
        None where there is none, or what lies there is no key.
    """
    try:
        found = key_file(engine).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if _KEY.fullmatch(found) else None


def make_key(engine: Engine) -> str:
    """Return a store's key, and make one where there is none.

    Parameters
    ----------
    engine
        The store's, in a writing transaction: two that begin at once get the same key.

    Returns
    -------
    str
        256 random bits.

    Raises
    ------
    StoreError
        If it cannot be written, or something else lies there.
    """
    known = read_key(engine)
    if known is not None:
        return known
    path = key_file(engine)
    key = new_key()
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWN_ALONE)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{key}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(
            Text(
                "Nyckelfilen {f} kan inte läsas eller skrivas. Lägg tillbaka den rätta, eller "
                "flytta undan den som ligger där.",
                "The key file {f} cannot be read or written. Put the right one back, or move away "
                "the one that lies there.",
            ).fill(f=path),
            code="NYCKELFIL",
        ) from error
    return key
