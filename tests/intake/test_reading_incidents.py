from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import riskmiljo as rm
from riskmiljo.errors import CRSError, InvalidInputError, UnreadableFileError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.intake import ConfiguredArea, read_incidents
from riskmiljo.model.incidents import validate_incidents
from riskmiljo.settings import shipped

HEADER = "id,tid,typ,lat,lon"
ROW = "a,2025-01-10 08:15,Rån,59.8586,17.6389"


def codes(intake):
    return {w["code"] for w in intake.receipt["warnings"]} | set(intake.rejects["code"])


def test_the_example_that_is_shipped_imports_cleanly(read_by_child):
    intake = read_by_child(shipped("data", "incidents_example.csv"))
    assert len(intake.incidents) == 10
    assert intake.rejects.empty
    assert intake.receipt["dropped"] == []
    assert set(intake.incidents["detection"]) == {"reported", "discovered"}
    assert set(intake.incidents["owner"]) == {"police", "social", "municipality"}
    assert intake.incidents["restricted_to"].dropna().tolist() == ["outreach", "police"]
    assert (intake.incidents["occurred_to"] > intake.incidents["occurred_from"]).sum() == 3


def test_the_receipt_is_plain_json_and_adds_up(read):
    intake = read(f"{HEADER}\n{ROW}\nb,x,Rån,59.86,17.64\nc,2025-01-10 08:15,Okänt,59.86,17.64\n")
    receipt = json.loads(json.dumps(intake.receipt))
    assert receipt["rows"] == receipt["accepted"] + receipt["refused"] == 3
    assert receipt["refused_by_code"] == {"TID_FORMAT": 1, "TYP_OKAND": 1}
    assert receipt["categories"]["unknown_words"] == [{"word": "Okänt", "rows": 1}]
    assert receipt["mapping"]["tid"] == "occurred_from"
    assert len(receipt["sha256"]) == 64
    validate_incidents(intake.incidents)


def test_a_refusal_says_what_where_and_how_to_mend_it(read):
    intake = read(f"{HEADER}\na,2025-03-30 02:30,Rån,59.8586,17.6389\n")
    row = intake.rejects.iloc[0]
    assert row["reason"] == (
        "Rad 2, kolumn 'tid': 2025-03-30 02:30 finns inte (klockan ställdes fram). "
        "Ange tidszon eller rätta tiden."
    )
    assert row["reason_en"].startswith("Row 2, column 'tid': 2025-03-30 02:30 does not exist")
    assert row["value_class"] == "12 siffror med bindestreck, kolon, blanksteg"
    assert intake.incidents.empty
    assert intake.receipt["severity"] == "file_refused"


@pytest.mark.parametrize(
    "header",
    [
        "id,tid,typ,lat,lon",
        "Händelsenummer,Brottstid,Brottstyp,Latitud,Longitud",
        "ARENDENR,Händelsetid,KATEGORI,LAT,LONG",
        "case_number,occurred,offense,latitude,longitude",
        "Event ID,Date Occ,Primary Type,Lat (WGS84),Lon (WGS84)",
        "id,datum,brott,y,x",
        "Löpnr,Tid,Typ av brott,WGS 84 Lat,WGS 84 Long",
        "HÃ¤ndelsenummer,Tidpunkt,HÃ¤ndelsetyp,Lat,Lon",
    ],
)
def test_swedish_and_english_headers_are_known(read, header):
    intake = read(f"{header}\n{ROW}\n{ROW.replace('a,', 'b,', 1)}\n")
    assert list(intake.incidents["incident_id"]) == ["a", "b"]
    assert intake.incidents["category"][0] == "robbery"


@pytest.mark.parametrize(
    "header",
    [
        "SWEREF99 TM N,SWEREF99 TM E",
        "N (SWEREF 99 TM),E (SWEREF 99 TM)",
        "Nordkoordinat,Östkoordinat",
        "Y-koordinat,X-koordinat",
        "y_coord,x_coord",
        "Koordinat N,Koordinat Ö",
    ],
)
def test_headers_of_coordinates_may_name_their_system(read, header):
    intake = read(f"id,tid,typ,{header}\na,2025-01-10 08:15,Rån,6638608,647793\n")
    assert intake.incidents.geometry[0].x == 647793
    assert codes(intake) == {"CRS_GISSAD_3006"}


def test_a_file_whose_first_row_is_data_is_told_so(read):
    with pytest.raises(UnreadableFileError, match="rubrik") as caught:
        read("1,2025-01-10 08:15,Rån,59.85,17.64\n2,2025-01-11 08:15,Rån,59.86,17.64\n")
    assert caught.value.code == "RUBRIK_SAKNAS"


