from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.analysis.knox import KnoxResult
from riskmiljo.analysis.near_repeat import near_repeat_surface
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.grid import Grid

NOW = "2025-06-01 12:00"
AREA = shapely.box(640_000, 6_600_000, 641_000, 6_601_000)


def frame(rows):
    """Incidents at x, y (metres from the corner), so many days before now."""
    table = np.asarray(rows, dtype=float).reshape(-1, 3)
    now = pd.Timestamp(NOW, tz="Europe/Stockholm").tz_convert("UTC")
    times = pd.Series([now - pd.Timedelta(days=age) for age in table[:, 2]])
    return gpd.GeoDataFrame(
        {"occurred_from": times.astype("datetime64[us, UTC]")},
        geometry=shapely.points(table[:, 0] + 640_000, table[:, 1] + 6_600_000),
        crs=3006,
    )


def ratios(ratio, p=0.01):
    ratio = np.array(ratio)
    p = np.broadcast_to(p, ratio.shape)
    zero = np.zeros(ratio.shape)
    edges = np.array([100.0, 200.0]), np.array([7.0, 14.0])
    return KnoxResult(zero.astype(int), zero, ratio, p, zero, *edges, 100, 99)


def test_each_recent_incident_raises_the_cells_around_it_by_its_band():
    grid = Grid.over(AREA, 50)
    known = ratios([[3.0, 2.0], [1.5, 1.2]])
    rows = [(500, 500, 1), (620, 500, 10), (510, 480, 30)]  # the last is too old to count
    surface = near_repeat_surface(frame(rows), now=NOW, grid=grid, knox_result=known)
    wanted, counts = np.ones(grid.shape), np.zeros(grid.shape, dtype=int)
    for i in range(20):
        for j in range(20):
            for x, y, age in rows[:2]:
                far = np.hypot(25 + 50 * j - x, 25 + 50 * i - y)
                if far <= 200:
                    wanted[i, j] += known.ratio[int(far > 100), int(age > 7)] - 1
                    counts[i, j] += 1
    assert surface.values == pytest.approx(wanted)
    assert (surface.counts == counts).all()
    # Cells at the edge of a band but for rounding lie in it, on all four sides.
    for cell_m in (33.3, 70.1, 33.7):
        corner = np.array([640_000, 6_600_000]) - 6.5 * cell_m
        fine = Grid(*corner, cell_m, np.ones((13, 13), dtype=bool))
        edges = replace(known, space_m=np.array([3, 6]) * cell_m)
        near = near_repeat_surface(frame([(0, 0, 7)]), now=NOW, grid=fine, knox_result=edges)
        across = [1.5] * 3 + [3.0] * 7 + [1.5] * 3
        assert near.values[6].tolist() == near.values[:, 6].tolist() == across
    cells = surface.to_geodataframe()
    # The plain count stands beside the decayed risk.
    assert cells["incidents"].sum() == counts.sum()
    assert cells["times_usual"].max() == pytest.approx(wanted.max())


def test_a_band_counts_for_no_more_than_the_nearer_ones_and_only_if_sure():
    grid = Grid.over(AREA, 50)
    rows = [(500, 500, 1)]
    rising = ratios([[1.5, 3.0], [4.0, 0.5]])
    surface = near_repeat_surface(frame(rows), now=NOW, grid=grid, knox_result=rising)
    assert surface.raised.tolist() == [[0.5, 0.5], [0.5, 0.0]]
    unsure = ratios([[3.0, 3.0], [3.0, 3.0]], p=[[0.01, 0.5], [0.01, 0.01]])
    surface = near_repeat_surface(frame(rows), now=NOW, grid=grid, knox_result=unsure)
    assert surface.raised.tolist() == [[2.0, 0.0], [2.0, 0.0]]


def test_incidents_after_now_do_not_count():
    grid = Grid.over(AREA, 50)
    known = ratios([[3.0, 2.0], [1.5, 1.2]])
    rows = [(500, 500, -0.1), (100, 100, 300)]
    surface = near_repeat_surface(frame(rows), now=NOW, grid=grid, knox_result=known)
    assert (surface.values == 1).all()
    assert surface.counts.sum() == 0
    assert len(surface.to_geodataframe()) == 0
    with pytest.raises(NothingFoundError, match="rutnät"):
        near_repeat_surface(frame(rows), now=NOW, knox_result=known)


def test_from_a_record_with_near_repeats_the_ratios_come_by_themselves():
    rng = np.random.default_rng(0)
    first = np.column_stack([rng.uniform(0, 3000, (500, 2)), rng.uniform(10, 300, 500)])
    again = first[:150] + np.column_stack([rng.normal(0, 30, (150, 2)), -rng.uniform(0, 5, 150)])
    incidents = frame(np.vstack([first, again, [(1500, 1500, 1)]]))
    surface = near_repeat_surface(incidents, now=NOW, permutations=19)
    assert surface.raised[0, 0] > 1
    assert surface.raised[-1, -1] < 0.3
    centre = surface.grid.index([[641_500, 6_601_500]])[0]
    assert surface.values.ravel()[centre] > 2
    assert surface.grid.crs == incidents.crs


def test_what_cannot_be_used_is_told():
    incidents = frame([(500, 500, 1)])
    known = ratios([[3.0, 2.0], [1.5, 1.2]])
    with pytest.raises(NothingFoundError):
        near_repeat_surface(incidents.iloc[:0], now=NOW, knox_result=known)
    with pytest.raises(InvalidInputError, match="most_p"):
        near_repeat_surface(incidents, now=NOW, knox_result=known, most_p=0)
    other = Grid.over(gpd.GeoSeries([AREA], crs=3011), 50)
    with pytest.raises(CRSError):
        near_repeat_surface(incidents, now=NOW, knox_result=known, grid=other)
