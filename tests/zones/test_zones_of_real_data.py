"""Zones of published incidents; the data lie beside the project and are read in place."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest

from riskmiljo.geo.crs import metric_crs_for, points_frame, transform
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.zones import find_zones

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.real_data


def present(path):
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def frame(lon, lat, times, crs):
    x, y = transform(lon, lat, 4326, crs)
    utc = pd.DatetimeIndex(times).as_unit("us")
    return points_frame({"occurred_from": utc}, x, y, crs)


def test_the_published_police_events_of_uppsala_gather_at_resecentrum():
    table = pd.read_csv(present(SHARED / "uppsala" / "police_events_2022_2026.csv"))
    table = table.dropna(subset=["lon"])
    times = pd.to_datetime(table["occurred"], utc=True)
    zones = find_zones(
        frame(table["lon"], table["lat"], times, 3006), places=read_gazetteer(), bootstraps=5
    )
    # 864 points at 169 matched places: most districts are one point, and one point is no zone.
    assert zones["name"].iloc[0] == "Resecentrum"
    assert zones["stability"].iloc[0] >= 0.8
    assert (zones["places"] >= 3).all()


def test_a_year_of_chicago_gives_small_dense_zones():
    source = ds.dataset(present(SHARED / "chicago" / "chicago_2012_2014.parquet"))
    columns = ["Date", "Primary Type", "Latitude", "Longitude"]
    table = source.to_table(
        columns=columns, filter=ds.field("Primary Type").isin(["ROBBERY", "NARCOTICS"])
    ).to_pandas()
    times = pd.DatetimeIndex(table["Date"])
    wanted = (times.year == 2013) & (table["Latitude"] > 41).to_numpy()
    table, times = table[wanted], times[wanted]
    utc = times.tz_localize("America/Chicago", ambiguous=True, nonexistent="shift_forward")
    crs = metric_crs_for(table["Longitude"], table["Latitude"])
    incidents = frame(table["Longitude"], table["Latitude"], utc.tz_convert("UTC"), crs)
    assert len(incidents) > 40_000
    zones = find_zones(incidents, tz="America/Chicago")
    assert 30 <= len(zones) <= 150
    assert zones["area_ha"].between(2, 60).all()
    # A sixth of the year's incidents on less than a hundredth of the city's 600 km².
    assert zones["share"].sum() > 0.12
    assert zones["area_ha"].sum() < 600
    joined = gpd.sjoin(incidents, zones[["geometry"]])
    assert len(joined) == zones["events"].sum()
    assert np.isfinite(zones["per_ha_week"]).all()