def test_intervals_registration_and_swedish_words_are_read(read):
    intake = read(
        "id;från;till;registrerad;typ;upptäckt/rapporterad;källa;ålder;n;e\n"
        "a;2025-01-10 08:15;2025-01-10 10:15;2025-01-11 09:00;Stöld;Upptäckt;Polisen;17;"
        "6638608,06;647793,49\n"
        "b;2025-01-10;;;Stöld;;Ungdomsjouren;22;6638608,06;647793,49\n"
    )
    first, second = (intake.incidents.iloc[n] for n in (0, 1))
    assert (first["detection"], first["source"], first["owner"]) == (
        "discovered",
        "police",
        "police",
    )
    assert str(first["occurred_to"]) == "2025-01-10 09:15:00+00:00"
    assert str(first["registered_at"]) == "2025-01-11 08:00:00+00:00"
    assert list(intake.incidents["age_band"]) == ["under_18", "21_plus"]
    assert (second["detection"], second["owner"]) == ("unknown", "social")
    assert str(second["occurred_to"]) == "2025-01-10 23:00:00+00:00"


def test_a_date_and_a_time_of_day_in_two_columns_are_joined(read):
    intake = read(f"id,datum,tid,typ,lat,lon\n{ROW.replace(' ', ',', 1)}\n")
    assert str(intake.incidents["occurred_to"][0]) == "2025-01-10 07:15:00+00:00"
    both = read(
        "id,startdatum,starttid,slutdatum,sluttid,typ,lat,lon\n"
        "a,2025-01-10,08:15,2025-01-11,09:15,Rån,59.8586,17.6389\n"
    )
    assert str(both.incidents["occurred_from"][0]) == "2025-01-10 07:15:00+00:00"
    assert str(both.incidents["occurred_to"][0]) == "2025-01-11 08:15:00+00:00"


def test_columns_without_telling_headers_are_found_by_their_values(read):
    intake = read("k1,k2,k3,k4\nRån,59.8586,17.6389,2025-01-10 08:15\nRån,59.86,17.64,2025-01-11\n")
    assert len(intake.incidents) == 2
    assert "KOLUMN_GISSAD" in codes(intake)
    metres = read("k1,k2,k3\n6638608,647793,2025-01-10\n6638889,648135,2025-01-11\n")
    assert metres.incidents.geometry[0].x == pytest.approx(647793, abs=1)


def test_the_users_mapping_wins_and_names_what_it_cannot_find(read):
    text = "a1,when,what,p,q\n1,2025-01-10 08:15,Rån,59.8586,17.6389\n"
    mapping = {
        "a1": "incident_id",
        "When": "occurred_from",
        "what": "-",
        "p": "lat",
        "q": "lon",
    }
    intake = read(text, mapping=mapping)
    assert intake.incidents["category"][0] == "other"
    assert intake.receipt["dropped"][0]["why"] == "told"
    with pytest.raises(InvalidInputError, match=r"'nope'.*a1, when, what, p, q"):
        read(text, mapping={"nope": "lat"})
    with pytest.raises(InvalidInputError, match=r"'latitude'.*occurred_from"):
        read(text, mapping={"p": "latitude"})
    with pytest.raises(InvalidInputError, match="Två kolumner"):
        read(text, mapping={"p": "lat", "q": "lat"})


@pytest.mark.parametrize(
    ("text", "field"),
    [("id,typ,lat,lon\na,Rån,59.85,17.64\n", "occurred_from"), ("id,tid,typ\na,2025,b\n", "lat")],
)
def test_a_file_without_time_or_place_says_how_to_point_them_out(read, text, field):
    with pytest.raises(UnreadableFileError, match=f"--map KOLUMN={field}.*id, ") as caught:
        read(text)
    assert caught.value.code == "KOLUMN_SAKNAS"


@pytest.mark.parametrize("crew", ["styrka", "Crew kind", "Patrulltyp"])
def test_a_file_of_presence_given_as_incidents_is_told_for_what_it_is(tmp_path, crew):
    path = tmp_path / "pass.csv"
    path.write_text(f"plats;från;till;{crew}\nTorget;2026-04-01 20:00;2026-04-01 21:00;polis\n")
    with pytest.raises(UnreadableFileError, match=rf"närvaro \(kolumnen {crew}\).*presence import"):
        read_incidents(path)


