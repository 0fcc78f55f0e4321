"""Emerging hot spots: how each cell's Gi* went from slice to slice of time, in one word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import require_whole
from riskmiljo.analysis.disk import Disk
from riskmiljo.analysis.false_discovery import adjusted_p, checked_rate
from riskmiljo.analysis.hot_spots import checked_radius
from riskmiljo.analysis.local_statistics import centred, gi_scores, two_sided_p
from riskmiljo.analysis.places import (
    PeriodLike,
    incident_points,
    incident_times,
    nothing_to_analyse,
    observed_period,
    within_period,
)
from riskmiljo.analysis.study_area import cell_frame, in_study_area, study_grid
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import TZ, Period, local_instant
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PATTERNS: Final[dict[str, Text]] = {
    "new": Text("ny", "new"),
    "consecutive": Text("sammanhängande", "consecutive"),
    "intensifying": Text("tilltagande", "intensifying"),
    "persistent": Text("bestående", "persistent"),
    "diminishing": Text("avtagande", "diminishing"),
    "sporadic": Text("sporadisk", "sporadic"),
    "oscillating": Text("växlande", "oscillating"),
    "historical": Text("tidigare", "historical"),
    "none": Text("inget mönster", "no pattern"),
}
# Nine slices in ten, as in ArcGIS.
_MOSTLY: Final = 0.9
_TREND_P: Final = 0.05
_FEWEST_SLICES: Final = 4
_MOST_BINS: Final = 50_000_000


def hotspot_classify(
    incidents: gpd.GeoDataFrame,
    *,
    period: PeriodLike | None = None,
    slice_days: int = 28,
    grid: Grid | None = None,
    cell_m: float = 200,
    radius_m: float = 400,
    slices_back: int = 1,
    fdr: float = 0.05,
    tz: str = TZ,
) -> gpd.GeoDataFrame:
    """Tell new hot spots from lasting, growing, fading and on-and-off ones.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC.
    period
        A `Period` or a pair of local dates, the end not included. None: whole local days from the
        first incident's to the last's.
    slice_days
        Length of a slice, local days. Slices are counted backwards from the end of the period:
        what is left over at its beginning is not used.
    grid
        The cells; its mask is the study area. None: the box of the incidents in cells of
        ``cell_m``.
    cell_m
        Side of a cell, metres, when no grid is given.
    radius_m
        Cells whose centre lies within this distance are neighbours, metres.
    slices_back
        How many earlier slices belong to a neighbourhood, besides the slice itself.
    fdr
        Share of false alarms among the significant (cell, slice) pairs that is accepted.
    tz
        The zone of local days.

    Returns
    -------
    geopandas.GeoDataFrame
        One row for each cell of the study area: ``cell``, ``count`` over all slices, ``pattern``
        (a key of `PATTERNS`), ``kind`` (hot, cold or none), ``hot_slices``, ``cold_slices``,
        ``last_z``, ``trend_z`` and ``trend_p`` (Mann-Kendall, of the cell's scores), and the
        square. ``attrs`` holds the number of slices and where they begin and end.

    Raises
    ------
    NothingFoundError
        If there are no incidents in the period, or all of them lie outside the study area.
    InvalidInputError
        If the period holds fewer than four slices, or an argument cannot be used.
    CRSError
        If the incidents are not in metres, or the grid has another CRS.

    Notes
    -----
    Gi* is computed over the whole cube of cells and slices: mean and deviation are those of all
    slices together, so that a slice in which everything rises stands out. With fewer than some
    ten slices the patterns say little.

    References
    ----------
    Esri. How Emerging Hot Spot Analysis works (the definitions of the patterns).
    Ashby, M. P. J. sfhotspot, hotspot_classify() (an open implementation of them).
    Mann, H. B. (1945). Nonparametric tests against trend.
    """
    checked_rate(fdr)
    checked_radius(radius_m)
    require_whole(0, slices_back=slices_back)
    span = observed_period(incidents, period, tz=tz)
    edges = slice_edges(span, slice_days, tz)
    whole = Period(edges[0], edges[-1])
    xy, weights = incident_points(incidents)
    used = within_period(incidents, whole, tz=tz)
    xy, weights = xy[used], weights[used]
    if len(xy) == 0:
        raise nothing_to_analyse()
    grid = study_grid(xy, incidents, grid, cell_m)
    slices = len(edges) - 1
    if slices * grid.mask.size > _MOST_BINS:
        raise InvalidInputError(
            Text(
                "{c} {c:cell|celler} i {s} {s:skede|skeden} är för många. Välj större celler "
                "eller längre skeden.",
                "{c} {c:cell|cells} in {s} {s:slice is|slices are} too many. Choose larger "
                "cells or longer slices.",
            ).fill(c=grid.mask.size, s=slices)
        )
    inside = in_study_area(xy, grid)
    times = incident_times(incidents, tz=tz)[used][inside]
    began = times.dt.tz_convert("UTC").dt.as_unit("us").astype(np.int64).to_numpy()
    steps = np.array([round(edge.timestamp() * 1e6) for edge in edges])
    at = np.searchsorted(steps, began, side="right") - 1
    flat = at * grid.mask.size + grid.index(xy[inside])
    cube = np.bincount(flat, weights[inside], slices * grid.mask.size).astype(float)
    z = _space_time_scores(
        cube.reshape(slices, *grid.shape), grid, radius_m / grid.cell_m, slices_back
    )
    cells = z[:, grid.mask].T
    alarm = np.nan_to_num(adjusted_p(two_sided_p(cells)), nan=1.0) <= fdr
    state = np.where(alarm, np.sign(np.nan_to_num(cells)), 0).astype(np.int64)
    trend_z, trend_p = mann_kendall(np.nan_to_num(cells))
    trend = np.where(trend_p <= _TREND_P, np.sign(trend_z), 0).astype(np.int64)
    kind, pattern = patterns(state, trend)
    frame = cell_frame(
        grid,
        {
            "count": grid.counts(xy)[grid.mask].astype(np.int64),
            "pattern": pattern,
            "kind": kind,
            "hot_slices": (state > 0).sum(axis=1),
            "cold_slices": (state < 0).sum(axis=1),
            "last_z": cells[:, -1],
            "trend_z": trend_z,
            "trend_p": trend_p,
        },
    )
    frame.attrs.update(
        slices=slices,
        slice_days=slice_days,
        begins=edges[0].isoformat(),
        ends=edges[-1].isoformat(),
        cell_m=grid.cell_m,
        radius_m=radius_m,
        slices_back=slices_back,
        fdr=fdr,
    )
    return frame


def slice_edges(period: Period, slice_days: int, tz: str = TZ) -> list[datetime]:
    """Cut a period into slices of equally many local days, counted from its end.

    Parameters
    ----------
    period
        What is cut; a remainder at its beginning is left out.
    slice_days
        Local days: a night when the clock is changed is a day as any other.
    tz
        Their zone.

    Returns
    -------
    list of datetime.datetime
        One more than there are slices, rising, in UTC.

    Raises
    ------
    InvalidInputError
        If a slice is not at least a day, or there are fewer than four.
    """
    require_whole(1, slice_days=slice_days)
    # Longer than the period is too long, however much.
    days = min(int(slice_days), (period.end - period.start).days + 2)
    end = period.local(tz)[1].replace(tzinfo=None)
    edges = [period.end]
    while True:
        edge = local_instant(end - timedelta(days=days) * len(edges), tz)
        if edge < period.start:
            break
        edges.append(edge)
    if len(edges) - 1 < _FEWEST_SLICES:
        raise InvalidInputError(
            Text(
                "Perioden rymmer {n} {n:skede|skeden} om {d} {d:dag|dagar}; minst 4 behövs. Välj "
                "en längre period eller kortare skeden.",
                "The period holds {n} {n:slice|slices} of {d} {d:day|days}; at least 4 are "
                "needed. Choose a longer period or shorter slices.",
            ).fill(n=len(edges) - 1, d=slice_days)
        )
    return edges[::-1]


def patterns(
    state: npt.ArrayLike, trend: npt.ArrayLike
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Name the pattern of each cell from when it was hot and cold.

    Parameters
    ----------
    state
        Shape (cells, slices), oldest slice first: 1 significantly hot, -1 cold, 0 neither.
    trend
        Shape (cells,): 1 where the scores rise significantly, -1 where they fall, else 0.

    Returns
    -------
    tuple of numpy.ndarray
        ``kind`` (hot, cold or none) and ``pattern`` (a key of `PATTERNS`), shape (cells,).

    Notes
    -----
    For a hot spot, and mirrored for a cold one: *new*: hot in the last slice for the first time;
    *consecutive*: hot only in an unbroken run of at least two slices at the end; of cells hot in
    at least nine slices in ten: *historical* if not in the last one, else *intensifying*,
    *diminishing* or *persistent* by the trend; otherwise, if hot in the last slice, *oscillating*
    if it was ever cold, else *sporadic*.

    References
    ----------
    Esri. How Emerging Hot Spot Analysis works.
    """
    states, trends = np.asarray(state), np.asarray(trend)
    kind = np.full(len(states), "none", dtype="<U4")
    pattern = np.full(len(states), "none", dtype="<U12")
    for name, sign in (("hot", 1), ("cold", -1)):
        found = _patterns_of_one_kind(states * sign, trends * sign)
        kind[found != "none"] = name
        pattern = np.where(found != "none", found, pattern)
    return kind, pattern


def _patterns_of_one_kind(state: Ints, trend: Ints) -> npt.NDArray[np.str_]:
    slices = state.shape[1]
    hot = state > 0
    times = hot.sum(axis=1)
    last = hot[:, -1]
    # Length of the unbroken run at the end.
    run = np.where(hot.all(axis=1), slices, np.argmin(hot[:, ::-1], axis=1))
    mostly = times >= _MOSTLY * slices - 1e-9
    ever_cold = (state < 0).any(axis=1)
    return np.select(
        [
            last & (times == 1),
            last & ~mostly & (run >= 2) & (times == run),  # noqa: PLR2004 - a run
            last & mostly & (trend > 0),
            last & mostly & (trend < 0),
            last & mostly,
            ~last & mostly,
            last & ever_cold,
            last,
        ],
        [
            "new",
            "consecutive",
            "intensifying",
            "diminishing",
            "persistent",
            "historical",
            "oscillating",
            "sporadic",
        ],
        "none",
    )


def mann_kendall(series: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Test each series for a rise or fall over time.

    Parameters
    ----------
    series
        Shape (m, steps), oldest first.

    Returns
    -------
    tuple of numpy.ndarray
        z (positive for a rise, with the correction for continuity and ties) and two-sided p, both
        (m,); a series of equal values has z 0 and p 1.

    References
    ----------
    Mann, H. B. (1945). Nonparametric tests against trend.
    Kendall, M. G. (1975). Rank Correlation Methods.
    """
    values = np.asarray(series, dtype=float)
    rows, steps = values.shape
    score = np.zeros(rows)
    for lag in range(1, steps):
        score += np.sign(values[:, lag:] - values[:, :-lag]).sum(axis=1)
    ordered = np.sort(values, axis=1)
    fresh = np.ones(values.shape, dtype=bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = np.cumsum(fresh.ravel()) - 1
    size = np.bincount(group)
    owner = np.repeat(np.arange(rows), steps)[fresh.ravel()]
    ties = np.bincount(owner, size * (size - 1) * (2 * size + 5), minlength=rows)
    variance = (steps * (steps - 1) * (2 * steps + 5) - ties) / 18
    z = np.zeros(rows)
    np.divide(score - np.sign(score), np.sqrt(variance), out=z, where=variance > 0)
    return z, two_sided_p(z)


def _space_time_scores(cube: Floats, grid: Grid, radius_cells: float, back: int) -> Floats:
    disk = Disk.of(radius_cells, grid.shape)
    inside = np.broadcast_to(grid.mask, cube.shape)
    near, rest, deviation = centred(cube, inside)
    sums = np.stack([disk.sums(one) for one in near])
    cells = disk.counts(grid.mask)
    scores = np.empty_like(cube)
    n = int(inside.sum())
    for t in range(len(cube)):
        first = max(0, t - back)
        neighbours = cells * (t - first + 1)
        excess = sums[first : t + 1].sum(axis=0) - neighbours * rest
        scores[t] = gi_scores(excess, neighbours, deviation, n, grid.mask)[0]
    return scores
