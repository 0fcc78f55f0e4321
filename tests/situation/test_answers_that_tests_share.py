"""What tests remember of costly answers is what would be answered anew, and nobody's to change."""

from __future__ import annotations

import geopandas as gpd
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmiljo.situation import build


def zones():
    corners = [(0, 0), (900, 100), (300, 1200), (1500, 1400)]
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"z{n}" for n in range(4)],
            "name": [f"Torget {n}" for n in range(4)],
            "area_ha": 4.0,
            "per_ha_week": [1.0, 2.0, 1.5, 0.5],
        },
        geometry=[shapely.box(x, y, x + 200, y + 200) for x, y in corners],
        crs=3006,
    )


def test_an_answer_that_is_remembered_is_the_one_that_would_be_given():
    assert hasattr(build.patrol_areas, "kept")
    anew = build.patrol_areas.function(zones(), teams=2)
    for _ in range(2):
        told = build.patrol_areas(zones(), teams=2)
        assert_geodataframe_equal(told, anew)
        assert told.attrs == anew.attrs
        # Whoever changes an answer changes only his own.
        told["name"] = "ändrat"
        told.attrs.clear()


def test_another_question_is_answered_for_itself():
    assert len(build.patrol_areas(zones(), teams=2)) == 2
    assert len(build.patrol_areas(zones(), teams=3)) == 3
    moved = zones()
    moved.loc[0, "per_ha_week"] += 1e-9
    anew = build.patrol_areas.function(moved, teams=2)
    assert list(build.patrol_areas(moved, teams=2)["expected"]) == list(anew["expected"])
    assert list(anew["expected"]) != list(build.patrol_areas(zones(), teams=2)["expected"])
