"""Tiles, bars and comparison of the joint picture: from what was released, and nothing finer."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely

from riskmiljo.access.lens import lens_of
from riskmiljo.errors import NothingFoundError
from riskmiljo.maps.tiles import empty_tile, pyramid
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import build_situation
from riskmiljo.situation.joint_news import joint_news
from riskmiljo.situation.joint_source import SQUARE_M
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.operation_cards import zones_to_choose
from riskmiljo.situation.operation_entry import add_operation
from riskmiljo.situation.released import released_answer
from riskmiljo.situation.releases import make_release
from riskmiljo.situation.tiles import density_tile, drawn_density
from riskmiljo.situation.tiles_compare import differences
from riskmiljo.situation.tiles_time import timeline
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
SETTINGS = Settings()
LENS = lens_of(Role.PLANNER, SETTINGS)
TILE = (11, 1124, 596)


def filled(path, incidents=5000):
    city = simulate_city(seed=5, end=date(2026, 4, 30), years=1, incidents=incidents)
    store = open_store(f"sqlite:///{path}")
    store.set_area(Area("Uppsala", SETTINGS.area_bbox, 3006, "Europe/Stockholm"))
    store.add_incidents(
        city.incidents, file_name="a", sha256="0" * 64, source="police", receipt={}, now=NOW
    )
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = filled(tmp_path_factory.mktemp("gemensam") / "stad.sqlite")
    make_release(opened, SETTINGS, now=NOW)
    yield opened
    opened.close()


def test_the_tiles_are_drawn_from_the_released_surface(store):
    released = build_situation(store, SETTINGS, LENS, Filter(), now=NOW).surface
    drawn = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW, bandwidth_m=100)
    expected = pyramid(released)
    np.testing.assert_array_equal(drawn.source.levels[0], expected.levels[0])
    assert drawn.source.cell_m == expected.cell_m
    assert released.bandwidth_m >= 250


def test_an_import_changes_no_tile_before_the_next_release(store):
    drawn = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW)
    before = density_tile(drawn, *TILE)
    assert before != empty_tile()
    store.set_flag("touched", "1", now=NOW)
    again = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW)
    assert again.key == drawn.key
    assert density_tile(again, *TILE) == before


def test_bars_are_released_months_in_bands(store):
    shown = timeline(store, LENS, Filter())
    assert (shown.unit, shown.window) == ("month", 1)
    assert all(edge.day == 1 for edge in shown.edges)
    known = [(n, band) for n, band in zip(shown.counts, shown.bands, strict=True) if n is not None]
    assert known
    for low, band in known:
        assert low >= SETTINGS.min_incidents
        assert band.sv.endswith("+") or "–" in band.sv
    # A month's bar is the band of that month's released cells.
    first = shown.counts.index(known[0][0])
    month = Period.between(*shown.edges[first : first + 2])
    answer = released_answer(store, Filter(period=month))
    assert known[0][0] <= answer.cells["about"].sum()


def test_two_released_months_are_compared_in_bands_without_a_figure(store):
    shown = timeline(store, LENS, Filter())
    months = [Period.between(*pair) for pair in zip(shown.edges, shown.edges[1:], strict=False)]
    situation = build_situation(store, SETTINGS, LENS, Filter(period=months[-1]), now=NOW)
    rows = differences(store, situation, months[-2])
    assert len(rows) == 1 + len(situation.zones)
    assert rows[0].now_band is not None
    for row in rows:
        assert (row.change, row.before_per_week, row.now_per_week) == (None, None, None)
        assert (row.now is None) == (row.now_band is None)
    # A zone's own figure is the same wherever it stands: also where cells are larger than squares.
    year = build_situation(store, SETTINGS, LENS, Filter(), now=NOW)
    assert (released_answer(store, year.question).cells["side_m"] > SQUARE_M).any()
    compared = differences(store, year, months[-2])[1:]
    assert [row.now_band.sv for row in compared] == list(year.zones["band_sv"])
    news = joint_news(store, year)
    assert news is not None
    cells = released_answer(store, year.question).months
    cells = cells[cells["month"] == cells["month"].max()]
    x0, y0, side = (cells[name].to_numpy(dtype=float) for name in ("x0", "y0", "side_m"))
    boxes = shapely.box(x0, y0, x0 + side, y0 + side)
    for zone_id, shape in zip(year.zones["zone_id"], year.zones.geometry, strict=True):
        inside = shapely.area(shapely.intersection(boxes, shape)) / side**2
        assert news.by_zone[zone_id][-1] == sum_band((inside * cells["about"]).sum())[0]
    # What was not released as it was asked for is not answered by something else.
    odd = Period.between("2026-04-03", "2026-04-05")
    assert all(row.before is None for row in differences(store, situation, odd))


def test_without_a_release_there_is_nothing(tmp_path):
    with filled(tmp_path / "tom.sqlite", incidents=200) as store:
        drawn = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW)
        assert density_tile(drawn, *TILE) == empty_tile()
        with pytest.raises(NothingFoundError):
            timeline(store, LENS, Filter())


def test_planners_enter_operations_for_the_zones_of_what_was_released(store):
    zones = build_situation(store, SETTINGS, LENS, Filter(), now=NOW).zones
    chosen = zones_to_choose(store, SETTINGS, LENS, now=NOW)
    assert {zone_id for zone_id, _name in chosen} == set(zones["zone_id"])
    number = add_operation(
        store, SETTINGS, name="Vår", period=("2026-03-01", "2026-04-01"), zones=[chosen[0][0]],
        now=NOW, lens=LENS,
    )  # fmt: skip
    shape = store.operations.get(number).operation.places.geometry.iloc[0]
    outline = zones.set_index("zone_id").geometry[chosen[0][0]]
    assert shape.symmetric_difference(outline).area < 1
