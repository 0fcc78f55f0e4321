"""Getis-Ord Gi* and local Moran on a grid: where high values, or like values, lie together."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from riskmiljo.analysis.arguments import numbers_in
from riskmiljo.analysis.disk import Disk
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Local Moran: a cell beside its neighbours, numbered as GeoDa's and esda's quadrants are.
QUADRANTS: Final[dict[int, str]] = {1: "HH", 2: "LH", 3: "LL", 4: "HL"}
_FEWEST_FOR_MORAN: Final = 3


class LocalMoran(NamedTuple):
    """Local Moran statistics, each of shape (ny, nx).

    Attributes
    ----------
    i
        The statistic; positive where a cell is like its neighbours.
    z
        Its standard score, given the cell's own value.
    p
        Two-sided normal p-value of ``z``.
    quadrant
        1 high among high, 2 low among high, 3 low among low, 4 high among low; 0 outside the
        mask, without neighbours, and everywhere if all values are equal.
    """

    i: Floats
    z: Floats
    p: Floats
    quadrant: Ints


def gi_star(
    values: npt.ArrayLike, *, radius_cells: float, mask: npt.ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Compute Getis-Ord Gi* for each cell of a grid.

    Parameters
    ----------
    values
        Shape (ny, nx), for example counts.
    radius_cells
        Cells whose centre lies within this distance are neighbours, weight 1 each; the cell
        itself is one. A distance that equals the radius but for rounding is within it.
    mask
        Shape (ny, nx), True in the study area: other cells take no part in number, mean, variance
        or neighbourhoods, and may hold anything. None: all cells.

    Returns
    -------
    tuple of numpy.ndarray
        z and p, both (ny, nx). z is the standard score of the neighbourhood's sum; p is the
        two-sided normal p-value, twice esda's one-sided ``p_norm``. Both are NaN outside the mask
        and where the statistic is not defined: if all values are equal, or where the
        neighbourhood is the whole study area.

    Raises
    ------
    InvalidInputError
        If the values are not a table, one inside the mask is not a finite number, the mask has
        another shape or is empty, or the radius is negative.

    Notes
    -----
    p is not adjusted for the number of cells: `riskmiljo.analysis.false_discovery` does that.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application.

    Examples
    --------
    >>> z, p = gi_star([[0, 0, 0], [0, 9, 0], [0, 0, 0]], radius_cells=0)
    >>> float(z[1, 1].round(3))
    2.828
    """
    table, inside = checked_table(values, mask)
    disk = Disk.of(radius_cells, table.shape)
    near, rest, deviation = centred(table, inside)
    neighbours = disk.counts(inside)
    return gi_scores(
        disk.sums(near) - neighbours * rest, neighbours, deviation, int(inside.sum()), inside
    )


def gi_scores(
    excess: Floats, neighbours: Floats, deviation: float, n: int, inside: Bools
) -> tuple[Floats, Floats]:
    """Turn sums over neighbourhoods into Gi* scores and p-values.

    Parameters
    ----------
    excess
        The neighbourhood's sum less what the mean would give.
    neighbours
        The number of values in each neighbourhood.
    deviation
        Standard deviation of all values (divided by n).
    n
        How many values there are.
    inside
        True where a score is wanted.

    Returns
    -------
    tuple of numpy.ndarray
        z and two-sided p, in the shape of ``excess``; NaN where they are not defined.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application.
    """
    spread = neighbours * (n - neighbours) / max(n - 1, 1)
    defined = inside & (spread > 0) & (deviation > 0)
    z = np.full(excess.shape, np.nan)
    np.divide(excess, deviation * np.sqrt(np.maximum(spread, 0)), out=z, where=defined)
    return z, two_sided_p(z)


