"""A file goes in as a whole, goes in once, and can be taken out as a whole."""

from __future__ import annotations

import re
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmiljo.errors import (
    CRSError,
    InvalidInputError,
    NothingFoundError,
    RowsRefusedError,
    StoreError,
)
from riskmiljo.store import Area, BatchResult, open_store


def moved(incidents, metres):
    points = shapely.get_coordinates(incidents.geometry) + np.array([metres, 0.0])
    return incidents.set_geometry(gpd.points_from_xy(*points.T), crs=incidents.crs)


def stacked(*frames):
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)


def test_importing_the_same_file_twice_adds_nothing(store, make, add):
    incidents = make(50)
    first = add(store, incidents)
    version = store.version()
    assert first == BatchResult(1, added=50, known=0, conflicts=0)
    assert add(store, incidents) == BatchResult(1, added=0, known=50, conflicts=0)
    assert (store.count(), len(store.batches()), store.version()) == (50, 1, version)
    assert store.batch_of_file("a.csv") == 1
    assert store.batch_of_file("b.csv") is None


def test_a_later_file_adds_only_what_is_new(store, make, add):
    old, new = make(50), make(20, seed=2, first=100)
    add(store, old)
    assert add(store, stacked(old, new), "b.csv") == BatchResult(2, added=20, known=50)
    assert_geodataframe_equal(store.incidents(), stacked(old, new))


def test_the_same_id_from_another_source_is_another_incident(store, make, add):
    incidents = make(10, source="police")
    add(store, incidents)
    assert add(store, make(10, source="citizen"), "b.csv").added == 10


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("category", "other"),
        ("owner", "social"),
        ("detection", "unknown"),
        ("age_band", "unknown"),
        ("weight", 3.5),
        ("precision_m", 999.0),
        ("restricted_to", "admin"),
        ("restricted_to", pd.NA),
        ("occurred_to", pd.Timestamp("2026-03-29 01:30", tz="UTC")),
        ("registered_at", pd.Timestamp("2026-03-29 01:30", tz="UTC")),
    ],
)
def test_known_ids_with_other_content_refuse_the_whole_file(store, make, add, column, value):
    old = make(40, category="theft", owner="police", detection="reported", age_band="18_20")
    old["restricted_to"] = pd.Series(["police"] * 40, dtype="string")
    add(store, old)
    version = store.version()
    changed = stacked(old, make(5, seed=2, first=100))
    changed.loc[[7, 9], column] = value
    with pytest.raises(RowsRefusedError) as caught:
        add(store, changed, "b.csv")
    assert caught.value.code == "KONFLIKT"
    assert "2 incidents" in caught.value.message.en
    assert "K-7" in caught.value.message.sv
    assert column in caught.value.message.sv
    assert (store.count(), store.version()) == (40, version)
    assert_geodataframe_equal(store.incidents(), old)


def test_a_missing_role_list_equals_a_missing_role_list(store, make, add):
    incidents = make(30)
    assert incidents["restricted_to"].isna().any()
    add(store, incidents)
    assert add(store, incidents, "b.csv").known == 30


def test_a_millimetre_is_the_same_place_and_a_decimetre_is_not(store, make, add):
    incidents = make(30)
    add(store, incidents)
    assert add(store, moved(incidents, 0.0009), "b.csv").known == 30
    with pytest.raises(RowsRefusedError, match=r"30 händelser .*geometry"):
        add(store, moved(incidents, 0.1), "c.csv")


def test_undoing_an_import_takes_out_all_that_it_brought(store, make, add, now):
    first, second = make(30), make(20, seed=2, first=100)
    add(store, first)
    add(store, second, "b.csv")
    assert store.undo_batch(1, now=now) == 30
    assert_geodataframe_equal(store.incidents(), second)
    assert store.batch_of_file("a.csv") is None
    assert list(store.batches()["undone_at"].isna()) == [False, True]


def test_an_undone_file_can_be_imported_again(store, make, add, now):
    incidents = make(30)
    add(store, incidents)
    store.undo_batch(1, now=now)
    assert add(store, incidents) == BatchResult(2, added=30, known=0)
    assert_geodataframe_equal(store.incidents(), incidents)


def test_an_incident_stays_as_long_as_one_file_that_delivered_it_is_in(store, make, add, now):
    old, new = make(30), make(20, seed=2, first=100)
    add(store, old, "a.csv")
    add(store, stacked(old.iloc[:20], new), "b.csv")
    add(store, old.iloc[10:25], "c.csv")
    ids = lambda: set(store.incidents()["incident_id"])  # noqa: E731 - asked four times
    assert store.undo_batch(1, now=now) == 5
    assert ids() == {*old["incident_id"][:25], *new["incident_id"]}
    assert store.undo_batch(2, now=now) == 30
    assert ids() == set(old["incident_id"][10:25])
    assert store.undo_batch(3, now=now) == 15
    assert ids() == set()


