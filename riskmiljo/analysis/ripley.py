"""Ripley's K: at which distances points clump, with envelopes from simulated random points."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from riskmiljo.analysis.arguments import is_one_of, numbers_in, random_of, require_whole, shown
from riskmiljo.analysis.places import checked_xy
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_CORRECTIONS: Final = ("border", "none")
_TOLERANCE: Final = 1e-9
_AT_MOST_TRIES: Final = 10_000


def ripley_k(
    xy: npt.ArrayLike,
    *,
    radii_m: npt.ArrayLike,
    area: BaseGeometry,
    correction: str = "border",
    simulations: int = 99,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Estimate Ripley's K and L, beside those of points scattered at random in the area.

    Parameters
    ----------
    xy
        Shape (n, 2), metres. Points outside the area are left out. Incidents at one address are
        neighbours at distance 0: give unique places to ask about places.
    radii_m
        Distances, metres, above 0; a distance that equals one but for rounding is within it.
    area
        The study area, a polygon in the same coordinates.
    correction
        ``"border"``: around a point are counted only distances that it is from the border, so
        that no neighbour is missed; ``"none"``: K is too small at large distances.
    simulations
        How many sets of as many random points make the envelope; 0 for none.
    rng
        Seed or generator.

    Returns
    -------
    pandas.DataFrame
        Index ``radius_m``, rising. ``k`` (square metres), ``l`` (root of k / pi, metres: equal to
        the radius for random points, more where points clump), ``points`` that the estimate rests
        on, ``lower`` and ``upper`` (least and largest simulated L), ``p_clumped`` and
        ``p_spread`` (one-sided, at least 1 / (simulations + 1)). NaN where no point is so far
        from the border. ``attrs["p"]`` tests all radii at once: the largest deviation of L, in
        metres, against those of the simulations.

    Raises
    ------
    InvalidInputError
        If a radius, the area or the correction cannot be used, or there are fewer than two points
        in the area.
    NothingFoundError
        If no point lies in the area.

    Notes
    -----
    The expected number of others is taken over n - 1: K is unbiased for random points.

    References
    ----------
    Ripley, B. D. (1977). Modelling spatial patterns.
    Besag, J. (1977). Discussion of Dr Ripley's paper (L).
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, section 4.
    """
    points = checked_xy(xy)
    radii = _checked_radii(radii_m)
    if not is_one_of(correction, _CORRECTIONS):
        raise InvalidInputError(
            Text(
                "Kantkorrektionen {c!r} finns inte. Välj en av {all}.",
                "There is no edge correction {c!r}. Choose one of {all}.",
            ).fill(c=shown(correction), all=", ".join(_CORRECTIONS))
        )
    require_whole(0, simulations=simulations)
    polygon = isinstance(area, shapely.Polygon | shapely.MultiPolygon)
    if not (polygon and area.is_valid and area.area > 0):
        raise InvalidInputError(
            Text(
                "Området måste vara en giltig yta som inte är tom.",
                "The area must be a valid polygon that is not empty.",
            )
        )
    shapely.prepare(area)
    inside = shapely.intersects_xy(area, points[:, 0], points[:, 1])
    if not inside.any():
        raise NothingFoundError(
            Text(
                "Ingen av {n} {n:punkt|punkter} ligger i området. Kontrollera området och dess "
                "koordinatsystem.",
                "None of {n} {n:point|points} lies in the area. Check the area and its "
                "coordinate system.",
            ).fill(n=len(points))
        )
    points = points[inside]
    n = len(points)
    if n < 2:  # noqa: PLR2004 - a point and its neighbour
        raise InvalidInputError(
            Text("Minst 2 punkter i området behövs.", "At least 2 points in the area are needed.")
        )
    k, rests_on = _k(points, radii, area, correction)
    observed = np.sqrt(k / np.pi)
    table = pd.DataFrame(
        {"k": k, "l": observed, "points": rests_on}, index=pd.Index(radii, name="radius_m")
    )
    if simulations == 0:
        return table
    generator = random_of(rng)
    simulated = np.array(
        [
            np.sqrt(_k(_random_points(area, n, generator), radii, area, correction)[0] / np.pi)
            for _ in range(simulations)
        ]
    )
    known = ~np.isnan(observed) & ~np.isnan(simulated).any(axis=0)
    table["lower"] = np.where(known, simulated.min(axis=0), np.nan)
    table["upper"] = np.where(known, simulated.max(axis=0), np.nan)
    for name, beyond in (
        ("p_clumped", simulated >= observed * (1 - _TOLERANCE)),
        ("p_spread", simulated <= observed * (1 + _TOLERANCE)),
    ):
        table[name] = np.where(known, (1 + beyond.sum(axis=0)) / (simulations + 1), np.nan)
    if known.any():
        off = np.abs(observed[known] - radii[known]).max()
        theirs = np.abs(simulated[:, known] - radii[known]).max(axis=1)
        count = int((theirs >= off * (1 - _TOLERANCE)).sum())
        table.attrs["p"] = (1 + count) / (simulations + 1)
    return table


def _checked_radii(radii_m: npt.ArrayLike) -> Floats:
    radii = np.unique(numbers_in(radii_m, Text("Avstånden", "The distances")).ravel())
    if len(radii) == 0 or not (np.isfinite(radii) & (radii > 0)).all():
        raise InvalidInputError(
            Text(
                "Ge minst ett avstånd, och bara avstånd större än 0 meter.",
                "Give at least one distance, and only distances above 0 metres.",
            )
        )
    return radii


def _k(
    points: Floats, radii: Floats, area: BaseGeometry, correction: str
) -> tuple[Floats, npt.NDArray[np.int64]]:
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import, and rarely needed

    n = len(points)
    tree = cKDTree(points)
    reach = radii * (1 + _TOLERANCE)
    per_pair = area.area / (n - 1)
    if correction == "none":
        pairs = tree.count_neighbors(tree, reach) - n
        return pairs * per_pair / n, np.full(len(radii), n)
    # Points that are equally many of the radii from the border are counted in one walk.
    to_border = shapely.distance(shapely.points(points), area.boundary)
    usable = np.searchsorted(radii * (1 - _TOLERANCE), to_border, side="right")
    pairs = np.zeros(len(radii))
    rests_on = np.zeros(len(radii), dtype=np.int64)
    for radii_used in np.unique(usable[usable > 0]):
        group = points[usable == radii_used]
        around = cKDTree(group).count_neighbors(tree, reach[:radii_used])
        pairs[:radii_used] += around - len(group)
        rests_on[:radii_used] += len(group)
    k = np.full(len(radii), np.nan)
    np.divide(pairs * per_pair, rests_on, out=k, where=rests_on > 0)
    return k, rests_on


def _random_points(area: Any, n: int, rng: np.random.Generator) -> Floats:
    west, south, east, north = area.bounds
    share = area.area / ((east - west) * (north - south))
    found: list[Floats] = []
    missing = n
    for _ in range(_AT_MOST_TRIES):
        tried = rng.uniform((west, south), (east, north), (int(missing / share * 1.1) + 16, 2))
        hit = tried[shapely.contains_xy(area, tried[:, 0], tried[:, 1])][:missing]
        found.append(hit)
        missing -= len(hit)
        if missing == 0:
            return np.concatenate(found)
    raise InvalidInputError(
        Text(
            "Området är för smalt för att slumpa punkter i. Förenkla det.",
            "The area is too thin to scatter points in. Simplify it.",
        )
    )
