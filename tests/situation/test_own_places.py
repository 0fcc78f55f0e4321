"""Stops as a user writes them: a place, when the visit is to begin, and how long to stay."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.shift import Shift
from riskmiljo.situation.own_places import OwnPlace, own_stops

EVENING = Shift.parse("2026-04-30 18:00/02:00")


def utc(text):
    return None if text is None else pd.Timestamp(text, tz="UTC")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("City", ("City", "", "", None)),
        (" Stora   torget 20 min ", ("Stora torget", "", "", 20.0)),
        ("City 22:30-23:00", ("City", "22:30", "23:00", None)),
        ("59.858, 17.645 22:30 – 23:00 5min", ("59.858, 17.645", "22:30", "23:00", 5.0)),
        ("59.858, -17.645", ("59.858, -17.645", "", "", None)),
        ("City 9:00-", ("City", "9:00", "", None)),
        ("City -24:00", ("City", "", "24:00", None)),
        ("Norr - söder", ("Norr - söder", "", "", None)),
    ],
)
def test_a_place_its_times_and_its_minutes_are_told_apart(text, parts):
    read = OwnPlace.read(text)
    assert (read.place, read.opens, read.closes, read.dwell_min) == parts


@pytest.mark.parametrize("text", ["City 22:30", "City kl 22:30", "City 25:00-26:00", "20:00-21:00"])
def test_a_time_that_is_no_window_is_refused_with_an_example(text):
    with pytest.raises(InvalidInputError, match="15:00-16:00 20 min") as caught:
        OwnPlace.read(text)
    assert "cannot be read" in caught.value.message.en


@pytest.mark.parametrize(
    ("shift", "times", "opens", "closes"),
    [
        ("2026-04-30 18:00/02:00", "20:00-21:00", "2026-04-30 18:00", "2026-04-30 19:00"),
        ("2026-04-30 18:00/02:00", "23:30-00:30", "2026-04-30 21:30", "2026-04-30 22:30"),
        ("2026-04-30 18:00/02:00", "00:30-01:30", "2026-04-30 22:30", "2026-04-30 23:30"),
        ("2026-04-30 18:00/02:00", "06:00-22:00", "2026-04-30 04:00", "2026-04-30 20:00"),
        ("2026-04-30 18:00/02:00", "22:00-", "2026-04-30 20:00", None),
        ("2026-04-30 18:00/02:00", "-00:30", None, "2026-04-30 22:30"),
        # The night that the clock is put forward, and the evening after it.
        ("2026-03-28 20:00/06:00", "01:00-04:00", "2026-03-29 00:00", "2026-03-29 02:00"),
        ("2026-03-29 18:00/06:00", "02:30-03:30", "2026-03-30 00:30", "2026-03-30 01:30"),
        # Both of the hours that the clock calls two.
        ("2026-10-24 20:00/06:00", "02:00-03:00", "2026-10-25 00:00", "2026-10-25 02:00"),
    ],
)
def test_times_are_those_of_the_shift_s_own_night(shift, times, opens, closes):
    window = OwnPlace.read(f"City {times}").window(Shift.parse(shift))
    assert window == (utc(opens), utc(closes))


@pytest.mark.parametrize(
    ("shift", "times", "problem"),
    [
        ("2026-04-30 18:00/02:00", "12:00-13:00", "men passet är 2026-04-30 18:00–02:00"),
        ("2026-04-30 18:00/02:00", "17:00-18:00", "Ändra tiderna eller passet"),
        ("2026-04-30 18:00/02:00", "02:00-03:00", "Ändra tiderna eller passet"),
        ("2026-04-30 18:00/02:00", "03:00-", "Ändra tiderna eller passet"),
        ("2026-04-30 18:00/02:00", "21:00-20:00", "slutar innan den börjar"),
        ("2026-03-28 20:00/06:00", "02:30-03:30", "klockan ställdes fram"),
    ],
)
def test_times_outside_the_shift_are_refused(shift, times, problem):
    with pytest.raises(InvalidInputError, match=problem):
        OwnPlace.read(f"City {times}").window(Shift.parse(shift))


def test_a_wish_becomes_a_stop_at_its_place_once():
    places = gpd.GeoDataFrame(
        {"name": ["City"]}, geometry=[shapely.Point(648_000, 6_637_000)], crs=3006
    )
    asked = {"shift": EVENING, "places": places, "crs": CRS(3006)}
    wish = "city 22:00-23:00 20 min"
    (met, alone) = own_stops([wish, "City"], [wish], **asked)
    assert (met.name, met.x, met.joint, met.dwell_min, met.pinned) == (
        "City", 648_000, True, 20.0, True,
    )  # fmt: skip
    assert (met.opens, met.closes) == (utc("2026-04-30 20:00"), utc("2026-04-30 21:00"))
    assert (alone.opens, alone.closes, alone.dwell_min, alone.joint) == (None, None, None, False)
    with pytest.raises(InvalidInputError, match="finns inte i ortregistret"):
        own_stops(["Ingenstans 22:00-23:00"], [], **asked)
