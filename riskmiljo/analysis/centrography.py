"""Where the middle is, how far incidents spread and in which direction, and whether they clump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.analysis.arguments import is_one_of, is_real, shown
from riskmiljo.analysis.local_statistics import two_sided_p
from riskmiljo.analysis.places import (
    checked_weights,
    checked_xy,
    incident_points,
    nothing_to_analyse,
)
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_MEDIAN_STEPS: Final = 10_000
_MEDIAN_RELATIVE: Final = 1e-11
_ELLIPSE_CORNERS: Final = 128
_FEWEST_FOR_ELLIPSE: Final = 3
_CORRECTIONS: Final = ("crimestat", "arcgis")


@dataclass(frozen=True, slots=True)
class Centrography:
    """The middle and the spread of a set of points.

    Parameters
    ----------
    mean
        Mean centre (x, y), metres.
    median
        Median centre, from which the sum of distances is least.
    standard_distance_m
        Root of the mean squared distance from the mean centre (divided by n), metres.
    major_m, minor_m
        Semi-axes of the standard deviational ellipse, metres; NaN for fewer than three points.
    azimuth_deg
        Direction of its longer axis, degrees clockwise from north, 0 up to 180; NaN where the
        axes are equal.
    points
        Number of points.
    """

    mean: tuple[float, float]
    median: tuple[float, float]
    standard_distance_m: float
    major_m: float
    minor_m: float
    azimuth_deg: float
    points: int

    def ellipse(self) -> shapely.Polygon:
        """Return the standard deviational ellipse as a polygon.

        Returns
        -------
        shapely.Polygon
            Empty where there is none, or where all points lie on a line.
        """
        if not (np.isfinite(self.minor_m) and self.minor_m > 0):
            return shapely.Polygon()
        azimuth = np.radians(np.nan_to_num(self.azimuth_deg))
        turn = np.linspace(0, 2 * np.pi, _ELLIPSE_CORNERS, endpoint=False)
        along, aside = self.major_m * np.cos(turn), self.minor_m * np.sin(turn)
        x = self.mean[0] + along * np.sin(azimuth) + aside * np.cos(azimuth)
        y = self.mean[1] + along * np.cos(azimuth) - aside * np.sin(azimuth)
        return shapely.Polygon(np.column_stack([x, y]))


@dataclass(frozen=True, slots=True)
class NearestNeighbour:
    """Nearest neighbour index of a set of points.

    Parameters
    ----------
    index
        Observed over expected mean distance: below 1 clumped, above 1 spread evenly.
    z
        Standard score against complete spatial randomness.
    p
        Two-sided normal p-value.
    observed_m, expected_m
        Mean distance to the nearest other point, metres.
    """

    index: float
    z: float
    p: float
    observed_m: float
    expected_m: float


def centrography(incidents: gpd.GeoDataFrame, *, correction: str = "crimestat") -> Centrography:
    """Describe the middle, the spread and the direction of incidents.

    Parameters
    ----------
    incidents
        Points in a metric CRS; the column ``weight``, where there is one, weighs them.
    correction
        Which ellipse: ``"crimestat"`` multiplies the standard deviations along the axes by
        the root of 2 and of n / (n - 2); ``"arcgis"`` by the root of 2 alone.

    Returns
    -------
    Centrography
        In metres, in the incidents' CRS.

    Raises
    ------
    NothingFoundError
        If there are no incidents.
    CRSError
        If the incidents are not in metres.
    InvalidInputError
        If a point, a weight or the correction cannot be used, or all weights are zero.

    References
    ----------
    Levine, N. (2015). CrimeStat IV, chapter 4: spatial distribution.
    Esri. How Directional Distribution (Standard Deviational Ellipse) works.
    """
    if not is_one_of(correction, _CORRECTIONS):
        raise InvalidInputError(
            Text(
                "Ellipsen {c!r} finns inte. Välj en av {all}.",
                "There is no ellipse {c!r}. Choose one of {all}.",
            ).fill(c=shown(correction), all=", ".join(_CORRECTIONS))
        )
    xy, weights = incident_points(incidents)
    xy, weights = _weighted(xy, weights)
    n, total = len(xy), float(weights.sum())
    mean = _mean(xy, weights)
    offset = xy - mean
    second = (offset * weights[:, None]).T @ offset / total
    standard_distance = float(np.sqrt(second[0, 0] + second[1, 1]))
    major = minor = azimuth = float("nan")
    if n >= _FEWEST_FOR_ELLIPSE:
        scale = 2.0 * (n / (n - 2) if correction == "crimestat" else 1.0)
        spread, axes = np.linalg.eigh(second)
        minor, major = (float(np.sqrt(scale * max(value, 0.0))) for value in spread)
        # Rounding leaves some 1e-8 of the length across a line of points.
        minor = 0.0 if minor < major * 1e-7 else minor
        if major - minor > major * 1e-9:
            azimuth = float(np.degrees(np.arctan2(axes[0, 1], axes[1, 1])) % 180)
    middle = median_centre(xy, weights=weights)
    return Centrography(
        (float(mean[0]), float(mean[1])), middle, standard_distance, major, minor, azimuth, n
    )


def median_centre(
    xy: npt.ArrayLike, *, weights: npt.ArrayLike | None = None
) -> tuple[float, float]:
    """Find the place from which the sum of distances to all points is least.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    weights
        Shape (n,); None for 1 each.

    Returns
    -------
    tuple of float
        x and y. For points on a line with an even number of them, one of the medians.

    Raises
    ------
    NothingFoundError
        If there are no points.
    InvalidInputError
        If a coordinate or weight cannot be used, or all weights are zero.

    References
    ----------
    Weiszfeld, E. (1937). Sur le point pour lequel la somme des distances de n points donnés est
    minimum.
    Vardi, Y. and Zhang, C.-H. (2000). The multivariate L1-median and associated data depth (what to
    do when the search lands on a point).
    """
    points = checked_xy(xy)
    points, used = _weighted(points, checked_weights(weights, len(points)))
    origin = _mean(points, used)
    # Near the origin, so that large coordinates cost no digits.
    points = points - origin
    at = np.zeros(2)
    scale = float(np.abs(points).max())
    for _ in range(_MEDIAN_STEPS):
        offset = points - at
        distance = np.hypot(offset[:, 0], offset[:, 1])
        here = distance <= scale * 1e-15
        pull = np.where(here, 0.0, used / np.where(here, 1.0, distance))
        if pull.sum() == 0:
            break
        resultant = pull @ offset
        length = float(np.hypot(*resultant))
        own = float(used[here].sum())
        if length <= own:
            break
        step = resultant / pull.sum() * (1 - own / length)
        at = at + step
        if np.hypot(*step) <= scale * _MEDIAN_RELATIVE:
            break
    found = _nearest_if_better(points, used, at) + origin
    return float(found[0]), float(found[1])


def nearest_neighbour_index(
    xy: npt.ArrayLike, *, area_m2: float, perimeter_m: float | None = None
) -> NearestNeighbour:
    """Compare the distances to the nearest neighbour with those of random points.

    Parameters
    ----------
    xy
        Shape (n, 2), metres. Incidents at one address have distance 0: give unique places to ask
        about places, all incidents to ask about incidents.
    area_m2
        Area of the study area, square metres; the index depends on it.
    perimeter_m
        Its perimeter, metres: corrects for the missing neighbours outside the border (Donnelly).
        None: no correction, and the index of random points is somewhat above 1.

    Returns
    -------
    NearestNeighbour
        Index, score and distances.

    Raises
    ------
    InvalidInputError
        If there are fewer than two points, or the area or the perimeter is not above 0.

    References
    ----------
    Clark, P. J. and Evans, F. C. (1954). Distance to nearest neighbor as a measure of spatial
    relationships in populations.
    Donnelly, K. P. (1978). Simulations to determine the variance and edge effect of total nearest
    neighbour distance.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import, and rarely needed

    points = checked_xy(xy)
    n = len(points)
    if n < 2:  # noqa: PLR2004 - a point and its neighbour
        raise InvalidInputError(
            Text(
                "Minst 2 punkter behövs, inte {n}.", "At least 2 points are needed, not {n}."
            ).fill(n=n)
        )
    for value in (area_m2, 1.0 if perimeter_m is None else perimeter_m):
        if not (is_real(value) and value > 0):
            raise InvalidInputError(
                Text(
                    "Områdets yta och omkrets måste vara större än 0, inte {v}.",
                    "The area and its perimeter must be more than 0, not {v}.",
                ).fill(v=shown(value))
            )
    distance, _ = cKDTree(points).query(points, k=2)
    observed = float(distance[:, 1].mean())
    if perimeter_m is None:
        expected = 0.5 * np.sqrt(area_m2 / n)
        error = np.sqrt((4 - np.pi) / (4 * np.pi) * area_m2) / n
    else:
        expected = 0.5 * np.sqrt(area_m2 / n) + (0.0514 + 0.041 / np.sqrt(n)) * perimeter_m / n
        error = np.sqrt(0.0703 * area_m2 / n**2 + 0.037 * perimeter_m * np.sqrt(area_m2 / n**5))
    z = float((observed - expected) / error)
    return NearestNeighbour(
        observed / float(expected), z, float(two_sided_p(z)), observed, float(expected)
    )


def _weighted(xy: Floats, weights: Floats) -> tuple[Floats, Floats]:
    if len(xy) == 0:
        raise nothing_to_analyse()
    if weights.sum() == 0:
        raise InvalidInputError(
            Text(
                "Alla vikter är 0. Ge någon händelse en vikt.",
                "All weights are 0. Give some incident a weight.",
            )
        )
    return xy[weights > 0], weights[weights > 0]


def _mean(xy: Floats, weights: Floats) -> Floats:
    corner = xy.min(axis=0)
    return np.asarray(corner + weights @ (xy - corner) / weights.sum())


def _nearest_if_better(points: Floats, weights: Floats, at: Floats) -> Floats:
    # The search only creeps towards a point of the data that is the answer: look whether it is.
    nearest = points[np.argmin(((points - at) ** 2).sum(axis=1))]

    def total(place: Floats) -> float:
        return float(weights @ np.hypot(points[:, 0] - place[0], points[:, 1] - place[1]))

    return nearest if total(nearest) <= total(at) else at
