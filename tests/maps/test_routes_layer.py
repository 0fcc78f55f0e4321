"""Routes on the map: every visit once, in order, apart by colour, dash and shape; hostile names."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from riskmiljo.export.drawing import CREW_COLOURS
from riskmiljo.maps import json_text, standalone_page
from riskmiljo.maps.routes_layer import ROUTE_COLOURS, ROUTE_DASHES, routes_bounds, routes_layer
from riskmiljo.model.plan import Crew, LeftOut, Leg, Pause, Plan, Route, Spot, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text

SHIFT = Shift.parse("2026-04-30 18:00/02:00")
HOME = Spot("Polishuset", 648_300.0, 6_638_700.0)
HOSTILE = "<img src=x onerror=window.__pwn=1>{{ 7*7191 }}"


def at(minutes):
    return SHIFT.period.start + timedelta(minutes=minutes)


def made(crews=2, *, name="Torget"):
    """Every crew goes to the same two stops, an hour after the one before, with a break between."""
    routes = []
    for number in range(1, crews + 1):
        first = (number - 1) * 60
        crew = Crew(number, "police", "walk", at(0), at(480), HOME, HOME)
        steps, here = [], (HOME.x, HOME.y)
        for order in range(2):
            there = (HOME.x + 300 * (order + 1), HOME.y + 200)
            begins = first + 10 + order * 30
            way = np.array([here, (there[0], here[1]), there])
            steps.append(Leg(at(begins - 10), at(begins), 500.0, way))
            steps.append(
                Visit(
                    f"s{order}", f"{name} {order}", *there, "zone", "z1", at(begins), at(begins),
                    at(begins + 12), 0.4, 0.123, number, None if number == 1 else 60.0, 0.2, 4.0,
                    pinned=False, joint=False, why=Text(f"{name} sv", f"{name} en"),
                )
            )  # fmt: skip
            here = there
        steps.insert(2, Pause(at(first + 22), at(first + 30), Spot(name, *here)))
        routes.append(Route(crew, tuple(steps)))
    left = LeftOut("s9", name, HOME.x, HOME.y - 900, "zone", 0.1, Text(name, name))
    return Plan(SHIFT, 3006, tuple(routes), (left,), 1.0, 2.0, None, Text("j", "c"), "streets")


def of(layer, kind):
    return [one for one in layer["features"] if one["properties"]["kind"] == kind]


def test_a_place_has_one_mark_with_the_visits_of_all_crews_in_order():
    layer = routes_layer(made(3))
    marks = of(layer, "stop")
    assert [mark["properties"]["id"] for mark in marks] == ["s0", "s1"]
    for number, mark in enumerate(marks, start=1):
        visits = mark["properties"]["visits"]
        assert [visit["crew"] for visit in visits] == [1, 2, 3]
        assert {visit["number"] for visit in visits} == {number}
    first = marks[0]["properties"]["visits"][0]
    assert (first["time"], first["minutes"], first["share"]) == ("18:10–18:22", 12, 0.123)
    lon, lat = marks[0]["geometry"]["coordinates"]
    assert 17.6 < lon < 17.7
    assert 59.8 < lat < 59.9


def test_every_crew_has_its_way_its_break_and_one_common_end():
    layer = routes_layer(made(3))
    assert [way["properties"]["crew"] for way in of(layer, "way")] == [1, 2, 3]
    assert len(of(layer, "pause")) == 3
    [end] = of(layer, "end")
    assert end["properties"]["label"]["en"] == "Start and finish"
    assert [left["properties"]["id"] for left in of(layer, "left")] == ["s9"]


def test_crews_differ_by_more_than_colour():
    looks = [
        (crew["colour"], crew["dash"], crew["shape"]) for crew in routes_layer(made(6))["crews"]
    ]
    assert len({colour for colour, _, _ in looks}) == 6
    assert len({dash for _, dash, _ in looks}) == len(set(ROUTE_DASHES)) == 6
    assert len({shape for _, _, shape in looks[:4]}) == 4


def test_the_screen_and_the_paper_give_a_crew_the_same_colour():
    assert [paper for paper, _ in CREW_COLOURS] == list(ROUTE_COLOURS)


def test_white_figures_and_edges_can_be_told_from_every_colour():
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return np.dot(linear, (0.2126, 0.7152, 0.0722))

    for colour in ROUTE_COLOURS:
        assert 1.05 / (light(colour) + 0.05) >= 4.5


def test_the_map_opens_on_the_routes(make):
    plan = made()
    payload = make.payload(plan=plan)
    west, south, east, north = payload["view"]["bounds"]
    for one in of(next(x for x in payload["layers"] if x["id"] == "routes"), "stop"):
        lon, lat = one["geometry"]["coordinates"]
        assert west < lon < east
        assert south < lat < north
    assert routes_bounds(plan) == (648_300, 6_638_700, 648_900, 6_638_900)


def test_a_plan_in_which_nobody_moves_is_drawn():
    crew = Crew(1, "police", "walk", at(0), at(480), HOME, HOME)
    layer = routes_layer(
        Plan(SHIFT, 3006, (Route(crew, ()),), (), 0.0, 0.0, None, Text("j", "c"), "straight")
    )
    assert [one["properties"]["kind"] for one in layer["features"]] == ["end"]
    assert layer["legend"]["left"] is layer["legend"]["pause"] is None


@pytest.mark.browser
def test_hostile_names_on_a_route_are_shown_and_never_run(make, watch, tmp_path):
    payload = make.payload(plan=made(name=HOSTILE), shown=("base", "routes"))
    assert "<" not in json_text(payload)
    file = tmp_path / "rutter.html"
    file.write_text(standalone_page(payload), encoding="utf-8")
    watched = watch()
    page = watched.page
    page.goto(file.as_uri())
    page.wait_for_selector(".karta[data-ready]")
    for opener in (".karta-stop", ".karta-routes button"):
        page.locator(opener).first.click()
        assert page.locator(".karta-info-name").text_content() == f"{HOSTILE} 0"
        assert f"{HOSTILE} sv" in page.locator(".karta-info").inner_text()
        page.keyboard.press("Escape")
    page.locator(".leaflet-routes-pane path.leaflet-interactive").first.dispatch_event("click")
    assert page.locator(".karta-info-name").text_content() == HOSTILE
    assert page.evaluate("typeof window.__pwn") == "undefined"
    assert "50337" not in page.content()
    assert watched.problems == []
