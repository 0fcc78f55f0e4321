"""A file of presence becomes checked presence, and each refused row says why."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import InvalidInputError, UnreadableFileError
from riskmiljo.intake import child, presence, read_presence_file, sandbox
from riskmiljo.model.tables import PRESENCE_COLUMNS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEADER = "plats;från;till;styrka"


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read text at a fixed time, without the child: it has tests of its own."""
    monkeypatch.setattr(
        presence, "parse_in_child", lambda path, *, name, layer: child.parse(path, name, layer)
    )

    def read_it(text, **options):
        path = tmp_path / "narvaro.csv"
        path.write_text(text, encoding="utf-8")
        return read_presence_file(path, **{"now": NOW, **options})

    return read_it


def minutes(result):
    return result.presence["minutes"].tolist()


def only_code(result):
    assert len(result.presence) == 0
    (code,) = result.rejects["code"]
    return code


def test_a_swedish_file_of_named_places_is_taken_through_the_child(tmp_path):
    assert presence.parse_in_child is sandbox.parse_in_child
    path = tmp_path / "narvaro.csv"
    path.write_text(
        f"{HEADER}\nResecentrum;2026-03-06 21:00;2026-03-06 21:45;polis\n"
        "vaksala torg;2026-03-06 20:00;2026-03-06 20:30;Ungdomsjouren\n",
        encoding="cp1252",
    )
    result = read_presence_file(path, now=NOW)
    frame = result.presence
    assert list(frame.columns) == list(PRESENCE_COLUMNS)
    assert frame["crew_kind"].tolist() == ["outreach", "police"]
    assert frame["minutes"].tolist() == [30.0, 45.0]
    assert frame["begins"].iloc[1] == pd.Timestamp("2026-03-06 20:00", tz="UTC")
    assert str(frame["begins"].dtype) == "datetime64[us, UTC]"
    assert frame.crs.to_epsg() == 3006
    assert result.rejects.empty
    receipt = json.loads(json.dumps(result.receipt))
    assert receipt["hours"] == {"outreach": 0.5, "police": 0.75}
    assert receipt["rows"] == receipt["accepted"] == 2


def test_coordinates_in_degrees_or_metres_give_the_same_place(read):
    degrees = read(
        "lat,lon,from,to,crew\n59.85861,17.63874,2026-01-02 10:00,2026-01-02 11:00,police\n"
    )
    point = degrees.presence.geometry.iloc[0]
    metres = read(
        f"x,y,from,to,crew\n{point.x},{point.y},2026-01-02 10:00,2026-01-02 11:00,police\n",
        crs=3006,
    )
    assert metres.presence.geometry.iloc[0].distance(point) < 0.02
    named = read(f"{HEADER}\nCity;2026-01-02 10:00;2026-01-02 11:00;polis\n")
    assert named.presence.geometry.iloc[0].distance(point) < 1


def test_a_row_without_a_name_may_have_coordinates_instead(read):
    result = read(
        "plats,lat,lon,från,till,styrka\n"
        "City,,,2026-01-02 10:00,2026-01-02 11:00,polis\n"
        ",59.85777,17.64745,2026-01-02 12:00,2026-01-02 12:30,polis\n"
        ",,,2026-01-02 13:00,2026-01-02 13:30,polis\n"
    )
    assert minutes(result) == [60.0, 30.0]
    assert result.rejects["code"].tolist() == ["KOORD_SAKNAS"]
    assert result.rejects["row"].tolist() == [4]


