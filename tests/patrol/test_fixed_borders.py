"""Areas keep to what a user has drawn: rivers, beats, and zones moved by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.patrol.areas import patrol_areas
from riskmiljo.patrol.fixed_borders import FixedBorders

X, Y = 648_000, 6_638_000


def lines(*coordinates, crs=3006):
    return gpd.GeoSeries([shapely.LineString(line) for line in coordinates], crs=crs)


def boxes(*bounds):
    return gpd.GeoDataFrame(geometry=[shapely.box(*b) for b in bounds], crs=3006)


@pytest.fixture(scope="module")
def zones_on_a_board(request):
    return request.getfixturevalue("scattered_zones_session")


def deviation(areas):
    load = areas["expected"].to_numpy()
    return np.abs(load / load.mean() - 1).max()


# A winding river through the board, from beyond its southern to beyond its northern edge.
RIVER = [(X + 1400 + 250 * np.sin(t / 2), Y - 1000 + 500 * t) for t in range(12)]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), teams=st.integers(2, 5))
def test_no_area_crosses_a_river_that_the_user_has_drawn(zones_on_a_board, seed, teams):
    zones = zones_on_a_board(seed, 20)
    areas = patrol_areas(zones, teams=teams, barriers=lines(RIVER))
    river = shapely.LineString(RIVER)
    assert areas.geom_type.eq("Polygon").all()
    assert areas.is_valid.all()
    for area in areas.geometry:
        inside = shapely.intersection(river, shapely.buffer(area, -0.5))
        assert shapely.length(inside) < 1.0
    assert areas["expected"].sum() == pytest.approx((zones["per_ha_week"] * zones["area_ha"]).sum())
    assert {zone for held in areas["zones"] for zone in held} == set(zones["zone_id"])
    assert not areas.attrs["notes"]
    shapes = areas.geometry.to_numpy()
    for a in range(teams):
        for b in range(a + 1, teams):
            assert shapely.area(shapely.intersection(shapes[a], shapes[b])) < 1.0


def test_without_the_river_an_area_would_cross_it(zones_at):
    # Heavy in the west: without a river one western zone joins the east.
    middles = [(X, Y), (X + 300, Y), (X + 600, Y), (X + 1200, Y)]
    zones = zones_at(middles, [2, 2, 2, 2])
    free = patrol_areas(zones, teams=2)
    assert sorted(free["expected"]) == pytest.approx([4, 4])
    river = lines([(X + 900, Y - 2000), (X + 900, Y + 2000)])
    kept = patrol_areas(zones, teams=2, barriers=river)
    assert sorted(kept["expected"]) == pytest.approx([2, 6])
    assert not kept.attrs["balance"]["within"]
    assert "fasta gränser" in kept.attrs["balance"]["sv"]
    assert "fixed borders" in kept.attrs["balance"]["en"]


def test_the_outline_of_a_water_is_a_barrier_too(zones_at):
    middles = [(X, Y), (X + 300, Y), (X + 600, Y), (X + 1200, Y)]
    river = boxes((X + 880, Y - 2000, X + 920, Y + 2000))
    kept = patrol_areas(zones_at(middles, [2, 2, 2, 2]), teams=2, barriers=river)
    assert sorted(kept["expected"]) == pytest.approx([2, 6])
    assert kept.geom_type.eq("Polygon").all()


def test_a_river_that_ends_is_walked_round(zones_at):
    # The line parts the two southern zones only; the northern ones join all.
    middles = [(X, Y), (X + 600, Y), (X, Y + 500), (X + 600, Y + 500)]
    zones = zones_at(middles, [1, 1, 1, 1])
    areas = patrol_areas(zones, teams=1, barriers=lines([(X + 300, Y - 900), (X + 300, Y + 100)]))
    assert not areas.attrs["notes"]
    assert areas["expected"].tolist() == pytest.approx([4])


def test_fewer_teams_than_sides_cross_and_say_so(zones_at):
    zones = zones_at([(X, Y), (X + 800, Y), (X + 1600, Y)], [1, 1, 1])
    rivers = lines(
        [(X + 400, Y - 900), (X + 400, Y + 900)], [(X + 1200, Y - 900), (X + 1200, Y + 900)]
    )
    areas = patrol_areas(zones, teams=2, barriers=rivers)
    assert sorted(areas["expected"]) == pytest.approx([1, 2])
    (note,) = areas.attrs["notes"]
    assert "går över en gräns" in note["sv"]
    assert "crosses a border" in note["en"]
    assert not patrol_areas(zones, teams=3, barriers=rivers).attrs["notes"]


def test_a_zone_across_the_river_is_shared_between_its_sides(zones_at):
    zones = zones_at([(X, Y), (X + 500, Y), (X + 1000, Y)], [1, 4, 1])
    river = lines([(X + 500, Y - 900), (X + 500, Y + 900)])
    areas = patrol_areas(zones, teams=2, barriers=river)
    assert areas["expected"].tolist() == pytest.approx([3, 3])
    assert all("z001" in held for held in areas["zones"])
    assert all("delas med område" in why for why in areas["why_sv"])


def test_a_zone_is_cut_by_a_river_at_any_slant():
    middle = shapely.Point(X + 0.1, Y + 0.3)
    for degrees in range(0, 180, 12):
        zone = shapely.affinity.rotate(shapely.box(*middle.buffer(120).bounds), degrees * 1.7)
        along = shapely.LineString([(X - 7000, Y + 0.7), (X + 9000, Y + 0.9)])
        river = shapely.affinity.rotate(along, degrees, origin=middle)
        pieces = FixedBorders.of(gpd.GeoSeries([river], crs=3006), None, CRS(3006)).cut(zone)
        assert len(pieces) == 2
        assert sum(piece.area for piece in pieces) == pytest.approx(zone.area)
        assert all(river.intersection(piece.buffer(-0.01)).is_empty for piece in pieces)


def test_a_river_that_grazes_a_zone_leaves_it_whole(zones_at):
    zones = zones_at([(X, Y), (X + 500, Y)], [1, 1])
    graze = lines([(X + 48, Y - 900), (X + 48, Y + 900)])
    areas = patrol_areas(zones, teams=2, barriers=graze)
    assert sorted(areas["zones"]) == [("z000",), ("z001",)]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), teams=st.integers(4, 7))
def test_no_area_reaches_into_two_beats(zones_on_a_board, seed, teams):
    zones = zones_on_a_board(seed, 24)
    cut_x, cut_y = X + 1300, Y + 1700
    west, east = (X - 900, cut_x), (cut_x, X + 4000)
    south, north = (Y - 900, cut_y), (cut_y, Y + 4000)
    beats = boxes(*((x[0], y[0], x[1], y[1]) for x in (west, east) for y in (south, north)))
    areas = patrol_areas(zones, teams=teams, beats=beats)
    assert len(areas) == teams
    within = shapely.area(
        shapely.intersection(areas.geometry.to_numpy()[:, None], beats.geometry.to_numpy()[None])
    )
    home = within.max(axis=1)
    assert within.sum(axis=1) - home == pytest.approx(0, abs=1.0)
    assert home == pytest.approx(areas.area.to_numpy(), abs=1.0)
    assert areas.geom_type.eq("Polygon").all()
    assert {zone for held in areas["zones"] for zone in held} == set(zones["zone_id"])


def test_a_beat_without_zones_is_nobodys(zones_at):
    zones = zones_at([(X, Y), (X + 1000, Y)], [1, 1])
    beats = boxes((X - 500, Y - 500, X + 300, Y + 500), (X + 300, Y - 500, X + 700, Y + 500),
                  (X + 700, Y - 500, X + 1500, Y + 500))  # fmt: skip
    areas = patrol_areas(zones, teams=2, beats=beats)
    assert areas.intersection(beats.geometry.iloc[1]).area.sum() < 1.0


def test_every_beat_gets_a_team_and_the_heavy_one_the_rest(zones_at):
    zones = zones_at([(X + 300 * i, Y) for i in range(6)], [3, 3, 3, 3, 1, 1])
    beats = boxes((X - 500, Y - 500, X + 1050, Y + 500), (X + 1050, Y - 500, X + 2500, Y + 500))
    areas = patrol_areas(zones, teams=3, beats=beats)
    assert sorted(areas["expected"]) == pytest.approx([2, 6, 6])


def test_fewer_teams_than_beats_are_refused(zones_at):
    zones = zones_at([(X, Y), (X + 1000, Y)], [1, 1])
    beats = boxes((X - 500, Y - 500, X + 500, Y + 500), (X + 500, Y - 500, X + 1500, Y + 500))
    with pytest.raises(InvalidInputError, match="minst 2 lag"):
        patrol_areas(zones, teams=1, beats=beats)


def test_a_zone_outside_all_beats_is_refused_by_name(zones_at):
    zones = zones_at([(X, Y), (X + 1000, Y)], [1, 1])
    with pytest.raises(InvalidInputError, match="Zon 1 ligger utanför alla distrikt"):
        patrol_areas(zones, teams=2, beats=boxes((X - 500, Y - 500, X + 500, Y + 500)))


@pytest.mark.parametrize(
    ("argument", "shapes", "error", "message"),
    [
        ("beats", gpd.GeoSeries([shapely.Point(X, Y)], crs=3006), InvalidInputError, "rad 1"),
        ("beats", boxes((X, Y, X + 9, Y + 9), (X + 1, Y, X + 9, Y + 9)), InvalidInputError,
         "överlappar"),
        ("barriers", gpd.GeoSeries([shapely.Point(X, Y)], crs=3006), InvalidInputError, "linjer"),
        ("barriers", gpd.GeoSeries([None], crs=3006), InvalidInputError, "rad 1"),
        ("barriers", [shapely.LineString([(X, Y), (X, Y + 9)])], InvalidInputError, "GeoSeries"),
        ("barriers", lines([(17, 59), (18, 60)], crs=4326), CRSError, "meter"),
        ("barriers", lines([(X, Y), (X, Y + 9)], crs=3011), CRSError, "än zonerna"),
        ("barriers", lines([(X, Y), (X, Y + 9)], crs=None), CRSError, "koordinatsystem"),
    ],
)  # fmt: skip
def test_a_border_that_cannot_be_used_is_refused(zones_at, argument, shapes, error, message):
    zones = zones_at([(X, Y)], [1.0])
    with pytest.raises(error, match=message):
        patrol_areas(zones, teams=1, **{argument: shapes})


def test_no_borders_drawn_is_as_none(zones_on_a_board):
    zones = zones_on_a_board(4, 12)
    empty = gpd.GeoSeries([], crs=3006)
    plain = patrol_areas(zones, teams=3)
    drawn = patrol_areas(zones, teams=3, barriers=empty, beats=empty, keep={})
    assert plain.geometry.geom_equals_exact(drawn.geometry, 0).all()


@pytest.mark.parametrize(
    ("seed", "zone", "number"),
    [(1, "z000", 1), (2, "z019", 3), (3, "z003", 1), (5, "z005", 2), (8, "z011", 3)],
)
def test_a_moved_zone_stays_where_the_user_has_put_it(zones_on_a_board, seed, zone, number):
    zones = zones_on_a_board(seed, 20)
    before = patrol_areas(zones, teams=3)
    after = patrol_areas(zones, teams=3, keep={zone: number})
    held = after.set_index("area_id")["zones"]
    assert zone in held[number]
    assert all(zone not in held[other] for other in {1, 2, 3} - {number})
    assert after.geom_type.eq("Polygon").all()
    assert {z for zs in held for z in zs} == set(zones["zone_id"])
    # Areas keep their number and, on the whole, their place.
    common = before.geometry.intersection(after.geometry).area
    assert (common / before.area > 0.2).sum() >= 2
    (note,) = after.attrs["notes"]
    assert f"till område {number}" in note["sv"]
    assert f"{np.ceil(100 * deviation(after) - 1e-6):.0f} %, mot" in note["sv"]


def test_many_small_zones_are_balanced_again_round_a_moved_one(zones_on_a_board):
    zones = zones_on_a_board(9, 60)
    before = patrol_areas(zones, teams=3).set_index("area_id")
    shapes, target = zones.set_index("zone_id").geometry, before.loc[2, "geometry"]
    away = min(before.loc[1, "zones"], key=lambda zone: shapes[zone].distance(target))
    after = patrol_areas(zones, teams=3, keep={away: 2}).set_index("area_id")
    assert away in after.loc[2, "zones"]
    assert deviation(after) <= 0.05
    assert after.attrs["balance"]["within"]


def test_zones_kept_where_they_are_change_nothing_in_balance(zones_on_a_board):
    zones = zones_on_a_board(9, 30)
    free = patrol_areas(zones, teams=3)
    home = {z: int(a) for a, zs in zip(free["area_id"], free["zones"], strict=True) for z in zs[:1]}
    kept = patrol_areas(zones, teams=3, keep=home)
    assert kept["zones"].map(sorted).tolist() == free["zones"].map(sorted).tolist()


@pytest.mark.parametrize(
    ("keep", "message"),
    [({"nope": 1}, "nope finns inte"), ({"z000": 0}, "från 1 till 2"), ({"z000": 3}, "område 3"),
     ({"z000": "två"}, "från 1 till 2"), ({"z000": 1, "z001": 1}, "Område 2 blir tomt")],
)  # fmt: skip
def test_a_move_that_cannot_be_is_refused(zones_at, keep, message):
    zones = zones_at([(X, Y + 900), (X, Y)], [1, 1])
    with pytest.raises(InvalidInputError, match=message):
        patrol_areas(zones, teams=2, keep=keep)


def test_a_zone_is_not_moved_across_a_fixed_border(zones_at):
    zones = zones_at([(X, Y + 900), (X, Y)], [1, 1])
    river = lines([(X - 900, Y + 450), (X + 900, Y + 450)])
    with pytest.raises(InvalidInputError, match="fast gräns"):
        patrol_areas(zones, teams=2, barriers=river, keep={"z000": 2})


def test_a_move_that_other_moves_shut_off_is_refused(zones_at):
    # A row of five: the first cannot join the third area past the second's.
    zones = zones_at([(X + 300 * i, Y) for i in range(6)], [1] * 6)
    areas = patrol_areas(zones, teams=3).set_index("area_id")["zones"]
    row = sorted(areas.index, key=lambda number: min(areas[number]))
    with pytest.raises(InvalidInputError, match="andra flyttade zoner"):
        patrol_areas(
            zones, teams=3, keep={"z000": row[2], "z001": row[1], "z002": row[1], "z003": row[1]}
        )
