"""How wide to smooth: likelihood cross-validation over unique places."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.kernels import KERNELS, Kernel
from riskmiljo.analysis.smoothing import smooth
from riskmiljo.geo.grid import Grid

Floats = npt.NDArray[np.float64]

# Swedish police coordinates have a median error near 83 m (Gerell 2018): finer is false precision.
FLOOR_M: Final = 100.0
_WIDEST_M: Final = 1_000.0
_CANDIDATES: Final = 10
_CELLS_A_SIGMA: Final = 2.5
_MOST_CELLS: Final = 4_000_000
_FEWEST_PLACES: Final = 3
# A place far from all others must not veto every bandwidth: a share of the likelihood is uniform.
_UNIFORM_SHARE: Final = 0.01


def cross_validated_bandwidth(xy: npt.ArrayLike, kernel: Kernel = KERNELS["quartic"]) -> float:
    """Choose the bandwidth under which each unique place is best foretold by the others.

    Parameters
    ----------
    xy
        Shape (m, 2), metres; each place once, whatever happened there. Many incidents at one
        address would otherwise call for a bandwidth of zero.
    kernel
        The kernel that the bandwidth is for.

    Returns
    -------
    float
        Metres, from 100 to 1000, rounded to 10. The floor is the error of the coordinates
        themselves. With fewer than three places it is the floor.

    Notes
    -----
    Ten candidates in equal ratios are tried with a Gaussian of the same standard deviation, on a
    grid of 0.4 standard deviations; candidates too fine for a grid of four million cells over the
    data are passed over.

    References
    ----------
    Habbema, J. D. F., Hermans, J. and van den Broek, K. (1974). A stepwise discriminant analysis
    program using density estimation.
    Gerell, M. (2018). Quantifying the geographical (un)reliability of police data.
    """
    points = np.asarray(xy, dtype=float)
    if len(points) < _FEWEST_PLACES:
        return FLOOR_M
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    best, best_score = FLOOR_M, -np.inf
    for bandwidth_m in np.geomspace(FLOOR_M, _WIDEST_M, _CANDIDATES):
        sigma = kernel.sigma * bandwidth_m
        width, height = east - west + 2 * sigma, north - south + 2 * sigma
        if width * height * (_CELLS_A_SIGMA / sigma) ** 2 > _MOST_CELLS:
            continue
        score = _left_out_likelihood(points, sigma, width, height)
        if score > best_score:
            best, best_score = float(bandwidth_m), score
    if best_score == -np.inf:
        return _WIDEST_M
    return max(FLOOR_M, round(best, -1))


def _left_out_likelihood(points: Floats, sigma: float, width: float, height: float) -> float:
    cell_m = sigma / _CELLS_A_SIGMA
    shape = int(np.ceil(height / cell_m)) + 1, int(np.ceil(width / cell_m)) + 1
    south_west = points.min(axis=0) - sigma
    grid = Grid(south_west[0], south_west[1], cell_m, np.ones(shape, dtype=bool))
    field = smooth(points, np.ones(len(points)), grid, KERNELS["gaussian"], sigma)
    x = (points[:, 0] - grid.x0) / cell_m - 0.5
    y = (points[:, 1] - grid.y0) / cell_m - 0.5
    own = 1 / (2 * np.pi * sigma**2)
    others = np.clip(_bilinear(field, x, y) - own, 0, None) / (len(points) - 1)
    uniform = _UNIFORM_SHARE / (width * height)
    return float(np.log((1 - _UNIFORM_SHARE) * others + uniform).mean())


def _bilinear(field: Floats, x: Floats, y: Floats) -> Floats:
    column = np.clip(np.floor(x).astype(np.int64), 0, field.shape[1] - 2)
    row = np.clip(np.floor(y).astype(np.int64), 0, field.shape[0] - 2)
    u, v = x - column, y - row
    return (
        field[row, column] * (1 - u) * (1 - v)
        + field[row, column + 1] * u * (1 - v)
        + field[row + 1, column] * (1 - u) * v
        + field[row + 1, column + 1] * u * v
    )
