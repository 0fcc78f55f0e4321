from __future__ import annotations

import pandas as pd
import pytest

from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.settings import Settings, shipped

KINDS = {
    "square", "square_area", "station", "school", "park", "shopping", "district", "street", "stop",
    "landmark", "hospital", "library", "sports",
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(shipped("data", "gazetteer.csv"))


def test_the_gazetteer_has_enough_places_of_known_kinds(table):
    assert len(table) >= 100
    assert set(table["kind"]) == KINDS
    assert not table.isna().any().any()


def test_a_name_occurs_once_whatever_its_case(table):
    assert table["name"].str.casefold().is_unique
    assert (table["name"] == table["name"].str.strip()).all()


def test_every_place_lies_in_the_configured_area(table):
    west, south, east, north = Settings().area_bbox
    assert table["lon"].between(west, east).all()
    assert table["lat"].between(south, north).all()


def test_every_coordinate_says_whose_it_is(table):
    said = table["source"].str.contains("OpenStreetMap|UL timetable|Uppsala kommun|public web map")
    assert said.all()


def test_districts_reach_further_than_squares(table):
    reach = table.groupby("kind")["radius_m"]
    assert reach.min()["district"] >= 300
    assert reach.max()["district"] <= 900
    assert reach.max()["square"] < reach.min()["district"]


def test_city_and_resecentrum_have_their_names_and_stand_apart():
    places = read_gazetteer().set_index("name")
    city, station = places.loc["City"], places.loc["Resecentrum"]
    assert (city["kind"], station["kind"]) == ("square_area", "station")
    assert 400 < city.geometry.distance(station.geometry) < 650


def test_no_two_places_of_one_kind_stand_on_each_other():
    places = read_gazetteer()
    for _, same in places.groupby("kind"):
        xy = coordinates(same)
        apart = ((xy[:, None] - xy[None]) ** 2).sum(axis=2) ** 0.5
        apart[range(len(same)), range(len(same))] = 1e9
        assert apart.min() > 45
