"""Kernel density of incidents, in incidents per hectare and week."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from pyproj import CRS

from riskmiljo.analysis.adaptive import WIDEST, adaptive_density
from riskmiljo.analysis.arguments import is_one_of, is_real, shown
from riskmiljo.analysis.bandwidth import cross_validated_bandwidth
from riskmiljo.analysis.kernels import Kernel, kernel_named
from riskmiljo.analysis.places import (
    PeriodLike,
    incident_points,
    nothing_to_analyse,
    observed_period,
    unique_places,
    within_period,
)
from riskmiljo.analysis.smoothing import mass_inside, smooth, takes_repeated_points
from riskmiljo.analysis.study_area import (
    AreaLike,
    asked_grid,
    grid_around,
    in_study_area,
    study_grid,
)
from riskmiljo.analysis.surface import Surface
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import TZ
from riskmiljo.wording import Text

_M2_A_HECTARE = 10_000.0


def density(
    incidents: gpd.GeoDataFrame,
    *,
    grid: Grid | None = None,
    cell_m: float = 50,
    bandwidth_m: float | Literal["likelihood"] | None = None,
    kernel: str = "quartic",
    weights: npt.ArrayLike | None = None,
    period: PeriodLike | None = None,
    tz: str = TZ,
    area: AreaLike | None = None,
    adaptive: bool = False,
) -> Surface:
    """Estimate the density of incidents on a metric grid.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC.
    grid
        Where it is wanted. A mask that cuts is the study area: incidents outside it are left out,
        and near its edge the density is divided by the share of the kernel that lies inside.
        None: ``area``, or else the box of the data, padded by the kernel's reach.
    cell_m
        Side of a cell, metres, when no grid is given.
    bandwidth_m
        Radius of the quartic and Epanechnikov kernels, standard deviation of the Gaussian,
        metres. None or ``"likelihood"``: likelihood cross-validation over unique places, at least
        100 m.
    kernel
        ``"quartic"``, ``"epanechnikov"`` or ``"gaussian"``.
    weights
        Shape (n,). None: the column ``weight``, else 1 for each.
    period
        A `Period` or a pair of local dates, the end not included: only incidents that began
        within it count. None: whole local days from the first incident's to the last's.
    tz
        The zone of local dates.
    area
        The study area, polygons in the incidents' CRS, when no grid is given: incidents outside
        it are left out and its edge is corrected, as for a grid with a mask.
    adaptive
        Whether the bandwidth is narrower where places are dense and wider where they are sparse
        (`riskmiljo.analysis.adaptive`), ``bandwidth_m`` being its geometric mean. Every kernel is
        then summed exactly, which takes longer.

    Returns
    -------
    Surface
        Without incidents a surface of zeros if both a grid and a period are given.

    Raises
    ------
    NothingFoundError
        If there are no incidents and no grid or no period, or all of them lie outside the grid.
    InvalidInputError
        If the bandwidth, the kernel, a weight or a coordinate cannot be used, or the data's box
        would take more than 25 million cells.
    CRSError
        If the incidents are not in metres, or the grid has another CRS.

    Notes
    -----
    Against the exact sum the quartic and Epanechnikov kernels are right to rounding and the
    Gaussian to a thousandth of the maximum, however the points lie; adaptive ones to rounding.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis.
    Diggle, P. J. (1985). A kernel method for smoothing point process data.
    """
    chosen = kernel_named(kernel)
    width_m = checked_bandwidth(bandwidth_m)
    xy, used_weights = incident_points(incidents, weights)
    grid, bounded = asked_grid(incidents, grid=grid, area=area, cell_m=cell_m)
    span = observed_period(incidents, period, tz=tz)
    if period is not None:
        inside = within_period(incidents, span, tz=tz)
        xy, used_weights = xy[inside], used_weights[inside]
    if len(xy) == 0 and grid is None:
        raise nothing_to_analyse()
    if grid is not None and len(xy):
        study_grid(xy, incidents, grid, cell_m)
        if bounded:
            inside = in_study_area(xy, grid)
            xy, used_weights = xy[inside], used_weights[inside]
    if width_m is None:
        width_m = cross_validated_bandwidth(unique_places(xy, used_weights).xy, chosen)
    if grid is None:
        reach_m = chosen.reach * width_m * (WIDEST if adaptive else 1.0)
        grid = grid_around(xy, incidents.crs, cell_m, reach_m)
    if adaptive:
        places = unique_places(xy, used_weights)
        per_m2 = adaptive_density(places, grid, chosen, width_m, bounded=bounded)
    else:
        if not takes_repeated_points(grid, chosen, width_m):
            places = unique_places(xy, used_weights)
            xy, used_weights = places.xy, places.weights
        per_m2 = smooth(xy, used_weights, grid, chosen, width_m)
        if bounded:
            per_m2 = edge_corrected(per_m2, grid, chosen, width_m)
    per_m2 *= _M2_A_HECTARE / span.weeks
    return Surface(per_m2, grid, width_m, kernel, span.weeks)


def density_at_places(
    xy: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    *,
    crs: CRS,
    cell_m: float,
    bandwidth_m: float,
    weeks: float,
    kernel: str = "quartic",
) -> Surface:
    """Return the density of places as `density` does for incidents there, without a frame of them.

    Parameters
    ----------
    xy
        Shape (m, 2), m at least 1, metres, each place once.
    weights
        Shape (m,), of all incidents at each place.
    crs
        Their metric CRS.
    cell_m
        Side of a cell, metres.
    bandwidth_m
        Metres.
    weeks
        Length of the period that the incidents are of.
    kernel
        As for `density`.

    Returns
    -------
    Surface
        On the box of the places, padded by the kernel's reach.

    Raises
    ------
    InvalidInputError
        If the bandwidth or the kernel cannot be used, or the box would take too many cells.
    """
    chosen = kernel_named(kernel)
    width_m = checked_bandwidth(bandwidth_m) or 0.0
    grid = grid_around(xy, crs, cell_m, chosen.reach * width_m)
    per_m2 = smooth(xy, weights, grid, chosen, width_m)
    per_m2 *= _M2_A_HECTARE / weeks
    return Surface(per_m2, grid, width_m, kernel, weeks)


def checked_bandwidth(bandwidth_m: float | str | None) -> float | None:
    """Return a bandwidth in metres, None for one to be chosen, or say what is wrong with it.

    Parameters
    ----------
    bandwidth_m
        Above 0, ``"likelihood"`` or None.

    Returns
    -------
    float or None
        Metres; None where cross-validation is to choose.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    if bandwidth_m is None or is_one_of(bandwidth_m, ("likelihood",)):
        return None
    if not is_real(bandwidth_m) or float(bandwidth_m) <= 0:
        raise InvalidInputError(
            Text(
                "Bandbredden måste vara större än 0 meter, inte {v}.",
                "The bandwidth must be more than 0 metres, not {v}.",
            ).fill(v=shown(bandwidth_m))
        )
    return float(bandwidth_m)


def edge_corrected(
    per_m2: npt.NDArray[np.float64], grid: Grid, kernel: Kernel, bandwidth_m: float
) -> npt.NDArray[np.float64]:
    """Divide a density by the share of the kernel that lies inside the study area.

    Parameters
    ----------
    per_m2
        Shape (ny, nx), any unit.
    grid
        Its mask is the study area.
    kernel, bandwidth_m
        What the density was made with.

    Returns
    -------
    numpy.ndarray
        Shape (ny, nx), zero outside the mask.

    References
    ----------
    Diggle, P. J. (1985). A kernel method for smoothing point process data.
    """
    mass = mass_inside(grid, kernel, bandwidth_m)
    usable = grid.mask & (mass > 0)
    return np.divide(per_m2, mass, out=np.zeros_like(per_m2), where=usable)
