"""Kernels summed exactly on a grid: pair by pair, or by moments of the points in each cell."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from riskmiljo.analysis.kernels import Kernel
from riskmiljo.geo.grid import Grid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# So many (point, cell) pairs at once that what is computed of them stays in the processor's cache.
_PAIRS_AT_ONCE: Final = 30_000
# What a transform costs for each of its cells, in pairs (some 10 ns).
_PAIRS_A_CELL: Final = 1.2
# What is below this share of the maximum is the rounding of transforms, where there is nothing.
_NOISE: Final = 1e-12
# A pair at the rim takes twice the time of one among many.
_PAIRS_AT_RIM: Final = 2.0
# Powers of a kernel whose moments are few enough.
_HIGHEST_POWER: Final = 4


def sum_of_kernels(
    xy: Floats, weights: Floats, grid: Grid, kernel: Kernel, bandwidths_m: Floats
) -> Floats:
    """Sum a kernel of its own width around each point, exactly, at the centres of a grid's cells.

    Parameters
    ----------
    xy
        Shape (m, 2), metres. Points outside the grid reach into it.
    weights
        Shape (m,).
    grid
        Where the field is wanted; its mask is not looked at.
    kernel
        The kernel.
    bandwidths_m
        Shape (m,), metres.

    Returns
    -------
    numpy.ndarray
        Shape (ny, nx), weight per square metre. The work grows with the number of (point, cell)
        pairs within reach.
    """
    return _pair_by_pair(xy, weights, grid, kernel, bandwidths_m, rim_only=False)


def sum_of_one_width(
    xy: Floats, weights: Floats, grid: Grid, kernel: Kernel, bandwidth_m: float
) -> Floats:
    """Sum a compact kernel around each point, exactly, in the cheaper of two ways.

    Parameters
    ----------
    xy
        Shape (m, 2), metres, best each place once. Points outside the grid reach into it.
    weights
        Shape (m,).
    grid
        Where the field is wanted; its mask is not looked at.
    kernel
        A compact kernel.
    bandwidth_m
        Its bandwidth, metres.

    Returns
    -------
    numpy.ndarray
        Shape (ny, nx), weight per square metre.

    Notes
    -----
    Within its reach the kernel is a polynomial of the distance squared. Where a cell lies within
    reach of every corner of another, the sum over all points of that other one depends on a few
    moments of them only, and over all cells it is a discrete convolution of each moment. What is
    left are the cells at the rim, some eight times the bandwidth in cells for each point instead
    of three times its square.
    """
    xy, weights = _within_reach(xy, weights, grid, kernel.reach * bandwidth_m)
    own = np.full(len(xy), bandwidth_m)
    if pairs_of(len(xy), grid, kernel, bandwidth_m) <= _work_by_moments(
        len(xy), grid, kernel, bandwidth_m
    ):
        return _pair_by_pair(xy, weights, grid, kernel, own, rim_only=False)
    field = _inside_by_moments(xy, weights, grid, kernel, bandwidth_m)
    field += _pair_by_pair(xy, weights, grid, kernel, own, rim_only=True)
    return np.asarray(np.multiply(field, field > _NOISE * field.max(initial=0)), dtype=float)


def pairs_of(points: int, grid: Grid, kernel: Kernel, bandwidth_m: float) -> float:
    """Return about how many (point, cell) pairs `sum_of_kernels` goes through.

    Parameters
    ----------
    points
        How many points.
    grid, kernel, bandwidth_m
        As in `sum_of_one_width`.

    Returns
    -------
    float
        Some 10 ns each.
    """
    return points * 4 * (kernel.reach * bandwidth_m / grid.cell_m + 1) ** 2


def _work_by_moments(points: int, grid: Grid, kernel: Kernel, bandwidth_m: float) -> float:
    """Return the work of `_inside_by_moments` and the rim, in pairs."""
    if not 0 < kernel.power <= _HIGHEST_POWER:
        return np.inf
    radius = kernel.reach * bandwidth_m / grid.cell_m
    transforms = (kernel.power + 1) * (kernel.power + 2) * (kernel.power + 3) // 3 + 1
    cells = np.prod(np.array(grid.shape) + 2 * radius + 2)
    return float(points * _PAIRS_AT_RIM * (9 * radius + 12) + _PAIRS_A_CELL * transforms * cells)


def _within_reach(xy: Floats, weights: Floats, grid: Grid, reach_m: float) -> tuple[Floats, Floats]:
    near = near_grid(xy, grid, reach_m)
    return (xy, weights) if near.all() else (xy[near], weights[near])


def near_grid(xy: Floats, grid: Grid, margin_m: float) -> npt.NDArray[np.bool_]:
    """Tell which points lie in a grid's box or near it.

    Parameters
    ----------
    xy
        Shape (m, 2), metres.
    grid
        The grid.
    margin_m
        How near, along either axis, metres.

    Returns
    -------
    numpy.ndarray
        Shape (m,).
    """
    west, south, east, north = grid.bounds
    x, y = xy[:, 0], xy[:, 1]
    near: npt.NDArray[np.bool_] = (
        (x >= west - margin_m)
        & (x <= east + margin_m)
        & (y >= south - margin_m)
        & (y <= north + margin_m)
    )
    return near


def _in_cells(xy: Floats, grid: Grid) -> tuple[Floats, Floats, Floats, Floats]:
    """Return each point's column and row, and how far east and north of that centre, in cells."""
    x = (xy[:, 0] - grid.x0) / grid.cell_m - 0.5
    y = (xy[:, 1] - grid.y0) / grid.cell_m - 0.5
    column, row = np.rint(x), np.rint(y)
    return column, row, x - column, y - row