def test_category_words_come_from_a_table_that_the_user_can_replace(read, tmp_path):
    text = f"{HEADER}\n{ROW}\nb,2025-01-10 08:15,Klottrigt,59.86,17.64\n"
    assert list(read(text).rejects["code"]) == ["TYP_OKAND"]
    assert len(read(text, categories={"klottrigt": "vandalism"}).incidents) == 2
    assert set(read(text, categories="theft").incidents["category"]) == {"theft"}
    table = tmp_path / "words.csv"
    table.write_text(
        "source,word,category,detection\npolice,klottrigt,vandalism,discovered\n*,rån,robbery,\n"
    )
    own = read(text, categories=table, source="police").incidents
    assert list(own["category"]) == ["robbery", "vandalism"]
    assert list(own["detection"]) == ["unknown", "discovered"]
    assert list(read(text, categories=table).rejects["code"]) == ["TYP_OKAND"]
    table.write_text("source,word,category\n*,x,arson\n")
    with pytest.raises(InvalidInputError, match=r"rad 2.*'arson'"):
        read(text, categories=table)
    with pytest.raises(InvalidInputError, match="finns-inte"):
        read(text, categories="finns-inte.csv")


def test_a_qualified_offence_is_its_plain_one_and_detection_is_never_guessed(read):
    rows = [
        "Rån, försök",
        "Narkotikabrott",
        "Narkotikabrott, innehav påträffat",
        "Misshandel, grov",
    ]
    body = [f'{n},2025-01-10 08:15,"{word}",59.86,17.64' for n, word in enumerate(rows)]
    incidents = read("\n".join([HEADER, *body])).incidents
    assert list(incidents["category"]) == ["robbery", "narcotics", "narcotics", "violence"]
    assert list(incidents["detection"]) == ["unknown", "unknown", "discovered", "unknown"]


def test_incidents_without_a_kind_are_other_and_said(read):
    intake = read("id,tid,lat,lon\na,2025-01-10 08:15,59.8586,17.6389\n")
    assert intake.incidents["category"][0] == "other"
    assert codes(intake) == {"TYP_SAKNAS"}


def test_repeated_rows_count_once_and_contradicting_ones_not_at_all(read):
    text = f"{HEADER}\n{ROW}\n{ROW}\nb,2025-01-10 08:15,Rån,59.86,17.64\n"
    intake = read(text + "b,2025-01-10 09:15,Rån,59.86,17.64\nc,2025-01-10 08:15,Rån,59.86,17.64\n")
    assert list(intake.incidents["incident_id"]) == ["a", "c"]
    assert list(zip(intake.rejects["row"], intake.rejects["code"], strict=True)) == [
        (3, "DUBBLETT_I_FIL"),
        (4, "ID_KONFLIKT"),
        (5, "ID_KONFLIKT"),
    ]
    assert "rad 2" in intake.rejects["reason"][0]
    assert "rad 5" in intake.rejects["reason"][1]
    assert "rad 4" in intake.rejects["reason"][2]


def test_incidents_without_an_id_get_the_same_key_each_time(read):
    text = (
        f"{HEADER}\n{ROW}\n,2025-01-10 08:15,Rån,59.86,17.64\n,2025-01-10 08:15,Rån,59.86,17.64\n"
    )
    first, second = read(text), read(text)
    assert first.incidents["incident_id"].is_unique
    assert list(first.incidents["incident_id"]) == list(second.incidents["incident_id"])
    assert [w["rows"] for w in first.receipt["warnings"] if w["code"] == "NYCKEL_BERAKNAD"] == [2]


def test_an_area_that_is_given_is_kept_to_and_one_that_is_not_follows_the_data(read):
    chicago = ConfiguredArea("Chicago", (-88.0, 41.5, -87.4, 42.1), 32616, "America/Chicago")
    text = f"{HEADER}\na,2025-01-10 08:15,Rån,41.88,-87.63\nb,2025-01-10 08:15,Rån,41.89,-87.64\n"
    given = read(text, area=chicago, tz="America/Chicago")
    assert given.incidents.crs.to_epsg() == 32616
    assert codes(given) == set()
    free = read(text)
    assert free.receipt["area"]["how"] == "data"
    assert free.receipt["area"]["epsg"] == 32616
    assert codes(free) == {"OMRADE_UR_DATA", "TIDSZON_MISSTANKT"}
    uppsala = ConfiguredArea("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm")
    assert list(read(text, area=uppsala).rejects["code"]) == ["UTANFOR_OMRADE"] * 2


