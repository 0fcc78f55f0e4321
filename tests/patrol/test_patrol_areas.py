from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.shift import Shift
from riskmiljo.model.tables import AREA_COLUMNS
from riskmiljo.patrol.areas import patrol_areas

FRIDAY = Shift.parse("2026-05-08 18:00/02:00")


def per_week(zones):
    return (zones["per_ha_week"] * zones["area_ha"]).to_numpy()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(4, 24), teams=st.integers(1, 4))
def test_areas_are_whole_apart_and_hold_every_zone(scattered_zones_of, seed, count, teams):
    zones = scattered_zones_of(seed, count)
    areas = patrol_areas(zones, teams=teams)
    assert list(areas.columns) == list(AREA_COLUMNS)
    assert areas["area_id"].tolist() == list(range(1, teams + 1))
    shapes = areas.geometry.to_numpy()
    assert areas.geom_type.eq("Polygon").all()
    assert areas.is_valid.all()
    for a in range(teams):
        for b in range(a + 1, teams):
            assert shapely.area(shapely.intersection(shapes[a], shapes[b])) < 1.0
    together = shapely.union_all(shapes)
    assert shapely.area(shapely.difference(zones.union_all(), together)) < 1.0
    assert {zone for held in areas["zones"] for zone in held} == set(zones["zone_id"])
    assert areas["risk_share"].sum() == pytest.approx(1)
    assert areas["expected"].sum() == pytest.approx(per_week(zones).sum())
    # What one whole zone makes unavoidable is never undercut, and named where it is too much.
    balance = areas.attrs["balance"]
    assert balance["largest_deviation"] >= balance["least_possible"] - 1e-9
    share = pd.Series(per_week(zones) * teams / per_week(zones).sum(), zones["zone_id"])
    heavy = share[(share > 1.05) & (share <= 1.2)]
    if count >= teams and len(heavy):
        assert balance["least_possible"] >= heavy.max() - 1 - 1e-9
        assert "ensam" in balance["sv"]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), teams=st.integers(2, 4))
def test_a_zone_that_is_not_said_to_be_shared_lies_in_its_area_alone(
    scattered_zones_of, seed, teams
):
    zones = scattered_zones_of(seed, 15).set_index("zone_id")
    areas = patrol_areas(zones.reset_index(), teams=teams)
    homes = areas.explode("zones").groupby("zones")["area_id"].agg(list)
    for zone_id, home in homes.items():
        if len(home) == 1:
            area = areas.set_index("area_id").loc[home[0]].geometry
            outside = shapely.difference(zones.loc[zone_id].geometry, area)
            assert shapely.area(outside) < 0.02 * zones.loc[zone_id].geometry.area


@pytest.fixture(scope="module")
def scattered_zones_of(request):
    # A function that hypothesis may call again and again.
    return request.getfixturevalue("scattered_zones_session")


def test_many_zones_are_shared_within_five_percent(scattered_zones):
    areas = patrol_areas(scattered_zones(3, 40), teams=4)
    load = areas["expected"].to_numpy()
    assert np.abs(load / load.mean() - 1).max() <= 0.05
    assert areas.attrs["balance"]["largest_deviation"] == pytest.approx(
        np.abs(load / load.mean() - 1).max(), abs=1e-6
    )


def test_a_zone_that_makes_even_areas_impossible_is_named_with_its_numbers(zones_at):
    zones = zones_at([(648_000 + 400 * n, 6_638_000) for n in range(4)], [11.5, 4.5, 4, 10])
    balance = patrol_areas(zones, teams=3).attrs["balance"]
    assert balance["least_possible"] == pytest.approx(0.15)
    assert balance["sv"] == (
        "Ett område väntas få 15 % mer eller mindre än medlet: Zon 0 är en enda zon, hålls hel och "
        "väger ensam 115 % av medlet (11,5 händelser mot 10,0), så inom 5 % går det inte med så "
        "här många lag."
    )
    assert "Zon 0 is one zone" in balance["en"]
    assert "11.5 incidents against 10.0" in balance["en"]
    # Two teams leave it room.
    assert patrol_areas(zones, teams=2).attrs["balance"]["least_possible"] == 0


