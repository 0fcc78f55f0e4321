"""What changed between two periods, cell by cell and as a surface, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy import special

from riskmiljo.analysis.bandwidth import cross_validated_bandwidth
from riskmiljo.analysis.density import checked_bandwidth, edge_corrected
from riskmiljo.analysis.disk import Disk
from riskmiljo.analysis.false_discovery import adjusted_p, checked_rate
from riskmiljo.analysis.hot_spots import checked_radius
from riskmiljo.analysis.kernels import kernel_named, squared_kernel
from riskmiljo.analysis.local_statistics import two_sided_p
from riskmiljo.analysis.places import (
    PeriodLike,
    incident_points,
    nothing_to_analyse,
    observed_period,
    unique_places,
    within_period,
)
from riskmiljo.analysis.smoothing import mass_inside, smooth
from riskmiljo.analysis.study_area import (
    AreaLike,
    asked_grid,
    cell_frame,
    grid_around,
    in_study_area,
    study_grid,
)
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_M2_A_HECTARE: Final = 10_000.0
_NORMAL_95: Final = 1.959963984540054
# With fewer in two periods of one length no change is ever significant: 2 * 0.5 ** 5 > 0.05.
_FEWEST_TO_JUDGE: Final = 6


@dataclass(frozen=True)
class DensityChange:
    """The difference of two density surfaces, with its uncertainty.

    Parameters
    ----------
    difference
        Shape (ny, nx), later less earlier, incidents per hectare and week; NaN outside the study
        area.
    error
        Its standard error, from the Poisson variation of the incidents; 0 where none lie near.
    z, p
        Standard score and two-sided normal p-value; NaN where no incident lies near.
    grid
        Where the cells lie.
    bandwidth_m
        Bandwidth of the kernel, metres.
    kernel
        Its name.
    """

    difference: Floats = field(repr=False)
    error: Floats = field(repr=False)
    z: Floats = field(repr=False)
    p: Floats = field(repr=False)
    grid: Grid
    bandwidth_m: float
    kernel: str


def count_change(
    incidents: gpd.GeoDataFrame,
    *,
    before: PeriodLike,
    after: PeriodLike,
    grid: Grid | None = None,
    cell_m: float = 250,
    radius_m: float = 0,
    fdr: float = 0.05,
    tz: str = TZ,
) -> gpd.GeoDataFrame:
    """Compare the number of incidents in each cell between two periods.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC. Each counts as one, whatever its
        weight: the test is one of counts.
    before, after
        Periods, or pairs of local dates, the end not included; they may differ in length but not
        overlap.
    grid
        The cells; its mask is the study area. None: the box of the incidents in cells of
        ``cell_m``.
    cell_m
        Side of a cell, metres, when no grid is given.
    radius_m
        Incidents in cells whose centre lies within this distance count too, metres; 0 for the
        cell alone.
    fdr
        Share of false alarms among the significant cells that is accepted.
    tz
        The zone of local dates.

    Returns
    -------
    geopandas.GeoDataFrame
        One row for each cell of the study area: ``cell``, ``before`` and ``after`` (counts),
        ``difference`` (incidents a week) with its Poisson standard error ``error`` and 95 %
        interval ``lower`` and ``upper``, ``p`` (two-sided exact test), ``q`` (adjusted for the
        cells that can be judged; NaN for others, with fewer than six incidents in all),
        ``significant``, ``verdict`` (rising, falling, level or few) and the square. ``attrs``
        holds what it was made with.

    Raises
    ------
    NothingFoundError
        If neither period has incidents, or all of them lie outside the study area.
    InvalidInputError
        If the periods overlap, or an argument cannot be used.
    CRSError
        If the incidents are not in metres, or the grid has another CRS.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
    series.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    checked_rate(fdr)
    checked_radius(radius_m)
    first, second = _two_periods(before, after, tz)
    xy, _ = incident_points(incidents)
    early, late = within_period(incidents, first, tz=tz), within_period(incidents, second, tz=tz)
    if not (early | late).any():
        raise nothing_to_analyse()
    grid = study_grid(xy[early | late], incidents, grid, cell_m)
    disk = Disk.of(radius_m / grid.cell_m, grid.shape)
    x, y = (
        disk.sums(np.where(grid.mask, grid.counts(xy[of]), 0.0))[grid.mask].astype(np.int64)
        for of in (early, late)
    )
    difference = y / second.weeks - x / first.weeks
    error = np.sqrt(y / second.weeks**2 + x / first.weeks**2)
    share = second.weeks / (first.weeks + second.weeks)
    fewer, more = special.bdtr(y, x + y, share), special.bdtrc(y - 1, x + y, share)
    p = np.minimum(1.0, 2 * np.minimum(fewer, more))
    judged = x + y >= _FEWEST_TO_JUDGE
    q = adjusted_p(np.where(judged, p, np.nan))
    significant = np.nan_to_num(q, nan=1.0) <= fdr
    frame = cell_frame(
        grid,
        {
            "before": x,
            "after": y,
            "difference": difference,
            "error": error,
            "lower": difference - _NORMAL_95 * error,
            "upper": difference + _NORMAL_95 * error,
            "p": p,
            "q": q,
            "significant": significant,
            "verdict": np.select(
                [~judged, significant & (difference > 0), significant],
                ["few", "rising", "falling"],
                "level",
            ),
        },
    )
    frame.attrs.update(
        before=str(first), after=str(second), cell_m=grid.cell_m, radius_m=radius_m, fdr=fdr
    )
    return frame


