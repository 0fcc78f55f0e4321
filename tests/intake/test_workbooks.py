from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from riskmiljo.errors import UnreadableFileError

HEADER = ["id", "tid", "typ", "lat", "lon"]
MOMENT = dt.datetime(2025, 1, 10, 8, 15)  # noqa: DTZ001 - Excel knows no zones
ROW = ["a", MOMENT, "Rån", 59.8586, 17.6389]


def workbook(*rows, change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def codes(intake):
    return {w["code"] for w in intake.receipt["warnings"]} | set(intake.rejects["code"])


def test_a_workbook_is_read(read):
    intake = read(workbook(HEADER, ROW), "a.xlsx")
    assert str(intake.incidents["occurred_from"][0]) == "2025-01-10 07:15:00+00:00"
    assert codes(intake) == set()


def test_dates_do_not_slide_in_the_1904_system(read):
    def change(book):
        book.epoch = CALENDAR_MAC_1904

    intake = read(workbook(HEADER, ROW, change=change), "a.xlsx")
    assert str(intake.incidents["occurred_from"][0]) == "2025-01-10 07:15:00+00:00"
    row = ["a", 44205.34375, "Rån", 59.8586, 17.6389]
    serial = read(workbook(HEADER, row, change=change), "a.xlsx")
    assert str(serial.incidents["occurred_from"][0]) == "2025-01-10 07:15:00+00:00"
    assert codes(serial) == {"TID_EXCEL_SERIE"}


def test_a_date_and_a_time_of_day_may_stand_apart(read):
    header = ["id", "datum", "klockslag", "typ", "lat", "lon"]
    row = ["a", dt.date(2025, 1, 10), dt.time(8, 15), "Rån", 59.8586, 17.6389]
    intake = read(workbook(header, row, ["b", *row[1:]]), "a.xlsx")
    assert str(intake.incidents["occurred_to"][0]) == "2025-01-10 07:15:00+00:00"


def test_titles_hidden_rows_totals_and_errors_are_each_dealt_with(read):
    def change(book):
        book.active.row_dimensions[5].hidden = True
        book.create_sheet("Kodlista").append(["kod", "ord"])

    rows = [["Uttag"], [], HEADER, ROW, ["b", *ROW[1:]], ["Summa", None, None, "=COUNTA(A4:A5)"]]
    intake = read(workbook(*rows, ["c", "#N/A", "Rån", "#REF!", 17.6], change=change), "a.xlsx")
    assert len(intake.incidents) == 2
    assert dict(zip(intake.rejects["row"], intake.rejects["code"], strict=True)) == {
        6: "SUMMARAD",
        7: "CELLFEL",
    }
    assert {"RUBRIK_HITTAD_RAD_3", "DOLD_RAD"} <= codes(intake)


def test_a_formula_without_a_value_is_not_an_empty_cell(read):
    intake = read(workbook(HEADER, ["a", MOMENT, "Rån", "=59+0.8586", 17.6389], ROW), "a.xlsx")
    assert list(intake.rejects["code"]) == ["FORMEL_UTAN_VARDE"]
    # In a column that is dropped it does not matter.
    intake = read(workbook([*HEADER, "extra"], [*ROW, "=1+1"]), "a.xlsx")
    assert len(intake.incidents) == 1


def test_one_sheet_of_several_must_be_chosen(read):
    def change(book):
        other = book.create_sheet("Februari")
        other.append(HEADER)
        other.append(["feb", *ROW[1:]])

    data = workbook(HEADER, ROW, change=change)
    with pytest.raises(UnreadableFileError, match="Sheet, Februari") as caught:
        read(data, "a.xlsx")
    assert caught.value.code == "FLERA_LAGER"
    assert read(data, "a.xlsx", layer="Februari").incidents["incident_id"][0] == "feb"
    with pytest.raises(UnreadableFileError, match="'Mars'"):
        read(data, "a.xlsx", layer="Mars")


def rezipped(data, **changed):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name, old.read(name)))
        for name in set(changed) - set(old.namelist()):
            new.writestr(name, changed[name])
    return out.getvalue()


def test_wrong_dimensions_in_the_file_lose_no_rows(read):
    data = workbook(HEADER, ROW, ["b", *ROW[1:]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b'"A1:E3"', b'"A1:B2"')
    intake = read(rezipped(data, **{"xl/worksheets/sheet1.xml": sheet}), "a.xlsx")
    assert len(intake.incidents) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (
            {
                "xl/styles.xml": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'
            },
            "FIL_TRASIG",
        ),
        ({"xl/workbook.xml": b"<workbook"}, "FIL_TRASIG"),
        ({"../../evil.csv": b"x"}, "ARKIV_SOKVAG"),
        ({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}, "FIL_TRASIG"),
    ],
)
def test_hostile_workbooks_are_refused(read_by_child, changed, code):
    with pytest.raises(UnreadableFileError) as caught:
        read_by_child(rezipped(workbook(HEADER, ROW), **changed), "a.xlsx")
    assert caught.value.code == code


def test_archives_that_grow_too_much_are_refused_before_they_are_unpacked(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(30_000_000))
    with pytest.raises(UnreadableFileError) as caught:
        read(out.getvalue(), "a.xlsx")
    assert caught.value.code == "ARKIV_FOR_STORT"


def test_a_plain_archive_is_to_be_unpacked_first(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.csv", b"id,tid\n")
    with pytest.raises(UnreadableFileError, match="zip") as caught:
        read(out.getvalue(), "a.zip")
    assert caught.value.code == "FEL_FILTYP"
