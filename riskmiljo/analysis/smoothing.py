"""Weighted points to a smooth field on a grid: compact kernels exactly, wide Gaussians by FFT."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from riskmiljo.analysis.kernel_sums import (
    near_grid,
    pairs_of,
    sum_of_kernels,
    sum_of_one_width,
)
from riskmiljo.analysis.kernels import Kernel
from riskmiljo.analysis.spline_binning import CUBIC, QUADRATIC, spline_binned
from riskmiljo.geo.grid import Grid

Floats = npt.NDArray[np.float64]

# So many (place, cell) pairs are summed one by one in any case, which costs some 0.06 s.
_EXACT_PAIRS: Final = 6_000_000
_KNOT_STEP: Final = 0.002
# A narrow Gaussian of more pairs is made on a grid so many times finer, if that is no larger than
# this many cells.
_FINER: Final = 3
_FINER_CELLS: Final = 50_000_000
# With sigma at least so many cells, a Gaussian around one point is right to 3e-4 of its peak by
# cubic splines, to 5e-4 by quadratic ones; of many points the errors cancel.
_FINE_SIGMA_CELLS: Final = 2.5
_FINER_SIGMA_CELLS: Final = 3.5
# The inverse of the cubic spline filter decays by 0.27 a cell: 2e-5 is left after eight.
_SPLINE_TAIL_CELLS: Final = 8
# A Gaussian's spectrum beyond this angular frequency, in bandwidths: 1e-8 of its peak.
_LAST_WAVE: Final = 6.0
# What is below so many times the precision of the maximum is the noise of rounding.
_NOISE: Final = 2.0


def smooth(
    xy: Floats,
    weights: Floats,
    grid: Grid,
    kernel: Kernel,
    bandwidth_m: float,
    *,
    quick: bool = False,
) -> Floats:
    """Sum a kernel around each point, at the centres of a grid's cells.

    Parameters
    ----------
    xy
        Shape (m, 2), metres, best each place once. Points outside the grid reach into it.
    weights
        Shape (m,).
    grid
        Where the field is wanted; its mask is not looked at.
    kernel
        The kernel.
    bandwidth_m
        Its bandwidth, metres.
    quick
        Whether a compact kernel need be exact only for the heaviest places, up to six million
        (place, cell) pairs. The FFT errs for the others by some per cent of their share at a few
        cells' bandwidth, and by far less where they are many at various spots of their cells.

    Returns
    -------
    numpy.ndarray
        Shape (ny, nx), weight per square metre. Compact kernels are exact to rounding whatever
        the input, unless ``quick``; the Gaussian is within a thousandth of the maximum, and exact
        where it is narrower than 2.5 cells and has at most six million pairs.

    Notes
    -----
    The FFT part bins each point with a B-spline onto nine (quadratic) or sixteen cells (cubic),
    multiplies by the kernel's own transform and divides by that of the spline, so that binning
    blurs nothing. The grid is padded by the kernel's reach: nothing wraps around.

    References
    ----------
    Wand, M. P. (1994). Fast computation of multivariate kernel estimators.
    Hockney, R. W. and Eastwood, J. W. (1988). Computer Simulation Using Particles, chapter 5.
    """
    if takes_repeated_points(grid, kernel, bandwidth_m):
        finer = bandwidth_m / grid.cell_m >= _FINER_SIGMA_CELLS
        spline = QUADRATIC if finer else CUBIC
        return _by_fft(xy, weights, grid, kernel, bandwidth_m, order=spline)
    near = near_grid(xy, grid, kernel.reach * bandwidth_m)
    xy, weights = (xy, weights) if near.all() else (xy[near], weights[near])
    if pairs_of(len(xy), grid, kernel, bandwidth_m) <= _EXACT_PAIRS:
        return sum_of_kernels(xy, weights, grid, kernel, np.full(len(xy), bandwidth_m))
    if kernel.band_limited:
        return _narrow(xy, weights, grid, kernel, bandwidth_m)
    if quick:
        return _heaviest_exactly(xy, weights, grid, kernel, bandwidth_m)
    return sum_of_one_width(xy, weights, grid, kernel, bandwidth_m)


def takes_repeated_points(grid: Grid, kernel: Kernel, bandwidth_m: float) -> bool:
    """Tell whether `smooth` is as good and as quick on incidents as on unique places.

    Parameters
    ----------
    grid, kernel, bandwidth_m
        As in `smooth`.

    Returns
    -------
    bool
        True for a Gaussian that is wide enough for the FFT alone; other fields are summed place by
        place, and repeated points would cost as much as places.
    """
    return kernel.band_limited and bandwidth_m / grid.cell_m >= _FINE_SIGMA_CELLS


def mass_inside(grid: Grid, kernel: Kernel, bandwidth_m: float) -> Floats:
    """Return how much of a kernel at each cell's centre lies inside the grid's mask.

    Parameters
    ----------
    grid
        Its mask is the study area.
    kernel, bandwidth_m
        As in `smooth`.

    Returns
    -------
    numpy.ndarray
        Shape (ny, nx), 0 to 1.

    References
    ----------
    Diggle, P. J. (1985). A kernel method for smoothing point process data.
    """
    rows, columns, pad = _padded(grid, kernel, bandwidth_m)
    field = np.zeros((rows, columns))
    ny, nx = grid.shape
    field[pad : pad + ny, pad : pad + nx] = grid.mask
    # A cell is a square, whose transform along one axis is a sinc.
    spectrum = fft.rfft2(field)
    factor = _kernel_spectrum((rows, columns), grid.cell_m, kernel, bandwidth_m)
    kept = factor.shape[1]
    spectrum[:, :kept] *= factor
    spectrum[:, kept:] = 0
    spectrum *= np.sinc(fft.fftfreq(rows))[:, None] * np.sinc(fft.rfftfreq(columns))[None, :]
    inside = fft.irfft2(spectrum, s=(rows, columns))[pad : pad + ny, pad : pad + nx]
    return np.asarray(np.clip(inside, 0, 1))


def _narrow(xy: Floats, weights: Floats, grid: Grid, kernel: Kernel, bandwidth_m: float) -> Floats:
    """Sum a Gaussian of few cells: of fewer still one by one, else on a finer grid."""
    cell_m, (ny, nx) = grid.cell_m / _FINER, grid.shape
    enough = bandwidth_m / cell_m >= _FINE_SIGMA_CELLS
    if not enough or ny * nx * _FINER**2 > _FINER_CELLS:
        return sum_of_kernels(xy, weights, grid, kernel, np.full(len(xy), bandwidth_m))
    everywhere = np.ones((ny * _FINER, nx * _FINER), dtype=bool)
    finer = Grid(grid.x0, grid.y0, cell_m, everywhere)
    field = smooth(xy, weights, finer, kernel, bandwidth_m)
    return field[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER].copy()


def _heaviest_exactly(
    xy: Floats, weights: Floats, grid: Grid, kernel: Kernel, bandwidth_m: float
) -> Floats:
    exact = int(_EXACT_PAIRS / pairs_of(1, grid, kernel, bandwidth_m))
    order = np.argpartition(weights, len(weights) - exact - 1)
    light, heavy = order[: len(order) - exact], order[len(order) - exact :]
    field = _by_fft(xy[light], weights[light], grid, kernel, bandwidth_m, order=CUBIC)
    own = np.full(len(heavy), bandwidth_m)
    field += sum_of_kernels(xy[heavy], weights[heavy], grid, kernel, own)
    return field


def _padded(grid: Grid, kernel: Kernel, bandwidth_m: float) -> tuple[int, int, int]:
    pad = int(np.ceil(kernel.reach * bandwidth_m / grid.cell_m)) + _SPLINE_TAIL_CELLS
    ny, nx = grid.shape
    return (
        int(fft.next_fast_len(ny + 2 * pad, real=True)),
        int(fft.next_fast_len(nx + 2 * pad, real=True)),
        pad,
    )


def _kernel_spectrum(
    shape: tuple[int, int], cell_m: float, kernel: Kernel, bandwidth_m: float
) -> Floats:
    """Return the kernel's transform; of a Gaussian without the columns where it is nothing."""
    step = 2 * np.pi * bandwidth_m / cell_m
    ky, kx = fft.fftfreq(shape[0]) * step, fft.rfftfreq(shape[1]) * step
    if kernel.band_limited:
        kx = kx[: max(1, int(np.searchsorted(kx, _LAST_WAVE)))]
        return np.outer(kernel.spectrum(ky), kernel.spectrum(kx))
    # A Bessel function for every frequency would cost more than the transforms: the spectrum is
    # radial, and linear in between knots of 0.002 it is right to 1e-7.
    knots = np.arange(0, step / 2**0.5 + 2 * _KNOT_STEP, _KNOT_STEP)
    at = np.hypot(ky[:, None], kx[None, :])
    return np.asarray(np.interp(at, knots, kernel.spectrum(knots)), dtype=float)


