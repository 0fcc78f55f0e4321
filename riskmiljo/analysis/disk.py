"""Sums over the disk of cells around each cell, by running totals along its rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import is_real, shown
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# A neighbour at three cells of 0.1 is no farther than 0.3, whatever the rounding says.
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Disk:
    """The cells whose centre lies within a radius of a cell's own centre.

    Parameters
    ----------
    half_widths
        Shape (h + 1,): how far the disk reaches east and west in the rows 0, 1 ... h cells away.
    """

    half_widths: tuple[int, ...]

    @classmethod
    def of(cls, radius_cells: float, shape: tuple[int, ...]) -> Disk:
        """Make a disk of a radius in cells.

        Parameters
        ----------
        radius_cells
            At least 0 (the cell alone); a cell at exactly this distance belongs to it.
        shape
            Rows and columns of the grid that it is for: no need to reach farther.

        Returns
        -------
        Disk
            With the cell itself.

        Raises
        ------
        InvalidInputError
            If the radius is negative or not a finite number.
        """
        if not (is_real(radius_cells) and radius_cells >= 0):
            raise InvalidInputError(
                Text(
                    "Radien måste vara 0 celler eller mer, inte {v}.",
                    "The radius must be 0 cells or more, not {v}.",
                ).fill(v=shown(radius_cells))
            )
        squared = (min(float(radius_cells), 2.0 * max(shape)) * (1 + _TOLERANCE)) ** 2
        rows = int(np.sqrt(squared))
        return cls(tuple(int(np.sqrt(squared - row**2)) for row in range(rows + 1)))

    def sums(self, values: Floats) -> Floats:
        """Add up the values in the disk around each cell.

        Parameters
        ----------
        values
            Shape (ny, nx), finite; nothing lies outside the grid.

        Returns
        -------
        numpy.ndarray
            Shape (ny, nx). Exact for whole numbers whose total along a row is below 2**53.
        """
        ny, nx = values.shape
        total = np.zeros((ny, nx))
        running = np.zeros((ny, nx + 1))
        np.cumsum(values, axis=1, out=running[:, 1:])
        for row, half in enumerate(self.half_widths[:ny]):
            reach = min(half, nx - 1)
            across = np.empty((ny, nx))
            across[:, : nx - reach] = running[:, reach + 1 :]
            across[:, nx - reach :] = running[:, -1:]
            across[:, reach + 1 :] -= running[:, 1 : nx - reach]
            if row == 0:
                total += across
            else:
                total[row:] += across[:-row]
                total[:-row] += across[row:]
        return total

    def counts(self, mask: Bools) -> Floats:
        """Count the cells of a mask in the disk around each cell.

        Parameters
        ----------
        mask
            Shape (ny, nx).

        Returns
        -------
        numpy.ndarray
            Shape (ny, nx), whole numbers.
        """
        if not mask.all():
            return self.sums(mask.astype(float))
        ny, nx = mask.shape
        rows, columns = np.arange(ny)[:, None], np.arange(nx)
        offsets = np.arange(-min(len(self.half_widths), ny) + 1, min(len(self.half_widths), ny))
        here = (rows + offsets >= 0) & (rows + offsets < ny)
        half = np.asarray(self.half_widths)[np.abs(offsets)][:, None]
        widths = np.minimum(columns + half, nx - 1) - np.maximum(columns - half, 0) + 1
        return np.asarray(here.astype(float) @ widths.astype(float))
