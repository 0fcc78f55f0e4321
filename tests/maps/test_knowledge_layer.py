"""How much is known where: grey is little known, and the classes are hours of presence a year."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.maps.knowledge_layer import KNOWLEDGE_CLASSES, knowledge_layer
from riskmiljo.maps.scale import DENSITY_CLASSES

X, Y, SIDE = 647_000.0, 6_638_000.0, 250.0


def cells(hours):
    boxes = [shapely.box(X + SIDE * n, Y, X + SIDE * (n + 1), Y + SIDE) for n in range(len(hours))]
    return gpd.GeoDataFrame({"hours_per_year": hours}, geometry=boxes, crs=3006)


def test_each_class_is_one_shape_and_the_legend_has_them_all():
    layer = knowledge_layer(cells([0.0, 0.0, 0.5, 1.0, 9.9, 50.0, 800.0]), cell_m=SIDE)
    colours = [one["properties"]["colour"] for one in layer["features"]]
    assert colours == [KNOWLEDGE_CLASSES[n][1] for n in (0, 1, 2, 4)]
    assert [one["label"]["sv"] for one in layer["legend"]["classes"]] == [
        "ingen känd", "under 1", "1–10", "10–50", "50 eller mer",
    ]  # fmt: skip
    assert "250 meter" in layer["legend"]["unit"]["sv"]
    assert "250 m" in layer["legend"]["unit"]["en"]
    assert not layer["shown"]
    areas = [shapely.geometry.shape(one["geometry"]).area for one in layer["features"]]
    assert areas[0] == pytest.approx(2 * areas[1], rel=0.01)


def test_no_colour_is_one_of_the_density_and_nothing_is_called_safe():
    assert not {colour for _, colour in KNOWLEDGE_CLASSES} & {one.colour for one in DENSITY_CLASSES}
    note = knowledge_layer(cells([0.0]), cell_m=SIDE)["legend"]["note"]
    assert "aldrig säkert" in note["sv"]
    assert "never safe" in note["en"]


def test_minutes_are_not_lost_between_classes():
    layer = knowledge_layer(cells(np.array([0.01, 1 / 60])), cell_m=SIDE)
    assert len(layer["features"]) == 2