def test_two_times_of_day_may_cross_midnight(read):
    result = read("datum;plats;från;till;styrka\n2026-03-06;City;22:00;02:00;polis\n")
    assert minutes(result) == [240.0]
    assert result.presence["begins"].iloc[0] == pd.Timestamp("2026-03-06 21:00", tz="UTC")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("City;2026-03-06 21:00;2026-03-07 21:01;polis", "NARVARO_FOR_LANG"),
        ("City;2026-03-06 21:00;2026-03-06 20:00;polis", "TID_OMVAND"),
        ("Atlantis;2026-03-06 21:00;2026-03-06 22:00;polis", "PLATS_OKAND"),
        (";2026-03-06 21:00;2026-03-06 22:00;polis", "PLATS_OKAND"),
        ("City;2026-03-06 21:00;2026-03-06 22:00;brandkåren", "STYRKA_OKAND"),
        ("City;2026-03-06 21:00;2026-03-06 22:00;", "STYRKA_OKAND"),
        ("City;2026-03-29 02:30;2026-03-29 03:30;polis", "TID_FINNS_INTE"),
        ("City;2026-03-28 23:30;2026-03-29 02:15;polis", "TID_FINNS_INTE"),
        ("City;2026-07-06 21:00;2026-07-06 22:00;polis", "TID_ORIMLIG"),
        ("City;2026-03-06;2026-03-06 22:00;polis", "TID_FORMAT"),
        ("City;;2026-03-06 22:00;polis", "TID_SAKNAS"),
        ("City;2026-03-06 22:00;;polis", "TID_SAKNAS"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason(read, row, code):
    result = read(f"{HEADER}\n{row}\n")
    assert only_code(result) == code
    reject = result.rejects.iloc[0]
    assert reject["row"] == 2
    assert reject["reason"].startswith("Rad 2, kolumn '")
    assert "{" not in reject["reason"] + reject["reason_en"]
    assert result.receipt["severity"] == "file_refused"


def test_presence_outside_the_area_is_refused(read):
    result = read("lat,lon,from,to,crew\n57.7,11.97,2026-01-02 10:00,2026-01-02 11:00,police\n")
    assert only_code(result) == "UTANFOR_OMRADE"


def test_a_whole_day_is_taken_and_the_night_of_summer_time_has_one_hour_less(read):
    result = read(
        f"{HEADER}\nCity;2026-03-06 21:00;2026-03-07 21:00;polis\n"
        "City;2026-03-28 22:00;2026-03-29 06:00;polis\n"
    )
    assert minutes(result) == [24 * 60.0, 7 * 60.0]


def test_an_end_in_the_hour_that_comes_twice_is_never_before_its_beginning(read):
    result = read(
        f"{HEADER}\nCity;2025-10-26 02:30;2025-10-26 02:15;polis\n"
        "City;2025-10-25 23:00;2025-10-26 04:00;polis\n"
    )
    assert sorted(minutes(result)) == [45.0, 360.0]
    # Both times of a row may be unclear: it is said once, of the row.
    twice = [w for w in result.receipt["warnings"] if w["code"] == "TID_TVETYDIG"]
    assert [(w["rows"], w["at"]) for w in twice] == [(1, [2])]


def test_times_with_an_offset_are_taken_as_they_are(read):
    result = read(f"{HEADER}\nCity;2026-03-29T00:30Z;2026-03-29T01:30Z;polis\n")
    assert minutes(result) == [60.0]


def test_equal_rows_are_kept_as_several_patrols_and_said(read):
    row = "City;2026-03-06 21:00;2026-03-06 22:00;polis"
    result = read(f"{HEADER}\n{row}\n{row}\n")
    assert minutes(result) == [60.0, 60.0]
    (warning,) = result.receipt["warnings"]
    assert warning["code"] == "NARVARO_LIKA"
    assert warning["sv"].startswith("1 rad är lika")


def test_visits_that_meet_and_visits_of_no_length_are_taken_and_said(read):
    result = read(
        f"{HEADER}\nCity;2026-03-06 18:00;2026-03-06 21:00;polis\n"
        "City;2026-03-06 20:30;2026-03-06 20:45;polis\n"  # within the first
        "City;2026-03-06 20:50;2026-03-06 21:30;polis\n"  # meets the first, not the one before it
        "City;2026-03-06 21:30;2026-03-06 22:00;polis\n"  # begins as another ends
        "City;2026-03-06 20:30;2026-03-06 20:45;nattvandrare\n"  # another crew
        "City;2026-03-07 20:30;2026-03-07 20:30;polis\n"
    )
    assert sorted(minutes(result)) == [0.0, 15.0, 15.0, 30.0, 40.0, 180.0]
    said = {w["code"]: (w["rows"], w["at"]) for w in result.receipt["warnings"]}
    assert said == {"NARVARO_SAMTIDIGT": (2, [3, 4]), "NARVARO_NOLL": (1, [7])}


def test_the_crew_may_be_told_for_the_whole_file(read):
    text = "plats;från;till\nCity;2026-03-06 21:00;2026-03-06 22:00\n"
    assert read(text, crew_kind="outreach").presence["crew_kind"].tolist() == ["outreach"]
    with pytest.raises(UnreadableFileError, match="styrkans slag"):
        read(text)
    with pytest.raises(InvalidInputError, match="brandkår"):
        read(text, crew_kind="brandkår")


def test_a_name_that_means_two_places_is_refused(read):
    two = gpd.GeoDataFrame(
        {"name": ["Torget", "Torget", "Bron"], "kind": "square", "radius_m": 50.0},
        geometry=shapely.points([[648000, 6638000], [652000, 6638000], [648500, 6638500]]),
        crs=3006,
    )
    result = read(
        f"{HEADER}\nTorget;2026-03-06 21:00;2026-03-06 22:00;polis\n"
        "Bron;2026-03-06 21:00;2026-03-06 22:00;polis\n",
        gazetteer=two,
    )
    assert result.rejects["code"].tolist() == ["PLATS_OKAND"]
    assert np.allclose(result.presence.get_coordinates(), [[648500, 6638500]])


def test_columns_can_be_told_and_others_are_dropped_with_personal_data_named(read):
    result = read(
        "A;B;C;D;Namn\nCity;2026-03-06 21:00;2026-03-06 22:00;polis;Kalle Karlsson\n",
        mapping={"A": "place", "B": "begins", "C": "ends", "D": "crew_kind"},
    )
    assert minutes(result) == [60.0]
    (dropped,) = result.receipt["dropped"]
    assert dropped["column"] == "Namn"
    assert "Karlsson" not in json.dumps(result.receipt)
    with pytest.raises(InvalidInputError, match="Kolumner"):
        read(f"{HEADER}\nCity;x;y;polis\n", mapping={"X": "place"})


def test_a_file_without_a_place_says_which_columns_it_has(read):
    with pytest.raises(UnreadableFileError, match=r"ingen kolumn för platsen.*från"):
        read("från;till;styrka\n2026-03-06 21:00;2026-03-06 22:00;polis\n")


def test_a_file_of_headers_alone_is_said_to_have_no_rows(read):
    with pytest.raises(UnreadableFileError, match="rubriker men inga rader"):
        read(f"{HEADER}\n")
