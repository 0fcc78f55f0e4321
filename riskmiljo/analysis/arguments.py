"""Arguments of public functions: checked in one way, refused in one sentence."""

from __future__ import annotations

import math
import sys
from collections.abc import Collection
from numbers import Real
from typing import Any, Final, TypeGuard

import numpy as np
import numpy.typing as npt

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text, decimal_text

_LONGEST: Final = 40
# Nobody counts so many, nor reads so many digits.
_MOST: Final = 1e15


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
        If one is a fraction, not finite, a truth value or text, below the least or beyond all use.
    """
    for name, value in given.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise InvalidInputError(
                Text(
                    "{name} ska vara ett heltal från {m} och uppåt, inte {v}.",
                    "{name} must be a whole number from {m} upwards, not {v}.",
                ).fill(name=name, m=least, v=_in_short(value))
            )
        if value > _MOST:
            raise InvalidInputError(
                Text(
                    "{name} är för stort: {v}. Ge ett mindre tal.",
                    "{name} is too large: {v}. Give a smaller number.",
                ).fill(name=name, v=_in_short(value))
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
        if not is_real(value):
            raise InvalidInputError(
                Text(
                    "{name} ska vara ett tal, inte {v}.",
                    "{name} must be a number, not {v}.",
                ).fill(name=name, v=_in_short(value))
            )


def require_instance(kind: type, **given: object) -> None:
    """Refuse arguments that are objects of another kind.

    Parameters
    ----------
    kind
        What they must be.
    **given
        The arguments, by name.

    Raises
    ------
    InvalidInputError
        If one is anything else.
    """
    for name, value in given.items():
        if not isinstance(value, kind):
            raise InvalidInputError(
                Text("{name} ska vara {k}, inte {v}.", "{name} must be {k}, not {v}.").fill(
                    name=name, k=kind.__name__, v=_in_short(value)
                )
            )


def is_real(value: Any) -> TypeGuard[float]:
    """Tell whether an argument is a finite number.

    Parameters
    ----------
    value
        The argument; may be of any kind.

    Returns
    -------
    bool
        False for truth values too.
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    return number and bool(-sys.float_info.max <= value <= sys.float_info.max)


def count_of(values: Any) -> int:
    """Return how many values an argument holds.

    Parameters
    ----------
    values
        The argument; may be of any kind.

    Returns
    -------
    int
        0 for what holds none.
    """
    try:
        return len(values)
    except TypeError:
        return 0


def shown(value: Any) -> Any:
    """Return an argument as a message says it.

    Parameters
    ----------
    value
        The argument; may be of any kind.

    Returns
    -------
    object
        A number as it is, text without quotes; all else, and a number of many digits, in short.
    """
    if isinstance(value, str) and value:
        return value[:_LONGEST]
    return value if is_real(value) and abs(value) < _MOST else _in_short(value)


def number_text(value: Any) -> Text:
    """Write an argument that should be a number the way each language does.

    Parameters
    ----------
    value
        The argument; may be of any kind.

    Returns
    -------
    Text
        What is no number, or has very many digits, in short.
    """
    infinite = isinstance(value, float) and math.isinf(value)
    if infinite or (is_real(value) and abs(value) < _MOST):
        return decimal_text(value)
    return Text(_in_short(value), _in_short(value))


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
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError(
            Text(
                "{what} ska vara tal, inte {v}. Ge en lista eller en array av tal.",
                "{what} must be numbers, not {v}. Give a list or an array of numbers.",
            ).fill(what=what, v=_in_short(values))
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


def _in_short(value: Any) -> str:
    # A number of NumPy's is written as Python's is.
    text = str(value) if isinstance(value, Real) else " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
