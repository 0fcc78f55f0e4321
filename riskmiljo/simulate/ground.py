"""The ground of a simulated city: the addresses at which incidents happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from riskmiljo.simulate.almanac import Floats
from riskmiljo.simulate.truth import PlantedPlace

_FEWEST: Final = 10
_MOST: Final = 40
# Rank k of a place's addresses has a share that falls as k to this power: few hold most.
_SKEW: Final = -0.8
_SQUARE_M: Final = 50.0

_STREETS: Final = 900
_STREET_LENGTH_M: Final = (150.0, 500.0)
_STEP_M: Final = 32.0
_SETBACK_M: Final = 9.0
_SCATTER_M: Final = 320.0
# Named places lie close together in the middle of a town; each stands for what lies around it.
_NEIGHBOURHOOD_M: Final = 600.0
# The background thins out over this distance from the middle of the city.
_FADES_OVER_M: Final = 4_500.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the incidents of one place, or of the background, happen.

    Parameters
    ----------
    xy
        Shape (n, 2), EPSG:3006, metres.
    shares
        Shape (n,), sums to one.
    """

    xy: Floats
    shares: Floats

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw addresses by their shares.

        Parameters
        ----------
        rng
            The chance.
        size
            How many.

        Returns
        -------
        numpy.ndarray
            Shape (size, 2), metres.
        """
        return np.asarray(self.xy[rng.choice(len(self.shares), size, p=self.shares)])


def place_addresses(place: PlantedPlace, rng: np.random.Generator) -> Addresses:
    """Lay out the addresses of a planted place.

    Parameters
    ----------
    place
        The place.
    rng
        The chance.

    Returns
    -------
    Addresses
        10 to 40 within its radius, denser and busier towards the middle; of a place with several
        squares within 50 m of each of them in turn.
    """
    count = int(rng.integers(_FEWEST, _MOST + 1))
    middles = np.array(place.squares or [(place.x, place.y)])
    radius_m = place.radius_m if len(middles) == 1 else _SQUARE_M
    distance = radius_m * rng.random(count) ** 0.75
    angle = rng.uniform(0.0, 2 * np.pi, count)
    around = middles[np.arange(count) % len(middles)]
    xy = around + np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])
    # The busiest addresses tend to lie in the middle, so that it has one top and not two.
    rank = np.argsort(np.argsort(distance + rng.normal(0.0, 0.25 * radius_m, count))) + 1
    shares = rank.astype(float) ** _SKEW
    return Addresses(xy, shares / shares.sum())


def background_addresses(anchors: Floats, rng: np.random.Generator) -> Addresses:
    """Lay out the addresses of the background along streets around named places.

    Parameters
    ----------
    anchors
        Shape (n, 2): where the city's named places are, metres.
    rng
        The chance.

    Returns
    -------
    Addresses
        Some thousands, none of them busy.
    """
    apart = np.hypot(
        anchors[:, None, 0] - anchors[None, :, 0], anchors[:, None, 1] - anchors[None, :, 1]
    )
    neighbours = (apart < _NEIGHBOURHOOD_M).sum(axis=1)
    from_middle = np.hypot(*(anchors - np.median(anchors, axis=0)).T)
    pull = np.exp(-from_middle / _FADES_OVER_M) / neighbours
    at = rng.choice(len(anchors), _STREETS, p=pull / pull.sum())
    middle = anchors[at] + rng.normal(0.0, _SCATTER_M, (_STREETS, 2))
    # Around one named place the streets run in two directions, at right angles.
    grain = rng.uniform(0.0, np.pi / 2, len(anchors))[at]
    bearing = grain + rng.integers(0, 2, _STREETS) * np.pi / 2 + rng.normal(0.0, 0.1, _STREETS)
    length = rng.uniform(*_STREET_LENGTH_M, _STREETS)
    houses = (length // _STEP_M).astype(int)
    street = np.repeat(np.arange(_STREETS), houses)
    number = np.arange(houses.sum()) - np.repeat(np.cumsum(houses) - houses, houses)
    along = (number + 0.5) * _STEP_M - length[street] / 2
    aside = rng.choice([-_SETBACK_M, _SETBACK_M], len(street))
    cos, sin = np.cos(bearing[street]), np.sin(bearing[street])
    xy = middle[street] + np.column_stack([along * cos - aside * sin, along * sin + aside * cos])
    shares = rng.gamma(3.0, size=len(street))
    return Addresses(xy, shares / shares.sum())
