"""The drawn map: true to scale, whole, and with numbers that do not hide each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.export.drawing import CREW_COLOURS, draw_plan
from riskmiljo.export.placing import Box, place
from riskmiljo.model.plan import Route


def drawn(plan, **options):
    return draw_plan(plan, plan.routes, **{"width": 186.0, "height": 105.0, **options})


def test_distances_on_paper_follow_the_scale_bar(plan):
    drawing = drawn(plan)
    metres = drawing.scale_m / drawing.scale_width
    marks = {mark.text: mark for mark in drawing.markers}
    one, two = plan.routes[0].visits[:2]
    paper = np.hypot(marks["1:1"].x - marks["1:2"].x, marks["1:1"].y - marks["1:2"].y)
    assert paper * metres == pytest.approx(np.hypot(one.x - two.x, one.y - two.y), rel=0.01)
    assert (marks["1:1"].y < marks["1:2"].y) == (one.y > two.y)


def test_everything_lies_within_the_frame(plan, base):
    drawing = drawn(plan, base=base, left_out=plan.left_out)
    lines = [line for _, ways in drawing.ways for line in ways]
    lines += [shape for _, shapes in drawing.base for shape in shapes]
    every = np.concatenate(lines)
    assert every.min() >= -0.01
    assert every[:, 0].max() <= 186.01
    assert every[:, 1].max() <= 105.01
    assert len(drawing.left_out) == 1  # the other one lies nine kilometres away


@given(
    st.lists(
        st.tuples(st.floats(0, 186), st.floats(0, 105), st.sampled_from([4.2, 9.0])),
        min_size=1,
        max_size=40,
    )
)
def test_numbers_do_not_overlap_while_there_is_room(spots):
    wanted = [Box(x, y, width, 4.2) for x, y, width in spots]
    taken = [Box(20, 101, 40, 7)]
    placed = place(wanted, taken, width=186, height=105)
    assert len(placed) == len(wanted)
    assert not any(a.meets(b) for a, b in combinations([*taken, *placed], 2))
    assert all(box.inside(186, 105) for box in placed)


def test_a_number_that_has_its_place_free_stays_there():
    wanted = [Box(50, 50, 4, 4), Box(80, 50, 4, 4)]
    assert place(wanted, [], width=186, height=105) == wanted


def test_visits_of_one_place_share_a_mark(plan):
    route = plan.routes[1]
    spot = route.visits[0]
    steps = tuple(
        replace(step, x=spot.x, y=spot.y) if step in route.visits[:3:2] else step
        for step in route.steps
    )
    drawing = draw_plan(plan, [Route(route.crew, steps)], width=186, height=105)
    assert drawing.markers[0].text == "1 3"
    assert len(drawing.markers) == 4


def test_many_visits_of_one_place_do_not_cover_the_map(plans):
    plan = plans.make(stops=(40,))
    here = plans.home
    steps = tuple(
        replace(step, x=here.x + 90, y=here.y) if hasattr(step, "why") else step
        for step in plan.routes[0].steps
    )
    (mark,) = draw_plan(
        plan, [Route(plan.routes[0].crew, steps)], width=92, height=100, marker_height=5
    ).markers
    assert mark.text == "1 2 3 …"
    assert mark.box.width < 15


def test_holes_stay_holes_and_unknown_kinds_are_streets(plan, base):
    strange = base.assign(kind=base["kind"].replace({"street": "kostig", "path": "steps"}))
    shapes = dict(drawn(plan, base=strange).base)
    assert len(shapes["park"]) == 2  # the outline and the hole
    assert {"street", "path", "main", "rail", "water"} <= set(shapes)


def test_odd_base_maps_are_drawn_as_far_as_they_go(plan, plans):
    x, y = plans.home.x, plans.home.y
    shapes = [
        None,
        shapely.Point(x, y),
        shapely.LineString(),
        shapely.MultiLineString([[(x, y), (x + 90, y)], [(x, y), (x, y + 90)]]),
        shapely.GeometryCollection([shapely.LineString([(x, y), (x + 5, y + 99)])]),
        shapely.LineString([(x - 500, y - 20), (x + 500, y - 20)]),
        shapely.Polygon([(x, y), (x + 200, y + 200), (x + 200, y), (x, y + 200)]),
    ]
    kinds = ["street", "street", "main", "main", "rail", "water", "water"]
    frame = gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=3006)
    found = {kind: len(lines) for kind, lines in drawn(plan, base=frame).base}
    assert found == {"water": 2, "river": 1, "main": 2, "rail": 1}
    assert drawn(plan, base=frame.iloc[:0]).base == ()
    assert drawn(plan, base=frame.drop(columns="kind")).base


def test_one_stop_at_the_start_makes_a_map(plans):
    plan = plans.make(stops=(1,))
    route = plan.routes[0]
    here = (plans.home.x, plans.home.y)
    visit = plans.visit(here, 1, "Här", plan.shift.period.start, 12)
    drawing = draw_plan(plan, [Route(route.crew, (visit,))], width=186, height=105)
    assert [mark.text for mark in drawing.markers] == ["1"]
    assert drawing.scale_m in {100, 200}


def _luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("light", "dark"), CREW_COLOURS)
def test_numbers_can_be_read_on_every_crews_colour(light, dark):
    # WCAG 2.2, 1.4.3: the lighter over the darker.
    assert 1.05 / (_luminance(light) + 0.05) >= 4.5
    assert (_luminance(dark) + 0.05) / (_luminance("#0f141a") + 0.05) >= 4.5
