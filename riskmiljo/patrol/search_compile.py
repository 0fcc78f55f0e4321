"""Compile the route search, and keep the machine code where a change of the code cannot miss it.

numba looks at a function's own file to decide whether its kept code still holds, not at the files
of the functions that it calls. So the code is kept in a folder named after all of them together.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., object])
_HERE: Final = Path(__file__).parent


def compiled(function: _F) -> _F:
    """Compile a function, keeping the machine code on disk for the next process.

    Parameters
    ----------
    function
        Plain numeric Python.

    Returns
    -------
    Callable
        The same, compiled at its first call.
    """
    with _kept_apart():
        return cast("_F", numba.njit(cache=True, nogil=True)(function))


def inlined(function: _F) -> _F:
    """Compile a function into each place that calls it: for what is called most.

    Parameters
    ----------
    function
        Plain numeric Python.

    Returns
    -------
    Callable
        The same.
    """
    return cast("_F", numba.njit(inline="always")(function))


@contextmanager
def _kept_apart() -> Iterator[None]:
    """Let numba keep code in our own folder while one function is declared."""
    settings: Any = numba.config
    before = settings.CACHE_DIR
    folder = _folder(before)
    if folder is not None:
        settings.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        settings.CACHE_DIR = before


@cache
def _folder(wanted: str) -> Path | None:
    """Return the folder; None where we may not write, and numba finds one for itself."""
    sources = hashlib.sha256()
    for path in sorted(_HERE.glob("search_*.py")):
        sources.update(path.read_bytes())
    base = Path(wanted) if wanted else _HERE / "__pycache__"
    folder = base / f"search-{sources.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
