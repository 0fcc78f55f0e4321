from __future__ import annotations

from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import kendalltau, norm

from riskmiljo.analysis.emerging import (
    PATTERNS,
    hotspot_classify,
    mann_kendall,
    patterns,
    slice_edges,
)
from riskmiljo.analysis.false_discovery import adjusted_p
from riskmiljo.analysis.local_statistics import gi_star, two_sided_p
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period

CORNER = np.array([645_000.0, 6_636_000.0])
TWENTY = ("2025-01-06", "2025-05-26")  # twenty weeks

H, C, O = 1, -1, 0  # noqa: E741 - hot, cold, neither
SERIES = {
    "new": ([O] * 9 + [H], 0),
    "consecutive": ([O] * 7 + [H] * 3, 0),
    "intensifying": ([O] + [H] * 9, 1),
    "persistent": ([H] * 10, 0),
    "diminishing": ([H] * 10, -1),
    "sporadic": ([H, O, O, H, O, H, O, O, O, H], 0),
    "oscillating": ([C, C, O, O, H, O, O, O, H, H], 0),
    "historical": ([H] * 9 + [O], -1),
}


@pytest.mark.parametrize("pattern", list(SERIES))
def test_each_pattern_is_what_its_definition_says(pattern):
    states, trend = SERIES[pattern]
    kind, found = patterns([states], [trend])
    assert (kind.item(), found.item()) == ("hot", pattern)
    kind, found = patterns([[-s for s in states]], [-trend])
    assert (kind.item(), found.item()) == ("cold", pattern)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([O] * 10, ("none", "none")),
        # Hot most of the time, but neither now nor nine times in ten.
        ([H] * 8 + [O] * 2, ("none", "none")),
        # A run at the end, but hot once before it.
        ([H, O, O, O, O, O, O, O, H, H], ("hot", "sporadic")),
        # Nine in ten in one run up to the end is not "consecutive" any more.
        ([O] + [H] * 9, ("hot", "persistent")),
        # Hot for the first time, after having been cold.
        ([C, C, O, O, O, O, O, O, O, H], ("hot", "new")),
        ([H, H, O, O, O, O, O, O, C, C], ("cold", "consecutive")),
        ([H, C, H, C, H, C, H, C, H, C], ("cold", "oscillating")),
    ],
)
def test_borderline_series_get_the_word_of_the_definition(states, expected):
    kind, found = patterns([states], [0])
    assert (kind.item(), found.item()) == expected


def test_every_pattern_has_its_words():
    assert set(SERIES) | {"none"} == set(PATTERNS)


def test_the_trend_test_agrees_with_kendall_s_tau():
    rng = np.random.default_rng(0)
    series = rng.integers(0, 5, (200, 14)) + np.linspace(0, 2, 14) * rng.integers(-1, 2, (200, 1))
    z, p = mann_kendall(series)
    for row in range(0, 200, 7):
        values = series[row]
        score = np.sign(values[None] - values[:, None])[np.triu_indices(14, 1)].sum()
        tau = kendalltau(np.arange(14), values, method="asymptotic")
        # scipy's p is without the correction for continuity.
        if score == 0:
            assert z[row] == 0
            continue
        deviation = abs(score) / norm.isf(tau.pvalue / 2)
        assert z[row] == pytest.approx((score - np.sign(score)) / deviation, rel=1e-6)
    np.testing.assert_allclose(p, two_sided_p(z))
    assert mann_kendall(np.ones((1, 6)))[1].item() == 1
    assert mann_kendall([np.arange(10.0)])[0].item() > 3


def weekly_city(weekly, *, even=150, weeks=20, seed=0):
    """An even city, and at its middle ``weekly(w)`` more incidents in week w."""
    rng = np.random.default_rng(seed)
    xy, week = [], []
    for w in range(weeks):
        extra = int(weekly(w))
        xy += [rng.uniform(0, 4000, (even, 2)), rng.normal(2100, 60, (extra, 2))]
        week += [w] * (even + extra)
    hours = np.array(week) * 168 + rng.uniform(0, 167, len(week))
    times = pd.Timestamp("2025-01-05T23:30:00Z") + pd.to_timedelta(hours, unit="h")
    points = np.concatenate(xy) + CORNER
    frame = points_frame({"occurred_from": times.as_unit("us")}, points[:, 0], points[:, 1], 3006)
    return frame.sample(frac=1, random_state=1)


def at_the_middle(found):
    return found[found.intersects(shapely.Point(*(CORNER + 2100)))].iloc[0]


@pytest.mark.parametrize(
    ("weekly", "expected"),
    [
        (lambda w: 40 * (w == 19), "new"),
        (lambda w: 40 * (w >= 15), "consecutive"),
        (lambda w: 30 + 5 * w, "intensifying"),
        (lambda w: 130 - 5 * w, "diminishing"),
        (lambda w: 60 * (w not in {3, 7, 8, 12}), "sporadic"),
        (lambda w: 60 * (w < 19), "historical"),
        (lambda _: 0, "none"),
    ],
)
def test_a_place_with_a_known_history_gets_its_pattern(weekly, expected):
    found = hotspot_classify(
        weekly_city(weekly), period=TWENTY, slice_days=7, cell_m=400, radius_m=0, slices_back=0
    )
    middle = at_the_middle(found)
    assert middle["pattern"] == expected
    assert found.attrs["slices"] == 20
    elsewhere = found[found["cell"] != middle["cell"]]
    assert (elsewhere["pattern"] == "none").mean() > 0.9


