"""Global Moran's I and Geary's C on a grid: whether like values lie together, and how far."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import numbers_in
from riskmiljo.analysis.disk import Disk
from riskmiljo.analysis.local_statistics import centred, checked_table, two_sided_p
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# The variance under randomisation divides by n - 3.
_FEWEST: Final = 4
# Where every cell is everyone's neighbour nothing can vary but by rounding.
_NO_VARIANCE: Final = 1e-15


def autocorrelation(
    values: npt.ArrayLike,
    *,
    radius_cells: float | npt.ArrayLike,
    mask: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Compute global Moran's I and Geary's C of a grid, at one distance or at several.

    Parameters
    ----------
    values
        Shape (ny, nx), for example counts or rates.
    radius_cells
        Cells whose centre lies within this distance are neighbours, with equal weights that sum
        to one; the cell itself is not one of them. Several distances show at which one the
        pattern is clearest (incremental spatial autocorrelation).
    mask
        Shape (ny, nx), True in the study area: other cells take no part and may hold anything.
        None: all cells.

    Returns
    -------
    pandas.DataFrame
        One row a distance, ``radius_cells`` as index: ``moran_i`` (above ``-1 / (n - 1)`` where
        like values lie together), its score ``moran_z`` and two-sided ``moran_p``, ``geary_c``
        (below 1 where they do), ``geary_z`` and ``geary_p``. The scores compare with all ways of
        dealing the values to the cells, by their exact mean and variance. NaN where all values are
        equal or no cell has a neighbour.

    Raises
    ------
    InvalidInputError
        As `riskmiljo.analysis.local_statistics.gi_star`, or if the study area has fewer than four
        cells, or no distance is given.

    Notes
    -----
    One number for a whole city: it tells whether there is a pattern, not where. For that use
    `riskmiljo.analysis.local_statistics.local_moran` or Gi*.

    References
    ----------
    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37, 17-23.
    Geary, R. C. (1954). The contiguity ratio and statistical mapping. The Incorporated
    Statistician 5, 115-145.
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes: Models and Applications, chapter 2.

    Examples
    --------
    >>> found = autocorrelation([[9, 9, 0, 0], [9, 9, 0, 0]], radius_cells=1)
    >>> found["moran_i"].round(3).tolist(), found["geary_c"].round(3).tolist()
    ([0.667], [0.292])
    """
    table, inside = checked_table(values, mask)
    radii = np.unique(numbers_in(radius_cells, Text("Avstånden", "The distances")).ravel())
    if len(radii) == 0:
        raise InvalidInputError(Text("Ge minst ett avstånd.", "Give at least one distance."))
    n = int(inside.sum())
    if n < _FEWEST:
        raise InvalidInputError(
            Text(
                "Morans I behöver minst 4 celler i området, inte {n}.",
                "Moran's I needs at least 4 cells in the area, not {n}.",
            ).fill(n=n)
        )
    near, rest, _ = centred(table, inside)
    own = np.where(inside, near - rest, 0.0)
    rows = [_both(own, inside, Disk.of(radius, table.shape), n) for radius in radii]
    found = pd.DataFrame(
        rows,
        columns=["moran_i", "moran_z", "geary_c", "geary_z"],
        index=pd.Index(radii, name="radius_cells"),
        dtype=float,
    )
    found.insert(2, "moran_p", two_sided_p(found["moran_z"]))
    found.insert(5, "geary_p", two_sided_p(found["geary_z"]))
    return found


def _both(own: Floats, inside: Bools, disk: Disk, n: int) -> tuple[float, float, float, float]:
    """Return Moran's I and Geary's C, each with its score."""
    neighbours = np.where(inside, disk.counts(inside) - 1, 0.0)
    share = np.divide(1.0, neighbours, out=np.zeros_like(own), where=neighbours > 0)
    given = share > 0
    squares = float((own**2).sum())
    if squares == 0 or not given.any():
        return np.nan, np.nan, np.nan, np.nan
    # What each cell is given by its neighbours, and what it gives to them.
    lag = share * (disk.sums(own) - own)
    column = np.where(inside, disk.sums(share) - share, 0.0)
    s0 = float(given.sum())
    s1 = float(share.sum() + (share * column).sum())
    s2 = float(((given + column)[inside] ** 2).sum())
    peaked = n * float((own**4).sum()) / squares**2
    cross = float((own * lag).sum())
    i = n / s0 * cross / squares
    apart = float((given * own**2).sum() + (column * own**2).sum()) - 2 * cross
    c = (n - 1) / (2 * s0) * apart / squares
    whole = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    whole -= peaked * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    of_i = whole / ((n - 1) * (n - 2) * (n - 3) * s0**2) - 1 / (n - 1) ** 2
    whole = (n - 1) * s1 * (n**2 - 3 * n + 3 - (n - 1) * peaked)
    whole -= (n - 1) * s2 * (n**2 + 3 * n - 6 - (n**2 - n + 2) * peaked) / 4
    whole += s0**2 * (n**2 - 3 - (n - 1) ** 2 * peaked)
    of_c = whole / (n * (n - 2) * (n - 3) * s0**2)
    return i, _score(i + 1 / (n - 1), of_i), c, _score(1 - c, of_c)


def _score(difference: float, variance: float) -> float:
    return float(difference / np.sqrt(variance)) if variance > _NO_VARIANCE else np.nan
