from __future__ import annotations

import csv

import pandas as pd
import pytest

from riskmiljo.intake import write_rejects
from riskmiljo.intake.rejects import REJECT_COLUMNS, neutralised, value_class


@pytest.mark.parametrize("start", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_of_the_rejects_runs_as_a_formula(tmp_path, start):
    row = (2, start, "tom", "TID_FORMAT", f"Rad 2, kolumn '{start}'", start)
    path = write_rejects(pd.DataFrame([row], columns=REJECT_COLUMNS), tmp_path / "avvisade.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file, delimiter=";"))[1]
    assert cells[0] == "2"
    assert cells[1] == "'" + start
    assert cells[5] == "'" + start


def test_ordinary_text_and_numbers_are_left_as_they_are():
    assert neutralised("ok -5 grader") == "ok -5 grader"
    assert neutralised(-5) == -5


def test_the_rejects_open_right_in_a_swedish_excel(tmp_path, read):
    intake = read("id,tid,typ,lat,lon\na,i går,Rån,59.86,17.64\n")
    data = write_rejects(intake.rejects, tmp_path / "avvisade.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfrow;column;value_class;code;reason;reason_en\r\n")
    assert "kan inte läsas" in data.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "tom"),
        (float("nan"), "tom"),
        ("  ", "tom"),
        ("20080517-0000", "12 siffror med bindestreck"),
        ("Anna", "text, 4 tecken"),
        (59.5, "3 siffror med punkt"),
        ("abc 123", "text, 7 tecken"),
    ],
)
def test_a_values_kind_is_told_without_the_value(value, kind):
    assert value_class(value) == kind