def test_an_even_hot_spot_is_persistent():
    # The scores of a steady place are noise, with a trend one time in twenty.
    words = [
        at_the_middle(
            hotspot_classify(
                weekly_city(lambda _: 60, seed=seed), period=TWENTY, slice_days=7, cell_m=400
            )
        )["pattern"]
        for seed in range(3)
    ]
    assert words.count("persistent") >= 2


def test_the_scores_are_gi_star_over_all_slices_and_their_neighbours_in_time():
    frame = weekly_city(lambda w: 3 * w)
    grid = Grid(*CORNER, 500, np.ones((9, 9), dtype=bool), frame.crs)
    # A third of them on borders and corners of cells, which a peer counts twice.
    xy = coordinates(frame)
    xy[::3] = CORNER + np.round((xy[::3] - CORNER) / 500) * 500
    frame = frame.set_geometry(gpd.points_from_xy(*xy.T, crs=3006))
    found = hotspot_classify(
        frame, period=TWENTY, slice_days=7, grid=grid, radius_m=500, slices_back=2
    )
    local = frame["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.tz_localize(None)
    week = ((local - pd.Timestamp("2025-01-06")).dt.days // 7).to_numpy()
    cube = np.stack([grid.counts(xy[week == w]) for w in range(20)])
    row, column = 4, 4
    cross = [(4, 4), (3, 4), (5, 4), (4, 3), (4, 5)]
    total = sum(cube[17:20, r, c].sum() for r, c in cross)
    n = cube.size
    expected = (total - 15 * cube.mean()) / (cube.std() * np.sqrt(15 * (n - 15) / (n - 1)))
    assert found["last_z"][row * 9 + column] == pytest.approx(expected, rel=1e-9)
    assert (found["count"].to_numpy() == cube.sum(axis=0).ravel()).all()
    # With one slice the cube is a plain grid: the same Gi*.
    alone = gi_star(cube.sum(axis=0), radius_cells=1)[0]
    assert np.corrcoef(alone.ravel(), found["last_z"])[0, 1] > 0.5


def test_false_alarms_over_all_cells_and_slices_are_held_down():
    found = hotspot_classify(weekly_city(lambda _: 0), period=TWENTY, slice_days=7, cell_m=400)
    assert (found["hot_slices"] + found["cold_slices"]).sum() <= 0.01 * 20 * len(found)
    assert adjusted_p([0.01] * 3).max() < 0.05


def test_slices_are_local_days_counted_from_the_end_also_over_a_night_of_23_hours():
    edges = slice_edges(Period.between("2025-03-01", "2025-04-01"), 7)
    local = [edge.astimezone(ZoneInfo("Europe/Stockholm")) for edge in edges]
    assert [f"{edge:%m-%d %H:%M}" for edge in local] == [
        "03-04 00:00", "03-11 00:00", "03-18 00:00", "03-25 00:00", "04-01 00:00",
    ]  # fmt: skip
    assert edges[-1] - edges[-2] == pd.Timedelta(days=7) - pd.Timedelta(hours=1)


def test_an_incident_at_midnight_belongs_to_the_slice_that_begins_then():
    days = pd.to_datetime([f"2025-01-{d:02d}" for d in range(6, 16)]).tz_localize(
        "Europe/Stockholm"
    )
    frame = points_frame(
        {"occurred_from": days.tz_convert("UTC").as_unit("us")},
        np.full(10, CORNER[0]),
        np.full(10, CORNER[1]),
        3006,
    )
    period = ("2025-01-06", "2025-01-16")
    found = hotspot_classify(frame, period=period, slice_days=1, cell_m=100)
    assert found["count"].tolist() == [10]
    # The one before the first slice is not counted: ten days are three slices of three.
    with pytest.raises(InvalidInputError, match="rymmer 3 skeden"):
        hotspot_classify(frame, period=period, slice_days=3)
    found = hotspot_classify(frame, period=("2025-01-07", "2025-01-16"), slice_days=2)
    assert found["count"].tolist() == [8]


def test_nothing_and_mistakes_are_told():
    frame = weekly_city(lambda _: 0, weeks=6)
    with pytest.raises(NothingFoundError):
        hotspot_classify(frame, period=("2019-01-01", "2020-01-01"))
    with pytest.raises(NothingFoundError):
        hotspot_classify(frame.iloc[:0])
    for days in (0, -7, 1.5):
        with pytest.raises(InvalidInputError, match="slice_days ska vara ett heltal från 1"):
            hotspot_classify(frame, slice_days=days)
    with pytest.raises(InvalidInputError, match="slices_back ska vara ett heltal från 0"):
        hotspot_classify(frame, slice_days=7, slices_back=-1)
    with pytest.raises(InvalidInputError, match="Radien"):
        hotspot_classify(frame, slice_days=7, radius_m=-1)
    with pytest.raises(InvalidInputError, match="för många"):
        hotspot_classify(frame, slice_days=1, cell_m=2)
