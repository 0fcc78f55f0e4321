"""How much of a kernel around each incident lies inside the study area."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riskmiljo.geo.grid import Grid

if TYPE_CHECKING:
    from riskmiljo.forecast.record import History

Floats = npt.NDArray[np.float64]
Pieces = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Gaussians of so many widths are laid on pieces of cells of about this side.
_WIDTHS: Final = 12
_NARROWEST_M, _WIDEST_M = 5.0, 1_000.0
_PIECE_M: Final = 50.0
_MOST_PIECES: Final = 500_000
_REACH: Final = 4.0
# The slope over the width is taken between this much below and above, in logarithms.
_STEP: Final = 0.15
_LEAST_INSIDE: Final = 0.2


class Border:
    """A grid's study area under Gaussians of many widths: the same for all incidents on it.

    Parameters
    ----------
    grid
        Its mask is the study area.
    """

    def __init__(self, grid: Grid) -> None:
        finest = int(np.sqrt(_MOST_PIECES / grid.mask.size))
        pieces = int(np.clip(min(np.ceil(grid.cell_m / _PIECE_M), finest), 1, None))
        self.piece_m = grid.cell_m / pieces
        # One piece more all round, for those between the border and the middle of the last piece.
        self.corner_m = (grid.x0 - self.piece_m, grid.y0 - self.piece_m)
        mask = np.repeat(np.repeat(grid.mask, pieces, axis=0), pieces, axis=1)
        self.mask = np.pad(mask.astype(np.float32), 1)
        widths = np.geomspace(_NARROWEST_M, _WIDEST_M, _WIDTHS)
        self.fields = [self._smoothed(self.mask, wide) for wide in widths]
        self._corrections: dict[float, tuple[Pieces, Pieces]] = {}

    def correction(self, bandwidth_m: float) -> tuple[Pieces, Pieces]:
        """Return the share of a kernel inside, and what dividing by it makes of an incident.

        Parameters
        ----------
        bandwidth_m
            Of the kernel, metres.

        Returns
        -------
        tuple of numpy.ndarray
            A number each for every piece.
        """
        if bandwidth_m not in self._corrections:
            inside = np.maximum(self._smoothed(self.mask, bandwidth_m), _LEAST_INSIDE)
            kept = self._smoothed((self.mask / inside).astype(np.float32), bandwidth_m)
            self._corrections[bandwidth_m] = inside, kept
        return self._corrections[bandwidth_m]

    def _smoothed(self, field: Pieces, wide: float) -> Pieces:
        # Reading between the middles of the pieces widens the kernel by a little.
        sigma = float(np.sqrt(max((wide / self.piece_m) ** 2 - 1 / 6, 0.0)))
        smooth = ndimage.gaussian_filter(field, sigma, mode="constant", truncate=_REACH)
        return np.asarray(smooth, dtype=np.float32)

    def read(self, field: Pieces, xy: Floats) -> Floats:
        """Return a field's value at some places.

        Parameters
        ----------
        field
            As `fields` or `correction` have it.
        xy
            Shape (n, 2), metres.

        Returns
        -------
        numpy.ndarray
            Shape (n,).
        """
        at = ((xy - self.corner_m) / self.piece_m - 0.5).T[::-1]
        return np.asarray(
            ndimage.map_coordinates(field, at, output=np.float64, order=1, mode="nearest")
        )


class Ground:
    """How much of a Gaussian around each incident lies inside the study area.

    Offspring outside it are not seen, and an incident near the border seems to have fewer, and
    nearer ones, than it has.

    Parameters
    ----------
    history
        The incidents; of units that are no cells everything counts as inside.

    References
    ----------
    Diggle, P. J. (1985). A kernel method for smoothing point process data.
    """

    def __init__(self, history: History) -> None:
        self.xy, self.on = history.xy, history.units.border
        if self.on is None:
            # Of streets or polygons nobody knows what lies between them.
            self.inside = np.ones((_WIDTHS, len(self.xy)))
        else:
            rows = [self.on.read(field, self.xy) for field in self.on.fields]
            self.inside = np.clip(np.array(rows), 0.0, 1.0)

    def ordered(self, order: Ints) -> Ground:
        """Return the same for the incidents in another order.

        Parameters
        ----------
        order
            Shape (n,).

        Returns
        -------
        Ground
            A new one.
        """
        other = copy(self)
        other.inside, other.xy = self.inside[:, order], self.xy[order]
        return other

    def border(self, bandwidth_m: float) -> tuple[Floats, Floats]:
        """Return what corrects a kernel density at the border.

        Parameters
        ----------
        bandwidth_m
            Of the kernel, metres.

        Returns
        -------
        tuple of numpy.ndarray
            Shape (n,) each: the share of the kernel around an incident that lies inside, by which
            the density there is divided; and how much an incident then weighs in all.
        """
        if self.on is None:
            return np.ones(len(self.xy)), np.ones(len(self.xy))
        inside, kept = self.on.correction(bandwidth_m)
        return self.on.read(inside, self.xy), self.on.read(kept, self.xy)

    def inside_at(self, xy: Floats, bandwidth_m: float) -> Floats:
        """Return the share of a kernel around any places that lies inside.

        Parameters
        ----------
        xy
            Shape (m, 2), metres.
        bandwidth_m
            Of the kernel, metres.

        Returns
        -------
        numpy.ndarray
            Shape (m,).
        """
        if self.on is None:
            return np.ones(len(xy))
        return self.on.read(self.on.correction(bandwidth_m)[0], xy)

    def seen(self, variance: float) -> tuple[Floats, Floats]:
        """Return what of the offspring is seen.

        Parameters
        ----------
        variance
            Of an offspring's place along each axis, m².

        Returns
        -------
        tuple of numpy.ndarray
            Shape (n,) each: the share of an incident's offspring inside, and the squared distance
            of those outside summed over the Gaussian, m².
        """
        log_m = 0.5 * float(np.log(variance))
        inside = self._at(log_m)
        slope = (self._at(log_m + _STEP) - self._at(log_m - _STEP)) / (2 * _STEP)
        # Of a Gaussian, ∫ r² over a region is 2v A + 2v² dA/dv.
        return inside, np.maximum(2 * variance * (1 - inside) - variance * slope, 0.0)

    def _at(self, log_m: float) -> Floats:
        widths = np.linspace(np.log(_NARROWEST_M), np.log(_WIDEST_M), _WIDTHS)
        place = float(np.interp(log_m, widths, np.arange(_WIDTHS)))
        low = min(int(place), _WIDTHS - 2)
        part = place - low
        return np.asarray((1 - part) * self.inside[low] + part * self.inside[low + 1], dtype=float)
