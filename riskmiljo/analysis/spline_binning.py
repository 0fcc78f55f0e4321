"""Weighted points onto the nodes of a padded grid, by quadratic or cubic B-splines."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmiljo.geo.grid import Grid

Floats = npt.NDArray[np.float64]

QUADRATIC: Final = 3
CUBIC: Final = 4

# So many points at once that what is computed of them stays in the processor's cache.
_POINTS_AT_ONCE: Final = 16_384
# Sums in single precision are a third quicker. A sum of n terms errs by at most n / 2**24 of
# itself, and in a smooth field no more than nine times its height, in units of the lightest point,
# are added to a node: up to a height of 500 the field errs by less than 3e-4 of its maximum.
_HIGHEST_SINGLE: Final = 500.0
_SINGLE_RANGE: Final = (1e-20, 1e20)


def spline_binned(
    xy: Floats, weights: Floats, grid: Grid, pad: int, shape: tuple[int, int], order: int
) -> npt.NDArray[np.floating[Any]]:
    """Share each point's weight among the nine or sixteen cells around it.

    Parameters
    ----------
    xy
        Shape (m, 2), metres.
    weights
        Shape (m,).
    grid
        Its cells' centres are nodes.
    pad
        So many nodes are added before the grid's first row and column; points beyond the padding
        are left out.
    shape
        Rows and columns, those added included.
    order
        `QUADRATIC` or `CUBIC`.

    Returns
    -------
    numpy.ndarray
        Of that shape. In single precision where that is exact enough, which for quadratic splines
        is looked into; in double precision else.

    References
    ----------
    Hockney, R. W. and Eastwood, J. W. (1988). Computer Simulation Using Particles, chapter 5.
    """
    if order == QUADRATIC:
        lightest = float(weights.min(initial=np.inf))
        if lightest == 0:
            lightest = float(weights.min(initial=np.inf, where=weights > 0))
        if _SINGLE_RANGE[0] < lightest and float(weights.sum()) < _SINGLE_RANGE[1]:
            highest = _HIGHEST_SINGLE * lightest
            single = _binned(xy, weights, grid, pad, shape, order, highest=highest)
            if single is not None:
                return single
    double = _binned(xy, weights, grid, pad, shape, order, highest=None)
    return np.zeros(shape) if double is None else double


def _binned(
    xy: Floats,
    weights: Floats,
    grid: Grid,
    pad: int,
    shape: tuple[int, int],
    order: int,
    *,
    highest: float | None,
) -> npt.NDArray[np.floating[Any]] | None:
    """Return the field, in single precision if it must stay below a height; None if it does not."""
    real = np.dtype(np.float64 if highest is None else np.float32)
    rows, columns = shape
    field = np.zeros(rows * columns, dtype=real)
    nodes = [field[row * columns + column :] for row in range(order) for column in range(order)]
    share = np.empty(min(_POINTS_AT_ONCE, max(len(xy), 1)), dtype=real)
    weights = weights.astype(real, copy=False)
    per_cell = 1.0 / grid.cell_m
    west, south = pad - 0.5 - grid.x0 * per_cell, pad - 0.5 - grid.y0 * per_cell
    chunks = range(0, len(xy), _POINTS_AT_ONCE)
    for number, begin in enumerate(chunks, start=1):
        part = slice(begin, begin + _POINTS_AT_ONCE)
        # In units of cells, counted between centres.
        x, y = xy[part, 0] * per_cell, xy[part, 1] * per_cell
        x += west
        y += south
        column, row = (np.floor(x), np.floor(y)) if order == CUBIC else (np.rint(x), np.rint(y))
        own = weights[part]
        if min(column.min(), row.min()) < 1 or column.max() > columns - 3 or row.max() > rows - 3:
            inside = (column >= 1) & (column <= columns - 3) & (row >= 1) & (row <= rows - 3)
            x, y, own, column, row = (a[inside] for a in (x, y, own, column, row))
        x -= column
        y -= row
        row -= 1
        row *= columns
        row += column
        row -= 1
        first = row.astype(np.intp)
        across = _spline_weights(x.astype(real, copy=False), order)
        up = _spline_weights(y.astype(real, copy=False), order)
        out = share[: len(first)]
        for j, upward in enumerate(up):
            upward *= own  # noqa: PLW2901 - in place: it is not needed without the weights
            for i, sideways in enumerate(across):
                np.multiply(upward, sideways, out=out)
                np.add.at(nodes[j * order + i], first, out)
        # Looked at after the first, second, fourth, eighth lot and so on, and the last.
        looked_at = number & (number - 1) == 0 or number == len(chunks)
        if highest is not None and looked_at and float(field.max()) > highest:
            return None
    return field.reshape(shape)


def _spline_weights(
    u: npt.NDArray[np.floating[Any]], order: int
) -> tuple[npt.NDArray[np.floating[Any]], ...]:
    if order == QUADRATIC:  # u from -1/2 to 1/2
        middle = u * u
        outer = middle * 0.5
        outer += 0.125
        half = u * 0.5
        return outer - half, 0.75 - middle, outer + half
    v = 1 - u
    u2, v2 = u * u, v * v
    return v2 * v / 6, 2 / 3 - u2 + u2 * u / 2, 2 / 3 - v2 + v2 * v / 2, u2 * u / 6