def test_undoing_the_later_of_two_files_leaves_the_earlier_whole(store, make, add, now):
    old, new = make(30), make(20, seed=2, first=100)
    add(store, old)
    add(store, stacked(old, new), "b.csv")
    assert store.undo_batch(2, now=now) == 20
    assert_geodataframe_equal(store.incidents(), old)
    assert store.undo_batch(1, now=now) == 30


@pytest.mark.parametrize("number", [0, 2, -1])
def test_an_import_that_is_not_there_cannot_be_undone(store, make, add, now, number):
    add(store, make(3))
    with pytest.raises(NothingFoundError, match=str(number)):
        store.undo_batch(number, now=now)


def test_an_import_cannot_be_undone_twice(store, make, add, now):
    add(store, make(3))
    store.undo_batch(1, now=now)
    with pytest.raises(NothingFoundError):
        store.undo_batch(1, now=now)


def test_batches_tell_what_each_file_brought(store, make, add, now):
    add(store, make(3), receipt={"mapping": {"tid": "occurred_from"}, "warnings": []})
    row = store.batches().iloc[0]
    assert (row.file_name, row.source, row.added, row.known) == ("a.csv", "police", 3, 0)
    assert row.receipt == {"mapping": {"tid": "occurred_from"}, "warnings": []}
    assert row.imported_at == now
    assert str(store.batches()["undone_at"].dtype) == "datetime64[us, UTC]"


def test_a_file_without_incidents_is_remembered(store, make, add):
    assert add(store, make(3).iloc[:0]).added == 0
    assert store.batch_of_file("a.csv") == 1


def test_incidents_in_other_metres_are_refused(store, make, add):
    with pytest.raises(CRSError, match="EPSG:3006"):
        add(store, make(3).to_crs(32633))
    with pytest.raises(CRSError):
        add(store, make(3).to_crs(4326))


def test_a_frame_that_breaks_the_contract_is_refused(store, make, add):
    with pytest.raises(InvalidInputError):
        add(store, make(3).drop(columns="owner"))
    far = make(3)
    points = shapely.get_coordinates(far.geometry)
    points[1, 0] = np.inf
    with pytest.raises(InvalidInputError, match="K-1"):
        add(store, far.set_geometry(gpd.points_from_xy(*points.T), crs=3006))
    with pytest.raises(InvalidInputError, match="grannen"):
        add(store, make(3), source="grannen")
    with pytest.raises(InvalidInputError, match="tidszon"):
        add(store, make(3), now=datetime(2026, 5, 1))  # noqa: DTZ001 - that is the point
    assert (store.count(), len(store.batches())) == (0, 0)


def test_the_area_must_come_first(url, make, add):
    with open_store(url) as empty, pytest.raises(StoreError) as caught:
        add(empty, make(3))
    assert caught.value.code == "OMRADE_SAKNAS"


def test_the_metres_of_an_area_are_fixed_by_the_first_import(store, make, add):
    other = Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3011, "Europe/Stockholm")
    wider = Area("Uppsala län", (16.7, 59.4, 18.9, 60.7), 3006, "Europe/Stockholm")
    store.set_area(other)
    store.set_area(wider)
    add(store, make(3))
    with pytest.raises(StoreError, match="EPSG:3011") as caught:
        store.set_area(other)
    assert caught.value.code == "CRS_FAST"
    assert store.area() == wider
    renamed = Area("Länet", wider.bbox, 3006, wider.tz)
    store.set_area(renamed)
    assert store.area() == renamed


@pytest.mark.parametrize(
    "wrong",
    [
        {"epsg": 4326},
        {"epsg": 3857},
        {"epsg": 1},
        {"bbox": (18.0, 59.0, 17.0, 60.0)},
        {"bbox": (17.0, 59.0, 18.0, 95.0)},
        {"tz": "Europe/Upsala"},
        {"tz": "../etc/passwd"},
    ],
)
def test_an_area_that_cannot_be_is_refused(wrong):
    right = {"name": "x", "bbox": (17.0, 59.0, 18.0, 60.0), "epsg": 3006, "tz": "UTC"}
    assert Area(**right).epsg == 3006
    with pytest.raises(InvalidInputError):
        Area(**{**right, **wrong})


def test_flags_are_kept_and_can_be_changed(store, url):
    assert store.flag("simulated") is None
    store.set_flag("simulated", "1")
    store.set_flag("simulated", "0")
    with open_store(url) as again:
        assert again.flag("simulated") == "0"
    with pytest.raises(InvalidInputError, match=re.escape("'Anna 070-1'")):
        store.set_flag("Anna 070-1", "1")
