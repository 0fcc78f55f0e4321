"""Coarse places: squares of 500 m, named after the place that people would say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.geo.crs import coordinates

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Social data is never told more finely than this (METHODS section 6).
CELL_M: Final = 500.0
# Further away a name says nothing.
_FARTHEST_M: Final = 1500.0
# Too long, too many or too particular to stand for a part of town.
_NO_PLACES: Final = ("street", "stop", "hospital", "landmark", "library")


@dataclass(frozen=True)
class CoarsePlaces:
    """The squares in which something has happened, and the places that they belong to.

    Attributes
    ----------
    cells
        Shape (n, 2): column and row of each square, counted from 0, 0 of the reference system.
    place
        Shape (n,): index into ``names`` of each square; -1 for one that lies far from every place.
    names
        The places, by name.
    """

    cells: Ints = field(repr=False)
    place: Ints = field(repr=False)
    names: tuple[str, ...]

    def find(self, xy: Floats) -> Ints:
        """Return in which square each point lies.

        Parameters
        ----------
        xy
            Shape (n, 2), metres.

        Returns
        -------
        numpy.ndarray
            Shape (n,): index into ``cells``; -1 for none of them.
        """
        known = {(int(column), int(row)): at for at, (column, row) in enumerate(self.cells)}
        unique, inverse = np.unique(_squares(xy), axis=0, return_inverse=True)
        found = [known.get((int(column), int(row)), -1) for column, row in unique]
        return np.array(found, dtype=np.int64)[inverse.reshape(-1)]


def coarse_places(xy: Floats, gazetteer: gpd.GeoDataFrame) -> CoarsePlaces:
    """Lay squares over points, and name them.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    gazetteer
        Places in the same reference system.

    Returns
    -------
    CoarsePlaces
        A square belongs to the place nearest to its centre; a place's reach counts in its favour.
        Squares of one place are one.
    """
    cells = np.unique(_squares(xy), axis=0).reshape(-1, 2)
    known = gazetteer[~gazetteer["kind"].isin(_NO_PLACES)]
    if known.empty or not len(cells):
        return CoarsePlaces(cells, np.full(len(cells), -1, dtype=np.int64), ())
    spots = coordinates(known)
    centres = (cells + 0.5) * CELL_M
    away = np.hypot(*(centres[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
    nearest = (away - known["radius_m"].to_numpy(dtype=float)).argmin(axis=1)
    near = away[np.arange(len(cells)), nearest] <= _FARTHEST_M
    called = known["name"].astype(str).to_numpy()[nearest]
    names = tuple(sorted(set(called[near])))
    number = {name: at for at, name in enumerate(names)}
    place = [number[name] if close else -1 for name, close in zip(called, near, strict=True)]
    return CoarsePlaces(cells, np.array(place, dtype=np.int64), names)


def _squares(xy: Floats) -> Ints:
    return np.floor(np.asarray(xy, dtype=float).reshape(-1, 2) / CELL_M).astype(np.int64)


def places_to_choose(gazetteer: gpd.GeoDataFrame) -> dict[str, tuple[float, float]]:
    """Return the places where somebody can have been.

    Parameters
    ----------
    gazetteer
        Places, metres.

    Returns
    -------
    dict of str to tuple of float
        Where each is, by name; streets and stops are left out, and so is a name of two places.
    """
    known = gazetteer[~gazetteer["kind"].isin(("street", "stop"))]
    known = known[~known["name"].duplicated(keep=False)].sort_values("name")
    xy = coordinates(known)
    return {str(name): (float(x), float(y)) for name, (x, y) in zip(known["name"], xy, strict=True)}
