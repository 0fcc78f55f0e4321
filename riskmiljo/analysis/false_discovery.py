"""Many tests at once: hold the share of false alarms among the alarms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import is_real, numbers_in, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]


def adjusted_p(p: npt.ArrayLike) -> Floats:
    """Adjust p-values for the number of tests, after Benjamini and Hochberg.

    Parameters
    ----------
    p
        Any shape, 0 to 1. NaN is no test: it stays NaN and is not counted.

    Returns
    -------
    numpy.ndarray
        The shape of ``p``: the smallest false discovery rate at which each test is an alarm.

    Raises
    ------
    InvalidInputError
        If a value lies outside 0 to 1.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and
    powerful approach to multiple testing.

    Examples
    --------
    >>> adjusted_p([0.01, 0.02, 0.9]).round(3).tolist()
    [0.03, 0.03, 0.9]
    """
    values = numbers_in(p, Text("p-värdena", "The p-values"))
    flat = values.ravel()
    tested = ~np.isnan(flat)
    known = flat[tested]
    if ((known < 0) | (known > 1)).any():
        raise InvalidInputError(
            Text("p-värdena måste ligga mellan 0 och 1.", "The p-values must lie between 0 and 1.")
        )
    # scipy.stats has it too, and takes a second to import.
    order = np.argsort(known)
    ranked = known[order] * len(known) / np.arange(1, len(known) + 1)
    q = np.empty(len(known))
    q[order] = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    adjusted = np.full(len(flat), np.nan)
    adjusted[tested] = q
    return adjusted.reshape(values.shape)


def false_discovery(p: npt.ArrayLike, rate: float = 0.05) -> npt.NDArray[np.bool_]:
    """Tell which tests are alarms when at most this share of the alarms may be false.

    Parameters
    ----------
    p
        Any shape, 0 to 1; NaN is never an alarm.
    rate
        Share of false alarms among the alarms that is accepted, between 0 and 1.

    Returns
    -------
    numpy.ndarray
        The shape of ``p``.

    Raises
    ------
    InvalidInputError
        If the rate or a p-value lies outside 0 to 1.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and
    powerful approach to multiple testing.
    """
    checked_rate(rate)
    return np.asarray(np.nan_to_num(adjusted_p(p), nan=2.0) <= rate)


def checked_rate(rate: float) -> float:
    """Return a false discovery rate, or say what is wrong with it.

    Parameters
    ----------
    rate
        Between 0 and 1, neither included.

    Returns
    -------
    float
        The same.

    Raises
    ------
    InvalidInputError
        If it lies outside.
    """
    if not (is_real(rate) and 0 < rate < 1):
        raise InvalidInputError(
            Text(
                "Andelen falska larm måste ligga mellan 0 och 1, inte {v}.",
                "The false discovery rate must lie between 0 and 1, not {v}.",
            ).fill(v=shown(rate))
        )
    return float(rate)
