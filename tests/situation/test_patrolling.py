"""A shift is planned on what the lens shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pytest
import shapely

from riskmiljo.access.lens import demo_lens
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.streets import read_streets
from riskmiljo.patrol.teams import Team
from riskmiljo.settings import shipped
from riskmiljo.situation import ShiftRequest, build_situation, plan_shift, replan_shift
from riskmiljo.situation.named_places import find_spot
from riskmiljo.situation.patrolling import told_presence

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
SHIFT = Shift.parse("2026-04-30 18:00/02:00")
REQUEST = ShiftRequest(shift=SHIFT, teams=(Team(), Team()), start="Polishuset", seconds=0.2)


def presence(city, settings) -> gpd.GeoDataFrame:
    return city.presence.to_crs(settings.epsg)


@pytest.fixture(scope="module")
def made(store, settings, city):
    lines = read_streets(shipped("data", "streets.geojson"), crs=settings.epsg).lines()
    store.save_streets(lines, source="test", now=NOW)
    store.add_presence(presence(city, settings), now=NOW)
    return plan_shift(store, settings, demo_lens(settings), Filter(), REQUEST, now=NOW)


def test_stops_lie_at_corners_and_never_at_an_incident(made, store):
    incidents = store.incidents()
    points = shapely.multipoints(shapely.get_coordinates(incidents.geometry.to_numpy()))
    corners = read_streets(shipped("data", "streets.geojson"), crs=3006).nodes
    near = made.stops[made.stops["kind"] == "zone"].geometry
    on_street = [
        shapely.distance(point, shapely.multipoints(corners)) < 1.0
        for point in near
        if shapely.distance(point, shapely.multipoints(corners)) < 200
    ]
    assert on_street
    assert all(on_street)
    assert all(shapely.distance(point, points) > 0 for point in near)


def test_patrol_areas_are_made_beside_the_zones_of_a_plan_not_anew(made, store, settings):
    assert made.situation.areas.empty
    lens, shift = demo_lens(settings), made.situation.shift
    evening, night = (
        build_situation(store, settings, lens, Filter(), now=NOW, shift=one, teams=2)
        for one in (shift, Shift(Period(shift.period.end, shift.period.end + timedelta(hours=6))))
    )
    assert len(evening.areas) == len(night.areas) == 2
    assert evening.areas["expected"].sum() != night.areas["expected"].sum()
    assert evening.zones is night.zones is made.situation.zones
    assert evening.streets is made.situation.streets


def test_reasons_hold_no_count_below_the_minimum(made):
    told = [visit.why.sv for route in made.plan.routes for visit in route.visits]
    counts = [
        int(text.split(" händelser")[0].split()[-1]) for text in told if " händelser de" in text
    ]
    assert counts
    assert min(counts) >= 5


def test_every_stop_and_every_one_left_out_tells_presence_so_far(made, city, settings):
    rows = presence(city, settings)
    since = SHIFT.period.start - timedelta(days=28)
    rows = rows[(rows["begins"] >= since) & (rows["begins"] < NOW)]
    visits = sorted((v for r in made.plan.routes for v in r.visits), key=lambda v: v.begins)
    steps = [*visits, *made.plan.left_out]
    told = [step for step in steps if step.kind != "explore"]
    assert len({step.stop_id for step in told}) > 10
    told = list({step.stop_id: step for step in reversed(told)}.values())
    for step in told:
        near = rows.geometry.distance(shapely.Point(step.x, step.y)) <= 150
        minutes = round(rows.loc[near, "minutes"].sum())
        parts = [f"{minutes // 60} tim"] * (minutes >= 60) + [f"{minutes % 60} min"] * (
            minutes % 60 > 0
        )
        span = "Närvaro här senaste 28 dygnen: "
        assert f"{span}{' '.join(parts) or 'ingen noterad'}." in step.why.sv


def test_presence_is_not_told_where_the_lens_shows_none(made, store):
    joint = replace(made.situation.lens, scope="joint")
    stops = told_presence(made.stops.drop(columns="presence_min"), store, joint, until=NOW)
    assert "presence_min" not in stops
    never = NOW - timedelta(days=9_000)
    none = told_presence(stops, store, made.situation.lens, until=never)
    assert "presence_min" not in none
    assert none.attrs["notes"][-1]["en"] == "No presence was noted anywhere in the last 28 days."
    assert made.stops["presence_min"].max() > 60


def test_one_exploratory_stop_is_in_the_plan_and_says_so(made, store, settings):
    explored = [v for r in made.plan.routes for v in r.visits if v.kind == "explore"]
    assert len({v.name for v in explored}) == 1
    assert "Utforskande stopp" in explored[0].why.sv
    none = plan_shift(
        store,
        settings.model_copy(update={"exploratory_stops": 0}),
        demo_lens(settings),
        Filter(),
        REQUEST,
        now=NOW,
    )
    assert not [v for r in none.plan.routes for v in r.visits if v.kind == "explore"]


def test_the_plan_is_compared_with_the_habit_of_the_weeks_before(made):
    assert made.plan.habit is not None
    assert 0 < made.plan.habit < made.plan.covered
    assert "de senaste 28 dygnens vana" in made.plan.comparison.sv


def test_a_replanned_shift_keeps_its_exploratory_stop(made, store, settings):
    fresh = replan_shift(
        store,
        settings,
        demo_lens(settings),
        Filter(),
        REQUEST,
        made.plan,
        now=SHIFT.period.start + timedelta(minutes=90),
    )
    names = {s.name for s in made.plan.left_out if s.kind == "explore"}
    names |= {v.name for r in made.plan.routes for v in r.visits if v.kind == "explore"}
    assert names == set(fresh.stops.loc[fresh.stops["kind"] == "explore", "name"])


def test_a_place_is_found_by_name_whatever_its_case_or_by_coordinates():
    places = read_gazetteer(crs=3006)
    by_name = find_spot("  polishuset ", places, places.crs)
    by_degrees = find_spot("59.8666, 17.62943", places, places.crs)
    assert by_name.name == "Polishuset"
    assert abs(by_name.x - by_degrees.x) < 1
    with pytest.raises(InvalidInputError, match="Menas Polishuset"):
        find_spot("Polis-huset", places, places.crs)
    with pytest.raises(InvalidInputError, match="finns inte i ortregistret"):
        find_spot("Xyzzy", places, places.crs)
