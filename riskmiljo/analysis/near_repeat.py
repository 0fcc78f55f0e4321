"""Who is at raised risk now: the near-repeat ratios laid around what happened lately."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import is_real, require_instance, shown
from riskmiljo.analysis.knox import KnoxResult, knox
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.pairs import ranges_in_blocks
from riskmiljo.analysis.places import incident_points, nothing_to_analyse
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.geo.grid import Grid, require_grid
from riskmiljo.model.period import TZ, local_instant
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SPACE_M: Final = (100.0, 200.0, 300.0, 400.0)
TIME_DAYS: Final = (7.0, 14.0, 21.0, 28.0)
_TOLERANCE: Final = 1e-9
_PAIRS_AT_ONCE: Final = 2_000_000
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True)
class NearRepeatSurface:
    """How many times its usual risk each cell has now, beside the plain count.

    Attributes
    ----------
    values
        Shape (ny, nx), 1 where nothing near happened lately; 2.5 is two and a half times what the
        same place has without recent incidents near it. It says nothing of how high that is.
    counts
        Shape (ny, nx), incidents within the widest bands, in distance and time.
    grid
        Where the cells lie.
    raised
        Shape (bands of distance, bands of time), what one incident adds.
    space_m, time_days
        Upper edges of the bands.
    knox
        The test that the ratios come from.
    """

    values: Floats = field(repr=False)
    counts: Ints = field(repr=False)
    grid: Grid
    raised: Floats
    space_m: Floats
    time_days: Floats
    knox: KnoxResult = field(repr=False)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """Return the cells with incidents within reach, as squares.

        Returns
        -------
        geopandas.GeoDataFrame
            ``cell`` (flat number in the grid), ``times_usual``, ``incidents`` and the square.
        """
        flat = np.flatnonzero((self.counts > 0) & self.grid.mask)
        nx, cell_m = self.grid.shape[1], self.grid.cell_m
        x = self.grid.x0 + (flat % nx) * cell_m
        y = self.grid.y0 + (flat // nx) * cell_m
        return gpd.GeoDataFrame(
            {
                "cell": flat,
                "times_usual": self.values.ravel()[flat],
                "incidents": self.counts.ravel()[flat],
            },
            geometry=shapely.box(x, y, x + cell_m, y + cell_m),
            crs=self.grid.crs,
        )


def near_repeat_surface(
    incidents: gpd.GeoDataFrame,
    *,
    now: str | date,
    grid: Grid | None = None,
    cell_m: float = 50,
    knox_result: KnoxResult | None = None,
    space_m: npt.ArrayLike = SPACE_M,
    time_days: npt.ArrayLike = TIME_DAYS,
    permutations: int = 99,
    rng: int | np.random.Generator = 0,
    most_p: float = 0.05,
    tz: str = TZ,
) -> NearRepeatSurface:
    """Lay the near-repeat ratios around recent incidents.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC. What began after ``now`` is left out.
    now
        The moment that the surface is for; without an offset it is local.
    grid
        Where it is wanted. None: squares of ``cell_m`` around the recent incidents.
    cell_m
        Side of a cell, metres, when no grid is given; best at most half of the first band.
    knox_result
        The ratios to use, for example from a longer record or a whole county. None: `knox` of the
        incidents before ``now``.
    space_m, time_days, permutations, rng
        As in `knox`, where no result is given.
    most_p
        Bands with a higher p-value raise nothing.
    tz
        The zone of local times.

    Returns
    -------
    NearRepeatSurface
        All 1 where no band is raised: then near repeats are no reason to go anywhere.

    Raises
    ------
    NothingFoundError
        If no incident began before ``now``, or, without a grid, none in the widest band of time.
    InvalidInputError
        If an argument cannot be used.
    CRSError
        If the incidents are not in metres, or the grid has another CRS.

    Notes
    -----
    Each recent incident adds its band's ratio less 1 to the cells within the band; a band counts
    for no more than those nearer in space and in time, so that risk decays outwards, and only if
    its ratio is over 1 and significant. The distance is from the incident to the cell's centre.
    Near repeats are an alert for days, not the map of where risk is.

    References
    ----------
    Johnson, S. D. et al. (2007). Space-time patterns of risk: a cross national assessment of
    residential burglary victimization. Journal of Quantitative Criminology 23, 201-219.
    Bowers, K. J., Johnson, S. D. and Pease, K. (2004). Prospective hot-spotting: the future of
    crime mapping? British Journal of Criminology 44, 641-658.
    """
    if grid is not None:
        require_grid(grid)
    xy, _ = incident_points(incidents)
    instant = pd.Timestamp(local_instant(now, tz)).tz_localize(None)
    times = with_moments(incidents, tz)["occurred_from"]
    utc = times.dt.tz_convert("UTC").dt.tz_localize(None).dt.as_unit("us")
    age_us = np.datetime64(instant, "us") - utc.to_numpy().astype("datetime64[us]")
    age_days = age_us.astype(np.int64) / _DAY_US
    known = age_days >= 0
    xy, age_days = xy[known], age_days[known]
    if len(xy) == 0:
        raise nothing_to_analyse()
    if knox_result is None:
        knox_result = knox(
            xy,
            -age_days,
            space_m=space_m,
            time_days=time_days,
            permutations=permutations,
            rng=rng,
        )
    require_instance(KnoxResult, knox_result=knox_result)
    raised = _raised(knox_result, most_p)
    reach_m, days = float(knox_result.space_m[-1]), float(knox_result.time_days[-1])
    lately = age_days <= days * (1 + _TOLERANCE)
    xy, age_days = xy[lately], age_days[lately]
    if grid is None:
        grid = _grid_around(xy, incidents, cell_m, reach_m)
    elif grid.crs is not None and grid.crs != parse_crs(incidents.crs):
        raise CRSError(
            Text(
                "Rutnätet har ett annat koordinatsystem än händelserna. Projicera om dem.",
                "The grid has another CRS than the incidents. Project them first.",
            )
        )
    values, counts = _laid(xy, age_days, grid, knox_result, raised)
    return NearRepeatSurface(
        values, counts, grid, raised, knox_result.space_m, knox_result.time_days, knox_result
    )


def _raised(result: KnoxResult, most_p: float) -> Floats:
    if not (is_real(most_p) and 0 < most_p <= 1):
        raise InvalidInputError(
            Text(
                "most_p ska ligga mellan 0 och 1, inte {v}.",
                "most_p must lie between 0 and 1, not {v}.",
            ).fill(v=shown(most_p))
        )
    sure = (result.p_value <= most_p) & np.isfinite(result.ratio)
    added = np.where(sure, np.maximum(np.nan_to_num(result.ratio, posinf=1.0) - 1, 0.0), 0.0)
    inward = np.minimum.accumulate(added, axis=0)
    return np.asarray(np.minimum.accumulate(inward, axis=1))


def _grid_around(xy: Floats, incidents: gpd.GeoDataFrame, cell_m: float, reach_m: float) -> Grid:
    if len(xy) == 0:
        raise NothingFoundError(
            Text(
                "Ingen händelse är så färsk att den höjer risken nu. Ge ett rutnät för en tom "
                "karta, eller längre tidsband.",
                "No incident is recent enough to raise the risk now. Give a grid for an empty "
                "map, or longer bands of time.",
            )
        )
    west, south = xy.min(axis=0) - reach_m
    east, north = xy.max(axis=0) + reach_m
    laid = Grid.over(shapely.box(west, south, east, north), cell_m, origin=(0.0, 0.0))
    mask = np.ones(laid.shape, dtype=bool)
    return Grid(laid.x0, laid.y0, laid.cell_m, mask, parse_crs(incidents.crs))


def _laid(
    xy: Floats, age_days: Floats, grid: Grid, result: KnoxResult, raised: Floats
) -> tuple[Floats, Ints]:
    ny, nx = grid.shape
    reach = float(result.space_m[-1]) * (1 + _TOLERANCE)
    time_band = np.searchsorted(result.time_days * (1 + _TOLERANCE), age_days, "left")
    added, counts = np.zeros(ny * nx), np.zeros(ny * nx, dtype=np.int64)
    column, row = ((xy - (grid.x0, grid.y0)) / grid.cell_m - 0.5).T
    cells = reach / grid.cell_m
    low_x, low_y = np.ceil(column - cells).clip(0), np.ceil(row - cells).clip(0)
    high_x, high_y = np.floor(column + cells).clip(-1, nx - 1), np.floor(row + cells)
    wide = (high_x - low_x + 1).clip(0).astype(np.int64)
    high = (high_y.clip(-1, ny - 1) - low_y + 1).clip(0).astype(np.int64)
    for event, number in ranges_in_blocks(np.zeros(len(xy), np.int64), wide * high, _PAIRS_AT_ONCE):
        up, across = np.divmod(number, wide[event])
        x, y = low_x[event] + across, low_y[event] + up
        apart = np.hypot(x - column[event], y - row[event]) * grid.cell_m
        band = np.searchsorted(result.space_m * (1 + _TOLERANCE), apart, "left")
        inside = band < len(result.space_m)
        flat = (y * nx + x).astype(np.int64)[inside]
        extra = raised[band[inside], time_band[event][inside]]
        added += np.bincount(flat, extra, minlength=ny * nx)
        counts += np.bincount(flat, minlength=ny * nx)
    return np.where(grid.mask, 1 + added.reshape(ny, nx), 1.0), counts.reshape(ny, nx)
