from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.zones import assign_zones, find_zones


def disc(city, rng, number, radius_m, addresses, x=0.0, y=0.0):
    """Incidents spread evenly over a disc."""
    distance = radius_m * np.sqrt(rng.random(addresses))
    angle = rng.uniform(0, 2 * np.pi, addresses)
    offset = np.column_stack([distance * np.cos(angle) + x, distance * np.sin(angle) + y])
    at = city.centre + offset
    return at[rng.integers(0, addresses, number)]


@pytest.fixture
def centre(city):
    """A centre of 200 m with two squares in it 160 m apart, and a zone without parts beside it."""

    def make(seed):
        rng = np.random.default_rng(seed)
        return city.incidents_at(
            np.concatenate(
                [
                    city.spot(rng, -80, 0, 300, 25, 12),
                    city.spot(rng, 80, 0, 200, 25, 12),
                    disc(city, rng, 300, 200, 150),
                    city.spot(rng, 1500, 0, 300, 120, 40),
                    city.background(rng, 1500),
                ]
            ),
            rng,
        )

    return make


def squares(city):
    return city.gazetteer(
        ("City", "square_area", 0, 0, 300),
        ("Stora torget", "square", -80, 0, 60),
        ("Forumtorget", "square", 80, 0, 60),
        ("Centrumet", "square_area", 1500, 0, 200),
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_centre_has_its_squares_as_children_with_names_of_their_own(city, centre, seed):
    zones = find_zones(centre(seed), places=squares(city), levels=2)
    top, children = zones[zones["level"] == 1], zones[zones["level"] == 2]
    assert set(top["name"]) == {"City", "Centrumet"}
    assert set(children["name"]) == {"Stora torget", "Forumtorget"}
    parent = top.set_index("name").loc["City"]
    assert (children["parent_id"] == parent["zone_id"]).all()
    assert (top["parent_id"] == "").all()
    assert children.within(parent.geometry).all()
    assert children.geometry.iloc[0].distance(children.geometry.iloc[1]) > 0
    by_name = children.set_index("name")
    assert by_name["events"]["Stora torget"] == pytest.approx(300, rel=0.15)
    assert by_name["events"]["Forumtorget"] == pytest.approx(200, rel=0.15)
    assert zones["zone_id"].is_unique
    assert zones["name"].is_unique


def test_one_level_is_what_it_is_without_the_other(centre):
    incidents = centre(0)
    one, two = find_zones(incidents), find_zones(incidents, levels=2)
    top = two[two["level"] == 1].reset_index(drop=True)
    assert one["zone_id"].tolist() == top["zone_id"].tolist()
    assert one.geometry.geom_equals(top.geometry).all()
    assert (one["parent_id"] == "").all()
    # Incidents go to the zone, unless only the children are asked.
    assert assign_zones(incidents, two).dropna().isin(top["zone_id"]).all()
    assert (
        assign_zones(incidents, two[two["level"] == 2]).notna().sum()
        == two[two["level"] == 2]["events"].sum()
    )


def test_evenly_filled_and_single_centres_have_no_children(city):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        xy = np.concatenate(
            [
                disc(city, rng, 800, 200, int(rng.integers(40, 300))),
                city.spot(rng, 1500, 0, 800, 160, 40),
                city.background(rng, 1500),
            ]
        )
        assert (find_zones(city.incidents_at(xy, rng), levels=2)["level"] == 1).all()


def test_no_micro_place_is_finer_than_the_places_are_known(centre):
    incidents = centre(1)
    assert find_zones(incidents, levels=2).attrs["parameters"]["micro_bandwidth_m"] == 70
    rough = incidents.assign(precision_m=150.0)
    zones = find_zones(rough, levels=2)
    assert zones.attrs["parameters"]["micro_bandwidth_m"] == 150
    assert (zones["level"] == 1).all()
    assert find_zones(incidents.assign(precision_m=240.0)).attrs["parameters"]["bandwidth_m"] == 240


def test_children_keep_their_id_and_name_and_cease_like_zones(city, centre):
    before = find_zones(centre(0), places=squares(city), levels=2)
    before.loc[before["name"] == "Forumtorget", "name"] = "Vårt torg"
    after = find_zones(centre(1), places=squares(city), previous=before, levels=2)
    assert set(after["zone_id"]) == set(before["zone_id"])
    assert set(after["name"]) == {"City", "Centrumet", "Stora torget", "Vårt torg"}
    assert not after["status"].isin(["new", ""]).any()
    # A run of one level says nothing about the children, so they have not ceased.
    assert find_zones(centre(1), previous=before).attrs["ceased"] == []
    rng = np.random.default_rng(5)
    even = np.concatenate([disc(city, rng, 800, 200, 200), city.background(rng, 1500)])
    gone = find_zones(city.incidents_at(even, rng), previous=before, levels=2).attrs["ceased"]
    assert {"Stora torget", "Vårt torg"} <= {zone["name"] for zone in gone}


def test_there_are_one_or_two_levels(three_spots):
    for levels in (0, 3):
        with pytest.raises(InvalidInputError, match="nivåer"):
            find_zones(three_spots, levels=levels)


def drawn_at(city, *boxes, crs=3006):
    x, y = city.centre
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"egen{i}" for i in range(len(boxes))],
            "name": [f"Egen {i}" for i in range(len(boxes))],
        },
        geometry=[shapely.box(x + a, y + b, x + c, y + d) for a, b, c, d in boxes],
        crs=crs,
    )


def apart(zones):
    shapes = zones.geometry.to_list()
    return all(a.intersection(b).area == 0 for i, a in enumerate(shapes) for b in shapes[:i])


