"""Dual density: where incidents are more, or fewer, than people or other incidents explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from riskmiljo.analysis.arguments import random_of, require_whole
from riskmiljo.analysis.bandwidth import cross_validated_bandwidth
from riskmiljo.analysis.density import checked_bandwidth
from riskmiljo.analysis.kernels import Kernel, kernel_named, squared_kernel
from riskmiljo.analysis.places import incident_points, nothing_to_analyse, unique_places
from riskmiljo.analysis.smoothing import mass_inside, smooth
from riskmiljo.analysis.study_area import (
    AreaLike,
    asked_grid,
    grid_around,
    in_study_area,
    study_grid,
)
from riskmiljo.analysis.surface import filled_bands
from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.geo.grid import Grid
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

# With fewer events and controls under the kernel the normal approximation says nothing.
_LEAST_SUPPORT: Final = 5.0
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class RelativeRisk:
    """Events beside controls on a grid.

    Parameters
    ----------
    log_ratio
        Shape (ny, nx): natural logarithm of the events' density over the controls', each
        integrating to one; 0 where events are as common as everywhere, minus infinity where there
        are none, infinity where there are events and no controls, NaN outside the study area and
        where neither lies near.
    z
        Standard score of the difference if both had the same density; NaN with fewer than some
        five events and controls under the kernel.
    p_high, p_low
        One-sided p-values for more and for fewer events; NaN as ``z``, if not simulated.
    grid
        Where the cells lie.
    bandwidth_m
        Bandwidth of the kernel, metres, the same for both.
    kernel
        Its name.
    """

    log_ratio: Floats = field(repr=False)
    z: Floats = field(repr=False)
    p_high: Floats = field(repr=False)
    p_low: Floats = field(repr=False)
    grid: Grid
    bandwidth_m: float
    kernel: str

    def tolerance(self, levels: Sequence[float] = (0.01, 0.05)) -> gpd.GeoDataFrame:
        """Return the areas where the ratio is higher, or lower, than chance explains.

        Parameters
        ----------
        levels
            One-sided p-values, each between 0 and 0.5, for each place by itself.

        Returns
        -------
        geopandas.GeoDataFrame
            ``kind`` (high or low), ``p`` and a multipolygon, one row for each that is not empty.

        Raises
        ------
        InvalidInputError
            If a level lies outside 0 to 0.5.

        References
        ----------
        Hazelton, M. L. and Davies, T. M. (2009). Inference based on kernel estimates of the
        relative risk function in geographical epidemiology.
        """
        for level in levels:
            if not 0 < level < 0.5:  # noqa: PLR2004 - one-sided
                raise InvalidInputError(
                    Text(
                        "Nivån måste ligga mellan 0 och 0,5, inte {v}.",
                        "The level must lie between 0 and 0.5, not {v}.",
                    ).fill(v=level)
                )
        parts = []
        for kind, p in (("high", self.p_high), ("low", self.p_low)):
            # On the scale of scores, where contours between cells run evenly.
            score = -special.ndtri(np.clip(np.nan_to_num(p, nan=0.5), 1e-300, 1 - 1e-16))
            for level in sorted(levels):
                bands = filled_bands(score, self.grid, [float(-special.ndtri(level))])
                bands = bands[["geometry"]].assign(kind=kind, p=level)
                parts.append(bands[["kind", "p", "geometry"]])
        found = [part for part in parts if len(part)] or parts[:1]
        return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=self.grid.crs)


def dual_density(
    events: gpd.GeoDataFrame,
    controls: gpd.GeoDataFrame,
    *,
    grid: Grid | None = None,
    cell_m: float = 100,
    bandwidth_m: float | None = None,
    kernel: str = "quartic",
    area: AreaLike | None = None,
    simulations: int = 0,
    rng: int | np.random.Generator = 0,
) -> RelativeRisk:
    """Estimate the relative risk of events against controls, and where it is not by chance.

    Parameters
    ----------
    events
        Points in a metric CRS.
    controls
        What they are compared with, in the same CRS: people (points whose ``weight`` is their
        number) or other incidents. For one kind of incident against all, give the *other* ones:
        events that are among the controls too make the test too careful.
    grid, cell_m
        As in `riskmiljo.analysis.density.density`. Without grid and area: the box of the events.
    bandwidth_m
        One for both densities, metres, so that their biases cancel where they are alike. None:
        likelihood cross-validation over the unique places of the events.
    kernel, area
        As in `riskmiljo.analysis.density.density`.
    simulations
        0: p-values from the asymptotic normal distribution. More: from so many random exchanges
        of events and controls, whose weights must then be whole numbers.
    rng
        Seed or generator of the exchanges.

    Returns
    -------
    RelativeRisk
        With `RelativeRisk.tolerance` for contours.

    Raises
    ------
    NothingFoundError
        If there are no events or no controls, or all events or controls lie outside the area.
    InvalidInputError
        If an argument cannot be used, or weights are not whole numbers where they must be.
    CRSError
        If the points are not in metres, or the reference systems differ.

    Notes
    -----
    The score is that of the difference of the two densities, with its variance if both are equal
    to the pooled one: near no difference it is the score of the log ratio, and it is defined where
    there are no events at all.

    References
    ----------
    Kelsall, J. E. and Diggle, P. J. (1995). Non-parametric estimation of spatial variation in
    relative risk.
    Hazelton, M. L. and Davies, T. M. (2009). Inference based on kernel estimates of the relative
    risk function in geographical epidemiology.
    """
    chosen = kernel_named(kernel)
    width_m = checked_bandwidth(bandwidth_m)
    event_xy, event_weights = incident_points(events)
    control_xy, control_weights = incident_points(controls)
    _checked(events, controls, simulations)
    grid, bounded = asked_grid(events, grid=grid, area=area, cell_m=cell_m)
    for xy in (event_xy, control_xy):
        if grid is not None and len(xy):
            study_grid(xy, events, grid, cell_m)
    if bounded and grid is not None:
        near_events, near_controls = (in_study_area(xy, grid) for xy in (event_xy, control_xy))
        event_xy, event_weights = event_xy[near_events], event_weights[near_events]
        control_xy, control_weights = control_xy[near_controls], control_weights[near_controls]
    if event_weights.sum() == 0 or control_weights.sum() == 0:
        raise nothing_to_analyse()
    if width_m is None:
        of_events = unique_places(event_xy, event_weights)
        width_m = cross_validated_bandwidth(of_events.xy, chosen)
    if grid is None:
        grid = grid_around(event_xy, events.crs, cell_m, chosen.reach * width_m)
    pool = unique_places(
        np.concatenate([event_xy, control_xy]), np.concatenate([event_weights, control_weights])
    )
    of_event = pool.inverse[: len(event_xy)]
    cases = np.bincount(of_event, event_weights, minlength=len(pool.xy)).astype(float)
    mass = mass_inside(grid, chosen, width_m) if bounded else np.ones(grid.shape)
    # A weight on an event is its harm, not a number: a few heavy ones tell less than many light.
    n_cases = float(event_weights.sum() ** 2 / (event_weights**2).sum())
    two = _Two(pool.xy, cases, pool.weights - cases, n_cases, grid, chosen, width_m, mass)
    f, g = two.densities(cases)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(f) - np.log(g)
    known = grid.mask & (f + g > 0)
    z = np.where(known, two.scores(f - g), np.nan)
    p_high, p_low = special.ndtr(-z), special.ndtr(z)
    if simulations:
        p_high, p_low = two.exchanged(f - g, simulations, random_of(rng))
        p_high, p_low = np.where(known, p_high, np.nan), np.where(known, p_low, np.nan)
    return RelativeRisk(
        np.where(known, ratio, np.nan), z, p_high, p_low, grid, width_m, chosen.name
    )


def _checked(events: gpd.GeoDataFrame, controls: gpd.GeoDataFrame, simulations: int) -> None:
    require_whole(0, simulations=simulations)
    if parse_crs(events.crs) != parse_crs(controls.crs):
        raise CRSError(
            Text(
                "Händelserna och jämförelsen har olika koordinatsystem. Projicera om det ena.",
                "The events and the controls have different coordinate systems. Project one.",
            )
        )


@dataclass(frozen=True)
class _Two:
    """Cases and controls at the same unique places, and how to smooth them."""

    xy: Floats
    cases: Floats
    controls: Floats
    n_cases: float
    grid: Grid
    kernel: Kernel
    bandwidth_m: float
    mass: Floats

    def _smooth(self, weights: Floats) -> Floats:
        used = weights > 0
        smoothed = smooth(self.xy[used], weights[used], self.grid, self.kernel, self.bandwidth_m)
        # The transform leaves rounding noise where there is nothing.
        smoothed[smoothed < smoothed.max() * 1e-12] = 0.0
        return smoothed

    def _inside(self, smoothed: Floats, power: int) -> Floats:
        usable = self.grid.mask & (self.mass > 0)
        return np.divide(smoothed, self.mass**power, out=np.zeros_like(smoothed), where=usable)

    def densities(self, cases: Floats) -> tuple[Floats, Floats]:
        """Return the densities of the cases and of all others, each integrating to one."""
        others = self.cases + self.controls - cases
        f, g = self._smooth(cases) / cases.sum(), self._smooth(others) / others.sum()
        return self._inside(f, 1), self._inside(g, 1)

    def scores(self, difference: Floats) -> Floats:
        """Return the standard scores of a difference of densities, if there is none."""
        n_cases, n_controls = self.n_cases, float(self.controls.sum())
        roughness, square, relative = squared_kernel(self.kernel)
        total = n_cases + n_controls
        pooled = self.cases / self.cases.sum() * n_cases / total + self.controls / total
        first = self._inside(self._smooth(pooled), 1)
        width = self.bandwidth_m * relative
        second = smooth(self.xy, pooled, self.grid, square, width) * roughness
        second = self._inside(second / self.bandwidth_m**2, 2)
        variance = (second - first**2) * (1 / n_cases + 1 / n_controls)
        support = np.divide(total * first**2, second, out=np.zeros_like(first), where=second > 0)
        z = np.full(difference.shape, np.nan)
        known = (support >= _LEAST_SUPPORT) & (variance > 0)
        np.divide(difference, np.sqrt(np.maximum(variance, 0)), out=z, where=known)
        return z

    def exchanged(
        self, difference: Floats, simulations: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Return one-sided p-values against random exchanges of cases and controls."""
        at_place = np.rint(self.cases + self.controls).astype(np.int64)
        whole = np.abs(self.cases - np.rint(self.cases)).max() < _TOLERANCE
        if not whole or np.abs(self.cases + self.controls - at_place).max() > _TOLERANCE:
            raise InvalidInputError(
                Text(
                    "Simuleringen byter hela händelser: vikterna måste vara heltal. Ange "
                    "simulations=0.",
                    "The simulation exchanges whole incidents: the weights must be whole numbers. "
                    "Give simulations=0.",
                )
            )
        higher, lower = np.ones(difference.shape), np.ones(difference.shape)
        slack = np.abs(difference).max() * _TOLERANCE
        for _ in range(simulations):
            drawn = rng.multivariate_hypergeometric(
                at_place, round(self.cases.sum()), method="marginals"
            )
            f, g = self.densities(drawn.astype(float))
            higher += f - g >= difference - slack
            lower += f - g <= difference + slack
        return higher / (simulations + 1), lower / (simulations + 1)
