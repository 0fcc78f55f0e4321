"""What a model says of a period: a gamma belief about each unit's expected incidents."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """Expected incidents of each unit in a period, with how sure the model is.

    The expected number of a unit is believed to be gamma distributed with this mean and shape;
    the count that comes is then negative binomial.

    Parameters
    ----------
    expected
        Shape (n,), the mean; at least 0.
    shape
        Shape (n,), the gamma's shape: the incidents' worth of knowledge behind it. Infinite for
        certainty (the count is then Poisson).
    """

    expected: Floats = field(repr=False)
    shape: Floats = field(repr=False)

    def scaled(self, factor: float | Floats) -> Prediction:
        """Return the same belief about a multiple of each expected number."""
        return Prediction(self.expected * factor, self.shape)

    def sharpened(self, factor: float) -> Prediction:
        """Return the belief with a multiple of its shape: below 1 less sure."""
        return Prediction(self.expected, self.shape * factor)

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Return the central interval of each expected number.

        Parameters
        ----------
        level
            Its probability.

        Returns
        -------
        tuple of numpy.ndarray
            Lower and upper bound, shape (n,) each.
        """
        tail = (1 - level) / 2
        sure = np.isinf(self.shape)
        shape = np.where(sure, 1.0, self.shape)
        bounds = []
        for share in (tail, 1 - tail):
            bound = special.gammaincinv(shape, share) / shape * self.expected
            bounds.append(np.where(sure, self.expected, bound))
        # The median of a very skew gamma lies far below its mean, its upper bound may too.
        return np.minimum(bounds[0], self.expected), np.maximum(bounds[1], self.expected)

    def count_interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Return the central interval of the count that comes.

        Parameters
        ----------
        level
            The probability that it holds at least.

        Returns
        -------
        tuple of numpy.ndarray
            Whole numbers, shape (n,) each.
        """
        tail = (1 - level) / 2
        return self._count_quantile(tail), self._count_quantile(1 - tail)

    def cumulative(self, counts: Floats) -> Floats:
        """Return the probability of at most so many incidents.

        Parameters
        ----------
        counts
            Shape (n,), whole numbers; below zero gives 0.

        Returns
        -------
        numpy.ndarray
            Shape (n,).
        """
        at = np.maximum(counts, 0.0)
        shape = np.where(np.isinf(self.shape), 1.0, self.shape)
        nothing = shape / (shape + self.expected)
        share = special.betainc(shape, at + 1, nothing)
        poisson = special.pdtr(at, self.expected)
        return np.where(counts < 0, 0.0, np.where(np.isinf(self.shape), poisson, share))

    def draw(self, rng: np.random.Generator, units: npt.NDArray[np.int64], times: int) -> Floats:
        """Draw expected numbers of some units from the belief.

        Parameters
        ----------
        rng
            Chance.
        units
            Which, shape (k,).
        times
            How many draws.

        Returns
        -------
        numpy.ndarray
            Shape (times, k).
        """
        expected, shape = self.expected[units], self.shape[units]
        sure = np.isinf(shape)
        safe = np.where(sure, 1.0, shape)
        drawn = rng.standard_gamma(safe, (times, len(units))) / safe * expected
        return np.where(sure, expected, drawn)

    def _count_quantile(self, share: float) -> Floats:
        # Doubling finds a bound, halving the smallest count that reaches the share.
        high = np.ones_like(self.expected)
        while (short := self.cumulative(high) < share).any():
            high = np.where(short, 2 * high, high)
        low = np.full_like(high, -1.0)
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            reached = self.cumulative(middle) >= share
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
        return high
