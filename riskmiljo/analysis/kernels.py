"""The smoothing kernels: each integrates to one over the plane, in space and in frequency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmiljo.analysis.arguments import is_one_of, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A radially symmetric kernel of bandwidth one.

    Parameters
    ----------
    name
        How it is asked for.
    reach
        Radius beyond which it is zero (Gaussian: less than 4e-6 of it lies beyond), bandwidths.
    sigma
        Standard deviation along one axis, bandwidths.
    profile
        Its value at squared distance u² (u in bandwidths); integrates to one over the plane.
    spectrum
        Its Fourier transform at angular frequency k (per bandwidth); one at zero.
    band_limited
        True for the Gaussian alone: its spectrum is practically zero beyond k = 6, and the product
        of its values along the two axes.
    power
        Of a compact kernel its profile is (1 - u²) to this power, scaled; 0 for the Gaussian.
    """

    name: str
    reach: float
    sigma: float
    profile: Callable[[Floats], Floats]
    spectrum: Callable[[Floats], Floats]
    band_limited: bool
    power: int


def _bessel(order: int, scale: float) -> Callable[[Floats], Floats]:
    # The transform of (1 - u²)^n on the disk is proportional to J_{n+1}(k) / k^{n+1}
    # (Watson 1944, Sonine's integral).
    def spectrum(k: Floats) -> Floats:
        safe = np.where(k > 0, k, 1.0)
        values = scale * special.jv(order, safe) / safe**order
        return np.where(k > 0, values, 1.0)

    return spectrum


def _quartic(u2: Floats) -> Floats:
    return 3 / np.pi * np.clip(1 - u2, 0, None) ** 2


def _epanechnikov(u2: Floats) -> Floats:
    return 2 / np.pi * np.clip(1 - u2, 0, None)


def _gaussian(u2: Floats) -> Floats:
    return np.exp(-u2 / 2) / (2 * np.pi)


def _quartic_squared(u2: Floats) -> Floats:
    return 5 / np.pi * np.clip(1 - u2, 0, None) ** 4


KERNELS: Final[dict[str, Kernel]] = {
    kernel.name: kernel
    for kernel in (
        Kernel(
            "quartic", 1.0, 8**-0.5, _quartic, _bessel(3, 48.0), band_limited=False, power=2,
        ),
        Kernel(
            "epanechnikov", 1.0, 6**-0.5, _epanechnikov, _bessel(2, 8.0), band_limited=False,
            power=1,
        ),
        Kernel(
            "gaussian", 5.0, 1.0, _gaussian, lambda k: np.exp(-(k**2) / 2), band_limited=True,
            power=0,
        ),
    )
}  # fmt: skip


# The square of each kernel as a kernel: (its integral, the shape, the shape's relative bandwidth).
_SQUARES: Final[dict[str, tuple[float, Kernel, float]]] = {
    "quartic": (
        9 / (5 * np.pi),
        Kernel(
            "quartic squared", 1.0, 12**-0.5, _quartic_squared, _bessel(5, 3840.0),
            band_limited=False, power=4,
        ),
        1.0,
    ),
    "epanechnikov": (4 / (3 * np.pi), KERNELS["quartic"], 1.0),
    "gaussian": (1 / (4 * np.pi), KERNELS["gaussian"], 0.5**0.5),
}  # fmt: skip


def squared_kernel(kernel: Kernel) -> tuple[float, Kernel, float]:
    """Return the square of a kernel, which the variance of a density is made of.

    Parameters
    ----------
    kernel
        One of `KERNELS`.

    Returns
    -------
    tuple
        The integral of the square at bandwidth one; a kernel of the square's shape; and the
        bandwidth of that kernel relative to the first one's.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 3.3.
    """
    return _SQUARES[kernel.name]


def kernel_named(name: str) -> Kernel:
    """Return a kernel by name.

    Parameters
    ----------
    name
        ``"quartic"``, ``"epanechnikov"`` or ``"gaussian"``.

    Returns
    -------
    Kernel
        Of bandwidth one.

    Raises
    ------
    InvalidInputError
        If there is none of that name.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 4.2.
    """
    if not is_one_of(name, KERNELS):
        raise InvalidInputError(
            Text(
                "Kärnan {k!r} finns inte. Välj en av {all}.",
                "There is no kernel {k!r}. Choose one of {all}.",
            ).fill(k=shown(name), all=", ".join(KERNELS))
        )
    return KERNELS[name]
