from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.zones import explain_zone, find_zones


def test_the_figures_are_those_of_the_incidents_inside(three_spots):
    zones = find_zones(three_spots)
    zone = zones.iloc[0]
    found = explain_zone(zones, zone.zone_id, three_spots)
    inside = three_spots[three_spots.intersects(zone.geometry)]
    squares = pd.Series(list(map(tuple, np.floor(coordinates(inside) / 50))))
    shares = squares.value_counts(normalize=True).to_numpy()
    days = inside["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.date
    assert (found.events, found.places, found.days) == (zone.events, zone.places, zone.days)
    assert found.top_place_share == pytest.approx(shares[0])
    assert found.top_day_share == pytest.approx(days.value_counts(normalize=True).iloc[0])
    assert found.half_places == np.argmax(np.cumsum(shares) >= 0.5) + 1
    occupied = len(np.unique(np.floor(coordinates(three_spots) / 250), axis=0)) * 250**2
    mean = len(three_spots) / occupied
    assert found.times_mean == pytest.approx(zone.events / zone.geometry.area / mean)
    # 1 500 incidents on 36 km², and the upper quartile of what chance makes of that.
    even = 1500 / 36e6 * zone.geometry.area
    assert 0.8 * even < found.expected < 2.5 * even
    assert found.times_surroundings == pytest.approx(found.events / found.expected)


def test_the_rise_is_the_one_by_which_zones_are_found(three_spots):
    zones = find_zones(three_spots)
    weakest = explain_zone(zones, zones["zone_id"].iloc[-1], three_spots)
    assert weakest.rise_z > weakest.least_z == zones.attrs["parameters"]["threshold_z"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_zone_ceases_with_the_loss_that_was_told_and_not_before(city, seed):
    rng = np.random.default_rng(seed)
    xy = np.concatenate([city.spot(rng, 0, 0, 120), city.background(rng, 1500)])
    incidents = city.incidents_at(xy, rng)
    zones = find_zones(incidents)
    found = explain_zone(zones, zones["zone_id"].iloc[0], incidents)
    keep = 1 - found.margin_a_week * (365 / 7) / found.incidents
    inside = incidents.intersects(zones.geometry.iloc[0]).to_numpy()

    def is_left(share):
        # Every address loses the same share, as the sentence says.
        place = shapely.to_wkb(incidents.geometry.to_numpy())
        rank = pd.Series(place).groupby(place).cumcount().to_numpy()
        count = pd.Series(place).map(pd.Series(place).value_counts()).to_numpy()
        kept = incidents[~inside | (rank < np.round(share * count))]
        try:
            return find_zones(kept).intersects(zones.geometry.iloc[0]).any()
        except NothingFoundError:
            return False

    assert is_left(min(1.0, keep * 1.35))
    assert not is_left(keep * 0.7)


def test_the_sentences_tell_counts_in_both_languages_and_no_coordinate(three_spots):
    zones = find_zones(three_spots)
    for zone_id in zones["zone_id"]:
        found = explain_zone(zones, zone_id, three_spots)
        assert len(found.lines) == 5
        for line in found.lines:
            assert line.sv.endswith(".")
            assert line.en.endswith(".")
            assert line.sv != line.en
            assert not re.search(r"\d{6}|\{", line.sv + line.en)
    numbers = [getattr(found, field.name) for field in fields(found) if field.name != "lines"]
    assert all(abs(n) < 1e5 for n in numbers if not isinstance(n, str) and np.isfinite(n))


def test_weights_change_the_unit_and_not_the_ratio(three_spots):
    zones = find_zones(three_spots)
    heavy = three_spots.assign(weight=40.0)
    weighed = find_zones(heavy)
    one = explain_zone(zones, zones["zone_id"].iloc[0], three_spots)
    other = explain_zone(weighed, weighed["zone_id"].iloc[0], heavy)
    assert other.expected == pytest.approx(40 * one.expected)
    assert other.times_surroundings == pytest.approx(one.times_surroundings)
    assert other.margin_a_week == pytest.approx(40 * one.margin_a_week)


def test_drawn_zones_are_explained_too(three_spots):
    own = find_zones(three_spots).iloc[[0]][["zone_id", "name", "geometry"]]
    own["name"] = "Mitt eget"
    own["zone_id"] = "min"
    zones = find_zones(three_spots, drawn=own)
    found = explain_zone(zones, "min", three_spots)
    assert any("Ritad för hand" in line.sv for line in found.lines)
    assert not any("Upphör" in line.sv for line in found.lines)
    assert np.isnan(found.least_z)


def test_clusters_cease_by_the_least_number_alone(three_spots):
    zones = find_zones(three_spots, method="dbscan", eps_m=60.0, min_weight=15.0)
    found = explain_zone(zones, zones["zone_id"].iloc[0], three_spots)
    assert found.margin_a_week == pytest.approx((found.events - 20) / (365 / 7), rel=0.01)


def test_what_cannot_be_explained_is_told(three_spots):
    zones = find_zones(three_spots)
    with pytest.raises(NothingFoundError, match="Zonen z0 finns inte"):
        explain_zone(zones, "z0", three_spots)
    with pytest.raises(NothingFoundError, match="inga händelser"):
        explain_zone(zones, zones["zone_id"].iloc[0], three_spots.head(0))
    elsewhere = three_spots.assign(geometry=three_spots.geometry.translate(90_000, 0))
    with pytest.raises(NothingFoundError, match="rymmer inga händelser"):
        explain_zone(zones, zones["zone_id"].iloc[0], elsewhere)
    with pytest.raises(InvalidInputError, match="saknar zone_id"):
        explain_zone(zones.drop(columns="zone_id"), "z0", three_spots)
