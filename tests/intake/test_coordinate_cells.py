from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.geo.crs import transform
from riskmiljo.intake.area import ConfiguredArea
from riskmiljo.intake.coordinates import MISSING, READ, UNREADABLE, read_coordinates
from riskmiljo.intake.reference import locates, place

UPPSALA = ConfiguredArea("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm")
LON = np.array([17.6389, 17.6452, 17.6301, 17.6598, 17.6211, 17.6777, 17.6033, 17.642, 17.71, 17.6])
LAT = np.array([59.8586, 59.861, 59.8549, 59.8475, 59.8671, 59.8702, 59.8433, 59.84, 59.83, 59.85])
METRES = transform(LON, LAT, 4326, 3006)


def cells(*values):
    return pa.chunked_array([pa.array(values)])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("59.8586", 59.8586),
        ("59,8586", 59.8586),
        (" 59,8586 ", 59.8586),
        ("-17,6", -17.6),
        ("\u221217.6", -17.6),
        ("6638608.06", 6638608.06),
        ("6 638 608,06", 6638608.06),
        ("6\u00a0638\u00a0608,06", 6638608.06),
        ("6\u202f638\u202f608", 6638608.0),
        ("6'638'608.06", 6638608.06),
        ("6,638,608.06", 6638608.06),
        ("6.638.608,06", 6638608.06),
        ("59°51'30.96\"N", 59.8586),
        ("N 59° 51′ 30,96″", 59.8586),
        ("17°38'20.04\" Ö", 17.6389),
        ("17°38'20.04\"W", -17.6389),
        ("59.8586° N", 59.8586),
        ("59.8586N", 59.8586),
        ("59° 51.516'", 59.8586),
    ],
)
def test_one_number_may_be_written_in_many_ways(text, value):
    numbers, state = read_coordinates(cells(text, "1"))
    assert state[0] == READ
    assert numbers[0] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", MISSING),
        ("NULL", MISSING),
        ("-", MISSING),
        ("nan", MISSING),
        ("Saknas", MISSING),
        ("abc", UNREADABLE),
        ("inf", UNREADABLE),
        ("1e400", UNREADABLE),
        ("59.85.86", UNREADABLE),
        ("59°61'00\"N", UNREADABLE),
        ("59.8586, 17.6389", UNREADABLE),
        ("0x10", UNREADABLE),
        ("5 9 a", UNREADABLE),
    ],
)
def test_what_is_no_number_is_missing_or_unreadable(text, state):
    assert read_coordinates(cells(text, "1"))[1][0] == state


@given(st.floats(-180, 180, allow_nan=False), st.sampled_from([".", ","]))
def test_every_degree_survives_its_decimal_mark(value, mark):
    numbers, state = read_coordinates(cells(f"{value:.6f}".replace(".", mark)))
    assert state[0] == READ
    assert numbers[0] == round(value, 6)


def placed(east, north, **given):
    options = {
        "labels": "xy",
        "told": None,
        "declared": None,
        "area": UPPSALA,
        "area_given": True,
        **given,
    }
    return place(east, north, np.ones(len(east), dtype=bool), **options)


@pytest.mark.parametrize("epsg", [4326, 3006, 3021, 3011, 3857])
def test_a_system_is_recognised_from_the_numbers(epsg):
    east, north = transform(LON, LAT, 4326, epsg)
    found = placed(east, north)
    assert (found.code == "").all()
    assert found.crs == f"EPSG:{epsg}"
    assert found.how == "guessed"
    assert np.hypot(found.x - METRES[0], found.y - METRES[1]).max() < 1


def test_north_before_east_in_metres_is_taken_and_said():
    found = placed(METRES[1], METRES[0])
    assert (found.code == "").all()
    assert "AXLAR_NORR_FORST" in [note.code for note in found.notes]


def test_columns_named_north_and_east_are_never_swapped():
    found = placed(METRES[1], METRES[0], labels="eastnorth")
    assert set(found.code) == {"AXLAR_OMKASTADE"}


def test_latitude_and_longitude_are_never_swapped():
    for labels in ("lonlat", "xy", "geometry"):
        assert set(placed(LAT, LON, labels=labels).code) == {"LATLON_OMKASTAD"}
    declared = placed(LAT, LON, labels="geometry", declared="EPSG:4326")
    assert set(declared.code) == {"LATLON_OMKASTAD"}


def test_only_the_swapped_rows_are_refused():
    east, north = LON.copy(), LAT.copy()
    east[:3], north[:3] = LAT[:3], LON[:3]
    found = placed(east, north, labels="lonlat")
    assert list(found.code) == ["LATLON_OMKASTAD"] * 3 + [""] * 7
    east, north = METRES[0].copy(), METRES[1].copy()
    east[:3], north[:3] = METRES[1][:3], METRES[0][:3]
    found = placed(east, north, labels="eastnorth")
    assert list(found.code) == ["AXLAR_OMKASTADE"] * 3 + [""] * 7


def test_a_guess_needs_nearly_all_points():
    east, north = METRES[0].copy(), METRES[1].copy()
    east[:2] += 300_000
    found = placed(east, north)
    assert set(found.code) == {"CRS_OKLAR"}
    assert found.proposal == "EPSG:3006"
    told = placed(east, north, told=3006)
    assert list(told.code) == ["UTANFOR_OMRADE"] * 2 + [""] * 8


def test_numbers_that_contradict_the_declared_system_refuse_the_file():
    for said, fits in (("EPSG:4326", METRES), ("EPSG:3006", (LON, LAT))):
        found = placed(*fits, labels="geometry", declared=said)
        assert set(found.code) == {"CRS_STRIDER"}
        assert found.proposal in ("EPSG:3006", "EPSG:4326")


def test_what_the_user_says_of_the_system_wins():
    found = placed(*METRES, labels="geometry", declared="EPSG:4326", told="EPSG:3006")
    assert (found.code == "").all()
    assert found.how == "told"


def test_points_elsewhere_choose_their_own_area_unless_one_is_given():
    lon, lat = LON - 105.3, LAT - 18
    lon[9], lat[9] = -70.0, 10.0
    lon, lat = np.repeat(lon, 10), np.repeat(lat, 10)
    lon[95:], lat[95:] = lon[0], lat[0]
    own = placed(lon, lat, labels="lonlat", area_given=False)
    assert own.area.epsg == 32616
    assert own.area_how == "data"
    assert (own.code == "").sum() == 95
    assert set(own.code) == {"", "UTANFOR_OMRADE"}
    assert set(placed(lon, lat, labels="lonlat").code) == {"UTANFOR_OMRADE"}


def test_impossible_places_are_told_apart_from_places_outside():
    east = np.array([999999.0, 5986.0, -17.6, 17.64])
    north = np.array([999999.0, 5986.0, -17.6, 59.85])
    found = placed(east, north, labels="lonlat", area_given=False)
    assert list(found.code) == ["KOORD_UTANFOR", "KOORD_UTANFOR", "UTANFOR_OMRADE", ""]


def test_a_system_that_places_nothing_is_not_taken():
    assert locates("EPSG:3006")
    assert not locates("EPSG:99999")
    assert not locates('LOCAL_CS["nowhere",UNIT["metre",1]]')
