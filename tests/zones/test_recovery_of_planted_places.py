"""Zones of simulated cities against the truth that planted them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.simulate import Truth, simulate_city
from riskmiljo.zones import assign_zones, find_zones

END = date(2026, 4, 30)
LEAST = 60


def compare(city, zones):
    """Planted places of at least 60 incidents found, their number; zones that are true, theirs."""
    planted = city.planted.reindex(city.incidents["incident_id"]).to_numpy()
    zone = assign_zones(city.incidents, zones).to_numpy()
    big = city.truth[city.truth["incidents"] >= LEAST]
    holds = {
        place.place_id: set(zones["zone_id"][zones.contains(place.geometry)])
        for place in big.itertuples()
    }
    for place_id, inside in holds.items():
        if not inside:
            most = pd.Series(zone[planted == place_id]).value_counts(normalize=True)
            inside.update(most.index[:1][most.iloc[:1] >= 0.5])
    alone = [
        len(inside) == 1 and not any(inside & other for key, other in holds.items() if key != own)
        for own, inside in holds.items()
    ]
    centroids = zones.set_index("zone_id").centroid
    true = [
        (planted[zone == zone_id] != "").mean() > 0.5
        or (city.truth.distance(centroid) <= city.truth["radius_m"]).any()
        for zone_id, centroid in centroids.items()
    ]
    return sum(alone), len(alone), sum(true), len(true)


@pytest.mark.parametrize("seed", range(1, 11))
def test_planted_places_of_uppsala_are_found_and_named(seed):
    city = simulate_city(seed=seed, end=END)
    zones = find_zones(city.incidents, places=read_gazetteer())
    found, big, true, all_zones = compare(city, zones)
    assert found >= 0.9 * big
    assert true >= 0.9 * all_zones
    assert {"City", "Resecentrum"} <= set(zones["name"])
    assert zones["name"].is_unique
    for name in ("City", "Resecentrum"):
        centre = city.truth.set_index("name").geometry[name]
        assert zones.set_index("name").geometry[name].contains(centre)


@pytest.mark.parametrize("seed", range(1, 7))
def test_planted_places_of_unknown_cities_are_found(seed):
    at_places = read_gazetteer() if seed % 2 else None
    city = simulate_city(seed=seed, end=END, truth=Truth.random(seed, places=at_places))
    found, big, true, all_zones = compare(city, find_zones(city.incidents))
    assert found >= 0.9 * big
    assert true >= 0.9 * all_zones


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("background", "incidents", "wider"),
    [(2.0, 12_000, 1.0), (0.3, 12_000, 1.0), (1.0, 4_000, 1.0), (1.0, 12_000, 1.3)],
)
def test_denser_thinner_and_wider_cities_are_read_as_well(seed, background, incidents, wider):
    truth = Truth.uppsala()
    truth = replace(
        truth,
        background_per_year=truth.background_per_year * background,
        places=tuple(replace(place, radius_m=place.radius_m * wider) for place in truth.places),
    )
    city = simulate_city(seed=seed, end=END, truth=truth, incidents=incidents)
    zones = find_zones(city.incidents, places=read_gazetteer())
    found, big, true, all_zones = compare(city, zones)
    assert found >= 0.9 * big
    assert true >= 0.9 * all_zones
    assert {"City", "Resecentrum"} <= set(zones["name"])


def test_city_and_resecentrum_are_two_zones_in_a_single_year_too():
    city = simulate_city(seed=1, end=END)
    for year in (2024, 2025):
        zones = find_zones(
            city.incidents, places=read_gazetteer(), period=(f"{year}-01-01", f"{year + 1}-01-01")
        )
        assert {"City", "Resecentrum"} <= set(zones["name"])


def test_most_zones_last_from_year_to_year():
    city = simulate_city(seed=2, end=END)
    before = find_zones(
        city.incidents, places=read_gazetteer(), period=("2024-01-01", "2025-01-01")
    )
    after = find_zones(
        city.incidents,
        previous=before,
        places=read_gazetteer(),
        period=("2025-01-01", "2026-01-01"),
    )
    lasting = set(before["zone_id"]) & set(after["zone_id"])
    assert len(lasting) >= 0.8 * len(before)
    kept = after.set_index("zone_id")["name"]
    for zone in before[before["zone_id"].isin(lasting)].itertuples():
        assert kept[zone.zone_id] == zone.name
    assert after["name"].is_unique


def test_an_outline_holds_most_of_what_was_planted_there():
    city = simulate_city(seed=3, end=END)
    zones = find_zones(city.incidents, places=read_gazetteer())
    planted = city.planted.reindex(city.incidents["incident_id"]).to_numpy()
    outlines = zones.set_index("name").geometry
    places = city.truth.set_index("name")
    held = []
    for name in set(outlines.index) & set(places.index):
        own = city.incidents[planted == places.loc[name, "place_id"]]
        held.append(shapely.intersects(outlines[name], own.geometry.to_numpy()).mean())
    assert len(held) >= 20
    assert np.median(held) > 0.85


def test_a_closer_look_at_the_centre_shows_its_squares():
    # Two squares are planted in the centre of Uppsala, and none elsewhere.
    city = simulate_city(seed=2, end=END)
    zones = find_zones(city.incidents, places=read_gazetteer(), levels=2)
    children = zones[zones["level"] == 2]
    assert set(children["name"]) == {"Stora torget", "Forumgallerian"}
    centre = zones[zones["name"] == "City"].iloc[0]
    assert set(children["parent_id"]) == {centre["zone_id"]}
    assert children["incidents"].sum() < centre["incidents"]
