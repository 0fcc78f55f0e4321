"""Plans come back from the store as they were made."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.plan import Crew, LeftOut, Leg, Pause, Plan, Route, Spot, Visit
from riskmiljo.model.plan_record import plan_of, plan_record
from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
SHIFT = Shift.parse("2026-04-30 18:00/02:00")
WHY = Text("6 händelser på 4 veckor.", "6 incidents in 4 weeks.")


def made() -> Plan:
    at = SHIFT.period.start

    def after(minutes: float) -> datetime:
        return at + timedelta(minutes=minutes)

    station = Spot("Polishuset", 648_000.0, 6_638_000.0)
    leg = Leg(
        after(0),
        after(5),
        400.0,
        np.array([[648_000.0, 6_638_000.0], [648_123.46, 6_638_300.0]]),
        ("Svartbäcksgatan", "Kungsgatan"),
    )
    visit = Visit(
        "z1.2", "City, Stora torget", 648_123.46, 6_638_300.0, "zone", "z1", after(5), after(6),
        after(18), 0.4, 0.12, 1, None, 0.4, 3.5, pinned=True, joint=False, why=WHY,
    )  # fmt: skip
    steps = (leg, visit, Pause(after(18), after(48), station))
    crew = Crew(1, "police", "walk", at, SHIFT.period.end, station, station)
    left = LeftOut("z9", "Gottsunda", 646_000.0, 6_633_000.0, "zone", 0.2, WHY)
    return Plan(
        shift=SHIFT,
        epsg=3006,
        routes=(Route(crew, steps),),
        left_out=(left,),
        covered=0.4,
        reachable=3.2,
        habit=None,
        comparison=WHY,
        distance="streets",
        notes=(WHY,),
        parameters={"seed": 1, "dwell_min": 12.0},
        as_of=NOW,
        simulated=True,
    )


def test_a_plan_comes_back_from_the_store_as_it_was_made(store):
    plan = made()
    number = store.plans.add(plan, now=NOW)
    back = store.plans.get(number)
    assert plan_record(back) == plan_record(plan)
    assert back.routes[0].visits == plan.routes[0].visits
    assert back.routes[0].pauses == plan.routes[0].pauses
    assert back.routes[0].crew == plan.routes[0].crew
    assert back.left_out == plan.left_out
    np.testing.assert_allclose(back.routes[0].legs[0].way, plan.routes[0].legs[0].way, atol=0.051)
    assert store.verify_audit() == []


def test_a_later_plan_stands_in_the_place_of_the_earlier_one(store):
    first = store.plans.add(made(), now=NOW)
    second = store.plans.add(made(), now=NOW, replaces=first)
    rows = store.plans.latest()
    assert [(row.plan_id, row.replaced) for row in rows] == [(second, False), (first, True)]
    assert rows[0].begins == SHIFT.period.start
    assert (rows[0].crews, rows[0].visits) == (1, 1)


def test_a_plan_that_does_not_exist_is_said_to_be_missing_and_nothing_is_written(store):
    before = store.version()
    with pytest.raises(NothingFoundError, match="Planen 7 finns inte"):
        store.plans.get(7)
    with pytest.raises(NothingFoundError, match="Planen 7 finns inte"):
        store.plans.add(made(), now=NOW, replaces=7)
    assert store.plans.latest() == ()
    assert store.version() == before


def test_a_plan_of_another_version_is_refused():
    record = json.loads(json.dumps(plan_record(made())))
    with pytest.raises(InvalidInputError, match="annan version"):
        plan_of({**record, "version": 99})
