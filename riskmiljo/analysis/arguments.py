"""Whole numbers given as arguments: checked in one way, refused in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text


def require_whole(least: int, **given: Any) -> None:
    """Refuse arguments that are not whole numbers, or too small.

    Parameters
    ----------
    least
        The smallest that will do.
    **given
        The arguments, by name.

    Raises
    ------
    InvalidInputError
        If one is a fraction, not finite, a truth value or text, or below the least.
    """
    for name, value in given.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise InvalidInputError(
                Text(
                    "{name} ska vara ett heltal från {m} och uppåt, inte {v}.",
                    "{name} must be a whole number from {m} upwards, not {v}.",
                ).fill(name=name, m=least, v=value)
            )
