"""Incidents and presence on a map become counts and hours per unit and day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.forecast.coming import known_grid
from riskmiljo.forecast.effort import joint_rate
from riskmiljo.forecast.effort_level import by_presence
from riskmiljo.forecast.effort_table import effort_table, near_units
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.simulate import Truth, simulate_city
from riskmiljo.simulate.behaviour import KINDS, mix_of

PERIOD = ("2026-03-28", "2026-03-31")  # the middle day has 23 hours


def points(xy, **columns):
    shapes = shapely.points(np.asarray(xy, dtype=float).reshape(-1, 2))
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=3006)


def utc(*times):
    return pd.Series(pd.to_datetime(list(times), utc=True)).dt.as_unit("us")


@pytest.fixture
def zones():
    return gpd.GeoDataFrame(
        {"zone_id": ["a", "b"]},
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)],
        crs=3006,
    )


@pytest.fixture
def incidents():
    return points(
        [[50, 50], [50, 50], [250, 50], [250, 50], [900, 900]],
        occurred_from=utc(
            "2026-03-28 12:00", "2026-03-29 21:59", "2026-03-29 22:00", "2026-03-30 08:00",
            "2026-03-30 08:00",
        ),
        detection=["discovered", "reported", "reported", "unknown", "reported"],
    )  # fmt: skip


@pytest.fixture
def presence():
    # 22 to 02 local over the night when the clock is put forward at 02: two hours on each day.
    return points(
        [[50, 50], [250, 50]],
        begins=utc("2026-03-28 21:00", "2026-03-30 10:00"),
        ends=utc("2026-03-29 01:00", "2026-03-30 10:45"),
        minutes=[240.0, 45.0],
        crew_kind="police",
        source="imported",
    )


def test_counts_and_hours_fall_on_their_local_day(incidents, presence, zones):
    table = effort_table(incidents, presence, zones, period=PERIOD)
    assert table.discovered.index.tolist() == ["a", "b"]
    assert [str(day.date()) for day in table.discovered.columns] == [
        "2026-03-28", "2026-03-29", "2026-03-30",
    ]  # fmt: skip
    assert table.discovered.to_numpy().tolist() == [[1, 0, 0], [0, 0, 0]]
    # 21:59 UTC is 23:59 in summer time, 22:00 the next day.
    assert table.reported.to_numpy().tolist() == [[0, 1, 0], [0, 0, 1]]
    assert np.allclose(table.presence_h.to_numpy(), [[2, 2, 0], [0, 0, 0.75]])
    said = " ".join(note.sv for note in table.notes)
    assert "1 händelse, om vilken det är okänt" in said
    assert "1 händelse ligger utanför enheterna" in said


def test_the_table_feeds_the_joint_rate(incidents, presence, zones):
    table = effort_table(incidents, presence, zones, period=PERIOD, unknown="reported")
    assert table.reported.to_numpy().sum() == 3
    rates = joint_rate(table.discovered, table.reported, table.presence_h, days=table.days)
    assert rates.index.tolist() == ["a", "b"]


def test_columns_may_be_weeks(incidents, presence, zones):
    table = effort_table(
        incidents, presence, zones, period=("2026-03-23", "2026-04-06"), step_days=7
    )
    assert table.presence_h.to_numpy().tolist() == [[4, 0], [0, 0.75]]
    assert table.days == 7


def test_cells_of_a_grid_are_units(incidents, presence):
    grid = Grid.over(gpd.GeoSeries([shapely.box(0, 0, 300, 100)], crs=3006), 100)
    table = effort_table(incidents, presence, grid, period=PERIOD)
    assert table.reported.shape == (3, 3)
    assert table.presence_h.to_numpy().sum(axis=1).tolist() == [4, 0, 0.75]
    near = near_units(grid, radius_m=150).toarray()
    assert np.allclose(near, [[1, 1 / 3, 0], [1 / 3, 1, 1 / 3], [0, 1 / 3, 1]])


def test_units_outside_the_mask_are_left_out(incidents, presence):
    triangle = shapely.Polygon([(0, 0), (300, 0), (0, 300)])
    grid = Grid.over(gpd.GeoSeries([triangle], crs=3006), 100)
    table = effort_table(incidents, presence, grid, period=PERIOD)
    assert len(table.reported) == grid.mask.sum() < grid.mask.size
    assert near_units(grid).shape == (grid.mask.sum(),) * 2


def test_several_patrols_at_once_never_make_more_than_the_day(incidents, presence, zones):
    many = pd.concat([presence.iloc[[0]]] * 20, ignore_index=True)
    table = effort_table(incidents, many, zones, period=PERIOD)
    assert table.presence_h.to_numpy().max() == 24.0
    assert any("flera patruller" in note.sv for note in table.notes)


def test_without_presence_the_hours_are_zero(incidents, presence, zones):
    table = effort_table(incidents, presence.iloc[:0], zones, period=PERIOD)
    assert not table.presence_h.to_numpy().any()


def test_naive_times_are_local(presence, zones):
    incidents = points([[50, 50]], occurred_from=pd.to_datetime(["2026-03-29 23:59"]))
    table = effort_table(incidents, presence, zones, period=PERIOD, unknown="reported")
    assert table.reported.to_numpy().tolist() == [[0, 1, 0], [0, 0, 0]]


def test_presence_that_cannot_be_is_refused(incidents, presence, zones):
    long = presence.assign(ends=presence["begins"] + pd.Timedelta(hours=25))
    with pytest.raises(InvalidInputError, match="rad 0 är längre än ett dygn"):
        effort_table(incidents, long, zones, period=PERIOD)
    reversed_ = presence.assign(begins=presence["ends"], ends=presence["begins"])
    with pytest.raises(InvalidInputError, match="slutar innan"):
        effort_table(incidents, reversed_, zones, period=PERIOD)
    with pytest.raises(InvalidInputError, match="saknar minutes"):
        effort_table(incidents, presence.drop(columns="minutes"), zones, period=PERIOD)
    with pytest.raises(CRSError, match="olika koordinatsystem"):
        effort_table(incidents, presence.to_crs(3011), zones, period=PERIOD)
    lost = presence.copy()
    lost.geometry = [None, shapely.Point(250, 50)]
    with pytest.raises(InvalidInputError, match="saknar punkt"):
        effort_table(incidents, lost, zones, period=PERIOD)
    with pytest.raises(InvalidInputError, match="hela dagar"):
        effort_table(incidents, presence, zones, period=PERIOD, step_days=0)


def test_drug_offences_of_the_simulated_city_are_ranked_by_their_truth():
    city = simulate_city(seed=1, end=date(2026, 5, 4))
    drugs = city.incidents[city.incidents["category"] == "narcotics"]
    grid = known_grid(city.incidents, datetime(2026, 5, 4, tzinfo=UTC))
    table = effort_table(drugs, city.presence, grid, step_days=7)
    found = joint_rate(
        table.discovered, table.reported, table.presence_h, neighbours=near_units(grid), days=7
    )
    # One drug offence in a hundred is reported; how fast patrols see them is known within a half.
    assert 0.003 < found["reporting_rate"].iloc[0] < 0.02
    centres = grid.centres[grid.mask.ravel()]
    places = Truth.uppsala().places
    kind = KINDS.index("narcotics")
    truth = [place.per_year * mix_of(place.mix)[kind] for place in places]
    near = [np.hypot(*(centres - (place.x, place.y)).T) < place.radius_m + 60 for place in places]
    corrected = [found["rate"].to_numpy()[cells].sum() for cells in near]
    # 0.67; with the rate that patrols meet taken for the whole city's, 0.37.
    assert stats.spearmanr(corrected, truth).statistic > 0.6
    # Nothing is known of where nobody was; patrols seldom pass by where much happens.
    rate, hours = found["rate"].to_numpy(), table.presence_h.to_numpy().sum(axis=1)
    nothing = (found["discovered"] + found["reported"]).to_numpy() == 0
    assert np.median(rate[nothing & (hours == 0)]) < np.median(rate[nothing & (hours > 0)]) / 3
    # The map is not flat: the place with the most stands far above the ordinary cell.
    assert found["rate"].max() > 50 * found["rate"].median()
    # Of one visit in a hundred: with what was discovered in unknown hours counted, 0.44.
    few = by_presence(
        drugs, city.presence.sample(frac=0.01, random_state=1), grid,
        span=Period(drugs["occurred_from"].min(), datetime(2026, 5, 4, tzinfo=UTC)),
        days=7, tz="Europe/Stockholm",
    )  # fmt: skip
    assert not few.level_told
    sparse = [few.prediction.expected[cells].sum() for cells in near]
    assert stats.spearmanr(sparse, truth).statistic > 0.6
