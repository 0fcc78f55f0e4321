"""Synthetic control: the mixture of comparison places that went as the operation's places did."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

# The weight of the condition that the weights sum to one, against one standard deviation.
_SUM_WEIGHT = 1e4
# A little of the mean of all donors: fewer than periods of them would fit the noise exactly.
_RIDGE = 0.05
# Keeps the logarithm of an empty count finite.
_HALF = 0.5


def synthetic_weights(treated: npt.ArrayLike, donors: npt.ArrayLike) -> Floats:
    """Return non-negative weights, summing to one, that mix donors into the treated series.

    Parameters
    ----------
    treated
        The series before the operation, shape (periods,).
    donors
        The series of the comparison places before it, shape (places, periods).

    Returns
    -------
    numpy.ndarray
        Shape (places,).

    Raises
    ------
    InvalidInputError
        If shapes do not fit, there is no donor, or a value is not finite.

    Notes
    -----
    Least squares over the simplex with a small ridge towards equal weights, solved as a
    non-negative least squares problem.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). Synthetic control methods for comparative
    case studies.
    """
    series = np.asarray(treated, dtype=float)
    pool = np.asarray(donors, dtype=float)
    fits = series.ndim == 1 and pool.ndim == 2 and pool.shape[1:] == series.shape  # noqa: PLR2004 - places by periods
    if not fits or len(pool) == 0 or not (np.isfinite(series).all() and np.isfinite(pool).all()):
        raise InvalidInputError(
            Text(
                "Syntetisk kontroll behöver en serie för insatsen och lika långa serier för minst "
                "en jämförelseplats.",
                "Synthetic control needs a series of the operation and series of the same length "
                "of at least one comparison place.",
            )
        )
    places = len(pool)
    spread = max(float(np.sqrt(np.mean((series - series.mean()) ** 2))), 1e-9)
    ridge = np.sqrt(_RIDGE * len(series)) * np.eye(places)
    left = np.vstack([pool.T / spread, ridge, np.full((1, places), _SUM_WEIGHT)])
    right = np.concatenate([series / spread, ridge.sum(0) / places, np.full(1, _SUM_WEIGHT)])
    weights, _ = nnls(left, right)
    return np.asarray(weights / weights.sum(), dtype=float)


def synthetic_change(
    treated: Floats, treated_later: float, donors: Floats, donors_later: Floats,
    days: tuple[float, float],
) -> tuple[float, float]:  # fmt: skip
    """Compare the treated series' change with that of its synthetic control.

    Parameters
    ----------
    treated
        Weekly counts before, shape (weeks,).
    treated_later
        The count during.
    donors
        Weekly counts of the comparison places before, shape (places, weeks), none of them empty.
    donors_later
        Their counts during, shape (places,).
    days
        Days before and during.

    Returns
    -------
    tuple
        The log of the treated change over the synthetic one, and its variance beyond the treated
        counts' own: the mean square of what the same procedure finds for each donor against the
        others, less the donor's Poisson variance; at least that of the mixed counts.

    Notes
    -----
    Series are divided by their own means: what is mixed is how places move, not how large they
    are. They are summed to at most eight blocks, since single weeks are mostly noise.
    """
    blocks = np.array_split(np.arange(len(treated)), min(8, len(treated)))
    series = np.column_stack([donors[:, b].sum(axis=1) / len(b) for b in blocks])
    own = np.array([treated[b].sum() / len(b) for b in blocks])
    length = days[1] / days[0]
    before = donors.sum(axis=1)
    grown = (donors_later + _HALF) / (before * length + _HALF)
    shapes = series / series.mean(axis=1, keepdims=True)

    def against(
        shape: Floats, change: float, others: npt.NDArray[np.int64]
    ) -> tuple[float, Floats]:
        weights = synthetic_weights(shape, shapes[others])
        return float(np.log(change) - np.log(weights @ grown[others])), weights

    everyone = np.arange(len(donors))
    poisson = 1 / (before + _HALF) + 1 / (donors_later + _HALF)
    excess = []
    for number in everyone:
        found, _ = against(shapes[number], float(grown[number]), np.delete(everyone, number))
        excess.append(found**2 - poisson[number])
    change = (treated_later + _HALF) / (treated.sum() * length + _HALF)
    shape = own / own.mean() if own.any() else np.ones(len(own))
    log_change, weights = against(shape, change, everyone)
    # The places of an operation are smoother than one donor, and mixed of fewer of them.
    return log_change, max(float(weights**2 @ poisson), float(np.mean(excess)))