def test_the_shift_decides_what_is_expected(zones_at):
    zones = zones_at([(648_000, 6_638_000), (652_000, 6_638_000)], [7.0, 7.0])
    hours = np.zeros((2, 168))
    hours[0, 4 * 24 + 20] = 1  # Friday 20
    hours[1, 1 * 24 + 9] = 1  # Tuesday 09
    rhythm = pd.DataFrame(hours, index=zones["zone_id"])
    areas = patrol_areas(zones, teams=1, shift=FRIDAY, rhythm=rhythm)
    # All of the first zone's seven a week fall in this shift, none of the second's.
    assert areas["expected"].tolist() == [pytest.approx(7.0)]
    even = patrol_areas(zones, teams=1, shift=FRIDAY)
    assert even["expected"].tolist() == [pytest.approx(14.0 * 8 / 168)]
    assert even.attrs["notes"]
    assert not areas.attrs["notes"]


def test_an_area_says_why_in_both_languages_with_its_figures(zones_at):
    zones = zones_at([(648_000, 6_638_000), (648_400, 6_638_000), (652_000, 6_638_000)], [9, 1, 10])
    areas = patrol_areas(zones, teams=2)
    west = areas[[zones == ("z000", "z001") for zones in areas["zones"]]].iloc[0]
    assert west["name"].startswith("Zon 0")
    assert "2 zoner" in west["why_sv"]
    assert "50 %" in west["why_sv"]
    assert "2 zones" in west["why_en"]


def test_a_zone_too_heavy_for_one_team_is_shared_and_said_to_be(zones_at):
    zones = zones_at([(648_000, 6_638_000), (651_000, 6_638_000)], [90, 10])
    areas = patrol_areas(zones, teams=3)
    assert sum("z000" in held for held in areas["zones"]) > 1
    assert any("delas med" in why for why in areas["why_sv"])
    assert any("shared with" in why for why in areas["why_en"])


def test_more_teams_than_zones_share_them(zones_at):
    areas = patrol_areas(zones_at([(648_000, 6_638_000)], [5.0]), teams=3)
    assert len(areas) == 3
    assert areas["expected"].sum() == pytest.approx(5.0)


def test_the_same_question_has_the_same_answer_in_any_order(scattered_zones):
    zones = scattered_zones(5, 18)
    first = patrol_areas(zones, teams=3, rng=1)
    second = patrol_areas(zones.sample(frac=1, random_state=2), teams=3, rng=1)
    assert first["zones"].tolist() == second["zones"].tolist()
    assert first.geometry.geom_equals_exact(second.geometry, 1e-6).all()


def test_the_zones_that_came_in_are_left_as_they_were(scattered_zones):
    zones = scattered_zones(5, 10)
    before = zones.copy()
    patrol_areas(zones, teams=2)
    assert zones.equals(before)


def test_far_suburbs_are_one_area_without_corridors(zones_at):
    # A town, and a suburb five kilometres south with as much to do: two areas, each compact.
    town = [(648_000 + 300 * i, 6_638_000 + 300 * j) for i in range(2) for j in range(2)]
    suburb = [(648_000 + 300 * i, 6_633_000 + 300 * j) for i in range(2) for j in range(2)]
    areas = patrol_areas(zones_at([*town, *suburb], [1.0] * 8), teams=2)
    assert {len(held) for held in areas["zones"]} == {4}
    shape = 4 * np.pi * areas.area / areas.length**2
    assert (shape > 0.3).all()


def test_with_streets_a_river_is_as_wide_as_the_way_round_it(schematic, zones_at):
    zones = zones_at([(647_200, 6_638_300), (648_200, 6_638_300)], [1.0, 1.0])
    areas = patrol_areas(zones.set_crs(schematic.edges.crs), teams=2, streets=schematic)
    assert areas.attrs["distance"] == "streets"
    assert patrol_areas(zones, teams=2).attrs["distance"] == "straight"


@pytest.mark.parametrize("teams", [0, -1, 51, 2.5, "två"])
def test_the_number_of_teams_must_be_a_whole_number(zones_at, teams):
    with pytest.raises(InvalidInputError, match="lag"):
        patrol_areas(zones_at([(648_000, 6_638_000)], [1.0]), teams=teams)


def test_no_zones_degrees_and_overlaps_are_refused(zones_at):
    zones = zones_at([(648_000, 6_638_000), (648_500, 6_638_000)], [1.0, 1.0])
    with pytest.raises(NothingFoundError, match="zoner"):
        patrol_areas(zones.iloc[:0], teams=1)
    with pytest.raises(CRSError):
        patrol_areas(zones.to_crs(4326), teams=1)
    twice = zones_at([(648_000, 6_638_000), (648_020, 6_638_000)], [1.0, 1.0])
    with pytest.raises(InvalidInputError, match="överlappar"):
        patrol_areas(twice, teams=1)
    with pytest.raises(InvalidInputError, match="per_ha_week"):
        patrol_areas(zones.drop(columns="per_ha_week"), teams=1)
