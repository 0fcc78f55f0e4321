"""Travel without a street network, and how far from a street is too far: stated in one place."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmiljo.patrol.street_rules import SPEED_M_MIN, Mode, require_mode
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]

# Ways are this much longer than the straight line where no street is known (Boscoe, Henry and
# Zdeb 2012 measured 1.4 for roads; for people on foot in a town grid less: 4/pi).
DETOUR: Final = 1.3
DETOUR_TEXT: Final = decimal_text(DETOUR)
# A point farther than this from every street is not on the network, metres.
REACH_M: Final = 250.0

STRAIGHT_NOTE: Final = Text(
    "Inget gatunät är inläst: vägar räknas som fågelvägen × {d}.",
    "No street network is loaded: ways are counted as the straight line × {d}.",
).fill(d=DETOUR_TEXT)


def straight_m(points_a: Any, points_b: Any) -> Floats:
    """Return straight distances between all pairs of points.

    Parameters
    ----------
    points_a, points_b
        Shapes (n, 2) and (m, 2), metres.

    Returns
    -------
    numpy.ndarray
        Shape (n, m), metres, without a detour.
    """
    a = np.asarray(points_a, dtype=float).reshape(-1, 2)
    b = np.asarray(points_b, dtype=float).reshape(-1, 2)
    return np.asarray(np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)), dtype=float)


def straight_minutes(points_a: Any, points_b: Any, mode: Mode = "walk") -> Floats:
    """Return travel times where no street is known: the straight line × `DETOUR`.

    Parameters
    ----------
    points_a, points_b
        Shapes (n, 2) and (m, 2), metres.
    mode
        ``walk``, ``cycle`` or ``drive``.

    Returns
    -------
    numpy.ndarray
        Shape (n, m), minutes.

    Raises
    ------
    InvalidInputError
        If the mode is unknown.

    References
    ----------
    Boscoe, F. P., Henry, K. A. and Zdeb, M. S. (2012). A nationwide comparison of driving distance
    versus straight-line distance to hospitals. The Professional Geographer 64, 188-196.

    Examples
    --------
    >>> straight_minutes([(0.0, 0.0)], [(800.0, 0.0)])
    array([[13.]])
    """
    return straight_m(points_a, points_b) * DETOUR / SPEED_M_MIN[require_mode(mode)]
