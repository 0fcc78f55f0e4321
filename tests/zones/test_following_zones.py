from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.zones import find_zones
from riskmiljo.zones.follow import follow


@pytest.fixture
def year(city):
    def make(seed, *spots, noise=1500):
        rng = np.random.default_rng(seed)
        parts = [city.spot(rng, x, y, n) for x, y, n in spots]
        return city.incidents_at(np.concatenate([*parts, city.background(rng, noise)]), rng)

    return make


def test_zones_that_live_on_keep_their_id_name_and_first_day(year, city):
    places = city.gazetteer(("City", "square_area", 0, 0, 250))
    before = find_zones(
        year(1, (0, 0, 400), (1200, 0, 200)), places=places, period=("2025-01-01", "2026-01-01")
    )
    before["name"] = ["Eget namn", "Ett annat"]
    before["first_seen"] = pd.Timestamp("2019-01-01", tz="UTC")
    after = find_zones(year(2, (0, 0, 400), (1200, 0, 200)), places=places, previous=before)
    assert set(after["zone_id"]) == set(before["zone_id"])
    assert set(after["name"]) == {"Eget namn", "Ett annat"}
    assert (after["first_seen"] == pd.Timestamp("2019-01-01", tz="UTC")).all()
    assert after["status"].isin(["persisting", "growing", "shrinking"]).all()
    assert after.attrs["ceased"] == []


def test_the_same_incidents_again_persist_all(three_spots):
    before = find_zones(three_spots)
    after = find_zones(three_spots, previous=before)
    assert (after["status"] == "persisting").all()
    assert after["zone_id"].tolist() == before["zone_id"].tolist()


def test_new_zones_are_new_and_gone_ones_are_listed(year):
    before = find_zones(year(1, (0, 0, 400), (1500, 0, 200)))
    after = find_zones(year(2, (0, 0, 400), (-1500, 0, 200)), previous=before)
    assert after.sort_values("events")["status"].iloc[0] == "new"
    gone = before.sort_values("events").iloc[0]
    assert after.attrs["ceased"] == [{"zone_id": gone.zone_id, "name": gone["name"], "into": ""}]
    assert gone.zone_id not in set(after["zone_id"])


def test_a_new_zone_never_takes_the_name_or_id_of_one_that_lives_on(year):
    before = find_zones(year(1, (0, 0, 400)))
    after = find_zones(year(2, (0, 0, 400), (1500, 0, 300)), previous=before)
    assert after["name"].is_unique
    assert after["zone_id"].is_unique


def test_zones_from_another_system_are_matched_after_projection(three_spots):
    before = find_zones(three_spots).to_crs(3007)
    after = find_zones(three_spots, previous=before)
    assert (after["status"] == "persisting").all()
    with pytest.raises(CRSError):
        find_zones(three_spots, previous=before.set_crs(None, allow_override=True))
    with pytest.raises(InvalidInputError, match="De tidigare zonerna saknar first_seen"):
        find_zones(three_spots, previous=before.drop(columns="first_seen"))


def previous(*boxes):
    return pd.DataFrame(
        {
            "zone_id": [f"z{i}" for i in range(len(boxes))],
            "name": [f"n{i}" for i in range(len(boxes))],
        }
    ).assign(geometry=list(boxes))


GRID = np.column_stack([g.ravel() for g in np.meshgrid(np.arange(0.5, 40), np.arange(0.5, 10))])
WEIGHTS = np.ones(len(GRID))


@pytest.mark.parametrize(
    ("now", "before", "status", "heirs", "ceased"),
    [
        ([(0, 10)], [(0, 10)], ["persisting"], [0], []),
        ([(0, 16)], [(0, 10)], ["growing"], [0], []),
        ([(0, 7)], [(0, 10)], ["shrinking"], [0], []),
        ([(0, 12), (12, 20)], [(0, 20)], ["split", "split"], [0, -1], []),
        ([(0, 20)], [(0, 12), (12, 20)], ["merged"], [0], [("z1", "n1", 0)]),
        ([(0, 10)], [(30, 40)], ["new"], [-1], [("z0", "n0", -1)]),
        ([(0, 10)], [(9, 19)], ["new"], [-1], [("z0", "n0", -1)]),
        ([(4, 14)], [(0, 10)], ["moved"], [0], []),
        ([(7, 17)], [(0, 10)], ["moved"], [0], []),
        ([(2, 12)], [(0, 10)], ["persisting"], [0], []),
        ([(7, 17), (0, 7)], [(0, 10)], ["new", "shrinking"], [-1, 0], []),
    ],
)
def test_each_fate_of_a_zone_is_told_apart(now, before, status, heirs, ceased):
    old = previous(*(shapely.box(a, 0, b, 10) for a, b in before))
    found = follow([shapely.box(a, 0, b, 10) for a, b in now], old, GRID, WEIGHTS)
    assert found.status == status
    assert found.heir_of == heirs
    assert found.ceased == ceased


def test_a_drawn_zone_is_the_heir_of_its_own_id_alone():
    old = previous(shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10))
    now = [shapely.box(0, 0, 10, 10), shapely.box(21, 0, 30, 10)]
    stranger = follow(now, old, GRID, WEIGHTS, fixed={0: "min"})
    assert stranger.heir_of == [-1, 1]
    assert stranger.status == ["new", "persisting"]
    assert stranger.ceased == [("z0", "n0", 0)]
    own = follow(now, old, GRID, WEIGHTS, fixed={0: "z1"})
    assert own.heir_of == [1, -1]
    assert own.ceased == [("z0", "n0", 0)]


def test_a_zone_whose_middle_wanders_keeps_its_id_and_is_said_to_have_moved(year):
    before = find_zones(year(1, (0, 0, 400)))
    after = find_zones(year(2, (75, 0, 400)), previous=before)
    assert after["zone_id"].tolist() == before["zone_id"].tolist()
    assert after["status"].tolist() == ["moved"]
