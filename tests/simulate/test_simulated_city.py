"""What is true of the simulated city, held against counts made without its own code."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from scipy.spatial import cKDTree

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.incidents import validate_incidents
from riskmiljo.model.tables import PRESENCE_COLUMNS
from riskmiljo.simulate import Truth, simulate_city

TZ = "Europe/Stockholm"


def _local(incidents: pd.DataFrame, column: str = "occurred_from") -> pd.Series:
    return incidents[column].dt.tz_convert(TZ).dt.tz_localize(None)


def _exact(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return incidents[incidents["occurred_from"] == incidents["occurred_to"]]


def test_it_follows_the_contract_in_sweref(city):
    validate_incidents(city.incidents)
    assert city.incidents.crs.to_epsg() == 3006
    assert list(city.presence.columns) == list(PRESENCE_COLUMNS)
    assert city.presence.crs.to_epsg() == 3006


@pytest.mark.parametrize(("seed", "incidents", "years"), [(1, 12_000, 3), (5, 3_000, 1)])
def test_there_are_about_as_many_incidents_as_asked_for(seed, incidents, years):
    made = simulate_city(seed=seed, end=date(2026, 1, 1), years=years, incidents=incidents)
    # Near repeats come in clusters: the spread is somewhat wider than Poisson's.
    assert abs(len(made.incidents) - incidents) < 5 * np.sqrt(1.5 * incidents)


def test_the_same_seed_gives_the_same_city(city):
    again = simulate_city(seed=1, end=date(2026, 5, 4))
    assert_geodataframe_equal(city.incidents, again.incidents)
    assert_geodataframe_equal(city.presence, again.presence)
    pd.testing.assert_series_equal(city.planted, again.planted)


def test_another_seed_gives_another_city(city):
    other = simulate_city(seed=3, end=date(2026, 5, 4))
    assert len(other.incidents) != len(city.incidents)


def test_taking_a_place_away_leaves_the_addresses_of_the_others(city):
    truth = Truth.uppsala()
    fewer = dataclasses.replace(
        truth, places=tuple(p for p in truth.places if p.place_id != "talltorget")
    )
    other = simulate_city(seed=1, end=date(2026, 5, 4), truth=fewer)

    def addresses(made):
        own = made.incidents[(made.planted == "vaksala_torg").to_numpy()]
        xy = pd.Series([tuple(at) for at in coordinates(own).round(3)]).value_counts()
        return set(xy.index[xy > 2])

    assert addresses(city) & addresses(other)
    assert len(addresses(city) ^ addresses(other)) <= 4


def test_it_ends_on_the_day_asked_for_and_knows_nothing_later(city):
    local = _local(city.incidents)
    assert local.min() >= pd.Timestamp(2023, 5, 4)
    assert local.min() < pd.Timestamp(2023, 5, 8)
    registered = _local(city.incidents, "registered_at")
    assert registered.max() < pd.Timestamp(2026, 5, 4)
    assert registered.max() > pd.Timestamp(2026, 5, 3)


def test_a_leap_day_is_a_possible_end():
    made = simulate_city(end=date(2024, 2, 29), years=1, incidents=500)
    assert _local(made.incidents).min() >= pd.Timestamp(2023, 2, 28)


def test_no_local_time_lies_in_the_hour_that_spring_skips(big_city):
    for column in ("occurred_from", "occurred_to", "registered_at"):
        local = _local(big_city.incidents, column)
        for night in (date(2023, 3, 26), date(2024, 3, 31), date(2025, 3, 30)):
            on_it = local[local.dt.date == night]
            assert len(on_it) > 10
            assert not (on_it.dt.hour == 2).any()


def test_the_planted_sums_agree(city):
    counts = city.planted.value_counts()
    truth = city.truth.set_index("place_id")["incidents"]
    assert city.planted.index.equals(pd.Index(city.incidents["incident_id"]))
    assert counts.drop("").sort_index().equals(truth[truth > 0].sort_index().astype(counts.dtype))
    assert counts[""] + truth.sum() == len(city.incidents)


def test_planted_incidents_lie_within_their_place(city):
    xy = coordinates(city.incidents)
    truth = city.truth.set_index("place_id")
    for place_id, row in truth.iterrows():
        own = xy[(city.planted == place_id).to_numpy()]
        apart = np.hypot(own[:, 0] - row.geometry.x, own[:, 1] - row.geometry.y)
        assert np.mean(apart <= row["radius_m"] + 60) > 0.97
        assert np.median(apart) < row["radius_m"]


def test_the_background_is_nowhere_as_dense_as_the_places_that_must_be_found(city):
    xy = coordinates(city.incidents)
    free = (city.planted == "").to_numpy()
    background = cKDTree(xy[free])
    busiest = max(len(at) for at in background.query_ball_point(xy[free], 100.0))
    large = city.truth[city.truth["incidents"] >= 200]
    around = cKDTree(xy).query_ball_point(coordinates(large), 100.0)
    assert busiest * 2 < min(len(at) for at in around)
    assert 0.3 < free.mean() < 0.5


def test_the_background_follows_the_named_places(city):
    xy = coordinates(city.incidents)[(city.planted == "").to_numpy()]
    to_place, _ = cKDTree(coordinates(read_gazetteer())).query(xy)
    west, south, east, north = *xy.min(axis=0), *xy.max(axis=0)
    rng = np.random.default_rng(0)
    anywhere = np.column_stack([rng.uniform(west, east, 5_000), rng.uniform(south, north, 5_000)])
    by_chance, _ = cKDTree(coordinates(read_gazetteer())).query(anywhere)
    assert np.median(to_place) < 0.4 * np.median(by_chance)


def test_many_incidents_share_an_address(city):
    exact = city.incidents[city.incidents["precision_m"] == 10.0]
    at = pd.Series([tuple(point) for point in coordinates(exact).round(2)])
    shared = at.duplicated(keep=False)
    planted = city.planted.loc[exact["incident_id"]].to_numpy() != ""
    assert shared[planted].mean() > 0.85
    assert 0.65 < len(exact) / len(city.incidents) < 0.85


def test_a_part_has_an_interval_mostly_thefts_and_vandalism(city):
    length = city.incidents["occurred_to"] - city.incidents["occurred_from"]
    by_kind = (length > pd.Timedelta(0)).groupby(city.incidents["category"]).mean()
    assert by_kind["vandalism"] == pytest.approx(0.55, abs=0.05)
    assert by_kind["theft"] == pytest.approx(0.40, abs=0.05)
    assert by_kind["narcotics"] == 0.0
    assert length.max() <= pd.Timedelta(hours=73)
    assert (length[city.incidents["detection"] == "discovered"] == pd.Timedelta(0)).all()


@pytest.mark.parametrize(
    ("place_id", "days", "hours"),
    [
        ("city", (4, 5), (22, 3)),
        ("granbystaden", (0, 1, 2, 3, 4), (14, 19)),
        ("stenhagenskolan", (0, 1, 2, 3, 4), (11, 16)),
        ("gottsunda_centrum", (0, 1, 2, 3, 4, 5, 6), (17, 22)),
    ],
)
def test_a_place_is_busiest_in_its_own_hours(big_city, place_id, days, hours):
    own = _exact(big_city.incidents[(big_city.planted == place_id).to_numpy()])
    own = own[own["detection"] == "reported"]
    local = _local(own)
    first, last = hours
    length = (last - first) % 24
    # Hours past midnight belong to the evening before.
    since = (local.dt.hour - first) % 24
    evening = (local - pd.Timedelta(hours=first)).dt.day_of_week
    inside = ((since < length) & evening.isin(days)).mean()
    by_chance = length * len(days) / 168
    assert inside > 2.2 * by_chance


def test_the_busiest_hour_of_the_city_is_the_planted_one(big_city):
    own = _exact(big_city.incidents[(big_city.planted == "city").to_numpy()])
    own = own[own["detection"] == "reported"]
    local = _local(own)
    count = np.bincount(local.dt.day_of_week * 24 + local.dt.hour, minlength=168)
    assert int(count.argmax()) in {4 * 24 + 23, 5 * 24 + 23, 5 * 24, 6 * 24, 5 * 24 + 1, 6 * 24 + 1}


def test_valborg_is_the_largest_day_of_the_year_and_lies_in_the_parks(city):
    local = _local(city.incidents)
    valborg = local.dt.strftime("%m-%d") == "04-30"
    usual = len(city.incidents) / 1096
    assert valborg.sum() / 3 > 8 * usual
    festive = {"ekonomikumparken", "stadstradgarden", "carolinaparken"}
    there = city.planted[valborg.to_numpy()].isin(festive).mean()
    any_day = city.planted[~valborg.to_numpy()].isin(festive).mean()
    assert there > 0.7
    assert any_day < 0.06


@pytest.mark.parametrize(("day", "after_h"), [("01-01", 0), ("10-31", 20), ("06-13", 20)])
def test_the_other_festivities_stand_out(big_city, day, after_h):
    incidents = big_city.incidents[_local(big_city.incidents).dt.year == 2025]
    local = _local(incidents)
    begins = pd.Timestamp(f"2025-{day}") + pd.Timedelta(hours=after_h)

    def count(start):
        return ((local >= start) & (local < start + pd.Timedelta(hours=5))).sum()

    same_hours = [count(begins + pd.Timedelta(weeks=w)) for w in range(-6, 7) if w]
    usual = np.mean([value for value in same_hours if value])
    assert count(begins) > 2.0 * usual


def _friday_after_pay_day(year: int, month: int) -> date:
    day = date(year, month, 25)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    while day.weekday() != 4:
        day += timedelta(days=1)
    return day


def test_pay_day_weekends_bring_more_to_the_night_life(big_city):
    own = _exact(big_city.incidents[(big_city.planted == "city").to_numpy()])
    own = own[own["detection"] == "reported"]
    # Five hours back, so that a night belongs to one date; from 18:00 on.
    local = _local(own) - pd.Timedelta(hours=5)
    nights = local[local.dt.day_of_week.isin([4, 5]) & (local.dt.hour >= 13)]
    friday = (nights - pd.to_timedelta(nights.dt.day_of_week - 4, unit="D")).dt.date
    count = friday[~friday.map(lambda day: day.month in {6, 12})].value_counts()
    paid = {_friday_after_pay_day(y, m) for y in (2023, 2024, 2025) for m in range(1, 13)}
    after_pay = np.array([day in paid for day in count.index])
    # The planted factor is 1.7; near repeats, which fall on any day, thin it out.
    assert 1.45 < count[after_pay].mean() / count[~after_pay].mean() < 1.75


def test_three_owners_hold_the_data(city):
    share = city.incidents["owner"].value_counts(normalize=True)
    assert set(share.index[share > 0]) == {"police", "social", "municipality"}
    assert share["police"] == pytest.approx(0.63, abs=0.06)
    assert share["social"] == pytest.approx(0.13, abs=0.04)
    sources = city.incidents["source"].value_counts()
    assert set(sources.index[sources > 50]) == {
        "police", "outreach", "night_walkers", "municipality", "citizen",
    }  # fmt: skip


def test_what_a_crew_finds_is_written_down_sooner(city):
    delay = city.incidents["registered_at"] - city.incidents["occurred_to"]
    assert (delay >= pd.Timedelta(0)).all()
    median = delay.groupby(city.incidents["detection"], observed=True).median()
    assert median["discovered"] < pd.Timedelta(hours=1)
    assert pd.Timedelta(hours=3) < median["reported"] < pd.Timedelta(hours=14)


def test_age_is_a_band_and_care_concerns_the_young(city):
    young = city.incidents["age_band"] == "under_18"
    share = young.groupby(city.incidents["category"], observed=True).mean()
    assert share["welfare_concern"] > 0.7
    assert share["unsafety"] < 0.1


def test_every_id_says_that_it_is_simulated(city):
    assert city.incidents["incident_id"].str.fullmatch(r"SIM-[PSM]-\d{6}").all()


def test_the_truth_is_exported_with_what_it_planted(city, tmp_path):
    places, planted = city.write_truth(tmp_path / "facit_simulerad.geojson")
    read = gpd.read_file(places).to_crs(3006)
    assert list(read["name"]) == list(city.truth["name"])
    assert read.geometry.distance(city.truth.geometry).max() < 0.1
    table = pd.read_csv(planted, keep_default_na=False, index_col="incident_id")["place_id"]
    assert (table == city.planted).all()
    json.loads(places.read_text(encoding="utf-8"))


def test_another_city_stands_around_its_own_places():
    far = read_gazetteer()
    far = far.set_geometry(far.translate(-300_000, -200_000))
    made = simulate_city(
        seed=4, end=date(2026, 1, 1), years=1, incidents=2_000,
        truth=Truth.random(4, places=far), places=far,
    )  # fmt: skip
    west, south, east, north = made.incidents.total_bounds
    assert far.total_bounds[0] - 3_000 < west < east < far.total_bounds[2] + 3_000
    assert far.total_bounds[1] - 3_000 < south < north < far.total_bounds[3] + 3_000


@pytest.mark.parametrize("wrong", [{"incidents": 0}, {"years": 0}, {"seed": -1}])
def test_numbers_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(InvalidInputError, match=next(iter(wrong))):
        simulate_city(end=date(2026, 1, 1), **wrong)


def test_places_in_degrees_are_refused():
    with pytest.raises(CRSError):
        simulate_city(end=date(2026, 1, 1), places=read_gazetteer().to_crs(4326))


def test_a_period_that_ends_on_the_31st_begins_on_one():
    made = simulate_city(end=date(2026, 5, 31), years=1, incidents=3_000)
    assert pd.Timestamp(2025, 5, 31) <= _local(made.incidents).min() < pd.Timestamp(2025, 6, 3)


def test_a_city_can_have_places_only_or_background_only():
    schools = tuple(p for p in Truth.uppsala().places if p.mix == "school")
    planted = simulate_city(
        end=date(2026, 1, 1), years=1, incidents=400, truth=Truth(schools, (), 0.0)
    )
    assert (planted.planted != "").all()
    spread = simulate_city(end=date(2026, 1, 1), years=1, incidents=400, truth=Truth((), (), 100.0))
    assert (spread.planted == "").all()
    assert spread.truth.empty
    assert 300 < len(planted.incidents) < 500
    assert 300 < len(spread.incidents) < 500