def local_moran(
    values: npt.ArrayLike, *, radius_cells: float, mask: npt.ArrayLike | None = None
) -> LocalMoran:
    """Compute local Moran's I for each cell of a grid.

    Parameters
    ----------
    values
        Shape (ny, nx), for example counts or rates.
    radius_cells
        Cells whose centre lies within this distance are neighbours, with equal weights that sum
        to one; the cell itself is not one of them.
    mask
        Shape (ny, nx), True in the study area, as in `gi_star`.

    Returns
    -------
    LocalMoran
        The statistic, its score, p-value and quadrant. I is esda's ``Is``; z compares it with
        all ways of dealing the other cells' values to its neighbours (esda's ``EIc`` and
        ``VIc``), by their exact mean and variance, so that no simulation is needed. NaN outside
        the mask, for cells without neighbours, and where the statistic is not defined.

    Raises
    ------
    InvalidInputError
        As `gi_star`, or if the study area has fewer than three cells.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association: LISA.
    Sokal, R. R., Oden, N. L. and Thomson, B. A. (1998). Local spatial autocorrelation in a
    biological model.
    """
    table, inside = checked_table(values, mask)
    disk = Disk.of(radius_cells, table.shape)
    n = int(inside.sum())
    if n < _FEWEST_FOR_MORAN:
        raise InvalidInputError(
            Text(
                "Lokal Moran behöver minst 3 celler i området, inte {n}.",
                "Local Moran needs at least 3 cells in the area, not {n}.",
            ).fill(n=n)
        )
    near, rest, deviation = centred(table, inside)
    own = np.where(inside, near - rest, 0.0)
    others = disk.counts(inside) - 1
    lag_sum = disk.sums(near) - near - others * rest
    defined = inside & (others > 0) & (deviation > 0)
    lag = np.divide(lag_sum, others, out=np.zeros_like(own), where=defined)
    i = np.full(own.shape, np.nan)
    variance = deviation**2
    np.divide((n - 1) / n * own * lag, variance, out=i, where=defined)
    # The neighbours as a sample without replacement from all other cells.
    mean = -own / (n - 1)
    finite = np.divide(n - 1 - others, others, out=np.zeros_like(own), where=defined)
    spread = n / (n - 1) * (variance - own**2 / (n - 1)) * finite / (n - 2)
    scored = defined & (spread > 0) & (own != 0)
    z = np.full(own.shape, np.nan)
    np.divide(np.sign(own) * (lag - mean), np.sqrt(np.maximum(spread, 0)), out=z, where=scored)
    high, among_high = own > 0, lag > 0
    quadrant = np.where(high, np.where(among_high, 1, 4), np.where(among_high, 2, 3))
    return LocalMoran(i, z, two_sided_p(z), np.where(defined, quadrant, 0).astype(np.int64))


def two_sided_p(z: npt.ArrayLike) -> Floats:
    """Return two-sided p-values of standard normal scores.

    Parameters
    ----------
    z
        Any shape; NaN stays NaN.

    Returns
    -------
    numpy.ndarray
        The shape of ``z``.
    """
    return np.asarray(2 * special.ndtr(-np.abs(np.asarray(z, dtype=float))))


def checked_table(values: npt.ArrayLike, mask: npt.ArrayLike | None) -> tuple[Floats, Bools]:
    """Return values and mask as arrays that fit each other, or say what is wrong.

    Parameters
    ----------
    values
        Shape (ny, nx).
    mask
        Shape (ny, nx), or None for all cells.

    Returns
    -------
    tuple of numpy.ndarray
        The values, zero outside the mask, and the mask.

    Raises
    ------
    InvalidInputError
        If the shapes do not fit, the mask is empty, or a value inside it is not finite.
    """
    table = numbers_in(values, Text("Värdena", "The values"))
    inside = np.ones(table.shape, dtype=bool)
    if mask is not None:
        inside = numbers_in(mask, Text("Masken", "The mask")).astype(bool)
    if table.ndim != 2 or inside.shape != table.shape:  # noqa: PLR2004 - rows and columns
        raise InvalidInputError(
            Text(
                "Värdena har formen {a} och masken {b}. Ge två tabeller med samma rader och "
                "kolumner.",
                "The values have the shape {a} and the mask {b}. Give two tables with the same "
                "rows and columns.",
            ).fill(a=table.shape, b=inside.shape)
        )
    if not inside.any():
        raise InvalidInputError(
            Text(
                "Ingen cell ligger i området. Kontrollera masken.",
                "No cell lies in the area. Check the mask.",
            )
        )
    bad = inside & ~np.isfinite(table)
    if bad.any():
        row, column = (int(at[0]) for at in np.nonzero(bad))
        raise InvalidInputError(
            Text(
                "{n} {n:cell|celler} i området saknar värde, den första på rad {row}, kolumn "
                "{column}. Fyll i {n:den|dem} eller undanta {n:den|dem} med masken.",
                "{n} {n:cell|cells} in the area {n:has|have} no value, the first in row "
                "{row}, column {column}. Fill {n:it or leave it|them or leave them} out by "
                "the mask.",
            ).fill(n=int(bad.sum()), row=row, column=column)
        )
    return np.where(inside, table, 0.0), inside


def centred(values: Floats, inside: Bools) -> tuple[Floats, float, float]:
    """Move values near zero, so that sums over neighbourhoods lose nothing to large means.

    Parameters
    ----------
    values
        Any shape.
    inside
        The same shape, True where a value counts.

    Returns
    -------
    tuple
        The values less a number near their mean (zero where they do not count), what is left of
        the mean, and the standard deviation (divided by n), 0 if all are equal. Whole numbers
        stay whole: their sums are exact, and equal neighbourhoods get equal scores.
    """
    known = values[inside]
    if known.min() == known.max():
        return np.zeros_like(values), 0.0, 0.0
    shift = known.mean()
    if (known == np.rint(known)).all():
        shift = np.rint(shift)
    near = known - shift
    rest = float(near.mean())
    moved = np.zeros_like(values)
    moved[inside] = near
    return moved, rest, float(np.sqrt(np.mean((near - rest) ** 2)))
