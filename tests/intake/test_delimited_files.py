from __future__ import annotations

import gzip

import pytest

from riskmiljo.errors import UnreadableFileError

HEADER = "id,tid,typ,lat,lon"
ROW = "a,2025-01-10 08:15,Rån,59.8586,17.6389"
SWEDISH = "id;tid;typ;lat;lon\na;2025-01-10 08:15;Skadegörelse;59,8586;17,6389\n"


def same(intake):
    assert len(intake.incidents) == 1
    assert intake.incidents["incident_id"][0] == "a"
    assert str(intake.incidents["occurred_from"][0]) == "2025-01-10 07:15:00+00:00"
    assert intake.incidents.geometry[0].x == pytest.approx(647793.49, abs=0.01)
    assert intake.rejects.empty


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_ending_gives_the_same_incident(read, encoding, ending):
    intake = read(SWEDISH.replace("\n", ending).encode(encoding))
    same(intake)
    assert intake.incidents["category"][0] == "vandalism"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_found(read, delimiter):
    same(read(f"{HEADER}\n{ROW}\n".replace(",", delimiter)))


def test_excels_own_line_about_the_delimiter_is_heeded(read):
    same(read("sep=;\n" + SWEDISH))


def test_a_title_above_the_headers_is_skipped_and_said(read):
    intake = read(f"Uttag 2025-10-01,,,,\n,,,,\n{HEADER}\n{ROW}\nb,x,Rån,59.86,17.64\n")
    assert "RUBRIK_HITTAD_RAD_3" in [w["code"] for w in intake.receipt["warnings"]]
    assert list(intake.rejects["row"]) == [5]


def test_comments_at_the_top_are_skipped_and_rows_keep_their_numbers(read):
    intake = read(f'# "ett, två\n# tre\n{HEADER}\n{ROW}\n\nb,x,Rån,59.86,17.64\n')
    assert list(intake.rejects["row"]) == [6]
    assert intake.receipt["severity"] == "rows_refused"


def test_row_numbers_count_records_as_a_spreadsheet_does(read):
    text = f'{HEADER},fritext\n{ROW},"två\nrader"\nb,2025-01-10\n{ROW.replace("a,", "c,", 1)},\n'
    intake = read(text + "d,,Rån,59.86,17.64,\n")
    assert dict(zip(intake.rejects["row"], intake.rejects["code"], strict=True)) == {
        3: "ANTAL_KOLUMNER",
        5: "TID_SAKNAS",
    }


def test_rows_of_empty_cells_are_no_rows(read):
    intake = read(f"{HEADER}\n{ROW}\n,,,,\n , ,,,\n\n")
    same(intake)
    assert intake.receipt["rows"] == 1


def test_a_delimiter_at_the_end_of_every_row_is_forgiven(read):
    same(read(f"{HEADER}\n{ROW},\n"))
    same(read(f"{HEADER},\n{ROW},\n"))


def test_a_quotation_mark_inside_text_is_text(read):
    intake = read(f'{HEADER},ruta\n{ROW},Skärm 27" krossad\nb,2025-01-10 09:00,Rån,59.85,17.64,x\n')
    assert len(intake.incidents) == 2


@pytest.mark.parametrize(
    "text",
    [
        f'{HEADER},x\n{ROW},"öppet\n{ROW},b\n{ROW},c\n',
        f'{HEADER},x\n{ROW},"öppet\n{ROW},b\n{ROW},stängt"\n{ROW},c\n',
    ],
)
def test_an_unclosed_quotation_mark_never_swallows_rows(read, text):
    with pytest.raises(UnreadableFileError, match="Rad 2") as caught:
        read(text)
    assert caught.value.code == "CITAT_OBALANSERAT"


def test_a_million_letters_in_a_cell_refuse_the_row_alone(read):
    intake = read(f"{HEADER},x\n{ROW},{'A' * 1_000_000}\n{ROW},b\n")
    assert list(intake.rejects["code"]) == ["TEXT_FOR_LANG"]
    assert len(intake.incidents) == 1


def test_packed_text_is_unpacked(read):
    same(read(gzip.compress(f"{HEADER}\n{ROW}\n".encode(), mtime=0), "file.csv.gz"))


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "FIL_TOM"),
        (b"\xef\xbb\xbf \n", "a.csv", "FIL_TOM"),
        (f"{HEADER}\n".encode(), "a.csv", "FIL_TOM"),
        (f"{HEADER}\n,,,,\n".encode(), "a.csv", "FIL_TOM"),
        (b"<!DOCTYPE html><p>Logga in</p>", "a.csv", "FEL_FILTYP"),
        (b"  <OGRVRTDataSource></OGRVRTDataSource>", "a.csv", "FEL_FILTYP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", "FEL_FILTYP"),
        (b"%PDF-1.7 ...", "a.pdf", "FEL_FILTYP"),
        (bytes(range(1, 32)) * 40, "a.csv", "FEL_FILTYP"),
        (b"bara en rad text utan tabell\noch en till\n", "a.txt", "FEL_FILTYP"),
        (SWEDISH.encode(), "a.geojson", "FEL_FILTYP"),
        (gzip.compress(bytes(2_000_000), mtime=0), "a.csv.gz", "FIL_TOM"),
        (gzip.compress(SWEDISH.encode(), mtime=0)[:40], "a.csv.gz", "FIL_TRASIG"),
        (f"{HEADER},Lat\n{ROW},1\n".encode(), "a.csv", "RUBRIK_DUBBLETT"),
        (",".join(f"k{n}" for n in range(2000)).encode() + b"\n1\n", "a.csv", "FOR_MANGA_KOLUMNER"),
    ],
)
def test_what_cannot_be_a_table_is_refused_in_one_sentence(read, content, name, code):
    with pytest.raises(UnreadableFileError) as caught:
        read(content, name)
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{name}: ")
    assert caught.value.message.sv != caught.value.message.en


def test_double_encoded_text_is_reported_and_its_words_are_still_known(read):
    intake = read(f"{HEADER}\n{ROW}\n".replace("Rån", "RÃ¥n"))
    assert intake.incidents["category"][0] == "robbery"
    assert "MISSTANKT_DUBBELKODNING" in [w["code"] for w in intake.receipt["warnings"]]
