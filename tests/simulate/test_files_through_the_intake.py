"""The intake takes the good rows of the simulated owners as they were, and none of the spoilt."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from riskmiljo.geo.crs import coordinates
from riskmiljo.intake import read_incidents

TZ = "Europe/Stockholm"
SOURCES = {"police": "police", "social": "outreach", "municipality": "municipality"}


@pytest.fixture(scope="module", params=SOURCES)
def delivered(request, files):
    """Return an owner and what the intake made of its file."""
    owner = request.param
    return owner, read_incidents(files[owner], source=SOURCES[owner])


def test_the_intake_takes_every_clean_row_as_it_was(city, delivered):
    owner, intake = delivered
    own = city.incidents[city.incidents["owner"] == owner].set_index("incident_id").sort_index()
    got = intake.incidents.set_index("incident_id").sort_index()
    assert list(got.index) == list(own.index)
    for name in ("category", "detection", "owner", "source", "age_band"):
        assert (got[name].astype(str) == own[name].astype(str)).all(), name
    assert np.allclose(got["precision_m"], own["precision_m"])
    assert np.abs(coordinates(got) - coordinates(own)).max() < 0.02
    for name in ("occurred_from", "occurred_to", "registered_at"):
        # Local times without an offset are read as the first of the hour that occurs twice.
        apart = (got[name] - own[name]).abs()
        local = own[name].dt.tz_convert(TZ)
        twice = local.dt.tz_localize(None).isin(_written_twice(local))
        assert (apart[~twice] == pd.Timedelta(0)).all(), name
        assert apart.max() <= pd.Timedelta(hours=1), name


def _written_twice(local: pd.Series) -> pd.Series:
    """Return the local times that stand for two moments."""
    naive = local.dt.tz_localize(None)
    first = naive.dt.tz_localize(TZ, ambiguous=np.ones(len(naive), dtype=bool))
    second = naive.dt.tz_localize(TZ, ambiguous=np.zeros(len(naive), dtype=bool))
    return naive[first != second]


def test_the_intake_refuses_every_spoilt_row_and_drops_the_notes(city, delivered):
    owner, intake = delivered
    assert not intake.incidents["incident_id"].str.startswith("SIM-X").any()
    own = (city.incidents["owner"] == owner).sum()
    assert intake.receipt["accepted"] == own
    assert intake.receipt["refused"] == intake.receipt["rows"] - own > 0
    text = json.dumps(intake.receipt, ensure_ascii=False) + intake.rejects.to_csv()
    assert "19121212" not in text
    assert "070-174" not in text


def test_each_sort_of_spoilt_row_is_refused_for_its_own_reason(delivered):
    _, intake = delivered
    codes = intake.rejects.groupby("code")["row"].nunique()
    assert len(codes) == 10, codes
