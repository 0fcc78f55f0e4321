"""Presence and the street network come out as they went in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmiljo.errors import CRSError, InvalidInputError, StoreError
from riskmiljo.model.incidents import UTC_DTYPE
from riskmiljo.model.period import Period
from riskmiljo.store import open_store


def presence(n=50, seed=1):
    rng = np.random.default_rng(seed)
    begins = np.datetime64("2025-03-01", "us") + np.sort(rng.integers(0, 60 * 86_400, n)) * 10**6
    minutes = rng.integers(1, 240, n)
    frame = {
        "begins": pd.Series(begins).dt.tz_localize("UTC"),
        "ends": pd.Series(begins + minutes * np.timedelta64(60_000_000, "us")).dt.tz_localize(
            "UTC"
        ),
        "minutes": minutes.astype(float),
        "crew_kind": pd.Series(rng.choice(["police", "outreach"], n), dtype="str"),
        "source": pd.Series(rng.choice(["checked_in", "planned"], n), dtype="str"),
    }
    points = shapely.points(rng.normal(648_000, 900, n), rng.normal(6_638_000, 900, n))
    return gpd.GeoDataFrame(frame, geometry=points, crs=3006)


def streets(n=40):
    rng = np.random.default_rng(2)
    lines = [shapely.LineString(rng.normal(648_000, 500, (3, 2))) for _ in range(n)]
    kinds = pd.Series(rng.choice(["footway", "residential"], n), dtype="str")
    names = pd.Series(rng.choice(["Kungsgatan", "Östra Ågatan", ""], n), dtype="str")
    return gpd.GeoDataFrame({"name": names, "kind": kinds}, geometry=lines, crs=3006)


def test_presence_comes_out_as_it_went_in(store, now):
    given = presence()
    assert store.add_presence(given, now=now) == 50
    assert_geodataframe_equal(store.presence(), given)


def test_presence_adds_up_and_comes_out_earliest_first(store, now):
    store.add_presence(presence(20), now=now)
    store.add_presence(presence(20, seed=2), now=now)
    found = store.presence()
    assert len(found) == 40
    assert found["begins"].is_monotonic_increasing


def test_presence_that_overlaps_a_period_belongs_to_it(store, now):
    given = presence(200)
    store.add_presence(given, now=now)
    night = Period.between("2025-03-29 22:00", "2025-03-30 06:00")  # the clock is put forward
    overlaps = (given["begins"] < night.end) & (given["ends"] > night.start)
    assert overlaps.any()
    assert_geodataframe_equal(
        store.presence(night), given[overlaps].reset_index(drop=True), check_like=True
    )


def test_no_presence_is_an_empty_frame_with_its_types(store, now):
    assert store.add_presence(presence().iloc[:0], now=now) == 0
    found = store.presence()
    assert len(found) == 0
    assert str(found["begins"].dtype) == UTC_DTYPE
    assert found.crs.to_epsg() == 3006


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("begins", pd.NaT, "begins"),
        ("crew_kind", None, "crew_kind"),
        ("minutes", -1.0, "minuter"),
        ("minutes", np.inf, "minuter"),
        ("ends", pd.Timestamp("2001-01-01", tz="UTC"), "slutar"),
        ("geometry", shapely.box(0, 0, 1, 1), "punkt"),
        ("geometry", shapely.Point(np.inf, 1.0), "punkt"),
    ],
)
def test_presence_that_cannot_be_is_refused(store, now, column, value, named):
    wrong = presence(5)
    wrong.loc[3, column] = value
    with pytest.raises(InvalidInputError, match=named):
        store.add_presence(wrong, now=now)
    assert len(store.presence()) == 0


def test_presence_without_a_time_zone_or_in_degrees_is_refused(store, now):
    with pytest.raises(InvalidInputError, match="begins"):
        store.add_presence(
            presence(3).assign(begins=lambda frame: frame["begins"].dt.tz_localize(None)), now=now
        )
    with pytest.raises(CRSError):
        store.add_presence(presence(3).to_crs(4326), now=now)
    with pytest.raises(InvalidInputError, match="crew_kind"):
        store.add_presence(presence(3).drop(columns="crew_kind"), now=now)


def test_streets_come_out_as_they_went_in(store, now):
    assert store.streets() is None
    given = streets()
    store.save_streets(given, source="© OpenStreetMap contributors", now=now)
    found = store.streets()
    assert_geodataframe_equal(found[list(given.columns)], given)
    assert set(found["modes"]) == set(found["oneway"]) == {""}
    assert found.attrs == {"source": "© OpenStreetMap contributors"}


def test_who_may_use_a_street_and_in_which_direction_is_kept(store, now):
    given = streets(2).assign(modes=["walk", "walk drive"], oneway=["", "-1"])
    store.save_streets(given, source="a", now=now)
    found = store.streets()
    assert list(found["modes"]) == ["walk", "walk drive"]
    assert list(found["oneway"]) == ["", "-1"]


def test_a_new_street_network_takes_the_place_of_the_old(store, now):
    store.save_streets(streets(), source="a", now=now)
    store.save_streets(streets(7), source="b", now=now)
    found = store.streets()
    assert (len(found), found.attrs["source"]) == (7, "b")


def test_streets_without_names_have_empty_ones(store, now):
    given = streets(3)
    given["name"] = [None, "Kungsgatan", np.nan]
    store.save_streets(given, source="a", now=now)
    assert list(store.streets()["name"]) == ["", "Kungsgatan", ""]


def test_streets_must_be_lines_in_the_stores_metres(store, now):
    wrong = streets(3)
    wrong.loc[1, "geometry"] = shapely.Point(1, 2)
    with pytest.raises(InvalidInputError, match="linje"):
        store.save_streets(wrong, source="a", now=now)
    with pytest.raises(InvalidInputError, match="kind"):
        store.save_streets(streets(3).drop(columns="kind"), source="a", now=now)
    with pytest.raises(CRSError):
        store.save_streets(streets(3).to_crs(4326), source="a", now=now)
    assert store.streets() is None


def test_without_an_area_there_is_no_place_for_anything(url, now):
    with open_store(url) as empty:
        assert empty.streets() is None
        for act in (
            lambda: empty.add_presence(presence(3), now=now),
            lambda: empty.save_streets(streets(3), source="a", now=now),
            empty.presence,
        ):
            with pytest.raises(StoreError, match="område"):
                act()
