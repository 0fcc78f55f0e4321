"""A shift is planned anew from here and now; what is done stays done."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.plan import Leg, Plan, Visit
from riskmiljo.model.plan_record import plan_of, plan_record
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.replan import replan_routes
from riskmiljo.patrol.routes import plan_routes

SHIFT = Shift.parse("2026-04-30 18:00/02:00")
START = SHIFT.period.start
X0, Y0 = 648_000.0, 6_638_000.0
SLACK = timedelta(seconds=1)


def stops() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(4)
    places = rng.uniform(0, 1500, size=(12, 2))
    return gpd.GeoDataFrame(
        {
            "stop_id": [f"s{n}" for n in range(12)],
            "name": [f"Plats {n}" for n in range(12)],
            "risk": [tuple(row) for row in rng.gamma(1.0, 0.2, size=(12, 8))],
        },
        geometry=[shapely.Point(X0 + x, Y0 + y) for x, y in places],
        crs=3006,
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_routes(
        stops(),
        streets=None,
        shift=SHIFT,
        teams=2,
        start=(X0 + 700, Y0 + 700),
        pause_min=30,
        seconds=0.1,
    )


def again(plan: Plan, at: float, **changes) -> Plan:
    now = START + timedelta(minutes=at)
    return replan_routes(plan, stops(), streets=None, now=now, seconds=0.1, **changes)


def assert_sound(plan: Plan) -> None:
    for route in plan.routes:
        clock, here = route.crew.begins, np.array([route.crew.start.x, route.crew.start.y])
        for step in route.steps:
            if isinstance(step, Leg):
                assert step.departs >= clock - SLACK
                np.testing.assert_allclose(step.way[0], here, atol=0.2)
                clock, here = step.arrives, step.way[-1]
            elif isinstance(step, Visit):
                assert step.begins >= clock - SLACK
                clock, here = step.leaves, np.array([step.x, step.y])
            else:
                assert step.begins >= clock - SLACK
                clock = step.ends
        assert clock <= route.crew.ends + SLACK
    visits = sorted((v.stop_id, v.begins, v.leaves) for route in plan.routes for v in route.visits)
    for before, after in itertools.pairwise(visits):
        if before[0] == after[0]:
            assert after[1] - before[2] >= timedelta(minutes=90) - SLACK


@pytest.mark.parametrize("at", [0.5, 7, 61, 150, 333])
def test_what_has_begun_is_kept_and_the_rest_can_still_be_walked(plan, at):
    now = START + timedelta(minutes=at)
    fresh = again(plan, at)
    assert_sound(fresh)
    for old, new in zip(plan.routes, fresh.routes, strict=True):
        begun = [(v.stop_id, v.begins, v.leaves) for v in old.visits if v.begins < now]
        assert [(v.stop_id, v.begins, v.leaves) for v in new.visits][: len(begun)] == begun
        assert all(v.begins >= now - SLACK for v in new.visits[len(begun) :])
        assert len(new.pauses) == 1
        assert new.crew == old.crew
    # Nothing changed, so the rest need not be worse than it was.
    assert fresh.covered >= 0.97 * plan.covered


def test_a_late_team_goes_on_when_it_can(plan):
    now = START + timedelta(minutes=100)
    fresh = again(plan, 100, late_min={2: 40})
    assert_sound(fresh)
    later = [v.begins for v in fresh.routes[1].visits if v.begins > now]
    assert min(later) >= now + timedelta(minutes=40) - SLACK
    assert any("Lag 2 är 40 min sent" in note.sv for note in fresh.notes)
    assert "Omplanerad från kl. 19:40" in fresh.notes[0].sv


def test_a_team_called_away_makes_no_more_stops_and_what_it_did_still_counts(plan):
    now = START + timedelta(minutes=120)
    fresh = again(plan, 120, away=[1])
    assert_sound(fresh)
    done = [v.stop_id for v in plan.routes[0].visits if v.begins < now]
    assert [v.stop_id for v in fresh.routes[0].visits] == done
    assert len(fresh.routes[1].visits) > 0
    credited = sum(v.expected for route in fresh.routes for v in route.visits)
    assert fresh.covered == pytest.approx(credited)


def test_a_team_that_cannot_be_back_in_time_makes_no_more_visits_and_the_plan_says_how_late(plan):
    crew, home = plan.routes[1].crew, plan.routes[1].legs[-1]
    late = (crew.ends - home.arrives) / timedelta(minutes=1) + 1.5
    assert home.minutes > late - 1.5
    fresh = again(plan, (home.departs - START) / timedelta(minutes=1), late_min={2: late})
    assert fresh.routes[1].visits == tuple(
        replace(v, share=w.share, expected=w.expected, lost=w.lost)
        for v, w in zip(plan.routes[1].visits, fresh.routes[1].visits, strict=True)
    )
    [note] = [note for note in fresh.notes if "gör inga fler besök" in note.sv]
    assert note.sv.startswith("Lag 2 ")
    assert "i tid utan blir 2 min sent" in note.sv


def test_a_kept_plan_can_be_planned_anew_and_anew(plan):
    kept = plan_of(plan_record(plan))
    second = plan_of(plan_record(again(kept, 60)))
    third = again(second, 130, late_min={1: 15})
    assert_sound(third)
    assert next(v.stop_id for v in third.routes[0].visits) == plan.routes[0].visits[0].stop_id


@pytest.mark.parametrize(
    ("at", "changes", "problem"),
    [
        (-10, {}, "utanför passet"),
        (600, {}, "utanför passet"),
        (60, {"late_min": {5: 10}}, "Lag 5 finns inte"),
        (60, {"away": [0]}, "Lag 0 finns inte"),
        (60, {"late_min": {1: -3}}, "Lag 1 är \N{MINUS SIGN}3 min sent"),
        (60, {"away": [1, 2]}, "Inget lag är kvar"),
        (470, {"late_min": {1: 60, 2: 60}}, "Inget lag är kvar"),
    ],
)
def test_what_cannot_be_planned_anew_is_said(plan, at, changes, problem):
    with pytest.raises(InvalidInputError, match=problem):
        again(plan, at, **changes)