def test_a_drawn_zone_replaces_the_found_one_and_is_counted_anew(three_spots, city):
    found = find_zones(three_spots)
    own = drawn_at(city, (-200, -200, 200, 200))
    zones = find_zones(three_spots, drawn=own)
    assert len(zones) == len(found)
    mine = zones.set_index("zone_id").loc["egen0"]
    assert mine["name"] == "Egen 0"
    assert mine["drawn"]
    assert mine.geometry.equals(own.geometry.iloc[0])
    assert mine["events"] == three_spots.intersects(own.geometry.iloc[0]).sum()
    assert mine["area_ha"] == pytest.approx(16.0)
    assert not zones.set_index("zone_id")["drawn"].drop("egen0").any()
    assert apart(zones)
    assert zones.attrs["parameters"]["drawn"] == 1


def test_a_found_zone_is_cut_back_where_a_drawn_one_takes_a_little_of_it(three_spots, city):
    found = find_zones(three_spots)
    shape = found.geometry.iloc[0]
    x, y = city.centre
    _, south, east, north = np.array(shape.bounds) - [x, y, x, y]
    own = drawn_at(city, (east - 25, south - 50, east + 60, north + 50))
    zones = find_zones(three_spots, drawn=own)
    assert len(zones) == len(found) + 1
    assert apart(zones)
    assert (zones.geom_type == "Polygon").all()
    # A drawn zone in the very midst: the other lies around it, opened, without a hole.
    inner = drawn_at(city, (30, 30, 50, 50))
    zones = find_zones(three_spots, drawn=inner)
    assert apart(zones)
    assert zones.is_valid.all()
    assert (shapely.get_num_interior_rings(zones.geometry.to_numpy()) == 0).all()
    assert len(zones) == len(found) + 1


def test_a_drawn_zone_stays_though_it_holds_next_to_nothing(three_spots, city):
    own = drawn_at(city, (-2900, -2900, -2890, -2890))
    zones = find_zones(three_spots, drawn=own)
    mine = zones.set_index("zone_id").loc["egen0"]
    assert mine["events"] == 0
    assert mine["per_ha_week_lower"] == 0
    assert mine["per_ha_week_upper"] > 0
    rng = np.random.default_rng(0)
    even = city.incidents_at(city.background(rng, 800))
    with pytest.raises(NothingFoundError):
        find_zones(even)
    assert find_zones(even, drawn=own)["zone_id"].tolist() == ["egen0"]


def test_a_drawn_zone_keeps_its_history_and_takes_over_what_it_covers(three_spots, city):
    before = find_zones(three_spots)
    own = drawn_at(city, (-200, -200, 200, 200))
    first = find_zones(three_spots, drawn=own, previous=before)
    ceased = first.attrs["ceased"]
    assert [(zone["zone_id"], zone["into"]) for zone in ceased] == [
        (before["zone_id"].iloc[0], "egen0")
    ]
    assert first.set_index("zone_id")["status"]["egen0"] == "new"
    first["first_seen"] = pd.Timestamp("2020-01-01", tz="UTC")
    again = find_zones(three_spots, drawn=own, previous=first).set_index("zone_id")
    assert again["status"]["egen0"] == "persisting"
    assert again["first_seen"]["egen0"] == pd.Timestamp("2020-01-01", tz="UTC")


def test_the_name_of_a_drawn_zone_wins(three_spots, city):
    before = find_zones(three_spots)
    before["name"] = ["Ett", "Två", "Egen 0"]
    zones = find_zones(three_spots, drawn=drawn_at(city, (2000, 2000, 2100, 2100)), previous=before)
    assert zones["name"].is_unique
    assert zones.set_index("zone_id")["name"]["egen0"] == "Egen 0"


def test_drawn_zones_come_in_any_system_and_none_is_none(three_spots, city):
    own = drawn_at(city, (-200, -200, 200, 200)).to_crs(4326)
    zones = find_zones(three_spots, drawn=own)
    assert zones.crs.to_epsg() == 3006
    assert "egen0" in set(zones["zone_id"])
    assert len(find_zones(three_spots, drawn=own.head(0))) == 3


def test_mistakes_in_drawn_zones_are_told(three_spots, city):
    own = drawn_at(city, (-200, -200, 200, 200), (500, 500, 600, 600))
    hole = shapely.box(0, 0, 90, 90).difference(shapely.box(30, 30, 60, 60))
    knot = shapely.Polygon([(0, 0), (50, 50), (50, 0), (0, 50)])
    for shape in (hole, knot, shapely.Point(0, 0), shapely.Polygon()):
        bad = own.set_geometry([shape, own.geometry.iloc[1]], crs=3006)
        with pytest.raises(InvalidInputError, match="Egen 0 är ingen enkel yta"):
            find_zones(three_spots, drawn=bad)
    with pytest.raises(InvalidInputError, match="samma zone_id"):
        find_zones(three_spots, drawn=own.assign(zone_id="a"))
    with pytest.raises(InvalidInputError, match="saknar name"):
        find_zones(three_spots, drawn=own.assign(name=""))
    with pytest.raises(InvalidInputError, match="De ritade zonerna saknar name"):
        find_zones(three_spots, drawn=own.drop(columns="name"))
    with pytest.raises(InvalidInputError, match="Egen 0 och Egen 1 överlappar"):
        find_zones(three_spots, drawn=drawn_at(city, (0, 0, 100, 100), (50, 50, 200, 200)))
    with pytest.raises(CRSError):
        find_zones(three_spots, drawn=own.set_crs(None, allow_override=True))
