"""The files of the simulated owners, read back by plain means."""

from __future__ import annotations

import csv
import json
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from pyproj import Transformer

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import coordinates

TZ = "Europe/Stockholm"


def _police_rows(path):
    with path.open(encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_every_file_name_says_that_it_is_simulated(files):
    names = [path.name for path in files.values()]
    assert all("simulerad" in name for name in names)
    assert [path.suffix for path in files.values()] == [".csv", ".xlsx", ".geojson"]


def test_the_police_write_windows_1252_with_decimal_commas(city, files):
    raw = files["police"].read_bytes()
    assert "Åldersgrupp".encode("cp1252") in raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    rows = {row["Ärende-id"]: row for row in _police_rows(files["police"])}
    own = city.incidents[city.incidents["owner"] == "police"]
    xy = coordinates(own)
    for at in range(0, len(own), 97):
        row = rows[own["incident_id"].iloc[at]]
        assert float(row["SWEREF99TM E"].replace(",", ".")) == pytest.approx(xy[at, 0], abs=0.006)
        assert float(row["SWEREF99TM N"].replace(",", ".")) == pytest.approx(xy[at, 1], abs=0.006)
        local = own["occurred_from"].iloc[at].tz_convert(TZ)
        assert row["Brottstid från"] == f"{local:%Y-%m-%d %H:%M}"


def test_the_social_services_write_degrees_and_dates_as_excel_has_them(city, files):
    book = openpyxl.load_workbook(files["social"], read_only=True)
    header, *rows = book.worksheets[0].iter_rows(values_only=True)
    book.close()
    table = pd.DataFrame(rows, columns=header).set_index("Id")
    own = city.incidents[city.incidents["owner"] == "social"].iloc[5]
    row = table.loc[own["incident_id"]]
    assert isinstance(row["Tid från"], datetime)
    lon, lat = Transformer.from_crs(3006, 4326, always_xy=True).transform(
        own.geometry.x, own.geometry.y
    )
    assert (row["Longitud"], row["Latitud"]) == pytest.approx((lon, lat), abs=1e-6)


def test_the_municipality_names_who_told_and_the_offset(city, files):
    features = json.loads(files["municipality"].read_text(encoding="utf-8"))["features"]
    told = {feature["properties"]["källa"] for feature in features}
    assert told == {"Kommunen", "Medborgare", "Nattvandrare"}
    clean = [f["properties"] for f in features if f["properties"]["id"].startswith("SIM-M")]
    moments = pd.to_datetime([row["tid_från"] for row in clean], utc=True)
    own = city.incidents.set_index("incident_id")["occurred_from"]
    assert (moments == own.loc[[row["id"] for row in clean]]).all()


def test_about_the_stated_share_is_spoilt(city, files):
    rows = _police_rows(files["police"])
    own = (city.incidents["owner"] == "police").sum()
    assert (len(rows) - own) / own == pytest.approx(0.022, abs=0.003)


def test_the_same_city_writes_the_same_text_files(city, files, tmp_path):
    again = city.write_files(tmp_path)
    for old, new in zip(files.values(), again, strict=True):
        if old.suffix != ".xlsx":  # a workbook holds the moment at which it was written
            assert old.read_bytes() == new.read_bytes()


def test_without_dirt_there_are_only_good_rows(city, tmp_path):
    police, *_ = city.write_files(tmp_path, dirty_share=0.0)
    own = city.incidents[city.incidents["owner"] == "police"]
    assert [row["Ärende-id"] for row in _police_rows(police)] == own["incident_id"].tolist()


def test_a_share_beyond_one_is_refused(city, tmp_path):
    with pytest.raises(InvalidInputError, match="mellan 0 och 1"):
        city.write_files(tmp_path, dirty_share=1.5)
