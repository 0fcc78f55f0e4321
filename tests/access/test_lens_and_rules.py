import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.lens import demo_lens
from riskmiljo.access.rules import ROUTES, may_use
from riskmiljo.errors import SettingsError
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings, load_settings


@given(n=st.integers(0, 30), places=st.integers(0, 6), days=st.integers(0, 6), social=st.booleans())
def test_a_count_is_shown_only_above_every_floor(n, places, days, social) -> None:
    shown = demo_lens(Settings()).shown(n, places, days, sensitive=social)
    assert shown == (n >= (10 if social else 5) and places >= 3 and days >= 3)


@pytest.mark.parametrize("name", ["min_incidents", "min_sensitive", "min_places", "min_days"])
def test_floors_can_be_raised_and_never_lowered(name: str) -> None:
    floor = getattr(Settings(), name)
    assert getattr(load_settings(**{name: floor + 1}), name) == floor + 1
    with pytest.raises(SettingsError, match=name):
        load_settings(**{name: floor - 1})


@pytest.mark.parametrize("role", list(Role))
def test_a_route_that_is_not_in_the_table_is_closed_to_all(role: Role) -> None:
    decision = may_use(role, "nowhere.at_all")
    assert not decision.allowed
    assert decision.reason.sv
    assert not may_use(role, None).allowed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""])
def test_a_method_that_is_not_in_the_table_is_closed_to_all(role: Role, method: str) -> None:
    for endpoint in ROUTES:
        decision = may_use(role, endpoint, method)
        assert not decision.allowed
        assert decision.reason.sv


def test_night_walkers_see_no_plan() -> None:
    for endpoint, methods in ROUTES.items():
        if endpoint.startswith(("shift.", "plans.", "phone.")) and endpoint != "phone.worker":
            assert all(Role.PARTNER not in roles for roles in methods.values())


def test_the_table_is_followed_with_a_reason() -> None:
    for endpoint, methods in ROUTES.items():
        for role in Role:
            for method in ("GET", "HEAD", "POST"):
                decision = may_use(role, endpoint, method)
                assert decision.allowed == (role in methods.get(method, ()))
                assert decision.reason.en


def test_two_lenses_that_differ_have_keys_that_differ() -> None:
    assert demo_lens(Settings()).key != demo_lens(load_settings(min_incidents=6)).key
