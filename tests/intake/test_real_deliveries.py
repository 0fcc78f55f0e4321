"""Real open data, read in place; each skips where the file is absent."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskmiljo.geo.crs import coordinates
from riskmiljo.intake import read_incidents

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = pytest.mark.real_data


def delivery(*parts):
    path = DATA.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return path


def test_chicago_is_read_without_a_word_of_help():
    path = delivery("chicago", "chicago_2012_2014.parquet")
    intake = read_incidents(path, tz="America/Chicago")
    table = pd.read_parquet(path, columns=["ID", "Latitude"])
    assert intake.receipt["rows"] == len(table)
    assert intake.receipt["refused_by_code"]["KOORD_SAKNAS"] == table["Latitude"].isna().sum()
    assert intake.incidents.crs.to_epsg() == 32616
    assert len(intake.incidents) > 0.997 * len(table)
    assert set(intake.rejects["code"]) == {"KOORD_SAKNAS", "TID_FINNS_INTE", "UTANFOR_OMRADE"}
    dropped = {entry["column"] for entry in intake.receipt["dropped"]}
    assert dropped == {"Block", "Description", "Location Description", "Arrest"}


def test_every_event_of_the_swedish_police_with_a_point_is_taken():
    path = delivery("uppsala", "police_events_2022_2026.csv")
    intake = read_incidents(path, source="police", now=pd.Timestamp("2027-01-01", tz="UTC"))
    table = pd.read_csv(path)
    assert len(intake.incidents) == table["lat"].notna().sum() == 864
    assert set(intake.rejects["code"]) == {"KOORD_SAKNAS"}
    assert len(intake.rejects) == 643
    assert intake.receipt["categories"]["unknown_words"] == []
    expected = pd.to_datetime(table["occurred"], utc=True)[table["lat"].notna()]
    assert (intake.incidents["occurred_from"].to_numpy() == expected.to_numpy()).all()


def test_vehicle_thefts_of_new_york_keep_their_intervals():
    path = delivery("nyc", "nycvehiclethefts.csv.gz")
    intake = read_incidents(path, tz="America/New_York", categories="theft")
    assert len(intake.incidents) == 35_746
    length = intake.incidents["occurred_to"] - intake.incidents["occurred_from"]
    assert (length >= pd.Timedelta(0)).all()
    assert (length > pd.Timedelta(0)).mean() > 0.5


def test_portland_in_feet_comes_out_where_geopandas_puts_it():
    path = delivery("portland", "crimes_bur.csv")
    mapping = {"x_coordina": "x", "y_coordina": "y", "occ_date": "occurred_from"}
    intake = read_incidents(
        path, mapping=mapping, crs=2913, tz="America/Los_Angeles", categories="theft"
    )
    table = pd.read_csv(path)
    points = gpd.GeoSeries(gpd.points_from_xy(table["x_coordina"], table["y_coordina"]), crs=2913)
    expected = coordinates(points.to_crs(intake.incidents.crs))
    assert np.abs(coordinates(intake.incidents) - expected).max() < 0.01
