"""The configured area: where incidents are expected, and the metric system they are kept in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from riskmiljo.settings import Settings

Bbox = tuple[float, float, float, float]


class AreaLike(Protocol):
    """Anything with a name, a box in degrees, a metric EPSG number and a time zone."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def bbox(self) -> Bbox:
        """West, south, east, north; degrees, WGS 84."""

    @property
    def epsg(self) -> int:
        """The metric reference system."""

    @property
    def tz(self) -> str:
        """The time zone."""


@dataclass(frozen=True, slots=True)
class ConfiguredArea:
    """Where incidents are expected.

    Parameters
    ----------
    name
        What people call it.
    bbox
        West, south, east, north; degrees, WGS 84.
    epsg
        The metric reference system in which incidents are kept.
    tz
        The time zone of local times.
    """

    name: str
    bbox: Bbox
    epsg: int
    tz: str

    @classmethod
    def of(cls, settings: Settings) -> ConfiguredArea:
        """Return the area of an installation.

        Parameters
        ----------
        settings
            Its settings.

        Returns
        -------
        ConfiguredArea
            The same facts under the names that an area has.
        """
        return cls(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)


def within(bbox: Bbox, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which points lie in a box.

    Parameters
    ----------
    bbox
        West, south, east, north; degrees.
    lon, lat
        Shape (n,), degrees; what is not finite lies outside.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    west, south, east, north = bbox
    x, y = np.asarray(lon), np.asarray(lat)
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
