"""A plan opens to those whose incidents it is made of, and the joint picture's to every reader."""

from __future__ import annotations

import pytest

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.access.plans import may_open, rests_on
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings

OPENS = {
    "": set(),
    "joint": {Role.POLICE, Role.OUTREACH, Role.PLANNER, Role.ADMIN},
    "police": {Role.POLICE},
    "outreach": {Role.OUTREACH},
    "something else": set(),
}


@pytest.mark.parametrize("basis", OPENS)
@pytest.mark.parametrize("role", Role)
def test_the_whole_table_of_roles_and_plans(role, basis):
    decision = may_open(Reader(1, "x", role), basis)
    assert decision.allowed is (role in OPENS[basis])
    assert decision.reason.sv
    assert decision.reason.en


@pytest.mark.parametrize("basis", OPENS)
def test_where_nobody_logs_in_every_plan_opens(basis):
    assert may_open(NOBODY, basis).allowed


@pytest.mark.parametrize("role", Role)
def test_a_plan_is_made_of_what_its_maker_saw(role):
    settings, reader = Settings(), Reader(1, "x", role)
    own = lens_of(role, settings, scope="own")
    assert rests_on(reader, lens_of(role, settings, scope="joint")) == "joint"
    assert rests_on(reader, own) == (str(role) if own.scope == "own" else "joint")
    assert rests_on(NOBODY, demo_lens(settings)) == ""