def test_feet_are_turned_into_metres_when_the_system_is_told(read):
    text = "occ_date,x_coordina,y_coordina\n2012-03-12,7688186,676342\n2012-03-15,7650823,670782\n"
    mapping = {"x_coordina": "x", "y_coordina": "y", "occ_date": "occurred_from"}
    intake = read(text, mapping=mapping, crs=2913, tz="America/Los_Angeles", categories="theft")
    assert intake.incidents.crs.to_epsg() == 32610
    assert len(intake.incidents) == 2
    with pytest.raises(InvalidInputError, match="99999"):
        read(text, mapping=mapping, crs=99999)


@pytest.mark.parametrize(
    "options", [{"tz": "Mars/Olympus"}, {"source": "rumour"}, {"mapping": {"": "lat"}}]
)
def test_arguments_that_cannot_be_used_are_named(read, options):
    with pytest.raises(InvalidInputError):
        read(f"{HEADER}\n{ROW}\n", **options)


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"borta\.csv"):
        read_incidents(tmp_path / "borta.csv", now=datetime(2026, 1, 1, tzinfo=UTC))


def test_an_unknown_role_or_source_refuses_the_row_because_secrecy_hangs_on_it(read):
    text = f"{HEADER},restricted_to,kalla\n{ROW},polis?,Polisen\n"
    assert list(read(text).rejects["code"]) == ["ORD_OKANT"]
    told = read(f"{HEADER},k\n{ROW},Skvaller\n", mapping={"k": "source"})
    assert list(told.rejects["code"]) == ["ORD_OKANT"]
    # A column that only by its header might be a source is not forced to be one.
    assert len(read(f"{HEADER},källa\n{ROW},STORM\n").incidents) == 1


def test_weights_and_precision_are_numbers_or_refused(read):
    text = f"{HEADER},vikt,noggrannhet m\n{ROW},2,\nb{ROW[1:]},-1,25\n"
    intake = read(text, mapping={"vikt": "weight"})
    assert intake.incidents["weight"][0] == 2.0
    assert intake.incidents["precision_m"][0] == 0.0
    assert list(intake.rejects["code"]) == ["TAL_FORMAT"]


@pytest.mark.parametrize("given", [None, 7, ["x.csv"], b"x.csv", "", " ", "a\0b.csv"])
def test_a_path_that_is_none_is_told_by_every_reader(given):
    for read in (rm.read_incidents, rm.read_presence_file, rm.read_streets):
        with pytest.raises(InvalidInputError, match="namnet på en fil"):
            read(given)
    if given is not None:
        with pytest.raises(InvalidInputError, match="namnet på en fil"):
            rm.read_gazetteer(given)


def test_a_gazetteer_is_named_by_text_or_path():
    file = shipped("data", "gazetteer.csv")
    assert rm.read_gazetteer(str(file)).equals(rm.read_gazetteer(file))
    with pytest.raises(UnreadableFileError, match=r"saknas\.csv"):
        rm.read_gazetteer("saknas.csv")


NO_ARGUMENTS = (7, ["x"], object(), np.zeros(2), pd.DataFrame({"a": [1]}), True, b"x")


@pytest.mark.parametrize("given", NO_ARGUMENTS, ids=lambda given: type(given).__name__)
def test_arguments_of_a_wrong_kind_are_told_before_anything_is_read(given, tmp_path):
    visits = tmp_path / "pass.csv"
    visits.write_text("plats,från,till\nStora torget,2026-03-01 10:00,2026-03-01 11:00\n")
    example = shipped("data", "incidents_example.csv")
    for name in ("mapping", "area", "layer", "now", "source", "categories"):
        with pytest.raises(InvalidInputError, match="ska vara"):
            read_incidents(example, **{name: given})
    for name in ("mapping", "area", "layer", "now", "crew_kind", "gazetteer"):
        with pytest.raises(InvalidInputError, match="ska vara"):
            rm.read_presence_file(visits, **{name: given})


def test_a_present_without_a_zone_words_that_are_numbers_and_no_crs_are_told():
    example = shipped("data", "incidents_example.csv")
    with pytest.raises(InvalidInputError, match="now ska vara en tid med tidszon"):
        read_incidents(example, now=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
    with pytest.raises(InvalidInputError, match="mapping ska vara"):
        read_incidents(example, mapping={"tid": 1})
    for wrong in (np.zeros(2), object(), pd.DataFrame({"a": [1]})):
        with pytest.raises(CRSError, match="är okänt"):
            parse_crs(wrong)