def density_change(
    incidents: gpd.GeoDataFrame,
    *,
    before: PeriodLike,
    after: PeriodLike,
    grid: Grid | None = None,
    cell_m: float = 50,
    bandwidth_m: float | None = None,
    kernel: str = "quartic",
    area: AreaLike | None = None,
    tz: str = TZ,
) -> DensityChange:
    """Subtract the density of one period from that of another, with its standard error.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC. The column ``weight``, where there
        is one, weighs them.
    before, after
        Periods, or pairs of local dates, the end not included; they may differ in length but not
        overlap.
    grid, cell_m
        As in `riskmiljo.analysis.density.density`.
    bandwidth_m
        One for both periods, metres. None: likelihood cross-validation over the unique places of
        both.
    kernel, area
        As in `riskmiljo.analysis.density.density`.
    tz
        The zone of local dates.

    Returns
    -------
    DensityChange
        Later less earlier.

    Raises
    ------
    NothingFoundError
        If neither period has incidents, or all of them lie outside the study area.
    InvalidInputError
        If the periods overlap, or an argument cannot be used.
    CRSError
        If the incidents are not in metres, or the grid has another CRS.

    Notes
    -----
    The variance of a density of Poisson points is the sum of the squared kernels around them.
    Incidents at one address are taken as independent; where one dispute gives ten calls, the
    true error is larger.

    References
    ----------
    Diggle, P. J. (1985). A kernel method for smoothing point process data.
    """
    chosen = kernel_named(kernel)
    width_m = checked_bandwidth(bandwidth_m)
    first, second = _two_periods(before, after, tz)
    xy, weights = incident_points(incidents)
    early, late = within_period(incidents, first, tz=tz), within_period(incidents, second, tz=tz)
    if not (early | late).any():
        raise nothing_to_analyse()
    grid, bounded = asked_grid(incidents, grid=grid, area=area, cell_m=cell_m)
    if grid is not None:
        grid = study_grid(xy[early | late], incidents, grid, cell_m)
    if bounded and grid is not None:
        inside = in_study_area(xy, grid)
        early, late = early & inside, late & inside
    if width_m is None:
        places = unique_places(xy[early | late], weights[early | late])
        width_m = cross_validated_bandwidth(places.xy, chosen)
    if grid is None:
        grid = grid_around(xy[early | late], incidents.crs, cell_m, chosen.reach * width_m)
    roughness, square, relative = squared_kernel(chosen)
    difference, variance = np.zeros(grid.shape), np.zeros(grid.shape)
    for of, sign, period in ((early, -1, first), (late, 1, second)):
        rate = _M2_A_HECTARE / period.weeks
        sums = unique_places(xy[of], weights[of])
        squares = unique_places(xy[of], weights[of] ** 2)
        difference += sign * rate * smooth(sums.xy, sums.weights, grid, chosen, width_m)
        spread = smooth(squares.xy, squares.weights, grid, square, width_m * relative)
        variance += rate**2 * roughness / width_m**2 * spread
    if bounded:
        mass = mass_inside(grid, chosen, width_m)
        difference = edge_corrected(difference, grid, chosen, width_m)
        usable = grid.mask & (mass > 0)
        variance = np.divide(variance, mass**2, out=np.zeros_like(variance), where=usable)
    z = np.full(grid.shape, np.nan)
    # Where no incident lies near, the transform leaves rounding noise instead of zero.
    near = grid.mask & (variance > variance.max() * 1e-9)
    np.divide(difference, np.sqrt(variance), out=z, where=near)
    return DensityChange(
        np.where(grid.mask, difference, np.nan),
        np.sqrt(np.where(near, variance, 0.0)),
        z,
        two_sided_p(z),
        grid,
        width_m,
        kernel,
    )


def _two_periods(before: PeriodLike, after: PeriodLike, tz: str) -> tuple[Period, Period]:
    none = gpd.GeoDataFrame()
    first, second = (observed_period(none, period, tz=tz) for period in (before, after))
    if first.start < second.end and second.start < first.end:
        raise InvalidInputError(
            Text(
                "Perioderna {a} och {b} överlappar varandra. Välj två som inte gör det.",
                "The periods {a} and {b} overlap. Choose two that do not.",
            ).fill(a=first, b=second)
        )
    return first, second
