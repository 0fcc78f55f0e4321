"""Arguments that are numbers: checked in one way, refused in one sentence."""

from __future__ import annotations

from collections.abc import Collection
from numbers import Real
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

_LONGEST: Final = 40


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
                ).fill(name=name, m=least, v=_shown(value))
            )


def require_real(**given: Any) -> None:
    """Refuse arguments that are not finite numbers.

    Parameters
    ----------
    **given
        The arguments, by name; how large they may be is checked where they are used.

    Raises
    ------
    InvalidInputError
        If one is text, a list, a truth value, missing or not finite.
    """
    for name, value in given.items():
        real = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        if not real or not np.isfinite(float(value)):
            raise InvalidInputError(
                Text(
                    "{name} ska vara ett tal, inte {v}.",
                    "{name} must be a number, not {v}.",
                ).fill(name=name, v=_shown(value))
            )


def is_one_of(value: object, names: Collection[str]) -> bool:
    """Tell whether an argument is one of the words that it may be.

    Parameters
    ----------
    value
        The argument; may be of any kind.
    names
        The words.

    Returns
    -------
    bool
        False for all that is not text.
    """
    return isinstance(value, str) and value in names


def numbers_in(values: Any, what: Text) -> npt.NDArray[np.float64]:
    """Return numbers as an array.

    Parameters
    ----------
    values
        A list, an array or a Series of numbers.
    what
        What they are called in the message.

    Returns
    -------
    numpy.ndarray
        Of the same shape.

    Raises
    ------
    InvalidInputError
        If one is no number, or the rows differ in length.
    """
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            Text(
                "{what} ska vara tal, inte {v}. Ge en lista eller en array av tal.",
                "{what} must be numbers, not {v}. Give a list or an array of numbers.",
            ).fill(what=what, v=_shown(values))
        ) from error


def random_of(rng: Any) -> np.random.Generator:
    """Return the generator of a seed.

    Parameters
    ----------
    rng
        A seed, or a generator, which is used as it is.

    Returns
    -------
    numpy.random.Generator
        The same for the same seed.

    Raises
    ------
    InvalidInputError
        If it is neither a whole number from 0 upwards nor a generator.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    require_whole(0, rng=rng)
    return np.random.default_rng(rng)


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