def _by_fft(
    xy: Floats, weights: Floats, grid: Grid, kernel: Kernel, bandwidth_m: float, *, order: int
) -> Floats:
    rows, columns, pad = _padded(grid, kernel, bandwidth_m)
    field = spline_binned(xy, weights, grid, pad, (rows, columns), order)
    factor = _kernel_spectrum((rows, columns), grid.cell_m, kernel, bandwidth_m)
    factor /= np.sinc(fft.fftfreq(rows))[:, None] ** order * grid.cell_m**2
    factor /= np.sinc(fft.rfftfreq(columns)[: factor.shape[1]]) ** order
    # Along the rows first: of a Gaussian only the slow waves are left, and the columns of the
    # others need not be transformed.
    spectrum = fft.rfft(field, axis=1)[:, : factor.shape[1]]
    spectrum = fft.fft(spectrum, axis=0, overwrite_x=True)
    spectrum *= factor.astype(field.dtype, copy=False)
    ny, nx = grid.shape
    spectrum = fft.ifft(spectrum, axis=0, overwrite_x=True)[pad : pad + ny]
    smoothed = fft.irfft(spectrum, n=columns, axis=1)[:, pad : pad + nx]
    # The transform leaves a floor of rounding noise of either sign where there is nothing.
    floor = _NOISE * np.finfo(field.dtype).eps * float(smoothed.max(initial=0))
    return np.asarray(np.multiply(smoothed, smoothed > floor, dtype=float))
