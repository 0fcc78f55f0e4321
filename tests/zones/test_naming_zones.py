from __future__ import annotations

import numpy as np
import shapely

from riskmiljo.zones import find_zones
from riskmiljo.zones.naming import name_zones


def circles(city, *spots):
    tops = np.array([city.centre + spot for spot in spots])
    return tops, [shapely.Point(top).buffer(120) for top in tops]


def test_city_and_resecentrum_get_their_names_beside_smaller_places(city):
    tops, outlines = circles(city, (60, -30), (510, -80))
    places = city.gazetteer(
        ("Stora torget", "square", 15, 0, 50),
        ("City", "square_area", 0, 0, 250),
        ("Forumgallerian", "shopping", 70, -35, 50),
        ("Resecentrum", "station", 490, -90, 180),
        ("Kungsgatan", "street", 515, -80, 80),
    )
    assert name_zones(tops, outlines, places) == ["City", "Resecentrum"]


def test_a_part_of_town_names_one_zone_and_its_neighbours_get_their_own(city):
    tops, outlines = circles(city, (0, 0), (230, 0))
    places = city.gazetteer(
        ("City", "square_area", 0, 0, 250), ("Forumtorget", "square", 225, 10, 50)
    )
    assert name_zones(tops, outlines, places) == ["City", "Forumtorget"]


def test_two_zones_never_get_the_same_name(city):
    tops, outlines = circles(city, (0, 0), (0, 240), (240, 10), (0, -240), (-30, 245))
    places = city.gazetteer(("City", "square_area", 0, 0, 300))
    names = name_zones(tops, outlines, places)
    assert names[:4] == ["City", "City norra", "City östra", "City södra"]
    assert names[4] == "City norra 2"


def test_a_zone_beyond_every_place_is_named_by_the_side_of_the_nearest(city):
    tops, outlines = circles(city, (0, 900), (9000, 0))
    places = city.gazetteer(("Gottsunda", "district", 0, 0, 300))
    assert name_zones(tops, outlines, places) == ["Norr om Gottsunda", "Zon 1"]


def test_without_a_gazetteer_zones_are_numbered(city, three_spots):
    assert find_zones(three_spots)["name"].tolist() == ["Zon 1", "Zon 2", "Zon 3"]
    tops, outlines = circles(city, (0, 0), (500, 0))
    assert name_zones(tops, outlines, None, kept={1: "Zon 1"}) == ["Zon 2", "Zon 1"]


def test_a_name_that_a_zone_keeps_is_given_to_no_other(city):
    tops, outlines = circles(city, (0, 0), (500, 0))
    places = city.gazetteer(("City", "square_area", 0, 0, 250), ("Torget", "square", 30, 0, 60))
    assert name_zones(tops, outlines, places, kept={1: "City"}) == ["Torget", "City"]


def test_a_gazetteer_in_another_system_is_projected(city, three_spots):
    places = city.gazetteer(("City", "square_area", 0, 0, 250), ("Torget", "square", 520, 0, 60))
    zones = find_zones(three_spots, places=places.to_crs(4326))
    assert zones["name"].tolist()[:2] == ["City", "Torget"]


def test_a_place_without_a_radius_or_of_an_unknown_kind_still_names(city):
    tops, outlines = circles(city, (0, 0))
    places = city.gazetteer(("Kiosken", "kiosk", 20, 0, np.nan))
    assert name_zones(tops, outlines, places) == ["Kiosken"]
