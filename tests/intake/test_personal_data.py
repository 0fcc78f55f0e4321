from __future__ import annotations

import json

import pyarrow as pa
import pytest

from riskmiljo.intake.personal import hits, kind_of_column, kind_of_header

HEADER = "id,tid,typ,lat,lon"


def found(text):
    return set(hits(pa.chunked_array([[text]])).columns)


# The numbers are the tax agency's published test numbers, or made up with a valid check digit.
@pytest.mark.parametrize(
    "text",
    [
        "Tolvan 19121212-1212",
        "191212121212",
        "121212-1212",
        "121212+1212",
        "1212121212",
        "19121212 1212",
        "850169-2399",
        "pnr:0805172392.",
        "(080517-2392)",
    ],
)
def test_personal_and_coordination_numbers_are_found(text):
    assert "PERSONNUMMER" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "121212-1213",
        "Org.nr 556036-0793",
        "Diarienr 5000-K123456-25",
        "Koordinat 6638123 648000",
        "8505179999999",
        "20250101-1234",
        "131312-1212",
        "121232-1216",
        "2025-01-10 08:15",
        "Kl 22.30–23.15",
    ],
)
def test_other_numbers_are_not_taken_for_personal_ones(text):
    assert "PERSONNUMMER" not in found(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ring 070-174 06 35", "TELEFON"),
        ("+46 70 174 06 35", "TELEFON"),
        ("018-123 45 67", "TELEFON"),
        ("mejl anna.andersson@example.com", "EPOST"),
        ("Bil ABC 12D på parkeringen", "REGNR"),
        ("Anna Andersson sågs", "NAMN_MISSTANKT"),
        ("Bor Storgatan 12 lgh 1203", "ADRESS"),
    ],
)
def test_other_personal_data_are_found(text, kind):
    assert kind in found(text)


@pytest.mark.parametrize(
    "text", ["Telefon växel 114 14", "Larm 112", "SOS 112", "Buss 2508 05.17", "Ruta krossad"]
)
def test_harmless_text_is_left_alone(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Personnummer", "PERSONNUMMER"),
        ("Målsägande", "NAMN_MISSTANKT"),
        ("E-post", "EPOST"),
        ("Reg.nr", "REGNR"),
        ("Fritext", "FRITEXT"),
        ("Kommentar", "FRITEXT"),
        ("typ", ""),
    ],
)
def test_headers_announce_columns_that_are_never_kept(header, kind):
    assert kind_of_header(header) == kind


def test_a_column_of_long_unlike_texts_is_free_text():
    cells = pa.chunked_array([[f"Händelse nummer {n} vid torget i regn" for n in range(20)]])
    assert kind_of_column("info", cells, hits(cells)) == "FRITEXT"


def test_personal_columns_are_dropped_and_named_and_the_rows_are_taken(read):
    intake = read(
        f"{HEADER},namn,pnr,mobil,fritext\n"
        "a,2025-01-10 08:15,Rån,59.85,17.64,Anna Andersson,19121212-1212,070-174 06 35,Sparkade\n"
    )
    assert len(intake.incidents) == 1
    kinds = {entry["column"]: entry["kind"] for entry in intake.receipt["dropped"]}
    assert kinds == {
        "namn": "NAMN_MISSTANKT",
        "pnr": "PERSONNUMMER",
        "mobil": "TELEFON",
        "fritext": "FRITEXT",
    }
    said = json.dumps(intake.receipt, ensure_ascii=False) + intake.incidents.to_csv()
    for secret in ("Andersson", "1212-1212", "174 06", "Sparkade"):
        assert secret not in said


def test_a_personal_number_in_a_kept_cell_refuses_the_row_and_is_never_repeated(read):
    intake = read(
        f"{HEADER}\n"
        "19121212-1212,2025-01-10 08:15,Rån,59.85,17.64\n"
        "b,2025-01-10 08:15,Rån mot 19121212-1212,59.85,17.64\n"
        "c,2025-01-10 08:15,Rån,59.85,17.64\n"
        "d,19121212-1212,Rån,59.85,17.64\n"
        "e,2025-01-10 08:15,Rån,19121212-1212,17.64\n"
    )
    assert list(intake.rejects["row"]) == [2, 3, 5, 6]
    assert list(intake.rejects["code"][:2]) == ["PERSONNUMMER"] * 2
    assert intake.rejects["value_class"][0] == "12 siffror med bindestreck"
    said = json.dumps(intake.receipt, ensure_ascii=False) + intake.rejects.to_csv()
    assert "1212-1212" not in said


def test_an_id_column_full_of_personal_numbers_is_no_id(read):
    intake = read(
        "id,tid,typ,lat,lon\n"
        "19121212-1212,2025-01-10 08:15,Rån,59.85,17.64\n"
        "080517-2392,2025-01-11 08:15,Rån,59.86,17.64\n"
    )
    assert len(intake.incidents) == 2
    assert "id" not in intake.receipt["mapping"]
    assert not intake.incidents["incident_id"].str.contains("-").any()


def test_running_numbers_that_look_like_plates_stay_ids(read):
    rows = [f"ABC{n:03d},2025-01-10 08:15,Rån,59.85,17.64" for n in range(12, 32)]
    intake = read("\n".join([HEADER, *rows]))
    assert intake.incidents["incident_id"].str.startswith("ABC").all()


def test_a_file_without_headers_does_not_have_its_data_repeated(read):
    with pytest.raises(ValueError, match="rubrik") as caught:
        read("x9,19121212-1212,torget\ny8,080517-2392,parken\n")
    assert "1212" not in str(caught.value)
