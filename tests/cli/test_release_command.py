"""``riskmiljo release``: the joint picture, and decisions to release more."""

from datetime import UTC, date, datetime

import pytest

from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.store import Area, open_store


@pytest.fixture
def folder(tmp_path):
    settings = Settings()
    incidents = simulate_city(seed=2, end=date(2026, 5, 4), years=1, incidents=600).incidents
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        store.add_incidents(
            incidents,
            file_name="stad.csv",
            sha256="0" * 64,
            source="police",
            receipt={},
            now=datetime(2026, 5, 4, tzinfo=UTC),
        )
    return tmp_path


def test_the_joint_picture_is_released_once_a_week_unless_asked_for(call, folder):
    first = call(folder, "release")
    assert first.returncode == 0, first.stderr
    assert "2026-04-30" in first.stdout
    again = call(folder, "release")
    assert (again.returncode, "Inget att släppa ännu" in again.stdout) == (0, True)
    at_once = call(folder, "release", "--now")
    assert "0 nya månader" in at_once.stdout
    anew = call(folder, "release", "--anew")
    assert "12 nya månader" in anew.stdout


def test_an_empty_store_has_nothing_to_release(call, tmp_path):
    with open_store(f"sqlite:///{tmp_path}/s.sqlite"):
        pass
    nothing = call(tmp_path, "release", "--now")
    assert nothing.returncode == 1
    assert "månad" in nothing.stderr


def test_a_decision_names_function_ground_recipient_and_what(call, folder):
    words = ("--function", "social_director", "--ground", "osl_10_18a", "--what", "zone_picture")
    made = call(folder, "release", "decide", *words, "--recipient", "police")
    assert made.returncode == 0, made.stderr
    told = call(folder, "release", "decisions").stdout
    assert "Socialdirektören" in told
    assert "OSL 10 kap. 18 a §" in told
    wrong = call(folder, "release", "decide", *words, "--recipient", "social")
    assert wrong.returncode == 2
    assert "samma myndighet" in wrong.stderr
