"""Hot and cold spots of incidents: Gi* on a metric grid, with the false alarms held down."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from riskmiljo.analysis.arguments import is_real, shown
from riskmiljo.analysis.false_discovery import adjusted_p, checked_rate
from riskmiljo.analysis.local_statistics import gi_star
from riskmiljo.analysis.places import incident_points, nothing_to_analyse
from riskmiljo.analysis.study_area import cell_frame, study_grid
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid
from riskmiljo.wording import Text


def hot_spots(
    incidents: gpd.GeoDataFrame,
    *,
    grid: Grid | None = None,
    cell_m: float = 100,
    radius_m: float = 200,
    fdr: float = 0.05,
) -> gpd.GeoDataFrame:
    """Find the cells around which more, or fewer, incidents lie than chance would put there.

    Parameters
    ----------
    incidents
        Points in a metric CRS. The column ``weight``, where there is one, weighs them.
    grid
        The cells; its mask is the study area, and incidents outside it are left out. None: the
        box of the incidents in cells of ``cell_m``.
    cell_m
        Side of a cell, metres, when no grid is given.
    radius_m
        Cells whose centre lies within this distance are neighbours, metres.
    fdr
        Share of false alarms among the significant cells that is accepted.

    Returns
    -------
    geopandas.GeoDataFrame
        One row for each cell of the study area, empty cells too: ``cell`` (flat number in the
        grid), ``count`` of incidents, ``weight`` (their sum of weights, which the statistic is
        of), ``gi_z``, two-sided ``p``, ``q`` (p adjusted for the number of cells),
        ``significant``, ``kind`` (hot, cold or none) and the square. Every incident is counted in
        exactly one cell. Where Gi* is not defined (`gi_star`) z, p and q are NaN and nothing is
        significant. ``attrs`` holds what it was made with, and how many incidents lay outside.

    Raises
    ------
    NothingFoundError
        If there are no incidents, or all of them lie outside the study area.
    InvalidInputError
        If the radius, the cell, the rate, a weight or a coordinate cannot be used, or the box
        would take too many cells.
    CRSError
        If the incidents are not in metres, or the grid has another CRS.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application.
    Caldas de Castro, M. and Singer, B. H. (2006). Controlling the false discovery rate: a new
    application to account for multiple and dependent tests in local statistics of spatial
    association.
    """
    checked_rate(fdr)
    checked_radius(radius_m)
    xy, weights = incident_points(incidents)
    if len(xy) == 0:
        raise nothing_to_analyse()
    grid = study_grid(xy, incidents, grid, cell_m)
    count, weight = grid.counts(xy), grid.counts(xy, weights)
    z, p = gi_star(weight, radius_cells=radius_m / grid.cell_m, mask=grid.mask)
    q = adjusted_p(p[grid.mask])
    score = z[grid.mask]
    significant = np.nan_to_num(q, nan=1.0) <= fdr
    frame = cell_frame(
        grid,
        {
            "count": count[grid.mask].astype(np.int64),
            "weight": weight[grid.mask],
            "gi_z": score,
            "p": p[grid.mask],
            "q": q,
            "significant": significant,
            "kind": np.select([significant & (score > 0), significant], ["hot", "cold"], "none"),
        },
    )
    counted = int(count[grid.mask].sum())
    frame.attrs.update(
        cell_m=grid.cell_m, radius_m=radius_m, fdr=fdr, incidents=counted, outside=len(xy) - counted
    )
    return frame


def checked_radius(radius_m: float) -> float:
    """Return a radius in metres, or say what is wrong with it.

    Parameters
    ----------
    radius_m
        At least 0.

    Returns
    -------
    float
        The same.

    Raises
    ------
    InvalidInputError
        If it is negative or not a finite number.
    """
    if not (is_real(radius_m) and radius_m >= 0):
        raise InvalidInputError(
            Text(
                "Radien måste vara 0 meter eller mer, inte {v}.",
                "The radius must be 0 metres or more, not {v}.",
            ).fill(v=shown(radius_m))
        )
    return float(radius_m)
