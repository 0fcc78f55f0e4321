"""Kernel density with a bandwidth that follows the data: narrow in town, wide outside it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.kernel_sums import sum_of_kernels
from riskmiljo.analysis.kernels import Kernel
from riskmiljo.analysis.places import Places
from riskmiljo.analysis.smoothing import mass_inside, smooth
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

# The local bandwidth stays between a quarter and four times the mean one: an incident alone in
# the forest must not be spread over the municipality.
WIDEST: Final = 4.0
_PILOT_CELLS_A_SIGMA: Final = 4.0
_PILOT_CELLS: Final = 4_000_000
_MOST_PAIRS: Final = 10_000_000_000
_MASS_STEPS: Final = 9


def adaptive_density(
    places: Places, grid: Grid, kernel: Kernel, bandwidth_m: float, *, bounded: bool
) -> Floats:
    """Estimate a density with a bandwidth of its own for each place.

    Parameters
    ----------
    places
        Unique places with their weights, at least one in the grid's study area.
    grid
        Where it is wanted.
    kernel
        The kernel.
    bandwidth_m
        Geometric mean of the bandwidths, metres, before they are limited to between a quarter
        and four times it.
    bounded
        Whether the grid's mask is the study area: the density is then divided by the share of the
        kernel, of the cell's own bandwidth, that lies inside it.

    Returns
    -------
    numpy.ndarray
        Shape (ny, nx), weight per square metre, zero outside the mask.

    Raises
    ------
    InvalidInputError
        If more than ten thousand million (place, cell) pairs would have to be summed.

    Notes
    -----
    The bandwidth of a place is inversely proportional to the root of a pilot density: that of
    *places* with the mean bandwidth, each place once, because many incidents at one address say
    nothing of how precisely its surroundings are known. The pilot is corrected at the edge too.

    References
    ----------
    Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square root law.
    Davies, T. M. and Hazelton, M. L. (2010). Adaptive kernel estimation of spatial relative risk.
    """
    if len(places.xy) == 0:
        return np.zeros(grid.shape)
    mass = mass_inside(grid, kernel, bandwidth_m) if bounded else np.ones(grid.shape)
    at_places = _pilot_at(places.xy, kernel, bandwidth_m)
    if bounded:
        at_places /= np.maximum(mass.ravel()[grid.index(places.xy)], 1e-3)
    middle = float(np.log(at_places).mean())
    widths = bandwidth_m * _factor(at_places, middle)
    pairs = float(((2 * kernel.reach * widths / grid.cell_m + 1) ** 2).sum())
    if pairs > _MOST_PAIRS:
        raise InvalidInputError(
            Text(
                "Anpassad bandbredd skulle ta {m:.0f} miljarder steg. Välj större celler eller "
                "mindre bandbredd.",
                "Adaptive bandwidth would take {m:.0f} thousand million steps. Choose larger "
                "cells or a smaller bandwidth.",
            ).fill(m=pairs / 1e9)
        )
    field = sum_of_kernels(places.xy, places.weights, grid, kernel, widths)
    if not bounded:
        return field
    here = smooth(places.xy, np.ones(len(places.xy)), grid, kernel, bandwidth_m)
    here /= np.maximum(mass, 1e-3)
    inside = _mass_at(grid, kernel, bandwidth_m, _factor(here, middle))
    usable = grid.mask & (inside > 0)
    return np.divide(field, inside, out=np.zeros_like(field), where=usable)


def _factor(pilot: Floats, middle: float) -> Floats:
    safe = np.maximum(pilot, np.exp(middle) * 1e-9)
    return np.asarray(np.clip(np.exp((middle - np.log(safe)) / 2), 1 / WIDEST, WIDEST))


def _pilot_at(xy: Floats, kernel: Kernel, bandwidth_m: float) -> Floats:
    from scipy import ndimage  # noqa: PLC0415 - only this path needs it

    reach = kernel.reach * bandwidth_m
    west, south = xy.min(axis=0) - reach
    east, north = xy.max(axis=0) + reach
    cell_m = max(
        kernel.sigma * bandwidth_m / _PILOT_CELLS_A_SIGMA,
        float(np.sqrt((east - west) * (north - south) / _PILOT_CELLS)),
    )
    shape = int((north - south) / cell_m) + 2, int((east - west) / cell_m) + 2
    fine = Grid(west, south, cell_m, np.ones(shape, dtype=bool))
    field = smooth(xy, np.ones(len(xy)), fine, kernel, bandwidth_m)
    at = ((xy - (west, south)) / cell_m - 0.5).T[::-1]
    # A place is at least as dense as itself: the interpolation must not fall below that.
    own = float(kernel.profile(np.zeros(1))[0]) / bandwidth_m**2
    there = ndimage.map_coordinates(field, at, order=3, mode="nearest")
    return np.asarray(np.maximum(there, own))


def _mass_at(grid: Grid, kernel: Kernel, bandwidth_m: float, factor: Floats) -> Floats:
    wanted = factor[grid.mask]
    steps = np.geomspace(wanted.min(), max(wanted.max(), wanted.min() * 1.001), _MASS_STEPS)
    masses = np.stack([mass_inside(grid, kernel, bandwidth_m * step)[grid.mask] for step in steps])
    place = np.interp(np.log(wanted), np.log(steps), np.arange(_MASS_STEPS))
    lower = np.minimum(place.astype(np.int64), _MASS_STEPS - 2)
    part = place - lower
    cells = np.arange(len(wanted))
    inside = np.zeros(grid.shape)
    inside[grid.mask] = (1 - part) * masses[lower, cells] + part * masses[lower + 1, cells]
    return inside