def _widest_inside(radius: float, step: int) -> int:
    """Return how many columns away a cell in a row may lie and be in reach of a whole cell."""
    left = radius**2 - (abs(step) + 0.5) ** 2
    return int(np.floor(np.sqrt(left) - 0.5)) if left >= 0.25 else -1  # noqa: PLR2004 - half a cell


def _pair_by_pair(
    xy: Floats,
    weights: Floats,
    grid: Grid,
    kernel: Kernel,
    bandwidths_m: Floats,
    *,
    rim_only: bool,
) -> Floats:
    """Sum over pairs; over those that moments leave out only, where all widths are one."""
    ny, nx = grid.shape
    widest = float(bandwidths_m.max()) if len(bandwidths_m) else grid.cell_m
    # A frame of cells around the grid catches what points near its edge spill over.
    frame = 2 * int(np.ceil(kernel.reach * widest / grid.cell_m)) + 2
    near = near_grid(xy, grid, kernel.reach * widest)
    field = np.zeros((ny + 2 * frame, nx + 2 * frame))
    flat = field.reshape(-1)
    # The widest first: the first of each lot tells how many cells the lot needs.
    order = np.flatnonzero(near)[np.argsort(-bandwidths_m[near], kind="stable")]
    begin = 0
    while begin < len(order):
        radius = kernel.reach * float(bandwidths_m[order[begin]]) / grid.cell_m
        reach = int(np.ceil(radius))
        lot = order[begin : begin + max(1, _PAIRS_AT_ONCE // (4 if rim_only else 2 * reach + 1))]
        begin += len(lot)
        column, row, east, north = _in_cells(xy[lot], grid)
        scale = grid.cell_m / bandwidths_m[lot]
        east, north, scale = east[:, None], north * scale, scale[:, None]
        height = (weights[lot] / bandwidths_m[lot] ** 2)[:, None]
        first = ((row + frame) * field.shape[1] + (column + frame)).astype(np.int64)[:, None]
        for step in range(-reach, reach + 1):
            nearest = max(abs(step) - 0.5, 0.0)
            half = min(reach, int(np.sqrt(max(radius**2 - nearest**2, 0.0)) + 0.5))
            up = ((step * scale[:, 0] - north) ** 2)[:, None]
            inside = _widest_inside(radius, step) if rim_only else -1
            for begin_at, end_at in _stretches(inside, half):
                steps = np.arange(begin_at, end_at + 1)
                across = (steps - east) * scale
                across *= across
                across += up
                values = kernel.profile(across)
                values *= height
                index = first + (step * field.shape[1] + steps)
                np.add.at(flat, index.reshape(-1), values.reshape(-1))
    return field[frame : frame + ny, frame : frame + nx].copy()


def _stretches(inside: int, half: int) -> list[tuple[int, int]]:
    """Return the columns from -half to half but for those from -inside to inside."""
    if inside < 0:
        return [(-half, half)]
    return [(-half, -inside - 1), (inside + 1, half)] if inside < half else []


def _inside_by_moments(
    xy: Floats, weights: Floats, grid: Grid, kernel: Kernel, bandwidth_m: float
) -> Floats:
    """Sum over the cells that are within reach wherever in its cell a point lies."""
    radius = kernel.reach * bandwidth_m / grid.cell_m
    reach = int(np.ceil(radius))
    pad = reach + 1
    ny, nx = grid.shape
    shape = (
        int(fft.next_fast_len(ny + 2 * pad, real=True)),
        int(fft.next_fast_len(nx + 2 * pad, real=True)),
    )
    column, row, east, north = _in_cells(xy, grid)
    cell = ((row + pad) * shape[1] + (column + pad)).astype(np.int64)
    # Of a point at d from its centre and a cell k away, 1 - |k - d|²/b² is
    # (1 - |k|²/b²) + (2k/b²)·d - |d|²/b²: a polynomial in these three.
    variables = (east, north, east**2 + north**2)
    spectrum = np.zeros((shape[0], shape[1] // 2 + 1), dtype=complex)
    for powers, factors in _expanded(radius, reach, kernel.power).items():
        moment = weights.astype(float)
        for variable, power in zip(variables, powers, strict=True):
            moment = moment * variable**power if power else moment
        gathered = np.bincount(cell, moment, shape[0] * shape[1]).reshape(shape)
        mask = np.zeros(shape)
        around = np.arange(-reach, reach + 1)
        mask[np.ix_(around % shape[0], around % shape[1])] = factors
        part = fft.rfft2(gathered)
        part *= fft.rfft2(mask)
        spectrum += part
    field = fft.irfft2(spectrum, s=shape)[pad : pad + ny, pad : pad + nx]
    top = float(kernel.profile(np.zeros(1))[0]) / bandwidth_m**2
    return np.asarray(field * top, dtype=float)


def _expanded(radius: float, reach: int, power: int) -> dict[tuple[int, int, int], Floats]:
    """Return the polynomial's coefficients at each cell within reach, by powers of three."""
    away = np.arange(-reach, reach + 1, dtype=float)
    up, across = away[:, None], away[None, :]
    widest = np.array([_widest_inside(radius, step) for step in range(-reach, reach + 1)])
    inside = np.abs(across) <= widest[:, None]
    once = {
        (0, 0, 0): inside * (1 - (up**2 + across**2) / radius**2),
        (1, 0, 0): inside * (2 * across / radius**2),
        (0, 1, 0): inside * (2 * up / radius**2),
        (0, 0, 1): inside * (-1 / radius**2),
    }
    product_of = dict(once)
    for _ in range(power - 1):
        terms: dict[tuple[int, int, int], Floats] = {}
        for (first, one), (second, other) in product(product_of.items(), once.items()):
            powers = (first[0] + second[0], first[1] + second[1], first[2] + second[2])
            terms[powers] = terms.get(powers, 0.0) + one * other
        product_of = terms
    return product_of
