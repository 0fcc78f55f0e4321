"""The expected range of the coming week's count: a quasi-Poisson regression with seasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_WEEKS_A_YEAR: Final = 365.25 / 7
_ROUNDS: Final = 50
_CONVERGED: Final = 1e-10
# Weeks whose residual is beyond this are taken for past outbreaks and weighed down. With 2.58, as
# in Noufaily and others, the expected level of clustered counts came out 1 % low, and 8 % of quiet
# weeks instead of 5 % beyond the range.
_OUTBREAK: Final = 3.5
# The median of the absolute value of a standard normal number.
_MEDIAN_ABSOLUTE: Final = 0.6745
_REWEIGHTED: Final = 3
# A log rate beyond this is no count of incidents.
_STEEPEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A weighted quasi-Poisson regression.

    Attributes
    ----------
    coefficients
        Shape (k,).
    covariance
        Shape (k, k), with the dispersion in it.
    dispersion
        Variance over mean, at least 1.
    fitted
        Shape (n,).
    """

    coefficients: Floats
    covariance: Floats
    dispersion: float
    fitted: Floats


def quasi_poisson(y: Floats, design: Floats, offset: Floats, weights: Floats) -> Fit:
    """Fit counts by iteratively reweighted least squares with a log link.

    Parameters
    ----------
    y
        Shape (n,), counts, not all 0.
    design
        Shape (n, k), the first column ones.
    offset
        Shape (n,), added to the logarithm of the mean.
    weights
        Shape (n,), prior weights.

    Returns
    -------
    Fit
        With Pearson's dispersion, never under 1.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models.
    """
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((weights * y).sum() / (weights * np.exp(offset)).sum())
    for _ in range(_ROUNDS):
        eta = np.clip(design @ beta + offset, -_STEEPEST, _STEEPEST)
        mean = np.exp(eta)
        working = eta - offset + (y - mean) / mean
        root = np.sqrt(weights * mean)
        solved = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        new = np.asarray(solved, dtype=np.float64)
        done = np.abs(new - beta).max() <= _CONVERGED * (1 + np.abs(beta).max())
        beta = new
        if done:
            break
    mean = np.exp(np.clip(design @ beta + offset, -_STEEPEST, _STEEPEST))
    free = max(1, int((weights > 0).sum()) - design.shape[1])
    dispersion = max(1.0, float((weights * (y - mean) ** 2 / mean).sum()) / free)
    information = (design * (weights * mean)[:, None]).T @ design
    covariance = dispersion * np.linalg.pinv(information)
    return Fit(beta, covariance, dispersion, mean)


def robust_quasi_poisson(y: Floats, design: Floats, offset: Floats) -> Fit:
    """Fit counts with less weight on weeks that look like earlier outbreaks.

    Parameters
    ----------
    y, design, offset
        As in `quasi_poisson`.

    Returns
    -------
    Fit
        After three rounds of reweighting.

    References
    ----------
    Farrington, C. P. et al. (1996). A statistical algorithm for the early detection of outbreaks
    of infectious disease. Journal of the Royal Statistical Society A 159, 547-563.
    Noufaily, A. et al. (2013). An improved algorithm for outbreak detection in multiple
    surveillance systems. Statistics in Medicine 32, 1206-1222.
    """
    weights = np.ones(len(y))
    fit = quasi_poisson(y, design, offset, weights)
    for _ in range(_REWEIGHTED):
        residual = _anscombe(y, design, fit)
        outlying = residual > _OUTBREAK
        if not outlying.any():
            break
        weights = np.where(outlying, np.maximum(residual, 1.0) ** -2, 1.0)
        weights *= len(y) / weights.sum()
        fit = quasi_poisson(y, design, offset, weights)
    return fit


def _anscombe(y: Floats, design: Floats, fit: Fit) -> Floats:
    # The leverage of each week under the fit, the dispersion taken out of the covariance.
    leverage = np.einsum("ij,jk,ik->i", design, fit.covariance, design) * fit.fitted
    leverage = np.clip(leverage / fit.dispersion, 0.0, 0.99)
    residual = 1.5 * (np.cbrt(y) ** 2 - np.cbrt(fit.fitted) ** 2) / np.cbrt(np.sqrt(fit.fitted))
    residual /= np.sqrt(1 - leverage)
    # Scaled by the median: a large outbreak widens the fitted dispersion and so hides itself.
    spread = max(1.0, float(np.median(np.abs(residual))) / _MEDIAN_ABSOLUTE)
    return np.asarray(residual / spread)


def seasons(week: Ints, waves: int) -> Floats:
    """Return sines and cosines of the year.

    Parameters
    ----------
    week
        Shape (n,), weeks counted from any moment.
    waves
        How many waves a year: 0 none, 1 a year's, 2 a half year's too.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2 * waves).
    """
    angle = 2 * np.pi * week[:, None] * np.arange(1, waves + 1) / _WEEKS_A_YEAR
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


@dataclass(frozen=True, slots=True)
class Predicted:
    """How many incidents a week may hold: a negative binomial, or a Poisson, distribution.

    Attributes
    ----------
    mean
        Expected number.
    variance
        Of the count, with what is not known of the mean; at least the mean.
    """

    mean: float
    variance: float

    def at_most(self, count: npt.ArrayLike) -> Floats:
        """Return the probability of at most so many.

        Parameters
        ----------
        count
            Any shape, whole numbers; below 0 the probability is 0.

        Returns
        -------
        numpy.ndarray
            The same shape.
        """
        k = np.asarray(count, dtype=float)
        safe = np.maximum(k, 0.0)
        excess = self.variance - self.mean
        if excess <= self.mean * 1e-9:
            chance = special.pdtr(safe, self.mean)
        else:
            size = self.mean**2 / excess
            chance = special.betainc(size, safe + 1, size / (size + self.mean))
        return np.where(k < 0, 0.0, chance)

    def quantile(self, level: float) -> int:
        """Return the smallest count that is not exceeded with this probability.

        Parameters
        ----------
        level
            Between 0 and 1.

        Returns
        -------
        int
            The count.
        """
        ceiling = int(self.mean + 12 * np.sqrt(self.variance) + 30)
        chance = self.at_most(np.arange(ceiling + 1))
        return int(np.searchsorted(chance, level - 1e-12, "left"))
