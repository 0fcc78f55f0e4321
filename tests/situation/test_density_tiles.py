"""The density of a question as tiles: the situation's own surface, through the same lens."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.errors import InvalidInputError
from riskmiljo.maps.tiles import empty_tile, tile
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import build_situation
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.tiles import (
    density_tile,
    drawn_density,
    own_surface,
    seen_rows,
    with_period,
)
from riskmiljo.situation.tiles_kept import Kept
from riskmiljo.situation.withheld import told_groups
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
SETTINGS = Settings()
LENS = demo_lens(SETTINGS)
TZ = "Europe/Stockholm"
YEAR = Period.between("2025-04-30", "2026-04-29")
QUESTIONS = [
    Filter(),
    Filter(period=YEAR),
    Filter(period=YEAR, categories=("violence", "theft"), detections=("reported",)),
    Filter(period=YEAR, hours=(18, 2), weekdays=(5, 6)),
    # Over the night on which the clock is put forward.
    Filter(period=Period.between("2026-03-28", "2026-03-30"), hours=(1, 4)),
    Filter(period=YEAR, sources=("police",), bbox=(17.62, 59.84, 17.66, 59.87)),
    Filter(period=Period.between("2031-01-01", "2031-02-01")),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("rutor") / "stad.sqlite"
    city = simulate_city(seed=5, end=date(2026, 4, 29), years=1, incidents=3000)
    with open_store(f"sqlite:///{path}") as opened:
        opened.set_area(Area("Uppsala", SETTINGS.area_bbox, 3006, TZ))
        opened.add_incidents(
            city.incidents, file_name="a", sha256="0" * 64, source="police", receipt={}, now=NOW
        )
        yield opened


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_a_filter_of_the_arrays_leaves_the_incidents_that_the_store_finds(store, question):
    rows = seen_rows(store, LENS, tz=TZ)
    chosen = rows.chosen(question)
    found = seen_incidents(store, question, LENS)
    begins = found["occurred_from"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    assert sorted(rows.begins[chosen]) == sorted(begins)
    xy, weights = rows.at_places(chosen)
    assert weights.sum() == pytest.approx(found["weight"].sum())
    assert len(xy) == len({(point.x, point.y) for point in found.geometry})


@pytest.mark.parametrize("question", QUESTIONS[1:6], ids=str)
def test_the_same_minimum_counts_decide_as_for_every_other_figure(store, question):
    rows, found = seen_rows(store, LENS, tz=TZ), seen_incidents(store, question, LENS)
    told = told_groups(found, np.zeros(len(found)), LENS, tz=TZ).iloc[0]
    # A lens whose floor is just met, and lenses that miss it by one.
    for name in ("events", "places", "days"):
        for more in (0, 1):
            floors = {"min_incidents": 0, "min_sensitive": 0, "min_places": 0, "min_days": 0}
            count = int(told[name]) + more
            key = {"places": "min_places", "days": "min_days"}.get(name)
            floors |= {key: count} if key else {"min_incidents": count, "min_sensitive": count}
            lens = replace(LENS, **floors)
            assert rows.shown(rows.chosen(question), lens) is (more == 0), (name, more)


@pytest.mark.parametrize("question", QUESTIONS[:3], ids=str)
def test_the_tiles_surface_is_the_situations(store, question):
    picture = build_situation(store, SETTINGS, LENS, question, now=NOW).surface
    rows = seen_rows(store, LENS, tz=TZ)
    surface = own_surface(rows, LENS, with_period(store, LENS, question), picture.bandwidth_m)
    assert surface.grid.bounds == picture.grid.bounds
    assert (surface.weeks, surface.kernel) == (picture.weeks, picture.kernel)
    np.testing.assert_allclose(surface.values, picture.values, rtol=1e-9, atol=1e-12)


def test_too_few_and_none_at_all_give_the_same_empty_tile(store):
    few = Filter(period=Period.between("2026-04-01", "2026-04-02"), categories=("robbery",))
    none = Filter(period=Period.between("2031-01-01", "2031-02-01"))
    for question in (few, none):
        drawn = drawn_density(store, SETTINGS, LENS, question, now=NOW)
        assert density_tile(drawn, 11, 1124, 591) == empty_tile()


def test_an_import_and_another_lens_make_other_tiles(store):
    drawn = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW)
    again = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW)
    assert again is drawn
    police = replace(LENS, owners=frozenset({"police"}))
    other = drawn_density(store, SETTINGS, police, Filter(), now=NOW)
    assert other.key != drawn.key
    store.set_flag("touched", "1", now=NOW)
    assert drawn_density(store, SETTINGS, LENS, Filter(), now=NOW).key != drawn.key


@pytest.mark.parametrize("width_m", [0, 99.9, 2001, float("nan"), float("inf"), -175])
def test_a_smoothing_that_would_show_addresses_or_nothing_is_refused(store, width_m):
    with pytest.raises(InvalidInputError, match="100 till 2000"):
        drawn_density(store, SETTINGS, LENS, Filter(), now=NOW, bandwidth_m=width_m)


def test_a_tile_is_drawn_once(store):
    drawn = drawn_density(store, SETTINGS, LENS, Filter(), now=NOW)
    first = density_tile(drawn, 11, 1124, 591)
    assert density_tile(drawn, 11, 1124, 591) is first
    assert tile(drawn.source, 11, 1124, 591) == first


def test_what_is_kept_never_takes_more_than_it_may():
    kept = Kept(100, len)
    for n in range(20):
        kept.get(n, lambda n=n: bytes(10 + n))
        assert kept.nbytes <= 100
    assert kept.nbytes == sum(10 + n for n in range(20 - len(kept), 20))
    assert kept.get("large", lambda: bytes(101)) == bytes(101)
    assert kept.nbytes <= 100


def test_what_many_ask_for_at_once_is_made_once():
    kept, made, ready = Kept(100, len), [], threading.Barrier(8)

    def make():
        made.append(1)
        threading.Event().wait(0.05)
        return b"x"

    def ask():
        ready.wait()
        assert kept.get("key", make) == b"x"

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_failure_is_not_kept():
    kept = Kept(100, len)
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: bytes(1 // 0))
    assert kept.get("key", lambda: b"x") == b"x"
