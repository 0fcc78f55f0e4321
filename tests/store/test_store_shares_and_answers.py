"""Plans are found by shift, shared by decision, and answered once; all of it is in the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from riskmiljo.errors import NothingFoundError
from riskmiljo.model.feedback import Feedback
from riskmiljo.model.plan import Plan
from riskmiljo.model.role import Role
from riskmiljo.model.shift import Shift
from riskmiljo.store.engine import reading
from riskmiljo.store.tables import audit
from riskmiljo.wording import Text

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
NOTHING = Text("", "")


def plan_for(text: str) -> Plan:
    return Plan(
        shift=Shift.parse(text),
        epsg=3006,
        routes=(),
        left_out=(),
        covered=0.0,
        reachable=0.0,
        habit=None,
        comparison=NOTHING,
        distance="streets",
        notes=(),
        parameters={},
    )


def acts(store):
    with reading(store._engine) as connection:
        return [tuple(row) for row in connection.execute(audit.select())]


def answer(plan_id: int, **changed) -> Feedback:
    given = {
        "plan_id": plan_id,
        "stop_id": "z1",
        "stop": "Resecentrum",
        "zone_id": "z1",
        "reason": "wrong_time",
        "crew_kind": "police",
        "noted_at": NOW,
    }
    return Feedback(**{**given, **changed})


def test_plans_of_a_time_are_those_in_force_earliest_shift_first(store):
    late = store.plans.add(plan_for("2026-04-30 20:00/02:00"), now=NOW, rests_on="police")
    old = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW)
    first = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW, replaces=old)
    again = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW, rests_on="joint")
    store.plans.add(plan_for("2026-05-01 18:00/02:00"), now=NOW)
    begins = Shift.parse("2026-04-30 18:00/02:00").period.start
    rows = store.plans.of_shift(begins - timedelta(hours=4), begins + timedelta(hours=8))
    assert [row.plan_id for row in rows] == [again, first, late]
    assert [row.rests_on for row in rows] == ["joint", "", "police"]
    # The end of a shift is not in it.
    assert store.plans.of_shift(begins + timedelta(hours=8), begins + timedelta(hours=9)) == ()
    assert store.plans.row(late) == rows[2]
    with pytest.raises(NothingFoundError, match="Planen 99 finns inte"):
        store.plans.row(99)


def test_a_plan_is_shared_with_a_role_until_that_is_taken_back(store):
    plan_id = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW)
    store.plan_shares.add(plan_id, Role.PARTNER, now=NOW, user=7)
    store.plan_shares.add(plan_id, Role.PARTNER, now=NOW, user=7)
    store.plan_shares.add(plan_id, Role.OUTREACH, now=NOW)
    assert store.plan_shares.roles(plan_id) == {Role.PARTNER, Role.OUTREACH}
    assert store.plan_shares.plans(Role.PARTNER, since=NOW) == (plan_id,)
    assert store.plan_shares.plans(Role.POLICE, since=NOW) == ()
    store.plan_shares.remove(plan_id, Role.PARTNER, now=NOW, user=7)
    assert store.plan_shares.plans(Role.PARTNER, since=NOW) == ()
    said = [(row[2], row[3]) for row in acts(store)]
    assert said.count(("share", '{"plan":1,"role":"partner","user":7}')) == 2
    assert ("share", '{"plan":1,"role":"outreach"}') in said
    assert ("unshare", '{"plan":1,"role":"partner","user":7}') in said
    assert store.verify_audit() == []
    with pytest.raises(NothingFoundError):
        store.plan_shares.add(99, Role.PARTNER, now=NOW)


def test_what_replaces_a_shared_plan_is_shared_and_a_shift_that_is_over_is_not_listed(store):
    first = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW)
    store.plan_shares.add(first, Role.PARTNER, now=NOW)
    second = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW, replaces=first)
    assert store.plan_shares.roles(second) == {Role.PARTNER}
    assert store.plan_shares.plans(Role.PARTNER, since=NOW) == (second,)
    assert store.plan_shares.plans(Role.PARTNER, since=NOW + timedelta(days=1)) == ()


def test_an_answer_is_kept_once_with_its_act_and_nothing_of_who(store):
    plan_id = store.plans.add(plan_for("2026-04-30 18:00/02:00"), now=NOW)
    before = len(acts(store))
    assert store.feedback.add(answer(plan_id), now=NOW)
    assert not store.feedback.add(answer(plan_id), now=NOW + timedelta(hours=2))
    assert store.feedback.add(answer(plan_id, reason="other"), now=NOW)
    assert store.feedback.add(answer(plan_id, noted_at=NOW + timedelta(seconds=1)), now=NOW)
    assert [one.reason for one in store.feedback.since(NOW)] == [
        "wrong_time",
        "other",
        "wrong_time",
    ]
    assert len(store.feedback.since(NOW, until=NOW + timedelta(seconds=1))) == 2
    assert store.feedback.since(NOW + timedelta(seconds=2)) == ()
    fresh = acts(store)[before:]
    assert [row[2] for row in fresh] == ["feedback"] * 3
    assert fresh[0][3] == '{"plan":1,"reason":"wrong_time"}'
    assert store.verify_audit() == []
